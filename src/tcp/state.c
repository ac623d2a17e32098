/* tcp/state.c: the state machine of RFC 9293 figure 5 as a table of state and event. */
#include "tcp/inside.h"

/* LISTEN is host/'s.  CLOSED in a row's cell with an event that opens means: no such pair. */
static const uint8_t next_state[PLAIT_FLOW_STATES][PLAIT_STATE_EVENTS] = {
    [PLAIT_FLOW_CLOSED] = {[PLAIT_GETS_OPEN] = PLAIT_FLOW_ESTABLISHED}, /* plait_flow_accept */
    [PLAIT_FLOW_SYN_SENT] =
        {[PLAIT_GETS_SYN] = PLAIT_FLOW_SYN_RECEIVED, [PLAIT_GETS_OPEN] = PLAIT_FLOW_ESTABLISHED},
    [PLAIT_FLOW_SYN_RECEIVED] = {[PLAIT_GETS_OPEN] = PLAIT_FLOW_ESTABLISHED},
    [PLAIT_FLOW_ESTABLISHED] =
        {[PLAIT_SENDS_FIN] = PLAIT_FLOW_FIN_WAIT_1, [PLAIT_GETS_FIN] = PLAIT_FLOW_CLOSE_WAIT},
    [PLAIT_FLOW_FIN_WAIT_1] =
        {[PLAIT_GETS_FIN] = PLAIT_FLOW_CLOSING, [PLAIT_GETS_FIN_ACKED] = PLAIT_FLOW_FIN_WAIT_2},
    [PLAIT_FLOW_FIN_WAIT_2] = {[PLAIT_GETS_FIN] = PLAIT_FLOW_TIME_WAIT},
    [PLAIT_FLOW_CLOSE_WAIT] = {[PLAIT_SENDS_FIN] = PLAIT_FLOW_LAST_ACK},
    [PLAIT_FLOW_CLOSING] = {[PLAIT_GETS_FIN_ACKED] = PLAIT_FLOW_TIME_WAIT},
};

static const struct state_facts {
    const char *name;
    bool is_synchronized; /* both ends know both sequence numbers */
    bool may_send;        /* new data: FIN was not sent */
} facts[PLAIT_FLOW_STATES] = {
    [PLAIT_FLOW_CLOSED] = {"CLOSED", false, false},
    [PLAIT_FLOW_SYN_SENT] = {"SYN-SENT", false, false},
    [PLAIT_FLOW_SYN_RECEIVED] = {"SYN-RECEIVED", false, false},
    [PLAIT_FLOW_ESTABLISHED] = {"ESTABLISHED", true, true},
    [PLAIT_FLOW_FIN_WAIT_1] = {"FIN-WAIT-1", true, false},
    [PLAIT_FLOW_FIN_WAIT_2] = {"FIN-WAIT-2", true, false},
    [PLAIT_FLOW_CLOSE_WAIT] = {"CLOSE-WAIT", true, true},
    [PLAIT_FLOW_CLOSING] = {"CLOSING", true, false},
    [PLAIT_FLOW_LAST_ACK] = {"LAST-ACK", true, false},
    [PLAIT_FLOW_TIME_WAIT] = {"TIME-WAIT", true, false},
};

const char *plait_flow_state_name(enum plait_flow_state state)
{
    return (unsigned)state < PLAIT_FLOW_STATES ? facts[state].name : "?";
}

bool plait_flow_may_send(const struct plait_flow *flow)
{
    return facts[flow->state].may_send;
}

bool plait_flow_is_synchronized(const struct plait_flow *flow)
{
    return facts[flow->state].is_synchronized;
}

void plait_flow_tell(struct plait_flow *flow, plait_time_ns now, enum plait_flow_event event,
                     uint64_t detail)
{
    flow->owner->event(flow->owner_self, flow, now, event, detail);
}

/* ---- lists of the stack ---- */

static void enter_waiting(struct plait_flow *flow)
{
    struct plait_stack *stack = flow->stack;
    flow->waiting_previous = stack->waiting_last;
    if (stack->waiting_last)
        stack->waiting_last->waiting_next = flow;
    else
        stack->waiting_first = flow;
    stack->waiting_last = flow;
}

