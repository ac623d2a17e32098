/* A stream arrives as it was written, whatever the path does to it. */
#include "tests/unit/test.h"
#include "world.h"

static struct world *open_world(const struct world_config *config)
{
    struct world *w = world_new(config);
    assert_true(world_run(w, world_is_open, 300 * PLAIT_S));
    return w;
}

static void check_arrived(struct world *w)
{
    assert_true(world_all_arrived(w));
    assert_false(w->end[A].is_corrupt || w->end[B].is_corrupt);
}

static void a_handshake_opens_both_ends(void **state)
{
    (void)state;
    struct world_config config = {.isn = {1000, 2000}, .link = {.delay_ns = 5 * PLAIT_MS}};
    struct world *w = open_world(&config);
    assert_int_equal(w->end[A].events[PLAIT_FLOW_IS_ESTABLISHED], 1);
    assert_int_equal(w->end[B].events[PLAIT_FLOW_IS_ESTABLISHED], 1);
    assert_true(w->now - PLAIT_S == 15 * PLAIT_MS);
    assert_int_equal(w->end[A].flow->paths->smoothed_rtt_ns, 10 * PLAIT_MS);
    assert_int_equal(w->end[B].flow->paths->smoothed_rtt_ns, 10 * PLAIT_MS);
    world_free(w);
}

static void a_stream_arrives_both_ways_and_closes(void **state)
{
    (void)state;
    struct world_config config = {.isn = {1000, 2000}, .link = {.delay_ns = 5 * PLAIT_MS}};
    struct world *w = open_world(&config);
    w->end[A].to_write = 3000000;
    w->end[B].to_write = 2000000;
    w->end[A].closes = w->end[B].closes = true;
    assert_true(world_run(w, world_both_closed, 100 * PLAIT_S));
    check_arrived(w);
    assert_int_equal(world_count(w, A, PLAIT_COUNT_RETRANSMITTED), 0);
    assert_int_equal(world_count(w, B, PLAIT_COUNT_RETRANSMITTED), 0);
    world_free(w);
}

/* ---- impairments ---- */

struct path_case {
    uint32_t loss_ppm, reorder_ppm, duplicate_ppm;
};

static const struct path_case path_cases[] = {
    {0, 0, 0},
    {10000, 0, 0},
    {50000, 0, 0},
    {200000, 0, 0},
    {0, 200000, 0},
    {0, 0, 100000},
    {10000, 50000, 10000},
    {50000, 200000, 50000},
    {200000, 100000, 100000},
};

/* One seed, one run; the line that a failure prints is the whole case. */
static void transfer(const struct world_config *config, uint64_t octets, plait_time_ns limit_ns,
                     const char *name)
{
    struct world *w = world_new(config);
    w->end[A].to_write = octets;
    w->end[B].to_write = octets / 4;
    w->end[A].closes = w->end[B].closes = true;
    bool is_done = world_run(w, world_both_closed, limit_ns);
    bool is_right = world_all_arrived(w) && !w->end[A].is_corrupt && !w->end[B].is_corrupt;
    if (!is_done || !is_right)
        fail_msg("%s mtu=%u loss=%u reorder=%u duplicate=%u sack=%d ts=%d ws=%d ipv6=%d seed=%u: "
                 "%s, %llu and %llu read, after %lld s",
                 name, config->tcp[A].mtu_octets, config->link.loss_ppm, config->link.reorder_ppm,
                 config->link.duplicate_ppm, !config->tcp[B].no_sack, !config->tcp[B].no_timestamps,
                 !config->tcp[B].no_window_scale, config->is_ipv6, (unsigned)config->seed,
                 is_done ? "wrong" : "stuck", (unsigned long long)w->end[B].read,
                 (unsigned long long)w->end[A].read, (long long)((w->now) / PLAIT_S));
    world_free(w);
}

static struct world_config config_of(const struct path_case *c, uint16_t mtu, unsigned options)
{
    struct world_config config = {.seed = 1,
                                  .isn = {0xfffff000u, 0x7ffffff0u},
                                  .link = {.delay_ns = 10 * PLAIT_MS,
                                           .loss_ppm = c->loss_ppm,
                                           .reorder_ppm = c->reorder_ppm,
                                           .duplicate_ppm = c->duplicate_ppm}};
    for (int i = 0; i < 2; i++) {
        config.tcp[i].mtu_octets = mtu;
        config.tcp[i].no_sack = options & 1;
        config.tcp[i].no_timestamps = options & 2;
        config.tcp[i].no_window_scale = options & 4;
        config.tcp[i].data_retries = 40; /* 20 % loss is no reason to give up */
        config.tcp[i].syn_retries = 20;
        config.tcp[i].rto_max_ns = 10 * PLAIT_S;
    }
    return config;
}

#ifdef __SANITIZE_ADDRESS__
enum { LARGE = 2000000, SMALL = 60000, STEP = 37 };
#else
enum { LARGE = 10000000, SMALL = 400000, STEP = 1 };
#endif

static void ten_megabytes_arrive_over_bad_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof path_cases / sizeof path_cases[0]; i++) {
        struct world_config config = config_of(&path_cases[i], 1500, 0);
        transfer(&config, LARGE, 20000 * PLAIT_S, "large");
    }
}

static void a_stream_arrives_with_any_options_and_any_mtu(void **state)
{
    (void)state;
    static const uint16_t mtus[] = {576, 1280, 1500, 9000};
    for (size_t i = 0; i < sizeof path_cases / sizeof path_cases[0]; i++)
        for (size_t m = 0; m < sizeof mtus / sizeof mtus[0]; m++)
            for (unsigned options = 0; options < 8; options++) {
                struct world_config config = config_of(&path_cases[i], mtus[m], options);
                config.is_ipv6 = mtus[m] >= 1280 && (options ^ i) & 1;
                config.seed = 1 + options + 8 * m + 64 * i;
                transfer(&config, SMALL, 20000 * PLAIT_S, "matrix");
            }
}

static void super_segments_arrive(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof path_cases / sizeof path_cases[0]; i++) {
        struct world_config config = config_of(&path_cases[i], 1500, 0);
        config.offload = true;
        config.tcp[A].super_octets = config.tcp[B].super_octets = 64000;
        transfer(&config, LARGE, 20000 * PLAIT_S, "super");
    }
}

static void numbers_wrap_anywhere(void **state)
{
    (void)state;
    for (uint32_t k = 1; k <= 3000; k += STEP) {
        struct world_config config = {.seed = k,
                                      .isn = {0u - k, 0u - (3001 - k)},
                                      .link = {.delay_ns = PLAIT_MS, .loss_ppm = 20000}};
        transfer(&config, 6000, 1000 * PLAIT_S, "wrap");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_opens_both_ends),
        cmocka_unit_test(a_stream_arrives_both_ways_and_closes),
        cmocka_unit_test(ten_megabytes_arrive_over_bad_paths),
        cmocka_unit_test(a_stream_arrives_with_any_options_and_any_mtu),
        cmocka_unit_test(super_segments_arrive),
        cmocka_unit_test(numbers_wrap_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
