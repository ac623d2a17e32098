/* audit/stream.c: order, gaps and comparison of one direction of a connection. */
#include "audit/stream.h"

#include <string.h>

#include "audit/chunk.h"
#include "audit/rules.h"
#include "audit/store.h"

/* So many runs of octets too far ahead, each where the one before ended or near it, mean that the
 * capture left something out, not that somebody sends nonsense. */
#define FAR_RUNS 8

#define PIECES_OF_ONE_STREAM 4096

struct place { /* a stream, while something is done to it */
    struct plait_audit *a;
    struct plait_connection *c;
    struct plait_stream *stream;
    uint32_t connection, name; /* the latter of its chunks */
    unsigned direction;
};

static struct plait_piece *piece_at(const struct plait_audit *a, uint32_t piece)
{
    return plait_slab_at(&a->pieces, piece);
}

static struct place place_of(struct plait_audit *a, uint32_t connection, unsigned direction,
                             struct plait_work *work)
{
    struct plait_connection *c = plait_con(a, connection);
    return (struct place){.a = a,
                          .c = c,
                          .stream = &work->stream[direction],
                          .connection = connection,
                          .name = plait_stream_name(c->work, direction),
                          .direction = direction};
}

/* ---- delivery ------------------------------------------------------------------------------- */

static void hand_out(const struct place *w, const uint8_t *octets, uint64_t length,
                     const struct plait_piece *from)
{
    struct plait_audit *a = w->a;
    plait_count_more(a, octets ? PLAIT_COUNT_STREAM_OCTETS : PLAIT_COUNT_GAP_OCTETS, length);
    if (a->sink.octets) {
        struct plait_audit_octets piece = {.connection = w->c->number,
                                           .direction = (uint8_t)w->direction,
                                           .subflow = from->subflow,
                                           .is_ambiguous = from->is_ambiguous,
                                           .is_unsure = from->is_unsure,
                                           .offset = w->c->edge[w->direction],
                                           .length = length,
                                           .octets = octets,
                                           .packet = from->packet};
        a->sink.octets(a->owner, &piece);
    }
    w->c->edge[w->direction] += length;
    w->stream->last_subflow = from->subflow;
    w->stream->last_input = from->packet.input;
    w->stream->last_interface = from->packet.interface;
}

/* Delivered octets stay comparable for a while. */
static void advance_known(const struct place *w)
{
    uint64_t edge = w->c->edge[w->direction], retain = w->a->limits.retain_octets;
    if (edge > retain && w->stream->known_from < edge - retain)
        w->stream->known_from = edge - retain;
    plait_chunk_trim(w->a, w->stream, w->stream->known_from);
}

static void unlink_piece(const struct place *w, uint32_t piece)
{
    struct plait_stream *s = w->stream;
    struct plait_piece *p = piece_at(w->a, piece);
    if (p->previous)
        piece_at(w->a, p->previous)->next = p->next;
    else
        s->first_piece = p->next;
    if (p->next)
        piece_at(w->a, p->next)->previous = p->previous;
    else
        s->last_piece = p->previous;
    if (s->near_piece == piece)
        s->near_piece = p->previous;
    s->held_octets -= p->to - p->from;
    s->piece_count--;
    plait_slab_give(&w->a->pieces, piece);
}

static void deliver_piece(const struct place *w, uint32_t piece)
{
    struct plait_piece p = *piece_at(w->a, piece);
    for (uint64_t at = p.from; at < p.to;) {
        uint32_t part = plait_chunk_part(at, p.to - at);
        uint32_t chunk = plait_chunk_find(w->a, w->stream, w->name, at);
        const uint8_t *octets =
            chunk ? plait_chunk_at(w->a, chunk)->octets + at % PLAIT_CHUNK_OCTETS : NULL;
        hand_out(w, octets, part, &p);
        at += part;
    }
    unlink_piece(w, piece);
}

static void deliver_ready(const struct place *w)
{
    struct plait_stream *s = w->stream;
    while (s->first_piece && piece_at(w->a, s->first_piece)->from == w->c->edge[w->direction])
        deliver_piece(w, s->first_piece);
    s->hole_ns = w->a->now_ns;
    s->acked_hole_ns = 0;
    advance_known(w);
}

