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

/* Two entries fill a line of the cache: none is in two. */
_Static_assert(sizeof(struct plait_memory_entry) == 32, "an entry is half a line");

static struct plait_memory_entry *aligned(struct plait_memory_entry *entries)
{
    uintptr_t over = (uintptr_t)entries % sizeof *entries;
    return over ? (void *)((uint8_t *)entries + sizeof *entries - over) : entries;
}

size_t plait_memory_octets(size_t memory_octets)
{
    return (entries_for(memory_octets) + 1) * sizeof(struct plait_memory_entry) + 16;
}

bool plait_memory_init(struct plait_memory *memory, struct plait_arena *arena, size_t memory_octets)
{
    uint32_t count = entries_for(memory_octets);
    void *entries = plait_arena_take(arena, count + 1, sizeof *memory->entries);
    *memory =
        (struct plait_memory){.entries = entries ? aligned(entries) : NULL, .mask = count - 1};
    return entries != NULL;
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
