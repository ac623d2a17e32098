/* tcp/ack.c: the sending half: what an acknowledgment says, for windows, round trips and losses
 * (RFC 9293 §3.10.7.4, RFC 2018, RFC 5681, RFC 6582, RFC 8985).
 *
 * Records that leave are looked at once each; SACK blocks cost at most PLAIT_SACK_STEPS_MAX steps
 * a segment, and what that leaves undone a later block tells again. */
#include <string.h>

#include "tcp/inside.h"

/* What one acknowledgment brought; per path it is in path->news. */
struct news {
    bool is_new;        /* the left edge moved */
    bool has_duplicate; /* DSACK */
    bool window_changed;
    uint64_t before;             /* the left edge */
    uint64_t fack;               /* highest octet known to have arrived before */
    plait_time_ns sent_again_ns; /* the latest retransmission below the new left edge; 0 = none */
    uint32_t steps;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- one record arrived ---- */

/* An acknowledgment of what was sent twice may be of the first sending (RFC 8985 §6.2, step 2).  An
 * echo speaks of the left edge only: what arrives out of order leaves TS.Recent as it was. */
static bool is_certain(const struct plait_record *r, const struct plait_arrival *a)
{
    if (r->sendings <= 1)
        return true;
    bool is_early = a->now - r->sent_ns < r->path->least_rtt_ns;
    bool is_at_edge = a->has_stamps && (int64_t)r->to <= a->ack;
    return !is_early && (!is_at_edge || a->echo >= r->sent_ns / PLAIT_MS);
}

static void advance_rack(const struct plait_record *r, const struct plait_arrival *a)
{
    struct plait_path *path = r->path;
    if (!is_certain(r, a) ||
        !plait_record_was_sent_before(path->rack_serial, path->rack_end, r->serial, r->to))
        return;
    path->rack_serial = r->serial;
    path->rack_end = r->to;
    path->rack_rtt_ns = a->now - r->sent_ns;
}

/* OCTETS at the front of R arrived, for the first time that we hear. */
static void deliver(struct plait_flow *flow, const struct plait_record *r, uint32_t octets,
                    const struct plait_arrival *a, const struct news *news)
{
    struct plait_path *path = r->path;
    path->news.delivered_octets += octets;
    path->delivered_octets += octets;
    if (r->serial > path->reduced_serial)
        path->news.growth_octets += octets;
    if (r->to - r->from > path->news.largest_octets)
        path->news.largest_octets = (uint32_t)(r->to - r->from);
    if (r->sendings == 1 && r->sent_ns >= path->news.sent_ns) { /* Karn */
        path->news.sent_ns = r->sent_ns;
        path->news.rtt_ns = a->now - r->sent_ns;
    }
    if (r->sendings == 1 && r->to < news->fack)
        flow->send.reordering_seen = true;
    advance_rack(r, a);
}

/* ---- the left edge ---- */

/* RFC 4015: the acknowledgment was drawn by the first sending, so nothing had been lost. */
static void maybe_undo(struct plait_flow *flow, const struct plait_record *r,
                       const struct plait_arrival *a)
{
    struct plait_path *path = r->path;
    if (r->sendings <= 1 || !path->undo.is_possible || !a->has_stamps ||
        a->echo >= path->undo.stamp || a->echo <= 0)
        return;
    bool was_timeout = path->undo.is_timeout;
    plait_path_undo(path);
    if (!was_timeout)
        return;
    for (struct plait_record *l = flow->send.lost.last, *earlier; l; l = earlier) {
        earlier = l->earlier;
        if (l->path == path && l->sendings == 1)
            plait_record_unlose(flow, l);
    }
}

static void take_left_edge(struct plait_flow *flow, const struct plait_arrival *a,
                           struct news *news)
{
    struct plait_sending *s = &flow->send;
    uint64_t ack = (uint64_t)a->ack;
    if (s->first)
        maybe_undo(flow, s->first, a);
    for (struct plait_record *r = s->first; r && r->from < ack; r = s->first) {
        uint64_t to = r->to < ack ? r->to : ack;
        if (r->sendings > 1 && r->sent_ns > news->sent_again_ns)
            news->sent_again_ns = r->sent_ns;
        if (r->place != PLAIT_SACKED)
            deliver(flow, r, (uint32_t)(to - r->from), a, news);
        if (r->to > ack) {
            plait_record_trim(flow, r, ack);
            break;
        }
        plait_record_remove(flow, r);
    }
    s->unacked = ack;
    news->is_new = true;
    /* What waited at the peer for a retransmission tells of that wait, not of the path. */
    for (struct plait_path *p = flow->paths; p && news->sent_again_ns; p = p->next)
        p->news.sent_ns = p->news.rtt_ns = 0;
}

/* ---- SACK ---- */

/* The record that OFFSET lies in, sought from where the last one was found. */
static struct plait_record *find(struct plait_flow *flow, uint64_t offset, struct news *news)
{
    struct plait_sending *s = &flow->send;
    struct plait_record *r = s->seen ? s->seen : s->first;
    while (r && r->from > offset && news->steps) {
        r = r->previous;
        news->steps--;
    }
    while (r && r->to <= offset && news->steps) {
        r = r->next;
        news->steps--;
    }
    return r && r->from <= offset && r->to > offset ? r : NULL;
}

static void take_block(struct plait_flow *flow, const struct plait_arrival *a, uint64_t left,
                       uint64_t right, struct news *news)
{
    struct plait_sending *s = &flow->send;
    struct plait_record *r = find(flow, left, news);
    for (; r && r->from < right && news->steps; news->steps--, r = r->next) {
        if (r->place == PLAIT_SACKED)
            continue;
        if (r->from < left)
            r = plait_record_split(flow, r, left);
        if (!r || (r->to > right && !plait_record_split(flow, r, right)))
            return; /* no record left: as if the block had not come */
        deliver(flow, r, (uint32_t)(r->to - r->from), a, news);
        r = s->seen = plait_record_sack(flow, r);
    }
    s->sacked_edge = larger(s->sacked_edge, right);
}

/* A duplicate arrived: less was lost than we thought.  More patience, a step each round trip
 * (RFC 8985 §6.2, step 4). */
static void take_duplicate(struct plait_flow *flow, const struct plait_arrival *a,
                           struct news *news)
{
    struct plait_path *path = a->path;
    news->has_duplicate = true;
    if (a->now - path->reordering_grown_ns < path->smoothed_rtt_ns)
        return;
    path->reordering_grown_ns = a->now;
    path->reordering_steps += path->reordering_steps < 16;
    flow->send.reordering_seen = true;
}

static void take_sack(struct plait_flow *flow, const struct plait_arrival *a, struct news *news)
{
    struct plait_sending *s = &flow->send;
    const struct plait_tcp_options *o = &a->segment->options;
    struct plait_range second = {0, 0};
    if (o->sack_count > 1) {
        second.from = (uint64_t)plait_unwrap(o->sack[1].left, flow->isn, s->unacked);
        second.to = (uint64_t)plait_unwrap(o->sack[1].right, flow->isn, s->unacked);
    }
    for (unsigned i = 0; i < o->sack_count; i++) {
        int64_t left = plait_unwrap(o->sack[i].left, flow->isn, s->unacked);
        int64_t right = plait_unwrap(o->sack[i].right, flow->isn, s->unacked);
        bool is_sane = left >= 0 && left < right && right <= (int64_t)s->next;
        if (!is_sane)
            continue;
        bool is_inside = i == 0 && (uint64_t)left >= second.from && (uint64_t)right <= second.to;
        /* RFC 2883 §4; what begins at the left edge would have been acknowledged. */
        if (i == 0 && (right <= (int64_t)s->unacked || is_inside))
            take_duplicate(flow, a, news);
        else if (left > (int64_t)s->unacked)
            take_block(flow, a, (uint64_t)left, (uint64_t)right, news);
    }
}

/* ---- window ---- */

/* WL1 and WL2 keep segments that are older than the last one from having a say (RFC 9293
 * §3.10.7.4).  But the newest number may be that of a single forged segment far ahead in the
 * window, and a peer that has nothing to send never reaches it.  So an older segment may still
 * widen the window: the right edge of an honest peer does not move back (§3.8.6), so what is
 * really old never says more than what came after it, while a retransmission, old by its number,
 * may; and any answer to a probe opens a window that was closed in a forger's name. */
static void take_window(struct plait_flow *flow, const struct plait_arrival *a, struct news *news)
{
    struct plait_sending *s = &flow->send;
    bool is_syn = a->segment->flags & PLAIT_SYN;
    uint32_t window = (uint32_t)a->segment->window << (is_syn ? 0 : s->shift);
    bool is_newer = a->from > (int64_t)s->window_seq ||
                    (a->from == (int64_t)s->window_seq && a->ack >= (int64_t)s->window_ack);
    if (a->ack < (int64_t)s->unacked)
        return;
    uint64_t edge = (uint64_t)a->ack + window;
    if (!is_newer && !news->is_new && edge <= s->window_edge)
        return;
    news->window_changed = edge != s->window_edge;
    s->window_edge = edge;
    if (window > s->window_max)
        s->window_max = window;
    if (a->from > (int64_t)s->window_seq)
        s->window_seq = (uint64_t)a->from;
    s->window_ack = (uint64_t)a->ack;
}

/* ---- without SACK (RFC 5681 §3.2, RFC 6582) ---- */

static void lose_first(struct plait_flow *flow, const struct plait_arrival *a)
{
    struct plait_record *r = flow->send.first;
    if (!r || r->place != PLAIT_IN_FLIGHT)
        return;
    uint32_t mss = plait_path_mss(r->path);
    if (r->to - r->from > mss)
        (void)plait_record_split(flow, r, r->from + mss); /* else all of it is sent again */
    plait_rack_lose(flow, r, a->now);
}

/* An ACK that only carries signals of Multipath TCP says nothing about loss (N34). */
static bool is_signal(const struct plait_segment *s)
{
    for (unsigned i = 0; i < s->mptcp_count; i++)
        if (s->mptcp[i].is_raw || s->mptcp[i].subtype != PLAIT_DSS)
            return true;
    return false;
}

static void count_duplicates(struct plait_flow *flow, const struct plait_arrival *a,
                             const struct news *news)
{
    struct plait_sending *s = &flow->send;
    uint32_t mss = plait_path_mss(a->path);
    if (news->is_new) {
        uint32_t segments = (uint32_t)((s->unacked - news->before) / mss);
        s->duplicates -= s->duplicates < segments ? s->duplicates : segments;
        if (s->recover && s->unacked < s->recover)
            lose_first(flow, a); /* a partial acknowledgment */
        else
            s->duplicates = 0, s->recover = 0;
        return;
    }
    bool is_duplicate = a->ack == (int64_t)s->unacked && a->to == a->from && s->first &&
                        !news->window_changed && !is_signal(a->segment);
    if (!is_duplicate || s->unacked < s->timeout_edge)
        return;
    if (++s->duplicates == PLAIT_DUPLICATES && !s->recover) {
        s->recover = s->next;
        lose_first(flow, a);
    }
}

/* ---- what follows, for each path ---- */

static void grow(struct plait_flow *flow, struct plait_path *path, const struct plait_arrival *a)
{
    uint32_t mss = plait_path_mss(path);
    uint32_t acked = path->news.growth_octets;
    if (!acked || !path->is_limited || path->window_octets > PLAIT_WINDOW_MAX_OCTETS)
        return;
    bool is_slow_start = path->window_octets < path->threshold_octets;
    if (is_slow_start) { /* RFC 3465 §2.3; a super-segment is acknowledged as one */
        uint32_t largest = path->news.largest_octets > mss ? path->news.largest_octets : mss;
        acked = acked < 2 * largest ? acked : 2 * largest;
    } else if (flow->owner->increase) {
        uint32_t more = flow->owner->increase(flow->owner_self, flow, path, acked);
        if (more != UINT32_MAX) {
            path->window_octets += more < acked ? more : acked;
            return;
        }
    }
    flow->stack->config.congestion->acked(path, a->now, acked, mss);
}

/* The probe's answer: if the tail had been lost, that was congestion (RFC 8985 §7.4). */
static void settle_tail(struct plait_flow *flow, struct plait_path *path,
                        const struct plait_arrival *a, const struct news *news)
{
    const struct plait_sending *s = &flow->send;
    if (!path->tail_was_sent || s->unacked < path->tail_end)
        return;
    bool is_pure = a->to == a->from && !a->segment->options.sack_count;
    bool is_repeated = !news->is_new && is_pure && s->unacked == path->tail_end;
    if (path->tail_is_new || news->has_duplicate || is_repeated) {
        path->tail_was_sent = false;
    } else if (s->unacked > path->tail_end) {
        path->tail_was_sent = false;
        plait_path_reduce(path, a->now, false);
    }
}

/* The echo may be of an earlier sending whose acknowledgment was lost, or of another path: then it
 * tells nothing. */
static bool is_timed_by_echo(const struct plait_flow *flow, const struct plait_arrival *a,
                             const struct news *news)
{
    return !flow->paths->next && news->is_new && a->has_stamps && a->echo > 0 &&
           a->echo <= a->now / PLAIT_MS && a->echo >= news->sent_again_ns / PLAIT_MS;
}

static void settle_path(struct plait_flow *flow, struct plait_path *path,
                        const struct plait_arrival *a, const struct news *news)
{
    settle_tail(flow, path, a, news);
    if (!path->news.delivered_octets)
        return;
    bool was_timed_out = path->timeouts;
    path->timeouts = 0;
    path->progress_ns = a->now;
    path->is_doubtful = false;
    if (path->news.rtt_ns)
        plait_path_rtt(path, a->now, path->news.rtt_ns);
    else if (is_timed_by_echo(flow, a, news))
        plait_path_rtt(path, a->now, a->now - a->echo * PLAIT_MS);
    else
        plait_path_backoff(path);
    grow(flow, path, a);
    if (was_timed_out)
        plait_flow_tell(flow, a->now, PLAIT_FLOW_IS_RECOVERED, 0);
}

static void settle(struct plait_flow *flow, const struct plait_arrival *a, const struct news *news)
{
    for (struct plait_path *p = flow->paths; p; p = p->next)
        settle_path(flow, p, a, news);
    if (plait_flow_is_over(flow))
        return;
    if (!flow->has_sack)
        count_duplicates(flow, a, news);
    for (struct plait_path *p = flow->paths; p; p = p->next) {
        plait_rack_detect(flow, p, a->now);
        plait_recovery_arm(flow, p, a->now);
    }
}

static void tell(struct plait_flow *flow, const struct plait_arrival *a)
{
    const struct plait_sending *s = &flow->send;
    if (s->unacked > 1)
        plait_flow_tell(flow, a->now, PLAIT_FLOW_IS_ACKED, s->unacked);
    if (s->fin && s->unacked > s->fin && !plait_flow_is_over(flow))
        plait_flow_move(flow, a->now, PLAIT_GETS_FIN_ACKED);
}

void plait_ack_take(struct plait_flow *flow, const struct plait_arrival *a)
{
    struct plait_sending *s = &flow->send;
    struct news news = {.before = s->unacked,
                        .fack = larger(s->sacked_edge, s->unacked),
                        .steps = PLAIT_SACK_STEPS_MAX};
    for (struct plait_path *p = flow->paths; p; p = p->next)
        memset(&p->news, 0, sizeof p->news);
    if (a->ack > (int64_t)s->unacked)
        take_left_edge(flow, a, &news);
    if (flow->has_sack && a->segment->options.sack_count)
        take_sack(flow, a, &news);
    take_window(flow, a, &news);
    if (s->first || news.is_new)
        settle(flow, a, &news);
    if (news.is_new && !plait_flow_is_over(flow))
        tell(flow, a);
    if (plait_flow_is_over(flow))
        return;
    if (news.window_changed || news.is_new)
        plait_persist_arm(flow, a->now);
    plait_flow_ready(flow);
}
