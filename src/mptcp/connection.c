/* mptcp/connection.c: the life of a connection: made, established, ended, freed.
 *
 * A connection ends in one of three ways.  Both DATA_FINs are acknowledged: its subflows are closed
 * by FIN (RFC 8684 §3.3.3).  A reset of all of them, or FASTCLOSE: at once.  No subflow is left for
 * close_timeout: it was waiting for a new one (break before make).  Fallen back, its one flow's
 * life is its own. */
#include "mptcp/inside.h"

#include "mptcp/hello.h"

/* ---- making ---------------------------------------------------------------------------------- */

void plait_mptcp_world(struct plait_mptcp_world *world, struct plait_stack *stack,
                       uint32_t connections_limit, const struct plait_machine *machine,
                       void *machine_self)
{
    uint32_t subflows = connections_limit > UINT32_MAX / PLAIT_MPTCP_SUBFLOWS_MAX
                            ? UINT32_MAX
                            : connections_limit * PLAIT_MPTCP_SUBFLOWS_MAX;
    *world = (struct plait_mptcp_world){
        .stack = stack,
        .connections = plait_pool(stack->arena, sizeof(struct plait_mptcp), connections_limit),
        .subflows = plait_pool(stack->arena, sizeof(struct plait_subflow), subflows),
        .messages = plait_pool(stack->arena, sizeof(struct plait_messages), connections_limit),
        .mappings = plait_pool(stack->arena, sizeof(struct plait_mapping), stack->records.limit),
        .machine = machine,
        .machine_self = machine_self,
    };
}

static void fill_in(struct plait_mptcp_config *config)
{
    if (!config->mechanisms[0])
        config->mechanisms[0] = &plait_mechanism_v1;
    if (!config->subflows_limit && !config->accept_none)
        config->subflows_limit = 2;
    if (config->subflows_limit > PLAIT_MPTCP_SUBFLOWS_MAX - 1)
        config->subflows_limit = PLAIT_MPTCP_SUBFLOWS_MAX - 1;
    if (!config->half_open_joins_limit)
        config->half_open_joins_limit = 8;
    if (config->half_open_joins_limit > UINT8_MAX)
        config->half_open_joins_limit = UINT8_MAX;
    if (!config->syn_tries_with_mptcp)
        config->syn_tries_with_mptcp = 3;
    if (!config->add_addr_retry_ns)
        config->add_addr_retry_ns = PLAIT_S;
    if (!config->close_timeout_ns)
        config->close_timeout_ns = 60 * PLAIT_S;
    if (!config->probe_timeout_ns)
        config->probe_timeout_ns = 2 * PLAIT_S;
    if (!config->scheduler)
        config->scheduler = &plait_lowest_rtt;
    if (!config->path_manager)
        config->path_manager = &plait_pm_by_hand;
    if (!config->coupling)
        config->coupling = &plait_lia;
}

struct plait_mptcp *plait_mptcp_new(struct plait_mptcp_world *world,
                                    const struct plait_mptcp_config *config)
{
    struct plait_mptcp *c = plait_pool_take(&world->connections);
    if (!c)
        return NULL;
    struct plait_stack *stack = world->stack;
    c->world = world;
    c->config = *config;
    fill_in(&c->config);
    c->mechanism = c->config.mechanisms[0];
    c->number = ++world->connections_made;
    c->data_next = c->data_acked = 1;
    c->send = plait_send_queue(&stack->chunks, stack->config.send_limit_octets);
    c->send.start = c->send.end = 1;
    c->receive = plait_receive_queue(&stack->chunks, stack->config.receive_limit_octets,
                                     c->received_room, PLAIT_MPTCP_RANGES_OWN);
    c->receive.start = 1;
    c->reinject = plait_range_set(c->reinject_room, PLAIT_MPTCP_REINJECT_MAX);
    plait_timer_init(&c->data_timer, PLAIT_MPTCP_TIMER_DATA);
    plait_timer_init(&c->close_timer, PLAIT_MPTCP_TIMER_CLOSE);
    plait_timer_init(&c->addr_timer, PLAIT_MPTCP_TIMER_ADDR);
    return c;
}

