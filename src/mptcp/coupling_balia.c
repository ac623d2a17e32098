/* mptcp/coupling_balia.c: balanced linked adaptation (Peng et al. 2014, draft-walid-mptcp): between
 * LIA's friendliness and its slowness. */
#include "mptcp/coupling.h"

/* With x = window / RTT and a = max(x) / x of this path: share x (1 + a)/2 x (4 + a)/5. */
static uint32_t increase(const struct plait_path *path, const struct plait_path *const *all,
                         unsigned count, uint32_t acked_octets, uint32_t mss_octets)
{
    uint32_t alone = plait_coupling_uncoupled(path, acked_octets, mss_octets);
    uint64_t own = plait_coupling_rate(path), most = own;
    if (own == 0)
        return alone;
    for (unsigned i = 0; i < count; i++)
        if (plait_coupling_rate(all[i]) > most)
            most = plait_coupling_rate(all[i]);
    /* a in 1/256, held below 1024: a path so small grows as it would alone. */
    uint64_t a = (uint64_t)((plait_wide)most * 256 / own);
    if (a > 1024 * 256)
        return alone;
    plait_wide share = plait_coupling_share(path, all, count, acked_octets, mss_octets, 1);
    plait_wide grown = share * (256 + a) * (4 * 256 + a) / ((plait_wide)10 * 256 * 256);
    return grown > alone ? alone : (uint32_t)grown;
}

const struct plait_coupling plait_balia = {.name = "balia", .increase = increase};
