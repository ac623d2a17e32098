/* lab/runner.c: a pool of sandboxes and workers, and a memory of their reports. */
#include "lab/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"
#include "io/system_error.h"
#include "lab/letter.h"
#include "live/sandbox.h"
#include "live/worker.h"

enum { JOBS_MAX = 64, RUN_LIMIT_S = 60, REPORT_MAX_OCTETS = 64 * 1024 * 1024 };
enum { WORKERS_PER_CORE = 2 }; /* they only compute: twice what can, so that no core is idle */

/* How often it was made again because the machine was late, and by how much at worst. */
struct late {
    unsigned repeats;
    plait_time_ns worst_ns;
};

struct job {
    bool used;
    struct plait_sandbox sandbox; /* the pid is the worker's, if a worker plays it */
    struct plait_scenario scenario;
    char *key;
    bool alone, too_long; /* ended by us, because it took too long */
    struct late late;
    char *text;
    size_t length, room;
    time_t started_s;
};

struct waiting {
    struct plait_scenario scenario;
    char *key, *name;
    bool alone; /* suspected of a splat, or late again and again: nothing else runs beside it */
    struct late late;
    struct waiting *next;
};

struct plait_runner {
    unsigned jobs, running, done, limit_s;
    struct plait_splat_watch *watch;
    pid_t leaving[JOBS_MAX]; /* reported, but the kernel still takes their devices away */
    unsigned leaving_count;
    struct job job[JOBS_MAX];
    unsigned worker_count;                 /* of runs in virtual time: 0 until there is one */
    struct plait_worker workers[JOBS_MAX]; /* by job */
    struct waiting *first, **last;
    json_t *slots;    /* key -> number of its place in REPORTS */
    json_t **reports; /* NULL while it waits or runs */
    size_t report_count, report_room;
    size_t missed;                   /* the place that the last need found empty */
    const char *splat;               /* of a report given out */
    struct plait_lateness all, told; /* of every run; of the reports given out */
    char current[160];
};

struct plait_runner *plait_runner_new(unsigned jobs, struct plait_splat_watch *watch)
{
    struct plait_runner *runner = calloc(1, sizeof *runner);
    PLAIT_CHECK(runner);
    runner->jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
    runner->limit_s = RUN_LIMIT_S;
    runner->watch = watch;
    runner->last = &runner->first;
    runner->slots = json_object();
    return runner;
}

static const char *digest_of(const json_t *schedule)
{
    const char *digest = json_string_value(json_object_get(schedule, "digest"));
    return digest ? digest : "?";
}

/* A net and traffic of the user's; of the lab's own nothing. */
static void print_net(const struct plait_scenario *s, char *net, size_t room_octets)
{
    struct plait_text text = plait_text(net, room_octets);
    if (s->topology.path_count)
        plait_topology_print(&s->topology, &text);
    if (s->traffic.is_given)
        plait_workload_print(&s->traffic, &text);
}

/* Everything that makes two runs differ; the capture's name is not part of it. */
static char *key_of(const struct plait_scenario *s, unsigned repeat)
{
    char *key = NULL;
    const struct plait_edges *e = &s->edges;
    const char *digest = s->schedule ? digest_of(s->schedule) : "-";
    char net[PLAIT_TOPOLOGY_OCTETS] = "";
    print_net(s, net, sizeof net);
    int n = asprintf(
        &key,
        "%s/%s/%s/%d/%d/%d/%d/%d/%d/%d%d/%d/%u/%u/%lld/%lld/%lld/%llx/%d/%d%d%d%d%d/%d.%d.%d.%d%d/"
        "%s/"
        "%lld,%lld,%lld,%lld,%lld,%lld,%u,%u,%u/%d/%d%d%d%d%u/%d%d/%s/%u",
        s->script_id, s->form, s->position ? s->position->name : "-", s->spoofing, s->victim,
        s->workload, s->family, s->protocol, s->policy, s->target[0], s->target[1], (int)s->grants,
        s->paths, s->dialled, (long long)s->away_ns, (long long)s->watch_ns,
        (long long)s->control_ns, (unsigned long long)s->seed, s->device, s->mptcp_off,
        s->wrong_mac, s->drop_attack, s->crash + 2 * s->eager, s->brief, s->boxes[0], s->boxes[1],
        s->boxes[2], s->lone_start, s->checksum, digest, (long long)e->seq_beyond_window,
        (long long)e->ack_below_window, (long long)e->ack_below_acked, (long long)e->reset_span,
        (long long)e->dsn_beyond_window, (long long)e->data_fin_span, e->port_first, e->port_step,
        e->port_count, s->strangers, s->arrives, s->basic.needs_number, s->basic.inherit_window,
        s->basic.reset_ends_connection, s->basic.nonce_zero_bits, s->distance, s->narrow, net,
        repeat);
    PLAIT_CHECK(n > 0);
    return key;
}

