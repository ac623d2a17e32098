/* audit/fallback.c: when a connection became plain TCP, and what proves it (RFC 8684 §3.7).
 *
 * Payload without a mapping does not prove it: its mapping may be missing from the capture, or it
 * may be somebody else's (T-DSS-5).  It waits until the receiver acknowledges it without a
 * DATA_ACK, or, where there never was another subflow, until more of it comes or the connection
 * ends.  A receiver that answers as MPTCP, or a sender who goes on with mappings, disproves it. */
#include "audit/data.h"
#include "audit/rules.h"
#include "audit/stream.h"

/* Where direction D's stream stood on SUBFLOW when mappings ended. */
static void set_point(struct plait_audit *a, struct plait_connection *c, struct plait_subflow *s,
                      struct plait_story *story, unsigned d)
{
    story->fallback_at[d] = plait_has(s->flags, PLAIT_SUB_MAPPED_0, d) ? c->edge[d] : 0;
    story->fallback_number[d] = plait_has(s->flags, PLAIT_SUB_MAPPED_0, d) ? s->half[d].edge : 1;
    if (!s->work)
        return;
    const struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
    const struct plait_track *track = &work->track[d];
    uint64_t last = 0;
    for (unsigned i = 0; i < PLAIT_MAPPINGS_KEPT; i++) {
        const struct plait_mapping *m = &track->mapping[i];
        if (!m->length || m->ssn + m->length <= last)
            continue;
        last = m->ssn + m->length;
        story->fallback_number[d] = last;
        story->fallback_at[d] = m->at + m->length;
    }
}

int64_t plait_fallback_offset(const struct plait_audit *a, const struct plait_connection *c,
                              unsigned d, int64_t ssn)
{
    if (!c->story)
        return ssn - 1;
    const struct plait_story *story = plait_slab_at(&a->stories, c->story);
    return (int64_t)story->fallback_at[d] + (ssn - (int64_t)story->fallback_number[d]);
}

static void say_fallback(struct plait_audit *a, struct plait_connection *c, uint32_t subflow,
                         unsigned end, const char *cause, const struct plait_packet_ref *packet)
{
    plait_count(a, PLAIT_COUNT_FALLBACKS);
    if (!a->sink.event)
        return;
    struct plait_audit_event event = {.kind = PLAIT_SAW_FALLBACK,
                                      .connection = c->number,
                                      .subflow = plait_sub(a, subflow)->number,
                                      .direction = (uint8_t)end,
                                      .packet = *packet,
                                      .other = *packet,
                                      .cause = cause,
                                      .offset = c->edge[end]};
    a->sink.event(a->owner, &event);
}

/* What waited is now in its place. */
static void release_pending(struct plait_audit *a, uint32_t connection, uint32_t subflow)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    const struct plait_connection *c = plait_con(a, connection);
    if (!s->work)
        return;
    struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
    for (unsigned d = 0; d < 2; d++) {
        struct plait_track *track = &work->track[d];
        while (track->first_pending) {
            struct plait_pending p =
                *(struct plait_pending *)plait_slab_at(&a->pendings, track->first_pending);
            plait_track_drop(a, track);
            struct plait_stream_copy copy = {.at = plait_fallback_offset(a, c, d, (int64_t)p.ssn),
                                             .octets = p.octets,
                                             .length = p.length,
                                             .subflow = subflow,
                                             .packet = p.packet,
                                             .is_again = true,
                                             .is_unsure = true};
            plait_stream_write(a, connection, d, &copy);
        }
    }
}

