/* base/receive_queue.c: chunks where octets are, ranges for those that count.
 *
 * Two look-ups are remembered, the last chunk and one below it, because two paths fill a stream at
 * two places in turn.  A change that may fail takes its chunks first, and asks for the room of its
 * range before it copies an octet. */
#include "base/receive_queue.h"

#include <string.h>

#include "base/panic.h"

struct plait_receive_queue plait_receive_queue(struct plait_chunks *chunks, uint32_t limit_octets,
                                               struct plait_range *ranges, uint32_t range_room)
{
    return (struct plait_receive_queue){.chunks = chunks,
                                        .received = plait_range_set(ranges, range_room),
                                        .limit_octets = limit_octets};
}

/* ---- chunks ---- */

static uint64_t number_of(const struct plait_receive_queue *q, uint64_t offset)
{
    return offset >> __builtin_ctz(q->chunks->chunk_octets); /* a power of two */
}

static uint32_t place_in_chunk(const struct plait_receive_queue *q, uint64_t offset)
{
    return (uint32_t)offset & (q->chunks->chunk_octets - 1);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The last chunk whose number is at most NUMBER; NULL if there is none. */
static struct plait_chunk *find_at_most(const struct plait_receive_queue *q, uint64_t number)
{
    if (!q->first || q->first->number > number)
        return NULL;
    if (q->last->number <= number)
        return q->last;
    struct plait_chunk *at = q->seen && q->seen->number <= number ? q->seen : q->first;
    while (at->next->number <= number) /* ends before `last` */
        at = at->next;
    return at;
}

static struct plait_chunk *find(const struct plait_receive_queue *q, uint64_t number)
{
    struct plait_chunk *at = find_at_most(q, number);
    return at && at->number == number ? at : NULL;
}

static void remember(struct plait_receive_queue *q, struct plait_chunk *chunk)
{
    if (chunk != q->last)
        q->seen = chunk;
}

static struct plait_chunk *pop_first(struct plait_receive_queue *q)
{
    struct plait_chunk *chunk = q->first;
    q->first = chunk->next;
    if (q->last == chunk)
        q->last = NULL;
    if (q->seen == chunk)
        q->seen = NULL;
    return chunk;
}

static void insert_after(struct plait_receive_queue *q, struct plait_chunk *before,
                         struct plait_chunk *chunk)
{
    struct plait_chunk **link = before ? &before->next : &q->first;
    chunk->next = *link;
    *link = chunk;
    if (!chunk->next)
        q->last = chunk;
}

/* All chunks of [FROM, TO), or NO_ROOM and no new one. */
static plait_result take_chunks(struct plait_receive_queue *q, uint64_t from, uint64_t to,
                                bool is_ahead)
{
    uint64_t lowest = number_of(q, from), highest = number_of(q, to - 1);
    struct plait_chunk *before = find_at_most(q, lowest);
    uint64_t missing = highest - lowest + 1;
    for (struct plait_chunk *at = before ? before : q->first; at && at->number <= highest;
         at = at->next)
        missing -= at->number >= lowest;
    struct plait_chunk *taken = NULL;
    for (uint64_t i = 0; i < missing; i++) {
        struct plait_chunk *chunk =
            is_ahead ? plait_chunk_take_ahead(q->chunks) : plait_chunk_take(q->chunks);
        if (!chunk) {
            while ((chunk = taken)) {
                taken = chunk->next;
                plait_chunk_give(q->chunks, chunk);
            }
            return PLAIT_FAIL(NO_ROOM);
        }
        chunk->next = taken;
        taken = chunk;
    }
    for (uint64_t number = lowest; taken; number++) {
        struct plait_chunk *next = before ? before->next : q->first;
        if (before && before->number == number)
            continue;
        if (next && next->number == number) {
            before = next;
            continue;
        }
        struct plait_chunk *chunk = taken;
        taken = chunk->next;
        chunk->number = number;
        insert_after(q, before, chunk);
        before = chunk;
    }
    return PLAIT_OK;
}

/* Gives back what lies wholly below start, and everything when nothing was placed above it: an
 * idle queue holds no memory. */
static void tidy(struct plait_receive_queue *q)
{
    bool is_idle = q->start >= q->placed_edge;
    while (q->first && (is_idle || q->first->number < number_of(q, q->start)))
        plait_chunk_give(q->chunks, pop_first(q));
}

/* ---- octets ---- */

/* Copies to [FROM, TO), whose chunks are there. */
static void copy_in(struct plait_receive_queue *q, uint64_t from, uint64_t to,
                    const uint8_t *octets)
{
    struct plait_chunk *chunk = find(q, number_of(q, from));
    PLAIT_CHECK(chunk);
    while (from < to) {
        uint32_t at = place_in_chunk(q, from);
        size_t part = smaller(to - from, q->chunks->chunk_octets - at);
        memcpy(chunk->octets + at, octets, part);
        remember(q, chunk);
        octets += part;
        from += part;
        chunk = chunk->next;
    }
}

/* The first copy wins (N21): only what is not received is written. */
static void copy_into_gaps(struct plait_receive_queue *q, uint64_t from, uint64_t to,
                           const uint8_t *octets)
{
    for (uint64_t at = from; at < to;) {
        const struct plait_range *range = plait_range_above(&q->received, at);
        uint64_t gap_end = range ? smaller(range->from, to) : to;
        if (gap_end > at)
            copy_in(q, at, gap_end, octets + (at - from));
        at = range ? range->to : to;
    }
}

/* The part of [AT, AT+LENGTH) at and above start; BAD_VALUE if the window ends before it does. */
static plait_result clip(const struct plait_receive_queue *q, uint64_t at, uint32_t length,
                         struct plait_range *part)
{
    *part = (struct plait_range){q->start, q->start};
    if (at < q->start) {
        if (length <= q->start - at)
            return PLAIT_OK;
        length -= (uint32_t)(q->start - at);
        at = q->start;
    }
    if (length == 0)
        return PLAIT_OK;
    uint64_t limit_octets = smaller(q->limit_octets, UINT64_MAX - q->start);
    uint64_t before_octets = at - q->start;
    if (before_octets > limit_octets || length > limit_octets - before_octets)
        return PLAIT_FAIL(BAD_VALUE);
    *part = (struct plait_range){at, at + length};
    return PLAIT_OK;
}

static plait_result place(struct plait_receive_queue *q, const struct plait_range *part,
                          const uint8_t *octets, bool is_ahead)
{
    PLAIT_TRY(take_chunks(q, part->from, part->to, is_ahead));
    copy_into_gaps(q, part->from, part->to, octets);
    if (part->to > q->placed_edge)
        q->placed_edge = part->to;
    return PLAIT_OK;
}

plait_result plait_receive_queue_place(struct plait_receive_queue *q, uint64_t at,
                                       const void *octets, uint32_t length, bool is_ahead)
{
    struct plait_range part;
    PLAIT_TRY(clip(q, at, length, &part));
    if (part.from == part.to)
        return PLAIT_OK;
    return place(q, &part, (const uint8_t *)octets + (part.from - at), is_ahead);
}

plait_result plait_receive_queue_mark(struct plait_receive_queue *q, uint64_t at, uint32_t length,
                                      uint32_t *news)
{
    *news = 0;
    struct plait_range part;
    PLAIT_TRY(clip(q, at, length, &part));
    uint64_t covered = plait_range_covered(&q->received, part.from, part.to);
    PLAIT_TRY(plait_range_add(&q->received, part.from, part.to));
    *news = (uint32_t)(part.to - part.from - covered);
    return PLAIT_OK;
}

plait_result plait_receive_queue_write(struct plait_receive_queue *q, uint64_t at,
                                       const void *octets, uint32_t length, uint32_t *news)
{
    *news = 0;
    struct plait_range part;
    PLAIT_TRY(clip(q, at, length, &part));
    uint64_t covered = plait_range_covered(&q->received, part.from, part.to);
    if (covered == part.to - part.from)
        return PLAIT_OK;
    if (!plait_range_has_room(&q->received, part.from, part.to))
        return PLAIT_FAIL(TOO_MANY);
    bool is_ahead = part.from > plait_receive_queue_edge(q);
    PLAIT_TRY(place(q, &part, (const uint8_t *)octets + (part.from - at), is_ahead));
    *news = (uint32_t)(part.to - part.from - covered);
    return plait_range_add(&q->received, part.from, part.to);
}

const uint8_t *plait_receive_queue_placed(const struct plait_receive_queue *q, uint64_t from,
                                          uint32_t *length)
{
    struct plait_chunk *chunk = find(q, number_of(q, from));
    if (!chunk)
        return NULL;
    uint32_t at = place_in_chunk(q, from);
    *length = (uint32_t)smaller(*length, q->chunks->chunk_octets - at);
    return chunk->octets + at;
}

uint32_t plait_receive_queue_one_chunk(const struct plait_receive_queue *q, uint64_t at,
                                       uint32_t length)
{
    return (uint32_t)smaller(length, q->chunks->chunk_octets - place_in_chunk(q, at));
}

uint64_t plait_receive_queue_edge(const struct plait_receive_queue *q)
{
    const struct plait_range_set *received = &q->received;
    return received->count > 0 && received->ranges[0].from == q->start ? received->ranges[0].to
                                                                       : q->start;
}

const uint8_t *plait_receive_queue_peek(const struct plait_receive_queue *q, uint32_t *length)
{
    uint64_t ready_octets = plait_receive_queue_edge(q) - q->start;
    *length = 0;
    if (ready_octets == 0)
        return NULL;
    PLAIT_CHECK(q->first && q->first->number == number_of(q, q->start));
    uint32_t at = place_in_chunk(q, q->start);
    *length = (uint32_t)smaller(ready_octets, q->chunks->chunk_octets - at);
    return q->first->octets + at;
}

void plait_receive_queue_consume(struct plait_receive_queue *q, uint32_t length)
{
    PLAIT_CHECK(length <= plait_receive_queue_edge(q) - q->start);
    q->start += length;
    plait_range_remove_below(&q->received, q->start);
    tidy(q);
}

void plait_receive_queue_cut(struct plait_receive_queue *q, uint64_t at)
{
    if (at < q->start)
        at = q->start;
    /* Cannot fail: a range that reaches beyond AT is shortened, none is split. */
    PLAIT_CHECK(plait_ok(plait_range_remove(&q->received, at, UINT64_MAX)));
    q->placed_edge = smaller(q->placed_edge, at);
    if (q->placed_edge <= q->start) {
        tidy(q);
        return;
    }
    uint64_t highest = number_of(q, q->placed_edge - 1);
    struct plait_chunk *staying = find_at_most(q, highest);
    struct plait_chunk *gone = staying ? staying->next : q->first;
    if (staying)
        staying->next = NULL;
    else
        q->first = NULL;
    q->last = staying;
    q->seen = NULL;
    while (gone) {
        struct plait_chunk *next = gone->next;
        plait_chunk_give(q->chunks, gone);
        gone = next;
    }
}

void plait_receive_queue_clear(struct plait_receive_queue *q)
{
    while (q->first)
        plait_chunk_give(q->chunks, pop_first(q));
    q->received.count = 0;
    q->placed_edge = q->start;
}
