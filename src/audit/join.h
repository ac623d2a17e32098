/* audit/join.h: internal: joins are bound by verified MAC, else by address (DESIGN §8).
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_JOIN_H
#define PLAIT_AUDIT_JOIN_H

#include "audit/say.h"

/* The connection that a SYN with MP_JOIN is taken for, and which end sent it; 0: its token is not
 * known.  *IS_AMBIGUOUS: it fits others as well. */
uint32_t plait_join_target(struct plait_audit *a, const struct plait_packet *p,
                           const struct plait_mp_join *option, unsigned *end, bool *is_ambiguous);
/* AT's packet carries MP_JOIN. */
void plait_join_option(struct plait_at *at, const struct plait_mp_join *option);

#endif
