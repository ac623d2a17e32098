/* What cells say together: conclusion, taxonomy, weakest positions, after-effects, literature; on
 * invented documents. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/report/fixture.h"
#include "tests/unit/test.h"

#include "report/answers.h"
#include "report/conclusion.h"
#include "report/expected.h"
#include "report/matrix.h"
#include "report/reach.h"
#include "report/taxonomy.h"

/* ---- invented documents -----------------------------------------------------------------------
 */

static json_t *document;

static int begin(void **state)
{
    (void)state;
    document = json_pack("{s:[]}", "cells");
    return 0;
}

static int end(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

static json_t *add_form(const char *form, const char *threat, const char *position, bool spoofing,
                        const char *mechanism, const char *outcome)
{
    json_t *cells = json_object_get(document, "cells");
    json_t *cell =
        json_pack("{s:o,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:s,s:s,s:s,s:[],s:{}}", "id",
                  json_sprintf("%s/%s/server/bulk/%s%s/%s/default/ipv4", threat, form, position,
                               spoofing ? "" : "-no-spoof", mechanism),
                  "threat", threat, "kind", "threat", "form", form, "victim", "server", "workload",
                  "bulk", "position", position, "spoofing", spoofing, "family", 4, "mechanism",
                  mechanism, "policy", "default", "outcome", outcome, "goals", "counters");
    assert_non_null(cell);
    json_array_append_new(cells, cell);
    return cell;
}

static json_t *add(const char *threat, const char *mechanism, const char *outcome)
{
    return add_form("-", threat, "OFF", true, mechanism, outcome);
}

static json_t *add_from(const char *position, bool spoofing, const char *threat,
                        const char *mechanism, const char *outcome)
{
    return add_form("-", threat, position, spoofing, mechanism, outcome);
}

/* A cell of Basic MPTCP; VARIANT (may be NULL) is made from MECHANISM. */
static json_t *add_model(const char *model, const char *threat, const char *mechanism,
                         const char *variant, const char *outcome)
{
    json_t *cell = add(threat, variant ? variant : mechanism, outcome);
    json_object_set_new(cell, "model", json_string(model));
    json_object_set_new(cell, "variant_of", variant ? json_string(mechanism) : json_null());
    return cell;
}

static const json_t *in(const json_t *list, size_t index)
{
    const json_t *one = json_array_get(list, index);
    assert_non_null(one);
    return one;
}

static void assert_list(const json_t *list, const char *const *wanted)
{
    size_t count = 0;
    for (; wanted[count]; count++)
        assert_string_equal(json_string_value(in(list, count)), wanted[count]);
    assert_int_equal(json_array_size(list), count);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NOTHING   ((const char *const[]){NULL})

/* ---- the conclusion ----------------------------------------------------------------------------
 */

enum { R1, R2, R3, R4, R5 };

static json_t *answers;

static const json_t *conclusion_of(int recommendation)
{
    answers = plait_answers(document);
    return in(json_object_get(answers, "conclusion"), (size_t)recommendation);
}

static const json_t *pair_of(const json_t *conclusion, size_t index)
{
    return in(json_object_get(conclusion, "pairs"), index);
}

static void assert_sentence(const json_t *conclusion, const char *wanted)
{
    assert_string_equal(json_string_value(json_object_get(conclusion, "sentence")), wanted);
}

static void what_breaks_without_it_and_is_stopped_with_it_is_stopped_by_it(void **state)
{
    (void)state;
    add("T-FLOOD-1", "M0e", "broken"), add("T-FLOOD-1", "M1n", "stopped");
    add("T-FLOOD-2", "M0e", "broken"), add("T-FLOOD-2", "M1n", "stopped by policy");
    add("T-HIJ-1", "M0e", "broken"), add("T-HIJ-1", "M1n", "partial");
    add("T-UNK-1", "M0e", "stopped"), add("T-UNK-1", "M1n", "stopped");
    const json_t *r1 = conclusion_of(R1), *pair = pair_of(r1, 0);
    assert_list(json_object_get(pair, "stops"), LIST("T-FLOOD-1", "T-FLOOD-2"));
    assert_list(json_object_get(pair, "leaves"), LIST("T-HIJ-1"));
    assert_list(json_object_get(pair, "in_part"), NOTHING);
    assert_list(json_object_get(pair, "opens"), NOTHING);
    assert_int_equal(json_integer_value(json_object_get(pair, "cells")), 4);
    assert_sentence(r1, "R1, a reachability check: M1n beside M0e stops T-FLOOD-1, -2, and leaves "
                        "T-HIJ-1; M1h beside M0e is not measured: no cell is played under both.");
    json_decref(answers);
}

/* A claim rests on cells that are played alike: neither another position, nor another form, nor one
 * side alone. */
static void nothing_is_said_of_cells_that_are_not_played_alike(void **state)
{
    (void)state;
    add_from("OFF", true, "T-HIJ-1", "M0e", "broken");
    add_from("OFF", false, "T-HIJ-1", "M1n", "stopped");
    add_form("silent", "T-FLOOD-1", "PART", true, "M0e", "broken");
    add_form("live", "T-FLOOD-1", "PART", true, "M1n", "stopped");
    add("T-HIJ-2", "M0e", "broken");
    const json_t *r1 = conclusion_of(R1);
    assert_false(json_is_true(json_object_get(r1, "measured")));
    assert_list(json_object_get(pair_of(r1, 0), "stops"), NOTHING);
    json_decref(answers);
}

static void what_is_not_decided_counts_for_nothing(void **state)
{
    (void)state;
    add("T-FLOOD-1", "M0e", "broken"), add("T-FLOOD-1", "M1n", "error");
    add("T-FLOOD-2", "M0e", "skipped"), add("T-FLOOD-2", "M1n", "stopped");
    add("T-FLOOD-3", "M0e", "broken"), add("T-FLOOD-3", "M1n", "n/a");
    assert_int_equal(json_integer_value(json_object_get(pair_of(conclusion_of(R1), 0), "cells")),
                     0);
    json_decref(answers);
}

static void some_cells_of_a_threat_are_a_part(void **state)
{
    (void)state;
    add_form("live", "T-TS-7", "PE-J", false, "M0e", "broken");
    add_form("live", "T-TS-7", "PE-J", false, "M1h", "broken");
    add_form("dead", "T-TS-7", "PE-J", false, "M0e", "broken");
    add_form("dead", "T-TS-7", "PE-J", false, "M1h", "stopped");
    add("T-FLOOD-6", "M0e", "stopped"), add("T-FLOOD-6", "M1h", "broken");
    const json_t *r1 = conclusion_of(R1), *pair = pair_of(r1, 1);
    assert_list(json_object_get(pair, "in_part"), LIST("T-TS-7"));
    assert_list(json_object_get(pair, "stops"), NOTHING);
    assert_list(json_object_get(pair, "opens"), LIST("T-FLOOD-6"));
    json_decref(answers);
}

static void replay_is_asked_of_one_threat(void **state)
{
    (void)state;
    add("T-TS-6", "M2", "broken"), add("T-TS-6", "v1", "stopped");
    add("T-HIJ-1", "M2", "broken"), add("T-HIJ-1", "v1", "stopped");
    add("T-HIJ-1", "M1h", "broken");
    assert_list(json_object_get(pair_of(conclusion_of(R4), 0), "stops"), LIST("T-TS-6"));
    json_decref(answers);
    assert_list(json_object_get(pair_of(conclusion_of(R2), 0), "stops"), LIST("T-HIJ-1"));
    json_decref(answers);
    assert_sentence(conclusion_of(R5), "R5, room for more than one solution: 3 mechanisms were "
                                       "negotiated by the same endpoint (v1, M1h, M2).");
    json_decref(answers);
}

/* A variant of v1's is held against it, and is no mechanism that ends agree on beside it. */
static void a_shared_key_is_measured_where_it_is_played(void **state)
{
    (void)state;
    add("T-TS-2", "v1", "broken"), add("T-TS-3", "v1", "broken");
    assert_sentence(conclusion_of(R3),
                    "R3, a pre-shared key: M4 beside v1 is not measured: no cell "
                    "is played under both.");
    json_decref(answers);
    json_object_set_new(add("T-TS-2", "M4", "stopped"), "variant_of", json_string("v1"));
    json_object_set_new(add("T-TS-3", "M4", "broken"), "variant_of", json_string("v1"));
    assert_sentence(conclusion_of(R3),
                    "R3, a pre-shared key: M4 beside v1 stops T-TS-2, and leaves T-TS-3.");
    assert_string_equal(
        json_string_value(
            json_object_get(in(json_object_get(answers, "conclusion"), R5), "sentence")),
        "R5, room for more than one solution: not measured: no two mechanisms were negotiated.");
    assert_int_equal(json_array_size(json_object_get(answers, "variants")), 0); /* Basic MPTCP's */
    json_decref(answers);
}

/* Two data planes, two verdicts: RFC 6181 does not say which, so nothing is concluded. */
static void what_depends_on_the_data_plane_is_left_out(void **state)
{
    (void)state;
    add_model("single", "T-FLOOD-1", "M0e", NULL, "broken");
    add_model("mapped", "T-FLOOD-1", "M0e", "M0e-mapped", "stopped");
    add("T-FLOOD-1", "M1n", "stopped");
    add_model("single", "T-FLOOD-2", "M0e", NULL, "broken");
    add_model("mapped", "T-FLOOD-2", "M0e", "M0e-mapped", "partial");
    add_model("single", "T-FLOOD-2", "M0e", "M0e+needs-number", "stopped"); /* a switch */
    add("T-FLOOD-2", "M1n", "stopped");
    const json_t *pair = pair_of(conclusion_of(R1), 0);
    assert_list(json_object_get(pair, "stops"), LIST("T-FLOOD-2"));
    assert_list(json_object_get(pair, "dependent"), LIST("T-FLOOD-1"));
    const json_t *rows = json_object_get(json_object_get(answers, "literature"), "rows");
    assert_string_equal(json_string_value(json_object_get(in(rows, 0), "mechanism")), "M0e");
    assert_true(json_is_null(json_object_get(in(rows, 0), "measured")));
    assert_int_equal(json_array_size(json_object_get(answers, "positions")), 1);
    json_decref(answers);
}

static void variants_stand_beside_their_column(void **state)
{
    (void)state;
    struct fixture_page p;
    add_model("single", "T-FLOOD-1", "M0e", NULL, "broken");
    add_model("mapped", "T-FLOOD-1", "M0e", "M0e-mapped", "stopped");
    add_model("single", "T-FLOOD-1", "M0e", "M0e+needs-number", "broken");
    add_model("mapped", "T-FLOOD-2", "M0e", "M0e-mapped", "stopped"); /* beside nothing */
    answers = plait_answers(document);
    const json_t *variants = json_object_get(answers, "variants");
    assert_int_equal(json_array_size(variants), 2);
    assert_string_equal(json_string_value(json_object_get(in(variants, 0), "differs")), "model");
    assert_int_equal(json_integer_value(json_object_get(in(variants, 0), "stops")), 1);
    assert_string_equal(json_string_value(json_object_get(in(variants, 1), "differs")), "switch");
    fixture_page_begin(&p, true);
    plait_render_answers(&p.page, answers);
    char *text = fixture_page_end(&p);
    assert_non_null(strstr(text, "variants of Basic MPTCP: 1 of 2 cells break or not as in their "
                                 "column; the others:\n"
                                 "  T-FLOOD-1  M0e-mapped beside M0e  stops 1 and opens 0 of 1 "
                                 "cells  model-dependent: not concluded from\n"));
    free(text);
    json_decref(answers);
}

/* A kernel plays none of the mechanisms that RFC 6181 asks about: nothing opens the table. */
static void without_a_pair_there_is_no_paragraph(void **state)
{
    (void)state;
    struct fixture_page p;
    add("T-TS-2", "v1", "broken");
    answers = plait_answers(document);
    fixture_page_begin(&p, true);
    plait_render_conclusion(&p.page, json_object_get(answers, "conclusion"));
    char *text = fixture_page_end(&p);
    assert_string_equal(text, "");
    free(text);
    json_decref(answers);
}

/* ---- the literature ----------------------------------------------------------------------------
 */

static void rows_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < plait_expected_count; i++) {
        const struct plait_expected *row = &plait_expected_rows[i];
        assert_int_equal(strlen(row->letters), PLAIT_EXPECTED_COLUMNS);
        for (const char *c = row->letters; *c; c++)
            assert_non_null(strchr("SFPD-", toupper((unsigned char)*c)));
        assert_true(strstr(row->citation, "RFC") || strstr(row->citation, "own"));
        for (const char *c = row->letters; *c; c++) /* a capital cites a document */
            assert_true(!isupper((unsigned char)*c) || strstr(row->citation, "RFC"));
        for (size_t j = 0; j < i; j++)
            if (!strcmp(row->threat, plait_expected_rows[j].threat))
                assert_true(row->only || row->except || row->form);
    }
}

