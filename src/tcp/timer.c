/* tcp/timer.c: everything that happens because nothing happened: retransmission timeout (RFC 6298),
 * tail loss probe (RFC 8985 §7), zero window (RFC 9293 §3.8.6.1), delayed ACK, keepalive
 * (RFC 9293 §3.8.4), TIME-WAIT. */
#include "tcp/inside.h"

#define KEEPALIVE_STEP_NS (75 * PLAIT_S)
#define MEMORY_RETRY_NS   (200 * PLAIT_MS)
enum { DOUBTFUL_RETRIES = 2 };

static void set(struct plait_flow *flow, struct plait_timer *timer, plait_time_ns at_ns)
{
    plait_timer_set(&flow->stack->timers, timer, at_ns);
}

static bool has_several_paths(const struct plait_flow *flow)
{
    return flow->paths->next;
}

/* ---- loss recovery ---- */

static bool may_probe_tail(const struct plait_flow *flow, const struct plait_path *path)
{
    const struct plait_sending *s = &flow->send;
    return flow->has_sack && path->smoothed_rtt_ns && !path->tail_was_sent && !path->timeouts &&
           !s->lost.first && !s->sacked_octets && plait_flow_is_synchronized(flow);
}

/* One segment alone waits for the peer's delayed ACK too: the timeout is sooner then. */
static plait_time_ns tail_due(const struct plait_path *path)
{
    if (path->sent_first == path->sent_last &&
        path->sent_last->to - path->sent_last->from <= plait_path_mss(path))
        return PLAIT_NEVER;
    plait_time_ns since =
        path->last_sent_ns > path->progress_ns ? path->last_sent_ns : path->progress_ns;
    return since + 2 * path->smoothed_rtt_ns;
}

/* The peer acknowledged up to what it had SACKed and not further: it took that back (RFC 2018 §8).
 * Nothing else may be in flight, and only a timeout sends it again, or gives up. */
static bool waits_for_sacked(const struct plait_flow *flow, const struct plait_path *path)
{
    const struct plait_record *first = flow->send.first;
    return first && first->place == PLAIT_SACKED && first->path == path;
}

void plait_recovery_arm(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    (void)now;
    plait_time_ns at = PLAIT_NEVER;
    path->waits_for = PLAIT_WAIT_RTO;
    if (path->sent_first || path->timeouts || waits_for_sacked(flow, path)) {
        at = path->progress_ns + path->rto_ns;
        plait_time_ns tail =
            path->sent_first && may_probe_tail(flow, path) ? tail_due(path) : PLAIT_NEVER;
        if (path->sent_first && path->rack_wait_ns < at) {
            at = path->rack_wait_ns;
            path->waits_for = PLAIT_WAIT_REORDERING;
        } else if (tail < at) {
            at = tail;
            path->waits_for = PLAIT_WAIT_TAIL;
        }
    }
    set(flow, &path->timer, at);
}

static unsigned retries_allowed(const struct plait_flow *flow, const struct plait_path *path)
{
    const struct plait_tcp_config *config = &flow->stack->config;
    if (plait_flow_is_synchronized(flow))
        return config->data_retries;
    bool is_short = path->is_doubtful && config->syn_retries > DOUBTFUL_RETRIES;
    return is_short ? DOUBTFUL_RETRIES : config->syn_retries;
}

/* A peer whose window is closed and who still answers is alive (RFC 9293 §3.8.6.1). */
static bool is_held_by_window(const struct plait_flow *flow, plait_time_ns now)
{
    const struct plait_sending *s = &flow->send;
    return plait_flow_is_synchronized(flow) && s->window_edge <= s->unacked &&
           now - flow->heard_ns < 2 * flow->stack->config.rto_max_ns;
}

/* True if that was the last try on the last path. */
static bool gives_up(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    if (path->timeouts <= retries_allowed(flow, path) || is_held_by_window(flow, now))
        return false;
    path->is_usable = false;
    for (struct plait_path *p = flow->paths; p; p = p->next)
        if (p->is_usable)
            return false;
    plait_flow_end(flow, now, PLAIT_FLOW_GAVE_UP, path->timeouts);
    return true;
}

/* RFC 5681 §3.1, RFC 6298 §5.4: all of it counts as lost, and the next is sent alone. */
static void lose_all(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    struct plait_sending *s = &flow->send;
    if (path->timeouts == 1)
        plait_path_reduce(path, now, true);
    else
        path->window_octets = plait_path_mss(path);
    while (path->sent_first)
        plait_record_lose(flow, path->sent_first);
    if (s->first && s->first->place == PLAIT_SACKED)
        plait_records_renege(flow);
    s->duplicates = 0;
    s->recover = 0;
    s->timeout_edge = s->next;
    path->tail_was_sent = path->tail_is_due = false;
    path->rack_wait_ns = PLAIT_NEVER;
}

static void on_timeout(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    path->timeouts++;
    plait_count(flow->stack, PLAIT_COUNT_TIMEOUTS);
    plait_trace(flow->stack, now, PLAIT_TRACE_TIMEOUT_EVENT, flow->connection, flow->number,
                flow->send.unacked, (uint64_t)path->rto_ns, path->timeouts);
    if (gives_up(flow, path, now))
        return;
    lose_all(flow, path, now);
    plait_path_backoff(path);
    path->progress_ns = now;
    path->first_is_free = true;
    path->probe_is_due = has_several_paths(flow) && path->is_usable;
    plait_flow_tell(flow, now, PLAIT_FLOW_IS_TIMED_OUT, path->timeouts);
    if (plait_flow_is_over(flow))
        return;
    set(flow, &path->timer, path->is_usable ? now + path->rto_ns : PLAIT_NEVER);
    plait_flow_ready(flow);
}

