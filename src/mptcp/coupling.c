/* mptcp/coupling.c: rates of paths. */
#include "mptcp/coupling.h"

uint64_t plait_coupling_rtt_us(const struct plait_path *path)
{
    if (path->smoothed_rtt_ns <= 0)
        return 0;
    uint64_t us = (uint64_t)path->smoothed_rtt_ns / 1000;
    return us ? us : 1;
}

uint64_t plait_coupling_rate(const struct plait_path *path)
{
    uint64_t rtt = plait_coupling_rtt_us(path);
    return rtt ? (uint64_t)path->window_octets * 1000000 / rtt : 0;
}

uint64_t plait_coupling_rate_sum(const struct plait_path *const *all, unsigned count)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += plait_coupling_rate(all[i]);
    return sum;
}

uint32_t plait_coupling_uncoupled(const struct plait_path *path, uint32_t acked_octets,
                                  uint32_t mss_octets)
{
    uint32_t window = path->window_octets ? path->window_octets : 1;
    uint64_t increase = (uint64_t)acked_octets * mss_octets / window;
    return increase > UINT32_MAX - 1 ? UINT32_MAX - 1 : increase ? (uint32_t)increase : 1;
}

plait_wide plait_coupling_share(const struct plait_path *path, const struct plait_path *const *all,
                                unsigned count, uint32_t acked_octets, uint32_t mss_octets,
                                uint32_t scale)
{
    plait_wide sum = plait_coupling_rate_sum(all, count);
    uint64_t rtt = plait_coupling_rtt_us(path);
    if (sum == 0 || rtt == 0)
        return 0;
    plait_wide rate_by_rtt = (plait_wide)plait_coupling_rate(path) * 1000000 / rtt;
    /* acked x MSS is below 2^64, rate/RTT below 2^72: divide once by the sum in between. */
    plait_wide by_one = (plait_wide)acked_octets * mss_octets * scale * rate_by_rtt / sum;
    return by_one / sum;
}
