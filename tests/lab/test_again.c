/* A worker plays run after run in one process: each must give back all the memory it took, and
 * leave nothing that a later one could see (live/worker.h). */
#include "tests/lab/runs.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RUNS_MAX = 400, REPORT_OCTETS = 1 << 20 };
/* By the C library, when it is told to cache nothing (meson.build). */
enum { KEPT_AT_HAND_OCTETS = 1024 };

/* The first column that the case, else its record, lists; TCP's for a baseline. */
static enum plait_protocol protocol_of(const struct plait_threat *threat,
                                       const struct plait_case *played)
{
    const char *const *columns = played->only ? played->only : threat->info.mechanisms;
    int protocol = PLAIT_TCP;
    while (!played->only_tcp && ++protocol < PLAIT_PROTOCOL_COUNT)
        for (const char *const *name = columns; *name; name++)
            if (strcmp(*name, plait_protocol_name((enum plait_protocol)protocol)) == 0)
                return (enum plait_protocol)protocol;
    assert_true(played->only_tcp);
    return PLAIT_TCP;
}

static struct plait_scenario scenario_of(const struct plait_threat *threat,
                                         const struct plait_case *played)
{
    struct plait_scenario s = scenario_of_case(threat, played, protocol_of(threat, played));
    s.policy = PLAIT_POLICY_PERMISSIVE;
    s.watch_ns = 700 * PLAIT_MS;
    s.seed = 7;
    return s;
}

static unsigned all_cases(struct plait_scenario scenarios[RUNS_MAX])
{
    unsigned count = 0;
    for (size_t i = 0; i < plait_threat_count; i++)
        for (size_t j = 0; j < plait_threats[i]->case_count && count < RUNS_MAX; j++)
            scenarios[count++] = scenario_of(plait_threats[i], &plait_threats[i]->cases[j]);
    return count;
}

/* The report as a string that the caller frees; the capture goes nowhere. */
static char *play(const struct plait_scenario *scenario)
{
    FILE *report = tmpfile(), *capture = fopen("/dev/null", "wb");
    char *text = calloc(1, REPORT_OCTETS);
    assert_true(report && capture && text);
    plait_run_play(scenario, capture, fileno(report));
    rewind(report);
    assert_true(fread(text, 1, REPORT_OCTETS - 1, report) > 0);
    fclose(report);
    return text;
}

static size_t taken_octets(void)
{
    return mallinfo2().uordblks;
}

/* Each once, in the other order than the first time: after others. */
static void play_all_again(const struct plait_scenario *scenarios, char *const *first,
                           unsigned count)
{
    for (unsigned i = count; i-- > 0;) {
        char *report = play(&scenarios[i]);
        assert_string_equal(report, first[i]);
        free(report);
    }
}

/* A sanitizer that stands in for the C library's memory counts nothing here, and looks for leaks
 * itself. */
static void a_run_gives_back_what_it_took_and_is_the_same_again(void **state)
{
    (void)state;
    static struct plait_scenario scenarios[RUNS_MAX];
    static char *first[RUNS_MAX];
    unsigned count = all_cases(scenarios);
    assert_true(count > 20);
    for (unsigned i = 0; i < count; i++)
        first[i] = play(&scenarios[i]);
    play_all_again(scenarios, first, count);
    size_t before = taken_octets();
    play_all_again(scenarios, first, count);
    size_t after = taken_octets();
    if (after > before + KEPT_AT_HAND_OCTETS)
        fail_msg("%u runs kept %zu octets", count, after - before);
    for (unsigned i = 0; i < count; i++)
        free(first[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_gives_back_what_it_took_and_is_the_same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
