/* The streams: order over subflows, holes and gaps, copies. */
#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"
#include "tests/unit/dice.h"

/* ---- order ---- */

static void order_comes_from_data_sequence_numbers(void **state)
{
    (void)state;
    struct scene s = scene();
    join(&s.t, 1, 0);
    data_at(&s.t, 1, 0, 6, "ghi");
    data_at(&s.t, 1, 0, 3, "def");
    ear_stream_is(s.ear, 0, "");
    data_at(&s.t, 0, 0, 0, "abc");
    ear_stream_is(s.ear, 0, "abcdefghi");
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_GAPS), 0);
    scene_end(&s);
}

static void a_32_bit_number_wraps(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    /* A key whose first number is just below a multiple of 2^32. */
    while ((uint32_t)plait_mechanism_v1.idsn(t.key[0]) < 0xfff00000u)
        t.key[0]++;
    uint64_t to_wrap = UINT64_C(0x100000000) - (uint32_t)dsn_of(&t, 0, 0);
    hello(&t);
    uint64_t sent = 0;
    static char text[1001];
    memset(text, 'x', 1000);
    while (sent < to_wrap + 5000) {
        struct plait_mptcp_option o = mapping(&t, 0, 0, sent, 1000);
        o.dss.dsn_is_64 = false;
        o.dss.dsn &= UINT32_MAX;
        say(&t, 0, 0, PLAIT_ACK, &o, 1, text, 1000);
        sent += 1000;
    }
    assert_int_equal(ear->stream[0][0].length, sent);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_GAPS), 0);
    ear_free(ear);
}

/* Everything in random order, in random cuts, on two subflows, some of it twice. */
static void any_order_gives_the_same_stream(void **state)
{
    (void)state;
    enum { LENGTH = 30000 };
    static uint8_t octets[LENGTH];
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct scene s = scene();
        struct dice d = dice(seed);
        join(&s.t, 1, 0);
        for (unsigned i = 0; i < LENGTH; i++)
            octets[i] = (uint8_t)throw_u64(&d);
        struct piece {
            uint32_t from, length;
        } pieces[200];
        unsigned count = 0;
        for (uint32_t at = 0; at < LENGTH; count++) {
            uint32_t length = 100 + (uint32_t)throw_below(&d, 1000);
            length = at + length > LENGTH ? LENGTH - at : length;
            uint32_t back = at && throw_below(&d, 3) == 0 ? (uint32_t)throw_below(&d, at) % 90 : 0;
            pieces[count] = (struct piece){at - back, length + back};
            at += length;
        }
        for (unsigned left = count; left; left--) {
            unsigned pick = (unsigned)throw_below(&d, left < 12 ? left : 12), n = 0;
            struct piece p = pieces[pick];
            struct plait_mptcp_option o =
                mapping(&s.t, (unsigned)throw_below(&d, 2), 0, p.from, (uint16_t)p.length);
            n = o.dss.ssn == s.t.path[1].seq[0] - s.t.path[1].isn[0];
            say(&s.t, n, 0, PLAIT_ACK, &o, 1, octets + p.from, p.length);
            memmove(&pieces[pick], &pieces[pick + 1], (left - pick - 1) * sizeof pieces[0]);
        }
        assert_int_equal(s.ear->stream[0][0].length, LENGTH);
        assert_memory_equal(s.ear->stream[0][0].octets, octets, LENGTH);
        assert_int_equal(s.ear->contradiction_count, 0);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_GAPS), 0);
        scene_end(&s);
    }
}

/* ---- holes and gaps ---- */

static void an_acknowledged_hole_is_a_gap(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "abc");
    s.t.ear = s.deaf;
    data(&s.t, 0, 0, "lost");
    s.t.ear = s.ear;
    data(&s.t, 0, 0, "def");
    ear_stream_is(s.ear, 0, "abc");
    data_ack(&s.t, 0, 1); /* the receiver has it */
    ear_stream_is(s.ear, 0, "abc");
    s.t.now_ns += 2 * PLAIT_S;
    data(&s.t, 0, 0, "ghi");
    assert_int_equal(s.ear->stream[0][0].length, 13);
    assert_int_equal(s.ear->stream[0][0].gap_octets, 4);
    assert_memory_equal(s.ear->stream[0][0].octets + 7, "defghi", 6);
    const struct plait_audit_event *gap = ear_event(s.ear, PLAIT_SAW_GAP, 0);
    assert_int_equal(gap->offset, 3);
    assert_int_equal(gap->length, 4);
    plait_audit_end(s.ear->audit);
    assert_true(s.ear->ended[0].has_gap);
    assert_int_equal(ear_alerts(s.ear, PLAIT_WARNING), 0);
    scene_end(&s);
}

