/* Offsets of clocks from causes and effects. */
#include "tests/unit/test.h"

#include "sensor/clocks.h"

static void clocks_that_fit_are_left_alone(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_saw(&c, 0, 100, 1, 130); /* offset of 1 is -30 or more */
    plait_clocks_saw(&c, 1, 200, 0, 250); /* and at most 50 */
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 0);
    assert_int_equal(e[1].error_ns, 50);
    assert_true(e[1].is_bounded[0] && e[1].is_bounded[1] && !e[1].is_contradictory);
    assert_int_equal(e[0].offset_ns, 0);
    assert_int_equal(e[0].error_ns, 0);
}

static void an_offset_lies_between_its_bounds(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_saw(&c, 0, 0, 1, -4900);
    plait_clocks_saw(&c, 0, 0, 1, -4700); /* says less */
    plait_clocks_saw(&c, 1, -5000, 0, 100);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 5000); /* 4900 .. 5100 */
    assert_int_equal(e[1].error_ns, 100);
}

static void one_side_is_enough_to_move_and_is_said(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_saw(&c, 0, 0, 1, -300);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 300);
    assert_true(e[1].is_bounded[0] && !e[1].is_bounded[1]);
}

/* 2 has something in common with 1 alone. */
static void bounds_add_up_over_a_third_clock(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_saw(&c, 0, 0, 1, -1000);
    plait_clocks_saw(&c, 1, -1000, 0, 0);
    plait_clocks_saw(&c, 1, 0, 2, -500);
    plait_clocks_saw(&c, 2, -520, 1, 0);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 1000);
    assert_int_equal(e[1].error_ns, 0);
    assert_int_equal(e[2].offset_ns, 1510);
    assert_int_equal(e[2].error_ns, 10);
}

static void what_is_given_holds_and_carries_others(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_give(&c, 1, 70);
    plait_clocks_saw(&c, 0, 0, 1, 0);
    plait_clocks_saw(&c, 1, 0, 0, 0);
    plait_clocks_settle(&c, e);
    assert_true(e[1].is_given);
    assert_int_equal(e[1].offset_ns, 70);
    assert_int_equal(e[0].offset_ns, 70);
    assert_false(e[2].is_bounded[0] || e[2].is_bounded[1]);
    assert_int_equal(e[2].offset_ns, 0);
}

static void a_contradiction_is_said(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_saw(&c, 0, 0, 1, -10);
    plait_clocks_saw(&c, 1, 0, 0, -30);
    plait_clocks_settle(&c, e);
    assert_true(e[1].is_contradictory);
    assert_true(e[1].error_ns >= 40);
    c = plait_clocks(2);
    plait_clocks_give(&c, 1, 5);
    plait_clocks_saw(&c, 0, 0, 1, -10);
    plait_clocks_saw(&c, 1, 0, 0, -30);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 5);
}

static void times_at_the_ends_of_their_range_do_no_harm(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_saw(&c, 0, INT64_MAX, 1, INT64_MIN); /* cannot be a difference: says nothing */
    plait_clocks_saw(&c, 1, INT64_MAX, 2, 0);
    plait_clocks_saw(&c, 2, 0, 0, INT64_MIN + 1);
    plait_clocks_settle(&c, e);
    assert_false(e[1].is_given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_that_fit_are_left_alone),
        cmocka_unit_test(an_offset_lies_between_its_bounds),
        cmocka_unit_test(one_side_is_enough_to_move_and_is_said),
        cmocka_unit_test(bounds_add_up_over_a_third_clock),
        cmocka_unit_test(what_is_given_holds_and_carries_others),
        cmocka_unit_test(a_contradiction_is_said),
        cmocka_unit_test(times_at_the_ends_of_their_range_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
