/* audit/index.h: a hash table of 32-bit numbers: chains over an array of heads that grows in place.
 *
 * Equal keys may be in it many times: a token is a set of connections (DESIGN §8).  The hash is the
 * owner's, keyed; it is asked again when the heads double, so that a node costs 8 to 12 octets.
 *
 * A link is a node's number; the bits that no number needs hold some of the node's hash, its *tag*.
 * So most nodes of another key are passed over, and most of the growing is done, without waiting
 * for the objects in memory.
 * May touch: its arena. */
#ifndef PLAIT_AUDIT_INDEX_H
#define PLAIT_AUDIT_INDEX_H

#include <stdbool.h>

#include "base/arena.h"

struct plait_index {
    uint32_t *heads, *next; /* links; the latter by node */
    uint32_t mask, heads_max, count;
    uint32_t node_mask;  /* of a link; the other bits are the tag */
    unsigned tag_at_bit; /* of the hash, where the tag's lowest bit is from */
    uint64_t (*hash)(const void *owner, uint32_t node);
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
/* Takes all nodes out. */
void plait_index_clear(struct plait_index *index);
/* The first node whose hash may be HASH, and the next one behind NODE; 0: there is none.  Whoever
 * looks for a key compares. */
uint32_t plait_index_first(const struct plait_index *index, uint64_t hash);
uint32_t plait_index_next(const struct plait_index *index, uint32_t node, uint64_t hash);

/* The chain of HASH is brought near: it will be asked for. */
static inline void plait_index_fetch(const struct plait_index *index, uint64_t hash)
{
    __builtin_prefetch(&index->heads[hash & index->mask], 1);
}

#endif
