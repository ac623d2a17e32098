/* Random scenarios: two hosts of libplait, one to four paths that lose, swap, double and delay,
 * NATs and strippers of options, applications that write, read slowly, close, abort and change
 * their paths.
 *
 * Usage: scenario [--seed N] [--count N] [--trace]
 *
 * Phase 1, safety: what an application reads is what its peer wrote, at that place, and no limit is
 * passed.  Phase 2, liveness: the impairments stop, and within 25 minutes everything that
 * was written has arrived and both ends are closed, unless the scenario states a reason for another
 * end.  Each scenario is a function of its seed; a failure prints the line that repeats it.  The
 * last line has a hash of all packets, which is the same on every compiler. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

static void print_event(void *self, const struct plait_trace_event *event)
{
    char line[200];
    plait_trace_text(event, line, sizeof line);
    printf("%s %s\n", (const char *)self, line);
}

static bool play(uint64_t seed, bool traces, uint64_t *hash)
{
    static struct scenario s;
    scenario_draw(&s, seed, traces ? print_event : NULL);
    bool passed = scenario_play(&s);
    if (!passed)
        printf("FAILED: %s (%u paths%s%s):%s\n  repeat with: scenario --seed %" PRIu64 "\n",
               s.failure, s.path_count, s.excuse ? ", " : "", s.excuse ? s.excuse : "", s.detail,
               seed);
    else if (traces)
        printf("passed:%s\n", s.detail);
    *hash = plait_hash_end(&s.packets);
    scenario_free(&s);
    return passed;
}

int main(int count, char **arguments)
{
    uint64_t seed = 1, scenarios = 0, failed = 0;
    bool traces = false;
    for (int i = 1; i < count; i++) {
        bool has_value = i + 1 < count;
        if (strcmp(arguments[i], "--seed") == 0 && has_value) {
            seed = strtoull(arguments[++i], NULL, 0);
            scenarios = scenarios ? scenarios : 1;
        } else if (strcmp(arguments[i], "--count") == 0 && has_value) {
            scenarios = strtoull(arguments[++i], NULL, 0);
        } else if (strcmp(arguments[i], "--trace") == 0) {
            traces = true;
        } else {
            fprintf(stderr, "usage: scenario [--seed N] [--count N] [--trace]\n");
            return 2;
        }
    }
    struct plait_hasher all = plait_hasher(0);
    uint64_t played = 0;
    for (scenarios = scenarios ? scenarios : 300; played < scenarios && failed < 10; played++) {
        uint64_t hash;
        failed += !play(seed + played, traces, &hash);
        plait_hash_u64(&all, hash);
    }
    printf("%" PRIu64 " scenarios, %" PRIu64 " failed, packets %016" PRIx64 "\n", played, failed,
           plait_hash_end(&all));
    return failed != 0;
}
