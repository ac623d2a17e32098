/* audit/packet.c: headers of a packet as it was captured. */
#include "audit/packet.h"

#include <string.h>

#include "wire/checksum.h"

enum { IPV4_OCTETS = 20, IPV6_OCTETS = 40, TCP_OCTETS = 20 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 }; /* RFC 8200 §4 */
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_TIMESTAMPS = 8 };

/* Longer segments are made by hosts for their devices, or by devices for their hosts, and carry no
 * checksum of the wire. */
#define LONGEST_ON_LINKS_OCTETS 1500

/* A packet's octets behind the IP header: what there was, and what was captured of it. */
struct part {
    const uint8_t *at;
    uint32_t there, captured;
};

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static bool skip(struct part *part, uint32_t octets)
{
    if (octets > part->there)
        return false;
    uint32_t captured = least(octets, part->captured);
    part->at += captured;
    part->captured -= captured;
    part->there -= octets;
    return true;
}

/* A length of 0 is that of a packet too long for the field (TSO of IPv6 jumbo size). */
static bool limit_to(struct part *part, uint32_t octets)
{
    if (octets > part->there)
        return false;
    part->there = octets;
    part->captured = least(part->captured, octets);
    return true;
}

static plait_result read_ipv4(struct plait_packet *p, struct part *part, uint8_t *protocol)
{
    const uint8_t *at = part->at;
    if (part->captured < IPV4_OCTETS)
        return PLAIT_FAIL(TRUNCATED);
    uint32_t header = (uint32_t)(at[0] & 0x0f) * 4;
    uint32_t total = plait_load_u16(at + 2);
    if (header < IPV4_OCTETS || (total && total < header))
        return PLAIT_FAIL(BAD_LENGTH);
    if (plait_load_u16(at + 6) & 0x3fff) /* MF or an offset */
        return PLAIT_FAIL(FRAGMENT);
    p->ip_id = plait_load_u16(at + 4);
    p->ttl = at[8];
    *protocol = at[9];
    p->src = at + 12;
    p->dst = at + 16;
    p->family = PLAIT_IPV4;
    p->addr_octets = 4;
    if ((total && !limit_to(part, total)) || !skip(part, header))
        return PLAIT_FAIL(BAD_LENGTH);
    return PLAIT_OK;
}

static bool is_extension(uint8_t next)
{
    return next == HOP_BY_HOP || next == ROUTING || next == DESTINATION;
}

static plait_result skip_extensions(struct part *part, uint8_t *next)
{
    for (unsigned n = 0; is_extension(*next); n++) {
        if (n == PLAIT_IPV6_EXTENSIONS_MAX)
            return PLAIT_FAIL(TOO_MANY);
        if (part->captured < 2)
            return PLAIT_FAIL(TRUNCATED);
        *next = part->at[0];
        if (!skip(part, 8 + 8u * part->at[1]))
            return PLAIT_FAIL(BAD_LENGTH);
    }
    return *next == FRAGMENT ? PLAIT_FAIL(FRAGMENT) : PLAIT_OK;
}

static plait_result read_ipv6(struct plait_packet *p, struct part *part, uint8_t *protocol)
{
    const uint8_t *at = part->at;
    if (part->captured < IPV6_OCTETS)
        return PLAIT_FAIL(TRUNCATED);
    uint32_t length = plait_load_u16(at + 4);
    *protocol = at[6];
    p->ttl = at[7];
    p->src = at + 8;
    p->dst = at + 24;
    p->family = PLAIT_IPV6;
    p->addr_octets = 16;
    if (!skip(part, IPV6_OCTETS) || (length && !limit_to(part, length)))
        return PLAIT_FAIL(BAD_LENGTH);
    return skip_extensions(part, protocol);
}

static void note_option(struct plait_packet *p, const uint8_t *at, uint8_t octets)
{
    if (at[0] == OPTION_TIMESTAMPS && octets == 10) {
        p->has_timestamp = true;
        p->timestamp = plait_load_u32(at + 2);
        p->timestamp_echo = plait_load_u32(at + 6);
    } else if (at[0] == PLAIT_OPTION_MPTCP && p->option_count < PLAIT_PACKET_OPTIONS_MAX) {
        p->mptcp[p->option_count++] = (struct plait_packet_option){
            at, octets, octets > 2 ? at[2] >> 4 : PLAIT_MPTCP_NO_SUBTYPE};
    }
}

