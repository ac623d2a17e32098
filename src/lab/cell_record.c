/* lab/cell_record.c: writes a cell's record (docs/RECORDS.md). */
#include <stdio.h>
#include <string.h>

#include "lab/edges.h"
#include "lab/goals.h"
#include "lab/judge.h"
#include "lab/oracle.h"

static json_t *cost_or_null(const struct plait_achievement *a)
{
    return a->cost ? json_deep_copy(a->cost) : json_null();
}

static json_t *after_or_null(const json_t *after)
{
    return after ? json_deep_copy(after) : json_null();
}

static json_t *bar_json(const struct plait_bar *bar, unsigned path)
{
    const char *outcome = !bar->best ? "stopped" : bar->achievement.feasible ? "broken" : "stopped";
    json_t *json =
        json_pack("{s:s,s:o}", "outcome", outcome, "cost", cost_or_null(&bar->achievement));
    json_object_set_new(json, "attack", bar->best ? json_string(bar->best->id) : json_null());
    json_object_set_new(json, "after", after_or_null(bar->achievement.after));
    if (path)
        json_object_set_new(json, "path", json_integer(path));
    return json;
}

static json_t *goal_json(const struct plait_judged *j, const json_t *run)
{
    const char *name = plait_goal_name(j->goal);
    const json_t *told = json_object_get(json_object_get(run, "goals"), name);
    json_t *json = told ? json_deep_copy(told) : plait_goal_untouched_json(j->goal);
    json_object_set_new(json, "goal", json_string(name));
    json_object_set_new(json, "outcome", json_string(plait_outcome_name(j->outcome)));
    json_object_set_new(json, "versus_tcp",
                        j->compared ? json_string(plait_versus_name(j->versus)) : json_null());
    json_object_set_new(json, "cost", cost_or_null(&j->here));
    if (!json_object_get(json, "after"))
        json_object_set_new(json, "after", json_null());
    json_t *tcp = json_array();
    for (unsigned path = 0; path < j->paths; path++)
        json_array_append_new(tcp, bar_json(&j->bar[path], path + 1));
    json_object_set_new(json, "tcp", tcp);
    return json;
}

static const char *device_option(enum plait_device device)
{
    static const char *const options[] = {[PLAIT_DEVICE_AUTO] = "",
                                          [PLAIT_DEVICE_TUN] = " --device tun",
                                          [PLAIT_DEVICE_VETH] = " --device veth"};
    return options[device];
}

/* "plait 0.1.0", "linux 6.18.44". */
static void target_text(enum plait_target target, const char *release, char *text,
                        size_t room_octets)
{
    snprintf(text, room_octets, "%s %s", plait_target_name(target),
             target == PLAIT_TARGET_PLAIT ? PLAIT_VERSION : release);
}

static void target_options(const struct plait_analysis_request *request, char *text,
                           size_t room_octets)
{
    const char *client = plait_target_name(request->client);
    const char *server = plait_target_name(request->server);
    if (request->client == request->server)
        snprintf(text, room_octets, "--target %s", client);
    else
        snprintf(text, room_octets, "--client %s --server %s", client, server);
}

/* Between single quotes of a shell; a quote in it ends them for a moment. */
static void add_quoted(struct plait_text *text, const char *option, const char *name)
{
    if (!name)
        return;
    plait_text_add(text, " %s '", option);
    for (; *name; name++)
        plait_text_add(text, *name == '\'' ? "'\\''" : "%c", *name);
    plait_text_add(text, "'");
}

/* One element for each line of TEXT. */
static json_t *lines_json(const char *text)
{
    json_t *lines = json_array();
    for (size_t length; *text; text += length + (text[length] == '\n')) {
        length = strcspn(text, "\n");
        json_array_append_new(lines, json_stringn(text, length));
    }
    return lines;
}

