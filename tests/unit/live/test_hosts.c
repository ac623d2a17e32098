/* Hosts that are namespaces of this kernel speak over the lab's net, and only what they are told;
 * TUN and veth agree. */
#include "tests/unit/live/world.h"

#include <stdlib.h>

static int transfers(void *argument, int report_fd)
{
    const struct variant *variant = argument;
    struct world w;
    char answer[4096];
    struct plait_addr second = addr_of("198.18.2.1");
    MUST_LIVE(&w, world_open(&w, *variant));
    MUST_LIVE(&w, world_start_agents(&w));
    MUST_LIVE(&w, plait_live_mptcp_limits(w.hosts[CLIENT], 4, 4));
    MUST_LIVE(&w, plait_live_mptcp_limits(w.hosts[SERVER], 4, 4));
    MUST_LIVE(&w, plait_live_mptcp_endpoint_add(w.hosts[CLIENT], &second, 7, PLAIT_ENDPOINT_SUBFLOW,
                                                "path2"));
    MUST_LIVE(&w, plait_live_check(w.hosts[CLIENT]));
    MUST_LIVE(&w, plait_live_check(w.hosts[SERVER]));
    MUST(world_ask(&w, SERVER, answer, "listen s mptcp any4 4000 16 cubic"));
    MUST(strcmp(answer, "port=4000 cc=cubic") == 0);
    MUST(world_ask(&w, SERVER, answer, "keys s 1111 2222"));
    MUST(world_ask(&w, CLIENT, answer, "connect c mptcp 198.18.1.1 0 198.18.3.1 4000 cubic"));
    MUST(world_ask(&w, CLIENT, answer, "keys c 2222 1111"));
    MUST(until_said(&w, CLIENT, "connected c 198.18.1.1 "));
    MUST(until_said(&w, SERVER, "accepted s.0 198.18.1.1 "));
    MUST(world_ask(&w, CLIENT, answer, "send c 3000000"));
    MUST(world_ask(&w, SERVER, answer, "send s.0 2000000"));
    MUST(until_answer(&w, SERVER, "stat s.0", "received=3000000 foreign=0 "));
    MUST(until_answer(&w, CLIENT, "stat c", "received=2000000 foreign=0 "));
    MUST(until_answer(&w, CLIENT, "info c", "mptcp=1 subflows=2 "));
    MUST(until_answer(&w, SERVER, "info s.0", " subflow=198.18.3.1:4000-198.18.2.1:"));
    MUST(world_ask(&w, CLIENT, answer, "shutdown c"));
    MUST(until_said(&w, SERVER, "eof s.0"));
    struct plait_counters counters;
    MUST_LIVE(&w, plait_live_counters(w.hosts[SERVER], &counters));
    MUST(plait_counter_value(&counters, "MPTcpExtMPJoinAckRx") == 1);
    MUST(plait_counter_value(&counters, "TcpInCsumErrors") == 0);
    MUST(plait_counter_value(&counters, "NoSuchCounter") == 0);
    MUST(plait_live_host_invalid(w.hosts[CLIENT]) == 0);
    MUST(plait_live_host_refused(w.hosts[CLIENT]) == 0);
    world_close(&w);
    return 0;
}

static const struct variant tun = {PLAIT_DEVICE_TUN, false};
static const struct variant veth = {PLAIT_DEVICE_VETH, false};

static bool tun_opens(void)
{
    return access("/dev/net/tun", R_OK | W_OK) == 0;
}

static void transfer_over_tun(void **state)
{
    (void)state;
    if (!tun_opens())
        skip();
    must_pass(transfers, (void *)&tun);
}

static void transfer_over_veth(void **state)
{
    (void)state;
    must_pass(transfers, (void *)&veth);
}

static void transfer_of_an_ordinary_user(void **state)
{
    (void)state;
    must_pass_as_ordinary_user(transfers, (void *)&veth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfer_over_tun),
        cmocka_unit_test(transfer_over_veth),
        cmocka_unit_test(transfer_of_an_ordinary_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
