/* How fast a flow may go: RFC 5681, RFC 6582, RFC 6928, RFC 8985, RFC 9438. */
#include <math.h>

#include "tests/unit/test.h"
#include "world.h"

enum { MSS = 1448 };

static struct world_config with(const struct plait_congestion *congestion)
{
    struct world_config config = {.seed = 2, .isn = {1, 2}, .link = {.delay_ns = 20 * PLAIT_MS}};
    config.tcp[A].congestion = config.tcp[B].congestion = congestion;
    return config;
}

static struct world *open_with(const struct world_config *config)
{
    struct world *w = world_new(config);
    assert_true(world_run(w, world_is_open, 10 * PLAIT_S));
    world_pass(w, 100 * PLAIT_MS);
    return w;
}

static struct plait_path *path_of(const struct world *w)
{
    return w->end[A].flow->paths;
}

/* ---- slow start ---- */

static void slow_start_doubles_from_ten_segments(void **state)
{
    (void)state;
    static const struct plait_congestion *both[] = {&plait_newreno, &plait_cubic};
    for (int i = 0; i < 2; i++) {
        struct world_config config = with(both[i]);
        struct world *w = open_with(&config);
        w->end[A].to_write = 100000000;
        world_pass(w, 0);
        assert_int_equal(path_of(w)->window_octets, 10 * MSS);
        assert_int_equal(path_of(w)->in_flight_octets, 10 * MSS);
        for (int round = 0; round < 5; round++) {
            uint32_t window = path_of(w)->window_octets;
            world_pass(w, 40 * PLAIT_MS); /* one acknowledgment may wait for a second segment */
            assert_in_range(path_of(w)->window_octets, 2 * window - 2 * MSS, 2 * window);
        }
        world_free(w);
    }
}

static void an_unused_window_does_not_grow(void **state)
{
    (void)state;
    struct world_config config = with(&plait_newreno);
    struct world *w = open_with(&config);
    for (int i = 0; i < 100; i++) {
        w->end[A].to_write += 2000;
        world_pass(w, 100 * PLAIT_MS);
    }
    assert_int_equal(path_of(w)->window_octets, 10 * MSS);
    world_free(w);
}

static void a_window_that_the_peer_limits_does_not_grow(void **state)
{
    (void)state;
    struct world_config config = with(&plait_newreno);
    config.tcp[B].receive_limit_octets = 60000;
    struct world *w = open_with(&config);
    w->end[A].to_write = 10000000;
    world_pass(w, 4 * PLAIT_S);
    assert_true(path_of(w)->window_octets < 120000);
    world_free(w);
}

static void an_idle_flow_begins_anew(void **state)
{
    (void)state;
    struct world_config config = with(&plait_newreno);
    struct world *w = open_with(&config);
    w->end[A].to_write = 1000000;
    assert_true(world_run(w, world_all_arrived, 10 * PLAIT_S));
    world_pass(w, PLAIT_S);
    assert_true(path_of(w)->window_octets > 20 * MSS);
    w->end[A].to_write += 1000000;
    world_pass(w, 0);
    assert_int_equal(path_of(w)->window_octets, 10 * MSS);
    assert_int_equal(path_of(w)->in_flight_octets, 10 * MSS);
    world_free(w);
}

/* ---- loss ---- */

static bool lose_marked(struct world *w, int from, const struct plait_segment *s)
{
    bool *is_marked = w->filter_self;
    if (from != A || !s->payload_octets || !*is_marked)
        return true;
    *is_marked = false;
    return false;
}

/* The window around one loss, in segments. */
static void lose_one(struct world *w, double *before, double *after)
{
    bool mark = true;
    world_pass(w, 100 * PLAIT_MS);
    w->filter = lose_marked;
    w->filter_self = &mark;
    while (mark)
        world_pass(w, PLAIT_MS);
    *before = path_of(w)->window_octets / (double)MSS;
    world_pass(w, 42 * PLAIT_MS);
    *after = path_of(w)->window_octets / (double)MSS;
    w->filter = NULL;
}

