/* mptcp/fallback.c: when to leave Multipath TCP, and when to give up a subflow instead
 * (RFC 8684 §3.7), as one table.
 *
 * After a fallback the flow's offset plus a constant is the data offset in each direction, subflow
 * acknowledgments free what was sent, FIN ends the stream, and there is no way back (N42).  With a
 * wrong checksum the octets are delivered as they came: TCP has acknowledged them, nobody will send
 * them again, and plain TCP would have delivered them too (docs/PROTOCOL.md). */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

enum action {
    IGNORE,
    RESET,         /* the subflow, reason 1: the peer broke an agreement */
    RESET_BOX,     /* reason 6: something on the path did */
    RESET_FAIL,    /* reason 6, with MP_FAIL */
    PLAIN,         /* silently */
    PLAIN_TELLING, /* with an infinite mapping */
    PLAIN_FAIL,    /* with MP_FAIL; the peer sends the infinite mapping */
    PLAIN_ANSWER   /* MP_FAIL in answer where the mechanism has that, and an infinite mapping */
};

enum place { ALONE, AMONG_OTHERS, JOINED };

static const uint8_t table[PLAIT_TROUBLES][3] = {
    [PLAIT_TROUBLE_NO_HELLO] = {PLAIN, PLAIN, RESET},
    [PLAIT_TROUBLE_NO_JOIN] = {IGNORE, IGNORE, RESET},
    [PLAIT_TROUBLE_NO_DATA_ACK] = {PLAIN_TELLING, RESET_BOX, RESET_BOX},
    [PLAIT_TROUBLE_NO_MAPPING] = {PLAIN_TELLING, RESET_BOX, RESET_BOX},
    [PLAIT_TROUBLE_UNMAPPED] = {RESET_BOX, RESET_BOX, RESET_BOX},
    [PLAIT_TROUBLE_CHECKSUM] = {PLAIN_FAIL, RESET_FAIL, RESET_FAIL},
    [PLAIT_TROUBLE_CHECKSUM_FORM] = {RESET, RESET, RESET},
    [PLAIT_TROUBLE_FAIL] = {PLAIN_ANSWER, IGNORE, IGNORE},
    [PLAIT_TROUBLE_INFINITE] = {PLAIN_TELLING, RESET, RESET},
};

/* Where nothing contiguous can be made plain, the subflow goes instead. */
static const uint8_t instead[] = {
    [PLAIN] = RESET_BOX,
    [PLAIN_TELLING] = RESET_BOX,
    [PLAIN_FAIL] = RESET_FAIL,
    [PLAIN_ANSWER] = IGNORE,
};

static enum place place_of(const struct plait_subflow *sub)
{
    if (!sub->is_first)
        return JOINED;
    return sub->connection->had_joins ? AMONG_OTHERS : ALONE;
}

/* Data offset - flow offset of what the peer sends: one number, or there is no fallback. */
static bool received_is_contiguous(const struct plait_subflow *sub, uint64_t *delta)
{
    const struct plait_mapping *m = sub->received.first;
    *delta = sub->connection->delta_in;
    if (m)
        *delta = m->data_from - m->from;
    for (; m; m = m->next)
        if (m->data_from - m->from != *delta)
            return false;
    return true;
}

static void give_up_token(struct plait_mptcp *c)
{
    if (c->token_claimed)
        c->world->machine->release_token(c->world->machine_self, c);
    c->token_claimed = false;
}

static void announce_fallback(struct plait_mptcp *c, plait_time_ns now, unsigned why)
{
    plait_mptcp_count(c, PLAIT_COUNT_FALLBACK);
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_FELL_BACK_EVENT, c->number, 0, why,
                c->data_acked, 0);
    plait_mptcp_event(c, now, PLAIT_MPTCP_IS_FALLEN_BACK);
}

void plait_fallback_hello(struct plait_mptcp *c, plait_time_ns now)
{
    c->has_fallen_back = c->is_plain = true;
    give_up_token(c);
    if (c->mechanism)
        announce_fallback(c, now, PLAIT_TROUBLE_NO_HELLO);
    c->mechanism = NULL;
}

static void become_plain(struct plait_subflow *sub, plait_time_ns now, enum plait_trouble why)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_timers *timers = &plait_mptcp_stack(c)->timers;
    c->has_fallen_back = c->is_plain = true;
    c->infinite_from = c->data_acked;
    c->reinject.count = 0;
    give_up_token(c);
    plait_timer_set(timers, &c->data_timer, PLAIT_NEVER);
    plait_timer_set(timers, &c->addr_timer, PLAIT_NEVER);
    plait_placed_to_received(c);
    uint64_t acked = plait_flow_unacked(sub->flow) + c->delta_out;
    plait_data_released(c, now, acked < c->send.end ? acked : c->send.end);
    announce_fallback(c, now, why);
    plait_data_arrived(c, now);
    plait_data_fin_try(c, now);
    plait_flow_wake(sub->flow);
}

static bool fall_back(struct plait_subflow *sub, plait_time_ns now, enum plait_trouble why,
                      enum action action)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t out, in;
    if (sub->stage == PLAIT_SUBFLOW_CLOSING || c->is_fastclosing)
        return false; /* its FIN would end a stream that is not at its end */
    if (!plait_dss_is_contiguous(sub, &out) || !received_is_contiguous(sub, &in))
        return false;
    c->delta_out = out;
    c->delta_in = in;
    if (action == PLAIN_FAIL || (action == PLAIN_ANSWER && c->mechanism->fail_is_answered)) {
        if (action == PLAIN_ANSWER)
            sub->fail_offset = plait_receive_queue_edge(&c->receive);
        sub->says |= PLAIT_SAY_FAIL;
    }
    if (action == PLAIN_ANSWER || action == PLAIN_TELLING)
        sub->says |= PLAIT_SAY_INFINITE;
    if (action != PLAIN)
        sub->infinite_until = plait_flow_next(sub->flow);
    sub->says &= PLAIT_SAY_FAIL | PLAIT_SAY_INFINITE;
    become_plain(sub, now, why);
    return true;
}

bool plait_fallback(struct plait_subflow *sub, plait_time_ns now, enum plait_trouble trouble)
{
    struct plait_mptcp *c = sub->connection;
    if (c->has_fallen_back || sub->stage == PLAIT_SUBFLOW_DEAD) /* decided already */
        return sub->stage != PLAIT_SUBFLOW_DEAD;
    enum action action = table[trouble][place_of(sub)];
    if (action >= PLAIN && !fall_back(sub, now, trouble, action))
        action = instead[action];
    if (trouble == PLAIT_TROUBLE_INFINITE && c->has_fallen_back)
        plait_mptcp_count(c, PLAIT_COUNT_INFINITE_IN);
    switch (action) {
    case RESET:
        plait_subflow_reset(sub, now, PLAIT_RESET_MPTCP);
        return false;
    case RESET_FAIL:
        sub->says_fail = true;
        plait_subflow_reset(sub, now, PLAIT_RESET_MIDDLEBOX);
        return false;
    case RESET_BOX:
        plait_subflow_reset(sub, now, PLAIT_RESET_MIDDLEBOX);
        return false;
    default:
        return true;
    }
}
