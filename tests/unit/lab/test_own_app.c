/* The agent's commands over our own endpoint: two machines on one link, in virtual time, say what
 * agent/PROTOCOL.md says. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "agent/pattern.h"
#include "lab/machine_own.h"

enum { CLIENT, SERVER, PATH_DELAY_MS = 1 };

static struct stage {
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_end_host *host[2];
    json_t *settings[2];
    plait_link link;
} stage;

static const char *const addrs[2] = {"198.18.0.1", "198.18.1.1"};

static void set_up(bool mptcp_off)
{
    plait_node node[2];
    stage = (struct stage){.clock = plait_clock_virtual()};
    stage.net = plait_net_new(&stage.clock);
    for (int side = 0; side < 2; side++) {
        stage.settings[side] = json_object();
        const struct plait_end_config config = {.name = side == CLIENT ? "client" : "server",
                                                .mptcp_off = mptcp_off,
                                                .net = stage.net,
                                                .seed = 1,
                                                .settings = stage.settings[side]};
        stage.host[side] = plait_machine_own_new(&config);
        assert_non_null(stage.host[side]);
        struct plait_end_interface interface = {
            .name = "path1", .prefix_bits = 24, .mtu_octets = 1500};
        assert_true(plait_ok(plait_addr_parse(addrs[side], &interface.addr)));
        struct plait_port port;
        assert_true(
            plait_ok(stage.host[side]->ops->add_interface(stage.host[side], &interface, &port)));
        node[side] = plait_net_add_port(stage.net, config.name, &port);
    }
    const struct plait_link_config config = {.delay_ns = PATH_DELAY_MS * PLAIT_MS,
                                             .mtu_octets = 1500};
    stage.link = plait_net_add_link(stage.net, "link", node[CLIENT], node[SERVER], &config);
}

static int set_up_mptcp(void **state)
{
    (void)state;
    set_up(false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    plait_net_free(stage.net);
    for (int side = 0; side < 2; side++) {
        stage.host[side]->ops->free(stage.host[side]);
        json_decref(stage.settings[side]);
    }
    return 0;
}

/* Asks, and gives what was answered, be it an error. */
static const char *ask(int side, const char *command)
{
    static char answer[1024];
    answer[0] = '\0';
    (void)plait_end_ask(stage.host[side], answer, sizeof answer, "%s", command);
    return answer;
}

static void must(int side, const char *command, const char *part)
{
    const char *answer = ask(side, command);
    if (!strstr(answer, part))
        fail_msg("%s: \"%s\" is not in \"%s\"", command, part, answer);
}

static void pass(plait_time_ns duration_ns)
{
    plait_net_run(stage.net, plait_net_now(stage.net) + duration_ns, NULL, NULL);
}

static void said(int side, const char *event)
{
    const char *text = stage.host[side]->ops->next_event(stage.host[side]);
    assert_string_equal(text ? text : "(nothing)", event);
}

