/* mptcp/subflow.c: subflows come and go; what flows tell of themselves. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

/* ---- records --------------------------------------------------------------------------------- */

struct plait_subflow *plait_subflow_new(struct plait_mptcp *c)
{
    if (c->subflow_count >= PLAIT_MPTCP_SUBFLOWS_MAX)
        return NULL;
    struct plait_subflow *sub = plait_pool_take(&c->world->subflows);
    if (!sub)
        return NULL;
    sub->connection = c;
    sub->reset_reason = PLAIT_RESET_NO_REASON;
    sub->redundant_next = c->data_acked;
    plait_timer_init(&sub->timer, PLAIT_MPTCP_TIMER_SUBFLOW);
    uint32_t limit = plait_mptcp_stack(c)->config.records_limit;
    sub->sent = plait_mapping_list(&c->world->mappings, limit);
    sub->received = plait_mapping_list(&c->world->mappings, limit);
    struct plait_subflow **end = &c->subflows;
    while (*end)
        end = &(*end)->next;
    *end = sub;
    c->subflow_count++;
    return sub;
}

void plait_subflow_free(struct plait_subflow *sub)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_subflow **at = &c->subflows;
    while (*at != sub)
        at = &(*at)->next;
    *at = sub->next;
    c->subflow_count--;
    c->further_count -= sub->is_further;
    plait_dss_forget(sub);
    plait_timer_forget(&plait_mptcp_stack(c)->timers, &sub->timer);
    plait_pool_give(&c->world->subflows, sub);
}

void *plait_mptcp_new_owner(struct plait_mptcp *c, const struct plait_hello *hello,
                            plait_time_ns now)
{
    bool is_join = hello->kind == PLAIT_HELLO_JOIN;
    (void)now;
    if (is_join && (!plait_mptcp_is_multipath(c) || c->further_count >= c->config.subflows_limit)) {
        plait_mptcp_count(c, PLAIT_COUNT_JOIN_LIMIT);
        return NULL;
    }
    struct plait_subflow *sub = plait_subflow_new(c);
    if (!sub)
        return NULL;
    sub->is_first = !is_join;
    sub->is_authenticated = true;
    if (is_join) {
        sub->local_id = hello->local_id;
        sub->remote_id = hello->remote_id;
        sub->backup_there = hello->backup;
        sub->own_nonce = hello->own_nonce;
        sub->peer_nonce = hello->peer_nonce;
        sub->is_further = true;
        c->further_count++;
        c->had_joins = true;
    }
    return sub;
}

void plait_mptcp_free_owner(void *owner)
{
    plait_subflow_free(owner);
}

/* ---- what a subflow may do ------------------------------------------------------------------- */

bool plait_subflow_can_send(const struct plait_subflow *sub)
{
    return sub->flow && sub->stage == PLAIT_SUBFLOW_OPEN;
}

static unsigned trouble_of(const struct plait_subflow *sub)
{
    return 4u * plait_flow_lacks_isn(sub->flow) + 2u * sub->is_stale + sub->backup_there;
}

/* For control and acknowledgments: an open one, rather not stale; NULL if none is left. */
struct plait_subflow *plait_subflow_best(struct plait_mptcp *c)
{
    struct plait_subflow *best = NULL;
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (!plait_subflow_can_send(sub))
            continue;
        if (!best || trouble_of(sub) < trouble_of(best))
            best = sub;
    }
    return best;
}

void plait_subflow_say(struct plait_subflow *sub, uint8_t what)
{
    sub->says |= what;
    if (sub->flow)
        plait_flow_wake(sub->flow);
}

void plait_mptcp_say(struct plait_mptcp *c, uint8_t what)
{
    struct plait_subflow *sub = plait_subflow_best(c);
    if (sub)
        plait_subflow_say(sub, what);
}

/* ---- coming ---------------------------------------------------------------------------------- */

static void tell_paths(struct plait_subflow *sub, plait_time_ns now, bool added)
{
    struct plait_mptcp *c = sub->connection;
    plait_trace(plait_mptcp_stack(c), now,
                added ? PLAIT_TRACE_SUBFLOW_ADDED_EVENT : PLAIT_TRACE_SUBFLOW_GONE_EVENT, c->number,
                sub->flow ? plait_flow_number(sub->flow) : 0, sub->local_id, sub->remote_id,
                added ? sub->initiated_here : sub->reset_reason);
    plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
}

