/* Random scenarios in two phases: while anything happens nothing wrong is delivered; when the net
 * is quiet again, everything arrives and both ends close.  A failure prints the seed; SEED=n runs
 * it alone, COUNT=n so many. */
#include <stdio.h>
#include <stdlib.h>

#include "mptcp/inside.h"
#include "tests/unit/mptcp/mechanisms.h"
#include "tests/unit/mptcp/pair.h"

#define COUNT 400

static const struct plait_scheduler *const schedulers[] = {&plait_lowest_rtt, &plait_round_robin,
                                                           &plait_redundant};
static const struct plait_path_manager *const managers[] = {&plait_pm_by_hand, &plait_pm_full_mesh,
                                                            &plait_pm_n_ports, &plait_pm_signal};
static const struct plait_coupling *const couplings[] = {&plait_lia, &plait_olia, &plait_balia};
static struct plait_mechanism tagged;

static struct pair_setup any_setup(struct dice *dice, uint64_t seed)
{
    static const uint32_t windows[] = {4096, 16384, 65536, 1 << 20, 4 << 20};
    const struct plait_mechanism *const mechanisms[] = {&plait_mechanism_v1, &plait_mechanism_v1,
                                                        &plait_mechanism_v0, &tagged};
    const struct plait_mechanism *mechanism = mechanisms[throw_below(dice, 4)];
    struct pair_setup setup = {.seed = seed, .ipv6 = throw_below(dice, 2)};
    setup.tcp.send_limit_octets = windows[throw_below(dice, 5)];
    setup.tcp.receive_limit_octets = windows[throw_below(dice, 5)];
    setup.tcp.ranges_limit = throw_below(dice, 4) ? 0 : 16;
    setup.tcp.no_timestamps = throw_below(dice, 4) == 0;
    setup.tcp.no_sack = throw_below(dice, 6) == 0;
    setup.records_limit = throw_below(dice, 4) ? 0 : 64;
    for (unsigned side = 0; side < 2; side++) {
        setup.addrs[side] = 1 + (unsigned)throw_below(dice, END_ADDRS);
        setup.config[side] =
            (struct plait_mptcp_config){.mechanisms = {mechanism},
                                        .checksum = throw_below(dice, 3) == 0,
                                        .subflows_limit = 1 + (uint32_t)throw_below(dice, 6),
                                        .add_addr_accepted = (uint32_t)throw_below(dice, 4),
                                        .scheduler = schedulers[throw_below(dice, 3)],
                                        .path_manager = managers[throw_below(dice, 4)],
                                        .coupling = couplings[throw_below(dice, 3)],
                                        .uncoupled = throw_below(dice, 4) == 0};
    }
    return setup;
}

/* Not counted: what is closing, or waits in TIME-WAIT. */
static unsigned open_subflows(struct pair *pair, unsigned side)
{
    unsigned count = 0;
    for (struct plait_subflow *sub = pair->ends[side].app.connection->subflows; sub;
         sub = sub->next)
        count += plait_subflow_can_send(sub);
    return count;
}

static void disturb(struct pair *pair, struct dice *dice)
{
    unsigned side = (unsigned)throw_below(dice, 2), i = (unsigned)throw_below(dice, END_ADDRS);
    struct end *e = &pair->ends[side];
    struct plait_mptcp *c = e->app.connection;
    struct plait_place local = pair_place(pair, side, i % e->addr_count, 0);
    struct plait_place remote =
        pair_place(pair, !side, (unsigned)throw_below(dice, pair->ends[!side].addr_count), 0);
    struct line *line = &pair->lines[i];
    switch (throw_below(dice, 11)) {
    case 0:
    case 1:
        line->is_cut = !line->is_cut;
        break;
    case 2:
        line->loss_percent = (unsigned)throw_below(dice, 10);
        break;
    case 3:
        line->reorder_percent = (unsigned)throw_below(dice, 30);
        break;
    case 4:
        line->duplicate_percent = (unsigned)throw_below(dice, 10);
        break;
    case 5:
        line->delay_ns = (plait_time_ns)(1 + throw_below(dice, 100)) * PLAIT_MS;
        break;
    case 6: /* each may fail at a limit: that is one of the things that happen */
        (void)plait_mptcp_add_subflow(c, pair->now, &local, &remote, throw_below(dice, 3) == 0);
        break;
    case 7:
        if (open_subflows(pair, side) > 1)
            (void)plait_mptcp_remove_subflow(
                c, pair->now, (unsigned)throw_below(dice, pair_subflows(pair, side)));
        break;
    case 8:
        (void)plait_mptcp_set_backup(c, pair->now, (unsigned)throw_below(dice, 4),
                                     throw_below(dice, 2));
        break;
    case 9:
        (void)plait_mptcp_announce(c, pair->now, &local);
        break;
    default:
        e->app.holds_back = !e->app.holds_back;
        break;
    }
}

