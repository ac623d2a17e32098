/* lab/world.c: builds the hosts, links and settings of a run. */
#include "lab/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/octets.h"
#include "base/panic.h"
#include "lab/arrival.h"
#include "lab/machine_live.h"
#include "lab/machine_own.h"

enum {
    PREFIX_IPV4 = 24,
    PREFIX_IPV6 = 64,
    BOX_MTU_OCTETS = 1500,
    NARROW_BITS_PER_S = 1500000, /* half more than bulk: headers must not take that much */
    NARROW_QUEUE_OCTETS = 250000
};

/* ---- failing ------------------------------------------------------------------------------ */

static plait_result broken(struct plait_world *world, const char *what, const char *why)
{
    snprintf(world->error, sizeof world->error, "%s: %s", what, why);
    return PLAIT_FAIL(SYSTEM);
}

#define END_TRY(world, host, what, expr)                                                           \
    do {                                                                                           \
        if (!plait_ok(expr))                                                                       \
            return broken(world, what, (host)->ops->error(host));                                  \
    } while (0)

/* ---- addresses and ports, drawn from the seed --------------------------------------------- */

/* Subnet NET of the lab's ranges (198.18.0.0/15, 2001:db8::/32), host part drawn. */
static struct plait_addr draw_addr(struct plait_world *world, const char *who, unsigned net)
{
    struct plait_addr addr = {.family = (uint8_t)world->scenario->family};
    uint64_t subnet = net * 36 + plait_draw_below(&world->draw, who, "subnet", 0, 36);
    uint64_t host = 2 + plait_draw_below(&world->draw, who, "host", 0, 250);
    if (addr.family == PLAIT_IPV4) {
        const uint8_t octets[4] = {198, (uint8_t)(18 + (net & 1)), (uint8_t)subnet, (uint8_t)host};
        memcpy(addr.octets, octets, sizeof octets);
    } else {
        const uint8_t octets[8] = {0x20, 0x01, 0x0d, 0xb8, (uint8_t)net, (uint8_t)subnet, 0, 0};
        memcpy(addr.octets, octets, sizeof octets);
        addr.octets[15] = (uint8_t)host;
    }
    return addr;
}

static uint16_t draw_client_port(struct plait_world *world, const char *who)
{
    return (uint16_t)(PLAIT_PORT_FIRST + PLAIT_PORT_STEP * plait_draw_below(&world->draw, who,
                                                                            "port", 0,
                                                                            PLAIT_PORT_COUNT));
}

/* Of RFC 1918, or RFC 4193, as behind a NAT. */
static void make_private(struct plait_addr *addr)
{
    addr->octets[0] = addr->family == PLAIT_IPV4 ? 10 : 0xfd;
}

static void draw_addresses(struct plait_world *world)
{
    world->client_addrs[0] = draw_addr(world, "client path 1", 0);
    world->client_addrs[1] = draw_addr(world, "client path 2", 1);
    world->client_addrs[2] = draw_addr(world, "client path 3", 6);
    world->server_addr = draw_addr(world, "server", 2);
    world->attacker_addr = draw_addr(world, "attacker", 3);
    /* Neighbours of one network: the first has a host part of at most 251. */
    static const uint8_t beside[PLAIT_PATHS_MAX] = {1, 0, 2};
    for (unsigned i = 0; i < PLAIT_PATHS_MAX; i++) {
        world->nat_addrs[i] = draw_addr(world, "nat", 5);
        world->nat_addrs[i].octets[world->scenario->family == PLAIT_IPV4 ? 3 : 15] += beside[i];
    }
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (world->scenario->boxes[path] == PLAIT_BOX_NAT)
            make_private(&world->client_addrs[path]);
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++) {
        world->stranger_addrs[i] = draw_addr(world, "strangers", 4);
        world->stranger_addrs[i].octets[world->scenario->family == PLAIT_IPV4 ? 3 : 15] =
            (uint8_t)(10 + i);
    }
    world->server_port =
        (uint16_t)(2000 + plait_draw_below(&world->draw, "server", "port", 0, 8000));
    world->client_port = draw_client_port(world, "client");
    world->later =
        (struct plait_place){draw_addr(world, "later", 6), draw_client_port(world, "later")};
    world->later.addr.octets[world->scenario->family == PLAIT_IPV4 ? 3 : 15] =
        1; /* nobody else's */
}