static void leave_waiting(struct plait_flow *flow)
{
    struct plait_stack *stack = flow->stack;
    if (!flow->waiting_previous && stack->waiting_first != flow)
        return;
    if (flow->waiting_previous)
        flow->waiting_previous->waiting_next = flow->waiting_next;
    else
        stack->waiting_first = flow->waiting_next;
    if (flow->waiting_next)
        flow->waiting_next->waiting_previous = flow->waiting_previous;
    else
        stack->waiting_last = flow->waiting_previous;
    flow->waiting_next = flow->waiting_previous = NULL;
}

void plait_flow_leave_lists(struct plait_flow *flow)
{
    leave_waiting(flow);
    struct plait_flow **link = &flow->stack->closed;
    while (*link && *link != flow)
        link = &(*link)->closed_next;
    if (*link)
        *link = flow->closed_next;
}

struct plait_flow *plait_stack_next_closed(struct plait_stack *stack)
{
    struct plait_flow *flow = stack->closed;
    if (flow)
        stack->closed = flow->closed_next;
    return flow;
}

struct plait_flow *plait_stack_oldest_waiting(struct plait_stack *stack)
{
    return stack->waiting_first;
}

void plait_flow_end_waiting(struct plait_flow *flow, plait_time_ns now)
{
    if (flow->state == PLAIT_FLOW_TIME_WAIT)
        plait_flow_end(flow, now, PLAIT_FLOW_IS_CLOSED, 0);
}

/* ---- moving ---- */

static void set_state(struct plait_flow *flow, plait_time_ns now, uint8_t state)
{
    plait_trace(flow->stack, now, PLAIT_TRACE_FLOW_STATE_EVENT, flow->connection, flow->number,
                flow->state, state, 0);
    if (flow->state == PLAIT_FLOW_TIME_WAIT)
        leave_waiting(flow);
    flow->state = state;
    if (state == PLAIT_FLOW_TIME_WAIT)
        enter_waiting(flow);
}

/* A closed flow keeps its paths: the owner may still read them; plait_flow_free gives them back. */
static void let_go(struct plait_flow *flow)
{
    plait_records_clear(flow);
    plait_timers_forget(flow);
    plait_ranges_give(flow);
    flow->is_aborting = flow->ack_now = flow->third_ack = flow->probe_now = false;
}

void plait_flow_end(struct plait_flow *flow, plait_time_ns now, enum plait_flow_event event,
                    uint64_t detail)
{
    if (flow->state == PLAIT_FLOW_CLOSED)
        return;
    set_state(flow, now, PLAIT_FLOW_CLOSED);
    let_go(flow);
    flow->closed_next = flow->stack->closed;
    flow->stack->closed = flow;
    if (event != PLAIT_FLOW_IS_CLOSED)
        plait_flow_tell(flow, now, event, detail);
    plait_flow_tell(flow, now, PLAIT_FLOW_IS_CLOSED, 0);
}

void plait_flow_move(struct plait_flow *flow, plait_time_ns now, enum plait_state_event event)
{
    bool is_end = event == PLAIT_ENDS ||
                  (event == PLAIT_GETS_FIN_ACKED && flow->state == PLAIT_FLOW_LAST_ACK);
    if (is_end) {
        plait_flow_end(flow, now, PLAIT_FLOW_IS_CLOSED, 0);
        return;
    }
    uint8_t state = next_state[flow->state][event];
    if (state == PLAIT_FLOW_CLOSED)
        return;
    set_state(flow, now, state);
    if (state == PLAIT_FLOW_TIME_WAIT || state == PLAIT_FLOW_ESTABLISHED)
        plait_life_arm(flow, now);
}

void plait_flow_opened(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    flow->ack_path = path;
    flow->heard_ns = now;
    plait_flow_move(flow, now, PLAIT_GETS_OPEN);
    plait_flow_tell(flow, now, PLAIT_FLOW_IS_ESTABLISHED, 0);
    plait_flow_wake(flow);
}
