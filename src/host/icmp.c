/* host/icmp.c: what routers say about our packets, believed as far as RFC 5927 says.
 *
 * A message counts only if it quotes a segment that is in flight now: a blind sender has to guess
 * its number.  Then "too big" makes segments smaller, never below what the family promises, and
 * "unreachable" is a soft error, whatever its code.  May touch: the host's flows. */
#include "wire/icmp.h"
#include "host/inside.h"

struct quote { /* the start of a packet of ours */
    struct plait_flow_key key;
    uint32_t seq;
};

static bool read_ipv4(struct plait_reader *r, struct quote *quote)
{
    uint8_t version_length = plait_read_u8(r);
    plait_read_octets(r, 8);
    uint8_t protocol = plait_read_u8(r);
    plait_read_u16(r);
    const uint8_t *addrs = plait_read_octets(r, 8);
    size_t options = 4 * (size_t)(version_length & 15);
    if (!addrs || version_length >> 4 != 4 || options < 20 || protocol != PLAIT_PROTOCOL_TCP)
        return false;
    quote->key.src.addr.family = quote->key.dst.addr.family = PLAIT_IPV4;
    memcpy(quote->key.src.addr.octets, addrs, 4);
    memcpy(quote->key.dst.addr.octets, addrs + 4, 4);
    return options == 20 || plait_read_octets(r, options - 20);
}

/* Ours have no extension headers. */
static bool read_ipv6(struct plait_reader *r, struct quote *quote)
{
    uint8_t version = plait_read_u8(r) >> 4;
    plait_read_octets(r, 5);
    uint8_t next = plait_read_u8(r);
    plait_read_u8(r);
    const uint8_t *addrs = plait_read_octets(r, 32);
    if (!addrs || version != 6 || next != PLAIT_PROTOCOL_TCP)
        return false;
    quote->key.src.addr.family = quote->key.dst.addr.family = PLAIT_IPV6;
    memcpy(quote->key.src.addr.octets, addrs, 16);
    memcpy(quote->key.dst.addr.octets, addrs + 16, 16);
    return true;
}

static bool read_quote(struct plait_reader *r, enum plait_family family, struct quote *quote)
{
    *quote = (struct quote){0};
    if (!(family == PLAIT_IPV4 ? read_ipv4(r, quote) : read_ipv6(r, quote)))
        return false;
    quote->key.src.port = plait_read_u16(r);
    quote->key.dst.port = plait_read_u16(r);
    quote->seq = plait_read_u32(r);
    return plait_ok(plait_reader_result(r));
}

/* RFC 5927 §4.1 */
static bool is_in_flight(const struct plait_flow *flow, uint32_t seq)
{
    uint64_t unacked = plait_flow_unacked(flow), next = plait_flow_next(flow);
    return seq - (plait_flow_isn(flow) + (uint32_t)unacked) < next - unacked;
}

static void too_big(const struct plait_host *host, struct plait_path *path, uint32_t mtu_octets)
{
    uint32_t least = path->key.src.addr.family == PLAIT_IPV6 ? 1280 : PLAIT_MTU_LEAST_OCTETS;
    if (mtu_octets < least && !host->config.heeds_any_mtu)
        mtu_octets = least;
    if (mtu_octets < path->mtu_octets)
        plait_flow_path_mtu(path->flow, path, (uint16_t)mtu_octets);
}

/* RFC 1122 §4.2.3.9: protocol or port unreachable; of IPv6 the port. */
static bool is_hard(bool is_v6, uint8_t code)
{
    return is_v6 ? code == PLAIT_ICMPV6_PORT
                 : code == PLAIT_ICMP_PROTOCOL || code == PLAIT_ICMP_PORT;
}

plait_result plait_host_icmp(struct plait_host *host, plait_time_ns now, const struct plait_ip *ip)
{
    bool is_v6 = ip->src.family == PLAIT_IPV6;
    if (ip->protocol != (is_v6 ? PLAIT_PROTOCOL_ICMPV6 : PLAIT_PROTOCOL_ICMP))
        return PLAIT_FAIL(NOT_TCP);
    if (!plait_icmp_is_summed(ip))
        return PLAIT_FAIL(BAD_CHECKSUM);
    struct plait_reader r = plait_reader(ip->payload, ip->payload_octets);
    uint8_t type = plait_read_u8(&r), code = plait_read_u8(&r);
    plait_read_u16(&r);
    uint32_t word = plait_read_u32(&r); /* IPv4's MTU is its second half (RFC 1191 §4) */
    PLAIT_TRY(plait_reader_result(&r));
    if (type != (is_v6 ? PLAIT_ICMPV6_UNREACHABLE : PLAIT_ICMP_UNREACHABLE) &&
        !(is_v6 && type == PLAIT_ICMPV6_TOO_BIG))
        return PLAIT_OK; /* an echo request and the like: nobody answers here */
    struct quote quote;
    if (!read_quote(&r, ip->src.family, &quote))
        return PLAIT_FAIL(TRUNCATED);
    struct plait_path *path =
        plait_host_find_path(host, &quote.key, plait_host_hash(host, &quote.key));
    if (!path || !is_in_flight(path->flow, quote.seq))
        return PLAIT_OK;
    plait_count(&host->stack, PLAIT_COUNT_ICMP_IN);
    if (is_v6 ? type == PLAIT_ICMPV6_TOO_BIG : code == PLAIT_ICMP_FRAGMENTATION)
        too_big(host, path, is_v6 ? word : word & UINT16_MAX);
    else
        plait_flow_unreachable(path->flow, path, now, is_hard(is_v6, code));
    return PLAIT_OK;
}
