/* A host's state is set and read back, stays its own, and is refused when it is not what the lab
 * made; what a script needs works after the lock. */
#include "tests/unit/live/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <sys/resource.h>

#include "live/inside.h"

static const struct variant veth = {.device = PLAIT_DEVICE_VETH};

static void pass(body_fn body)
{
    must_pass(body, NULL);
    must_pass_as_ordinary_user(body, NULL);
}

/* ---- settings
 * ------------------------------------------------------------------------------------- */

static int sets_settings(void *argument, int report_fd)
{
    static const struct {
        const char *name, *value;
    } settings[] = {
        {"net/ipv4/tcp_syncookies", "2"},       {"net/ipv4/tcp_rmem", "4096 65536 1048576"},
        {"net/ipv4/conf/path1/rp_filter", "2"}, {"net/ipv6/conf/all/hop_limit", "33"},
        {"net/mptcp/add_addr_timeout", "7"},    {"net/core/somaxconn", "99"},
    };
    struct world w;
    char value[64], before[64];
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    for (unsigned i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        MUST_LIVE(&w, plait_live_get(w.hosts[SERVER], settings[i].name, before));
        MUST_LIVE(&w, plait_live_set(w.hosts[CLIENT], settings[i].name, settings[i].value, value));
        MUST(strcmp(value, settings[i].value) == 0);
        MUST_LIVE(&w, plait_live_get(w.hosts[CLIENT], settings[i].name, value));
        MUST(strcmp(value, settings[i].value) == 0);
        MUST_LIVE(&w, plait_live_get(w.hosts[SERVER], settings[i].name, value));
        MUST(strcmp(value, before) == 0);
    }
    world_close(&w);
    return 0;
}

static int refuses_settings(void *argument, int report_fd)
{
    static const struct {
        const char *name, *value, *reason;
    } refused[] = {
        {"net/ipv4/no_such_setting", "1", "NOT_FOUND"},
        {"net/ipv4/tcp_syncookies", "many", "BAD_VALUE"},
        {"net/ipv4/../../kernel/hostname", "x", "BAD_VALUE"},
        {"net/ipv4//proc/sys/kernel/hostname", "x", "BAD_VALUE"},
        {"kernel/hostname", "x", "BAD_VALUE"},
        {"net/netfilter", "1", "BAD_VALUE"},
    };
    struct world w;
    char value[64];
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    for (unsigned i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        plait_result r = plait_live_set(w.hosts[CLIENT], refused[i].name, refused[i].value, value);
        MUST(strcmp(plait_reason_name(r.reason), refused[i].reason) == 0);
        MUST(strstr(plait_live_error(w.live), refused[i].name) != NULL);
    }
    /* What belongs to the whole machine is read-only here, or not there at all. */
    plait_result r = plait_live_set(w.hosts[CLIENT], "net/core/rmem_max", "1000000", value);
    MUST(r.reason == PLAIT_REASON_DENIED || r.reason == PLAIT_REASON_NOT_FOUND);
    world_close(&w);
    return 0;
}

static void settings_are_set_and_read_back(void **state)
{
    (void)state;
    pass(sets_settings);
}

static void wrong_settings_are_refused(void **state)
{
    (void)state;
    pass(refuses_settings);
}

static char *outside_settings;
static size_t outside_used;
#define OUTSIDE_ROOM ((size_t)1 << 20)

static int add_setting(const char *path, const struct stat *info, int type)
{
    (void)info;
    char value[128] = "";
    int fd = type == FTW_F && strstr(path, "count") == NULL ? open(path, O_RDONLY) : -1;
    if (fd < 0)
        return 0;
    (void)!read(fd, value, sizeof value - 1);
    close(fd);
    outside_used += (size_t)snprintf(outside_settings + outside_used, OUTSIDE_ROOM - outside_used,
                                     "%s=%s\n", path, value);
    return outside_used >= OUTSIDE_ROOM;
}

static char *read_outside_settings(void)
{
    outside_settings = calloc(1, OUTSIDE_ROOM);
    outside_used = 0;
    assert_non_null(outside_settings);
    assert_int_equal(ftw("/proc/sys/net", add_setting, 16), 0);
    return outside_settings;
}

