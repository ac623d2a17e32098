/* Differences, what an expectation forgives and until when, and the statuses they lead to. */
#include "tests/unit/report/fixture.h"
#include "tests/unit/test.h"

#include "report/diff.h"
#include "report/judge.h"
#include "report/words.h"

/* The fixture without what makes it fail by itself: its error cell is the ninth. */
static json_t *good_document(void)
{
    json_t *document = fixture_document();
    json_array_remove(json_object_get(document, "cells"), 8);
    return document;
}

static void set_verdict(json_t *cell, const char *outcome, const char *versus)
{
    json_object_set_new(cell, "outcome", json_string(outcome));
    json_object_set_new(cell, "versus_tcp", json_string(versus));
}

static void forgive(json_t *cell, const char *until)
{
    json_object_set_new(cell, "known",
                        json_pack("{s:s,s:s}", "reason", "being repaired", "until", until));
}

static int number(const json_t *difference, const char *name)
{
    return (int)json_integer_value(json_object_get(difference, name));
}

static const json_t *change(const json_t *difference, size_t index)
{
    return json_array_get(json_object_get(difference, "changes"), index);
}

static void equal_documents_do_not_differ(void **state)
{
    (void)state;
    json_t *a = fixture_document(), *b = fixture_document();
    /* Neither the reason nor the price is part of a verdict. */
    json_object_set_new(fixture_cell(b, 0), "reason", json_string("otherwise"));
    json_object_set_new(fixture_cell(b, 0), "cost", json_null());
    json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
    assert_int_equal(number(difference, "compared"), 13);
    assert_int_equal(json_array_size(json_object_get(difference, "changes")), 0);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

struct direction_case {
    const char *outcome_before, *versus_before, *outcome_after, *versus_after, *change, *level;
};

static void directions_are_told_apart(void **state)
{
    (void)state;
    static const struct direction_case cases[] = {
        {"stopped", "same", "broken", "worse", "worse", "alert"},
        {"broken", "same", "broken", "wider", "worse", "warning"},
        {"stopped", "same", "broken", "same", "worse", "note"},
        {"broken", "worse", "broken", "same", "better", "note"},
        {"broken", "worse", "stopped", "worse", "better", "note"},
        {"stopped", "same", "stopped by policy", "same", "worse", "note"},
        {"stopped", "same", "error", "same", "other", "note"},
        {"skipped", "same", "broken", "worse", "other", "note"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct direction_case *c = &cases[i];
        json_t *a = fixture_document(), *b = fixture_document();
        set_verdict(fixture_cell(a, 0), c->outcome_before, c->versus_before);
        set_verdict(fixture_cell(b, 0), c->outcome_after, c->versus_after);
        json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
        assert_int_equal(json_array_size(json_object_get(difference, "changes")), 1);
        assert_string_equal(plait_field(change(difference, 0), "change", ""), c->change);
        assert_string_equal(plait_field(change(difference, 0), "level", ""), c->level);
        assert_int_equal(number(difference, c->change), 1);
        assert_int_equal(number(difference, "failing"), 1);
        json_decref(difference);
        json_decref(a);
        json_decref(b);
    }
}

static void any_goal_counts(void **state)
{
    (void)state;
    json_t *a = fixture_document(), *b = fixture_document();
    json_t *goal = json_array_get(json_object_get(fixture_cell(b, 0), "goals"), 2);
    json_object_set_new(goal, "versus_tcp", json_string("worse"));
    json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
    assert_int_equal(number(difference, "worse"), 1);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

static void cells_come_and_go(void **state)
{
    (void)state;
    json_t *a = fixture_document(), *b = fixture_document();
    json_array_remove(json_object_get(b, "cells"), 0); /* T-TS-2, server */
    json_array_remove(json_object_get(a, "cells"), 12);
    json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
    assert_int_equal(number(difference, "missing"), 1);
    assert_int_equal(number(difference, "new"), 1);
    assert_int_equal(number(difference, "failing"), 1); /* the missing one */
    json_decref(difference);

    /* What was not asked for is not missed. */
    const struct plait_diff_scope other = {.threat_glob = "T-RES-*"};
    difference = plait_diff(a, b, &other, "2026-01-01");
    assert_int_equal(number(difference, "missing"), 0);
    json_decref(difference);
    const struct plait_diff_scope asked = {.cell_glob = "T-TS-2*default/ipv4", .position = "PE-H"};
    difference = plait_diff(a, b, &asked, "2026-01-01");
    assert_int_equal(number(difference, "missing"), 1);
    json_decref(difference);

    /* Nor is what a run that was ended early did not reach. */
    json_object_set_new(b, "complete", json_false());
    difference = plait_diff(a, b, NULL, "2026-01-01");
    assert_int_equal(number(difference, "missing"), 0);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

static void known_forgives_until_its_date(void **state)
{
    (void)state;
    json_t *a = good_document(), *b = good_document();
    set_verdict(fixture_cell(b, 5), "broken", "worse");
    forgive(fixture_cell(a, 5), "2027-01-31");

    json_t *difference = plait_diff(a, b, NULL, "2027-01-30");
    assert_int_equal(number(difference, "known"), 1);
    assert_int_equal(number(difference, "failing"), 0);
    struct plait_judgement judgement = {.document = b, .difference = difference};
    assert_int_equal(plait_judge(&judgement), PLAIT_STATUS_COMPLETED);
    json_decref(difference);

    difference = plait_diff(a, b, NULL, "2027-01-31");
    assert_int_equal(number(difference, "known"), 0);
    assert_int_equal(number(difference, "failing"), 1);
    judgement.difference = difference;
    assert_int_equal(plait_judge(&judgement), PLAIT_STATUS_FINDINGS);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

static void better_differs_too(void **state)
{
    (void)state;
    json_t *a = good_document(), *b = good_document();
    set_verdict(fixture_cell(b, 0), "stopped", "same");
    json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
    const struct plait_judgement judgement = {.document = b, .difference = difference};
    assert_int_equal(number(difference, "better"), 1);
    assert_int_equal(plait_judge(&judgement), PLAIT_STATUS_FINDINGS);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

/* Sets the kind of the verdict that is left when only one cell is. */
static json_t *one_cell(const char *kind, const char *outcome, const char *versus)
{
    json_t *document = fixture_document(), *cells = json_object_get(document, "cells");
    while (json_array_size(cells) > 1)
        json_array_remove(cells, 1);
    json_object_set_new(fixture_cell(document, 0), "kind", json_string(kind));
    set_verdict(fixture_cell(document, 0), outcome, versus);
    return document;
}

struct level_case {
    const char *kind, *outcome, *versus;
    enum plait_level level;
};

static void levels_fail_from_their_own_on(void **state)
{
    (void)state;
    static const struct level_case cases[] = {
        {"threat", "broken", "worse", PLAIT_LEVEL_ALERT},
        {"threat", "broken", "wider", PLAIT_LEVEL_WARNING},
        {"threat", "broken", "same", PLAIT_LEVEL_NOTE},
        {"threat", "partial", "none", PLAIT_LEVEL_NOTE},
        {"threat", "stopped", "same", PLAIT_LEVEL_NONE},
        {"baseline", "broken", "same", PLAIT_LEVEL_NONE},
        {"control", "broken", "worse", PLAIT_LEVEL_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *document = one_cell(cases[i].kind, cases[i].outcome, cases[i].versus);
        for (unsigned fail_on = PLAIT_LEVEL_NONE; fail_on <= PLAIT_LEVEL_ALERT; fail_on++) {
            const struct plait_judgement judgement = {.document = document, .fail_on = fail_on};
            bool fails = fail_on && cases[i].level >= fail_on;
            assert_int_equal(plait_judge(&judgement),
                             fails ? PLAIT_STATUS_FINDINGS : PLAIT_STATUS_COMPLETED);
        }
        json_decref(document);
    }
}

static void known_forgives_its_level(void **state)
{
    (void)state;
    json_t *a = one_cell("threat", "broken", "worse"), *b = json_deep_copy(a);
    forgive(fixture_cell(a, 0), "2027-01-31");
    json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
    struct plait_judgement judgement = {b, difference, PLAIT_LEVEL_NOTE, false};
    assert_int_equal(plait_judge(&judgement), PLAIT_STATUS_COMPLETED);
    json_decref(difference);
    difference = plait_diff(a, b, NULL, "2028-01-01");
    judgement.difference = difference;
    assert_int_equal(plait_judge(&judgement), PLAIT_STATUS_FINDINGS);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

static enum plait_status judged(json_t *document, bool strict)
{
    const struct plait_judgement judgement = {.document = document, .strict = strict};
    enum plait_status status = plait_judge(&judgement);
    json_decref(document);
    return status;
}

static void statuses_of_documents(void **state)
{
    (void)state;
    assert_int_equal(judged(fixture_document(), false), PLAIT_STATUS_FAILED); /* an error cell */
    assert_int_equal(judged(good_document(), false), PLAIT_STATUS_COMPLETED);
    assert_int_equal(judged(good_document(), true), PLAIT_STATUS_UNDECIDED); /* a skipped one */
    assert_int_equal(judged(one_cell("threat", "broken", "worse"), true), PLAIT_STATUS_COMPLETED);
    assert_int_equal(judged(one_cell("threat", "skipped", "same"), false), PLAIT_STATUS_UNDECIDED);

    json_t *document = one_cell("threat", "stopped", "same");
    json_object_set_new(fixture_cell(document, 0), "invalid_octets", json_integer(1));
    assert_int_equal(judged(json_incref(document), false), PLAIT_STATUS_COMPLETED);
    assert_int_equal(judged(document, true), PLAIT_STATUS_UNDECIDED);

    document = one_cell("control", "stopped", "same");
    json_object_set_new(json_object_get(fixture_cell(document, 0), "control"), "clean",
                        json_false());
    assert_int_equal(judged(document, false), PLAIT_STATUS_FAILED);

    document = one_cell("threat", "stopped", "same");
    json_object_set_new(document, "complete", json_false());
    assert_int_equal(judged(document, false), PLAIT_STATUS_UNDECIDED);
}

static void order_of_statuses(void **state)
{
    (void)state;
    static const enum plait_status order[] = {PLAIT_STATUS_USAGE,    PLAIT_STATUS_ENVIRONMENT,
                                              PLAIT_STATUS_FAILED,   PLAIT_STATUS_UNDECIDED,
                                              PLAIT_STATUS_FINDINGS, PLAIT_STATUS_COMPLETED};
    static const int plain[] = {2, 2, 3, 4, 1, 0}, bisect[] = {128, 125, 125, 125, 1, 0},
                     kselftest[] = {1, 4, 1, 4, 1, 0};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        for (size_t k = i; k < sizeof order / sizeof *order; k++) {
            assert_int_equal(plait_status_first(order[i], order[k]), order[i]);
            assert_int_equal(plait_status_first(order[k], order[i]), order[i]);
        }
        assert_int_equal(plait_exit_status(order[i], PLAIT_EXIT_PLAIT), plain[i]);
        assert_int_equal(plait_exit_status(order[i], PLAIT_EXIT_GIT_BISECT), bisect[i]);
        assert_int_equal(plait_exit_status(order[i], PLAIT_EXIT_KSELFTEST), kselftest[i]);
    }
}

static void differences_fail_by_level(void **state)
{
    (void)state;
    json_t *a = one_cell("threat", "broken", "same"), *b = one_cell("threat", "broken", "wider");
    json_t *difference = plait_diff(a, b, NULL, "2026-01-01");
    assert_int_equal(plait_judge_difference(difference, PLAIT_LEVEL_NONE), PLAIT_STATUS_COMPLETED);
    assert_int_equal(plait_judge_difference(difference, PLAIT_LEVEL_NOTE), PLAIT_STATUS_FINDINGS);
    assert_int_equal(plait_judge_difference(difference, PLAIT_LEVEL_WARNING),
                     PLAIT_STATUS_FINDINGS);
    assert_int_equal(plait_judge_difference(difference, PLAIT_LEVEL_ALERT), PLAIT_STATUS_COMPLETED);
    json_decref(difference);
    json_decref(a);
    json_decref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_documents_do_not_differ),
        cmocka_unit_test(directions_are_told_apart),
        cmocka_unit_test(any_goal_counts),
        cmocka_unit_test(cells_come_and_go),
        cmocka_unit_test(known_forgives_until_its_date),
        cmocka_unit_test(better_differs_too),
        cmocka_unit_test(levels_fail_from_their_own_on),
        cmocka_unit_test(known_forgives_its_level),
        cmocka_unit_test(statuses_of_documents),
        cmocka_unit_test(order_of_statuses),
        cmocka_unit_test(differences_fail_by_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