/* ---- starting ----------------------------------------------------------------------------- */

static json_t **report_at(const struct plait_runner *runner, const char *key)
{
    const json_t *slot = json_object_get(runner->slots, key);
    return slot ? &runner->reports[json_integer_value(slot)] : NULL;
}

static void add_slot(struct plait_runner *runner, const char *key)
{
    if (runner->report_count == runner->report_room) {
        runner->report_room = runner->report_room ? 2 * runner->report_room : 256;
        runner->reports = realloc(runner->reports, runner->report_room * sizeof *runner->reports);
        PLAIT_CHECK(runner->reports);
    }
    json_object_set_new(runner->slots, key, json_integer((json_int_t)runner->report_count));
    runner->reports[runner->report_count++] = NULL;
}

static void failed_report(struct plait_runner *runner, const char *key, const char *error)
{
    *report_at(runner, key) = json_pack("{s:s}", "error", error);
    runner->done++;
}

static bool is_virtual(const struct job *job)
{
    return plait_scenario_is_virtual(&job->scenario);
}

/* All at once, while this process is light: a child costs what its parent weighs. */
static plait_result start_workers(struct plait_runner *runner)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned most = WORKERS_PER_CORE * (cores < 1 ? 1 : (unsigned)cores);
    unsigned wanted = runner->jobs < most ? runner->jobs : most;
    while (runner->worker_count < wanted) {
        struct plait_worker *worker = &runner->workers[runner->worker_count];
        PLAIT_TRY(plait_worker_start(worker, plait_letter_run));
        runner->worker_count++;
    }
    return PLAIT_OK;
}

