/* The end of a stream: DATA_FIN in every order, paths that are cut and heal, connections without a
 * path. */
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

static struct plait_mptcp *connection(struct pair *pair, unsigned side)
{
    return pair->ends[side].app.connection;
}

static struct pair_setup standard(const struct plait_mechanism *mechanism, bool checksum)
{
    struct pair_setup setup = {.addrs = {3, 1}, .seed = 23};
    for (unsigned side = 0; side < 2; side++) {
        setup.config[side].mechanisms[0] = mechanism;
        setup.config[side].checksum = checksum;
        setup.config[side].subflows_limit = 3;
    }
    return setup;
}

static void assert_closed_whole(struct pair *pair)
{
    assert_true(pair_run(pair, pair->now + 300 * PLAIT_S, pair_is_closed));
    for (unsigned side = 0; side < 2; side++) {
        struct application *app = &pair->ends[side].app;
        assert_int_equal(app->events[PLAIT_MPTCP_PEER_DONE], 1);
        assert_int_equal(app->events[PLAIT_MPTCP_IS_RESET], 0);
        assert_int_equal(app->events[PLAIT_MPTCP_IS_TIMED_OUT], 0);
        assert_true(app->read == pair->ends[!side].app.to_write);
        assert_false(app->is_wrong);
    }
    pair_free(pair);
}

enum order { CLIENT_FIRST, SERVER_FIRST, BOTH_AT_ONCE, WITH_DATA, WITHOUT_DATA_EVER, ORDERS };

static void close_in_order(const struct plait_mechanism *mechanism, bool checksum, enum order order,
                           unsigned loss_percent, uint64_t seed)
{
    struct pair pair;
    struct pair_setup setup = standard(mechanism, checksum);
    setup.seed = seed;
    pair_make(&pair, &setup);
    struct application *client = &pair.ends[0].app, *server = &pair.ends[1].app;
    if (order == WITHOUT_DATA_EVER) {
        pair_dial(&pair);
        pair.lines[0].loss_percent = loss_percent;
        client->closes = server->closes = true;
        assert_closed_whole(&pair);
        return;
    }
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.lines[0].loss_percent = pair.lines[1].loss_percent = loss_percent;
    if (order == WITH_DATA) {
        client->to_write += 20000;
        server->to_write += 20000;
        client->closes = server->closes = true;
    } else {
        pair_transfer(&pair, 20000, 20000, 60 * PLAIT_S);
        client->closes = order != SERVER_FIRST;
        server->closes = order != CLIENT_FIRST;
        if (order != BOTH_AT_ONCE) {
            /* Half closed: the other direction goes on. */
            pair_wait(&pair, PLAIT_S);
            pair_transfer(&pair, client->closes ? 0 : 30000, server->closes ? 0 : 30000,
                          60 * PLAIT_S);
            client->closes = server->closes = true;
        }
    }
    assert_closed_whole(&pair);
}

static void n27_data_fins_in_every_order(void **state)
{
    static const struct plait_mechanism *const versions[] = {&plait_mechanism_v1,
                                                             &plait_mechanism_v0};
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned order = 0; order < ORDERS; order++)
            for (unsigned seed = 0; seed < 6; seed++)
                close_in_order(versions[v], seed & 1, (enum order)order, 5 * (seed / 2), seed);
}

static unsigned fins_seen, fins_with_payload;

static bool swallow_fins(struct pair *pair, unsigned from, struct plait_segment *s)
{
    const struct plait_mptcp_option *o = plait_segment_option(s, PLAIT_DSS);
    (void)pair;
    if (from || !o || !o->dss.data_fin)
        return true;
    fins_with_payload += s->payload_octets > 0;
    return ++fins_seen > 3;
}

static void a_data_fin_is_sent_again_until_it_is_acknowledged(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    fins_seen = fins_with_payload = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = swallow_fins;
    pair.ends[0].app.closes = pair.ends[1].app.closes = true;
    pair_run(&pair, pair.now + 60 * PLAIT_S, pair_is_closed);
    assert_true(fins_seen >= 4);
    assert_int_equal(fins_with_payload, 0);
    assert_closed_whole(&pair);
}

