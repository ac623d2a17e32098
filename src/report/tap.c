/* report/tap.c: the Test Anything Protocol, as version 13 writes it and version 14 reads it.
 *
 * One test point for each cell: not ok if it ended in an error, its control was not clean, it
 * differs from the expectation, or it reaches --fail-on; SKIP where nothing was decided on
 * purpose; TODO where the expectation forgives. */
#include <string.h>

#include "report/diff.h"
#include "report/render.h"
#include "report/summary.h"
#include "report/words.h"

/* '#' would begin a directive. */
static void put_description(const struct plait_page *page, const char *text)
{
    char one[2] = "";
    for (; *text; text++) {
        one[0] = *text;
        fputs(*text == '#' || *text == '\\' ? "\\" : "", page->stream);
        fputs(one, page->stream);
    }
}

/* A JSON text is a YAML text. */
static void put_yaml(const struct plait_page *page, const char *name, const json_t *value)
{
    if (!value || json_is_null(value))
        return;
    fprintf(page->stream, "  %s: ", name);
    json_dumpf(value, page->stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    fputc('\n', page->stream);
}

static void put_diagnostics(const struct plait_page *page, const json_t *cell, const json_t *change)
{
    static const char *const names[] = {"outcome", "reason", "stopped_by", "goal",  "versus_tcp",
                                        "cost",    "tcp",    "rerun",      "pcapng"};
    fputs("  ---\n", page->stream);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put_yaml(page, names[i], json_object_get(cell, names[i]));
    put_yaml(page, "change", json_object_get(change, "change"));
    put_yaml(page, "expected", json_object_get(change, "before"));
    fputs("  ...\n", page->stream);
}

struct point {
    bool ok;
    const char *id;
    const char *directive; /* "SKIP" or "TODO", or NULL */
    const char *reason;
};

static void put_point(const struct plait_page *page, size_t number, const struct point *point)
{
    fprintf(page->stream, "%s %zu - ", point->ok ? "ok" : "not ok", number);
    put_description(page, point->id);
    if (point->directive) {
        fprintf(page->stream, " # %s ", point->directive);
        put_description(page, point->reason);
    }
    fputc('\n', page->stream);
}

static const char *known_reason(const json_t *change)
{
    const json_t *known = json_object_get(change, "known");
    return json_is_true(json_object_get(known, "holds")) ? plait_field(known, "reason", "") : NULL;
}

static struct point point_of(const struct plait_judgement *j, const json_t *cell,
                             const json_t *change)
{
    const char *outcome = plait_field(cell, "outcome", "");
    struct point point = {.id = plait_field(cell, "id", "")};
    bool differs = change && strcmp(plait_field(change, "change", ""), "new");
    const char *known = known_reason(change);
    point.ok = !plait_cell_failed(cell) && !differs && !plait_cell_reaches(j, cell);
    if (differs && known && !plait_cell_failed(cell)) {
        point.directive = "TODO";
        point.reason = known;
    } else if (point.ok && (!strcmp(outcome, "skipped") || !strcmp(outcome, "n/a"))) {
        point.directive = "SKIP";
        point.reason = plait_field(cell, "reason", outcome);
    }
    return point;
}

/* A cell that the expectation has and the run has not. */
static void put_missing(const struct plait_page *page, size_t number, const json_t *change)
{
    const char *known = known_reason(change);
    struct point point = {
        .id = plait_field(change, "id", ""), .directive = known ? "TODO" : NULL, .reason = known};
    put_point(page, number, &point);
    put_diagnostics(page, NULL, change);
}

static size_t count_missing(const json_t *difference)
{
    return (size_t)json_integer_value(json_object_get(difference, "missing"));
}

static void put_plan(const struct plait_page *page, size_t points)
{
    fprintf(page->stream, "TAP version 13\n1..%zu%s\n", points, points ? "" : " # SKIP no cells");
}

static size_t put_cells(const struct plait_page *page, const struct plait_judgement *j)
{
    const json_t *cells = json_object_get(j->document, "cells");
    json_t *changes = plait_diff_index(j->difference);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i);
        const json_t *change = json_object_get(changes, plait_field(cell, "id", ""));
        struct point point = point_of(j, cell, change);
        put_point(page, i + 1, &point);
        put_diagnostics(page, cell, change);
    }
    json_decref(changes);
    return json_array_size(cells);
}

void plait_render_tap(const struct plait_page *page, const struct plait_view *view)
{
    const struct plait_judgement *j = view->judgement;
    const json_t *changes = json_object_get(j->difference, "changes");
    put_plan(page,
             json_array_size(json_object_get(j->document, "cells")) + count_missing(j->difference));
    char late[160];
    if (plait_lateness_text(j->document, late, sizeof late))
        fprintf(page->stream, "# %s\n", late);
    size_t number = put_cells(page, j);
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        if (strcmp(plait_field(change, "change", ""), "missing") == 0)
            put_missing(page, ++number, change);
    }
    if (!json_is_true(json_object_get(j->document, "complete")))
        fputs("Bail out! the run was ended early\n", page->stream);
}

void plait_render_difference_tap(const struct plait_page *page, const json_t *difference)
{
    const json_t *changes = json_object_get(difference, "changes");
    size_t count = json_array_size(changes);
    fprintf(page->stream, "TAP version 13\n1..%zu\n", count ? count : 1);
    if (!count)
        fputs("ok 1 - no verdict differs\n", page->stream);
    for (size_t i = 0; i < count; i++) {
        const json_t *change = json_array_get(changes, i);
        if (strcmp(plait_field(change, "change", ""), "new"))
            put_missing(page, i + 1, change);
        else
            fprintf(page->stream, "ok %zu - %s\n", i + 1, plait_field(change, "id", ""));
    }
}