bool plait_world_owns(const struct plait_world *world, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < PLAIT_PATHS_MAX; i++)
        if (plait_addr_equal(addr, &world->client_addrs[i]) ||
            plait_addr_equal(addr, &world->nat_addrs[i]))
            return true;
    return plait_addr_equal(addr, &world->server_addr);
}

const struct plait_addr *plait_world_public_addr(const struct plait_world *world, unsigned path)
{
    return world->has_nat[path] ? &world->nat_addrs[path] : &world->client_addrs[path];
}

bool plait_world_is_stranger(const struct plait_world *world, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++)
        if (plait_addr_equal(addr, &world->stranger_addrs[i]))
            return true;
    if (world->attacker_is_gone && plait_addr_equal(addr, &world->attacker_addr))
        return true;
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (world->is_given_away[path] && plait_addr_equal(addr, &world->client_addrs[path]))
            return true;
    return false;
}

void plait_world_reassign(struct plait_world *world, unsigned path, plait_link link,
                          bool to_stranger)
{
    const struct plait_addr *addr = &world->client_addrs[path];
    plait_net_set_link_up(world->net, world->path_links[path], false);
    plait_net_add_route(world->net, world->router, addr, addr->family == PLAIT_IPV4 ? 32 : 128,
                        link);
    world->is_given_away[path] = to_stranger;
}

void plait_world_settle_stranger(struct plait_world *world, unsigned path)
{
    const struct plait_addr *addr = &world->client_addrs[path];
    PLAIT_CHECK(world->has_nat[path] && world->stranger_nodes[0] >= 0);
    plait_net_add_route(world->net, world->router, addr, addr->family == PLAIT_IPV4 ? 32 : 128,
                        world->stranger_links[0]);
    world->is_given_away[path] = true;
}

void plait_check_see(struct plait_check *check, const struct plait_world *world,
                     const struct plait_segment *segment)
{
    const struct plait_mptcp_option *join = plait_segment_option(segment, PLAIT_MP_JOIN);
    const struct plait_mp_control *control = plait_segment_control(segment);
    bool is_syn_ack = (segment->flags & (PLAIT_SYN | PLAIT_ACK)) == (PLAIT_SYN | PLAIT_ACK);
    bool is_probe = control && control->what == PLAIT_CONTROL_PROBE;
    const struct plait_addr *to = &segment->ip.dst;
    bool is_asked = plait_world_is_stranger(world, to) ||
                    (world->arrival && plait_addr_equal(to, &world->later.addr));
    if ((!is_syn_ack && !is_probe) || !is_asked)
        return;
    *check = (struct plait_check){.seen = true,
                                  .to = {segment->ip.dst, segment->dst_port},
                                  .isn = segment->seq,
                                  .nonce = is_probe ? control->nonce
                                           : join   ? join->join.nonce
                                                    : 0};
}

/* ---- settings ----------------------------------------------------------------------------- */

static json_t *settings_of(struct plait_world *world, enum plait_side side)
{
    json_t *of_side = json_object_get(world->settings, plait_side_name(side));
    if (!of_side) {
        of_side = json_object();
        json_object_set_new(world->settings, plait_side_name(side), of_side);
    }
    return of_side;
}

void plait_world_note_setting(struct plait_world *world, enum plait_side side, const char *name,
                              const char *value)
{
    json_object_set_new(settings_of(world, side), name, json_string(value));
}

/* ---- hosts and links --------------------------------------------------------------------------
 */

/* A box that joins segments needs links that carry them. */
static uint32_t mtu_of(const struct plait_world *world, uint32_t mtu_octets)
{
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (plait_box_enlarges(world->scenario->boxes[path]))
            return 2 * mtu_octets;
    return mtu_octets;
}

/* Nothing befalls a forged packet by chance: an attack is judged, not its luck; he would send again
 * what was lost, at no price worth naming. */
