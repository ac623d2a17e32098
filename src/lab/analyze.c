/* lab/analyze.c: selects cells, runs them all, and returns one document. */
#include "lab/analyze.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/panic.h"
#include "lab/absence.h"
#include "lab/cell.h"
#include "lab/fit.h"
#include "lab/judge.h"

enum { CELLS_MAX = 4096, INFOS_MAX = 256, WAIT_MS = 500 };

volatile sig_atomic_t plait_analysis_interrupted;

const struct plait_threat_info *plait_threat_infos(size_t *count)
{
    static struct plait_threat_info infos[INFOS_MAX];
    PLAIT_CHECK(plait_threat_count <= INFOS_MAX);
    for (size_t i = 0; i < plait_threat_count; i++)
        infos[i] = plait_threats[i]->info;
    *count = plait_threat_count;
    return infos;
}

bool plait_request_is_virtual(const struct plait_analysis_request *request)
{
    return request->client == PLAIT_TARGET_PLAIT && request->server == PLAIT_TARGET_PLAIT;
}

/* ---- which cells -------------------------------------------------------------------------- */

struct analysis {
    const struct plait_analysis_request *request;
    struct plait_cell *cells;
    unsigned count, done;
    unsigned columns; /* bits of enum plait_protocol that the present threat has cases in */
};
_Static_assert(PLAIT_PROTOCOL_COUNT + PLAIT_LOADED_MAX <= 32, "a bit for each column");

static bool wanted(const struct plait_analysis_request *request, const struct plait_cell *cell)
{
    if (request->threat_glob && fnmatch(request->threat_glob, cell->threat->info.id, 0) != 0)
        return false;
    if (request->position && strcmp(request->position, cell->played->position) != 0)
        return false;
    return !request->cell_glob || fnmatch(request->cell_glob, cell->id, FNM_EXTMATCH) == 0;
}

/* File names without the separators of a cell's ID. */
static void name_capture(const struct plait_analysis_request *request, struct plait_cell *cell)
{
    if (!request->out_dir)
        return;
    char flat[160];
    snprintf(flat, sizeof flat, "%s", cell->id);
    for (char *c = flat; *c; c++)
        if (*c == '/')
            *c = '_';
    snprintf(cell->capture_name, sizeof cell->capture_name, "captures/%s.pcapng", flat);
    snprintf(cell->capture, sizeof cell->capture, "%s/%s", request->out_dir, cell->capture_name);
}

static void add_cell(struct analysis *analysis, const struct plait_cell *made)
{
    struct plait_cell named = *made;
    plait_cell_name(&named);
    if (!wanted(analysis->request, &named))
        return;
    name_capture(analysis->request, &named);
    unsigned repeats = analysis->request->repeat ? analysis->request->repeat : 1;
    for (unsigned repeat = 0; repeat < repeats; repeat++) {
        PLAIT_CHECK(analysis->count < CELLS_MAX);
        named.repeat = repeat;
        analysis->cells[analysis->count++] = named;
    }
}

/* What limits stop a second after he left they stop later, and of a variant they stop what they
 * stop of its column: with them out of the way it shows what the mechanism does. */
static bool is_without_limits(const struct plait_cell *cell)
{
    return cell->late || plait_protocol_is_variant(cell->protocol);
}

static void add_policies(struct analysis *analysis, struct plait_cell cell,
                         enum plait_protocol protocol)
{
    cell.protocol = protocol;
    analysis->columns |= 1u << protocol;
    bool has_policies = plait_protocol_has_policies(protocol);
    for (int i = 0; i <= has_policies; i++) {
        cell.policy = (enum plait_policy)i;
        if (!has_policies || !is_without_limits(&cell) || cell.policy == PLAIT_POLICY_PERMISSIVE)
            add_cell(analysis, &cell);
    }
}

static bool is_listed(const char *const *names, const char *mechanism)
{
    for (const char *const *name = names; *name; name++)
        if (strcmp(*name, mechanism) == 0)
            return true;
    return false;
}

/* What is listed for a column applies to each that has its messages. */
static bool applies(const char *const *names, enum plait_protocol protocol)
{
    return is_listed(names, plait_protocol_name(plait_protocol_resembled(protocol)));
}

/* What a family changes of Basic MPTCP is the length of the addresses in its messages and under its
 * identifier: a few threats show that both work. */
static bool is_basic(enum plait_protocol protocol)
{
    enum plait_protocol like = plait_protocol_resembled(protocol);
    return like != PLAIT_TCP && like != PLAIT_MPTCP_V1 && like != PLAIT_MPTCP_V0;
}

/* A variant shows what another data plane, a switch or a secret changes, and none of them knows of
 * families, nor of what has aged. */
static bool is_played(const struct analysis *analysis, const struct plait_cell *cell,
                      enum plait_protocol protocol)
{
    bool is_enough = cell->family == PLAIT_IPV4 && !cell->late;
    if (plait_protocol_is_variant(protocol))
        return analysis->request->full && is_enough;
    if (cell->played->only_ipv4 || (is_basic(protocol) && !cell->threat->info.basic_on_ipv6))
        return cell->family == PLAIT_IPV4;
    return true;
}

