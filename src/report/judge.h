/* report/judge.h: how grave a cell is, and with what status a command ends (DESIGN §1).
 * May touch: nothing but its arguments. */
#ifndef PLAIT_REPORT_JUDGE_H
#define PLAIT_REPORT_JUDGE_H

#include <jansson.h>
#include <stdbool.h>

enum plait_level { PLAIT_LEVEL_NONE, PLAIT_LEVEL_NOTE, PLAIT_LEVEL_WARNING, PLAIT_LEVEL_ALERT };
extern const char *const plait_level_words[]; /* "note", "warning", "alert", NULL */
const char *plait_level_text(enum plait_level level);

/* worse -> alert, wider -> warning, broken but no worse than TCP -> note.  Baselines and controls
 * must be broken, and are no findings. */
enum plait_level plait_cell_level(const json_t *cell);

/* Two kinds of 2, so that a bisection can tell a typing error from a kernel that lacks a feature.
 */
enum plait_status {
    PLAIT_STATUS_COMPLETED,
    PLAIT_STATUS_FINDINGS,
    PLAIT_STATUS_USAGE,
    PLAIT_STATUS_ENVIRONMENT,
    PLAIT_STATUS_FAILED,
    PLAIT_STATUS_UNDECIDED
};

/* Several may hold: the order is 2, 3, 4, 1, 0. */
enum plait_status plait_status_first(enum plait_status a, enum plait_status b);

enum plait_exit_style { PLAIT_EXIT_PLAIT, PLAIT_EXIT_GIT_BISECT, PLAIT_EXIT_KSELFTEST };
extern const char *const plait_exit_style_words[]; /* "git-bisect", "kselftest", NULL */
/* git-bisect: 0 good, 1 bad, 125 skip, 128 stop.  kselftest: 0 pass, 1 fail, 4 skip. */
int plait_exit_status(enum plait_status status, enum plait_exit_style style);

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
