/* report/diff.c: comparing verdicts cell by cell. */
#include "report/diff.h"

#include <fnmatch.h>
#include <string.h>

#include "report/judge.h"
#include "report/words.h"

/* ---- verdicts ----------------------------------------------------------------------------- */

static json_t *text_or_null(const json_t *object, const char *name)
{
    const char *text = plait_field(object, name, NULL);
    return text ? json_string(text) : json_null();
}

static json_t *verdict_of(const json_t *cell)
{
    if (!cell)
        return json_null();
    json_t *goals = json_object();
    const json_t *list = json_object_get(cell, "goals");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *goal = json_array_get(list, i);
        json_object_set_new(goals, plait_field(goal, "goal", ""), text_or_null(goal, "versus_tcp"));
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "outcome", text_or_null(cell, "outcome"), "goal",
                     text_or_null(cell, "goal"), "versus_tcp", text_or_null(cell, "versus_tcp"),
                     "reason", text_or_null(cell, "reason"), "goals", goals);
}

static bool same_member(const json_t *before, const json_t *after, const char *name)
{
    return json_equal(json_object_get(before, name), json_object_get(after, name));
}

static bool same_verdict(const json_t *before, const json_t *after)
{
    return same_member(before, after, "outcome") && same_member(before, after, "versus_tcp") &&
           same_member(before, after, "goals");
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

/* Which way ranks moved; a goal that one side does not know moves nowhere. */
struct movement {
    bool up, down;
};

static void move(struct movement *m, int before, int after)
{
    m->up |= sign(after - before) > 0;
    m->down |= sign(after - before) < 0;
}

static void move_goals(struct movement *m, const json_t *before, const json_t *after)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(before, "goals"), name, value)
    {
        int was = plait_versus_rank(json_string_value(value));
        int is = plait_versus_rank(
            json_string_value(json_object_get(json_object_get(after, "goals"), name)));
        if (was && is)
            move(m, was, is);
    }
}

/* Worse if anything is: a gain elsewhere does not make up for it. */
static const char *direction(const json_t *before, const json_t *after)
{
    const char *was = plait_field(before, "outcome", NULL),
               *is = plait_field(after, "outcome", NULL);
    if (!plait_outcome_decided(was) || !plait_outcome_decided(is))
        return "other";
    struct movement m = {false, false};
    move(&m, plait_outcome_rank(was), plait_outcome_rank(is));
    int versus_was = plait_versus_rank(plait_field(before, "versus_tcp", NULL));
    int versus_is = plait_versus_rank(plait_field(after, "versus_tcp", NULL));
    if (versus_was && versus_is)
        move(&m, versus_was, versus_is);
    move_goals(&m, before, after);
    return m.up ? "worse" : m.down ? "better" : "other";
}

/* ---- changes ------------------------------------------------------------------------------ */

static const char *change_of(const json_t *before, const json_t *after)
{
    if (!json_is_object(before))
        return "new";
    return json_is_object(after) ? direction(before, after) : "missing";
}

/* A change is as grave as what it led to, if it led to worse. */
static enum plait_level level_of(const char *change, const json_t *after)
{
    bool grave = !strcmp(change, "worse") || !strcmp(change, "new");
    enum plait_level level = grave ? plait_cell_level(after) : PLAIT_LEVEL_NOTE;
    return level > PLAIT_LEVEL_NOTE ? level : PLAIT_LEVEL_NOTE;
}

bool plait_known_holds(const json_t *cell, const char *date)
{
    const char *until = plait_field(json_object_get(cell, "known"), "until", NULL);
    return until && date && strcmp(date, until) < 0;
}

static json_t *known_of(const json_t *cell, const char *date)
{
    const json_t *known = json_object_get(cell, "known");
    if (!json_is_object(known))
        return json_null();
    return json_pack("{s:o,s:o,s:b}", "reason", text_or_null(known, "reason"), "until",
                     text_or_null(known, "until"), "holds", plait_known_holds(cell, date));
}

