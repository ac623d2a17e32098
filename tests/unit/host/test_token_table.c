/* A token is one connection's at a time (N01, N02). */
#include "tests/unit/test.h"

#include "host/token_table.h"
#include "tests/unit/dice.h"

enum { TOKENS = 200, STEPS = 20000 };

static _Alignas(16) uint8_t memory[16384];

/* Connections are not looked into: any addresses that differ will do. */
static struct plait_mptcp *connection(unsigned index)
{
    static uint8_t marks[TOKENS];
    return (struct plait_mptcp *)(void *)&marks[index];
}

static void a_token_is_found_while_it_is_claimed(void **state)
{
    (void)state;
    struct plait_draw_key key = plait_draw_key(5);
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_token_table tokens = plait_token_table(&arena, &key);
    static struct plait_token token[TOKENS];
    int owner[TOKENS]; /* of each value: index of the token, or -1 */
    memset(token, 0, sizeof token);
    memset(owner, -1, sizeof owner);
    struct dice d = dice(1);
    for (int i = 0; i < STEPS; i++) {
        unsigned which = (unsigned)throw_below(&d, TOKENS);
        uint32_t value = (uint32_t)throw_below(&d, TOKENS);
        if (token[which].connection) {
            owner[token[which].value] = -1;
            plait_token_release(&tokens, &token[which]);
            plait_token_release(&tokens, &token[which]);
        } else {
            bool is_free = owner[value] < 0;
            assert_int_equal(plait_token_claim(&tokens, &token[which], value, connection(which)),
                             is_free);
            owner[value] = is_free ? (int)which : owner[value];
        }
        value = (uint32_t)throw_below(&d, TOKENS);
        struct plait_mptcp *expected = owner[value] < 0 ? NULL : connection((unsigned)owner[value]);
        assert_ptr_equal(plait_token_find(&tokens, value), expected);
    }
}

static void n01_n02_a_taken_token_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct plait_draw_key key = plait_draw_key(5);
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_token_table tokens = plait_token_table(&arena, &key);
    struct plait_token first = {0}, second = {0}, zero = {0};
    assert_true(plait_token_claim(&tokens, &first, 0xffffffff, connection(1)));
    assert_false(plait_token_claim(&tokens, &second, 0xffffffff, connection(2)));
    assert_memory_equal(&second, &zero, sizeof zero);
    assert_ptr_equal(plait_token_find(&tokens, 0xffffffff), connection(1));
    assert_true(plait_token_claim(&tokens, &second, 0, connection(2)));
    plait_token_release(&tokens, &first);
    assert_null(plait_token_find(&tokens, 0xffffffff));
    assert_ptr_equal(plait_token_find(&tokens, 0), connection(2));
}

static void without_memory_nothing_is_claimed(void **state)
{
    (void)state;
    struct plait_draw_key key = plait_draw_key(5);
    struct plait_arena arena = plait_arena(memory, 8);
    struct plait_token_table tokens = plait_token_table(&arena, &key);
    struct plait_token token = {0};
    assert_false(plait_token_claim(&tokens, &token, 1, connection(1)));
    assert_null(token.connection);
    assert_null(plait_token_find(&tokens, 1));
}

/* Who chooses tokens must not choose buckets. */
static void the_hash_depends_on_the_key(void **state)
{
    (void)state;
    struct plait_draw_key keys[] = {plait_draw_key(1), plait_draw_key(2)};
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    uint64_t hashes[2];
    for (int i = 0; i < 2; i++) {
        struct plait_token_table tokens = plait_token_table(&arena, &keys[i]);
        struct plait_token token = {0};
        assert_true(plait_token_claim(&tokens, &token, 1, connection(1)));
        hashes[i] = token.node.hash;
    }
    assert_true(hashes[0] != hashes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_found_while_it_is_claimed),
        cmocka_unit_test(n01_n02_a_taken_token_is_refused_and_changes_nothing),
        cmocka_unit_test(without_memory_nothing_is_claimed),
        cmocka_unit_test(the_hash_depends_on_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
