/* mptcp/scheduler.h: which subflow sends the next octets, as a constant table.
 *
 * May touch: nothing; it looks at paths and answers. */
#ifndef PLAIT_MPTCP_SCHEDULER_H
#define PLAIT_MPTCP_SCHEDULER_H

#include "tcp/path.h"

struct plait_schedule_candidate {
    const struct plait_path *path;
    bool has_room;      /* the congestion window has room for a segment */
    bool backup;        /* by either end */
    bool is_stale;      /* timed out and not recovered */
    uint64_t last_turn; /* when it was last chosen, counted in choices */
};

struct plait_scheduler {
    const char *name; /* "lowest-rtt", "round-robin", "redundant" */
    bool redundant;   /* every subflow gets every octet */
    /* The index of the candidate that may send now, or -1.  Backups only where no other one that is
     * not stale is left (RFC 8684 §3.3.8). */
    int (*choose)(const struct plait_schedule_candidate *candidates, unsigned count);
};

extern const struct plait_scheduler plait_lowest_rtt, plait_round_robin, plait_redundant;

#endif
