/* report/judge.h: how grave a cell is, and which status a report makes (DESIGN §1).
 * May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_JUDGE_H
#define PLAIT_REPORT_JUDGE_H

#include <jansson.h>
#include <stdbool.h>

#include "terminal/status.h"

/* worse -> alert, wider -> warning, broken but no worse than TCP -> note.  Baselines and controls
 * must be broken, and are no findings. */
enum plait_level plait_cell_level(const json_t *cell);

struct plait_judgement {
    const json_t *document;
    const json_t *difference; /* plait_diff of an expectation and the document, or NULL */
    enum plait_level fail_on; /* NONE: findings do not fail */
    bool strict;
};
enum plait_status plait_judge(const struct plait_judgement *judgement);

/* A cell that ended in an error or whose control reported something. */
bool plait_cell_failed(const json_t *cell);
/* A cell that reaches FAIL_ON and is not forgiven by the expectation. */
bool plait_cell_reaches(const struct plait_judgement *judgement, const json_t *cell);
/* The status that the changes of a difference make by themselves (`plait diff`). */
enum plait_status plait_judge_difference(const json_t *difference, enum plait_level fail_on);

#endif
