/* mptcp/path_manager.h: which addresses are announced and which subflows opened, as a constant
 * table.
 *
 * May touch: connections, through the calls of mptcp/connection.h. */
#ifndef PLAIT_MPTCP_PATH_MANAGER_H
#define PLAIT_MPTCP_PATH_MANAGER_H

#include "base/time.h"
#include "wire/addr.h"

struct plait_mptcp;

struct plait_path_manager {
    const char *name; /* "by-hand", "full-mesh", "n-ports", "signal" */
    /* The connection may have further subflows from now on (N12). */
    void (*established)(struct plait_mptcp *c, plait_time_ns now);
    /* The peer announced a place that was accepted (limits were asked). */
    void (*announced)(struct plait_mptcp *c, plait_time_ns now, uint8_t addr_id,
                      const struct plait_place *place);
    /* A subflow ended, or the machine's addresses changed. */
    void (*changed)(struct plait_mptcp *c, plait_time_ns now);
};

extern const struct plait_path_manager plait_pm_by_hand, plait_pm_full_mesh, plait_pm_n_ports,
    plait_pm_signal; /* a server that announces its other addresses */

/* Coupled congestion control: the increase for ACKED octets on PATH of FLOWS' paths. */
struct plait_path;
struct plait_coupling {
    const char *name; /* "lia" (RFC 6356), "olia", "balia" */
    uint32_t (*increase)(const struct plait_path *path, const struct plait_path *const *all,
                         unsigned count, uint32_t acked_octets, uint32_t mss_octets);
};
extern const struct plait_coupling plait_lia, plait_olia, plait_balia;

#endif
