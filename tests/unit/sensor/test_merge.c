/* Heads of inputs in the order of their times. */
#include "tests/unit/test.h"

#include "sensor/merge.h"

static void equal_times_are_in_the_order_of_inputs(void **state)
{
    (void)state;
    struct plait_merge m = {0};
    struct plait_head head;
    for (unsigned input = 9; input-- > 0;)
        plait_merge_put(&m, 5, input);
    plait_merge_put(&m, -3, 20);
    assert_true(plait_merge_take(&m, &head));
    assert_int_equal(head.input, 20);
    for (unsigned input = 0; input < 9; input++) {
        assert_true(plait_merge_take(&m, &head));
        assert_int_equal(head.input, input);
    }
    assert_false(plait_merge_take(&m, &head));
    plait_merge_free(&m);
}

/* Against what cannot be wrong: the least of all that are in it. */
static void the_least_comes_out_whatever_goes_in(void **state)
{
    (void)state;
    struct plait_merge m = {0};
    plait_time_ns times[64];
    bool is_in[64] = {false};
    uint64_t draw = 1;
    for (unsigned step = 0; step < 20000; step++) {
        draw = draw * 6364136223846793005u + 1442695040888963407u;
        unsigned input = (unsigned)(draw >> 40) % 64;
        if (!is_in[input]) {
            times[input] = (plait_time_ns)(draw >> 50);
            is_in[input] = true;
            plait_merge_put(&m, times[input], input);
            continue;
        }
        struct plait_head head;
        assert_true(plait_merge_take(&m, &head));
        for (unsigned i = 0; i < 64; i++)
            if (is_in[i])
                assert_true(times[i] > head.at_ns || (times[i] == head.at_ns && i >= head.input));
        is_in[head.input] = false;
    }
    plait_merge_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_times_are_in_the_order_of_inputs),
        cmocka_unit_test(the_least_comes_out_whatever_goes_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
