/* Schedulers, coupled congestion control, path managers. */
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

/* ---- schedulers ---- */

static struct plait_path paths[3];

static struct plait_schedule_candidate candidate(unsigned i, plait_time_ns rtt_ns, bool has_room)
{
    paths[i].smoothed_rtt_ns = rtt_ns;
    return (struct plait_schedule_candidate){.path = &paths[i], .has_room = has_room};
}

static void the_nearest_path_with_room_sends(void **state)
{
    struct plait_schedule_candidate c[3] = {candidate(0, 30, true), candidate(1, 10, true),
                                            candidate(2, 20, true)};
    (void)state;
    assert_int_equal(plait_lowest_rtt.choose(c, 3), 1);
    c[1].has_room = false;
    assert_int_equal(plait_lowest_rtt.choose(c, 3), 2);
    c[0].has_room = c[2].has_room = false;
    assert_int_equal(plait_lowest_rtt.choose(c, 3), -1);
    assert_int_equal(plait_lowest_rtt.choose(c, 0), -1);
}

static void backups_and_stale_paths_wait(void **state)
{
    struct plait_schedule_candidate c[3] = {candidate(0, 30, true), candidate(1, 10, true),
                                            candidate(2, 20, true)};
    (void)state;
    c[1].backup = true;
    c[2].is_stale = true;
    assert_int_equal(plait_lowest_rtt.choose(c, 3), 0);
    c[0].has_room = false; /* waited for */
    assert_int_equal(plait_lowest_rtt.choose(c, 3), -1);
    c[0].is_stale = true; /* only the backup is in health */
    assert_int_equal(plait_lowest_rtt.choose(c, 3), 1);
    c[1].is_stale = true; /* nobody is: regular ones first */
    c[0].has_room = true;
    assert_int_equal(plait_lowest_rtt.choose(c, 3), 2);
}

static void turns_go_round(void **state)
{
    struct plait_schedule_candidate c[3] = {candidate(0, 30, true), candidate(1, 10, true),
                                            candidate(2, 20, true)};
    unsigned chosen[3] = {0};
    (void)state;
    for (uint64_t turn = 1; turn <= 30; turn++) {
        int i = plait_round_robin.choose(c, 3);
        assert_true(i >= 0);
        chosen[i]++;
        c[i].last_turn = turn;
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(chosen[i], 10);
}

/* ---- coupling ---- */

enum { MSS = 1000 };
static const struct plait_coupling *const couplings[] = {&plait_lia, &plait_olia, &plait_balia};

static void set(unsigned i, uint32_t window, unsigned rtt_ms)
{
    paths[i] = (struct plait_path){
        .window_octets = window, .smoothed_rtt_ns = rtt_ms * PLAIT_MS, .delivered_octets = 1000000};
}

static uint32_t increase(const struct plait_coupling *coupling, unsigned i, unsigned count)
{
    const struct plait_path *all[3] = {&paths[0], &paths[1], &paths[2]};
    return coupling->increase(&paths[i], all, count, MSS, MSS);
}

static void one_path_grows_as_newreno(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        set(0, 20000, 50);
        assert_in_range(increase(couplings[k], 0, 1), 49, 50); /* 1000 * 1000 / 20000 */
    }
}

static void two_like_paths_share_one_tcps_growth(void **state)
{
    (void)state;
    set(0, 20000, 50);
    set(1, 20000, 50);
    /* (w/rtt^2) / (2w/rtt)^2 = 1/4 of 1/w for each, so that the sum of rates grows by less than
     * one TCP's; BALIA has the same at a = 1. */
    for (unsigned k = 0; k < 3; k++) {
        uint32_t a = increase(couplings[k], 0, 2), b = increase(couplings[k], 1, 2);
        assert_int_equal(a, b);
        assert_in_range(a, 12, 13);
    }
}

