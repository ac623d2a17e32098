/* tcp/output.c: what to send next on a path: one list of things, most urgent first. */
#include "tcp/inside.h"

struct turn { /* one call of plait_flow_output */
    struct plait_flow *flow;
    struct plait_path *path;
    plait_time_ns now;
    struct plait_out *out;
};

static bool write_draft(const struct turn *t, struct plait_draft *draft)
{
    return plait_segment_write(t->flow, t->path, t->now, t->out, draft);
}

/* ---- resets ---- */

/* In answer to an acknowledgment of what we never sent, before the peer is known. */
static bool send_stray_reset(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    if (!flow->reset_stray)
        return false;
    struct plait_draft draft = {
        .kind = PLAIT_SEGMENT_RST, .flags = PLAIT_RST, .has_seq = true, .seq = flow->stray_seq};
    flow->reset_stray = false;
    return write_draft(t, &draft);
}

static bool has_usable_path(const struct plait_flow *flow)
{
    for (const struct plait_path *p = flow->paths; p; p = p->next)
        if (p->is_usable)
            return true;
    return false;
}

static bool send_abort(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    if (!flow->is_aborting)
        return false;
    struct plait_draft draft = {
        .kind = PLAIT_SEGMENT_RST, .flags = PLAIT_RST | PLAIT_ACK, .from = flow->send.next};
    /* Nobody would understand it before a SYN came, nor needs it after both FINs. */
    bool is_needed = flow->state != PLAIT_FLOW_SYN_SENT && flow->state != PLAIT_FLOW_TIME_WAIT;
    bool is_written = is_needed && t->path->is_usable;
    if (is_written && !write_draft(t, &draft))
        return false;
    t->path->is_usable &= !is_written; /* it was told */
    if (!is_needed || !has_usable_path(flow))
        plait_flow_end(flow, t->now, PLAIT_FLOW_IS_CLOSED, 0);
    return is_written;
}

/* ---- records ---- */

/* After DRAFT was written for R: remembers it, timers included. */
static void was_sent(const struct turn *t, struct plait_record *r, const struct plait_draft *draft,
                     uint32_t payload_octets)
{
    struct plait_flow *flow = t->flow;
    if (draft->length < payload_octets) /* else the timeout finds what was left out */
        (void)plait_record_split(flow, r, r->from + draft->length);
    if (draft->is_retransmission) {
        plait_count(flow->stack, PLAIT_COUNT_RETRANSMITTED);
        plait_trace(flow->stack, t->now, PLAIT_TRACE_RETRANSMIT_EVENT, flow->connection,
                    flow->number, r->from, draft->length, t->path->timeouts);
    }
    plait_record_send(flow, r, t->path, t->now);
    plait_recovery_arm(flow, t->path, t->now);
}

/* ---- SYN ---- */

static bool send_syn(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    struct plait_record *r = flow->send.lost.first;
    bool is_answer = flow->state == PLAIT_FLOW_SYN_RECEIVED;
    if (flow->send.next == 0)
        r = plait_record_add(flow, 0, 1, true);
    if (!r) {
        if (flow->send.next == 0)
            plait_memory_wait(flow, t->now);
        return false;
    }
    r->has_syn = true;
    struct plait_draft draft = {.kind = is_answer ? PLAIT_SEGMENT_SYN_ACK : PLAIT_SEGMENT_SYN,
                                .flags = PLAIT_SYN | (is_answer ? PLAIT_ACK : 0),
                                .attempt = r->sendings,
                                .is_retransmission = r->sendings};
    if (!write_draft(t, &draft)) {
        if (flow->send.next == 0)
            plait_record_remove(flow, r);
        return false;
    }
    flow->send.next = 1;
    was_sent(t, r, &draft, 0);
    return true;
}

/* ---- how much ---- */

/* Without SACK each duplicate says that a segment has left the path (RFC 6582 §3.2). */
static uint32_t congestion_room(const struct plait_flow *flow, const struct plait_path *path,
                                uint32_t mss)
{
    uint32_t room = plait_path_room(path);
    /* One segment, whatever its size has become since the window was set, or nothing would move. */
    if (path->in_flight_octets == 0 && room < mss)
        room = mss;
    if (!flow->has_sack && flow->send.recover)
        room += flow->send.duplicates * plait_path_mss(path);
    return room;
}

/* The largest payload of one packet: a segment, or whole segments of a super-segment. */
static uint32_t packet_room(const struct turn *t, uint32_t mss)
{
    uint32_t super = t->flow->stack->config.super_octets;
    return t->out->offload_allowed && super > mss ? super - super % mss : mss;
}

