/* tests/lab/runs.c: see runs.h. */
#include "tests/lab/runs.h"

#include <stdio.h>

#include "lab/plan.h"

enum { NEEDS_MAX = 16, JOBS = 8 };

void skip_unless_live(void)
{
    struct plait_need needs[NEEDS_MAX];
    unsigned count = plait_live_doctor(needs, NEEDS_MAX);
    for (unsigned i = 0; i < count; i++)
        if (needs[i].required && !needs[i].met) {
            print_message("%s: %s\n", needs[i].name, needs[i].detail);
            skip();
        }
}

const struct plait_threat *find_threat(const char *id)
{
    for (size_t i = 0; i < plait_threat_count; i++)
        if (strcmp(plait_threats[i]->info.id, id) == 0)
            return plait_threats[i];
    fail_msg("no threat %s", id);
    return NULL;
}

const struct plait_case *find_case(const struct plait_threat *threat, const char *form,
                                   enum plait_side victim, enum plait_workload workload)
{
    for (size_t c = 0; c < threat->case_count; c++) {
        const struct plait_case *played = &threat->cases[c];
        if (strcmp(played->form, form) == 0 && played->victim == victim &&
            played->workload == workload)
            return played;
    }
    fail_msg("no case %s/%s", threat->info.id, form);
    return NULL;
}

struct plait_scenario scenario_of_case(const struct plait_threat *threat,
                                       const struct plait_case *played,
                                       enum plait_protocol protocol)
{
    const struct plait_analysis_request request = {OWN, .seed = 1};
    const struct plait_cell_context context = {.request = &request};
    const struct plait_cell cell = {.threat = threat,
                                    .played = played,
                                    .protocol = protocol,
                                    .family = PLAIT_IPV4,
                                    .workload = played->workload,
                                    .goals = played->goals,
                                    .paths = played->paths};
    return plait_plan_attack(&cell, &context);
}

struct plait_scenario ts_2_scenario(void)
{
    const struct plait_threat *threat = find_threat("T-TS-2");
    const struct plait_case *played = find_case(threat, "direct", PLAIT_SERVER, PLAIT_BULK);
    struct plait_scenario s = scenario_of_case(threat, played, PLAIT_MPTCP_V1);
    s.target[PLAIT_CLIENT] = s.target[PLAIT_SERVER] = PLAIT_TARGET_LINUX;
    s.watch_ns = 100 * PLAIT_MS;
    return s;
}

struct plait_scenario control_scenario(plait_time_ns control_ns)
{
    struct plait_scenario s = ts_2_scenario();
    s.script_id = s.form = "-";
    s.script = NULL;
    s.position = plait_position("OFF-NS");
    s.spoofing = false;
    s.away_ns = s.watch_ns = 0;
    s.control_ns = control_ns;
    return s;
}

json_t *report_of(const struct plait_scenario *scenario)
{
    struct plait_runner *runner = plait_runner_new(1, NULL);
    const json_t *report;
    while (!(report = plait_runner_need(runner, scenario, 0, "test")))
        plait_runner_wait(runner, 1000);
    json_t *copy = json_deep_copy(report);
    plait_runner_free(runner);
    assert_non_null(copy);
    return copy;
}

struct plait_scenario own(struct plait_scenario scenario)
{
    scenario.target[PLAIT_CLIENT] = scenario.target[PLAIT_SERVER] = PLAIT_TARGET_PLAIT;
    return scenario;
}

bool reached(const json_t *report, const char *goal)
{
    char path[64];
    snprintf(path, sizeof path, "goals.%s.reached", goal);
    return json_is_true(at(report, path));
}

json_t *record_of_ts_2(struct plait_analysis_request request)
{
    return record_of(TS_2_CELL, request);
}

json_t *record_of(const char *glob, struct plait_analysis_request request)
{
    char error[256] = "";
    request.cell_glob = glob;
    request.seed = 1;
    request.jobs = JOBS;
    request.repeat = 1;
    json_t *document = plait_analyze(&request, NULL, NULL, error, sizeof error);
    if (!document)
        fail_msg("%s", error);
    assert_true(json_is_true(json_object_get(document, "complete")));
    const json_t *cells = json_object_get(document, "cells");
    assert_int_equal(json_array_size(cells), 1);
    json_t *record = json_deep_copy(json_array_get(cells, 0));
    json_decref(document);
    return record;
}

const json_t *at(const json_t *json, const char *path)
{
    char name[64];
    while (*path) {
        size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        json = json_object_get(json, name);
        path += length + (path[length] == '.');
    }
    return json;
}

const char *text_at(const json_t *json, const char *path)
{
    const char *text = json_string_value(at(json, path));
    return text ? text : "";
}

void assert_whole(const json_t *report)
{
    assert_non_null(report);
    assert_string_equal(text_at(report, "error"), "");
    assert_non_null(at(report, "goals"));
}

void assert_text_at(const json_t *json, const char *path, const char *text)
{
    if (!strstr(text_at(json, path), text))
        fail_msg("%s: \"%s\" is not in \"%s\"", path, text, text_at(json, path));
}
