/* A digest tells states apart, keeps neighbours apart, and is the same everywhere. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/hasher.h"
#include "tests/unit/dice.h"

static uint64_t of_words(uint64_t seed, const uint64_t *words, size_t count)
{
    struct plait_hasher h = plait_hasher(seed);
    for (size_t i = 0; i < count; i++)
        plait_hash_u64(&h, words[i]);
    return plait_hash_end(&h);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void order_count_and_seed_matter(void **state)
{
    (void)state;
    const uint64_t ab[] = {1, 2}, ba[] = {2, 1}, zeros[] = {0, 0, 0};
    assert_true(of_words(0, ab, 2) != of_words(0, ba, 2));
    assert_true(of_words(0, ab, 2) != of_words(1, ab, 2));
    assert_true(of_words(0, ab, 2) == of_words(0, ab, 2));
    for (size_t i = 0; i < 3; i++)
        assert_true(of_words(0, zeros, i) != of_words(0, zeros, i + 1));
}

static void neighbours_do_not_run_together(void **state)
{
    (void)state;
    uint64_t digests[5];
    for (size_t cut = 0; cut < 5; cut++) {
        struct plait_hasher h = plait_hasher(7);
        plait_hash_octets(&h, "abcd", cut);
        plait_hash_octets(&h, &"abcd"[cut], 4 - cut);
        digests[cut] = plait_hash_end(&h);
        for (size_t i = 0; i < cut; i++)
            assert_true(digests[i] != digests[cut]);
    }
    struct plait_hasher a = plait_hasher(7), b = plait_hasher(7);
    plait_hash_octets(&a, "\0\0", 1);
    plait_hash_octets(&b, "\0\0", 2);
    assert_true(plait_hash_end(&a) != plait_hash_end(&b));
}

static void ending_does_not_end_it(void **state)
{
    (void)state;
    struct plait_hasher a = plait_hasher(3), b = plait_hasher(3);
    plait_hash_u64(&a, 1);
    assert_true(plait_hash_end(&a) == plait_hash_end(&a));
    plait_hash_u64(&a, 2);
    plait_hash_u64(&b, 1);
    plait_hash_u64(&b, 2);
    assert_true(plait_hash_end(&a) == plait_hash_end(&b));
}

static void small_states_do_not_collide(void **state)
{
    (void)state;
    enum { SIDE = 400 };
    static uint64_t digests[SIDE * SIDE];
    for (uint64_t i = 0; i < SIDE; i++) {
        for (uint64_t j = 0; j < SIDE; j++) {
            const uint64_t words[] = {i, j};
            digests[i * SIDE + j] = of_words(0, words, 2);
        }
    }
    qsort(digests, SIDE * SIDE, sizeof *digests, compare);
    for (size_t i = 1; i < SIDE * SIDE; i++)
        assert_true(digests[i - 1] != digests[i]);
}

/* Whichever bit of whichever word changes, about half of the digest's bits do. */
static void every_bit_spreads(void **state)
{
    (void)state;
    struct dice d = dice(1);
    for (size_t word = 0; word < 4; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            int changed = 0;
            for (int round = 0; round < 50; round++) {
                uint64_t words[4] = {throw_u64(&d), throw_u64(&d), 0, throw_u64(&d)};
                uint64_t before = of_words(0, words, 4);
                words[word] ^= (uint64_t)1 << bit;
                changed += __builtin_popcountll(before ^ of_words(0, words, 4));
            }
            assert_in_range(changed, 50 * 24, 50 * 40);
        }
    }
}

/* Printed once by this code: another compiler or byte order must print the same. */
static void it_is_the_same_everywhere(void **state)
{
    (void)state;
    struct plait_hasher h = plait_hasher(1);
    plait_hash_u64(&h, 0x0123456789abcdefu);
    plait_hash_octets(&h, "eleven octs", 11);
    assert_true(plait_hash_end(&h) == 0x6486fbc1fa772f8cu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_count_and_seed_matter),
        cmocka_unit_test(neighbours_do_not_run_together),
        cmocka_unit_test(ending_does_not_end_it),
        cmocka_unit_test(small_states_do_not_collide),
        cmocka_unit_test(every_bit_spreads),
        cmocka_unit_test(it_is_the_same_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