static void say(const struct place *w, enum plait_audit_event_kind kind,
                struct plait_packet_ref packet, uint16_t subflow, uint64_t offset, uint64_t length)
{
    if (!w->a->sink.event)
        return;
    struct plait_audit_event event = {.kind = kind,
                                      .connection = w->c->number,
                                      .subflow = subflow,
                                      .direction = (uint8_t)w->direction,
                                      .packet = packet,
                                      .offset = offset,
                                      .value = length,
                                      .length =
                                          (uint32_t)(length < UINT32_MAX ? length : UINT32_MAX)};
    w->a->sink.event(w->a->owner, &event);
}

/* ---- gaps ----------------------------------------------------------------------------------- */

static void say_gap(const struct place *w, uint64_t length, const struct plait_piece *behind)
{
    struct plait_audit *a = w->a;
    plait_count(a, PLAIT_COUNT_GAPS);
    w->c->flags |= PLAIT_CON_GAP;
    struct plait_story *story = plait_store_story(a, w->c);
    if (story)
        story->gap_octets[w->direction] += length;
    say(w, PLAIT_SAW_GAP, behind->packet, behind->subflow, w->c->edge[w->direction], length);
}

/* The hole before the first piece is given up. */
static void give_up_hole(const struct place *w)
{
    struct plait_piece behind = *piece_at(w->a, w->stream->first_piece);
    uint64_t length = behind.from - w->c->edge[w->direction];
    behind.is_ambiguous = false;
    if (length) {
        say_gap(w, length, &behind);
        hand_out(w, NULL, length, &behind);
        w->stream->known_from = w->c->edge[w->direction];
    }
    deliver_ready(w);
}

static bool is_given_up(const struct place *w)
{
    const struct plait_stream *s = w->stream;
    const struct plait_audit *a = w->a;
    if (s->held_octets > a->limits.hold_octets || s->piece_count > PIECES_OF_ONE_STREAM)
        return true;
    if (s->acked_hole_ns && a->now_ns - s->acked_hole_ns >= a->limits.ack_grace_ns)
        return true;
    return a->now_ns - s->hole_ns >= a->limits.hold_ns;
}

static void note_acknowledged(const struct place *w)
{
    struct plait_stream *s = w->stream;
    unsigned receiver = !w->direction;
    if (!s->acked_hole_ns && plait_has(w->c->flags, PLAIT_CON_ACKED_0, receiver) &&
        w->c->data_ack[receiver] > w->c->edge[w->direction])
        s->acked_hole_ns = w->a->now_ns ? w->a->now_ns : 1;
}

static void check_holes(const struct place *w)
{
    while (w->stream->first_piece) {
        note_acknowledged(w);
        if (!is_given_up(w))
            return;
        give_up_hole(w);
    }
}

void plait_stream_check(struct plait_audit *a, uint32_t connection)
{
    uint32_t work = plait_con(a, connection)->work;
    if (!work)
        return;
    for (unsigned d = 0; d < 2; d++) {
        struct place w = place_of(a, connection, d, plait_slab_at(&a->works, work));
        if (w.stream->first_piece)
            check_holes(&w);
    }
}

void plait_stream_flush(struct plait_audit *a, uint32_t connection)
{
    uint32_t work = plait_con(a, connection)->work;
    for (unsigned d = 0; work && d < 2; d++) {
        struct place w = place_of(a, connection, d, plait_slab_at(&a->works, work));
        while (w.stream->first_piece)
            give_up_hole(&w);
    }
}

static bool has_fin(const struct plait_audit *a, const struct plait_connection *c, unsigned d)
{
    bool by_data = plait_has(c->flags, PLAIT_CON_FIN_0, d);
    return by_data || (c->first_subflow &&
                       plait_has(plait_sub(a, c->first_subflow)->flags, PLAIT_SUB_FIN_0, d));
}

/* What the receiver acknowledged and the capture never had; a FIN counts as one. */
static void say_tail(struct plait_audit *a, uint32_t connection, unsigned d)
{
    struct plait_connection *c = plait_con(a, connection);
    uint64_t seen = c->edge[d] + has_fin(a, c, d);
    if (!plait_has(c->flags, PLAIT_CON_ACKED_0, !d) || c->data_ack[!d] <= seen)
        return;
    c->flags |= PLAIT_CON_GAP;
    uint64_t length = c->data_ack[!d] - seen;
    bool may_be_fin = length == 1 && seen == c->edge[d];
    struct plait_work *work = may_be_fin ? NULL : plait_store_work(a, connection);
    if (!work)
        return;
    struct place w = place_of(a, connection, d, work);
    const struct plait_piece nothing = {.subflow = w.stream->last_subflow};
    say_gap(&w, length, &nothing);
    hand_out(&w, NULL, length, &nothing);
}

