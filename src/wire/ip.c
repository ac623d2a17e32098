/* wire/ip.c: IPv4 and IPv6 headers. */
#include "wire/ip.h"

#include <string.h>

#include "wire/checksum.h"

enum { IPV4_HEADER_OCTETS = 20, IPV6_HEADER_OCTETS = 40, CHECKSUM_AT = 10 };

enum { /* next headers of RFC 8200 §4 that are walked */
       HOP_BY_HOP = 0,
       ROUTING = 43,
       FRAGMENT = 44,
       DESTINATION = 60
};

static struct plait_addr read_addr(struct plait_reader *r, enum plait_family family)
{
    struct plait_addr addr = {.family = (uint8_t)family};
    size_t length = plait_addr_octets(family);
    const uint8_t *at = plait_read_octets(r, length);
    if (at)
        memcpy(addr.octets, at, length);
    return addr;
}

static void set_payload(struct plait_ip *ip, const struct plait_reader *r)
{
    ip->payload = r->at;
    ip->payload_octets = plait_reader_left(r);
}

static plait_result parse_ipv4(struct plait_reader r, struct plait_ip *ip)
{
    size_t captured = plait_reader_left(&r);
    const uint8_t *start = plait_read_octets(&r, IPV4_HEADER_OCTETS); /* the fixed part at once */
    PLAIT_TRY(plait_reader_result(&r));
    size_t header = (size_t)(start[0] & 0x0f) * 4;
    size_t total = plait_load_u16(start + 2);
    uint16_t fragment = plait_load_u16(start + 6);
    ip->traffic_class = start[1];
    ip->identification = plait_load_u16(start + 4);
    ip->dont_fragment = fragment & 0x4000;
    ip->ttl = start[8];
    ip->protocol = start[9];
    ip->src = (struct plait_addr){.family = PLAIT_IPV4};
    ip->dst = (struct plait_addr){.family = PLAIT_IPV4};
    memcpy(ip->src.octets, start + 12, 4);
    memcpy(ip->dst.octets, start + 16, 4);
    if (header < IPV4_HEADER_OCTETS || total < header)
        return PLAIT_FAIL(BAD_LENGTH);
    if (captured < total)
        return PLAIT_FAIL(TRUNCATED);
    if (plait_sum_finish(plait_sum_add(0, start, header)) != 0)
        return PLAIT_FAIL(BAD_CHECKSUM);
    if (fragment & 0x3fff) /* MF or an offset */
        return PLAIT_FAIL(FRAGMENT);
    struct plait_reader payload = plait_reader(start + header, total - header);
    set_payload(ip, &payload);
    return PLAIT_OK;
}

/* One extension header; its length counts 8-octet units after the first (RFC 8200 §4.2). */
static plait_result skip_extension(struct plait_reader *r, uint8_t *next)
{
    *next = plait_read_u8(r);
    size_t units = plait_read_u8(r);
    plait_read_octets(r, 6 + 8 * units);
    return r->failed ? PLAIT_FAIL(BAD_LENGTH) : PLAIT_OK;
}

static bool is_extension(uint8_t next)
{
    return next == HOP_BY_HOP || next == ROUTING || next == DESTINATION;
}

static plait_result parse_ipv6(struct plait_reader r, struct plait_ip *ip)
{
    uint32_t first = plait_read_u32(&r);
    ip->traffic_class = (uint8_t)(first >> 20);
    ip->flow_label = first & 0xfffff;
    size_t length = plait_read_u16(&r);
    ip->protocol = plait_read_u8(&r);
    ip->ttl = plait_read_u8(&r);
    ip->src = read_addr(&r, PLAIT_IPV6);
    ip->dst = read_addr(&r, PLAIT_IPV6);
    struct plait_reader payload = plait_read_part(&r, length);
    PLAIT_TRY(plait_reader_result(&r));
    for (unsigned n = 0; is_extension(ip->protocol); n++) {
        if (n == PLAIT_IPV6_EXTENSIONS_MAX)
            return PLAIT_FAIL(TOO_MANY);
        PLAIT_TRY(skip_extension(&payload, &ip->protocol));
    }
    if (ip->protocol == FRAGMENT)
        return PLAIT_FAIL(FRAGMENT);
    set_payload(ip, &payload);
    return PLAIT_OK;
}

plait_result plait_ip_parse(const void *octets, size_t length_octets, struct plait_ip *ip)
{
    *ip = (struct plait_ip){0};
    struct plait_reader r = plait_reader(octets, length_octets);
    struct plait_reader peek = r;
    uint8_t version = plait_read_u8(&peek) >> 4;
    PLAIT_TRY(plait_reader_result(&peek));
    switch (version) {
    case 4:
        return parse_ipv4(r, ip);
    case 6:
        return parse_ipv6(r, ip);
    default:
        return PLAIT_FAIL(BAD_VERSION);
    }
}

static void write_ipv4(struct plait_writer *w, const struct plait_ip *ip, size_t payload_octets)
{
    uint8_t *header = plait_writer_take(w, IPV4_HEADER_OCTETS);
    if (!header)
        return;
    header[0] = 0x45;
    header[1] = ip->traffic_class;
    plait_store_u16(header + 2, (uint16_t)(IPV4_HEADER_OCTETS + payload_octets));
    plait_store_u16(header + 4, ip->identification);
    plait_store_u16(header + 6, ip->dont_fragment ? 0x4000 : 0);
    header[8] = ip->ttl;
    header[9] = ip->protocol;
    plait_store_u16(header + CHECKSUM_AT, 0);
    memcpy(header + 12, ip->src.octets, 4);
    memcpy(header + 16, ip->dst.octets, 4);
    plait_store_u16(header + CHECKSUM_AT,
                    plait_sum_finish(plait_sum_add(0, header, IPV4_HEADER_OCTETS)));
}

static void write_ipv6(struct plait_writer *w, const struct plait_ip *ip, size_t payload_octets)
{
    plait_write_u32(w, 6u << 28 | (uint32_t)ip->traffic_class << 20 | (ip->flow_label & 0xfffff));
    plait_write_u16(w, (uint16_t)payload_octets);
    plait_write_u8(w, ip->protocol);
    plait_write_u8(w, ip->ttl);
    plait_write_octets(w, ip->src.octets, 16);
    plait_write_octets(w, ip->dst.octets, 16);
}

void plait_ip_write_header(struct plait_writer *w, const struct plait_ip *ip, size_t payload_octets)
{
    size_t counted = ip->dst.family == PLAIT_IPV4 ? IPV4_HEADER_OCTETS : 0;
    bool writable = plait_addr_octets(ip->dst.family) && ip->src.family == ip->dst.family &&
                    counted + payload_octets <= UINT16_MAX;
    if (!writable)
        w->failed = true;
    else if (ip->dst.family == PLAIT_IPV4)
        write_ipv4(w, ip, payload_octets);
    else
        write_ipv6(w, ip, payload_octets);
}

plait_result plait_ip_destination(const void *octets, size_t length_octets, struct plait_addr *dst)
{
    struct plait_reader r = plait_reader(octets, length_octets);
    uint8_t version = plait_read_u8(&r) >> 4;
    if (!r.failed && version != 4 && version != 6)
        return PLAIT_FAIL(BAD_VERSION);
    enum plait_family family = version == 6 ? PLAIT_IPV6 : PLAIT_IPV4;
    plait_read_octets(&r, family == PLAIT_IPV6 ? 23 : 15);
    *dst = read_addr(&r, family);
    return plait_reader_result(&r);
}
