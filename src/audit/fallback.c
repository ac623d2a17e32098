/* audit/fallback.c: when a connection became plain TCP, and what proves it (RFC 8684 §3.7).
 *
 * Payload without a mapping does not prove it: its mapping may be missing from the capture, or it
 * may be somebody else's (T-DSS-5).  It waits until the receiver acknowledges it without a
 * DATA_ACK, or, where there never was another subflow, until the connection ends; there more of it
 * is enough if the receiver is not in the capture at all.  A receiver that answers as MPTCP, or by
 * a reset and nothing else, a sender who goes on with mappings, or a join that is proven, disproves
 * it.
 *
 * Where there never was another subflow its place in the stream is known before the proof.  Of more
 * than one segment of it there may be more than can wait here: it waits in the stream, at that
 * place, and nothing of it goes out before the proof, as who strips options may write anything into
 * what no receiver takes. */
#include "audit/data.h"
#include "audit/rules.h"
#include "audit/stream.h"

struct point { /* of a subflow's numbers and of its stream */
    uint64_t number, at;
};

/* Where direction D's stream stands on S when mappings end. */
static struct point point_of(const struct plait_audit *a, const struct plait_connection *c,
                             const struct plait_subflow *s, unsigned d)
{
    bool was_mapped = plait_has(s->flags, PLAIT_SUB_MAPPED_0, d);
    struct point point = {.number = was_mapped ? s->half[d].edge : 1,
                          .at = was_mapped ? c->edge[d] : 0};
    if (!s->work)
        return point;
    const struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
    const struct plait_track *track = &work->track[d];
    uint64_t last = 0;
    for (unsigned i = 0; i < PLAIT_MAPPINGS_KEPT; i++) {
        const struct plait_mapping *m = &track->mapping[i];
        if (!m->length || m->ssn + m->length <= last)
            continue;
        last = m->ssn + m->length;
        point = (struct point){.number = last, .at = m->at + m->length};
    }
    return point;
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

/* What waited is now in its place, POINT. */
static void release_pending(struct plait_audit *a, uint32_t connection, uint32_t subflow,
                            unsigned d, struct plait_track *track, struct point point)
{
    while (track->first_pending) {
        struct plait_pending p =
            *(struct plait_pending *)plait_slab_at(&a->pendings, track->first_pending);
        plait_track_drop(a, track);
        struct plait_stream_copy copy = {.at = (int64_t)(point.at + (p.ssn - point.number)),
                                         .octets = p.octets,
                                         .length = p.length,
                                         .subflow = subflow,
                                         .packet = p.packet,
                                         .is_again = true,
                                         .is_unsure = true,
                                         .is_unproven = track->is_presumed};
        plait_stream_write(a, connection, d, &copy);
    }
}

static struct point plain_point(const struct plait_track *track)
{
    return (struct point){.number = track->plain_from, .at = track->plain_at};
}

static void forget_plain(struct plait_track *track)
{
    track->plain_from = 0;
    track->is_presumed = false;
}

/* Direction D of SUBFLOW is plain TCP's: where it stands, and what waited for that goes out. */
static struct point make_plain(struct plait_audit *a, uint32_t connection, uint32_t subflow,
                               unsigned d)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    struct plait_subflow_work *work = s->work ? plait_slab_at(&a->subflow_works, s->work) : NULL;
    struct plait_track *track = work ? &work->track[d] : NULL;
    if (!track)
        return point_of(a, plait_con(a, connection), s, d);
    struct point point =
        track->plain_from ? plain_point(track) : point_of(a, plait_con(a, connection), s, d);
    if (track->is_presumed)
        plait_stream_prove_plain(a, connection, d, subflow, false);
    forget_plain(track);
    release_pending(a, connection, subflow, d, track, point);
    return point;
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
    }
    say_fallback(a, c, subflow, end, cause, packet);
    for (unsigned d = 0; d < 2; d++) {
        struct point point = make_plain(a, connection, subflow, d);
        if (story) {
            story->fallback_at[d] = point.at;
            story->fallback_number[d] = point.number;
        }
    }
}

/* ---- payload without a mapping -------------------------------------------------------------- */

#define PLAIN_THIRD_ACK "third ACK carries no MP_CAPABLE"

