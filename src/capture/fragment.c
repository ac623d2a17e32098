/* capture/fragment.c: what IPv4 and IPv6 say of a fragment. */
#include "capture/fragment.h"

#include <string.h>

#include "base/octets.h"
#include "capture/extensions.h"
#include "wire/checksum.h"

enum { IPV4_MORE = 0x2000, IPV6_FRAGMENT_OCTETS = 8 };

static bool read_ipv4(const struct plait_ip_octets *p, struct plait_fragment *f)
{
    const uint8_t *ip = p->ip;
    uint32_t header = (ip[0] & 15u) * 4;
    uint16_t flags = plait_load_u16(ip + 6);
    *f = (struct plait_fragment){
        .name = {.identification = plait_load_u16(ip + 4), .version = 4, .protocol = ip[9]},
        .offset = (flags & 0x1fffu) * 8,
        .length = p->captured_octets - header,
        .more = flags & IPV4_MORE,
        .payload = ip + header,
        .header = ip,
        .header_octets = header,
    };
    memcpy(f->name.src, ip + 12, 4);
    memcpy(f->name.dst, ip + 16, 4);
    return plait_sum_finish(plait_sum_add(0, ip, header)) == 0;
}

static bool read_ipv6(const struct plait_ip_octets *p, struct plait_fragment *f)
{
    struct plait_extensions e = plait_extensions(p->ip, p->captured_octets);
    const uint8_t *at = p->ip + e.at;
    if (p->captured_octets < e.at + IPV6_FRAGMENT_OCTETS)
        return false;
    uint16_t flags = plait_load_u16(at + 2);
    *f = (struct plait_fragment){
        .name = {.identification = plait_load_u32(at + 4), .version = 6},
        .offset = flags & 0xfff8u,
        .length = p->captured_octets - e.at - IPV6_FRAGMENT_OCTETS,
        .more = flags & 1,
        .payload = at + IPV6_FRAGMENT_OCTETS,
        .header = p->ip,
        .header_octets = e.at,
        .named_at = e.named_at,
        .protocol = at[0],
    };
    memcpy(f->name.src, p->ip + 8, 16);
    memcpy(f->name.dst, p->ip + 24, 16);
    return true;
}

bool plait_fragment_is_possible(uint8_t version, uint32_t header, uint32_t payload)
{
    return (version == 6 ? header - PLAIT_IPV6_HEADER_OCTETS : header) + payload <=
           PLAIT_FRAGMENT_PAYLOAD_MAX_OCTETS;
}

/* The contrary is what only a broken or hostile sender says. */
static bool is_plausible(const struct plait_fragment *f)
{
    return f->length > 0 && f->header_octets <= PLAIT_FRAGMENT_HEADER_MAX_OCTETS &&
           !(f->more && f->length % 8) &&
           plait_fragment_is_possible(f->name.version, f->header_octets, f->offset + f->length);
}

bool plait_is_fragment(const struct plait_ip_octets *p)
{
    if (p->ip[0] >> 4 == 4)
        return plait_load_u16(p->ip + 6) & 0x3fff;
    struct plait_extensions e = plait_extensions(p->ip, p->captured_octets);
    return !e.is_cut && !e.is_too_long && e.protocol == PLAIT_IPV6_FRAGMENT;
}

bool plait_fragment_read(const struct plait_ip_octets *p, struct plait_fragment *f)
{
    bool is_read = p->ip[0] >> 4 == 4 ? read_ipv4(p, f) : read_ipv6(p, f);
    return is_read && is_plausible(f);
}
