/* What happens because nothing happens: timeouts, probes, delayed acknowledgments. */
#include "tests/unit/test.h"
#include "world.h"

static const struct world_config plain = {
    .seed = 9, .isn = {100, 200}, .link = {.delay_ns = 10 * PLAIT_MS}};

static struct world *open_with(const struct world_config *config)
{
    struct world *w = world_new(config);
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    world_pass(w, 100 * PLAIT_MS);
    return w;
}

static void cut(struct world *w, bool is_cut)
{
    w->link[0][A].is_cut = w->link[0][B].is_cut = is_cut;
}

/* Moments of A's packets. */
struct moments {
    plait_time_ns at[64];
    uint8_t flags[64];
    uint32_t payload[64];
    unsigned count;
};

static bool note(struct world *w, int from, const struct plait_segment *s)
{
    struct moments *m = w->filter_self;
    if (from != A || m->count == 64)
        return true;
    m->at[m->count] = w->now;
    m->payload[m->count] = (uint32_t)s->payload_octets;
    m->flags[m->count++] = s->flags;
    return true;
}

static void watch(struct world *w, struct moments *m)
{
    memset(m, 0, sizeof *m);
    w->filter = note;
    w->filter_self = m;
}

/* ---- SYN ---- */

static void a_syn_is_repeated_with_doubling_waits_and_given_up(void **state)
{
    (void)state;
    struct world *w = world_new(&plain);
    struct moments m;
    watch(w, &m);
    w->is_listening = false;
    world_pass(w, 300 * PLAIT_S);
    assert_int_equal(m.count, 7);
    for (unsigned i = 1; i < m.count; i++)
        assert_true(m.at[i] - m.at[i - 1] == (PLAIT_S << (i - 1)));
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 1);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_CLOSED], 1);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_TIMED_OUT], 6);
    world_free(w);
}

static void an_icmp_error_shortens_a_syns_patience(void **state)
{
    (void)state;
    struct world *w = world_new(&plain);
    struct moments m;
    watch(w, &m);
    w->is_listening = false;
    plait_flow_unreachable(w->end[A].flow, w->end[A].flow->paths, w->now, true);
    world_pass(w, 300 * PLAIT_S);
    assert_int_equal(m.count, 3);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 1);
    world_free(w);
}

/* ---- data ---- */

static void data_is_repeated_with_doubling_waits_and_given_up(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    struct moments m;
    cut(w, true);
    watch(w, &m);
    w->end[A].to_write = 100;
    world_pass(w, 3600 * PLAIT_S);
    assert_int_equal(m.count, 16); /* and 15 retries */
    plait_time_ns wait = m.at[1] - m.at[0];
    assert_true(wait >= 200 * PLAIT_MS && wait <= 260 * PLAIT_MS); /* RTT + 200 ms at least */
    for (unsigned i = 1; i < m.count; i++) {
        assert_true(m.at[i] - m.at[i - 1] == wait);
        wait = wait * 2 < 120 * PLAIT_S ? wait * 2 : 120 * PLAIT_S;
    }
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 1);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_TIMED_OUT], 15);
    world_free(w);
}

/* B has nothing in order of A's 5000 octets and SACKs those from SACKED on. */
static void claim(struct world *w, uint32_t sacked)
{
    struct plait_segment s = world_forge(w, B, PLAIT_ACK);
    s.options.sack_count = 1;
    s.options.sack[0] = (struct plait_sack_block){s.ack + sacked, s.ack + 5000};
    world_inject(w, B, &s);
}

static struct world *with_5000_under_way(void)
{
    struct world *w = open_with(&plain);
    cut(w, true);
    w->end[A].to_write = 5000;
    world_pass(w, PLAIT_MS);
    return w;
}

/* RFC 2018 §8: nothing is in flight any more, and still a timeout comes. */
static void what_was_sacked_and_taken_back_is_sent_again(void **state)
{
    (void)state;
    struct world *w = with_5000_under_way();
    claim(w, 2000);
    struct plait_segment s = world_forge(w, B, PLAIT_ACK);
    s.ack += 2000;
    world_inject(w, B, &s);
    assert_int_equal(w->end[A].flow->paths->in_flight_octets, 0);
    world_pass(w, PLAIT_S);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_TIMED_OUT], 2);
    assert_int_equal(w->end[A].flow->send.sacked_octets, 0);
    world_pass(w, 3600 * PLAIT_S);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 1);
    world_free(w);
}

/* A peer that SACKs all there is and acknowledges none of it contradicts itself. */
static void the_next_octet_cannot_be_sacked(void **state)
{
    (void)state;
    struct world *w = with_5000_under_way();
    claim(w, 0);
    assert_int_equal(w->end[A].flow->send.sacked_octets, 0);
    cut(w, false);
    assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
    world_free(w);
}

static void a_path_that_heals_goes_on(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    w->end[A].to_write = 1000000;
    world_pass(w, 25 * PLAIT_MS);
    cut(w, true);
    world_pass(w, 20 * PLAIT_S);
    assert_true(w->end[A].events[PLAIT_FLOW_IS_TIMED_OUT] >= 5);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_RECOVERED], 0);
    cut(w, false);
    assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_RECOVERED], 1);
    assert_int_equal(w->end[A].flow->paths->timeouts, 0);
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

