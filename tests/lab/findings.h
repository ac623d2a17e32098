/* tests/lab/findings.h: what a script saw, in words, held against what docs/FINDINGS.md says. */
#ifndef PLAIT_TESTS_LAB_FINDINGS_H
#define PLAIT_TESTS_LAB_FINDINGS_H

#include "tests/lab/runs.h"

#include "lab/attack.h"

/* What docs/FINDINGS.md states was measured on this release. */
#define FINDINGS_KERNEL "6.18."

/* An idle connection on two paths, server's side attacked, default limits; the attacker acts at
 * once.  ID ("F-1") names its capture, which is kept if the environment's PLAIT_KEEP_CAPTURES names
 * a folder; NULL: no capture. */
struct plait_scenario finding_scenario(const char *id, plait_script script, const char *position);

/* In a script: what became of WHAT.  What is said of "measured" is printed, and not judged. */
void say(struct plait_attack *a, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* In a test: what the script of REPORT said of WHAT, "" if nothing. */
const char *said(const json_t *report, const char *what);

struct statement {
    const char *what, *seen;
};
/* Runs SCENARIO and holds what its script said against the LIST, which ends with a NULL.  On the
 * release that the findings are about a difference fails the test; on another it is printed, and
 * the test skipped. */
void expect_said(const struct plait_scenario *scenario, const struct statement *list);
/* The same for one statement that was found elsewhere. */
void expect_seen(const char *what, const char *seen, const char *stated);

/* Words for scripts. */
int64_t counter_of(const struct plait_attack *a, enum plait_side side, const char *name);
/* SIDE's application writes OCTETS. */
void ask_to_write(struct plait_attack *a, enum plait_side side, int64_t octets);
/* The same, and their reader is given two seconds; how many it got. */
int64_t write_from(struct plait_attack *a, enum plait_side side, int64_t octets);
/* The script of baseline ID that tries to reach GOAL. */
plait_script script_of_baseline(const char *id, enum plait_goal goal);

#endif
