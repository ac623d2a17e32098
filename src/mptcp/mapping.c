/* mptcp/mapping.c: a sorted list that is mostly asked at its end, or where it was asked before. */
#include "mptcp/mapping.h"

#include "base/panic.h"

struct plait_mapping_list plait_mapping_list(struct plait_pool *pool, uint32_t limit)
{
    PLAIT_CHECK(pool->object_octets >= sizeof(struct plait_mapping));
    return (struct plait_mapping_list){.pool = pool, .limit = limit};
}

/* ---- the list ---- */

/* The last mapping that begins at or below OFFSET, or NULL. */
static struct plait_mapping *find_at_most(struct plait_mapping_list *list, uint64_t offset)
{
    if (!list->first || list->first->from > offset)
        return NULL;
    if (list->last->from <= offset)
        return list->last;
    struct plait_mapping *at = list->seen && list->seen->from <= offset ? list->seen : list->first;
    while (at->next->from <= offset) /* ends before `last` */
        at = at->next;
    list->seen = at;
    return at;
}

static void insert_after(struct plait_mapping_list *list, struct plait_mapping *before,
                         struct plait_mapping *mapping)
{
    struct plait_mapping **link = before ? &before->next : &list->first;
    mapping->next = *link;
    *link = mapping;
    if (!mapping->next)
        list->last = mapping;
    list->count++;
}

static void drop_first(struct plait_mapping_list *list)
{
    struct plait_mapping *mapping = list->first;
    list->first = mapping->next;
    if (list->last == mapping)
        list->last = NULL;
    if (list->seen == mapping)
        list->seen = NULL;
    if (list->carrier == mapping)
        list->carrier = NULL;
    list->count--;
    plait_pool_give(list->pool, mapping);
}

struct plait_mapping *plait_mapping_above(struct plait_mapping_list *list, uint64_t offset)
{
    struct plait_mapping *at = find_at_most(list, offset);
    if (at && at->to > offset)
        return at;
    return at ? at->next : list->first;
}

struct plait_mapping *plait_mapping_find(struct plait_mapping_list *list, uint64_t offset)
{
    struct plait_mapping *at = find_at_most(list, offset);
    return at && at->to > offset ? at : NULL;
}

static bool carries(const struct plait_mapping *mapping, uint64_t data_at)
{
    return data_at >= mapping->data_from &&
           data_at - mapping->data_from < mapping->to - mapping->from;
}

/* A sender asks for the same offset again with each segment, while it is in flight. */
struct plait_mapping *plait_mapping_carrying(struct plait_mapping_list *list, uint64_t data_at)
{
    if (list->carrier && carries(list->carrier, data_at))
        return list->carrier;
    list->carrier = list->first;
    while (list->carrier && !carries(list->carrier, data_at))
        list->carrier = list->carrier->next;
    return list->carrier;
}

void plait_mapping_drop_below(struct plait_mapping_list *list, uint64_t edge)
{
    while (list->first && list->first->to <= edge)
        drop_first(list);
    if (edge > list->floor)
        list->floor = edge;
}

void plait_mapping_clear(struct plait_mapping_list *list)
{
    while (list->first)
        drop_first(list);
}

/* ---- declaring ---- */

/* All offsets that WANTED speaks of, checked. */
static plait_result normalize(const struct plait_mapping *wanted, struct plait_mapping *mapping)
{
    *mapping = (struct plait_mapping){.from = wanted->from,
                                      .to = wanted->to,
                                      .data_from = wanted->data_from,
                                      .checksum = wanted->checksum,
                                      .data_length = wanted->data_length,
                                      .has_checksum = wanted->has_checksum,
                                      .is_infinite = wanted->is_infinite};
    uint64_t most_octets = UINT64_MAX - wanted->data_from;
    if (wanted->is_infinite) {
        uint64_t left_octets = UINT64_MAX - wanted->from;
        mapping->to = wanted->from + (left_octets < most_octets ? left_octets : most_octets);
    }
    if (mapping->from >= mapping->to || mapping->to - mapping->from > most_octets)
        return PLAIT_FAIL(BAD_VALUE);
    return PLAIT_OK;
}

static bool agree(const struct plait_mapping *a, const struct plait_mapping *b)
{
    bool same_octets = a->from == b->from && a->to == b->to;
    if (same_octets && a->has_checksum && b->has_checksum && a->checksum != b->checksum)
        return false;
    return a->data_from - a->from == b->data_from - b->from; /* the same shift */
}

