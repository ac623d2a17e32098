/* cli/doctor.c: plait doctor: what a live run needs, what is missing, how to get it. */
#include "cli/commands.h"
#include "lab/analyze.h"
#include "report/folder.h"
#include "report/judge.h"
#include "report/render.h"
#include "terminal/console.h"

enum { NEEDS_MAX = 64 };

static const struct plait_option options[] = {{.name = NULL}};

struct findings {
    struct plait_need needs[NEEDS_MAX];
    unsigned count;
    unsigned missing; /* required */
    unsigned wanting; /* not required */
};

static struct findings look(void)
{
    struct findings f = {.count = 0};
    f.count = plait_live_doctor(f.needs, NEEDS_MAX);
    for (unsigned i = 0; i < f.count; i++) {
        f.missing += !f.needs[i].met && f.needs[i].required;
        f.wanting += !f.needs[i].met && !f.needs[i].required;
    }
    return f;
}

static json_t *need_json(const struct plait_need *need)
{
    return json_pack("{s:s,s:b,s:b,s:s}", "name", need->name, "met", need->met, "required",
                     need->required, "detail", need->detail);
}

static json_t *findings_json(const struct findings *f)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < f->count; i++)
        json_array_append_new(array, need_json(&f->needs[i]));
    return json_pack("{s:i,s:s,s:o}", "schema", 1, "plait", PLAIT_VERSION, "needs", array);
}

static const char *word_of(const struct plait_need *need)
{
    return need->met ? "ok" : need->required ? "MISSING" : "absent, not required";
}

static void show_table(const struct plait_page *page, const struct findings *f)
{
    if (f->missing)
        plait_page_add(page, "plait cannot attack this machine's kernel: %u thing%s missing.\n",
                       f->missing, f->missing == 1 ? " is" : "s are");
    else
        plait_page_put(page, "plait can attack this machine's kernel.\n");
    struct plait_grid *grid = plait_grid_new(3);
    for (unsigned i = 0; i < f->count; i++) {
        plait_grid_cellf(grid, "  %s", word_of(&f->needs[i]));
        plait_grid_cell(grid, f->needs[i].name);
        plait_grid_cell(grid, f->needs[i].detail);
    }
    plait_grid_end(grid, page);
}

static void show_tap(const struct plait_page *page, const struct findings *f)
{
    plait_page_add(page, "TAP version 13\n1..%u\n", f->count);
    for (unsigned i = 0; i < f->count; i++) {
        const struct plait_need *need = &f->needs[i];
        plait_page_add(page, "%s %u - %s%s\n", need->met || !need->required ? "ok" : "not ok",
                       i + 1, need->name, need->met || need->required ? "" : " # SKIP absent");
    }
}

static void show(const struct plait_options *o, const struct findings *f, const json_t *json)
{
    const struct plait_page page = plait_console_page();
    const json_t *needs = json_object_get(json, "needs");
    if (o->format == PLAIT_FORMAT_TABLE)
        show_table(&page, f);
    else if (o->format == PLAIT_FORMAT_JSON)
        plait_render_json(&page, json);
    else if (o->format == PLAIT_FORMAT_TAP)
        show_tap(&page, f);
    for (size_t i = 0; o->format == PLAIT_FORMAT_JSONL && i < json_array_size(needs); i++)
        plait_render_json_line(&page, json_array_get(needs, i));
}

static bool write_out(const struct plait_options *o, const json_t *json)
{
    char error[PATH_MAX + 256];
    struct plait_folder folder;
    if (!o->out || (plait_folder_open(&folder, o->out, 1 << 20, error, sizeof error) &&
                    plait_folder_commit(&folder, "doctor.json", json, error, sizeof error)))
        return true;
    plait_complain("doctor", "--out %s", error);
    return false;
}

static enum plait_status status_of(const struct plait_options *o, const struct findings *f)
{
    if (f->missing)
        return PLAIT_STATUS_ENVIRONMENT;
    return o->strict && f->wanting ? PLAIT_STATUS_UNDECIDED : PLAIT_STATUS_COMPLETED;
}

static int run_doctor(const struct plait_options *o)
{
    if (o->expect || o->fail_on) {
        plait_complain("doctor", "--%s: there are no findings to judge here",
                       o->expect ? "expect" : "fail-on");
        return PLAIT_STATUS_USAGE;
    }
    const struct findings f = look();
    json_t *json = findings_json(&f);
    enum plait_status status = PLAIT_STATUS_USAGE;
    if (write_out(o, json)) {
        show(o, &f, json);
        status = status_of(o, &f);
    }
    json_decref(json);
    return (int)status;
}

const struct plait_command plait_command_doctor = {
    .name = "doctor",
    .operands = "",
    .brief = "say what a run needs and what is missing",
    .summary = "Looks at what a run against this machine's kernel needs, and says what is missing "
               "and how to get it.",
    .options = options,
    .run = run_doctor,
};
