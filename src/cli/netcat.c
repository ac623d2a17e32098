/* cli/netcat.c: a netcat as a command: opens the files, shows the progress, tells the end. */
#include "cli/netcat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/progress.h"
#include "report/judge.h"
#include "report/render.h"
#include "terminal/console.h"

const char *const plait_netcat_peer_words[] = {"plait", "linux", NULL};
const char *const plait_netcat_mechanism_words[] = {"any", "v1", "v0", "tcp", NULL};
const char *const plait_scheduler_words[] = {"lowest-rtt", "round-robin", "redundant", NULL};
const char *const plait_congestion_words[] = {"cubic", "newreno", NULL};
const char *const plait_coupling_words[] = {"lia", "olia", "balia", "none", NULL};
const char *const plait_family_words[] = {"4", "6", NULL};

struct netcat {
    const struct plait_options *options;
    const char *command;
    struct plait_netcat_request request;
    struct plait_netcat_report report;
    const char *out_name;
    struct plait_progress_line line;
    struct plait_netcat_report shown; /* as of the last line of progress */
};

/* ---- the two files ----------------------------------------------------------------------------
 */

static bool is_stream(const char *name)
{
    return strcmp(name, "-") == 0;
}

static bool open_in(struct netcat *n, const char *name)
{
    n->request.in_fd = !name             ? -1
                       : is_stream(name) ? STDIN_FILENO
                                         : open(name, O_RDONLY | O_CLOEXEC);
    if (!name || n->request.in_fd >= 0)
        return true;
    plait_complain(n->command, "--in %s: %s", name, strerror(errno));
    return false;
}

/* Whether the file at OUT_FD may be emptied and filled: it is not what is read, and there is room.
 */
static bool check_out(struct netcat *n, const char **why)
{
    struct stat in = {0}, out;
    struct statvfs disk;
    if (fstat(n->request.out_fd, &out) != 0 || !S_ISREG(out.st_mode))
        return true;
    bool reads_file = n->request.in_fd >= 0 && fstat(n->request.in_fd, &in) == 0;
    *why = "is what is to be sent";
    if (reads_file && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
        return false;
    *why = "there is no room for it on the disk";
    if (fstatvfs(n->request.out_fd, &disk) != 0)
        return true;
    bool comes_back = reads_file && S_ISREG(in.st_mode) && !n->request.socket;
    uint64_t needed = comes_back ? (uint64_t)in.st_size : 1;
    return disk.f_frsize == 0 ||
           (uint64_t)disk.f_bavail + (uint64_t)out.st_blocks * 512 / disk.f_frsize >=
               needed / disk.f_frsize + 1;
}

static bool open_out(struct netcat *n)
{
    const char *why = NULL;
    n->request.out_fd = is_stream(n->out_name)
                            ? STDOUT_FILENO
                            : open(n->out_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (n->request.out_fd < 0)
        why = strerror(errno);
    else if (check_out(n, &why))
        return is_stream(n->out_name) || ftruncate(n->request.out_fd, 0) == 0 || errno == EINVAL;
    plait_complain(n->command, "--out %s: %s", n->out_name, why);
    return false;
}

/* Closing may be what tells that the disk did not take everything. */
static void close_files(struct netcat *n)
{
    if (n->request.in_fd > STDIN_FILENO)
        close(n->request.in_fd);
    if (n->request.out_fd <= STDOUT_FILENO)
        return;
    if (close(n->request.out_fd) != 0 && n->report.is_whole) {
        n->report.is_whole = false;
        snprintf(n->report.reason, sizeof n->report.reason, "--out %.100s: %s", n->out_name,
                 strerror(errno));
    }
}

/* ---- progress ---------------------------------------------------------------------------------
 */

static void add_octets(struct plait_text *text, uint64_t octets)
{
    static const char *const units[] = {"octets", "kB", "MB", "GB", "TB"};
    unsigned unit = 0;
    uint64_t tenths = octets * 10;
    for (; tenths >= 10000 && unit < 4; unit++)
        tenths /= 1000;
    if (unit == 0)
        plait_text_add(text, "%" PRIu64 " octets", octets);
    else
        plait_text_add(text, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, units[unit]);
}

static double mbit_per_s(uint64_t octets, plait_time_ns during_ns)
{
    return during_ns > 0 ? (double)octets * 8000 / (double)during_ns : 0;
}

static uint64_t carried(const struct plait_netcat_path *path)
{
    return path->sent_octets + path->received_octets;
}

static void add_paths(struct plait_text *text, const struct plait_netcat_report *now,
                      const struct plait_netcat_report *then)
{
    for (unsigned i = 0; i < now->path_count; i++) {
        uint64_t before = i < then->path_count ? carried(&then->paths[i]) : 0;
        double rate =
            mbit_per_s(carried(&now->paths[i]) - before, now->duration_ns - then->duration_ns);
        char number[32];
        snprintf(number, sizeof number, "%.1f", rate);
        plait_text_add(text, "%s%s", i ? " + " : ": ", number);
    }
    if (now->path_count)
        plait_text_add(text, " Mbit/s");
}

static void show_progress(void *self, const struct plait_netcat_report *report)
{
    struct netcat *n = self;
    if (!plait_progress_due(&n->line))
        return;
    char room[200];
    struct plait_text text = plait_text(room, sizeof room);
    plait_text_add(&text, "plait %s: ", n->command);
    if (report->stage[0] == '\0' || strcmp(report->stage, "opening") == 0) {
        plait_text_add(&text, "waiting for the other end");
    } else {
        add_octets(&text, report->delivered_octets);
        plait_text_add(&text, " sent, ");
        add_octets(&text, report->received_octets);
        plait_text_add(&text, " received");
        add_paths(&text, report, &n->shown);
    }
    plait_progress_write(&n->line, room);
    n->shown = *report;
}

/* ---- the summary ------------------------------------------------------------------------------
 */

static uint64_t all_carried(const struct plait_netcat_report *report)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < report->path_count; i++)
        sum += carried(&report->paths[i]);
    return sum;
}

