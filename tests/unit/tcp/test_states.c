/* Opening and closing in every order (RFC 9293 §3.5, §3.6). */
#include "tests/unit/test.h"
#include "world.h"

static const struct world_config plain = {
    .seed = 5, .isn = {100, 200}, .link = {.delay_ns = 5 * PLAIT_MS}};

static struct world *open_world(void)
{
    struct world *w = world_new(&plain);
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    world_pass(w, 100 * PLAIT_MS);
    return w;
}

static enum plait_flow_state state_of(const struct world *w, int end)
{
    return plait_flow_state(w->end[end].flow);
}

static void close_end(struct world *w, int end)
{
    w->end[end].closes = true;
}

static void check_states(const struct world *w, enum plait_flow_state a, enum plait_flow_state b)
{
    assert_string_equal(plait_flow_state_name(state_of(w, A)), plait_flow_state_name(a));
    assert_string_equal(plait_flow_state_name(state_of(w, B)), plait_flow_state_name(b));
}

static void one_end_closes_after_the_other(void **state)
{
    (void)state;
    struct world *w = open_world();
    close_end(w, A);
    world_pass(w, PLAIT_MS);
    check_states(w, PLAIT_FLOW_FIN_WAIT_1, PLAIT_FLOW_ESTABLISHED);
    world_pass(w, 6 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_FIN_WAIT_1, PLAIT_FLOW_CLOSE_WAIT);
    world_pass(w, 6 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_FIN_WAIT_2, PLAIT_FLOW_CLOSE_WAIT);
    assert_true(w->end[B].has_peer_fin);
    assert_true(plait_flow_peer_done(w->end[B].flow));
    /* B may still send: half-closed */
    w->end[B].to_write = 50000;
    world_pass(w, 100 * PLAIT_MS);
    assert_int_equal(w->end[A].read, 50000);
    close_end(w, B);
    world_pass(w, PLAIT_MS);
    check_states(w, PLAIT_FLOW_FIN_WAIT_2, PLAIT_FLOW_LAST_ACK);
    world_pass(w, 6 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_TIME_WAIT, PLAIT_FLOW_LAST_ACK);
    world_pass(w, 6 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_TIME_WAIT, PLAIT_FLOW_CLOSED);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_CLOSED], 1);
    world_pass(w, 59 * PLAIT_S);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_CLOSED], 0);
    world_pass(w, 2 * PLAIT_S);
    check_states(w, PLAIT_FLOW_CLOSED, PLAIT_FLOW_CLOSED);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_CLOSED], 1);
    world_free(w);
}

static void both_close_at_once(void **state)
{
    (void)state;
    struct world *w = open_world();
    close_end(w, A);
    close_end(w, B);
    world_pass(w, PLAIT_MS);
    check_states(w, PLAIT_FLOW_FIN_WAIT_1, PLAIT_FLOW_FIN_WAIT_1);
    world_pass(w, 5 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_CLOSING, PLAIT_FLOW_CLOSING);
    world_pass(w, 5 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_TIME_WAIT, PLAIT_FLOW_TIME_WAIT);
    world_free(w);
}

static void a_lost_last_ack_is_sent_again_from_time_wait(void **state)
{
    (void)state;
    struct world *w = open_world();
    close_end(w, A);
    world_pass(w, 50 * PLAIT_MS);
    w->link[0][A].is_cut = true; /* A's ACK of B's FIN gets lost */
    close_end(w, B);
    world_pass(w, 20 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_TIME_WAIT, PLAIT_FLOW_LAST_ACK);
    plait_time_ns before = w->end[A].flow->life_timer.at_ns;
    w->link[0][A].is_cut = false;
    world_pass(w, PLAIT_S);
    check_states(w, PLAIT_FLOW_TIME_WAIT, PLAIT_FLOW_CLOSED);
    assert_true(w->end[A].flow->life_timer.at_ns > before); /* 2 MSL begin anew */
    world_free(w);
}

static void both_open_at_once(void **state)
{
    (void)state;
    static const uint32_t losses[] = {0, 300000};
    for (uint64_t seed = 1; seed < 60; seed++) {
        struct world_config config = plain;
        config.seed = seed;
        config.link.loss_ppm = losses[seed % 2];
        struct world *w = world_new_simultaneous(&config);
        w->end[A].to_write = 20000;
        w->end[B].to_write = 10000;
        close_end(w, A);
        close_end(w, B);
        bool is_done = world_run(w, world_both_closed, 2000 * PLAIT_S);
        if (!is_done || !world_all_arrived(w))
            fail_msg("simultaneous open, seed %u: %s %s", (unsigned)seed,
                     plait_flow_state_name(state_of(w, A)), plait_flow_state_name(state_of(w, B)));
        assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_ESTABLISHED], 1);
        assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_ESTABLISHED], 1);
        world_free(w);
    }
}

static void what_was_written_before_the_handshake_arrives(void **state)
{
    (void)state;
    struct world *w = world_new(&plain);
    w->end[A].to_write = 5000;
    close_end(w, A);
    close_end(w, B);
    assert_true(world_run(w, world_both_closed, 10 * PLAIT_S));
    assert_int_equal(w->end[B].read, 5000);
    world_free(w);
}

