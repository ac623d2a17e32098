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
    assert_false(e[1].is_told);
    assert_true(e[1].error_ns == PLAIT_CLOCK_UNTOLD_NS);
    c = plait_clocks(2);
    plait_clocks_saw(&c, 0, 0, 1, 300); /* also where it is right as it is, for all that is known */
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 0);
    assert_false(e[1].is_told);
}

static void who_has_nothing_in_common_is_taken_as_it_is(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_settle(&c, e);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(e[i].is_told && !e[i].is_bounded[0] && !e[i].is_bounded[1]);
        assert_int_equal(e[i].offset_ns, 0);
        assert_int_equal(e[i].error_ns, 0);
    }
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

/* One is given, and says no more of the first than that nothing speaks against it. */
static void the_first_is_right_unless_what_is_given_moves_it(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_give(&c, 1, 0);
    plait_clocks_saw(&c, 0, 0, 1, 50);
    plait_clocks_settle(&c, e);
    assert_true(e[0].is_told && e[1].is_told);
    assert_int_equal(e[0].error_ns, 0);
    c = plait_clocks(2);
    plait_clocks_give(&c, 1, 0);
    plait_clocks_saw(&c, 0, 0, 1, -50);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[0].offset_ns, -50);
    assert_false(e[0].is_told);
}

/* 1 is some time after 0, nobody knows how long; 2 is well known to both. */
static void what_is_told_does_not_hang_on_what_is_not(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_saw(&c, 0, 0, 1, 5000);
    plait_clocks_saw(&c, 0, 0, 2, 300);
    plait_clocks_saw(&c, 2, 0, 0, 100);
    plait_clocks_saw(&c, 2, 0, 1, -200);
    plait_clocks_settle(&c, e);
    assert_true(e[0].is_told && !e[1].is_told && e[2].is_told);
    assert_int_equal(e[2].offset_ns, 0); /* -300 .. 100 */
    assert_int_equal(e[2].error_ns, 300);
    assert_int_equal(e[1].offset_ns, 200); /* nothing is contradicted all the same */
}

/* 1 is -1000 .. -900, and 2 is at most 10 beside it: chosen after 1 it has 20 to be in, but 1 may
 * be elsewhere. */
static void an_error_counts_what_others_may_be_off(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_saw(&c, 0, 0, 1, 1000);
    plait_clocks_saw(&c, 1, 0, 0, -900);
    plait_clocks_saw(&c, 1, 0, 2, 10);
    plait_clocks_saw(&c, 2, 0, 1, 10);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, -950);
    assert_int_equal(e[1].error_ns, 50);
    assert_int_equal(e[2].offset_ns, -950);
    assert_int_equal(e[2].error_ns, 60);
}

/* 1 and 2 have nothing in common with 0: the first of them is right. */
static void who_has_nothing_in_common_with_the_first_has_a_first_of_its_own(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_saw(&c, 1, 0, 2, -1000);
    plait_clocks_saw(&c, 2, 0, 1, 1010);
    plait_clocks_settle(&c, e);
    assert_true(e[0].is_told && e[1].is_told && e[2].is_told);
    assert_int_equal(e[1].offset_ns, 0);
    assert_int_equal(e[2].offset_ns, 1005);
}

/* 0 is before 2, and 1 is: where 1 is to 0 nobody knows. */
static void a_common_effect_tells_nothing_of_its_causes(void **state)
{
    (void)state;
    struct plait_clock e[3];
    struct plait_clocks c = plait_clocks(3);
    plait_clocks_saw(&c, 0, 0, 2, 500);
    plait_clocks_saw(&c, 1, 0, 2, 500);
    plait_clocks_settle(&c, e);
    assert_true(e[0].is_told && !e[1].is_told && !e[2].is_told);
}

static void a_contradiction_is_said(void **state)
{
    (void)state;
    struct plait_clock e[2];
    struct plait_clocks c = plait_clocks(2);
    plait_clocks_saw(&c, 0, 0, 1, -10);
    plait_clocks_saw(&c, 1, 0, 0, -30);
    plait_clocks_settle(&c, e);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(e[i].is_contradictory && !e[i].is_told);
        assert_int_equal(e[i].offset_ns, 0);
    }
    c = plait_clocks(2);
    plait_clocks_give(&c, 1, 5);
    plait_clocks_saw(&c, 0, 0, 1, -10);
    plait_clocks_saw(&c, 1, 0, 0, -30);
    plait_clocks_settle(&c, e);
    assert_int_equal(e[1].offset_ns, 5);
}

/* 0 and 1 contradict each other, 2 and 3 do not. */
static void a_contradiction_is_of_those_who_have_it(void **state)
{
    (void)state;
    struct plait_clock e[4];
    struct plait_clocks c = plait_clocks(4);
    plait_clocks_give(&c, 2, 0);
    plait_clocks_saw(&c, 0, 0, 1, -10);
    plait_clocks_saw(&c, 1, 0, 0, -30);
    plait_clocks_saw(&c, 2, 0, 0, 1000);
    plait_clocks_saw(&c, 2, 0, 3, -10);
    plait_clocks_saw(&c, 3, 0, 2, 30);
    plait_clocks_settle(&c, e);
    assert_true(e[0].is_contradictory && e[1].is_contradictory);
    assert_true(e[3].is_told);
    assert_int_equal(e[3].offset_ns, 20);
    assert_int_equal(e[3].error_ns, 10);
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
        cmocka_unit_test(who_has_nothing_in_common_is_taken_as_it_is),
        cmocka_unit_test(the_first_is_right_unless_what_is_given_moves_it),
        cmocka_unit_test(what_is_told_does_not_hang_on_what_is_not),
        cmocka_unit_test(who_has_nothing_in_common_with_the_first_has_a_first_of_its_own),
        cmocka_unit_test(a_common_effect_tells_nothing_of_its_causes),
        cmocka_unit_test(an_error_counts_what_others_may_be_off),
        cmocka_unit_test(a_contradiction_is_said),
        cmocka_unit_test(a_contradiction_is_of_those_who_have_it),
        cmocka_unit_test(times_at_the_ends_of_their_range_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
