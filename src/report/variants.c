/* report/variants.c: holds variants of Basic MPTCP against the columns that they are made from. */
#include "report/variants.h"

#include <stdio.h>
#include <string.h>

#include "report/matrix.h"
#include "report/words.h"

static bool is_decided(const json_t *cell)
{
    return plait_outcome_decided(plait_field(cell, "outcome", NULL));
}

/* Decided cells of Basic MPTCP's own columns, by column and key. */
static json_t *columns_of(const json_t *cells)
{
    json_t *columns = json_object();
    for (size_t i = 0; i < json_array_size(cells); i++) {
        json_t *cell = json_array_get(cells, i);
        char key[PLAIT_CELL_KEY_ROOM], whole[PLAIT_CELL_KEY_ROOM + 64];
        if (!plait_field(cell, "model", NULL) || plait_field(cell, "variant_of", NULL) ||
            !is_decided(cell))
            continue;
        plait_cell_key(cell, key);
        snprintf(whole, sizeof whole, "%s/%s", plait_cell_column(cell), key);
        json_object_set(columns, whole, cell);
    }
    return columns;
}

static const json_t *counterpart(const json_t *columns, const json_t *variant)
{
    char key[PLAIT_CELL_KEY_ROOM], whole[PLAIT_CELL_KEY_ROOM + 64];
    plait_cell_key(variant, key);
    snprintf(whole, sizeof whole, "%s/%s", plait_cell_column(variant), key);
    return json_object_get(columns, whole);
}

/* The entry of a threat under a variant, new if need be. */
static json_t *entry_of(json_t *all, json_t *index, const json_t *cell, const json_t *column)
{
    char key[512];
    const char *threat = plait_field(cell, "threat", "");
    const char *variant = plait_field(cell, "mechanism", "");
    bool is_model = strcmp(plait_field(cell, "model", ""), plait_field(column, "model", "")) != 0;
    snprintf(key, sizeof key, "%s/%s", threat, variant);
    json_t *entry = json_object_get(index, key);
    if (entry)
        return entry;
    entry = json_pack("{s:s,s:s,s:s,s:s,s:i,s:i,s:i}", "threat", threat, "column",
                      plait_cell_column(cell), "variant", variant, "differs",
                      is_model ? "model" : "switch", "cells", 0, "stops", 0, "opens", 0);
    json_object_set(index, key, entry);
    json_array_append_new(all, entry);
    return entry;
}

static void count(json_t *entry, const char *name, bool is_so)
{
    json_int_t before = json_integer_value(json_object_get(entry, name));
    json_object_set_new(entry, name, json_integer(before + is_so));
}

json_t *plait_variants(const json_t *document)
{
    const json_t *cells = json_object_get(document, "cells");
    json_t *all = json_array(), *index = json_object(), *columns = columns_of(cells);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i);
        if (!plait_field(cell, "variant_of", NULL) || !is_decided(cell))
            continue;
        const json_t *column = counterpart(columns, cell);
        if (!column)
            continue;
        json_t *entry = entry_of(all, index, cell, column);
        bool here = plait_cell_is_broken(cell), there = plait_cell_is_broken(column);
        count(entry, "cells", true);
        count(entry, "stops", there && !here);
        count(entry, "opens", here && !there);
    }
    json_decref(columns);
    json_decref(index);
    return all;
}

/* ---- as text ------------------------------------------------------------------------------ */

static long long number(const json_t *entry, const char *name)
{
    return json_integer_value(json_object_get(entry, name));
}

static void grid_difference(struct plait_grid *grid, const json_t *entry)
{
    bool is_model = strcmp(plait_field(entry, "differs", ""), "model") == 0;
    plait_grid_cellf(grid, "  %s", plait_field(entry, "threat", ""));
    plait_grid_cellf(grid, "%s beside %s", plait_field(entry, "variant", ""),
                     plait_field(entry, "column", ""));
    plait_grid_cellf(grid, "stops %lld and opens %lld of %lld cells", number(entry, "stops"),
                     number(entry, "opens"), number(entry, "cells"));
    plait_grid_cell(grid, is_model ? "model-dependent: not concluded from" : "the switch does it");
}

void plait_render_variants(const struct plait_page *page, const json_t *variants)
{
    long long cells = 0, alike = 0;
    struct plait_grid *grid = plait_grid_new(4);
    for (size_t i = 0; i < json_array_size(variants); i++) {
        const json_t *entry = json_array_get(variants, i);
        long long differ = number(entry, "stops") + number(entry, "opens");
        cells += number(entry, "cells");
        alike += number(entry, "cells") - differ;
        if (differ)
            grid_difference(grid, entry);
    }
    if (cells)
        plait_page_add(page,
                       "\nvariants of Basic MPTCP: %lld of %lld cells break or not as in their "
                       "column%s\n",
                       alike, cells, alike < cells ? "; the others:" : "");
    plait_grid_end(grid, page);
}
