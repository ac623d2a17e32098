/* What a reader sees: tables, TAP and ladders against golden files, and single rules beside. */
#include <stdlib.h>

#include "tests/unit/report/fixture.h"
#include "tests/unit/test.h"

#include "report/diff.h"
#include "report/explain.h"
#include "report/render.h"
#include "report/summary.h"
#include "report/words.h"
#include "terminal/ladder.h"
#include "terminal/utf8.h"

/* An expectation in which one cell got better, one worse, one is known, one missing, one new. */
static json_t *earlier_document(void)
{
    json_t *document = fixture_document();
    json_t *cell = fixture_cell(document, 4); /* T-RES-1, permissive */
    json_object_set_new(cell, "outcome", json_string("stopped"));
    json_object_set_new(cell, "versus_tcp", json_string("same"));
    cell = fixture_cell(document, 5); /* T-RST-1 */
    json_object_set_new(cell, "versus_tcp", json_string("same"));
    cell = fixture_cell(document, 6); /* T-FLOOD-5 */
    json_object_set_new(cell, "outcome", json_string("partial"));
    json_object_set_new(
        cell, "known",
        json_pack("{s:s,s:s}", "reason", "limit #3 is being added", "until", "2027-01-31"));
    cell = json_deep_copy(cell);
    json_object_set_new(cell, "id", json_string("T-FLOOD-5/-/server/idle/PART/v1/default/ipv6"));
    json_object_del(cell, "known");
    json_array_remove(json_object_get(document, "cells"), 12);
    json_array_append_new(json_object_get(document, "cells"), cell);
    return document;
}

static void render(enum plait_format format, bool compared, const char *golden)
{
    json_t *document = fixture_document(), *earlier = earlier_document();
    json_t *difference = compared ? plait_diff(earlier, document, NULL, "2026-12-31") : NULL;
    const struct plait_judgement judgement = {.document = document, .difference = difference};
    const struct plait_view view = {&judgement, "expected.json", "plait-report", compared};
    struct fixture_page p;
    fixture_page_begin(&p, true);
    plait_render(&p.page, format, &view);
    fixture_page_is(&p, golden);
    json_decref(difference);
    json_decref(earlier);
    json_decref(document);
}

static void table_is_golden(void **state)
{
    (void)state;
    render(PLAIT_FORMAT_TABLE, false, "table.txt");
}

static void table_with_expectation_is_golden(void **state)
{
    (void)state;
    render(PLAIT_FORMAT_TABLE, true, "table-expected.txt");
}

static void tap_is_golden(void **state)
{
    (void)state;
    render(PLAIT_FORMAT_TAP, true, "expected.tap");
}

static void difference_is_golden(void **state)
{
    (void)state;
    json_t *document = fixture_document(), *earlier = earlier_document();
    json_t *difference = plait_diff(earlier, document, NULL, "2027-02-01");
    struct fixture_page p;
    fixture_page_begin(&p, false);
    plait_render_difference(&p.page, PLAIT_FORMAT_TABLE, difference);
    plait_render_difference(&p.page, PLAIT_FORMAT_TAP, difference);
    fixture_page_is(&p, "difference.txt");
    json_decref(difference);
    json_decref(earlier);
    json_decref(document);
}

static void render_ladder(bool utf8, const char *golden)
{
    static const char *const rails[] = {"client", "server", "attacker", NULL};
    json_t *document = fixture_document();
    struct fixture_page p;
    fixture_page_begin(&p, utf8);
    plait_render_ladder(&p.page, rails, json_object_get(fixture_cell(document, 0), "ladder"));
    fixture_page_is(&p, golden);
    json_decref(document);
}

static void ladder_is_golden(void **state)
{
    (void)state;
    render_ladder(true, "ladder.txt");
    render_ladder(false, "ladder-ascii.txt");
}

static void explanation_is_golden(void **state)
{
    (void)state;
    static const char *const list[] = {"PE-H", "read", NULL};
    static const struct plait_threat_info info = {.id = "T-TS-2",
                                                  .title = "Keys overheard",
                                                  .kind = "threat",
                                                  .source = "RFC 6181 §6.2",
                                                  .section = "time-shifted",
                                                  .summary = "An attacker joins.",
                                                  .positions = list,
                                                  .goals = list + 1,
                                                  .mechanisms = list + 1,
                                                  .host_risk = "none",
                                                  .stopped_by_text = "M4",
                                                  .remains_text = "nothing",
                                                  .wire_blind_text = ""};
    json_t *document = fixture_document();
    json_array_clear(json_object_get(fixture_cell(document, 0), "ladder"));
    struct fixture_page p;
    fixture_page_begin(&p, true);
    plait_render_explanation(&p.page, &info, plait_cell_to_explain(document, "T-TS-2"));
    plait_render_explanation(&p.page, &info, plait_cell_to_explain(document, "T-TS-3"));
    fixture_page_is(&p, "explanation.txt");
    json_decref(document);
}

