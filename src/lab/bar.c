/* lab/bar.c: runs every baseline that the position allows, and the witnesses. */
#include "lab/bar.h"

#include "lab/plan.h"

/* Degrading is held against a control run of plain TCP on the same path.  False while it is
 * missing. */
static bool achieved_on_tcp(const struct plait_cell *cell, const struct plait_cell_context *context,
                            const struct plait_scenario *baseline, const json_t *run,
                            enum plait_goal goal, struct plait_achievement *a, const char **failure)
{
    if (goal != PLAIT_GOAL_DEGRADE) {
        *a = plait_achievement(run, goal, baseline->workload);
        return true;
    }
    struct plait_scenario s = plait_plan_control(baseline);
    const json_t *control =
        plait_runner_need(context->runner, &s, cell->repeat, "control run of TCP");
    const char *error = json_string_value(json_object_get(control, "error"));
    if (error)
        *failure = error;
    if (control)
        *a = plait_degraded(run, control, baseline->workload);
    return control != NULL;
}

/* False while a run is missing. */
bool plait_find_bar(const struct plait_cell *cell, const struct plait_cell_context *context,
                    const struct plait_scenario *attack, enum plait_goal goal, unsigned path,
                    struct plait_bar *bar, const char **failure)
{
    bool complete = true;
    *bar = (struct plait_bar){0};
    for (size_t i = 0; i < plait_baseline_count; i++) {
        const struct plait_baseline *baseline = &plait_baselines[i];
        if (!(baseline->goals >> goal & 1))
            continue;
        bar->tried = true; /* an excluded position is an answer too: TCP concedes nothing there */
        if (!plait_plan_fits(baseline, attack))
            continue;
        struct plait_scenario s = plait_plan_baseline(attack, context, baseline, path);
        const json_t *run = plait_runner_need(context->runner, &s, cell->repeat, baseline->id);
        if (!run) {
            complete = false;
            continue;
        }
        const json_t *error = json_object_get(run, "error");
        if (json_is_string(error))
            *failure = json_string_value(error);
        struct plait_achievement a;
        if (!achieved_on_tcp(cell, context, &s, run, goal, &a, failure)) {
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

void plait_foresee_bar(const struct plait_cell *cell, const struct plait_cell_context *context,
                       const struct plait_scenario *attack, enum plait_goal goal, unsigned path)
{
    for (size_t i = 0; i < plait_baseline_count; i++) {
        const struct plait_baseline *baseline = &plait_baselines[i];
        if (!(baseline->goals >> goal & 1) || !plait_plan_fits(baseline, attack))
            continue;
        const struct plait_scenario s = plait_plan_baseline(attack, context, baseline, path);
        plait_runner_foresee(context->runner, &s, cell->repeat, baseline->id);
    }
}

/* ---- witnesses ---------------------------------------------------------------------------- */

bool plait_reaches_any(const json_t *run, unsigned goals)
{
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        if ((goals >> goal & 1) &&
            json_is_true(json_object_get(json_object_get(json_object_get(run, "goals"),
                                                         plait_goal_name((enum plait_goal)goal)),
                                         "reached")))
            return true;
    return false;
}

/* What the I-th witness run is granted; a spoilt HMAC (tests) is witnessed by the right one.  Where
 * proofs rest on a secret, a script that heard the keys lacks that, whatever else it lacks: all
 * grants are tried once more with the keys. */
static unsigned witness_grants(const struct plait_cell *cell, const struct plait_scenario *attack,
                               int i)
{
    const struct plait_mechanism *mechanism = plait_protocol_mechanism(cell->protocol);
    const unsigned *listed = cell->played->witnesses;
    int count = 0;
    if (attack->wrong_mac)
        return i == 0 ? PLAIT_GRANT_HMAC : PLAIT_GRANT_NOTHING;
    while (count < PLAIT_WITNESSES_MAX && listed[count])
        count++;
    if (i < count)
        return listed[i];
    if (!mechanism || !mechanism->proof_key || i > 2 * count)
        return PLAIT_GRANT_NOTHING;
    return i == count ? PLAIT_GRANT_KEYS : listed[i - count - 1] | PLAIT_GRANT_KEYS;
}

/* One of the case's goals is reached, and affordably; a run that failed shows nothing. */
static bool breaks(const json_t *run, const json_t *control, const struct plait_cell *cell)
{
    if (json_is_string(json_object_get(run, "error")))
        return false;
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++) {
        if (!(cell->goals >> goal & 1))
            continue;
        struct plait_achievement a =
            goal == PLAIT_GOAL_DEGRADE
                ? plait_degraded(run, control, cell->workload)
                : plait_achievement(run, (enum plait_goal)goal, cell->workload);
        if (a.feasible && !plait_goal_is_note((enum plait_goal)goal))
            return true;
    }
    return false;
}

static struct plait_scenario witness_of(const struct plait_scenario *attack, unsigned grants)
{
    struct plait_scenario s = *attack;
    s.grants = grants;
    s.wrong_mac = attack->wrong_mac && !(grants & PLAIT_GRANT_HMAC);
    s.capture = NULL;
    s.brief = true;
    return s;
}

/* What the I-th witness run is granted that the attack is not; false behind the last. */
static bool next_grants(const struct plait_cell *cell, const struct plait_scenario *attack, int i,
                        unsigned *grants)
{
    *grants = witness_grants(cell, attack, i);
    if (*grants == PLAIT_GRANT_NOTHING)
        return false;
    if (attack->policy == PLAIT_POLICY_PERMISSIVE)
        *grants &= ~(unsigned)PLAIT_GRANT_POLICY; /* granted already */
    return true;
}

void plait_foresee_witnesses(const struct plait_cell *cell,
                             const struct plait_cell_context *context,
                             const struct plait_scenario *attack)
{
    unsigned grants;
    for (int i = 0; i <= 2 * PLAIT_WITNESSES_MAX && next_grants(cell, attack, i, &grants); i++) {
        if (grants == PLAIT_GRANT_NOTHING)
            continue;
        const struct plait_scenario s = witness_of(attack, grants);
        plait_runner_foresee(context->runner, &s, cell->repeat, cell->id);
    }
}

/* BESIDE alone, then beside each of the case's grants; NAMED is what the witness is called then. On
 * the lab's own net a goal that is reached by a purchase nobody can afford is a witness, too, as it
 * is of a cell there.  False while a run is missing. */
static bool try_beside(const struct plait_cell *cell, const struct plait_cell_context *context,
                       const struct plait_scenario *base, const json_t *control, unsigned beside,
                       unsigned named, struct plait_witness *witness)
{
    bool buys = named == PLAIT_GRANT_OWN_NET;
    for (int i = -1; i < PLAIT_WITNESSES_MAX; i++) {
        unsigned grants = i < 0 ? PLAIT_GRANT_NOTHING : witness_grants(cell, base, i);
        if (i >= 0 && grants == PLAIT_GRANT_NOTHING)
            break;
        const struct plait_scenario s = witness_of(base, grants | beside);
        const json_t *run = plait_runner_need(context->runner, &s, cell->repeat, cell->id);
        if (!run)
            return false;
        if (breaks(run, control, cell) || (buys && plait_reaches_any(run, cell->goals))) {
            witness->grants = grants | named;
            break;
        }
    }
    return true;
}

/* Where a user's paths use up the limits, a case that leaves room on the lab's own net meets them.
 */
static bool find_by_limits(const struct plait_cell *cell, const struct plait_cell_context *context,
                           const struct plait_scenario *attack, const json_t *control,
                           struct plait_witness *witness)
{
    bool has_limits =
        attack->policy == PLAIT_POLICY_DEFAULT && plait_protocol_has_policies(attack->protocol);
    return !has_limits || try_beside(cell, context, attack, control, PLAIT_GRANT_POLICY,
                                     PLAIT_GRANT_POLICY, witness);
}

/* What breaks nothing on a user's net, or with his traffic, may do so on the lab's own, which then
 * is the grant, alone or beside one of the case's: the script bites, whatever its goal. */
static bool find_on_own_net(const struct plait_cell *cell, const struct plait_cell_context *context,
                            const struct plait_scenario *attack, struct plait_witness *witness)
{
    struct plait_cell own_cell = *cell;
    struct plait_scenario own = *attack;
    own_cell.goals = cell->played->goals;
    own_cell.workload = own.workload = cell->played->workload;
    own.topology = (struct plait_topology){0};
    own.traffic = (struct plait_traffic){0};
    own.paths = cell->played->paths;
    const struct plait_scenario calm = plait_plan_control(&own);
    const json_t *control =
        plait_runner_need(context->runner, &calm, cell->repeat, "control run of the lab's own net");
    return control &&
           try_beside(&own_cell, context, &own, control, 0, PLAIT_GRANT_OWN_NET, witness);
}

/* The smallest grant that breaks the cell.  False while a run is missing. */
bool plait_find_witness(const struct plait_cell *cell, const struct plait_cell_context *context,
                        const struct plait_scenario *attack, const json_t *control,
                        struct plait_witness *witness)
{
    *witness = (struct plait_witness){0};
    unsigned grants;
    for (int i = 0; i <= 2 * PLAIT_WITNESSES_MAX && next_grants(cell, attack, i, &grants); i++) {
        if (grants == PLAIT_GRANT_NOTHING)
            continue;
        const struct plait_scenario s = witness_of(attack, grants);
        const json_t *run = plait_runner_need(context->runner, &s, cell->repeat, cell->id);
        if (!run)
            return false;
        witness->failure = json_string_value(json_object_get(run, "error"));
        if (!witness->failure)
            witness->failure = json_string_value(json_object_get(run, "refused"));
        if (breaks(run, control, cell)) {
            witness->grants = grants;
            return true;
        }
    }
    if (!attack->topology.path_count && !attack->traffic.is_given)
        return true;
    return find_by_limits(cell, context, attack, control, witness) &&
           (witness->grants || find_on_own_net(cell, context, attack, witness));
}