/* ---- abort ---- */

static void an_abort_resets_the_peer(void **state)
{
    (void)state;
    struct world *w = open_world();
    plait_flow_abort(w->end[A].flow, w->now);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_CLOSED], 0);
    world_pass(w, 20 * PLAIT_MS);
    check_states(w, PLAIT_FLOW_CLOSED, PLAIT_FLOW_CLOSED);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_CLOSED], 1);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_RESET], 0);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_RESET], 1);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_CLOSED], 1);
    world_free(w);
}

static void an_abort_before_an_answer_says_nothing(void **state)
{
    (void)state;
    struct world *w = world_new(&plain);
    world_flush(w);
    uint64_t packets = w->end[A].packets;
    plait_flow_abort(w->end[A].flow, w->now);
    world_flush(w);
    assert_int_equal(w->end[A].packets, packets);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_CLOSED], 1);
    world_free(w);
}

/* ---- FIN in every state ---- */

/* An extra FIN from A, exact or repeated, in whatever state B is: never two PEER_FINs. */
static void a_fin_is_taken_once(void **state)
{
    (void)state;
    struct world *w = open_world();
    struct plait_segment fin = world_forge(w, A, PLAIT_ACK | PLAIT_FIN);
    for (int i = 0; i < 3; i++) {
        world_inject(w, A, &fin);
        world_flush(w);
        check_states(w, PLAIT_FLOW_ESTABLISHED, PLAIT_FLOW_CLOSE_WAIT);
    }
    assert_int_equal(w->end[B].events[PLAIT_FLOW_PEER_FIN], 1);
    assert_int_equal(w->seen[B].ack, fin.seq + 1);
    fin.seq++; /* behind the FIN */
    fin.flags = PLAIT_ACK;
    fin.payload = (const uint8_t *)"late";
    fin.payload_octets = 4;
    uint64_t edge = plait_flow_received(w->end[B].flow);
    world_inject(w, A, &fin);
    assert_true(plait_flow_received(w->end[B].flow) == edge);
    world_free(w);
}

static void a_fin_ahead_waits_for_what_is_missing(void **state)
{
    (void)state;
    struct world *w = open_world();
    uint8_t octets[100];
    world_pattern(A, 0, octets, sizeof octets);
    struct plait_segment s = world_forge(w, A, PLAIT_ACK | PLAIT_FIN);
    uint32_t start = s.seq;
    s.seq = start + 50;
    s.payload = octets + 50;
    s.payload_octets = 50;
    world_inject(w, A, &s);
    check_states(w, PLAIT_FLOW_ESTABLISHED, PLAIT_FLOW_ESTABLISHED);
    s.seq = start + 100; /* another end, further on: the first stands */
    s.payload_octets = 20;
    s.flags = PLAIT_ACK | PLAIT_FIN;
    world_inject(w, A, &s);
    s.seq = start;
    s.flags = PLAIT_ACK;
    s.payload = octets;
    s.payload_octets = 50;
    world_inject(w, A, &s);
    check_states(w, PLAIT_FLOW_ESTABLISHED, PLAIT_FLOW_CLOSE_WAIT);
    assert_int_equal(w->end[B].read, 100);
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

/* Every pair of moments of closing, each with a FIN, an ACK or nothing lost first. */
static void no_order_of_closing_gets_stuck(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct world_config config = plain;
        config.seed = seed;
        config.link.loss_ppm = 250000;
        config.tcp[A].syn_retries = config.tcp[B].syn_retries = 30;
        config.tcp[A].data_retries = config.tcp[B].data_retries = 30;
        config.tcp[A].rto_max_ns = config.tcp[B].rto_max_ns = PLAIT_S;
        struct world *w = world_new(&config);
        struct plait_draw_key key = plait_draw_key(seed);
        for (int i = 0; i < 2; i++) {
            w->end[i].to_write = plait_draw_below(&key, "close", "octets", (uint64_t)i, 4000);
            world_pass(w, (plait_time_ns)plait_draw_below(&key, "close", "wait", (uint64_t)i, 200) *
                              PLAIT_MS);
            close_end(w, i);
        }
        bool is_done = world_run(w, world_both_closed, 1000 * PLAIT_S);
        if (!is_done || !world_all_arrived(w))
            fail_msg("closing, seed %u: %s, %s", (unsigned)seed,
                     plait_flow_state_name(state_of(w, A)),
                     w->end[B].flow ? plait_flow_state_name(state_of(w, B)) : "-");
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_end_closes_after_the_other),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(a_lost_last_ack_is_sent_again_from_time_wait),
        cmocka_unit_test(both_open_at_once),
        cmocka_unit_test(what_was_written_before_the_handshake_arrives),
        cmocka_unit_test(an_abort_resets_the_peer),
        cmocka_unit_test(an_abort_before_an_answer_says_nothing),
        cmocka_unit_test(a_fin_is_taken_once),
        cmocka_unit_test(a_fin_ahead_waits_for_what_is_missing),
        cmocka_unit_test(no_order_of_closing_gets_stuck),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
