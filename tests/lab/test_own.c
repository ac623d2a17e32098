/* Our own endpoint as the target: the same cells and the same oracle, in virtual time, without any
 * privilege, the same to the octet for the same seed. */
#include "tests/lab/runs.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/attack.h"
#include "lab/hearing.h"
#include "tests/unit/live/body.h"

/* ---- the lab bites ----------------------------------------------------------------------------
 */

static void assert_taken_over(enum plait_protocol protocol, enum plait_family family)
{
    struct plait_scenario s = own(ts_2_scenario());
    s.protocol = protocol;
    s.family = family;
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(reached(report, "takeover") && reached(report, "inject") &&
                reached(report, "read"));
    assert_true(json_is_true(at(report, "finished")));
    assert_int_equal(json_integer_value(at(report, "goals.inject.octets")), plait_marker_octets);
    assert_true(json_is_true(at(report, "speaks_mptcp.client")));
    assert_true(json_is_true(at(report, "speaks_mptcp.server")));
    assert_string_equal(text_at(report, "device"), "memory");
    json_decref(report);
}

static void overheard_keys_take_over(void **state)
{
    (void)state;
    assert_taken_over(PLAIT_MPTCP_V1, PLAIT_IPV4);
    assert_taken_over(PLAIT_MPTCP_V1, PLAIT_IPV6);
    assert_taken_over(PLAIT_MPTCP_V0, PLAIT_IPV4);
}

static void one_wrong_bit_is_refused(void **state)
{
    (void)state;
    json_t *record = record_of_ts_2((struct plait_analysis_request){OWN, .wrong_mac = true});
    assert_string_equal(text_at(record, "outcome"), "stopped");
    assert_string_equal(text_at(record, "stopped_by"), "wrong HMAC");
    assert_true(json_is_true(at(record, "armed")));
    json_decref(record);
}

static void a_dropped_attack_is_not_armed(void **state)
{
    (void)state;
    json_t *record = record_of_ts_2((struct plait_analysis_request){OWN, .drop_attack = true});
    assert_string_equal(text_at(record, "outcome"), "error");
    assert_text_at(record, "reason", "not armed: ");
    json_decref(record);
}

static void without_mptcp_it_does_not_apply(void **state)
{
    (void)state;
    json_t *record = record_of_ts_2((struct plait_analysis_request){OWN, .mptcp_off = true});
    assert_string_equal(text_at(record, "outcome"), "n/a");
    assert_string_equal(text_at(record, "settings.server.mechanism"), "tcp");
    json_decref(record);
}

static void a_crashed_run_is_one_error(void **state)
{
    (void)state;
    struct plait_scenario good = own(control_scenario(50 * PLAIT_MS)), crashing = good;
    crashing.crash = true;
    struct plait_runner *runner = plait_runner_new(1, NULL);
    const json_t *dead, *alive;
    do {
        dead = plait_runner_need(runner, &crashing, 0, "crashing");
        alive = plait_runner_need(runner, &good, 0, "good");
    } while ((!dead || !alive) && plait_runner_wait(runner, 1000));
    assert_text_at(dead, "error", "the run died: ");
    assert_whole(alive);
    plait_runner_free(runner);
}

static void records_say_what_was_attacked(void **state)
{
    (void)state;
    json_t *record = record_of_ts_2((struct plait_analysis_request){OWN});
    assert_string_equal(text_at(record, "outcome"), "broken");
    assert_string_equal(text_at(record, "versus_tcp"), "worse");
    assert_string_equal(text_at(record, "target.server"), "plait " PLAIT_VERSION);
    assert_text_at(record, "rerun", "--target plait ");
    assert_string_equal(text_at(record, "settings.client.mechanism"), "v1");
    assert_string_equal(text_at(record, "settings.client.subflows_limit"), "2");
    assert_true(json_integer_value(at(record, "counters.server.JOIN_IN")) >= 2);
    json_decref(record);
}

/* ---- virtual time -----------------------------------------------------------------------------
 */

