/* report/reach.c: minimal sets of positions, and windows. */
#include "report/reach.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/words.h"

enum { STANDINGS_MAX = 64 };

bool plait_cell_standing(const json_t *cell, struct plait_position *standing)
{
    const struct plait_position *row = plait_position(plait_field(cell, "position", ""));
    if (row)
        *standing = plait_position_standing(row, json_is_true(json_object_get(cell, "spoofing")));
    return row;
}

const char *plait_position_window(const struct plait_position *standing)
{
    switch (standing->presence) {
    case PLAIT_FIRST_HANDSHAKE:
        return "the first handshake";
    case PLAIT_LATER_HANDSHAKE:
        return "a later handshake";
    case PLAIT_ALWAYS_THERE:
        return standing->participant ? "his own connection" : "while he is there";
    default:
        return standing->beside & PLAIT_INHERITS ? "once an address changed hands" : "any time";
    }
}

/* ---- one threat under one mechanism ------------------------------------------------------- */

struct standings {
    struct plait_position rows[STANDINGS_MAX];
    size_t count;
};

static void add_standing(struct standings *all, const struct plait_position *standing)
{
    for (size_t i = 0; i < all->count; i++)
        if (!strcmp(all->rows[i].name, standing->name) &&
            all->rows[i].may_spoof == standing->may_spoof)
            return;
    if (all->count < STANDINGS_MAX) /* more than there are positions, with and without spoofing */
        all->rows[all->count++] = *standing;
}

static void collect(const struct plait_matrix *matrix, const char *threat, const char *mechanism,
                    struct standings *all)
{
    size_t at = 0;
    const json_t *cell;
    struct plait_position standing;
    *all = (struct standings){.count = 0};
    while ((cell = plait_matrix_next(matrix, threat, mechanism, &at)))
        if (plait_cell_is_broken(cell) && plait_cell_standing(cell, &standing))
            add_standing(all, &standing);
}

/* As in a cell's ID. */
static json_t *name_of(const struct plait_position *standing)
{
    const struct plait_position *row = plait_position(standing->name);
    bool without = row && row->may_spoof && !standing->may_spoof;
    return json_sprintf("%s%s", standing->name, without ? "-no-spoof" : "");
}

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static json_t *reach_of(const char *threat, const char *mechanism, const struct standings *all)
{
    bool is_minimal[STANDINGS_MAX];
    json_t *positions = json_array(), *windows = json_array();
    plait_position_minimal(all->rows, all->count, is_minimal);
    for (size_t i = 0; i < all->count; i++) {
        if (!is_minimal[i])
            continue;
        const char *window = plait_position_window(&all->rows[i]);
        json_array_append_new(positions, name_of(&all->rows[i]));
        if (!has_text(windows, window))
            json_array_append_new(windows, json_string(window));
    }
    return json_pack("{s:s,s:s,s:o,s:o}", "threat", threat, "mechanism", mechanism, "positions",
                     positions, "windows", windows);
}

json_t *plait_reach(const struct plait_matrix *matrix)
{
    json_t *all = json_array();
    struct standings standings;
    for (size_t i = 0; i < plait_matrix_threats(matrix); i++)
        for (const char *const *name = plait_matrix_mechanisms; *name; name++) {
            const char *threat = plait_matrix_threat(matrix, i);
            collect(matrix, threat, *name, &standings);
            if (standings.count)
                json_array_append_new(all, reach_of(threat, *name, &standings));
        }
    return all;
}

/* ---- as text ------------------------------------------------------------------------------ */

static void add_list(struct plait_text *text, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        plait_text_add(text, "%s%s", i ? ", " : "", json_string_value(json_array_get(list, i)));
}

/* Mechanisms of one threat that are reached from the same positions share a line. */
static void grid_alike(struct plait_grid *grid, const json_t *reach, size_t first)
{
    const json_t *lead = json_array_get(reach, first);
    char room[256];
    struct plait_text names = plait_text(room, sizeof room);
    for (size_t i = first; i < json_array_size(reach); i++) {
        const json_t *one = json_array_get(reach, i);
        if (!strcmp(plait_field(one, "threat", ""), plait_field(lead, "threat", "")) &&
            json_equal(json_object_get(one, "positions"), json_object_get(lead, "positions")))
            plait_text_add(&names, "%s%s", i == first ? "" : ", ",
                           plait_field(one, "mechanism", ""));
    }
    char from[512], when[256];
    struct plait_text positions = plait_text(from, sizeof from);
    struct plait_text windows = plait_text(when, sizeof when);
    add_list(&positions, json_object_get(lead, "positions"));
    add_list(&windows, json_object_get(lead, "windows"));
    plait_grid_cellf(grid, "  %s", plait_field(lead, "threat", ""));
    plait_grid_cell(grid, room);
    plait_grid_cell(grid, from);
    plait_grid_cell(grid, when);
}

static bool was_shown(const json_t *reach, size_t index)
{
    const json_t *one = json_array_get(reach, index);
    for (size_t i = 0; i < index; i++) {
        const json_t *other = json_array_get(reach, i);
        if (!strcmp(plait_field(one, "threat", ""), plait_field(other, "threat", "")) &&
            json_equal(json_object_get(one, "positions"), json_object_get(other, "positions")))
            return true;
    }
    return false;
}

void plait_render_reach(const struct plait_page *page, const json_t *reach)
{
    static const char *const titles[] = {"weakest positions that succeed", "under", "from", "when"};
    if (!json_array_size(reach))
        return;
    struct plait_grid *grid = plait_grid_new(4);
    plait_grid_heading(grid, "");
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        plait_grid_cell(grid, titles[i]);
    for (size_t i = 0; i < json_array_size(reach); i++)
        if (!was_shown(reach, i))
            grid_alike(grid, reach, i);
    plait_grid_end(grid, page);
}