static void a_data_fin_rides_on_the_last_payload(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    fins_seen = 10;
    fins_with_payload = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = swallow_fins;
    pair.ends[0].app.to_write += 2000;
    pair.ends[0].app.closes = pair.ends[1].app.closes = true;
    pair_run(&pair, pair.now + 60 * PLAIT_S, pair_is_closed);
    assert_int_equal(fins_with_payload, 1);
    assert_closed_whole(&pair);
}

static void what_was_written_and_closed_before_the_handshake_arrives(void **state)
{
    (void)state;
    for (unsigned octets = 0; octets < 2000; octets += 1000) {
        struct pair pair;
        struct pair_setup setup = standard(&plait_mechanism_v1, false);
        static const uint8_t zeros[1000];
        pair_make(&pair, &setup);
        pair_dial(&pair);
        assert_int_equal(plait_mptcp_put(connection(&pair, 0), 0, zeros, octets), octets);
        plait_mptcp_close(connection(&pair, 0), 0);
        assert_int_equal(plait_mptcp_put(connection(&pair, 0), 0, zeros, 1), 0);
        pair.ends[1].app.closes = true;
        assert_true(pair_run(&pair, 200 * PLAIT_S, pair_is_closed));
        assert_int_equal(pair.ends[1].app.read, octets);
        pair_free(&pair);
    }
}

static void n27_a_second_data_fin_elsewhere_is_ignored(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp *c = connection(&pair, 1);
    for (unsigned i = 0; i < 2; i++) {
        struct plait_segment s = pair_forge(&pair, 1, 0);
        s.mptcp_count = 1;
        s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                                 .dss = {.data_fin = true,
                                                         .has_map = true,
                                                         .dsn_is_64 = true,
                                                         .dsn = c->peer_idsn + 500 + i,
                                                         .data_length = 1}};
        pair_inject(&pair, 1, &s);
    }
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DATA_FIN_BAD), 1);
    assert_int_equal(c->peer_fin, 500);
    assert_false(plait_mptcp_info(c).peer_done); /* what is before it is missing */
    pair_free(&pair);
}

/* ---- paths ---- */

static void a_path_is_cut_and_heals_in_mid_transfer(void **state)
{
    (void)state;
    for (unsigned cut = 0; cut < 2; cut++)
        for (unsigned checksum = 0; checksum < 2; checksum++) {
            struct pair pair;
            struct pair_setup setup = standard(&plait_mechanism_v1, checksum);
            pair_make(&pair, &setup);
            pair_open(&pair);
            pair_join(&pair, 1, 0);
            pair.ends[0].app.to_write += 2000000;
            pair.ends[1].app.to_write += 2000000;
            pair_wait(&pair, 40 * PLAIT_MS);
            pair.lines[cut].is_cut = true;
            pair_transfer(&pair, 0, 0, 30 * PLAIT_S);
            pair.lines[cut].is_cut = false;
            pair_wait(&pair, 30 * PLAIT_S);
            const struct plait_path *path = plait_flow_first_path(pair_subflow(&pair, 0, cut).flow);
            uint64_t before = path->sent_octets;
            pair_transfer(&pair, 3000000, 3000000, 60 * PLAIT_S);
            assert_true(path->sent_octets > before); /* used again */
            pair_free(&pair);
        }
}

static void after_a_timeout_the_octets_go_elsewhere(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair_transfer(&pair, 20000, 20000, 10 * PLAIT_S); /* both know their RTT */
    pair_wait(&pair, PLAIT_S);
    pair.lines[0].is_cut = true;
    pair_transfer(&pair, 5000, 0, 400 * PLAIT_MS); /* one timeout, and half a round trip */
    pair_free(&pair);
}

static void a_reset_of_one_subflow_loses_nothing(void **state)
{
    (void)state;
    for (unsigned which = 0; which < 2; which++) {
        struct pair pair;
        struct pair_setup setup = standard(&plait_mechanism_v1, false);
        setup.config[0].scheduler = &plait_round_robin;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        pair.ends[0].app.to_write += 500000;
        pair_step_output(&pair, 0);
        struct plait_segment s = pair_forge(&pair, 0, which);
        s.flags = PLAIT_RST;
        pair_inject(&pair, 0, &s);
        assert_int_equal(pair_subflows(&pair, 0), 1);
        pair_transfer(&pair, 1000, 100000, 60 * PLAIT_S);
        pair_free(&pair);
    }
}

