/* Connections between two hosts through the public interface, TCP and MPTCP. */
#include "tests/unit/host/world.h"

static void exchange(const struct plait_options *options, bool is_multipath)
{
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 300000, .close_when_sent = true},
                          {.to_send = 200000, .close_when_sent = true}};
    world_connect(w, apps, options);
    world_run_for(w, 30 * PLAIT_S);
    assert_true(apps[1].was_accepted);
    for (int i = 0; i < 2; i++) {
        struct plait_status s = plait_connection_status(apps[i].c);
        assert_string_equal(plait_stage_text(s.stage), "closed");
        assert_int_equal(s.is_multipath, is_multipath);
        assert_int_equal(apps[i].read, apps[!i].to_send);
        assert_false(apps[i].is_wrong);
        assert_int_equal(s.acked_octets, apps[i].to_send);
        plait_connection_free(apps[i].c, w->now_ns);
    }
    world_run_for(w, 300 * PLAIT_S);
    for (int i = 0; i < 2; i++) {
        struct plait_host_usage u = plait_host_usage(w->host[i]);
        assert_int_equal(u.connections[0], 0);
        assert_int_equal(u.flows[0], 0);
        assert_int_equal(u.segments[0], 0);
        assert_int_equal(u.payload_octets[0], 0);
        assert_true(plait_host_deadline(w->host[i]) == PLAIT_NEVER);
    }
    world_free(w);
}

static void plain_tcp_carries_both_ways(void **state)
{
    (void)state;
    struct plait_options options = {.tcp_only = true};
    exchange(&options, false);
}

static void mptcp_carries_both_ways(void **state)
{
    (void)state;
    exchange(NULL, true);
    struct plait_options v0 = {.mechanisms = {PLAIT_MECHANISM_V0}};
    exchange(&v0, true);
    struct plait_options sums = {.checksum = true};
    exchange(&sums, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_tcp_carries_both_ways),
        cmocka_unit_test(mptcp_carries_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
