/* audit/index.c: chains over heads that double in place: head i splits into i and i + n. */
#include "audit/index.h"

#include <string.h>

#define HEADS_MIN 64u

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

bool plait_index_init(struct plait_index *index, struct plait_arena *arena, uint32_t nodes_max,
                      uint64_t (*hash)(const void *owner, uint32_t node), const void *owner)
{
    uint32_t heads = heads_for(nodes_max);
    *index = (struct plait_index){
        .heads = plait_arena_take_unset(arena, heads, sizeof(uint32_t)),
        .next = plait_arena_take_unset(arena, (size_t)nodes_max + 1, sizeof(uint32_t)),
        .mask = HEADS_MIN - 1,
        .heads_max = heads,
        .hash = hash,
        .owner = owner};
    if (!index->heads || !index->next)
        return false;
    memset(index->heads, 0, HEADS_MIN * sizeof(uint32_t));
    return true;
}

static void split(struct plait_index *index, uint32_t head, uint32_t bit)
{
    uint32_t node = index->heads[head], next;
    index->heads[head] = index->heads[head | bit] = 0;
    for (; node; node = next) {
        next = index->next[node];
        uint32_t *to = &index->heads[index->hash(index->owner, node) & bit ? head | bit : head];
        index->next[node] = *to;
        *to = node;
    }
}

/* So many heads lie between what is asked for and what is used. */
#define AHEAD 8

static void fetch(const struct plait_index *index, uint32_t node)
{
    if (!node)
        return;
    __builtin_prefetch(&index->next[node]);
    if (!index->object)
        return;
    const uint8_t *object = index->object(index->owner, node);
    __builtin_prefetch(object);
    __builtin_prefetch(object + 64);
}

static void grow(struct plait_index *index)
{
    uint32_t bit = index->mask + 1;
    for (uint32_t head = 0; head < bit; head++) {
        if (head + AHEAD < bit)
            fetch(index, index->heads[head + AHEAD]);
        split(index, head, bit);
    }
    index->mask = index->mask << 1 | 1;
}

void plait_index_add(struct plait_index *index, uint32_t node, uint64_t hash)
{
    if (index->count++ > index->mask && index->mask + 1 < index->heads_max)
        grow(index);
    uint32_t *head = &index->heads[hash & index->mask];
    index->next[node] = *head;
    *head = node;
}

void plait_index_remove(struct plait_index *index, uint32_t node, uint64_t hash)
{
    uint32_t *at = &index->heads[hash & index->mask];
    while (*at && *at != node)
        at = &index->next[*at];
    if (!*at)
        return;
    *at = index->next[node];
    index->count--;
}
