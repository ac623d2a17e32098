/* base/send_queue.c: a list of chunks that grows at its end and is cut at its front.
 *
 * The numbers of kept chunks follow each other without a gap, so a look-up that begins at the last
 * one's result takes no step or one.  Detached chunks have gaps; the oldest is first, because a
 * slow path gives up its pins in order. */
#include "base/send_queue.h"

#include <string.h>

#include "base/panic.h"

struct plait_send_queue plait_send_queue(struct plait_chunks *chunks, uint32_t limit_octets)
{
    return (struct plait_send_queue){.chunks = chunks, .limit_octets = limit_octets};
}

/* ---- chunks ---- */

static uint64_t number_of(const struct plait_send_queue *q, uint64_t offset)
{
    return offset >> __builtin_ctz(q->chunks->chunk_octets); /* a power of two */
}

static uint32_t place_in_chunk(const struct plait_send_queue *q, uint64_t offset)
{
    return (uint32_t)offset & (q->chunks->chunk_octets - 1);
}

static uint32_t smaller(uint32_t a, uint64_t b)
{
    return a < b ? a : (uint32_t)b;
}

static struct plait_chunk *find_kept(struct plait_send_queue *q, uint64_t number)
{
    if (number >= q->last->number)
        return number == q->last->number ? q->last : NULL;
    struct plait_chunk *at = q->seen && q->seen->number <= number ? q->seen : q->first;
    while (at->number < number)
        at = at->next;
    q->seen = at;
    return at->number == number ? at : NULL;
}

static struct plait_chunk *find_detached(const struct plait_send_queue *q, uint64_t number)
{
    struct plait_chunk *at = q->detached;
    while (at && at->number < number)
        at = at->next;
    return at && at->number == number ? at : NULL;
}

/* The chunk of OFFSET, which is kept or pinned. */
static struct plait_chunk *find(struct plait_send_queue *q, uint64_t offset)
{
    uint64_t number = number_of(q, offset);
    struct plait_chunk *found =
        q->first && number >= q->first->number ? find_kept(q, number) : find_detached(q, number);
    PLAIT_CHECK(found);
    return found;
}

/* The chunk that END lies in, taken if there is none yet; NULL if the host has no more. */
static struct plait_chunk *chunk_at_end(struct plait_send_queue *q)
{
    uint64_t number = number_of(q, q->end);
    if (q->last && q->last->number == number)
        return q->last;
    struct plait_chunk *chunk = plait_chunk_take_to_send(q->chunks);
    if (!chunk)
        return NULL;
    chunk->number = number;
    if (q->last)
        q->last->next = chunk;
    else
        q->first = chunk;
    q->last = chunk;
    return chunk;
}

static struct plait_chunk *pop_first(struct plait_send_queue *q)
{
    struct plait_chunk *chunk = q->first;
    q->first = chunk->next;
    if (q->last == chunk)
        q->last = NULL;
    if (q->seen == chunk)
        q->seen = NULL;
    chunk->next = NULL;
    return chunk;
}

static void detach(struct plait_send_queue *q, struct plait_chunk *chunk)
{
    if (q->detached)
        q->detached_last->next = chunk;
    else
        q->detached = chunk;
    q->detached_last = chunk;
}

static void drop_detached(struct plait_send_queue *q, struct plait_chunk *chunk)
{
    struct plait_chunk *before = NULL;
    for (struct plait_chunk *at = q->detached; at != chunk; at = at->next)
        before = at;
    if (before)
        before->next = chunk->next;
    else
        q->detached = chunk->next;
    if (q->detached_last == chunk)
        q->detached_last = before;
    plait_chunk_give(q->chunks, chunk);
}

/* An idle queue holds no memory: the chunk that END is in the middle of goes too, unless a path
 * still needs it.  Then it stays in the queue, so that no number is there twice. */
static void tidy(struct plait_send_queue *q)
{
    if (q->start == q->end && q->first && !q->first->pins && !q->is_reserved)
        plait_chunk_give(q->chunks, pop_first(q));
}

/* ---- writing ---- */

uint32_t plait_send_queue_room(const struct plait_send_queue *q)
{
    uint64_t held_octets = q->end - q->start;
    uint32_t room = held_octets < q->limit_octets ? q->limit_octets - (uint32_t)held_octets : 0;
    return smaller(room, UINT64_MAX - q->end);
}

