/* tcp/input.c: a segment is judged, check by check (RFC 9293 §3.10.7.4 with RFC 5961, RFC 7323).
 *
 * Each check returns true to go on; whatever it refuses, it has counted and, where the peer should
 * know, answered.  Nothing above TCP hears of a segment that did not pass (N29). */
#include "tcp/inside.h"

#define PAWS_VALID_NS (24 * 24 * 3600 * PLAIT_S) /* RFC 7323 §5.5 */

/* ---- answers ---- */

static void refuse(struct plait_flow *flow, const struct plait_arrival *a,
                   enum plait_counter_name why)
{
    plait_count(flow->stack, why);
    plait_trace(flow->stack, a->now, PLAIT_TRACE_REFUSED_EVENT, flow->connection, flow->number, why,
                (uint64_t)a->from, a->length);
}

static void acknowledge(struct plait_flow *flow, struct plait_path *path)
{
    flow->ack_now = true;
    flow->ack_path = path; /* the answer goes where the question came from */
    plait_stack_ready(flow->stack, path);
}

/* The limit is each flow's own: a limit that flows share tells one of them about the others
 * (CVE-2016-5696), which is shown where the switch says so (B-CHACK). */
void plait_challenge(struct plait_flow *flow, const struct plait_arrival *a,
                     enum plait_counter_name why)
{
    plait_time_ns now = a->now;
    plait_count(flow->stack, why);
    struct plait_challenges *made =
        flow->stack->config.shares_challenges ? &flow->stack->challenges : &flow->challenges;
    if (made->from_ns == INT64_MIN || now - made->from_ns >= PLAIT_S)
        *made = (struct plait_challenges){.from_ns = now};
    if (made->count >= flow->stack->config.challenges_per_s) {
        plait_count(flow->stack, PLAIT_COUNT_CHALLENGES_LIMITED);
        return;
    }
    made->count++;
    acknowledge(flow, a->path);
}

/* Data that comes again must be acknowledged again; a segment without any may be the answer to
 * our own ACK, and is answered within the limit. */
static void answer(struct plait_flow *flow, const struct plait_arrival *a,
                   enum plait_counter_name why)
{
    if (a->to == a->from) {
        plait_challenge(flow, a, why);
        return;
    }
    refuse(flow, a, why);
    plait_duplicate_note(flow, a);
    acknowledge(flow, a->path);
}

/* ---- the checks, in order ---- */

static bool check_syn(struct plait_flow *flow, struct plait_arrival *a)
{
    if (!(a->segment->flags & PLAIT_SYN))
        return true;
    if (!plait_handshake_repeated(flow, a))
        return false;
    a->from = a->payload = a->to = 1; /* a SYN/ACK of a simultaneous open: its ACK counts */
    a->length = 0;
    return true;
}

static bool check_age(struct plait_flow *flow, struct plait_arrival *a)
{
    const struct plait_stamps *stamps = &flow->stamps;
    if (!a->has_stamps || a->stamp >= stamps->recent || a->segment->flags & PLAIT_RST ||
        a->now - stamps->recent_ns > PAWS_VALID_NS)
        return true;
    answer(flow, a, PLAIT_COUNT_PAWS);
    return false;
}

/* From the edge that the peer was told last (it cannot know a newer one) to the right edge of the
 * window, both included: a peer that has filled the window acknowledges from there. */
static bool check_window(struct plait_flow *flow, struct plait_arrival *a)
{
    const struct plait_receiving *r = &flow->receive;
    if (a->to >= (int64_t)r->acked_edge && a->from <= (int64_t)r->announced_edge)
        return true;
    if (a->segment->flags & PLAIT_RST)
        refuse(flow, a, PLAIT_COUNT_OUT_OF_WINDOW);
    else
        answer(flow, a, PLAIT_COUNT_OUT_OF_WINDOW);
    return false;
}

/* Both ends have closed and all that we sent but the FIN is acknowledged: a reset is then no news
 * (RFC 9293 §3.10.7.4), the peer has forgotten the connection a little earlier. */
static bool is_delivered(const struct plait_flow *flow)
{
    return (flow->state == PLAIT_FLOW_CLOSING || flow->state == PLAIT_FLOW_LAST_ACK) &&
           flow->send.fin && flow->send.unacked >= flow->send.fin;
}

