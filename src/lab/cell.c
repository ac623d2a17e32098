/* lab/cell.c: control, attack, baselines, stripped schedule and witness of a cell, and its verdict.
 */
#include "lab/cell.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lab/absence.h"
#include "lab/edges.h"
#include "lab/fit.h"
#include "lab/judge.h"
#include "lab/letter.h"
#include "lab/plan.h"

enum { SECOND_CONTROL = 1000000 };

void plait_cell_name(struct plait_cell *cell)
{
    const struct plait_case *c = cell->played;
    if (cell->absent[0]) {
        snprintf(cell->id, sizeof cell->id, "%s/-/-/-/-/%s/%s/-", cell->threat->info.id,
                 plait_protocol_name(cell->protocol), plait_policy_name(cell->policy));
        return;
    }
    const char *distance = plait_distance_name(c->distance);
    snprintf(cell->id, sizeof cell->id, "%s/%s/%s/%s/%s%s%s%s%s/%s/%s/ipv%d", cell->threat->info.id,
             c->form, plait_side_name(c->victim), plait_workload_name(cell->workload), c->position,
             c->spoofing ? "" : "-no-spoof", cell->late ? "-300s" : "", distance[0] ? "-" : "",
             distance, plait_protocol_name(cell->protocol), plait_policy_name(cell->policy),
             cell->family);
}

static const char *error_of(const json_t *run)
{
    return json_string_value(json_object_get(run, "error"));
}

/* ---- cells without a verdict -------------------------------------------------------------- */

static void fail_cell(struct plait_cell *cell, const struct plait_cell_context *context,
                      const char *what, const char *why, const json_t *run)
{
    char reason[400];
    snprintf(reason, sizeof reason, "%s%s%s", what, why ? ": " : "", why ? why : "");
    cell->record = plait_record_frame(cell, context);
    plait_record_outcome(cell->record, PLAIT_ERROR, reason);
    if (json_object_get(run, "ladder"))
        plait_record_run(cell->record, cell, run);
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
    cell->record = plait_record_frame(cell, context);
    plait_record_outcome(cell->record, PLAIT_NOT_APPLICABLE, reason);
    if (json_object_get(run, "ladder"))
        plait_record_run(cell->record, cell, run);
}

/* ---- the verdict -------------------------------------------------------------------------- */

static unsigned badness(const struct plait_judged *j)
{
    if (plait_goal_is_note(j->goal))
        return UINT_MAX;
    if (j->versus <= PLAIT_WIDER)
        return (unsigned)j->versus;
    return PLAIT_NONE + (j->here.feasible ? 0 : PLAIT_NONE) + (unsigned)j->versus;
}

static bool beats(const struct plait_judged *a, const struct plait_judged *b)
{
    return badness(a) < badness(b);
}

/* Falling back to TCP is no loss against TCP, unless the ends disagree about it or octets were lost
 * (DESIGN §1). */
static void judge_downgrade(struct plait_judged *j, const json_t *attack)
{
    const json_t *goals = json_object_get(attack, "goals");
    double fallen =
        json_number_value(json_object_get(json_object_get(goals, "downgrade"), "measure"));
    bool foreign = json_is_true(json_object_get(json_object_get(goals, "inject"), "reached"));
    bool dead = json_is_true(json_object_get(json_object_get(goals, "kill"), "reached"));
    j->versus = fallen == 1 || foreign || dead ? PLAIT_WORSE : PLAIT_SAME;
    j->paths = 0; /* there is no run of TCP that could be downgraded to TCP */
}

/* Degrading is judged only where control runs agree within a fifth.  In virtual time the same seed
 * gives the same run; where draws decide what befalls packets, another seed tells how steady the
 * net is.  False while the second is missing. */
