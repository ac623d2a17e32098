/* base/arena.c: a used prefix that only grows. */
#include "base/arena.h"

#include <string.h>

#include "base/panic.h"

#define ALIGNMENT_OCTETS 16u

struct plait_arena plait_arena(void *start, size_t room_octets)
{
    PLAIT_CHECK((uintptr_t)start % ALIGNMENT_OCTETS == 0);
    return (struct plait_arena){.start = start, .room_octets = room_octets};
}

static void *take(struct plait_arena *arena, size_t count, size_t size_octets,
                  size_t alignment_octets)
{
    size_t total_octets;
    if (__builtin_mul_overflow(count, size_octets, &total_octets))
        return NULL;
    size_t gap_octets = -(uintptr_t)(arena->start + arena->used_octets) % alignment_octets;
    size_t left_octets = arena->room_octets - arena->used_octets;
    if (gap_octets > left_octets || total_octets > left_octets - gap_octets)
        return NULL;
    void *taken = arena->start + arena->used_octets + gap_octets;
    arena->used_octets += gap_octets + total_octets;
    return taken;
}

void *plait_arena_take_unset(struct plait_arena *arena, size_t count, size_t size_octets)
{
    return take(arena, count, size_octets, ALIGNMENT_OCTETS);
}

void *plait_arena_take_lines(struct plait_arena *arena, size_t count, size_t size_octets)
{
    return take(arena, count, size_octets, PLAIT_LINE_OCTETS);
}

/* Behind the used prefix there may be what a snapshot left: memory is zeroed when it is taken, not
 * trusted to be zero. */
void *plait_arena_take(struct plait_arena *arena, size_t count, size_t size_octets)
{
    void *taken = plait_arena_take_unset(arena, count, size_octets);
    return taken ? memset(taken, 0, count * size_octets) : NULL;
}