/* Five minutes away are jumped over: the runner would end a run that took them. */
static void time_is_virtual(void **state)
{
    (void)state;
    enum { AWAY_S = 300, NO_SECONDS = 20 };
    struct plait_scenario s = own(ts_2_scenario());
    s.away_ns = AWAY_S * PLAIT_S;
    s.workload = PLAIT_TRICKLE;
    alarm(NO_SECONDS); /* ends the test, not well */
    json_t *report = report_of(&s);
    alarm(0);
    assert_whole(report);
    assert_true(reached(report, "takeover"));
    const json_t *steps = at(report, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    assert_true(json_integer_value(at(last, "at_ns")) > AWAY_S * PLAIT_S);
    json_decref(report);
}

/* But for the time it took. */
/* T-TOK-2 guesses a thousand tokens, and each guess that the auditor hears is an alert. */
static void a_rule_broken_again_and_again_is_counted(void **state)
{
    (void)state;
    json_t *record = record_of("T-TOK-2/-/server/idle/OFF-NS-no-spoof/v1/default/ipv4",
                               (struct plait_analysis_request){OWN, .full = true});
    unsigned listed = 0, more = 0;
    size_t i;
    const json_t *alert;
    json_array_foreach(at(record, "auditor.alerts"), i, alert)
    {
        if (strcmp(text_at(alert, "rule"), "join-unknown") != 0)
            continue;
        listed++;
        more += (unsigned)json_integer_value(at(alert, "more"));
        assert_int_equal(json_is_integer(at(alert, "more")), listed == PLAIT_HEARD_OF_A_RULE);
    }
    assert_int_equal(listed, PLAIT_HEARD_OF_A_RULE);
    assert_in_range(listed + more, 900, 1024);
    json_decref(record);
}

static json_t *document_of(uint64_t seed)
{
    char error[256] = "";
    const struct plait_analysis_request request = {OWN,
                                                   .cell_glob = "*/v[01]/*/ipv[46]",
                                                   .threat_glob = "T-TS-2",
                                                   .seed = seed,
                                                   .jobs = 4,
                                                   .repeat = 1};
    json_t *document = plait_analyze(&request, NULL, NULL, error, sizeof error);
    if (!document)
        fail_msg("%s", error);
    assert_true(json_array_size(at(document, "cells")) > 0);
    json_object_del(document, "duration_ns");
    return document;
}

static void the_same_seed_gives_the_same_document(void **state)
{
    (void)state;
    json_t *one = document_of(1), *again = document_of(1), *other = document_of(2);
    char *first = json_dumps(one, JSON_SORT_KEYS), *second = json_dumps(again, JSON_SORT_KEYS);
    assert_string_equal(first, second);
    assert_int_equal(json_equal(one, other), 0);
    free(first);
    free(second);
    json_decref(one);
    json_decref(again);
    json_decref(other);
}

/* A worker may open no file: its capture comes with the order. */
static size_t capture_of(struct plait_scenario s, char *octets, size_t room_octets)
{
    char path[] = "/tmp/plait-capture-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    s.capture = path;
    json_t *report = report_of(&s);
    assert_whole(report);
    json_decref(report);
    ssize_t length = read(fd, octets, room_octets);
    close(fd);
    unlink(path);
    assert_true(length > 0);
    return (size_t)length;
}

static void the_same_seed_gives_the_same_capture(void **state)
{
    (void)state;
    enum { ROOM_OCTETS = 4 << 20 };
    char *one = malloc(ROOM_OCTETS), *again = malloc(ROOM_OCTETS);
    assert_true(one && again);
    size_t length = capture_of(own(ts_2_scenario()), one, ROOM_OCTETS);
    assert_true(length > 10000 && length < ROOM_OCTETS);
    assert_non_null(memmem(one, length, "forged by the attacker", 22));
    assert_non_null(memmem(one, length, plait_marker, plait_marker_octets));
    assert_int_equal(capture_of(own(ts_2_scenario()), again, ROOM_OCTETS), length);
    assert_memory_equal(one, again, length);
    free(one);
    free(again);
}

/* 37 MB of a stream pass meanwhile: neither all captured, nor one by one. */
static void minutes_away_leave_a_small_capture(void **state)
{
    (void)state;
    enum { ROOM_OCTETS = 8 << 20, AWAY_S = 300 };
    static char octets[ROOM_OCTETS];
    struct plait_scenario s = own(ts_2_scenario());
    s.away_ns = AWAY_S * PLAIT_S;
    s.workload = PLAIT_BULK;
    size_t length = capture_of(s, octets, ROOM_OCTETS);
    assert_true(length < ROOM_OCTETS);
    assert_non_null(memmem(octets, length, "packets of plain data are left out before this", 46));
    assert_non_null(memmem(octets, length, plait_marker, plait_marker_octets));
    json_t *report = report_of(&s);
    assert_true(json_integer_value(at(report, "counters.client.SEGMENTS_IN")) < 10000);
    json_decref(report);
}

/* Where the stream goes to him meanwhile, it does so packet by packet: 267 MB, if it were kept. */
static void so_do_minutes_in_which_he_listens(void **state)
{
    (void)state;
    enum { ROOM_OCTETS = 16 << 20, AWAY_S = 300 };
    static char octets[ROOM_OCTETS];
    const struct plait_threat *threat = find_threat("T-TS-3");
    const struct plait_case *played = find_case(threat, "away", PLAIT_SERVER, PLAIT_BULK);
    struct plait_scenario s = own(scenario_of_case(threat, played, PLAIT_MPTCP_V1));
    s.away_ns = AWAY_S * PLAIT_S;
    size_t length = capture_of(s, octets, ROOM_OCTETS);
    assert_true(length < ROOM_OCTETS);
    assert_non_null(memmem(octets, length, "packets of plain data are left out before this", 46));
}

static void a_capture_that_cannot_be_opened_is_an_error(void **state)
{
    (void)state;
    struct plait_scenario s = own(ts_2_scenario());
    s.capture = "/nowhere/at/all.pcapng";
    json_t *report = report_of(&s);
    assert_non_null(strstr(text_at(report, "error"), "/nowhere/at/all.pcapng"));
    json_decref(report);
}

/* ---- without privileges, and locked in --------------------------------------------------------
 */

/* As in a container that forbids namespaces. */
static bool forbid_namespaces(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool done = filter && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) == 0 &&
                seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)) == 0 &&
                seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done && unshare(CLONE_NEWUSER) < 0 && errno == EPERM;
}

