/* A machine that holds a run up for tenths of a second: the run is made again, a stated number of
 * times, and that is said (lab/runner.h).  The runs are real; stopping their processes stands for
 * the machine. */
#include "tests/lab/runs.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { RUN_MS = 700, STOP_MS = 300, WAIT_MS = 10, MAX_ATTEMPTS = 1 + PLAIT_LATE_REPEATS_MAX };

/* The processes whose parent is PID, at most two; how many there are. */
static unsigned children_of(pid_t pid, pid_t children[2])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *stream = fopen(path, "r");
    unsigned count = 0;
    if (!stream)
        return 0;
    while (count < 2 && fscanf(stream, "%d", &children[count]) == 1)
        count++;
    fclose(stream);
    return count;
}

/* The run that is in its middle: it has both its agents.  0 if there is none. */
static pid_t run_in_its_middle(pid_t except)
{
    pid_t runs[2], agents[2];
    for (unsigned i = children_of(getpid(), runs); i-- > 0;)
        if (runs[i] != except && children_of(runs[i], agents) == 2)
            return runs[i];
    return 0;
}

static void hold_up(pid_t run)
{
    usleep(150 * 1000); /* until its script has begun */
    assert_int_equal(kill(run, SIGSTOP), 0);
    usleep(STOP_MS * 1000);
    assert_int_equal(kill(run, SIGCONT), 0);
}

/* The report of a run whose first TIMES attempts are held up; *STOPPED is how many were. */
static json_t *report_of_held_up(unsigned times, unsigned *stopped, struct plait_lateness *all)
{
    struct plait_scenario s = control_scenario(RUN_MS * PLAIT_MS);
    struct plait_runner *runner = plait_runner_new(1, NULL);
    const json_t *report;
    pid_t last = 0;
    *stopped = 0;
    while (!(report = plait_runner_need(runner, &s, 0, "run"))) {
        pid_t run = run_in_its_middle(last);
        if (run && *stopped < times) {
            hold_up(run);
            last = run;
            ++*stopped;
        }
        plait_runner_wait(runner, WAIT_MS);
    }
    json_t *copy = json_deep_copy(report);
    *all = plait_runner_lateness(runner);
    assert_int_equal(plait_runner_done(runner), 1);
    plait_runner_free(runner);
    return copy;
}

static long long number(const json_t *report, const char *name)
{
    return json_integer_value(json_object_get(report, name));
}

static void a_run_that_was_held_up_is_made_again(void **state)
{
    (void)state;
    skip_unless_live();
    unsigned stopped;
    struct plait_lateness all;
    json_t *report = report_of_held_up(1, &stopped, &all);
    assert_whole(report);
    assert_int_equal(stopped, 1);
    assert_in_range(number(report, "late_repeats"), 1, PLAIT_LATE_REPEATS_MAX);
    assert_true(number(report, "lateness_ns") > (STOP_MS - 50) * PLAIT_MS);
    assert_int_equal(all.repeated_runs, 1);
    assert_int_equal(all.repeats, number(report, "late_repeats"));
    assert_int_equal(all.worst_ns, number(report, "lateness_ns"));
    json_decref(report);
}

static void a_run_that_is_always_held_up_is_an_error(void **state)
{
    (void)state;
    skip_unless_live();
    unsigned stopped;
    struct plait_lateness all;
    json_t *report = report_of_held_up(2 * MAX_ATTEMPTS, &stopped, &all);
    const char *error = text_at(report, "error");
    assert_int_equal(stopped, MAX_ATTEMPTS);
    assert_int_equal(number(report, "late_repeats"), PLAIT_LATE_REPEATS_MAX);
    if (strncmp(error, "the machine was late, each of 4 times, by up to ", 48) != 0)
        fail_msg("%s", error);
    json_decref(report);
}

static void a_run_in_peace_is_made_once(void **state)
{
    (void)state;
    skip_unless_live();
    unsigned stopped;
    struct plait_lateness all;
    json_t *report = report_of_held_up(0, &stopped, &all);
    assert_whole(report);
    /* The machine that runs the test may be late itself; but then that is said. */
    assert_int_equal(number(report, "late_repeats"), all.repeats);
    assert_true(all.repeats > 0 || number(report, "lateness_ns") <= PLAIT_LATE_LIMIT_MS * PLAIT_MS);
    json_decref(report);
}

/* ---- what mostly waits (lab/runner.c) -------------------------------------------------------- */

enum { MINUTES_S = 61, TWO_JOBS_PATIENT = 8 };

/* Asks for a run without attack of S seconds; another SEED makes it another. */
static void ask_for(struct plait_runner *runner, plait_time_ns s, uint64_t seed, const char *name)
{
    struct plait_scenario scenario = control_scenario(s * PLAIT_S);
    scenario.seed = seed;
    plait_runner_foresee(runner, &scenario, 0, name);
}

static void what_mostly_waits_takes_no_job(void **state)
{
    (void)state;
    skip_unless_live();
    static const struct {
        unsigned jobs, running;
    } rows[] = {{1, 1}, {2, 2 + 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_runner *runner = plait_runner_new(rows[i].jobs, NULL);
        for (unsigned n = 0; n < 3; n++) {
            ask_for(runner, MINUTES_S, n, "minutes");
            ask_for(runner, 1, n, "a second");
        }
        assert_int_equal(plait_runner_running(runner), rows[i].running);
        plait_runner_free(runner);
    }
}

static void of_what_waits_the_longest_begins_first(void **state)
{
    (void)state;
    skip_unless_live();
    pid_t runs[2];
    struct plait_runner *runner = plait_runner_new(2, NULL);
    for (unsigned n = 0; n < TWO_JOBS_PATIENT; n++)
        ask_for(runner, MINUTES_S, n, "minutes");
    assert_int_equal(children_of(getpid(), runs), 2); /* at least */
    ask_for(runner, MINUTES_S + 1, TWO_JOBS_PATIENT, "longer");
    ask_for(runner, MINUTES_S + 9, TWO_JOBS_PATIENT, "longest");
    ask_for(runner, MINUTES_S + 5, TWO_JOBS_PATIENT, "long");
    assert_string_equal(plait_runner_current(runner), "minutes");
    assert_int_equal(kill(runs[0], SIGKILL), 0); /* its place is free */
    while (plait_runner_done(runner) == 0)
        plait_runner_wait(runner, WAIT_MS);
    assert_string_equal(plait_runner_current(runner), "longest");
    plait_runner_free(runner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_was_held_up_is_made_again),
        cmocka_unit_test(a_run_that_is_always_held_up_is_an_error),
        cmocka_unit_test(a_run_in_peace_is_made_once),
        cmocka_unit_test(what_mostly_waits_takes_no_job),
        cmocka_unit_test(of_what_waits_the_longest_begins_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
