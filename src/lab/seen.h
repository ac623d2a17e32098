/* lab/seen.h: one segment as an attacker's tap or port showed it. */
#ifndef PLAIT_LAB_SEEN_H
#define PLAIT_LAB_SEEN_H

#include "base/time.h"
#include "lab/facts.h"

#define PLAIT_FRAME_OCTETS 2048

struct plait_seen {
    bool at_home;       /* it came to his own address */
    unsigned path;      /* otherwise: on which path his tap was */
    bool of_connection; /* side and subflow are valid */
    enum plait_side by;
    unsigned subflow;
    plait_time_ns at_ns;
    struct plait_segment segment; /* its pointers as valid as the packet */
};

#endif