static void connect_both(const char *protocol)
{
    char command[128];
    snprintf(command, sizeof command, "listen s %s any4 80 16 cubic", protocol);
    must(SERVER, command, "port=80 cc=cubic");
    must(SERVER, "keys s bb aa", "");
    snprintf(command, sizeof command, "connect c %s 198.18.0.1 4000 198.18.1.1 80 -", protocol);
    must(CLIENT, command, "port=4000 cc=cubic");
    must(CLIENT, "keys c aa bb", "");
    pass(100 * PLAIT_MS);
    said(CLIENT, "connected c 198.18.0.1 4000");
    said(SERVER, "accepted s.0 198.18.0.1 4000");
    said(CLIENT, "(nothing)");
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void octets_are_judged(void **state)
{
    (void)state;
    connect_both("mptcp");
    must(CLIENT, "send c 100000", "");
    pass(PLAIT_S);
    must(SERVER, "stat s.0", "received=100000 foreign=0 first_foreign=- foreign_hex=- eof=0");
    must(CLIENT, "stat c", "sent=100000 received=0 ");
    must(CLIENT, "stat c", " queued=0 ");
    must(CLIENT, "stat c", " unacked=0 ");
    must(SERVER, "keys s.0 bb cc", ""); /* expects what its peer does not write */
    must(CLIENT, "send c 4", "");
    pass(PLAIT_S);
    said(SERVER, "foreign s.0 100000");
    char hex[32], wanted[96];
    for (unsigned i = 0; i < 4; i++)
        sprintf(hex + 2 * i, "%02x", plait_pattern_octet(0xaa, 100000 + i));
    snprintf(wanted, sizeof wanted, "foreign=4 first_foreign=100000 foreign_hex=%s ", hex);
    must(SERVER, "stat s.0", wanted);
}

static void answers_and_rates_follow_the_clock(void **state)
{
    (void)state;
    connect_both("mptcp");
    must(SERVER, "answer s.0 200 2000", "");
    must(CLIENT, "rate c 200 100000", "");
    pass(950 * PLAIT_MS); /* at 0, 100, ... 900 ms */
    must(SERVER, "stat s.0", "sent=20000 received=2000 ");
    must(CLIENT, "stat c", "sent=2000 received=20000 foreign=0 ");
    must(CLIENT, "rate c 0 0", "");
    pass(PLAIT_S);
    must(CLIENT, "stat c", "sent=2000 ");
}

static void gather(bool may)
{
    for (int side = 0; side < 2; side++)
        stage.host[side]->ops->gather(stage.host[side], may);
}

static void what_is_gathered_is_written_with_its_last_piece(void **state)
{
    (void)state;
    connect_both("mptcp");
    gather(true);
    must(CLIENT, "rate c 200 100000", ""); /* the first at once */
    pass(450 * PLAIT_MS);
    must(CLIENT, "stat c", "sent=200 ");
    pass(100 * PLAIT_MS); /* at 500 ms, of 100 to 500 */
    must(CLIENT, "stat c", "sent=1200 ");
    pass(400 * PLAIT_MS);
    must(CLIENT, "stat c", "sent=1200 ");
    gather(false); /* of 600 to 900 ms, now */
    pass(10 * PLAIT_MS);
    must(CLIENT, "stat c", "sent=2000 ");
    pass(90 * PLAIT_MS);
    must(CLIENT, "stat c", "sent=2200 ");
    must(SERVER, "stat s.0", "received=2200 foreign=0 ");
}

static void what_is_written_seldom_is_written_as_ever(void **state)
{
    (void)state;
    connect_both("mptcp");
    gather(true);
    must(CLIENT, "rate c 5000 800000", "");
    pass(PLAIT_MS);
    must(CLIENT, "stat c", "sent=5000 ");
    pass(800 * PLAIT_MS);
    must(CLIENT, "stat c", "sent=10000 ");
}

static void info_tells_the_protocol(void **state)
{
    (void)state;
    connect_both("mptcp");
    must(CLIENT, "send c 10", "");
    pass(PLAIT_S);
    must(CLIENT, "info c", "mptcp=1 subflows=1 token=");
    must(CLIENT, "info c", "subflow=198.18.0.1:4000-198.18.1.1:80");
    must(SERVER, "info s.0", "mptcp=1 ");
}

static void plain_tcp_is_plain(void **state)
{
    (void)state;
    connect_both("tcp");
    must(CLIENT, "info c", "mptcp=0 subflows=1 ");
    must(CLIENT, "send c 5000", "");
    pass(PLAIT_S);
    must(SERVER, "stat s.0", "received=5000 foreign=0 ");
}

static void ends_are_told(void **state)
{
    (void)state;
    connect_both("mptcp");
    must(CLIENT, "send c 5000", "");
    must(CLIENT, "shutdown c", "");
    must(CLIENT, "send c 1", "EPIPE");
    pass(PLAIT_S);
    said(SERVER, "eof s.0");
    must(SERVER, "stat s.0", "received=5000 foreign=0 first_foreign=- foreign_hex=- eof=1 error=-");
    must(SERVER, "abort s.0", "");
    must(SERVER, "send s.0 1", "EBADF");
    pass(PLAIT_S);
    said(CLIENT, "error c ECONNRESET");
    must(CLIENT, "stat c", "error=ECONNRESET");
    must(CLIENT, "send c 1", "ECONNRESET");
}

static void failures_have_the_agents_names(void **state)
{
    (void)state;
    must(CLIENT, "connect c mptcp 198.18.0.1 4000 198.18.1.1 81 -", "port=4000");
    pass(5 * PLAIT_S);
    said(CLIENT, "failed c ECONNREFUSED");
    must(CLIENT, "stat nobody", "ENOENT");
    must(CLIENT, "stat", "EINVAL");
    must(CLIENT, "dance c", "ENOSYS");
    must(CLIENT, "listen l sctp any4 80 1 -", "EINVAL");
    must(CLIENT, "listen l tcp any4 80 1 vegas", "ENOENT");
    must(CLIENT, "listen l tcp any4 70000 1 -", "EINVAL");
    must(CLIENT, "set c rcvbuf 1", "EOPNOTSUPP");
    must(SERVER, "listen s tcp any4 80 1 -", "port=80");
    must(SERVER, "listen t tcp any4 80 1 -", "EADDRINUSE");
    must(SERVER, "close s", "");
    must(SERVER, "listen t tcp any4 80 1 -", "port=80");
}

static void an_interface_that_is_down_takes_nothing(void **state)
{
    (void)state;
    connect_both("mptcp");
    struct plait_end_host *client = stage.host[CLIENT];
    assert_true(plait_ok(client->ops->set_interface_up(client, "path1", false)));
    must(SERVER, "send s.0 1000", "");
    pass(100 * PLAIT_MS);
    must(CLIENT, "stat c", "received=0 ");
    assert_true(client->ops->losses(client).refused > 0);
    assert_true(plait_ok(client->ops->set_interface_up(client, "path1", true)));
    pass(5 * PLAIT_S);
    must(CLIENT, "stat c", "received=1000 foreign=0 ");
    assert_false(plait_ok(client->ops->set_interface_up(client, "path9", true)));
    assert_non_null(strstr(client->ops->error(client), "host client: path9: "));
}

/* Half-open connections are what a flood leaves: here the client never hears the answer. */
static void half_open_connections_are_counted(void **state)
{
    (void)state;
    enum { SYN_RECEIVED = 3 };
    uint32_t count = 9;
    struct plait_end_host *server = stage.host[SERVER];
    must(SERVER, "listen s tcp any4 80 16 -", "port=80");
    assert_true(plait_ok(server->ops->count_sockets(server, SYN_RECEIVED, &count)));
    assert_int_equal(count, 0);
    must(CLIENT, "connect c tcp 198.18.0.1 4000 198.18.1.1 80 -", "port=4000");
    pass(PATH_DELAY_MS * PLAIT_MS);
    plait_net_set_link_up(stage.net, stage.link, false);
    pass(PLAIT_MS);
    assert_true(plait_ok(server->ops->count_sockets(server, SYN_RECEIVED, &count)));
    assert_int_equal(count, 1);
}

static void settings_and_counters_are_told(void **state)
{
    (void)state;
    static struct plait_counters counters;
    connect_both("mptcp");
    must(CLIENT, "send c 10", "");
    pass(PLAIT_S);
    struct plait_end_host *server = stage.host[SERVER];
    assert_true(plait_ok(server->ops->counters(server, &counters)));
    assert_true(plait_counter_value(&counters, "CAPABLE_IN") == 1);
    must(SERVER, "counters", "CAPABLE_IN=1");
    const json_t *settings = stage.settings[CLIENT];
    assert_string_equal(json_string_value(json_object_get(settings, "mechanism")), "v1");
    assert_string_equal(json_string_value(json_object_get(settings, "subflows_limit")), "2");
    assert_string_equal(json_string_value(json_object_get(settings, "add_addr_accepted")), "0");
}

static void where_mptcp_is_off_its_sockets_are_refused(void **state)
{
    (void)state;
    set_up(true);
    must(SERVER, "listen s mptcp any4 80 16 -", "EPROTONOSUPPORT");
    connect_both("tcp");
    must(CLIENT, "info c", "mptcp=0 ");
}

int main(void)
{
#define WITH_MPTCP(test) cmocka_unit_test_setup_teardown(test, set_up_mptcp, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_MPTCP(octets_are_judged),
        WITH_MPTCP(answers_and_rates_follow_the_clock),
        WITH_MPTCP(what_is_gathered_is_written_with_its_last_piece),
        WITH_MPTCP(what_is_written_seldom_is_written_as_ever),
        WITH_MPTCP(info_tells_the_protocol),
        WITH_MPTCP(plain_tcp_is_plain),
        WITH_MPTCP(ends_are_told),
        WITH_MPTCP(failures_have_the_agents_names),
        WITH_MPTCP(an_interface_that_is_down_takes_nothing),
        WITH_MPTCP(half_open_connections_are_counted),
        WITH_MPTCP(settings_and_counters_are_told),
        cmocka_unit_test_teardown(where_mptcp_is_off_its_sockets_are_refused, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
