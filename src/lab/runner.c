/* lab/runner.c: a pool of sandboxes and workers, and what waits for them.
 *
 * There are two lanes.  What is asked to wait for minutes of wall time needs next to nothing of the
 * machine: it takes no place of what works, and the longest begin first, so that none is begun when
 * all others have ended. */
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

enum {
    JOBS_MAX = 256, /* as many as --jobs may say */
    PATIENT_MAX = 256,
    PLACES_MAX = JOBS_MAX + PATIENT_MAX,
    RUN_LIMIT_S = 60,
    REPORT_MAX_OCTETS = 64 * 1024 * 1024
};
enum { PATIENT_PER_JOB = 4 };
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
    struct plait_asked *run;
    bool alone, too_long; /* ended by us, because it took too long */
    struct late late;
    char *text;
    size_t length, room;
    time_t started_s;
};

struct waiting {
    struct plait_scenario scenario;
    struct plait_asked *run;
    char *name;
    bool alone; /* suspected of a splat, or late again and again: nothing else runs beside it */
    struct late late;
    struct waiting *next;
};

enum lane_name { WORKING, PATIENT, LANES };

struct lane {
    unsigned first_place, places; /* of plait_runner.job */
    struct waiting *first, **last;
};

struct plait_runner {
    unsigned places, running, done, limit_s;
    struct lane lanes[LANES];
    struct plait_splat_watch *watch;
    pid_t leaving[PLACES_MAX]; /* reported, but the kernel still takes their devices away */
    unsigned leaving_count;
    struct job job[PLACES_MAX];
    unsigned worker_count;                 /* of runs in virtual time: 0 until there is one */
    struct plait_worker workers[JOBS_MAX]; /* by job */
    struct plait_asked_runs *asked;
    struct plait_asked *missed; /* the last that was needed and had not ended */
    struct plait_waiter *woken;
    const char *splat;               /* of a report given out */
    struct plait_lateness all, told; /* of every run; of the reports given out */
    char current[160];
};

/* Who wants one at a time gets one at a time. */
static void set_up_lanes(struct plait_runner *runner, unsigned jobs)
{
    unsigned patient = jobs * PATIENT_PER_JOB;
    if (jobs == 1)
        patient = 0;
    if (patient > PATIENT_MAX)
        patient = PATIENT_MAX;
    runner->lanes[WORKING] = (struct lane){.places = jobs};
    runner->lanes[PATIENT] = (struct lane){.first_place = jobs, .places = patient};
    runner->places = jobs + patient;
    for (int i = 0; i < LANES; i++)
        runner->lanes[i].last = &runner->lanes[i].first;
}

struct plait_runner *plait_runner_new(unsigned jobs, struct plait_splat_watch *watch)
{
    struct plait_runner *runner = calloc(1, sizeof *runner);
    PLAIT_CHECK(runner);
    runner->limit_s = RUN_LIMIT_S;
    runner->watch = watch;
    jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
    set_up_lanes(runner, jobs);
    runner->asked = plait_asked_runs_new();
    return runner;
}

/* ---- waiting ------------------------------------------------------------------------------ */

static void wake(struct plait_runner *runner, struct plait_waiter *waiter)
{
    waiter->next = runner->woken;
    runner->woken = waiter;
}

void plait_runner_wake(struct plait_runner *runner, struct plait_waiter *waiter)
{
    struct plait_asked *run = runner->missed;
    PLAIT_CHECK(run);
    if (run->report) { /* it could not be started, meanwhile */
        wake(runner, waiter);
        return;
    }
    waiter->next = run->waiters;
    run->waiters = waiter;
}

struct plait_waiter *plait_runner_woken(struct plait_runner *runner)
{
    struct plait_waiter *waiter = runner->woken;
    if (waiter)
        runner->woken = waiter->next;
    return waiter;
}

static void settle(struct plait_runner *runner, struct plait_asked *run, json_t *report)
{
    run->report = report;
    runner->done++;
    for (struct plait_waiter *waiter; (waiter = run->waiters);) {
        run->waiters = waiter->next;
        wake(runner, waiter);
    }
}

/* ---- starting ----------------------------------------------------------------------------- */

static void failed_report(struct plait_runner *runner, struct plait_asked *run, const char *error)
{
    settle(runner, run, json_pack("{s:s}", "error", error));
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
    unsigned jobs = runner->lanes[WORKING].places;
    unsigned wanted = jobs < most ? jobs : most;
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
                        .run = waiting->run,
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
        failed_report(runner, job->run, error);
        job->used = false;
        return;
    }
    fcntl(job->sandbox.report_fd, F_SETFL, O_NONBLOCK);
    runner->running++;
}

static bool one_runs_alone(const struct plait_runner *runner)
{
    for (unsigned i = 0; i < runner->places; i++)
        if (runner->job[i].used && runner->job[i].alone)
            return true;
    return false;
}

static struct lane *lane_of(struct plait_runner *runner, const struct plait_scenario *scenario)
{
    bool is_patient = plait_scenario_is_patient(scenario) && runner->lanes[PATIENT].places;
    return &runner->lanes[is_patient ? PATIENT : WORKING];
}

/* 0 if nothing waits. */
static unsigned places_for_first(struct plait_runner *runner, const struct lane *lane)
{
    if (!lane->first || !plait_scenario_is_virtual(&lane->first->scenario))
        return lane->first ? lane->places : 0;
    if (runner->worker_count == 0 && !plait_ok(start_workers(runner)))
        plait_panic("lab: no process can be started", "%s", strerror(errno));
    return runner->worker_count;
}

