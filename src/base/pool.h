/* base/pool.h: objects of one size that come and go, with a stated limit.
 *
 * A pool takes from its arena only when its free list is empty, so memory grows with the most
 * objects that ever lived at once.  May touch: its arena and the objects it gave out. */
#ifndef PLAIT_BASE_POOL_H
#define PLAIT_BASE_POOL_H

#include "base/arena.h"

struct plait_pool {
    struct plait_arena *arena;
    void *free; /* linked through the first pointer of each free object */
    uint32_t object_octets;
    uint32_t limit;       /* of objects alive at once */
    uint32_t alive, made; /* made: ever taken from the arena */
    uint64_t refused;     /* takes that failed: limit or arena */
};

/* OBJECT_OCTETS at least sizeof(void *). */
struct plait_pool plait_pool(struct plait_arena *arena, size_t object_octets, uint32_t limit);
/* A zeroed object, or NULL (counted) at the limit or when the arena is full. */
void *plait_pool_take(struct plait_pool *pool);
/* The same, but with the content that its last owner left: for objects too large to zero. */
void *plait_pool_take_unset(struct plait_pool *pool);
/* OBJECT may be NULL. */
void plait_pool_give(struct plait_pool *pool, void *object);

#endif
