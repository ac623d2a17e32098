/* Plays cases of the interoperability matrix, several at a time, each in a sandbox of its own.
 *
 *   interop --list
 *   interop [--case GLOB] [--seed N] [--octets N] [--combinations N] [--large] [--programs]
 *           [--findings] [--control] [--extra] [--offload] [--veth] [--tcpdump] [--jobs N]
 *           [--format text|json] [--keep FOLDER] [--trace]
 *
 * --extra has also what two kernels do beside the matrix; --offload sends super-segments; --veth
 * takes no TUN; --tcpdump captures in the kernels' namespaces and leaves
 * FOLDER/ID.HOST-INTERFACE.pcap.
 *
 * A failure prints why and the line that plays it again, and leaves FOLDER/ID.pcapng.  Exit status
 * 1 if a case failed. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"
#include "live/sandbox.h"
#include "tests/interop/play.h"

enum {
    JOBS_MAX = 16,
    ID_OCTETS = 128,
    NAME_OCTETS = 256,
    REPORT_OCTETS = 16384,
    RUN_LIMIT_S = 180,
    LARGE_LIMIT_S = 900
};

struct options {
    const char *glob, *folder;
    uint64_t seed, octets;
    unsigned combinations, jobs;
    bool list, json, large, programs, findings, control, extra, offload, veth, tcpdump, trace;
};

struct slot {
    struct plait_sandbox sandbox; /* pid 0 = free */
    struct interop_job job;
    char id[ID_OCTETS], capture[NAME_OCTETS], trace[NAME_OCTETS], taps[NAME_OCTETS];
    char report[REPORT_OCTETS];
    size_t used;
    time_t until_s;
    bool late;
};

struct runner {
    const struct options *options;
    struct slot slots[JOBS_MAX];
    unsigned passed, failed, known, absent;
};

/* ---- which cases -------------------------------------------------------------------------------
 */

struct cursor {
    const struct options *options;
    unsigned matrix, large, program, extra, finding, combination;
};

static bool next_of_all(struct cursor *cursor, struct interop_case *c)
{
    const struct options *o = cursor->options;
    if (cursor->matrix < interop_case_count())
        *c = interop_case(cursor->matrix++, o->octets);
    else if (o->large && cursor->large < interop_large_count())
        *c = interop_large(cursor->large++);
    else if (o->programs && cursor->program < interop_program_count())
        *c = interop_program(cursor->program++, o->octets);
    else if (o->extra && cursor->extra < interop_extra_count())
        *c = interop_extra(cursor->extra++, o->octets);
    else if (o->findings && cursor->finding < interop_finding_count())
        *c = interop_finding(cursor->finding++, o->octets);
    else if (cursor->combination < o->combinations)
        *c = interop_combination(o->seed, ++cursor->combination, o->octets);
    else
        return false;
    return true;
}

static bool next_case(struct cursor *cursor, struct interop_case *c, char id[ID_OCTETS])
{
    while (next_of_all(cursor, c)) {
        struct plait_text text = plait_text(id, ID_OCTETS);
        interop_case_id(c, &text);
        c->offload = c->offload || cursor->options->offload;
        c->veth = cursor->options->veth;
        bool is_beside = cursor->extra || cursor->finding; /* asked for by an option of theirs */
        bool is_meant = c->roles != INTEROP_CONTROL || cursor->options->control || is_beside;
        if (is_meant && (!cursor->options->glob || fnmatch(cursor->options->glob, id, 0) == 0))
            return true;
    }
    return false;
}

/* ---- telling -----------------------------------------------------------------------------------
 */

static void rerun_line(const struct options *o, const char *id, char line[NAME_OCTETS])
{
    struct plait_text text = plait_text(line, NAME_OCTETS);
    plait_text_add(&text, "tests/interop/interop --case '%s' --seed %llu --octets %llu", id,
                   (unsigned long long)o->seed, (unsigned long long)o->octets);
    if (o->combinations)
        plait_text_add(&text, " --combinations %u", o->combinations);
    if (o->large)
        plait_text_add(&text, " --large");
    if (o->programs)
        plait_text_add(&text, " --programs");
    if (o->control)
        plait_text_add(&text, " --control");
    if (o->extra)
        plait_text_add(&text, " --extra");
    if (o->offload)
        plait_text_add(&text, " --offload");
    if (o->veth)
        plait_text_add(&text, " --veth");
    if (o->tcpdump)
        plait_text_add(&text, " --tcpdump");
}

static void tell_text(const struct options *o, const char *id, const json_t *result,
                      const char *status)
{
    char line[NAME_OCTETS];
    const char *why = json_string_value(json_object_get(result, "why"));
    if (strcmp(status, "passed") == 0) {
        const json_t *subflows = json_object_get(result, "subflows");
        printf("passed %-44s %6lld ms %8.1f Mbit/s, %lld and %lld subflows\n", id,
               json_integer_value(json_object_get(result, "ms")),
               json_real_value(json_object_get(result, "mbit_per_s")),
               json_integer_value(json_array_get(subflows, 0)),
               json_integer_value(json_array_get(subflows, 1)));
        return;
    }
    printf("%s %-44s %s\n", status, id, why ? why : "");
    if (strcmp(status, "failed") == 0) {
        rerun_line(o, id, line);
        printf("       %s\n", line);
    }
}

