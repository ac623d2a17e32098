/* tcp/path.c: what belongs to an address pair: round trip, timeout, reductions of its window. */
#include "tcp/path.h"

#include "tcp/inside.h"

enum { IPV4_AND_TCP_OCTETS = 40, IPV6_AND_TCP_OCTETS = 60 };

static uint16_t clamp_mtu(const struct plait_tcp_config *config, const struct plait_flow_key *key,
                          uint16_t mtu_octets)
{
    uint16_t least = key->dst.addr.family == PLAIT_IPV6 ? PLAIT_IPV6_MTU_MIN : PLAIT_IPV4_MTU_MIN;
    if (config->heeds_any_mtu)
        least = IPV6_AND_TCP_OCTETS;
    return mtu_octets < least ? least : mtu_octets;
}

struct plait_path *plait_path_new(struct plait_flow *flow, const struct plait_flow_key *key)
{
    const struct plait_tcp_config *config = &flow->stack->config;
    struct plait_path *path = plait_pool_take(&flow->stack->paths);
    if (!path)
        return NULL;
    path->key = *key;
    path->flow = flow;
    path->is_usable = true;
    path->mtu_octets = clamp_mtu(config, key, config->mtu_octets);
    path->rto_ns = config->rto_initial_ns;
    path->reordering_steps = 1;
    path->rack_wait_ns = PLAIT_NEVER;
    plait_timer_init(&path->timer, PLAIT_TIMER_RECOVERY);
    config->congestion->start(path, plait_path_mss(path));
    struct plait_path **end = &flow->paths;
    while (*end)
        end = &(*end)->next;
    *end = path;
    return path;
}

/* ---- round trip (RFC 6298 §2) ---- */

/* The variance's share of a timeout is never below rto_min: a delayed acknowledgment on a path
 * of steady delay is no loss. */
void plait_path_backoff(struct plait_path *path)
{
    const struct plait_tcp_config *config = &path->flow->stack->config;
    plait_time_ns rto = config->rto_initial_ns;
    if (path->smoothed_rtt_ns) {
        plait_time_ns spread = 4 * path->rtt_variance_ns;
        rto = path->smoothed_rtt_ns + (spread > config->rto_min_ns ? spread : config->rto_min_ns);
    }
    for (unsigned i = 0; i < path->timeouts && rto < config->rto_max_ns; i++)
        rto *= 2;
    path->rto_ns = plait_earlier(rto, config->rto_max_ns);
}

static plait_time_ns distance(plait_time_ns a, plait_time_ns b)
{
    return a < b ? b - a : a - b;
}

void plait_path_rtt(struct plait_path *path, plait_time_ns now, plait_time_ns sample_ns)
{
    if (sample_ns <= 0)
        sample_ns = 1; /* 0 says "no sample" */
    if (!path->smoothed_rtt_ns) {
        path->smoothed_rtt_ns = sample_ns;
        path->rtt_variance_ns = sample_ns / 2;
        path->least_rtt_ns = sample_ns;
    } else {
        plait_time_ns apart = distance(path->smoothed_rtt_ns, sample_ns);
        path->rtt_variance_ns += (apart - path->rtt_variance_ns) / 4;
        path->smoothed_rtt_ns += (sample_ns - path->smoothed_rtt_ns) / 8;
        if (path->smoothed_rtt_ns <= 0)
            path->smoothed_rtt_ns = 1;
        path->least_rtt_ns = plait_earlier(path->least_rtt_ns, sample_ns);
    }
    path->last_rtt_ns = sample_ns;
    plait_path_backoff(path);
    plait_trace(path->flow->stack, now, PLAIT_TRACE_RTT_EVENT, path->flow->connection,
                path->flow->number, (uint64_t)sample_ns, (uint64_t)path->smoothed_rtt_ns,
                (uint64_t)path->rto_ns);
}

/* ---- window ---- */

static void trace_window(const struct plait_path *path, plait_time_ns now)
{
    plait_trace(path->flow->stack, now, PLAIT_TRACE_WINDOW_EVENT, path->flow->connection,
                path->flow->number, path->window_octets, path->threshold_octets,
                path->in_flight_octets);
}