static void an_old_hole_is_a_gap(void **state)
{
    (void)state;
    struct scene s = scene();
    data_at(&s.t, 0, 0, 4, "def");
    s.t.now_ns += 30 * PLAIT_S;
    data_at(&s.t, 0, 0, 7, "ghi");
    ear_stream_is(s.ear, 0, "");
    s.t.now_ns += 31 * PLAIT_S;
    data_at(&s.t, 0, 0, 10, "jkl");
    assert_int_equal(s.ear->stream[0][0].length, 13);
    data_at(&s.t, 0, 0, 0, "late");
    assert_int_equal(s.ear->stream[0][0].length, 13);
    scene_end(&s);
}

static void a_hole_that_holds_back_too_much_is_a_gap(void **state)
{
    (void)state;
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 4u << 20;
    limits.hold_octets = 5000;
    struct scene s = {.ear = ear_with(&limits), .deaf = ear_new()};
    s.t = talk(s.ear, 1);
    hello(&s.t);
    static char text[1001];
    memset(text, 'x', 1000);
    for (unsigned i = 0; i < 5; i++)
        data_at(&s.t, 0, 0, 1 + i * 1000, text);
    ear_stream_is(s.ear, 0, "");
    data_at(&s.t, 0, 0, 5001, text);
    assert_int_equal(s.ear->stream[0][0].length, 6001);
    scene_end(&s);
}

static void the_end_of_the_input_gives_out_what_is_held(void **state)
{
    (void)state;
    struct scene s = scene();
    data_at(&s.t, 0, 0, 3, "def");
    plait_audit_end(s.ear->audit);
    assert_int_equal(s.ear->stream[0][0].length, 6);
    assert_int_equal(s.ear->stream[0][0].gap_octets, 3);
    scene_end(&s);
}

/* N43: a receiver drops what is far ahead; a capture may have left something out. */
static void octets_far_ahead(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "abc");
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, UINT64_C(1) << 40, 3);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "far", 3);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FAR_OCTETS), 3);
    data_at(&s.t, 0, 0, 3, "def");
    ear_stream_is(s.ear, 0, "abcdef");
    for (unsigned i = 0; i < 20; i++)
        data_at(&s.t, 0, 0, 100000000 + 3 * i, "xyz"); /* it goes on there */
    plait_audit_end(s.ear->audit);
    assert_true(s.ear->stream[0][0].length > 100000000);
    scene_end(&s);
}

/* ---- copies ---- */

static void copies_are_compared_where_they_are_held_and_where_they_were(void **state)
{
    (void)state;
    struct scene s = scene();
    join(&s.t, 1, 0);
    data_at(&s.t, 1, 0, 3, "DEF");
    data_at(&s.t, 0, 0, 2, "cdeX"); /* held: e and X differ */
    assert_int_equal(s.ear->contradiction_count, 1);
    assert_false(s.ear->contradictions[0].was_delivered);
    assert_int_equal(s.ear->contradictions[0].offset, 3);
    data_at(&s.t, 0, 0, 0, "ab");
    ear_stream_is(s.ear, 0, "abcDEF");
    assert_true(s.ear->stream[0][0].ambiguous > 0);
    data_at(&s.t, 1, 0, 0, "aB");
    assert_int_equal(s.ear->contradiction_count, 2);
    assert_true(s.ear->contradictions[1].was_delivered);
    assert_int_equal(s.ear->contradictions[1].offset, 1);
    assert_int_equal(s.ear->contradictions[1].length, 1);
    scene_end(&s);
}

