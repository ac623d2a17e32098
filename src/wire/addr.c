/* wire/addr.c: addresses compared and matched. */
#include "wire/addr.h"

#include <string.h>

size_t plait_addr_octets(enum plait_family family)
{
    switch (family) {
    case PLAIT_IPV4:
        return 4;
    case PLAIT_IPV6:
        return 16;
    default:
        return 0;
    }
}

bool plait_addr_equal(const struct plait_addr *a, const struct plait_addr *b)
{
    return a->family == b->family && memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

bool plait_place_equal(const struct plait_place *a, const struct plait_place *b)
{
    return a->port == b->port && plait_addr_equal(&a->addr, &b->addr);
}

bool plait_flow_equal(const struct plait_flow_key *a, const struct plait_flow_key *b)
{
    return plait_place_equal(&a->src, &b->src) && plait_place_equal(&a->dst, &b->dst);
}

struct plait_flow_key plait_flow_reversed(const struct plait_flow_key *flow)
{
    return (struct plait_flow_key){.src = flow->dst, .dst = flow->src};
}

/* RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.5.3, §2.5.5.2, §2.7. */
bool plait_addr_is_nobody(const struct plait_addr *addr)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *o = addr->octets;
    if (addr->family == PLAIT_IPV6 && memcmp(o, mapped, sizeof mapped) != 0) {
        bool is_low = true; /* ::/120 has the unspecified address and loopback */
        for (unsigned i = 0; i < 15; i++)
            is_low &= o[i] == 0;
        return is_low || o[0] == 0xff;
    }
    o += addr->family == PLAIT_IPV6 ? sizeof mapped : 0;
    return o[0] == 0 || o[0] == 127 || o[0] >= 224;
}

bool plait_addr_in(const struct plait_addr *addr, const struct plait_addr *net,
                   unsigned prefix_bits)
{
    if (addr->family != net->family || prefix_bits > 8 * plait_addr_octets(addr->family))
        return false;
    unsigned whole = prefix_bits / 8, rest = prefix_bits % 8;
    if (memcmp(addr->octets, net->octets, whole) != 0)
        return false;
    return rest == 0 || (addr->octets[whole] ^ net->octets[whole]) >> (8 - rest) == 0;
}
