/* tcp/congestion.h: congestion control as a constant table; one file for each algorithm.
 *
 * Functions take the path and change its window and threshold; time is an argument.
 * May touch: the path. */
#ifndef PLAIT_TCP_CONGESTION_H
#define PLAIT_TCP_CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct plait_path;

/* CUBIC's memory (RFC 9438 §4); NewReno needs only `credit`. */
struct plait_congestion_state {
    uint64_t credit;             /* acknowledged octets not yet turned into window */
    uint64_t reno_credit;        /* the same for reno_window_octets */
    plait_time_ns epoch_ns;      /* start of the present growth; 0 = none */
    uint32_t window_max_octets;  /* before the last reduction */
    uint32_t reno_window_octets; /* what NewReno would have */
    plait_time_ns inflection_ns; /* K */
};

struct plait_congestion {
    const char *name; /* "reno", "cubic" */
    void (*start)(struct plait_path *path, uint32_t mss_octets);
    /* ACKED octets were newly acknowledged and the window was in use. */
    void (*acked)(struct plait_path *path, plait_time_ns now, uint32_t acked_octets,
                  uint32_t mss_octets);
    /* A loss was seen, at most once a round trip. */
    void (*loss)(struct plait_path *path, plait_time_ns now, uint32_t mss_octets);
    void (*timeout)(struct plait_path *path, plait_time_ns now, uint32_t mss_octets);
};

extern const struct plait_congestion plait_newreno, plait_cubic;

#endif
