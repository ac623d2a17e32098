/* agent/echo.c: an application that writes back whatever it reads, and ends when its peer has.
 *
 * It reads no more than it has room for, so that the peer's window closes when nobody takes the
 * echo.  May touch: the application's descriptor. */
#include <errno.h>
#include <sys/socket.h>

#include "agent/agent.h"

static struct room {
    bool is_taken;
    size_t from, to; /* read and not yet written */
    uint8_t octets[65536];
} rooms[PLAIT_AGENT_ECHOES_MAX];

static struct room *room_of(const struct plait_app *app)
{
    return &rooms[app->echo - 1];
}

bool plait_agent_echo_start(struct plait_app *app)
{
    for (unsigned i = 0; i < PLAIT_AGENT_ECHOES_MAX && app->echo == 0; i++)
        if (!rooms[i].is_taken) {
            rooms[i].is_taken = true;
            rooms[i].from = rooms[i].to = 0;
            app->echo = i + 1;
        }
    return app->echo != 0;
}

void plait_agent_echo_end(struct plait_app *app)
{
    if (app->echo != 0 && app->kind == PLAIT_APP_CONNECTION)
        room_of(app)->is_taken = false;
    app->echo = 0;
}

short plait_agent_echo_events(const struct plait_app *app)
{
    const struct room *room = room_of(app);
    short events = room->from < room->to && app->error == 0 ? POLLOUT : 0;
    return app->ended || room->to == sizeof room->octets ? events : (short)(events | POLLIN);
}

static void read_some(struct plait_app *app, struct room *room)
{
    ssize_t length =
        recv(app->fd, room->octets + room->to, sizeof room->octets - room->to, MSG_DONTWAIT);
    if (length > 0) {
        room->to += (size_t)length;
        app->reader.received += (uint64_t)length; /* not judged */
    } else if (length == 0) {
        app->eof = app->ended = true;
        plait_agent_say("* eof %s", app->name);
    } else if (errno != EAGAIN && errno != EINTR) {
        plait_agent_fail(app, errno);
    }
}

static void write_some(struct plait_app *app, struct room *room)
{
    ssize_t took = send(app->fd, room->octets + room->from, room->to - room->from,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (took > 0) {
        room->from += (size_t)took;
        app->wanted = app->sent += (uint64_t)took;
    } else if (took < 0 && errno != EAGAIN && errno != EINTR) {
        plait_agent_fail(app, errno);
    }
    if (room->from == room->to)
        room->from = room->to = 0;
}

void plait_agent_echo(struct plait_app *app, short revents)
{
    struct room *room = room_of(app);
    if (!app->ended && room->to < sizeof room->octets && revents & (POLLIN | POLLERR | POLLHUP))
        read_some(app, room);
    if (app->error == 0 && room->from < room->to)
        write_some(app, room);
    if (app->eof && room->to == 0 && !app->has_shutdown) {
        app->has_shutdown = app->wants_shutdown = true;
        shutdown(app->fd, SHUT_WR);
    }
}
