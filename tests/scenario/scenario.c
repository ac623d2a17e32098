/* Random scenarios: two hosts of libplait, one to four paths that lose, swap, double and delay,
 * NATs and strippers of options, applications that write, read slowly, close, abort and change
 * their paths.
 *
 * Usage: scenario [--basic] [--seed N] [--count N] [--expect HASHES] [--trace]
 *
 * With --basic both ends speak a column of Basic MPTCP (docs/mechanisms/basic.md) instead of v0 or
 * v1; whatever else a seed decides is the same.
 * Phase 1, safety: what an application reads is what its peer wrote, at that place, and no limit is
 * passed.  Phase 2, liveness: the impairments stop, and within 25 minutes everything that
 * was written has arrived and both ends are closed, unless the scenario states a reason for another
 * end.  Each scenario is a function of its seed; a failure prints the line that repeats it.  The
 * last line has a hash of all packets, which is the same on every compiler. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/scenario/scenario.h"

struct sum { /* of all scenarios */
    struct plait_hasher packets, events;
};

struct wanted {
    uint64_t seed, count;
    const char *expect;
    bool is_basic, prints;
};

static bool play(const struct wanted *wanted, uint64_t seed, struct sum *sum)
{
    static struct scenario s;
    bool prints = wanted->prints;
    scenario_draw(&s, seed, wanted->is_basic, prints);
    bool passed = scenario_play(&s);
    if (!passed)
        printf("FAILED: %s (%u paths%s%s):%s\n  repeat with: scenario%s --seed %" PRIu64 "\n",
               s.failure, s.path_count, s.excuse ? ", " : "", s.excuse ? s.excuse : "", s.detail,
               wanted->is_basic ? " --basic" : "", seed);
    else if (prints)
        printf("passed:%s\n", s.detail);
    plait_hash_u64(&sum->packets, plait_hash_end(&s.packets));
    plait_hash_u64(&sum->events, plait_hash_end(&s.events));
    scenario_free(&s);
    return passed;
}

static bool read_arguments(int count, char **arguments, struct wanted *wanted)
{
    *wanted = (struct wanted){.seed = 1};
    for (int i = 1; i < count; i++) {
        bool has_value = i + 1 < count;
        if (strcmp(arguments[i], "--seed") == 0 && has_value) {
            wanted->seed = strtoull(arguments[++i], NULL, 0);
            wanted->count = wanted->count ? wanted->count : 1;
        } else if (strcmp(arguments[i], "--count") == 0 && has_value) {
            wanted->count = strtoull(arguments[++i], NULL, 0);
        } else if (strcmp(arguments[i], "--expect") == 0 && has_value) {
            wanted->expect = arguments[++i];
        } else if (strcmp(arguments[i], "--basic") == 0) {
            wanted->is_basic = true;
        } else if (strcmp(arguments[i], "--trace") == 0) {
            wanted->prints = true;
        } else {
            return false;
        }
    }
    wanted->count = wanted->count ? wanted->count : 300;
    return true;
}

int main(int count, char **arguments)
{
    struct wanted wanted;
    if (!read_arguments(count, arguments, &wanted)) {
        fprintf(stderr,
                "usage: scenario [--basic] [--seed N] [--count N] [--expect HASHES] [--trace]\n");
        return 2;
    }
    struct sum sum = {plait_hasher(0), plait_hasher(0)};
    uint64_t played = 0, failed = 0;
    for (; played < wanted.count && failed < 10; played++)
        failed += !play(&wanted, wanted.seed + played, &sum);
    char hashes[64];
    snprintf(hashes, sizeof hashes, "%016" PRIx64 "-%016" PRIx64, plait_hash_end(&sum.packets),
             plait_hash_end(&sum.events));
    printf("%" PRIu64 " scenarios, %" PRIu64 " failed, packets and events %s\n", played, failed,
           hashes);
    bool differs = wanted.expect && strcmp(wanted.expect, hashes) != 0;
    if (differs)
        printf(
            "expected %s: the hosts behave differently now.  If that was meant, and every compiler "
            "says the same, tests/scenario/meson.build needs the new number.\n",
            wanted.expect);
    return failed || differs;
}
