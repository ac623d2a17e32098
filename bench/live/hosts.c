/* bench/live/hosts.c: the hosts of the live room's benchmarks.
 * May touch: namespaces and links it made itself. */
#include "bench/live/hosts.h"

#include <stdio.h>
#include <string.h>

#include "base/panic.h"
#include "live/inside.h"

static const char *const path_names[BENCH_PATHS] = {"path1", "path2"};
static const char *const client_addrs[BENCH_PATHS] = {"198.18.1.1", "198.18.2.1"};
static const char *const direct_addrs[BENCH_PATHS] = {"198.18.1.2", "198.18.2.2"};
static const char *const routed_addr = "198.18.3.1";

struct plait_addr plait_bench_addr(const char *text)
{
    struct plait_addr addr;
    PLAIT_CHECK(plait_ok(plait_addr_parse(text, &addr)));
    return addr;
}

const char *plait_bench_server(const struct bench_medium *medium)
{
    return medium->is_direct ? direct_addrs[0] : routed_addr;
}

/* ---- settings -------------------------------------------------------------------------------- */

/* Buffers as the kernel compiles them in. */
static const struct {
    const char *name, *value;
} settings[] = {
    {"net/ipv4/tcp_rmem", "4096 131072 6291456"}, {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_no_metrics_save", "1"},        {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
};

static plait_result add_host(struct bench_hosts *b, int which, const char *name)
{
    char read_back[64];
    PLAIT_TRY(plait_live_host_new(b->live, name, &b->hosts[which]));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        PLAIT_TRY(plait_live_set(b->hosts[which], settings[i].name, settings[i].value, read_back));
    return PLAIT_OK;
}

/* ---- through the router ---------------------------------------------------------------------- */

static plait_result join_router(struct bench_hosts *b, plait_node router, int which,
                                const char *name, const char *addr)
{
    const struct plait_live_interface interface = {
        .name = name, .addr_count = 1, .addrs = {plait_bench_addr(addr)}, .prefix_bits = {24}};
    struct plait_port port;
    PLAIT_TRY(plait_live_add_interface(b->hosts[which], &interface, &port));
    plait_node node = plait_net_add_port(b->net, name, &port);
    plait_link link =
        plait_net_add_link(b->net, name, node, router, &(struct plait_link_config){0});
    plait_net_add_route(b->net, router, &interface.addrs[0], 32, link);
    return PLAIT_OK;
}

static plait_result join_routed(struct bench_hosts *b)
{
    plait_node router = plait_net_add_router(b->net, "router");
    for (int path = 0; path < BENCH_PATHS; path++)
        PLAIT_TRY(join_router(b, router, BENCH_CLIENT, path_names[path], client_addrs[path]));
    return join_router(b, router, BENCH_SERVER, "service", routed_addr);
}

/* ---- without the lab ------------------------------------------------------------------------- */

/* The client chooses the pair by its source, the server by the network that its own address on the
 * pair is in. */
static int settle_direct(struct plait_live_host *host, int path, bool is_client)
{
    const struct plait_link_settings link = {1500, 10000, true};
    struct plait_addr addr = plait_bench_addr(is_client ? client_addrs[path] : direct_addrs[path]);
    uint32_t table = PLAIT_LIVE_TABLE_FIRST + (uint32_t)path;
    unsigned index = 0;
    int error = plait_route_link_index(&host->route, path_names[path], &index);
    if (error == 0)
        error = plait_route_set_link(&host->route, index, &link);
    if (error == 0)
        error = plait_route_addr(&host->route, index, &addr, 24, false);
    if (error == 0 && is_client)
        error = plait_route_add_rule(&host->route, &addr, table);
    if (error == 0 && is_client)
        error = plait_route_add_default(&host->route, plait_netlink_family(&addr), index, table);
    return error;
}

/* Both ends have one Ethernet address, for a link without ARP sends to its own. */
static plait_result join_direct(struct bench_hosts *b)
{
    struct plait_live_host *client = b->hosts[BENCH_CLIENT], *server = b->hosts[BENCH_SERVER];
    int error = 0;
    for (int path = 0; error == 0 && path < BENCH_PATHS; path++) {
        const uint8_t number = (uint8_t)(path + 1);
        const struct plait_veth veth = {.name = path_names[path],
                                        .peer_name = path_names[path],
                                        .peer_namespace_fd = server->namespace_fd,
                                        .mac = {2, 0, 0, 0, 3, number},
                                        .peer_mac = {2, 0, 0, 0, 3, number}};
        error = plait_route_add_veth(&client->route, &veth);
        if (error == 0)
            error = settle_direct(client, path, true);
        if (error == 0)
            error = settle_direct(server, path, false);
    }
    return error == 0 ? PLAIT_OK : plait_live_fail(b->live, error, "a veth pair");
}

/* ---- agents ---------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static void hear(void *self)
{
    struct bench_hosts *b = self;
    const char *event;
    for (int which = 0; which < BENCH_HOSTS; which++)
        while ((event = plait_live_agent_event(b->hosts[which])) != NULL) {
            b->connected |= begins(event, "connected ");
            b->accepted |= begins(event, "accepted ");
            b->failed |= begins(event, "failed ") || begins(event, "error ");
        }
}

static plait_result start_agents(struct bench_hosts *b)
{
    char answer[BENCH_ANSWER_OCTETS];
    for (int which = 0; which < BENCH_HOSTS; which++) {
        PLAIT_TRY(plait_live_agent_start(b->hosts[which]));
        plait_net_watch(b->net, plait_live_agent_fd(b->hosts[which]), hear, b);
    }
    for (int which = 0; which < BENCH_HOSTS; which++)
        PLAIT_TRY(plait_live_agent_ask(b->hosts[which], answer, sizeof answer,
                                       "listen ready tcp any4 9 1 -"));
    return PLAIT_OK;
}

plait_result plait_bench_hosts_open(struct bench_hosts *b, const struct bench_medium *medium)
{
    *b = (struct bench_hosts){.clock = plait_clock_wall()};
    b->net = plait_net_new(&b->clock);
    b->live = plait_live_new(medium->device, medium->offload, NULL);
    PLAIT_CHECK(b->live);
    PLAIT_TRY(add_host(b, BENCH_CLIENT, "client"));
    PLAIT_TRY(add_host(b, BENCH_SERVER, "server"));
    PLAIT_TRY(medium->is_direct ? join_direct(b) : join_routed(b));
    return start_agents(b);
}
