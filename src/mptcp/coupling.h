/* mptcp/coupling.h: internal: what the coupled congestion controls share.
 *
 * Integers only: the same window on every compiler.  Rates are octets for each second, RTTs
 * microseconds.  May touch: nothing but its arguments. */
#ifndef PLAIT_MPTCP_COUPLING_H
#define PLAIT_MPTCP_COUPLING_H

#include "mptcp/path_manager.h"
#include "tcp/path.h"

typedef unsigned __int128 plait_wide;

/* Smoothed RTT in microseconds, at least 1; 0 = no sample yet, and the path does not count. */
uint64_t plait_coupling_rtt_us(const struct plait_path *path);
/* Window / RTT. */
uint64_t plait_coupling_rate(const struct plait_path *path);
/* Of all paths. */
uint64_t plait_coupling_rate_sum(const struct plait_path *const *all, unsigned count);
/* What NewReno gives: acked x MSS / window, at least 1 (RFC 5681 §3.1). */
uint32_t plait_coupling_uncoupled(const struct plait_path *path, uint32_t acked_octets,
                                  uint32_t mss_octets);
/* ACKED x MSS x (window / RTT^2) / (sum of window / RTT)^2, in octets times SCALE. */
plait_wide plait_coupling_share(const struct plait_path *path, const struct plait_path *const *all,
                                unsigned count, uint32_t acked_octets, uint32_t mss_octets,
                                uint32_t scale);

#endif
