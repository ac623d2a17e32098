/* wire/icmp.c: an error is eight octets and as much of the packet as tells TCP which segment it is
 * about: its IP header and the start of its own (RFC 792; RFC 4443 §3.1 allows more). */
#include "wire/icmp.h"

#include "wire/checksum.h"

enum { QUOTED_TCP_OCTETS = 8, TTL = 64, WHOLE_OCTETS = 128 };

static plait_sum pseudo_of(const struct plait_ip *ip, size_t payload_octets)
{
    if (ip->src.family != PLAIT_IPV6)
        return 0;
    return plait_sum_pseudo(0, &ip->src, &ip->dst, PLAIT_PROTOCOL_ICMPV6, (uint32_t)payload_octets);
}

bool plait_icmp_is_summed(const struct plait_ip *ip)
{
    plait_sum sum = pseudo_of(ip, ip->payload_octets);
    return plait_sum_finish(plait_sum_add(sum, ip->payload, ip->payload_octets)) == 0;
}

bool plait_icmp_is_valid(const void *octets, size_t length_octets)
{
    struct plait_ip ip;
    if (!plait_ok(plait_ip_parse(octets, length_octets, &ip)) || ip.payload_octets < 8)
        return false;
    bool is_v6 = ip.src.family == PLAIT_IPV6;
    return ip.protocol == (is_v6 ? PLAIT_PROTOCOL_ICMPV6 : PLAIT_PROTOCOL_ICMP) &&
           plait_icmp_is_summed(&ip);
}

/* The first octets of the packet that QUOTED was; *LENGTH_OCTETS of them. */
static plait_result quote(const struct plait_segment *quoted, uint8_t whole[WHOLE_OCTETS],
                          size_t *length_octets)
{
    size_t whole_octets;
    PLAIT_TRY(plait_segment_build(quoted, whole, WHOLE_OCTETS, &whole_octets));
    *length_octets = (quoted->ip.src.family == PLAIT_IPV6 ? 40 : 20) + QUOTED_TCP_OCTETS;
    return PLAIT_OK;
}

/* IPv4's MTU is the second half of its word (RFC 1191 §4), IPv6's the whole (RFC 4443 §3.2). */
static void write_what(uint8_t message[8], bool is_v6, uint16_t mtu_octets)
{
    if (mtu_octets) {
        message[0] = is_v6 ? PLAIT_ICMPV6_TOO_BIG : PLAIT_ICMP_UNREACHABLE;
        message[1] = is_v6 ? 0 : PLAIT_ICMP_FRAGMENTATION;
    } else {
        message[0] = is_v6 ? PLAIT_ICMPV6_UNREACHABLE : PLAIT_ICMP_UNREACHABLE;
        message[1] = is_v6 ? PLAIT_ICMPV6_PORT : PLAIT_ICMP_PORT;
    }
    message[6] = (uint8_t)(mtu_octets >> 8);
    message[7] = (uint8_t)mtu_octets;
}

plait_result plait_icmp_build(const struct plait_addr *from, const struct plait_segment *quoted,
                              uint16_t mtu_octets, void *packet, size_t room_octets,
                              size_t *length_octets)
{
    bool is_v6 = quoted->ip.src.family == PLAIT_IPV6;
    uint8_t quoted_octets[WHOLE_OCTETS], message[8 + WHOLE_OCTETS] = {0};
    size_t quote_octets;
    PLAIT_TRY(quote(quoted, quoted_octets, &quote_octets));
    struct plait_ip ip = {.src = *from,
                          .dst = quoted->ip.src,
                          .protocol = is_v6 ? PLAIT_PROTOCOL_ICMPV6 : PLAIT_PROTOCOL_ICMP,
                          .ttl = TTL};
    write_what(message, is_v6, mtu_octets);
    for (size_t i = 0; i < quote_octets; i++)
        message[8 + i] = quoted_octets[i];
    size_t message_octets = 8 + quote_octets;
    plait_sum sum = plait_sum_add(pseudo_of(&ip, message_octets), message, message_octets);
    uint16_t checksum = plait_sum_finish(sum);
    message[2] = (uint8_t)(checksum >> 8);
    message[3] = (uint8_t)checksum;
    struct plait_writer w = plait_writer(packet, room_octets);
    plait_ip_write_header(&w, &ip, message_octets);
    plait_write_octets(&w, message, message_octets);
    PLAIT_TRY(plait_writer_result(&w));
    *length_octets = (is_v6 ? 40u : 20u) + message_octets;
    return PLAIT_OK;
}