static plait_result play(const struct plait_worker *worker, struct job *job)
{
    const char *capture = job->scenario.capture;
    int file_fd = capture ? open(capture, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (capture && file_fd < 0)
        return plait_errno_result(errno);
    size_t length_octets;
    void *letter = plait_letter_write(&job->scenario, &length_octets);
    plait_result asked =
        plait_worker_play(worker, letter, length_octets, file_fd, &job->sandbox.report_fd);
    job->sandbox.pid = worker->pid;
    free(letter);
    if (file_fd >= 0)
        close(file_fd);
    return asked;
}

/* A run in virtual time needs no sandbox of namespaces. */
static plait_result start_process(struct plait_runner *runner, struct job *job)
{
    if (!is_virtual(job))
        return plait_sandbox_start(&job->sandbox, plait_run_body, &job->scenario);
    struct plait_worker *worker = &runner->workers[job - runner->job];
    if (worker->pid < 0) /* a run broke it */
        PLAIT_TRY(plait_worker_start(worker, plait_letter_run));
    plait_result asked = play(worker, job);
    if (asked.reason == PLAIT_REASON_SYSTEM) /* it is gone: another will take its place */
        plait_worker_kill(worker);
    return asked;
}

static void start(struct plait_runner *runner, struct job *job, struct waiting *waiting)
{
    *job = (struct job){.used = true,
                        .scenario = waiting->scenario,
                        .key = waiting->key,
                        .alone = waiting->alone,
                        .late = waiting->late,
                        .started_s = time(NULL)};
    snprintf(runner->current, sizeof runner->current, "%s", waiting->name);
    plait_result started = start_process(runner, job);
    if (!plait_ok(started)) {
        char error[700];
        const char *capture = job->scenario.capture;
        snprintf(error, sizeof error, "the run could not be started%s%s: %s",
                 capture ? ", capture " : "", capture ? capture : "",
                 plait_reason_text(started.reason));
        failed_report(runner, job->key, error);
        free(job->key);
        job->used = false;
        return;
    }
    fcntl(job->sandbox.report_fd, F_SETFL, O_NONBLOCK);
    runner->running++;
}

static bool one_runs_alone(const struct plait_runner *runner)
{
    for (unsigned i = 0; i < runner->jobs; i++)
        if (runner->job[i].used && runner->job[i].alone)
            return true;
    return false;
}

/* 0 if nothing waits. */
static unsigned places_for_first(struct plait_runner *runner)
{
    if (!runner->first || !plait_scenario_is_virtual(&runner->first->scenario))
        return runner->first ? runner->jobs : 0;
    if (runner->worker_count == 0 && !plait_ok(start_workers(runner)))
        plait_panic("lab: no process can be started", "%s", strerror(errno));
    return runner->worker_count;
}

static void start_what_fits(struct plait_runner *runner)
{
    for (unsigned i = 0; i < places_for_first(runner); i++) {
        if (runner->job[i].used)
            continue;
        if (one_runs_alone(runner) || (runner->first->alone && runner->running))
            return;
        struct waiting *waiting = runner->first;
        runner->first = waiting->next;
        if (!runner->first)
            runner->last = &runner->first;
        start(runner, &runner->job[i], waiting);
        free(waiting->name);
        free(waiting);
    }
}

static void add_lateness(struct plait_lateness *sum, struct late late)
{
    sum->repeated_runs += late.repeats > 0;
    sum->repeats += late.repeats;
    if (late.worst_ns > sum->worst_ns)
        sum->worst_ns = late.worst_ns;
}

/* As a report holds it; of one that died before it could say, nothing is known. */
static struct late late_of(const json_t *report)
{
    return (struct late){
        (unsigned)json_integer_value(json_object_get(report, "late_repeats")),
        json_integer_value(json_object_get(report, "lateness_ns")),
    };
}

static const json_t *give_out(struct plait_runner *runner, json_t *const *place)
{
    const json_t *report = *place;
    if (!report)
        runner->missed = (size_t)(place - runner->reports);
    const char *error = json_string_value(json_object_get(report, "error"));
    if (error && strncmp(error, "splat: ", 7) == 0)
        runner->splat = error;
    add_lateness(&runner->told, late_of(report));
    return report;
}

/* NULL while there is none. */
static const json_t *ended_report(struct plait_runner *runner,
                                  const struct plait_scenario *scenario, unsigned repeat)
{
    char *key = key_of(scenario, repeat);
    json_t *const *place = report_at(runner, key);
    free(key);
    return give_out(runner, place);
}

size_t plait_runner_missed(const struct plait_runner *runner)
{
    return runner->missed;
}

bool plait_runner_has(const struct plait_runner *runner, size_t missed)
{
    return runner->reports[missed] != NULL;
}

const json_t *plait_runner_need(struct plait_runner *runner, const struct plait_scenario *scenario,
                                unsigned repeat, const char *name)
{
    char *key = key_of(scenario, repeat);
    json_t *const *place = report_at(runner, key);
    if (place) {
        free(key);
        return give_out(runner, place);
    }
    add_slot(runner, key);
    struct waiting *waiting = calloc(1, sizeof *waiting);
    PLAIT_CHECK(waiting);
    *waiting = (struct waiting){.scenario = *scenario, .key = key, .name = strdup(name)};
    *runner->last = waiting;
    runner->last = &waiting->next;
    start_what_fits(runner);
    return ended_report(runner, scenario, repeat); /* it may have failed to start */
}

/* ---- ending ------------------------------------------------------------------------------- */

static void forget(struct plait_runner *runner, struct job *job)
{
    free(job->text);
    free(job->key);
    job->used = false;
    runner->running--;
}

static struct waiting *once_more(const struct job *job)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    PLAIT_CHECK(waiting);
    *waiting = (struct waiting){.scenario = job->scenario,
                                .key = strdup(job->key),
                                .name = strdup(job->scenario.script_id),
                                .alone = job->alone,
                                .late = job->late};
    return waiting;
}

/* Back to the head of the queue, to be run alone. */
static void suspect(struct plait_runner *runner, const struct job *job)
{
    struct waiting *waiting = once_more(job);
    waiting->alone = true;
    waiting->next = runner->first;
    if (!runner->first)
        runner->last = &waiting->next;
    runner->first = waiting;
}

/* Runs that are the kernel's affair. */
static bool is_live(const struct job *job)
{
    return job->used && !is_virtual(job);
}

