/* A pool reuses what came back, zeroes it, stops at its limit and counts what it refused. */
#include "tests/unit/test.h"

#include "base/chunks.h"
#include "base/pool.h"

static _Alignas(16) uint8_t memory[1024];

static void what_came_back_is_given_again_and_zeroed(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_pool pool = plait_pool(&arena, 24, 4);
    uint8_t *first = plait_pool_take(&pool), *second = plait_pool_take(&pool);
    size_t used_octets = arena.used_octets;
    memset(first, 0xff, 24);
    memset(second, 0xff, 24);
    plait_pool_give(&pool, first);
    plait_pool_give(&pool, second);
    plait_pool_give(&pool, NULL);
    assert_int_equal(pool.alive, 0);
    assert_ptr_equal(plait_pool_take(&pool), second);
    uint8_t *again = plait_pool_take(&pool);
    assert_ptr_equal(again, first);
    for (int i = 0; i < 24; i++)
        assert_int_equal(again[i], 0);
    assert_int_equal(arena.used_octets, used_octets);
    assert_int_equal(pool.made, 2);
}

static void at_the_limit_it_refuses_and_counts(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_pool pool = plait_pool(&arena, 16, 2);
    void *one = plait_pool_take(&pool);
    assert_non_null(plait_pool_take(&pool));
    size_t used_octets = arena.used_octets;
    assert_null(plait_pool_take(&pool));
    assert_int_equal(pool.refused, 1);
    assert_int_equal(pool.alive, 2);
    assert_int_equal(arena.used_octets, used_octets);
    plait_pool_give(&pool, one);
    assert_ptr_equal(plait_pool_take(&pool), one);
    assert_int_equal(pool.refused, 1);
}

static void a_full_arena_is_a_refusal_too(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, 48);
    struct plait_pool pool = plait_pool(&arena, 32, 10);
    assert_non_null(plait_pool_take(&pool));
    assert_null(plait_pool_take(&pool));
    assert_int_equal(pool.refused, 1);
    assert_int_equal(pool.made, 1);
    assert_int_equal(pool.alive, 1);
}

static void a_limit_of_none_gives_nothing(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_pool pool = plait_pool(&arena, 32, 0);
    assert_null(plait_pool_take(&pool));
}

static void chunks_are_rounded_down_and_start_unpinned(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_chunks chunks = plait_chunks(&arena, 64, 191);
    assert_int_equal(chunks.pool.limit, 2);
    struct plait_chunk *first = plait_chunk_take(&chunks);
    assert_non_null(plait_chunk_take(&chunks));
    assert_null(plait_chunk_take(&chunks));
    assert_int_equal(chunks.pool.refused, 1);
    first->number = 7;
    first->pins = 3;
    memset(first->octets, 0xff, 64);
    plait_chunk_give(&chunks, first);
    assert_ptr_equal(plait_chunk_take(&chunks), first);
    assert_null(first->next);
    assert_int_equal(first->number, 0);
    assert_int_equal(first->pins, 0);
    assert_int_equal(plait_chunks(&arena, 1, UINT64_MAX).pool.limit, UINT32_MAX);
}

static void the_last_chunks_are_for_what_is_in_order(void **state)
{
    (void)state;
    static const struct {
        uint32_t limit, ahead;
    } cases[] = {{1, 0}, {2, 0}, {3, 1}, {16, 14}, {24, 21}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plait_arena arena = plait_arena(memory, sizeof memory);
        struct plait_chunks chunks = plait_chunks(&arena, 1, cases[i].limit);
        uint32_t ahead = 0, all = 0;
        while (plait_chunk_take_ahead(&chunks))
            ahead++;
        for (all = ahead; plait_chunk_take(&chunks);)
            all++;
        assert_int_equal(ahead, cases[i].ahead);
        assert_int_equal(all, cases[i].limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_back_is_given_again_and_zeroed),
        cmocka_unit_test(at_the_limit_it_refuses_and_counts),
        cmocka_unit_test(a_full_arena_is_a_refusal_too),
        cmocka_unit_test(a_limit_of_none_gives_nothing),
        cmocka_unit_test(chunks_are_rounded_down_and_start_unpinned),
        cmocka_unit_test(the_last_chunks_are_for_what_is_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
