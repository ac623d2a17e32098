/* lab/act.c: genuine acts and the effects they must have. */
#include "lab/act.h"

#include <stdio.h>

#include "lab/attack.h"

enum { EFFECT_LIMIT_S = 3, SECOND_ID = 2 };

static struct plait_live_host *host(const struct plait_attack *a, enum plait_side side)
{
    return a->world->ends[side].host;
}

static void check(struct plait_attack *a, plait_result result, const char *act)
{
    if (!plait_ok(result))
        plait_fault(a, "%s: %s", act, plait_live_error(a->world->live));
}

void plait_act_path_down(struct plait_attack *a, unsigned path)
{
    char name[16];
    snprintf(name, sizeof name, "path%u", path + 1);
    check(a, plait_live_set_interface_up(host(a, PLAIT_CLIENT), name, false), name);
}

void plait_act_add_second(struct plait_attack *a)
{
    check(a,
          plait_live_mptcp_endpoint_add(host(a, PLAIT_CLIENT), &a->world->client_addrs[1],
                                        SECOND_ID, PLAIT_ENDPOINT_SUBFLOW, "path2"),
          "adding an endpoint");
}

void plait_act_back_up_second(struct plait_attack *a)
{
    check(a,
          plait_live_mptcp_endpoint_set_backup(host(a, PLAIT_CLIENT), &a->world->client_addrs[1],
                                               SECOND_ID, true),
          "making an endpoint a backup");
}

void plait_act_remove_second(struct plait_attack *a)
{
    check(a, plait_live_mptcp_endpoint_remove(host(a, PLAIT_CLIENT), SECOND_ID),
          "removing an endpoint");
}

void plait_act_forbid_joins(struct plait_attack *a, enum plait_side side)
{
    check(a, plait_live_mptcp_limits(host(a, side), 0, 0), "setting limits");
}

void plait_act_abort(struct plait_attack *a, enum plait_side side)
{
    char answer[128];
    struct plait_end *end = &a->world->ends[side];
    end->closing = true;
    check(a, plait_live_agent_ask(end->host, answer, sizeof answer, "abort %s", end->socket),
          "aborting");
}

void plait_expect_progress(struct plait_attack *a, int64_t octets)
{
    enum plait_side reader = plait_peer(a);
    int64_t before = plait_world_stat(a->world, reader, "received");
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_world_stat(a->world, reader, "received") - before >= octets)
            return;
    }
    plait_fault(a, "the stream did not go on after a genuine act");
}

void plait_expect_counter(struct plait_attack *a, enum plait_side side, const char *name)
{
    static struct plait_counters counters; /* large; one run is one process */
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_ok(plait_live_counters(host(a, side), &counters)) &&
            plait_counter_value(&counters, name) > 0)
            return;
    }
    plait_fault(a, "%s did not move at the %s", name, plait_side_name(side));
}

void plait_expect_joined(struct plait_attack *a)
{
    if (plait_world_info(a->world, PLAIT_SERVER, "subflows") < 1)
        plait_fault(a, "the join was not accepted");
}