static void on_recovery(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    if (path->waits_for == PLAIT_WAIT_REORDERING) {
        plait_rack_detect(flow, path, now);
        plait_recovery_arm(flow, path, now);
        plait_flow_ready(flow);
    } else if (path->waits_for == PLAIT_WAIT_TAIL) {
        path->tail_is_due = true;
        path->waits_for = PLAIT_WAIT_RTO;
        path->progress_ns = now;
        set(flow, &path->timer, now + path->rto_ns);
        plait_stack_ready(flow->stack, path);
    } else {
        on_timeout(flow, path, now);
    }
}

/* ---- zero window ---- */

static bool is_window_closed(const struct plait_flow *flow)
{
    return flow->send.window_edge <= flow->send.next;
}

void plait_persist_arm(struct plait_flow *flow, plait_time_ns now)
{
    const struct plait_sending *s = &flow->send;
    const struct plait_path *path = flow->ack_path;
    bool is_waiting =
        is_window_closed(flow) && !s->first && s->may_have_data && plait_flow_may_send(flow);
    if (!is_waiting) {
        flow->persists = 0;
        set(flow, &flow->persist_timer, PLAIT_NEVER);
        return;
    }
    if (flow->persist_timer.at_ns != PLAIT_NEVER)
        return;
    plait_time_ns wait = path->rto_ns;
    for (unsigned i = 0; i < flow->persists && wait < flow->stack->config.rto_max_ns; i++)
        wait *= 2;
    set(flow, &flow->persist_timer, now + plait_earlier(wait, flow->stack->config.rto_max_ns));
}

void plait_memory_wait(struct plait_flow *flow, plait_time_ns now)
{
    if (!flow->send.first)
        set(flow, &flow->persist_timer, now + MEMORY_RETRY_NS);
}

static void on_persist(struct plait_flow *flow, plait_time_ns now)
{
    if (is_window_closed(flow)) {
        if (flow->probes++ >= flow->stack->config.data_retries) {
            plait_flow_end(flow, now, PLAIT_FLOW_GAVE_UP, flow->probes);
            return;
        }
        flow->persists++;
        flow->probe_now = true;
        plait_persist_arm(flow, now);
    }
    plait_flow_ready(flow);
}

/* ---- life ---- */

void plait_life_arm(struct plait_flow *flow, plait_time_ns now)
{
    const struct plait_tcp_config *config = &flow->stack->config;
    plait_time_ns at = PLAIT_NEVER;
    if (flow->state == PLAIT_FLOW_TIME_WAIT)
        at = now + config->time_wait_ns;
    else if (config->keepalive_ns != PLAIT_NEVER)
        at = flow->heard_ns + config->keepalive_ns;
    set(flow, &flow->life_timer, at);
}

static void on_life(struct plait_flow *flow, plait_time_ns now)
{
    const struct plait_tcp_config *config = &flow->stack->config;
    if (flow->state == PLAIT_FLOW_TIME_WAIT) {
        plait_flow_move(flow, now, PLAIT_ENDS);
        return;
    }
    if (flow->send.first || now - flow->heard_ns < config->keepalive_ns) {
        set(flow, &flow->life_timer,
            (flow->send.first ? now : flow->heard_ns) + config->keepalive_ns);
        return;
    }
    if (flow->probes++ >= PLAIT_PROBES_MAX) {
        plait_flow_end(flow, now, PLAIT_FLOW_GAVE_UP, PLAIT_PROBES_MAX);
        return;
    }
    flow->probe_now = true;
    set(flow, &flow->life_timer, now + plait_earlier(config->keepalive_ns, KEEPALIVE_STEP_NS));
    plait_flow_ready(flow);
}

static void on_ack(struct plait_flow *flow, plait_time_ns now)
{
    (void)now;
    plait_flow_ack_now(flow);
}

/* ---- all of them ---- */

void plait_timers_forget(struct plait_flow *flow)
{
    struct plait_timers *timers = &flow->stack->timers;
    plait_timer_forget(timers, &flow->ack_timer);
    plait_timer_forget(timers, &flow->persist_timer);
    plait_timer_forget(timers, &flow->life_timer);
    for (struct plait_path *p = flow->paths; p; p = p->next)
        plait_timer_forget(timers, &p->timer);
}

bool plait_flow_timer(struct plait_stack *stack, struct plait_timer *timer, plait_time_ns now)
{
    (void)stack;
    static const struct {
        size_t at; /* of the timer in the flow */
        void (*fired)(struct plait_flow *flow, plait_time_ns now);
    } of_flow[PLAIT_TIMER_KINDS] = {
        [PLAIT_TIMER_ACK] = {offsetof(struct plait_flow, ack_timer), on_ack},
        [PLAIT_TIMER_PERSIST] = {offsetof(struct plait_flow, persist_timer), on_persist},
        [PLAIT_TIMER_LIFE] = {offsetof(struct plait_flow, life_timer), on_life},
    };
    if (timer->kind >= PLAIT_TIMER_KINDS)
        return false;
    if (timer->kind == PLAIT_TIMER_RECOVERY) {
        struct plait_path *path = PLAIT_OWNER(timer, struct plait_path, timer);
        if (!plait_flow_is_over(path->flow))
            on_recovery(path->flow, path, now);
        return true;
    }
    struct plait_flow *flow = (void *)((char *)timer - of_flow[timer->kind].at);
    if (!plait_flow_is_over(flow))
        of_flow[timer->kind].fired(flow, now);
    return true;
}