/* The path is only slow: one segment too many, and the window is what it was (RFC 4015). */
static void a_spurious_timeout_is_taken_back(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    w->end[A].to_write = 300000;
    world_pass(w, 45 * PLAIT_MS);
    uint32_t window = w->end[A].flow->paths->window_octets;
    w->link[0][A].delay_ns = 400 * PLAIT_MS;
    world_pass(w, 380 * PLAIT_MS);
    assert_int_equal(world_count(w, A, PLAIT_COUNT_TIMEOUTS), 1);
    assert_true(w->end[A].flow->paths->window_octets < window);
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_true(w->end[A].flow->paths->window_octets >= window);
    assert_true(world_count(w, A, PLAIT_COUNT_RETRANSMITTED) <= 3);
    world_free(w);
}

/* ---- tail loss (RFC 8985 §7) ---- */

/* The last two segments, once. */
static bool lose_tail(struct world *w, int from, const struct plait_segment *s)
{
    unsigned *left = w->filter_self;
    bool is_tail = from == A && s->payload_octets && s->seq - w->config.isn[A] > 7000 && *left;
    if (is_tail)
        --*left;
    return !is_tail;
}

static void a_lost_tail_is_found_without_a_timeout(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    unsigned losses = 2;
    w->filter = lose_tail;
    w->filter_self = &losses;
    w->end[A].to_write = 10000;
    plait_time_ns start = w->now;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_true(w->now - start <= 150 * PLAIT_MS); /* 60 for the rest, 50 of waiting, 30 */
    assert_int_equal(losses, 0);
    assert_int_equal(world_count(w, A, PLAIT_COUNT_TIMEOUTS), 0);
    world_free(w);
}

/* ---- zero window ---- */

static struct world *with_full_receiver(const struct world_config *config)
{
    struct world *w = open_with(config);
    w->end[B].is_deaf = true;
    w->end[A].to_write = 200000;
    world_pass(w, 10 * PLAIT_S);
    assert_true(w->end[A].flow->send.window_edge == w->end[A].flow->send.next);
    return w;
}

static struct world_config small_window(void)
{
    struct world_config config = plain;
    config.tcp[B].receive_limit_octets = 50000;
    return config;
}

static void a_closed_window_is_probed_with_doubling_waits_for_ever(void **state)
{
    (void)state;
    struct world_config config = small_window();
    struct world *w = with_full_receiver(&config);
    struct moments m;
    uint64_t probes = world_count(w, A, PLAIT_COUNT_PROBES);
    assert_true(probes >= 3);
    watch(w, &m);
    world_pass(w, 7200 * PLAIT_S);
    assert_true(m.count >= 55);
    assert_true(m.at[m.count - 1] - m.at[m.count - 2] == 120 * PLAIT_S);
    assert_int_equal(m.payload[5], 0);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 0);
    w->end[B].is_deaf = false;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    assert_false(w->end[B].is_corrupt);
    world_free(w);
}

/* One segment that lies ahead in the window, forged, says that the window is closed.  The peer
 * itself has nothing to send, so nothing of it ever has a higher number. */
static void a_forged_closed_window_does_not_last(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    struct plait_segment forged = world_forge(w, B, PLAIT_ACK);
    forged.seq += 1000;
    forged.window = 0;
    world_inject(w, B, &forged);
    assert_true(w->end[A].flow->send.window_edge == w->end[A].flow->send.next);
    w->end[A].to_write = 100000;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    world_free(w);
}

/* Of segments that overtook one another the later one counts. */
static void an_older_window_does_not_take_the_place_of_a_newer_one(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    const struct plait_sending *s = &w->end[A].flow->send;
    uint8_t octets[200] = {0};
    struct plait_segment earlier = world_forge(w, B, PLAIT_ACK), later = earlier;
    earlier.payload = octets;
    later.payload = octets + 100;
    earlier.payload_octets = later.payload_octets = 100;
    later.seq += 100;
    earlier.window = 500;
    world_inject(w, B, &later);
    uint64_t edge = s->window_edge;
    assert_true(edge == s->unacked + ((uint64_t)later.window << s->shift));
    world_inject(w, B, &earlier);
    assert_true(s->window_edge == edge);
    later.seq += 100; /* but the peer may take it back (RFC 9293 §3.8.6) */
    later.payload_octets = 0;
    later.window = 700;
    world_inject(w, B, &later);
    assert_true(s->window_edge == s->unacked + ((uint64_t)700 << s->shift));
    world_free(w);
}

static void a_lost_window_update_is_made_good_by_a_probe(void **state)
{
    (void)state;
    struct world_config config = small_window();
    struct world *w = with_full_receiver(&config);
    w->link[0][B].is_cut = true;
    w->end[B].is_deaf = false;
    world_pass(w, 20 * PLAIT_MS); /* the update goes out, and is lost */
    w->link[0][B].is_cut = false;
    assert_int_equal(w->end[B].read, 50000);
    assert_true(world_run(w, world_all_arrived, 60 * PLAIT_S));
    world_free(w);
}

