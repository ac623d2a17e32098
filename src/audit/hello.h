/* audit/hello.h: internal: the first handshake (RFC 8684 §3.1, RFC 6824 §3.1), in any fragment.
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_HELLO_H
#define PLAIT_AUDIT_HELLO_H

#include "audit/say.h"

/* AT's packet carries MP_CAPABLE. */
void plait_hello(struct plait_at *at, const struct plait_mp_capable *option);
/* TCP's own part of a subflow's handshake, after the options: who opened, what was refused. */
void plait_hello_tcp(struct plait_at *at);

#endif