void plait_record_files(json_t *record, const struct plait_analysis_request *request)
{
    char room[PLAIT_TOPOLOGY_OCTETS];
    struct plait_text text = plait_text(room, sizeof room);
    if (request->topology) {
        plait_topology_print(request->topology, &text);
        json_object_set_new(
            record, "topology_file",
            json_pack("{s:s,s:o}", "file", request->topology_file, "lines", lines_json(room)));
    }
    text = plait_text(room, sizeof room);
    if (request->traffic) {
        plait_workload_print(request->traffic, &text);
        json_object_set_new(
            record, "workload_file",
            json_pack("{s:s,s:o}", "file", request->workload_file, "lines", lines_json(room)));
    }
}

json_t *plait_record_frame(const struct plait_cell *cell, const struct plait_cell_context *context)
{
    const struct plait_threat_info *info = &cell->threat->info;
    const struct plait_case *c = cell->played;
    const struct plait_analysis_request *request = context->request;
    char client[96], server[96], targets[64], seed[24], rerun[PLAIT_RERUN_OCTETS];
    target_text(request->client, context->release, client, sizeof client);
    target_text(request->server, context->release, server, sizeof server);
    target_options(request, targets, sizeof targets);
    snprintf(seed, sizeof seed, "0x%llx", (unsigned long long)request->seed);
    struct plait_text text = plait_text(rerun, sizeof rerun);
    plait_text_add(&text, "plait analyze %s --seed %s%s%s", targets, seed,
                   request->full ? " --full" : "", device_option(request->device));
    add_quoted(&text, "--load", plait_protocol_file(cell->protocol));
    add_quoted(&text, "--topology", request->topology_file);
    add_quoted(&text, "--workload", request->workload_file);
    plait_text_add(&text, " --cell '%s'", cell->id);
    json_t *r = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:s,s:s,s:s,s:s}", "id", cell->id, "threat",
        info->id, "title", info->title, "kind", info->kind, "section", info->section, "form",
        c->form, "victim", plait_side_name(c->victim), "workload",
        plait_workload_name(cell->workload), "position", c->position, "spoofing", c->spoofing,
        "family", cell->family, "mechanism", plait_protocol_name(cell->protocol), "policy",
        plait_policy_name(cell->policy), "seed", seed, "rerun", rerun);
    const char *model = plait_protocol_model(cell->protocol);
    bool is_variant = plait_protocol_is_variant(cell->protocol);
    json_object_set_new(r, "model", model ? json_string(model) : json_null());
    json_object_set_new(
        r, "variant_of",
        is_variant ? json_string(plait_protocol_name(plait_protocol_resembled(cell->protocol)))
                   : json_null());
    json_object_set_new(r, "target",
                        json_pack("{s:s,s:s,s:n}", "client", client, "server", server, "device"));
    static const char *const unknown[] = {"reason",   "stopped_by", "goal",     "versus_tcp",
                                          "cost",     "tcp",        "control",  "stripped",
                                          "witness",  "auditor",    "settings", "path_manager",
                                          "counters", "pcapng",     "repeat",   "deployable"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        json_object_set_new(r, unknown[i], json_null());
    static const char *const of_a_case[] = {"victim", "workload", "position", "spoofing", "family"};
    for (size_t i = 0; cell->absent[0] && i < sizeof of_a_case / sizeof of_a_case[0]; i++)
        json_object_set_new(r, of_a_case[i], json_null());
    json_object_set_new(r, "goals", json_array());
    json_object_set_new(r, "ladder", json_array());
    json_object_set_new(r, "armed", json_false());
    json_object_set_new(r, "invalid_octets", json_integer(0));
    plait_record_files(r, request);
    return r;
}

void plait_record_text(json_t *record, const char *name, const char *text)
{
    json_object_set_new(record, name, json_string(text));
}

void plait_record_outcome(json_t *record, enum plait_outcome outcome, const char *reason)
{
    plait_record_text(record, "outcome", plait_outcome_name(outcome));
    plait_record_text(record, "reason", reason);
}

