/* What the schema lets in, and that everything else is refused in one line which names the place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/report/fixture.h"
#include "tests/unit/test.h"

#include "report/document.h"

static void fixture_is_accepted(void **state)
{
    (void)state;
    char error[512] = "";
    json_t *document = fixture_document();
    if (!plait_document_check(document, error, sizeof error))
        fail_msg("%s", error);
    json_decref(document);
}

/* Takes the document. */
static void refused(json_t *document, const char *why)
{
    char error[512] = "";
    assert_false(plait_document_check(document, error, sizeof error));
    assert_string_equal(error, why);
    json_decref(document);
}

/* The fixture with a field of its first cell changed; a NULL value removes it. */
static json_t *with(const char *name, json_t *value)
{
    json_t *document = fixture_document(), *cell = fixture_cell(document, 0);
    if (value)
        json_object_set_new(cell, name, value);
    else
        json_object_del(cell, name);
    return document;
}

static void every_field_is_there(void **state)
{
    (void)state;
    refused(with("outcome", NULL), "cells[0].outcome: is missing");
    refused(with("ladder", NULL), "cells[0].ladder: is missing");
    json_t *document = fixture_document();
    json_object_del(document, "seed");
    refused(document, "seed: is missing");
}

static void the_files_of_a_user_may_be_there(void **state)
{
    (void)state;
    char error[512] = "";
    json_t *document =
        with("topology_file", json_pack("{s:s,s:[s]}", "file", "f", "lines", "path a"));
    assert_true(plait_document_check(document, error, sizeof error));
    json_decref(document);
    refused(with("topology_file", json_pack("{s:s}", "file", "f")),
            "cells[0].topology_file.lines: is missing");
    refused(with("workload_file", json_pack("{s:s,s:[i]}", "file", "f", "lines", 4)),
            "cells[0].workload_file.lines: holds something that is no text");
    refused(with("workload_file", json_null()), "cells[0].workload_file: is not an object");
}

static void types_are_checked(void **state)
{
    (void)state;
    refused(with("id", json_integer(4)), "cells[0].id: is not a text");
    refused(with("outcome", json_null()), "cells[0].outcome: is not a text");
    refused(with("goals", json_object()), "cells[0].goals: is not an array");
    refused(with("goals", json_pack("[s]", "read")), "cells[0].goals[0]: is not an object");
    refused(with("invalid_octets", json_integer(-1)),
            "cells[0].invalid_octets: is not a count or null");
    refused(json_array(), "is no document: no JSON object");
}

static void words_are_checked(void **state)
{
    (void)state;
    refused(with("kind", json_string("thread")),
            "cells[0].kind: \"thread\" is none of threat, baseline, control");
    refused(with("versus_tcp", json_string("worst")),
            "cells[0].versus_tcp: \"worst\" is none of worse, wider, same, better, none");
    refused(with("family", json_integer(5)), "cells[0].family: is neither 4 nor 6");
    refused(with("seed", json_string("17")), "cells[0].seed: is no 64-bit number in hexadecimal");
    refused(with("seed", json_string("0x10000000000000000")),
            "cells[0].seed: is no 64-bit number in hexadecimal");
    refused(with("known", json_pack("{s:s,s:s}", "reason", "r", "until", "soon")),
            "cells[0].known.until: is no date like 2027-01-31");
}

static void nested_values_are_checked(void **state)
{
    (void)state;
    json_t *document = fixture_document();
    json_t *goal = json_array_get(json_object_get(fixture_cell(document, 0), "goals"), 1);
    json_object_set_new(json_object_get(goal, "cost"), "price_log2", json_real(1e300));
    refused(document, "cells[0].goals[1].cost.price_log2: is no logarithm from -64 to 4096");
}

static void controls_are_refused(void **state)
{
    (void)state;
    refused(with("title", json_string("\033[2J")),
            "cells[0].title: text holds a control character");
    refused(with("title", json_string("a\nb")), "cells[0].title: text holds a control character");
    refused(with("title", json_string("\u202e")), "cells[0].title: text holds a control character");
    refused(with("settings", json_pack("{s:{s:s}}", "h", "\x07", "1")),
            "cells[0].settings.h: text holds a control character");
}

