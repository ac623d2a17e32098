/* lab/act.c: genuine acts and the effects they must have. */
#include "lab/act.h"

#include <stdio.h>

#include "lab/attack.h"

enum { EFFECT_LIMIT_S = 3, PROGRESS_LIMIT_S = 10, SECOND_OCTETS = 50000, SECOND_ID = 2 };

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

void plait_act_cut_path(struct plait_attack *a, unsigned path)
{
    plait_net_set_link_up(a->world->net, a->world->path_links[path], false);
}

void plait_act_add_second(struct plait_attack *a)
{
    struct plait_end_host *client = host(a, PLAIT_CLIENT);
    check(a, PLAIT_CLIENT,
          client->ops->add_endpoint(client, &a->world->client_addrs[1], SECOND_ID,
                                    PLAIT_ENDPOINT_SUBFLOW, a->world->topology->paths[1].name),
          "adding an endpoint");
}

void plait_act_announce_second(struct plait_attack *a)
{
    struct plait_end_host *client = host(a, PLAIT_CLIENT);
    check(a, PLAIT_CLIENT,
          client->ops->add_endpoint(client, &a->world->client_addrs[1], SECOND_ID,
                                    PLAIT_ENDPOINT_SIGNAL, a->world->topology->paths[1].name),
          "announcing an address");
}

void plait_act_settle_stranger(struct plait_attack *a)
{
    plait_step(a, "lets the client's private address be a stranger's, too, near the server");
    plait_world_settle_stranger(a->world, 1);
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

static unsigned call(struct plait_attack *a, const struct plait_place *to, unsigned n)
{
    unsigned port = plait_client_calls(a, to, n);
    if (!port)
        plait_fault(a, "a call of the client's could not be made");
    return port;
}

void plait_act_call(struct plait_attack *a, uint16_t port, unsigned n)
{
    const struct plait_place own = {plait_own_addr(a), port};
    (void)call(a, &own, n);
}

void plait_act_call_service(struct plait_attack *a, unsigned n)
{
    const struct plait_place service = plait_service(a);
    a->world->next_port = (uint16_t)call(a, &service, n);
}

void plait_act_hang_up(struct plait_attack *a, unsigned n)
{
    plait_client_hangs_up(a, n);
}

void plait_act_abort(struct plait_attack *a, enum plait_side side)
{
    char answer[128];
    struct plait_end *end = &a->world->ends[side];
    end->closing = true;
    check(a, side, plait_end_ask(end->host, answer, sizeof answer, "abort %s", end->socket),
          "aborting");
}

/* ---- what must come of it ---------------------------------------------------------------------
 */

static bool goes_on(struct plait_attack *a, int64_t octets)
{
    enum plait_side reader = plait_peer(a);
    int64_t before = plait_world_stat(a->world, reader, "received");
    const struct plait_traffic *traffic = &a->scenario->traffic;
    int64_t written = (int64_t)traffic->of[plait_victim(a)].octets;
    if (traffic->is_given && written < octets)
        octets = written; /* at least one write of the user's */
    int gaps = (int)(plait_workload_gap_ns(traffic) / (100 * PLAIT_MS));
    for (int i = 0; i < 10 * PROGRESS_LIMIT_S + 2 * gaps; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_world_stat(a->world, reader, "received") - before >= octets)
            return true;
    }
    return false;
}

void plait_expect_progress(struct plait_attack *a, int64_t octets)
{
    if (!goes_on(a, octets))
        plait_fault(a, "the stream did not go on after a genuine act");
}

/* What it asks is answered. */
static bool has_ended(const struct plait_attack *a)
{
    return a->fault[0] || a->undeployable[0];
}

void plait_expect_stream(struct plait_attack *a, int64_t octets, const char *where)
{
    if (!has_ended(a) && !goes_on(a, octets))
        plait_not_deployable(a, "%s: the stream stops", where);
}

static bool speaks_mptcp(const struct plait_attack *a, enum plait_side side)
{
    return plait_world_info(a->world, side, "mptcp") == 1;
}

