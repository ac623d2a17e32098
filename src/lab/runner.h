/* lab/runner.h: runs scenarios in sandboxes, several at a time, each scenario once.
 *
 * Runs that are equal (control runs and baselines of many cells) are made once and shared.  May
 * touch: processes it started itself. */
#ifndef PLAIT_LAB_RUNNER_H
#define PLAIT_LAB_RUNNER_H

#include "lab/asked.h"
#include "lab/splat.h"

struct plait_runner;

/* At most JOBS runs at a time that work; runs that mostly wait (plait_scenario_is_patient) have
 * places beside them, unless JOBS is 1.  When the kernel splats, what then ran is run again alone,
 * so that the splat finds its run; a run that splats alone is reported as "splat: TEXT".  WATCH
 * stays the caller's; NULL = nobody looks.
 */
struct plait_runner *plait_runner_new(unsigned jobs, struct plait_splat_watch *watch);
/* Ends by pid what still runs. */
void plait_runner_free(struct plait_runner *runner);
/* The report of SCENARIO's run number REPEAT: NULL while it has not ended; it is started when there
 * is room.  SCENARIO is copied; what it points to must outlive the runner.  NAME is for people. */
const json_t *plait_runner_need(struct plait_runner *runner, const struct plait_scenario *scenario,
                                unsigned repeat, const char *name);
/* The same will be needed, or may be: it is started when there is room, and nobody waits for it. */
void plait_runner_foresee(struct plait_runner *runner, const struct plait_scenario *scenario,
                          unsigned repeat, const char *name);
/* Until the last need that gave NULL has its report it is idle to ask again: WAITER, the caller's,
 * is woken then. */
void plait_runner_wake(struct plait_runner *runner, struct plait_waiter *waiter);
/* The next that was woken, or NULL. */
struct plait_waiter *plait_runner_woken(struct plait_runner *runner);
/* Waits at most TIMEOUT_MS for something to end.  False if nothing runs or waits. */
bool plait_runner_wait(struct plait_runner *runner, int timeout_ms);
/* Seconds that a run may take beyond what its scenario asks for; a minute unless a test says less.
 */
void plait_runner_set_limit(struct plait_runner *runner, unsigned limit_s);
/* "splat: TEXT" if a report given out since the last such question was of a run that splatted. */
const char *plait_runner_splat(struct plait_runner *runner);
/* A run whose world was late by more than LIMIT (net/net.h) may have missed an answer: it is made
 * again, the last time alone; a run that is late each time is an error.  Never in silence: */
#define PLAIT_LATE_LIMIT_MS    100
#define PLAIT_LATE_REPEATS_MAX 3
struct plait_lateness {
    unsigned repeated_runs, repeats;
    plait_time_ns worst_ns; /* of the runs that were repeated, too */
};
/* Of the reports given out since the last such question (equal ones as often as given), and of all
 * runs that have ended. */
struct plait_lateness plait_runner_told_lateness(struct plait_runner *runner);
struct plait_lateness plait_runner_lateness(const struct plait_runner *runner);
unsigned plait_runner_done(const struct plait_runner *runner);
unsigned plait_runner_running(const struct plait_runner *runner);
/* The run started last. */
const char *plait_runner_current(const struct plait_runner *runner);

#endif
