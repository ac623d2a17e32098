/* lab/act.c: genuine acts and the effects they must have. */
#include "lab/act.h"

#include <stdio.h>

#include "lab/attack.h"

enum { EFFECT_LIMIT_S = 3, SECOND_ID = 2 };

static struct plait_end_host *host(const struct plait_attack *a, enum plait_side side)
{
    return a->world->ends[side].host;
}

static void check(struct plait_attack *a, enum plait_side side, plait_result result,
                  const char *act)
{
    if (!plait_ok(result))
        plait_fault(a, "%s: %s", act, host(a, side)->ops->error(host(a, side)));
}

void plait_act_path_down(struct plait_attack *a, unsigned path)
{
    const char *name = a->world->topology->paths[path].name;
    struct plait_end_host *client = host(a, PLAIT_CLIENT);
    check(a, PLAIT_CLIENT, client->ops->set_interface_up(client, name, false), name);
}

void plait_act_add_second(struct plait_attack *a)
{
    struct plait_end_host *client = host(a, PLAIT_CLIENT);
    check(a, PLAIT_CLIENT,
          client->ops->add_endpoint(client, &a->world->client_addrs[1], SECOND_ID,
                                    PLAIT_ENDPOINT_SUBFLOW, a->world->topology->paths[1].name),
          "adding an endpoint");
}

void plait_act_back_up_second(struct plait_attack *a)
{
    struct plait_end_host *client = host(a, PLAIT_CLIENT);
    check(a, PLAIT_CLIENT,
          client->ops->set_endpoint_backup(client, &a->world->client_addrs[1], SECOND_ID, true),
          "making an endpoint a backup");
}

void plait_act_remove_second(struct plait_attack *a)
{
    struct plait_end_host *client = host(a, PLAIT_CLIENT);
    check(a, PLAIT_CLIENT, client->ops->remove_endpoint(client, SECOND_ID), "removing an endpoint");
}

void plait_act_forbid_joins(struct plait_attack *a, enum plait_side side)
{
    check(a, side, host(a, side)->ops->set_limits(host(a, side), 0, 0), "setting limits");
}

void plait_act_abort(struct plait_attack *a, enum plait_side side)
{
    char answer[128];
    struct plait_end *end = &a->world->ends[side];
    end->closing = true;
    check(a, side, plait_end_ask(end->host, answer, sizeof answer, "abort %s", end->socket),
          "aborting");
}

void plait_expect_progress(struct plait_attack *a, int64_t octets)
{
    enum plait_side reader = plait_peer(a);
    int64_t before = plait_world_stat(a->world, reader, "received");
    const struct plait_traffic *traffic = &a->scenario->traffic;
    int64_t written = (int64_t)traffic->of[plait_victim(a)].octets;
    if (traffic->is_given && written < octets)
        octets = written; /* at least one write of the user's */
    int gaps = (int)(plait_workload_gap_ns(traffic) / (100 * PLAIT_MS));
    for (int i = 0; i < 10 * EFFECT_LIMIT_S + 2 * gaps; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_world_stat(a->world, reader, "received") - before >= octets)
            return;
    }
    plait_fault(a, "the stream did not go on after a genuine act");
}

/* What each kind of machine calls it. */
static const struct {
    const char *linux_name, *own_name;
} effects[] = {
    [PLAIT_EFFECT_PRIORITY] = {"MPTcpExtMPPrioRx", "PRIO_IN"},
    [PLAIT_EFFECT_ADDRESS_REMOVED] = {"MPTcpExtRmAddr", "REMOVE_ADDR_IN"},
    [PLAIT_EFFECT_FAST_CLOSED] = {"MPTcpExtMPFastcloseRx", "FASTCLOSE_IN"},
    [PLAIT_EFFECT_JOIN_REFUSED] = {"MPTcpExtMPJoinRejected", "JOIN_LIMIT"},
};

void plait_expect_effect(struct plait_attack *a, enum plait_side side, enum plait_effect effect)
{
    static struct plait_counters counters; /* large; one run is one process */
    struct plait_end_host *end = host(a, side);
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_ok(end->ops->counters(end, &counters)) &&
            (plait_counter_value(&counters, effects[effect].linux_name) > 0 ||
             plait_counter_value(&counters, effects[effect].own_name) > 0))
            return;
    }
    plait_fault(a, "%s did not move at the %s", effects[effect].linux_name, plait_side_name(side));
}

void plait_expect_joined(struct plait_attack *a)
{
    if (plait_world_info(a->world, PLAIT_SERVER, "subflows") < 1)
        plait_fault(a, "the join was not accepted");
}