static bool judge_spread(const struct plait_cell *cell, const struct plait_cell_context *context,
                         const struct plait_scenario *attack, const json_t *control, bool *steady,
                         const char **failure)
{
    bool is_virtual = plait_scenario_is_virtual(attack);
    *steady = true;
    if (is_virtual && !plait_topology_has_chance(plait_topology_of(&attack->topology)))
        return true;
    struct plait_scenario again = plait_plan_control(attack);
    again.seed += is_virtual;
    const json_t *second = plait_runner_need(context->runner, &again, cell->repeat + SECOND_CONTROL,
                                             "second control run");
    if (second && error_of(second))
        *failure = error_of(second);
    else if (second)
        *steady = plait_steady(control, second);
    return second != NULL;
}

static bool is_compared(const struct plait_cell *cell)
{
    return cell->played->expect == PLAIT_AGAINST_TCP && cell->protocol != PLAIT_TCP;
}

/* Goals that are held against runs of TCP: not those without counterpart there (`none`, counted
 * apart), nor a downgrade, which is judged by itself. */
static bool has_bar(const struct plait_cell *cell, enum plait_goal goal)
{
    return (cell->goals >> goal & 1) && is_compared(cell) && !plait_goal_is_note(goal) &&
           goal != PLAIT_GOAL_DOWNGRADE;
}

/* False while runs are missing; *FAILURE is set if the bar could not be found. */
static bool judge_goals(const struct plait_cell *cell, const struct plait_cell_context *context,
                        const struct plait_scenario *attack, struct plait_verdict *v,
                        const char **failure)
{
    bool complete = true;
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++) {
        if (!(cell->goals >> goal & 1))
            continue;
        struct plait_judged *j = &v->judged[v->count++];
        *j = (struct plait_judged){.goal = (enum plait_goal)goal, .versus = PLAIT_NONE};
        if (goal == PLAIT_GOAL_DEGRADE) {
            bool steady;
            complete =
                judge_spread(cell, context, attack, v->control, &steady, failure) && complete;
            v->unsteady = !steady;
            j->here = plait_degraded(v->attack, v->control, cell->workload);
        } else {
            j->here = plait_achievement(v->attack, j->goal, cell->workload);
        }
        j->outcome = j->here.feasible ? PLAIT_BROKEN : PLAIT_STOPPED;
        if (goal == PLAIT_GOAL_DEGRADE && v->unsteady) {
            j->here = (struct plait_achievement){0};
            j->outcome = PLAIT_NOT_APPLICABLE;
            continue;
        }
        j->compared = is_compared(cell);
        if (j->compared && goal == PLAIT_GOAL_DOWNGRADE) {
            j->paths = cell->paths;
            judge_downgrade(j, v->attack);
        }
        if (!has_bar(cell, j->goal))
            continue;
        j->paths = cell->paths;
        struct plait_achievement baseline[PLAIT_JUDGED_PATHS];
        for (unsigned path = 0; path < j->paths; path++) {
            complete =
                plait_find_bar(cell, context, attack, j->goal, path, &j->bar[path], failure) &&
                complete;
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

static bool any_judged(const struct plait_verdict *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->judged[i].outcome != PLAIT_NOT_APPLICABLE && !plait_goal_is_note(v->judged[i].goal))
            return true;
    return false;
}

static bool any_broken(const struct plait_verdict *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->judged[i].outcome == PLAIT_BROKEN && !plait_goal_is_note(v->judged[i].goal))
            return true;
    return false;
}