static char *table_of(json_t *document)
{
    const struct plait_judgement judgement = {.document = document};
    const struct plait_view view = {.judgement = &judgement};
    struct fixture_page p;
    fixture_page_begin(&p, true);
    plait_render(&p.page, PLAIT_FORMAT_TABLE, &view);
    return fixture_page_end(&p);
}

static void begins(const char *text, const char *beginning)
{
    char line[256];
    snprintf(line, sizeof line, "%.*s", (int)strlen(beginning), text);
    assert_string_equal(line, beginning);
}

static void first_line_is_honest(void **state)
{
    (void)state;
    json_t *document = fixture_document();
    json_object_set_new(document, "complete", json_false());
    char *text = table_of(document);
    begins(text, "Ended early; so far: MPTCP v1 (RFC 8684) of linux 6.18.44 is worse");
    free(text);

    json_array_clear(json_object_get(document, "cells"));
    json_object_set_new(document, "complete", json_true());
    text = table_of(document);
    begins(text, "Nothing was decided about MPTCP of linux 6.18.44.\n");
    free(text);
    json_decref(document);
}

static void threats_are_counted_not_cells(void **state)
{
    (void)state;
    json_t *document = fixture_document();
    struct plait_summary *s = plait_summary_new(document);
    assert_int_equal(s->column_count, 3);
    /* T-TS-2 has two cells under default, one of them worse; T-RM-1 ended in an error. */
    assert_int_equal(s->columns[1].threats, 4);
    assert_int_equal(s->columns[1].worse, 1);
    assert_int_equal(s->columns[1].wider, 0);
    assert_int_equal(s->columns[1].apart, 1);
    assert_int_equal(s->columns[2].threats, 2);
    assert_int_equal(s->columns[2].wider, 1);
    assert_int_equal(s->flaky, 1);
    assert_true(s->invalid_packets == 2);
    plait_summary_free(s);
    json_decref(document);
}

static json_t *verdict(const char *outcome, const char *versus, double price_log2)
{
    return json_pack("{s:s,s:s,s:{s:f}}", "outcome", outcome, "versus_tcp", versus, "cost",
                     "price_log2", price_log2);
}

/* Each is less worth showing than the one before. */
static void worse_than_tcp_comes_before_broken(void **state)
{
    (void)state;
    json_t *cells[] = {verdict("broken", "worse", 2),  verdict("broken", "worse", 3),
                       verdict("partial", "worse", 0), verdict("broken", "wider", 0),
                       verdict("broken", "none", 0),   verdict("broken", "same", 0),
                       verdict("partial", "none", 0),  verdict("stopped by policy", "same", 0),
                       verdict("stopped", "none", 0),  verdict("error", "same", 0)};
    size_t count = sizeof cells / sizeof *cells;
    for (size_t i = 0; i + 1 < count; i++) {
        assert_true(plait_cell_compare(cells[i], cells[i + 1]) > 0);
        assert_true(plait_cell_compare(cells[i + 1], cells[i]) < 0);
    }
    for (size_t i = 0; i < count; i++)
        json_decref(cells[i]);
}

static void unclean_controls_are_said(void **state)
{
    (void)state;
    json_t *document = fixture_document();
    json_t *control = json_object_get(fixture_cell(document, 11), "control");
    json_object_set_new(control, "clean", json_false());
    json_object_set_new(control, "note", json_string("a reset was seen"));
    char *text = table_of(document);
    assert_non_null(strstr(text, "NOT CLEAN  C-OK-1/-/server/bulk/ONALL/v1/default/ipv4: "
                                 "a reset was seen\n"));
    free(text);
    json_decref(document);
}

/* RFC 6181 §6.3: nothing is hidden, and columns with one reason are named together. */
static void what_is_not_deployable_is_said_first(void **state)
{
    (void)state;
    json_t *document = fixture_document(), *cells = json_object_get(document, "cells");
    char *text = table_of(document);
    assert_null(strstr(text, "does not work everywhere"));
    free(text);
    static const char *const mechanisms[] = {"M0e", "M2"};
    for (int i = 0; i < 2; i++) {
        json_t *cell = json_deep_copy(fixture_cell(document, 11));
        json_object_set_new(cell, "mechanism", json_string(mechanisms[i]));
        json_object_set_new(cell, "outcome", json_string("broken"));
        json_object_set_new(cell, "reason", json_string("not deployable behind a NAT: no path"));
        json_object_set_new(cell, "deployable", json_false());
        json_array_append_new(cells, cell);
    }
    text = table_of(document);
    const char *block = strstr(text, "does not work everywhere");
    assert_non_null(block);
    assert_non_null(strstr(block, "M0e default, M2 default"));
    assert_non_null(strstr(block, "not deployable behind a NAT: no path\n"));
    const char *row = strstr(strstr(block, "C-OK-1") + 1, "C-OK-1"); /* of the matrix */
    assert_non_null(row);
    const char *word = strstr(row, "not deployable");
    assert_true(word && word < strchr(row, '\n'));
    free(text);
    json_decref(document);
}

