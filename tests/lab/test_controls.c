/* Every genuine control case under every column of our own endpoint: what works behind which
 * middlebox, and which mechanism does not work there (RFC 6181 §6.3). */
#include "tests/lab/runs.h"

#include <stdio.h>

#define ALL    "tcp v1 v0 M0e M0i M1n M1h M2"
#define MPTCP  "v1 v0 M0e M0i M1n M1h M2"
#define SINGLE "M0e M0i M1n M2" /* one sequence space on all pairs */
#define NAMING "M0e M1n M2"     /* a path is added by a message that names its address */
#define SAID   "a genuine case, nothing was reported"
#define PLAIN  SAID "; both ends speak plain TCP"
#define MULTI  SAID "; both ends speak Multipath TCP"

static const struct stated {
    const char *threat, *form;
    const char *columns;            /* in which it is played */
    const char *undeployable, *why; /* where the mechanism does not work, and the reason's end */
} stated[] = {
    {"C-NAT-1", "-", ALL, "", ""},
    {"C-NAT-2", "-", MPTCP, NAMING, "the second path does not carry the stream"},
    {"C-NAT-2", "remove", "v1 v0 M0i", "", ""},
    {"C-NAT-3", "unreachable", "v1 v0 " NAMING, NAMING, "does not carry the stream"},
    {"C-NAT-3", "taken", "v1 v0 " NAMING, NAMING, ""},
    {"C-NAT-4", "-", ALL, SINGLE, "the second path does not carry the stream"},
    {"C-MB-1", "syn", ALL, "", ""},
    {"C-MB-1", "syn-ack", ALL, "", ""},
    {"C-MB-1", "third-ack", ALL, SINGLE, "only the client speaks Multipath TCP"},
    {"C-MB-1", "data", ALL, "", ""},
    {"C-MB-1", "second-path", MPTCP, "", ""},
    {"C-MB-1", "second-data", MPTCP, "", ""},
    {"C-MB-2", "split", ALL, "", ""},
    {"C-MB-2", "coalesce", ALL, "", ""},
    {"C-MB-3", "-", ALL, "", ""},
    {"C-MB-3", "second-path", MPTCP, "", ""},
    {"C-MB-4", "window", ALL, "", ""},
    {"C-MB-4", "edit", "v1 v0 M1h", "", ""},
    {"C-MB-4", "edit-alone", ALL, "", ""},
    {"C-OK-1", "make-before-break", MPTCP, "", ""},
    {"C-OK-1", "break-before-make", MPTCP, "", ""},
    {"C-OK-2", "prio", "v1 v0 M1h", "", ""},
    {"C-OK-2", "remove-addr", "v1 v0 M0e M0i M1n M2", "", ""},
    {"C-OK-2", "fastclose", "v1 v0 M1h", "", ""},
    {"C-OK-2", "tcprst", "v1 v0 M1h", "", ""},
};

enum { STATED = sizeof stated / sizeof stated[0] };

static json_t *document;

static int play_all(void **state)
{
    (void)state;
    char error[256] = "";
    const struct plait_analysis_request request = {.client = PLAIT_TARGET_PLAIT,
                                                   .server = PLAIT_TARGET_PLAIT,
                                                   .threat_glob = "C-*",
                                                   .seed = 1,
                                                   .jobs = 8,
                                                   .repeat = 1};
    document = plait_analyze(&request, NULL, NULL, error, sizeof error);
    return document ? 0 : -1;
}

