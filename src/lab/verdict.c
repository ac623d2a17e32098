/* lab/verdict.c: comparing achievements. */
#include "lab/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

enum { LIFE_IDLE_S = 24 * 3600, LIFE_BUSY_S = 600, QUARTER = 4 };

const char *plait_outcome_name(enum plait_outcome outcome)
{
    static const char *const names[] = {"broken", "partial", "stopped", "stopped by policy",
                                        "n/a",    "skipped", "error"};
    return names[outcome];
}

const char *plait_versus_name(enum plait_versus versus)
{
    static const char *const names[] = {"worse", "wider", "same", "better", "none"};
    return names[versus];
}

bool plait_goal_is_note(enum plait_goal goal)
{
    return goal == PLAIT_GOAL_DIVERT || goal == PLAIT_GOAL_KILL_SUBFLOW;
}

double plait_life_s(enum plait_workload workload)
{
    return workload == PLAIT_IDLE || workload == PLAIT_TRICKLE ? LIFE_IDLE_S : LIFE_BUSY_S;
}

struct plait_achievement plait_achievement(const json_t *run, enum plait_goal goal,
                                           enum plait_workload workload)
{
    struct plait_achievement a = {0};
    const json_t *one = json_object_get(json_object_get(run, "goals"), plait_goal_name(goal));
    a.reached = json_is_true(json_object_get(one, "reached"));
    if (!a.reached)
        return a;
    a.cost = json_object_get(one, "cost");
    a.after = json_object_get(one, "after");
    a.packets = exp2(json_number_value(json_object_get(a.cost, "price_log2")));
    a.feasible = plait_price_feasible(a.packets, plait_life_s(workload));
    return a;
}

static double goodput(const json_t *run)
{
    const json_t *one = json_object_get(json_object_get(run, "goals"), "degrade");
    return json_number_value(json_object_get(one, "measure"));
}

bool plait_steady(const json_t *control, const json_t *again)
{
    double a = goodput(control), b = goodput(again);
    return fabs(a - b) * 5 < fmax(a, b) || (a == 0 && b == 0);
}

struct plait_achievement plait_degraded(const json_t *run, const json_t *control,
                                        enum plait_workload workload)
{
    struct plait_achievement a = {0};
    double usual = goodput(control);
    json_int_t stall_ns = json_integer_value(json_object_get(run, "longest_stall_ns"));
    json_int_t usual_ns = json_integer_value(json_object_get(control, "longest_stall_ns"));
    a.reached = usual > 0 && (goodput(run) < usual / 2 || stall_ns > usual_ns + PLAIT_S);
    if (!a.reached)
        return a;
    a.cost = json_object_get(json_object_get(json_object_get(run, "goals"), "degrade"), "cost");
    a.packets = exp2(json_number_value(json_object_get(a.cost, "price_log2")));
    a.feasible = plait_price_feasible(a.packets, plait_life_s(workload));
    return a;
}

bool plait_armed(const json_t *run, char *why, size_t why_octets)
{
    json_int_t sent = json_integer_value(json_object_get(run, "sent"));
    json_int_t delivered = json_integer_value(json_object_get(run, "delivered"));
    json_int_t invalid = json_integer_value(json_object_get(run, "invalid"));
    json_int_t filtered = json_integer_value(json_object_get(run, "filtered"));
    json_int_t edited = json_integer_value(json_object_get(run, "edited"));
    if (sent == 0 && filtered == 0 && edited == 0)
        snprintf(why, why_octets, "not armed: the script sent nothing");
    else if (invalid)
        snprintf(why, why_octets, "not armed: %lld of %lld attack packets were invalid",
                 (long long)invalid, (long long)sent);
    else if (delivered < sent)
        snprintf(why, why_octets, "not armed: %lld of %lld attack packets were delivered",
                 (long long)delivered, (long long)sent);
    else if (json_integer_value(json_object_get(run, "not_taken")))
        snprintf(why, why_octets, "not armed: a host's device did not take what the net delivered");
    else if (!json_is_true(json_object_get(run, "finished")))
        snprintf(why, why_octets, "not armed: the probe after the script got no answer");
    else
        return true;
    return false;
}

bool plait_cheaper(const struct plait_achievement *a, const struct plait_achievement *b)
{
    if (a->feasible != b->feasible)
        return a->feasible;
    return a->reached && (!b->reached || a->packets < b->packets);
}

/* Prices come as logarithms of reports: 7 packets against 28 must not miss by a rounding. */
static bool at_most_a_quarter(double packets, double of_packets)
{
    const double rounding = 1e-9;
    return packets * QUARTER <= of_packets * (1 + rounding);
}

static bool worse_than(const struct plait_achievement *here, const struct plait_achievement *tcp)
{
    return here->feasible && (!tcp->feasible || at_most_a_quarter(here->packets, tcp->packets));
}

static bool better_than(const struct plait_achievement *here, const struct plait_achievement *tcp)
{
    return tcp->feasible && (!here->feasible || at_most_a_quarter(tcp->packets, here->packets));
}

enum plait_versus plait_compare(const struct plait_achievement *here,
                                const struct plait_achievement *baseline, unsigned paths)
{
    bool worse_everywhere = true, better_everywhere = true;
    for (unsigned i = 0; i < paths; i++) {
        worse_everywhere = worse_everywhere && worse_than(here, &baseline[i]);
        better_everywhere = better_everywhere && better_than(here, &baseline[i]);
    }
    if (worse_everywhere)
        return PLAIT_WORSE;
    /* An attacker of another path gained what he could not have had on the dialled one. */
    if (worse_than(here, &baseline[0]))
        return PLAIT_WIDER;
    return better_everywhere || better_than(here, &baseline[0]) ? PLAIT_BETTER : PLAIT_SAME;
}
