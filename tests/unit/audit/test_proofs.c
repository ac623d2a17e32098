/* Mappings with checksums where there is more than one path: their receiver delivers them whole, or
 * throws them away (RFC 8684 §3.7). */
#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"

struct stage {
    struct ear *ear, *deaf; /* what the capture has, and what it lacks */
    struct talk t;
};

static void leave(struct stage *s)
{
    ear_free(s->ear);
    ear_free(s->deaf);
}

static struct stage stage(void)
{
    struct stage s = {.ear = ear_new(), .deaf = ear_new()};
    s.t = talk(s.ear, 1);
    s.t.checksum = true;
    hello(&s.t);
    join(&s.t, 1, 0);
    return s;
}

/* The client's "abcdefghi" as one mapping of path 1; its parts are said one by one. */
static struct plait_mptcp_option mapping_of_nine(struct stage *s)
{
    struct plait_mptcp_option o = mapping(&s->t, 1, 0, 0, 9);
    o.dss.checksum = plait_dss_checksum(o.dss.dsn, o.dss.ssn, 9, "abcdefghi", 9);
    s->t.next_dsn[0] = 9;
    return o;
}

static void say_part(struct stage *s, const struct plait_mptcp_option *o, const char *text)
{
    say(&s->t, 1, 0, PLAIT_ACK, o, 1, text, strlen(text));
}

static void a_mapping_is_delivered_when_it_is_whole(void **state)
{
    (void)state;
    struct stage s = stage();
    struct plait_mptcp_option o = mapping_of_nine(&s);
    say_part(&s, &o, "abc");
    say_part(&s, &o, "def");
    ear_stream_is(s.ear, 0, "");
    say_part(&s, &o, "ghi");
    ear_stream_is(s.ear, 0, "abcdefghi");
    leave(&s);
}

/* Its receiver threw all of it away, and got it again on the other path. */
static void of_a_mapping_that_does_not_fit_nothing_is_delivered(void **state)
{
    (void)state;
    struct stage s = stage();
    struct plait_mptcp_option o = mapping_of_nine(&s);
    uint32_t seq = s.t.path[1].seq[0];
    say_part(&s, &o, "aXc");
    say_part(&s, &o, "def");
    say_part(&s, &o, "ghi");
    s.t.path[1].seq[0] = seq;
    say_part(&s, &o, "aXc"); /* sent again */
    ear_stream_is(s.ear, 0, "");
    data_at(&s.t, 0, 0, 0, "abcdefghi");
    ear_stream_is(s.ear, 0, "abcdefghi");
    assert_int_equal(s.ear->contradiction_count, 0);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_CHECKSUMS_INVALID), 1);
    leave(&s);
}

static void nor_of_its_copy_at_another_tap(void **state)
{
    (void)state;
    struct stage s = stage();
    struct plait_mptcp_option o = mapping_of_nine(&s);
    const struct talk before = s.t;
    static const char *const parts[] = {"aXc", "def", "ghi"};
    for (uint16_t input = 0; input < 2; input++) {
        s.t.path[1].seq[0] = before.path[1].seq[0];
        s.t.ip_id = before.ip_id;
        s.t.input = input;
        for (int i = 0; i < 3; i++)
            say_part(&s, &o, parts[i]);
    }
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_DUPLICATES), 3);
    ear_stream_is(s.ear, 0, "");
    leave(&s);
}

static void a_whole_mapping_comes_before_a_part(void **state)
{
    (void)state;
    struct stage s = stage();
    struct plait_mptcp_option o = mapping_of_nine(&s);
    say_part(&s, &o, "aXc"); /* and no more: the path is cut */
    data_at(&s.t, 0, 0, 0, "abcdefghi");
    ear_stream_is(s.ear, 0, "abcdefghi");
    leave(&s);
}

/* The capture lacks a part, not the receiver. */
static void an_acknowledged_part_waits_no_longer(void **state)
{
    (void)state;
    struct stage s = stage();
    struct plait_mptcp_option o = mapping_of_nine(&s);
    say_part(&s, &o, "abc");
    s.t.ear = s.deaf;
    say_part(&s, &o, "def");
    s.t.ear = s.ear;
    say_part(&s, &o, "ghi");
    data_ack(&s.t, 1, 1);
    ear_stream_is(s.ear, 0, "");
    s.t.now_ns += 2 * PLAIT_S;
    data_ack(&s.t, 1, 1);
    assert_memory_equal(s.ear->stream[0][0].octets, "abc", 3);
    plait_audit_end(s.ear->audit);
    assert_int_equal(s.ear->stream[0][0].length, 9);
    assert_int_equal(s.ear->stream[0][0].gap_octets, 3);
    assert_memory_equal(s.ear->stream[0][0].octets + 6, "ghi", 3);
    leave(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mapping_is_delivered_when_it_is_whole),
        cmocka_unit_test(of_a_mapping_that_does_not_fit_nothing_is_delivered),
        cmocka_unit_test(nor_of_its_copy_at_another_tap),
        cmocka_unit_test(a_whole_mapping_comes_before_a_part),
        cmocka_unit_test(an_acknowledged_part_waits_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
