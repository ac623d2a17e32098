/* From the reports of its runs to a cell's verdict.  The runs are invented here, report by report;
 * the sandboxes they come from, the runner and the judging are the real ones (DESIGN §1). */
#include "tests/unit/test.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab/absence.h"
#include "lab/letter.h"
#include "lab/runner.h"
#include "lab/threat.h"

#define KILL   PLAIT_GOAL_BIT(KILL)
#define INJECT PLAIT_GOAL_BIT(INJECT)
#define EVER   0.0 /* price_log2 of one packet */

/* ---- the invented runs ------------------------------------------------------------------------
 */

struct told {
    const char *error;
    unsigned reached;  /* PLAIT_GOAL_BITs */
    double price_log2; /* of each */
    const char *refused;
    bool unfinished;          /* the probe had no answer */
    bool not_taken;           /* by a host's device */
    unsigned lost, malformed; /* of 3 packets */
    unsigned late_times;      /* so many of such runs in a row are late */
};

/* What each run of the cell reports; a run that is not named reports that nothing happened. */
static struct play {
    struct told edges, control, attack, stripped;
    struct told baseline[2][2]; /* B-RST, B-SYN; by dialled path */
    unsigned granted;           /* the witness run with these grants reports ... */
    struct told witness;
    bool plain; /* the control run speaks no MPTCP */
    bool unmeasured;
    bool flaky; /* every second attack run reports that nothing happened */
} play;

static struct {
    atomic_uint attacks, late;
} * count; /* shared by all runs */

static json_t *goals_of(const struct told *told)
{
    json_t *goals = json_object();
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++) {
        bool reached = told->reached >> goal & 1;
        json_object_set_new(
            goals, plait_goal_name((enum plait_goal)goal),
            json_pack("{s:b,s:f,s:s,s:i,s:s,s:{s:f,s:s,s:f}}", "reached", reached, "measure", 0.0,
                      "unit", plait_goal_unit((enum plait_goal)goal), "octets", 0, "evidence",
                      reached ? "seen" : "", "cost", "price_log2", told->price_log2, "largest",
                      "number", "largest_bits", told->price_log2));
    }
    return goals;
}

static json_t *report_of(const struct told *told)
{
    json_t *report = json_pack("{s:i,s:i,s:i,s:b}", "sent", 3, "delivered",
                               (int)(3 - told->lost - told->malformed), "invalid",
                               (int)told->malformed, "finished", !told->unfinished);
    json_object_set_new(report, "not_taken", json_integer(told->not_taken));
    json_object_set_new(report, "error", told->error ? json_string(told->error) : json_null());
    json_object_set_new(report, "refused",
                        told->refused ? json_string(told->refused) : json_null());
    json_object_set_new(report, "goals", goals_of(told));
    json_object_set_new(report, "speaks_mptcp",
                        json_pack("{s:b,s:b}", "client", true, "server", !play.plain));
    json_object_set_new(report, "edges",
                        json_pack("{s:b,s:i}", "measured", !play.unmeasured, "reset_span", 1));
    bool late = told->late_times && atomic_fetch_add(&count->late, 1) < told->late_times;
    json_object_set_new(report, "lateness_ns", json_integer((late ? 250 : 5) * PLAIT_MS));
    json_object_set_new(report, "ladder", json_array());
    return report;
}

static const struct told *told_by(const struct plait_scenario *s)
{
    if (strcmp(s->script_id, "edges") == 0)
        return &play.edges;
    if (s->schedule.octets)
        return &play.stripped;
    if (strcmp(s->script_id, "-") == 0)
        return &play.control;
    if (strncmp(s->script_id, "B-", 2) == 0)
        return &play.baseline[strcmp(s->script_id, "B-SYN") == 0][s->dialled];
    static const struct told nothing;
    if (s->grants)
        return s->grants == play.granted ? &play.witness : &nothing;
    return play.flaky && atomic_fetch_add(&count->attacks, 1) % 2 ? &nothing : &play.attack;
}

/* Instead of lab/run.c. */
void plait_run_play(const struct plait_scenario *scenario, FILE *capture, int report_fd)
{
    (void)capture;
    json_t *report = report_of(told_by(scenario));
    const struct plait_schedule schedule = {(const uint8_t *)"none were sent", 14};
    plait_letter_send_report(report_fd, report, &schedule);
    json_decref(report);
}

void plait_run_fail(int report_fd, const char *error)
{
    (void)report_fd;
    (void)error;
    _exit(1);
}