void plait_mptcp_identify(struct plait_mptcp *c)
{
    const struct plait_mechanism *m = c->mechanism;
    c->peer_token = m->token ? m->token(c->peer_key) : 0;
    c->own_idsn = m->idsn ? m->idsn(c->own_key) : 0;
    c->peer_idsn = m->idsn ? m->idsn(c->peer_key) : 0;
    c->is_plain = m->mapping == PLAIT_MAPPING_SEQUENCE;
    plait_messages_start(c);
}

struct plait_mptcp *plait_mptcp_accept(struct plait_mptcp_world *world,
                                       const struct plait_mptcp_config *config,
                                       const struct plait_hello *hello, plait_time_ns now)
{
    struct plait_mptcp *c = plait_mptcp_new(world, config);
    if (!c)
        return NULL;
    c->mechanism = hello->mechanism;
    c->own_key = hello->own_key;
    c->own_token = hello->own_token;
    c->peer_key = hello->peer_key;
    c->own_cookie = hello->own_cookie;
    c->peer_cookie = hello->peer_cookie;
    c->checksum = hello->checksum;
    c->peer_forbids_first = hello->peer_forbids_first;
    c->hello_is_known = true;
    plait_mptcp_identify(c);
    if (c->mechanism->token && !world->machine->claim_token(world->machine_self, c, c->own_token)) {
        plait_mptcp_count(c, PLAIT_COUNT_TOKEN_TAKEN);
        plait_pool_give(&world->connections, c);
        return NULL;
    }
    c->token_claimed = c->mechanism->token != NULL;
    plait_mptcp_count(c, PLAIT_COUNT_CAPABLE_IN);
    plait_trace(world->stack, now, PLAIT_TRACE_CONNECTION_EVENT, c->number, 0, c->stage,
                c->mechanism->version, 0);
    return c;
}

void plait_mptcp_event(struct plait_mptcp *c, plait_time_ns now, enum plait_mptcp_event event)
{
    if (c->world->machine->event)
        c->world->machine->event(c->world->machine_self, c, now, event);
}

/* Both streams are delivered to their ends: nothing is left to send anywhere. */
static bool is_done(const struct plait_mptcp *c)
{
    return plait_data_fin_acked(c) && c->peer_fin &&
           plait_receive_queue_edge(&c->receive) >= c->peer_fin;
}

bool plait_mptcp_is_multipath(const struct plait_mptcp *c)
{
    return c->mechanism && c->stage == PLAIT_MPTCP_OPEN && !c->has_fallen_back && !is_done(c);
}

void plait_mptcp_established(struct plait_mptcp *c, plait_time_ns now)
{
    if (c->stage != PLAIT_MPTCP_OPENING)
        return;
    c->stage = PLAIT_MPTCP_OPEN;
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_CONNECTION_EVENT, c->number, 0, c->stage,
                c->mechanism ? c->mechanism->version : 0, 0);
    plait_mptcp_event(c, now, PLAIT_MPTCP_IS_ESTABLISHED);
    plait_data_fin_try(c, now); /* closed before it was open */
    plait_data_timer_arm(c, now);
    if (c->is_plain && plait_mptcp_is_multipath(c)) /* no DSS will ever tell (N12) */
        plait_mptcp_dss_seen(c, now);
}

void plait_mptcp_dss_seen(struct plait_mptcp *c, plait_time_ns now)
{
    if (c->dss_seen)
        return;
    c->dss_seen = true;
    if (c->config.path_manager->established)
        c->config.path_manager->established(c, now);
}

/* ---- ending ---------------------------------------------------------------------------------- */