static void obey_reset(struct plait_flow *flow, const struct plait_arrival *a)
{
    uint64_t offset = (uint64_t)a->from;
    enum plait_verdict verdict =
        flow->owner->segment(flow->owner_self, flow, a->now, a->segment, offset);
    if (verdict == PLAIT_DROP) {
        refuse(flow, a, PLAIT_COUNT_REFUSED_BY_OWNER);
        return;
    }
    plait_count(flow->stack, PLAIT_COUNT_RESETS_IN);
    if (verdict == PLAIT_TAKEN)
        return;
    plait_flow_end(flow, a->now, is_delivered(flow) ? PLAIT_FLOW_IS_CLOSED : PLAIT_FLOW_IS_RESET,
                   flow->state == PLAIT_FLOW_SYN_RECEIVED);
}

static bool check_rst(struct plait_flow *flow, struct plait_arrival *a)
{
    const struct plait_receiving *r = &flow->receive;
    if (!(a->segment->flags & PLAIT_RST))
        return true;
    if (flow->state == PLAIT_FLOW_TIME_WAIT) { /* RFC 1337 §3 */
        refuse(flow, a, PLAIT_COUNT_LATE_RESET);
        return false;
    }
    bool is_exact = a->from == (int64_t)r->edge;
    bool is_above = a->from > (int64_t)r->edge;
    if (!is_exact && !(is_above && flow->stack->config.no_rfc5961)) {
        if (is_above)
            plait_challenge(flow, a, PLAIT_COUNT_CHALLENGE_RST);
        else
            refuse(flow, a, PLAIT_COUNT_OUT_OF_WINDOW);
        return false;
    }
    obey_reset(flow, a);
    return false;
}

/* Who has not heard our initial number has nothing to acknowledge. */
static bool check_ack_flag(struct plait_flow *flow, struct plait_arrival *a)
{
    if (a->segment->flags & PLAIT_ACK || flow->lacks_ack)
        return true;
    refuse(flow, a, PLAIT_COUNT_NO_ACK_FLAG);
    return false;
}

/* Opens what both ends began at once; anything else than the ACK of our SYN is reset. */
static bool check_open(struct plait_flow *flow, struct plait_arrival *a)
{
    if (flow->state != PLAIT_FLOW_SYN_RECEIVED)
        return true;
    if (a->ack == 1) {
        plait_flow_opened(flow, a->path, a->now);
        return !plait_flow_is_over(flow);
    }
    refuse(flow, a, PLAIT_COUNT_OLD_ACK);
    flow->reset_stray = true;
    flow->stray_seq = a->segment->ack;
    plait_stack_ready(flow->stack, a->path);
    return false;
}

/* RFC 5961 §5.2: not of what was never sent, nor older than any window the peer ever offered. */
static bool check_ack(struct plait_flow *flow, struct plait_arrival *a)
{
    const struct plait_sending *s = &flow->send;
    int64_t oldest = (int64_t)s->unacked - (int64_t)s->window_max;
    bool is_old = a->ack < oldest && !flow->stack->config.no_rfc5961;
    if (!(a->segment->flags & PLAIT_ACK) || (a->ack <= (int64_t)s->next && !is_old))
        return true;
    plait_challenge(flow, a, PLAIT_COUNT_OLD_ACK);
    return false;
}

static bool (*const checks[])(struct plait_flow *flow, struct plait_arrival *a) = {
    check_syn, check_age, check_window, check_rst, check_ack_flag, check_open, check_ack};

bool plait_flow_may_receive(const struct plait_flow *flow, uint32_t seq)
{
    const struct plait_receiving *r = &flow->receive;
    int64_t from = plait_unwrap(seq, flow->peer_isn, r->edge);
    return from >= (int64_t)r->acked_edge && from <= (int64_t)r->announced_edge;
}

/* ---- what passed ---- */

/* RFC 7323 §4.3: only from a segment that reaches what was acknowledged last. */
static void take_stamp(struct plait_flow *flow, const struct plait_arrival *a)
{
    struct plait_stamps *stamps = &flow->stamps;
    if (!a->has_stamps || a->from > (int64_t)flow->receive.acked_edge || a->stamp < stamps->recent)
        return;
    stamps->recent = a->stamp;
    stamps->recent_ns = a->now;
}