static void quiet(struct pair *pair)
{
    for (unsigned i = 0; i < END_ADDRS; i++) {
        plait_time_ns delay_ns = pair->lines[i].delay_ns;
        pair->lines[i] = (struct line){.delay_ns = delay_ns};
    }
    pair->ends[0].app.holds_back = pair->ends[1].app.holds_back = false;
}

/* An end without a subflow waits for a new one: that is the application's to make. */
static void reconnect(struct pair *pair)
{
    struct plait_place local = pair_place(pair, 0, 0, 0), remote = pair_place(pair, 1, 0, PORT);
    if (pair->ends[0].app.is_closed || pair->ends[1].app.is_closed ||
        (open_subflows(pair, 0) && open_subflows(pair, 1)))
        return;
    for (unsigned k = 0; k < 5; k++)
        (void)plait_mptcp_add_subflow(pair->ends[0].app.connection, pair->now, &local, &remote,
                                      false);
}

static bool both_have_subflows(struct pair *pair)
{
    return open_subflows(pair, 0) > 0 && open_subflows(pair, 1) > 0;
}

/* True if it passed, or ended for a reason that is allowed. */
static const char *run(uint64_t seed)
{
    struct pair pair;
    struct dice dice = {.key = plait_draw_key(seed + 77777)};
    struct pair_setup setup = any_setup(&dice, seed);
    const char *wrong = NULL;
    pair_make(&pair, &setup);
    pair_dial(&pair);
    if (!pair_run(&pair, 30 * PLAIT_S, pair_is_established)) {
        pair_free(&pair);
        return "no handshake";
    }
    struct application *apps[2] = {&pair.ends[0].app, &pair.ends[1].app};
    for (unsigned side = 0; side < 2; side++)
        apps[side]->to_write = throw_below(&dice, 4) ? throw_below(&dice, 300000) : 0;
    unsigned events = (unsigned)throw_below(&dice, 30);
    for (unsigned i = 0; i < events && !apps[0]->is_closed && !apps[1]->is_closed; i++) {
        pair_wait(&pair, (plait_time_ns)throw_below(&dice, 400) * PLAIT_MS);
        if (!apps[0]->is_closed && !apps[1]->is_closed)
            disturb(&pair, &dice);
        if (throw_below(&dice, 20) == 0)
            apps[throw_below(&dice, 2)]->closes = true;
    }
    quiet(&pair);
    apps[0]->closes = apps[1]->closes = true;
    for (unsigned i = 0; i < 40 && !pair_is_closed(&pair); i++) {
        pair_run(&pair, pair.now + 30 * PLAIT_S, pair_is_closed);
        if (!both_have_subflows(&pair))
            reconnect(&pair);
    }
    if (apps[0]->is_wrong || apps[1]->is_wrong)
        wrong = "octets were changed";
    else if (!pair_is_closed(&pair))
        wrong = "it does not come to an end";
    for (unsigned side = 0; side < 2; side++) {
        bool has_ended_early =
            apps[0]->events[PLAIT_MPTCP_IS_TIMED_OUT] || apps[1]->events[PLAIT_MPTCP_IS_TIMED_OUT];
        if (apps[side]->events[PLAIT_MPTCP_IS_RESET])
            wrong = "it was reset";
        else if (apps[side]->events[PLAIT_MPTCP_IS_FALLEN_BACK])
            wrong = "it fell back";
        else if (!has_ended_early && apps[side]->read != apps[!side]->to_write)
            wrong = "octets are missing";
        else if (has_ended_early)
            wrong = "it timed out";
    }
    if (getenv("SEED"))
        printf("client: read %lu of %lu, subflows %u; server: read %lu of %lu, subflows %u\n",
               apps[0]->read, apps[1]->to_write, pair_subflows(&pair, 0), apps[1]->read,
               apps[0]->to_write, pair_subflows(&pair, 1));
    pair_free(&pair);
    return wrong;
}

static void whatever_happens_the_stream_arrives(void **state)
{
    const char *one = getenv("SEED"), *many = getenv("COUNT");
    uint64_t first = one ? strtoull(one, NULL, 0) : 0;
    uint64_t count = one ? 1 : many ? strtoull(many, NULL, 0) : COUNT;
    unsigned failures = 0;
    (void)state;
    tagged = mechanism_tag();
    for (uint64_t seed = first; seed < first + count; seed++) {
        const char *wrong = run(seed);
        if (wrong) {
            printf("SEED=%lu: %s\n", seed, wrong);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(whatever_happens_the_stream_arrives),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