/* Whoever prepares thousands of pieces is not told thousands of times of one packet. */
static void one_packet_is_told_of_sixteen_times(void **state)
{
    (void)state;
    struct scene s = scene();
    char other[81] = {0};
    memset(other, 'b', 80);
    for (uint64_t at = 1; at < 80; at += 2)
        data_at(&s.t, 0, 0, at, "a");
    data_at(&s.t, 0, 0, 1, other);
    assert_int_equal(ear_events(s.ear, PLAIT_SAW_CONTRADICTION), 16);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_CONTRADICTED_OCTETS), 40);
    data_at(&s.t, 0, 0, 1, "c");
    assert_int_equal(ear_events(s.ear, PLAIT_SAW_CONTRADICTION), 17);
    scene_end(&s);
}

/* Linux asks so whether a closed window has opened. */
static void an_acknowledged_octet_alone_is_a_probe(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "window");
    data_at(&s.t, 0, 0, 5, "X"); /* not acknowledged yet: either may be taken */
    assert_int_equal(s.ear->contradiction_count, 1);
    data_ack(&s.t, 0, 1);
    data_at(&s.t, 0, 0, 5, "Y");
    assert_int_equal(s.ear->contradiction_count, 1);
    data_at(&s.t, 0, 0, 4, "YZ");
    assert_int_equal(s.ear->contradiction_count, 2);
    ear_stream_is(s.ear, 0, "window");
    scene_end(&s);
}

static void the_last_copy_wins_where_it_is_asked_for(void **state)
{
    (void)state;
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 4u << 20;
    limits.copy = PLAIT_LAST_COPY;
    struct scene s = {.ear = ear_with(&limits), .deaf = ear_new()};
    s.t = talk(s.ear, 1);
    hello(&s.t);
    join(&s.t, 1, 0);
    data_at(&s.t, 1, 0, 3, "DEF");
    data_at(&s.t, 0, 0, 3, "def");
    data_at(&s.t, 0, 0, 0, "abc");
    ear_stream_is(s.ear, 0, "abcdef");
    scene_end(&s);
}

/* No receiver takes it: what comes behind is the first copy. */
static void octets_of_a_segment_without_ack_are_nobodys(void **state)
{
    (void)state;
    struct scene s = scene();
    struct plait_mptcp_option m = mapping(&s.t, 0, 0, 0, 5);
    say(&s.t, 0, 0, PLAIT_PSH, &m, 1, "false", 5);
    s.t.path[0].seq[0] -= 5;
    data_at(&s.t, 0, 0, 0, "right");
    ear_stream_is(s.ear, 0, "right");
    assert_int_equal(s.ear->contradiction_count, 0);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_NO_FLAGS), 1);
    scene_end(&s);
}

static void what_is_kept_after_delivery_has_an_end(void **state)
{
    (void)state;
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 4u << 20;
    limits.retain_octets = 10000;
    struct scene s = {.ear = ear_with(&limits), .deaf = ear_new()};
    s.t = talk(s.ear, 1);
    hello(&s.t);
    static char text[1001], other[1001];
    memset(text, 'x', 1000);
    memset(other, 'y', 1000);
    for (unsigned i = 0; i < 30; i++)
        data(&s.t, 0, 0, text);
    data_at(&s.t, 0, 0, 1000, other);
    assert_int_equal(s.ear->contradiction_count, 0);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_NOT_COMPARED_OCTETS), 1000);
    data_at(&s.t, 0, 0, 25000, other);
    assert_true(s.ear->contradiction_count > 0);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_comes_from_data_sequence_numbers),
        cmocka_unit_test(a_32_bit_number_wraps),
        cmocka_unit_test(any_order_gives_the_same_stream),
        cmocka_unit_test(an_acknowledged_hole_is_a_gap),
        cmocka_unit_test(an_old_hole_is_a_gap),
        cmocka_unit_test(a_hole_that_holds_back_too_much_is_a_gap),
        cmocka_unit_test(the_end_of_the_input_gives_out_what_is_held),
        cmocka_unit_test(octets_far_ahead),
        cmocka_unit_test(copies_are_compared_where_they_are_held_and_where_they_were),
        cmocka_unit_test(one_packet_is_told_of_sixteen_times),
        cmocka_unit_test(an_acknowledged_octet_alone_is_a_probe),
        cmocka_unit_test(the_last_copy_wins_where_it_is_asked_for),
        cmocka_unit_test(octets_of_a_segment_without_ack_are_nobodys),
        cmocka_unit_test(what_is_kept_after_delivery_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
