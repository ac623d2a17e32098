/* tcp/handshake.c: SYN-SENT and SYN-RECEIVED: our active open, and both ends opening at once
 * (RFC 9293 §3.10.7.3, figure 7).  Passive opens are host/'s. */
#include "tcp/inside.h"

enum { MSS_IPV4 = 536, MSS_IPV6 = 1220, MSS_LEAST = 88, SHIFT_MAX = 14 };

/* The least shift with which the whole window can be said (RFC 7323 §2.3). */
uint8_t plait_window_shift(const struct plait_stack *stack)
{
    uint8_t shift = 0;
    if (stack->config.no_window_scale)
        return 0;
    while (shift < SHIFT_MAX && stack->config.receive_limit_octets >> shift > UINT16_MAX)
        shift++;
    return shift;
}

/* A peer that asks for tiny segments would make us work for each octet (CVE-2019-11479). */
static uint16_t peer_mss(const struct plait_segment *s)
{
    uint16_t mss = s->ip.src.family == PLAIT_IPV6 ? MSS_IPV6 : MSS_IPV4;
    if (s->options.has_mss)
        mss = s->options.mss;
    return mss < MSS_LEAST ? MSS_LEAST : mss;
}

/* What the peer's SYN, or SYN/ACK, says of it. */
static void take_options(struct plait_flow *flow, const struct plait_arrival *a)
{
    const struct plait_tcp_config *config = &flow->stack->config;
    const struct plait_tcp_options *o = &a->segment->options;
    flow->peer_isn = a->segment->seq;
    flow->receive.edge = flow->receive.acked_edge = 1;
    flow->send.peer_mss = peer_mss(a->segment);
    flow->has_sack = o->sack_permitted && !config->no_sack;
    flow->stamps.is_used = o->has_timestamps && !config->no_timestamps;
    flow->stamps.recent = o->timestamp;
    flow->stamps.recent_ns = a->now;
    if (o->has_window_scale && !config->no_window_scale) {
        flow->send.shift = o->window_scale > SHIFT_MAX ? SHIFT_MAX : o->window_scale;
        flow->receive.shift = plait_window_shift(flow->stack);
    }
    config->congestion->start(a->path, plait_path_mss(a->path));
    if (flow->send.first && flow->send.first->sendings > 2) /* RFC 6928 §2 */
        a->path->window_octets = plait_path_mss(a->path);
}

/* The segment with its numbers read anew: its SYN is offset 0. */
static struct plait_arrival from_syn(const struct plait_flow *flow, const struct plait_arrival *a)
{
    struct plait_arrival syn = *a;
    syn.from = 0;
    syn.payload = syn.to = 1;
    syn.length = 0; /* payload of a SYN is sent again if we do not acknowledge it */
    syn.has_stamps = flow->stamps.is_used;
    syn.stamp = a->segment->options.timestamp;
    return syn;
}

static void take_syn_ack(struct plait_flow *flow, const struct plait_arrival *a)
{
    take_options(flow, a);
    struct plait_arrival syn = from_syn(flow, a);
    flow->ack_path = a->path;
    flow->heard_ns = a->now;
    plait_ack_take(flow, &syn);
    plait_flow_move(flow, a->now, PLAIT_GETS_OPEN);
    flow->third_ack = true;
    if (flow->owner->segment(flow->owner_self, flow, a->now, a->segment, 0) == PLAIT_RESET_FLOW)
        plait_flow_abort(flow, a->now);
    if (plait_flow_is_over(flow))
        return;
    plait_flow_tell(flow, a->now, PLAIT_FLOW_IS_ESTABLISHED, 0);
    plait_flow_wake(flow);
}

/* Our SYN goes out again, now with ACK. */
static void send_syn_again(struct plait_flow *flow)
{
    struct plait_record *r = flow->send.first;
    if (r && r->has_syn && r->place == PLAIT_IN_FLIGHT)
        plait_record_lose(flow, r);
    flow->paths->first_is_free = true;
    plait_flow_ready(flow);
}

void plait_handshake_input(struct plait_flow *flow, const struct plait_arrival *a)
{
    uint8_t flags = a->segment->flags;
    bool has_ack = flags & PLAIT_ACK;
    bool acks_syn = has_ack && a->ack == 1 && flow->send.next == 1;
    if (has_ack && !acks_syn) {
        plait_count(flow->stack, PLAIT_COUNT_OLD_ACK);
        if (!(flags & PLAIT_RST)) {
            flow->reset_stray = true;
            flow->stray_seq = a->segment->ack;
            plait_stack_ready(flow->stack, a->path);
        }
    } else if (flags & PLAIT_RST) {
        if (!acks_syn) {
            plait_count(flow->stack, PLAIT_COUNT_NO_ACK_FLAG);
            return;
        }
        plait_count(flow->stack, PLAIT_COUNT_RESETS_IN);
        plait_flow_end(flow, a->now, PLAIT_FLOW_IS_RESET, 1);
    } else if (!(flags & PLAIT_SYN)) {
        plait_count(flow->stack, PLAIT_COUNT_OUT_OF_WINDOW);
    } else if (acks_syn) {
        take_syn_ack(flow, a);
    } else if (flow->send.next == 1) { /* ours has been sent too */
        take_options(flow, a);
        flow->send.window_edge = 1 + (uint64_t)a->segment->window;
        flow->send.window_max = a->segment->window;
        plait_flow_move(flow, a->now, PLAIT_GETS_SYN);
        send_syn_again(flow);
    }
}

static bool is_first_syn(const struct plait_arrival *a)
{
    return a->from == 0;
}

/* RFC 5961 §4: whatever its number, a SYN draws an ACK; a peer that restarted answers that with
 * the exact RST.  Ours may just not have heard our third ACK. */
bool plait_handshake_repeated(struct plait_flow *flow, const struct plait_arrival *a)
{
    bool has_ack = a->segment->flags & PLAIT_ACK;
    if (flow->state == PLAIT_FLOW_SYN_RECEIVED && is_first_syn(a)) {
        if (has_ack)
            return a->ack == 1;
        send_syn_again(flow);
        return false;
    }
    bool is_in_window =
        a->from >= (int64_t)flow->receive.edge && a->from < (int64_t)flow->receive.announced_edge;
    if (flow->stack->config.no_rfc5961 && is_in_window) {
        plait_count(flow->stack, PLAIT_COUNT_RESETS_IN); /* RFC 793 */
        plait_flow_end(flow, a->now, PLAIT_FLOW_IS_RESET, 0);
        return false;
    }
    if (flow->is_client && !flow->peer_knows && is_first_syn(a) && has_ack)
        flow->third_ack = true;
    plait_challenge(flow, a, PLAIT_COUNT_CHALLENGE_SYN);
    return false;
}
