/* tcp/flow.c: making and ending flows, their paths, and what an owner asks of them. */
#include "tcp/flow.h"

#include "tcp/inside.h"

/* ---- making ---- */

static void set_owner(struct plait_flow *flow, const struct plait_flow_owner *table, void *owner)
{
    flow->owner = table;
    flow->owner_self = owner;
    flow->send.option_octets = table == &plait_plain_owner ? 0 : PLAIT_OWNER_OPTIONS;
}

static bool furnish(struct plait_flow *flow, const struct plait_flow_setup *setup)
{
    if (setup->owner_table) {
        set_owner(flow, setup->owner_table, setup->owner);
    } else {
        if (!plait_plain_new(flow))
            return false;
        flow->heard = setup->event;
        set_owner(flow, &plait_plain_owner, setup->owner);
    }
    struct plait_path *path = plait_path_new(flow, &setup->key);
    if (!path)
        return false;
    if (setup->mtu_octets)
        path->mtu_octets = setup->mtu_octets;
    flow->ack_path = path;
    return true;
}

static struct plait_flow *flow_new(struct plait_stack *stack, const struct plait_flow_setup *setup,
                                   plait_time_ns now)
{
    struct plait_flow *flow = plait_pool_take(&stack->flows);
    if (!flow) {
        plait_count(stack, PLAIT_COUNT_FLOWS_LIMIT);
        return NULL;
    }
    flow->stack = stack;
    flow->connection = setup->connection;
    flow->heard_ns = now;
    flow->challenges.from_ns = INT64_MIN;
    plait_timer_init(&flow->ack_timer, PLAIT_TIMER_ACK);
    plait_timer_init(&flow->persist_timer, PLAIT_TIMER_PERSIST);
    plait_timer_init(&flow->life_timer, PLAIT_TIMER_LIFE);
    if (!furnish(flow, setup)) {
        plait_count(stack, PLAIT_COUNT_FLOWS_LIMIT);
        plait_flow_free(flow);
        return NULL;
    }
    flow->number = ++stack->flows_made;
    return flow;
}

struct plait_flow *plait_flow_connect(struct plait_stack *stack,
                                      const struct plait_flow_setup *setup, plait_time_ns now)
{
    struct plait_flow *flow = flow_new(stack, setup, now);
    if (!flow)
        return NULL;
    flow->isn = setup->isn;
    flow->stamps.offset = setup->timestamp_offset;
    flow->state = PLAIT_FLOW_SYN_SENT;
    flow->is_client = true;
    flow->send.granted = 1;
    plait_flow_ready(flow);
    return flow;
}

static void take_handshake(struct plait_flow *flow, const struct plait_flow_handshake *h,
                           plait_time_ns now)
{
    flow->isn = h->isn;
    flow->peer_isn = h->peer_isn;
    flow->has_sack = h->sack;
    flow->peer_knows = true;
    flow->stamps = (struct plait_stamps){.is_used = h->timestamps,
                                         .offset = h->timestamp_offset,
                                         .recent = h->peer_timestamp,
                                         .recent_ns = now};
    flow->send.unacked = flow->send.next = flow->send.granted = 1;
    flow->send.peer_mss = h->peer_mss;
    flow->send.shift = h->window_scale ? h->send_shift : 0;
    flow->send.window_edge = 1 + (uint64_t)h->send_window_octets;
    flow->send.window_max = h->send_window_octets;
    flow->receive.edge = flow->receive.acked_edge = 1;
    flow->receive.shift = h->window_scale ? h->receive_shift : 0;
}

struct plait_flow *plait_flow_accept(struct plait_stack *stack,
                                     const struct plait_flow_setup *setup,
                                     const struct plait_flow_handshake *handshake,
                                     plait_time_ns now)
{
    struct plait_flow *flow = flow_new(stack, setup, now);
    if (!flow)
        return NULL;
    take_handshake(flow, handshake, now);
    struct plait_path *path = flow->paths;
    stack->config.congestion->start(path, plait_path_mss(path)); /* the peer's MSS is known now */
    /* The SYN/ACK's window field has 16 bits and no scale. */
    uint64_t window = flow->owner->window(flow->owner_self, flow);
    flow->receive.announced_edge = 1 + (window < UINT16_MAX ? window : UINT16_MAX);
    if (handshake->syn_ack_at_ns != PLAIT_NEVER)
        plait_path_rtt(path, now, now - handshake->syn_ack_at_ns);
    plait_flow_opened(flow, path, now);
    return flow;
}

