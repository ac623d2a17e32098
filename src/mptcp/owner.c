/* mptcp/owner.c: what a flow asks its connection, passed on to the file that answers. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

/* A passive subflow learns its flow here: host/ makes the owner first. */
static struct plait_subflow *of(void *owner, struct plait_flow *flow)
{
    struct plait_subflow *sub = owner;
    sub->flow = flow;
    return sub;
}

static uint32_t next(void *owner, struct plait_flow *flow, struct plait_path *path,
                     plait_time_ns now, uint64_t from, uint32_t room_octets)
{
    return plait_dss_next(of(owner, flow), path, now, from, room_octets);
}

static uint32_t piece(void *owner, struct plait_flow *flow, uint64_t from, uint32_t length)
{
    return plait_dss_piece(of(owner, flow), from, length);
}

static plait_sum copy(void *owner, struct plait_flow *flow, uint64_t from, uint32_t length,
                      uint8_t *to, bool wants_sum)
{
    return plait_dss_copy(of(owner, flow), from, length, to, wants_sum);
}

static unsigned options(void *owner, struct plait_flow *flow,
                        const struct plait_option_request *request,
                        struct plait_mptcp_option *options)
{
    return plait_options_write(of(owner, flow), request, options);
}

static bool wants_ack(void *owner, struct plait_flow *flow)
{
    return plait_options_want_ack(of(owner, flow));
}

static bool comes_first(void *owner, struct plait_flow *flow)
{
    return plait_options_come_first(of(owner, flow));
}

static uint64_t window(void *owner, struct plait_flow *flow)
{
    return plait_data_window(of(owner, flow)->connection);
}

static enum plait_verdict segment(void *owner, struct plait_flow *flow, plait_time_ns now,
                                  const struct plait_segment *segment, uint64_t offset)
{
    (void)offset;
    return plait_mptcp_segment(of(owner, flow), now, segment);
}

static uint32_t deliver(void *owner, struct plait_flow *flow, plait_time_ns now, uint64_t offset,
                        const uint8_t *octets, uint32_t length)
{
    return plait_dss_deliver(of(owner, flow), now, offset, octets, length);
}

static void event(void *owner, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event event, uint64_t detail)
{
    plait_subflow_event(of(owner, flow), now, event, detail);
}

static uint32_t increase(void *owner, struct plait_flow *flow, struct plait_path *path,
                         uint32_t acked_octets)
{
    struct plait_mptcp *c = of(owner, flow)->connection;
    const struct plait_path *all[PLAIT_MPTCP_SUBFLOWS_MAX];
    unsigned count = 0;
    if (c->config.uncoupled)
        return UINT32_MAX;
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (!plait_subflow_can_send(sub))
            continue;
        struct plait_path *p = plait_flow_first_path(sub->flow);
        for (; p && count < PLAIT_MPTCP_SUBFLOWS_MAX; p = p->next)
            all[count++] = p;
    }
    if (count < 2)
        return UINT32_MAX; /* nothing to be coupled with */
    return c->config.coupling->increase(path, all, count, acked_octets,
                                        plait_flow_mss(flow, path, PLAIT_DSS_OCTETS));
}

static bool may_use(void *owner, struct plait_flow *flow, struct plait_path *path)
{
    return plait_pairs_may_send(of(owner, flow)->connection, path);
}

static const struct plait_flow_owner table = {
    .next = next,
    .piece = piece,
    .copy = copy,
    .options = options,
    .wants_ack = wants_ack,
    .comes_first = comes_first,
    .window = window,
    .segment = segment,
    .deliver = deliver,
    .event = event,
    .increase = increase,
    .may_use = may_use,
};

const struct plait_flow_owner *plait_mptcp_owner_table(void)
{
    return &table;
}
