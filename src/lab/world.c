/* lab/world.c: builds the hosts, links and settings of a run. */
#include "lab/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

enum { LINK_DELAY_MS = 2, PREFIX_IPV4 = 24, PREFIX_IPV6 = 64 };

/* ---- failing ------------------------------------------------------------------------------ */

static plait_result broken(struct plait_world *world, const char *what)
{
    snprintf(world->error, sizeof world->error, "%s: %s", what, plait_live_error(world->live));
    return PLAIT_FAIL(SYSTEM);
}

#define WORLD_TRY(world, what, expr)                                                               \
    do {                                                                                           \
        if (!plait_ok(expr))                                                                       \
            return broken(world, what);                                                            \
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

static void draw_addresses(struct plait_world *world)
{
    world->client_addrs[0] = draw_addr(world, "client path 1", 0);
    world->client_addrs[1] = draw_addr(world, "client path 2", 1);
    world->server_addr = draw_addr(world, "server", 2);
    world->attacker_addr = draw_addr(world, "attacker", 3);
    world->nat_addr = draw_addr(world, "nat", 5);
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++) {
        world->stranger_addrs[i] = draw_addr(world, "strangers", 4);
        world->stranger_addrs[i].octets[world->scenario->family == PLAIT_IPV4 ? 3 : 15] =
            (uint8_t)(10 + i);
    }
    world->server_port =
        (uint16_t)(2000 + plait_draw_below(&world->draw, "server", "port", 0, 8000));
    world->client_port =
        (uint16_t)(PLAIT_PORT_FIRST + PLAIT_PORT_STEP * plait_draw_below(&world->draw, "client",
                                                                         "port", 0,
                                                                         PLAIT_PORT_COUNT));
}

bool plait_world_owns(const struct plait_world *world, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < PLAIT_PATHS_MAX; i++)
        if (plait_addr_equal(addr, &world->client_addrs[i]))
            return true;
    return plait_addr_equal(addr, &world->server_addr) || plait_addr_equal(addr, &world->nat_addr);
}

/* ---- settings: set by us and read back, never inherited ---------------------------------------
 */

struct setting {
    const char *name, *value;
};

/* The kernel's compiled-in values, but for isolation (metrics) where noted. */
static const struct setting settings[] = {
    {"net/ipv4/tcp_rmem", "4096 131072 6291456"},
    {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_syncookies", "1"},
    {"net/ipv4/tcp_ecn", "2"},
    {"net/ipv4/tcp_fastopen", "1"},
    {"net/ipv4/tcp_timestamps", "1"},
    {"net/ipv4/tcp_sack", "1"},
    {"net/ipv4/tcp_no_metrics_save", "1"}, /* nothing is carried from one run to the next */
    {"net/ipv4/tcp_syn_retries", "6"},
    {"net/ipv4/tcp_syn_linear_timeouts", "4"},
    {"net/ipv4/tcp_max_syn_backlog", "2048"},
    {"net/ipv4/tcp_synack_retries", "5"},
    {"net/ipv4/ip_local_port_range", "32768 60999"},
    {"net/ipv4/ip_forward", "0"},
    {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
    {"net/mptcp/enabled", "1"},
    {"net/mptcp/add_addr_timeout", "120"},
    {"net/mptcp/allow_join_initial_addr_port", "1"},
    {"net/mptcp/checksum_enabled", "0"},
    {"net/mptcp/close_timeout", "60"},
    {"net/mptcp/stale_loss_cnt", "4"},
    {"net/mptcp/blackhole_timeout", "3600"},
    {"net/mptcp/path_manager", "kernel"},
    {"net/mptcp/scheduler", "default"},
};

void plait_world_note_setting(struct plait_world *world, struct plait_live_host *host,
                              const char *name, const char *value)
{
    const char *host_name = plait_live_host_name(host);
    json_t *of_host = json_object_get(world->settings, host_name);
    if (!of_host) {
        of_host = json_object();
        json_object_set_new(world->settings, host_name, of_host);
    }
    json_object_set_new(of_host, name, json_string(value));
}

static plait_result apply_settings(struct plait_world *world, struct plait_live_host *host)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const char *value = settings[i].value;
        if (strcmp(settings[i].name, "net/mptcp/enabled") == 0 && world->scenario->mptcp_off)
            value = "0";
        char read_back[64] = "";
        plait_result set = plait_live_set(host, settings[i].name, value, read_back);
        /* An older kernel may lack a name; what it then says is recorded. */
        if (!plait_ok(set) && !plait_ok(plait_live_get(host, settings[i].name, read_back)))
            snprintf(read_back, sizeof read_back, "(absent)");
        plait_world_note_setting(world, host, settings[i].name, read_back);
    }
    bool permissive = world->scenario->policy == PLAIT_POLICY_PERMISSIVE ||
                      (world->scenario->grants & PLAIT_GRANT_POLICY);
    return plait_live_mptcp_limits(host, permissive ? 8 : 2, permissive ? 8 : 0);
}

/* ---- hosts and links --------------------------------------------------------------------------
 */

static plait_link join_router(struct plait_world *world, const char *name, plait_node node,
                              const struct plait_addr *addr)
{
    const struct plait_link_config config = {.delay_ns = LINK_DELAY_MS * PLAIT_MS,
                                             .mtu_octets = 1500};
    plait_link link = plait_net_add_link(world->net, name, node, world->router, &config);
    plait_net_add_route(world->net, world->router, addr, addr->family == PLAIT_IPV4 ? 32 : 128,
                        link);
    return link;
}

