/* audit/index.h: a hash table of 32-bit numbers: chains over an array of heads that grows in place.
 *
 * Equal keys may be in it many times: a token is a set of connections (DESIGN §8).  The hash is the
 * owner's, keyed; it is asked again when the heads double, so that a node costs 8 to 12 octets.
 * May touch: its arena. */
#ifndef PLAIT_AUDIT_INDEX_H
#define PLAIT_AUDIT_INDEX_H

#include <stdbool.h>

#include "base/arena.h"

struct plait_index {
    uint32_t *heads, *next; /* the latter by node */
    uint32_t mask, heads_max, count;
    uint64_t (*hash)(const void *owner, uint32_t node);
    /* Where NODE's object is, to be brought near before the hash is asked: most of what growing
     * costs is waiting for memory.  NULL: not worth it. */
    const void *(*object)(const void *owner, uint32_t node);
    const void *owner;
};

/* Octets of an arena that an index of NODES_MAX takes. */
size_t plait_index_octets(uint32_t nodes_max);
/* Nodes are numbered 1 to NODES_MAX.  False if the arena is too small. */
bool plait_index_init(struct plait_index *index, struct plait_arena *arena, uint32_t nodes_max,
                      uint64_t (*hash)(const void *owner, uint32_t node), const void *owner);
void plait_index_add(struct plait_index *index, uint32_t node, uint64_t hash);
/* NODE is in it, under HASH. */
void plait_index_remove(struct plait_index *index, uint32_t node, uint64_t hash);

/* Whoever looks for a key walks the chain of its hash and compares; 0 is the end. */
static inline uint32_t plait_index_first(const struct plait_index *index, uint64_t hash)
{
    return index->heads[hash & index->mask];
}

static inline uint32_t plait_index_next(const struct plait_index *index, uint32_t node)
{
    return index->next[node];
}

#endif
