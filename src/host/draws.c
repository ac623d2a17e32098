/* host/draws.c: keyed functions of a flow. */
#include "host/draws.h"

#include <string.h>

#include "base/octets.h"

enum { ISN_TICK_NS = 4000 };

uint64_t plait_flow_draw(const struct plait_draw_key *key, enum plait_draw_purpose purpose,
                         const struct plait_flow_key *flow, uint32_t a, uint32_t b)
{
    uint8_t message[48];
    size_t addr_octets = plait_addr_octets(flow->src.addr.family), at = 14;
    message[0] = (uint8_t)purpose;
    message[1] = flow->src.addr.family;
    plait_store_u16(message + 2, flow->src.port);
    plait_store_u16(message + 4, flow->dst.port);
    plait_store_u32(message + 6, a);
    plait_store_u32(message + 10, b);
    memcpy(message + at, flow->src.addr.octets, addr_octets);
    memcpy(message + at + addr_octets, flow->dst.addr.octets, addr_octets);
    return plait_siphash(key, message, at + 2 * addr_octets);
}

uint32_t plait_draw_isn(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                        plait_time_ns now, uint32_t (*make)(uint32_t clock, uint32_t drawn))
{
    uint32_t clock = (uint32_t)(now / ISN_TICK_NS);
    uint32_t drawn = (uint32_t)plait_flow_draw(key, PLAIT_DRAW_ISN, flow, 0, 0);
    return make ? make(clock, drawn) : clock + drawn;
}

uint32_t plait_draw_timestamp_offset(const struct plait_draw_key *key,
                                     const struct plait_flow_key *flow)
{
    return (uint32_t)plait_flow_draw(key, PLAIT_DRAW_TIMESTAMP, flow, 0, 0);
}

uint64_t plait_draw_server_key(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                               uint32_t peer_isn, uint32_t isn)
{
    return plait_flow_draw(key, PLAIT_DRAW_SERVER_KEY, flow, peer_isn, isn);
}

/* ISNs return when the clock of 4 us has gone round, in 4.8 hours; a nonce must not, or a join that
 * was recorded then would be good once more (RFC 8684 §5, T-TS-6, T-MAC-3). */
static uint32_t round_of_isn_clock(plait_time_ns now)
{
    return (uint32_t)((uint64_t)(now / ISN_TICK_NS) >> 32);
}

uint32_t plait_draw_nonce(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                          uint32_t isn, plait_time_ns now)
{
    return (uint32_t)plait_flow_draw(key, PLAIT_DRAW_NONCE, flow, round_of_isn_clock(now), isn);
}

uint16_t plait_draw_port(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                         uint32_t n)
{
    struct plait_flow_key pair = *flow;
    pair.src.port = 0;
    uint64_t offset = plait_flow_draw(key, PLAIT_DRAW_PORT, &pair, 0, 0) % PLAIT_PORT_COUNT;
    return (uint16_t)(PLAIT_PORT_FIRST + (offset + n) % PLAIT_PORT_COUNT);
}