static void condemn_live(struct plait_runner *runner)
{
    for (unsigned i = 0; i < runner->jobs; i++) /* all at once: each takes a while to be gone */
        if (is_live(&runner->job[i]))
            plait_sandbox_condemn(&runner->job[i].sandbox);
}

static void suspect_all(struct plait_runner *runner)
{
    condemn_live(runner);
    for (unsigned i = 0; i < runner->jobs; i++) {
        struct job *job = &runner->job[i];
        if (!is_live(job))
            continue;
        suspect(runner, job);
        plait_sandbox_kill(&job->sandbox);
        close(job->sandbox.report_fd);
        forget(runner, job);
    }
}

/* ---- leaving: a run that has reported needs no slot any more ------------------------------ */

/* The child that has ended, or 0.  A signal to us ends no wait: who waits for a run to be gone
 * would else leave it behind. */
static pid_t wait_for(pid_t pid, int *status, int options)
{
    pid_t ended;
    do
        ended = waitpid(pid, status, options);
    while (ended < 0 && errno == EINTR);
    return ended;
}

static void reap(struct plait_runner *runner, int options)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < runner->leaving_count; i++)
        if (wait_for(runner->leaving[i], NULL, options) == 0)
            runner->leaving[kept++] = runner->leaving[i];
    runner->leaving_count = kept;
}

static void leave(struct plait_runner *runner, pid_t pid)
{
    if (runner->leaving_count == JOBS_MAX)
        reap(runner, 0);
    runner->leaving[runner->leaving_count++] = pid;
}

/* Of one that wrote no whole report: its process ends now, if it has not ended itself. */
static int status_of_end(struct plait_runner *runner, const struct job *job)
{
    int status = 0;
    if (is_virtual(job))
        return plait_worker_end(&runner->workers[job - runner->job]);
    return wait_for(job->sandbox.pid, &status, 0) < 0 ? 0 : status;
}

/* How a run died that wrote no whole report is its report. */
static json_t *report_of(struct plait_runner *runner, const struct job *job)
{
    json_error_t error;
    json_t *report = job->text ? json_loadb(job->text, job->length, 0, &error) : NULL;
    if (report && !is_virtual(job))
        leave(runner, job->sandbox.pid);
    if (report)
        return report;
    int status = status_of_end(runner, job);
    char text[160];
    if (job->too_long)
        snprintf(text, sizeof text, "the run was ended: it took too long");
    else if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "the run died: %s", strsignal(WTERMSIG(status)));
    else
        snprintf(text, sizeof text, "the run ended with status %d and no report",
                 WEXITSTATUS(status));
    return json_pack("{s:s}", "error", text);
}

/* ---- a late machine: never a verdict, and never a repeat in silence ------------------------ */

/* To the tail of the queue; the last time alone, when our own runs cannot be what holds it up. */
static void repeat_late(struct plait_runner *runner, const struct job *job)
{
    struct waiting *waiting = once_more(job);
    waiting->late.repeats++;
    waiting->alone = job->alone || waiting->late.repeats == PLAIT_LATE_REPEATS_MAX;
    *runner->last = waiting;
    runner->last = &waiting->next;
}

/* True if the run is made again.  What is kept says how often it was, or that it is no use. */
static bool was_too_late(struct plait_runner *runner, struct job *job, json_t *report)
{
    char text[160];
    plait_time_ns lateness_ns = late_of(report).worst_ns;
    bool is_late = lateness_ns > PLAIT_LATE_LIMIT_MS * PLAIT_MS;
    if (lateness_ns > job->late.worst_ns)
        job->late.worst_ns = lateness_ns;
    if (is_late && job->late.repeats < PLAIT_LATE_REPEATS_MAX) {
        repeat_late(runner, job);
        return true;
    }
    if (is_late) {
        snprintf(text, sizeof text, "the machine was late, each of %u times, by up to %.0f ms",
                 job->late.repeats + 1, (double)job->late.worst_ns / PLAIT_MS);
        json_object_set_new(report, "error", json_string(text));
    }
    json_object_set_new(report, "late_repeats", json_integer(job->late.repeats));
    json_object_set_new(report, "lateness_ns", json_integer(job->late.worst_ns));
    add_lateness(&runner->all, job->late);
    return false;
}

