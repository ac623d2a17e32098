/* base/arena.h: all memory of a host, handed in by its owner, given out from the front.
 *
 * Nothing is ever given back to an arena; what comes and goes lives in pools (base/pool.h).  So the
 * used prefix is the whole state, and a copy of it, restored at the same address, is a snapshot
 * (DESIGN §3).  May touch: the octets it was given. */
#ifndef PLAIT_BASE_ARENA_H
#define PLAIT_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct plait_arena {
    uint8_t *start;
    size_t used_octets, room_octets;
};

/* START must be aligned to 16 octets and stays the caller's. */
struct plait_arena plait_arena(void *start, size_t room_octets);
/* COUNT zeroed elements of SIZE octets, aligned to 16; NULL when they do not fit (also for a
 * product that overflows), and then nothing is taken. */
void *plait_arena_take(struct plait_arena *arena, size_t count, size_t size_octets);
/* The same, with whatever is there: for what is touched, and set, little by little. */
void *plait_arena_take_unset(struct plait_arena *arena, size_t count, size_t size_octets);
/* The same, aligned to a line of the cache, for tables that are asked at random: what is not larger
 * than a line, and divides it, is in one. */
#define PLAIT_LINE_OCTETS 64
void *plait_arena_take_lines(struct plait_arena *arena, size_t count, size_t size_octets);

#endif
