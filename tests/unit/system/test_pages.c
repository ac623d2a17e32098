/* Memory straight from the kernel: what is asked for is there, zeroed, and costs nothing before it
 * is used; what cannot be had is said. */
#include <sys/mman.h>
#include <unistd.h>

#include "system/pages.h"
#include "tests/unit/test.h"

static unsigned resident_pages(const struct plait_arena *arena, size_t page_octets)
{
    static unsigned char is_resident[1024];
    size_t count = arena->room_octets / page_octets;
    assert_in_range(count, 1, sizeof is_resident);
    assert_int_equal(mincore(arena->start, arena->room_octets, is_resident), 0);
    unsigned resident = 0;
    for (size_t i = 0; i < count; i++)
        resident += is_resident[i] & 1;
    return resident;
}

static void pages_cost_nothing_until_they_are_used(void **state)
{
    (void)state;
    size_t page_octets = (size_t)sysconf(_SC_PAGESIZE);
    struct plait_arena arena = plait_pages(100 * page_octets);
    assert_non_null(arena.start);
    assert_int_equal(resident_pages(&arena, page_octets), 0);
    arena.start[3 * page_octets] = 1;
    assert_in_range(resident_pages(&arena, page_octets), 1, 99);
    plait_pages_free(&arena);
}

static void all_that_was_asked_for_can_be_used(void **state)
{
    (void)state;
    struct plait_arena arena = plait_pages(1001);
    assert_in_range(arena.room_octets, 1001, 1016);
    assert_int_equal((uintptr_t)arena.start % 16, 0);
    uint8_t *all = plait_arena_take_unset(&arena, 1, 1001);
    assert_non_null(all);
    for (size_t i = 0; i < 1001; i++)
        assert_int_equal(all[i], 0);
    memset(all, 0xa5, 1001);
    plait_pages_free(&arena);
}

static void what_cannot_be_had_is_no_arena(void **state)
{
    (void)state;
    struct plait_arena arena = plait_pages((size_t)1 << 62);
    assert_null(arena.start);
    assert_null(plait_arena_take(&arena, 1, 1));
    plait_pages_free(&arena);
    assert_null(plait_pages(SIZE_MAX).start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_cost_nothing_until_they_are_used),
        cmocka_unit_test(all_that_was_asked_for_can_be_used),
        cmocka_unit_test(what_cannot_be_had_is_no_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