static const char *cause_of(const struct plait_connection *c, const struct plait_subflow *s,
                            unsigned end)
{
    bool by_opener = end == (s->flags & PLAIT_SUB_OPENER_1 ? 1u : 0u);
    /* A server that has data speaks TCP before the client has said anything else. */
    if (s->flags & PLAIT_SUB_THIRD_PLAIN && !plait_has(s->flags, PLAIT_SUB_MAPPED_0, end))
        return by_opener ? "third ACK and first data carry no MP_CAPABLE" : PLAIN_THIRD_ACK;
    if (!plait_has(s->flags, PLAIT_SUB_MAPPED_0, end))
        return by_opener ? "first data of the client carry no mapping"
                         : "first data of the server carry no mapping";
    return c->flags & PLAIT_CON_CHECKSUM ? "data carry no mapping any more (checksums were used)"
                                         : "data carry no mapping any more";
}

/* Whoever saw a token can send a join's SYN, and draw a SYN/ACK with a right MAC, but not prove it.
 * Where the third ACK is missing from the capture, data of who was joined show that it was taken.
 */
static bool is_taken(const struct plait_connection *c, const struct plait_subflow *s)
{
    const uint32_t keys = PLAIT_CON_KEY_0 | PLAIT_CON_KEY_1;
    const uint32_t nonces = PLAIT_SUB_SYN | PLAIT_SUB_SYN_ACK;
    unsigned joined = s->flags & PLAIT_SUB_OPENER_1 ? 0 : 1;
    bool can_tell =
        s->flags & PLAIT_SUB_JOIN && (c->flags & keys) == keys && (s->flags & nonces) == nonces;
    return s->flags & PLAIT_SUB_ACK && (!can_tell || s->flags & PLAIT_SUB_PROOF_ACK ||
                                        plait_has(s->flags, PLAIT_SUB_MAPPED_0, joined));
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
        if (other != s && !(other->flags & gone) && is_taken(c, other))
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
    if (track->is_presumed)
        plait_stream_prove_plain(a, connection, end, subflow, true);
    forget_plain(track);
}

/* Of what waits in either direction the older is the cause, whichever is proven first. */
static void prove(struct plait_audit *a, uint32_t connection, uint32_t subflow)
{
    const struct plait_subflow_work *work =
        plait_slab_at(&a->subflow_works, plait_sub(a, subflow)->work);
    const struct plait_track *track = work->track;
    bool has_both = track[0].plain_from && track[1].plain_from;
    unsigned end = has_both ? track[1].plain_packet.at_ns < track[0].plain_packet.at_ns
                            : track[1].plain_from != 0;
    struct plait_packet_ref packet = track[end].plain_packet;
    plait_fall_back(a, connection, subflow, end, track[end].plain_cause, &packet);
}

/* Version 1's first data have their mapping in MP_CAPABLE; where the keys were redacted it is
 * there, and cannot be read (DESIGN §9). */
static bool maps_without_keys(const struct plait_at *at)
{
    return at->has_capable && at->capable.has_data_length &&
           !plait_has(at->c->flags, PLAIT_CON_IDSN_0, at->end);
}

/* From now on it waits in the stream: where it stands there is known, and the receiver's answer is
 * yet to come. */
static void presume(struct plait_at *at, struct plait_track *track)
{
    track->is_presumed = true;
    release_pending(at->a, at->connection_number, at->subflow_number, at->end, track,
                    plain_point(track));
}

/* More of it.  Where there were other subflows, octets of the stream may have gone there, and ours
 * does not fall back (N40, docs/PROTOCOL.md): the receiver's answer tells. */
static void go_on_unmapped(struct plait_at *at, struct plait_track *track)
{
    bool is_alone = is_only_subflow(at->a, at->c, at->s, false);
    if (is_alone && !is_only_subflow(at->a, at->c, at->s, true))
        return;
    if (!is_alone)
        disprove(at->a, at->connection_number, at->subflow_number, at->end, track);
    else if (at->s->half[!at->end].packets)
        presume(at, track);
    else
        prove(at->a, at->connection_number, at->subflow_number);
}

/* The first of it, of LENGTH octets, or what comes next to that? */
static void note_unmapped(struct plait_at *at, struct plait_track *track, uint64_t ssn,
                          uint32_t length)
{
    if (track->plain_from) {
        if (ssn == track->plain_to)
            go_on_unmapped(at, track);
        return;
    }
    /* The first data may come late, behind a FIN. */
    bool is_first = ssn == 1 && !plait_has(at->s->flags, PLAIT_SUB_MAPPED_0, at->end);
    if (ssn != at->s->half[at->end].edge && !is_first)
        return;
    struct point point = point_of(at->a, at->c, at->s, at->end);
    track->plain_from = ssn;
    track->plain_to = ssn + length;
    track->plain_at = point.at + (ssn - point.number);
    track->plain_packet = at->ref;
    track->plain_cause = cause_of(at->c, at->s, at->end); /* who has not heard goes on as before */
}