struct plait_flow *plait_flow_open(struct plait_stack *stack, const struct plait_flow_setup *setup,
                                   const struct plait_flow_handshake *terms, plait_time_ns now)
{
    struct plait_flow *flow = flow_new(stack, setup, now);
    if (!flow)
        return NULL;
    take_handshake(flow, terms, now);
    flow->lacks_isn = flow->lacks_ack = true;
    stack->config.congestion->start(flow->paths, plait_path_mss(flow->paths));
    /* The peer counts on the widest window that it was ever shown. */
    flow->receive.announced_edge = 1 + (uint64_t)stack->config.receive_limit_octets;
    plait_flow_move(flow, now, PLAIT_GETS_OPEN);
    plait_flow_wake(flow);
    return flow;
}

struct plait_flow_handshake plait_flow_terms(const struct plait_flow *flow)
{
    return (struct plait_flow_handshake){.peer_mss = flow->send.peer_mss,
                                         .sack = flow->has_sack,
                                         .timestamps = flow->stamps.is_used,
                                         .window_scale = true, /* shifts are 0 without */
                                         .send_shift = flow->send.shift,
                                         .receive_shift = flow->receive.shift,
                                         .timestamp_offset = flow->stamps.offset,
                                         .peer_timestamp = (uint32_t)flow->stamps.recent,
                                         .send_window_octets = flow->send.window_max,
                                         .syn_ack_at_ns = PLAIT_NEVER};
}

bool plait_flow_learn_isn(struct plait_flow *flow, uint32_t isn)
{
    const struct plait_receiving *r = &flow->receive;
    bool is_fresh = flow->lacks_ack && r->edge == 1 && r->ranges.count == 0;
    if (!is_fresh || plait_flow_is_over(flow))
        return flow->peer_isn == isn;
    flow->peer_isn = isn;
    flow->lacks_isn = false;
    plait_flow_wake(flow);
    return true;
}

bool plait_flow_lacks_isn(const struct plait_flow *flow)
{
    return flow->lacks_isn;
}

/* ---- paths ---- */

static void leave_ready(struct plait_stack *stack, struct plait_path *path)
{
    if (!path->is_ready)
        return;
    struct plait_path *before = NULL;
    for (struct plait_path *p = stack->ready_first; p != path; p = p->ready_next)
        before = p;
    if (before)
        before->ready_next = path->ready_next;
    else
        stack->ready_first = path->ready_next;
    if (stack->ready_last == path)
        stack->ready_last = before;
    path->is_ready = false;
}

static void path_free(struct plait_stack *stack, struct plait_path *path)
{
    if (stack->path_gone)
        stack->path_gone(stack->machine, path);
    leave_ready(stack, path);
    plait_timer_forget(&stack->timers, &path->timer);
    plait_pool_give(&stack->paths, path);
}

struct plait_path *plait_flow_add_path(struct plait_flow *flow, const struct plait_flow_key *key,
                                       plait_time_ns now)
{
    (void)now;
    struct plait_path *before = flow->paths, *path = plait_path_new(flow, key);
    if (!path) {
        plait_count(flow->stack, PLAIT_COUNT_FLOWS_LIMIT);
        return NULL;
    }
    if (before->is_detached)
        plait_flow_remove_path(flow, before);
    if (plait_flow_is_synchronized(flow))
        plait_stack_ready(flow->stack, path);
    return path;
}

/* What was in flight on PATH is lost; every record gets a path that goes on living. */
static void orphan(struct plait_flow *flow, struct plait_path *path, struct plait_path *heir)
{
    while (path->sent_first)
        plait_record_lose(flow, path->sent_first);
    for (struct plait_record *r = flow->send.first; r; r = r->next)
        if (r->path == path)
            r->path = heir;
    if (flow->ack_path == path)
        flow->ack_path = heir;
}

/* A flow has a path for as long as it lives: this one keeps nothing but its place. */
static void detach(struct plait_flow *flow, struct plait_path *path)
{
    orphan(flow, path, path);
    leave_ready(flow->stack, path);
    plait_timer_set(&flow->stack->timers, &path->timer, PLAIT_NEVER);
    path->is_usable = path->probe_is_due = path->tail_is_due = false;
    path->is_detached = true;
    path->timeouts = 0;
}

void plait_flow_remove_path(struct plait_flow *flow, struct plait_path *path)
{
    struct plait_path **at = &flow->paths;
    while (*at && *at != path)
        at = &(*at)->next;
    struct plait_path *heir = flow->paths == path ? path->next : flow->paths;
    if (*at && !heir)
        detach(flow, path);
    if (!*at || !heir)
        return;
    *at = path->next;
    orphan(flow, path, heir);
    path_free(flow->stack, path);
    plait_flow_ready(flow);
}

