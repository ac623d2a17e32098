/* report/deployable.c: where a mechanism does not work: behind which box, and what breaks
 * (RFC 6181 §6.3).  Control cases measure it. */
#include <string.h>

#include "base/text.h"
#include "report/render.h"
#include "report/words.h"

bool plait_cell_is_undeployable(const json_t *cell)
{
    return json_is_false(json_object_get(cell, "deployable"));
}

static const char *why(const struct plait_row *row, unsigned column)
{
    const json_t *cell = row->columns[column].cell;
    return cell && plait_cell_is_undeployable(cell) ? plait_field(cell, "reason", "") : NULL;
}

/* All columns with the reason of the FIRST; false if an earlier one has it, too. */
static bool columns_like(const struct plait_summary *s, const struct plait_row *row, unsigned first,
                         struct plait_text *names)
{
    const char *reason = why(row, first);
    for (unsigned i = 0; i < s->column_count; i++) {
        const char *other = why(row, i);
        if (!other || strcmp(other, reason))
            continue;
        if (i < first)
            return false;
        plait_text_add(names, "%s%s%s%s", names->length ? ", " : "", s->columns[i].mechanism,
                       *s->columns[i].policy ? " " : "", s->columns[i].policy);
    }
    return true;
}

static void grid_row(struct plait_grid *grid, const struct plait_summary *s,
                     const struct plait_row *row, bool *any)
{
    for (unsigned i = 0; i < s->column_count; i++) {
        char room[256];
        struct plait_text names = plait_text(room, sizeof room);
        const char *reason = why(row, i);
        if (!reason || !columns_like(s, row, i, &names))
            continue;
        if (!*any) {
            plait_grid_heading(grid, "");
            plait_grid_heading(grid, "does not work everywhere");
            plait_grid_cell(grid, "");
            plait_grid_cell(grid, "");
            plait_grid_cell(grid, "under");
            plait_grid_cell(grid, "");
        }
        *any = true;
        plait_grid_cellf(grid, "  %s", row->threat);
        plait_grid_cell(grid, row->title);
        plait_grid_cell(grid, room);
        plait_grid_cell(grid, reason);
    }
}

void plait_render_undeployable(const struct plait_page *page, const struct plait_summary *summary)
{
    struct plait_grid *grid = plait_grid_new(4);
    plait_grid_limit(grid, 1, 44);
    bool any = false;
    for (size_t r = 0; r < summary->row_count; r++)
        grid_row(grid, summary, &summary->rows[r], &any);
    plait_grid_end(grid, page);
}
