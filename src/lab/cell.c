/* lab/cell.c: control, attack, baselines, stripped schedule and witness of a cell, and its record.
 */
#include "lab/cell.h"

#include <stdio.h>
#include <string.h>

#include "lab/edges.h"
#include "lab/verdict.h"

enum {
    PATHS = 2,
    AWAY_S = 1,
    AWAY_LATE_S = 300,
    CONTROL_S = 2,
    WATCH_MS = 700,
    TRAIN_END_S = 130,
    SECOND_CONTROL = 1000000
};

void plait_cell_name(struct plait_cell *cell)
{
    const struct plait_case *c = cell->played;
    snprintf(cell->id, sizeof cell->id, "%s/%s/%s/%s/%s%s%s/%s/%s/ipv%d", cell->threat->info.id,
             c->form, plait_side_name(c->victim), plait_workload_name(c->workload), c->position,
             c->spoofing ? "" : "-no-spoof", cell->late ? "-300s" : "",
             plait_protocol_name(cell->protocol), plait_policy_name(cell->policy), cell->family);
}

/* ---- scenarios of the cell's runs
 * -------------------------------------------------------------------------- */

/* Retransmission trains are watched for a while, and to their end with --full. */
static plait_time_ns watch_ns(const struct plait_analysis_request *request, plait_time_ns asked_ns,
                              unsigned goals)
{
    if (request->full && (goals & PLAIT_GOAL_BIT(REFLECT)))
        return TRAIN_END_S * PLAIT_S;
    return asked_ns ? asked_ns : WATCH_MS * PLAIT_MS;
}

static struct plait_scenario attack_scenario(const struct plait_cell *cell,
                                             const struct plait_cell_context *context)
{
    const struct plait_case *c = cell->played;
    const struct plait_analysis_request *request = context->request;
    return (struct plait_scenario){
        .script_id = cell->threat->info.id,
        .form = c->form,
        .script = c->script,
        .position = plait_position(c->position),
        .spoofing = c->spoofing,
        .victim = c->victim,
        .workload = c->workload,
        .family = cell->family,
        .protocol = cell->protocol,
        .policy = cell->policy,
        .paths = c->paths,
        .nat = c->nat,
        .away_ns = (cell->late ? AWAY_LATE_S : AWAY_S) * PLAIT_S,
        .watch_ns = watch_ns(request, c->watch_ns, c->goals),
        .seed = request->seed,
        .device = request->device,
        .mptcp_off = request->mptcp_off,
        .wrong_mac = request->wrong_mac,
        .drop_attack = request->drop_attack,
        .capture = cell->capture[0] && cell->repeat == 0 ? cell->capture : NULL,
    };
}

/* What the target accepts, measured once for each protocol and family. */
static struct plait_scenario edges_scenario(const struct plait_scenario *attack)
{
    struct plait_scenario s = *attack;
    s.script_id = "edges";
    s.form = "-";
    s.script = plait_edges_script;
    s.position = plait_position("OFF");
    s.spoofing = true;
    s.workload = PLAIT_IDLE;
    s.policy = PLAIT_POLICY_DEFAULT;
    s.protocol = PLAIT_TCP; /* a subflow obeys the same TCP checks (N29) */
    s.grants = 0;
    s.paths = 1;
    s.capture = NULL;
    s.watch_ns = PLAIT_MS;
    s.nat = false;
    s.drop_attack = false; /* it is no attack */
    return s;
}

static struct plait_scenario control_scenario(const struct plait_scenario *attack)
{
    struct plait_scenario s = *attack;
    s.script_id = "-";
    s.form = "-";
    s.script = NULL;
    s.capture = NULL;
    s.watch_ns = 0;
    s.away_ns = 0;
    s.spoofing = false;
    s.position = plait_position("OFF-NS");
    s.control_ns = CONTROL_S * PLAIT_S;
    return s;
}