static void settings_of_the_machine_stay(void **state)
{
    (void)state;
    char *before = read_outside_settings();
    must_pass(sets_settings, NULL);
    must_pass(refuses_settings, NULL);
    char *after = read_outside_settings();
    assert_true(strlen(before) > 1000);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

/* ---- the path manager
 * ------------------------------------------------------------------------------ */

enum { LISTEN_STATE = 10 };

static int manages_paths(void *argument, int report_fd)
{
    struct world w;
    char line[512];
    struct plait_addr second = addr_of("198.18.2.1"), sixth = addr_of("2001:db8:2::1");
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    struct plait_live_host *host = w.hosts[CLIENT];
#define MUST_STATE(expected)                                                                       \
    do {                                                                                           \
        struct plait_text text = plait_text(line, sizeof line);                                    \
        plait_live_mptcp_state(host, &text);                                                       \
        if (strcmp(line, expected) != 0)                                                           \
            dprintf(report_fd, "%s\n", line);                                                      \
        MUST(strcmp(line, expected) == 0);                                                         \
    } while (0)
    MUST_LIVE(&w, plait_live_mptcp_limits(host, 3, 1));
    MUST_STATE("limits subflows=3 add_addr_accepted=1");
    MUST_LIVE(&w, plait_live_mptcp_endpoint_add(
                      host, &second, 7, PLAIT_ENDPOINT_SUBFLOW | PLAIT_ENDPOINT_FULLMESH, "path2"));
    MUST_STATE("limits subflows=3 add_addr_accepted=1; id 7 198.18.2.1 subflow fullmesh dev path2");
    MUST_LIVE(&w, plait_live_mptcp_endpoint_set_backup(host, &second, 0, true));
    MUST_STATE(
        "limits subflows=3 add_addr_accepted=1; id 7 198.18.2.1 subflow backup fullmesh dev path2");
    MUST_LIVE(&w, plait_live_mptcp_endpoint_set_backup(host, &second, 7, false));
    MUST_LIVE(&w, plait_live_mptcp_endpoint_add(host, &sixth, 9, PLAIT_ENDPOINT_SIGNAL, NULL));
    MUST_LIVE(&w, plait_live_mptcp_endpoint_remove(host, 7));
    MUST_STATE("limits subflows=3 add_addr_accepted=1; id 9 2001:db8:2::1 signal");
    MUST(plait_live_mptcp_endpoint_remove(host, 7).reason == PLAIT_REASON_NOT_FOUND);
    MUST(plait_live_mptcp_limits(host, 9, 0).reason == PLAIT_REASON_BAD_VALUE);
    MUST(plait_live_mptcp_endpoint_add(host, &second, 3, PLAIT_ENDPOINT_SUBFLOW, "path9").reason ==
         PLAIT_REASON_BAD_VALUE);
    MUST_LIVE(&w, plait_live_mptcp_endpoint_signal_port(host, &second, 4, 4711));
    MUST_STATE("limits subflows=3 add_addr_accepted=1; id 4 198.18.2.1 signal port 4711; "
               "id 9 2001:db8:2::1 signal");
    uint32_t listening;
    MUST_LIVE(&w, plait_live_count_sockets(host, LISTEN_STATE, &listening));
    MUST(listening == 1);
    world_close(&w);
    return 0;
}

static void path_manager_is_set_and_read_back(void **state)
{
    (void)state;
    pass(manages_paths);
}

/* ---- inspection
 * ------------------------------------------------------------------------------------ */

static int must_be_refused(struct world *w, int report_fd, const char *why)
{
    MUST(plait_live_check(w->hosts[CLIENT]).reason == PLAIT_REASON_DENIED);
    if (strstr(plait_live_error(w->live), why) == NULL)
        dprintf(report_fd, "%s\n", plait_live_error(w->live));
    MUST(strstr(plait_live_error(w->live), why) != NULL);
    return 0;
}

/* A veth that the lab did not make, both ends in HOST. */
static int add_foreign_link(struct plait_live_host *host)
{
    const struct plait_veth veth_pair = {.name = "foreign0",
                                         .peer_name = "foreign1",
                                         .peer_namespace_fd = host->namespace_fd,
                                         .mac = {2, 9, 9, 9, 9, 1},
                                         .peer_mac = {2, 9, 9, 9, 9, 2}};
    return plait_route_add_veth(&host->route, &veth_pair);
}

static int refuses_foreign_links(void *argument, int report_fd)
{
    struct world w;
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    MUST_LIVE(&w, plait_live_check(w.hosts[CLIENT]));
    MUST_OK(plait_sandbox_lock()); /* the check is asked again while scripts run */
    MUST_LIVE(&w, plait_live_check(w.hosts[CLIENT]));
    MUST(add_foreign_link(w.hosts[CLIENT]) == 0);
    MUST(must_be_refused(&w, report_fd, "link foreign") == 0);
    MUST_LIVE(&w, plait_live_check(w.hosts[SERVER]));
    world_close(&w);
    return 0;
}

static int refuses_foreign_links_of_the_lab(void *argument, int report_fd)
{
    struct world w;
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    MUST(add_foreign_link(w.live->silent) == 0);
    return must_be_refused(&w, report_fd, "link foreign");
}

static int refuses_forwarding(void *argument, int report_fd)
{
    static const char *const names[] = {
        "net/ipv4/ip_forward",
        "net/ipv4/conf/path1/forwarding",
        "net/ipv6/conf/all/forwarding",
    };
    struct world w;
    char value[64];
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        MUST_LIVE(&w, plait_live_check(w.hosts[CLIENT]));
        MUST_LIVE(&w, plait_live_set(w.hosts[CLIENT], names[i], "1", value));
        MUST(must_be_refused(&w, report_fd, "forwards") == 0);
        MUST_LIVE(&w, plait_live_set(w.hosts[CLIENT], names[i], "0", value));
    }
    world_close(&w);
    return 0;
}

