/* What flatten writes of copies that contradict (T-EVA-4): a connection beside, with the stream
 * around. */
#include "tests/unit/audit/flatten_stage.h"

/* ---- copies that contradict ---------------------------------------------------------------- */

static void set_up_both(void)
{
    struct plait_flatten_limits limits = small_limits();
    limits.both = true;
    set_up_with(limits);
}

static void contradict(unsigned direction, uint64_t offset, const char *later)
{
    begin_ack(direction, 1);
    struct plait_audit_contradiction c = {.connection = CONNECTION,
                                          .direction = (uint8_t)direction,
                                          .offset = offset,
                                          .length = (uint32_t)strlen(later),
                                          .later = (const uint8_t *)later,
                                          .packet = here(),
                                          .was_delivered = true};
    stage.sink.contradiction(stage.f, &c);
    end_packet(1, direction);
}

static void wait_for_others(void)
{
    stage.now_ns += PLAIT_FLAT_OTHER_NS;
    begin_ack(0, 0);
    end_packet(0, 0);
}

static void the_other_copy_is_a_connection_beside_with_the_stream_around_it(void **state)
{
    (void)state;
    set_up_both();
    shake_hands();
    bring(0, 0, 0, "GET /good", 9);
    contradict(0, 5, "evil");
    bring(0, 0, 9, " HTTP/1.1", 9);
    assert_int_equal(stage.heard.flow_count, 1);
    wait_for_others();
    assert_int_equal(stage.heard.flow_count, 2);
    assert_memory_equal(stream_of(0, 0)->octets, "GET /good HTTP/1.1", 18);
    assert_memory_equal(stream_of(1, 0)->octets, "GET /evil HTTP/1.1", 18);
    assert_int_equal(stage.heard.flows[1].place[0].port, CLIENT_PORT + 1);
    assert_true(stream_of(1, 0)->has_fin && stream_of(1, 1)->has_fin);
    assert_int_equal(stream_of(1, 0)->isn, CLIENT_ISN);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS), 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS_ALONE), 0);
}

static void copies_that_differ_from_each_other_have_a_connection_each(void **state)
{
    (void)state;
    set_up_both();
    shake_hands();
    bring(1, 0, 0, "<good><tail>", 12);
    contradict(1, 1, "evil");
    contradict(1, 1, "evol");
    contradict(1, 7, "fail");
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(stage.heard.flow_count, 3);
    assert_memory_equal(stream_of(1, 1)->octets, "<evil><fail>", 12);
    assert_memory_equal(stream_of(2, 1)->octets, "<evol><fail>", 12);
}

static void of_a_long_stream_the_other_copy_shows_a_part(void **state)
{
    (void)state;
    static uint8_t octets[100000];
    set_up_both();
    shake_hands();
    for (unsigned i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 7 + i / 251);
    for (unsigned at = 0; at < 50000; at += 1000)
        bring(0, 0, at, octets + at, 1000);
    contradict(0, 45000, "evil");
    for (unsigned at = 50000; at < sizeof octets; at += 1000)
        bring(0, 0, at, octets + at, 1000);
    assert_int_equal(stage.heard.flow_count, 2);
    const struct flow_side *other = stream_of(1, 0);
    uint64_t from = other->isn - CLIENT_ISN; /* numbers are those of the stream */
    assert_int_equal(from, 45000 - PLAIT_FLAT_AROUND_OCTETS);
    assert_int_equal(other->next, 2 * PLAIT_FLAT_AROUND_OCTETS + 4 + 1);
    memcpy(octets + 45000, "evil", 4);
    assert_memory_equal(other->octets, octets + from, other->next - 1);
}

static void without_a_trace_of_the_stream_the_octets_that_differ_are_written_alone(void **state)
{
    (void)state;
    static const uint8_t octets[1000];
    set_up_both();
    shake_hands();
    for (unsigned at = 0; at < 100000; at += 1000)
        bring(0, 0, at, octets, 1000);
    contradict(0, 100, "evil");
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS_ALONE), 1);
    assert_int_equal(stream_of(1, 0)->isn, CLIENT_ISN + 100);
    assert_memory_equal(stream_of(1, 0)->octets, "evil", 4);
}

static void a_flood_of_contradictions_is_bounded(void **state)
{
    (void)state;
    set_up_both();
    shake_hands();
    bring(0, 0, 0, "0123456789", 10);
    for (unsigned i = 0; i < 5000; i++)
        contradict(0, 3, i % 2 ? "ab" : "cd");
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS), PLAIT_FLAT_OTHERS_MAX);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_OTHERS_NOT), 5000 - PLAIT_FLAT_OTHERS_MAX);
    assert_int_equal(stage.heard.flow_count, 1 + PLAIT_FLAT_OTHERS_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_other_copy_is_a_connection_beside_with_the_stream_around_it),
        TEST(copies_that_differ_from_each_other_have_a_connection_each),
        TEST(of_a_long_stream_the_other_copy_shows_a_part),
        TEST(without_a_trace_of_the_stream_the_octets_that_differ_are_written_alone),
        TEST(a_flood_of_contradictions_is_bounded),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
