/* audit/index.c: buckets that double in place: bucket i splits into i and i + n. */
#include "audit/index.h"

#include <string.h>

#define HEADS_MIN 16u
#define LINKS     PLAIT_INDEX_LINKS
/* More of them for each head, on average, and heads double: few have more than their links then. */
#define NODES_OF_A_HEAD 12u

/* Of a tag's bits the lowest say where nodes go in the last doublings, which move the most of them;
 * the others tell keys apart that are in one bucket even then. */
#define DOUBLINGS_TAGGED 3u

_Static_assert(sizeof(struct plait_index_bucket) == PLAIT_LINE_OCTETS, "a bucket is a line");

/* ---- memory --------------------------------------------------------------------------------- */

static uint32_t heads_for(uint32_t nodes_max)
{
    uint32_t heads = HEADS_MIN;
    while (heads < nodes_max / NODES_OF_A_HEAD && heads < 1u << 31)
        heads *= 2;
    return heads;
}

/* Those are full, always. */
static uint32_t spares_for(uint32_t nodes_max)
{
    return nodes_max / LINKS;
}

size_t plait_index_octets(uint32_t nodes_max)
{
    return ((size_t)heads_for(nodes_max) + spares_for(nodes_max)) *
               sizeof(struct plait_index_bucket) +
           PLAIT_LINE_OCTETS;
}

size_t plait_index_used_octets(const struct plait_index *index)
{
    return ((size_t)index->mask + 1 + index->spares_made) * sizeof(struct plait_index_bucket);
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
    uint32_t heads = heads_for(nodes_max), spares = spares_for(nodes_max);
    struct plait_index_bucket *buckets =
        plait_arena_take_lines(arena, (size_t)heads + spares, sizeof *buckets);
    if (!buckets)
        return false;
    *index = (struct plait_index){.heads = buckets,
                                  .spares = buckets + heads,
                                  .mask = HEADS_MIN - 1,
                                  .heads_max = heads,
                                  .node_mask = mask_for(nodes_max),
                                  .tag_at_bit = (unsigned)__builtin_ctz(heads) - DOUBLINGS_TAGGED,
                                  .hash = hash,
                                  .owner = owner};
    plait_index_clear(index);
    return true;
}

void plait_index_clear(struct plait_index *index)
{
    memset(index->heads, 0, ((size_t)index->mask + 1) * sizeof *index->heads);
    index->count = index->spares_made = index->spares_free = 0;
}

/* ---- links ---------------------------------------------------------------------------------- */

/* As it stands in a link, above the node. */
static uint32_t tag_of(const struct plait_index *index, uint64_t hash)
{
    return (uint32_t)(hash >> index->tag_at_bit) * (index->node_mask + 1);
}

/* Which bit of a link is BIT of the hash; 0: none, the owner is asked. */
static uint32_t tag_bit(const struct plait_index *index, uint32_t bit)
{
    return (bit >> index->tag_at_bit) * (index->node_mask + 1);
}

static uint32_t node_of(const struct plait_index *index, uint32_t link)
{
    return link & index->node_mask;
}

/* ---- buckets -------------------------------------------------------------------------------- */

static struct plait_index_bucket *spare(const struct plait_index *index, uint32_t number)
{
    return number ? &index->spares[number - 1] : NULL;
}

static uint32_t take_spare(struct plait_index *index)
{
    uint32_t number = index->spares_free;
    if (!number)
        return ++index->spares_made;
    index->spares_free = spare(index, number)->more;
    return number;
}

static void give_spare(struct plait_index *index, uint32_t number)
{
    spare(index, number)->more = index->spares_free;
    index->spares_free = number;
}

/* Words that are compared side by side. */
typedef uint32_t four __attribute__((vector_size(16)));

/* Which links are as LINK in the bits of MASK, by bit. */
static uint32_t matches(const struct plait_index_bucket *bucket, uint32_t link, uint32_t mask)
{
    static const four bits[] = {{1u << 0, 1u << 1, 1u << 2, 1u << 3},
                                {1u << 4, 1u << 5, 1u << 6, 1u << 7},
                                {1u << 8, 1u << 9, 1u << 10, 1u << 11},
                                {1u << 12, 1u << 13, 1u << 14, 0}}; /* the last one is `more` */
    const four links = {link, link, link, link}, masks = {mask, mask, mask, mask}, none = {0};
    four words[4], found = {0};
    memcpy(words, bucket, sizeof words);
    for (unsigned i = 0; i < 4; i++) {
        four is_alike = (four)(((words[i] ^ links) & masks) == none);
        found |= is_alike & (four)(words[i] != none) & bits[i];
    }
    return found[0] | found[1] | found[2] | found[3];
}

