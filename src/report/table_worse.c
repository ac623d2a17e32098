/* report/table_worse.c: a table's blocks of what is worse than TCP, or wider, or without a
 * counterpart there: a row for each threat, with its worst cell. */
#include <string.h>

#include "report/table.h"
#include "report/words.h"

static bool is_worse(const json_t *cell)
{
    return plait_cell_is(cell, "worse");
}

static bool is_wider(const json_t *cell)
{
    return plait_cell_is(cell, "wider");
}

/* The columns in which a row is so; false if there are none.  *WORST gets its worst cell. */
static bool columns_where(const struct plait_table *t, const struct plait_row *row,
                          bool (*wanted)(const json_t *cell), struct plait_text *names,
                          const json_t **worst)
{
    *worst = NULL;
    for (unsigned i = 1; i < t->summary->column_count; i++) {
        const json_t *cell = row->columns[i].cell;
        if (!cell || !wanted(cell))
            continue;
        if (*worst)
            plait_text_add(names, ", ");
        plait_table_add_column(names, &t->summary->columns[i]);
        if (!*worst || plait_cell_compare(cell, *worst) > 0)
            *worst = cell;
    }
    return *worst;
}

static void grid_worse_row(struct plait_grid *grid, const struct plait_row *row, const char *names,
                           const json_t *cell)
{
    plait_grid_cellf(grid, "  %s", row->threat);
    plait_grid_cell(grid, row->title);
    plait_grid_cell(grid, names);
    plait_grid_cell(grid, plait_field(cell, "goal", "–"));
    plait_table_price(grid, cell, cell);
    plait_table_price(grid, cell, json_object_get(cell, "tcp"));
    char from[64];
    plait_grid_cell(grid, plait_table_position(cell, from, sizeof from));
}

static void put_block(const struct plait_table *t, const char *heading,
                      bool (*wanted)(const json_t *cell))
{
    static const char *const titles[] = {"", "under", "goal", "price", "TCP", "from", NULL};
    struct plait_grid *grid = plait_grid_new(7);
    plait_grid_limit(grid, 1, 44);
    bool any = false;
    for (size_t r = 0; r < t->summary->row_count; r++) {
        const struct plait_row *row = &t->summary->rows[r];
        char room[256];
        struct plait_text names = plait_text(room, sizeof room);
        const json_t *cell;
        if (strcmp(row->kind, "threat") || !columns_where(t, row, wanted, &names, &cell))
            continue;
        if (!any) {
            plait_grid_heading(grid, "");
            plait_grid_heading(grid, heading);
            plait_grid_cell(grid, "");
            plait_table_titles(grid, titles);
        }
        any = true;
        grid_worse_row(grid, row, room, cell);
    }
    plait_grid_end(grid, t->page);
}

void plait_table_worse(const struct plait_table *t)
{
    put_block(t, "worse than TCP", is_worse);
    put_block(t, "wider than TCP: worse only against the dialled path", is_wider);
    put_block(t, "broken, and TCP has nothing to compare it with", plait_cell_is_apart);
}
