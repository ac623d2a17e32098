/* audit/data.c: payload and acknowledgments of one packet. */
#include "audit/data.h"

#include "audit/close.h"
#include "audit/mapped.h"
#include "audit/rules.h"
#include "audit/stream.h"

/* ---- numbers of the subflow ----------------------------------------------------------------- */

static struct plait_half *half_of(struct plait_at *at)
{
    return &at->s->half[at->end];
}

static bool has_isn(const struct plait_at *at, unsigned end)
{
    return plait_has(at->s->flags, PLAIT_SUB_ISN_0, end);
}

static bool is_sure(const struct plait_at *at)
{
    return plait_has(at->s->flags, PLAIT_SUB_SURE_0, at->end);
}

static void set_isn(struct plait_at *at, uint32_t isn, bool sure)
{
    struct plait_half *h = half_of(at);
    if (has_isn(at, at->end))
        h->edge += h->isn - isn; /* the same place, counted from another SYN */
    h->isn = isn;
    at->s->flags |= (PLAIT_SUB_ISN_0 | (sure ? PLAIT_SUB_SURE_0 : 0)) << at->end;
}

/* A SYN/ACK says what the SYN's number was, until the SYN is seen. */
static void learn_peer_isn(struct plait_at *at)
{
    struct plait_half *peer = &at->s->half[!at->end];
    if (has_isn(at, !at->end))
        return;
    peer->isn = at->p->ack - 1;
    peer->edge = 1;
    at->s->flags |= PLAIT_SUB_ISN_0 << !at->end;
}

/* Without a SYN, DSS tells where its mapping begins (RFC 8684 §3.3.1), but not which of its octets
 * the segment has first, unless the segment has all of them.  That of MP_CAPABLE begins at 1. */
static void learn_from_mapping(struct plait_at *at)
{
    const struct plait_dss *d = &at->dss;
    const struct plait_mp_capable *m = &at->capable;
    uint32_t payload = at->p->payload_octets;
    if (!payload)
        return;
    if (at->has_dss && d->has_map && d->ssn && d->data_length == payload + d->data_fin)
        set_isn(at, at->p->seq - d->ssn, true);
    else if (at->has_capable && m->has_data_length && m->data_length == payload)
        set_isn(at, at->p->seq - 1, true);
}

static void learn_isn(struct plait_at *at)
{
    if (plait_packet_is(at->p, PLAIT_SYN)) {
        set_isn(at, at->p->seq, true);
        if (plait_packet_is(at->p, PLAIT_ACK))
            learn_peer_isn(at);
        return;
    }
    /* MP_CAPABLE with keys tells nothing, as it is sent again until it is known to have come (RFC
     * 8684 §3.1), also behind data. */
    if (!has_isn(at, at->end)) {
        set_isn(at, at->p->seq - 1, false);
        half_of(at)->edge = 1;
    } else if (!is_sure(at) && half_of(at)->packets == 1) { /* a SYN/ACK told it */
        set_isn(at, half_of(at)->isn, true);
    }
    if (!is_sure(at))
        learn_from_mapping(at);
}

/* ---- payload -------------------------------------------------------------------------------- */

/* Octets behind the part that was captured are a hole. */
static uint32_t captured_part(const struct plait_at *at, uint32_t from, uint32_t length)
{
    uint32_t kept = at->p->kept_octets;
    if (from >= kept)
        return 0;
    return kept - from < length ? kept - from : length;
}

/* One octet at the last number: a keepalive, whose octet need not be what was sent there. */
static bool is_keepalive(const struct plait_at *at)
{
    return at->p->payload_octets == 1 && (uint64_t)at->ssn + 1 == at->s->half[at->end].edge;
}

/* One octet at a place that the receiver has acknowledged: it throws it away.  Linux asks so
 * whether a closed window has opened, under the last number and with the octet that is to come
 * next. */
static bool is_window_probe(const struct plait_at *at, int64_t place)
{
    unsigned receiver = !at->end;
    return at->p->payload_octets == 1 && plait_has(at->c->flags, PLAIT_CON_ACKED_0, receiver) &&
           place >= 0 && (uint64_t)place < at->c->data_ack[receiver];
}

enum part { PART_MAPPED, PART_UNPROVEN, PART_PRESUMED, PART_PLAIN };

