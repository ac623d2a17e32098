/* mptcp/coupling_lia.c: linked increases (RFC 6356 §3): together no more than one TCP on the best
 * path, and nowhere more than a TCP of its own would take. */
#include "mptcp/coupling.h"

/* alpha = total x max(window / RTT^2) / (sum of window / RTT)^2; the increase is
 * min(alpha x acked x MSS / total, acked x MSS / window), so the total cancels out. */
static uint32_t increase(const struct plait_path *path, const struct plait_path *const *all,
                         unsigned count, uint32_t acked_octets, uint32_t mss_octets)
{
    uint32_t alone = plait_coupling_uncoupled(path, acked_octets, mss_octets);
    plait_wide best = 0;
    for (unsigned i = 0; i < count; i++) {
        plait_wide share = plait_coupling_share(all[i], all, count, acked_octets, mss_octets, 1);
        if (share > best)
            best = share;
    }
    if (best == 0 || best > alone)
        return alone;
    return (uint32_t)best;
}

const struct plait_coupling plait_lia = {.name = "lia", .increase = increase};