/* HOST -- NAT -- router; the result is the inner link, which sees the host's own addresses. */
static plait_link join_through_nat(struct plait_world *world, const char *name, plait_node host)
{
    const struct plait_box box = plait_box_nat(&world->nat_addr, world->scenario->seed);
    plait_node nat = plait_net_add_box(world->net, "nat", &box);
    const struct plait_link_config config = {.delay_ns = PLAIT_MS, .mtu_octets = 1500};
    plait_link inner = plait_net_add_link(world->net, name, host, nat, &config);
    world->nat_link = join_router(world, "nat-public", nat, &world->nat_addr);
    return inner;
}

static plait_result add_interface(struct plait_world *world, enum plait_side side, const char *name,
                                  const struct plait_addr *addr, plait_link *link)
{
    const struct plait_live_interface interface = {
        .name = name,
        .mtu_octets = 1500,
        .addr_count = 1,
        .addrs = {*addr},
        .prefix_bits = {addr->family == PLAIT_IPV4 ? PREFIX_IPV4 : PREFIX_IPV6},
    };
    struct plait_port port;
    WORLD_TRY(world, name, plait_live_add_interface(world->ends[side].host, &interface, &port));
    char node_name[32];
    snprintf(node_name, sizeof node_name, "%s-%s", plait_side_name(side), name);
    plait_node node = plait_net_add_port(world->net, node_name, &port);
    if (world->scenario->nat && addr == &world->client_addrs[1])
        *link = join_through_nat(world, node_name, node);
    else
        *link = join_router(world, node_name, node, addr);
    return PLAIT_OK;
}

static plait_result build_client(struct plait_world *world)
{
    struct plait_end *client = &world->ends[PLAIT_CLIENT];
    WORLD_TRY(world, "client", plait_live_host_new(world->live, "client", &client->host));
    PLAIT_TRY(apply_settings(world, client->host));
    static const char *const names[PLAIT_PATHS_MAX] = {"path1", "path2"};
    for (unsigned i = 0; i < PLAIT_PATHS_MAX; i++)
        PLAIT_TRY(add_interface(world, PLAIT_CLIENT, names[i], &world->client_addrs[i],
                                &world->path_links[i]));
    bool multipath = world->scenario->protocol == PLAIT_MPTCP_V1 && world->scenario->paths > 1 &&
                     !(world->scenario->grants & PLAIT_GRANT_ONE_PATH);
    unsigned flags = PLAIT_ENDPOINT_SUBFLOW;
    if (world->scenario->policy == PLAIT_POLICY_PERMISSIVE)
        flags |= PLAIT_ENDPOINT_FULLMESH;
    if (multipath)
        WORLD_TRY(world, "endpoint",
                  plait_live_mptcp_endpoint_add(client->host, &world->client_addrs[1], 2, flags,
                                                "path2"));
    return PLAIT_OK;
}

static plait_result build_server(struct plait_world *world)
{
    struct plait_end *server = &world->ends[PLAIT_SERVER];
    WORLD_TRY(world, "server", plait_live_host_new(world->live, "server", &server->host));
    PLAIT_TRY(apply_settings(world, server->host));
    return add_interface(world, PLAIT_SERVER, "service", &world->server_addr, &world->server_link);
}

/* A port where nobody lives: it swallows. */
static void swallow(void *self, plait_time_ns now, struct plait_packet *packet)
{
    (void)self;
    (void)now;
    plait_packet_free(packet);
}

static struct plait_packet *silent(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
    return NULL;
}

static plait_time_ns never(void *self)
{
    (void)self;
    return PLAIT_NEVER;
}

static void nothing(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
}

static const struct plait_port_ops nobody = {swallow, silent, never, nothing};

static void build_strangers(struct plait_world *world)
{
    const struct plait_port port = {&nobody, NULL, -1, false};
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++) {
        char name[24];
        snprintf(name, sizeof name, "stranger-%u", i + 1);
        world->stranger_nodes[i] = plait_net_add_port(world->net, name, &port);
        join_router(world, name, world->stranger_nodes[i], &world->stranger_addrs[i]);
    }
}

plait_result plait_world_build(struct plait_world *world, const struct plait_scenario *scenario,
                               const struct plait_port *attacker)
{
    *world = (struct plait_world){.scenario = scenario, .draw = plait_draw_key(scenario->seed)};
    world->settings = json_object();
    world->clock = plait_clock_wall();
    world->net = plait_net_new(&world->clock);
    world->router = plait_net_add_router(world->net, "router");
    world->live = plait_live_new(scenario->device, false, NULL);
    draw_addresses(world);
    for (int side = 0; side < 2; side++)
        world->ends[side].key = plait_draw(&world->draw, plait_side_name(side), "pattern", 0);
    PLAIT_TRY(build_client(world));
    PLAIT_TRY(build_server(world));
    world->attacker_node = plait_net_add_port(world->net, "attacker", attacker);
    world->attacker_link =
        join_router(world, "attacker", world->attacker_node, &world->attacker_addr);
    build_strangers(world);
    return PLAIT_OK;
}

plait_result plait_world_agents(struct plait_world *world)
{
    for (int side = 0; side < 2; side++) {
        WORLD_TRY(world, "agent", plait_live_agent_start(world->ends[side].host));
        WORLD_TRY(world, "namespace", plait_live_check(world->ends[side].host));
    }
    return PLAIT_OK;
}

void plait_world_free(struct plait_world *world)
{
    if (world->net)
        plait_net_free(world->net);
    if (world->live)
        plait_live_free(world->live);
    json_decref(world->settings);
}

plait_time_ns plait_world_now(const struct plait_world *world)
{
    return plait_net_now(world->net);
}