void plait_record_lateness(json_t *record, const struct plait_lateness *late)
{
    json_object_set_new(record, "lateness_ns", json_integer(late->worst_ns));
    json_object_set_new(record, "late_repeats", json_integer(late->repeats));
}

void plait_record_run(json_t *record, const struct plait_cell *cell, const json_t *run)
{
    static const char *const copied[] = {"settings",         "path_manager",   "counters",
                                         "ladder",           "invalid_octets", "truth",
                                         "train_observed_ns"};
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        json_object_set(record, copied[i], json_object_get(run, copied[i]));
    json_object_set(json_object_get(record, "target"), "device", json_object_get(run, "device"));
    if (cell->capture[0] && cell->repeat == 0)
        plait_record_text(record, "pcapng", cell->capture_name);
}

/* RUN (may be NULL) is the one that failed; what it still could tell is kept. */
void plait_record_verdict(struct plait_cell *cell, const struct plait_cell_context *context,
                          const struct plait_verdict *v)
{
    json_t *r = plait_record_frame(cell, context);
    const struct plait_judged *worst = &v->judged[v->worst];
    plait_record_outcome(r, v->outcome, v->reason);
    if (!v->undeployable || worst->here.reached)
        plait_record_text(r, "goal", plait_goal_name(worst->goal));
    if (worst->compared)
        plait_record_text(r, "versus_tcp", plait_versus_name(worst->versus));
    if (v->stopped_by[0])
        plait_record_text(r, "stopped_by", v->stopped_by);
    for (unsigned i = 0; i < v->count; i++)
        json_array_append_new(json_object_get(r, "goals"), goal_json(&v->judged[i], v->attack));
    json_object_set_new(r, "cost", cost_or_null(&worst->here));
    if (worst->paths) {
        /* `worse` holds on every path: the best attack on any of them is the bar to name. */
        const struct plait_bar *bar = &worst->bar[0];
        for (unsigned path = 1; path < worst->paths; path++)
            if (plait_cheaper(&worst->bar[path].achievement, &bar->achievement))
                bar = &worst->bar[path];
        json_object_set_new(r, "tcp", bar_json(bar, 0));
    }
    if (v->genuine || v->undeployable)
        json_object_set_new(r, "deployable", json_boolean(v->genuine));
    json_object_set_new(r, "control",
                        json_pack("{s:b,s:s}", "clean", true, "note",
                                  v->unsteady ? "no goal was reached; degrade is not judged: "
                                                "control runs differ by a fifth or more"
                                              : "no goal was reached"));
    char granted[128];
    plait_grant_names(v->witness.grants, granted, sizeof granted);
    if (v->witness.grants)
        json_object_set_new(r, "witness",
                            json_pack("{s:s,s:s}", "grant", granted, "outcome", "broken"));
    else if (v->genuine)
        json_object_set_new(r, "witness",
                            json_pack("{s:s,s:s}", "grant", "the act itself, whose effect was seen",
                                      "outcome", "clean"));
    else if (v->outcome == PLAIT_STOPPED && v->stopped_by[0])
        json_object_set_new(
            r, "witness",
            json_pack("{s:s,s:s}", "grant", "the purchase, at its price", "outcome", "broken"));
    if (v->stripped) {
        json_t *goals = json_object();
        for (unsigned i = 0; i < v->count; i++)
            json_object_set_new(
                goals, plait_goal_name(v->judged[i].goal),
                json_boolean(
                    plait_achievement(v->stripped, v->judged[i].goal, cell->workload).reached));
        json_object_set_new(
            r, "stripped",
            json_pack("{s:s,s:o}", "outcome",
                      plait_reaches_any(v->stripped, cell->goals) ? "broken" : "stopped", "goals",
                      goals));
    }
    json_object_set_new(r, "edges", plait_edges_json(&v->edges));
    json_object_set_new(r, "auditor", plait_oracle_compare(cell, v));
    char why[160];
    json_object_set_new(r, "armed", json_boolean(plait_armed(v->attack, why, sizeof why)));
    plait_record_run(r, cell, v->attack);
    cell->record = r;
}
