/* The pattern is the same octets wherever a piece of it begins, and however many are made at once.
 */
#include "tests/unit/test.h"

#include "agent/pattern.h"

enum { OFFSETS = 24, LENGTHS = 200, GUARD = 0xaa };

static const uint64_t key = 0x0123456789abcdef;

static void pieces_are_what_their_octets_are(void **state)
{
    (void)state;
    uint8_t piece[LENGTHS + 1];
    for (uint64_t offset = 0; offset < OFFSETS; offset++)
        for (size_t length = 0; length < LENGTHS; length++) {
            memset(piece, GUARD, sizeof piece);
            plait_pattern_fill(piece, key, offset, length);
            for (size_t i = 0; i < length; i++)
                assert_int_equal(piece[i], plait_pattern_octet(key, offset + i));
            assert_int_equal(piece[length], GUARD);
        }
}

/* Two machines of one test may differ in that. */
static void a_wide_processor_writes_the_same_words(void **state)
{
    (void)state;
    uint8_t plain[LENGTHS * 8], wide[LENGTHS * 8];
    if (!plait_pattern_is_wide())
        skip();
    for (uint64_t index = UINT64_MAX - 3; index != 5; index++) {
        memset(wide, 0, sizeof wide);
        plait_pattern_words_plain(plain, key, index, LENGTHS);
        plait_pattern_words_wide(wide, key, index, LENGTHS);
        assert_memory_equal(wide, plain, sizeof plain);
    }
}

static void an_octet_of_another_is_found(void **state)
{
    (void)state;
    uint8_t piece[LENGTHS];
    plait_pattern_fill(piece, key, 0, LENGTHS);
    piece[77] ^= 1;
    struct plait_pattern_reader reader = {.key = key};
    assert_false(plait_pattern_read_piece(&reader, piece, 50));
    assert_true(plait_pattern_read_piece(&reader, piece + 50, LENGTHS - 50));
    assert_true(reader.foreign == 1 && reader.first_foreign == 77 && reader.received == LENGTHS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_what_their_octets_are),
        cmocka_unit_test(a_wide_processor_writes_the_same_words),
        cmocka_unit_test(an_octet_of_another_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