static const json_t *row_of(const char *threat, const char *mechanism, const char *position)
{
    const json_t *rows = json_object_get(json_object_get(answers, "literature"), "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = in(rows, i), *where = json_object_get(row, "position");
        if (!strcmp(json_string_value(json_object_get(row, "threat")), threat) &&
            !strcmp(json_string_value(json_object_get(row, "mechanism")), mechanism) &&
            (!position || !strcmp(json_string_value(where), position)))
            return row;
    }
    fail_msg("no row %s %s", threat, mechanism);
    return NULL;
}

static void assert_row(const char *threat, const char *mechanism, const char *position,
                       const char *letter, const char *measured, const json_t *agrees)
{
    const json_t *row = row_of(threat, mechanism, position);
    const char *got = json_string_value(json_object_get(row, "measured"));
    assert_string_equal(json_string_value(json_object_get(row, "letter")), letter);
    assert_string_equal(got ? got : "-", measured);
    assert_ptr_equal(json_object_get(row, "agrees"), agrees);
}

static void the_worst_cell_is_held_against_the_literature(void **state)
{
    (void)state;
    add_form("a", "T-HIJ-1", "OFF", true, "M0e", "stopped");
    add_form("b", "T-HIJ-1", "OFF", true, "M0e", "broken");
    add_form("a", "T-HIJ-1", "OFF", true, "M2", "stopped");
    add_form("b", "T-HIJ-1", "OFF", true, "M2", "partial");
    add("T-HIJ-1", "M1n", "stopped");
    add("T-HIJ-1", "v1", "stopped by policy");
    answers = plait_answers(document);
    assert_row("T-HIJ-1", "M0e", NULL, "F", "broken", json_true());
    assert_row("T-HIJ-1", "M2", NULL, "S", "partial", json_false());
    assert_row("T-HIJ-1", "M1n", NULL, "f", "stopped", json_false());
    assert_row("T-HIJ-1", "v1", NULL, "S", "stopped by policy", json_true());
    assert_row("T-HIJ-1", "M1h", NULL, "f", "-", json_null());
    assert_true(json_is_false(json_object_get(row_of("T-HIJ-1", "M1n", NULL), "cited")));
    const json_t *literature = json_object_get(answers, "literature");
    assert_int_equal(json_integer_value(json_object_get(literature, "agree")), 2);
    assert_int_equal(json_integer_value(json_object_get(literature, "differ")), 2);
    json_decref(answers);
}

