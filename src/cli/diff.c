/* cli/diff.c: plait diff EARLIER LATER. */
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "report/diff.h"
#include "report/document.h"
#include "report/folder.h"
#include "report/render.h"
#include "terminal/console.h"

static const struct plait_option options[] = {{.name = NULL}};

static json_t *load(const char *file)
{
    char error[1024];
    json_t *document = plait_document_load(file, error, sizeof error);
    if (!document)
        plait_complain("diff", "%s", error);
    return document;
}

static bool write_out(const struct plait_options *o, const json_t *difference)
{
    char error[PATH_MAX + 256];
    struct plait_folder folder;
    if (!o->out || (plait_folder_open(&folder, o->out, 1 << 20, error, sizeof error) &&
                    plait_folder_commit(&folder, "diff.json", difference, error, sizeof error)))
        return true;
    plait_complain("diff", "--out %s", error);
    return false;
}

static enum plait_status compare(const struct plait_options *o, const json_t *earlier,
                                 const json_t *later)
{
    char date[16];
    time_t now = time(NULL);
    struct tm parts;
    strftime(date, sizeof date, "%F", gmtime_r(&now, &parts));
    json_t *difference = plait_diff(earlier, later, NULL, date);
    enum plait_status status = PLAIT_STATUS_USAGE;
    if (write_out(o, difference)) {
        const struct plait_page page = plait_console_page();
        plait_render_difference(&page, (enum plait_format)o->format, difference);
        status = plait_judge_difference(difference, (enum plait_level)o->fail_on);
        if (json_integer_value(json_object_get(difference, "compared")) == 0)
            status = plait_status_first(status, PLAIT_STATUS_UNDECIDED);
    }
    json_decref(difference);
    return status;
}

static int run_diff(const struct plait_options *o)
{
    if (o->expect) {
        plait_complain("diff", "--expect: EARLIER is the expectation; --fail-on makes it fail");
        return PLAIT_STATUS_USAGE;
    }
    json_t *earlier = load(o->operands[0]);
    json_t *later = earlier ? load(o->operands[1]) : NULL;
    enum plait_status status = PLAIT_STATUS_USAGE;
    if (later)
        status = compare(o, earlier, later);
    json_decref(earlier);
    json_decref(later);
    return (int)status;
}

const struct plait_command plait_command_diff = {
    .name = "diff",
    .operands = "EARLIER LATER",
    .operand_count = 2,
    .brief = "compare the verdicts of two reports",
    .summary = "Compares the verdicts of two reports, cell by cell.  With --fail-on: alert if one "
               "became worse than\nTCP, warning if wider, note if any differs.",
    .options = options,
    .run = run_diff,
};
