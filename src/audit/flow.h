/* audit/flow.h: internal: which subflow of which connection a packet is of.
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_FLOW_H
#define PLAIT_AUDIT_FLOW_H

#include "audit/say.h"

/* Sets connection, subflow and end of AT, which are made where AT's packet opens them; false if
 * there is no room (counted). */
bool plait_flow_find(struct plait_at *at);

#endif