static void show_paths(const struct plait_page *page, const struct plait_netcat_report *report)
{
    uint64_t all = all_carried(report);
    struct plait_grid *grid = plait_grid_new(6);
    const char *const heads[] = {"  path", "sent", "lost", "received", "RTT", "share"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        plait_grid_cell(grid, heads[i]);
    for (unsigned i = 0; i < report->path_count; i++) {
        const struct plait_netcat_path *path = &report->paths[i];
        char from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS];
        plait_grid_cellf(grid, "  %s to %s", plait_place_text(&path->local, from),
                         plait_place_text(&path->remote, to));
        plait_grid_cellf(grid, "%" PRIu64, path->sent_octets);
        plait_grid_cellf(grid, "%" PRIu64, path->lost_octets);
        plait_grid_cellf(grid, "%" PRIu64, path->received_octets);
        plait_grid_cellf(grid, "%.2f ms", (double)path->rtt_ns / (double)PLAIT_MS);
        plait_grid_cellf(grid, "%.1f %%", all ? 100.0 * (double)carried(path) / (double)all : 0.0);
    }
    plait_grid_end(grid, page);
}

static const char *spoken(const struct plait_netcat_report *report)
{
    return strcmp(report->mechanism, "v1") == 0   ? "MPTCP v1 (RFC 8684)"
           : strcmp(report->mechanism, "v0") == 0 ? "MPTCP v0 (RFC 6824)"
           : report->mechanism[0] != '\0'         ? "plain TCP"
                                                  : "nothing";
}

static void show_table(const struct plait_page *page, const struct netcat *n)
{
    const struct plait_netcat_report *r = &n->report;
    if (r->is_whole)
        plait_page_put(page, "The stream was delivered whole.\n");
    else
        plait_page_add(page, "The stream was NOT delivered whole: %s.\n", r->reason);
    plait_page_add(page,
                   "%" PRIu64 " octets sent, %" PRIu64 " acknowledged, %" PRIu64
                   " received, in %.3f s of %s time: %.1f Mbit/s over %s\n",
                   r->sent_octets, r->delivered_octets, r->received_octets,
                   (double)r->duration_ns / (double)PLAIT_S, r->is_virtual ? "virtual" : "wall",
                   mbit_per_s(r->delivered_octets + r->received_octets, r->duration_ns), spoken(r));
    if (!r->is_whole && !is_stream(n->out_name))
        plait_page_add(page, "%s holds the first %" PRIu64 " octets of what was to come.\n",
                       n->out_name, r->written_octets);
    if (r->path_count)
        show_paths(page, r);
}

static json_t *path_json(const struct plait_netcat_path *path)
{
    char from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS];
    return json_pack("{s:s,s:s,s:I,s:I,s:I,s:I}", "local", plait_place_text(&path->local, from),
                     "remote", plait_place_text(&path->remote, to), "sent_octets",
                     (json_int_t)path->sent_octets, "lost_octets", (json_int_t)path->lost_octets,
                     "received_octets", (json_int_t)path->received_octets, "rtt_ns",
                     (json_int_t)path->rtt_ns);
}

