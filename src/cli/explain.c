/* cli/explain.c: plait explain ID. */
#include <string.h>

#include "cli/commands.h"
#include "cli/run.h"
#include "report/after.h"
#include "report/expected.h"
#include "report/explain.h"
#include "report/reach.h"
#include "report/words.h"
#include "terminal/console.h"

static const struct plait_option options[] = {
    PLAIT_RUN_OPTIONS,
    {.name = NULL},
};

/* One family shows the same ladder as the other. */
static const char default_cells[] = "*/ipv4";

static const struct plait_threat_info *find_threat(const char *id)
{
    size_t count;
    const struct plait_threat_info *infos = plait_threat_infos(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(infos[i].id, id) == 0)
            return &infos[i];
    return NULL;
}

static json_t *explanation_json(const struct plait_threat_info *info, const json_t *cell)
{
    json_t *whole = plait_threat_json(info);
    json_object_set_new(whole, "cell", cell ? json_incref((json_t *)(uintptr_t)cell) : json_null());
    return whole;
}

/* TAP judges the one cell that is shown. */
static void show_tap(const struct plait_page *page, const json_t *cell)
{
    json_t *cells = json_array();
    if (cell)
        json_array_append(cells, (json_t *)(uintptr_t)cell);
    json_t *document = json_pack("{s:b,s:o}", "complete", true, "cells", cells);
    const struct plait_judgement judgement = {.document = document};
    const struct plait_view view = {.judgement = &judgement};
    plait_render_tap(page, &view);
    json_decref(document);
}

/* What all cells of the threat say, beside the one that is told. */
static void show_all_cells(const struct plait_page *page, const json_t *document)
{
    const json_t *answers = json_object_get(document, "rfc6181");
    plait_render_reach(page, json_object_get(answers, "positions"));
    plait_render_after(page, json_object_get(answers, "after"));
    plait_render_expected(page, json_object_get(answers, "literature"));
}

static void show_table(const struct plait_page *page, const struct plait_threat_info *info,
                       const json_t *document, const json_t *cell)
{
    plait_render_explanation(page, info, cell);
    show_all_cells(page, document);
}

static void show(const struct plait_options *o, const struct plait_threat_info *info,
                 const json_t *document, const json_t *cell)
{
    const struct plait_page page = plait_console_page();
    json_t *whole = explanation_json(info, cell);
    if (o->format == PLAIT_FORMAT_TABLE)
        show_table(&page, info, document, cell);
    else if (o->format == PLAIT_FORMAT_JSON)
        plait_render_json(&page, whole);
    else if (o->format == PLAIT_FORMAT_JSONL)
        plait_render_json_line(&page, whole);
    else
        show_tap(&page, cell);
    json_decref(whole);
}

static enum plait_status conclude(struct plait_run *run, const json_t *cell)
{
    if (!cell)
        plait_complain(run->command, "no cell of %s was run: there is no ladder to show",
                       run->threat_glob);
    return plait_judge(&run->judgement);
}

static int run_explain(const struct plait_options *o)
{
    const char *id = o->operands[0];
    const struct plait_threat_info *info = find_threat(id);
    if (!info) {
        if (plait_check_threat("explain", "", id))
            plait_complain("explain", "%s: needs the ID of one threat", id);
        return PLAIT_STATUS_USAGE;
    }
    struct plait_run run = {.command = "explain",
                            .options = o,
                            .threat_glob = id,
                            .cell_glob = o->cell ? o->cell : default_cells,
                            .out = o->out,
                            .captures = true};
    enum plait_status status = plait_run_make(&run);
    const json_t *cell = plait_cell_to_explain(run.document, id);
    if (status != PLAIT_STATUS_USAGE) /* the record can be told whatever became of the run */
        show(o, info, run.document, cell);
    if (run.document)
        status = plait_status_first(status, conclude(&run, cell));
    plait_run_free(&run);
    return (int)status;
}

const struct plait_command plait_command_explain = {
    .name = "explain",
    .operands = "ID",
    .operand_count = 1,
    .brief = "run one threat and tell it, packet by packet",
    .summary = "Runs one threat and tells it: its record, the ladder of the run, what stops it and "
               "what remains.\nOf its cells the worst is shown; --cell chooses another.",
    .options = options,
    .run = run_explain,
};