bool plait_fallback_unmapped(struct plait_at *at, struct plait_track *track, uint64_t ssn,
                             const uint8_t *octets, uint32_t captured, uint32_t length)
{
    if (at->p->options_cut || maps_without_keys(at)) {
        plait_count_more(at->a, PLAIT_COUNT_UNMAPPED_OCTETS, length);
        return false;
    }
    if (track->is_presumed)
        return true;
    (void)plait_track_hold(at->a, track, ssn, octets, captured, &at->ref);
    note_unmapped(at, track, ssn, length);
    return false;
}

/* Whether END of S acknowledged TRACK's data. */
static bool is_acknowledged(const struct plait_subflow *s, unsigned end,
                            const struct plait_track *track)
{
    const struct plait_half *peer = &s->half[!end];
    return plait_unwrap_seq(s->half[end].ack, peer->isn, peer->edge) >= (int64_t)track->plain_to;
}

void plait_fallback_answer(struct plait_at *at)
{
    unsigned peer = !at->end;
    if (!at->s->work || at->p->options_cut || plait_packet_is(at->p, PLAIT_RST))
        return;
    struct plait_subflow_work *work = plait_slab_at(&at->a->subflow_works, at->s->work);
    struct plait_track *track = &work->track[peer];
    if (!track->plain_from || !is_acknowledged(at->s, at->end, track))
        return;
    bool is_infinite = at->has_dss && at->dss.has_map && !at->dss.data_length;
    if ((at->has_dss && !is_infinite) || !is_only_subflow(at->a, at->c, at->s, false))
        disprove(at->a, at->connection_number, at->subflow_number, peer, track);
    else if (is_infinite || !at->p->option_count)
        prove(at->a, at->connection_number, at->subflow_number);
}

void plait_fallback_joined(struct plait_audit *a, uint32_t connection)
{
    for (uint32_t n = plait_con(a, connection)->first_subflow; n; n = plait_sub(a, n)->next) {
        const struct plait_subflow *s = plait_sub(a, n);
        if (s->flags & PLAIT_SUB_ALIAS || !s->work)
            continue;
        struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
        for (unsigned d = 0; d < 2; d++)
            if (work->track[d].plain_from)
                disprove(a, connection, n, d, &work->track[d]);
    }
}

void plait_fallback_mapped(struct plait_at *at, struct plait_track *track, uint64_t ssn)
{
    if (ssn >= track->plain_to)
        disprove(at->a, at->connection_number, at->subflow_number, at->end, track);
    else
        forget_plain(track); /* it had only not come yet */
}

/* It is only at the end that a reset is believed: anybody may send one (T-RST-1). */
static bool is_reset_instead(const struct plait_subflow *s, unsigned receiver,
                             const struct plait_track *track)
{
    return plait_has(s->flags, PLAIT_SUB_RST_0, receiver) && !is_acknowledged(s, receiver, track);
}

void plait_data_settle(struct plait_audit *a, uint32_t connection, uint32_t subflow)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    if (!s->work || !plait_is_mptcp(plait_con(a, connection)))
        return;
    struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
    for (unsigned d = 0; d < 2; d++) {
        struct plait_track *track = &work->track[d];
        if (!track->plain_from || !is_only_subflow(a, plait_con(a, connection), s, true))
            continue;
        if (is_reset_instead(s, !d, track))
            disprove(a, connection, subflow, d, track);
        else
            prove(a, connection, subflow);
    }
}

/* Until the subflow closed nothing of MPTCP came behind a third ACK that had none of it: there may
 * have been no data, or none that the capture has. */
static bool closes_as_plain(const struct plait_at *at)
{
    const uint32_t spoken = PLAIT_SUB_MPTCP | PLAIT_SUB_MAPPED_0 | PLAIT_SUB_MAPPED_1;
    return (at->s->flags & (PLAIT_SUB_THIRD_PLAIN | spoken)) == PLAIT_SUB_THIRD_PLAIN &&
           plait_is_mptcp(at->c);
}

void plait_fallback_closed(struct plait_at *at)
{
    plait_data_settle(at->a, at->connection_number, at->subflow_number);
    if (closes_as_plain(at))
        plait_fall_back(at->a, at->connection_number, at->subflow_number, at->end, PLAIN_THIRD_ACK,
                        &at->ref);
}