static void write_part(struct plait_at *at, int64_t place, uint32_t from, uint32_t length,
                       enum part kind)
{
    uint32_t captured = captured_part(at, from, length);
    at->c->flags |= PLAIT_CON_DATA_0 << at->end;
    if (!captured)
        return;
    struct plait_stream_copy copy = {.at = place,
                                     .octets = at->p->payload + from,
                                     .length = captured,
                                     .subflow = at->subflow_number,
                                     .packet = at->ref,
                                     .is_unsure = kind >= PART_PRESUMED,
                                     .is_unproven = kind == PART_UNPROVEN || kind == PART_PRESUMED,
                                     .is_again = at->ssn + from < (int64_t)half_of(at)->edge,
                                     .is_blind = is_keepalive(at) || is_window_probe(at, place) ||
                                                 at->p->sum == PLAIT_SUM_UNKNOWN};
    plait_stream_write(at->a, at->connection_number, at->end, &copy);
}

static unsigned living_subflows(const struct plait_at *at)
{
    const uint32_t gone = PLAIT_SUB_ALIAS | PLAIT_SUB_CLOSED;
    unsigned count = 0;
    for (uint32_t s = at->c->first_subflow; s; s = plait_sub(at->a, s)->next)
        count += !(plait_sub(at->a, s)->flags & gone);
    return count;
}

static void say_checksum(struct plait_at *at, const struct plait_mapping *m,
                         enum plait_judgement judgement)
{
    bool is_valid = judgement == PLAIT_VALID;
    plait_count(at->a, is_valid ? PLAIT_COUNT_CHECKSUMS_VALID : PLAIT_COUNT_CHECKSUMS_INVALID);
    if (is_valid)
        return;
    if (plait_is_heard(at->a)) {
        struct plait_audit_event event = plait_event(at, PLAIT_SAW_CHECKSUM);
        event.judgement = judgement;
        event.offset = m->at;
        event.length = m->length;
        plait_say(at, &event);
    }
    plait_rule_checksum(at, m->at);
}

static void judge_part(struct plait_at *at, struct plait_mapping *m, uint64_t ssn, uint32_t from,
                       uint32_t part)
{
    bool done;
    if (captured_part(at, from, part) < part || plait_has(at->c->flags, PLAIT_CON_LOW_0, at->end)) {
        m->is_judged = true;
        plait_count(at->a, PLAIT_COUNT_CHECKSUMS_CANNOT_TELL);
        return;
    }
    enum plait_judgement judgement = plait_track_sum(m, ssn, at->p->payload + from, part, &done);
    if (!done)
        return;
    say_checksum(at, m, judgement);
    /* Where there is another subflow, whoever received it threw it away (RFC 8684 §3.7). */
    m->is_refused = judgement != PLAIT_VALID && living_subflows(at) > 1;
}

/* What a mapping brought before its last part waits for that: its receiver did not deliver it. */
static void judge_checksum(struct plait_at *at, struct plait_mapping *m, uint64_t ssn,
                           uint32_t from, uint32_t part)
{
    if (!m->has_checksum || m->is_judged)
        return;
    judge_part(at, m, ssn, from, part);
    if (m->is_judged && part < m->length)
        plait_stream_prove(at->a, at->connection_number, at->end, at->subflow_number, m->at,
                           m->length, m->is_refused);
}

static bool waits_for_proof(const struct plait_at *at, const struct plait_mapping *m)
{
    return m->has_checksum && !m->is_judged && living_subflows(at) > 1;
}

static void take_mapped(struct plait_at *at, struct plait_track *track, struct plait_mapping *own)
{
    uint32_t length = at->p->payload_octets;
    for (uint32_t from = 0, part; from < length; from += part) {
        uint64_t ssn = (uint64_t)(at->ssn + from);
        bool is_own = own && ssn >= own->ssn && ssn - own->ssn < own->length;
        struct plait_mapping *m = is_own ? own : plait_track_find(track, ssn);
        if (!m) {
            part = length - from;
            if (plait_fallback_unmapped(at, track, ssn, at->p->payload + from,
                                        captured_part(at, from, part), part))
                write_part(at, plait_fallback_presumed(track, ssn), from, part, PART_PRESUMED);
            continue;
        }
        uint64_t into = ssn - m->ssn, left = m->length - into;
        part = left < length - from ? (uint32_t)left : length - from;
        judge_checksum(at, m, ssn, from, part);
        if (!m->is_refused)
            write_part(at, (int64_t)(m->at + into), from, part,
                       waits_for_proof(at, m) ? PART_UNPROVEN : PART_MAPPED);
    }
}