static void many_columns_are_bounded(void **state)
{
    (void)state;
    json_t *document = fixture_document(), *cells = json_object_get(document, "cells");
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "M%d", i);
        json_t *cell = json_deep_copy(fixture_cell(document, 0));
        json_object_set_new(cell, "mechanism", json_string(name));
        json_array_append_new(cells, cell);
    }
    struct plait_summary *s = plait_summary_new(document);
    assert_int_equal(s->column_count, PLAIT_COLUMNS_MAX);
    assert_int_equal(s->cells_without_column, 40 - (PLAIT_COLUMNS_MAX - 3));
    plait_summary_free(s);
    free(table_of(document));
    json_decref(document);
}

static void price_is(double price_log2, const char *wanted)
{
    char text[PLAIT_PRICE_ROOM];
    json_t *cost = json_pack("{s:f}", "price_log2", price_log2);
    plait_price(cost, text);
    assert_string_equal(text, wanted);
    json_decref(cost);
}

static void prices_and_times(void **state)
{
    (void)state;
    price_is(2.321928, "5 pkt");
    price_is(0, "1 pkt");
    price_is(13, "8192 pkt");
    price_is(14, "2^14.0 pkt");
    price_is(31.42, "2^31.4 pkt");
    char text[PLAIT_DURATION_ROOM];
    plait_price(NULL, text);
    assert_string_equal(text, "never");
    plait_duration(850000000, text);
    assert_string_equal(text, "850 ms");
    plait_duration(72412000000, text);
    assert_string_equal(text, "72.4 s");
    plait_duration(725000000000, text);
    assert_string_equal(text, "12 min 5 s");
}

static void pages_show_no_controls(void **state)
{
    (void)state;
    struct fixture_page p;
    fixture_page_begin(&p, true);
    plait_page_put(&p.page, "a\033[31mb\x7f\xff\xc2\x85 \u202e§\n");
    char *text = fixture_page_end(&p);
    assert_string_equal(text, "a?[31mb??? ?§\n");
    free(text);
    fixture_page_begin(&p, false);
    plait_page_put(&p.page, "§ – → ▶ é");
    text = fixture_page_end(&p);
    assert_string_equal(text, "s. - -> > ?");
    free(text);
}

static void colour_adds_to_words(void **state)
{
    (void)state;
    struct fixture_page p;
    fixture_page_begin(&p, true);
    p.page.colour = true;
    struct plait_grid *grid = plait_grid_new(2);
    plait_grid_cell(grid, "BROKEN");
    plait_grid_cell(grid, "stopped");
    plait_grid_end(grid, &p.page);
    char *text = fixture_page_end(&p);
    assert_string_equal(text, "\033[1;31mBROKEN\033[0m  stopped\n");
    free(text);
}

static void utf8_goes_there_and_back(void **state)
{
    (void)state;
    static const uint32_t codes[] = {1, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char text[5];
        plait_utf8_give(codes[i], text);
        const char *at = text;
        assert_int_equal(plait_utf8_take(&at), codes[i]);
        assert_int_equal(*at, '\0');
    }
    const char *cut = "\xe2\x82";
    assert_int_equal(plait_utf8_columns(cut), 2);
}

static void late_machines_are_told_in_one_sentence(void **state)
{
    (void)state;
    static const struct {
        int runs, repeats;
        const char *text;
    } rows[] = {
        {1, 1, "1 run was repeated: the machine was late by up to 150 ms (more than 100)"},
        {1, 3,
         "1 run was repeated more than once: the machine was late by up to 150 ms (more than 100)"},
        {2, 2, "2 runs were repeated: the machine was late by up to 150 ms (more than 100)"},
    };
    char text[160];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *document =
            json_pack("{s:{s:i,s:i,s:i,s:i}}", "late", "limit_ns", 100000000, "repeated_runs",
                      rows[i].runs, "repeats", rows[i].repeats, "worst_ns", 150000000);
        assert_true(plait_lateness_text(document, text, sizeof text));
        assert_string_equal(text, rows[i].text);
        json_decref(document);
    }
    json_t *punctual = json_pack("{s:{s:i}}", "late", "repeated_runs", 0);
    assert_false(plait_lateness_text(punctual, text, sizeof text));
    json_decref(punctual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_golden),
        cmocka_unit_test(table_with_expectation_is_golden),
        cmocka_unit_test(tap_is_golden),
        cmocka_unit_test(difference_is_golden),
        cmocka_unit_test(ladder_is_golden),
        cmocka_unit_test(explanation_is_golden),
        cmocka_unit_test(first_line_is_honest),
        cmocka_unit_test(threats_are_counted_not_cells),
        cmocka_unit_test(worse_than_tcp_comes_before_broken),
        cmocka_unit_test(unclean_controls_are_said),
        cmocka_unit_test(what_is_not_deployable_is_said_first),
        cmocka_unit_test(many_columns_are_bounded),
        cmocka_unit_test(prices_and_times),
        cmocka_unit_test(pages_show_no_controls),
        cmocka_unit_test(colour_adds_to_words),
        cmocka_unit_test(utf8_goes_there_and_back),
        cmocka_unit_test(late_machines_are_told_in_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
