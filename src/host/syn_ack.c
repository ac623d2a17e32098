/* host/syn_ack.c: the answer to a SYN. */
#include "host/inside.h"

uint32_t plait_host_timestamp(const struct plait_host *host, const struct plait_flow_key *key,
                              plait_time_ns now)
{
    return (uint32_t)(now / PLAIT_MS) + plait_draw_timestamp_offset(&host->key, key);
}

uint32_t plait_host_isn(const struct plait_host *host, const struct plait_flow_key *key,
                        plait_time_ns now)
{
    if (host->has_fixed_isn)
        return host->fixed_isn;
    const struct plait_mechanism *m = host->mptcp.mechanisms[0];
    return plait_draw_isn(&host->key, key, now, m ? m->isn : NULL);
}

uint8_t plait_host_window_shift(const struct plait_host *host)
{
    uint8_t shift = 0;
    while (shift < 14 && host->stack.config.receive_limit_octets >> shift > UINT16_MAX)
        shift++; /* RFC 7323 §2.3 */
    return shift;
}

static uint16_t own_mss(const struct plait_host *host, enum plait_family family)
{
    uint16_t headers = family == PLAIT_IPV6 ? 60 : 40;
    return (uint16_t)(host->stack.config.mtu_octets - headers); /* RFC 6691 §2 */
}

struct plait_segment plait_host_syn_ack(const struct plait_host *host,
                                        const struct plait_syn_facts *facts)
{
    const struct plait_flow_key *key = facts->key;
    uint32_t window = host->stack.config.receive_limit_octets; /* unscaled: RFC 7323 §2.2 */
    struct plait_segment s = {
        .ip = {.src = key->src.addr,
               .dst = key->dst.addr,
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = 64,
               .dont_fragment = true},
        .src_port = key->src.port,
        .dst_port = key->dst.port,
        .seq = facts->isn,
        .ack = facts->peer_isn + 1,
        .flags = PLAIT_SYN | PLAIT_ACK,
        .window = (uint16_t)(window < UINT16_MAX ? window : UINT16_MAX),
        .options = {.has_mss = true,
                    .mss = own_mss(host, key->src.addr.family),
                    .has_window_scale = facts->window_scale,
                    .window_scale = facts->window_scale ? plait_host_window_shift(host) : 0,
                    .sack_permitted = facts->sack,
                    .has_timestamps = facts->timestamps,
                    .timestamp = facts->timestamps ? facts->timestamp : 0,
                    .timestamp_echo = facts->timestamps ? facts->timestamp_echo : 0}};
    if (facts->hello->kind != PLAIT_HELLO_TCP)
        s.mptcp_count = (uint8_t)plait_mptcp_hello_options(facts->hello, s.mptcp);
    return s;
}
