/* lab/verdict.h: from the reports of a cell's runs to its verdict (DESIGN §1).  Pure: reports in,
 * words out. */
#ifndef PLAIT_LAB_VERDICT_H
#define PLAIT_LAB_VERDICT_H

#include <jansson.h>

#include "lab/goals.h"

enum plait_outcome {
    PLAIT_BROKEN,
    PLAIT_PARTIAL,
    PLAIT_STOPPED,
    PLAIT_STOPPED_BY_POLICY,
    PLAIT_NOT_APPLICABLE,
    PLAIT_SKIPPED,
    PLAIT_ERROR
};

enum plait_versus { PLAIT_WORSE, PLAIT_WIDER, PLAIT_SAME, PLAIT_BETTER, PLAIT_NONE };

/* Shown, but no verdict: `divert` is judged through read or degrade, `kill_subflow` by whether the
 * connection lives (DESIGN §1). */
bool plait_goal_is_note(enum plait_goal goal);
const char *plait_outcome_name(enum plait_outcome outcome);
const char *plait_versus_name(enum plait_versus versus);

/* What one run did for one goal, its price held against the connection's life. */
struct plait_achievement {
    bool reached;   /* in the run, purchases included */
    bool feasible;  /* and affordable */
    double packets; /* expected; 0 if not reached */
    const json_t *cost;
    const json_t *after; /* how long the effect was seen after he left, or NULL */
};

struct plait_achievement plait_achievement(const json_t *run, enum plait_goal goal,
                                           enum plait_workload workload);
/* Goal degrade: goodput below half of the control run's, or a stall longer than its longest by a
 * second (DESIGN §1).  Judged only where the control run moved data. */
struct plait_achievement plait_degraded(const json_t *run, const json_t *control,
                                        enum plait_workload workload);
/* The goodput of two control runs differs by less than a fifth. */
bool plait_steady(const json_t *control, const json_t *again);
/* Seconds that a connection with this workload is taken to live: 24 h, or 10 min under load. */
double plait_life_s(enum plait_workload workload);
/* Attack packets were delivered, valid, and the script came to its end. */
bool plait_armed(const json_t *run, char *why, size_t why_octets);

/* Against TCP on each path (BASELINE[0] is the dialled one): DESIGN §1, table `versus_tcp`. */
enum plait_versus plait_compare(const struct plait_achievement *here,
                                const struct plait_achievement *baseline, unsigned paths);
/* The cheaper of two achievements, for choosing the best attack on TCP. */
bool plait_cheaper(const struct plait_achievement *a, const struct plait_achievement *b);

#endif
