/* lab/netcat_stream.c: moves octets between the descriptors and the connection.
 *
 * In virtual time reading and writing wait, and time stands still meanwhile: what happens is a
 * function of the octets alone, however they come.  In wall time nothing waits here.
 * May touch: the two descriptors. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lab/netcat_inside.h"

/* What a pipe takes without blocking when poll says that it takes something (pipe(7)). */
#define PIPE_OCTETS 4096

static void note(struct plait_netcat *n, const char *format, va_list arguments)
{
    if (n->report->reason[0] == '\0')
        vsnprintf(n->report->reason, sizeof n->report->reason, format, arguments);
}

plait_result plait_netcat_fail(struct plait_netcat *n, plait_result result, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(n, format, arguments);
    va_end(arguments);
    return result;
}

void plait_netcat_abort(struct plait_netcat *n, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(n, format, arguments);
    va_end(arguments);
    n->is_aborted = true;
    if (n->connection) /* USAGE: it is over already, and that is all that is wanted */
        (void)plait_connection_abort(n->connection, plait_net_now(n->net), false);
}

/* ---- looking at the connection ----------------------------------------------------------------
 */

static bool same_place(const struct plait_place *a, const struct plait_place *b)
{
    return plait_addr_equal(&a->addr, &b->addr) && a->port == b->port;
}

/* The entry of a path, kept when the path has gone; NULL: more than can be told. */
static struct plait_netcat_path *entry(struct plait_netcat_report *report,
                                       const struct plait_path_status *status)
{
    struct plait_netcat_path *path = report->paths;
    for (; path < report->paths + report->path_count; path++)
        if (same_place(&path->local, &status->local) && same_place(&path->remote, &status->remote))
            return path;
    if (report->path_count == PLAIT_NETCAT_SEEN_MAX)
        return NULL;
    report->path_count++;
    *path = (struct plait_netcat_path){.local = status->local, .remote = status->remote};
    return path;
}

static void look_at_paths(struct plait_netcat *n)
{
    struct plait_netcat_report *report = n->report;
    struct plait_path_status status;
    for (unsigned i = 0; i < report->path_count; i++)
        report->paths[i].is_up = false;
    for (unsigned i = 0; plait_ok(plait_connection_path(n->connection, i, &status)); i++) {
        struct plait_netcat_path *path = entry(report, &status);
        if (!path)
            continue;
        path->is_up = status.is_established;
        path->rtt_ns = status.smoothed_rtt_ns;
        path->sent_octets = status.sent_octets;
        path->lost_octets = status.lost_octets;
        path->received_octets = status.received_octets;
    }
}

static void look(struct plait_netcat *n, const struct plait_status *s)
{
    static const char *const mechanisms[] = {
        [PLAIT_MECHANISM_TCP] = "tcp", [PLAIT_MECHANISM_V0] = "v0", [PLAIT_MECHANISM_V1] = "v1"};
    struct plait_netcat_report *report = n->report;
    look_at_paths(n);
    snprintf(report->stage, sizeof report->stage, "%s", plait_stage_text(s->stage));
    if (s->stage != PLAIT_STAGE_OPENING && n->opened_ns == 0)
        n->opened_ns = plait_net_now(n->net);
    if (s->stage >= PLAIT_STAGE_OPEN && s->stage <= PLAIT_STAGE_CLOSED)
        snprintf(report->mechanism, sizeof report->mechanism, "%s",
                 mechanisms[s->is_multipath ? s->mechanism : PLAIT_MECHANISM_TCP]);
    if (n->opened_ns != 0 && !report->is_whole)
        report->duration_ns = plait_net_now(n->net) - n->opened_ns;
    report->delivered_octets = s->acked_octets;
    report->received_octets = s->received_octets;
}

/* ---- from the connection to OUT ----------------------------------------------------------------
 */

static bool would_wait(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    return poll(&p, 1, 0) == 0;
}

