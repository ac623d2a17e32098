/* wire/addr.h: an address is one 16-octet type with a family; IPv4 uses the first four octets and
 * keeps the others zero, so addresses compare as octets.  May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_ADDR_H
#define PLAIT_WIRE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "plait/address.h"

/* One direction of a subflow. */
struct plait_flow_key {
    struct plait_place src;
    struct plait_place dst;
};

/* Octets of an address of FAMILY on the wire: 4 or 16; 0 for no family. */
size_t plait_addr_octets(enum plait_family family);

/* Each packet is compared with many addresses, some a dozen times on its way: no call for these. */
static inline bool plait_addr_equal(const struct plait_addr *a, const struct plait_addr *b)
{
    return a->family == b->family && memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

static inline bool plait_place_equal(const struct plait_place *a, const struct plait_place *b)
{
    return a->port == b->port && plait_addr_equal(&a->addr, &b->addr);
}

static inline bool plait_flow_equal(const struct plait_flow_key *a, const struct plait_flow_key *b)
{
    return plait_place_equal(&a->src, &b->src) && plait_place_equal(&a->dst, &b->dst);
}

static inline struct plait_flow_key plait_flow_reversed(const struct plait_flow_key *flow)
{
    return (struct plait_flow_key){.src = flow->dst, .dst = flow->src};
}

/* Nobody can be reached there but, at most, the asker: unspecified, loopback, multicast, broadcast,
 * also an IPv4 address of that kind that is written as an IPv6 one. */
bool plait_addr_is_nobody(const struct plait_addr *addr);
/* True if the first PREFIX_BITS bits agree and the families do. */
bool plait_addr_in(const struct plait_addr *addr, const struct plait_addr *net,
                   unsigned prefix_bits);

#endif
