/* A kernel that complains: what ran then runs again alone, and only who makes it complain alone is
 * blamed (lab/runner.h).  Files stand for the kernel's taint value and log; the runs are real. */
#include "tests/lab/runs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lab/cell.h"

enum { JOBS = 4, RUNS = 3, RUN_MS = 300, WAIT_MS = 50 };

static struct {
    char taint_path[40], log_path[40];
    struct plait_splat_watch watch;
    unsigned taint;
    struct plait_runner *runner;
} lab;

static void write_file(const char *path, int flags, const char *text)
{
    int fd = open(path, O_WRONLY | flags);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int open_lab(void **state)
{
    (void)state;
    strcpy(lab.taint_path, "/tmp/plait-taint-XXXXXX");
    strcpy(lab.log_path, "/tmp/plait-log-XXXXXX");
    close(mkstemp(lab.taint_path));
    close(mkstemp(lab.log_path));
    lab.taint = 0;
    write_file(lab.taint_path, O_TRUNC, "0\n");
    plait_splat_open(&lab.watch, lab.taint_path, lab.log_path);
    lab.runner = plait_runner_new(JOBS, &lab.watch);
    return 0;
}

static int close_lab(void **state)
{
    (void)state;
    plait_runner_free(lab.runner);
    plait_splat_close(&lab.watch);
    unlink(lab.taint_path);
    unlink(lab.log_path);
    return 0;
}

static void taint(void)
{
    char text[16];
    snprintf(text, sizeof text, "%u\n", ++lab.taint);
    write_file(lab.taint_path, O_TRUNC, text);
}

static void complain(const char *text)
{
    char record[200];
    snprintf(record, sizeof record, "4,1,1,-;%s\n", text);
    write_file(lab.log_path, O_APPEND, record);
}

static bool is_noticed(void)
{
    return lab.watch.taint == (long)lab.taint;
}

/* ---- runs ------------------------------------------------------------------------------------ */

static struct plait_scenario run_number(unsigned i)
{
    struct plait_scenario s = control_scenario(RUN_MS * PLAIT_MS);
    s.seed = 1 + i;
    return s;
}

/* The report of each run that has ended; true if all have. */
static bool need_all(const json_t *reports[RUNS])
{
    bool all = true;
    for (unsigned i = 0; i < RUNS; i++) {
        struct plait_scenario s = run_number(i);
        reports[i] = plait_runner_need(lab.runner, &s, 0, "run");
        all = all && reports[i];
    }
    return all;
}

static void start_all(void)
{
    const json_t *reports[RUNS];
    assert_false(need_all(reports));
    assert_int_equal(plait_runner_running(lab.runner), RUNS);
}

/* From now on no two run at a time, and one run is told by JUDGE when it runs alone. */
static void finish_alone(void (*judge)(void))
{
    const json_t *reports[RUNS];
    while (!is_noticed())
        assert_true(plait_runner_wait(lab.runner, WAIT_MS));
    assert_int_equal(plait_runner_done(lab.runner), 0); /* also not who ended meanwhile */
    assert_int_equal(plait_runner_running(lab.runner), 1);
    if (judge)
        judge();
    while (!need_all(reports)) {
        assert_true(plait_runner_wait(lab.runner, WAIT_MS));
        assert_in_range(plait_runner_running(lab.runner), 0, 1);
    }
    assert_int_equal(plait_runner_done(lab.runner), RUNS);
}

static unsigned count_splats(const char *text)
{
    unsigned splats = 0;
    const json_t *reports[RUNS];
    assert_true(need_all(reports));
    for (unsigned i = 0; i < RUNS; i++) {
        if (!text_at(reports[i], "error")[0]) {
            assert_whole(reports[i]);
            continue;
        }
        assert_string_equal(text_at(reports[i], "error"), text);
        splats++;
    }
    return splats;
}

static void a_splat_that_no_run_repeats_blames_none(void **state)
{
    (void)state;
    skip_unless_live();
    start_all();
    taint();
    finish_alone(NULL);
    assert_int_equal(count_splats(""), 0);
    assert_null(plait_runner_splat(lab.runner));
}

static void a_splat_of_a_run_alone_is_its_error(void **state)
{
    (void)state;
    skip_unless_live();
    start_all();
    taint();
    finish_alone(taint);
    assert_int_equal(count_splats("splat: the kernel's taint value changed from 1 to 2"), 1);
    assert_non_null(plait_runner_splat(lab.runner));
    assert_null(plait_runner_splat(lab.runner)); /* told once */
}

static void complain_of_mptcp(void)
{
    complain("WARNING: CPU: 1 PID: 7 at net/mptcp/protocol.c:1 f+0x1/0x2");
}

static void the_log_says_what_it_was(void **state)
{
    (void)state;
    skip_unless_live();
    start_all();
    taint();
    finish_alone(complain_of_mptcp);
    assert_int_equal(
        count_splats("splat: WARNING: CPU: 1 PID: 7 at net/mptcp/protocol.c:1 f+0x1/0x2"), 1);
}

static void without_a_splat_all_run_at_once(void **state)
{
    (void)state;
    skip_unless_live();
    const json_t *reports[RUNS];
    start_all();
    complain("eth0: link becomes ready");
    while (!need_all(reports))
        assert_true(plait_runner_wait(lab.runner, WAIT_MS));
    assert_int_equal(count_splats(""), 0);
}

/* ---- a run that does not end ----------------------------------------------------------------- */

static void a_run_that_takes_too_long_is_ended(void **state)
{
    (void)state;
    skip_unless_live();
    struct plait_scenario slow = ts_2_scenario(), good = run_number(0);
    slow.script = NULL;
    slow.control_ns = 60 * PLAIT_S;
    slow.watch_ns = -slow.control_ns; /* what it asks for is left out of the limit */
    const json_t *late, *alive;
    plait_runner_set_limit(lab.runner, 0);
    late = plait_runner_need(lab.runner, &slow, 0, "slow");
    while (!late && plait_runner_wait(lab.runner, WAIT_MS))
        late = plait_runner_need(lab.runner, &slow, 0, "slow");
    assert_string_equal(text_at(late, "error"), "the run was ended: it took too long");
    plait_runner_set_limit(lab.runner, 60);
    while (!(alive = plait_runner_need(lab.runner, &good, 0, "good")))
        assert_true(plait_runner_wait(lab.runner, WAIT_MS));
    assert_whole(alive);
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* T-FC-1 on an idle connection, which takes few runs and short ones. */
static struct plait_cell make_cell(void)
{
    struct plait_cell cell = {.protocol = PLAIT_MPTCP_V1, .family = PLAIT_IPV4};
    for (size_t i = 0; i < plait_threat_count; i++)
        if (strcmp(plait_threats[i]->info.id, "T-FC-1") == 0)
            cell.threat = plait_threats[i];
    assert_non_null(cell.threat);
    for (size_t i = 0; i < cell.threat->case_count; i++)
        if (cell.threat->cases[i].workload == PLAIT_IDLE)
            cell.played = &cell.threat->cases[i];
    assert_non_null(cell.played);
    plait_cell_name(&cell);
    return cell;
}

/* The record of a cell during which SPLAT decides, before each wait, whether the kernel splats. */
static json_t *judge_cell(void (*splat)(void))
{
    const struct plait_analysis_request request = {.seed = 1};
    const struct plait_cell_context context = {&request, lab.runner, "test"};
    struct plait_cell cell = make_cell();
    for (;;) {
        plait_cell_advance(&cell, &context);
        if (cell.record)
            return cell.record;
        do {
            splat();
            assert_true(plait_runner_wait(lab.runner, WAIT_MS));
        } while (!plait_runner_woken(lab.runner));
    }
}

static void assert_splat(json_t *record)
{
    assert_string_equal(text_at(record, "outcome"), "error");
    if (strncmp(text_at(record, "reason"), "splat: the kernel's taint value", 31) != 0)
        fail_msg("reason: %s", text_at(record, "reason"));
    assert_true(json_is_null(at(record, "versus_tcp")));
    assert_int_equal(json_array_size(at(record, "goals")), 0);
    json_decref(record);
}

static void a_splat_of_the_first_run_is_the_cells(void **state)
{
    (void)state;
    skip_unless_live();
    assert_splat(judge_cell(taint));
}

/* Two moments: the stripped run starts among others; later it runs again, alone, under the name of
 * the threat whose packets it sends. */
static void splat_at_the_stripped_run(void)
{
    const char *current = plait_runner_current(lab.runner);
    bool is_first = strcmp(current, "stripped") == 0 && lab.taint == 0;
    bool is_again = strcmp(current, "T-FC-1") == 0 && lab.taint > 0 && is_noticed();
    if (is_first || (is_again && plait_runner_running(lab.runner) == 1))
        taint();
}

/* The stripped run is shown and not judged: its splat is the cell's all the same. */
static void a_splat_of_the_last_run_is_the_cells(void **state)
{
    (void)state;
    skip_unless_live();
    assert_splat(judge_cell(splat_at_the_stripped_run));
    assert_true(lab.taint >= 2);
}

#define IN_LAB(test) cmocka_unit_test_setup_teardown(test, open_lab, close_lab)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_LAB(without_a_splat_all_run_at_once),
        IN_LAB(a_splat_that_no_run_repeats_blames_none),
        IN_LAB(a_splat_of_a_run_alone_is_its_error),
        IN_LAB(the_log_says_what_it_was),
        IN_LAB(a_run_that_takes_too_long_is_ended),
        IN_LAB(a_splat_of_the_first_run_is_the_cells),
        IN_LAB(a_splat_of_the_last_run_is_the_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