/* "Limited" is refuted by success in each cell only; "does not apply" by any cell. */
static void limited_and_not_applicable(void **state)
{
    (void)state;
    add_form("a", "T-HIJ-6", "OFF", true, "v1", "stopped");
    add_form("b", "T-HIJ-6", "OFF", true, "v1", "broken");
    add("T-HIJ-6", "M0i", "broken");
    add("T-FLOOD-5", "M0i", "stopped");
    add("T-TS-7", "v1", "partial");
    answers = plait_answers(document);
    assert_row("T-HIJ-6", "v1", NULL, "P", "broken", json_true());
    assert_row("T-HIJ-6", "M0i", NULL, "P", "broken", json_false());
    assert_row("T-FLOOD-5", "M0i", NULL, "-", "stopped", json_false());
    assert_row("T-TS-7", "v1", NULL, "p", "partial", json_true());
    assert_string_equal(
        json_string_value(json_object_get(row_of("T-HIJ-6", "M0i", NULL), "finding")), "E-1");
    assert_true(json_is_null(json_object_get(row_of("T-HIJ-6", "v1", NULL), "finding")));
    json_decref(answers);
}

static void a_row_may_speak_of_some_positions_only(void **state)
{
    (void)state;
    add_from("OFF", true, "T-RES-1", "v0", "stopped");
    add_from("PE-J", true, "T-RES-1", "v0", "broken");
    answers = plait_answers(document);
    assert_row("T-RES-1", "v0", "not PE-J", "F", "stopped", json_false());
    assert_row("T-RES-1", "v0", "PE-J", "F", "broken", json_true());
    json_decref(answers);
}