void plait_flow_free(struct plait_flow *flow)
{
    struct plait_stack *stack = flow->stack;
    plait_records_clear(flow);
    plait_timers_forget(flow);
    plait_ranges_give(flow);
    while (flow->paths) {
        struct plait_path *path = flow->paths;
        flow->paths = path->next;
        path_free(stack, path);
    }
    plait_plain_free(flow);
    plait_flow_leave_lists(flow);
    plait_pool_give(&stack->flows, flow);
}

/* ---- what an owner asks ---- */

void plait_flow_ready(struct plait_flow *flow)
{
    for (struct plait_path *p = flow->paths; p; p = p->next)
        if (p->is_usable)
            plait_stack_ready(flow->stack, p);
}

void plait_flow_wake(struct plait_flow *flow)
{
    flow->send.may_have_data = true;
    plait_flow_ready(flow);
}

void plait_flow_withdraw(struct plait_flow *flow)
{
    if (flow->send.granted > flow->send.next)
        flow->send.granted = flow->send.next;
}

void plait_flow_ack_now(struct plait_flow *flow)
{
    if (!plait_flow_is_synchronized(flow) || flow->is_aborting)
        return;
    flow->ack_now = true;
    plait_stack_ready(flow->stack, flow->ack_path);
}

/* In SYN-SENT it waits: what was written before is still to be delivered (RFC 9293 §3.10.4 lets go
 * of it; whoever wants that aborts). */
void plait_flow_close(struct plait_flow *flow, plait_time_ns now)
{
    (void)now;
    if (plait_flow_is_over(flow))
        return;
    flow->send.close_asked = true;
    plait_flow_wake(flow);
}

void plait_flow_abort(struct plait_flow *flow, plait_time_ns now)
{
    (void)now;
    if (plait_flow_is_over(flow))
        return;
    flow->is_aborting = true;
    plait_flow_ready(flow); /* each path is told */
    plait_stack_ready(flow->stack, flow->ack_path);
}

void plait_flow_set_owner(struct plait_flow *flow, const struct plait_flow_owner *table,
                          void *owner)
{
    set_owner(flow, table, owner);
    plait_flow_wake(flow);
}

void plait_flow_unreachable(struct plait_flow *flow, struct plait_path *path, plait_time_ns now,
                            bool is_hard)
{
    path->is_doubtful = true;
    if (is_hard && flow->stack->config.heeds_hard_errors)
        plait_flow_end(flow, now, PLAIT_FLOW_IS_RESET, 0);
}

void plait_flow_probe(struct plait_flow *flow, plait_time_ns now)
{
    (void)now;
    if (!plait_flow_is_synchronized(flow) || flow->is_aborting)
        return;
    for (struct plait_path *p = flow->paths; p; p = p->next)
        p->probe_is_due = p->is_usable;
    plait_flow_ready(flow);
}

void plait_flow_consumed(struct plait_flow *flow)
{
    if (plait_flow_is_synchronized(flow) && plait_window_has_opened(flow))
        plait_flow_ack_now(flow);
}

/* ---- looking ---- */

enum plait_flow_state plait_flow_state(const struct plait_flow *flow)
{
    return flow->state;
}

uint32_t plait_flow_number(const struct plait_flow *flow)
{
    return flow->number;
}

void *plait_flow_owner(const struct plait_flow *flow)
{
    return flow->owner_self;
}

struct plait_path *plait_flow_first_path(const struct plait_flow *flow)
{
    return flow->paths;
}

uint64_t plait_flow_unacked(const struct plait_flow *flow)
{
    return flow->send.unacked;
}

uint64_t plait_flow_next(const struct plait_flow *flow)
{
    return flow->send.next;
}

uint64_t plait_flow_window_edge(const struct plait_flow *flow)
{
    return flow->send.window_edge;
}

uint64_t plait_flow_received(const struct plait_flow *flow)
{
    return flow->receive.edge;
}

bool plait_flow_peer_done(const struct plait_flow *flow)
{
    return flow->receive.fin_taken;
}

uint32_t plait_flow_isn(const struct plait_flow *flow)
{
    return flow->isn;
}

uint32_t plait_flow_peer_isn(const struct plait_flow *flow)
{
    return flow->peer_isn;
}

uint8_t plait_flow_send_shift(const struct plait_flow *flow)
{
    return flow->send.shift;
}
