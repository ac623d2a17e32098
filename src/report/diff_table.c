/* report/diff_table.c: a difference for people: one sentence, then what changed. */
#include <string.h>

#include "base/text.h"
#include "report/render.h"
#include "report/words.h"

static unsigned count_of(const json_t *difference, const char *name)
{
    return (unsigned)json_integer_value(json_object_get(difference, name));
}

static void put_sentence(const struct plait_page *page, const json_t *difference)
{
    unsigned worse = count_of(difference, "worse"), better = count_of(difference, "better");
    unsigned other = count_of(difference, "other"), compared = count_of(difference, "compared");
    if (worse + better + other == 0)
        plait_page_add(page, "no verdict differs in %u cells compared", compared);
    else
        plait_page_add(page,
                       "%u of %u verdicts differ: %u for the worse, %u for the better, "
                       "%u otherwise",
                       worse + better + other, compared, worse, better, other);
    plait_page_add(page, "; %u new, %u missing, %u known.\n", count_of(difference, "new"),
                   count_of(difference, "missing"), count_of(difference, "known"));
}

/* "BROKEN read worse" */
static void grid_verdict(struct plait_grid *grid, const json_t *verdict)
{
    const char *outcome = plait_field(verdict, "outcome", "–");
    plait_grid_cellf(grid, "%s %s %s", plait_outcome_shown(outcome),
                     plait_field(verdict, "goal", ""), plait_field(verdict, "versus_tcp", ""));
}

/* "inject same -> worse" for goals that the cell's own verdict does not name. */
static void add_goals(struct plait_text *text, const json_t *before, const json_t *after)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(before, "goals"), name, value)
    {
        const json_t *later = json_object_get(json_object_get(after, "goals"), name);
        const char *was = json_string_value(value), *is = json_string_value(later);
        if (later && !json_equal(value, later) && strcmp(name, plait_field(after, "goal", "")))
            plait_text_add(text, "%s%s: %s → %s", text->length ? ", " : "", name, was ? was : "–",
                           is ? is : "–");
    }
}

static void add_known(struct plait_text *text, const json_t *known)
{
    if (!json_is_object(known))
        return;
    bool holds = json_is_true(json_object_get(known, "holds"));
    plait_text_add(text, "%sknown%s until %s: %s", text->length ? "; " : "",
                   holds ? "" : " (no longer forgiven)", plait_field(known, "until", ""),
                   plait_field(known, "reason", ""));
}

static void grid_change(struct plait_grid *grid, const json_t *change)
{
    const json_t *before = json_object_get(change, "before");
    const json_t *after = json_object_get(change, "after");
    char room[512];
    struct plait_text note = plait_text(room, sizeof room);
    add_goals(&note, before, after);
    add_known(&note, json_object_get(change, "known"));
    plait_grid_cellf(grid, "  %s", plait_field(change, "change", ""));
    plait_grid_cell(grid, plait_field(change, "id", ""));
    grid_verdict(grid, before);
    plait_grid_cell(grid, "→");
    grid_verdict(grid, after);
    plait_grid_cell(grid, room);
}

void plait_render_difference_table(const struct plait_page *page, const json_t *difference)
{
    static const char *const order[] = {"worse", "missing", "other", "better", "new"};
    const json_t *changes = json_object_get(difference, "changes");
    struct plait_grid *grid = plait_grid_new(6);
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < json_array_size(changes); i++) {
            const json_t *change = json_array_get(changes, i);
            if (strcmp(plait_field(change, "change", ""), order[k]) == 0)
                grid_change(grid, change);
        }
    put_sentence(page, difference);
    plait_grid_end(grid, page);
}