/* Octets that OUT took; 0: it would wait, or it failed. */
static uint32_t write_out(struct plait_netcat *n, const uint8_t *octets, uint32_t length_octets)
{
    int fd = n->request->out_fd;
    n->out_is_full = !n->report->is_virtual && would_wait(fd, POLLOUT);
    if (n->out_is_full)
        return 0;
    if (!n->report->is_virtual && !n->out_is_file && length_octets > PIPE_OCTETS)
        length_octets = PIPE_OCTETS;
    ssize_t took = write(fd, octets, length_octets);
    if (took >= 0)
        return (uint32_t)took;
    if (errno == EINTR || errno == EAGAIN)
        return 0;
    n->out_failed = true;
    plait_netcat_abort(n, "writing the output: %s", strerror(errno));
    return 0;
}

static void move_out(struct plait_netcat *n)
{
    const uint8_t *octets;
    uint32_t length, took;
    while (!n->out_failed && (octets = plait_connection_peek(n->connection, &length)) && length) {
        if ((took = write_out(n, octets, length)) == 0)
            break;
        n->report->written_octets += took;
        if (!plait_ok(plait_connection_consume(n->connection, plait_net_now(n->net), took)))
            break;
    }
}

/* ---- from IN to the connection -----------------------------------------------------------------
 */

static void in_ready(void *self)
{
    ((struct plait_netcat *)self)->has_news = true;
}

static void watch_in(struct plait_netcat *n, bool watch)
{
    if (n->report->is_virtual || watch == n->in_watched)
        return;
    n->in_watched = watch;
    if (watch)
        plait_net_watch(n->net, n->request->in_fd, in_ready, n);
    else
        plait_net_unwatch(n->net, n->request->in_fd);
}

/* Octets read into ROOM; in virtual time as many as fit, so that it does not matter in which pieces
 * they come.  -1: nothing now. */
static ssize_t read_in(struct plait_netcat *n, uint8_t *room, uint32_t room_octets)
{
    uint32_t done = 0;
    if (!n->report->is_virtual && would_wait(n->request->in_fd, POLLIN))
        return -1;
    while (done < room_octets) {
        ssize_t length = read(n->request->in_fd, room + done, room_octets - done);
        if (length < 0) {
            if (errno != EINTR && errno != EAGAIN)
                plait_netcat_abort(n, "reading the input: %s", strerror(errno));
            return done ? (ssize_t)done : -1;
        }
        done += (uint32_t)length;
        n->in_ended = length == 0;
        if (length == 0 || !n->report->is_virtual)
            break;
    }
    return done;
}

static void move_in(struct plait_netcat *n)
{
    bool is_full = false;
    while (!n->in_ended && !n->is_aborted && !is_full) {
        uint32_t room;
        uint8_t *at = plait_connection_reserve(n->connection, &room);
        is_full = !at || room == 0;
        ssize_t length = is_full ? -1 : read_in(n, at, room);
        if (length < 0)
            break;
        if (length > 0 && !plait_ok(plait_connection_commit(n->connection, plait_net_now(n->net),
                                                            (uint32_t)length)))
            break;
        n->report->sent_octets += (uint64_t)length;
    }
    watch_in(n, !n->in_ended && !n->is_aborted && !is_full);
    if (n->in_ended && !n->is_closed && !n->is_aborted)
        n->is_closed = plait_ok(plait_connection_close(n->connection, plait_net_now(n->net)));
}

/* ---- both -------------------------------------------------------------------------------------
 */

void plait_netcat_move(struct plait_netcat *n)
{
    if (!n->connection)
        return;
    struct plait_status s = plait_connection_status(n->connection);
    if (s.stage != PLAIT_STAGE_OPENING) {
        move_out(n);
        if (s.stage <= PLAIT_STAGE_CLOSING)
            move_in(n);
        s = plait_connection_status(n->connection);
    }
    look(n, &s);
}

static void changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    (void)c;
    (void)now;
    ((struct plait_netcat *)user)->has_news = true;
}

/* One stream is all there is: who comes later is sent away. */
static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct plait_netcat *n = user;
    if (n->connection) {
        (void)plait_connection_abort(c, now, false);
        plait_connection_free(c, now);
        return;
    }
    n->connection = c;
    n->has_news = true;
}

const struct plait_callbacks plait_netcat_callbacks = {accepted, changed};
