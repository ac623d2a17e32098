/* A table against a list: many nodes of few hashes, growth, a full arena. */
#include "tests/unit/test.h"

#include "base/table.h"
#include "tests/unit/dice.h"

enum { ITEMS = 300, STEPS = 20000 };

struct item {
    uint32_t key;
    bool is_in;
    struct plait_table_node node;
};

static _Alignas(16) uint8_t memory[16384];
static struct item items[ITEMS];

static struct item *item_of(struct plait_table_node *node)
{
    return PLAIT_OWNER(node, struct item, node);
}

/* Few hashes, so that chains hold equal ones and ones that only share a bucket. */
static uint64_t hash_of(uint32_t key)
{
    return (uint64_t)(key % 40) * 0x9e3779b97f4a7c15u;
}

static bool is_found(const struct plait_table *table, uint32_t key)
{
    struct plait_table_node *at = NULL;
    unsigned found = 0;
    while ((at = plait_table_find(table, hash_of(key), at))) {
        assert_true(at->hash == hash_of(key));
        found += item_of(at)->key == key;
    }
    assert_in_range(found, 0, 1);
    return found == 1;
}

static void assert_walk(const struct plait_table *table)
{
    bool seen[ITEMS] = {false};
    uint32_t count = 0, bucket = 0;
    struct plait_table_node *at = NULL;
    while ((at = plait_table_each(table, &bucket, at))) {
        uint32_t key = item_of(at)->key;
        assert_true(items[key].is_in && !seen[key]);
        seen[key] = true;
        count++;
    }
    assert_int_equal(count, table->count);
    for (uint32_t i = 0; i < ITEMS; i++)
        assert_int_equal(seen[i], items[i].is_in);
}

static void play(size_t arena_octets, uint64_t seed)
{
    struct plait_arena arena = plait_arena(memory, arena_octets);
    struct plait_table table = plait_table(&arena);
    struct dice d = dice(seed);
    for (uint32_t i = 0; i < ITEMS; i++)
        items[i] = (struct item){.key = i};
    for (int i = 0; i < STEPS; i++) {
        uint32_t key = (uint32_t)throw_below(&d, ITEMS);
        assert_int_equal(is_found(&table, key), items[key].is_in);
        if (items[key].is_in)
            plait_table_remove(&table, &items[key].node);
        else
            assert_true(plait_table_insert(&table, &items[key].node, hash_of(key)));
        items[key].is_in = !items[key].is_in;
        if (i % 500 == 0)
            assert_walk(&table);
    }
    assert_walk(&table);
}

static void it_agrees_with_a_list(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++)
        play(sizeof memory, seed);
}

static void it_goes_on_when_the_arena_is_full(void **state)
{
    (void)state;
    play(64, 1); /* eight buckets and no more */
    play(64 + 128, 2);
}

static void without_a_first_array_it_refuses(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, 63);
    struct plait_table table = plait_table(&arena);
    struct item item = {.key = 1};
    uint32_t bucket = 0;
    assert_false(plait_table_insert(&table, &item.node, 1));
    assert_null(plait_table_find(&table, 1, NULL));
    assert_null(plait_table_each(&table, &bucket, NULL));
    assert_int_equal(table.count, 0);
}

static void it_is_small_until_it_is_filled(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_table table = plait_table(&arena);
    assert_int_equal(arena.used_octets, 0);
    for (uint32_t i = 0; i < 9; i++)
        assert_true(plait_table_insert(&table, &items[i].node, i));
    assert_int_equal(table.bucket_count, 16);
    /* What stays behind is less than what is in use. */
    assert_int_equal(arena.used_octets, (8 + 16) * sizeof(void *));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_a_list),
        cmocka_unit_test(it_goes_on_when_the_arena_is_full),
        cmocka_unit_test(without_a_first_array_it_refuses),
        cmocka_unit_test(it_is_small_until_it_is_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