static void tell(struct runner *runner, const struct interop_case *c, const char *id,
                 json_t *result, const char *status)
{
    const struct options *o = runner->options;
    char line[NAME_OCTETS], settings[NAME_OCTETS];
    struct plait_text text = plait_text(settings, sizeof settings);
    rerun_line(o, id, line);
    interop_case_settings(c, &text);
    json_object_set_new(result, "settings", json_string(settings));
    json_object_set_new(result, "number", json_integer(c->number));
    json_object_set_new(result, "id", json_string(id));
    json_object_set_new(result, "row", json_string(c->row));
    json_object_set_new(result, "dials",
                        json_string(c->roles == INTEROP_KERNEL_DIALS  ? "kernel"
                                    : c->roles == INTEROP_PLAIT_DIALS ? "plait"
                                                                      : "control"));
    json_object_set_new(result, "family", json_integer(c->family));
    json_object_set_new(result, "paths", json_integer(c->paths));
    json_object_set_new(result, "octets", json_integer((json_int_t)c->octets[0]));
    json_object_set_new(result, "seed", json_integer((json_int_t)o->seed));
    json_object_set_new(result, "status", json_string(status));
    json_object_set_new(result, "rerun", json_string(line));
    if (o->json) {
        json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(4));
        putchar('\n');
    } else {
        tell_text(o, id, result, status);
    }
    fflush(stdout);
    json_decref(result);
}

/* ---- a run's life ------------------------------------------------------------------------------
 */

static void name_file(char name[NAME_OCTETS], const char *folder, const char *id,
                      const char *extension)
{
    struct plait_text text = plait_text(name, NAME_OCTETS);
    plait_text_add(&text, "%s/", folder);
    size_t from = text.length;
    plait_text_add(&text, "%s%s", id, extension);
    for (char *at = name + from; *at; at++)
        *at = *at == '/' ? '_' : *at;
}

static void start(struct runner *runner, struct slot *slot, const struct interop_case *c,
                  const char *id)
{
    const struct options *o = runner->options;
    *slot = (struct slot){.job = {.c = *c, .seed = o->seed, .folder = o->folder}};
    snprintf(slot->id, sizeof slot->id, "%s", id);
    name_file(slot->capture, o->folder, id, ".pcapng");
    slot->job.capture = slot->capture;
    if (o->trace) {
        name_file(slot->trace, o->folder, id, ".trace");
        slot->job.trace = slot->trace;
    }
    if (o->tcpdump) {
        name_file(slot->taps, o->folder, id, "");
        slot->job.taps = slot->taps;
    }
    slot->until_s = time(NULL) + (c->offload ? LARGE_LIMIT_S : RUN_LIMIT_S);
    plait_result started = plait_sandbox_start(
        &slot->sandbox, c->program ? interop_play_program : interop_play, &slot->job);
    if (!plait_ok(started)) {
        slot->sandbox.pid = 0;
        runner->failed++;
        tell(runner, c, id,
             json_pack("{s:s,s:s}", "why", "the sandbox could not be started", "reason",
                       plait_reason_name(started.reason)),
             "failed");
        return;
    }
    fcntl(slot->sandbox.report_fd, F_SETFL, O_NONBLOCK);
}

