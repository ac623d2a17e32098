/* report/after.c: t_after of each threat under each mechanism. */
#include "report/after.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "report/words.h"

/* ---- the longest -------------------------------------------------------------------------- */

/* Only who left a path has been there and is not any more. */
static bool has_left(const json_t *after)
{
    return strcmp(plait_field(after, "since", ""), "left the path") == 0;
}

static json_int_t lasted_ns(const json_t *after)
{
    return json_integer_value(json_object_get(after, "lasted_ns"));
}

/* What still goes on is longer than what ended. */
static bool is_longer(const json_t *after, const json_t *than)
{
    bool lasts = json_is_true(json_object_get(after, "lasting"));
    bool lasted = json_is_true(json_object_get(than, "lasting"));
    return !than || (lasts != lasted ? lasts : lasted_ns(after) > lasted_ns(than));
}

/* Of the paths that TCP may use, the one with the longest effect. */
static const json_t *longest_on_tcp(const json_t *goal)
{
    const json_t *paths = json_object_get(goal, "tcp"), *longest = NULL;
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const json_t *path = json_array_get(paths, i);
        const json_t *after = json_object_get(path, "after");
        if (has_left(after) && is_longer(after, json_object_get(longest, "after")))
            longest = path;
    }
    return longest;
}

struct longest {
    const json_t *cell, *goal;
};

static void look_at(const json_t *cell, struct longest *longest)
{
    const json_t *goals = json_object_get(cell, "goals");
    for (size_t i = 0; i < json_array_size(goals); i++) {
        const json_t *goal = json_array_get(goals, i);
        const json_t *after = json_object_get(goal, "after");
        bool broken = strcmp(plait_field(goal, "outcome", ""), "broken") == 0;
        if (broken && has_left(after) && is_longer(after, json_object_get(longest->goal, "after")))
            *longest = (struct longest){cell, goal};
    }
}

static json_t *copy_or_null(const json_t *json)
{
    return json ? json_deep_copy(json) : json_null();
}

static json_t *after_of(const char *threat, const char *mechanism, const struct longest *longest)
{
    const json_t *tcp = longest_on_tcp(longest->goal);
    json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:s?}", "threat", threat, "mechanism", mechanism,
                             "cell", plait_field(longest->cell, "id", ""), "goal",
                             plait_field(longest->goal, "goal", ""), "tcp_attack",
                             plait_field(tcp, "attack", NULL));
    json_object_set_new(json, "after", copy_or_null(json_object_get(longest->goal, "after")));
    json_object_set_new(json, "tcp_after", copy_or_null(json_object_get(tcp, "after")));
    return json;
}

json_t *plait_after(const struct plait_matrix *matrix)
{
    json_t *all = json_array();
    for (size_t i = 0; i < plait_matrix_threats(matrix); i++)
        for (const char *const *name = plait_matrix_mechanisms + 1; *name; name++) {
            const char *threat = plait_matrix_threat(matrix, i);
            struct longest longest = {0};
            size_t at = 0;
            const json_t *cell;
            while ((cell = plait_matrix_next(matrix, threat, *name, &at)))
                look_at(cell, &longest);
            if (longest.goal)
                json_array_append_new(all, after_of(threat, *name, &longest));
        }
    return all;
}

/* ---- as text ------------------------------------------------------------------------------ */

static void grid_after(struct plait_grid *grid, const json_t *after)
{
    char duration[PLAIT_DURATION_ROOM];
    bool lasting = json_is_true(json_object_get(after, "lasting"));
    if (!json_is_object(after)) {
        plait_grid_cell(grid, "no effect");
        return;
    }
    plait_duration(json_integer_value(json_object_get(after, "watched_ns")), duration);
    if (lasting) {
        plait_grid_cellf(grid, "as long as the connection (%s watched)", duration);
        return;
    }
    plait_duration(lasted_ns(after), duration);
    plait_grid_cellf(grid, "last seen after %s", duration);
}

void plait_render_after(const struct plait_page *page, const json_t *after)
{
    static const char *const titles[] = {
        "effect after the attacker left", "under", "goal", "seen", "on TCP", ""};
    if (!json_array_size(after))
        return;
    struct plait_grid *grid = plait_grid_new(6);
    plait_grid_heading(grid, "");
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        plait_grid_cell(grid, titles[i]);
    for (size_t i = 0; i < json_array_size(after); i++) {
        const json_t *row = json_array_get(after, i);
        plait_grid_cellf(grid, "  %s", plait_field(row, "threat", ""));
        plait_grid_cell(grid, plait_field(row, "mechanism", ""));
        plait_grid_cell(grid, plait_field(row, "goal", ""));
        grid_after(grid, json_object_get(row, "after"));
        grid_after(grid, json_object_get(row, "tcp_after"));
        plait_grid_cell(grid, plait_field(row, "tcp_attack", ""));
    }
    plait_grid_end(grid, page);
}
