/* Equal runs are one run, and whatever makes two runs differ tells them apart. */
#include "tests/unit/test.h"

#include "lab/asked.h"

static const struct plait_scenario base = {
    .script_id = "T-TS-2", .form = "direct", .family = PLAIT_IPV4, .seed = 1};

static bool is_new(struct plait_asked_runs *runs, const struct plait_scenario *scenario,
                   unsigned repeat)
{
    bool result;
    (void)plait_asked_run(runs, scenario, repeat, &result);
    return result;
}

static void equal_runs_are_one(void **state)
{
    (void)state;
    struct plait_asked_runs *runs = plait_asked_runs_new();
    bool first, second;
    char id[] = "T-TS-2"; /* another text of the same letters */
    struct plait_scenario again = base;
    again.script_id = id;
    struct plait_asked *run = plait_asked_run(runs, &base, 0, &first);
    assert_ptr_equal(plait_asked_run(runs, &again, 0, &second), run);
    assert_true(first);
    assert_false(second);
    assert_null(run->report);
    run->report = json_object(); /* freed with RUNS */
    plait_asked_runs_free(runs);
}

static void where_its_capture_goes_makes_no_difference(void **state)
{
    (void)state;
    struct plait_asked_runs *runs = plait_asked_runs_new();
    struct plait_scenario captured = base;
    captured.capture = "a.pcapng";
    assert_true(is_new(runs, &base, 0));
    assert_false(is_new(runs, &captured, 0));
    plait_asked_runs_free(runs);
}

/* Each alone, beside BASE. */
static void what_makes_a_run_differ_makes_it_another(void **state)
{
    (void)state;
    struct plait_asked_runs *runs = plait_asked_runs_new();
    const struct plait_schedule schedule = {(const uint8_t[8]){0x5f}, 8};
    assert_true(is_new(runs, &base, 0));
    assert_true(is_new(runs, &base, 1));
#define ANOTHER(field, other)                                                                      \
    do {                                                                                           \
        struct plait_scenario s = base;                                                            \
        s.field = other;                                                                           \
        if (!is_new(runs, &s, 0))                                                                  \
            fail_msg("%s", #field);                                                                \
        if (is_new(runs, &s, 0))                                                                   \
            fail_msg("%s, twice", #field);                                                         \
    } while (0)
    ANOTHER(script_id, "T-TS-3");
    ANOTHER(form, "directly");
    ANOTHER(schedule, schedule);
    ANOTHER(position, plait_position("PE-H"));
    ANOTHER(spoofing, true);
    ANOTHER(victim, PLAIT_SERVER);
    ANOTHER(workload, PLAIT_BULK);
    ANOTHER(family, PLAIT_IPV6);
    ANOTHER(protocol, PLAIT_MPTCP_V1);
    ANOTHER(target[PLAIT_CLIENT], PLAIT_TARGET_PLAIT);
    ANOTHER(target[PLAIT_SERVER], PLAIT_TARGET_PLAIT);
    ANOTHER(policy, PLAIT_POLICY_PERMISSIVE);
    ANOTHER(grants, PLAIT_GRANT_SPOOFING);
    ANOTHER(paths, 2);
    ANOTHER(strangers, PLAIT_STRANGER_LIVE);
    ANOTHER(basic.needs_number, true);
    ANOTHER(basic.inherit_window, true);
    ANOTHER(basic.reset_ends_connection, true);
    ANOTHER(basic.nonce_zero_bits, 8);
    ANOTHER(arrives, true);
    ANOTHER(dialled, 1);
    ANOTHER(topology, plait_own_topology);
    ANOTHER(traffic, ((struct plait_traffic){.is_given = true}));
    ANOTHER(distance, PLAIT_NEARER);
    ANOTHER(narrow, true);
    ANOTHER(away_ns, 1);
    ANOTHER(watch_ns, 1);
    ANOTHER(control_ns, 1);
    ANOTHER(seed, UINT64_MAX);
    ANOTHER(device, PLAIT_DEVICE_TUN);
    ANOTHER(edges.seq_beyond_window, -1);
    ANOTHER(edges.ack_below_window, 1);
    ANOTHER(edges.ack_below_acked, 1);
    ANOTHER(edges.reset_span, 1);
    ANOTHER(edges.dsn_beyond_window, 1);
    ANOTHER(edges.data_fin_span, 1);
    ANOTHER(edges.port_first, 1);
    ANOTHER(edges.port_step, 1);
    ANOTHER(edges.port_count, 1);
    ANOTHER(brief, true);
    ANOTHER(mptcp_off, true);
    ANOTHER(wrong_mac, true);
    ANOTHER(drop_attack, true);
    ANOTHER(crash, true);
    ANOTHER(eager, true);
    ANOTHER(boxes[0], PLAIT_BOX_NAT);
    ANOTHER(boxes[1], PLAIT_BOX_NAT);
    ANOTHER(boxes[2], PLAIT_BOX_NAT);
    ANOTHER(lone_start, true);
    ANOTHER(checksum, true);
#undef ANOTHER
    plait_asked_runs_free(runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_runs_are_one),
        cmocka_unit_test(where_its_capture_goes_makes_no_difference),
        cmocka_unit_test(what_makes_a_run_differ_makes_it_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
