/* base/receive_queue.h: the reassembly map of a stream: octets arrive at any offset, leave in
 * order.
 *
 * The first copy of an octet wins and is never changed (RFC 8684 §3.3.1, N21).  Octets may be
 * *placed* without being *received* yet: a mapping under checksum counts only when it is whole.
 * [start, limit edge) is the window; what lies outside is refused.  May touch: its chunks and the
 * room for ranges. */
#ifndef PLAIT_BASE_RECEIVE_QUEUE_H
#define PLAIT_BASE_RECEIVE_QUEUE_H

#include "base/chunks.h"
#include "base/range_set.h"

struct plait_receive_queue {
    struct plait_chunks *chunks;
    struct plait_chunk *first, *last; /* sparse list, sorted by number */
    struct plait_chunk *seen;         /* where the last look-up below `last` ended */
    struct plait_range_set received;  /* at and above start */
    uint64_t start;                   /* first octet not consumed */
    uint64_t placed_edge;             /* nothing was placed at or above it */
    uint32_t limit_octets;            /* of what may be held above start */
};

/* Empty, at offset 0; for a stream that begins elsewhere set start before the first octet. */
struct plait_receive_queue plait_receive_queue(struct plait_chunks *chunks, uint32_t limit_octets,
                                               struct plait_range *ranges, uint32_t range_room);
/* Puts [AT, AT+LENGTH) in and marks it received; octets that are there already stay as they are,
 * octets below start are dropped.  *NEWS gets how many octets are new.  BAD_VALUE above the limit,
 * TOO_MANY when a range too many would arise, NO_ROOM without chunks (what begins above the edge
 * cannot have the last ones, base/chunks.h); nothing has changed then. */
plait_result plait_receive_queue_write(struct plait_receive_queue *q, uint64_t at,
                                       const void *octets, uint32_t length, uint32_t *news);
/* The two halves of it: octets that are received already are not overwritten; only what was placed
 * may be marked.  IS_AHEAD: something between the edge and AT is missing. */
plait_result plait_receive_queue_place(struct plait_receive_queue *q, uint64_t at,
                                       const void *octets, uint32_t length, bool is_ahead);
plait_result plait_receive_queue_mark(struct plait_receive_queue *q, uint64_t at, uint32_t length,
                                      uint32_t *news);
/* Placed octets in place, for a checksum: contiguous at FROM, *LENGTH cut to them; NULL where there
 * is no memory.  What was placed and what lies between is the caller's to know. */
const uint8_t *plait_receive_queue_placed(const struct plait_receive_queue *q, uint64_t from,
                                          uint32_t *length);
/* How many of LENGTH octets at AT lie in one chunk: where there is no memory for all of them there
 * may be for these. */
uint32_t plait_receive_queue_one_chunk(const struct plait_receive_queue *q, uint64_t at,
                                       uint32_t length);
/* First offset that has not been received: what is acknowledged. */
uint64_t plait_receive_queue_edge(const struct plait_receive_queue *q);
/* In-order octets at start: contiguous, *LENGTH set (0: none). */
const uint8_t *plait_receive_queue_peek(const struct plait_receive_queue *q, uint32_t *length);
/* LENGTH octets at start were read; they are in order. */
void plait_receive_queue_consume(struct plait_receive_queue *q, uint32_t length);
/* Forgets every octet at and above AT that was received or placed (RFC 8684 §3.7, N41) and is not
 * consumed. */
void plait_receive_queue_cut(struct plait_receive_queue *q, uint64_t at);
void plait_receive_queue_clear(struct plait_receive_queue *q);

#endif
