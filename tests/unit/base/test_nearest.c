/* The distance that decides which valid word a mistyped one was meant to be. */
#include "tests/unit/test.h"

#include "base/nearest.h"

static void distances(void **state)
{
    (void)state;
    assert_int_equal(plait_edit_distance("", ""), 0);
    assert_int_equal(plait_edit_distance("", "abc"), 3);
    assert_int_equal(plait_edit_distance("abc", ""), 3);
    assert_int_equal(plait_edit_distance("threat", "thraet"), 1); /* a swap is one mistake */
    assert_int_equal(plait_edit_distance("T-TS-2", "t-ts-2"), 0);
    assert_int_equal(plait_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(plait_edit_distance("target", "tarrget"), 1);
    assert_int_equal(plait_edit_distance("list", "st"), 2);
}

static void long_words_are_bounded(void **state)
{
    (void)state;
    char a[1000], b[1000];
    memset(a, 'a', sizeof a - 1);
    memset(b, 'b', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(plait_edit_distance(a, b), 63);
}

static void first_of_the_nearest_wins(void **state)
{
    (void)state;
    static const char *const words[] = {"PE-H", "PE-J", "PA-H", NULL};
    assert_string_equal(plait_nearest_of("PEH", words), "PE-H");
    assert_string_equal(plait_nearest_of("PA-J", words), "PE-J");
    assert_string_equal(plait_nearest_of("", words), "PE-H");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_words_are_bounded),
        cmocka_unit_test(first_of_the_nearest_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
