/* audit/slab.c: numbered objects with a limit. */
#include "audit/slab.h"

#include <string.h>

size_t plait_slab_octets(size_t object_octets, uint32_t limit)
{
    return object_octets * limit + 16;
}

bool plait_slab_init(struct plait_slab *slab, struct plait_arena *arena, size_t object_octets,
                     uint32_t limit, bool is_ordered)
{
    *slab = (struct plait_slab){.objects = plait_arena_take_unset(arena, limit, object_octets),
                                .object_octets = (uint32_t)object_octets,
                                .limit = limit,
                                .is_ordered = is_ordered};
    return slab->objects != NULL;
}

static void append(struct plait_slab *slab, uint32_t number)
{
    struct plait_slab_link *link = plait_slab_at(slab, number);
    *link = (struct plait_slab_link){.older = slab->newest};
    if (slab->newest)
        ((struct plait_slab_link *)plait_slab_at(slab, slab->newest))->newer = number;
    else
        slab->oldest = number;
    slab->newest = number;
}

static void take_out(struct plait_slab *slab, uint32_t number)
{
    struct plait_slab_link link = *(struct plait_slab_link *)plait_slab_at(slab, number);
    if (link.older)
        ((struct plait_slab_link *)plait_slab_at(slab, link.older))->newer = link.newer;
    else
        slab->oldest = link.newer;
    if (link.newer)
        ((struct plait_slab_link *)plait_slab_at(slab, link.newer))->older = link.older;
    else
        slab->newest = link.older;
}

uint32_t plait_slab_take_unset(struct plait_slab *slab)
{
    uint32_t number = slab->free;
    if (number)
        slab->free = *(uint32_t *)plait_slab_at(slab, number);
    else if (slab->made < slab->limit)
        number = ++slab->made;
    else
        return 0;
    slab->alive++;
    if (slab->is_ordered)
        append(slab, number);
    return number;
}

uint32_t plait_slab_take(struct plait_slab *slab)
{
    uint32_t number = plait_slab_take_unset(slab);
    size_t link = slab->is_ordered ? sizeof(struct plait_slab_link) : 0;
    if (number)
        memset((uint8_t *)plait_slab_at(slab, number) + link, 0, slab->object_octets - link);
    return number;
}

void plait_slab_give(struct plait_slab *slab, uint32_t number)
{
    if (slab->is_ordered)
        take_out(slab, number);
    *(uint32_t *)plait_slab_at(slab, number) = slab->free;
    slab->free = number;
    slab->alive--;
}

void plait_slab_touch(struct plait_slab *slab, uint32_t number)
{
    if (slab->newest == number)
        return;
    take_out(slab, number);
    append(slab, number);
}
