/* Short and long numbers become the nearest offset, or none (N22). */
#include "tests/unit/test.h"

#include "mptcp/dsn.h"
#include "tests/unit/dice.h"

static const uint64_t edges[] = {0,
                                 1,
                                 0x7fffffff,
                                 0x80000000,
                                 0x80000001,
                                 0xffffffff,
                                 0x100000000,
                                 0x100000001,
                                 0x17fffffff,
                                 0x180000000,
                                 0x7fffffffffffffff,
                                 0x8000000000000000,
                                 0x8000000000000001,
                                 0xffffffff00000000,
                                 0xfffffffffffffffe,
                                 0xffffffffffffffff};
enum { EDGES = sizeof edges / sizeof *edges };

/* All offsets with these low bits, the slow way: of the three around EXPECTED the nearest. */
static bool model_near(uint32_t low, uint64_t expected, uint64_t *offset)
{
    typedef __int128 wide;
    wide best = 0;
    bool has_best = false;
    for (int turn = -1; turn <= 1; turn++) {
        wide at = ((wide)(expected >> 32) + turn) * ((wide)1 << 32) + low;
        wide distance = at - (wide)expected, best_distance = best - (wide)expected;
        wide far = distance < 0 ? -distance : distance;
        wide best_far = best_distance < 0 ? -best_distance : best_distance;
        if (!has_best || far < best_far || (far == best_far && at > best))
            best = at;
        has_best = true;
    }
    *offset = (uint64_t)best;
    return best >= 0 && best <= (wide)UINT64_MAX;
}

static void check_near(uint32_t low, uint64_t expected)
{
    uint64_t offset = 77, wanted;
    bool exists = model_near(low, expected, &wanted);
    assert_int_equal(plait_offset_near(low, expected, &offset), exists);
    assert_true(offset == (exists ? wanted : 77));
}

static void n22_short_numbers_become_the_nearest_offset(void **state)
{
    (void)state;
    struct dice d = dice(1);
    for (int i = 0; i < EDGES; i++)
        for (int j = 0; j < EDGES; j++)
            check_near((uint32_t)edges[j], edges[i]);
    for (int i = 0; i < 20000; i++) {
        uint64_t expected = edges[throw_below(&d, EDGES)] + throw_below(&d, 5) - 2;
        check_near((uint32_t)throw_u64(&d), expected);
        check_near((uint32_t)(expected + edges[throw_below(&d, EDGES)]), expected);
    }
}

/* Whatever is less than half the space away comes back, from either form. */
static void check_round(uint64_t idsn, uint64_t expected, uint64_t offset)
{
    uint64_t back = ~offset;
    assert_true(plait_dsn_offset(idsn, plait_dsn(idsn, offset), true, expected, &back));
    assert_true(back == offset);
    back = ~offset;
    uint64_t distance = offset > expected ? offset - expected : expected - offset;
    if (distance >= (uint64_t)1 << 31)
        return;
    uint32_t low = (uint32_t)plait_dsn(idsn, offset);
    assert_true(plait_dsn_offset(idsn, low, false, expected, &back));
    assert_true(back == offset);
}

static void n22_a_number_comes_back_as_its_offset(void **state)
{
    (void)state;
    struct dice d = dice(2);
    for (int i = 0; i < EDGES; i++) {
        for (int j = 0; j < EDGES; j++) {
            check_round(edges[i], edges[j], edges[j]);
            for (int k = 0; k < 200; k++) {
                uint64_t step = throw_u64(&d) >> (2 + throw_below(&d, 60));
                uint64_t expected = edges[j];
                if (step <= expected)
                    check_round(edges[i], expected, expected - step);
                if (step <= UINT64_MAX - expected)
                    check_round(edges[i], expected, expected + step);
            }
        }
    }
}

static void what_lies_before_the_start_is_refused(void **state)
{
    (void)state;
    const uint64_t idsns[] = {0, 5, UINT64_MAX, UINT64_MAX - 3, 0xfffffffe};
    for (size_t i = 0; i < sizeof idsns / sizeof *idsns; i++) {
        uint64_t offset = 77;
        assert_false(plait_dsn_offset(idsns[i], idsns[i] - 1, true, 1, &offset));
        assert_false(plait_dsn_offset(idsns[i], (uint32_t)(idsns[i] - 1), false, 1, &offset));
        assert_false(plait_dsn_offset(idsns[i], idsns[i] - 1000, true, 999, &offset));
        assert_true(offset == 77);
        assert_true(plait_dsn_offset(idsns[i], idsns[i], true, 1000, &offset));
        assert_true(offset == 0);
        assert_true(plait_dsn_offset(idsns[i], (uint32_t)idsns[i], false, 1000, &offset));
        assert_true(offset == 0);
    }
}

static void what_lies_beyond_the_last_offset_is_refused(void **state)
{
    (void)state;
    uint64_t offset = 77;
    assert_false(plait_dsn_offset(9, 9, true, UINT64_MAX, &offset)); /* the offset after the last */
    assert_false(plait_dsn_offset(9, 9, false, UINT64_MAX, &offset));
    assert_true(offset == 77);
    assert_true(plait_dsn_offset(9, 8, true, UINT64_MAX - 5, &offset));
    assert_true(offset == UINT64_MAX);
}

static void the_low_half_of_a_long_field_is_not_mixed_in(void **state)
{
    (void)state;
    uint64_t offset;
    assert_true(plait_dsn_offset(0, 0xabcdef0100000005, false, 3, &offset));
    assert_true(offset == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(n22_short_numbers_become_the_nearest_offset),
        cmocka_unit_test(n22_a_number_comes_back_as_its_offset),
        cmocka_unit_test(what_lies_before_the_start_is_refused),
        cmocka_unit_test(what_lies_beyond_the_last_offset_is_refused),
        cmocka_unit_test(the_low_half_of_a_long_field_is_not_mixed_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