void plait_fall_back(struct plait_audit *a, uint32_t connection, uint32_t subflow, unsigned end,
                     const char *cause, const struct plait_packet_ref *packet)
{
    struct plait_connection *c = plait_con(a, connection);
    if (c->flags & PLAIT_CON_FALLBACK)
        return;
    c->flags |= PLAIT_CON_FALLBACK;
    for (unsigned d = 0; d < 2; d++)
        c->flags |= PLAIT_CON_BASE_0 << d;
    struct plait_story *story = plait_store_story(a, c);
    if (story) {
        story->fallback_cause = cause;
        story->fallback_packet = *packet;
        story->fallback_subflow = subflow;
        story->fallback_end = (uint8_t)end;
        for (unsigned d = 0; d < 2; d++)
            set_point(a, c, plait_sub(a, subflow), story, d);
    }
    say_fallback(a, c, subflow, end, cause, packet);
    release_pending(a, connection, subflow);
}

/* ---- payload without a mapping -------------------------------------------------------------- */

static const char *cause_of(const struct plait_audit *a, const struct plait_connection *c,
                            const struct plait_subflow *s, unsigned end)
{
    (void)a;
    bool by_opener = end == (s->flags & PLAIT_SUB_OPENER_1 ? 1u : 0u);
    /* A server that has data speaks TCP before the client has said anything else. */
    if (s->flags & PLAIT_SUB_THIRD_PLAIN && !plait_has(s->flags, PLAIT_SUB_MAPPED_0, end))
        return by_opener ? "third ACK and first data carry no MP_CAPABLE"
                         : "third ACK carries no MP_CAPABLE";
    if (!plait_has(s->flags, PLAIT_SUB_MAPPED_0, end))
        return by_opener ? "first data of the client carry no mapping"
                         : "first data of the server carry no mapping";
    return c->flags & PLAIT_CON_CHECKSUM ? "data carry no mapping any more (checksums were used)"
                                         : "data carry no mapping any more";
}

/* Whether no other one is established, or, with EVER, was: as far as is known, which is nothing
 * where the beginning was not heard. */
static bool is_only_subflow(const struct plait_audit *a, const struct plait_connection *c,
                            const struct plait_subflow *s, bool ever)
{
    const uint32_t gone = PLAIT_SUB_ALIAS | (ever ? 0 : PLAIT_SUB_CLOSED);
    if (s->flags & PLAIT_SUB_JOIN || (ever && c->flags & PLAIT_CON_GUESS))
        return false;
    for (uint32_t n = c->first_subflow; n; n = plait_sub(a, n)->next) {
        const struct plait_subflow *other = plait_sub(a, n);
        if (other != s && !(other->flags & gone) && other->flags & PLAIT_SUB_ACK)
            return false;
    }
    return true;
}

/* TRACK's payload without a mapping was somebody else's, or its mapping is not in the capture. */
static void disprove(struct plait_audit *a, uint32_t connection, uint32_t subflow, unsigned end,
                     struct plait_track *track)
{
    struct plait_connection *c = plait_con(a, connection);
    if (a->sink.event) {
        struct plait_audit_event event = {.kind = PLAIT_SAW_UNMAPPED,
                                          .connection = c->number,
                                          .subflow = plait_sub(a, subflow)->number,
                                          .direction = (uint8_t)end,
                                          .packet = track->plain_packet,
                                          .value = track->plain_from,
                                          .length =
                                              (uint32_t)(track->plain_to - track->plain_from)};
        a->sink.event(a->owner, &event);
    }
    plait_rule_unmapped(a, connection, subflow, end, &track->plain_packet);
    while (track->first_pending) {
        const struct plait_pending *p = plait_slab_at(&a->pendings, track->first_pending);
        plait_count_more(a, PLAIT_COUNT_UNMAPPED_OCTETS, p->length);
        plait_track_drop(a, track);
    }
    track->plain_from = 0;
}

static void prove(struct plait_audit *a, uint32_t connection, uint32_t subflow, unsigned end,
                  struct plait_track *track)
{
    struct plait_packet_ref packet = track->plain_packet;
    track->plain_from = 0;
    plait_fall_back(a, connection, subflow, end,
                    cause_of(a, plait_con(a, connection), plait_sub(a, subflow), end), &packet);
}