static void an_unexplained_disagreement_is_called_so(void **state)
{
    (void)state;
    struct fixture_page p;
    add("T-HIJ-1", "M2", "broken");
    answers = plait_answers(document);
    fixture_page_begin(&p, true);
    plait_render_expected(&p.page, json_object_get(answers, "literature"));
    char *text = fixture_page_end(&p);
    assert_non_null(strstr(text, "0 of 1 pairs of threat and mechanism agree"));
    assert_non_null(strstr(text, "T-HIJ-1  M2  must be stopped  BROKEN  unexplained"));
    free(text);
    json_decref(answers);
}

/* ---- from where --------------------------------------------------------------------------------
 */

static const json_t *reach_of(const char *threat, const char *mechanism)
{
    const json_t *all = json_object_get(answers, "positions");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (!strcmp(json_string_value(json_object_get(in(all, i), "threat")), threat) &&
            !strcmp(json_string_value(json_object_get(in(all, i), "mechanism")), mechanism))
            return in(all, i);
    return NULL;
}

static void the_weakest_positions_are_a_set(void **state)
{
    (void)state;
    add_from("PE-H", true, "T-TS-1", "M2", "broken");
    add_from("PE-H", false, "T-TS-1", "M2", "broken");  /* weaker than with spoofing */
    add_from("PE-J", false, "T-TS-1", "M2", "broken");  /* beside it */
    add_from("ON1-E", false, "T-TS-1", "M2", "broken"); /* stronger */
    add_from("OFF", true, "T-TS-1", "M2", "stopped");
    add_from("HEIR-1", false, "T-REUSE-1", "v1", "broken");
    add_from("nowhere", false, "T-HIJ-1", "v1", "broken"); /* no position that we know */
    answers = plait_answers(document);
    const json_t *m2 = reach_of("T-TS-1", "M2");
    assert_list(json_object_get(m2, "positions"), LIST("PE-H-no-spoof", "PE-J-no-spoof"));
    assert_list(json_object_get(m2, "windows"), LIST("the first handshake", "a later handshake"));
    const json_t *heir = reach_of("T-REUSE-1", "v1");
    assert_list(json_object_get(heir, "positions"), LIST("HEIR-1"));
    assert_list(json_object_get(heir, "windows"), LIST("once an address changed hands"));
    assert_null(reach_of("T-HIJ-1", "v1"));
    json_decref(answers);
}

