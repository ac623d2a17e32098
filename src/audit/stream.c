/* audit/stream.c: what comes into a stream: compared with what is there, held, or handed out. */
#include "audit/stream.h"

#include <string.h>

#include "audit/chunk.h"
#include "audit/rules.h"
#include "audit/store.h"
#include "audit/stream_inside.h"

/* So many runs of octets too far ahead, each where the one before ended or near it, mean that the
 * capture left something out, not that somebody sends nonsense. */
#define FAR_RUNS 8

/* ---- memory --------------------------------------------------------------------------------- */

/* The oldest chunk of all goes.  If somebody still waits behind a hole in it, he waits no longer.
 */
static void reclaim_chunk(struct plait_audit *a)
{
    uint32_t chunk = a->chunks.oldest;
    const struct plait_chunk_kept *kept = plait_chunk_at(a, chunk);
    struct plait_work *work = plait_slab_at(&a->works, kept->stream >> 1);
    unsigned d = kept->stream & 1;
    struct plait_stream_place w = plait_stream_place(a, work->connection, d, work);
    uint64_t end = (kept->number + 1) * PLAIT_CHUNK_OCTETS;
    bool was_held = false;
    while (w.stream->first_piece && w.c->edge[d] < end) {
        was_held = true;
        plait_stream_give_up_hole(&w);
    }
    if (was_held)
        plait_count(a, PLAIT_COUNT_MEMORY_SHORT);
    if (w.stream->known_from < end)
        w.stream->known_from = end < w.c->edge[d] ? end : w.c->edge[d];
    /* Delivery may have trimmed it by now. */
    if (a->chunks.oldest == chunk)
        plait_chunk_give_up(a, w.stream, chunk);
}

static void place_octets(const struct plait_stream_place *w, uint64_t at, const uint8_t *octets,
                         uint64_t length)
{
    while (length) {
        uint32_t part = plait_chunk_part(at, length);
        if (w->a->chunks.alive == w->a->chunks.limit)
            reclaim_chunk(w->a);
        uint32_t chunk = plait_chunk_have(w->a, w->stream, w->name, at);
        if (chunk)
            memcpy(plait_chunk_at(w->a, chunk)->octets + at % PLAIT_CHUNK_OCTETS, octets, part);
        at += part;
        octets += part;
        length -= part;
    }
}

/* ---- comparing ------------------------------------------------------------------------------ */

static bool is_elsewhere(const struct plait_stream_place *w, const struct plait_stream_copy *copy)
{
    return copy->packet.input != w->stream->last_input ||
           copy->packet.interface != w->stream->last_interface;
}

/* One packet may cover thousands of small pieces that came before it. */
#define TOLD_OF_A_PACKET 16

static bool is_to_be_told(struct plait_audit *a, const struct plait_packet_ref *packet)
{
    struct plait_told *told = &a->contradictions_told;
    if (told->frame != packet->frame || told->input != packet->input)
        *told = (struct plait_told){.frame = packet->frame, .input = packet->input};
    return told->count++ < TOLD_OF_A_PACKET;
}

static void contradict(const struct plait_stream_place *w, uint64_t at, const uint8_t *first,
                       const struct plait_stream_copy *copy, const uint8_t *later, uint32_t length)
{
    uint32_t from = 0, to = length;
    while (first[from] == later[from])
        from++;
    while (first[to - 1] == later[to - 1])
        to--;
    struct plait_audit *a = w->a;
    plait_count_more(a, PLAIT_COUNT_CONTRADICTED_OCTETS, to - from);
    struct plait_audit_contradiction contradiction = {
        .connection = w->c->number,
        .direction = (uint8_t)w->direction,
        .offset = at + from,
        .length = to - from,
        .first = first + from,
        .later = later + from,
        .later_subflow = plait_sub(a, copy->subflow)->number,
        .packet = copy->packet,
        .was_delivered = at + from < w->c->edge[w->direction]};
    if (a->sink.contradiction)
        a->sink.contradiction(a->owner, &contradiction);
    if (is_to_be_told(a, &copy->packet))
        plait_stream_say(w, PLAIT_SAW_CONTRADICTION, copy->packet, contradiction.later_subflow,
                         at + from, to - from);
    plait_rule_contradiction(a, w->connection, copy->subflow, &contradiction,
                             copy->is_again && is_elsewhere(w, copy));
}