static bool has_second(struct plait_attack *a)
{
    plait_act_path_down(a, 0);
    return goes_on(a, SECOND_OCTETS);
}

static bool is_settled(const struct plait_attack *a)
{
    return a->scenario->protocol == PLAIT_TCP || has_ended(a);
}

void plait_expect_second(struct plait_attack *a, const char *where)
{
    if (is_settled(a))
        return;
    if (!speaks_mptcp(a, PLAIT_CLIENT) || !speaks_mptcp(a, PLAIT_SERVER))
        plait_not_deployable(a, "%s: it falls back to TCP", where);
    else if (!has_second(a))
        plait_not_deployable(a, "%s: the second path does not carry the stream", where);
}

void plait_try_second(struct plait_attack *a)
{
    if (is_settled(a))
        return;
    plait_remark(a, has_second(a) ? "the second path carries the stream alone"
                                  : "the second path is not used");
}

void plait_expect_agreement(struct plait_attack *a, const char *where)
{
    if (has_ended(a))
        return;
    bool speaks[2] = {false, false};
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        speaks[PLAIT_CLIENT] = speaks_mptcp(a, PLAIT_CLIENT);
        speaks[PLAIT_SERVER] = speaks_mptcp(a, PLAIT_SERVER);
        if (speaks[PLAIT_CLIENT] == speaks[PLAIT_SERVER]) {
            plait_remark(a, speaks[PLAIT_CLIENT] ? "both ends speak Multipath TCP"
                                                 : "both ends speak plain TCP");
            return;
        }
        plait_pause(a, 100 * PLAIT_MS);
    }
    plait_not_deployable(a, "%s: only the %s speaks Multipath TCP", where,
                         speaks[PLAIT_CLIENT] ? "client" : "server");
}

bool plait_adds_by_name(const struct plait_attack *a)
{
    return a->scenario->protocol != PLAIT_TCP &&
           plait_spoken(a)->messages == PLAIT_MESSAGES_EXPLICIT;
}

bool plait_maps_data(const struct plait_attack *a)
{
    return a->scenario->protocol != PLAIT_TCP && plait_spoken(a)->mapping == PLAIT_MAPPING_DSS;
}

uint64_t plait_flooded(const struct plait_attack *a)
{
    return a->goals->flood_segments;
}

/* What the kernel calls it, then our endpoint. */
static const char *const effects[][6] = {
    [PLAIT_EFFECT_PRIORITY] = {"MPTcpExtMPPrioRx", "PRIO_IN"},
    [PLAIT_EFFECT_ADDRESS_REMOVED] = {"MPTcpExtRmAddr", "REMOVE_ADDR_IN", "PAIR_REMOVED"},
    [PLAIT_EFFECT_FAST_CLOSED] = {"MPTcpExtMPFastcloseRx", "FASTCLOSE_IN"},
    [PLAIT_EFFECT_JOIN_REFUSED] = {"MPTcpExtMPJoinRejected", "JOIN_LIMIT"},
    [PLAIT_EFFECT_ANNOUNCED] = {"MPTcpExtAddAddr", "MPTcpExtAddAddrDrop", "ADD_ADDR_IN",
                                "ADD_ADDR_LIMIT", "PAIR_IN", "PAIR_PROBED"},
    [PLAIT_EFFECT_FAILED] = {"MPTcpExtMPFailRx", "FAIL_IN"},
};

static bool has_moved(const struct plait_counters *counters, enum plait_effect effect)
{
    const size_t names = sizeof effects[0] / sizeof effects[0][0];
    for (size_t i = 0; i < names && effects[effect][i]; i++)
        if (plait_counter_value(counters, effects[effect][i]) > 0)
            return true;
    return false;
}

void plait_expect_effect(struct plait_attack *a, enum plait_side side, enum plait_effect effect)
{
    static struct plait_counters counters; /* large; one run is one process */
    struct plait_end_host *end = host(a, side);
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_ok(end->ops->counters(end, &counters)) && has_moved(&counters, effect))
            return;
    }
    plait_fault(a, "%s did not move at the %s", effects[effect][0], plait_side_name(side));
}