/* Linux speaks TCP and v1 only. */
static bool is_spoken(const struct plait_analysis_request *request, enum plait_protocol protocol)
{
    return protocol == PLAIT_TCP || protocol == PLAIT_MPTCP_V1 || plait_request_is_virtual(request);
}

/* The columns of a case: plain TCP, and each mechanism that the record lists and both ends may
 * speak. */
static void add_columns(struct analysis *analysis, struct plait_cell cell)
{
    if (cell.played->tcp_too || cell.played->only_tcp)
        add_policies(analysis, cell, PLAIT_TCP);
    if (cell.played->only_tcp)
        return;
    const char *const *names = cell.played->only ? cell.played->only : cell.threat->info.mechanisms;
    for (int protocol = PLAIT_MPTCP_V1; protocol < plait_protocol_count(); protocol++)
        if (applies(names, (enum plait_protocol)protocol) &&
            !plait_protocol_lacks((enum plait_protocol)protocol, cell.played->needs) &&
            is_played(analysis, &cell, (enum plait_protocol)protocol) &&
            is_spoken(analysis->request, (enum plait_protocol)protocol))
            add_policies(analysis, cell, (enum plait_protocol)protocol);
}

static bool is_time_shifted(const struct plait_case *played)
{
    const struct plait_position *position = plait_position(played->position);
    return position->presence == PLAIT_FIRST_HANDSHAKE ||
           position->presence == PLAIT_LATER_HANDSHAKE;
}

static void add_case(struct analysis *analysis, const struct plait_threat *threat,
                     const struct plait_case *played)
{
    static const enum plait_family families[] = {PLAIT_IPV4, PLAIT_IPV6};
    bool is_live = !plait_request_is_virtual(analysis->request);
    if ((played->only_full || (threat->info.full_on_kernels && is_live)) &&
        !analysis->request->full)
        return;
    if (played->only_own && is_live && !analysis->request->full)
        return;
    const struct plait_traffic *traffic = analysis->request->traffic;
    const struct plait_topology *topology = analysis->request->topology;
    if (traffic && !plait_stands_for_twins(threat, played, traffic->kind))
        return;
    bool late_too = analysis->request->full && is_time_shifted(played) && !played->only_soon;
    struct plait_cell cell = {
        .threat = threat,
        .played = played,
        .workload = traffic ? traffic->kind : played->workload,
        .goals = traffic ? plait_goals_with(played->goals, traffic, played->victim) : played->goals,
        .paths = plait_paths_of(played, topology ? topology : &plait_own_topology),
    };
    for (int f = 0; f < 2; f++) /* numbers age alike in both families: one is played late */
        for (int late = 0; late <= (late_too && families[f] == PLAIT_IPV4); late++) {
            cell.family = families[f];
            cell.late = late;
            add_columns(analysis, cell);
        }
}

/* With --full a column of RFC 6181's matrix that the threat has no case in says why. */
static void add_absences(struct analysis *analysis, const struct plait_threat *threat)
{
    static const struct plait_case nowhere = {.form = "-", .position = "-"};
    if (!analysis->request->full || !plait_absence_is_shown(&threat->info))
        return;
    for (int p = 0; p < PLAIT_PROTOCOL_COUNT; p++) {
        enum plait_protocol protocol = (enum plait_protocol)p;
        struct plait_cell cell = {.threat = threat, .played = &nowhere};
        if ((analysis->columns >> p & 1) || plait_protocol_is_variant(protocol))
            continue;
        plait_absence_explain(&threat->info, protocol, is_spoken(analysis->request, protocol),
                              cell.absent, sizeof cell.absent);
        add_policies(analysis, cell, protocol);
    }
}

static void select_cells(struct analysis *analysis)
{
    analysis->cells = calloc(CELLS_MAX, sizeof *analysis->cells);
    PLAIT_CHECK(analysis->cells);
    for (size_t i = 0; i < plait_threat_count; i++) {
        analysis->columns = 0;
        for (size_t c = 0; c < plait_threats[i]->case_count; c++)
            add_case(analysis, plait_threats[i], &plait_threats[i]->cases[c]);
        add_absences(analysis, plait_threats[i]);
    }
}

/* ---- running them ------------------------------------------------------------------------- */

static void tell(const struct analysis *analysis, const struct plait_runner *runner,
                 void (*progress)(void *, const struct plait_progress *), void *self)
{
    if (!progress)
        return;
    const struct plait_progress now = {.cells_done = analysis->done,
                                       .cells_total = analysis->count,
                                       .runs_done = plait_runner_done(runner),
                                       .runs_running = plait_runner_running(runner),
                                       .current = plait_runner_current(runner)};
    progress(self, &now);
}

static void advance(struct analysis *analysis, struct plait_cell *cell,
                    const struct plait_cell_context *context)
{
    plait_cell_advance(cell, context);
    analysis->done += cell->record != NULL;
}

