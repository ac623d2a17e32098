/* The lab bites and can be stopped, on this machine's kernel: T-TS-2 reaches its goals, one wrong
 * bit or a net that drops its packets stops it and is told apart, and its capture shows it to
 * others. */
#include "tests/lab/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lab/attack.h"

static json_int_t number_at(const json_t *json, const char *path)
{
    return json_integer_value(at(json, path));
}

/* ---- runs --------------------------------------------------------------------------------------
 */

static void overheard_keys_take_over(void **state)
{
    (void)state;
    skip_unless_live();
    struct plait_scenario s = ts_2_scenario();
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_true(reached(report, "takeover"));
    assert_true(reached(report, "inject"));
    assert_true(json_is_null(at(report, "refused")));
    assert_true(json_is_true(at(report, "finished")));
    assert_true(number_at(report, "sent") > 0);
    assert_int_equal(number_at(report, "sent"), number_at(report, "delivered"));
    assert_int_equal(number_at(report, "invalid"), 0);
    /* octets as evidence: what the application read is what the attacker wrote */
    char hex[128];
    struct plait_text text = plait_text(hex, sizeof hex);
    plait_text_hex(&text, plait_marker, plait_marker_octets);
    assert_text_at(report, "goals.inject.evidence", hex);
    assert_int_equal(number_at(report, "goals.inject.octets"), plait_marker_octets);
    assert_true(json_is_true(at(report, "speaks_mptcp.client")));
    assert_true(json_is_true(at(report, "speaks_mptcp.server")));
    json_decref(report);
}

static void one_wrong_bit_is_refused(void **state)
{
    (void)state;
    skip_unless_live();
    struct plait_scenario s = ts_2_scenario();
    s.wrong_mac = true;
    json_t *report = report_of(&s);
    assert_whole(report);
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        if (goal != PLAIT_GOAL_DEGRADE && reached(report, plait_goal_name((enum plait_goal)goal)))
            fail_msg("%s was reached", plait_goal_name((enum plait_goal)goal));
    assert_text_at(report, "refused", "RST");
    assert_true(json_is_true(at(report, "finished")));
    assert_int_equal(number_at(report, "sent"), number_at(report, "delivered"));
    json_decref(report);
}

static void the_seed_fixes_addresses_and_ports(void **state)
{
    (void)state;
    skip_unless_live();
    struct plait_scenario s = control_scenario(50 * PLAIT_MS);
    json_t *one = report_of(&s), *again = report_of(&s);
    s.seed = 2;
    json_t *other = report_of(&s);
    static const char *const drawn[] = {"truth.client.place", "truth.server.place",
                                        "truth.attacker.address"};
    for (size_t i = 0; i < sizeof drawn / sizeof drawn[0]; i++) {
        assert_true(text_at(one, drawn[i])[0]);
        assert_string_equal(text_at(one, drawn[i]), text_at(again, drawn[i]));
        assert_string_not_equal(text_at(one, drawn[i]), text_at(other, drawn[i]));
    }
    static const char *const places[] = {"truth.client.place", "truth.server.place"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) /* the port by itself */
        assert_string_not_equal(strrchr(text_at(one, places[i]), ':'),
                                strrchr(text_at(other, places[i]), ':'));
    static const char *const kernels[] = {"truth.client.key", "truth.server.key",
                                          "truth.client.token", "truth.server.token"};
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        assert_true(text_at(one, kernels[i])[0]);
        assert_string_not_equal(text_at(one, kernels[i]), text_at(other, kernels[i]));
    }
    json_decref(one);
    json_decref(again);
    json_decref(other);
}

static void a_crashed_run_is_one_error(void **state)
{
    (void)state;
    skip_unless_live();
    struct plait_scenario good = control_scenario(50 * PLAIT_MS), crashing = good;
    crashing.crash = true;
    struct plait_runner *runner = plait_runner_new(1, NULL);
    const json_t *dead, *alive;
    do {
        dead = plait_runner_need(runner, &crashing, 0, "crashing");
        alive = plait_runner_need(runner, &good, 0, "good");
    } while ((!dead || !alive) && plait_runner_wait(runner, 1000));
    assert_text_at(dead, "error", "the run died: ");
    assert_whole(alive);
    assert_int_equal(plait_runner_done(runner), 2);
    assert_int_equal(plait_runner_running(runner), 0);
    plait_runner_free(runner);
}

/* ---- cells -------------------------------------------------------------------------------------
 */

static void without_mptcp_it_does_not_apply(void **state)
{
    (void)state;
    skip_unless_live();
    json_t *record = record_of_ts_2((struct plait_analysis_request){.mptcp_off = true});
    assert_string_equal(text_at(record, "outcome"), "n/a");
    assert_string_equal(text_at(record, "reason"), "the target does not speak the mechanism");
    assert_true(json_is_null(at(record, "versus_tcp")));
    const json_t *server = at(record, "settings.server");
    assert_string_equal(json_string_value(json_object_get(server, "net/mptcp/enabled")), "0");
    json_decref(record);
}

static void a_wrong_hmac_is_stopped_by_it(void **state)
{
    (void)state;
    skip_unless_live();
    json_t *record = record_of_ts_2((struct plait_analysis_request){.wrong_mac = true});
    assert_string_equal(text_at(record, "outcome"), "stopped");
    assert_string_equal(text_at(record, "stopped_by"), "wrong HMAC");
    assert_string_equal(text_at(record, "witness.grant"), "the right HMAC");
    assert_true(json_is_true(at(record, "armed")));
    assert_text_at(record, "reason", "RST");
    json_decref(record);
}