static struct plait_scenario baseline_scenario(const struct plait_scenario *attack,
                                               const struct plait_cell_context *context,
                                               const struct plait_baseline *baseline, unsigned path)
{
    struct plait_scenario s = *attack;
    s.script_id = baseline->id;
    s.form = baseline->form;
    s.script = baseline->script;
    s.protocol = PLAIT_TCP;
    s.policy = PLAIT_POLICY_DEFAULT; /* the path manager has no say in TCP */
    s.grants = PLAIT_GRANT_NOTHING;
    s.paths = 1;
    s.dialled = path;
    s.capture = NULL;
    s.drop_attack = false;
    s.watch_ns = watch_ns(context->request, baseline->watch_ns, baseline->goals);
    return s;
}

static bool baseline_fits(const struct plait_baseline *baseline,
                          const struct plait_scenario *attack)
{
    const struct plait_position *position = attack->position;
    if (baseline->needs_spoofing && !(attack->spoofing && position->may_spoof))
        return false;
    if (baseline->presence != PLAIT_NEVER_THERE && position->presence != baseline->presence)
        return false;
    return (baseline->tap_rights & ~position->tap_rights) == 0;
}

/* ---- the bar --------------------------------------------------------------------------------- */

struct bar { /* of one goal on one path */
    const struct plait_baseline *best;
    struct plait_achievement achievement;
    bool tried;
};

/* Degrading is held against a control run of plain TCP on the same path.  False while it is
 * missing. */
static bool achieved_on_tcp(const struct plait_cell *cell, const struct plait_cell_context *context,
                            const struct plait_scenario *baseline, const json_t *run,
                            enum plait_goal goal, struct plait_achievement *a)
{
    if (goal != PLAIT_GOAL_DEGRADE) {
        *a = plait_achievement(run, goal, baseline->workload);
        return true;
    }
    struct plait_scenario s = control_scenario(baseline);
    const json_t *control =
        plait_runner_need(context->runner, &s, cell->repeat, "control run of TCP");
    if (control)
        *a = plait_degraded(run, control, baseline->workload);
    return control != NULL;
}

/* False while a run is missing. */
static bool find_bar(const struct plait_cell *cell, const struct plait_cell_context *context,
                     const struct plait_scenario *attack, enum plait_goal goal, unsigned path,
                     struct bar *bar, const char **failure)
{
    bool complete = true;
    *bar = (struct bar){0};
    for (size_t i = 0; i < plait_baseline_count; i++) {
        const struct plait_baseline *baseline = &plait_baselines[i];
        if (!(baseline->goals >> goal & 1))
            continue;
        bar->tried = true; /* an excluded position is an answer too: TCP concedes nothing there */
        if (!baseline_fits(baseline, attack))
            continue;
        struct plait_scenario s = baseline_scenario(attack, context, baseline, path);
        const json_t *run = plait_runner_need(context->runner, &s, cell->repeat, baseline->id);
        if (!run) {
            complete = false;
            continue;
        }
        const json_t *error = json_object_get(run, "error");
        if (json_is_string(error))
            *failure = json_string_value(error);
        struct plait_achievement a;
        if (!achieved_on_tcp(cell, context, &s, run, goal, &a)) {
            complete = false;
            continue;
        }
        if (a.reached && (!bar->best || plait_cheaper(&a, &bar->achievement))) {
            bar->best = baseline;
            bar->achievement = a;
        }
    }
    return complete;
}

/* ---- witnesses ------------------------------------------------------------------------------- */

struct witness {
    unsigned grants;
    const char *failure;
};

static bool reaches_any(const json_t *run, unsigned goals)
{
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        if ((goals >> goal & 1) &&
            json_is_true(json_object_get(json_object_get(json_object_get(run, "goals"),
                                                         plait_goal_name((enum plait_goal)goal)),
                                         "reached")))
            return true;
    return false;
}

/* What the I-th witness run is granted; a spoilt HMAC (tests) is witnessed by the right one. */
static unsigned witness_grants(const struct plait_cell *cell, const struct plait_scenario *attack,
                               int i)
{
    if (attack->wrong_mac)
        return i == 0 ? PLAIT_GRANT_HMAC : PLAIT_GRANT_NOTHING;
    return cell->played->witnesses[i];
}

