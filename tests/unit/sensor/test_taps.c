/* Each kind of change between two taps, made by hand. */
#include "tests/unit/sensor/packets.h"

#include "sensor/taps.h"

static struct plait_taps *taps;
static uint64_t frame;

static int setup(void **state)
{
    (void)state;
    const struct plait_draw_key key = plait_draw_key(3);
    taps = plait_taps_new(&key);
    frame = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plait_taps_free(taps);
    return 0;
}

static void see(uint16_t tap, const struct plait_segment *s)
{
    struct made m;
    frame++;
    make(&m, s, tap, (plait_time_ns)frame * 1000, frame);
    plait_taps_see(taps, &m.packet);
}

static struct plait_segment syn(void)
{
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_SYN, 1000, 0);
    s.options.has_mss = true;
    s.options.mss = 1460;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_SYN, .token = 12, .nonce = 34}};
    return s;
}

static struct plait_segment data(uint32_t seq, const void *payload, size_t octets)
{
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, seq, 500);
    s.payload = payload;
    s.payload_octets = octets;
    return s;
}

static const struct plait_tap_change *the_only(enum plait_tap_change_kind kind, uint64_t times)
{
    unsigned count;
    const struct plait_tap_change *changes = plait_taps_compare(taps, &count);
    for (unsigned i = 0; i < count; i++)
        print_message("%s %s x%u\n", plait_tap_change_text(changes[i].kind), changes[i].what,
                      (unsigned)changes[i].count);
    assert_int_equal(count, 1);
    assert_int_equal(changes[0].kind, kind);
    assert_int_equal(changes[0].count, times);
    return changes;
}

static void nothing_changes_where_nothing_changed(void **state)
{
    (void)state;
    unsigned count;
    for (uint16_t tap = 0; tap < 2; tap++) {
        struct plait_segment s = syn();
        see(tap, &s);
        for (unsigned i = 0; i < 3; i++) { /* with a copy sent again */
            s = data(1001, "abcdef", 6);
            see(tap, &s);
        }
    }
    plait_taps_compare(taps, &count);
    assert_int_equal(count, 0);
    assert_int_equal(plait_taps_summary(taps).packets_same, 4);
    assert_int_equal(plait_taps_summary(taps).flows_both, 1);
}

static void a_removed_option_is_named(void **state)
{
    (void)state;
    struct plait_segment s = syn();
    see(0, &s);
    s.mptcp_count = 0;
    see(1, &s);
    const struct plait_tap_change *c = the_only(PLAIT_TAP_OPTION_REMOVED, 1);
    assert_string_equal(c->what, "MP_JOIN");
    assert_int_equal(c->frame[0], 1);
    assert_int_equal(c->frame[1], 2);
    assert_false(c->from_listener);
}

static void an_altered_option_is_named(void **state)
{
    (void)state;
    struct plait_segment s = syn();
    see(0, &s);
    s.options.mss = 1400;
    see(1, &s);
    assert_string_equal(the_only(PLAIT_TAP_OPTION_ALTERED, 1)->what, "MSS");
}

static void numbers_that_are_moved_are_one_change(void **state)
{
    (void)state;
    for (uint16_t tap = 0; tap < 2; tap++) {
        uint32_t by = tap ? 0xfffff000 : 0;
        struct plait_segment s = syn();
        s.seq += by;
        see(tap, &s);
        s = data(1001 + by, "abcdef", 6);
        see(tap, &s);
        s = segment_of(&made_server, &made_client, PLAIT_ACK, 500, 1007 + by);
        see(tap, &s);
    }
    assert_int_equal(the_only(PLAIT_TAP_NUMBERS, 2)->moved_by, 0xfffff000);
}

static void a_flow_behind_a_nat_is_the_same_flow(void **state)
{
    (void)state;
    static const struct plait_place public_side = {{{192, 0, 2, 1}, PLAIT_IPV4}, 6000};
    struct plait_segment s = syn();
    see(0, &s);
    s.ip.src = public_side.addr;
    s.src_port = public_side.port;
    see(1, &s);
    const struct plait_tap_change *c = the_only(PLAIT_TAP_ADDRESSES, 1);
    assert_true(plait_place_equal(&c->from[0], &made_client));
    assert_true(plait_place_equal(&c->from[1], &public_side));
}

/* Nothing of Multipath TCP: its first number. */
static void plain_tcp_behind_a_nat_is_the_same_flow(void **state)
{
    (void)state;
    struct plait_segment s = syn();
    s.mptcp_count = 0;
    see(0, &s);
    s.src_port++;
    see(1, &s);
    the_only(PLAIT_TAP_ADDRESSES, 1);
}

/* Numbers are moved too: its MP_JOIN. */
static void a_join_behind_a_nat_that_moves_numbers_is_the_same_flow(void **state)
{
    (void)state;
    unsigned count;
    struct plait_segment s = syn();
    see(0, &s);
    s.src_port++;
    s.seq += 1000000;
    see(1, &s);
    plait_taps_compare(taps, &count);
    assert_int_equal(count, 2);
    assert_int_equal(plait_taps_summary(taps).flows_both, 1);
}

static void edited_payload_is_seen(void **state)
{
    (void)state;
    struct plait_segment s = data(1001, "abcdef", 6);
    see(0, &s);
    s = data(1001, "abcdeF", 6);
    see(1, &s);
    the_only(PLAIT_TAP_PAYLOAD, 1);
}

static void split_segments_are_the_same_octets(void **state)
{
    (void)state;
    struct plait_segment s = data(1001, "abcdef", 6);
    see(0, &s);
    s = data(1001, "abc", 3);
    see(1, &s);
    s = data(1004, "def", 3);
    see(1, &s);
    the_only(PLAIT_TAP_RESEGMENTED, 3);
}

static void what_is_in_one_tap_alone_is_said(void **state)
{
    (void)state;
    struct plait_segment s = data(1001, "abcdef", 6);
    see(0, &s);
    see(1, &s);
    s = data(1007, "ghi", 3);
    see(0, &s);
    the_only(PLAIT_TAP_MISSING, 1);
}

static void a_proxy_that_acknowledges_is_seen(void **state)
{
    (void)state;
    struct plait_segment s = data(1001, "abcdef", 6);
    see(0, &s);
    s.ack = 450;
    see(1, &s);
    the_only(PLAIT_TAP_ACK, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_changes_where_nothing_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_removed_option_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(an_altered_option_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_that_are_moved_are_one_change, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flow_behind_a_nat_is_the_same_flow, setup, teardown),
        cmocka_unit_test_setup_teardown(plain_tcp_behind_a_nat_is_the_same_flow, setup, teardown),
        cmocka_unit_test_setup_teardown(a_join_behind_a_nat_that_moves_numbers_is_the_same_flow,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(edited_payload_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(split_segments_are_the_same_octets, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_in_one_tap_alone_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(a_proxy_that_acknowledges_is_seen, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