static unsigned links_in(const struct plait_index_bucket *bucket)
{
    return 32 - (unsigned)__builtin_clz(matches(bucket, 0, 0) << 1 | 1) - 1;
}

static void put(struct plait_index *index, struct plait_index_bucket *head, uint32_t link)
{
    unsigned count = links_in(head);
    if (count == LINKS) {
        uint32_t full = take_spare(index);
        *spare(index, full) = *head;
        *head = (struct plait_index_bucket){.more = full};
        count = 0;
    }
    head->link[count] = link;
}

/* What was full comes back when nothing is before it. */
static void refill(struct plait_index *index, struct plait_index_bucket *head)
{
    uint32_t full = head->more;
    if (head->link[0] || !full)
        return;
    *head = *spare(index, full);
    give_spare(index, full);
}

static uint32_t *find(const struct plait_index *index, struct plait_index_bucket *head,
                      uint32_t node)
{
    for (struct plait_index_bucket *b = head; b; b = spare(index, b->more)) {
        uint32_t found = matches(b, node, index->node_mask);
        if (found)
            return &b->link[__builtin_ctz(found)];
    }
    return NULL;
}

/* ---- growing -------------------------------------------------------------------------------- */

/* The oldest first, so that nodes keep their order. */
static uint32_t reversed(struct plait_index *index, uint32_t number)
{
    uint32_t before = 0;
    while (number) {
        uint32_t next = spare(index, number)->more;
        spare(index, number)->more = before;
        before = number;
        number = next;
    }
    return before;
}

static void deal(struct plait_index *index, const struct plait_index_bucket *from, uint32_t head,
                 uint32_t bit)
{
    uint32_t in_tag = tag_bit(index, bit);
    for (unsigned i = 0; i < LINKS && from->link[i]; i++) {
        uint32_t link = from->link[i];
        bool is_upper =
            in_tag ? link & in_tag : index->hash(index->owner, node_of(index, link)) & bit;
        put(index, &index->heads[is_upper ? head | bit : head], link);
    }
}

static void split(struct plait_index *index, uint32_t head, uint32_t bit)
{
    const struct plait_index_bucket newest = index->heads[head];
    uint32_t number = reversed(index, newest.more);
    index->heads[head] = index->heads[head | bit] = (struct plait_index_bucket){0};
    while (number) {
        const struct plait_index_bucket full = *spare(index, number);
        give_spare(index, number);
        deal(index, &full, head, bit);
        number = full.more;
    }
    deal(index, &newest, head, bit);
}

static void grow(struct plait_index *index)
{
    uint32_t bit = index->mask + 1;
    for (uint32_t head = 0; head < bit; head++)
        split(index, head, bit);
    index->mask = index->mask << 1 | 1;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

void plait_index_add(struct plait_index *index, uint32_t node, uint64_t hash)
{
    if (index->count++ / NODES_OF_A_HEAD > index->mask && index->mask + 1 < index->heads_max)
        grow(index);
    put(index, &index->heads[hash & index->mask], node | tag_of(index, hash));
}

void plait_index_remove(struct plait_index *index, uint32_t node, uint64_t hash)
{
    struct plait_index_bucket *head = &index->heads[hash & index->mask];
    uint32_t *link = find(index, head, node);
    unsigned count = links_in(head);
    if (!link)
        return;
    *link = head->link[count - 1];
    head->link[count - 1] = 0;
    refill(index, head);
    index->count--;
}

struct plait_index_walk plait_index_walk(const struct plait_index *index, uint64_t hash)
{
    const struct plait_index_bucket *head = &index->heads[hash & index->mask];
    uint32_t tag = tag_of(index, hash);
    return (struct plait_index_walk){
        .bucket = head, .tag = tag, .left = matches(head, tag, ~index->node_mask)};
}

uint32_t plait_index_next(const struct plait_index *index, struct plait_index_walk *walk)
{
    while (!walk->left) {
        if (!walk->bucket->more)
            return 0;
        walk->bucket = spare(index, walk->bucket->more);
        walk->left = matches(walk->bucket, walk->tag, ~index->node_mask);
    }
    unsigned slot = 31 - (unsigned)__builtin_clz(walk->left);
    walk->left ^= 1u << slot;
    return node_of(index, walk->bucket->link[slot]);
}
