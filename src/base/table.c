/* base/table.c: chains in an array of buckets that doubles with the load. */
#include "base/table.h"

#include "base/panic.h"

#define FIRST_BUCKETS 8u /* a host of a search world has few of everything (DESIGN §3) */
#define MOST_BUCKETS  (1u << 31)

struct plait_table plait_table(struct plait_arena *arena)
{
    return (struct plait_table){.arena = arena};
}

static struct plait_table_node **bucket_of(const struct plait_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

static void push(struct plait_table *table, struct plait_table_node *node)
{
    struct plait_table_node **bucket = bucket_of(table, node->hash);
    node->next = *bucket;
    *bucket = node;
}

/* Chains grow longer instead when there is no memory. */
static void grow(struct plait_table *table)
{
    struct plait_table_node **old = table->buckets;
    uint32_t old_count = table->bucket_count;
    uint32_t count = old_count ? 2 * old_count : FIRST_BUCKETS;
    struct plait_table_node **buckets = plait_arena_take(table->arena, count, sizeof(void *));
    if (!buckets)
        return;
    table->buckets = buckets;
    table->bucket_count = count;
    for (uint32_t i = 0; i < old_count; i++) {
        for (struct plait_table_node *node = old[i], *next; node; node = next) {
            next = node->next;
            push(table, node);
        }
    }
}

bool plait_table_insert(struct plait_table *table, struct plait_table_node *node, uint64_t hash)
{
    if (table->count >= table->bucket_count && table->bucket_count < MOST_BUCKETS)
        grow(table);
    if (table->bucket_count == 0)
        return false;
    node->hash = hash;
    push(table, node);
    table->count++;
    return true;
}

void plait_table_remove(struct plait_table *table, struct plait_table_node *node)
{
    PLAIT_CHECK(table->bucket_count > 0);
    struct plait_table_node **link = bucket_of(table, node->hash);
    while (*link != node) {
        PLAIT_CHECK(*link); /* or the node is not in the table */
        link = &(*link)->next;
    }
    *link = node->next;
    node->next = NULL;
    table->count--;
}

static struct plait_table_node *first_of(struct plait_table_node *node, uint64_t hash)
{
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

struct plait_table_node *plait_table_find(const struct plait_table *table, uint64_t hash,
                                          const struct plait_table_node *after)
{
    if (table->bucket_count == 0)
        return NULL;
    return first_of(after ? after->next : *bucket_of(table, hash), hash);
}

struct plait_table_node *plait_table_each(const struct plait_table *table, uint32_t *bucket,
                                          const struct plait_table_node *after)
{
    if (after && after->next)
        return after->next;
    while (*bucket < table->bucket_count) {
        struct plait_table_node *node = table->buckets[(*bucket)++];
        if (node)
            return node;
    }
    return NULL;
}
