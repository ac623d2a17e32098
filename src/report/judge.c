/* report/judge.c: levels and exit statuses, as tables. */
#include "report/judge.h"

#include <string.h>

#include "report/summary.h"
#include "report/words.h"

const char *const plait_level_words[] = {"note", "warning", "alert", NULL};
const char *const plait_exit_style_words[] = {"git-bisect", "kselftest", NULL};

const char *plait_level_text(enum plait_level level)
{
    return level == PLAIT_LEVEL_NONE ? "none" : plait_level_words[level - 1];
}

enum plait_level plait_cell_level(const json_t *cell)
{
    if (strcmp(plait_field(cell, "kind", ""), "threat"))
        return PLAIT_LEVEL_NONE;
    if (plait_cell_is(cell, "worse"))
        return PLAIT_LEVEL_ALERT;
    if (plait_cell_is(cell, "wider"))
        return PLAIT_LEVEL_WARNING;
    int outcome = plait_outcome_rank(plait_field(cell, "outcome", NULL));
    return outcome >= plait_outcome_rank("partial") ? PLAIT_LEVEL_NOTE : PLAIT_LEVEL_NONE;
}

/* ---- statuses ----------------------------------------------------------------------------- */

struct status_row {
    int precedence;
    int exits[3]; /* by enum plait_exit_style */
};

/* git bisect stops at 128 and above: a typing error must not mark a kernel bad, nor skip all. */
static const struct status_row statuses[] = {
    [PLAIT_STATUS_COMPLETED] = {0, {0, 0, 0}}, [PLAIT_STATUS_FINDINGS] = {1, {1, 1, 1}},
    [PLAIT_STATUS_USAGE] = {5, {2, 128, 1}},   [PLAIT_STATUS_ENVIRONMENT] = {4, {2, 125, 4}},
    [PLAIT_STATUS_FAILED] = {3, {3, 125, 1}},  [PLAIT_STATUS_UNDECIDED] = {2, {4, 125, 4}},
};

enum plait_status plait_status_first(enum plait_status a, enum plait_status b)
{
    return statuses[a].precedence >= statuses[b].precedence ? a : b;
}

int plait_exit_status(enum plait_status status, enum plait_exit_style style)
{
    return statuses[status].exits[style];
}

/* ---- documents ---------------------------------------------------------------------------- */

bool plait_cell_failed(const json_t *cell)
{
    return strcmp(plait_field(cell, "outcome", ""), "error") == 0 || !plait_cell_is_clean(cell);
}

/* An expectation that forgives the cell forgives its level too. */
bool plait_cell_reaches(const struct plait_judgement *j, const json_t *cell)
{
    const json_t *forgiven = json_object_get(j->difference, "forgiven");
    return j->fail_on != PLAIT_LEVEL_NONE && plait_cell_level(cell) >= j->fail_on &&
           !json_object_get(forgiven, plait_field(cell, "id", ""));
}

/* An interrupted run, or one in which nothing was decided, says neither yes nor no; with --strict
 * nothing may have been left out or not understood. */
static bool is_undecided(const struct plait_judgement *j, const struct plait_summary *s)
{
    return !json_is_true(json_object_get(j->document, "complete")) || s->decided == 0 ||
           (j->strict && (s->skipped || s->invalid_packets));
}

static enum plait_status judge_findings(const struct plait_judgement *j)
{
    if (json_integer_value(json_object_get(j->difference, "failing")) > 0)
        return PLAIT_STATUS_FINDINGS;
    const json_t *cells = json_object_get(j->document, "cells");
    for (size_t i = 0; i < json_array_size(cells); i++)
        if (plait_cell_reaches(j, json_array_get(cells, i)))
            return PLAIT_STATUS_FINDINGS;
    return PLAIT_STATUS_COMPLETED;
}

enum plait_status plait_judge(const struct plait_judgement *j)
{
    struct plait_summary *s = plait_summary_new(j->document);
    enum plait_status status = judge_findings(j);
    if (is_undecided(j, s))
        status = plait_status_first(status, PLAIT_STATUS_UNDECIDED);
    if (s->errors || s->unclean)
        status = plait_status_first(status, PLAIT_STATUS_FAILED);
    plait_summary_free(s);
    return status;
}

static enum plait_level level_named(const char *text)
{
    for (unsigned i = 0; plait_level_words[i]; i++)
        if (strcmp(plait_level_words[i], text) == 0)
            return (enum plait_level)(i + 1);
    return PLAIT_LEVEL_NONE;
}

enum plait_status plait_judge_difference(const json_t *difference, enum plait_level fail_on)
{
    const json_t *changes = json_object_get(difference, "changes");
    for (size_t i = 0; fail_on && i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        const json_t *known = json_object_get(change, "known");
        bool forgiven = json_is_true(json_object_get(known, "holds"));
        if (!forgiven && level_named(plait_field(change, "level", "")) >= fail_on)
            return PLAIT_STATUS_FINDINGS;
    }
    return PLAIT_STATUS_COMPLETED;
}