static struct waiting *take_first(struct lane *lane)
{
    struct waiting *waiting = lane->first;
    lane->first = waiting->next;
    if (!lane->first)
        lane->last = &lane->first;
    return waiting;
}

static void start_of_lane(struct plait_runner *runner, struct lane *lane)
{
    for (unsigned i = 0; i < places_for_first(runner, lane); i++) {
        struct job *job = &runner->job[lane->first_place + i];
        if (job->used)
            continue;
        if (one_runs_alone(runner) || (lane->first->alone && runner->running))
            return;
        struct waiting *waiting = take_first(lane);
        start(runner, job, waiting);
        free(waiting->name);
        free(waiting);
    }
}

static void start_what_fits(struct plait_runner *runner)
{
    for (int i = 0; i < LANES; i++)
        start_of_lane(runner, &runner->lanes[i]);
}

/* ---- what waits --------------------------------------------------------------------------- */

static void put_first(struct lane *lane, struct waiting *waiting)
{
    waiting->next = lane->first;
    if (!lane->first)
        lane->last = &waiting->next;
    lane->first = waiting;
}

static void put_last(struct lane *lane, struct waiting *waiting)
{
    waiting->next = NULL;
    *lane->last = waiting;
    lane->last = &waiting->next;
}

/* Behind all that take as long; of those that work, which all are short, behind all. */
static void put_by_length(struct plait_runner *runner, struct lane *lane, struct waiting *waiting)
{
    plait_time_ns asked_ns = plait_scenario_asked_ns(&waiting->scenario);
    struct waiting **at = &lane->first;
    if (lane != &runner->lanes[PATIENT]) {
        put_last(lane, waiting);
        return;
    }
    while (*at && plait_scenario_asked_ns(&(*at)->scenario) >= asked_ns)
        at = &(*at)->next;
    waiting->next = *at;
    *at = waiting;
    if (!waiting->next)
        lane->last = &waiting->next;
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

static const json_t *give_out(struct plait_runner *runner, struct plait_asked *run)
{
    const json_t *report = run->report;
    if (!report)
        runner->missed = run;
    const char *error = json_string_value(json_object_get(report, "error"));
    if (error && strncmp(error, "splat: ", 7) == 0)
        runner->splat = error;
    add_lateness(&runner->told, late_of(report));
    return report;
}

static void add_to_queue(struct plait_runner *runner, const struct plait_scenario *scenario,
                         struct plait_asked *run, const char *name)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    PLAIT_CHECK(waiting);
    *waiting = (struct waiting){.scenario = *scenario, .run = run, .name = strdup(name)};
    put_by_length(runner, lane_of(runner, scenario), waiting);
    start_what_fits(runner);
}

static struct plait_asked *ask(struct plait_runner *runner, const struct plait_scenario *scenario,
                               unsigned repeat, const char *name)
{
    bool is_new;
    struct plait_asked *run = plait_asked_run(runner->asked, scenario, repeat, &is_new);
    if (is_new)
        add_to_queue(runner, scenario, run, name);
    return run; /* it may have failed to start */
}

void plait_runner_foresee(struct plait_runner *runner, const struct plait_scenario *scenario,
                          unsigned repeat, const char *name)
{
    (void)ask(runner, scenario, repeat, name);
}

const json_t *plait_runner_need(struct plait_runner *runner, const struct plait_scenario *scenario,
                                unsigned repeat, const char *name)
{
    return give_out(runner, ask(runner, scenario, repeat, name));
}

/* ---- ending ------------------------------------------------------------------------------- */

static void forget(struct plait_runner *runner, struct job *job)
{
    free(job->text);
    job->used = false;
    runner->running--;
}

static struct waiting *once_more(const struct job *job)
{
    struct waiting *waiting = calloc(1, sizeof *waiting);
    PLAIT_CHECK(waiting);
    *waiting = (struct waiting){.scenario = job->scenario,
                                .run = job->run,
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
    put_first(lane_of(runner, &waiting->scenario), waiting);
}

/* Runs that are the kernel's affair. */
static bool is_live(const struct job *job)
{
    return job->used && !is_virtual(job);
}

static void condemn_live(struct plait_runner *runner)
{
    for (unsigned i = 0; i < runner->places; i++) /* all at once: each takes a while to be gone */
        if (is_live(&runner->job[i]))
            plait_sandbox_condemn(&runner->job[i].sandbox);
}

static void suspect_all(struct plait_runner *runner)
{
    condemn_live(runner);
    for (unsigned i = 0; i < runner->places; i++) {
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
    if (runner->leaving_count == PLACES_MAX)
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
    json_t *report = job->text ? plait_letter_take_report(job->text, job->length) : NULL;
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
    put_last(lane_of(runner, &waiting->scenario), waiting);
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
    settle(runner, job->run, report);
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
    return runner->limit_s + plait_scenario_asked_ns(scenario) / PLAIT_S;
}

bool plait_runner_wait(struct plait_runner *runner, int timeout_ms)
{
    struct pollfd fds[PLACES_MAX];
    struct job *of[PLACES_MAX];
    nfds_t count = 0;
    for (unsigned i = 0; i < runner->places; i++) {
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
    for (unsigned i = 0; i < runner->places; i++) {
        if (!runner->job[i].used)
            continue;
        if (is_live(&runner->job[i]))
            plait_sandbox_kill(&runner->job[i].sandbox);
        close(runner->job[i].sandbox.report_fd);
        free(runner->job[i].text);
    }
    for (int i = 0; i < LANES; i++)
        while (runner->lanes[i].first) {
            struct waiting *waiting = take_first(&runner->lanes[i]);
            free(waiting->name);
            free(waiting);
        }
    plait_asked_runs_free(runner->asked);
    free(runner);
}