static void a_dropped_attack_is_not_armed(void **state)
{
    (void)state;
    skip_unless_live();
    json_t *record = record_of_ts_2((struct plait_analysis_request){.drop_attack = true});
    assert_string_equal(text_at(record, "outcome"), "error");
    assert_text_at(record, "reason", "not armed: ");
    assert_false(json_is_true(at(record, "armed")));
    json_decref(record);
}

/* ---- the capture, to another's eyes
 * --------------------------------------------------------------- */

/* Fields of the packets that FILTER selects, as tshark understands them; the number of lines. */
static unsigned ask_tshark(const char *capture, const char *filter, const char *fields, char *text,
                           size_t room)
{
    char command[1024];
    snprintf(command, sizeof command, "tshark -n -r '%s' -Y '%s' -T fields %s 2>/dev/null", capture,
             filter, fields);
    FILE *tshark = popen(command, "r");
    assert_non_null(tshark);
    size_t length = fread(text, 1, room - 1, tshark);
    text[length] = '\0';
    assert_int_equal(pclose(tshark), 0);
    unsigned lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    return lines;
}

/* Every line of TEXT is LINE. */
static void assert_lines(const char *text, const char *line)
{
    size_t length = strlen(line);
    for (; *text; text += length + 1)
        if (strncmp(text, line, length) != 0 || text[length] != '\n')
            fail_msg("wanted \"%s\", got %s", line, text);
}

static void assert_shown(const char *capture, const json_t *report)
{
    static char text[65536];
    char filter[512], line[256];
    const char *attacker = text_at(report, "truth.attacker.address");
    char server[64];
    snprintf(server, sizeof server, "%s", text_at(report, "truth.server.place"));
    *strrchr(server, ':') = '\0';
    /* the join, with the token that names the server's end */
    snprintf(filter, sizeof filter,
             "ip.src == %s && tcp.flags.syn == 1 && tcp.flags.ack == 0 && "
             "tcp.options.mptcp.subtype == 1",
             attacker);
    assert_true(ask_tshark(capture, filter, "-e ip.dst -e tcp.options.mptcp.recvtok", text,
                           sizeof text) > 0);
    snprintf(line, sizeof line, "%s\t%lu", server,
             strtoul(text_at(report, "truth.server.token"), NULL, 16));
    assert_lines(text, line);
    /* the octets, mapped into the stream, from the same address */
    snprintf(filter, sizeof filter,
             "ip.src == %s && tcp.options.mptcp.subtype == 2 && tcp.len == %zu && "
             "frame contains \"%.*s\"",
             attacker, plait_marker_octets, (int)plait_marker_octets, (const char *)plait_marker);
    assert_true(ask_tshark(capture, filter, "-e ip.dst", text, sizeof text) > 0);
    assert_lines(text, server);
    /* and nothing in the file is malformed */
    assert_int_equal(ask_tshark(capture, "_ws.malformed", "-e frame.number", text, sizeof text), 0);
}

static void tshark_sees_the_attack(void **state)
{
    (void)state;
    skip_unless_live();
    if (system("command -v tshark >/dev/null 2>&1") != 0) {
        print_message("no tshark\n");
        skip();
    }
    char capture[] = "/tmp/plait-test-XXXXXX";
    int fd = mkstemp(capture);
    assert_true(fd >= 0);
    close(fd);
    struct plait_scenario s = ts_2_scenario();
    s.capture = capture;
    json_t *report = report_of(&s);
    assert_whole(report);
    assert_shown(capture, report);
    unlink(capture);
    json_decref(report);
}

/* The acceptable sets that prices rest on come from this kernel, not from a table (DESIGN §1). What
 * they are on Linux 6.18 is in docs/PROTOCOL.md. */
static void prices_rest_on_probes(void **state)
{
    (void)state;
    skip_unless_live();
    json_t *cell =
        record_of("T-DFIN-1/-/server/idle/OFF/v1/default/ipv4", (struct plait_analysis_request){0});
    if (strcmp(text_at(cell, "outcome"), "stopped") != 0)
        fail_msg("%s: %s", text_at(cell, "outcome"), text_at(cell, "reason"));
    assert_true(json_is_true(at(cell, "edges.measured")));
    assert_int_equal(number_at(cell, "edges.reset_span"), 1);
    assert_int_equal(number_at(cell, "edges.seq_beyond_window"), 0);
    assert_int_equal(number_at(cell, "edges.port_first"), 32768);
    assert_int_equal(number_at(cell, "edges.port_step"), 2);
    assert_int_equal(number_at(cell, "edges.port_count"), 14116);
    assert_true(json_is_true(at(cell, "edges.dsn_measured")));
    assert_int_equal(number_at(cell, "edges.dsn_beyond_window"), 0);
    assert_int_equal(number_at(cell, "edges.data_fin_span"), 1);
    assert_text_at(cell, "stopped_by", "data sequence number (32.0 bits)");
    json_decref(cell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overheard_keys_take_over),
        cmocka_unit_test(one_wrong_bit_is_refused),
        cmocka_unit_test(the_seed_fixes_addresses_and_ports),
        cmocka_unit_test(a_crashed_run_is_one_error),
        cmocka_unit_test(without_mptcp_it_does_not_apply),
        cmocka_unit_test(a_wrong_hmac_is_stopped_by_it),
        cmocka_unit_test(a_dropped_attack_is_not_armed),
        cmocka_unit_test(tshark_sees_the_attack),
        cmocka_unit_test(prices_rest_on_probes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