/* The smallest grant that breaks the cell.  False while a run is missing. */
static bool find_witness(const struct plait_cell *cell, const struct plait_cell_context *context,
                         const struct plait_scenario *attack, struct witness *witness)
{
    *witness = (struct witness){0};
    for (int i = 0; i < PLAIT_WITNESSES_MAX; i++) {
        unsigned grants = witness_grants(cell, attack, i);
        if (grants == PLAIT_GRANT_NOTHING)
            break;
        if ((grants & PLAIT_GRANT_POLICY) && attack->policy == PLAIT_POLICY_PERMISSIVE)
            continue; /* granted already */
        struct plait_scenario s = *attack;
        s.grants = grants;
        s.wrong_mac = attack->wrong_mac && !(grants & PLAIT_GRANT_HMAC);
        s.capture = NULL;
        const json_t *run = plait_runner_need(context->runner, &s, cell->repeat, cell->id);
        if (!run)
            return false;
        witness->failure = json_string_value(json_object_get(run, "error"));
        if (!witness->failure)
            witness->failure = json_string_value(json_object_get(run, "refused"));
        if (reaches_any(run, cell->played->goals)) {
            witness->grants = grants;
            return true;
        }
    }
    return true;
}

/* ---- one goal's record
 * -------------------------------------------------------------------------------------------- */

struct judged {
    enum plait_goal goal;
    enum plait_outcome outcome;
    enum plait_versus versus;
    struct plait_achievement here;
    struct bar bar[PATHS];
    unsigned paths;
    bool compared; /* with TCP; a goal without counterpart there is `none` */
};

static json_t *cost_or_null(const struct plait_achievement *a)
{
    return a->cost ? json_deep_copy(a->cost) : json_null();
}

static json_t *bar_json(const struct bar *bar, unsigned path)
{
    const char *outcome = !bar->best ? "stopped" : bar->achievement.feasible ? "broken" : "stopped";
    json_t *json =
        json_pack("{s:s,s:o}", "outcome", outcome, "cost", cost_or_null(&bar->achievement));
    json_object_set_new(json, "attack", bar->best ? json_string(bar->best->id) : json_null());
    if (path)
        json_object_set_new(json, "path", json_integer(path));
    return json;
}

static json_t *goal_json(const struct judged *j, const json_t *run)
{
    const char *name = plait_goal_name(j->goal);
    json_t *json = json_deep_copy(json_object_get(json_object_get(run, "goals"), name));
    json_object_set_new(json, "goal", json_string(name));
    json_object_set_new(json, "outcome", json_string(plait_outcome_name(j->outcome)));
    json_object_set_new(json, "versus_tcp",
                        j->compared ? json_string(plait_versus_name(j->versus)) : json_null());
    json_object_set_new(json, "cost", cost_or_null(&j->here));
    json_t *tcp = json_array();
    for (unsigned path = 0; path < j->paths; path++)
        json_array_append_new(tcp, bar_json(&j->bar[path], path + 1));
    json_object_set_new(json, "tcp", tcp);
    return json;
}

/* ---- the cell's record
 * --------------------------------------------------------------------------------------------- */

static json_t *frame(const struct plait_cell *cell, const struct plait_cell_context *context)
{
    const struct plait_threat_info *info = &cell->threat->info;
    const struct plait_case *c = cell->played;
    char kernel[96], seed[24], rerun[256];
    snprintf(kernel, sizeof kernel, "linux %s", context->release);
    snprintf(seed, sizeof seed, "0x%llx", (unsigned long long)context->request->seed);
    snprintf(rerun, sizeof rerun, "plait analyze --target linux --seed %s --cell '%s'", seed,
             cell->id);
    json_t *r = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:s,s:s,s:s,s:s}", "id",
                          cell->id, "threat", info->id, "title", info->title, "kind", info->kind,
                          "section", info->section, "form", c->form, "victim",
                          plait_side_name(c->victim), "workload", plait_workload_name(c->workload),
                          "position", c->position, "spoofing", c->spoofing, "family", cell->family,
                          "mechanism", plait_protocol_name(cell->protocol), "policy",
                          plait_policy_name(cell->policy), "seed", seed, "rerun", rerun);
    json_object_set_new(r, "target",
                        json_pack("{s:s,s:s,s:n}", "client", kernel, "server", kernel, "device"));
    static const char *const unknown[] = {"reason",   "stopped_by", "goal",     "versus_tcp",
                                          "cost",     "tcp",        "control",  "stripped",
                                          "witness",  "auditor",    "settings", "path_manager",
                                          "counters", "pcapng",     "repeat"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        json_object_set_new(r, unknown[i], json_null());
    json_object_set_new(r, "goals", json_array());
    json_object_set_new(r, "ladder", json_array());
    json_object_set_new(r, "armed", json_false());
    json_object_set_new(r, "invalid_octets", json_integer(0));
    return r;
}