static void no_path_grows_faster_than_alone(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 3; k++)
        for (uint64_t seed = 0; seed < 2000; seed++) {
            struct dice dice = {.key = plait_draw_key(seed)};
            for (unsigned i = 0; i < 3; i++) {
                set(i, 1000 + (uint32_t)throw_below(&dice, 1u << (10 + throw_below(&dice, 20))),
                    (unsigned)throw_below(&dice, 500));
                paths[i].lost_octets = throw_below(&dice, 100000);
                paths[i].delivered_octets = throw_u64(&dice) >> throw_below(&dice, 60);
            }
            for (unsigned i = 0; i < 3; i++) {
                uint64_t alone = (uint64_t)MSS * MSS / paths[i].window_octets;
                assert_true(increase(couplings[k], i, 3) <= (alone ? alone : 1));
            }
        }
}

static void olia_moves_window_to_the_good_path(void **state)
{
    (void)state;
    set(0, 40000, 50); /* large, and lossy */
    set(1, 10000, 50);
    paths[0].lost_octets = 500000;
    uint32_t good = increase(&plait_olia, 1, 2), large = increase(&plait_olia, 0, 2);
    paths[0].lost_octets = 0;
    paths[1].lost_octets = 500000;
    assert_true(good > increase(&plait_olia, 1, 2));
    assert_true(large < increase(&plait_olia, 0, 2));
}

/* ---- path managers ---- */

static void made(struct pair *pair, const struct plait_path_manager *client,
                 const struct plait_path_manager *server, unsigned limit)
{
    struct pair_setup setup = {.addrs = {3, 2}, .seed = 41};
    setup.config[0].path_manager = client;
    setup.config[1].path_manager = server;
    for (unsigned side = 0; side < 2; side++) {
        setup.config[side].subflows_limit = limit;
        setup.config[side].add_addr_accepted = 4;
    }
    pair_make(pair, &setup);
    pair_open(pair);
    pair_wait(pair, PLAIT_S);
}

static void full_mesh_opens_every_pair(void **state)
{
    struct pair pair;
    (void)state;
    made(&pair, &plait_pm_full_mesh, &plait_pm_signal, 7);
    assert_int_equal(pair_subflows(&pair, 0), 6); /* 3 x 2 */
    for (unsigned i = 0; i < 6; i++)
        for (unsigned k = 0; k < i; k++) {
            const struct plait_path *a = plait_flow_first_path(pair_subflow(&pair, 0, i).flow);
            const struct plait_path *b = plait_flow_first_path(pair_subflow(&pair, 0, k).flow);
            assert_false(plait_addr_equal(&a->key.src.addr, &b->key.src.addr) &&
                         plait_addr_equal(&a->key.dst.addr, &b->key.dst.addr));
        }
    pair_transfer(&pair, 500000, 500000, 30 * PLAIT_S);
    pair_free(&pair);
    made(&pair, &plait_pm_full_mesh, &plait_pm_signal, 3);
    assert_int_equal(pair_subflows(&pair, 0), 4); /* and no more */
    pair_free(&pair);
}

static void n_ports_opens_them_between_two_addresses(void **state)
{
    struct pair pair;
    (void)state;
    made(&pair, &plait_pm_n_ports, &plait_pm_by_hand, 3);
    assert_int_equal(pair_subflows(&pair, 1), 4);
    for (unsigned i = 0; i < 4; i++) {
        const struct plait_path *p = plait_flow_first_path(pair_subflow(&pair, 0, i).flow);
        assert_true(plait_addr_equal(&p->key.src.addr, &pair.ends[0].addrs[0]));
        assert_int_equal(p->key.dst.port, PORT);
    }
    pair_free(&pair);
}

static void signal_announces_and_the_peer_dials(void **state)
{
    struct pair pair;
    (void)state;
    made(&pair, &plait_pm_by_hand, &plait_pm_signal, 7);
    assert_int_equal(pair_subflows(&pair, 0), 2);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_nearest_path_with_room_sends),
    cmocka_unit_test(backups_and_stale_paths_wait),
    cmocka_unit_test(turns_go_round),
    cmocka_unit_test(one_path_grows_as_newreno),
    cmocka_unit_test(two_like_paths_share_one_tcps_growth),
    cmocka_unit_test(no_path_grows_faster_than_alone),
    cmocka_unit_test(olia_moves_window_to_the_good_path),
    cmocka_unit_test(full_mesh_opens_every_pair),
    cmocka_unit_test(n_ports_opens_them_between_two_addresses),
    cmocka_unit_test(signal_announces_and_the_peer_dials),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