void plait_mptcp_end(struct plait_mptcp *c, plait_time_ns now, enum plait_mptcp_event event,
                     uint8_t reason)
{
    if (c->stage == PLAIT_MPTCP_ENDED)
        return;
    c->stage = PLAIT_MPTCP_ENDED;
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_CONNECTION_EVENT, c->number, 0, c->stage,
                event, 0);
    struct plait_timers *timers = &plait_mptcp_stack(c)->timers;
    plait_timer_set(timers, &c->data_timer, PLAIT_NEVER);
    plait_timer_set(timers, &c->addr_timer, PLAIT_NEVER);
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        plait_subflow_reset(sub, now, reason);
    if (event != PLAIT_MPTCP_IS_CLOSED) /* our own doing: nothing but the end is news */
        plait_mptcp_event(c, now, event);
    plait_mptcp_check_end(c, now);
}

void plait_mptcp_check_end(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_timers *timers = &plait_mptcp_stack(c)->timers;
    bool done = is_done(c);
    if (done && !c->is_plain)
        for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
            plait_subflow_close(sub, now);
    if (c->subflows || c->closed_told)
        return;
    if (done || c->stage == PLAIT_MPTCP_ENDED || c->is_plain) {
        c->closed_told = true;
        c->stage = PLAIT_MPTCP_ENDED;
        plait_timer_set(timers, &c->close_timer, PLAIT_NEVER);
        plait_timer_set(timers, &c->data_timer, PLAIT_NEVER);
        plait_timer_set(timers, &c->addr_timer, PLAIT_NEVER);
        plait_mptcp_event(c, now, PLAIT_MPTCP_IS_CLOSED);
    } else if (c->close_timer.at_ns == PLAIT_NEVER) {
        plait_timer_set(timers, &c->close_timer, now + c->config.close_timeout_ns);
    }
}

static void close_timer(struct plait_mptcp *c, plait_time_ns now)
{
    if (c->is_fastclosing) {
        plait_control_fastclose_timer(c, now);
        return;
    }
    if (!c->subflows || plait_pairs_are_gone(c))
        plait_mptcp_end(c, now, PLAIT_MPTCP_IS_TIMED_OUT, PLAIT_RESET_UNSPECIFIED);
}

void plait_mptcp_free(struct plait_mptcp *c)
{
    struct plait_mptcp_world *world = c->world;
    struct plait_timers *timers = &world->stack->timers;
    plait_messages_stop(c);
    while (c->subflows) {
        struct plait_subflow *sub = c->subflows;
        struct plait_flow *flow = sub->flow;
        plait_subflow_free(sub);
        if (flow)
            plait_flow_free(flow);
    }
    if (c->token_claimed)
        world->machine->release_token(world->machine_self, c);
    plait_timer_forget(timers, &c->data_timer);
    plait_timer_forget(timers, &c->close_timer);
    plait_timer_forget(timers, &c->addr_timer);
    plait_send_queue_clear(&c->send);
    plait_receive_queue_clear(&c->receive);
    plait_pool_give(&world->stack->ranges, c->received_block);
    plait_pool_give(&world->stack->ranges, c->placed_block);
    if (c->sealed_out)
        plait_chunk_give(&world->stack->chunks, c->sealed_out);
    if (c->sealed_in)
        plait_chunk_give(&world->stack->chunks, c->sealed_in);
    plait_pool_give(&world->connections, c);
}

/* ---- timers ---------------------------------------------------------------------------------- */

bool plait_mptcp_timer(struct plait_mptcp_world *world, struct plait_timer *timer,
                       plait_time_ns now)
{
    (void)world;
    switch (timer->kind) {
    case PLAIT_MPTCP_TIMER_DATA:
        plait_data_timer(PLAIT_OWNER(timer, struct plait_mptcp, data_timer), now);
        return true;
    case PLAIT_MPTCP_TIMER_CLOSE:
        close_timer(PLAIT_OWNER(timer, struct plait_mptcp, close_timer), now);
        return true;
    case PLAIT_MPTCP_TIMER_ADDR:
        plait_control_timer(PLAIT_OWNER(timer, struct plait_mptcp, addr_timer), now);
        return true;
    case PLAIT_MPTCP_TIMER_SUBFLOW:
        plait_subflow_timer(PLAIT_OWNER(timer, struct plait_subflow, timer), now);
        return true;
    case PLAIT_MPTCP_TIMER_MESSAGES:
        plait_messages_timer(PLAIT_OWNER(timer, struct plait_messages, timer), now);
        return true;
    default:
        return false;
    }
}

