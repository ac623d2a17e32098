/* audit/view.h: internal: a connection as the sink sees it when it ends.
 * May touch: nothing but its arguments; calls the sink. */
#ifndef PLAIT_AUDIT_VIEW_H
#define PLAIT_AUDIT_VIEW_H

#include "audit/inside.h"

void plait_view_ended(struct plait_audit *a, uint32_t connection);

#endif