/* One of several paths had fallen silent, and speaks. */
static void path_speaks(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    if (path->timeouts == 0 || path->sent_first)
        return;
    path->timeouts = 0;
    plait_path_backoff(path);
    plait_recovery_arm(flow, path, now);
    plait_flow_tell(flow, now, PLAIT_FLOW_IS_RECOVERED, 0);
}

static void accept(struct plait_flow *flow, const struct plait_arrival *a)
{
    flow->heard_ns = a->now;
    flow->ack_path = a->path;
    flow->peer_knows = true;
    flow->probes = 0;
    take_stamp(flow, a);
    if (a->segment->flags & PLAIT_ACK) {
        flow->lacks_ack = false;
        plait_ack_take(flow, a);
    }
    if (plait_flow_is_over(flow))
        return;
    path_speaks(flow, a->path, a->now);
    uint64_t offset = a->payload > 0 ? (uint64_t)a->payload : 0;
    enum plait_verdict verdict =
        flow->owner->segment(flow->owner_self, flow, a->now, a->segment, offset);
    if (verdict == PLAIT_RESET_FLOW)
        plait_flow_abort(flow, a->now);
    if (plait_flow_is_over(flow))
        return;
    if (verdict == PLAIT_DROP) {
        if (a->to > a->from)
            answer(flow, a, PLAIT_COUNT_REFUSED_BY_OWNER);
        return;
    }
    if (a->length)
        plait_payload_take(flow, a);
    if (a->segment->flags & PLAIT_FIN && !plait_flow_is_over(flow))
        plait_fin_take(flow, a);
}

/* The peer's numbers are not known, so nothing of it can be judged but what whoever never agreed to
 * this sends: a reset that acknowledges what we sent, as in SYN-SENT (RFC 9293 §3.10.7.3), or a
 * SYN, which no number could challenge (RFC 5961 §4): his connection goes before (T-CAMP-1). */
static void numberless_input(struct plait_flow *flow, const struct plait_arrival *a)
{
    const uint8_t both = PLAIT_RST | PLAIT_ACK;
    const struct plait_sending *s = &flow->send;
    bool acks_data = a->ack > (int64_t)s->unacked && a->ack <= (int64_t)s->next;
    if ((a->segment->flags & both) == both && acks_data)
        obey_reset(flow, a);
    else if ((a->segment->flags & (both | PLAIT_SYN)) == PLAIT_SYN)
        plait_flow_end(flow, a->now, PLAIT_FLOW_IS_RESET, 0);
    else
        refuse(flow, a, PLAIT_COUNT_NO_NUMBERS);
}

static struct plait_arrival arrival(const struct plait_flow *flow, struct plait_path *path,
                                    plait_time_ns now, const struct plait_segment *segment)
{
    struct plait_arrival a = {.segment = segment, .path = path, .now = now};
    a.from = plait_unwrap(segment->seq, flow->peer_isn, flow->receive.edge);
    a.ack = plait_unwrap(segment->ack, flow->isn, flow->send.next);
    a.length = (uint32_t)segment->payload_octets;
    a.payload = a.from + !!(segment->flags & PLAIT_SYN);
    a.to = a.payload + a.length + !!(segment->flags & PLAIT_FIN);
    a.has_stamps = flow->stamps.is_used && segment->options.has_timestamps;
    a.stamp = plait_unwrap(segment->options.timestamp, 0, (uint64_t)flow->stamps.recent);
    a.echo = plait_unwrap(segment->options.timestamp_echo, flow->stamps.offset,
                          (uint64_t)(now / PLAIT_MS));
    return a;
}

void plait_flow_input(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                      const struct plait_segment *segment)
{
    plait_count(flow->stack, PLAIT_COUNT_SEGMENTS_IN);
    struct plait_arrival a = arrival(flow, path, now, segment);
    plait_trace(flow->stack, now, PLAIT_TRACE_RECEIVED_EVENT, flow->connection, flow->number,
                (uint64_t)a.from, a.length, segment->flags);
    if (plait_flow_is_over(flow))
        return;
    if (flow->state == PLAIT_FLOW_SYN_SENT) {
        plait_handshake_input(flow, &a);
        return;
    }
    if (flow->lacks_isn) {
        numberless_input(flow, &a);
        return;
    }
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (!checks[i](flow, &a))
            return;
    accept(flow, &a);
}