static uint32_t smaller(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

static uint32_t peer_room(const struct plait_sending *s)
{
    return s->window_edge > s->next ? smaller(s->window_edge - s->next, UINT32_MAX) : 0;
}

/* Octets of new data that may go now.  IGNORES_WINDOW: a tail probe, one segment. */
static uint32_t new_room(const struct turn *t, uint32_t mss, bool ignores_window)
{
    const struct plait_sending *s = &t->flow->send;
    uint32_t congestion = ignores_window ? mss : congestion_room(t->flow, t->path, mss);
    uint32_t peer = peer_room(s);
    if (congestion < mss) {
        t->path->is_limited = true;
        return 0;
    }
    uint32_t room = smaller(smaller(congestion, peer), packet_room(t, mss));
    if (room >= mss)
        return room - room % mss;
    t->path->is_limited = false; /* the peer limits: its window says nothing about the path */
    /* A silly window is used only when nothing else will open it (RFC 9293 §3.8.6.2.1). */
    return !s->first || room >= s->window_max / 2 ? room : 0;
}

/* The owner lets PATH send: the peer knows of it. */
static bool is_allowed(const struct plait_flow *flow, struct plait_path *path)
{
    return !flow->owner->may_use ||
           flow->owner->may_use(flow->owner_self, (struct plait_flow *)flow, path);
}

static bool may_use(const struct turn *t)
{
    return t->path->is_usable && plait_path_is_best_health(t->path) && is_allowed(t->flow, t->path);
}

/* ---- losses ---- */

static bool resend(const struct turn *t, struct plait_record *r, uint32_t room)
{
    struct plait_flow *flow = t->flow;
    uint32_t payload = (uint32_t)(r->to - r->from) - r->has_fin;
    uint32_t length = smaller(payload, room);
    if (length) {
        uint32_t piece = flow->owner->piece(flow->owner_self, flow, r->from, length);
        length = piece && piece < length ? piece : length;
    }
    struct plait_draft draft = {.kind = PLAIT_SEGMENT_DATA,
                                .flags = PLAIT_ACK,
                                .from = r->from,
                                .length = length,
                                .is_retransmission = true};
    if (r->to == flow->send.next)
        draft.flags |= PLAIT_PSH;
    if (r->has_fin && length == payload)
        draft.flags |= PLAIT_FIN;
    if (!write_draft(t, &draft))
        return false;
    was_sent(t, r, &draft, payload);
    return true;
}

static bool send_lost(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    struct plait_record *r = flow->send.lost.first;
    if (!r || !may_use(t))
        return false;
    uint32_t mss = plait_segment_room(flow, t->path);
    uint32_t room = congestion_room(flow, t->path, mss);
    uint32_t least = smaller(r->to - r->from, mss);
    if (room < least && !t->path->first_is_free) {
        t->path->is_limited = true;
        return false;
    }
    room = room < mss ? mss : room - room % mss;
    if (!resend(t, r, smaller(room, packet_room(t, mss))))
        return false;
    t->path->first_is_free = false;
    return true;
}

/* ---- new data ---- */

/* What the owner gave before and did not fit, or else what it gives now. */
static uint32_t ask_owner(const struct turn *t, uint32_t room)
{
    struct plait_sending *s = &t->flow->send;
    if (s->granted > s->next)
        return smaller(s->granted - s->next, room);
    uint32_t length =
        t->flow->owner->next(t->flow->owner_self, t->flow, t->path, t->now, s->next, room);
    length = length < room ? length : room;
    s->more = length == room;
    s->granted = s->next + length;
    s->may_have_data = length;
    return length;
}

static bool send_piece(const struct turn *t, uint32_t length, bool is_fin)
{
    struct plait_flow *flow = t->flow;
    struct plait_sending *s = &flow->send;
    struct plait_record *r = plait_record_add(flow, s->next, s->next + length + is_fin, is_fin);
    if (!r) {
        plait_memory_wait(flow, t->now);
        return false;
    }
    struct plait_draft draft = {
        .kind = PLAIT_SEGMENT_DATA, .flags = PLAIT_ACK, .from = s->next, .length = length};
    if (!s->more && s->next + length == s->granted)
        draft.flags |= PLAIT_PSH;
    if (is_fin)
        draft.flags |= PLAIT_FIN;
    if (!write_draft(t, &draft)) {
        plait_record_remove(flow, r);
        return false;
    }
    r->to = r->from + draft.length + is_fin;
    r->has_fin = is_fin;
    s->next = r->to;
    was_sent(t, r, &draft, draft.length);
    return true;
}

static bool send_fin(const struct turn *t)
{
    struct plait_sending *s = &t->flow->send;
    if (!s->close_asked || s->fin || s->granted > s->next || s->may_have_data)
        return false;
    uint64_t fin = s->next;
    if (!send_piece(t, 0, true))
        return false;
    s->fin = fin;
    plait_flow_move(t->flow, t->now, PLAIT_SENDS_FIN);
    return true;
}

static bool try_new(const struct turn *t, bool ignores_window)
{
    struct plait_flow *flow = t->flow;
    if (!plait_flow_may_send(flow) || !may_use(t))
        return false;
    plait_path_restart(t->path, t->now);
    uint32_t room = new_room(t, plait_segment_room(flow, t->path), ignores_window);
    if (!room) {
        if (!flow->send.may_have_data && flow->send.granted == flow->send.next)
            return send_fin(t);
        plait_persist_arm(flow, t->now);
        return false;
    }
    uint32_t length = ask_owner(t, room);
    if (plait_flow_is_over(flow))
        return false;
    if (length)
        return send_piece(t, length, false);
    t->path->is_limited = false; /* the owner limits */
    return send_fin(t);
}

static bool send_new(const struct turn *t)
{
    return try_new(t, false);
}

/* ---- probes ---- */

/* RFC 8985 §7.3: something new if there is, else the end of what was sent. */
static bool send_tail(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    struct plait_path *path = t->path;
    if (!path->tail_is_due)
        return false;
    path->tail_is_due = false;
    if (!path->sent_last || flow->send.lost.first)
        return false;
    path->tail_is_new = try_new(t, true);
    bool was_written = path->tail_is_new;
    if (!was_written) {
        struct plait_record *r = path->sent_last;
        uint32_t mss = plait_segment_room(flow, path);
        if (r->to - r->from > mss + r->has_fin)
            r = plait_record_split(flow, r, r->to - r->has_fin - mss);
        was_written = r && resend(t, r, mss);
    }
    path->tail_was_sent = was_written;
    path->tail_end = flow->send.next;
    return was_written;
}

/* An ACK that is not acceptable draws an answer (RFC 9293 §3.10.7.4): one below what the peer
 * acknowledged.  It carries no octet, so it opens no mapping. */
static bool send_probe(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    if ((!flow->probe_now && !t->path->probe_is_due) || !is_allowed(flow, t->path))
        return false;
    struct plait_draft draft = {
        .kind = PLAIT_SEGMENT_PROBE, .flags = PLAIT_ACK, .from = flow->send.unacked - 1};
    bool is_window = flow->send.window_edge <= flow->send.next;
    if (!write_draft(t, &draft))
        return false;
    flow->probe_now = t->path->probe_is_due = false;
    plait_count(flow->stack, is_window ? PLAIT_COUNT_PROBES : PLAIT_COUNT_KEEPALIVES);
    return true;
}

/* ---- acknowledgments ---- */

static bool write_ack(const struct turn *t, enum plait_segment_kind kind)
{
    struct plait_draft draft = {.kind = kind, .flags = PLAIT_ACK, .from = t->flow->send.next};
    return write_draft(t, &draft);
}

static bool send_third_ack(const struct turn *t)
{
    return t->flow->third_ack && write_ack(t, PLAIT_SEGMENT_THIRD_ACK);
}

static bool send_ack(const struct turn *t)
{
    struct plait_flow *flow = t->flow;
    bool is_way = is_allowed(flow, flow->ack_path);
    bool is_other = t->path != flow->ack_path;
    if (is_other ? flow->ack_path->is_usable && is_way : !is_way)
        return false; /* on the way that the segments came */
    bool may_ask = plait_flow_is_synchronized(flow);
    if (!flow->ack_now && !(may_ask && flow->owner->wants_ack(flow->owner_self, flow)))
        return false;
    return write_ack(t, PLAIT_SEGMENT_ACK);
}

static bool send_first(const struct turn *t)
{
    const struct plait_flow_owner *owner = t->flow->owner;
    return owner->comes_first && owner->comes_first(t->flow->owner_self, t->flow) && send_ack(t);
}

/* ---- all of it ---- */

static bool (*const before_open[])(const struct turn *t) = {send_stray_reset, send_abort, send_syn,
                                                            NULL};
/* A SYN that came: challenges are answered (RFC 5961). */
static bool (*const half_open[])(const struct turn *t) = {send_stray_reset, send_abort, send_syn,
                                                          send_ack, NULL};
/* The peer's numbers are not known: there is nothing to acknowledge, nor to probe. */
static bool (*const before_numbers[])(const struct turn *t) = {send_abort, send_tail, send_lost,
                                                               send_new, NULL};
static bool (*const when_open[])(const struct turn *t) = {
    send_stray_reset, send_abort, send_third_ack, send_first, send_probe,
    send_tail,        send_lost,  send_new,       send_ack,   NULL};

bool plait_flow_output(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                       struct plait_out *out)
{
    struct turn t = {flow, path, now, out};
    if (flow->state == PLAIT_FLOW_CLOSED)
        return false;
    if (path->is_detached)
        return send_abort(&t); /* nobody is told, but it ends */
    bool (*const *things)(const struct turn *t) = when_open;
    if (!plait_flow_is_synchronized(flow))
        things = flow->state == PLAIT_FLOW_SYN_SENT ? before_open : half_open;
    else if (flow->lacks_isn)
        things = before_numbers;
    for (; *things; things++) {
        bool was_written = (*things)(&t);
        if (was_written) {
            plait_count(flow->stack, PLAIT_COUNT_SEGMENTS_OUT);
            if (flow->state != PLAIT_FLOW_CLOSED)
                plait_stack_ready(flow->stack, path);
            return true;
        }
        if (flow->state == PLAIT_FLOW_CLOSED)
            return false;
    }
    return false;
}