int plait_run_body(void *scenario, int report_fd)
{
    plait_run_play(scenario, NULL, report_fd);
    return 0;
}

/* ---- the invented catalogue ---------------------------------------------------------------------
 */

static void script(struct plait_attack *a)
{
    (void)a;
}

static struct plait_case played;
#define NONE_LISTED ((const char *const[]){NULL})
static const struct plait_threat fake = {.info = {.id = "T-FAKE",
                                                  .title = "",
                                                  .kind = "threat",
                                                  .source = "",
                                                  .section = "",
                                                  .summary = "",
                                                  .positions = NONE_LISTED,
                                                  .goals = NONE_LISTED,
                                                  .mechanisms = (const char *const[]){"v1", NULL},
                                                  .host_risk = "none",
                                                  .stopped_by_text = "",
                                                  .remains_text = "",
                                                  .wire_blind_text = ""},
                                         .cases = &played,
                                         .case_count = 1};
const struct plait_threat *const plait_threats[] = {&fake};
const size_t plait_threat_count = 1;
const struct plait_baseline plait_baselines[] = {
    {.id = "B-RST", .form = "-", .goals = KILL | INJECT, .script = script},
    {.id = "B-SYN", .form = "-", .goals = KILL, .script = script, .needs_spoofing = true},
};
const size_t plait_baseline_count = 2;
const struct plait_absence plait_absences[] = {
    {"T-FAKE", (const char *const[]){"v0", NULL}, PLAIT_ABSENT_NO_MESSAGE, "no such option"},
};
const size_t plait_absence_count = 1;

static const struct plait_case ordinary = {.form = "-",
                                           .position = "OFF",
                                           .spoofing = true,
                                           .victim = PLAIT_SERVER,
                                           .workload = PLAIT_IDLE,
                                           .paths = 1,
                                           .goals = KILL,
                                           .script = script,
                                           .witnesses = {PLAIT_GRANT_POLICY, PLAIT_GRANT_KEYS}};

/* ---- rows
 * ------------------------------------------------------------------------------------------ */

/* The record of the cell; *DOCUMENT (may be NULL) is the caller's as well. */
static json_t *judge_in(const char *policy, unsigned repeat, json_t **whole)
{
    char error[256] = "", glob[64];
    snprintf(glob, sizeof glob, "*/v1/%s/ipv4", policy);
    const struct plait_analysis_request request = {
        .cell_glob = glob, .seed = 1, .jobs = 8, .repeat = repeat};
    json_t *document = plait_analyze(&request, NULL, NULL, error, sizeof error);
    assert_non_null(document);
    json_t *record = json_incref(json_array_get(json_object_get(document, "cells"), 0));
    if (whole)
        *whole = document;
    else
        json_decref(document);
    assert_non_null(record);
    const char *reason = json_string_value(json_object_get(record, "reason"));
    if (reason && strstr(reason, "sandbox could not be started")) {
        print_message("%s\n", reason);
        skip();
    }
    return record;
}

static json_t *judge(const char *policy)
{
    return judge_in(policy, 1, NULL);
}

static const char *text(const json_t *record, const char *name)
{
    const char *value = json_string_value(json_object_get(record, name));
    return value ? value : "-";
}

static void assert_cell(const char *row, const char *policy, const char *outcome,
                        const char *versus, const char *stopped_by, const char *reason)
{
    json_t *record = judge(policy);
    if (strcmp(text(record, "outcome"), outcome) || strcmp(text(record, "versus_tcp"), versus) ||
        strcmp(text(record, "stopped_by"), stopped_by) || !strstr(text(record, "reason"), reason))
        fail_msg("%s: %s, %s, %s, %s", row, text(record, "outcome"), text(record, "versus_tcp"),
                 text(record, "stopped_by"), text(record, "reason"));
    json_decref(record);
}

#define REACHED(goals, log2)                                                                       \
    {                                                                                              \
        .reached = goals, .price_log2 = log2                                                       \
    }

static void prepare(struct plait_case c, struct play p)
{
    played = c;
    play = p;
}

/* ---- broken: against the cheapest baseline
 * ------------------------------------------------------------ */

