/* Names of what a scenario is made of, as records carry them. */
#include "tests/unit/test.h"

#include "lab/goals.h"
#include "lab/scenario.h"

static void grants(void **state)
{
    (void)state;
    static const struct {
        unsigned grants;
        const char *name, *stopper;
    } rows[] = {
        {PLAIT_GRANT_NOTHING, "", ""},
        {PLAIT_GRANT_KEYS, "keys", "keys unknown"},
        {PLAIT_GRANT_LISTENER, "a listener on the client", "no listener"},
        {PLAIT_GRANT_POLICY, "permissive limits", "limits of the path manager"},
        {PLAIT_GRANT_NUMBERS, "sequence numbers and port", "numbers unknown"},
        {PLAIT_GRANT_TOKEN, "token", "token unknown"},
        {PLAIT_GRANT_PLAIN_TCP, "plain TCP", "Multipath TCP itself"},
        {PLAIT_GRANT_ONE_PATH, "a single path", "another subflow carries on"},
        {PLAIT_GRANT_HMAC, "the right HMAC", "wrong HMAC"},
        {PLAIT_GRANT_FRESH_PROOF, "a proof over the fresh nonce", "the fresh nonce of each join"},
        {PLAIT_GRANT_CHECK | PLAIT_GRANT_SILENCE,
         "the check's secrets and a target that stays silent",
         "the reachability check and the target's reset"},
        {PLAIT_GRANT_MOVED, "an address that passes on", "data that goes to who asked for it"},
        {PLAIT_GRANT_HEEDED, "hosts that obey hard ICMP errors", "hard errors taken for soft ones"},
        {PLAIT_GRANT_SHARED, "one limit of challenge ACKs for all",
         "a limit of challenge ACKs for each connection"},
        {PLAIT_GRANT_KEYS | PLAIT_GRANT_POLICY, "keys and permissive limits",
         "keys unknown and limits of the path manager"},
        {PLAIT_GRANT_KEYS | PLAIT_GRANT_NUMBERS | PLAIT_GRANT_TOKEN,
         "keys and sequence numbers and port and token",
         "keys unknown and numbers unknown and token unknown"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        plait_grant_names(rows[i].grants, text, sizeof text);
        assert_string_equal(text, rows[i].name);
        plait_grant_stoppers(rows[i].grants, text, sizeof text);
        assert_string_equal(text, rows[i].stopper);
    }
}

static void every_grant_has_a_name(void **state)
{
    (void)state;
    char text[256], stopper[256];
    for (unsigned bit = 0; bit < PLAIT_GRANT_BITS; bit++) {
        plait_grant_names(1u << bit, text, sizeof text);
        plait_grant_stoppers(1u << bit, stopper, sizeof stopper);
        assert_true(text[0] && stopper[0]);
    }
    plait_grant_names(1u << PLAIT_GRANT_BITS, text, sizeof text); /* no grant */
    assert_string_equal(text, "");
}

static void little_room_cuts(void **state)
{
    (void)state;
    char text[8] = "xxxxxxx";
    plait_grant_stoppers(PLAIT_GRANT_KEYS | PLAIT_GRANT_TOKEN, text, 6);
    assert_non_null(memchr(text, '\0', 6));
    assert_int_equal(text[6], 'x');
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(plait_workload_name(PLAIT_IDLE), "idle");
    assert_string_equal(plait_workload_name(PLAIT_TRICKLE), "trickle");
    assert_string_equal(plait_workload_name(PLAIT_BULK), "bulk");
    assert_string_equal(plait_workload_name(PLAIT_REQUEST_RESPONSE), "request-response");
    assert_string_equal(plait_protocol_name(PLAIT_TCP), "tcp");
    assert_string_equal(plait_protocol_name(PLAIT_MPTCP_V1), "v1");
    assert_string_equal(plait_policy_name(PLAIT_POLICY_DEFAULT), "default");
    assert_string_equal(plait_policy_name(PLAIT_POLICY_PERMISSIVE), "permissive");
    assert_string_equal(plait_side_name(PLAIT_CLIENT), "client");
    assert_string_equal(plait_side_name(PLAIT_SERVER), "server");
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        assert_true(plait_goal_name((enum plait_goal)goal)[0] &&
                    plait_goal_unit((enum plait_goal)goal)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants),
        cmocka_unit_test(every_grant_has_a_name),
        cmocka_unit_test(little_room_cuts),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
