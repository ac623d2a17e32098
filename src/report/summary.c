/* report/summary.c: gathering cells by threat and column. */
#include "report/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "report/words.h"

/* ---- single cells ------------------------------------------------------------------------- */

bool plait_cell_is(const json_t *cell, const char *word)
{
    return strcmp(plait_field(cell, "versus_tcp", ""), word) == 0;
}

static int outcome_rank(const json_t *cell)
{
    return plait_outcome_rank(plait_field(cell, "outcome", NULL));
}

bool plait_cell_is_apart(const json_t *cell)
{
    return plait_cell_is(cell, "none") && outcome_rank(cell) >= plait_outcome_rank("partial");
}

bool plait_cell_is_clean(const json_t *cell)
{
    return !json_is_false(json_object_get(json_object_get(cell, "control"), "clean"));
}

/* Worse and wider come before everything; below, what happened counts more than the comparison. */
static int weight(const json_t *cell)
{
    int versus = plait_versus_rank(plait_field(cell, "versus_tcp", NULL));
    return (versus >= plait_versus_rank("wider") ? 100 * versus : versus) + 10 * outcome_rank(cell);
}

int plait_cell_compare(const json_t *a, const json_t *b)
{
    int difference = weight(a) - weight(b);
    if (difference)
        return difference;
    double price_a = plait_price_log2(json_object_get(a, "cost"));
    double price_b = plait_price_log2(json_object_get(b, "cost"));
    return price_a < price_b ? 1 : price_a > price_b ? -1 : 0;
}

static long long count_in(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

bool plait_lateness_text(const json_t *document, char *text, size_t room_octets)
{
    const json_t *late = json_object_get(document, "late");
    long long runs = count_in(late, "repeated_runs"), repeats = count_in(late, "repeats");
    if (runs > 0)
        snprintf(text, room_octets,
                 "%lld run%s repeated%s: the machine was late by up to %.0f ms (more than %.0f)",
                 runs, runs == 1 ? " was" : "s were",
                 repeats > runs ? (runs == 1 ? " more than once" : ", some more than once") : "",
                 (double)count_in(late, "worst_ns") / 1e6,
                 (double)count_in(late, "limit_ns") / 1e6);
    return runs > 0;
}

/* ---- columns and rows --------------------------------------------------------------------- */

static const struct plait_column shipping[] = {
    {.mechanism = "tcp", .policy = ""},
    {.mechanism = "v1", .policy = "default"},
    {.mechanism = "v1", .policy = "permissive"},
};

/* The column of a cell, new if need be; -1 if there is no more room. */
static int column_of(struct plait_summary *s, const json_t *cell)
{
    const char *mechanism = plait_field(cell, "mechanism", "");
    const char *policy = strcmp(mechanism, "tcp") ? plait_field(cell, "policy", "") : "";
    for (unsigned i = 0; i < s->column_count; i++)
        if (!strcmp(s->columns[i].mechanism, mechanism) && !strcmp(s->columns[i].policy, policy))
            return (int)i;
    if (s->column_count == PLAIT_COLUMNS_MAX)
        return -1;
    s->columns[s->column_count] = (struct plait_column){.mechanism = mechanism, .policy = policy};
    return (int)s->column_count++;
}

/* INDEX remembers which row a threat has: documents may have many. */
static struct plait_row *row_of(struct plait_summary *s, json_t *index, const json_t *cell)
{
    const char *threat = plait_field(cell, "threat", "");
    const json_t *known = json_object_get(index, threat);
    if (known)
        return &s->rows[json_integer_value(known)];
    json_object_set_new(index, threat, json_integer((json_int_t)s->row_count));
    struct plait_row *row = &s->rows[s->row_count++];
    row->threat = threat;
    row->title = plait_field(cell, "title", "");
    row->section = plait_field(cell, "section", "");
    row->kind = plait_field(cell, "kind", "");
    return row;
}

static void keep_worst(const json_t **worst, const json_t *cell)
{
    if (!*worst || plait_cell_compare(cell, *worst) > 0)
        *worst = cell;
}

static void add_to_row(struct plait_summary *s, struct plait_row *row, const json_t *cell)
{
    if (plait_field(cell, "variant_of", NULL))
        return; /* beside their columns: report/variants.h, conclusion.c */
    int index = column_of(s, cell);
    if (index < 0) {
        s->cells_without_column++;
        return;
    }
    struct plait_row_column *column = &row->columns[index];
    int rank = outcome_rank(cell);
    column->cells++;
    column->errors += rank == plait_outcome_rank("error");
    column->skipped += rank == plait_outcome_rank("skipped");
    keep_worst(&column->cell, cell);
}

static void count_cell(struct plait_summary *s, const json_t *cell)
{
    int rank = outcome_rank(cell);
    s->cells++;
    s->decided += rank > 0;
    s->errors += rank == plait_outcome_rank("error");
    s->skipped += rank == plait_outcome_rank("skipped");
    s->not_applicable += rank == plait_outcome_rank("n/a");
    s->unclean += !plait_cell_is_clean(cell);
    uint64_t invalid = (uint64_t)json_integer_value(json_object_get(cell, "invalid_octets"));
    if (__builtin_add_overflow(s->invalid_packets, invalid, &s->invalid_packets))
        s->invalid_packets = UINT64_MAX;
    s->invalid_cells += invalid > 0;
}

static void count_repeats(struct plait_summary *s, const json_t *cell)
{
    const json_t *repeat = json_object_get(cell, "repeat");
    json_int_t runs = json_integer_value(json_object_get(repeat, "runs"));
    if (runs < 2)
        return;
    s->repeated++;
    s->runs = runs > s->runs ? (unsigned)runs : s->runs;
    s->flaky += json_integer_value(json_object_get(repeat, "differing")) > 0;
}

/* The row's own cell, and what the columns count: threats, not cells. */
static void conclude_row(struct plait_summary *s, struct plait_row *row)
{
    for (unsigned i = 1; i < s->column_count; i++) {
        const json_t *cell = row->columns[i].cell;
        if (!cell)
            continue;
        keep_worst(&row->cell, cell);
        if (strcmp(row->kind, "threat") || outcome_rank(cell) <= 0)
            continue;
        s->columns[i].threats++;
        s->columns[i].worse += plait_cell_is(cell, "worse");
        s->columns[i].wider += plait_cell_is(cell, "wider");
        s->columns[i].apart += plait_cell_is_apart(cell);
    }
    if (!row->cell)
        row->cell = row->columns[0].cell;
}

struct plait_summary *plait_summary_new(const json_t *document)
{
    const json_t *cells = json_object_get(document, "cells");
    struct plait_summary *s = calloc(1, sizeof *s);
    PLAIT_CHECK(s);
    s->rows = calloc(json_array_size(cells) + 1, sizeof *s->rows);
    PLAIT_CHECK(s->rows);
    memcpy(s->columns, shipping, sizeof shipping);
    s->column_count = sizeof shipping / sizeof *shipping;
    json_t *index = json_object();
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i);
        count_cell(s, cell);
        count_repeats(s, cell);
        add_to_row(s, row_of(s, index, cell), cell);
    }
    json_decref(index);
    for (size_t i = 0; i < s->row_count; i++)
        conclude_row(s, &s->rows[i]);
    return s;
}

void plait_summary_free(struct plait_summary *summary)
{
    if (summary)
        free(summary->rows);
    free(summary);
}
