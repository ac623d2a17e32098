/* tcp/stack.c: defaults, the queue of paths that may have something to send, traces. */
#include "tcp/stack.h"

#include "tcp/inside.h"

#define OR_DEFAULT(field, value)                                                                   \
    do {                                                                                           \
        if (!(field))                                                                              \
            (field) = (value);                                                                     \
    } while (0)

enum { SUPER_MAX_OCTETS = 65160 };

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

static struct plait_tcp_config with_defaults(struct plait_tcp_config c)
{
    OR_DEFAULT(c.send_limit_octets, 4u << 20);
    OR_DEFAULT(c.receive_limit_octets, 4u << 20);
    OR_DEFAULT(c.mtu_octets, 1500);
    OR_DEFAULT(c.records_limit, 4096);
    OR_DEFAULT(c.ranges_limit, 256);
    OR_DEFAULT(c.rto_initial_ns, PLAIT_S);
    OR_DEFAULT(c.rto_min_ns, 200 * PLAIT_MS);
    OR_DEFAULT(c.rto_max_ns, 120 * PLAIT_S);
    OR_DEFAULT(c.delayed_ack_ns, 40 * PLAIT_MS);
    OR_DEFAULT(c.time_wait_ns, 60 * PLAIT_S);
    OR_DEFAULT(c.keepalive_ns, PLAIT_NEVER);
    OR_DEFAULT(c.syn_retries, 6);
    OR_DEFAULT(c.data_retries, 15);
    OR_DEFAULT(c.challenges_per_s, 10);
    OR_DEFAULT(c.congestion, &plait_cubic);
    c.super_octets = at_most(c.super_octets, SUPER_MAX_OCTETS);
    c.receive_limit_octets = at_most(c.receive_limit_octets, PLAIT_WINDOW_MAX_OCTETS);
    return c;
}

struct plait_stack plait_stack(struct plait_arena *arena, const struct plait_stack_config *config)
{
    struct plait_stack s = {.arena = arena,
                            .key = config->key,
                            .name = config->name,
                            .config = with_defaults(config->tcp),
                            .challenges = {.from_ns = INT64_MIN},
                            .trace = config->trace,
                            .trace_self = config->trace_self};
    s.chunks = plait_chunks(arena, config->chunk_octets, config->payload_limit_octets);
    s.flows = plait_pool(arena, sizeof(struct plait_flow), config->flows_limit);
    s.paths = plait_pool(arena, sizeof(struct plait_path), config->paths_limit);
    s.records = plait_pool(arena, sizeof(struct plait_record), config->records_limit);
    /* One more than a flow uses: what is in order is a range of a receive queue too, and must find
     * room when everything else is taken. */
    s.ranges = plait_pool(arena, (s.config.ranges_limit + 1) * sizeof(struct plait_range),
                          2 * config->flows_limit);
    s.plains = plait_pool(arena, sizeof(struct plait_plain), config->flows_limit);
    return s;
}

void plait_trace(struct plait_stack *stack, plait_time_ns now, enum plait_trace_kind kind,
                 uint32_t connection, uint32_t flow, uint64_t a, uint64_t b, uint64_t c)
{
    if (!stack->trace)
        return;
    struct plait_trace_event event = {.at_ns = now,
                                      .kind = (uint16_t)kind,
                                      .connection = connection,
                                      .flow = flow,
                                      .a = a,
                                      .b = b,
                                      .c = c};
    stack->trace(stack->trace_self, &event);
}

struct plait_path *plait_stack_next_ready(struct plait_stack *stack)
{
    struct plait_path *path = stack->ready_first;
    if (!path)
        return NULL;
    stack->ready_first = path->ready_next;
    if (!stack->ready_first)
        stack->ready_last = NULL;
    path->ready_next = NULL;
    path->is_ready = false;
    return path;
}

void plait_stack_ready(struct plait_stack *stack, struct plait_path *path)
{
    if (path->is_ready)
        return;
    path->is_ready = true;
    path->ready_next = NULL;
    if (stack->ready_last)
        stack->ready_last->ready_next = path;
    else
        stack->ready_first = path;
    stack->ready_last = path;
}
