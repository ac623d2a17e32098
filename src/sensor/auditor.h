/* sensor/auditor.h: an auditor with the memory it takes, for commands.  May touch: the heap. */
#ifndef PLAIT_SENSOR_AUDITOR_H
#define PLAIT_SENSOR_AUDITOR_H

#include "audit/audit.h"

struct plait_auditor {
    struct plait_audit *audit;
    struct plait_arena arena;
};

/* False if the system has not the memory of LIMITS, which costs when it is used. */
bool plait_auditor_open(struct plait_auditor *auditor, const struct plait_audit_limits *limits,
                        const struct plait_draw_key *key, const struct plait_audit_sink *sink,
                        void *owner);
void plait_auditor_close(struct plait_auditor *auditor);

#endif
