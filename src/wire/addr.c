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