static void captures_lie_below_the_report(void **state)
{
    (void)state;
    refused(with("pcapng", json_string("/etc/passwd")),
            "cells[0].pcapng: is no path below the report");
    refused(with("pcapng", json_string("a/../../b")),
            "cells[0].pcapng: is no path below the report");
}

static void limits_hold(void **state)
{
    (void)state;
    char *text = malloc(PLAIT_DOCUMENT_TEXT_MAX + 2);
    memset(text, 'x', PLAIT_DOCUMENT_TEXT_MAX + 1);
    text[PLAIT_DOCUMENT_TEXT_MAX + 1] = '\0';
    refused(with("reason", json_string(text)), "cells[0].reason: text is longer than 4096 octets");
    text[PLAIT_DOCUMENT_TEXT_MAX] = '\0';
    char error[512];
    json_t *document = with("reason", json_string(text));
    assert_true(plait_document_check(document, error, sizeof error));
    json_decref(document);
    free(text);

    json_t *deep = json_object();
    for (int i = 0; i < 20; i++)
        deep = json_pack("{s:o}", "d", deep);
    document = with("auditor", deep);
    assert_false(plait_document_check(document, error, sizeof error));
    assert_non_null(strstr(error, "is nested deeper than 12"));
    json_decref(document);
}

static void ids_are_unique(void **state)
{
    (void)state;
    json_t *document = fixture_document();
    json_object_set(fixture_cell(document, 2), "id",
                    json_object_get(fixture_cell(document, 0), "id"));
    refused(document, "cells[2]: id is that of an earlier cell");
}

static void check_file(const char *octets, size_t length, const char *why)
{
    char name[] = "/tmp/plait-test-XXXXXX", error[512] = "";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, length), length);
    close(fd);
    assert_null(plait_document_load(name, error, sizeof error));
    unlink(name);
    assert_memory_equal(error, name, strlen(name));
    assert_non_null(strstr(error, why));
    assert_null(strchr(error, '\n'));
    assert_null(strchr(error, '\033'));
}

static void files_are_refused_in_one_line(void **state)
{
    (void)state;
    char error[512] = "";
    assert_null(plait_document_load("/nonexistent/report.json", error, sizeof error));
    assert_string_equal(error, "/nonexistent/report.json: No such file or directory");
    check_file("", 0, ":1: no JSON");
    check_file("{\"schema\": 1,", 13, ":1: no JSON");
    check_file("{}", 2, ": schema: is missing");
    check_file("{\"schema\": 2}", 13, ": schema: is no schema that this version reads (1)");
    check_file("{\"a\": 1, \"a\": 2}", 16, "duplicate");
    check_file("{\"a\": \x1b[31m}", 12, ":1: no JSON");
    check_file("{\"a\": \"\xff\"}", 10, ":1: no JSON");

    char deep[6000];
    memset(deep, '[', sizeof deep);
    check_file(deep, sizeof deep, "no JSON");
}

static void dates_are_dates(void **state)
{
    (void)state;
    assert_true(plait_is_date("2027-01-31"));
    assert_false(plait_is_date("2027-13-01"));
    assert_false(plait_is_date("2027-00-01"));
    assert_false(plait_is_date("2027-01-32"));
    assert_false(plait_is_date("2027-1-3"));
    assert_false(plait_is_date("2027-01-311"));
    assert_false(plait_is_date(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixture_is_accepted),
        cmocka_unit_test(every_field_is_there),
        cmocka_unit_test(the_files_of_a_user_may_be_there),
        cmocka_unit_test(types_are_checked),
        cmocka_unit_test(words_are_checked),
        cmocka_unit_test(nested_values_are_checked),
        cmocka_unit_test(controls_are_refused),
        cmocka_unit_test(captures_lie_below_the_report),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(ids_are_unique),
        cmocka_unit_test(files_are_refused_in_one_line),
        cmocka_unit_test(dates_are_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
