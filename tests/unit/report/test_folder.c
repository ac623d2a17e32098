/* A report is in its folder whole or not at all, and nothing of the user's is lost. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "report/folder.h"

static char root[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(root, "/tmp/plait-test-XXXXXX");
    return mkdtemp(root) && chdir(root) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(root) == 0 ? 0 : -1; /* every test leaves nothing */
}

static void write_file(const char *name, const char *text)
{
    FILE *stream = fopen(name, "w");
    assert_non_null(stream);
    fputs(text, stream);
    fclose(stream);
}

static void file_is(const char *name, const char *text)
{
    char got[64] = "";
    FILE *stream = fopen(name, "r");
    assert_non_null(stream);
    got[fread(got, 1, sizeof got - 1, stream)] = '\0';
    fclose(stream);
    assert_string_equal(got, text);
}

static void absent(const char *name)
{
    assert_int_equal(access(name, F_OK), -1);
    assert_int_equal(errno, ENOENT);
}

static void report_is_committed(void **state)
{
    (void)state;
    struct plait_folder folder;
    char error[PATH_MAX + 256];
    assert_true(plait_folder_open(&folder, "out", 100000, error, sizeof error));
    assert_string_equal(folder.partial, "out/.partial");
    absent("out/.partial/probe");
    write_file("out/.partial/captures/a.pcapng", "a");
    write_file("out/.partial/captures/cut-off.pcapng", "c"); /* of a cell that was not decided */
    json_t *document = json_pack("{s:[{s:s}]}", "cells", "pcapng", "captures/a.pcapng");
    absent("out/report.json");
    assert_true(plait_folder_commit(&folder, "report.json", document, error, sizeof error));
    file_is("out/report.json",
            "{\n \"cells\": [\n  {\n   \"pcapng\": \"captures/a.pcapng\"\n  }\n ]\n}\n");
    file_is("out/captures/a.pcapng", "a");
    absent("out/captures/cut-off.pcapng");
    absent("out/.partial");

    /* A second run replaces what it has again, and leaves the rest. */
    write_file("out/captures/mine", "m");
    assert_true(plait_folder_open(&folder, "out", 1, error, sizeof error));
    write_file("out/.partial/captures/a.pcapng", "b");
    assert_true(plait_folder_commit(&folder, "report.json", document, error, sizeof error));
    file_is("out/captures/a.pcapng", "b");
    file_is("out/captures/mine", "m");
    json_decref(document);
    assert_int_equal(unlink("out/captures/a.pcapng") | unlink("out/captures/mine") |
                         rmdir("out/captures") | unlink("out/report.json") | rmdir("out"),
                     0);
}

static void abandoned_leaves_nothing(void **state)
{
    (void)state;
    struct plait_folder folder;
    char error[PATH_MAX + 256];
    assert_true(plait_folder_open(&folder, "out", 1, error, sizeof error));
    write_file("out/.partial/captures/a.pcapng", "a");
    plait_folder_abandon(&folder);
    absent("out");

    assert_int_equal(mkdir("out", 0777), 0); /* not made by us: it stays */
    assert_true(plait_folder_open(&folder, "out", 1, error, sizeof error));
    plait_folder_abandon(&folder);
    assert_int_equal(rmdir("out"), 0);
}

static void what_a_killed_run_left_is_cleared(void **state)
{
    (void)state;
    struct plait_folder folder;
    char error[PATH_MAX + 256];
    assert_int_equal(
        mkdir("out", 0777) | mkdir("out/.partial", 0777) | mkdir("out/.partial/captures", 0777), 0);
    write_file("out/.partial/captures/old.pcapng", "o");
    write_file("out/.partial/probe", "p");
    assert_true(plait_folder_open(&folder, "out", 1, error, sizeof error));
    absent("out/.partial/captures/old.pcapng");
    plait_folder_abandon(&folder);
    assert_int_equal(rmdir("out"), 0);
}

static void one_run_at_a_time(void **state)
{
    (void)state;
    struct plait_folder first, second;
    char error[PATH_MAX + 256];
    assert_true(plait_folder_open(&first, "out", 1, error, sizeof error));
    write_file("out/.partial/captures/a.pcapng", "a");
    assert_false(plait_folder_open(&second, "out", 1, error, sizeof error));
    assert_non_null(strstr(error, "out: another run writes there"));
    file_is("out/.partial/captures/a.pcapng", "a");
    plait_folder_abandon(&first);
    absent("out");
}

static void unwritable_is_said(void **state)
{
    (void)state;
    struct plait_folder folder;
    char error[PATH_MAX + 256], *longest = calloc(1, PATH_MAX + 1);
    assert_false(plait_folder_open(&folder, "/proc/plait", 1, error, sizeof error));
    assert_string_equal(error, "/proc/plait: cannot be written: No such file or directory");
    write_file("file", "f");
    assert_false(plait_folder_open(&folder, "file", 1, error, sizeof error));
    assert_string_equal(error, "file: cannot be written: Not a directory");
    file_is("file", "f");
    assert_int_equal(unlink("file"), 0);
    memset(longest, 'x', PATH_MAX);
    assert_false(plait_folder_open(&folder, longest, 1, error, sizeof error));
    assert_string_equal(error, "--out: cannot be written: File name too long");
    free(longest);
}

static void captures_may_not_lead_elsewhere(void **state)
{
    (void)state;
    struct plait_folder folder;
    char error[PATH_MAX + 256];
    json_t *document = json_object();
    assert_int_equal(
        mkdir("out", 0777) | mkdir("other", 0777) | symlink("../other", "out/captures"), 0);
    assert_true(plait_folder_open(&folder, "out", 1, error, sizeof error));
    write_file("out/.partial/captures/a.pcapng", "a");
    assert_false(plait_folder_commit(&folder, "report.json", document, error, sizeof error));
    absent("other/a.pcapng");
    absent("out/report.json");
    absent("out/.partial");
    json_decref(document);
    assert_int_equal(unlink("out/captures") | rmdir("out") | rmdir("other"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(report_is_committed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(abandoned_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_killed_run_left_is_cleared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_run_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unwritable_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(captures_may_not_lead_elsewhere, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