/* What of WANTED is not declared yet, from START on. */
static plait_result count_gaps(struct plait_mapping_list *list, const struct plait_mapping *wanted,
                               uint64_t start, uint32_t *gaps)
{
    uint64_t covered_to = start;
    bool is_partly_said = start > wanted->from;
    *gaps = 0;
    for (const struct plait_mapping *at = plait_mapping_above(list, start);
         at && at->from < wanted->to; at = at->next) {
        if (!agree(at, wanted))
            return PLAIT_FAIL(EXISTS);
        *gaps += at->from > covered_to;
        covered_to = at->to;
        is_partly_said = true;
    }
    *gaps += covered_to < wanted->to;
    /* A checksum cannot be cut to the part that is new. */
    return *gaps > 0 && is_partly_said && wanted->has_checksum ? PLAIT_FAIL(EXISTS) : PLAIT_OK;
}

/* COUNT nodes, linked, or none. */
static plait_result take_nodes(struct plait_mapping_list *list, uint32_t count,
                               struct plait_mapping **nodes)
{
    if (count > list->limit - list->count)
        return PLAIT_FAIL(TOO_MANY);
    *nodes = NULL;
    while (count-- > 0) {
        struct plait_mapping *node = plait_pool_take_unset(list->pool);
        if (!node) {
            while ((node = *nodes)) {
                *nodes = node->next;
                plait_pool_give(list->pool, node);
            }
            return PLAIT_FAIL(NO_ROOM);
        }
        node->next = *nodes;
        *nodes = node;
    }
    return PLAIT_OK;
}

/* [FROM, TO) of WANTED becomes a mapping behind BEFORE. */
static void add_part(struct plait_mapping_list *list, struct plait_mapping *before,
                     struct plait_mapping **nodes, const struct plait_mapping *wanted,
                     uint64_t from, uint64_t to)
{
    struct plait_mapping *node = *nodes;
    *nodes = node->next;
    *node = *wanted;
    node->from = from;
    node->to = to;
    node->data_from = plait_mapping_data(wanted, from);
    insert_after(list, before, node);
}

static void fill_gaps(struct plait_mapping_list *list, struct plait_mapping *nodes,
                      const struct plait_mapping *wanted, uint64_t start)
{
    struct plait_mapping *before = find_at_most(list, start);
    uint64_t covered_to = before && before->to > start ? before->to : start;
    while (nodes) {
        struct plait_mapping *next = before ? before->next : list->first;
        uint64_t gap_end = next && next->from < wanted->to ? next->from : wanted->to;
        if (covered_to < gap_end)
            add_part(list, before, &nodes, wanted, covered_to, gap_end);
        before = next;
        covered_to = next ? next->to : wanted->to;
    }
}

plait_result plait_mapping_declare(struct plait_mapping_list *list,
                                   const struct plait_mapping *wanted)
{
    struct plait_mapping mapping;
    PLAIT_TRY(normalize(wanted, &mapping));
    if (mapping.to <= list->floor)
        return PLAIT_OK;
    uint64_t start = mapping.from > list->floor ? mapping.from : list->floor;
    uint32_t gaps;
    PLAIT_TRY(count_gaps(list, &mapping, start, &gaps));
    struct plait_mapping *nodes = NULL;
    PLAIT_TRY(take_nodes(list, gaps, &nodes));
    fill_gaps(list, nodes, &mapping, start);
    return PLAIT_OK;
}

/* ---- progress ---- */

void plait_mapping_arrived(struct plait_mapping *mapping, uint64_t offset, uint32_t length,
                           plait_sum sum)
{
    PLAIT_CHECK(offset >= mapping->from && offset <= mapping->to && length <= mapping->to - offset);
    /* Folded to 16 bits; a part that begins at an odd place is added with its octets exchanged
     * (RFC 1071 §2). */
    uint16_t part = (uint16_t)~plait_sum_finish(sum);
    if ((offset - mapping->from) % 2)
        part = (uint16_t)(part << 8 | part >> 8);
    mapping->sum = plait_sum_u16(mapping->sum, part);
    mapping->arrived_octets += length;
}

bool plait_mapping_is_whole(const struct plait_mapping *mapping)
{
    return mapping->arrived_octets == mapping->to - mapping->from;
}
