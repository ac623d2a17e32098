/* lab/netcat_net.c: the links of a netcat: one for each path, with its impairments.
 * May touch: the net of its run. */
#include <stdio.h>

#include "base/panic.h"
#include "lab/netcat_inside.h"

/* Room of a limited link beside what is under way: a few super-segments, so that a burst fits and a
 * full queue is loss. */
#define QUEUE_OCTETS 131072
#define DELAY_NS     (5 * PLAIT_MS)

uint64_t plait_netcat_value(const struct plait_netcat_values *values, unsigned path)
{
    if (values->count == 0)
        return 0;
    return values->of[path < values->count ? path : values->count - 1];
}

static struct plait_addr addr_in(const struct plait_netcat *n, unsigned net)
{
    char text[PLAIT_ADDR_TEXT_OCTETS];
    struct plait_addr addr;
    snprintf(text, sizeof text, n->family == PLAIT_IPV4 ? "198.18.%u.1" : "2001:db8:%u::1", net);
    PLAIT_CHECK(plait_ok(plait_addr_parse(text, &addr)));
    return addr;
}

struct plait_addr plait_netcat_client_addr(const struct plait_netcat *n, unsigned path)
{
    return addr_in(n, 10 + path);
}

struct plait_addr plait_netcat_server_addr(const struct plait_netcat *n)
{
    return addr_in(n, 20);
}

bool plait_netcat_offloads(const struct plait_netcat *n)
{
    const struct plait_netcat_request *r = n->request;
    return !r->pcap && !r->loss_per_million.count && !r->rate_bits_per_s.count;
}

/* In virtual time a path without delay would carry everything in no time. */
static plait_time_ns delay_of(const struct plait_netcat *n, unsigned path)
{
    const struct plait_netcat_values *delays = &n->request->delay_ns;
    return delays->count == 0 && n->report->is_virtual
               ? DELAY_NS
               : (plait_time_ns)plait_netcat_value(delays, path);
}

static struct plait_link_config config_of(const struct plait_netcat *n, unsigned path)
{
    const struct plait_netcat_request *r = n->request;
    struct plait_link_config config = {
        .delay_ns = delay_of(n, path),
        .rate_bits_per_s = plait_netcat_value(&r->rate_bits_per_s, path),
        .loss_per_million = (uint32_t)plait_netcat_value(&r->loss_per_million, path),
        .mtu_octets = plait_netcat_offloads(n) ? 0 : n->mtu_octets,
        .seed = r->seed};
    if (config.rate_bits_per_s) {
        double round_trip_s = 2 * (double)config.delay_ns / (double)PLAIT_S;
        double under_way = (double)config.rate_bits_per_s / 8 * round_trip_s;
        config.queue_octets = QUEUE_OCTETS + (uint32_t)(under_way < 1e9 ? under_way : 1e9);
    }
    return config;
}

static plait_link add_path(struct plait_netcat *n, unsigned path, plait_node a, plait_node b)
{
    const struct plait_link_config config = config_of(n, path);
    char name[16];
    snprintf(name, sizeof name, "path%u", path + 1);
    return n->links[path] = plait_net_add_link(n->net, name, a, b, &config);
}

static void route(struct plait_netcat *n, plait_node router, const struct plait_addr *addr,
                  plait_link link)
{
    plait_net_add_route(n->net, router, addr, addr->family == PLAIT_IPV4 ? 32 : 128, link);
}

void plait_netcat_join(struct plait_netcat *n, const struct plait_port *clients,
                       const struct plait_port *server)
{
    plait_node router = plait_net_add_router(n->net, "router");
    for (unsigned path = 0; path < n->paths; path++) {
        struct plait_addr addr = plait_netcat_client_addr(n, path);
        plait_node node = plait_net_add_port(n->net, "client", &clients[path]);
        route(n, router, &addr, add_path(n, path, node, router));
    }
    struct plait_addr addr = plait_netcat_server_addr(n);
    plait_node node = plait_net_add_port(n->net, "server", server);
    route(n, router, &addr,
          plait_net_add_link(n->net, "server", node, router, &(struct plait_link_config){0}));
    n->out_way = n->request->listens ? PLAIT_B_TO_A : PLAIT_A_TO_B;
}

void plait_netcat_join_wires(struct plait_netcat *n, const struct plait_port *near_ports,
                             const struct plait_port *far_ports)
{
    for (unsigned path = 0; path < n->paths; path++)
        add_path(n, path, plait_net_add_port(n->net, "near", &near_ports[path]),
                 plait_net_add_port(n->net, "far", &far_ports[path]));
    n->out_way = PLAIT_A_TO_B;
}
