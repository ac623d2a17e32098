/* sensor/auditor.c: an arena of fresh pages. */
#include "sensor/auditor.h"

#include <stdlib.h>

bool plait_auditor_open(struct plait_auditor *auditor, uint64_t memory_octets,
                        const struct plait_draw_key *key, const struct plait_audit_sink *sink,
                        void *owner)
{
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = memory_octets;
    size_t room = (plait_audit_arena_octets(&limits) + 15) / 16 * 16;
    void *start = aligned_alloc(16, room);
    *auditor = (struct plait_auditor){.arena = plait_arena(start, start ? room : 0)};
    if (start)
        auditor->audit = plait_audit_new(&auditor->arena, &limits, key, sink, owner);
    return auditor->audit != NULL;
}

void plait_auditor_close(struct plait_auditor *auditor)
{
    free(auditor->arena.start);
    *auditor = (struct plait_auditor){0};
}
