/* lab/netcat.c: a netcat's run from its parts to its report.
 *
 * Against an echo of our own the clock is virtual; against a kernel or another plait it is the wall
 * clock, and a kernel's run is a sandbox like every other.
 * May touch: the signals SIGINT, SIGTERM and SIGPIPE, the two descriptors. */
#include "lab/netcat.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"
#include "lab/netcat_inside.h"
#include "live/sandbox.h"

#define SLICE_NS   (100 * PLAIT_MS)
#define FULL_NS    PLAIT_MS        /* until an output that took nothing is asked again */
#define GOODBYE_NS PLAIT_S         /* for what was sent at an abort, and for the other's "done" */
#define STALLED_NS (900 * PLAIT_S) /* virtual; a connection without any answer ends earlier */

/* ---- signals ----------------------------------------------------------------------------------
 */

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* The first signal ends the run in order, the second at once. */
static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* ---- building ---------------------------------------------------------------------------------
 */

static plait_result make_other(struct plait_netcat *n, struct plait_port *ports)
{
    if (n->request->socket)
        return plait_netcat_meet(n, ports);
    return n->request->peer == PLAIT_NETCAT_LINUX ? plait_netcat_kernel_new(n, ports)
                                                  : plait_netcat_echo_new(n, ports);
}

static plait_result start_other(struct plait_netcat *n)
{
    if (n->request->socket)
        return PLAIT_OK;
    return n->request->peer == PLAIT_NETCAT_LINUX ? plait_netcat_kernel_start(n)
                                                  : plait_netcat_echo_start(n);
}

static plait_result build(struct plait_netcat *n)
{
    struct plait_port ours[PLAIT_NETCAT_PATHS_MAX], others[PLAIT_NETCAT_PATHS_MAX];
    bool listens = n->request->listens;
    PLAIT_TRY(plait_netcat_look(n));
    PLAIT_TRY(make_other(n, others));
    PLAIT_TRY(plait_netcat_host_new(n, &n->ours, !listens, "plait", ours));
    if (n->request->socket && !listens)
        plait_netcat_join_wires(n, ours, others);
    else
        plait_netcat_join(n, listens ? others : ours, listens ? ours : others);
    PLAIT_TRY(plait_netcat_capture(n));
    if (n->live && !plait_ok(plait_sandbox_lock()))
        return plait_netcat_fail(n, PLAIT_FAIL(SYSTEM), "the run could not be locked in");
    /* Who listens is there before the other dials. */
    if (!listens)
        PLAIT_TRY(start_other(n));
    PLAIT_TRY(
        plait_netcat_open(n, n->ours.host, !listens, &plait_netcat_callbacks, n, &n->connection));
    return listens ? start_other(n) : PLAIT_OK;
}

static void take_apart(struct plait_netcat *n)
{
    plait_net_free(n->net);
    plait_netcat_host_free(&n->ours);
    plait_netcat_host_free(&n->theirs);
    if (n->live)
        plait_live_free(n->live);
    plait_netcat_part(n);
}

/* ---- running ----------------------------------------------------------------------------------
 */

static bool has_news(void *self)
{
    const struct plait_netcat *n = self;
    return n->has_news || interrupted;
}

static enum plait_stage stage_of(const struct plait_netcat *n)
{
    return n->connection ? plait_connection_status(n->connection).stage : PLAIT_STAGE_OPENING;
}

/* Everything of ours was acknowledged, everything of the peer's is written. */
static bool is_delivered(const struct plait_netcat *n)
{
    struct plait_status s = plait_connection_status(n->connection);
    return n->is_closed && s.acked_octets == s.written_octets && s.peer_done &&
           s.readable_octets == 0;
}

static void turn(struct plait_netcat *n, plait_time_ns slice_ns)
{
    n->has_news = false;
    plait_net_run(n->net, plait_net_now(n->net) + (n->out_is_full ? FULL_NS : slice_ns), has_news,
                  n);
    plait_netcat_move(n);
    if (n->request->progress)
        n->request->progress(n->request->progress_self, n->report);
}

/* True while there is something to wait for. */
static bool goes_on(struct plait_netcat *n, plait_time_ns moved_ns)
{
    if (interrupted && !n->report->is_interrupted) {
        n->report->is_interrupted = true;
        plait_netcat_abort(n, "interrupted: the stream was aborted");
    }
    if (n->is_aborted)
        return false;
    if (n->other_gone && !n->other_done && stage_of(n) < PLAIT_STAGE_CLOSED &&
        !(n->connection && is_delivered(n))) {
        plait_netcat_abort(n, "the other plait is gone");
        return false;
    }
    if (n->report->is_virtual && plait_net_now(n->net) - moved_ns > STALLED_NS) {
        plait_netcat_abort(n, "nothing moves any more");
        return false;
    }
    if (n->other_gone && n->connection && is_delivered(n))
        return false;
    return stage_of(n) < PLAIT_STAGE_CLOSED ||
           (stage_of(n) == PLAIT_STAGE_CLOSED && !is_delivered(n) && !n->out_failed);
}

