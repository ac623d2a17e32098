/* net/route.c: what a router does: longest prefix, one hop less (RFC 1812 §5.2, RFC 8200 §3).  It
 * sends no ICMP: the lab's observers are told of every loss.  May touch: the net. */
#include <stdlib.h>

#include "base/octets.h"
#include "base/panic.h"
#include "net/net_internal.h"
#include "wire/checksum.h"
#include "wire/ip.h"

void plait_net_add_route(struct plait_net *net, plait_node router, const struct plait_addr *addr,
                         unsigned prefix_bits, plait_link link)
{
    struct node *node = plait_net_node(net, router);
    PLAIT_CHECK(node->kind == &plait_node_router);
    for (size_t i = 0; i < node->route_count; i++)
        if (node->routes[i].prefix_bits == prefix_bits &&
            plait_addr_equal(&node->routes[i].addr, addr)) {
            node->routes[i].out = plait_link_from(plait_net_link(net, link), node);
            return;
        }
    node->routes =
        plait_net_grow(node->routes, node->route_count, &node->route_room, sizeof *node->routes);
    size_t n = node->route_count++;
    for (; n > 0 && node->routes[n - 1].prefix_bits < prefix_bits; n--)
        node->routes[n] = node->routes[n - 1];
    node->routes[n] =
        (struct route){*addr, prefix_bits, plait_link_from(plait_net_link(net, link), node)};
}

static const struct route *find_route(const struct node *node, const struct plait_packet *packet)
{
    struct plait_addr dst;
    if (!plait_ok(plait_ip_destination(packet->octets, packet->length_octets, &dst)))
        return NULL;
    for (size_t i = 0; i < node->route_count; i++)
        if (plait_addr_in(&dst, &node->routes[i].addr, node->routes[i].prefix_bits))
            return &node->routes[i];
    return NULL;
}

static bool hop_ipv4(uint8_t *octets, size_t length_octets)
{
    size_t header_octets = (octets[0] & 15) * 4u;
    if (header_octets < 20 || length_octets < header_octets || octets[8] <= 1 ||
        plait_sum_finish(plait_sum_add(0, octets, header_octets)) != 0)
        return false;
    const uint8_t old[2] = {octets[8], octets[9]};
    octets[8]--;
    plait_checksum_mend(octets + 10, old, octets + 8, 2);
    return true;
}

static bool hop_ipv6(uint8_t *octets)
{
    if (octets[7] <= 1)
        return false;
    octets[7]--;
    return true;
}

/* One hop less, in a packet whose fixed header is known to be there; false if it ends here. */
static bool hop(struct plait_packet *packet)
{
    if (packet->octets[0] >> 4 == PLAIT_IPV4)
        return hop_ipv4(packet->octets, packet->length_octets);
    return hop_ipv6(packet->octets);
}

static void receive(struct plait_net *net, struct node *node, struct direction *in,
                    struct plait_packet *packet)
{
    const struct route *route = find_route(node, packet);
    if (route && hop(packet))
        plait_link_enter(net, route->out, packet, NULL);
    else
        plait_net_lose(net, in, packet);
}

static void free_routes(struct node *node)
{
    free(node->routes);
}

const struct node_kind plait_node_router = {
    .links_max = SIZE_MAX,
    .takes_offload = true,
    .receive = receive,
    .free = free_routes,
};
