/* base/chunks.h: payload memory of a host in chunks of one size, shared by all its queues.
 *
 * May touch: its pool. */
#ifndef PLAIT_BASE_CHUNKS_H
#define PLAIT_BASE_CHUNKS_H

#include <stdbool.h>

#include "base/pool.h"

struct plait_chunk {
    struct plait_chunk *next; /* the holder's */
    uint64_t number;          /* stream offset / chunk octets */
    uint32_t pins;            /* who still needs it after it left its queue */
    uint8_t octets[];
};

struct plait_chunks {
    struct plait_pool pool;
    uint32_t chunk_octets; /* a power of two */
};

/* LIMIT_OCTETS is rounded down to whole chunks.  A quarter of them cannot be had for sending: two
 * hosts whose memory is full of what they want to send would never take anything from each
 * other.  An eighth, at least two, cannot be had for what arrives ahead of a hole: memory that is
 * full of it would never take what fills the hole. */
struct plait_chunks plait_chunks(struct plait_arena *arena, uint32_t chunk_octets,
                                 uint64_t limit_octets);
/* NULL (counted in the pool) at the limit.  Its octets are not zeroed. */
struct plait_chunk *plait_chunk_take(struct plait_chunks *chunks);
struct plait_chunk *plait_chunk_take_to_send(struct plait_chunks *chunks);
struct plait_chunk *plait_chunk_take_ahead(struct plait_chunks *chunks);
bool plait_chunk_may_send(const struct plait_chunks *chunks); /* one could be had for sending */
void plait_chunk_give(struct plait_chunks *chunks, struct plait_chunk *chunk);

#endif