struct plait_link_config plait_world_way(const struct plait_world *world,
                                         const struct plait_stretch *stretch,
                                         enum plait_way_index way)
{
    const uint64_t *of = stretch->way[way].of;
    return (struct plait_link_config){
        .delay_ns = (plait_time_ns)of[PLAIT_WAY_DELAY_NS],
        .rate_bits_per_s =
            world->scenario->narrow ? NARROW_BITS_PER_S : of[PLAIT_WAY_RATE_BITS_PER_S],
        .queue_octets =
            world->scenario->narrow ? NARROW_QUEUE_OCTETS : (uint32_t)of[PLAIT_WAY_QUEUE_OCTETS],
        .loss_per_million = (uint32_t)of[PLAIT_WAY_LOSS_PER_MILLION],
        .duplicate_per_million = (uint32_t)of[PLAIT_WAY_DUPLICATE_PER_MILLION],
        .reorder_per_million = (uint32_t)of[PLAIT_WAY_REORDER_PER_MILLION],
        .reorder_ns = (plait_time_ns)of[PLAIT_WAY_REORDER_NS],
        .mtu_octets = mtu_of(world, stretch->mtu_octets),
        .seed = world->scenario->seed,
        .spares_forged = true,
    };
}

static plait_link join_router(struct plait_world *world, const char *name, plait_node node,
                              const struct plait_addr *addr, const struct plait_stretch *stretch)
{
    const struct plait_link_config up = plait_world_way(world, stretch, PLAIT_UP);
    const struct plait_link_config down = plait_world_way(world, stretch, PLAIT_DOWN);
    plait_link link = plait_net_add_link(world->net, name, node, world->router, &up);
    plait_net_set_link_way(world->net, link, PLAIT_B_TO_A, &down);
    plait_net_add_route(world->net, world->router, addr, addr->family == PLAIT_IPV4 ? 32 : 128,
                        link);
    return link;
}

/* INSIDE -- BOX: the node to go on from. */
static plait_node pass_box(struct plait_world *world, const char *path, const char *what,
                           plait_node inside, const struct plait_box *box, plait_time_ns delay_ns)
{
    char name[80];
    snprintf(name, sizeof name, "%s-%s", path, what);
    plait_node node = plait_net_add_box(world->net, name, box);
    const struct plait_link_config config = {.delay_ns = delay_ns,
                                             .mtu_octets = mtu_of(world, BOX_MTU_OCTETS)};
    plait_net_add_link(world->net, path, inside, node, &config);
    return node;
}

static plait_result add_interface(struct plait_world *world, enum plait_side side, const char *name,
                                  const struct plait_addr *addr,
                                  const struct plait_stretch *stretch, char node_name[32],
                                  plait_node *node)
{
    const struct plait_end_interface interface = {
        .name = name,
        .addr = *addr,
        .prefix_bits = addr->family == PLAIT_IPV4 ? PREFIX_IPV4 : PREFIX_IPV6,
        .mtu_octets = stretch->mtu_octets,
    };
    struct plait_port port;
    struct plait_end_host *host = world->ends[side].host;
    END_TRY(world, host, name, host->ops->add_interface(host, &interface, &port));
    snprintf(node_name, 32, "%s-%s", plait_side_name(side), name);
    *node = plait_net_add_port(world->net, node_name, &port);
    return PLAIT_OK;
}

/* HOST -- the case's box -- NAT -- stripper -- router, as far as there are such.  A case's own box
 * is a millisecond away; those of a topology are part of its path, which has one NAT at most. */
static plait_result add_path(struct plait_world *world, unsigned i)
{
    const struct plait_path_config *path = &world->topology->paths[i];
    enum plait_box_kind kind = world->scenario->boxes[i];
    char name[32], link_name[48];
    plait_node node;
    PLAIT_TRY(add_interface(world, PLAIT_CLIENT, path->name, &world->client_addrs[i],
                            &path->stretch, name, &node));
    snprintf(link_name, sizeof link_name, "%s", name);
    world->has_nat[i] = path->nat || kind == PLAIT_BOX_NAT;
    if (kind == PLAIT_NO_BOX && path->nat)
        kind = PLAIT_BOX_NAT;
    if (kind != PLAIT_NO_BOX) {
        const struct plait_box box =
            plait_box_of(kind, &world->nat_addrs[i], world->scenario->seed);
        bool is_case = world->scenario->boxes[i] != PLAIT_NO_BOX;
        node = pass_box(world, link_name, plait_box_name(kind), node, &box, is_case ? PLAIT_MS : 0);
        snprintf(link_name, sizeof link_name, "%s-%s", name, plait_box_name(kind));
    }
    if (path->nat && kind != PLAIT_BOX_NAT) {
        const struct plait_box box = plait_box_nat(&world->nat_addrs[i], world->scenario->seed);
        node = pass_box(world, link_name, "nat", node, &box, 0);
        snprintf(link_name, sizeof link_name, "%s-nat", name);
    }
    if (path->strips) {
        const struct plait_box box = plait_box_strip_mptcp();
        node = pass_box(world, link_name, "stripper", node, &box, 0);
        snprintf(link_name, sizeof link_name, "%s-stripper", name);
    }
    world->path_links[i] =
        join_router(world, link_name, node, plait_world_public_addr(world, i), &path->stretch);
    return PLAIT_OK;
}