static void break_before_make(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[0].app.to_write += 100000;
    pair_step_output(&pair, 0);
    for (unsigned side = 0; side < 2; side++) { /* both lose the only subflow */
        struct plait_segment s = pair_forge(&pair, side, 0);
        s.flags = PLAIT_RST;
        pair_inject(&pair, side, &s);
        assert_int_equal(pair_subflows(&pair, side), 0);
    }
    pair_wait(&pair, 20 * PLAIT_S);
    struct plait_place local = pair_place(&pair, 0, 1, 0), remote = pair_place(&pair, 1, 0, PORT);
    assert_ok(plait_mptcp_add_subflow(connection(&pair, 0), pair.now, &local, &remote, false));
    pair_transfer(&pair, 1000, 100000, 60 * PLAIT_S);
    pair_wait(&pair, 100 * PLAIT_S);
    assert_false(pair.ends[0].app.is_closed);
    pair_free(&pair);
}

static void without_a_subflow_it_ends_after_the_timeout(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    setup.config[1].close_timeout_ns = 5 * PLAIT_S;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_segment s = pair_forge(&pair, 1, 0);
    s.flags = PLAIT_RST;
    pair_inject(&pair, 1, &s);
    pair_wait(&pair, 4 * PLAIT_S);
    assert_false(pair.ends[1].app.is_closed);
    pair_wait(&pair, 2 * PLAIT_S);
    assert_true(pair.ends[1].app.is_closed);
    assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_TIMED_OUT], 1);
    pair_free(&pair);
}

static void a_subflow_is_removed_by_hand_in_mid_transfer(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, true);
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.ends[0].app.to_write += 1000000;
    pair.ends[1].app.to_write += 1000000;
    pair_wait(&pair, 40 * PLAIT_MS);
    assert_ok(plait_mptcp_remove_subflow(connection(&pair, 0), pair.now, 0)); /* the first */
    pair_transfer(&pair, 0, 0, 60 * PLAIT_S);
    pair_wait(&pair, 100 * PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 0), 1);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_free(&pair);
}

static void a_refused_connection_is_reset(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair_dial(&pair);
    pair_step_output(&pair, 0);
    struct plait_segment s = pair_forge(&pair, 0, 0);
    s.flags = PLAIT_RST | PLAIT_ACK;
    pair_inject(&pair, 0, &s);
    assert_int_equal(pair.ends[0].app.events[PLAIT_MPTCP_IS_RESET], 1);
    assert_true(pair.ends[0].app.is_closed);
    pair_free(&pair);
}

static void a_dead_path_at_dialling_times_out(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard(&plait_mechanism_v1, false);
    (void)state;
    pair_make(&pair, &setup);
    pair.lines[0].is_cut = true;
    pair_dial(&pair);
    pair_wait(&pair, 300 * PLAIT_S);
    assert_int_equal(pair.ends[0].app.events[PLAIT_MPTCP_IS_TIMED_OUT], 1);
    assert_true(pair.ends[0].app.is_closed);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(n27_data_fins_in_every_order),
    cmocka_unit_test(a_data_fin_is_sent_again_until_it_is_acknowledged),
    cmocka_unit_test(a_data_fin_rides_on_the_last_payload),
    cmocka_unit_test(what_was_written_and_closed_before_the_handshake_arrives),
    cmocka_unit_test(n27_a_second_data_fin_elsewhere_is_ignored),
    cmocka_unit_test(a_path_is_cut_and_heals_in_mid_transfer),
    cmocka_unit_test(after_a_timeout_the_octets_go_elsewhere),
    cmocka_unit_test(a_reset_of_one_subflow_loses_nothing),
    cmocka_unit_test(break_before_make),
    cmocka_unit_test(without_a_subflow_it_ends_after_the_timeout),
    cmocka_unit_test(a_subflow_is_removed_by_hand_in_mid_transfer),
    cmocka_unit_test(a_refused_connection_is_reset),
    cmocka_unit_test(a_dead_path_at_dialling_times_out),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
