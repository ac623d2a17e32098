/* The auditor beside random benign scenarios (tests/scenario): it raises no alarm, and rebuilds
 * what the applications wrote.
 *
 * Usage: audit-scenarios [--seed N] [--count N] [--from VANTAGE] [--fault FAULT] [--trace]
 *
 * Each scenario is played once.  Its packets go to an auditor as they were seen at the client's
 * link, the server's, at both, and at all links (with what boxes and losses made of them); and
 * with each fault of a capture from one of these places.  A failure prints the line that repeats
 * it.  The last lines say what was given and what was counted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/audit/oracle.h"

enum { FAILURES_MAX = 20 };

struct wanted {
    uint64_t seed, count;
    int vantage, fault; /* -1: all */
    bool prints;
};

struct sum {
    uint64_t scenarios, audits, failed, packets, octets;
    struct plait_audit_counts counts;
};

static void report(const struct scenario *s, enum vantage vantage, enum fault fault,
                   const struct verdict *v)
{
    printf("FAILED: %s: %s (%s%s)\n  repeat with: audit-scenarios --seed %" PRIu64
           " --from %s --fault %s --trace\n",
           v->failure, v->detail, s->excuse ? s->excuse : "no excuse", s->detail, s->seed,
           vantage_name(vantage), fault_name(fault));
}

static void audit(const struct wanted *wanted, const struct scenario *s,
                  const struct recording *recording, enum vantage vantage, enum fault fault,
                  struct sum *sum)
{
    if ((wanted->vantage >= 0 && (int)vantage != wanted->vantage) ||
        (wanted->fault >= 0 && (int)fault != wanted->fault))
        return;
    struct verdict v = audit_scenario(s, recording, vantage, fault, wanted->prints);
    sum->audits++;
    sum->packets += v.packets;
    sum->octets += v.octets;
    for (unsigned i = 0; i < PLAIT_COUNT_COUNT; i++)
        sum->counts.count[i] += v.counts.count[i];
    if (!v.failure)
        return;
    sum->failed++;
    report(s, vantage, fault, &v);
}

static void play(const struct wanted *wanted, uint64_t seed, struct recording *recording,
                 struct sum *sum)
{
    static struct scenario s;
    scenario_draw(&s, seed, false, false);
    recording_start(recording, s.net);
    (void)scenario_play(&s); /* whether hosts do what they should is for tests/scenario */
    sum->scenarios++;
    if (wanted->prints)
        printf("seed %" PRIu64 ", %u paths, %zu packets%s%s%s:%s\n", seed, s.path_count,
               recording->count, s.stripper.ways ? ", stripper" : "", s.excuse ? ", " : "",
               s.excuse ? s.excuse : "", s.detail);
    for (int vantage = 0; vantage < VANTAGES; vantage++)
        audit(wanted, &s, recording, (enum vantage)vantage, WHOLE, sum);
    for (int fault = WHOLE + 1; fault < FAULTS; fault++)
        for (int vantage = 0; vantage < AT_ALL_LINKS; vantage++)
            if (wanted->vantage >= 0 || (seed + (uint64_t)fault) % 3 == (uint64_t)vantage)
                audit(wanted, &s, recording, (enum vantage)vantage, (enum fault)fault, sum);
    scenario_free(&s);
}

static int named(const char *name, const char *(*name_of)(int), int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(name, name_of(i)) == 0)
            return i;
    return -2;
}

static const char *vantage_at(int i)
{
    return vantage_name((enum vantage)i);
}

static const char *fault_at(int i)
{
    return fault_name((enum fault)i);
}

static bool read_arguments(int count, char **arguments, struct wanted *wanted)
{
    *wanted = (struct wanted){.seed = 1, .vantage = -1, .fault = -1};
    for (int i = 1; i < count; i++) {
        bool has_value = i + 1 < count;
        if (strcmp(arguments[i], "--seed") == 0 && has_value) {
            wanted->seed = strtoull(arguments[++i], NULL, 0);
            wanted->count = wanted->count ? wanted->count : 1;
        } else if (strcmp(arguments[i], "--count") == 0 && has_value) {
            wanted->count = strtoull(arguments[++i], NULL, 0);
        } else if (strcmp(arguments[i], "--from") == 0 && has_value) {
            wanted->vantage = named(arguments[++i], vantage_at, VANTAGES);
        } else if (strcmp(arguments[i], "--fault") == 0 && has_value) {
            wanted->fault = named(arguments[++i], fault_at, FAULTS);
        } else if (strcmp(arguments[i], "--trace") == 0) {
            wanted->prints = true;
        } else {
            return false;
        }
    }
    wanted->count = wanted->count ? wanted->count : 300;
    return wanted->vantage != -2 && wanted->fault != -2;
}

int main(int count, char **arguments)
{
    struct wanted wanted;
    if (!read_arguments(count, arguments, &wanted)) {
        fprintf(stderr, "usage: audit-scenarios [--seed N] [--count N] [--from client|server|both|"
                        "all] [--fault none|missing|one-way|snapped|cut|joined] [--trace]\n");
        return 2;
    }
    struct recording recording = {0};
    struct sum sum = {0};
    for (uint64_t i = 0; i < wanted.count && sum.failed < FAILURES_MAX; i++)
        play(&wanted, wanted.seed + i, &recording, &sum);
    recording_free(&recording);
    printf("%" PRIu64 " scenarios, %" PRIu64 " audits, %" PRIu64 " failed; %" PRIu64
           " packets, %" PRIu64 " octets rebuilt\n",
           sum.scenarios, sum.audits, sum.failed, sum.packets, sum.octets);
    for (unsigned i = 0; i < PLAIT_COUNT_COUNT; i++)
        if (sum.counts.count[i])
            printf("%12" PRIu64 " %s\n", sum.counts.count[i],
                   plait_audit_count_text((enum plait_audit_count)i));
    return sum.failed != 0;
}
