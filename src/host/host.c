/* host/host.c: a host is made, and its calls. */
#include "host/inside.h"

/* ---- making ---- */

static uint32_t paths_limit(const struct plait_limits *limits)
{
    return limits->flows;
}

static struct plait_stack_config stack_config(const struct plait_host_config *config)
{
    const struct plait_environment *e = &config->environment;
    return (struct plait_stack_config){.tcp = plait_tcp_config_of(config),
                                       .key = {{e->seed[0], e->seed[1]}},
                                       .name = e->name,
                                       .flows_limit = config->limits.flows,
                                       .paths_limit = paths_limit(&config->limits),
                                       .records_limit = config->limits.segments,
                                       .chunk_octets = config->limits.chunk_octets,
                                       .payload_limit_octets = config->limits.payload_octets,
                                       .trace = e->trace,
                                       .trace_self = e->trace_self};
}

/* HOST is zeroed and has its arena. */
static void furnish(struct plait_host *host, const struct plait_host_config *config)
{
    struct plait_arena *arena = &host->arena;
    host->config = *config;
    host->config.limits = plait_limits_filled(&config->limits);
    if (!host->config.environment.name)
        host->config.environment.name = "host";
    host->mptcp = plait_mptcp_config_of(&host->config.options);
    const struct plait_limits *limits = &host->config.limits;
    struct plait_stack_config stack = stack_config(&host->config);
    host->key = stack.key;
    host->stack = plait_stack(arena, &stack);
    host->stack.path_gone = plait_host_forget_path;
    host->stack.machine = host;
    plait_mptcp_world(&host->world, &host->stack, limits->connections, &plait_host_machine, host);
    host->paths = plait_table(arena);
    host->tokens = plait_token_table(arena, &host->key);
    host->token_pool = plait_pool(arena, sizeof(struct plait_token), limits->connections);
    plait_requests_init(&host->requests, arena, &host->stack.timers, limits->requests,
                        host->stack.config.rto_initial_ns);
    host->replies = plait_replies(arena, PLAIT_HOST_REPLIES_LIMIT);
    host->listener_pool = plait_pool(arena, sizeof(struct plait_listener), limits->listeners);
    host->connection_pool = plait_pool(arena, sizeof(struct plait_connection), limits->connections);
    host->last_cookie_ns = PLAIT_NEVER;
}

struct plait_host *plait_host_new(const struct plait_host_config *config)
{
    const struct plait_environment *e = &config->environment;
    if (!plait_ok(plait_settings_check(config)) || !e->memory || (uintptr_t)e->memory % 16)
        return NULL;
    struct plait_arena arena = plait_arena(e->memory, e->memory_octets);
    struct plait_host *host = plait_arena_take(&arena, 1, sizeof *host);
    if (!host)
        return NULL;
    host->arena = arena;
    furnish(host, config);
    return host;
}

size_t plait_host_used(const struct plait_host *host)
{
    return host->arena.used_octets;
}

/* ---- how much memory ---- */

static size_t rounded(size_t octets)
{
    return (octets + 15) & ~(size_t)15;
}

static size_t pool_octets(const struct plait_pool *pool)
{
    return rounded(pool->object_octets) * pool->limit;
}

/* All bucket arrays that a table of COUNT nodes ever had (base/table.h). */
static size_t table_octets(size_t count)
{
    size_t buckets = 8;
    while (buckets < count)
        buckets *= 2;
    return 2 * buckets * sizeof(void *) + 16;
}

size_t plait_host_memory(const struct plait_limits *limits)
{
    struct plait_host host = {0}; /* with an empty arena: only the sizes of its pools are read */
    struct plait_host_config config = {.limits = *limits};
    furnish(&host, &config);
    const struct plait_limits *l = &host.config.limits;
    const struct plait_stack *stack = &host.stack;
    const struct plait_mptcp_world *world = &host.world;
    const struct plait_pool *const pools[] = {
        &stack->flows,       &stack->paths,         &stack->records,     &stack->ranges,
        &stack->plains,      &stack->chunks.pool,   &world->connections, &world->subflows,
        &world->mappings,    &world->messages,      &host.requests.pool, &host.replies.pool,
        &host.listener_pool, &host.connection_pool, &host.token_pool,
    };
    size_t octets = rounded(sizeof host);
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++)
        octets += pool_octets(pools[i]);
    return octets + table_octets(paths_limit(l)) + table_octets(l->requests) +
           table_octets(l->connections);
}

