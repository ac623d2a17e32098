/* tcp/cubic.c: RFC 9438, in integers, so that every compiler gives the same octets.
 *
 * Times of the curve are in milliseconds, windows in octets; C is 0.4 segments/s^3, beta 0.7. */
#include "tcp/inside.h"

enum {
    TIME_MAX_MS = 500000
}; /* keeps the cube within 64 bits; the window is clamped long before */

static uint32_t at_least_two(uint64_t octets, uint32_t mss_octets)
{
    return octets > 2 * (uint64_t)mss_octets ? (uint32_t)octets : 2 * mss_octets;
}

/* The largest r with r^3 <= X. */
static uint64_t cube_root(uint64_t x)
{
    uint64_t root = 0;
    for (int bit = 21; bit >= 0; bit--) {
        uint64_t r = root | UINT64_C(1) << bit;
        if (r <= 2642245 && r * r * r <= x) /* 2642245^3 < 2^64 */
            root = r;
    }
    return root;
}

static void start(struct plait_path *path, uint32_t mss_octets)
{
    plait_newreno.start(path, mss_octets);
}

/* K: how long until the window is back where it was (§4.2): K^3 = (W_max - W) / C. */
static void begin_epoch(struct plait_path *path, plait_time_ns now, uint32_t mss_octets)
{
    struct plait_congestion_state *c = &path->congestion;
    c->epoch_ns = now;
    c->reno_window_octets = path->window_octets;
    c->inflection_ns = 0;
    c->credit = c->reno_credit = 0;
    if (c->window_max_octets < path->window_octets) {
        c->window_max_octets = path->window_octets;
        return;
    }
    uint64_t below = c->window_max_octets - path->window_octets;
    c->inflection_ns = (plait_time_ns)cube_root(below * 2500000000u / mss_octets) * PLAIT_MS;
}

/* W_cubic of §4.2 at T after the epoch. */
static uint64_t curve(const struct plait_congestion_state *c, plait_time_ns t, uint32_t mss_octets)
{
    int64_t ms = (t - c->inflection_ns) / PLAIT_MS;
    ms = ms > TIME_MAX_MS ? TIME_MAX_MS : ms < -TIME_MAX_MS ? -TIME_MAX_MS : ms;
    int64_t thousandths = ms * ms * ms / 2500000; /* of a segment: 0.4 (ms/1000)^3 1000 */
    int64_t octets = (int64_t)c->window_max_octets + thousandths * (int64_t)mss_octets / 1000;
    if (octets < (int64_t)mss_octets)
        return mss_octets;
    return octets > PLAIT_WINDOW_MAX_OCTETS ? PLAIT_WINDOW_MAX_OCTETS : (uint64_t)octets;
}

/* §4.3: what NewReno would have; alpha = 3 (1 - beta) / (1 + beta) = 9/17 of a segment a window,
 * and a whole one from where the last reduction was. */
static void grow_reno(struct plait_path *path, uint32_t acked_octets, uint32_t mss_octets)
{
    struct plait_congestion_state *c = &path->congestion;
    uint64_t alpha17 = c->reno_window_octets < c->window_max_octets ? 9 : 17;
    c->reno_credit += alpha17 * mss_octets * acked_octets;
    uint64_t unit = 17 * (uint64_t)path->window_octets;
    c->reno_window_octets += (uint32_t)(c->reno_credit / unit);
    c->reno_credit %= unit;
}

static void avoid(struct plait_path *path, plait_time_ns now, uint32_t acked_octets,
                  uint32_t mss_octets)
{
    struct plait_congestion_state *c = &path->congestion;
    if (!c->epoch_ns)
        begin_epoch(path, now, mss_octets);
    grow_reno(path, acked_octets, mss_octets);
    uint64_t window = path->window_octets;
    plait_time_ns t = now - c->epoch_ns;
    if (curve(c, t, mss_octets) < c->reno_window_octets) {
        if (window < c->reno_window_octets)
            path->window_octets = c->reno_window_octets;
        return;
    }
    uint64_t target = curve(c, t + path->smoothed_rtt_ns, mss_octets);
    target = target < window ? window : target > window * 3 / 2 ? window * 3 / 2 : target;
    c->credit += (target - window) * acked_octets; /* (target - W) / W for each octet */
    path->window_octets += (uint32_t)(c->credit / window);
    c->credit %= window;
}

static void acked(struct plait_path *path, plait_time_ns now, uint32_t acked_octets,
                  uint32_t mss_octets)
{
    if (path->window_octets < path->threshold_octets)
        path->window_octets += acked_octets;
    else
        avoid(path, now, acked_octets, mss_octets);
}

static void loss(struct plait_path *path, plait_time_ns now, uint32_t mss_octets)
{
    (void)now;
    struct plait_congestion_state *c = &path->congestion;
    uint64_t window = path->window_octets;
    /* §4.7: a flow that could not regain its window leaves room for others sooner. */
    bool is_falling = window < c->window_max_octets;
    c->window_max_octets = (uint32_t)(is_falling ? window * 17 / 20 : window);
    c->epoch_ns = 0;
    path->threshold_octets = at_least_two(window * 7 / 10, mss_octets);
    path->window_octets = path->threshold_octets;
}

static void timeout(struct plait_path *path, plait_time_ns now, uint32_t mss_octets)
{
    loss(path, now, mss_octets);
    path->window_octets = mss_octets;
}

const struct plait_congestion plait_cubic = {
    .name = "cubic", .start = start, .acked = acked, .loss = loss, .timeout = timeout};
