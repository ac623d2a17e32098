/* The checksum equals the definition, 16 bits at a time, for every length and alignment. */
#include "tests/unit/test.h"

#include "base/draw.h"
#include "wire/checksum.h"

#define ROOM 2048

/* RFC 1071 §1, word by word. */
static uint16_t by_definition(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < length; i += 2) {
        sum += (uint32_t)(octets[i] << 8) + (i + 1 < length ? octets[i + 1] : 0);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void fill(uint8_t *octets, size_t length)
{
    struct plait_draw_key key = plait_draw_key(7);
    for (size_t i = 0; i < length; i++)
        octets[i] = (uint8_t)plait_draw(&key, "test", "octet", i);
}

static void every_length_and_alignment(void **state)
{
    (void)state;
    uint8_t octets[ROOM], copy[ROOM];
    fill(octets, sizeof octets);
    for (size_t offset = 0; offset < 8; offset++)
        for (size_t length = 0; length < 200; length++) {
            uint16_t expected = by_definition(octets + offset, length);
            assert_int_equal(plait_sum_finish(plait_sum_add(0, octets + offset, length)), expected);
            memset(copy, 0xee, sizeof copy);
            plait_sum sum = plait_sum_copy(0, copy + 8 - offset, octets + offset, length);
            assert_int_equal(plait_sum_finish(sum), expected);
            assert_memory_equal(copy + 8 - offset, octets + offset, length);
            assert_int_equal(copy[8 - offset + length], 0xee);
        }
}

static void carries_are_not_lost(void **state)
{
    (void)state;
    uint8_t octets[ROOM];
    memset(octets, 0xff, sizeof octets);
    assert_int_equal(plait_sum_finish(plait_sum_add(0, octets, sizeof octets)), 0);
    octets[ROOM - 1] = 0; /* ff00 instead of ffff */
    assert_int_equal(plait_sum_finish(plait_sum_add(0, octets, sizeof octets)), 0x00ff);
}

static void parts_add_up(void **state)
{
    (void)state;
    uint8_t octets[ROOM];
    fill(octets, sizeof octets);
    uint16_t expected = by_definition(octets, 1457);
    for (size_t cut = 0; cut <= 1456; cut += 2) {
        plait_sum sum = plait_sum_add(0, octets, cut);
        assert_int_equal(plait_sum_finish(plait_sum_add(sum, octets + cut, 1457 - cut)), expected);
    }
}

/* Chunks of any length, one after the other: those that begin at an odd octet are turned. */
static void odd_parts_add_up(void **state)
{
    (void)state;
    uint8_t octets[301];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 37 + 11);
    uint16_t expected = by_definition(octets, sizeof octets);
    for (size_t a = 0; a <= sizeof octets; a += 7)
        for (size_t b = a; b <= sizeof octets; b += 5) {
            plait_sum middle = plait_sum_add(0, octets + a, b - a);
            plait_sum last = plait_sum_add(0, octets + b, sizeof octets - b);
            plait_sum sum = plait_sum_add(0, octets, a) + (a % 2 ? plait_sum_odd(middle) : middle) +
                            (b % 2 ? plait_sum_odd(last) : last);
            assert_int_equal(plait_sum_finish(sum), expected);
        }
}

static void pseudo_headers(void **state)
{
    (void)state;
    struct plait_addr a4, b4, a6, b6;
    assert_ok(plait_addr_parse("198.18.1.1", &a4));
    assert_ok(plait_addr_parse("198.18.2.1", &b4));
    assert_ok(plait_addr_parse("2001:db8::1", &a6));
    assert_ok(plait_addr_parse("2001:db8::2", &b6));
    const uint8_t four[] = {198, 18, 1, 1, 198, 18, 2, 1, 0, 6, 0x12, 0x34};
    assert_int_equal(plait_sum_finish(plait_sum_pseudo(0, &a4, &b4, 6, 0x1234)),
                     by_definition(four, sizeof four));
    uint8_t six[40] = {0x20, 0x01,     0x0d,        0xb8, [15] = 1, [16] = 0x20, 0x01,    0x0d,
                       0xb8, [31] = 2, [32] = 0x00, 0x01, 0x23,     0x45,        [39] = 6};
    assert_int_equal(plait_sum_finish(plait_sum_pseudo(0, &a6, &b6, 6, 0x12345)),
                     by_definition(six, sizeof six));
}

static void host_order_values(void **state)
{
    (void)state;
    assert_int_equal(plait_sum_finish(plait_sum_u16(0, 0x1234)), 0xedcb);
    assert_int_equal(plait_sum_finish(0), 0xffff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_and_alignment),
        cmocka_unit_test(carries_are_not_lost),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(odd_parts_add_up),
        cmocka_unit_test(pseudo_headers),
        cmocka_unit_test(host_order_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
