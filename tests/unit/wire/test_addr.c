/* Addresses: text both ways, prefixes, comparison of every part. */
#include "tests/unit/test.h"

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
                                        "::1"};
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
        cmocka_unit_test(places_have_text),
        cmocka_unit_test(prefixes_end_at_any_bit),
        cmocka_unit_test(every_part_counts_in_equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