/* What was sent until now counts as the same event. */
void plait_path_reduce(struct plait_path *path, plait_time_ns now, bool is_timeout)
{
    const struct plait_congestion *congestion = path->flow->stack->config.congestion;
    path->undo.window_octets = path->window_octets;
    path->undo.threshold_octets = path->threshold_octets;
    path->undo.stamp = now / PLAIT_MS;
    path->undo.is_possible = path->flow->stamps.is_used;
    path->undo.is_timeout = is_timeout;
    path->reduced_serial = path->sendings;
    if (is_timeout)
        congestion->timeout(path, now, plait_path_mss(path));
    else
        congestion->loss(path, now, plait_path_mss(path));
    trace_window(path, now);
}

void plait_path_undo(struct plait_path *path)
{
    path->undo.is_possible = false;
    if (path->window_octets < path->undo.window_octets)
        path->window_octets = path->undo.window_octets;
    if (path->threshold_octets < path->undo.threshold_octets)
        path->threshold_octets = path->undo.threshold_octets;
    path->congestion.epoch_ns = 0;
}

/* RFC 5681 §4.1: a window that was not used for a timeout says nothing about the path. */
void plait_path_restart(struct plait_path *path, plait_time_ns now)
{
    if (path->in_flight_octets || now - path->last_sent_ns <= path->rto_ns)
        return;
    uint32_t initial = PLAIT_INITIAL_SEGMENTS * plait_path_mss(path);
    if (path->window_octets > initial)
        path->window_octets = initial;
    path->congestion.epoch_ns = 0;
}

/* It counts as used now, or it would be given up as idle at once. */
void plait_flow_inherit_window(struct plait_path *path, const struct plait_path *from,
                               plait_time_ns now)
{
    path->window_octets = from->window_octets;
    path->threshold_octets = from->threshold_octets;
    path->last_sent_ns = now;
}

/* ---- size ---- */

/* Fixed headers and timestamps are in every segment; what the owner adds is not counted here. */
uint32_t plait_flow_mss(const struct plait_flow *flow, const struct plait_path *path,
                        uint32_t option_octets)
{
    bool is_ipv6 = path->key.dst.addr.family == PLAIT_IPV6;
    uint32_t headers = is_ipv6 ? IPV6_AND_TCP_OCTETS : IPV4_AND_TCP_OCTETS;
    uint32_t mss = path->mtu_octets - headers;
    if (flow->send.peer_mss && flow->send.peer_mss < mss)
        mss = flow->send.peer_mss;
    uint32_t options = (flow->stamps.is_used ? 12u : 0u) + (option_octets + 3) / 4 * 4;
    return mss > options + 1 ? mss - options : 1;
}

uint32_t plait_path_mss(const struct plait_path *path)
{
    return plait_flow_mss(path->flow, path, path->flow->send.option_octets);
}

void plait_flow_path_mtu(struct plait_flow *flow, struct plait_path *path, uint16_t mtu_octets)
{
    mtu_octets = clamp_mtu(&flow->stack->config, &path->key, mtu_octets);
    if (mtu_octets >= path->mtu_octets || plait_flow_is_over(flow))
        return;
    path->mtu_octets = mtu_octets;
    uint32_t mss = plait_path_mss(path);
    if (path->window_octets < mss)
        path->window_octets = mss;
    /* They were dropped for their size, which says nothing about congestion. */
    for (struct plait_record *r = path->sent_first, *later; r; r = later) {
        later = r->later;
        if (r->to - r->from > mss)
            plait_record_lose(flow, r);
    }
    path->first_is_free = flow->send.lost.first;
    plait_flow_ready(flow);
}

/* ---- several paths ---- */

bool plait_path_is_best_health(const struct plait_path *path)
{
    for (const struct plait_path *p = path->flow->paths; p; p = p->next)
        if (p != path && p->is_usable && p->timeouts < path->timeouts)
            return false;
    return true;
}
