/* mptcp/mapping.h: what one subflow's positions mean in the stream (RFC 8684 §3.3.1).
 *
 * A list of one direction of one subflow, sorted, without overlaps.  What is declared stays as it
 * is: a repetition changes nothing, a contradiction is refused (N21).  Both sides of a subflow use
 * it: the receiver for what the peer declared, the sender for what it told the peer.
 * May touch: its pool. */
#ifndef PLAIT_MPTCP_MAPPING_H
#define PLAIT_MPTCP_MAPPING_H

#include <stdbool.h>

#include "base/pool.h"
#include "base/result.h"
#include "wire/checksum.h"

struct plait_mapping {
    struct plait_mapping *next;
    uint64_t from, to;  /* flow offsets [from, to) */
    uint64_t data_from; /* data offset of `from` */
    uint64_t arrived_octets;
    plait_sum sum;        /* of what arrived, each octet at its place in the mapping */
    uint16_t checksum;    /* as declared */
    uint16_t data_length; /* as declared; counts a DATA_FIN (RFC 8684 §3.3.3), 0 = infinite */
    bool has_checksum;
    bool is_infinite; /* RFC 8684 §3.7 */
};

struct plait_mapping_list {
    struct plait_pool *pool;
    struct plait_mapping *first, *last;
    struct plait_mapping *seen;    /* where the last look-up below `last` ended */
    struct plait_mapping *carrier; /* what plait_mapping_carrying last gave */
    uint64_t floor;                /* below it everything is over */
    uint32_t count, limit;
};

/* Nodes come from POOL; at most LIMIT of them are in this list. */
struct plait_mapping_list plait_mapping_list(struct plait_pool *pool, uint32_t limit);
/* Takes from, to, data_from, checksum, data_length, has_checksum and is_infinite of WANTED; `to` of
 * an infinite one is not read, it reaches as far as there are offsets.
 *   OK         declared, or everything it says was said before (or is below the floor)
 *   EXISTS     it contradicts what was declared: other data offsets, another checksum, or a
 *              checksum over octets of which only some are declared
 *   BAD_VALUE  it is empty, or its data would pass the last offset
 *   TOO_MANY   the list is full;  NO_ROOM  the pool is
 * Without a checksum a mapping may reach beyond what is declared: its new parts are added.  Nothing
 * has changed after a refusal. */
plait_result plait_mapping_declare(struct plait_mapping_list *list,
                                   const struct plait_mapping *wanted);
/* The mapping of OFFSET, or NULL. */
struct plait_mapping *plait_mapping_find(struct plait_mapping_list *list, uint64_t offset);
/* The first mapping that ends above OFFSET, or NULL. */
struct plait_mapping *plait_mapping_above(struct plait_mapping_list *list, uint64_t offset);
/* A mapping that carries the data offset DATA_AT, or NULL. */
struct plait_mapping *plait_mapping_carrying(struct plait_mapping_list *list, uint64_t data_at);
/* Everything below EDGE is over: mappings that end there go, and no new one begins there. */
void plait_mapping_drop_below(struct plait_mapping_list *list, uint64_t edge);
void plait_mapping_clear(struct plait_mapping_list *list);

/* Data offset of the flow offset OFFSET, which is MAPPING's. */
static inline uint64_t plait_mapping_data(const struct plait_mapping *mapping, uint64_t offset)
{
    return mapping->data_from + (offset - mapping->from);
}

/* How many of LENGTH octets at OFFSET, which is MAPPING's, are MAPPING's. */
static inline uint32_t plait_mapping_piece(const struct plait_mapping *mapping, uint64_t offset,
                                           uint32_t length)
{
    return length < mapping->to - offset ? length : (uint32_t)(mapping->to - offset);
}

/* LENGTH octets at OFFSET, all MAPPING's, arrived, and none of them before: a flow accepts an octet
 * once.  SUM is theirs alone.  Any order. */
void plait_mapping_arrived(struct plait_mapping *mapping, uint64_t offset, uint32_t length,
                           plait_sum sum);
/* True once all of it is there: then `sum` is the sum of its octets, in order. */
bool plait_mapping_is_whole(const struct plait_mapping *mapping);

#endif
