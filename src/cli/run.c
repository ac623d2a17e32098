/* cli/run.c: one analysis as a command sees it. */
#include "cli/run.h"

#include <fnmatch.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/nearest.h"
#include "cli/progress.h"
#include "report/answers.h"
#include "report/document.h"
#include "report/summary.h"
#include "terminal/console.h"

const char *const plait_target_words[] = {"linux", "plait", NULL};      /* as enum plait_target */
const char *const plait_device_words[] = {"auto", "tun", "veth", NULL}; /* as enum plait_device */

/* ---- words that only the lab knows -------------------------------------------------------- */

bool plait_check_threat(const char *command, const char *what, const char *glob)
{
    size_t count;
    const struct plait_threat_info *infos = plait_threat_infos(&count);
    struct plait_nearest nearest = {.word = glob};
    for (size_t i = 0; i < count; i++) {
        if (fnmatch(glob, infos[i].id, 0) == 0)
            return true;
        plait_nearest_try(&nearest, infos[i].id);
    }
    plait_complain(command, "%s%s: no such threat (nearest: %s)", what, glob,
                   nearest.best ? nearest.best : "none");
    return false;
}

bool plait_check_position(const char *command, const char *name)
{
    size_t count;
    const char *const *names = plait_position_names(&count);
    struct plait_nearest nearest = {.word = name};
    for (size_t i = 0; name && i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
        plait_nearest_try(&nearest, names[i]);
    }
    if (name)
        plait_complain(command, "--position %s: not known (nearest: %s)", name,
                       nearest.best ? nearest.best : "none");
    return !name;
}

/* ---- running ------------------------------------------------------------------------------ */

static void interrupt(int number)
{
    (void)number;
    plait_analysis_interrupted = 1;
}

/* The first signal ends the run in order, the second at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESETHAND | SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static enum plait_target end_of(const struct plait_options *o, unsigned chosen)
{
    return (enum plait_target)(chosen ? chosen - 1 : o->target);
}

static struct plait_analysis_request request_of(const struct plait_run *run)
{
    const struct plait_options *o = run->options;
    return (struct plait_analysis_request){
        .threat_glob = run->threat_glob,
        .position = o->position,
        .cell_glob = run->cell_glob,
        .client = end_of(o, o->client),
        .server = end_of(o, o->server),
        .seed = o->seed,
        .jobs = o->jobs,
        .repeat = o->repeat,
        .full = o->full,
        .allow_load = o->allow_load,
        .allow_kernel_risk = o->allow_kernel_risk,
        .out_dir = run->out && run->captures ? run->folder.partial : NULL,
        .device = (enum plait_device)o->device,
        .topology = o->topology ? &run->net.topology : NULL,
        .topology_file = o->topology,
        .traffic = o->workload ? &run->net.traffic : NULL,
        .workload_file = o->workload,
    };
}

static enum plait_status analyze(struct plait_run *run)
{
    char error[512] = "";
    const struct plait_analysis_request request = request_of(run);
    struct plait_progress_line line = plait_progress_line(run->options->quiet);
    run->document = plait_analyze(&request, plait_progress_show, &line, error, sizeof error);
    plait_progress_end(&line);
    char late[160];
    if (plait_lateness_text(run->document, late, sizeof late))
        plait_complain(run->command, "%s", late); /* whatever the format, and with --quiet */
    if (!run->document) {
        plait_complain(run->command, "%s", error);
        return PLAIT_STATUS_ENVIRONMENT;
    }
    if (plait_document_check(run->document, error, sizeof error))
        return PLAIT_STATUS_COMPLETED;
    plait_complain(run->command, "our own document breaks its schema: %s", error);
    return PLAIT_STATUS_FAILED;
}

/* ---- before and after ---------------------------------------------------------------------- */

static bool load(struct plait_run *run, const char *file, json_t **document)
{
    char error[1024];
    if (!file)
        return true;
    *document = plait_document_load(file, error, sizeof error);
    if (!*document)
        plait_complain(run->command, "%s", error);
    return *document;
}

static struct plait_diff_scope scope_of(const struct plait_run *run)
{
    return (struct plait_diff_scope){run->threat_glob, run->options->position, run->cell_glob};
}

/* Options select from an earlier report as they select from the lab. */
static void select_cells(const struct plait_run *run)
{
    const struct plait_diff_scope scope = scope_of(run);
    json_t *cells = json_object_get(run->document, "cells");
    for (size_t i = json_array_size(cells); i-- > 0;)
        if (!plait_in_scope(&scope, json_array_get(cells, i)))
            json_array_remove(cells, i);
}

static void set_date(struct plait_run *run)
{
    time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    strftime(run->date, sizeof run->date, "%F", &parts);
}

/* Everything that can fail is tried before the run. */
static bool prepare(struct plait_run *run)
{
    char error[PATH_MAX + 256];
    set_date(run);
    if ((run->options->load && !plait_analysis_load(run->options->load, error, sizeof error)) ||
        !plait_net_files_load(&run->net, run->options, error, sizeof error)) {
        plait_complain(run->command, "%s", error);
        return false;
    }
    if (!load(run, run->options->expect, &run->expectation) ||
        !load(run, run->options->from, &run->document))
        return false;
    select_cells(run);
    if (!run->out ||
        plait_folder_open(&run->folder, run->out, PLAIT_FOLDER_PROBE_OCTETS, error, sizeof error))
        return true;
    plait_complain(run->command, "--out %s", error);
    return false;
}

static void judge(struct plait_run *run)
{
    const struct plait_diff_scope scope = scope_of(run);
    if (run->expectation)
        run->difference = plait_diff(run->expectation, run->document, &scope, run->date);
    run->judgement =
        (struct plait_judgement){run->document, run->difference,
                                 (enum plait_level)run->options->fail_on, run->options->strict};
}

static bool write_report(struct plait_run *run)
{
    char error[PATH_MAX + 256];
    if (!run->out ||
        plait_folder_commit(&run->folder, "report.json", run->document, error, sizeof error))
        return true;
    plait_complain(run->command, "--out %s", error);
    run->out = NULL;
    return false;
}

enum plait_status plait_run_make(struct plait_run *run)
{
    catch_signals(); /* before there is a folder that would be left half-made */
    if (!prepare(run)) {
        json_decref(run->document); /* nothing is shown of a question that was not put right */
        run->document = NULL;
        return PLAIT_STATUS_USAGE;
    }
    enum plait_status status = run->document ? PLAIT_STATUS_COMPLETED : analyze(run);
    if (!run->document) {
        if (run->out)
            plait_folder_abandon(&run->folder);
        return status;
    }
    json_object_set_new(run->document, "rfc6181", plait_answers(run->document));
    judge(run);
    return write_report(run) ? status : PLAIT_STATUS_ENVIRONMENT;
}

void plait_run_free(struct plait_run *run)
{
    json_decref(run->difference);
    json_decref(run->expectation);
    json_decref(run->document);
}