static void set_text(json_t *record, const char *name, const char *text)
{
    json_object_set_new(record, name, json_string(text));
}

static void set_outcome(json_t *record, enum plait_outcome outcome, const char *reason)
{
    set_text(record, "outcome", plait_outcome_name(outcome));
    set_text(record, "reason", reason);
}

static void add_run_facts(json_t *record, const struct plait_cell *cell, const json_t *run)
{
    static const char *const copied[] = {"settings",         "path_manager",   "counters",
                                         "ladder",           "invalid_octets", "truth",
                                         "train_observed_ns"};
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        json_object_set(record, copied[i], json_object_get(run, copied[i]));
    json_object_set(json_object_get(record, "target"), "device", json_object_get(run, "device"));
    if (cell->capture[0] && cell->repeat == 0)
        set_text(record, "pcapng", cell->capture_name);
}

/* RUN (may be NULL) is the one that failed; what it still could tell is kept. */
static void fail_cell(struct plait_cell *cell, const struct plait_cell_context *context,
                      const char *what, const char *why, const json_t *run)
{
    char reason[400];
    snprintf(reason, sizeof reason, "%s%s%s", what, why ? ": " : "", why ? why : "");
    cell->record = frame(cell, context);
    set_outcome(cell->record, PLAIT_ERROR, reason);
    if (json_object_get(run, "ladder"))
        add_run_facts(cell->record, cell, run);
}

/* A target that does not speak the mechanism can be attacked through none of its messages. */
static bool is_spoken(const struct plait_cell *cell, const json_t *control)
{
    const json_t *ends = json_object_get(control, "speaks_mptcp");
    return cell->protocol == PLAIT_TCP || (json_is_true(json_object_get(ends, "client")) &&
                                           json_is_true(json_object_get(ends, "server")));
}

static void leave_out(struct plait_cell *cell, const struct plait_cell_context *context,
                      const char *reason, const json_t *run)
{
    cell->record = frame(cell, context);
    set_outcome(cell->record, PLAIT_NOT_APPLICABLE, reason);
    if (json_object_get(run, "ladder"))
        add_run_facts(cell->record, cell, run);
}

/* ---- the verdict ----------------------------------------------------------------------------- */

struct verdict {
    const json_t *control, *attack, *stripped;
    struct judged judged[PLAIT_GOAL_COUNT];
    unsigned count;
    struct witness witness;
    enum plait_outcome outcome;
    unsigned worst; /* index of the judged goal that the cell carries */
    char reason[300];
    char stopped_by[64];
};

/* Worse and wider first, then what was reached, then the order of the words. */
static unsigned badness(const struct judged *j)
{
    if (j->versus <= PLAIT_WIDER)
        return (unsigned)j->versus;
    return PLAIT_NONE + (j->here.feasible ? 0 : PLAIT_NONE) + (unsigned)j->versus;
}

static bool beats(const struct judged *a, const struct judged *b)
{
    return badness(a) < badness(b);
}

/* Falling back to TCP is no loss against TCP, unless the ends disagree about it (DESIGN §1). */
static void judge_downgrade(struct judged *j, const json_t *attack)
{
    const json_t *one = json_object_get(json_object_get(attack, "goals"), "downgrade");
    bool disagree = json_number_value(json_object_get(one, "measure")) == 1;
    j->versus = disagree ? PLAIT_WORSE : PLAIT_SAME;
}

