/* mptcp/segment.c: what a segment's options say, in the order in which it matters.
 *
 * TCP's checks have passed (N29).  First the handshakes; then what ends a connection; then DATA_ACK
 * and mapping, because payload follows; then the rest.  Of options that exclude each other in one
 * segment only the first is read, and the others are counted. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

/* Bit of the group in which at most one option of a segment is read. */
static unsigned group(const struct plait_mptcp_option *o)
{
    switch (o->subtype) {
    case PLAIT_MP_CAPABLE:
        /* With data it is a mapping; without it, it only repeats keys (RFC 8684 §3.1). */
        return o->capable.has_data_length ? 1u << PLAIT_DSS : 1u << PLAIT_MP_CAPABLE;
    case PLAIT_MP_JOIN:
        return 1u << PLAIT_MP_CAPABLE;
    default:
        return 1u << o->subtype;
    }
}

struct chosen {
    const struct plait_mptcp_option *option[PLAIT_MPTCP_OPTIONS_MAX];
    unsigned count;
};

static struct chosen choose(const struct plait_mptcp *c, const struct plait_segment *segment)
{
    struct chosen chosen = {0};
    unsigned seen = 0;
    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        const struct plait_mptcp_option *o = &segment->mptcp[i];
        if (o->is_raw || o->subtype > PLAIT_MP_TCPRST) {
            plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
            continue;
        }
        if (seen & group(o)) {
            plait_mptcp_count(c, PLAIT_COUNT_EXCLUSIVE);
            continue;
        }
        seen |= group(o);
        chosen.option[chosen.count++] = o;
    }
    return chosen;
}

static const struct plait_mptcp_option *of_subtype(const struct chosen *chosen,
                                                   enum plait_mptcp_subtype subtype)
{
    for (unsigned i = 0; i < chosen->count; i++)
        if (chosen->option[i]->subtype == subtype)
            return chosen->option[i];
    return NULL;
}

/* MP_CAPABLE outside SYN: the client's keys once more, perhaps with the first mapping. */
static bool read_capable(struct plait_subflow *sub, plait_time_ns now,
                         const struct plait_mp_capable *capable)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_hello_values values;
    enum plait_hello_step step =
        capable->has_data_length ? PLAIT_STEP_FIRST_DATA : PLAIT_STEP_THIRD_ACK;
    if (c->is_client || !sub->is_first || !c->mechanism->read_hello(step, capable, &values) ||
        !plait_hello_is_peers(c->mechanism, c->peer_key, c->peer_cookie, &values)) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        return true;
    }
    return step != PLAIT_STEP_FIRST_DATA || plait_dss_read_hello(sub, now, &values);
}

/* A join's third ACK that arrived before: the peer did not hear our fourth segment. */
static void read_join(struct plait_subflow *sub, const struct plait_mp_join *join)
{
    if (!sub->is_first && !sub->initiated_here && join->form == PLAIT_JOIN_ACK)
        plait_flow_ack_now(sub->flow);
    else
        plait_mptcp_count(sub->connection, PLAIT_COUNT_OPTION_INVALID);
}

static bool read_one(struct plait_subflow *sub, plait_time_ns now,
                     const struct plait_mptcp_option *o, const struct plait_segment *segment)
{
    switch (o->subtype) {
    case PLAIT_DSS:
        plait_data_ack_read(sub, now, &o->dss,
                            (uint32_t)segment->window << plait_flow_send_shift(sub->flow));
        return plait_dss_read(sub, now, &o->dss);
    case PLAIT_MP_CAPABLE:
        return read_capable(sub, now, &o->capable);
    case PLAIT_MP_JOIN:
        read_join(sub, &o->join);
        return true;
    default:
        return plait_control_read(sub, now, o, segment->flags & PLAIT_RST);
    }
}

static bool goes_on(const struct plait_subflow *sub)
{
    return sub->stage != PLAIT_SUBFLOW_DEAD;
}

/* Payload was acknowledged, and nothing says that Multipath TCP got it (N40).  Any option of ours
 * that came along shows that the path lets them pass. */
