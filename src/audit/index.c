/* audit/index.c: chains over heads that double in place: head i splits into i and i + n. */
#include "audit/index.h"

#include <string.h>

#define HEADS_MIN 64u

/* Of a tag's bits the lowest say where nodes go in the last doublings, which move the most of them;
 * the others tell keys apart that are in one chain even then. */
#define DOUBLINGS_TAGGED 3u

static uint32_t heads_for(uint32_t nodes_max)
{
    uint32_t heads = HEADS_MIN;
    while (heads < nodes_max && heads < 1u << 31)
        heads *= 2;
    return heads;
}

size_t plait_index_octets(uint32_t nodes_max)
{
    return ((size_t)heads_for(nodes_max) + nodes_max + 1) * sizeof(uint32_t) + 32;
}

static uint32_t mask_for(uint32_t number)
{
    uint32_t mask = 1;
    while (mask < number)
        mask = mask << 1 | 1;
    return mask;
}

bool plait_index_init(struct plait_index *index, struct plait_arena *arena, uint32_t nodes_max,
                      uint64_t (*hash)(const void *owner, uint32_t node), const void *owner)
{
    uint32_t heads = heads_for(nodes_max);
    *index = (struct plait_index){
        .heads = plait_arena_take_unset(arena, heads, sizeof(uint32_t)),
        .next = plait_arena_take_unset(arena, (size_t)nodes_max + 1, sizeof(uint32_t)),
        .mask = HEADS_MIN - 1,
        .heads_max = heads,
        .node_mask = mask_for(nodes_max),
        .tag_at_bit = (unsigned)__builtin_ctz(heads) - DOUBLINGS_TAGGED,
        .hash = hash,
        .owner = owner};
    if (!index->heads || !index->next)
        return false;
    memset(index->heads, 0, HEADS_MIN * sizeof(uint32_t));
    return true;
}

void plait_index_clear(struct plait_index *index)
{
    memset(index->heads, 0, ((size_t)index->mask + 1) * sizeof(uint32_t));
    index->count = 0;
}

/* ---- links ---------------------------------------------------------------------------------- */

/* As it stands in a link, above the node. */
static uint32_t tag_of(const struct plait_index *index, uint64_t hash)
{
    return (uint32_t)(hash >> index->tag_at_bit) * (index->node_mask + 1);
}

static uint32_t node_of(const struct plait_index *index, uint32_t link)
{
    return link & index->node_mask;
}

/* The first node of LINK and what it leads to that has the tag of HASH. */
static uint32_t search(const struct plait_index *index, uint32_t link, uint64_t hash)
{
    uint32_t tag = tag_of(index, hash);
    while (link && (link ^ tag) & ~index->node_mask)
        link = index->next[node_of(index, link)];
    return node_of(index, link);
}

uint32_t plait_index_first(const struct plait_index *index, uint64_t hash)
{
    return search(index, index->heads[hash & index->mask], hash);
}

uint32_t plait_index_next(const struct plait_index *index, uint32_t node, uint64_t hash)
{
    return search(index, index->next[node], hash);
}

/* ---- growing -------------------------------------------------------------------------------- */

/* Which bit of a link is BIT of the hash; 0: none, the owner is asked. */
static uint32_t tag_bit(const struct plait_index *index, uint32_t bit)
{
    return (bit >> index->tag_at_bit) * (index->node_mask + 1);
}

static void split(struct plait_index *index, uint32_t head, uint32_t bit, uint32_t in_tag)
{
    uint32_t link = index->heads[head], next;
    index->heads[head] = index->heads[head | bit] = 0;
    for (; link; link = next) {
        uint32_t node = node_of(index, link);
        bool is_upper = in_tag ? link & in_tag : index->hash(index->owner, node) & bit;
        uint32_t *to = &index->heads[is_upper ? head | bit : head];
        next = index->next[node];
        index->next[node] = *to;
        *to = link;
    }
}

/* So many heads lie between what is asked for and what is used. */
#define AHEAD 8

static void grow(struct plait_index *index)
{
    uint32_t bit = index->mask + 1, in_tag = tag_bit(index, bit);
    for (uint32_t head = 0; head < bit; head++) {
        if (head + AHEAD < bit)
            __builtin_prefetch(&index->next[node_of(index, index->heads[head + AHEAD])]);
        split(index, head, bit, in_tag);
    }
    index->mask = index->mask << 1 | 1;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

void plait_index_add(struct plait_index *index, uint32_t node, uint64_t hash)
{
    if (index->count++ > index->mask && index->mask + 1 < index->heads_max)
        grow(index);
    uint32_t *head = &index->heads[hash & index->mask];
    index->next[node] = *head;
    *head = node | tag_of(index, hash);
}

void plait_index_remove(struct plait_index *index, uint32_t node, uint64_t hash)
{
    uint32_t *at = &index->heads[hash & index->mask];
    while (*at && node_of(index, *at) != node)
        at = &index->next[node_of(index, *at)];
    if (!*at)
        return;
    *at = index->next[node];
    index->count--;
}