static void a_window_opens_in_steps_worth_a_segment(void **state)
{
    (void)state;
    struct world_config config = small_window();
    struct world *w = with_full_receiver(&config);
    struct plait_receive_queue *q = plait_flow_receive_queue(w->end[B].flow);
    uint64_t packets = w->end[B].packets;
    for (uint32_t octets = 10; octets <= 1450; octets += 10) {
        plait_receive_queue_consume(q, 10);
        w->end[B].read += 10;
        plait_flow_consumed(w->end[B].flow);
        world_flush(w);
        assert_int_equal(w->end[B].packets, packets + (octets >= 1448));
    }
    assert_int_equal(w->seen[B].window << w->end[B].flow->receive.shift, 1450);
    world_free(w);
}

static void a_dead_peer_with_a_closed_window_is_given_up(void **state)
{
    (void)state;
    struct world_config config = small_window();
    struct world *w = with_full_receiver(&config);
    cut(w, true);
    world_pass(w, 7200 * PLAIT_S);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 1);
    world_free(w);
}

/* ---- acknowledgments ---- */

static void one_segment_is_acknowledged_late_two_at_once(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    w->end[A].to_write = 1448; /* the first answer opens the window beyond the SYN's 64 K */
    world_pass(w, 200 * PLAIT_MS);
    w->end[A].to_write += 1448;
    world_pass(w, 45 * PLAIT_MS);
    uint64_t packets = w->end[B].packets;
    world_pass(w, 10 * PLAIT_MS); /* 50 ms after: 10 on the way, 40 of waiting */
    assert_int_equal(w->end[B].packets, packets + 1);
    w->end[A].to_write += 2 * 1448;
    world_pass(w, 11 * PLAIT_MS);
    assert_int_equal(w->end[B].packets, packets + 2);
    world_free(w);
}

/* ---- keepalive ---- */

static void an_idle_peer_is_asked_whether_it_lives(void **state)
{
    (void)state;
    struct world_config config = plain;
    config.tcp[A].keepalive_ns = 60 * PLAIT_S;
    struct world *w = open_with(&config);
    world_pass(w, 600 * PLAIT_S);
    assert_in_range(world_count(w, A, PLAIT_COUNT_KEEPALIVES), 9, 10);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 0);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_HAS_DATA], 0);
    cut(w, true);
    world_pass(w, 700 * PLAIT_S);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_GAVE_UP], 1);
    world_free(w);
}

static void a_probe_on_demand_is_answered(void **state)
{
    (void)state;
    struct world *w = open_with(&plain);
    uint64_t packets = w->end[B].packets;
    plait_flow_probe(w->end[A].flow, w->now);
    world_pass(w, 30 * PLAIT_MS);
    assert_int_equal(w->end[B].packets, packets + 1);
    assert_true(w->now - w->end[A].flow->heard_ns <= 10 * PLAIT_MS);
    world_free(w);
}

/* ---- memory ---- */

static void a_flow_without_records_waits_for_them(void **state)
{
    (void)state;
    struct world_config config = plain;
    config.records_limit = 16;
    config.tcp[A].records_limit = config.tcp[B].records_limit = 16;
    config.link.loss_ppm = 50000;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        config.seed = seed;
        struct world *w = world_new(&config);
        w->end[A].to_write = w->end[B].to_write = 200000;
        bool is_done = world_run(w, world_all_arrived, 2000 * PLAIT_S);
        if (!is_done)
            fail_msg("records, seed %u", (unsigned)seed);
        assert_true(w->end[A].stack.records.made <= 16);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_syn_is_repeated_with_doubling_waits_and_given_up),
        cmocka_unit_test(an_icmp_error_shortens_a_syns_patience),
        cmocka_unit_test(data_is_repeated_with_doubling_waits_and_given_up),
        cmocka_unit_test(what_was_sacked_and_taken_back_is_sent_again),
        cmocka_unit_test(the_next_octet_cannot_be_sacked),
        cmocka_unit_test(a_path_that_heals_goes_on),
        cmocka_unit_test(a_spurious_timeout_is_taken_back),
        cmocka_unit_test(a_lost_tail_is_found_without_a_timeout),
        cmocka_unit_test(a_closed_window_is_probed_with_doubling_waits_for_ever),
        cmocka_unit_test(a_forged_closed_window_does_not_last),
        cmocka_unit_test(an_older_window_does_not_take_the_place_of_a_newer_one),
        cmocka_unit_test(a_lost_window_update_is_made_good_by_a_probe),
        cmocka_unit_test(a_window_opens_in_steps_worth_a_segment),
        cmocka_unit_test(a_dead_peer_with_a_closed_window_is_given_up),
        cmocka_unit_test(one_segment_is_acknowledged_late_two_at_once),
        cmocka_unit_test(an_idle_peer_is_asked_whether_it_lives),
        cmocka_unit_test(a_probe_on_demand_is_answered),
        cmocka_unit_test(a_flow_without_records_waits_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
