/* The line that says how far ground truth and auditor agree. */
#include "report/agreement.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/report/fixture.h"
#include "tests/unit/test.h"

static json_t *cell(const char *id, const char *mechanism, const char *outcome,
                    const char *agreement, const char *rule, bool needs_whole)
{
    return json_pack("{s:s,s:s,s:s,s:{s:s,s:s?,s:b}}", "id", id, "mechanism", mechanism, "outcome",
                     outcome, "auditor", "agreement", agreement, "rule", rule, "needs_whole",
                     needs_whole);
}

static char *line_of(json_t *cells)
{
    struct fixture_page p;
    json_t *document = json_pack("{s:o}", "cells", cells);
    fixture_page_begin(&p, true);
    plait_render_agreement(&p.page, document);
    char *text = fixture_page_end(&p);
    json_decref(document);
    for (char *at = text; *at; at++) /* however it is folded */
        *at = *at == '\n' ? ' ' : *at;
    return text;
}

static void each_success_is_counted_where_it_belongs(void **state)
{
    (void)state;
    json_t *cells = json_array();
    json_array_append_new(cells, cell("A", "v1", "broken", "agrees", "contradiction", false));
    json_array_append_new(cells, cell("B", "v0", "partial", "agrees", "rst-elsewhere", true));
    json_array_append_new(cells, cell("C", "v1", "stopped", "agrees", NULL, false));
    json_array_append_new(cells, cell("D", "v1", "broken", "declared invisible", NULL, false));
    json_array_append_new(cells, cell("E", "v1", "broken", "missed", NULL, false));
    json_array_append_new(cells, cell("F", "tcp", "broken", "agrees", "data-elsewhere", true));
    json_array_append_new(cells, cell("G", "tcp", "broken", "declared invisible", NULL, false));
    json_array_append_new(cells, cell("H", "M0e", "broken", "n/a", NULL, false));
    json_array_append_new(cells, cell("I", "M0e", "stopped", "n/a", NULL, false));
    char *text = line_of(cells);
    assert_non_null(strstr(text, "2 of 4 that succeed under v0 and v1 (1 of them only from all "
                                 "links of both ends), 1 are declared invisible"));
    assert_non_null(strstr(text, "1 of 2 that succeed under plain TCP (1 of them"));
    assert_non_null(strstr(text, "1 missed: E; no false alarm"));
    assert_non_null(strstr(text, "not audited: 1 under mechanisms that it does not know"));
    free(text);
}

static void where_nothing_was_audited_nothing_is_said(void **state)
{
    (void)state;
    json_t *cells = json_array();
    json_array_append_new(cells, cell("H", "M0e", "broken", "n/a", NULL, false));
    char *text = line_of(cells);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_success_is_counted_where_it_belongs),
        cmocka_unit_test(where_nothing_was_audited_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
