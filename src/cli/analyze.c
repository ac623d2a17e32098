/* cli/analyze.c: plait analyze, the main job. */
#include "cli/commands.h"
#include "cli/run.h"
#include "report/explain.h"
#include "terminal/console.h"

static const struct plait_option options[] = {
    {.name = "list",
     .help = "list the threats, baselines and controls, and run nothing",
     .offset = PLAIT_OPTION_AT(list)},
    {.name = "threat",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "GLOB",
     .help = "only threats whose ID matches, such as T-TS-2 or 'T-RES-*'",
     .offset = PLAIT_OPTION_AT(threat)},
    {.name = "position",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "P",
     .help = "only attackers in this position, such as PE-H",
     .offset = PLAIT_OPTION_AT(position)},
    PLAIT_RUN_OPTIONS,
    {.name = "repeat",
     .kind = PLAIT_OPTION_COUNT,
     .argument = "N",
     .help = "run each cell N times and print how many differed (1)",
     .offset = PLAIT_OPTION_AT(repeat),
     .min = 1,
     .max = 1000},
    {.name = "full",
     .help = "also the slow variants; the table lists every cell",
     .offset = PLAIT_OPTION_AT(full)},
    {.name = NULL},
};

static json_t *list_json(const struct plait_threat_info *infos, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, plait_threat_json(&infos[i]));
    return array;
}

static void list_tap(const struct plait_page *page, const json_t *array)
{
    fprintf(page->stream, "TAP version 13\n1..%zu\n", json_array_size(array));
    for (size_t i = 0; i < json_array_size(array); i++)
        fprintf(page->stream, "ok %zu - %s # SKIP listed, not run\n", i + 1,
                json_string_value(json_object_get(json_array_get(array, i), "id")));
}

static int list(const struct plait_options *o)
{
    size_t count;
    const struct plait_threat_info *infos = plait_threat_infos(&count);
    const struct plait_page page = plait_console_page();
    json_t *array = list_json(infos, count);
    if (o->format == PLAIT_FORMAT_TABLE)
        plait_render_threats(&page, infos, count);
    else if (o->format == PLAIT_FORMAT_JSON)
        plait_render_json(&page, array);
    else if (o->format == PLAIT_FORMAT_TAP)
        list_tap(&page, array);
    for (size_t i = 0; o->format == PLAIT_FORMAT_JSONL && i < count; i++)
        plait_render_json_line(&page, json_array_get(array, i));
    json_decref(array);
    return PLAIT_STATUS_COMPLETED;
}

static enum plait_status show(struct plait_run *run)
{
    const struct plait_options *o = run->options;
    const struct plait_page page = plait_console_page();
    const struct plait_view view = {&run->judgement, o->expect, run->out, o->full};
    plait_render(&page, (enum plait_format)o->format, &view);
    return plait_judge(&run->judgement);
}

/* Of three thousand cells captures are gigabytes, which nobody gets who did not ask for them. */
static bool is_of_all(const struct plait_options *o)
{
    return o->full && !o->threat && !o->position && !o->cell;
}

static int run_analyze(const struct plait_options *o)
{
    if (o->list)
        return list(o);
    if ((o->threat && !plait_check_threat("analyze", "--threat ", o->threat)) ||
        !plait_check_position("analyze", o->position))
        return PLAIT_STATUS_USAGE;
    struct plait_run run = {.command = "analyze",
                            .options = o,
                            .threat_glob = o->threat,
                            .cell_glob = o->cell,
                            .out = o->out || o->from ? o->out : "plait-report",
                            .captures = o->out || !is_of_all(o)};
    enum plait_status status = plait_run_make(&run);
    if (run.document)
        status = plait_status_first(status, show(&run));
    plait_run_free(&run);
    return (int)status;
}

const struct plait_command plait_command_analyze = {
    .name = "analyze",
    .operands = "",
    .brief = "attack Multipath TCP beside plain TCP, and say where it is worse",
    .summary =
        "Runs the known threats as real packets beside the best attacks on plain TCP, and "
        "says where\nMultipath TCP is worse: of our own endpoint, in virtual time and without "
        "privileges, or of this\nmachine's kernel.  The report goes to plait-report/ unless "
        "--out says otherwise,\nand a capture of each cell; of all cells with --full, which are "
        "gigabytes, only with --out.",
    .options = options,
    .run = run_analyze,
};
