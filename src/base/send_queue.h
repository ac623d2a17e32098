/* base/send_queue.h: octets that were written and may still have to be sent again.
 *
 * Positions are 64-bit offsets from the stream's start.  [start, end) is kept; who sends a part of
 * it pins it, and a pinned part outlives its release, because a path may have to send it again
 * although another one has delivered it (RFC 8684 §3.3.2, N26).  Pins are counted for each chunk.
 * May touch: its chunks. */
#ifndef PLAIT_BASE_SEND_QUEUE_H
#define PLAIT_BASE_SEND_QUEUE_H

#include <stdbool.h>

#include "base/chunks.h"
#include "base/result.h"

struct plait_send_queue {
    struct plait_chunks *chunks;
    struct plait_chunk *first, *last;             /* of [start, end), in order */
    struct plait_chunk *detached, *detached_last; /* released and pinned, oldest first */
    uint64_t start, end;
    uint32_t limit_octets;    /* of end - start */
    bool is_reserved;         /* somebody may be writing behind end */
    struct plait_chunk *seen; /* where the last look-up ended */
};

/* Empty, at offset 0; for a stream that begins elsewhere set start and end before the first write.
 */
struct plait_send_queue plait_send_queue(struct plait_chunks *chunks, uint32_t limit_octets);
/* Octets that can be written now. */
uint32_t plait_send_queue_room(const struct plait_send_queue *q);
/* Copies up to LENGTH octets to the end; returns how many (less at the limit, or when the host has
 * no chunk left). */
uint32_t plait_send_queue_write(struct plait_send_queue *q, const void *octets, uint32_t length);
/* Room at the end to write into: *LENGTH_OCTETS is what is contiguous (0: none, and then NULL).
 * Nothing changes until plait_send_queue_commit of at most so many (0: never mind).  Releases may
 * come between the two, writes may not. */
uint8_t *plait_send_queue_reserve(struct plait_send_queue *q, uint32_t *length_octets);
void plait_send_queue_commit(struct plait_send_queue *q, uint32_t length_octets);
/* Copies [FROM, FROM+LENGTH), which is kept or pinned, to TO. */
void plait_send_queue_read(struct plait_send_queue *q, uint64_t from, uint32_t length, void *to);
/* The same part in place: contiguous octets at FROM, *LENGTH cut to them. */
const uint8_t *plait_send_queue_peek(struct plait_send_queue *q, uint64_t from, uint32_t *length);
/* One pin on each chunk that [FROM, TO) touches; the part is kept or pinned. */
void plait_send_queue_pin(struct plait_send_queue *q, uint64_t from, uint64_t to);
void plait_send_queue_unpin(struct plait_send_queue *q, uint64_t from, uint64_t to);
/* Everything below EDGE is delivered; start moves to EDGE. */
void plait_send_queue_release(struct plait_send_queue *q, uint64_t edge);
/* Gives everything back, pinned or not. */
void plait_send_queue_clear(struct plait_send_queue *q);

#endif
