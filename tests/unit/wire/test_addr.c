/* Addresses: text both ways, prefixes, comparison of every part. */
#include "tests/unit/test.h"

#include <arpa/inet.h>

#include "base/draw.h"
#include "wire/addr.h"

static struct plait_addr addr(const char *text)
{
    struct plait_addr a;
    assert_ok(plait_addr_parse(text, &a));
    return a;
}

static void text_both_ways(void **state)
{
    (void)state;
    static const char *const texts[] = {"198.18.1.1", "0.0.0.0",     "255.255.255.255",
                                        "::",         "2001:db8::1", "2001:db8:0:1:1:1:1:1",
                                        "::1",        "1::",         "::ffff:1.2.3.4",
                                        "1:0:0:2::",  "::2:0:0:1:0"};
    char text[PLAIT_ADDR_TEXT_OCTETS];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct plait_addr a = addr(texts[i]);
        assert_string_equal(plait_addr_text(&a, text), texts[i]);
    }
    struct plait_addr longest = addr("2001:0DB8:1111:2222:3333:4444:5555:6666");
    assert_string_equal(plait_addr_text(&longest, text), "2001:db8:1111:2222:3333:4444:5555:6666");
    struct plait_addr none = {0};
    assert_string_equal(plait_addr_text(&none, text), "none");
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",         "1.2.3",   "256.1.1.1",    "1.2.3.4.5",
                                        "2001:db8", "a::b::c", "198.18.1.1/24"};
    struct plait_addr a;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_reason(plait_addr_parse(texts[i], &a), BAD_VALUE);
        assert_int_equal(a.family, PLAIT_NO_FAMILY);
    }
}

/* Every form of RFC 4291 §2.2, and what is nearly one, read as the C library reads it; and what was
 * written is read back as the same address. */
static void reads_as_the_c_library_does(void **state)
{
    (void)state;
    static const char *const parts[] = {":", "::", "0", "1", "db8", "ffff", "10000", "1.2.3.4",
                                        ".", "01", "256"};
    struct plait_draw_key key = plait_draw_key(1);
    unsigned good = 0;
    for (uint64_t n = 0; n < 200000; n++) {
        char text[128] = "";
        uint64_t length = plait_draw_below(&key, "addr", "length", n, 17);
        for (uint64_t i = 0; i < length; i++) {
            uint64_t draw = plait_draw(&key, "addr", "part", n * 17 + i);
            strcat(text, parts[i % 2 && draw >> 62 ? 0 : (draw & 0xffff) % 11]);
        }
        struct plait_addr ours;
        uint8_t theirs[16] = {0};
        bool ok = plait_ok(plait_addr_parse(text, &ours));
        bool four = inet_pton(AF_INET, text, theirs) == 1;
        bool six = !four && inet_pton(AF_INET6, text, theirs) == 1;
        if (ok != (four || six) || (ok && memcmp(theirs, ours.octets, 16) != 0))
            fail_msg("\"%s\" is read differently", text);
        if (!ok)
            continue;
        char written[PLAIT_ADDR_TEXT_OCTETS];
        struct plait_addr again = addr(plait_addr_text(&ours, written));
        assert_true(plait_addr_equal(&again, &ours));
        good++;
    }
    assert_true(good > 2000);
}

static void places_have_text(void **state)
{
    (void)state;
    char text[PLAIT_PLACE_TEXT_OCTETS];
    struct plait_place four = {addr("198.18.1.1"), 80};
    struct plait_place six = {addr("2001:db8:1111:2222:3333:4444:5555:6666"), 65535};
    assert_string_equal(plait_place_text(&four, text), "198.18.1.1:80");
    assert_string_equal(plait_place_text(&six, text),
                        "[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
}

static void prefixes_end_at_any_bit(void **state)
{
    (void)state;
    struct plait_addr lab = addr("198.18.0.0"), in = addr("198.19.255.255"),
                      out = addr("198.20.0.0");
    assert_true(plait_addr_in(&in, &lab, 15));
    assert_false(plait_addr_in(&out, &lab, 15));
    assert_false(plait_addr_in(&in, &lab, 16));
    assert_true(plait_addr_in(&out, &lab, 0));
    assert_true(plait_addr_in(&in, &in, 32));
    assert_false(plait_addr_in(&in, &in, 33)); /* no such prefix */
    struct plait_addr six = addr("2001:db8::"), member = addr("2001:db8::ffff");
    assert_true(plait_addr_in(&member, &six, 32));
    assert_false(plait_addr_in(&member, &six, 128));
    assert_true(plait_addr_in(&member, &member, 128));
    struct plait_addr any = addr("::");
    assert_false(plait_addr_in(&in, &any, 0)); /* families differ */
}

static void every_part_counts_in_equality(void **state)
{
    (void)state;
    struct plait_flow_key flow = {{addr("198.18.1.1"), 1}, {addr("198.18.2.1"), 2}}, other = flow;
    assert_true(plait_flow_equal(&flow, &other));
    other.dst.port = 3;
    assert_false(plait_flow_equal(&flow, &other));
    other = flow;
    other.src.addr.octets[3] = 9;
    assert_false(plait_flow_equal(&flow, &other));
    struct plait_flow_key back = plait_flow_reversed(&flow);
    assert_false(plait_flow_equal(&flow, &back));
    assert_true(plait_place_equal(&back.src, &flow.dst));
    back = plait_flow_reversed(&back);
    assert_true(plait_flow_equal(&flow, &back));
    struct plait_addr four = addr("32.1.13.184"), six = addr("2001:db8::"); /* the same octets */
    assert_false(plait_addr_equal(&four, &six));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_both_ways),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(reads_as_the_c_library_does),
        cmocka_unit_test(places_have_text),
        cmocka_unit_test(prefixes_end_at_any_bit),
        cmocka_unit_test(every_part_counts_in_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