static bool proves(const struct plait_stream_copy *copy, const struct plait_piece *piece)
{
    return piece->is_unproven && !copy->is_unproven;
}

/* LENGTH octets at AT are there already, as PIECE (0: delivered). */
static void compare(const struct plait_stream_place *w, const struct plait_stream_copy *copy,
                    uint64_t at, const uint8_t *octets, uint64_t length, struct plait_piece *piece)
{
    struct plait_audit *a = w->a;
    while (length) {
        uint32_t part = plait_chunk_part(at, length);
        uint32_t chunk = plait_chunk_find(a, w->stream, w->name, at);
        if (!chunk || copy->is_blind || (!piece && at < w->stream->known_from)) {
            plait_count_more(a, PLAIT_COUNT_NOT_COMPARED_OCTETS, part);
        } else {
            uint8_t *first = plait_chunk_at(a, chunk)->octets + at % PLAIT_CHUNK_OCTETS;
            if (memcmp(first, octets, part) != 0) {
                contradict(w, at, first, copy, octets, part);
                if (piece)
                    piece->is_ambiguous = true;
                if (piece && (a->limits.copy == PLAIT_LAST_COPY || proves(copy, piece)))
                    memcpy(first, octets, part);
            }
        }
        at += part;
        octets += part;
        length -= part;
    }
}

/* ---- holding -------------------------------------------------------------------------------- */

/* The last piece that begins at or before AT, or 0: looked for from where the last one was put or
 * found, as one packet may hold copies of a thousand pieces. */
static uint32_t piece_before(const struct plait_stream_place *w, uint64_t at)
{
    struct plait_stream *s = w->stream;
    uint32_t piece = s->last_piece;
    if (piece && plait_piece_at(w->a, piece)->from <= at)
        return piece;
    piece = s->near_piece;
    while (piece && plait_piece_at(w->a, piece)->from > at)
        piece = plait_piece_at(w->a, piece)->previous;
    uint32_t next = piece ? plait_piece_at(w->a, piece)->next : s->first_piece;
    while (next && plait_piece_at(w->a, next)->from <= at) {
        piece = next;
        next = plait_piece_at(w->a, next)->next;
    }
    if (piece)
        s->near_piece = piece;
    return piece;
}

static void link_piece(const struct plait_stream_place *w, uint32_t piece, uint32_t before)
{
    struct plait_stream *s = w->stream;
    struct plait_piece *p = plait_piece_at(w->a, piece);
    p->previous = before;
    p->next = before ? plait_piece_at(w->a, before)->next : s->first_piece;
    if (before)
        plait_piece_at(w->a, before)->next = piece;
    else
        s->first_piece = piece;
    if (p->next)
        plait_piece_at(w->a, p->next)->previous = piece;
    else
        s->last_piece = piece;
    s->near_piece = piece;
    s->held_octets += p->to - p->from;
    s->piece_count++;
}

static struct plait_piece piece_of(const struct plait_stream_place *w,
                                   const struct plait_stream_copy *copy, uint64_t at,
                                   uint64_t length)
{
    return (struct plait_piece){.from = at,
                                .to = at + length,
                                .packet = copy->packet,
                                .subflow = plait_sub(w->a, copy->subflow)->number,
                                .is_unsure = copy->is_unsure,
                                .is_unproven = copy->is_unproven};
}

/* New octets behind a hole.  Making room may have given up the hole, and more. */
static void hold(const struct plait_stream_place *w, const struct plait_stream_copy *copy,
                 uint64_t at, const uint8_t *octets, uint64_t length)
{
    struct plait_audit *a = w->a;
    if (a->pieces.alive == a->pieces.limit && w->stream->first_piece)
        plait_stream_give_up_hole(w);
    place_octets(w, at, octets, length);
    uint64_t edge = w->c->edge[w->direction];
    uint32_t piece = at >= edge ? plait_slab_take(&a->pieces) : 0;
    if (!piece) {
        plait_count(a, PLAIT_COUNT_MEMORY_SHORT);
        return;
    }
    if (!w->stream->first_piece)
        w->stream->hole_ns = a->now_ns;
    *plait_piece_at(a, piece) = piece_of(w, copy, at, length);
    link_piece(w, piece, piece_before(w, at));
}