void plait_subflow_open(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_timers *timers = &plait_mptcp_stack(c)->timers;
    sub->stage = PLAIT_SUBFLOW_OPEN;
    sub->was_open = true;
    plait_timer_set(timers, &sub->timer, PLAIT_NEVER);
    if (!c->is_fastclosing) /* then it is of that */
        plait_timer_set(timers, &c->close_timer, PLAIT_NEVER);
    tell_paths(sub, now, true);
    plait_data_timer_arm(c, now);
    plait_mptcp_wake_all(c);
}

static void first_established(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_mptcp *c = sub->connection;
    const struct plait_path *path = plait_flow_first_path(sub->flow);
    c->first_local = path->key.src;
    c->first_remote = path->key.dst;
    /* The first pair has the identifiers 0, without being told (RFC 8684 §3.2). */
    c->own_addrs = plait_address_book(&c->first_local);
    c->peer_addrs = plait_address_book(&c->first_remote);
    /* A window counts from what is acknowledged (N25): here that is the handshake alone. */
    c->window_edge = plait_flow_window_edge(sub->flow);
    plait_subflow_open(sub, now);
    plait_mptcp_established(c, now);
}

static void established(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_mptcp *c = sub->connection;
    if (sub->is_first) {
        first_established(sub, now);
    } else if (sub->initiated_here) {
        sub->stage = PLAIT_SUBFLOW_PROVING; /* until the fourth segment (RFC 8684 §3.2) */
        plait_join_timer(sub, now);
    } else {
        const struct plait_addr *addr = &plait_flow_first_path(sub->flow)->key.dst.addr;
        /* A full book keeps nothing: REMOVE_ADDR finds subflows by themselves (N14). */
        (void)plait_address_book_note(&c->peer_addrs, sub->remote_id, addr);
        plait_mptcp_count(c, PLAIT_COUNT_JOIN_IN);
        plait_subflow_open(sub, now);
        plait_flow_ack_now(sub->flow); /* the fourth segment (N18) */
    }
}

/* ---- going ----------------------------------------------------------------------------------- */

/* Nobody answers there, or nobody who may: not again unless it is announced again (N32). */
static void place_failed(const struct plait_subflow *sub)
{
    struct plait_mptcp *c = sub->connection;
    const struct plait_addr *addr = &plait_flow_first_path(sub->flow)->key.dst.addr;
    struct plait_address *a = plait_address_book_find_addr(&c->peer_addrs, addr);
    if (a)
        a->has_failed = true;
}

void plait_subflow_reset(struct plait_subflow *sub, plait_time_ns now, uint8_t reason)
{
    if (sub->stage == PLAIT_SUBFLOW_DEAD)
        return;
    struct plait_mptcp *c = sub->connection;
    if (sub->stage < PLAIT_SUBFLOW_OPEN && sub->is_further && sub->flow)
        place_failed(sub);
    sub->stage = PLAIT_SUBFLOW_DEAD;
    sub->reset_reason = reason;
    plait_timer_set(&plait_mptcp_stack(c)->timers, &sub->timer, PLAIT_NEVER);
    plait_dss_abandon(sub, now, c->stage != PLAIT_MPTCP_ENDED);
    if (sub->flow)
        plait_flow_abort(sub->flow, now);
}

void plait_subflow_close(struct plait_subflow *sub, plait_time_ns now)
{
    bool is_open = sub->stage == PLAIT_SUBFLOW_OPEN && !plait_flow_lacks_isn(sub->flow);
    if (is_open) {
        sub->stage = PLAIT_SUBFLOW_CLOSING;
        plait_flow_close(sub->flow, now);
    } else if (sub->stage <= PLAIT_SUBFLOW_OPEN) {
        plait_subflow_reset(sub, now, PLAIT_RESET_UNSPECIFIED);
    }
}

/* It will carry nothing more: reset by the peer, or its retries are used up. */
static void lost(struct plait_subflow *sub, plait_time_ns now, bool timed_out)
{
    struct plait_mptcp *c = sub->connection;
    sub->stage = PLAIT_SUBFLOW_DEAD;
    plait_dss_abandon(sub, now, c->stage != PLAIT_MPTCP_ENDED);
    bool was_all = (sub->is_first && c->stage == PLAIT_MPTCP_OPENING) || c->has_fallen_back ||
                   c->is_plain || c->is_fastclosing || (!timed_out && plait_pairs_end_by_reset(c));
    if (was_all)
        plait_mptcp_end(c, now,
                        c->is_fastclosing ? PLAIT_MPTCP_IS_CLOSED
                        : timed_out       ? PLAIT_MPTCP_IS_TIMED_OUT
                                          : PLAIT_MPTCP_IS_RESET,
                        PLAIT_RESET_NO_REASON);
    else
        plait_mptcp_wake_all(c);
}