/* Degrading is judged only where control runs agree within a fifth.  False while the second is
 * missing. */
static bool judge_spread(const struct plait_cell *cell, const struct plait_cell_context *context,
                         const struct plait_scenario *attack, const json_t *control,
                         const char **failure)
{
    struct plait_scenario again = control_scenario(attack);
    const json_t *second = plait_runner_need(context->runner, &again, cell->repeat + SECOND_CONTROL,
                                             "second control run");
    if (second && !plait_steady(control, second))
        *failure = "control runs differ by a fifth or more";
    return second != NULL;
}

/* False while runs are missing; *FAILURE is set if the bar could not be found. */
static bool judge_goals(const struct plait_cell *cell, const struct plait_cell_context *context,
                        const struct plait_scenario *attack, struct verdict *v,
                        const char **failure)
{
    bool complete = true;
    const struct plait_case *c = cell->played;
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++) {
        if (!(c->goals >> goal & 1))
            continue;
        struct judged *j = &v->judged[v->count++];
        *j = (struct judged){.goal = (enum plait_goal)goal, .versus = PLAIT_NONE};
        if (goal == PLAIT_GOAL_DEGRADE) {
            complete = judge_spread(cell, context, attack, v->control, failure) && complete;
            j->here = plait_degraded(v->attack, v->control, c->workload);
        } else {
            j->here = plait_achievement(v->attack, j->goal, c->workload);
        }
        j->outcome = j->here.feasible ? PLAIT_BROKEN : PLAIT_STOPPED;
        j->compared = c->expect == PLAIT_AGAINST_TCP && cell->protocol != PLAIT_TCP;
        if (!j->compared || goal == PLAIT_GOAL_KILL_SUBFLOW || goal == PLAIT_GOAL_DIVERT)
            continue; /* no counterpart in TCP: `none`, counted apart */
        j->paths = c->paths > 1 ? PATHS : 1;
        if (goal == PLAIT_GOAL_DOWNGRADE) {
            judge_downgrade(j, v->attack);
            continue;
        }
        struct plait_achievement baseline[PATHS];
        for (unsigned path = 0; path < j->paths; path++) {
            complete =
                find_bar(cell, context, attack, j->goal, path, &j->bar[path], failure) && complete;
            if (!j->bar[path].tried)
                *failure = "no baseline";
            baseline[path] = j->bar[path].achievement;
        }
        j->versus = plait_compare(&j->here, baseline, j->paths);
    }
    for (unsigned i = 1; i < v->count; i++)
        if (beats(&v->judged[i], &v->judged[v->worst]))
            v->worst = i;
    return complete;
}

static bool any_broken(const struct verdict *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->judged[i].outcome == PLAIT_BROKEN)
            return true;
    return false;
}

/* A goal that was reached only by a purchase nobody can afford is its own witness. */
static bool stopped_by_price(struct verdict *v)
{
    for (unsigned i = 0; i < v->count; i++) {
        const struct judged *j = &v->judged[i];
        if (!j->here.reached || j->here.feasible)
            continue;
        const char *largest = json_string_value(json_object_get(j->here.cost, "largest"));
        double bits = json_number_value(json_object_get(j->here.cost, "largest_bits"));
        snprintf(v->stopped_by, sizeof v->stopped_by, "%s (%.1f bits)", largest, bits);
        snprintf(v->reason, sizeof v->reason, "%s is reached only at 2^%.1f packets",
                 plait_goal_name(j->goal),
                 json_number_value(json_object_get(j->here.cost, "price_log2")));
        return true;
    }
    return false;
}

