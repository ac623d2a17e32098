/* lab/asked.h: the runs that were asked for, each once, with their reports.
 *
 * Its key is everything that makes a run differ from others, so equal runs (control runs and
 * baselines of many cells) are one.  May touch: memory of its own. */
#ifndef PLAIT_LAB_ASKED_H
#define PLAIT_LAB_ASKED_H

#include "base/table.h"
#include "lab/scenario.h"

/* Somebody who cannot go on without a report. */
struct plait_waiter {
    struct plait_waiter *next;
};

struct plait_asked {
    struct plait_table_node node;
    json_t *report; /* NULL while it waits or runs */
    struct plait_waiter *waiters;
    size_t key_octets;
    uint8_t key[];
};

struct plait_asked_runs;

struct plait_asked_runs *plait_asked_runs_new(void);
/* And all reports. */
void plait_asked_runs_free(struct plait_asked_runs *runs);
/* Run number REPEAT of SCENARIO, which lives as long as RUNS; *IS_NEW: nobody asked for it before.
 * Where its capture goes makes no difference. */
struct plait_asked *plait_asked_run(struct plait_asked_runs *runs,
                                    const struct plait_scenario *scenario, unsigned repeat,
                                    bool *is_new);

#endif
