/* What ground truth and auditor say of a cell when they are laid side by side. */
#include "lab/oracle.h"

#include "tests/unit/test.h"

static const struct plait_case against = {.form = "-"};
static const struct plait_case genuine = {.form = "-", .expect = PLAIT_MUST_BE_CLEAN};
static const struct plait_threat open_one = {
    .info = {.seen_as = (const char *const[]){"join-mac", NULL}, .wire_blind_text = ""}};
static const struct plait_threat blind_one = {.info = {.wire_blind_text = "it looks genuine"}};

/* Reports of runs: ATTACK and CONTROL are lists of alerts, NULL where nobody listened. */
static void expect(const struct plait_threat *threat, const struct plait_case *played,
                   enum plait_outcome outcome, const char *attack, const char *control,
                   const char *agreement, const char *rule)
{
    const struct plait_cell cell = {.threat = threat, .played = played};
    json_t *runs[2] = {json_object(), json_object()};
    if (attack)
        json_object_set_new(runs[0], "alerts", json_loads(attack, 0, NULL));
    if (control)
        json_object_set_new(runs[1], "alerts", json_loads(control, 0, NULL));
    const struct plait_verdict verdict = {
        .attack = runs[0], .control = runs[1], .outcome = outcome};
    json_t *found = plait_oracle_compare(&cell, &verdict);
    assert_string_equal(json_string_value(json_object_get(found, "agreement")), agreement);
    const char *named = json_string_value(json_object_get(found, "rule"));
    if (rule)
        assert_string_equal(named, rule);
    else
        assert_null(named);
    json_decref(found);
    json_decref(runs[0]);
    json_decref(runs[1]);
}

#define FORGED "{\"rule\": \"join-mac\", \"severity\": \"warning\", \"needs_whole\": true}"
#define MAC    "[{\"rule\": \"join-mac\", \"severity\": \"warning\"}]"
#define OTHER  "[{\"rule\": \"contradiction\", \"severity\": \"alert\"}]"
#define NOTE   "[{\"rule\": \"join-mac\", \"severity\": \"note\"}]"

static void a_success_is_seen_by_a_rule_that_fits(void **state)
{
    (void)state;
    expect(&open_one, &against, PLAIT_BROKEN, MAC, "[]", "agrees", "join-mac");
    expect(&open_one, &against, PLAIT_BROKEN, OTHER, "[]", "missed", NULL);
    expect(&open_one, &against, PLAIT_PARTIAL, NOTE, "[]", "missed", NULL);
    expect(&open_one, &against, PLAIT_BROKEN, "[]", "[]", "missed", NULL);
}

/* What one place shows is named before what takes all links of both ends. */
static void what_takes_the_whole_capture_is_said(void **state)
{
    (void)state;
    static const char *const attacks[] = {"[" FORGED "]",
                                          "[" FORGED ", {\"rule\": \"join-mac\", "
                                          "\"severity\": \"alert\", \"needs_whole\": false}]"};
    for (int i = 0; i < 2; i++) {
        const struct plait_cell cell = {.threat = &open_one, .played = &against};
        json_t *run = json_pack("{s:o}", "alerts", json_loads(attacks[i], 0, NULL)),
               *control = json_pack("{s:[]}", "alerts");
        const struct plait_verdict verdict = {
            .attack = run, .control = control, .outcome = PLAIT_BROKEN};
        json_t *found = plait_oracle_compare(&cell, &verdict);
        assert_string_equal(json_string_value(json_object_get(found, "agreement")), "agrees");
        assert_int_equal(json_is_true(json_object_get(found, "needs_whole")), i == 0);
        json_decref(found);
        json_decref(run);
        json_decref(control);
    }
}

static void what_the_wire_cannot_show_is_declared(void **state)
{
    (void)state;
    expect(&blind_one, &against, PLAIT_BROKEN, "[]", "[]", "declared invisible", NULL);
    expect(&blind_one, &against, PLAIT_BROKEN, OTHER, NOTE, "declared invisible", NULL);
}

static void an_alert_without_an_attack_is_a_false_alarm(void **state)
{
    (void)state;
    expect(&open_one, &against, PLAIT_BROKEN, MAC, OTHER, "false alarm", NULL);
    expect(&open_one, &genuine, PLAIT_STOPPED, MAC, "[]", "false alarm", NULL);
    expect(&open_one, &genuine, PLAIT_STOPPED, NOTE, NOTE, "agrees", NULL);
}

static void what_was_stopped_is_neither(void **state)
{
    (void)state;
    expect(&open_one, &against, PLAIT_STOPPED, "[]", "[]", "agrees", NULL);
    expect(&open_one, &against, PLAIT_STOPPED, OTHER, "[]", "agrees", NULL);
    expect(&open_one, &against, PLAIT_BROKEN, NULL, NULL, "n/a", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_success_is_seen_by_a_rule_that_fits),
        cmocka_unit_test(what_takes_the_whole_capture_is_said),
        cmocka_unit_test(what_the_wire_cannot_show_is_declared),
        cmocka_unit_test(an_alert_without_an_attack_is_a_false_alarm),
        cmocka_unit_test(what_was_stopped_is_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
