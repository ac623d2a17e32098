/* audit/memory.c: keyed hashes in a direct-mapped table. */
#include "audit/memory.h"

#include <string.h>

#define ENTRY_SHARE 8192 /* octets of the limit for one entry */

static uint32_t entries_for(size_t memory_octets)
{
    uint32_t entries = 64;
    while (entries < PLAIT_MEMORY_ENTRIES_MAX && entries < memory_octets / ENTRY_SHARE)
        entries *= 2;
    return entries;
}

_Static_assert(sizeof(struct plait_memory_entry) == PLAIT_LINE_OCTETS / 2, "none is in two lines");

size_t plait_memory_octets(size_t memory_octets)
{
    return entries_for(memory_octets) * sizeof(struct plait_memory_entry) + PLAIT_LINE_OCTETS;
}

bool plait_memory_init(struct plait_memory *memory, struct plait_arena *arena, size_t memory_octets)
{
    uint32_t count = entries_for(memory_octets);
    struct plait_memory_entry *entries = plait_arena_take_lines(arena, count, sizeof *entries);
    if (!entries)
        return false;
    memset(entries, 0, count * sizeof *entries);
    *memory = (struct plait_memory){.entries = entries, .mask = count - 1};
    return true;
}

struct plait_memory_entry *plait_memory_find(const struct plait_memory *memory, uint64_t what)
{
    struct plait_memory_entry *entry = &memory->entries[what & memory->mask];
    return entry->what == what && what ? entry : NULL;
}

struct plait_memory_entry *plait_memory_put(struct plait_memory *memory, uint64_t what)
{
    struct plait_memory_entry *entry = &memory->entries[what & memory->mask];
    *entry = (struct plait_memory_entry){.what = what};
    return entry;
}

uint64_t plait_fact(const struct plait_audit *a, enum plait_fact which, uint64_t one, uint64_t two)
{
    uint64_t words[3] = {which, one, two};
    return plait_siphash(&a->hash_key, words, sizeof words);
}

uint64_t plait_fact_octets(const struct plait_audit *a, enum plait_fact which, const void *octets,
                           size_t length_octets)
{
    return plait_siphash(&a->hash_key, octets, length_octets) ^ which;
}
