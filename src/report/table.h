/* report/table.h: what the parts of a table share (table.c and the files beside it). */
#ifndef PLAIT_REPORT_TABLE_H
#define PLAIT_REPORT_TABLE_H

#include "base/text.h"
#include "report/render.h"
#include "report/summary.h"

struct plait_table {
    const struct plait_page *page;
    const struct plait_view *view;
    const json_t *document;
    const struct plait_summary *summary;
};

/* ---- table.c ------------------------------------------------------------------------------ */

/* "s" unless COUNT is 1. */
const char *plait_table_plural(size_t count);
bool plait_table_is_error(const json_t *cell);
/* "v1 default". */
void plait_table_add_column(struct plait_text *text, const struct plait_column *column);
/* "PART, no spoofing" where others of that position may: it can be the whole difference to TCP. */
const char *plait_table_position(const json_t *cell, char *room, size_t room_octets);
/* The price in a cell, or in its `tcp`; a dash where there is none to be known. */
void plait_table_price(struct plait_grid *grid, const json_t *cell, const json_t *priced);
/* NULL ends them. */
void plait_table_titles(struct plait_grid *grid, const char *const *titles);

/* ---- the parts ---------------------------------------------------------------------------- */

void plait_table_sentence(const struct plait_table *t);
void plait_table_circumstances(const struct plait_table *t);
void plait_table_trouble(const struct plait_table *t);
void plait_table_lateness(const struct plait_table *t);
void plait_table_flakes(const struct plait_table *t);
void plait_table_worse(const struct plait_table *t);
void plait_table_matrix(const struct plait_table *t);
void plait_table_threats(const struct plait_table *t);
void plait_table_all_cells(const struct plait_table *t);

#endif