void plait_stream_end(struct plait_audit *a, uint32_t connection)
{
    plait_stream_flush(a, connection);
    for (unsigned d = 0; d < 2; d++)
        say_tail(a, connection, d);
}

void plait_stream_give(struct plait_audit *a, uint32_t connection)
{
    struct plait_connection *c = plait_con(a, connection);
    if (!c->work)
        return;
    struct plait_work *work = plait_slab_at(&a->works, c->work);
    if (work->stream[0].first_piece || work->stream[1].first_piece)
        plait_count(a, PLAIT_COUNT_MEMORY_SHORT);
    plait_stream_flush(a, connection);
    for (unsigned d = 0; d < 2; d++)
        while (work->stream[d].oldest_chunk)
            plait_chunk_give_up(a, &work->stream[d], work->stream[d].oldest_chunk);
    plait_slab_give(&a->works, c->work);
    c->work = 0;
}

/* ---- memory --------------------------------------------------------------------------------- */

/* The oldest chunk of all goes.  If somebody still waits behind a hole in it, he waits no longer.
 */
static void reclaim_chunk(struct plait_audit *a)
{
    uint32_t chunk = a->chunks.oldest;
    const struct plait_chunk_kept *kept = plait_chunk_at(a, chunk);
    struct plait_work *work = plait_slab_at(&a->works, kept->stream >> 1);
    unsigned d = kept->stream & 1;
    struct place w = place_of(a, work->connection, d, work);
    uint64_t end = (kept->number + 1) * PLAIT_CHUNK_OCTETS;
    bool was_held = false;
    while (w.stream->first_piece && w.c->edge[d] < end) {
        was_held = true;
        give_up_hole(&w);
    }
    if (was_held)
        plait_count(a, PLAIT_COUNT_MEMORY_SHORT);
    if (w.stream->known_from < end)
        w.stream->known_from = end < w.c->edge[d] ? end : w.c->edge[d];
    /* Delivery may have trimmed it by now. */
    if (a->chunks.oldest == chunk)
        plait_chunk_give_up(a, w.stream, chunk);
}

static void place_octets(const struct place *w, uint64_t at, const uint8_t *octets, uint64_t length)
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

static bool is_elsewhere(const struct place *w, const struct plait_stream_copy *copy)
{
    return copy->packet.input != w->stream->last_input ||
           copy->packet.interface != w->stream->last_interface;
}

static void contradict(const struct place *w, uint64_t at, const uint8_t *first,
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
    say(w, PLAIT_SAW_CONTRADICTION, copy->packet, contradiction.later_subflow, at + from,
        to - from);
    plait_rule_contradiction(a, w->connection, copy->subflow, &contradiction,
                             copy->is_again && is_elsewhere(w, copy));
}

/* LENGTH octets at AT are there already, as PIECE (0: delivered). */
static void compare(const struct place *w, const struct plait_stream_copy *copy, uint64_t at,
                    const uint8_t *octets, uint64_t length, struct plait_piece *piece)
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
                if (piece && a->limits.copy == PLAIT_LAST_COPY)
                    memcpy(first, octets, part);
            }
        }
        at += part;
        octets += part;
        length -= part;
    }
}

/* ---- holding -------------------------------------------------------------------------------- */

/* The last piece that begins at or before AT, or 0: looked for from where the last one was put. */
static uint32_t piece_before(const struct place *w, uint64_t at)
{
    const struct plait_stream *s = w->stream;
    uint32_t piece = s->last_piece;
    if (piece && piece_at(w->a, piece)->from <= at)
        return piece;
    piece = s->near_piece;
    while (piece && piece_at(w->a, piece)->from > at)
        piece = piece_at(w->a, piece)->previous;
    uint32_t next = piece ? piece_at(w->a, piece)->next : s->first_piece;
    while (next && piece_at(w->a, next)->from <= at) {
        piece = next;
        next = piece_at(w->a, next)->next;
    }
    return piece;
}