static void no_privileges_are_needed(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bool ordinary = (geteuid() != 0 || become_nobody()) && forbid_namespaces();
        struct plait_scenario s = own(ts_2_scenario());
        json_t *report = ordinary ? report_of(&s) : NULL;
        _exit(reached(report, "takeover") ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void look_for_a_way_out(struct plait_attack *a)
{
    plait_take_position(a);
    bool out = socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM;
    out = out || socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM;
    out = out || fopen("/proc/self/status", "r") || errno != EPERM;
    plait_step(a, out ? "found a way out" : "found no way out");
}

static void a_script_finds_no_way_out(void **state)
{
    (void)state;
    struct plait_scenario s = own(ts_2_scenario());
    s.script = look_for_a_way_out;
    s.script_id = "way-out";
    json_t *report = report_of(&s);
    assert_whole(report);
    const json_t *steps = at(report, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    assert_string_equal(text_at(last, "text"), "found no way out");
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overheard_keys_take_over),
        cmocka_unit_test(one_wrong_bit_is_refused),
        cmocka_unit_test(a_dropped_attack_is_not_armed),
        cmocka_unit_test(without_mptcp_it_does_not_apply),
        cmocka_unit_test(a_crashed_run_is_one_error),
        cmocka_unit_test(records_say_what_was_attacked),
        cmocka_unit_test(a_rule_broken_again_and_again_is_counted),
        cmocka_unit_test(time_is_virtual),
        cmocka_unit_test(the_same_seed_gives_the_same_document),
        cmocka_unit_test(the_same_seed_gives_the_same_capture),
        cmocka_unit_test(minutes_away_leave_a_small_capture),
        cmocka_unit_test(so_do_minutes_in_which_he_listens),
        cmocka_unit_test(a_capture_that_cannot_be_opened_is_an_error),
        cmocka_unit_test(no_privileges_are_needed),
        cmocka_unit_test(a_script_finds_no_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
