/* audit/slab.h: objects of one size that are named by 32-bit numbers, with a stated limit.
 *
 * A number is half a pointer, and a million connections are made of numbers.  Memory is taken from
 * the arena whole but touched only as far as objects were ever alive at once.  An *ordered* slab
 * keeps its objects from the oldest use to the newest, so that the oldest can be given up.
 * May touch: its arena and the objects. */
#ifndef PLAIT_AUDIT_SLAB_H
#define PLAIT_AUDIT_SLAB_H

#include <stdbool.h>

#include "base/arena.h"

/* First in each object of an ordered slab. */
struct plait_slab_link {
    uint32_t older, newer;
};

struct plait_slab {
    uint8_t *objects;
    uint32_t object_octets, limit;
    uint32_t made, alive;
    uint32_t free; /* linked through the first word of each free object */
    uint32_t oldest, newest;
    bool is_ordered;
};

/* Octets of an arena that a slab takes. */
size_t plait_slab_octets(size_t object_octets, uint32_t limit);
/* False if the arena is too small. */
bool plait_slab_init(struct plait_slab *slab, struct plait_arena *arena, size_t object_octets,
                     uint32_t limit, bool is_ordered);
/* A number from 1, of a zeroed object, the newest; 0 at the limit. */
uint32_t plait_slab_take(struct plait_slab *slab);
/* The same, of which only the link is set: for objects too large to zero. */
uint32_t plait_slab_take_unset(struct plait_slab *slab);
void plait_slab_give(struct plait_slab *slab, uint32_t number);
/* NUMBER is used now; only of an ordered slab. */
void plait_slab_touch(struct plait_slab *slab, uint32_t number);

static inline void *plait_slab_at(const struct plait_slab *slab, uint32_t number)
{
    return slab->objects + (size_t)(number - 1) * slab->object_octets;
}

#endif