/* The connection is to use more than the client's first path. */
static bool is_multipath(const struct plait_scenario *scenario)
{
    return scenario->protocol != PLAIT_TCP && scenario->paths > 1 &&
           !(scenario->grants & PLAIT_GRANT_ONE_PATH);
}

static plait_result make_live(struct plait_world *world, const struct plait_end_config *config,
                              struct plait_end_host **host)
{
    if (plait_ok(plait_machine_live_new(world->live, config, host)))
        return PLAIT_OK;
    return broken(world, config->name, plait_live_error(world->live));
}

static plait_result make_own(struct plait_world *world, const struct plait_end_config *config,
                             struct plait_end_host **host)
{
    *host = plait_machine_own_new(config);
    return *host ? PLAIT_OK : broken(world, config->name, "there is no memory for it");
}

static plait_result make_host(struct plait_world *world, enum plait_side side)
{
    const struct plait_scenario *scenario = world->scenario;
    bool permissive =
        scenario->policy == PLAIT_POLICY_PERMISSIVE || (scenario->grants & PLAIT_GRANT_POLICY);
    const struct plait_end_config config = {
        .name = plait_side_name(side),
        .permissive = permissive,
        .full_mesh =
            permissive && is_multipath(scenario) && !(scenario->grants & PLAIT_GRANT_BY_HAND),
        .mptcp_off = scenario->mptcp_off,
        .checksum = scenario->checksum && !(scenario->grants & PLAIT_GRANT_UNSUMMED),
        .unprobed = scenario->grants & PLAIT_GRANT_UNPROBED,
        .heeds_hard_errors = scenario->grants & PLAIT_GRANT_HEEDED,
        .shares_challenges = scenario->grants & PLAIT_GRANT_SHARED,
        .heeds_any_mtu = scenario->grants & PLAIT_GRANT_ANY_MTU,
        .counts_ports = scenario->grants & PLAIT_GRANT_COUNTER,
        .mechanism = plait_protocol_option(scenario->protocol),
        .outside = plait_protocol_offer(scenario->protocol),
        .secret = plait_world_secret(world),
        .mtu_octets = (uint16_t)plait_topology_mtu_octets(world->topology),
        .basic = scenario->basic,
        .net = world->net,
        .seed = plait_draw(&world->draw, plait_side_name(side), "machine", 0),
        .settings = settings_of(world, side),
    };
    struct plait_end_host **host = &world->ends[side].host;
    return scenario->target[side] == PLAIT_TARGET_PLAIT ? make_own(world, &config, host)
                                                        : make_live(world, &config, host);
}

static plait_result build_client(struct plait_world *world)
{
    PLAIT_TRY(make_host(world, PLAIT_CLIENT));
    struct plait_end_host *client = world->ends[PLAIT_CLIENT].host;
    const struct plait_topology *topology = world->topology;
    for (unsigned i = 0; i < topology->path_count; i++)
        PLAIT_TRY(add_path(world, i));
    unsigned flags = PLAIT_ENDPOINT_SUBFLOW;
    if (world->scenario->policy == PLAIT_POLICY_PERMISSIVE)
        flags |= PLAIT_ENDPOINT_FULLMESH;
    for (unsigned i = 1; is_multipath(world->scenario) && i < topology->path_count; i++)
        END_TRY(world, client, "endpoint",
                client->ops->add_endpoint(client, &world->client_addrs[i], i + 1, flags,
                                          topology->paths[i].name));
    return PLAIT_OK;
}

static plait_result build_server(struct plait_world *world)
{
    PLAIT_TRY(make_host(world, PLAIT_SERVER));
    const struct plait_stretch *stretch = &world->topology->server;
    char name[32];
    plait_node node;
    PLAIT_TRY(
        add_interface(world, PLAIT_SERVER, "service", &world->server_addr, stretch, name, &node));
    world->server_link = join_router(world, name, node, &world->server_addr, stretch);
    return PLAIT_OK;
}

