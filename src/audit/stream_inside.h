/* audit/stream_inside.h: internal: what the files of stream know of each other. */
#ifndef PLAIT_AUDIT_STREAM_INSIDE_H
#define PLAIT_AUDIT_STREAM_INSIDE_H

#include "audit/chunk.h"
#include "audit/stream.h"

struct plait_stream_place { /* a stream, while something is done to it */
    struct plait_audit *a;
    struct plait_connection *c;
    struct plait_stream *stream;
    uint32_t connection, name; /* the latter of its chunks */
    unsigned direction;
};

static inline struct plait_piece *plait_piece_at(const struct plait_audit *a, uint32_t piece)
{
    return plait_slab_at(&a->pieces, piece);
}

/* It is at the edge, and waits for nothing. */
static inline bool plait_stream_is_ready(const struct plait_stream_place *w, uint32_t piece)
{
    const struct plait_piece *p = plait_piece_at(w->a, piece);
    return p->from == w->c->edge[w->direction] && !p->is_unproven;
}

static inline struct plait_stream_place plait_stream_place(struct plait_audit *a,
                                                           uint32_t connection, unsigned direction,
                                                           struct plait_work *work)
{
    struct plait_connection *c = plait_con(a, connection);
    return (struct plait_stream_place){.a = a,
                                       .c = c,
                                       .stream = &work->stream[direction],
                                       .connection = connection,
                                       .name = plait_stream_name(c->work, direction),
                                       .direction = direction};
}

/* ---- stream_out.c ---- */

/* LENGTH octets at the edge, which moves; NULL: a gap. */
void plait_stream_hand_out(const struct plait_stream_place *w, const uint8_t *octets,
                           uint64_t length, const struct plait_piece *from);
/* Delivered octets stay comparable for a while. */
void plait_stream_advance_known(const struct plait_stream_place *w);
/* What is held at the edge goes out. */
void plait_stream_deliver_ready(const struct plait_stream_place *w);
void plait_stream_say(const struct plait_stream_place *w, enum plait_audit_event_kind kind,
                      struct plait_packet_ref packet, uint16_t subflow, uint64_t offset,
                      uint64_t length);
/* The hole before the first piece is given up. */
void plait_stream_give_up_hole(const struct plait_stream_place *w);
/* ... those are that should be. */
void plait_stream_check_holes(const struct plait_stream_place *w);

#endif