static void end(struct plait_runner *runner, struct job *job)
{
    char line[200], text[256];
    bool splat =
        runner->watch && !is_virtual(job) && plait_splat_seen(runner->watch, line, sizeof line);
    if (splat && !job->alone) {
        suspect_all(runner);
        return;
    }
    close(job->sandbox.report_fd);
    json_t *report = report_of(runner, job);
    if (!splat && was_too_late(runner, job, report)) {
        json_decref(report);
        forget(runner, job);
        return;
    }
    if (splat) {
        snprintf(text, sizeof text, "splat: %s", line);
        json_object_set_new(report, "error", json_string(text));
    }
    *report_at(runner, job->key) = report;
    runner->done++;
    forget(runner, job);
}

/* True at the end of the report. */
static bool take(struct job *job)
{
    for (;;) {
        if (job->room - job->length < 65536) {
            job->room = job->room ? 2 * job->room : 131072;
            job->text = realloc(job->text, job->room);
            PLAIT_CHECK(job->text && job->room <= REPORT_MAX_OCTETS);
        }
        ssize_t n = read(job->sandbox.report_fd, job->text + job->length, job->room - job->length);
        if (n < 0)
            return errno != EAGAIN && errno != EINTR;
        if (n == 0)
            return true;
        job->length += (size_t)n;
    }
}

/* Far more than a run needs, on a machine that is busy with others. */
static time_t limit_of(const struct plait_runner *runner, const struct plait_scenario *scenario)
{
    return runner->limit_s +
           (scenario->away_ns + scenario->watch_ns + scenario->control_ns) / PLAIT_S +
           (scenario->arrives ? PLAIT_ARRIVAL_S : 0);
}

bool plait_runner_wait(struct plait_runner *runner, int timeout_ms)
{
    struct pollfd fds[JOBS_MAX];
    struct job *of[JOBS_MAX];
    nfds_t count = 0;
    for (unsigned i = 0; i < runner->jobs; i++) {
        struct job *job = &runner->job[i];
        if (!job->used)
            continue;
        if (time(NULL) - job->started_s > limit_of(runner, &job->scenario)) {
            job->too_long = true;
            kill(job->sandbox.pid, SIGKILL); /* its report then ends */
        }
        fds[count] = (struct pollfd){.fd = job->sandbox.report_fd, .events = POLLIN};
        of[count++] = job;
    }
    if (count == 0)
        return false;
    if (poll(fds, count, timeout_ms) > 0)
        for (nfds_t i = 0; i < count; i++)
            if (of[i]->used && fds[i].revents && take(of[i]))
                end(runner, of[i]);
    reap(runner, WNOHANG);
    start_what_fits(runner);
    return true;
}

void plait_runner_set_limit(struct plait_runner *runner, unsigned limit_s)
{
    runner->limit_s = limit_s;
}

const char *plait_runner_splat(struct plait_runner *runner)
{
    const char *splat = runner->splat;
    runner->splat = NULL;
    return splat;
}

struct plait_lateness plait_runner_told_lateness(struct plait_runner *runner)
{
    struct plait_lateness told = runner->told;
    runner->told = (struct plait_lateness){0};
    return told;
}

struct plait_lateness plait_runner_lateness(const struct plait_runner *runner)
{
    return runner->all;
}

unsigned plait_runner_done(const struct plait_runner *runner)
{
    return runner->done;
}

unsigned plait_runner_running(const struct plait_runner *runner)
{
    return runner->running;
}

const char *plait_runner_current(const struct plait_runner *runner)
{
    return runner->current;
}

void plait_runner_free(struct plait_runner *runner)
{
    condemn_live(runner);
    reap(runner, 0);
    for (unsigned i = 0; i < runner->worker_count; i++)
        plait_worker_kill(&runner->workers[i]);
    for (unsigned i = 0; i < runner->jobs; i++) {
        if (!runner->job[i].used)
            continue;
        if (is_live(&runner->job[i]))
            plait_sandbox_kill(&runner->job[i].sandbox);
        close(runner->job[i].sandbox.report_fd);
        free(runner->job[i].text);
        free(runner->job[i].key);
    }
    while (runner->first) {
        struct waiting *waiting = runner->first;
        runner->first = waiting->next;
        free(waiting->key);
        free(waiting->name);
        free(waiting);
    }
    for (size_t i = 0; i < runner->report_count; i++)
        json_decref(runner->reports[i]);
    free(runner->reports);
    json_decref(runner->slots);
    free(runner);
}