/* New octets: at the edge they go out at once, from the packet. */
static void add(const struct plait_stream_place *w, const struct plait_stream_copy *copy,
                uint64_t at, const uint8_t *octets, uint64_t length)
{
    if (at != w->c->edge[w->direction] || copy->is_unproven) {
        hold(w, copy, at, octets, length);
        return;
    }
    struct plait_piece piece = piece_of(w, copy, at, length);
    plait_stream_hand_out(w, octets, length, &piece);
    place_octets(w, at, octets, length);
    plait_stream_advance_known(w);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* [AT, END) is at or above the edge: what is held is compared, the rest is new.  How much was
 * there already. */
static uint64_t merge(const struct plait_stream_place *w, const struct plait_stream_copy *copy,
                      uint64_t at, const uint8_t *octets, uint64_t end)
{
    uint64_t old = 0;
    while (at < end) {
        uint32_t before = w->stream->first_piece ? piece_before(w, at) : 0;
        struct plait_piece *p = before ? plait_piece_at(w->a, before) : NULL;
        uint64_t stop;
        if (p && p->to > at) {
            stop = least(p->to, end);
            compare(w, copy, at, octets, stop - at, p);
            if (at == p->from && stop == p->to && proves(copy, p))
                p->is_unproven = false;
            old += stop - at;
        } else {
            uint32_t next = p ? p->next : w->stream->first_piece;
            stop = next ? least(plait_piece_at(w->a, next)->from, end) : end;
            add(w, copy, at, octets, stop - at);
        }
        octets += stop - at;
        at = stop;
    }
    return old;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void say_reinjection(const struct plait_stream_place *w,
                            const struct plait_stream_copy *copy, uint64_t at, uint64_t old)
{
    struct plait_audit *a = w->a;
    plait_count_more(a, PLAIT_COUNT_REINJECTED_OCTETS, old);
    struct plait_story *story = plait_store_story(a, w->c);
    if (story)
        story->reinjected_octets[w->direction] += old;
    plait_stream_say(w, PLAIT_SAW_REINJECTION, copy->packet, plait_sub(a, copy->subflow)->number,
                     at, old);
}

/* Far ahead of all that is known?  A receiver drops that (RFC 8684 §3.8, N43), unless the capture
 * is what left something out: then it goes on there, or was acknowledged. */
static bool is_far(const struct plait_stream_place *w, uint64_t at, uint64_t length)
{
    struct plait_stream *s = w->stream;
    uint64_t edge = w->c->edge[w->direction], limit = 2 * (uint64_t)w->a->limits.hold_octets;
    unsigned receiver = !w->direction;
    if (at <= edge || at - edge <= limit)
        return false;
    if (plait_has(w->c->flags, PLAIT_CON_ACKED_0, receiver) &&
        w->c->data_ack[receiver] + limit >= at)
        return false;
    bool goes_on = s->far_count && at + limit / 16 >= s->far_next && at <= s->far_next + limit / 16;
    s->far_count = goes_on ? s->far_count + 1 : 1;
    s->far_next = at + length;
    if (s->far_count >= FAR_RUNS)
        return false;
    plait_count_more(w->a, PLAIT_COUNT_FAR_OCTETS, length);
    return true;
}

void plait_stream_write(struct plait_audit *a, uint32_t connection, unsigned direction,
                        const struct plait_stream_copy *copy)
{
    uint32_t early = copy->at < 0 ? (uint32_t)least((uint64_t)-copy->at, copy->length) : 0;
    plait_count_more(a, PLAIT_COUNT_EARLY_OCTETS, early);
    if (early == copy->length)
        return;
    struct plait_work *work = plait_store_work(a, connection);
    if (!work)
        return;
    struct plait_stream_place w = plait_stream_place(a, connection, direction, work);
    uint64_t at = (uint64_t)(copy->at + early), end = at + (copy->length - early);
    const uint8_t *octets = copy->octets + early;
    if (is_far(&w, at, end - at))
        return;
    uint64_t edge = w.c->edge[direction], old = 0;
    if (at < edge) {
        old = least(end, edge) - at;
        compare(&w, copy, at, octets, old, NULL);
    }
    if (end > at + old)
        old += merge(&w, copy, at + old, octets + old, end);
    if (old && !copy->is_again)
        say_reinjection(&w, copy, at, old);
    if (!w.stream->first_piece)
        return;
    if (w.c->edge[direction] != edge || plait_stream_is_ready(&w, w.stream->first_piece))
        plait_stream_deliver_ready(&w);
    plait_stream_check_holes(&w);
}
