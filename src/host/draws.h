/* host/draws.h: numbers that outsiders must not guess, as keyed functions of who talks to whom.
 *
 * Nothing is stored for them, so that a server that keeps no state (SYN cookies) finds the same
 * numbers again when the third ACK comes (N03).  May touch: nothing but its arguments. */
#ifndef PLAIT_HOST_DRAWS_H
#define PLAIT_HOST_DRAWS_H

#include "base/draw.h"
#include "base/time.h"
#include "mptcp/connection.h"
#include "wire/addr.h"

enum plait_draw_purpose { /* keeps the uses of one key apart */
                          PLAIT_DRAW_TABLE,
                          PLAIT_DRAW_ISN,
                          PLAIT_DRAW_TIMESTAMP,
                          PLAIT_DRAW_PORT,
                          PLAIT_DRAW_SERVER_KEY,
                          PLAIT_DRAW_NONCE,
                          PLAIT_DRAW_COOKIE
};

/* SipHash of purpose, addresses, ports and two further words. */
uint64_t plait_flow_draw(const struct plait_draw_key *key, enum plait_draw_purpose purpose,
                         const struct plait_flow_key *flow, uint32_t a, uint32_t b);
/* RFC 6528 §3: a clock of 4 us and a keyed function of the flow, added, or as MAKE (may be NULL)
 * puts them together. */
uint32_t plait_draw_isn(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                        plait_time_ns now, uint32_t (*make)(uint32_t clock, uint32_t drawn));
/* Timestamps are milliseconds and this (RFC 7323 §5.4 has no opinion on where they start). */
uint32_t plait_draw_timestamp_offset(const struct plait_draw_key *key,
                                     const struct plait_flow_key *flow);
/* A server's key for the SYN with PEER_ISN that is answered with ISN.  It does not depend on the
 * moment, so that it is found again without state (N03). */
uint64_t plait_draw_server_key(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                               uint32_t peer_isn, uint32_t isn);
/* A server's nonce for the join that is answered with ISN, drawn NOW.  The half-open join keeps it,
 * and it does not return while the host lives. */
uint32_t plait_draw_nonce(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                          uint32_t isn, plait_time_ns now);

/* Ports that connections get by themselves: the range that Linux has by default, so that guesses
 * cost the same. */
#define PLAIT_PORT_FIRST 32768
#define PLAIT_PORT_COUNT 28232

/* The N-th candidate (RFC 6056 §3.3.3): hops differ for each pair of places, so that ports seen
 * here tell nothing about ports there.  FLOW's source port is not looked at. */
uint16_t plait_draw_port(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                         uint32_t n);

#endif
