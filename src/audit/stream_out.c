/* audit/stream_out.c: what leaves a stream: octets in order, and gaps where the capture lacks some.
 */
#include "audit/chunk.h"
#include "audit/data.h"
#include "audit/store.h"
#include "audit/stream_inside.h"

#define PIECES_OF_ONE_STREAM 4096

/* ---- delivery ------------------------------------------------------------------------------- */

void plait_stream_hand_out(const struct plait_stream_place *w, const uint8_t *octets,
                           uint64_t length, const struct plait_piece *from)
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
void plait_stream_advance_known(const struct plait_stream_place *w)
{
    uint64_t edge = w->c->edge[w->direction], retain = w->a->limits.retain_octets;
    if (edge > retain && w->stream->known_from < edge - retain)
        w->stream->known_from = edge - retain;
    plait_chunk_trim(w->a, w->stream, w->stream->known_from);
}

static void unlink_piece(const struct plait_stream_place *w, uint32_t piece)
{
    struct plait_stream *s = w->stream;
    struct plait_piece *p = plait_piece_at(w->a, piece);
    if (p->previous)
        plait_piece_at(w->a, p->previous)->next = p->next;
    else
        s->first_piece = p->next;
    if (p->next)
        plait_piece_at(w->a, p->next)->previous = p->previous;
    else
        s->last_piece = p->previous;
    if (s->near_piece == piece)
        s->near_piece = p->previous;
    s->held_octets -= p->to - p->from;
    s->piece_count--;
    plait_slab_give(&w->a->pieces, piece);
}

static void deliver_piece(const struct plait_stream_place *w, uint32_t piece)
{
    struct plait_piece p = *plait_piece_at(w->a, piece);
    for (uint64_t at = p.from; at < p.to;) {
        uint32_t part = plait_chunk_part(at, p.to - at);
        uint32_t chunk = plait_chunk_find(w->a, w->stream, w->name, at);
        const uint8_t *octets =
            chunk ? plait_chunk_at(w->a, chunk)->octets + at % PLAIT_CHUNK_OCTETS : NULL;
        plait_stream_hand_out(w, octets, part, &p);
        at += part;
    }
    unlink_piece(w, piece);
}

void plait_stream_deliver_ready(const struct plait_stream_place *w)
{
    struct plait_stream *s = w->stream;
    while (s->first_piece && plait_stream_is_ready(w, s->first_piece))
        deliver_piece(w, s->first_piece);
    s->hole_ns = w->a->now_ns;
    s->acked_hole_ns = 0;
    plait_stream_advance_known(w);
}

/* Looked for from where the last piece was put. */
static uint32_t first_piece_of(const struct plait_stream_place *w, uint64_t at)
{
    uint32_t n = w->stream->near_piece;
    while (n && plait_piece_at(w->a, n)->from > at)
        n = plait_piece_at(w->a, n)->previous;
    return n ? n : w->stream->first_piece;
}

struct proof { /* of which pieces, and what it says */
    uint64_t from, to;
    uint16_t subflow;
    bool is_plain, refuses;
};

static void prove_pieces(const struct plait_stream_place *w, const struct proof *proof)
{
    for (uint32_t n = first_piece_of(w, proof->from), next; n; n = next) {
        struct plait_piece *p = plait_piece_at(w->a, n);
        next = p->next;
        if (p->from >= proof->to)
            break;
        bool is_meant = p->from >= proof->from && p->subflow == proof->subflow &&
                        p->is_unsure == proof->is_plain;
        if (!is_meant || !p->is_unproven)
            continue;
        p->is_unproven = false;
        if (proof->refuses && proof->is_plain)
            plait_count_more(w->a, PLAIT_COUNT_UNMAPPED_OCTETS, p->to - p->from);
        if (proof->refuses)
            unlink_piece(w, n);
    }
    if (w->stream->first_piece && plait_stream_is_ready(w, w->stream->first_piece))
        plait_stream_deliver_ready(w);
}

static void prove(struct plait_audit *a, uint32_t connection, unsigned direction,
                  const struct proof *proof)
{
    uint32_t work = plait_con(a, connection)->work;
    if (!work)
        return;
    const struct plait_stream_place w =
        plait_stream_place(a, connection, direction, plait_slab_at(&a->works, work));
    prove_pieces(&w, proof);
}

void plait_stream_prove(struct plait_audit *a, uint32_t connection, unsigned direction,
                        uint32_t subflow, uint64_t at, uint32_t length, bool refused)
{
    prove(a, connection, direction,
          &(struct proof){.from = at,
                          .to = at + length,
                          .subflow = plait_sub(a, subflow)->number,
                          .refuses = refused});
}

void plait_stream_prove_plain(struct plait_audit *a, uint32_t connection, unsigned direction,
                              uint32_t subflow, bool refused)
{
    prove(a, connection, direction,
          &(struct proof){.to = UINT64_MAX,
                          .subflow = plait_sub(a, subflow)->number,
                          .is_plain = true,
                          .refuses = refused});
}

void plait_stream_say(const struct plait_stream_place *w, enum plait_audit_event_kind kind,
                      struct plait_packet_ref packet, uint16_t subflow, uint64_t offset,
                      uint64_t length)
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

static void say_gap(const struct plait_stream_place *w, uint64_t length,
                    const struct plait_piece *behind)
{
    struct plait_audit *a = w->a;
    plait_count(a, PLAIT_COUNT_GAPS);
    w->c->flags |= PLAIT_CON_GAP;
    struct plait_story *story = plait_store_story(a, w->c);
    if (story)
        story->gap_octets[w->direction] += length;
    plait_stream_say(w, PLAIT_SAW_GAP, behind->packet, behind->subflow, w->c->edge[w->direction],
                     length);
}