static bool check_data_ack(struct plait_subflow *sub, plait_time_ns now,
                           const struct plait_segment *segment)
{
    uint64_t acked = plait_flow_unacked(sub->flow);
    /* A FIN of the subflow is nothing of the stream. */
    bool is_news = acked > sub->acked_seen && acked > 1 && sub->stage == PLAIT_SUBFLOW_OPEN;
    sub->acked_seen = acked;
    if (!is_news || segment->mptcp_count > 0)
        return true;
    return plait_fallback(sub, now, PLAIT_TROUBLE_NO_DATA_ACK);
}

static enum plait_verdict read_reset(struct plait_subflow *sub, plait_time_ns now,
                                     const struct chosen *chosen)
{
    for (unsigned i = 0; i < chosen->count; i++)
        if (chosen->option[i]->subtype >= PLAIT_MP_FAIL)
            (void)plait_control_read(sub, now, chosen->option[i], true); /* it ends anyway */
    return PLAIT_GO_ON;
}

static enum plait_verdict read_syn_ack(struct plait_subflow *sub, plait_time_ns now,
                                       const struct plait_segment *segment)
{
    if (sub->stage != PLAIT_SUBFLOW_CONNECTING || !sub->initiated_here)
        return PLAIT_GO_ON;
    return sub->is_first ? plait_client_syn_ack(sub, now, segment)
                         : plait_join_syn_ack(sub, now, segment);
}

static void heard_on_pair(struct plait_mptcp *c, plait_time_ns now,
                          const struct plait_segment *segment)
{
    struct plait_flow_key in = plait_segment_flow(segment), pair = plait_flow_reversed(&in);
    plait_messages_heard_on(c, now, &pair);
}

static enum plait_verdict read_plain(struct plait_subflow *sub, plait_time_ns now,
                                     const struct plait_segment *segment)
{
    const struct plait_mptcp_option *o = plait_segment_option(segment, PLAIT_DSS);
    if (o && !o->is_raw && plait_options_tell_infinite(sub))
        plait_dss_read_unaware(sub, now, &o->dss);
    return PLAIT_GO_ON;
}

enum plait_verdict plait_mptcp_segment(struct plait_subflow *sub, plait_time_ns now,
                                       const struct plait_segment *segment)
{
    struct plait_mptcp *c = sub->connection;
    bool is_news = segment->payload_octets > 0 || plait_flow_unacked(sub->flow) > sub->acked_seen;
    if (is_news)
        sub->signals_in_row = 0; /* what we send next is no duplicate (N34) */
    plait_mapping_drop_below(&sub->received, plait_flow_received(sub->flow));
    if (sub->is_probed)
        plait_control_probe_answered(sub);
    if (segment->flags & PLAIT_SYN)
        return read_syn_ack(sub, now, segment);
    if (!c->mechanism || c->has_fallen_back)
        return read_plain(sub, now, segment);
    /* Where no DSS tells, an answer to what came after the keys does. */
    if (c->is_plain && (segment->payload_octets > 0 || plait_flow_unacked(sub->flow) > 1))
        c->hello_is_known = true;
    struct chosen chosen = choose(c, segment);
    if (segment->flags & PLAIT_RST && c->messages)
        return plait_pairs_reset(c, now, segment);
    if (c->messages)
        heard_on_pair(c, now, segment);
    if (segment->flags & PLAIT_RST)
        return read_reset(sub, now, &chosen);
    if (sub->stage == PLAIT_SUBFLOW_PROVING && !c->messages)
        plait_join_confirmed(sub, now);
    if (c->is_plain)
        sub->acked_seen = plait_flow_unacked(sub->flow);
    else if (!check_data_ack(sub, now, segment))
        return PLAIT_RESET_FLOW;
    /* FASTCLOSE and MP_FAIL decide what becomes of payload that comes along. */
    const struct plait_mptcp_option *fastclose = of_subtype(&chosen, PLAIT_MP_FASTCLOSE);
    if (fastclose && !plait_control_read(sub, now, fastclose, false))
        return PLAIT_RESET_FLOW;
    for (unsigned i = 0; i < chosen.count; i++)
        if (chosen.option[i] != fastclose && !read_one(sub, now, chosen.option[i], segment))
            return PLAIT_RESET_FLOW;
    return goes_on(sub) ? PLAIT_GO_ON : PLAIT_RESET_FLOW;
}
