/* mptcp/coupling_olia.c: opportunistic linked increases (Khalili et al. 2012): window moves from
 * paths that are large to paths that are good. */
#include "mptcp/coupling.h"

/* Octets between losses, which the paths do not keep; what was delivered for each loss so far is
 * its mean (docs/PROTOCOL.md). */
static uint64_t between_losses(const struct plait_path *path, uint32_t mss_octets)
{
    uint64_t losses = 1 + path->lost_octets / (mss_octets ? mss_octets : 1);
    return path->delivered_octets / losses;
}

/* Squared, over the RTT: the larger, the better the path. */
static plait_wide goodness(const struct plait_path *path, uint32_t mss_octets)
{
    uint64_t rtt = plait_coupling_rtt_us(path), octets = between_losses(path, mss_octets);
    return rtt ? (plait_wide)octets * octets / rtt : 0;
}

struct sets { /* the paths that are best, and those of them and others that are largest */
    plait_wide best;
    uint32_t largest;
    unsigned largest_count, best_not_largest_count;
};

static struct sets sets_of(const struct plait_path *const *all, unsigned count, uint32_t mss)
{
    struct sets s = {0};
    for (unsigned i = 0; i < count; i++) {
        if (goodness(all[i], mss) > s.best)
            s.best = goodness(all[i], mss);
        if (all[i]->window_octets > s.largest)
            s.largest = all[i]->window_octets;
    }
    for (unsigned i = 0; i < count; i++) {
        bool is_largest = all[i]->window_octets == s.largest;
        s.largest_count += is_largest;
        s.best_not_largest_count += !is_largest && goodness(all[i], mss) == s.best;
    }
    return s;
}

static uint32_t increase(const struct plait_path *path, const struct plait_path *const *all,
                         unsigned count, uint32_t acked_octets, uint32_t mss_octets)
{
    if (plait_coupling_rtt_us(path) == 0 || count == 0)
        return plait_coupling_uncoupled(path, acked_octets, mss_octets);
    struct sets s = sets_of(all, count, mss_octets);
    plait_wide share = plait_coupling_share(path, all, count, acked_octets, mss_octets, 1);
    uint64_t alone = plait_coupling_uncoupled(path, acked_octets, mss_octets);
    uint64_t result = share > alone ? alone : (uint64_t)share;
    if (s.best_not_largest_count == 0)
        return (uint32_t)result;
    bool is_largest = path->window_octets == s.largest;
    if (is_largest) {
        uint64_t less = alone / ((uint64_t)count * s.largest_count);
        return (uint32_t)(result > less ? result - less : 0);
    }
    if (goodness(path, mss_octets) == s.best)
        result += alone / ((uint64_t)count * s.best_not_largest_count);
    return (uint32_t)(result > alone ? alone : result);
}

const struct plait_coupling plait_olia = {.name = "olia", .increase = increase};