static void foreign_link_is_refused(void **state)
{
    (void)state;
    pass(refuses_foreign_links);
    pass(refuses_foreign_links_of_the_lab);
}

static void forwarding_host_is_refused(void **state)
{
    (void)state;
    pass(refuses_forwarding);
}

/* ---- sockets
 * --------------------------------------------------------------------------------------- */

#define ESTABLISHED 1
#define LISTENING   10

static int counts_sockets(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    uint32_t count;
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    MUST_LIVE(&w, world_start_agents(&w));
    MUST_LIVE(&w, plait_live_count_sockets(w.hosts[CLIENT], LISTENING, &count));
    MUST(count == 0);
    MUST(world_ask(&w, CLIENT, answer, "listen s4 tcp any4 4000 16 -"));
    MUST(world_ask(&w, CLIENT, answer, "listen s6 tcp any6 4000 16 -"));
    MUST_LIVE(&w, plait_live_count_sockets(w.hosts[CLIENT], LISTENING, &count));
    MUST(count == 2);
    MUST(world_ask(&w, CLIENT, answer, "connect c4 tcp any 0 127.0.0.1 4000 -"));
    MUST(world_ask(&w, CLIENT, answer, "connect c6 tcp any 0 ::1 4000 -"));
    MUST(until_said(&w, CLIENT, "accepted s4.0"));
    MUST(until_said(&w, CLIENT, "accepted s6.0"));
    MUST_LIVE(&w, plait_live_count_sockets(w.hosts[CLIENT], ESTABLISHED, &count));
    MUST(count == 4);
    MUST_LIVE(&w, plait_live_count_sockets(w.hosts[SERVER], ESTABLISHED, &count));
    MUST(count == 0);
    world_close(&w);
    return 0;
}

static void sockets_are_counted(void **state)
{
    (void)state;
    pass(counts_sockets);
}

/* ---- after the lock
 * -------------------------------------------------------------------------------- */

static int works_when_locked(void *argument, int report_fd)
{
    struct world w;
    char answer[4096], value[64];
    struct plait_counters counters;
    struct plait_addr second = addr_of("198.18.2.1");
    uint32_t count;
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    MUST_LIVE(&w, world_start_agents(&w));
    MUST_OK(plait_sandbox_lock());
    struct plait_live_host *client = w.hosts[CLIENT];
    MUST_LIVE(&w, plait_live_set(client, "net/ipv4/tcp_syncookies", "2", value));
    MUST(strcmp(value, "2") == 0);
    MUST_LIVE(&w, plait_live_mptcp_limits(client, 5, 5));
    MUST_LIVE(&w, plait_live_mptcp_endpoint_add(client, &second, 2, PLAIT_ENDPOINT_SUBFLOW, NULL));
    MUST_LIVE(&w, plait_live_mptcp_endpoint_set_backup(client, &second, 2, true));
    MUST_LIVE(&w, plait_live_mptcp_endpoint_remove(client, 2));
    MUST_LIVE(&w, plait_live_count_sockets(client, ESTABLISHED, &count));
    MUST_LIVE(&w, plait_live_counters(client, &counters));
    MUST(counters.count > 200);
    MUST_LIVE(&w, plait_live_set_interface_up(client, "path1", false));
    MUST_LIVE(&w, plait_live_set_interface_up(client, "path1", true));
    MUST(world_ask(&w, SERVER, answer, "listen s mptcp any4 4000 16 cubic"));
    MUST(world_ask(&w, CLIENT, answer, "connect c mptcp 198.18.2.1 0 198.18.4.1 4000 cubic"));
    MUST(until_said(&w, CLIENT, "connected c 198.18.2.1 "));
    MUST_LIVE(&w, plait_live_remove_addr(client, "path2", &second, 24));
    MUST(plait_live_remove_addr(client, "path2", &second, 24).reason == PLAIT_REASON_NOT_FOUND);
    MUST_LIVE(&w, plait_live_check(client));
    return 0;
}