static void newreno_halves(void **state)
{
    (void)state;
    for (int no_sack = 0; no_sack < 2; no_sack++) {
        struct world_config config = with(&plait_newreno);
        config.tcp[A].no_sack = no_sack;
        struct world *w = open_with(&config);
        w->end[A].to_write = 1000000000;
        path_of(w)->threshold_octets = 60 * MSS;
        double before, after;
        world_pass(w, PLAIT_S);
        lose_one(w, &before, &after);
        assert_true(fabs(after - before / 2) <= 1.5);
        assert_int_equal(world_count(w, A, PLAIT_COUNT_TIMEOUTS), 0);
        world_pass(w, 100 * PLAIT_MS); /* it is mended */
        assert_int_equal(world_count(w, A, PLAIT_COUNT_RETRANSMITTED), 1);
        world_free(w);
    }
}

static void newreno_grows_by_one_segment_a_round_trip(void **state)
{
    (void)state;
    struct world_config config = with(&plait_newreno);
    struct world *w = open_with(&config);
    w->end[A].to_write = 1000000000;
    path_of(w)->threshold_octets = 40 * MSS;
    world_pass(w, PLAIT_S);
    double before = path_of(w)->window_octets / (double)MSS;
    world_pass(w, 40 * 40 * PLAIT_MS);
    double grown = path_of(w)->window_octets / (double)MSS - before;
    assert_true(grown >= 38 && grown <= 42);
    world_free(w);
}

/* RFC 9438 §4.2, in floating point: W(t) = C (t - K)^3 + W_max, from 0.7 W_max on. */
static void cubic_follows_its_curve(void **state)
{
    (void)state;
    struct plait_stack stack = {0};
    struct plait_flow flow = {.stack = &stack};
    struct plait_path path = {.flow = &flow, .smoothed_rtt_ns = 100 * PLAIT_MS};
    plait_cubic.start(&path, 1000);
    path.window_octets = 1000000;
    plait_time_ns now = 10 * PLAIT_S;
    plait_cubic.loss(&path, now, 1000);
    assert_int_equal(path.window_octets, 700000);
    double k = cbrt(300 / 0.4);
    now += 100 * PLAIT_MS;
    plait_time_ns start = now;
    for (int round = 0; round < 250; round++) {
        for (uint32_t acked = path.window_octets; acked >= 2000; acked -= 2000)
            plait_cubic.acked(&path, now, 2000, 1000);
        now += 100 * PLAIT_MS;
        double t = (double)(now - start) / 1e9;
        double expected = 0.4 * pow(t - k, 3) + 1000;
        if (t > 1)
            assert_true(fabs(path.window_octets / 1000.0 - expected) < 0.03 * expected);
    }
    assert_true(path.window_octets > 2000000);
    double t = 8.0; /* a second loss below the old maximum: fast convergence (§4.7) */
    (void)t;
    path.window_octets = 900000;
    path.congestion.window_max_octets = 1000000;
    plait_cubic.loss(&path, now, 1000);
    assert_int_equal(path.congestion.window_max_octets, 765000);
}

/* On a short path CUBIC is at least NewReno (§4.3). */
static void cubic_is_not_slower_than_newreno(void **state)
{
    (void)state;
    uint64_t read[2];
    static const struct plait_congestion *both[] = {&plait_newreno, &plait_cubic};
    for (int i = 0; i < 2; i++) {
        struct world_config config = with(both[i]);
        config.link.delay_ns = 5 * PLAIT_MS;
        config.link.loss_ppm = 5000;
        struct world *w = open_with(&config);
        w->end[A].to_write = UINT64_MAX / 2;
        world_pass(w, 10 * PLAIT_S);
        read[i] = w->end[B].read;
        world_free(w);
    }
    assert_true(read[1] >= read[0]);
}

