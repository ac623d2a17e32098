/* audit/close.h: internal: ends of subflows and of connections.
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_CLOSE_H
#define PLAIT_AUDIT_CLOSE_H

#include "audit/say.h"

/* FIN, RST and DATA_FIN of AT's packet, after its data. */
void plait_close_packet(struct plait_at *at);
void plait_close_connection(struct plait_at *at, enum plait_audit_end how);

#endif
