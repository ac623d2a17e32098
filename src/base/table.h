/* base/table.h: a hash table whose nodes live in what they index.
 *
 * The hash is the caller's, keyed (plait_siphash) wherever an outsider can choose keys.  Buckets
 * double with the load; old bucket arrays stay behind in the arena, which costs at most as much as
 * the present one.  When the arena is full the table goes on with longer chains.
 * May touch: its arena and its nodes. */
#ifndef PLAIT_BASE_TABLE_H
#define PLAIT_BASE_TABLE_H

#include <stdbool.h>

#include "base/arena.h"

struct plait_table_node {
    struct plait_table_node *next;
    uint64_t hash;
};

struct plait_table {
    struct plait_arena *arena;
    struct plait_table_node **buckets;
    uint32_t bucket_count; /* a power of two, or 0 before the first insertion */
    uint32_t count;
};

struct plait_table plait_table(struct plait_arena *arena);
/* False only if the very first bucket array does not fit the arena. */
bool plait_table_insert(struct plait_table *table, struct plait_table_node *node, uint64_t hash);
void plait_table_remove(struct plait_table *table, struct plait_table_node *node);
/* The first node of HASH after AFTER (NULL: from the start); the caller compares the key itself and
 * asks again with the node it got, until NULL. */
struct plait_table_node *plait_table_find(const struct plait_table *table, uint64_t hash,
                                          const struct plait_table_node *after);
/* The node after AFTER (NULL: from the start) in no useful order; *BUCKET starts at 0 and is the
 * walk's own; NULL at the end.  Not while changing. */
struct plait_table_node *plait_table_each(const struct plait_table *table, uint32_t *bucket,
                                          const struct plait_table_node *after);

/* The structure of TYPE whose member NAME is at POINTER. */
#define PLAIT_OWNER(pointer, type, name) ((type *)((char *)(pointer)-offsetof(type, name)))

#endif
