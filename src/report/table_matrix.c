/* report/table_matrix.c: a table's matrix: threats by section, a word for each column. */
#include <string.h>

#include "report/table.h"
#include "report/words.h"

/* What TCP gives the same attacker for the same goal, beside a threat's worst cell. */
static const char *tcp_word(const struct plait_row *row)
{
    const json_t *tcp = json_object_get(row->cell, "tcp");
    return plait_outcome_shown(plait_field(tcp, "outcome", "–"));
}

/* A control case that is not meant to break says whether it was quiet, or that nothing works there.
 */
static const char *cell_word(const struct plait_row *row, const json_t *cell)
{
    const char *outcome = plait_outcome_shown(plait_field(cell, "outcome", "–"));
    if (plait_cell_is_undeployable(cell))
        return "not deployable";
    if (strcmp(row->kind, "control") || strncmp(outcome, "stopped", 7))
        return outcome;
    return plait_cell_is_clean(cell) ? "clean" : "NOT CLEAN";
}

static void grid_word(struct plait_grid *grid, const struct plait_row *row,
                      const struct plait_row_column *column)
{
    const char *word = column->cell ? cell_word(row, column->cell) : "–";
    if (column->errors && !plait_table_is_error(column->cell))
        plait_grid_cellf(grid, "%s, %u error%s", word, column->errors,
                         plait_table_plural(column->errors));
    else
        plait_grid_cell(grid, word);
}

/* A threat that plain TCP has no form of is beside what TCP gives the same attacker. */
static bool is_played(const json_t *cell)
{
    return cell && strcmp(plait_field(cell, "outcome", ""), "n/a");
}

static void grid_matrix_row(const struct plait_table *t, struct plait_grid *grid,
                            const struct plait_row *row)
{
    plait_grid_cellf(grid, "  %s", row->threat);
    plait_grid_cell(grid, row->title);
    if (is_played(row->columns[0].cell) || strcmp(row->kind, "threat"))
        grid_word(grid, row, &row->columns[0]);
    else
        plait_grid_cell(grid, tcp_word(row));
    for (unsigned i = 1; i < t->summary->column_count; i++)
        grid_word(grid, row, &row->columns[i]);
}

static bool is_first_of_section(const struct plait_summary *s, size_t index)
{
    const struct plait_row *row = &s->rows[index];
    for (size_t i = 0; i < index; i++)
        if (!strcmp(s->rows[i].kind, row->kind) && !strcmp(s->rows[i].section, row->section))
            return false;
    return true;
}

static void grid_section(const struct plait_table *t, struct plait_grid *grid, size_t first)
{
    const struct plait_summary *s = t->summary;
    const struct plait_row *lead = &s->rows[first];
    plait_grid_heading(grid, *lead->section ? lead->section : lead->kind);
    for (size_t i = first; i < s->row_count; i++)
        if (!strcmp(s->rows[i].kind, lead->kind) && !strcmp(s->rows[i].section, lead->section))
            grid_matrix_row(t, grid, &s->rows[i]);
}

void plait_table_matrix(const struct plait_table *t)
{
    const struct plait_summary *s = t->summary;
    if (!s->row_count)
        return;
    struct plait_grid *grid = plait_grid_new(2 + s->column_count);
    plait_grid_limit(grid, 1, 44);
    plait_grid_heading(grid, "");
    plait_grid_cell(grid, "");
    plait_grid_cell(grid, "");
    for (unsigned i = 0; i < s->column_count; i++) {
        char room[64];
        struct plait_text name = plait_text(room, sizeof room);
        plait_table_add_column(&name, &s->columns[i]);
        plait_grid_cell(grid, room);
    }
    for (const char *const *kind = plait_kind_words; *kind; kind++)
        for (size_t i = 0; i < s->row_count; i++)
            if (!strcmp(s->rows[i].kind, *kind) && is_first_of_section(s, i))
                grid_section(t, grid, i);
    plait_grid_end(grid, t->page);
}
