/* report/judge.c: levels of cells and differences, and the status they make. */
#include "report/judge.h"

#include <string.h>

#include "report/summary.h"
#include "report/words.h"

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
