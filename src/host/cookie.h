/* host/cookie.h: SYN cookies: what a half-open request would remember, in numbers that the peer
 * sends back (RFC 4987 §3.6).
 *
 * The ISN holds an index of the MSS in its low 3 bits and 29 bits of a keyed MAC over the flow, the
 * peer's ISN, a clock of 64 s and everything that is encoded.  If the peer has timestamps, the low
 * 5 bits of ours hold window scale and SACK; without them both are lost.  Multipath TCP needs no
 * room: the third ACK echoes our key, which is a keyed function too (N03).
 * May touch: nothing but its arguments. */
#ifndef PLAIT_HOST_COOKIE_H
#define PLAIT_HOST_COOKIE_H

#include "base/draw.h"
#include "base/time.h"
#include "wire/addr.h"

#define PLAIT_COOKIE_CLOCK_NS (64 * PLAIT_S) /* a cookie lives for one to two of these */

struct plait_cookie { /* what a SYN said */
    uint16_t mss;
    bool timestamps;
    bool sack, window_scale; /* only with timestamps */
    uint8_t send_shift;
};

/* Cuts WANTED to what a cookie can hold, and makes the ISN of it.  *TIMESTAMP, our clock's value,
 * becomes the one to send, which is never later. */
uint32_t plait_cookie_make(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                           uint32_t peer_isn, plait_time_ns now, struct plait_cookie *wanted,
                           uint32_t *timestamp);
/* True if ISN is one of ours for FLOW and still alive; COOKIE is what it held.  TIMESTAMP_ECHO NULL
 * if the segment had none. */
bool plait_cookie_read(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                       uint32_t peer_isn, uint32_t isn, plait_time_ns now,
                       const uint32_t *timestamp_echo, struct plait_cookie *cookie);

#endif