void plait_mptcp_wake_all(struct plait_mptcp *c)
{
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (sub->flow)
            plait_flow_wake(sub->flow);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* After a fallback the subflow's FIN is the end of the stream, and its acknowledgment the position
 * behind it, as that of DATA_FIN was. */
static uint64_t acked_with_end(const struct plait_mptcp *c)
{
    const struct plait_subflow *sub = c->subflows;
    if (!c->is_plain || !sub || !sub->flow)
        return c->data_acked;
    uint64_t acked = plait_flow_unacked(sub->flow) + c->delta_out;
    return acked > c->data_acked ? acked : c->data_acked;
}

struct plait_mptcp_info plait_mptcp_info(const struct plait_mptcp *c)
{
    return (struct plait_mptcp_info){
        .number = c->number,
        .is_established = c->stage == PLAIT_MPTCP_OPEN,
        .is_fallen_back = c->has_fallen_back,
        .is_ended = c->stage == PLAIT_MPTCP_ENDED,
        .peer_done = c->peer_done_told,
        .is_client = c->is_client,
        .mechanism = c->mechanism,
        .own_key = c->own_key,
        .peer_key = c->peer_key,
        .own_idsn = c->own_idsn,
        .peer_idsn = c->peer_idsn,
        .own_token = c->own_token,
        .peer_token = c->peer_token,
        .data_written = c->send.end,
        .data_sent = c->data_next,
        .data_acked = acked_with_end(c),
        .data_received = plait_receive_queue_edge(&c->receive),
        .data_read = c->receive.start,
        .writable_octets = plait_send_queue_room(&c->send),
        .checksum = c->checksum,
        .subflow_count = c->subflow_count,
        .path_count = c->messages ? plait_pairs_count(c) : c->subflow_count,
        .first_local = c->first_local,
        .first_remote = c->first_remote,
    };
}

uint32_t plait_mptcp_number(const struct plait_mptcp *c)
{
    return c->number;
}

uint32_t plait_mptcp_own_token(const struct plait_mptcp *c)
{
    return c->own_token;
}

bool plait_mptcp_subflow(const struct plait_mptcp *c, unsigned index,
                         struct plait_subflow_info *info)
{
    struct plait_path *pair = c->messages ? plait_pairs_at(c, index) : NULL;
    const struct plait_subflow *sub = pair ? plait_flow_owner(pair->flow) : c->subflows;
    for (; sub && index > 0 && !c->messages; index--)
        sub = sub->next;
    if (!sub || (c->messages && !pair))
        return false;
    struct plait_path *first = sub->flow ? plait_flow_first_path(sub->flow) : NULL;
    *info = (struct plait_subflow_info){
        .flow = sub->flow,
        .path = pair ? pair : first,
        .is_offered = pair && (sub->stage < PLAIT_SUBFLOW_OPEN || !plait_pairs_may_send(c, pair)),
        .local_id = sub->local_id,
        .remote_id = sub->remote_id,
        .initiated_here = sub->initiated_here,
        .backup_here = sub->backup_here,
        .backup_there = sub->backup_there,
        .is_authenticated = sub->is_authenticated};
    return true;
}

void plait_mptcp_limit_paths(struct plait_mptcp *c, uint32_t subflows, uint32_t add_addr_accepted)
{
    const uint32_t most = PLAIT_MPTCP_SUBFLOWS_MAX - 1;
    c->config.subflows_limit = subflows < most ? subflows : most;
    c->config.add_addr_accepted = add_addr_accepted;
}

void plait_mptcp_set_user(struct plait_mptcp *c, void *user)
{
    c->user = user;
}

void *plait_mptcp_user(const struct plait_mptcp *c)
{
    return c->user;
}
