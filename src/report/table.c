/* report/table.c: the answer first, in one sentence; then what is worse; then the matrix; then each
 * threat by itself (DESIGN §11).  Its parts are table_lead.c, table_worse.c, table_matrix.c and
 * table_cells.c. */
#include "report/table.h"

#include <stdio.h>
#include <string.h>

#include "report/agreement.h"
#include "report/answers.h"
#include "report/conclusion.h"
#include "report/words.h"

/* ---- words that parts share --------------------------------------------------------------- */

const char *plait_table_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

bool plait_table_is_error(const json_t *cell)
{
    return strcmp(plait_field(cell, "outcome", ""), "error") == 0;
}

void plait_table_add_column(struct plait_text *text, const struct plait_column *column)
{
    plait_text_add(text, "%s%s%s", column->mechanism, *column->policy ? " " : "", column->policy);
}

/* "PART, no spoofing" where others of that position may: it can be the whole difference to TCP. */
const char *plait_table_position(const json_t *cell, char *room, size_t room_octets)
{
    const char *position = plait_field(cell, "position", "–");
    bool without = json_is_false(json_object_get(cell, "spoofing")) && strcmp(position, "OFF-NS");
    snprintf(room, room_octets, "%s%s", position, without ? ", no spoofing" : "");
    return room;
}

/* The price in a cell, or in its `tcp`; a dash where there is none to be known. */
void plait_table_price(struct plait_grid *grid, const json_t *cell, const json_t *priced)
{
    char price[PLAIT_PRICE_ROOM];
    bool decided = plait_outcome_decided(plait_field(cell, "outcome", NULL));
    plait_price(json_object_get(priced, "cost"), price);
    plait_grid_cell(grid, decided && json_is_object(priced) ? price : "–");
}

void plait_table_titles(struct plait_grid *grid, const char *const *titles)
{
    for (; *titles; titles++)
        plait_grid_cell(grid, *titles);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* The threat worth explaining first: the worst. */
static void put_next(const struct plait_table *t)
{
    const struct plait_row *worst = NULL;
    for (size_t i = 0; i < t->summary->row_count; i++) {
        const struct plait_row *row = &t->summary->rows[i];
        if (strcmp(row->kind, "threat") == 0 && row->cell &&
            (!worst || plait_cell_compare(row->cell, worst->cell) > 0))
            worst = row;
    }
    plait_page_add(t->page, "\nNext: plait explain %s", worst ? worst->threat : "ID");
    if (!t->view->all_cells)
        plait_page_put(t->page, " · every cell: --format jsonl");
    if (t->view->out_dir)
        plait_page_add(t->page, " · report: %s", t->view->out_dir);
    plait_page_put(t->page, "\n");
}

static void put_expectation(const struct plait_table *t)
{
    const json_t *difference = t->view->judgement->difference;
    if (!difference)
        return;
    plait_page_add(t->page, "Against %s: ",
                   t->view->expectation_name ? t->view->expectation_name : "the expectation");
    plait_render_difference_table(t->page, difference);
}

void plait_render_table(const struct plait_page *page, const struct plait_view *view)
{
    const json_t *document = view->judgement->document;
    struct plait_summary *summary = plait_summary_new(document);
    const struct plait_table t = {page, view, document, summary};
    json_t *answers = plait_answers(document);
    plait_table_sentence(&t);
    plait_render_conclusion(page, json_object_get(answers, "conclusion"));
    plait_table_circumstances(&t);
    plait_render_agreement(page, document);
    plait_table_trouble(&t);
    plait_table_lateness(&t);
    plait_table_flakes(&t);
    put_expectation(&t);
    plait_table_worse(&t);
    plait_render_undeployable(page, summary);
    plait_table_matrix(&t);
    plait_render_answers(page, answers);
    plait_table_threats(&t);
    if (view->all_cells)
        plait_table_all_cells(&t);
    put_next(&t);
    json_decref(answers);
    plait_summary_free(summary);
}
