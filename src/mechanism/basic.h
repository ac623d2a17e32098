/* mechanism/basic.h: what whoever speaks or forges Basic MPTCP computes (RFC 6181 §4;
 * docs/mechanisms/basic.md).
 *
 * The identifier names a connection in every control message; the option of a message is a struct
 * plait_mp_control (wire/mptcp.h), sealed by the mechanism's seal_message.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_MECHANISM_BASIC_H
#define PLAIT_MECHANISM_BASIC_H

#include "mechanism/mechanism.h"

/* Of the connection whose first pair is FIRST, as its server sees it: SRC is the client.  It is no
 * secret: who knows the 4-tuple knows it. */
uint64_t plait_basic_identifier(const struct plait_flow_key *first);
/* MESSAGE as somebody says it whose cookie is COOKIE: the one option of a segment with flags ACK
 * and nothing else (plait_segment_control). */
struct plait_mptcp_option plait_basic_message(const struct plait_mechanism *mechanism,
                                              uint64_t cookie,
                                              const struct plait_mp_control *message);

#endif
