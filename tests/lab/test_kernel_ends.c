/* This machine's kernel as one end beside our own endpoint, and as both ends behind boxes that it
 * comes through.  These mostly wait. */
#include "tests/lab/runs.h"

static void assert_mixed(enum plait_target client, enum plait_target server)
{
    json_t *record =
        record_of_ts_2((struct plait_analysis_request){.client = client, .server = server});
    assert_string_equal(text_at(record, "reason")[0] ? text_at(record, "outcome") : "", "broken");
    assert_string_equal(text_at(record, "versus_tcp"), "worse");
    assert_text_at(record, "target.client", plait_target_name(client));
    assert_text_at(record, "target.server", plait_target_name(server));
    json_decref(record);
}

static void the_ends_may_differ(void **state)
{
    (void)state;
    skip_unless_live();
    assert_mixed(PLAIT_TARGET_PLAIT, PLAIT_TARGET_LINUX);
    assert_mixed(PLAIT_TARGET_LINUX, PLAIT_TARGET_PLAIT);
}

#define SAID  "a genuine case, nothing was reported"
#define PLAIN SAID "; both ends speak plain TCP"

static void assert_genuine(const char *cell, const char *reason)
{
    json_t *record = record_of(cell, (struct plait_analysis_request){.client = PLAIT_TARGET_LINUX,
                                                                     .server = PLAIT_TARGET_LINUX,
                                                                     .full = true});
    if (!json_is_true(at(record, "deployable")) || strcmp(text_at(record, "reason"), reason) != 0)
        fail_msg("%s: %s: %s", cell, text_at(record, "outcome"), text_at(record, "reason"));
    json_decref(record);
}

static void linux_works_behind_a_nat_and_falls_back_behind_a_stripper(void **state)
{
    (void)state;
    skip_unless_live();
    assert_genuine("C-NAT-1/-/server/bulk/OFF-NS-no-spoof/v1/default/ipv4", SAID);
    assert_genuine("C-MB-1/syn-ack/server/bulk/OFF-NS-no-spoof/v1/default/ipv4", PLAIN);
    assert_genuine("C-MB-1/data/server/bulk/OFF-NS-no-spoof/v1/default/ipv4", PLAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ends_may_differ),
        cmocka_unit_test(linux_works_behind_a_nat_and_falls_back_behind_a_stripper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
