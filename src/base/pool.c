/* base/pool.c: a free list before an arena. */
#include "base/pool.h"

#include <string.h>

#include "base/panic.h"

struct plait_pool plait_pool(struct plait_arena *arena, size_t object_octets, uint32_t limit)
{
    PLAIT_CHECK(object_octets >= sizeof(void *) && object_octets <= UINT32_MAX);
    return (struct plait_pool){
        .arena = arena, .object_octets = (uint32_t)object_octets, .limit = limit};
}

/* The link of a free object is copied, not cast: the object's own type is not a pointer. */
static void *unlink_free(struct plait_pool *pool)
{
    void *object = pool->free;
    memcpy(&pool->free, object, sizeof pool->free);
    return object;
}

void *plait_pool_take_unset(struct plait_pool *pool)
{
    void *object = NULL;
    if (pool->free) {
        object = unlink_free(pool);
    } else if (pool->alive < pool->limit) {
        object = plait_arena_take(pool->arena, 1, pool->object_octets);
        pool->made += object != NULL;
    }
    pool->alive += object != NULL;
    pool->refused += object == NULL;
    return object;
}

void *plait_pool_take(struct plait_pool *pool)
{
    void *object = plait_pool_take_unset(pool);
    return object ? memset(object, 0, pool->object_octets) : NULL;
}

void plait_pool_give(struct plait_pool *pool, void *object)
{
    if (!object)
        return;
    PLAIT_CHECK(pool->alive > 0);
    memcpy(object, &pool->free, sizeof pool->free);
    pool->free = object;
    pool->alive--;
}
