/* bench/live/cost.h: what a run costs before its first packet and after its last. */
#ifndef PLAIT_BENCH_LIVE_COST_H
#define PLAIT_BENCH_LIVE_COST_H

#include "bench/live/hosts.h"

enum { BENCH_RUNS_MAX = 16 };

struct bench_cost {
    double ready_ms; /* from the start until all are locked in, agents answering */
    double gone_ms;  /* from then until all processes are gone */
    char error[200];
};

/* COUNT sandboxes (at most BENCH_RUNS_MAX) at once, each with the hosts of MEDIUM: two hosts and
 * three interfaces; NULL = nothing in them. */
void plait_bench_cost(const struct bench_medium *medium, unsigned runs, struct bench_cost *cost);

#endif