static void broken_cells_are_held_against_tcp(void **state)
{
    (void)state;
    static const struct {
        const char *name, *versus;
        struct told one, two;
        bool no_spoofing;
    } rows[] = {
        {"TCP concedes nothing", "worse", {0}, {0}, false},
        {"TCP concedes as much", "same", REACHED(KILL, 2), {0}, false},
        {"TCP at four times the price", "worse", REACHED(KILL, 4), {0}, false},
        {"TCP at a quarter", "better", REACHED(KILL, 0), {0}, false},
        {"the cheapest of all counts", "same", REACHED(KILL, 30), REACHED(KILL, 2), false},
        {"that the position allows", "worse", REACHED(KILL, 30), REACHED(KILL, 2), true},
        {"another goal does not count", "worse", REACHED(INJECT, 0), {0}, false},
        {"an infeasible one neither", "worse", REACHED(KILL, 50), {0}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(ordinary, (struct play){.attack = REACHED(KILL, 2),
                                        .baseline = {{rows[i].one}, {rows[i].two}}});
        played.spoofing = !rows[i].no_spoofing;
        assert_cell(rows[i].name, "default", "broken", rows[i].versus, "-", "seen");
    }
}

static void paths_are_held_apart(void **state)
{
    (void)state;
    prepare(ordinary,
            (struct play){.attack = REACHED(KILL, 2), .baseline = {{{0}, REACHED(KILL, 2)}}});
    played.paths = 2;
    assert_cell("only on the other path", "default", "broken", "wider", "-", "seen");
    play.baseline[0][0] = play.baseline[0][1];
    assert_cell("on both", "default", "broken", "same", "-", "seen");
}

static void the_worst_goal_is_the_cells(void **state)
{
    (void)state;
    prepare(ordinary,
            (struct play){.attack = REACHED(KILL | INJECT, 2), .baseline = {{REACHED(KILL, 2)}}});
    played.goals = KILL | INJECT;
    json_t *record = judge("default");
    assert_string_equal(text(record, "goal"), "inject");
    assert_string_equal(text(record, "versus_tcp"), "worse");
    json_decref(record);
}

static void the_baseline_is_named(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2),
                                    .baseline = {{REACHED(KILL, 30)}, {REACHED(KILL, 2)}}});
    json_t *record = judge("default");
    assert_string_equal(text(json_object_get(record, "tcp"), "attack"), "B-SYN");
    json_decref(record);
}

/* A note is shown, and judged by nothing (DESIGN §1): the cell stands on its other goals. */
static void notes_are_not_judged(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(PLAIT_GOAL_BIT(DIVERT), EVER),
                                    .granted = PLAIT_GRANT_KEYS,
                                    .witness = REACHED(KILL, EVER)});
    played.goals = KILL | PLAIT_GOAL_BIT(DIVERT);
    assert_cell("note", "default", "stopped", "same", "keys unknown", "");
    play.witness.reached = PLAIT_GOAL_BIT(DIVERT);
    assert_cell("no witness", "default", "error", "same", "-", "no witness breaks it");
}

/* Falling back to TCP is no loss against TCP, unless more came of it. */
static void downgrades_are_held_against_what_came_of_them(void **state)
{
    (void)state;
    const unsigned downgrade = PLAIT_GOAL_BIT(DOWNGRADE);
    prepare(ordinary, (struct play){.attack = REACHED(downgrade, 2)});
    played.goals = downgrade;
    assert_cell("both ends", "default", "broken", "same", "-", "seen");
    play.attack.reached = downgrade | KILL;
    assert_cell("and it died", "default", "broken", "worse", "-", "seen");
    play.attack.reached = downgrade | INJECT;
    assert_cell("and octets came in", "default", "broken", "worse", "-", "seen");
}

/* ---- stopped: armed, and with a witness
 * ---------------------------------------------------------------- */

static void stopped_cells_need_a_witness(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = {.refused = "it was refused"},
                                    .granted = PLAIT_GRANT_KEYS,
                                    .witness = REACHED(KILL, EVER)});
    assert_cell("keys", "default", "stopped", "same", "keys unknown", "it was refused");
    play.granted = PLAIT_GRANT_POLICY;
    assert_cell("policy", "default", "stopped by policy", "same", "limits of the path manager",
                "it was refused");
    assert_cell("granted already", "permissive", "error", "same", "-", "no witness breaks it");
    play.granted = PLAIT_GRANT_TOKEN; /* which this case does not try */
    assert_cell("none", "default", "error", "same", "-", "not armed: no witness breaks it");
    play.granted = PLAIT_GRANT_KEYS;
    play.witness.reached = INJECT; /* not the case's goal */
    assert_cell("another goal", "default", "error", "same", "-", "no witness breaks it");
    play.witness = (struct told)REACHED(KILL, 50); /* nobody can afford it */
    assert_cell("too dear", "default", "error", "same", "-", "no witness breaks it");
}

