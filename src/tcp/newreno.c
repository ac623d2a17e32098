/* tcp/newreno.c: RFC 5681, with the count of octets of RFC 3465. */
#include "tcp/inside.h"

static uint32_t at_least_two(uint32_t octets, uint32_t mss_octets)
{
    return octets > 2 * mss_octets ? octets : 2 * mss_octets;
}

static void start(struct plait_path *path, uint32_t mss_octets)
{
    path->window_octets = PLAIT_INITIAL_SEGMENTS * mss_octets;
    path->threshold_octets = UINT32_MAX;
    path->congestion = (struct plait_congestion_state){0};
}

static void acked(struct plait_path *path, plait_time_ns now, uint32_t acked_octets,
                  uint32_t mss_octets)
{
    (void)now;
    if (path->window_octets < path->threshold_octets) {
        path->window_octets += acked_octets;
        return;
    }
    path->congestion.credit += acked_octets;
    while (path->congestion.credit >= path->window_octets) { /* a segment each window's worth */
        path->congestion.credit -= path->window_octets;
        path->window_octets += mss_octets;
    }
}

static void loss(struct plait_path *path, plait_time_ns now, uint32_t mss_octets)
{
    (void)now;
    path->threshold_octets = at_least_two(path->window_octets / 2, mss_octets);
    path->window_octets = path->threshold_octets;
    path->congestion.credit = 0;
}

static void timeout(struct plait_path *path, plait_time_ns now, uint32_t mss_octets)
{
    loss(path, now, mss_octets);
    path->window_octets = mss_octets;
}

const struct plait_congestion plait_newreno = {
    .name = "reno", .start = start, .acked = acked, .loss = loss, .timeout = timeout};