/* A list that breaks off says nothing about what it does not show. */
static void read_options(struct plait_packet *p)
{
    const uint8_t *at = p->options, *end = at + p->options_octets;
    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_NOP) {
            at++;
            continue;
        }
        if (end - at < 2 || at[1] < 2 || at[1] > end - at) {
            p->options_cut = true;
            return;
        }
        note_option(p, at, at[1]);
        at += at[1];
    }
}

static plait_result read_tcp(struct plait_packet *p, struct part part)
{
    const uint8_t *at = part.at;
    if (part.there < TCP_OCTETS)
        return PLAIT_FAIL(BAD_LENGTH);
    if (part.captured < TCP_OCTETS)
        return PLAIT_FAIL(TRUNCATED);
    uint32_t header = (uint32_t)(at[12] >> 4) * 4;
    if (header < TCP_OCTETS || header > part.there)
        return PLAIT_FAIL(BAD_LENGTH);
    p->src_port = plait_load_u16(at);
    p->dst_port = plait_load_u16(at + 2);
    p->seq = plait_load_u32(at + 4);
    p->ack = plait_load_u32(at + 8);
    p->flags = at[13];
    p->window = plait_load_u16(at + 14);
    p->options = at + TCP_OCTETS;
    p->options_octets = (uint8_t)(least(header, part.captured) - TCP_OCTETS);
    p->tcp = at;
    p->header_cut = p->options_cut = part.captured < header;
    p->payload_octets = part.there - header;
    p->kept_octets = part.captured > header ? part.captured - header : 0;
    p->payload = at + least(header, part.captured);
    read_options(p);
    return PLAIT_OK;
}

static plait_sum sum_addresses(const struct plait_packet *p)
{
    return plait_sum_add(0, p->src, 2u * p->addr_octets); /* they are neighbours */
}

static plait_sum sum_pseudo(const struct plait_packet *p, uint32_t tcp_octets)
{
    plait_sum sum = plait_sum_u16(sum_addresses(p), (uint16_t)tcp_octets);
    return plait_sum_u16(plait_sum_u16(sum, (uint16_t)(tcp_octets >> 16)), PLAIT_PROTOCOL_TCP);
}

/* The field of an offloaded segment holds the pseudo-header's sum, not complemented; some drivers
 * leave the length out of it. */
static bool is_offloaded(const struct plait_packet *p, uint32_t tcp_octets, uint16_t field)
{
    uint16_t whole = plait_sum_finish(sum_pseudo(p, tcp_octets));
    uint16_t lengthless = plait_sum_finish(sum_pseudo(p, 0));
    return (field ^ whole) == 0xffff || (field ^ lengthless) == 0xffff;
}

enum plait_packet_verify plait_packet_verify(const struct plait_packet *p)
{
    if (p->kept_octets < p->payload_octets || p->header_cut)
        return PLAIT_SUM_UNKNOWN;
    uint32_t octets = (uint32_t)(p->payload - p->tcp) + p->payload_octets;
    plait_sum sum = plait_sum_add(sum_pseudo(p, octets), p->tcp, octets);
    if (plait_sum_finish(sum) == 0)
        return PLAIT_SUM_GOOD;
    if (is_offloaded(p, octets, plait_load_u16(p->tcp + 16)))
        return PLAIT_SUM_OFFLOADED;
    return octets > LONGEST_ON_LINKS_OCTETS ? PLAIT_SUM_UNKNOWN : PLAIT_SUM_BAD;
}

plait_result plait_packet_read(const struct plait_seen *seen, struct plait_packet *p)
{
    struct part part = {seen->ip, seen->wire_octets, seen->ip_octets};
    uint8_t protocol = 0;
    if (part.there < part.captured)
        part.there = part.captured;
    if (!part.captured)
        return PLAIT_FAIL(TRUNCATED);
    memset(p, 0, offsetof(struct plait_packet, mptcp));
    p->seen = seen;
    switch (part.at[0] >> 4) {
    case 4:
        PLAIT_TRY(read_ipv4(p, &part, &protocol));
        break;
    case 6:
        PLAIT_TRY(read_ipv6(p, &part, &protocol));
        break;
    default:
        return PLAIT_FAIL(BAD_VERSION);
    }
    if (protocol != PLAIT_PROTOCOL_TCP)
        return PLAIT_FAIL(NOT_TCP);
    return read_tcp(p, part);
}

const struct plait_packet_option *plait_packet_option(const struct plait_packet *p,
                                                      enum plait_mptcp_subtype subtype)
{
    for (unsigned i = 0; i < p->option_count; i++)
        if (p->mptcp[i].subtype == subtype)
            return &p->mptcp[i];
    return NULL;
}