/* ---- the taxonomy -------------------------------------------------------------------------------
 */

static const json_t *class_of(const char *mechanism)
{
    const json_t *all = json_object_get(answers, "taxonomy");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *name = json_string_value(json_object_get(in(all, i), "mechanism"));
        if (name && !strcmp(name, mechanism))
            return in(all, i);
    }
    return NULL;
}

static const char *answer(const char *mechanism, const char *question, const char *window)
{
    return json_string_value(
        json_object_get(json_object_get(class_of(mechanism), question), window));
}

static void a_class_is_told_by_when_its_secret_can_be_learnt(void **state)
{
    (void)state;
    add_from("PE-H", false, "T-TS-1", "M2", "broken");
    add_from("PE-J", false, "T-TS-6", "M2", "broken");
    add_from("PA-J", true, "T-TS-3", "M2", "broken");
    add_from("PE-H", false, "T-TS-2", "v1", "broken");
    add_from("PE-J", false, "T-TS-6", "v1", "stopped");
    add_from("PA-J", true, "T-TS-3", "v1", "broken");
    add_from("PE-H", false, "T-TS-2", "v0", "broken");
    answers = plait_answers(document);
    assert_string_equal(answer("M2", "learnt", "first"), "yes");
    assert_string_equal(answer("M2", "learnt", "later"), "yes");
    assert_string_equal(answer("v1", "learnt", "later"), "no");
    assert_string_equal(answer("v1", "altered", "later"), "yes");
    assert_string_equal(answer("v1", "altered", "first"), "not measured");
    assert_string_equal(answer("v0", "learnt", "later"), "not measured");
    assert_ptr_equal(json_object_get(class_of("M2"), "agrees"), json_true());
    assert_ptr_equal(json_object_get(class_of("v1"), "agrees"), json_true());
    assert_ptr_equal(json_object_get(class_of("v0"), "agrees"), json_null());
    json_decref(answers);
}