/* False while a witness run is missing. */
static bool judge_stopped(const struct plait_cell *cell, const struct plait_cell_context *context,
                          const struct plait_scenario *attack, struct verdict *v)
{
    if (cell->played->expect == PLAIT_MUST_BREAK) {
        v->outcome = PLAIT_ERROR;
        snprintf(v->reason, sizeof v->reason, "a control case that must succeed did not");
        return true;
    }
    v->outcome = PLAIT_STOPPED;
    if (stopped_by_price(v))
        return true;
    if (!find_witness(cell, context, attack, &v->witness))
        return false;
    char why[160] = "";
    const char *refused = json_string_value(json_object_get(v->attack, "refused"));
    const char *delivered = json_string_value(json_object_get(
        json_object_get(json_object_get(v->attack, "goals"), "degrade"), "evidence"));
    if (!plait_armed(v->attack, why, sizeof why)) {
        v->outcome = PLAIT_ERROR;
        snprintf(v->reason, sizeof v->reason, "%s", why);
    } else if (v->witness.grants == PLAIT_GRANT_NOTHING) {
        v->outcome = PLAIT_ERROR;
        snprintf(v->reason, sizeof v->reason, "not armed: no witness breaks it%s%s",
                 v->witness.failure ? ": " : "", v->witness.failure ? v->witness.failure : "");
    } else {
        if (v->witness.grants == PLAIT_GRANT_POLICY)
            v->outcome = PLAIT_STOPPED_BY_POLICY;
        plait_grant_stoppers(v->witness.grants, v->stopped_by, sizeof v->stopped_by);
        snprintf(v->reason, sizeof v->reason, "%s%s%s", refused ? refused : "no effect was seen",
                 delivered[0] ? "; " : "", delivered);
    }
    return true;
}

static void judge_clean(struct verdict *v, unsigned goals)
{
    bool clean = !reaches_any(v->attack, goals);
    v->outcome = clean ? PLAIT_STOPPED : PLAIT_ERROR;
    snprintf(v->reason, sizeof v->reason, "%s",
             clean ? "a genuine case, nothing was reported" : "a genuine case was reported");
}

static void write_record(struct plait_cell *cell, const struct plait_cell_context *context,
                         const struct verdict *v)
{
    json_t *r = frame(cell, context);
    const struct judged *worst = &v->judged[v->worst];
    set_outcome(r, v->outcome, v->reason);
    set_text(r, "goal", plait_goal_name(worst->goal));
    if (worst->compared)
        set_text(r, "versus_tcp", plait_versus_name(worst->versus));
    if (v->stopped_by[0])
        set_text(r, "stopped_by", v->stopped_by);
    for (unsigned i = 0; i < v->count; i++)
        json_array_append_new(json_object_get(r, "goals"), goal_json(&v->judged[i], v->attack));
    json_object_set_new(r, "cost", cost_or_null(&worst->here));
    if (worst->paths) {
        /* `worse` holds on every path: the best attack on any of them is the bar to name. */
        const struct bar *bar = &worst->bar[0];
        if (worst->paths > 1 && plait_cheaper(&worst->bar[1].achievement, &bar->achievement))
            bar = &worst->bar[1];
        json_object_set_new(r, "tcp", bar_json(bar, 0));
    }
    json_object_set_new(r, "control",
                        json_pack("{s:b,s:s}", "clean", true, "note", "no goal was reached"));
    char granted[128];
    plait_grant_names(v->witness.grants, granted, sizeof granted);
    if (v->witness.grants)
        json_object_set_new(r, "witness",
                            json_pack("{s:s,s:s}", "grant", granted, "outcome", "broken"));
    else if (v->outcome == PLAIT_STOPPED && v->stopped_by[0])
        json_object_set_new(
            r, "witness",
            json_pack("{s:s,s:s}", "grant", "the purchase, at its price", "outcome", "broken"));
    if (v->stripped) {
        json_t *goals = json_object();
        for (unsigned i = 0; i < v->count; i++)
            json_object_set_new(goals, plait_goal_name(v->judged[i].goal),
                                json_boolean(plait_achievement(v->stripped, v->judged[i].goal,
                                                               cell->played->workload)
                                                 .reached));
        json_object_set_new(
            r, "stripped",
            json_pack("{s:s,s:o}", "outcome",
                      reaches_any(v->stripped, cell->played->goals) ? "broken" : "stopped", "goals",
                      goals));
    }
    char why[160];
    json_object_set_new(r, "armed", json_boolean(plait_armed(v->attack, why, sizeof why)));
    add_run_facts(r, cell, v->attack);
    cell->record = r;
}

