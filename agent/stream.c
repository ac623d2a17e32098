/* agent/stream.c: writes an application's pattern and judges what it reads, octet by octet
 * (agent/pattern.h).
 *
 * May touch: the application's descriptor. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent.h"

#define PIECE_OCTETS ((size_t)65536)

static uint8_t piece[PIECE_OCTETS];

static void note_time(struct plait_app *app)
{
    int64_t now_ns = plait_agent_now_ns();
    int64_t gap_ns = now_ns - app->last_receive_ns;
    if (app->reader.received > 0 && gap_ns > app->longest_stall_ns)
        app->longest_stall_ns = gap_ns;
    app->last_receive_ns = now_ns;
}

static void owe_replies(struct plait_app *app, size_t length_octets)
{
    if (app->request == 0)
        return;
    app->request_read += length_octets;
    app->wanted += app->request_read / app->request * app->reply;
    app->request_read %= app->request;
}

void plait_agent_fail(struct plait_app *app, int error)
{
    app->ended = true;
    app->wanted = app->sent;
    if (app->error != 0 || error == 0)
        return;
    app->error = error;
    plait_agent_say("* error %s %s", app->name, plait_agent_error_name(error));
}

void plait_agent_read(struct plait_app *app)
{
    ssize_t length = recv(app->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (length > 0) {
        note_time(app);
        if (plait_pattern_read_piece(&app->reader, piece, (size_t)length))
            plait_agent_say("* foreign %s %llu", app->name,
                            (unsigned long long)app->reader.first_foreign);
        owe_replies(app, (size_t)length);
    } else if (length == 0) {
        app->eof = app->ended = true;
        plait_agent_say("* eof %s", app->name);
    } else if (errno != EAGAIN && errno != EINTR) {
        plait_agent_fail(app, errno);
    }
}

static void shut_when_done(struct plait_app *app)
{
    if (!app->wants_shutdown || app->has_shutdown || app->wanted > app->sent)
        return;
    app->has_shutdown = true;
    shutdown(app->fd, SHUT_WR);
}

void plait_agent_write(struct plait_app *app)
{
    while (app->wanted > app->sent) {
        uint64_t left = app->wanted - app->sent;
        size_t length_octets = left < PIECE_OCTETS ? (size_t)left : PIECE_OCTETS;
        plait_pattern_fill(piece, app->send_key, app->sent, length_octets);
        ssize_t took = send(app->fd, piece, length_octets, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (took > 0)
            app->sent += (uint64_t)took;
        else if (took < 0 && errno != EAGAIN && errno != EINTR)
            plait_agent_fail(app, errno);
        if (took < (ssize_t)length_octets)
            break;
    }
    shut_when_done(app);
}
