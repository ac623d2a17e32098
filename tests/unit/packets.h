/* tests/unit/packets.h: the IP packets of a capture in memory, one after the other, for tests that
 * are about what is in them. */
#ifndef PLAIT_TESTS_PACKETS_H
#define PLAIT_TESTS_PACKETS_H

#include <stdlib.h>

#include "base/panic.h"
#include "capture/unwrap.h"

#define PACKETS_MEMORY_OCTETS (8u << 20)

struct packets {
    struct plait_capture_counts counts;
    struct plait_file *file;
    struct plait_unwrap *unwrap;
    struct plait_arena arena;
    void *memory;
    struct plait_frame frame;     /* the present one */
    struct plait_unwrapped found; /* its packet, if has_ip */
    bool has_ip;
};

static inline void packets_open(struct packets *p, const void *octets, size_t length_octets)
{
    struct plait_draw_key key = plait_draw_key(1);
    *p = (struct packets){.memory = aligned_alloc(16, PACKETS_MEMORY_OCTETS)};
    PLAIT_CHECK(p->memory);
    p->arena = plait_arena(p->memory, PACKETS_MEMORY_OCTETS);
    p->file = plait_file_memory(octets, length_octets, &p->counts);
    p->unwrap = plait_unwrap_new(&p->arena, &plait_fragment_limits, &key, &p->counts);
    PLAIT_CHECK(p->file && p->unwrap);
}

/* False at the end, and then everything is given back but COUNTS. */
static inline bool packets_next(struct packets *p)
{
    if (plait_file_next(p->file, &p->frame) == PLAIT_NEXT_FRAME) {
        p->has_ip = plait_unwrap(p->unwrap, &p->frame, &p->found);
        return true;
    }
    plait_file_free(p->file);
    free(p->memory);
    return false;
}

/* What of the file itself was broken or not understood. */
static inline uint64_t packets_faults(const struct packets *p)
{
    uint64_t faults = 0;
    for (int i = 0; i <= PLAIT_CAPTURE_COMPRESSED_WINDOW; i++)
        if (plait_capture_reason_class((enum plait_capture_reason)i) != PLAIT_PASSED_OVER)
            faults += p->counts.count[i];
    return faults;
}

#endif
