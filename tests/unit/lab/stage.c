/* tests/unit/lab/stage.c: see stage.h. */
#include "tests/unit/lab/stage.h"

#include <stdlib.h>

#include "tests/unit/net/fixture.h"

static void see_truth(void *self, const struct plait_sight *sight)
{
    struct stage *stage = self;
    if (sight->packet->forged || sight->fate != PLAIT_ENTERED || sight->way != PLAIT_A_TO_B)
        return;
    struct plait_segment s;
    if (plait_ok(plait_segment_parse(sight->packet->octets, sight->packet->length_octets, &s)))
        (void)plait_facts_see(&stage->world.truth, &s, NULL, NULL);
}

static plait_link join(struct stage *stage, const char *name, const struct plait_port *port,
                       const struct plait_addr *addr, plait_node *node)
{
    struct plait_world *world = &stage->world;
    const struct plait_link_config config = {.delay_ns = PLAIT_MS, .mtu_octets = 1500};
    *node = plait_net_add_port(world->net, name, port);
    plait_link link = plait_net_add_link(world->net, name, *node, world->router, &config);
    plait_net_add_route(world->net, world->router, addr, 32, link);
    return link;
}

static plait_link join_stub(struct stage *stage, const char *name, struct plait_stub **stub,
                            const struct plait_addr *addr)
{
    plait_node node;
    *stub = plait_stub_new();
    struct plait_port port = plait_stub_port(*stub);
    return join(stage, name, &port, addr, &node);
}

static void name_places(struct plait_world *world)
{
    talk_places();
    world->client_addrs[0] = talk_client.addr;
    world->client_addrs[1] = talk_client_2.addr;
    world->server_addr = talk_server.addr;
    world->attacker_addr = talk_attacker.addr;
    world->client_port = talk_client.port;
    world->server_port = talk_server.port;
}

struct stage *stage_new(const char *position, bool spoofing)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    struct plait_world *world = &stage->world;
    stage->scenario = (struct plait_scenario){.position = plait_position(position),
                                              .spoofing = spoofing,
                                              .victim = PLAIT_SERVER,
                                              .family = PLAIT_IPV4,
                                              .protocol = PLAIT_MPTCP_V1,
                                              .paths = 2,
                                              .away_ns = PLAIT_S};
    *world = (struct plait_world){
        .scenario = &stage->scenario, .topology = &plait_own_topology, .draw = plait_draw_key(1)};
    name_places(world);
    world->clock = plait_clock_virtual();
    world->net = plait_net_new(&world->clock);
    world->router = plait_net_add_router(world->net, "router");
    world->path_links[0] = join_stub(stage, "path1", &stage->path[0], &world->client_addrs[0]);
    world->path_links[1] = join_stub(stage, "path2", &stage->path[1], &world->client_addrs[1]);
    world->server_link = join_stub(stage, "server", &stage->server, &world->server_addr);
    struct plait_port attacker = plait_attack_port(&stage->attack);
    world->attacker_link =
        join(stage, "attacker", &attacker, &world->attacker_addr, &world->attacker_node);
    plait_goals_init(&stage->goals, world);
    plait_attack_install(&stage->attack, world, &stage->scenario, &stage->goals);
    plait_net_observe(world->net, see_truth, stage);
    return stage;
}

void stage_free(struct stage *stage)
{
    plait_attack_free(&stage->attack);
    plait_net_free(stage->world.net);
    for (int path = 0; path < STAGE_PATHS; path++)
        plait_stub_free(stage->path[path]);
    plait_stub_free(stage->server);
    free(stage);
}

static struct plait_stub *home_of(struct stage *stage, const struct plait_addr *addr)
{
    for (int path = 0; path < STAGE_PATHS; path++)
        if (plait_addr_equal(addr, &stage->world.client_addrs[path]))
            return stage->path[path];
    return stage->server;
}

void stage_say(struct stage *stage, const struct plait_segment *segment)
{
    plait_stub_send(home_of(stage, &segment->ip.src), plait_world_now(&stage->world),
                    packet_of(segment));
    plait_pause(&stage->attack, 3 * PLAIT_MS);
}

void stage_connect(struct stage *stage)
{
    struct plait_segment handshake[3];
    talk_handshake(1, handshake);
    for (int i = 0; i < 3; i++)
        stage_say(stage, &handshake[i]);
    stage->world.phase = PLAIT_READY;
    stage->world.ready_ns = plait_world_now(&stage->world);
}

void stage_join(struct stage *stage)
{
    struct plait_segment syn = talk_syn(&talk_client_2, &talk_server, PLAIT_SYN, 5000, 0);
    talk_option(&syn, PLAIT_MP_JOIN)->join = (struct plait_mp_join){
        .form = PLAIT_JOIN_SYN, .addr_id = 2, .token = TOKEN_B, .nonce = 0x1b665a18};
    stage_say(stage, &syn);
}

void stage_write(struct stage *stage)
{
    struct plait_segment data =
        talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    data.payload = (const uint8_t *)"genuine ";
    data.payload_octets = 8;
    stage_say(stage, &data);
}