static int free_all(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

/* COLUMN is a word of LIST. */
static bool has(const char *list, const char *column)
{
    size_t length = strlen(column);
    for (const char *at = list; (at = strstr(at, column)); at += length)
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static const struct stated *stated_of(const json_t *cell)
{
    for (size_t i = 0; i < STATED; i++)
        if (strcmp(stated[i].threat, text_at(cell, "threat")) == 0 &&
            strcmp(stated[i].form, text_at(cell, "form")) == 0)
            return &stated[i];
    return NULL;
}

static void assert_as_stated(const struct stated *s, const json_t *cell)
{
    bool works = !has(s->undeployable, text_at(cell, "mechanism"));
    if (!has(s->columns, text_at(cell, "mechanism")) ||
        strcmp(text_at(cell, "outcome"), works ? "stopped" : "broken") != 0 ||
        json_is_true(at(cell, "deployable")) != works ||
        json_is_false(at(cell, "deployable")) == works ||
        (!works && !strstr(text_at(cell, "reason"), s->why)))
        fail_msg("%s: %s: %s", text_at(cell, "id"), text_at(cell, "outcome"),
                 text_at(cell, "reason"));
}

static void every_case_in_every_column(void **state)
{
    (void)state;
    size_t i, genuine = 0;
    const json_t *cell;
    json_array_foreach(at(document, "cells"), i, cell)
    {
        if (strcmp(text_at(cell, "threat"), "C-POS-1") == 0)
            continue;
        const struct stated *s = stated_of(cell);
        if (!s)
            fail_msg("%s is not stated", text_at(cell, "id"));
        assert_as_stated(s, cell);
        genuine++;
    }
    size_t wanted = 0; /* two policies of v0 and v1, two families of each */
    for (i = 0; i < STATED; i++)
        for (int p = 0; p < plait_protocol_count(); p++)
            if (has(stated[i].columns, plait_protocol_name((enum plait_protocol)p)))
                wanted += plait_protocol_has_policies((enum plait_protocol)p) ? 4 : 2;
    assert_int_equal(genuine, wanted);
}

static const json_t *cell_of(const char *id)
{
    size_t i;
    const json_t *cell;
    json_array_foreach(at(document, "cells"), i,
                       cell) if (strcmp(text_at(cell, "id"), id) == 0) return cell;
    fail_msg("there is no cell %s", id);
    return NULL;
}

static void assert_said(const char *threat, const char *form, const char *column,
                        const char *reason)
{
    char id[160];
    snprintf(id, sizeof id, "%s/%s/server/bulk/OFF-NS-no-spoof/%s/default/ipv4", threat, form,
             column);
    const char *said = text_at(cell_of(id), "reason");
    if (strcmp(said, reason) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", id, said, reason);
}

/* RFC 8684 §3.7: what lost its options falls back at both ends, or gives up that path; what needs
 * none on data goes on (RFC 6181 §4). */
static void whoever_must_falls_back(void **state)
{
    (void)state;
    static const char *const forms[] = {"syn", "syn-ack"};
    for (size_t i = 0; i < 2; i++) {
        assert_said("C-MB-1", forms[i], "v1", PLAIN);
        assert_said("C-MB-1", forms[i], "M0e", PLAIN);
    }
    assert_said("C-MB-1", "third-ack", "v1", PLAIN);
    assert_said("C-MB-1", "third-ack", "M1h", PLAIN);
    assert_said("C-MB-1", "data", "v1", PLAIN);
    assert_said("C-MB-1", "data", "M1h", PLAIN);
    assert_said("C-MB-1", "data", "M2", MULTI);
    assert_said("C-MB-3", "-", "v0", PLAIN);
    assert_said("C-MB-3", "-", "M0i", MULTI);
    assert_said("C-MB-4", "edit-alone", "v1", PLAIN);
    assert_said("C-MB-4", "edit-alone", "M0e", MULTI);
}

static void a_path_that_is_lost_is_no_more(void **state)
{
    (void)state;
    assert_said("C-MB-1", "second-path", "v1", SAID "; the second path is not used");
    assert_said("C-MB-1", "second-path", "M0i", SAID "; the second path is not used");
    /* The address was named on the first path, and data needs no option. */
    assert_said("C-MB-1", "second-path", "M0e", SAID "; the second path carries the stream alone");
    assert_said("C-MB-1", "second-data", "v1", SAID "; the second path is not used");
    assert_said("C-MB-1", "second-data", "M1n", SAID "; the second path carries the stream alone");
    assert_said("C-MB-3", "second-path", "v1", SAID "; the second path is not used");
    assert_said("C-MB-3", "second-path", "M2", SAID "; the second path carries the stream alone");
}

/* RFC 6181 §6.3, §5: without a check the stream itself goes to whoever has the private address. */
static void a_private_address_is_flooded_without_a_check(void **state)
{
    (void)state;
    static const struct {
        const char *column, *why;
    } rows[] = {{"M0e", "segments of the stream went to whoever has the private address"},
                {"M1n", "the second path does not carry the stream"},
                {"M2", "the second path does not carry the stream"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[160];
        snprintf(id, sizeof id, "C-NAT-3/taken/server/bulk/OFF-NS-no-spoof/%s/default/ipv4",
                 rows[i].column);
        const json_t *cell = cell_of(id);
        assert_text_at(cell, "reason", rows[i].why);
        assert_string_equal(text_at(cell, "goal"), i == 0 ? "flood_data" : "");
    }
}

static double share(const char *id, const char *part, const char *whole)
{
    const json_t *counters = at(cell_of(id), "counters");
    return json_number_value(at(counters, part)) / json_number_value(at(counters, whole));
}

/* A box that does nothing proves nothing: pieces are more than segments, joined ones fewer, and
 * what lost its mapping is refused; a low window lets less be in flight; a NAT's outside is what
 * the server knows. */
static void boxes_act(void **state)
{
    (void)state;
    static const char split[] = "C-MB-2/split/server/bulk/OFF-NS-no-spoof/v1/default/ipv4";
    static const char coalesce[] = "C-MB-2/coalesce/server/bulk/OFF-NS-no-spoof/v1/default/ipv4";
    static const char nat[] = "C-NAT-1/-/server/bulk/OFF-NS-no-spoof/v1/default/ipv4";
    assert_true(share(split, "client.PACKETS_IN", "server.SEGMENTS_OUT") > 2);
    assert_true(share(coalesce, "client.PACKETS_IN", "server.SEGMENTS_OUT") < 0.9);
    assert_true(share(coalesce, "client.UNMAPPED", "server.SEGMENTS_OUT") > 0.05);
    /* What was in flight when the first path went down, and was sent again on the second. */
    static const char low[] = "C-MB-4/window/server/bulk/OFF-NS-no-spoof/v1/default/ipv4";
    assert_true(json_integer_value(at(cell_of(split), "counters.server.REINJECTED")) > 10000);
    assert_true(json_integer_value(at(cell_of(low), "counters.server.REINJECTED")) < 5000);
    assert_text_at(cell_of(nat), "truth.client.place", "198.1");
}

/* The same without it ends otherwise. */
static void without_the_box_both_speak_multipath(void **state)
{
    (void)state;
    struct plait_scenario s = control_scenario(300 * PLAIT_MS);
    s.target[PLAIT_CLIENT] = s.target[PLAIT_SERVER] = PLAIT_TARGET_PLAIT;
    s.lone_start = true;
    static const enum plait_box_kind boxes[] = {PLAIT_NO_BOX, PLAIT_BOX_STRIP_SYN};
    for (int i = 0; i < 2; i++) {
        s.boxes[0] = boxes[i];
        json_t *report = report_of(&s);
        assert_whole(report);
        assert_int_equal(json_is_true(at(report, "speaks_mptcp.client")), i == 0);
        assert_int_equal(json_is_true(at(report, "speaks_mptcp.server")), i == 0);
        json_decref(report);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_in_every_column),
        cmocka_unit_test(whoever_must_falls_back),
        cmocka_unit_test(a_path_that_is_lost_is_no_more),
        cmocka_unit_test(a_private_address_is_flooded_without_a_check),
        cmocka_unit_test(boxes_act),
        cmocka_unit_test(without_the_box_both_speak_multipath),
    };
    return cmocka_run_group_tests(tests, play_all, free_all);
}
