/* docs/FINDINGS.md, "Behind middleboxes": the two cases that Linux does not come through, and what
 * the same boxes do beside them.  Another release that differs is told from a failure: the
 * difference is printed and the test skipped. */
#include "tests/lab/findings.h"

static json_t *behind(const char *cell)
{
    skip_unless_live();
    return record_of(cell, (struct plait_analysis_request){.full = true});
}

static void expect_outcome(const json_t *record, const char *outcome, const char *reason)
{
    const char *cell = text_at(record, "id"), *seen = text_at(record, "reason");
    print_message("%s: %s: %s\n", cell, text_at(record, "outcome"), seen);
    expect_seen(cell, text_at(record, "outcome"), outcome);
    expect_seen(cell, strstr(seen, reason) ? reason : seen, reason);
}

static void expect_record(const char *cell, const char *outcome, const char *reason)
{
    json_t *record = behind(cell);
    expect_outcome(record, outcome, reason);
    json_decref(record);
}

/* RFC 8684 §3.7, §6 (C-MB-3). */
static void behind_a_proxy_that_acknowledges_the_ends_disagree(void **state)
{
    (void)state;
    static const char cell[] = "C-MB-3/-/server/bulk/OFF-NS-no-spoof/v1/default/ipv4";
    expect_record(cell, "broken",
                  "not deployable behind a proxy that acknowledges: only the server speaks "
                  "Multipath TCP");
    json_t *record = behind(cell), *goal;
    bool is_foreign = false;
    size_t i;
    json_array_foreach(at(record, "goals"), i, goal) is_foreign |=
        strcmp(text_at(goal, "goal"), "inject") == 0 && json_is_true(at(goal, "reached"));
    expect_seen("what the client reads", is_foreign ? "was not written there" : "was written",
                "was not written there");
    json_decref(record);
}

/* That the stream goes on shows no proxy.  What the server hears beyond what the client sent, that
 * only acknowledges, does: 333 packets of 158 with it, 161 of 160 without. */
static void on_the_second_path_it_does_no_harm(void **state)
{
    (void)state;
    json_t *record = behind("C-MB-3/second-path/server/bulk/OFF-NS-no-spoof/v1/default/ipv4");
    expect_outcome(record, "stopped", "a genuine case, nothing was reported");
    json_int_t sent = json_integer_value(at(record, "counters.client.IpOutRequests"));
    json_int_t heard = json_integer_value(at(record, "counters.server.IpInReceives"));
    print_message("the client sent %lld packets, the server heard %lld\n", (long long)sent,
                  (long long)heard);
    assert_true(sent > 0 && 2 * heard > 3 * sent); /* else the lab is wrong, not Linux */
    json_decref(record);
}

/* F-8, met by another way (C-MB-4). */
static void behind_a_gateway_on_the_only_path_the_stream_stops(void **state)
{
    (void)state;
    expect_record("C-MB-4/edit-alone/server/bulk/OFF-NS-no-spoof/v1/default/ipv4", "broken",
                  "not deployable behind a box that edits payload: the stream stops");
}

static void with_a_second_path_it_goes_on(void **state)
{
    (void)state;
    expect_record("C-MB-4/edit/server/bulk/OFF-NS-no-spoof/v1/default/ipv4", "stopped",
                  "a genuine case, nothing was reported");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behind_a_proxy_that_acknowledges_the_ends_disagree),
        cmocka_unit_test(on_the_second_path_it_does_no_harm),
        cmocka_unit_test(behind_a_gateway_on_the_only_path_the_stream_stops),
        cmocka_unit_test(with_a_second_path_it_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