/* A goal that was reached only by a purchase nobody can afford is its own witness. */
static bool stopped_by_price(struct plait_verdict *v)
{
    for (unsigned i = 0; i < v->count; i++) {
        const struct plait_judged *j = &v->judged[i];
        if (!j->here.reached || j->here.feasible || plait_goal_is_note(j->goal))
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
                          const struct plait_scenario *attack, struct plait_verdict *v)
{
    if (cell->played->expect == PLAIT_MUST_BREAK) {
        v->outcome = PLAIT_ERROR;
        snprintf(v->reason, sizeof v->reason, "a control case that must succeed did not");
        return true;
    }
    v->outcome = PLAIT_STOPPED;
    if (stopped_by_price(v))
        return true;
    struct plait_cell judged = *cell;
    if (v->unsteady)
        judged.goals &= ~PLAIT_GOAL_BIT(DEGRADE);
    if (!plait_find_witness(&judged, context, attack, v->control, &v->witness))
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

/* A genuine act had its specified effect (or the run were an error) and nothing was reported: there
 * was no attack to stop.  Or the mechanism does not work in this case, which is what was asked. */
static void judge_clean(struct plait_verdict *v, unsigned goals)
{
    const char *broke = json_string_value(json_object_get(v->attack, "undeployable"));
    const char *remark = json_string_value(json_object_get(v->attack, "remark"));
    if (broke) {
        v->undeployable = true;
        v->outcome = PLAIT_BROKEN;
        snprintf(v->reason, sizeof v->reason, "not deployable %s", broke);
        return;
    }
    v->genuine = !plait_reaches_any(v->attack, goals);
    v->outcome = v->genuine ? PLAIT_STOPPED : PLAIT_ERROR;
    snprintf(v->stopped_by, sizeof v->stopped_by, "%s", v->genuine ? "no attack" : "");
    snprintf(v->reason, sizeof v->reason, "%s%s%s",
             v->genuine ? "a genuine case, nothing was reported" : "a genuine case was reported",
             remark ? "; " : "", remark ? remark : "");
}

/* ---- advancing ---------------------------------------------------------------------------- */

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

/* What the target accepts, for the price.  False while it is missing, or the cell has failed. */
static bool measure(struct plait_cell *cell, const struct plait_cell_context *context,
                    struct plait_scenario *attack)
{
    const char *const failed = "the target's edges could not be measured";
    struct plait_scenario edges = plait_plan_edges(attack);
    struct plait_scenario data = plait_plan_edges_data(attack);
    bool needs_data = cell->played->buys_dsn && cell->protocol != PLAIT_TCP;
    const json_t *run = plait_runner_need(context->runner, &edges, 0, "edges of the target");
    const json_t *data_run =
        needs_data ? plait_runner_need(context->runner, &data, 0, "edges of data") : NULL;
    if (!run || (needs_data && !data_run))
        return false;
    if (error_of(run) || !plait_edges_of(run, &attack->edges)) {
        fail_cell(cell, context, failed, error_of(run), run);
        return false;
    }
    struct plait_edges found;
    if (!needs_data || !is_spoken(cell, data_run))
        return true;
    if (error_of(data_run) || !plait_edges_of(data_run, &found)) {
        fail_cell(cell, context, failed, error_of(data_run), data_run);
        return false;
    }
    plait_edges_add_data(&attack->edges, &found);
    return true;
}

/* On a net or with traffic of the user's a case may make no sense. */
static bool misfit(const struct plait_cell *cell, const struct plait_analysis_request *request,
                   char *text, size_t room_octets)
{
    static const struct plait_traffic not_given;
    if ((!request->topology && !request->traffic) || cell->absent[0])
        return false;
    enum plait_misfit found =
        plait_cell_fit(cell, request->topology ? request->topology : &plait_own_topology,
                       request->traffic ? request->traffic : &not_given);
    plait_misfit_text(found, text, room_octets);
    return found != PLAIT_FITS;
}

/* Where minutes pass in each run, those that will be needed and those that may be are begun with
 * the attack: one after the other they take an hour. */
static void foresee(const struct plait_cell *cell, const struct plait_cell_context *context,
                    const struct plait_scenario *attack)
{
    if (!plait_scenario_is_patient(attack))
        return;
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        for (unsigned path = 0; has_bar(cell, (enum plait_goal)goal) && path < cell->paths; path++)
            plait_foresee_bar(cell, context, attack, (enum plait_goal)goal, path);
    plait_foresee_witnesses(cell, context, attack);
}

static void advance(struct plait_cell *cell, const struct plait_cell_context *context)
{
    char excluded[160];
    if (misfit(cell, context->request, excluded, sizeof excluded)) {
        leave_out(cell, context, excluded, NULL);
        return;
    }
    if (cell->absent[0]) {
        leave_out(cell, context, cell->absent, NULL);
        return;
    }
    if (cell->played->only_own && !plait_request_is_virtual(context->request)) {
        leave_out(cell, context, plait_absence_text(PLAIT_ABSENT_NO_WITNESS), NULL);
        return;
    }
    const char *risk = too_risky(cell, context->request);
    if (risk) {
        cell->record = plait_record_frame(cell, context);
        plait_record_outcome(cell->record, PLAIT_SKIPPED, risk);
        return;
    }
    struct plait_verdict v = {0};
    struct plait_scenario attack = plait_plan_attack(cell, context);
    if (!measure(cell, context, &attack))
        return;
    v.edges = attack.edges;
    struct plait_scenario control = plait_plan_control(&attack);
    if (cell->played->expect == PLAIT_MUST_BE_CLEAN)
        plait_plan_clear(&control);
    foresee(cell, context, &attack);
    v.control = plait_runner_need(context->runner, &control, cell->repeat, "control run");
    v.attack = plait_runner_need(context->runner, &attack, cell->repeat, cell->id);
    if (!v.control || !v.attack)
        return;
    if (error_of(v.control)) {
        fail_cell(cell, context, "control run", error_of(v.control), v.control);
        return;
    }
    if (!is_spoken(cell, v.control)) {
        leave_out(cell, context, plait_absence_text(PLAIT_ABSENT_NOT_SPOKEN), v.attack);
        return;
    }
    if (error_of(v.attack)) {
        fail_cell(cell, context, "attack run", error_of(v.attack), v.attack);
        return;
    }
    if (plait_reaches_any(v.control, cell->goals)) {
        fail_cell(cell, context, "control run is not clean", NULL, v.control);
        return;
    }
    const char *failure = NULL;
    bool complete = judge_goals(cell, context, &attack, &v, &failure);
    /* Shown, and not judged: minutes later it shows the same. */
    if (cell->protocol != PLAIT_TCP && cell->played->expect == PLAIT_AGAINST_TCP && !cell->late) {
        struct plait_scenario stripped =
            plait_plan_stripped(&attack, plait_letter_schedule(v.attack));
        v.stripped = plait_runner_need(context->runner, &stripped, cell->repeat, "stripped");
        complete = complete && v.stripped;
        if (error_of(v.stripped) && !failure)
            failure = error_of(v.stripped);
    }
    if (!complete)
        return;
    if (v.unsteady && !failure && !attack.topology.path_count)
        failure = plait_absence_text(
            PLAIT_ABSENT_UNSTEADY); /* the lab's own net is steady, or something is wrong */
    if (failure) {
        fail_cell(cell, context, failure, NULL, v.attack);
        return;
    }
    if (v.unsteady && !any_judged(&v)) {
        leave_out(cell, context, plait_absence_text(PLAIT_ABSENT_UNSTEADY), v.attack);
        return;
    }
    if (cell->played->expect == PLAIT_MUST_BE_CLEAN) {
        judge_clean(&v, cell->goals);
    } else if (any_broken(&v)) {
        v.outcome = PLAIT_BROKEN;
        const json_t *one = json_object_get(json_object_get(v.attack, "goals"),
                                            plait_goal_name(v.judged[v.worst].goal));
        snprintf(v.reason, sizeof v.reason, "%s",
                 json_string_value(json_object_get(one, "evidence")));
    } else if (!judge_stopped(cell, context, &attack, &v)) {
        return;
    }
    plait_record_verdict(cell, context, &v);
}

/* A splat in any run of a cell, also one that is only shown, makes it that error and no other. */
void plait_cell_advance(struct plait_cell *cell, const struct plait_cell_context *context)
{
    (void)plait_runner_splat(context->runner); /* what is told before is of other cells */
    (void)plait_runner_told_lateness(context->runner);
    advance(cell, context);
    const char *splat = plait_runner_splat(context->runner);
    const struct plait_lateness late = plait_runner_told_lateness(context->runner);
    json_t *record = cell->record;
    if (!record) {
        plait_runner_wake(context->runner, &cell->waiter);
        return;
    }
    if (splat) {
        fail_cell(cell, context, splat, NULL, record);
        json_decref(record);
    }
    plait_record_lateness(cell->record, &late);
}