static void say_goodbye(struct plait_netcat *n)
{
    plait_time_ns until = plait_net_now(n->net) + GOODBYE_NS;
    n->has_news = false;
    if (n->is_aborted || !n->request->socket) { /* what is under way arrives */
        plait_net_run(n->net, n->is_aborted ? until : plait_net_now(n->net), NULL, NULL);
        return;
    }
    plait_netcat_say_done(n);
    while (!n->other_done && !n->other_gone && plait_net_now(n->net) < until) {
        n->has_news = false;
        plait_net_run(n->net, until, has_news, n);
    }
}

static void judge(struct plait_netcat *n)
{
    struct plait_netcat_report *report = n->report;
    if (report->reason[0] != '\0')
        return;
    if (!n->connection)
        (void)plait_netcat_fail(n, PLAIT_OK, "there was no connection");
    else if (!is_delivered(n) ||
             (stage_of(n) != PLAIT_STAGE_CLOSED && stage_of(n) != PLAIT_STAGE_CLOSING))
        (void)plait_netcat_fail(n, PLAIT_OK, "the connection was %s",
                                stage_of(n) == PLAIT_STAGE_TIMED_OUT ? "given up: no answer"
                                                                     : "reset");
    else if (!n->request->socket && report->received_octets != report->sent_octets)
        (void)plait_netcat_fail(n, PLAIT_OK, "the echo gave back another number of octets");
    report->is_whole = report->reason[0] == '\0';
}

static void run(struct plait_netcat *n)
{
    plait_time_ns moved_ns = 0;
    uint64_t moved = 0;
    while (goes_on(n, moved_ns)) {
        turn(n, n->report->is_virtual ? PLAIT_S : SLICE_NS);
        uint64_t now_moved = n->report->delivered_octets + n->report->received_octets;
        moved_ns = now_moved != moved ? plait_net_now(n->net) : moved_ns;
        moved = now_moved;
    }
    judge(n);
    say_goodbye(n);
}

static plait_result run_here(const struct plait_netcat_request *request,
                             struct plait_netcat_report *report)
{
    struct plait_netcat n = {.request = request,
                             .report = report,
                             .paths = request->paths,
                             .family = request->family,
                             .mtu_octets = request->mtu_octets,
                             .control_fd = -1};
    struct stat status;
    *report = (struct plait_netcat_report){.is_virtual = !request->socket &&
                                                         request->peer == PLAIT_NETCAT_PLAIT};
    n.in_ended = request->in_fd < 0;
    n.out_is_file = fstat(request->out_fd, &status) == 0 && S_ISREG(status.st_mode);
    n.clock = report->is_virtual ? plait_clock_virtual() : plait_clock_wall();
    n.net = plait_net_new(&n.clock);
    catch_signals();
    plait_result result = build(&n);
    if (plait_ok(result))
        run(&n);
    plait_netcat_look_end(&n);
    report->is_whole = report->is_whole && report->reason[0] == '\0';
    take_apart(&n);
    return result;
}

/* ---- a kernel's run is a sandbox ----------------------------------------------------------------
 */

/* What the sandbox reports, in one write. */
struct told {
    plait_result result;
    struct plait_netcat_report report;
};

static int body(void *request, int report_fd)
{
    static struct told told;
    told.result = run_here(request, &told.report);
    return write(report_fd, &told, sizeof told) == sizeof told ? 0 : 1;
}

/* The signal that ended our waiting is passed on: the run is in a session of its own. */
static void await(struct plait_sandbox *sandbox, struct told *told)
{
    bool is_passed_on = false;
    ssize_t length;
    do {
        if (interrupted && !is_passed_on) {
            is_passed_on = true;
            kill(sandbox->pid, SIGINT);
        }
        length = read(sandbox->report_fd, told, sizeof *told);
    } while (length < 0 && errno == EINTR);
    close(sandbox->report_fd);
    (void)plait_sandbox_wait(sandbox);
    if (length == (ssize_t)sizeof *told)
        return;
    told->result = PLAIT_FAIL(SYSTEM);
    snprintf(told->report.reason, sizeof told->report.reason, "the run died");
}

/* A sandbox keeps only the first three descriptors, so the streams become the first two. */
static plait_result start(struct plait_sandbox *sandbox, struct plait_netcat_request *request)
{
    int saved_in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int saved_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (request->in_fd >= 0)
        dup2(request->in_fd, STDIN_FILENO);
    dup2(request->out_fd, STDOUT_FILENO);
    request->in_fd = request->in_fd >= 0 ? STDIN_FILENO : -1;
    request->out_fd = STDOUT_FILENO;
    plait_result result = plait_sandbox_start(sandbox, body, request);
    dup2(saved_in, STDIN_FILENO);
    dup2(saved_out, STDOUT_FILENO);
    close(saved_in);
    close(saved_out);
    return result;
}

plait_result plait_netcat_run(const struct plait_netcat_request *request,
                              struct plait_netcat_report *report)
{
    if (request->socket || request->peer != PLAIT_NETCAT_LINUX)
        return run_here(request, report);
    struct plait_netcat_request own = *request;
    struct plait_sandbox sandbox;
    static struct told told;
    catch_signals();
    plait_result result = start(&sandbox, &own);
    if (!plait_ok(result)) {
        *report = (struct plait_netcat_report){0};
        snprintf(report->reason, sizeof report->reason, "no sandbox: %s (plait doctor says more)",
                 plait_reason_text(result.reason));
        return result;
    }
    await(&sandbox, &told);
    *report = told.report;
    return told.result;
}
