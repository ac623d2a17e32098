/* audit/data.h: internal: payload of a subflow on its way into the stream, and acknowledgments.
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_DATA_H
#define PLAIT_AUDIT_DATA_H

#include "audit/say.h"
#include "audit/track.h"

/* Numbers, mapping, payload, FIN of AT's packet. */
void plait_data_packet(struct plait_at *at);
/* AT's packet was seen before: its payload is only compared. */
void plait_data_again(struct plait_at *at);
/* What AT's packet acknowledges, of the stream and, after a fallback, of the subflow. */
void plait_data_acknowledge(struct plait_at *at);
/* No more is to come on SUBFLOW: what waits for the proof of a fallback has it. */
void plait_data_settle(struct plait_audit *a, uint32_t connection, uint32_t subflow);

/* MPTCP is spoken, as far as is known. */
static inline bool plait_is_mptcp(const struct plait_connection *c)
{
    return (c->flags & (PLAIT_CON_MPTCP | PLAIT_CON_FALLBACK)) == PLAIT_CON_MPTCP;
}

/* ---- fallback.c: plain TCP from a packet on (RFC 8684 §3.7) ---- */

/* The connection is plain TCP on SUBFLOW from now on, because of PACKET. */
void plait_fall_back(struct plait_audit *a, uint32_t connection, uint32_t subflow, unsigned end,
                     const char *cause, const struct plait_packet_ref *packet);
/* The place in direction D's stream of number SSN of the subflow that it fell back on. */
int64_t plait_fallback_offset(const struct plait_audit *a, const struct plait_connection *c,
                              unsigned d, int64_t ssn);
/* Payload at SSN that no mapping covers; OCTETS is what was captured of LENGTH.  True: it is to
 * wait in the stream, where plait_fallback_presumed says. */
bool plait_fallback_unmapped(struct plait_at *at, struct plait_track *track, uint64_t ssn,
                             const uint8_t *octets, uint32_t captured, uint32_t length);
static inline int64_t plait_fallback_presumed(const struct plait_track *track, uint64_t ssn)
{
    return (int64_t)(track->plain_at + (ssn - track->plain_from));
}
/* The receiver of payload without a mapping answers: as TCP, or as MPTCP? */
void plait_fallback_answer(struct plait_at *at);
/* A join was proven: who takes it has not fallen back (RFC 8684 §3.7, N42). */
void plait_fallback_joined(struct plait_audit *a, uint32_t connection);
/* The subflow of AT's packet closed by FINs. */
void plait_fallback_closed(struct plait_at *at);
/* A mapping came after data that had none. */
void plait_fallback_mapped(struct plait_at *at, struct plait_track *track, uint64_t ssn);

#endif
