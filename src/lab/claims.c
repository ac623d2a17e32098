/* lab/claims.c: what a script says it learnt, held against ground truth (goal probe). */
#include <string.h>

#include "lab/attack.h"

static bool is_true(const struct plait_attack *a, const char *fact, json_int_t value)
{
    const struct plait_facts *truth = &a->world->truth;
    if (strcmp(fact, "port") == 0)
        return value == a->world->server_port;
    if (strcmp(fact, "next port") == 0)
        return value == a->world->next_port;
    if (strcmp(fact, "client port") == 0)
        return value == a->world->client_port;
    for (int side = 0; side < 2; side++)
        if (truth->has_token[side] && truth->token[side] == (uint32_t)value)
            return true;
    return false;
}

json_t *plait_check_claims(struct plait_attack *a)
{
    unsigned right = 0, wrong = 0;
    size_t i;
    json_t *claim;
    json_array_foreach(a->claims, i, claim)
    {
        bool live = json_is_true(json_object_get(claim, "live"));
        bool truth = is_true(a, json_string_value(json_object_get(claim, "fact")),
                             json_integer_value(json_object_get(claim, "value")));
        json_object_set_new(claim, "true", json_boolean(live == truth));
        right += live && truth;
        wrong += live != truth;
    }
    if (right && !wrong)
        plait_goals_reach(a->goals, PLAIT_GOAL_PROBE, right, 0,
                          "%u facts learnt from outside, all %zu answers were right", right,
                          json_array_size(a->claims));
    return json_incref(a->claims);
}
