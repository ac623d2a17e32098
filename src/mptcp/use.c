/* mptcp/use.c: what an application does with a connection. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

#define WINDOW_STEP_OCTETS 1460

static bool may_write(const struct plait_mptcp *c)
{
    return c->stage != PLAIT_MPTCP_ENDED && !c->close_wanted && !c->is_fastclosing;
}

static bool has_records(const struct plait_mptcp *c)
{
    return c->mechanism && c->mechanism->payload;
}

static void written(struct plait_mptcp *c, plait_time_ns now)
{
    if (c->stage != PLAIT_MPTCP_OPEN)
        return;
    plait_data_timer_arm(c, now);
    plait_mptcp_wake_all(c);
}

uint32_t plait_mptcp_put(struct plait_mptcp *c, plait_time_ns now, const void *octets,
                         uint32_t length)
{
    if (!may_write(c))
        return 0;
    if (has_records(c) && c->stage == PLAIT_MPTCP_OPENING)
        return 0; /* there is no key to seal with */
    uint32_t taken = has_records(c) ? plait_sealed_put(c, octets, length)
                                    : plait_send_queue_write(&c->send, octets, length);
    c->write_was_short |= taken < length;
    if (taken > 0)
        written(c, now);
    return taken;
}

uint8_t *plait_mptcp_reserve(struct plait_mptcp *c, uint32_t *length_octets)
{
    *length_octets = 0;
    if (!may_write(c) || (has_records(c) && c->stage == PLAIT_MPTCP_OPENING))
        return NULL;
    uint8_t *room = has_records(c) ? plait_sealed_reserve(c, length_octets)
                                   : plait_send_queue_reserve(&c->send, length_octets);
    c->write_was_short |= *length_octets == 0;
    return *length_octets ? room : NULL;
}

void plait_mptcp_commit(struct plait_mptcp *c, plait_time_ns now, uint32_t length_octets)
{
    if (!may_write(c) || length_octets == 0)
        return;
    if (has_records(c))
        plait_sealed_commit(c, length_octets);
    else
        plait_send_queue_commit(&c->send, length_octets);
    written(c, now);
}

/* The window is one for all, but each subflow shows it to its own counterpart.  An update is worth
 * a segment each when the window has doubled at least (RFC 9293 §3.8.6.2.2). */
static void show_window(struct plait_mptcp *c)
{
    uint64_t window = plait_data_window(c);
    uint64_t edge = plait_receive_queue_edge(&c->receive);
    uint64_t left = c->window_told > edge ? c->window_told - edge : 0;
    uint64_t step = c->receive.limit_octets / 2;
    step = step < WINDOW_STEP_OCTETS ? step : WINDOW_STEP_OCTETS;
    bool is_worth = window >= 2 * left && window >= left + step && !c->peer_fin;
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (!sub->flow || sub->stage < PLAIT_SUBFLOW_OPEN || sub->stage == PLAIT_SUBFLOW_DEAD)
            continue;
        if (c->is_plain)
            plait_flow_consumed(sub->flow);
        else if (is_worth)
            plait_flow_ack_now(sub->flow);
    }
}

const uint8_t *plait_mptcp_peek(struct plait_mptcp *c, uint32_t *length_octets)
{
    return has_records(c) ? plait_sealed_peek(c, length_octets)
                          : plait_receive_queue_peek(&c->receive, length_octets);
}

void plait_mptcp_consume(struct plait_mptcp *c, plait_time_ns now, uint32_t length_octets)
{
    if (!has_records(c)) {
        plait_receive_queue_consume(&c->receive, length_octets);
    } else if (!plait_sealed_consume(c, length_octets)) {
        plait_mptcp_count(c, PLAIT_COUNT_RECORD_BAD);
        plait_mptcp_end(c, now, PLAIT_MPTCP_IS_RESET, PLAIT_RESET_MPTCP);
        return;
    }
    show_window(c);
}

void plait_mptcp_close(struct plait_mptcp *c, plait_time_ns now)
{
    if (!may_write(c))
        return;
    c->close_wanted = true;
    if (c->stage == PLAIT_MPTCP_OPENING)
        return; /* with the handshake's end */
    plait_data_fin_try(c, now);
    plait_mptcp_wake_all(c);
}