static void a_failed_proof_could_be_noticed(void **state)
{
    (void)state;
    json_t *cell = add_from("PE-H", false, "T-TS-2", "v1", "broken");
    json_object_set_new(cell, "counters", json_pack("{s:{s:i}}", "server", "JOIN_BAD_HMAC", 1));
    answers = plait_answers(document);
    const json_t *v1 = class_of("v1");
    assert_string_equal(json_string_value(json_object_get(v1, "noticed")), "yes");
    assert_string_equal(json_string_value(json_object_get(v1, "evidence")),
                        "JOIN_BAD_HMAC moved in 1 of 1 broken cells");
    assert_ptr_equal(json_object_get(v1, "agrees"), json_false());
    json_decref(answers);
}

static char *taxonomy_text(void)
{
    struct fixture_page p;
    answers = plait_answers(document);
    fixture_page_begin(&p, true);
    plait_render_taxonomy(&p.page, json_object_get(answers, "taxonomy"));
    json_decref(answers);
    return fixture_page_end(&p);
}

static void any_answer_makes_a_row_and_none_no_table(void **state)
{
    (void)state;
    static const struct {
        const char *position, *threat, *shown;
    } measured[] = {
        {"PE-H", "T-TS-2", "first yes, later not measured"},
        {"PE-J", "T-TS-6", "first not measured, later yes"},
        {"PA-J", "T-TS-3", "first not measured, later yes"},
    };
    char *text = taxonomy_text();
    assert_string_equal(text, "");
    free(text);
    for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++) {
        json_array_clear(json_object_get(document, "cells"));
        add_from(measured[i].position, true, measured[i].threat, "v1", "broken");
        text = taxonomy_text();
        assert_non_null(strstr(text, measured[i].shown));
        assert_null(strstr(text, "v0")); /* of which nothing is known */
        free(text);
    }
}

/* ---- after-effects
 * -------------------------------------------------------------------------------- */