static void take_mptcp(struct plait_at *at)
{
    struct plait_mapping m, *own = NULL;
    bool has_mapping = plait_mapped_of_packet(at, &m);
    if (has_mapping && m.has_fin)
        plait_mapped_fin(at, m.at + m.length);
    if (!at->p->payload_octets && (!has_mapping || !m.length))
        return;
    struct plait_subflow_work *work = plait_store_subflow_work(at->a, at->subflow_number);
    if (!work)
        return;
    struct plait_track *track = &work->track[at->end];
    if (!is_sure(at)) { /* where the mapping begins is not known: the octets would be misplaced */
        plait_count_more(at->a, PLAIT_COUNT_UNMAPPED_OCTETS, at->p->payload_octets);
        at->c->flags |= PLAIT_CON_GAP;
        return;
    }
    if (has_mapping && m.length) {
        own = plait_mapped_declare(at, track, &m);
        plait_mapped_check_fin(at, &m);
    }
    if (plait_is_mptcp(at->c))
        take_mapped(at, track, own);
}

/* After a fallback the numbers of one subflow alone are the stream's. */
static bool has_plain_numbers(const struct plait_at *at)
{
    if (!(at->c->flags & PLAIT_CON_FALLBACK))
        return true;
    const struct plait_story *story = plait_store_story(at->a, at->c);
    return !story || story->fallback_subflow == at->subflow_number;
}

static void take_plain(struct plait_at *at)
{
    uint32_t length = at->p->payload_octets;
    if (!length)
        return;
    struct plait_connection *c = at->c;
    if (!(c->flags & PLAIT_CON_FALLBACK)) {
        write_part(at, at->ssn - 1, 0, length, PART_PLAIN);
        return;
    }
    if (!has_plain_numbers(at)) {
        plait_count_more(at->a, PLAIT_COUNT_UNMAPPED_OCTETS, length);
        return;
    }
    if (at->has_dss && at->dss.has_map && at->dss.data_length)
        plait_rule_goes_on_after_fallback(at);
    write_part(at, plait_fallback_offset(at->a, c, at->end, at->ssn), 0, length, PART_PLAIN);
}

/* The infinite mapping: from its numbers on the subflow's are the stream's (RFC 8684 §3.7). */
static void take_infinite(struct plait_at *at)
{
    const struct plait_dss *d = &at->dss;
    if (!at->has_dss || !d->has_map || d->data_length || !plait_is_mptcp(at->c))
        return;
    plait_mapped_choose_base(at);
    at->c->flags |= PLAIT_CON_INFINITE_0 << at->end;
    plait_fall_back(at->a, at->connection_number, at->subflow_number, at->end,
                    "infinite mapping (DSS of length 0)", &at->ref);
}

/* What is missing before a reset is not sent again on this subflow. */
static void note_hole(struct plait_at *at)
{
    at->s->flags |= PLAIT_SUB_HOLES;
    if (plait_packet_is(at->p, PLAIT_RST))
        at->c->flags |= PLAIT_CON_GAP;
}

static void advance_edge(struct plait_at *at)
{
    struct plait_half *h = half_of(at);
    uint32_t payload = at->p->payload_octets;
    uint32_t length = payload + plait_packet_is(at->p, PLAIT_FIN);
    int64_t end = at->ssn + length, edge = (int64_t)h->edge;
    h->octets += payload;
    at->was_again = payload && end <= edge;
    at->is_new = payload && at->ssn >= edge;
    at->is_ahead = at->ssn > edge && h->packets > 1;
    /* What anybody may have sent is no sign that the capture lacks something. */
    if (at->is_ahead && !at->has_control)
        note_hole(at);
    if (at->ssn < edge && payload) {
        int64_t again = (end < edge ? end : edge) - at->ssn;
        again = again < payload ? again : payload;
        plait_count_more(at->a, PLAIT_COUNT_AGAIN_OCTETS, (uint64_t)again);
        uint32_t sum = h->again_octets + (uint32_t)again;
        h->again_octets = sum < h->again_octets ? UINT32_MAX : sum;
    }
    if (end > edge && payload)
        plait_rule_ack_sent(at);
    if (end > edge && (length || !at->has_control))
        h->edge = (uint64_t)end;
}

