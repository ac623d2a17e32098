/* audit/index.h: a hash table of 32-bit numbers: buckets of a line of the cache, which double in
 * place.
 *
 * Equal keys may be in it many times: a token is a set of connections (DESIGN §8).  The hash is the
 * owner's, keyed; it is asked again when the buckets double, so that a node costs 5 to 11 octets.
 *
 * A link is a node's number; the bits that no number needs hold some of the node's hash, its *tag*.
 * So what is looked for is found, or found not to be there, in one line of memory, without waiting
 * for the objects; most of the growing is done without them too.
 * May touch: its arena. */
#ifndef PLAIT_AUDIT_INDEX_H
#define PLAIT_AUDIT_INDEX_H

#include <stdbool.h>

#include "base/arena.h"

#define PLAIT_INDEX_LINKS 15

struct plait_index_bucket {
    uint32_t link[PLAIT_INDEX_LINKS]; /* from the front; 0: none */
    uint32_t more;                    /* a spare bucket, which is full; 0: none */
};

struct plait_index {
    struct plait_index_bucket *heads, *spares;
    uint32_t mask, heads_max, count;
    uint32_t spares_made, spares_free; /* the latter linked through `more` */
    uint32_t node_mask;                /* of a link; the other bits are the tag */
    unsigned tag_at_bit;               /* of the hash, where the tag's lowest bit is from */
    uint64_t (*hash)(const void *owner, uint32_t node);
    const void *owner;
};

/* Octets of an arena that an index of NODES_MAX takes; of them those that were touched. */
size_t plait_index_octets(uint32_t nodes_max);
size_t plait_index_used_octets(const struct plait_index *index);
/* Nodes are numbered 1 to NODES_MAX.  False if the arena is too small. */
bool plait_index_init(struct plait_index *index, struct plait_arena *arena, uint32_t nodes_max,
                      uint64_t (*hash)(const void *owner, uint32_t node), const void *owner);
void plait_index_add(struct plait_index *index, uint32_t node, uint64_t hash);
/* NODE is in it, under HASH. */
void plait_index_remove(struct plait_index *index, uint32_t node, uint64_t hash);
/* Takes all nodes out. */
void plait_index_clear(struct plait_index *index);

/* Whoever looks for a key walks over the nodes whose hash may be that of the key, and compares;
 * of equal ones the newest come first, where none was removed. */
struct plait_index_walk {
    const struct plait_index_bucket *bucket;
    uint32_t tag;
    uint32_t left; /* links of the bucket that have it, by bit */
};
/* Valid until something is added or removed. */
struct plait_index_walk plait_index_walk(const struct plait_index *index, uint64_t hash);
/* The next node, 0: there is none. */
uint32_t plait_index_next(const struct plait_index *index, struct plait_index_walk *walk);

/* What has HASH is brought near: it will be asked for. */
static inline void plait_index_fetch(const struct plait_index *index, uint64_t hash)
{
    __builtin_prefetch(&index->heads[hash & index->mask], 1);
}

#endif