uint8_t *plait_send_queue_reserve(struct plait_send_queue *q, uint32_t *length_octets)
{
    uint32_t room = plait_send_queue_room(q);
    struct plait_chunk *chunk = room > 0 ? chunk_at_end(q) : NULL;
    uint32_t at = place_in_chunk(q, q->end);
    q->is_reserved = chunk != NULL;
    *length_octets = chunk ? smaller(room, q->chunks->chunk_octets - at) : 0;
    return chunk ? chunk->octets + at : NULL;
}

void plait_send_queue_commit(struct plait_send_queue *q, uint32_t length_octets)
{
    if (length_octets > 0) {
        PLAIT_CHECK(q->is_reserved && length_octets <= plait_send_queue_room(q));
        PLAIT_CHECK(length_octets <= q->chunks->chunk_octets - place_in_chunk(q, q->end));
    }
    q->end += length_octets;
    q->is_reserved = false;
    tidy(q);
}

uint32_t plait_send_queue_write(struct plait_send_queue *q, const void *octets, uint32_t length)
{
    const uint8_t *from = octets;
    uint32_t written = 0;
    while (written < length) {
        uint32_t part;
        uint8_t *to = plait_send_queue_reserve(q, &part);
        if (!to)
            break;
        part = smaller(part, length - written);
        memcpy(to, from + written, part);
        plait_send_queue_commit(q, part);
        written += part;
    }
    return written;
}

/* ---- reading ---- */

const uint8_t *plait_send_queue_peek(struct plait_send_queue *q, uint64_t from, uint32_t *length)
{
    PLAIT_CHECK(from <= q->end && *length <= q->end - from);
    if (*length == 0)
        return NULL;
    uint32_t at = place_in_chunk(q, from);
    *length = smaller(*length, q->chunks->chunk_octets - at);
    return find(q, from)->octets + at;
}

void plait_send_queue_read(struct plait_send_queue *q, uint64_t from, uint32_t length, void *to)
{
    uint8_t *at = to;
    while (length > 0) {
        uint32_t part = length;
        const uint8_t *octets = plait_send_queue_peek(q, from, &part);
        memcpy(at, octets, part);
        at += part;
        from += part;
        length -= part;
    }
}

/* ---- keeping ---- */

/* All of chunk NUMBER lies below EDGE.  (Numbers are compared, for an end may not have an offset.)
 */
static bool is_below(const struct plait_send_queue *q, uint64_t number, uint64_t edge)
{
    return number < number_of(q, edge);
}

void plait_send_queue_pin(struct plait_send_queue *q, uint64_t from, uint64_t to)
{
    PLAIT_CHECK(from <= to && to <= q->end);
    if (from == to)
        return;
    uint32_t chunk_octets = q->chunks->chunk_octets;
    for (uint64_t number = number_of(q, from); number <= number_of(q, to - 1); number++)
        find(q, number * chunk_octets)->pins++;
}

void plait_send_queue_unpin(struct plait_send_queue *q, uint64_t from, uint64_t to)
{
    PLAIT_CHECK(from <= to && to <= q->end);
    if (from == to)
        return;
    uint32_t chunk_octets = q->chunks->chunk_octets;
    for (uint64_t number = number_of(q, from); number <= number_of(q, to - 1); number++) {
        struct plait_chunk *chunk = find(q, number * chunk_octets);
        PLAIT_CHECK(chunk->pins > 0);
        bool is_kept = q->first && number >= q->first->number;
        if (--chunk->pins == 0 && !is_kept)
            drop_detached(q, chunk);
    }
    tidy(q);
}

void plait_send_queue_release(struct plait_send_queue *q, uint64_t edge)
{
    PLAIT_CHECK(q->start <= edge && edge <= q->end);
    q->start = edge;
    while (q->first && is_below(q, q->first->number, edge)) {
        struct plait_chunk *chunk = pop_first(q);
        if (chunk->pins > 0)
            detach(q, chunk);
        else
            plait_chunk_give(q->chunks, chunk);
    }
    tidy(q);
}

void plait_send_queue_clear(struct plait_send_queue *q)
{
    while (q->first)
        plait_chunk_give(q->chunks, pop_first(q));
    while (q->detached)
        drop_detached(q, q->detached);
    q->start = q->end;
    q->is_reserved = false;
}