/* ---- the calls ---- */

static bool write_reply(struct plait_host *host, struct plait_out *out)
{
    const struct plait_reply *reply = plait_reply_first(&host->replies);
    bool fits = reply->length_octets <= out->room_octets;
    if (fits) {
        memcpy(out->octets, reply->octets, reply->length_octets);
        out->length_octets = reply->length_octets;
    }
    plait_reply_sent(&host->replies); /* one that does not fit never will */
    return fits;
}

static bool write_next(struct plait_host *host, plait_time_ns now, struct plait_out *out)
{
    while (plait_reply_first(&host->replies))
        if (write_reply(host, out))
            return true;
    for (struct plait_request *r; (r = plait_request_to_send(&host->requests));)
        if (plait_host_write_syn_ack(host, now, r, out))
            return true;
    for (struct plait_path *path; (path = plait_stack_next_ready(&host->stack));)
        if (plait_flow_output(path->flow, path, now, out))
            return true;
    return false;
}

/* What the application does when it hears something may make more to send. */
bool plait_host_output(struct plait_host *host, plait_time_ns now, struct plait_out *out)
{
    out->length_octets = 0;
    out->offload = (struct plait_offload){0};
    do {
        if (!write_next(host, now, out))
            continue;
        plait_host_settle(host, now);
        return true;
    } while (plait_host_settle(host, now));
    return false;
}

plait_time_ns plait_host_deadline(struct plait_host *host)
{
    return host->first_news ? 0 : plait_timers_deadline(&host->stack.timers);
}

static void requests_timer(struct plait_host *host, struct plait_timer *timer, plait_time_ns now)
{
    struct plait_request *over;
    while ((over = plait_request_timer(&host->requests, timer, now)))
        plait_host_request_over(host, over);
}

void plait_host_advance(struct plait_host *host, plait_time_ns now)
{
    struct plait_timer *timer;
    while ((timer = plait_timers_due(&host->stack.timers, now))) {
        if (timer->kind == PLAIT_ORPHAN_TIMER_KIND)
            plait_connection_orphan_timer(timer, now);
        else if (timer->kind >= PLAIT_REQUEST_TIMER_KIND)
            requests_timer(host, timer, now);
        else if (!plait_flow_timer(&host->stack, timer, now))
            (void)plait_mptcp_timer(&host->world, timer, now);
        plait_host_settle_flows(host, now);
    }
    plait_host_settle(host, now);
}

/* ---- looking ---- */

const struct plait_host_counters *plait_host_counters(const struct plait_host *host)
{
    return &host->stack.counters;
}

static void use_of(const struct plait_pool *pool, uint32_t use[3])
{
    use[0] = pool->alive;
    use[1] = pool->made; /* a pool takes memory only when nothing is free */
    use[2] = pool->limit;
}

struct plait_host_usage plait_host_usage(const struct plait_host *host)
{
    struct plait_host_usage usage = {0};
    const struct plait_chunks *chunks = &host->stack.chunks;
    use_of(&host->connection_pool, usage.connections);
    use_of(&host->stack.flows, usage.flows);
    use_of(&host->requests.pool, usage.requests);
    use_of(&host->stack.records, usage.segments);
    usage.payload_octets[0] = (uint64_t)chunks->pool.alive * chunks->chunk_octets;
    usage.payload_octets[1] = (uint64_t)chunks->pool.made * chunks->chunk_octets;
    usage.payload_octets[2] = (uint64_t)chunks->pool.limit * chunks->chunk_octets;
    return usage;
}
