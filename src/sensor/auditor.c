/* sensor/auditor.c: an auditor in an arena of fresh pages. */
#include "sensor/auditor.h"

#include "system/pages.h"

bool plait_auditor_open(struct plait_auditor *auditor, const struct plait_audit_limits *limits,
                        const struct plait_draw_key *key, const struct plait_audit_sink *sink,
                        void *owner)
{
    *auditor = (struct plait_auditor){.arena = plait_pages(plait_audit_arena_octets(limits))};
    if (auditor->arena.start)
        auditor->audit = plait_audit_new(&auditor->arena, limits, key, sink, owner);
    return auditor->audit != NULL;
}

void plait_auditor_close(struct plait_auditor *auditor)
{
    plait_pages_free(&auditor->arena);
    *auditor = (struct plait_auditor){0};
}
