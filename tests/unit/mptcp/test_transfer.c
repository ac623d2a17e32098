/* Transfers over two machines in memory: byte-exact, both ways, to the end. */
#include "tests/unit/mptcp/pair.h"

struct shape {
    const struct plait_mechanism *mechanism;
    unsigned paths;
    bool checksum, super;
    unsigned loss_percent, reorder_percent, duplicate_percent;
    const struct plait_scheduler *scheduler;
};

static void transfer(const struct shape *shape, uint64_t octets, uint64_t seed)
{
    struct pair pair;
    struct pair_setup setup = {.addrs = {shape->paths, 1}, .seed = seed, .super = shape->super};
    setup.tcp.super_octets = shape->super ? 65160 : 0;
    for (unsigned side = 0; side < 2; side++)
        setup.config[side] = (struct plait_mptcp_config){.mechanisms = {shape->mechanism},
                                                         .checksum = shape->checksum,
                                                         .subflows_limit = 7,
                                                         .scheduler = shape->scheduler};
    pair_make(&pair, &setup);
    pair_open(&pair);
    for (unsigned i = 1; i < shape->paths; i++)
        pair_join(&pair, i, 0);
    for (unsigned i = 0; i < shape->paths; i++) {
        pair.lines[i].loss_percent = shape->loss_percent;
        pair.lines[i].reorder_percent = shape->reorder_percent;
        pair.lines[i].duplicate_percent = shape->duplicate_percent;
    }
    pair_transfer(&pair, octets, octets, 600 * PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 0), shape->paths);
    assert_false(plait_mptcp_info(pair.ends[0].app.connection).is_fallen_back);
    for (unsigned i = 0; i < shape->paths; i++) {
        const struct plait_path *path = plait_flow_first_path(pair_subflow(&pair, 0, i).flow);
        if (octets >= 100000 && path->sent_octets == 0)
            fail_msg("%s, %u paths: nothing was sent on path %u", shape->mechanism->name,
                     shape->paths, i);
    }
    pair.ends[0].app.closes = pair.ends[1].app.closes = true;
    assert_true(pair_run(&pair, pair.now + 600 * PLAIT_S, pair_is_closed));
    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(pair.ends[side].app.events[PLAIT_MPTCP_PEER_DONE], 1);
        assert_int_equal(pair.ends[side].app.events[PLAIT_MPTCP_IS_RESET], 0);
    }
    pair_free(&pair);
}

static const struct plait_mechanism *const versions[] = {&plait_mechanism_v1, &plait_mechanism_v0};

static void over_1_2_and_4_paths_with_and_without_checksum(void **state)
{
    static const unsigned paths[] = {1, 2, 4};
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned p = 0; p < 3; p++)
            for (unsigned checksum = 0; checksum < 2; checksum++)
                transfer(&(struct shape){.mechanism = versions[v],
                                         .paths = paths[p],
                                         .checksum = checksum},
                         400000, 10 * p + checksum);
}

static void with_loss_reordering_and_duplicates(void **state)
{
    static const unsigned paths[] = {1, 2, 4};
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned p = 0; p < 3; p++)
            for (unsigned seed = 0; seed < 6; seed++)
                transfer(&(struct shape){.mechanism = versions[v],
                                         .paths = paths[p],
                                         .checksum = seed & 1,
                                         .loss_percent = 1 + 2 * (seed % 3),
                                         .reorder_percent = 10,
                                         .duplicate_percent = 3},
                         150000, 100 + seed);
}

static void with_each_scheduler(void **state)
{
    static const struct plait_scheduler *const schedulers[] = {
        &plait_lowest_rtt, &plait_round_robin, &plait_redundant};
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        for (unsigned loss = 0; loss < 4; loss += 3)
            transfer(&(struct shape){.mechanism = &plait_mechanism_v1,
                                     .paths = 3,
                                     .loss_percent = loss,
                                     .scheduler = schedulers[i]},
                     300000, 20 + i);
}

/* Each is one mapping of more than one segment. */
static void in_super_segments(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned seed = 0; seed < 8; seed++)
            transfer(&(struct shape){.mechanism = versions[v],
                                     .paths = 1 + seed % 3,
                                     .checksum = seed & 1,
                                     .super = true,
                                     .loss_percent = 2 * (seed / 4)},
                     3000000, 50 + seed);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(in_super_segments),
    cmocka_unit_test(over_1_2_and_4_paths_with_and_without_checksum),
    cmocka_unit_test(with_loss_reordering_and_duplicates),
    cmocka_unit_test(with_each_scheduler),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