static void advance_woken(struct analysis *analysis, const struct plait_cell_context *context)
{
    struct plait_waiter *waiter;
    while ((waiter = plait_runner_woken(context->runner)))
        advance(analysis, PLAIT_OWNER(waiter, struct plait_cell, waiter), context);
}

/* ---- repeats: equal cells become one, with the rate of differing verdicts ----------------- */

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "-";
}

/* "broken, worse; read worse, inject same": outcome and every comparison (docs/RECORDS.md). */
static void verdict_text(const json_t *record, char *text, size_t room_octets)
{
    struct plait_text t = plait_text(text, room_octets);
    plait_text_add(&t, "%s, %s", text_of(record, "outcome"), text_of(record, "versus_tcp"));
    size_t i;
    json_t *goal;
    json_array_foreach(json_object_get(record, "goals"), i, goal) plait_text_add(
        &t, "%s %s %s", i ? "," : ";", text_of(goal, "goal"), text_of(goal, "versus_tcp"));
}

static json_t *merge_repeats(const struct plait_cell *first, unsigned repeats)
{
    json_t *verdicts = json_object();
    unsigned runs = 0, same = 0;
    char mine[256], other[256];
    verdict_text(first->record, mine, sizeof mine);
    for (unsigned i = 0; i < repeats; i++) {
        if (!first[i].record)
            continue;
        verdict_text(first[i].record, other, sizeof other);
        json_int_t count = json_integer_value(json_object_get(verdicts, other));
        json_object_set_new(verdicts, other, json_integer(count + 1));
        runs++;
        same += strcmp(mine, other) == 0;
    }
    return json_pack("{s:i,s:i,s:o}", "runs", (int)runs, "differing", (int)(runs - same),
                     "verdicts", verdicts);
}

static json_t *lateness_json(const struct plait_lateness *late)
{
    return json_pack("{s:I,s:i,s:i,s:I}", "limit_ns", (json_int_t)(PLAIT_LATE_LIMIT_MS * PLAIT_MS),
                     "repeated_runs", (int)late->repeated_runs, "repeats", (int)late->repeats,
                     "worst_ns", (json_int_t)late->worst_ns);
}

static json_t *document(const struct analysis *analysis, const char *release,
                        plait_time_ns duration_ns, const struct plait_lateness *late)
{
    unsigned repeats = analysis->request->repeat ? analysis->request->repeat : 1;
    json_t *cells = json_array();
    bool complete = true;
    for (unsigned i = 0; i < analysis->count; i += repeats) {
        struct plait_cell *cell = &analysis->cells[i];
        complete = complete && cell->record;
        if (!cell->record)
            continue;
        json_object_set_new(cell->record, "repeat", merge_repeats(cell, repeats));
        json_array_append(cells, cell->record);
    }
    const struct plait_analysis_request *request = analysis->request;
    char seed[24], target[48];
    if (request->client == request->server)
        snprintf(target, sizeof target, "%s", plait_target_name(request->client));
    else
        snprintf(target, sizeof target, "%s client, %s server", plait_target_name(request->client),
                 plait_target_name(request->server));
    snprintf(seed, sizeof seed, "0x%llx", (unsigned long long)analysis->request->seed);
    json_t *whole =
        json_pack("{s:i,s:s,s:s,s:s?,s:s,s:I,s:b,s:o,s:o}", "schema", 1, "plait", PLAIT_VERSION,
                  "target", target, "kernel", plait_request_is_virtual(request) ? NULL : release,
                  "seed", seed, "duration_ns", (json_int_t)duration_ns, "complete", complete,
                  "late", lateness_json(late), "cells", cells);
    plait_record_files(whole, request);
    return whole;
}

json_t *plait_analyze(const struct plait_analysis_request *request,
                      void (*progress)(void *self, const struct plait_progress *progress),
                      void *self, char *error, size_t error_octets)
{
    struct utsname uts;
    if (uname(&uts) != 0) {
        snprintf(error, error_octets, "the kernel does not tell its version");
        return NULL;
    }
    struct analysis analysis = {.request = request};
    struct plait_clock clock = plait_clock_wall();
    select_cells(&analysis);
    struct plait_splat_watch watch;
    plait_splat_open(&watch, NULL, NULL);
    struct plait_runner *runner = plait_runner_new(request->jobs, &watch);
    const struct plait_cell_context context = {request, runner, uts.release};
    for (unsigned i = 0; i < analysis.count && !plait_analysis_interrupted; i++)
        advance(&analysis, &analysis.cells[i], &context);
    while (!plait_analysis_interrupted) {
        advance_woken(&analysis, &context);
        tell(&analysis, runner, progress, self);
        if (analysis.done == analysis.count || !plait_runner_wait(runner, WAIT_MS))
            break;
    }
    const struct plait_lateness late = plait_runner_lateness(runner);
    json_t *result = document(&analysis, uts.release, clock.now(&clock), &late);
    for (unsigned i = 0; i < analysis.count; i++)
        json_decref(analysis.cells[i].record);
    plait_runner_free(runner);
    plait_splat_close(&watch);
    free(analysis.cells);
    return result;
}