/* What a threat may do to the machine it runs on, and what allows it (DESIGN §6). */
static const char *too_risky(const struct plait_cell *cell,
                             const struct plait_analysis_request *request)
{
    const char *risk = cell->threat->info.host_risk;
    if (strcmp(risk, "load") == 0 && !request->allow_load)
        return "it loads this machine: --allow-load";
    if (strcmp(risk, "crash") == 0 && !request->allow_kernel_risk)
        return "it may crash this kernel: --allow-kernel-risk";
    return NULL;
}

static const char *error_of(const json_t *run)
{
    return json_string_value(json_object_get(run, "error"));
}

static void advance(struct plait_cell *cell, const struct plait_cell_context *context)
{
    const char *risk = too_risky(cell, context->request);
    if (risk) {
        cell->record = frame(cell, context);
        set_outcome(cell->record, PLAIT_SKIPPED, risk);
        return;
    }
    struct verdict v = {0};
    struct plait_scenario attack = attack_scenario(cell, context);
    struct plait_scenario edges = edges_scenario(&attack);
    const json_t *measured = plait_runner_need(context->runner, &edges, 0, "edges of the target");
    if (!measured)
        return;
    if (error_of(measured) || !plait_edges_of(measured, &attack.edges)) {
        fail_cell(cell, context, "the target's edges could not be measured", error_of(measured),
                  measured);
        return;
    }
    struct plait_scenario control = control_scenario(&attack);
    v.control = plait_runner_need(context->runner, &control, cell->repeat, "control run");
    v.attack = plait_runner_need(context->runner, &attack, cell->repeat, cell->id);
    if (!v.control || !v.attack)
        return;
    if (error_of(v.control)) {
        fail_cell(cell, context, "control run", error_of(v.control), v.control);
        return;
    }
    if (!is_spoken(cell, v.control)) {
        leave_out(cell, context, "the target does not speak the mechanism", v.attack);
        return;
    }
    if (error_of(v.attack)) {
        fail_cell(cell, context, "attack run", error_of(v.attack), v.attack);
        return;
    }
    if (reaches_any(v.control, cell->played->goals)) {
        fail_cell(cell, context, "control run is not clean", NULL, v.control);
        return;
    }
    const char *failure = NULL;
    bool complete = judge_goals(cell, context, &attack, &v, &failure);
    if (cell->protocol != PLAIT_TCP && cell->played->expect == PLAIT_AGAINST_TCP) {
        struct plait_scenario stripped = attack;
        stripped.script = NULL;
        stripped.schedule = json_object_get(v.attack, "schedule");
        stripped.protocol = PLAIT_TCP;
        stripped.paths = 1;
        stripped.capture = NULL;
        v.stripped = plait_runner_need(context->runner, &stripped, cell->repeat, "stripped");
        complete = complete && v.stripped;
    }
    if (!complete)
        return;
    if (failure) {
        fail_cell(cell, context, failure, NULL, v.attack);
        return;
    }
    if (cell->played->expect == PLAIT_MUST_BE_CLEAN) {
        judge_clean(&v, cell->played->goals);
    } else if (any_broken(&v)) {
        v.outcome = PLAIT_BROKEN;
        const json_t *one = json_object_get(json_object_get(v.attack, "goals"),
                                            plait_goal_name(v.judged[v.worst].goal));
        snprintf(v.reason, sizeof v.reason, "%s",
                 json_string_value(json_object_get(one, "evidence")));
    } else if (!judge_stopped(cell, context, &attack, &v)) {
        return;
    }
    write_record(cell, context, &v);
}

/* A splat in any run of a cell, also one that is only shown, makes it that error and no other. */
void plait_cell_advance(struct plait_cell *cell, const struct plait_cell_context *context)
{
    (void)plait_runner_splat(context->runner); /* what is told before is of other cells */
    advance(cell, context);
    const char *splat = plait_runner_splat(context->runner);
    json_t *record = cell->record;
    if (!record || !splat)
        return;
    fail_cell(cell, context, splat, NULL, record);
    json_decref(record);
}