static void build_strangers(struct plait_world *world)
{
    const struct plait_scenario *scenario = world->scenario;
    bool silent = scenario->grants & PLAIT_GRANT_SILENCE;
    enum plait_stranger_kind kind = silent ? PLAIT_STRANGER_SILENT : scenario->strangers;
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++) {
        char name[24];
        world->strangers[i].kind = kind;
        if (kind == PLAIT_STRANGER_ABSENT) {
            world->stranger_nodes[i] = -1;
            continue; /* no route leads there */
        }
        const struct plait_port port = plait_stranger_port(&world->strangers[i]);
        snprintf(name, sizeof name, "stranger-%u", i + 1);
        world->stranger_nodes[i] = plait_net_add_port(world->net, name, &port);
        world->stranger_links[i] =
            join_router(world, name, world->stranger_nodes[i], &world->stranger_addrs[i],
                        &plait_own_topology.server);
    }
}

struct plait_secret plait_world_secret(const struct plait_world *world)
{
    struct plait_secret secret;
    for (unsigned i = 0; i < sizeof secret.octets / 8; i++)
        plait_store_u64(secret.octets + 8 * i, plait_draw(&world->draw, "both ends", "secret", i));
    return secret;
}

static void build_attacker(struct plait_world *world, const struct plait_port *port)
{
    struct plait_stretch stretch = plait_own_topology.server;
    plait_time_ns delay_ns =
        plait_topology_attacker_delay_ns(world->topology, world->scenario->distance);
    for (int way = 0; way < 2; way++)
        stretch.way[way].of[PLAIT_WAY_DELAY_NS] = (uint64_t)delay_ns;
    world->attacker_node = plait_net_add_port(world->net, "attacker", port);
    world->attacker_link =
        join_router(world, "attacker", world->attacker_node, &world->attacker_addr, &stretch);
}

plait_result plait_world_build(struct plait_world *world, const struct plait_scenario *scenario,
                               const struct plait_port *attacker)
{
    *world = (struct plait_world){.scenario = scenario,
                                  .topology = plait_topology_of(&scenario->topology),
                                  .draw = plait_draw_key(scenario->seed)};
    world->slack_ns = plait_topology_slack_ns(world->topology, scenario->distance);
    world->settings = json_object();
    bool is_virtual = plait_scenario_is_virtual(scenario);
    world->clock = is_virtual ? plait_clock_virtual() : plait_clock_wall();
    world->net = plait_net_new(&world->clock);
    world->router = plait_net_add_router(world->net, "router");
    if (!is_virtual)
        world->live = plait_live_new(scenario->device, false, NULL);
    draw_addresses(world);
    world->truth.expected = plait_protocol_mechanism(scenario->protocol);
    world->truth.secret = plait_world_secret(world);
    for (int side = 0; side < 2; side++)
        world->ends[side].key = plait_draw(&world->draw, plait_side_name(side), "pattern", 0);
    PLAIT_TRY(build_client(world));
    PLAIT_TRY(build_server(world));
    build_attacker(world, attacker);
    build_strangers(world);
    if (scenario->arrives)
        world->arrival = plait_arrival_new(world);
    if (scenario->arrives && !world->arrival)
        return broken(world, "later", "there is no memory for it");
    return PLAIT_OK;
}

plait_result plait_world_agents(struct plait_world *world)
{
    for (int side = 0; side < 2; side++) {
        struct plait_end_host *host = world->ends[side].host;
        END_TRY(world, host, "agent", host->ops->start(host));
        END_TRY(world, host, "namespace", host->ops->check(host));
    }
    return PLAIT_OK;
}

void plait_world_free(struct plait_world *world)
{
    if (world->net)
        plait_net_free(world->net);
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++)
        plait_stranger_free(&world->strangers[i]);
    for (int side = 0; side < 2; side++)
        if (world->ends[side].host)
            world->ends[side].host->ops->free(world->ends[side].host);
    plait_arrival_free(world->arrival);
    if (world->live)
        plait_live_free(world->live);
    json_decref(world->settings);
}

plait_time_ns plait_world_now(const struct plait_world *world)
{
    return plait_net_now(world->net);
}
