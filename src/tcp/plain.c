/* tcp/plain.c: the owner of a flow that has none: plain TCP with queues of its own. */
#include "tcp/inside.h"

static struct plait_plain *plain_of(const struct plait_flow *flow)
{
    return flow->plain;
}

bool plait_plain_new(struct plait_flow *flow)
{
    struct plait_stack *stack = flow->stack;
    struct plait_plain *plain = plait_pool_take(&stack->plains);
    if (!plain)
        return false;
    plain->ranges = plait_pool_take_unset(&stack->ranges); /* a set reads what it has set */
    if (!plain->ranges) {
        plait_pool_give(&stack->plains, plain);
        return false;
    }
    plain->send = plait_send_queue(&stack->chunks, stack->config.send_limit_octets);
    plain->send.start = plain->send.end = 1;
    plain->receive = plait_receive_queue(&stack->chunks, stack->config.receive_limit_octets,
                                         plain->ranges, stack->config.ranges_limit + 1);
    plain->receive.start = 1;
    flow->plain = plain;
    return true;
}

void plait_plain_free(struct plait_flow *flow)
{
    struct plait_plain *plain = flow->plain;
    if (!plain)
        return;
    plait_send_queue_clear(&plain->send);
    plait_receive_queue_clear(&plain->receive);
    plait_pool_give(&flow->stack->ranges, plain->ranges);
    plait_pool_give(&flow->stack->plains, plain);
    flow->plain = NULL;
}

struct plait_send_queue *plait_flow_send_queue(struct plait_flow *flow)
{
    return flow->plain ? &flow->plain->send : NULL;
}

struct plait_receive_queue *plait_flow_receive_queue(struct plait_flow *flow)
{
    return flow->plain ? &flow->plain->receive : NULL;
}

/* ---- the table ---- */

static uint32_t next(void *owner, struct plait_flow *flow, struct plait_path *path,
                     plait_time_ns now, uint64_t from, uint32_t room_octets)
{
    (void)owner, (void)path, (void)now;
    uint64_t left = plain_of(flow)->send.end - from;
    return left > room_octets ? room_octets : (uint32_t)left;
}

static uint32_t piece(void *owner, struct plait_flow *flow, uint64_t from, uint32_t length)
{
    (void)owner, (void)flow, (void)from;
    return length;
}

static plait_sum copy(void *owner, struct plait_flow *flow, uint64_t from, uint32_t length,
                      uint8_t *to, bool wants_sum)
{
    (void)owner;
    plait_sum sum = 0;
    bool is_odd = false;
    if (!wants_sum) {
        plait_send_queue_read(&plain_of(flow)->send, from, length, to);
        return 0;
    }
    while (length) { /* mostly once: a chunk is larger than a segment */
        uint32_t part = length;
        const uint8_t *octets = plait_send_queue_peek(&plain_of(flow)->send, from, &part);
        plait_sum of_part = plait_sum_copy(0, to, octets, part);
        sum += is_odd ? plait_sum_odd(of_part) : of_part;
        is_odd ^= part & 1;
        from += part;
        to += part;
        length -= part;
    }
    return sum;
}

static unsigned options(void *owner, struct plait_flow *flow,
                        const struct plait_option_request *request, struct plait_mptcp_option *o)
{
    (void)owner, (void)flow, (void)request, (void)o;
    return 0;
}

static bool wants_ack(void *owner, struct plait_flow *flow)
{
    (void)owner, (void)flow;
    return false;
}

static uint64_t window(void *owner, struct plait_flow *flow)
{
    (void)owner;
    const struct plait_receive_queue *q = &plain_of(flow)->receive;
    uint64_t edge = plait_receive_queue_edge(q);
    return q->start + q->limit_octets - edge;
}

static enum plait_verdict segment(void *owner, struct plait_flow *flow, plait_time_ns now,
                                  const struct plait_segment *s, uint64_t offset)
{
    (void)owner, (void)flow, (void)now, (void)s, (void)offset;
    return PLAIT_GO_ON;
}

static uint32_t deliver(void *owner, struct plait_flow *flow, plait_time_ns now, uint64_t offset,
                        const uint8_t *octets, uint32_t length)
{
    (void)owner, (void)now;
    struct plait_receive_queue *q = &plain_of(flow)->receive;
    uint32_t news;
    plait_result written = plait_receive_queue_write(q, offset, octets, length, &news);
    if (written.reason == PLAIT_REASON_NO_ROOM) {
        bool is_ahead = offset > plait_receive_queue_edge(q);
        plait_count(flow->stack, is_ahead ? PLAIT_COUNT_NO_MEMORY_AHEAD : PLAIT_COUNT_NO_MEMORY);
        length = plait_receive_queue_one_chunk(q, offset, length);
        written = plait_receive_queue_write(q, offset, octets, length, &news);
    }
    return plait_ok(written) ? length : 0; /* the flow counts it */
}

static void event(void *owner, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event what, uint64_t detail)
{
    struct plait_send_queue *q = &plain_of(flow)->send;
    if (what == PLAIT_FLOW_IS_ACKED) /* of its FIN there is nothing to release */
        plait_send_queue_release(q, detail < q->end ? detail : q->end);
    if (flow->heard)
        flow->heard(owner, flow, now, what, detail);
}

const struct plait_flow_owner plait_plain_owner = {.next = next,
                                                   .piece = piece,
                                                   .copy = copy,
                                                   .options = options,
                                                   .wants_ack = wants_ack,
                                                   .window = window,
                                                   .segment = segment,
                                                   .deliver = deliver,
                                                   .event = event};

bool plait_flow_is_plain(const struct plait_flow *flow)
{
    return flow->plain;
}