static void stopped_cells_need_arming(void **state)
{
    (void)state;
    static const struct {
        struct told attack;
        const char *reason;
    } rows[] = {
        {{.lost = 1}, "not armed: 2 of 3 attack packets were delivered"},
        {{.lost = 3}, "not armed: 0 of 3 attack packets were delivered"},
        {{.malformed = 1}, "not armed: 1 of 3 attack packets were invalid"},
        {{.not_taken = true}, "not armed: a host's device did not take"},
        {{.unfinished = true}, "not armed: the probe after the script got no answer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        prepare(ordinary, (struct play){.attack = rows[i].attack,
                                        .granted = PLAIT_GRANT_KEYS,
                                        .witness = REACHED(KILL, EVER)});
        assert_cell("arming", "default", "error", "same", "-", rows[i].reason);
    }
}

static void tcp_may_concede_what_is_stopped(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.baseline = {{REACHED(KILL, 2)}},
                                    .granted = PLAIT_GRANT_KEYS,
                                    .witness = REACHED(KILL, EVER)});
    assert_cell("better", "default", "stopped", "better", "keys unknown", "");
}

/* A purchase that nobody can afford is its own witness. */
static void a_price_stops(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 52.75)});
    assert_cell("price", "default", "stopped", "same", "number (52.8 bits)",
                "kill is reached only at 2^52.8 packets");
}

/* ---- errors
 * ---------------------------------------------------------------------------------------------- */

static void failed_runs_are_errors(void **state)
{
    (void)state;
    const struct told failed = {.error = "it broke"};
    prepare(ordinary, (struct play){.control = failed});
    assert_cell("control", "default", "error", "-", "-", "control run: it broke");
    prepare(ordinary, (struct play){.attack = failed});
    assert_cell("attack", "default", "error", "-", "-", "attack run: it broke");
    prepare(ordinary, (struct play){.edges = failed});
    assert_cell("edges", "default", "error", "-", "-", "edges could not be measured: it broke");
    prepare(ordinary, (struct play){.unmeasured = true});
    assert_cell("no edges", "default", "error", "-", "-", "edges could not be measured");
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2), .baseline = {{failed}}});
    assert_cell("baseline", "default", "error", "-", "-", "it broke");
    prepare(ordinary, (struct play){.control = REACHED(KILL, EVER)});
    assert_cell("unclean", "default", "error", "-", "-", "control run is not clean");
}

/* ---- a late machine
 * ------------------------------------------------------------------------------------------ */

static long long number(const json_t *record, const char *name)
{
    return json_integer_value(json_object_get(record, name));
}

/* A run of each kind, late once, is made again; the record and the document say so. */
static void late_runs_are_repeated_and_counted(void **state)
{
    (void)state;
    const struct told late = {.reached = 0, .late_times = 1};
    const struct play plays[] = {
        {.attack = REACHED(KILL, 2), .edges = late},
        {.attack = REACHED(KILL, 2), .control = late},
        {.attack = {.reached = KILL, .price_log2 = 2, .late_times = 1}},
        {.attack = REACHED(KILL, 2), .stripped = late},
        {.attack = REACHED(KILL, 2), .baseline = {{late}}},
    };
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        prepare(ordinary, plays[i]);
        count->late = 0;
        json_t *document, *record = judge_in("default", 1, &document);
        const json_t *all = json_object_get(document, "late");
        assert_string_equal(text(record, "outcome"), "broken");
        assert_int_equal(number(record, "late_repeats"), 1);
        assert_int_equal(number(record, "lateness_ns"), 250 * PLAIT_MS);
        assert_int_equal(number(all, "repeated_runs"), 1);
        assert_int_equal(number(all, "repeats"), 1);
        assert_int_equal(number(all, "worst_ns"), 250 * PLAIT_MS);
        assert_int_equal(number(all, "limit_ns"), 100 * PLAIT_MS);
        json_decref(record);
        json_decref(document);
    }
}

static void runs_that_are_not_late_are_made_once(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2)});
    json_t *document, *record = judge_in("default", 1, &document);
    assert_int_equal(number(record, "late_repeats"), 0);
    assert_int_equal(number(record, "lateness_ns"), 5 * PLAIT_MS);
    assert_int_equal(number(json_object_get(document, "late"), "repeats"), 0);
    json_decref(record);
    json_decref(document);
}