/* Version 1's first data have their mapping in MP_CAPABLE; where the keys were redacted it is
 * there, and cannot be read (DESIGN §9). */
static bool maps_without_keys(const struct plait_at *at)
{
    return at->has_capable && at->capable.has_data_length &&
           !plait_has(at->c->flags, PLAIT_CON_IDSN_0, at->end);
}

/* More of it, up to TO.  Where there were other subflows, octets of the stream may have gone there,
 * and ours does not fall back (N40, docs/PROTOCOL.md): the receiver's answer tells. */
static void go_on_unmapped(struct plait_at *at, struct plait_track *track, uint64_t to)
{
    bool is_alone = is_only_subflow(at->a, at->c, at->s, false);
    if (is_alone && !is_only_subflow(at->a, at->c, at->s, true))
        return;
    track->plain_to = to;
    if (is_alone)
        prove(at->a, at->connection_number, at->subflow_number, at->end, track);
    else
        disprove(at->a, at->connection_number, at->subflow_number, at->end, track);
}

void plait_fallback_unmapped(struct plait_at *at, struct plait_track *track, uint64_t ssn,
                             const uint8_t *octets, uint32_t captured, uint32_t length)
{
    struct plait_audit *a = at->a;
    const struct plait_half *h = &at->s->half[at->end];
    if (at->p->options_cut || maps_without_keys(at)) {
        plait_count_more(a, PLAIT_COUNT_UNMAPPED_OCTETS, length);
        return;
    }
    (void)plait_track_hold(a, track, ssn, octets, captured, &at->ref);
    bool goes_on = track->plain_from && ssn == track->plain_to;
    if (track->plain_from && ssn > track->plain_from && !goes_on)
        return;
    /* The first data may come late, behind a FIN. */
    bool is_first = ssn == 1 && !plait_has(at->s->flags, PLAIT_SUB_MAPPED_0, at->end);
    if (!track->plain_from && (ssn == h->edge || is_first)) {
        track->plain_from = ssn;
        track->plain_to = ssn + length;
        track->plain_packet = at->ref;
    } else if (goes_on) {
        go_on_unmapped(at, track, ssn + length);
    }
}

void plait_fallback_answer(struct plait_at *at)
{
    unsigned peer = !at->end;
    if (!at->s->work || at->p->options_cut || plait_packet_is(at->p, PLAIT_RST))
        return;
    struct plait_subflow_work *work = plait_slab_at(&at->a->subflow_works, at->s->work);
    struct plait_track *track = &work->track[peer];
    if (!track->plain_from)
        return;
    int64_t number = plait_unwrap_seq(at->p->ack, at->s->half[peer].isn, at->s->half[peer].edge);
    if (number < (int64_t)track->plain_to)
        return;
    bool is_infinite = at->has_dss && at->dss.has_map && !at->dss.data_length;
    if ((at->has_dss && !is_infinite) || !is_only_subflow(at->a, at->c, at->s, false))
        disprove(at->a, at->connection_number, at->subflow_number, peer, track);
    else if (is_infinite || !at->p->option_count)
        prove(at->a, at->connection_number, at->subflow_number, peer, track);
}

void plait_fallback_mapped(struct plait_at *at, struct plait_track *track, uint64_t ssn)
{
    if (ssn >= track->plain_to)
        disprove(at->a, at->connection_number, at->subflow_number, at->end, track);
    else
        track->plain_from = 0; /* it had only not come yet */
}

void plait_data_settle(struct plait_audit *a, uint32_t connection, uint32_t subflow)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    if (!s->work || !plait_is_mptcp(plait_con(a, connection)))
        return;
    struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
    for (unsigned d = 0; d < 2; d++) {
        struct plait_track *track = &work->track[d];
        if (track->plain_from && is_only_subflow(a, plait_con(a, connection), s, true))
            prove(a, connection, subflow, d, track);
    }
}
