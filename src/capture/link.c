/* capture/link.c: link types, from the frame to the IP header. */
#include "capture/link.h"

enum { VLAN_TAG = 0x8100, SERVICE_TAG = 0x88a8, TAGS_MAX = 2 };

static const struct link {
    uint16_t type;
    uint8_t before_ethertype; /* octets */
    uint8_t after_ethertype;
} links[] = {
    {PLAIT_LINK_ETHERNET, 12, 0},
    {PLAIT_LINK_COOKED, 14, 0},
    {PLAIT_LINK_COOKED_2, 0, 18},
};

static struct plait_reader nothing(void)
{
    return (struct plait_reader){.failed = true};
}

static struct plait_reader by_ethertype(const struct link *link, struct plait_reader r)
{
    plait_read_octets(&r, link->before_ethertype);
    uint16_t ethertype = plait_read_u16(&r);
    plait_read_octets(&r, link->after_ethertype);
    for (int i = 0; i < TAGS_MAX && (ethertype == VLAN_TAG || ethertype == SERVICE_TAG); i++) {
        plait_read_u16(&r); /* VLAN number */
        ethertype = plait_read_u16(&r);
    }
    return ethertype == PLAIT_ETHERTYPE_IPV4 || ethertype == PLAIT_ETHERTYPE_IPV6 ? r : nothing();
}

/* The family of the capturing system in its own byte order; IPv6 has a number of its own on each
 * BSD. */
static struct plait_reader by_family(struct plait_reader r)
{
    static const uint8_t families[] = {2, 10, 24, 28, 30};
    uint32_t family = plait_read_u32(&r);
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    for (size_t i = 0; i < sizeof families; i++)
        if (family == families[i])
            return r;
    return nothing();
}

struct plait_reader plait_link_ip(unsigned link_type, struct plait_reader frame)
{
    switch (link_type) {
    case PLAIT_LINK_RAW:
    case PLAIT_LINK_IPV4:
    case PLAIT_LINK_IPV6:
        return frame;
    case PLAIT_LINK_BSD:
    case PLAIT_LINK_BSD_NETWORK_ORDER:
        return by_family(frame);
    }
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].type == link_type)
            return by_ethertype(&links[i], frame);
    return nothing();
}