/* After three repeats it is no verdict any more, whatever the run reached. */
static void a_run_that_is_always_late_is_an_error(void **state)
{
    (void)state;
    const struct told late = {.reached = KILL, .price_log2 = 2, .late_times = 100};
    const char *reason = "the machine was late, each of 4 times, by up to 250 ms";
    prepare(ordinary, (struct play){.attack = late});
    count->late = 0;
    assert_cell("attack", "default", "error", "-", "-", reason);
    assert_int_equal(count->late, 1 + PLAIT_LATE_REPEATS_MAX);
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2), .baseline = {{late}}});
    count->late = 0;
    assert_cell("baseline", "default", "error", "-", "-", reason);
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2), .stripped = late});
    count->late = 0;
    assert_cell("stripped", "default", "error", "-", "-", reason);
    prepare(ordinary, (struct play){.granted = PLAIT_GRANT_KEYS,
                                    .witness = {.reached = KILL, .late_times = 9}});
    count->late = 0;
    assert_cell("witness", "permissive", "error", "same", "-", reason);
}

static void a_goal_without_baseline_is_an_error(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(PLAIT_GOAL_BIT(TAKEOVER), 2)});
    played.goals = PLAIT_GOAL_BIT(TAKEOVER);
    assert_cell("no baseline", "default", "error", "-", "-", "no baseline");
}

static void without_the_mechanism_nothing_applies(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2), .plain = true});
    assert_cell("n/a", "default", "n/a", "-", "-", "the target does not speak the mechanism");
}

/* Of a kernel it is n/a with --full, and left out otherwise. */
static void a_witness_that_only_our_endpoint_has_is_told(void **state)
{
    (void)state;
    char error[256];
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2)});
    played.only_own = true;
    for (int full = 0; full < 2; full++) {
        const struct plait_analysis_request request = {
            .cell_glob = "*/v1/default/ipv4", .seed = 1, .jobs = 8, .full = full};
        json_t *document = plait_analyze(&request, NULL, NULL, error, sizeof error);
        json_t *cells = json_object_get(document, "cells");
        assert_int_equal(json_array_size(cells), full);
        const json_t *record = json_array_get(cells, 0);
        if (full)
            assert_string_equal(text(record, "outcome"), "n/a");
        if (full)
            assert_string_equal(text(record, "reason"),
                                "its witness is a switch of our own endpoint");
        json_decref(document);
    }
}

/* ---- control cases
 * --------------------------------------------------------------------------------------- */

static void genuine_cases_must_be_clean(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){0});
    played.expect = PLAIT_MUST_BE_CLEAN;
    json_t *record = judge("default");
    assert_string_equal(text(record, "outcome"), "stopped");
    json_decref(record);
    play.attack.reached = KILL;
    assert_cell("reported", "default", "error", "-", "-", "a genuine case was reported");
    play.attack = (struct told){.error = "no effect"};
    assert_cell("no effect", "default", "error", "-", "-", "no effect");
}

static void attacks_that_must_succeed_must(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2)});
    played.expect = PLAIT_MUST_BREAK;
    assert_cell("broken", "default", "broken", "-", "-", "seen");
    play.attack = (struct told){0};
    assert_cell("not broken", "default", "error", "-", "-", "must succeed did not");
}

/* ---- repeats
 * ---------------------------------------------------------------------------------------------- */

static void repeats_are_counted(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2)});
    json_t *record = judge_in("default", 3, NULL);
    const json_t *repeat = json_object_get(record, "repeat");
    assert_int_equal(json_integer_value(json_object_get(repeat, "runs")), 3);
    assert_int_equal(json_integer_value(json_object_get(repeat, "differing")), 0);
    assert_int_equal(json_object_size(json_object_get(repeat, "verdicts")), 1);
    json_decref(record);
}

static void differing_repeats_are_not_hidden(void **state)
{
    (void)state;
    prepare(ordinary, (struct play){.attack = REACHED(KILL, 2),
                                    .granted = PLAIT_GRANT_KEYS,
                                    .witness = REACHED(KILL, EVER),
                                    .flaky = true});
    json_t *record = judge_in("default", 4, NULL);
    const json_t *repeat = json_object_get(record, "repeat");
    assert_int_equal(json_integer_value(json_object_get(repeat, "runs")), 4);
    assert_int_equal(json_integer_value(json_object_get(repeat, "differing")), 2);
    assert_int_equal(json_object_size(json_object_get(repeat, "verdicts")), 2);
    json_decref(record);
}

static int share(void **state)
{
    (void)state;
    count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return count == MAP_FAILED ? -1 : 0;
}

