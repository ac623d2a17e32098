/* tests/lab/runs.h: whole runs and cells on this machine's kernel, for tests. */
#ifndef PLAIT_TESTS_LAB_RUNS_H
#define PLAIT_TESTS_LAB_RUNS_H

#include "tests/unit/test.h"

#include "lab/analyze.h"
#include "lab/runner.h"
#include "lab/threat.h"

/* Skips the test where live runs cannot be: no user namespaces, no MPTCP ... */
void skip_unless_live(void);

/* Fails if there is none. */
const struct plait_threat *find_threat(const char *id);
const struct plait_case *find_case(const struct plait_threat *threat, const char *form,
                                   enum plait_side victim, enum plait_workload workload);
/* The attack run of a cell of our own endpoint under PROTOCOL, as the lab plans it (lab/plan.h). */
struct plait_scenario scenario_of_case(const struct plait_threat *threat,
                                       const struct plait_case *played,
                                       enum plait_protocol protocol);
/* T-TS-2, direct, bulk, on this machine's kernel: the attack run of the cell below. */
struct plait_scenario ts_2_scenario(void);
#define TS_2_CELL "T-TS-2/direct/server/bulk/PE-H/v1/default/ipv4"
/* A run without attack that lasts CONTROL_NS once it is ready. */
struct plait_scenario control_scenario(plait_time_ns control_ns);

/* Of a request, and of a scenario: both ends are our own endpoint. */
#define OWN .client = PLAIT_TARGET_PLAIT, .server = PLAIT_TARGET_PLAIT
struct plait_scenario own(struct plait_scenario scenario);

/* The report of one run; the caller owns it.  Each ends by itself, in the runner's time. */
json_t *report_of(const struct plait_scenario *scenario);
/* The record of the one cell that GLOB selects; the caller owns it. */
json_t *record_of(const char *glob, struct plait_analysis_request request);
/* The record of the cell TS_2_CELL as REQUEST's switches make it; the caller owns it. */
json_t *record_of_ts_2(struct plait_analysis_request request);

/* "goals.takeover.reached": a value inside, or NULL. */
const json_t *at(const json_t *json, const char *path);
const char *text_at(const json_t *json, const char *path); /* "" if it is no text */
/* True if the report says that GOAL was reached. */
bool reached(const json_t *report, const char *goal);
/* Fails with what the report says of itself if its run did. */
void assert_whole(const json_t *report);
void assert_text_at(const json_t *json, const char *path, const char *text);

#endif