static json_t *report_json(const struct netcat *n)
{
    const struct plait_netcat_report *r = &n->report;
    json_t *paths = json_array();
    for (unsigned i = 0; i < r->path_count; i++)
        json_array_append_new(paths, path_json(&r->paths[i]));
    return json_pack(
        "{s:i,s:s,s:s,s:b,s:s?,s:b,s:s?,s:s?,s:s,s:I,s:I,s:I,s:I,s:I,s:o}", "schema", 1, "plait",
        PLAIT_VERSION, "command", n->command, "whole", r->is_whole, "reason",
        r->reason[0] ? r->reason : NULL, "interrupted", r->is_interrupted, "stage",
        r->stage[0] ? r->stage : NULL, "mechanism", r->mechanism[0] ? r->mechanism : NULL, "clock",
        r->is_virtual ? "virtual" : "wall", "duration_ns", (json_int_t)r->duration_ns,
        "sent_octets", (json_int_t)r->sent_octets, "acknowledged_octets",
        (json_int_t)r->delivered_octets, "received_octets", (json_int_t)r->received_octets,
        "written_octets", (json_int_t)r->written_octets, "paths", paths);
}

/* Standard output is the stream's when that goes there. */
static void show(const struct netcat *n)
{
    const struct plait_page page = plait_console_page_on(is_stream(n->out_name) ? stderr : stdout);
    json_t *json = report_json(n);
    if (n->options->format == PLAIT_FORMAT_TABLE) {
        if (!n->options->quiet || !n->report.is_whole || page.stream == stdout)
            show_table(&page, n);
    } else if (n->options->format == PLAIT_FORMAT_JSON) {
        plait_render_json(&page, json);
    } else if (n->options->format == PLAIT_FORMAT_JSONL) {
        plait_render_json_line(&page, json);
    } else {
        plait_page_add(&page, "TAP version 13\n1..1\n%s 1 - the stream was delivered whole\n",
                       n->report.is_whole ? "ok" : "not ok");
        if (!n->report.is_whole)
            plait_page_add(&page, "# %s\n", n->report.reason);
    }
    json_decref(json);
}

/* ---- the command ------------------------------------------------------------------------------
 */

/* What would be ignored is refused. */
static const char *misuse(const struct plait_options *o, bool listens)
{
    static const struct plait_options untouched;
    bool is_socket = o->netcat.socket != NULL;
    if (o->expect || o->fail_on)
        return "--expect and --fail-on: there are no findings to judge here";
    if (is_socket && o->netcat.peer != untouched.netcat.peer)
        return "--socket and --peer: the other end is one or the other";
    if (is_socket && listens &&
        (o->family || o->netcat.paths != plait_options_default().netcat.paths ||
         o->netcat.mtu_octets != plait_options_default().netcat.mtu_octets))
        return "--paths, --family and --mtu with --socket: the end that dials says them";
    return NULL;
}

static struct plait_netcat_request request_of(struct netcat *n, bool listens)
{
    struct plait_netcat_request request = n->options->netcat;
    request.listens = listens;
    request.family = n->options->family ? PLAIT_IPV6 : PLAIT_IPV4;
    request.seed = n->options->seed;
    request.progress = show_progress;
    request.progress_self = n;
    return request;
}

static enum plait_status run(struct netcat *n)
{
    plait_result begun = plait_netcat_run(&n->request, &n->report);
    plait_progress_end(&n->line);
    close_files(n);
    if (!plait_ok(begun) && !n->report.is_interrupted) {
        plait_complain(n->command, "%s", n->report.reason);
        return PLAIT_STATUS_ENVIRONMENT;
    }
    show(n);
    return n->report.is_whole ? PLAIT_STATUS_COMPLETED : PLAIT_STATUS_FAILED;
}

int plait_netcat_command(const struct plait_options *options, const char *command, bool listens)
{
    const char *why = misuse(options, listens);
    if (why) {
        plait_complain(command, "%s", why);
        return PLAIT_STATUS_USAGE;
    }
    struct netcat n = {.options = options,
                       .command = command,
                       .out_name = options->out ? options->out : "-",
                       .line = plait_progress_line(options->quiet)};
    (void)plait_progress_due(&n.line); /* what is over at once needs no line */
    n.request = request_of(&n, listens);
    n.request.in_fd = n.request.out_fd = -1;
    bool is_silent = listens && options->netcat.socket;
    const char *in = options->in ? options->in : is_silent ? NULL : "-";
    return open_in(&n, in) && open_out(&n) ? (int)run(&n) : (int)PLAIT_STATUS_ENVIRONMENT;
}