/* ---- columns without a case
 * ------------------------------------------------------------ */

static void assert_absent(enum plait_protocol protocol, bool is_spoken, const char *wanted)
{
    char why[160];
    plait_absence_explain(&fake.info, protocol, is_spoken, why, sizeof why);
    assert_string_equal(why, wanted);
}

static void columns_without_a_case_say_why(void **state)
{
    (void)state;
    assert_absent(PLAIT_MPTCP_V0, true, "mechanism lacks the message: no such option");
    assert_absent(PLAIT_MPTCP_V0, false, "the target does not speak the mechanism");
    assert_absent(PLAIT_TCP, true, "no paths to add on plain TCP");
    assert_absent(PLAIT_BASIC_M2, true, "no script for this mechanism yet");
}

static void only_threats_of_rfc_6181_fill_its_matrix(void **state)
{
    (void)state;
    struct plait_threat_info info = fake.info;
    assert_false(plait_absence_is_shown(&info));
    info.section = "RFC 6181 §5 flooding";
    assert_true(plait_absence_is_shown(&info));
    info.kind = "control";
    assert_false(plait_absence_is_shown(&info));
}

/* ---- how long a run may take ------------------------------------------------------------------
 */

static void a_run_may_take_what_it_is_asked_to_wait(void **state)
{
    (void)state;
    struct plait_scenario s = {
        .away_ns = PLAIT_S, .watch_ns = 2 * PLAIT_S, .control_ns = 4 * PLAIT_S};
    assert_int_equal(plait_scenario_asked_ns(&s), 7 * PLAIT_S);
    s.arrives = true;
    assert_int_equal(plait_scenario_asked_ns(&s), (7 + 2 * PLAIT_ARRIVAL_S) * PLAIT_S);
}

/* T-CAMP-1 names a place for two minutes, and so does its stripped run. */
static void a_schedule_is_sent_again_to_its_end(void **state)
{
    (void)state;
    struct plait_schedule_log log = {0};
    struct plait_schedule none_sent = plait_schedule_end(&log, NULL, 0);
    struct plait_scenario s = {.watch_ns = PLAIT_S, .schedule = none_sent};
    assert_int_equal(plait_scenario_asked_ns(&s), PLAIT_S);
    plait_schedule_add(&log, PLAIT_S, "x", 1);
    plait_schedule_add(&log, 140 * PLAIT_S, "y", 1);
    s.schedule = plait_schedule_end(&log, NULL, 0);
    assert_int_equal(plait_scenario_asked_ns(&s), 141 * PLAIT_S);
    plait_schedule_log_free(&log);
    free((void *)(uintptr_t)none_sent.octets);
    free((void *)(uintptr_t)s.schedule.octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_without_a_case_say_why),
        cmocka_unit_test(only_threats_of_rfc_6181_fill_its_matrix),
        cmocka_unit_test(broken_cells_are_held_against_tcp),
        cmocka_unit_test(paths_are_held_apart),
        cmocka_unit_test(the_worst_goal_is_the_cells),
        cmocka_unit_test(the_baseline_is_named),
        cmocka_unit_test(notes_are_not_judged),
        cmocka_unit_test(downgrades_are_held_against_what_came_of_them),
        cmocka_unit_test(stopped_cells_need_a_witness),
        cmocka_unit_test(stopped_cells_need_arming),
        cmocka_unit_test(tcp_may_concede_what_is_stopped),
        cmocka_unit_test(a_price_stops),
        cmocka_unit_test(failed_runs_are_errors),
        cmocka_unit_test(late_runs_are_repeated_and_counted),
        cmocka_unit_test(runs_that_are_not_late_are_made_once),
        cmocka_unit_test(a_run_that_is_always_late_is_an_error),
        cmocka_unit_test(a_goal_without_baseline_is_an_error),
        cmocka_unit_test(without_the_mechanism_nothing_applies),
        cmocka_unit_test(a_witness_that_only_our_endpoint_has_is_told),
        cmocka_unit_test(genuine_cases_must_be_clean),
        cmocka_unit_test(attacks_that_must_succeed_must),
        cmocka_unit_test(repeats_are_counted),
        cmocka_unit_test(differing_repeats_are_not_hidden),
        cmocka_unit_test(a_run_may_take_what_it_is_asked_to_wait),
        cmocka_unit_test(a_schedule_is_sent_again_to_its_end),
    };
    return cmocka_run_group_tests(tests, share, NULL);
}