/* It has no number of its own (RFC 9293 §3.5.2): the SYN may be sent again, and taken. */
static bool is_refusal(const struct plait_at *at)
{
    const uint32_t seen = at->s->flags & (PLAIT_SUB_SYN | PLAIT_SUB_SYN_ACK);
    return plait_packet_is(at->p, PLAIT_RST) && seen == PLAIT_SUB_SYN && !has_isn(at, at->end);
}

void plait_data_packet(struct plait_at *at)
{
    if (is_refusal(at))
        return;
    learn_isn(at);
    struct plait_half *h = half_of(at);
    bool is_syn = plait_packet_is(at->p, PLAIT_SYN);
    if (is_syn && !h->edge)
        h->edge = 1;
    at->ssn = plait_unwrap_seq(at->p->seq + is_syn, h->isn, h->edge);
    if (at->p->payload_octets || at->has_dss) {
        take_infinite(at);
        if (plait_is_mptcp(at->c))
            take_mptcp(at);
        else
            take_plain(at);
    }
    advance_edge(at);
}

/* A duplicate declares nothing; where its octets belong is known already. */
void plait_data_again(struct plait_at *at)
{
    if (!has_isn(at, at->end))
        return;
    at->ssn = plait_unwrap_seq(at->p->seq + plait_packet_is(at->p, PLAIT_SYN), half_of(at)->isn,
                               half_of(at)->edge);
    if (!plait_is_mptcp(at->c)) {
        take_plain(at);
        return;
    }
    if (!at->s->work || !is_sure(at))
        return;
    struct plait_subflow_work *work = plait_slab_at(&at->a->subflow_works, at->s->work);
    const struct plait_mapping *m = plait_track_find(&work->track[at->end], (uint64_t)at->ssn);
    if (!m || m->is_refused)
        return;
    uint64_t into = (uint64_t)at->ssn - m->ssn, left = m->length - into;
    uint32_t length = at->p->payload_octets;
    write_part(at, (int64_t)(m->at + into), 0, left < length ? (uint32_t)left : length,
               PART_MAPPED);
}

/* ---- acknowledgments ------------------------------------------------------------------------ */

/* No stream is so long: a 64-bit number there is before its beginning, or of no stream. */
#define BEYOND_ALL ((int64_t)1 << 56)

static void acknowledge(struct plait_at *at, int64_t offset)
{
    struct plait_connection *c = at->c;
    if (offset < 0 || offset > BEYOND_ALL) {
        plait_rule_ack_nowhere(at, offset);
        return;
    }
    bool first = !plait_has(c->flags, PLAIT_CON_ACKED_0, at->end);
    if (!first && (uint64_t)offset <= c->data_ack[at->end]) {
        plait_rule_ack_back(at, (uint64_t)offset);
        return;
    }
    c->data_ack[at->end] = (uint64_t)offset;
    c->flags |= PLAIT_CON_ACKED_0 << at->end;
}

void plait_data_acknowledge(struct plait_at *at)
{
    struct plait_connection *c = at->c;
    const struct plait_packet *p = at->p;
    unsigned peer = !at->end;
    if (!plait_packet_is(p, PLAIT_ACK))
        return;
    at->s->half[at->end].ack = p->ack;
    if (!at->s->half[peer].packets) /* it acknowledges what is not in the capture */
        c->flags |= PLAIT_CON_GAP;
    if (plait_is_mptcp(c)) {
        plait_rule_ack_came(at);
        if (at->has_dss && at->dss.has_ack && plait_has(c->flags, PLAIT_CON_BASE_0, peer))
            acknowledge(at, plait_offset_of_dsn(c, peer, at->dss.data_ack, at->dss.ack_is_64));
        plait_fallback_answer(at);
    } else if (has_isn(at, peer) && has_plain_numbers(at)) {
        int64_t number = plait_unwrap_seq(p->ack, at->s->half[peer].isn, at->s->half[peer].edge);
        acknowledge(at, c->flags & PLAIT_CON_FALLBACK
                            ? plait_fallback_offset(at->a, c, peer, number)
                            : number - 1);
    }
    if (c->work)
        plait_stream_check(at->a, at->connection_number);
}
