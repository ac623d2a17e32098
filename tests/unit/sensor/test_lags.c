/* Which lags of two clocks are believed. */
#include "tests/unit/test.h"

#include "sensor/lags.h"

static plait_time_ns lag(const struct plait_lags *lags, unsigned i, unsigned j)
{
    struct plait_clocks clocks = plait_clocks(3);
    plait_lags_tell((struct plait_lags *)lags, &clocks);
    return clocks.lag_ns[i][j];
}

static void fill(struct plait_lags *lags, unsigned i, unsigned j, plait_time_ns least_ns)
{
    for (unsigned k = 0; k < 1000; k++)
        plait_lags_saw(lags, i, 500, j, 500 + least_ns + k);
}

static void the_least_lag_counts(void **state)
{
    (void)state;
    struct plait_lags *lags = plait_lags_new();
    fill(lags, 0, 1, 40);
    plait_lags_saw(lags, 0, 0, 1, -60); /* alone, but nothing speaks against it */
    fill(lags, 1, 0, 70);
    assert_int_equal(lag(lags, 0, 1), -60);
    assert_int_equal(lag(lags, 1, 0), 70);
    assert_int_equal(lag(lags, 0, 2), plait_clocks(3).lag_ns[0][2]);
    plait_lags_free(lags);
}

/* A packet that a capture lacks makes its later copy look like the cause. */
static void a_few_that_contradict_all_others_are_left_out(void **state)
{
    (void)state;
    struct plait_lags *lags = plait_lags_new();
    fill(lags, 0, 1, 40);
    fill(lags, 1, 0, 70);
    for (unsigned k = 0; k < 20; k++)
        plait_lags_saw(lags, 0, 0, 1, -5000);
    plait_time_ns there = lag(lags, 0, 1), back = lag(lags, 1, 0);
    assert_in_range(there, 40, 60);
    assert_in_range(back, 70, 110);
    plait_lags_free(lags);
}

static void many_that_contradict_the_others_stay(void **state)
{
    (void)state;
    struct plait_lags *lags = plait_lags_new();
    fill(lags, 0, 1, 40);
    fill(lags, 1, 0, 70);
    for (unsigned k = 0; k < 100; k++)
        plait_lags_saw(lags, 0, 0, 1, -5000);
    assert_int_equal(lag(lags, 0, 1), -5000);
    assert_int_equal(lag(lags, 1, 0), 70);
    plait_lags_free(lags);
}

static void times_at_the_ends_of_their_range_do_no_harm(void **state)
{
    (void)state;
    struct plait_lags *lags = plait_lags_new();
    plait_lags_saw(lags, 0, INT64_MAX, 1, INT64_MIN); /* cannot be a difference: says nothing */
    assert_int_equal(lag(lags, 0, 1), plait_clocks(3).lag_ns[0][1]);
    plait_lags_saw(lags, 0, INT64_MAX, 1, 0);
    plait_lags_saw(lags, 1, INT64_MAX, 0, 0);
    assert_true(lag(lags, 0, 1) < 0);
    plait_lags_free(lags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_lag_counts),
        cmocka_unit_test(a_few_that_contradict_all_others_are_left_out),
        cmocka_unit_test(many_that_contradict_the_others_stay),
        cmocka_unit_test(times_at_the_ends_of_their_range_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
