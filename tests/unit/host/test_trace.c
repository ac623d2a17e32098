/* Events and counters have text, and the text is a function of the list alone. */
#include "tests/unit/host/world.h"

static void events_are_lines(void **state)
{
    (void)state;
    char text[160];
    struct plait_trace_event e = {.at_ns = 1234567890,
                                  .kind = PLAIT_TRACE_SENT_EVENT,
                                  .connection = 1,
                                  .flow = 2,
                                  .a = 0,
                                  .b = 1460,
                                  .c = 16};
    plait_trace_text(&e, text, sizeof text);
    assert_string_equal(text, "1.234567890 c1 f2 SENT offset=0 octets=1460 flags=0x10");
    plait_trace_json(&e, text, sizeof text);
    assert_string_equal(text, "{\"time\": 1234.567890, \"name\": \"tcp:sent\", \"data\": "
                              "{\"connection\": 1, \"flow\": 2, \"offset\": 0, \"octets\": 1460, "
                              "\"flags\": 16}}");
    e = (struct plait_trace_event){.kind = PLAIT_TRACE_LISTEN_EVENT, .a = 80};
    plait_trace_text(&e, text, sizeof text);
    assert_string_equal(text, "0.000000000 LISTEN port=80");
    e.kind = 60000;
    plait_trace_text(&e, text, sizeof text);
    assert_string_equal(text, "0.000000000 UNKNOWN a=80 b=0 c=0");
    char small[8];
    plait_trace_json(&e, small, sizeof small);
    assert_string_equal(small, "{\"time\"");
}

static void every_kind_and_counter_has_text(void **state)
{
    (void)state;
    char text[256];
    for (unsigned kind = 0; kind < PLAIT_TRACE_KINDS; kind++) {
        struct plait_trace_event e = {.kind = (uint16_t)kind};
        plait_trace_text(&e, text, sizeof text);
        assert_null(strstr(text, "UNKNOWN"));
    }
    for (unsigned counter = 0; counter < PLAIT_COUNTER_NAMES; counter++) {
        assert_true(strlen(plait_counter_text(counter)) > 5);
        assert_true(strlen(plait_counter_short_name(counter)) > 2);
    }
    assert_string_equal(plait_counter_short_name(PLAIT_COUNT_ICMP_IN), "ICMP_IN");
    assert_string_equal(plait_counter_short_name(PLAIT_COUNTER_NAMES), "UNKNOWN");
    assert_string_equal(plait_stage_text(PLAIT_STAGE_TIMED_OUT), "timed out");
    assert_string_equal(plait_stage_text((enum plait_stage)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_lines),
        cmocka_unit_test(every_kind_and_counter_has_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
