/* audit/control.h: internal: MP_PRIO, MP_FAIL, MP_FASTCLOSE (RFC 8684 §3.3.8, §3.7, §3.5).
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_CONTROL_H
#define PLAIT_AUDIT_CONTROL_H

#include "audit/say.h"

void plait_control_prio(struct plait_at *at, const struct plait_mp_prio *option);
void plait_control_fail(struct plait_at *at, const struct plait_mp_fail *option);
void plait_control_fastclose(struct plait_at *at, const struct plait_mp_fastclose *option);

#endif
