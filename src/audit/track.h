/* audit/track.h: internal: from the numbers of a subflow to those of the stream.
 *
 * The mappings that were declared lately (RFC 8684 §3.3.1), payload that none covers yet, and the
 * checksum of mappings that have one.  May touch: subflow works, pendings; calls the sink. */
#ifndef PLAIT_AUDIT_TRACK_H
#define PLAIT_AUDIT_TRACK_H

#include "audit/inside.h"

/* ---- numbers ---- */

/* SEQ as a number of its subflow, nearest to NEAR; below 0 for what lies before the SYN. */
static inline int64_t plait_unwrap_seq(uint32_t seq, uint32_t isn, uint64_t near)
{
    return (int64_t)near + (int32_t)(seq - isn - (uint32_t)near);
}

/* DSN as an offset of direction D's stream: a 32-bit one is nearest to what was delivered (N22). */
int64_t plait_offset_of_dsn(const struct plait_connection *c, unsigned d, uint64_t dsn, bool is_64);

/* ---- mappings ---- */

/* The newest mapping of SSN, or NULL. */
struct plait_mapping *plait_track_find(struct plait_track *track, uint64_t ssn);
/* Declares M; what was declared before for the same numbers of the subflow and contradicts it, or
 * NULL.  *KEPT is where it is now. */
const struct plait_mapping *plait_track_map(struct plait_track *track,
                                            const struct plait_mapping *m,
                                            struct plait_mapping **kept);
/* LENGTH octets at SSN of M are there; judges the checksum once all are.  CANNOT_TELL: not yet, or
 * never; *DONE: judged now. */
enum plait_judgement plait_track_sum(struct plait_mapping *m, uint64_t ssn, const uint8_t *octets,
                                     uint32_t length, bool *done);

/* Whether a segment whose TCP checksum is like SUM may be its alleged sender's: one whose segments
 * were all right so far has no device that completes them. */
bool plait_track_is_usual_sum(struct plait_track *track, enum plait_packet_verify sum);

/* ---- payload without a mapping ---- */

/* Keeps a copy; false (counted) if there is no room. */
bool plait_track_hold(struct plait_audit *a, struct plait_track *track, uint64_t ssn,
                      const uint8_t *octets, uint32_t length,
                      const struct plait_packet_ref *packet);
/* The oldest pending one, or 0; and gives it back. */
uint32_t plait_track_pending(const struct plait_track *track);
void plait_track_drop(struct plait_audit *a, struct plait_track *track);

/* ---- the end ---- */

/* What a subflow's work holds is given back, and counted as unmapped where it is payload. */
void plait_track_give(struct plait_audit *a, uint32_t subflow);
/* The connection ends: payload that waits for proof of a fallback is taken for one. */
void plait_track_flush(struct plait_audit *a, uint32_t connection);

#endif