static int makes_nothing_when_locked(void *argument, int report_fd)
{
    struct world w;
    struct plait_live_host *third;
    const struct plait_live_interface interface = {.name = "path3"};
    struct plait_port port;
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    MUST_OK(plait_sandbox_lock());
    MUST(plait_live_host_new(w.live, "third", &third).reason == PLAIT_REASON_DENIED);
    MUST(plait_live_add_interface(w.hosts[CLIENT], &interface, &port).reason ==
         PLAIT_REASON_DENIED);
    MUST_REFUSE(setns(w.hosts[CLIENT]->namespace_fd, CLONE_NEWNET));
    MUST_REFUSE(setns(w.live->home_fd, CLONE_NEWNET));
    return 0;
}

static void scripts_work_when_locked_in(void **state)
{
    (void)state;
    pass(works_when_locked);
}

static void no_host_is_made_when_locked_in(void **state)
{
    (void)state;
    pass(makes_nothing_when_locked);
}

/* ---- limits, doctor
 * --------------------------------------------------------------------------------- */

static int keeps_limits(void *argument, int report_fd)
{
    struct world w;
    struct plait_port port;
    struct plait_live_interface interface = {.name = "a-name-that-is-too-long"};
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    struct plait_live_host *host = w.hosts[CLIENT];
    MUST(plait_live_add_interface(host, &interface, &port).reason == PLAIT_REASON_BAD_VALUE);
    interface = (struct plait_live_interface){.name = "x", .addr_count = 1, .prefix_bits = {33}};
    interface.addrs[0] = addr_of("198.18.9.9");
    MUST(plait_live_add_interface(host, &interface, &port).reason == PLAIT_REASON_BAD_VALUE);
    interface = (struct plait_live_interface){.name = "path1"};
    MUST(plait_live_add_interface(host, &interface, &port).reason == PLAIT_REASON_EXISTS);
    static const char *const names[] = {"p3", "p4", "p5", "p6", "p7", "p8"};
    for (unsigned i = 0; i < 6; i++) {
        interface.name = names[i];
        MUST_LIVE(&w, plait_live_add_interface(host, &interface, &port));
    }
    interface.name = "p9";
    MUST(plait_live_add_interface(host, &interface, &port).reason == PLAIT_REASON_TOO_MANY);
    MUST_LIVE(&w, plait_live_check(host));
    world_close(&w);
    return 0;
}

static void limits_are_kept(void **state)
{
    (void)state;
    pass(keeps_limits);
}

static void doctor_finds_what_is_needed(void **state)
{
    (void)state;
    struct plait_need needs[16];
    unsigned count = plait_live_doctor(needs, 16);
    assert_int_equal(count, 11);
    for (unsigned i = 0; i < count; i++) {
        assert_true(strlen(needs[i].detail) > 0);
        if (needs[i].required && !needs[i].met)
            fail_msg("%s: %s", needs[i].name, needs[i].detail);
    }
    assert_int_equal(plait_live_doctor(needs, 3), 3);
}

static void doctor_says_that_nothing_can_run(void **state)
{
    (void)state;
    struct plait_need needs[16];
    struct rlimit old, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    unsigned count = plait_live_doctor(needs, 16);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(count, 1);
    assert_true(needs[0].required && !needs[0].met);
    assert_non_null(strstr(needs[0].detail, "user_namespaces(7)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_set_and_read_back),
        cmocka_unit_test(wrong_settings_are_refused),
        cmocka_unit_test(settings_of_the_machine_stay),
        cmocka_unit_test(path_manager_is_set_and_read_back),
        cmocka_unit_test(foreign_link_is_refused),
        cmocka_unit_test(forwarding_host_is_refused),
        cmocka_unit_test(sockets_are_counted),
        cmocka_unit_test(scripts_work_when_locked_in),
        cmocka_unit_test(no_host_is_made_when_locked_in),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(doctor_finds_what_is_needed),
        cmocka_unit_test(doctor_says_that_nothing_can_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