static void link_piece(const struct place *w, uint32_t piece, uint32_t before)
{
    struct plait_stream *s = w->stream;
    struct plait_piece *p = piece_at(w->a, piece);
    p->previous = before;
    p->next = before ? piece_at(w->a, before)->next : s->first_piece;
    if (before)
        piece_at(w->a, before)->next = piece;
    else
        s->first_piece = piece;
    if (p->next)
        piece_at(w->a, p->next)->previous = piece;
    else
        s->last_piece = piece;
    s->near_piece = piece;
    s->held_octets += p->to - p->from;
    s->piece_count++;
}

static struct plait_piece piece_of(const struct place *w, const struct plait_stream_copy *copy,
                                   uint64_t at, uint64_t length)
{
    return (struct plait_piece){.from = at,
                                .to = at + length,
                                .packet = copy->packet,
                                .subflow = plait_sub(w->a, copy->subflow)->number,
                                .is_unsure = copy->is_unsure};
}

/* New octets behind a hole.  Making room may have given up the hole, and more. */
static void hold(const struct place *w, const struct plait_stream_copy *copy, uint64_t at,
                 const uint8_t *octets, uint64_t length)
{
    struct plait_audit *a = w->a;
    if (a->pieces.alive == a->pieces.limit && w->stream->first_piece)
        give_up_hole(w);
    place_octets(w, at, octets, length);
    uint64_t edge = w->c->edge[w->direction];
    uint32_t piece = at >= edge ? plait_slab_take(&a->pieces) : 0;
    if (!piece) {
        plait_count(a, PLAIT_COUNT_MEMORY_SHORT);
        return;
    }
    if (!w->stream->first_piece)
        w->stream->hole_ns = a->now_ns;
    *piece_at(a, piece) = piece_of(w, copy, at, length);
    link_piece(w, piece, piece_before(w, at));
}

/* New octets: at the edge they go out at once, from the packet. */
static void add(const struct place *w, const struct plait_stream_copy *copy, uint64_t at,
                const uint8_t *octets, uint64_t length)
{
    if (at != w->c->edge[w->direction]) {
        hold(w, copy, at, octets, length);
        return;
    }
    struct plait_piece piece = piece_of(w, copy, at, length);
    hand_out(w, octets, length, &piece);
    place_octets(w, at, octets, length);
    advance_known(w);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* [AT, END) is at or above the edge: what is held is compared, the rest is new.  How much was
 * there already. */
static uint64_t merge(const struct place *w, const struct plait_stream_copy *copy, uint64_t at,
                      const uint8_t *octets, uint64_t end)
{
    uint64_t old = 0;
    while (at < end) {
        uint32_t before = w->stream->first_piece ? piece_before(w, at) : 0;
        struct plait_piece *p = before ? piece_at(w->a, before) : NULL;
        uint64_t stop;
        if (p && p->to > at) {
            stop = least(p->to, end);
            compare(w, copy, at, octets, stop - at, p);
            old += stop - at;
        } else {
            uint32_t next = p ? p->next : w->stream->first_piece;
            stop = next ? least(piece_at(w->a, next)->from, end) : end;
            add(w, copy, at, octets, stop - at);
        }
        octets += stop - at;
        at = stop;
    }
    return old;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void say_reinjection(const struct place *w, const struct plait_stream_copy *copy,
                            uint64_t at, uint64_t old)
{
    struct plait_audit *a = w->a;
    plait_count_more(a, PLAIT_COUNT_REINJECTED_OCTETS, old);
    struct plait_story *story = plait_store_story(a, w->c);
    if (story)
        story->reinjected_octets[w->direction] += old;
    say(w, PLAIT_SAW_REINJECTION, copy->packet, plait_sub(a, copy->subflow)->number, at, old);
}

/* Far ahead of all that is known?  A receiver drops that (RFC 8684 §3.8, N43), unless the capture
 * is what left something out: then it goes on there, or was acknowledged. */
static bool is_far(const struct place *w, uint64_t at, uint64_t length)
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
    struct place w = place_of(a, connection, direction, work);
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
    if (w.c->edge[direction] != edge)
        deliver_ready(&w);
    check_holes(&w);
}
