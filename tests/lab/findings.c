/* tests/lab/findings.c: see findings.h. */
#include "tests/lab/findings.h"

#include "lab/machine_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

enum { TEXT_OCTETS = 256, TRANSFER_LIMIT_MS = 2000, STEP_MS = 10 };

/* NULL unless captures are kept. */
static const char *capture_of(const char *id)
{
    static char path[512]; /* one run at a time */
    const char *folder = getenv("PLAIT_KEEP_CAPTURES");
    if (!id || !folder || !folder[0])
        return NULL;
    snprintf(path, sizeof path, "%s/%s.pcapng", folder, id);
    return path;
}

struct plait_scenario finding_scenario(const char *id, plait_script script, const char *position)
{
    struct plait_scenario s = ts_2_scenario();
    s.script_id = id ? id : "finding";
    s.form = "-";
    s.script = script;
    s.position = plait_position(position);
    s.spoofing = s.position->may_spoof;
    s.workload = PLAIT_IDLE;
    s.away_ns = 0;
    s.watch_ns = 10 * PLAIT_MS;
    s.capture = capture_of(id);
    return s;
}

/* ---- saying ---------------------------------------------------------------------------------- */

void say(struct plait_attack *a, const char *what, const char *format, ...)
{
    char seen[TEXT_OCTETS], line[2 * TEXT_OCTETS];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(seen, sizeof seen, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "%s: %s", what, seen);
    plait_step(a, line);
}

const char *said(const json_t *report, const char *what)
{
    size_t length = strlen(what), i;
    json_t *step;
    json_array_foreach(at(report, "steps"), i, step)
    {
        const char *text = text_at(step, "text");
        if (strncmp(text, what, length) == 0 && strncmp(text + length, ": ", 2) == 0)
            return text + length + 2;
    }
    return "";
}

/* ---- holding against what is stated ---------------------------------------------------------- */

static bool is_stated_kernel(char *release, size_t room_octets)
{
    struct utsname uts;
    assert_int_equal(uname(&uts), 0);
    snprintf(release, room_octets, "%.60s", uts.release);
    return strncmp(uts.release, FINDINGS_KERNEL, strlen(FINDINGS_KERNEL)) == 0;
}

/* True if SEEN is what is STATED; otherwise that is said, and on the stated release fails. */
static bool agrees(const char *what, const char *seen, const char *stated)
{
    char release[64];
    if (strcmp(seen, stated) == 0)
        return true;
    bool is_stated = is_stated_kernel(release, sizeof release);
    print_message("linux %s: %s: \"%s\", docs/FINDINGS.md states \"%s\" of linux %s*\n", release,
                  what, seen, stated, FINDINGS_KERNEL);
    if (is_stated)
        fail();
    return false;
}

void expect_seen(const char *what, const char *seen, const char *stated)
{
    if (!agrees(what, seen, stated))
        skip();
}

static void print_measured(const json_t *report)
{
    size_t i;
    json_t *step;
    json_array_foreach(at(report, "steps"), i, step)
    {
        if (strncmp(text_at(step, "text"), "measured: ", 10) == 0)
            print_message("%s\n", text_at(step, "text"));
    }
}

void expect_said(const struct plait_scenario *scenario, const struct statement *list)
{
    json_t *report = report_of(scenario);
    assert_whole(report);
    print_measured(report);
    bool all = true;
    for (; list->what; list++)
        all = agrees(list->what, said(report, list->what), list->seen) && all;
    json_decref(report);
    if (!all)
        skip();
}

/* ---- words for scripts ----------------------------------------------------------------------- */

int64_t counter_of(const struct plait_attack *a, enum plait_side side, const char *name)
{
    static struct plait_counters counters; /* large; one run is one process */
    if (!plait_ok(
            plait_live_counters(plait_machine_live_host(a->world->ends[side].host), &counters)))
        return -1;
    return plait_counter_value(&counters, name);
}

void ask_to_write(struct plait_attack *a, enum plait_side side, int64_t octets)
{
    char answer[128];
    const struct plait_end *end = &a->world->ends[side];
    if (!plait_ok(plait_end_ask(end->host, answer, sizeof answer, "send %s %lld", end->socket,
                                (long long)octets)))
        plait_fault(a, "send: %s", answer);
}

int64_t write_from(struct plait_attack *a, enum plait_side side, int64_t octets)
{
    enum plait_side reader = plait_other(side);
    int64_t before = plait_world_stat(a->world, reader, "received"), got = 0;
    ask_to_write(a, side, octets);
    for (int ms = 0; got < octets && ms < TRANSFER_LIMIT_MS; ms += STEP_MS) {
        plait_pause(a, STEP_MS * PLAIT_MS);
        got = plait_world_stat(a->world, reader, "received") - before;
    }
    return got;
}

plait_script script_of_baseline(const char *id, enum plait_goal goal)
{
    for (size_t i = 0; i < plait_baseline_count; i++)
        if (strcmp(plait_baselines[i].id, id) == 0 && (plait_baselines[i].goals >> goal & 1))
            return plait_baselines[i].script;
    fail_msg("no %s", id);
    return NULL;
}