/* The last subflow ended by FIN in both directions after the peer's DATA_FIN, and of ours only the
 * acknowledgment is missing: it was lost with the options, nothing else can be. */
static void believe_fin(const struct plait_subflow *sub)
{
    struct plait_mptcp *c = sub->connection;
    bool is_last = c->subflows == sub && !sub->next && sub->stage == PLAIT_SUBFLOW_CLOSING;
    bool has_all = c->peer_fin && plait_receive_queue_edge(&c->receive) >= c->peer_fin;
    if (is_last && has_all && c->fin_sent && c->data_acked == c->send.end)
        c->data_acked++;
}

static void closed(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_mptcp *c = sub->connection;
    if (sub->is_further && sub->initiated_here && !sub->was_open)
        place_failed(sub); /* answered, but not as a join: no reason to ask again at once (N32) */
    believe_fin(sub);
    plait_pairs_went(sub);
    plait_dss_abandon(sub, now, c->stage != PLAIT_MPTCP_ENDED);
    tell_paths(sub, now, false);
    plait_subflow_free(sub);
    if (plait_mptcp_is_multipath(c) && c->config.path_manager->changed)
        c->config.path_manager->changed(c, now);
    plait_mptcp_wake_all(c);
    plait_mptcp_check_end(c, now);
}

/* The peer has said everything, and this is all that is left to say something to it. */
static bool is_last_way(const struct plait_subflow *self)
{
    const struct plait_mptcp *c = self->connection;
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub != self && plait_subflow_can_send(sub))
            return false;
    return c->peer_fin && plait_receive_queue_edge(&c->receive) >= c->peer_fin;
}

/* The peer closes one subflow, or in plain mode its direction of the connection.  FIN after
 * DATA_FIN closes nothing that was open: our direction goes on until it is done, for a peer that
 * has fallen back unnoticed takes our FIN for the stream's end. */
static void peer_fin(struct plait_subflow *sub, plait_time_ns now, uint64_t offset)
{
    struct plait_mptcp *c = sub->connection;
    /* A stream that ends before any DSS came was never Multipath TCP for the peer: something took
     * the options off after the SYNs (RFC 8684 §3.7). */
    if (!c->is_plain && !c->dss_seen && sub->is_first)
        (void)plait_fallback(sub, now, PLAIT_TROUBLE_NO_MAPPING);
    if (c->is_plain)
        plait_dss_peer_fin(c, now, offset + c->delta_in);
    else if (!is_last_way(sub) || plait_data_fin_acked(c))
        plait_subflow_close(sub, now);
}

/* ---- troubles of a path ---------------------------------------------------------------------- */

static void timed_out(struct plait_subflow *sub, plait_time_ns now, uint64_t count)
{
    struct plait_mptcp *c = sub->connection;
    if (sub->stage != PLAIT_SUBFLOW_OPEN && sub->stage != PLAIT_SUBFLOW_CLOSING)
        return;
    if (count >= PLAIT_MPTCP_STALE_AFTER)
        sub->is_stale = true;
    if (!c->is_plain)
        plait_reinject_from(sub, now);
}

static void recovered(struct plait_subflow *sub)
{
    sub->is_stale = false;
    plait_flow_wake(sub->flow);
}

void plait_subflow_event(struct plait_subflow *sub, plait_time_ns now, enum plait_flow_event event,
                         uint64_t detail)
{
    switch (event) {
    case PLAIT_FLOW_IS_ESTABLISHED:
        established(sub, now);
        break;
    case PLAIT_FLOW_IS_ACKED:
        plait_dss_subflow_acked(sub, now, detail);
        break;
    case PLAIT_FLOW_HAS_DATA: /* dealt with when it was delivered */
        break;
    case PLAIT_FLOW_PEER_FIN:
        peer_fin(sub, now, detail);
        break;
    case PLAIT_FLOW_IS_TIMED_OUT:
        timed_out(sub, now, detail);
        break;
    case PLAIT_FLOW_IS_RECOVERED:
        recovered(sub);
        break;
    case PLAIT_FLOW_IS_RESET:
        lost(sub, now, false);
        break;
    case PLAIT_FLOW_GAVE_UP:
        lost(sub, now, true);
        break;
    case PLAIT_FLOW_IS_CLOSED:
        closed(sub, now);
        break;
    }
}

void plait_subflow_timer(struct plait_subflow *sub, plait_time_ns now)
{
    if (sub->stage == PLAIT_SUBFLOW_PROVING)
        plait_join_timer(sub, now);
    else if (sub->is_probed)
        plait_control_probe_failed(sub, now);
}
