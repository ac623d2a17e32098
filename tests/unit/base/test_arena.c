/* An arena gives from the front, aligned and zeroed, and takes nothing when it refuses. */
#include "tests/unit/test.h"

#include "base/arena.h"

static _Alignas(16) uint8_t memory[256];

static void it_gives_from_the_front_aligned_and_zeroed(void **state)
{
    (void)state;
    memset(memory, 0xa5, sizeof memory);
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    uint8_t *first = plait_arena_take(&arena, 1, 3);
    uint8_t *second = plait_arena_take(&arena, 5, 4);
    assert_ptr_equal(first, memory);
    assert_ptr_equal(second, memory + 16);
    for (int i = 0; i < 20; i++)
        assert_int_equal(second[i], 0);
    assert_int_equal(first[2], 0);
    assert_int_equal(second[20], 0xa5);
    assert_int_equal(arena.used_octets, 36);
}

static void lines_are_whole(void **state)
{
    (void)state;
    static _Alignas(PLAIT_LINE_OCTETS) uint8_t room[432];
    struct plait_arena arena = plait_arena(room + 16, sizeof room - 16);
    assert_ptr_equal(plait_arena_take_lines(&arena, 2, 32), room + 64);
    assert_ptr_equal(plait_arena_take(&arena, 1, 1), room + 128);
    assert_ptr_equal(plait_arena_take_lines(&arena, 3, 64), room + 192);
    assert_non_null(plait_arena_take(&arena, 1, 1));
    assert_null(plait_arena_take_lines(&arena, 1, 1)); /* the next line is behind the end */
    assert_ptr_equal(plait_arena_take(&arena, 1, 32), room + 400);
}

static void exactly_its_room_fits(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, 50);
    assert_non_null(plait_arena_take(&arena, 1, 33));
    assert_null(plait_arena_take(&arena, 1, 3)); /* 48 + 3 > 50 */
    assert_int_equal(arena.used_octets, 33);
    assert_non_null(plait_arena_take(&arena, 1, 2));
    assert_int_equal(arena.used_octets, 50);
    assert_null(plait_arena_take(&arena, 1, 1));
    arena = plait_arena(memory, 50);
    assert_null(plait_arena_take(&arena, 1, 51));
    assert_non_null(plait_arena_take(&arena, 50, 1));
}

static void no_gap_runs_past_the_end(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, 40); /* the next aligned octet is the 48th */
    assert_non_null(plait_arena_take(&arena, 1, 40));
    assert_null(plait_arena_take(&arena, 1, 1));
    assert_null(plait_arena_take(&arena, 1, 0));
    assert_int_equal(arena.used_octets, 40);
}

static void a_product_that_overflows_is_refused(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    assert_null(plait_arena_take(&arena, SIZE_MAX / 2 + 1, 2));
    assert_null(plait_arena_take(&arena, SIZE_MAX / 16 + 2, 16));
    assert_null(plait_arena_take(&arena, 1, SIZE_MAX));
    assert_int_equal(arena.used_octets, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_gives_from_the_front_aligned_and_zeroed),
        cmocka_unit_test(lines_are_whole),
        cmocka_unit_test(exactly_its_room_fits),
        cmocka_unit_test(no_gap_runs_past_the_end),
        cmocka_unit_test(a_product_that_overflows_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
