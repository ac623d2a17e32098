/* report/table_cells.c: a table's rows of verdicts: the worst cell of each threat in each column,
 * or every cell. */
#include <string.h>

#include "report/table.h"
#include "report/words.h"

static void grid_where(struct plait_grid *grid, const json_t *cell)
{
    static const char *const names[] = {"form", "victim", "workload", "position"};
    char room[160];
    struct plait_text text = plait_text(room, sizeof room);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char from[64];
        const char *word = i == 3 ? plait_table_position(cell, from, sizeof from)
                                  : plait_field(cell, names[i], "-");
        if (strcmp(word, "-"))
            plait_text_add(&text, "%s%s", text.length ? " " : "", word);
    }
    json_int_t family = json_integer_value(json_object_get(cell, "family"));
    if (family)
        plait_text_add(&text, " ipv%d", (int)family);
    plait_grid_cell(grid, room);
}

/* What stopped it where it was stopped, else why nothing else happened. */
static void grid_because(struct plait_grid *grid, const json_t *cell)
{
    const char *stopped_by = plait_field(cell, "stopped_by", NULL);
    int rank = plait_outcome_rank(plait_field(cell, "outcome", NULL));
    if (stopped_by)
        plait_grid_cellf(grid, "by %s", stopped_by);
    else
        plait_grid_cell(
            grid, rank == plait_outcome_rank("broken") ? "" : plait_field(cell, "reason", ""));
}

static void grid_verdict(struct plait_grid *grid, const json_t *cell)
{
    const json_t *tcp = json_object_get(cell, "tcp");
    plait_grid_cell(grid, plait_outcome_shown(plait_field(cell, "outcome", "–")));
    plait_grid_cell(grid, plait_field(cell, "goal", "–"));
    plait_table_price(grid, cell, cell);
    plait_grid_cell(grid, plait_field(tcp, "attack", "–"));
    plait_table_price(grid, cell, tcp);
    plait_grid_cell(grid, plait_field(cell, "versus_tcp", "–"));
    grid_where(grid, cell);
    grid_because(grid, cell);
}

static void grid_threat(const struct plait_table *t, struct plait_grid *grid,
                        const struct plait_row *row)
{
    const char *threat = row->threat;
    for (unsigned i = 1; i < t->summary->column_count; i++) {
        if (!row->columns[i].cell)
            continue;
        char room[64];
        struct plait_text name = plait_text(room, sizeof room);
        plait_table_add_column(&name, &t->summary->columns[i]);
        plait_grid_cellf(grid, "  %s", threat);
        plait_grid_cell(grid, room);
        grid_verdict(grid, row->columns[i].cell);
        threat = "";
    }
}

static void grid_verdict_titles(struct plait_grid *grid)
{
    static const char *const titles[] = {"outcome", "goal",  "price", "best on TCP", "its price",
                                         "versus",  "where", "",      NULL};
    plait_table_titles(grid, titles);
    plait_grid_limit(grid, 9, 60);
}

/* The worst cell of each threat in each column. */
void plait_table_threats(const struct plait_table *t)
{
    struct plait_grid *grid = plait_grid_new(10);
    bool any = false;
    for (size_t i = 0; i < t->summary->row_count; i++) {
        const struct plait_row *row = &t->summary->rows[i];
        if (strcmp(row->kind, "threat"))
            continue;
        if (!any) {
            plait_grid_heading(grid, "");
            plait_grid_cell(grid, "each threat");
            plait_grid_cell(grid, "under");
            grid_verdict_titles(grid);
        }
        any = true;
        grid_threat(t, grid, row);
    }
    plait_grid_end(grid, t->page);
}

void plait_table_all_cells(const struct plait_table *t)
{
    const json_t *cells = json_object_get(t->document, "cells");
    struct plait_grid *grid = plait_grid_new(10);
    plait_grid_heading(grid, "");
    plait_grid_cell(grid, "each cell");
    plait_grid_cell(grid, "");
    grid_verdict_titles(grid);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i);
        plait_grid_cellf(grid, "  %s", plait_field(cell, "id", ""));
        plait_grid_cell(grid, "");
        grid_verdict(grid, cell);
    }
    plait_grid_end(grid, t->page);
}