static json_t *left(int lasted_s, bool lasting)
{
    return json_pack("{s:s,s:I,s:I,s:b}", "since", "left the path", "lasted_ns",
                     lasted_s * (json_int_t)1000000000, "watched_ns", (json_int_t)9000000000,
                     "lasting", lasting);
}

static void add_goal(json_t *cell, const char *goal, const char *outcome, json_t *after,
                     json_t *on_tcp)
{
    json_array_append_new(json_object_get(cell, "goals"),
                          json_pack("{s:s,s:s,s:o,s:[{s:s,s:o}]}", "goal", goal, "outcome", outcome,
                                    "after", after, "tcp", "attack", "B-LEFT", "after", on_tcp));
}

static void of_tcps_paths_the_longest_effect_counts(void **state)
{
    (void)state;
    json_t *cell = add_from("PE-H", false, "T-TS-2", "v1", "broken");
    add_goal(cell, "inject", "broken", left(7, false), left(4, false));
    json_t *paths = json_object_get(json_array_get(json_object_get(cell, "goals"), 0), "tcp");
    json_array_append_new(paths,
                          json_pack("{s:s,s:o}", "attack", "B-PROXY", "after", left(2, false)));
    json_array_append_new(paths, json_pack("{s:s,s:n}", "attack", "B-DATA", "after"));
    answers = plait_answers(document);
    const json_t *row = in(json_object_get(answers, "after"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "tcp_attack")), "B-LEFT");
    json_decref(answers);
}

static void the_longest_effect_is_shown_beside_tcp(void **state)
{
    (void)state;
    struct fixture_page p;
    json_t *cell = add_from("PE-H", false, "T-TS-2", "v1", "broken");
    add_goal(cell, "inject", "broken", left(7, false), left(2, false));
    add_goal(cell, "read", "broken", left(5, true), json_null());
    add_goal(cell, "takeover", "stopped", left(8, true), json_null());
    add_goal(add_from("PE-H", true, "T-TS-1", "M2", "broken"), "inject", "broken", left(1, false),
             left(2, false));
    answers = plait_answers(document);
    const json_t *after = json_object_get(answers, "after");
    assert_int_equal(json_array_size(after), 2);
    assert_string_equal(json_string_value(json_object_get(in(after, 0), "goal")), "read");
    assert_true(json_is_null(json_object_get(in(after, 0), "tcp_after")));
    assert_string_equal(json_string_value(json_object_get(in(after, 1), "tcp_attack")), "B-LEFT");
    fixture_page_begin(&p, true);
    plait_render_answers(&p.page, answers);
    char *text = fixture_page_end(&p);
    assert_non_null(strstr(text, "as long as the connection (9.0 s watched)  no effect"));
    assert_non_null(strstr(text, "last seen after 1.0 s"));
    free(text);
    json_decref(answers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_breaks_without_it_and_is_stopped_with_it_is_stopped_by_it),
        TEST(nothing_is_said_of_cells_that_are_not_played_alike),
        TEST(what_is_not_decided_counts_for_nothing),
        TEST(some_cells_of_a_threat_are_a_part),
        TEST(replay_is_asked_of_one_threat),
        TEST(a_shared_key_is_measured_where_it_is_played),
        TEST(what_depends_on_the_data_plane_is_left_out),
        TEST(variants_stand_beside_their_column),
        TEST(without_a_pair_there_is_no_paragraph),
        TEST(rows_are_whole),
        TEST(the_worst_cell_is_held_against_the_literature),
        TEST(limited_and_not_applicable),
        TEST(a_row_may_speak_of_some_positions_only),
        TEST(an_unexplained_disagreement_is_called_so),
        TEST(the_weakest_positions_are_a_set),
        TEST(a_class_is_told_by_when_its_secret_can_be_learnt),
        TEST(a_failed_proof_could_be_noticed),
        TEST(any_answer_makes_a_row_and_none_no_table),
        TEST(of_tcps_paths_the_longest_effect_counts),
        TEST(the_longest_effect_is_shown_beside_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