static void a_timeout_leaves_one_segment(void **state)
{
    (void)state;
    struct world_config config = with(&plait_cubic);
    struct world *w = open_with(&config);
    w->end[A].to_write = 1000000000;
    world_pass(w, 200 * PLAIT_MS);
    uint32_t window = path_of(w)->window_octets;
    w->link[0][A].is_cut = true;
    world_pass(w, 700 * PLAIT_MS);
    assert_true(path_of(w)->timeouts >= 1);
    assert_int_equal(path_of(w)->window_octets, MSS);
    assert_true(path_of(w)->threshold_octets >= window / 2);
    assert_int_equal(path_of(w)->in_flight_octets, MSS);
    world_free(w);
}

/* ---- goodput ---- */

static double goodput_bits_per_s(struct world_config *config, plait_time_ns time_ns)
{
    struct world *w = open_with(config);
    w->end[A].to_write = UINT64_MAX / 2;
    world_pass(w, 2 * PLAIT_S);
    uint64_t before = w->end[B].read;
    world_pass(w, time_ns);
    double bits = (double)(w->end[B].read - before) * 8;
    assert_false(w->end[B].is_corrupt);
    world_free(w);
    return bits / ((double)time_ns / 1e9);
}

static struct world_config ten_megabit(void)
{
    struct world_config config = with(&plait_cubic);
    config.link = (struct world_link){
        .delay_ns = 10 * PLAIT_MS, .rate_bits_per_s = 10000000, .queue_octets = 50000};
    return config;
}

static void a_link_is_filled(void **state)
{
    (void)state;
    struct world_config config = ten_megabit();
    double bits = goodput_bits_per_s(&config, 20 * PLAIT_S);
    assert_true(bits > 9.2e6 && bits <= 10e6);
}

/* 1 % of loss at 20 ms and more allows NewReno about 1.22 MSS / (RTT sqrt(p)), 7 Mbit/s. */
static void one_percent_of_loss_leaves_six_tenths_of_a_link(void **state)
{
    (void)state;
    double sum = 0;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct world_config config = ten_megabit();
        config.seed = seed;
        config.link.loss_ppm = 10000;
        sum += goodput_bits_per_s(&config, 20 * PLAIT_S);
    }
    assert_true(sum / 5 > 6e6);
}

static void reordering_costs_little(void **state)
{
    (void)state;
    struct world_config config = ten_megabit();
    config.link.reorder_ppm = 20000; /* up to 11 ms late: half a round trip */
    assert_true(goodput_bits_per_s(&config, 20 * PLAIT_S) > 8e6);
}

/* ---- an owner that couples its paths (RFC 6356) ---- */

static uint32_t five(void *owner, struct plait_flow *flow, struct plait_path *path, uint32_t acked)
{
    (void)owner, (void)flow, (void)path, (void)acked;
    return 5;
}

static void an_owner_decides_the_increase(void **state)
{
    (void)state;
    struct plait_flow_owner table = plait_plain_owner;
    table.increase = five;
    struct world_config config = with(&plait_newreno);
    struct world *w = open_with(&config);
    w->end[A].flow->owner = &table;
    w->end[A].to_write = 1000000000;
    path_of(w)->threshold_octets = 10 * MSS;
    world_pass(w, 5 * 40 * PLAIT_MS);
    uint32_t grown = path_of(w)->window_octets - 10 * MSS;
    assert_true(grown > 0 && grown % 5 == 0 && grown < 200);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_start_doubles_from_ten_segments),
        cmocka_unit_test(an_unused_window_does_not_grow),
        cmocka_unit_test(a_window_that_the_peer_limits_does_not_grow),
        cmocka_unit_test(an_idle_flow_begins_anew),
        cmocka_unit_test(newreno_halves),
        cmocka_unit_test(newreno_grows_by_one_segment_a_round_trip),
        cmocka_unit_test(cubic_follows_its_curve),
        cmocka_unit_test(cubic_is_not_slower_than_newreno),
        cmocka_unit_test(a_timeout_leaves_one_segment),
        cmocka_unit_test(a_link_is_filled),
        cmocka_unit_test(one_percent_of_loss_leaves_six_tenths_of_a_link),
        cmocka_unit_test(reordering_costs_little),
        cmocka_unit_test(an_owner_decides_the_increase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