/* What begins at the first piece, up to the next hole, waits for no proof any more. */
static void give_up_proof(const struct plait_stream_place *w)
{
    uint64_t end = plait_piece_at(w->a, w->stream->first_piece)->from;
    for (uint32_t n = w->stream->first_piece; n && plait_piece_at(w->a, n)->from == end;
         n = plait_piece_at(w->a, n)->next) {
        plait_piece_at(w->a, n)->is_unproven = false;
        end = plait_piece_at(w->a, n)->to;
    }
}

/* The hole before the first piece is given up, or what it waits for. */
void plait_stream_give_up_hole(const struct plait_stream_place *w)
{
    give_up_proof(w);
    struct plait_piece behind = *plait_piece_at(w->a, w->stream->first_piece);
    uint64_t length = behind.from - w->c->edge[w->direction];
    behind.is_ambiguous = false;
    if (length) {
        say_gap(w, length, &behind);
        plait_stream_hand_out(w, NULL, length, &behind);
        w->stream->known_from = w->c->edge[w->direction];
    }
    plait_stream_deliver_ready(w);
}

static bool is_given_up(const struct plait_stream_place *w)
{
    const struct plait_stream *s = w->stream;
    const struct plait_audit *a = w->a;
    if (s->held_octets > a->limits.hold_octets || s->piece_count > PIECES_OF_ONE_STREAM)
        return true;
    if (s->acked_hole_ns && a->now_ns - s->acked_hole_ns >= a->limits.ack_grace_ns)
        return true;
    return a->now_ns - s->hole_ns >= a->limits.hold_ns;
}

static void note_acknowledged(const struct plait_stream_place *w)
{
    struct plait_stream *s = w->stream;
    unsigned receiver = !w->direction;
    if (!s->acked_hole_ns && plait_has(w->c->flags, PLAIT_CON_ACKED_0, receiver) &&
        w->c->data_ack[receiver] > w->c->edge[w->direction])
        s->acked_hole_ns = w->a->now_ns ? w->a->now_ns : 1;
}

void plait_stream_check_holes(const struct plait_stream_place *w)
{
    while (w->stream->first_piece) {
        note_acknowledged(w);
        if (!is_given_up(w))
            return;
        plait_stream_give_up_hole(w);
    }
}

void plait_stream_check(struct plait_audit *a, uint32_t connection)
{
    uint32_t work = plait_con(a, connection)->work;
    if (!work)
        return;
    for (unsigned d = 0; d < 2; d++) {
        struct plait_stream_place w =
            plait_stream_place(a, connection, d, plait_slab_at(&a->works, work));
        if (w.stream->first_piece)
            plait_stream_check_holes(&w);
    }
}

void plait_stream_flush(struct plait_audit *a, uint32_t connection)
{
    uint32_t work = plait_con(a, connection)->work;
    for (unsigned d = 0; work && d < 2; d++) {
        struct plait_stream_place w =
            plait_stream_place(a, connection, d, plait_slab_at(&a->works, work));
        while (w.stream->first_piece)
            plait_stream_give_up_hole(&w);
    }
}

static bool has_fin(const struct plait_audit *a, const struct plait_connection *c, unsigned d)
{
    bool by_data = plait_has(c->flags, PLAIT_CON_FIN_0, d);
    return by_data || (c->first_subflow &&
                       plait_has(plait_sub(a, c->first_subflow)->flags, PLAIT_SUB_FIN_0, d));
}

/* Behind the FIN that ends stream D, where it is plain TCP's; 0: there is none. */
static uint64_t behind_fin(const struct plait_audit *a, const struct plait_connection *c,
                           unsigned d)
{
    bool fell_back = c->flags & PLAIT_CON_FALLBACK && c->story;
    uint32_t subflow = c->first_subflow;
    if (fell_back)
        subflow = ((struct plait_story *)plait_slab_at(&a->stories, c->story))->fallback_subflow;
    if (!subflow || plait_is_mptcp(c))
        return 0;
    const struct plait_subflow *s = plait_sub(a, subflow);
    int64_t number = (int64_t)s->half[d].edge;
    int64_t behind = fell_back ? plait_fallback_offset(a, c, d, number) : number - 1;
    return plait_has(s->flags, PLAIT_SUB_FIN_0, d) && behind > 0 ? (uint64_t)behind : 0;
}

/* What the receiver acknowledged, or the sender's FIN is behind, and the capture never had; a FIN
 * counts as one. */
static void say_tail(struct plait_audit *a, uint32_t connection, unsigned d)
{
    struct plait_connection *c = plait_con(a, connection);
    uint64_t seen = c->edge[d] + has_fin(a, c, d), told = behind_fin(a, c, d);
    if (plait_has(c->flags, PLAIT_CON_ACKED_0, !d) && c->data_ack[!d] > told)
        told = c->data_ack[!d];
    if (told <= seen)
        return;
    c->flags |= PLAIT_CON_GAP;
    uint64_t length = told - seen;
    bool may_be_fin = length == 1 && seen == c->edge[d];
    struct plait_work *work = may_be_fin ? NULL : plait_store_work(a, connection);
    if (!work)
        return;
    struct plait_stream_place w = plait_stream_place(a, connection, d, work);
    const struct plait_piece nothing = {.subflow = w.stream->last_subflow};
    say_gap(&w, length, &nothing);
    plait_stream_hand_out(&w, NULL, length, &nothing);
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
