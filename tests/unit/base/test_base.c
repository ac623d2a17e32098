/* Cursors keep their hard ends; draws are functions of their names; texts are cut, not overrun. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "base/cursor.h"
#include "base/draw.h"
#include "base/text.h"

static void reader_never_passes_its_end(void **state)
{
    (void)state;
    const uint8_t octets[] = {0x01, 0x02, 0x03, 0x04, 0x05};
    struct plait_reader r = plait_reader(octets, sizeof octets);
    assert_int_equal(plait_read_u32(&r), 0x01020304);
    assert_ok(plait_reader_result(&r));
    assert_int_equal(plait_read_u16(&r), 0);
    assert_true(r.failed);
    assert_ptr_equal(r.at, octets + 4);
    assert_int_equal(plait_read_u8(&r), 0); /* failure is sticky: the fifth octet stays unread */
    assert_reason(plait_reader_result(&r), TRUNCATED);
}

static void part_is_bounded(void **state)
{
    (void)state;
    const uint8_t octets[] = {1, 2, 3, 4};
    struct plait_reader r = plait_reader(octets, sizeof octets);
    struct plait_reader part = plait_read_part(&r, 2);
    assert_int_equal(plait_read_u16(&part), 0x0102);
    assert_int_equal(plait_read_u8(&part), 0);
    assert_true(part.failed);
    assert_false(r.failed);
    assert_true(plait_read_part(&r, 3).failed);
}

static void writer_never_passes_its_end(void **state)
{
    (void)state;
    uint8_t octets[4] = {0, 0, 0, 0xaa};
    struct plait_writer w = plait_writer(octets, 3);
    plait_write_u16(&w, 0x0102);
    plait_write_u16(&w, 0x0304);
    plait_write_u8(&w, 5);
    assert_reason(plait_writer_result(&w), NO_ROOM);
    assert_int_equal(plait_writer_used(&w), 2);
    assert_int_equal(octets[2], 0);
    assert_int_equal(octets[3], 0xaa);
}

static void siphash_matches_its_authors_vector(void **state)
{
    (void)state;
    /* SipHash-2-4 paper, appendix A: key 00..0f, input 00..0e. */
    const struct plait_draw_key key = {{0x0706050403020100u, 0x0f0e0d0c0b0a0908u}};
    uint8_t input[15];
    for (uint8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    assert_true(plait_siphash(&key, input, sizeof input) == 0xa129ca6149be45e5u);
}

static void draws_depend_on_every_name(void **state)
{
    (void)state;
    struct plait_draw_key one = plait_draw_key(1), two = plait_draw_key(2);
    uint64_t d = plait_draw(&one, "client", "port", 0);
    assert_true(d == plait_draw(&one, "client", "port", 0));
    assert_false(d == plait_draw(&two, "client", "port", 0));
    assert_false(d == plait_draw(&one, "server", "port", 0));
    assert_false(d == plait_draw(&one, "clientp", "ort", 0));
    assert_false(d == plait_draw(&one, "client", "port", 1));
    for (uint64_t n = 0; n < 1000; n++)
        assert_true(plait_draw_below(&one, "client", "port", n, 7) < 7);
}

static void text_is_cut(void **state)
{
    (void)state;
    char room[6];
    struct plait_text t = plait_text(room, sizeof room);
    plait_text_add(&t, "abc");
    plait_text_hex(&t, (const uint8_t[]){0xde, 0xad}, 2);
    assert_true(t.cut);
    assert_string_equal(room, "abcde");
    plait_text_add(&t, "x");
    assert_string_equal(room, "abcde");
}

#define SAME(...)                                                                                  \
    do {                                                                                           \
        char ours[64], theirs[64];                                                                 \
        struct plait_text t = plait_text(ours, sizeof ours);                                       \
        plait_text_add(&t, __VA_ARGS__);                                                           \
        snprintf(theirs, sizeof theirs, __VA_ARGS__);                                              \
        assert_string_equal(ours, theirs);                                                         \
    } while (0)

static void formats_mean_what_printf_means(void **state)
{
    (void)state;
    SAME("%s|%8s|%-8s|%.3s|%6.2s|%%|%c", "abc", "abc", "abc", "abcdef", "abcdef", 'x');
    SAME("%*s|%-*s|%.*s", 5, "ab", 5, "ab", 2, "abc");
    SAME("%d|%5d|%-5d|%05d|%.4d|%d", 42, -42, -42, -42, -42, INT32_MIN);
    SAME("%u|%08x|%X|%02x|%3u", 4294967295u, 0xbeefu, 0xbeefu, 10, 1234);
    SAME("%lld|%llu|%lx|%zu|%zx", (long long)INT64_MIN, (unsigned long long)UINT64_MAX, 0xfful,
         (size_t)7, SIZE_MAX);
    SAME("%hhu|%hu|%5.3u|%u", (unsigned char)255, (unsigned short)65535, 7u, 0u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reader_never_passes_its_end),
        cmocka_unit_test(part_is_bounded),
        cmocka_unit_test(writer_never_passes_its_end),
        cmocka_unit_test(siphash_matches_its_authors_vector),
        cmocka_unit_test(draws_depend_on_every_name),
        cmocka_unit_test(text_is_cut),
        cmocka_unit_test(formats_mean_what_printf_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