static void count(json_t *difference, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(difference, name));
    json_object_set_new(difference, name, json_integer(value + 1));
}

/* Either cell may be NULL; takes the verdicts. */
static void add_change(json_t *difference, const json_t *cell_before, const json_t *cell_after,
                       json_t *before, json_t *after, const char *date)
{
    const json_t *cell = cell_after ? cell_after : cell_before;
    const char *change = change_of(before, after);
    enum plait_level level = level_of(change, cell_after);
    bool holds = plait_known_holds(cell_before, date);
    bool fails = strcmp(change, "new") && !holds;
    count(difference, change);
    if (holds)
        count(difference, "known");
    if (fails)
        count(difference, "failing");
    json_array_append_new(json_object_get(difference, "changes"),
                          json_pack("{s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:b}", "id",
                                    text_or_null(cell, "id"), "threat",
                                    text_or_null(cell, "threat"), "change", change, "level",
                                    plait_level_text(level), "before", before, "after", after,
                                    "known", known_of(cell_before, date), "fails", fails));
}

static void compare(json_t *difference, const json_t *cell_before, const json_t *cell_after,
                    const char *date)
{
    json_t *before = verdict_of(cell_before), *after = verdict_of(cell_after);
    if (cell_before && cell_after)
        count(difference, "compared");
    if (cell_before && cell_after && same_verdict(before, after)) {
        json_decref(before);
        json_decref(after);
        return;
    }
    add_change(difference, cell_before, cell_after, before, after, date);
}

/* ---- documents ---------------------------------------------------------------------------- */

bool plait_in_scope(const struct plait_diff_scope *scope, const json_t *cell)
{
    if (!scope)
        return true;
    if (scope->threat_glob && fnmatch(scope->threat_glob, plait_field(cell, "threat", ""), 0))
        return false;
    if (scope->position && strcmp(scope->position, plait_field(cell, "position", "")))
        return false;
    return !scope->cell_glob ||
           fnmatch(scope->cell_glob, plait_field(cell, "id", ""), FNM_EXTMATCH) == 0;
}

/* Elements by their `id`. */
static json_t *index_of(const json_t *array)
{
    json_t *index = json_object();
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *element = json_array_get(array, i);
        json_object_set(index, plait_field(element, "id", ""), element);
    }
    return index;
}

static json_t *empty_difference(void)
{
    return json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:[],s:{}}", "schema", 1, "compared", 0,
                     "worse", 0, "better", 0, "other", 0, "new", 0, "missing", 0, "known", 0,
                     "failing", 0, "changes", "forgiven");
}

static void forgive(json_t *difference, const json_t *cell)
{
    json_object_set_new(json_object_get(difference, "forgiven"), plait_field(cell, "id", ""),
                        text_or_null(json_object_get(cell, "known"), "reason"));
}

json_t *plait_diff(const json_t *before, const json_t *after, const struct plait_diff_scope *scope,
                   const char *date)
{
    json_t *difference = empty_difference();
    json_t *earlier = index_of(json_object_get(before, "cells"));
    json_t *later = index_of(json_object_get(after, "cells"));
    bool may_miss = !json_is_false(json_object_get(after, "complete"));
    const char *id;
    json_t *cell;
    json_object_foreach(later, id, cell)
    {
        compare(difference, json_object_get(earlier, id), cell, date);
    }
    json_object_foreach(earlier, id, cell)
    {
        if (may_miss && !json_object_get(later, id) && plait_in_scope(scope, cell))
            compare(difference, cell, NULL, date);
        if (plait_known_holds(cell, date))
            forgive(difference, cell);
    }
    json_decref(earlier);
    json_decref(later);
    return difference;
}

json_t *plait_diff_index(const json_t *difference)
{
    return index_of(json_object_get(difference, "changes"));
}