static json_t *dead_report(const struct slot *slot, int status)
{
    char why[96];
    if (slot->late)
        snprintf(why, sizeof why, "the run took too long and was ended");
    else if (status >= 0 && WIFSIGNALED(status))
        snprintf(why, sizeof why, "the run died by signal %d", WTERMSIG(status));
    else
        snprintf(why, sizeof why, "the run ended with status %d and without a report",
                 WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return json_pack("{s:b,s:s}", "ok", 0, "why", why);
}

static void finish(struct runner *runner, struct slot *slot)
{
    int status = plait_sandbox_wait(&slot->sandbox);
    close(slot->sandbox.report_fd);
    json_t *result = json_loadb(slot->report, slot->used, 0, NULL);
    if (!result || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        json_decref(result);
        result = dead_report(slot, status);
    }
    bool passed = json_is_true(json_object_get(result, "ok"));
    const char *why = json_string_value(json_object_get(result, "why"));
    bool is_known = !passed && slot->job.c.known && why && strstr(why, "stalls");
    runner->passed += passed;
    runner->known += is_known;
    runner->failed += !passed && !is_known;
    if (is_known)
        json_object_set_new(result, "known", json_string(slot->job.c.known));
    if ((passed || is_known) && !runner->options->trace) {
        unlink(slot->capture);
    } else if (!slot->job.c.offload) {
        json_object_set_new(result, "capture", json_string(slot->capture));
    }
    tell(runner, &slot->job.c, slot->id, result, passed ? "passed" : is_known ? "known" : "failed");
    slot->sandbox.pid = 0;
}

/* True while the run has not hung up. */
static bool hear(struct slot *slot)
{
    ssize_t length =
        read(slot->sandbox.report_fd, slot->report + slot->used, sizeof slot->report - slot->used);
    if (length > 0)
        slot->used += (size_t)length;
    return length > 0 || (length < 0 && (errno == EAGAIN || errno == EINTR));
}

static void attend(struct runner *runner)
{
    struct pollfd fds[JOBS_MAX];
    for (unsigned i = 0; i < runner->options->jobs; i++) {
        const struct slot *slot = &runner->slots[i];
        fds[i] = (struct pollfd){slot->sandbox.pid > 0 ? slot->sandbox.report_fd : -1, POLLIN, 0};
    }
    (void)poll(fds, runner->options->jobs, 1000);
    for (unsigned i = 0; i < runner->options->jobs; i++) {
        struct slot *slot = &runner->slots[i];
        if (slot->sandbox.pid <= 0)
            continue;
        if (time(NULL) > slot->until_s) {
            slot->late = true;
            plait_sandbox_kill(&slot->sandbox);
            finish(runner, slot);
        } else if (fds[i].revents && !hear(slot)) {
            finish(runner, slot);
        }
    }
}

static struct slot *free_slot(struct runner *runner)
{
    for (unsigned i = 0; i < runner->options->jobs; i++)
        if (runner->slots[i].sandbox.pid <= 0)
            return &runner->slots[i];
    return NULL;
}

static bool is_busy(const struct runner *runner)
{
    for (unsigned i = 0; i < runner->options->jobs; i++)
        if (runner->slots[i].sandbox.pid > 0)
            return true;
    return false;
}

static void run_all(struct runner *runner)
{
    struct cursor cursor = {.options = runner->options};
    struct interop_case c;
    char id[ID_OCTETS];
    while (next_case(&cursor, &c, id)) {
        if (c.absent) {
            runner->absent++;
            tell(runner, &c, id, json_pack("{s:s}", "why", c.absent), "absent");
            continue;
        }
        struct slot *slot;
        while (!(slot = free_slot(runner)))
            attend(runner);
        start(runner, slot, &c, id);
    }
    while (is_busy(runner))
        attend(runner);
}

/* ---- options -----------------------------------------------------------------------------------
 */

static int usage(const char *what)
{
    fprintf(stderr,
            "interop: %s\nusage: interop [--list] [--case GLOB] [--seed N] [--octets N] "
            "[--combinations N] [--large] [--programs] [--findings] [--control] [--extra] "
            "[--offload] [--veth] [--tcpdump] [--jobs N] [--format text|json] [--keep FOLDER] "
            "[--trace]\n",
            what);
    return 2;
}

static bool read_flag(struct options *o, const char *word)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"--list", &o->list},         {"--large", &o->large},
                 {"--programs", &o->programs}, {"--findings", &o->findings},
                 {"--control", &o->control},   {"--trace", &o->trace},
                 {"--extra", &o->extra},       {"--offload", &o->offload},
                 {"--veth", &o->veth},         {"--tcpdump", &o->tcpdump}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(flags[i].name, word) == 0)
            return *flags[i].flag = true;
    return false;
}

static bool read_value(struct options *o, const char *word, const char *value)
{
    char *end = NULL;
    unsigned long long number = strtoull(value, &end, 0);
    bool is_number = *value && !*end;
    if (strcmp(word, "--case") == 0)
        o->glob = value;
    else if (strcmp(word, "--keep") == 0)
        o->folder = value;
    else if (strcmp(word, "--format") == 0)
        o->json = strcmp(value, "json") == 0;
    else if (!is_number)
        return false;
    else if (strcmp(word, "--seed") == 0)
        o->seed = number;
    else if (strcmp(word, "--octets") == 0)
        o->octets = number;
    else if (strcmp(word, "--combinations") == 0)
        o->combinations = (unsigned)number;
    else if (strcmp(word, "--jobs") == 0)
        o->jobs = number < 1 ? 1 : number > JOBS_MAX ? JOBS_MAX : (unsigned)number;
    else
        return false;
    return true;
}

static int list_cases(const struct options *o)
{
    struct cursor cursor = {.options = o};
    struct interop_case c;
    char id[ID_OCTETS];
    while (next_case(&cursor, &c, id))
        printf("%s%s%s\n", id, c.absent ? "  absent: " : "", c.absent ? c.absent : "");
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {.seed = 1, .octets = 10000000, .jobs = 2, .folder = "interop-captures"};
    for (int i = 1; i < argc; i++) {
        if (read_flag(&o, argv[i]))
            continue;
        if (i + 1 >= argc || !read_value(&o, argv[i], argv[i + 1]))
            return usage(argv[i]);
        i++;
    }
    if (o.list)
        return list_cases(&o);
    if (mkdir(o.folder, 0777) != 0 && errno != EEXIST)
        return usage("the folder for captures cannot be made");
    static struct runner runner;
    runner.options = &o;
    run_all(&runner);
    (void)rmdir(o.folder); /* if nothing was kept */
    fprintf(stderr, "%u passed, %u failed, %u where the kernel fails, %u cells that cannot be\n",
            runner.passed, runner.failed, runner.known, runner.absent);
    return runner.failed ? 1 : 0;
}
