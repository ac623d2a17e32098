/* mptcp/data_ack.c: what the peer has of the stream, what it allows, and the end of ours
 * (RFC 8684 §3.3.2, §3.3.3, §3.3.4).
 *
 * DATA_ACK and window belong together: the window of a segment without DATA_ACK says nothing at
 * this level (N25).  What was never sent cannot be acknowledged.  A timer of the connection
 * looks after what no subflow's timer sees: data that a subflow acknowledged and the stream did
 * not, a DATA_FIN, a window that stays closed. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

#define TRIES_MAX 15
#define SHIFT_MAX 6 /* */

/* ---- what we say ----------------------------------------------------------------------------- */

uint64_t plait_data_ack_edge(const struct plait_mptcp *c)
{
    uint64_t edge = plait_receive_queue_edge(&c->receive);
    return c->peer_fin && edge >= c->peer_fin ? c->peer_fin + 1 : edge;
}

/* Octets from the in-order edge on; its right end never moves back (N28), for the limit is fixed
 * and octets are only ever consumed. */
uint64_t plait_data_window(struct plait_mptcp *c)
{
    uint64_t end = c->receive.start + c->receive.limit_octets;
    uint64_t edge = plait_receive_queue_edge(&c->receive);
    return end > edge ? end - edge : 0;
}

/* ---- what the peer says ---------------------------------------------------------------------- */

void plait_data_released(struct plait_mptcp *c, plait_time_ns now, uint64_t edge)
{
    if (edge <= c->data_acked)
        return;
    c->data_acked = edge;
    c->data_tries = 0;
    plait_send_queue_release(&c->send, edge < c->send.end ? edge : c->send.end);
    plait_range_remove_below(&c->reinject, edge);
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_DATA_ACK_EVENT, c->number, 0, edge, 0, 0);
    plait_timer_set(&plait_mptcp_stack(c)->timers, &c->data_timer, PLAIT_NEVER);
    plait_data_timer_arm(c, now);
    bool has_more = !plait_sealed_flush(c);
    if (c->write_was_short && !has_more && plait_send_queue_room(&c->send) > 0) {
        c->write_was_short = false;
        plait_mptcp_event(c, now, PLAIT_MPTCP_IS_WRITABLE);
    }
    if (plait_data_fin_acked(c))
        plait_mptcp_check_end(c, now);
}

void plait_data_ack_read(struct plait_subflow *sub, plait_time_ns now, const struct plait_dss *dss,
                         uint32_t window_octets)
{
    struct plait_mptcp *c = sub->connection;
    c->hello_is_known = true; /* only who has our key knows where to begin */
    plait_mptcp_dss_seen(c, now);
    if (!dss->has_ack || c->is_plain)
        return;
    sub->dss_passes = true;
    uint64_t most = c->data_next + c->fin_sent, ack;
    if (!plait_dsn_offset(c->own_idsn, dss->data_ack, dss->ack_is_64, c->data_acked, &ack) ||
        ack > most) {
        plait_mptcp_count(c, PLAIT_COUNT_DATA_ACK_BAD);
        return;
    }
    uint64_t edge = ack + window_octets;
    bool is_wider = edge > c->window_edge;
    if (is_wider)
        c->window_edge = edge;
    plait_data_released(c, now, ack);
    if (is_wider && c->data_next < c->send.end)
        plait_mptcp_wake_all(c);
}

/* ---- DATA_FIN -------------------------------------------------------------------------------- */

uint64_t plait_data_fin_offset(const struct plait_mptcp *c)
{
    bool all_sealed = c->sealed_out_sent == c->sealed_out_octets;
    return c->close_wanted && !c->is_plain && all_sealed ? c->send.end : 0;
}

bool plait_data_fin_acked(const struct plait_mptcp *c)
{
    uint64_t fin = plait_data_fin_offset(c);
    return fin && c->fin_sent && c->data_acked > fin;
}

static void close_plain(struct plait_mptcp *c, plait_time_ns now)
{
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub->flow)
            plait_flow_close(sub->flow, now);
}

void plait_data_fin_try(struct plait_mptcp *c, plait_time_ns now)
{
    if (c->is_plain && c->close_wanted)
        close_plain(c, now);
    uint64_t fin = plait_data_fin_offset(c);
    if (!fin || c->fin_sent || c->data_next < fin || c->stage != PLAIT_MPTCP_OPEN)
        return;
    c->fin_sent = true;
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_DATA_FIN_EVENT, c->number, 0, fin, 1, 0);
    plait_mptcp_say(c, PLAIT_SAY_DATA_FIN);
    plait_data_timer_arm(c, now);
}

/* ---- the timer ------------------------------------------------------------------------------- */

static plait_time_ns patience(const struct plait_mptcp *c)
{
    plait_time_ns most = 200 * PLAIT_MS;
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (plait_subflow_can_send(sub) && plait_flow_first_path(sub->flow)->rto_ns > most)
            most = plait_flow_first_path(sub->flow)->rto_ns;
    unsigned shift = c->data_tries < SHIFT_MAX ? c->data_tries : SHIFT_MAX;
    /* Later than the subflows' own timers, which come first; no longer than TCP ever waits. */
    return plait_earlier((most + most / 2) << shift, plait_mptcp_stack(c)->config.rto_max_ns);
}

static bool is_waiting(const struct plait_mptcp *c)
{
    if (c->is_plain || c->stage != PLAIT_MPTCP_OPEN)
        return false;
    bool in_flight = c->data_acked < c->data_next + c->fin_sent;
    return in_flight || c->data_next < c->send.end || c->pool_was_empty;
}

void plait_data_timer_arm(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_timers *timers = &plait_mptcp_stack(c)->timers;
    if (!is_waiting(c))
        plait_timer_set(timers, &c->data_timer, PLAIT_NEVER);
    else if (c->data_timer.at_ns == PLAIT_NEVER)
        plait_timer_set(timers, &c->data_timer, now + patience(c));
}

/* A subflow that is in health still works on the oldest octet. */
static bool is_looked_after(const struct plait_mptcp *c)
{
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (!plait_subflow_can_send(sub) || sub->is_stale)
            continue;
        for (const struct plait_mapping *m = sub->sent.first; m; m = m->next)
            if (c->data_acked >= m->data_from && c->data_acked - m->data_from < m->to - m->from)
                return true;
    }
    return false;
}

static void say_fin_everywhere(struct plait_mptcp *c)
{
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (plait_subflow_can_send(sub))
            plait_subflow_say(sub, PLAIT_SAY_DATA_FIN);
}

static void try_again(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_subflow *best = plait_subflow_best(c);
    if (c->data_acked < c->data_next) {
        if (is_looked_after(c))
            return;
        plait_reinject(c, now, c->data_acked, c->data_next);
        c->data_tries++;
    } else if (c->fin_sent && !plait_data_fin_acked(c)) {
        say_fin_everywhere(c);
        c->data_tries++;
    } else if (best && c->window_edge <= c->data_next) {
        plait_flow_probe(best->flow, now); /* its answer has DATA_ACK and window */
    }
}

void plait_data_timer(struct plait_mptcp *c, plait_time_ns now)
{
    if (!is_waiting(c))
        return;
    if (c->data_tries > TRIES_MAX) {
        plait_mptcp_end(c, now, PLAIT_MPTCP_IS_TIMED_OUT, PLAIT_RESET_PERFORMANCE);
        return;
    }
    c->pool_was_empty = false;
    try_again(c, now);
    plait_mptcp_wake_all(c);
    plait_data_timer_arm(c, now);
}
