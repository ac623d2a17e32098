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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_opens_both_ends),
        cmocka_unit_test(a_stream_arrives_both_ways_and_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
