/* lab/own_stream.c: writes an application's pattern and judges what it reads.
 * May touch: the application's connection. */
#include "lab/own_stream.h"

static void note_time(struct plait_own_app *app, plait_time_ns now)
{
    plait_time_ns gap_ns = now - app->last_receive_ns;
    if (app->reader.received > 0 && gap_ns > app->longest_stall_ns)
        app->longest_stall_ns = gap_ns;
    app->last_receive_ns = now;
}

static void owe_replies(struct plait_own_app *app, uint32_t length_octets)
{
    if (app->request == 0)
        return;
    app->request_read += length_octets;
    app->wanted += app->request_read / app->request * app->reply;
    app->request_read %= app->request;
}

void plait_own_fail(struct plait_own_app *app, const char *error)
{
    app->ended = true;
    app->wanted = app->sent;
    if (app->error)
        return;
    app->error = error;
    if (!app->closed)
        plait_own_say(app->apps, "error %s %s", app->name, error);
}

void plait_own_read(struct plait_own_app *app, plait_time_ns now)
{
    uint32_t length_octets;
    const uint8_t *octets;
    while ((octets = plait_connection_peek(app->connection, &length_octets)) && length_octets) {
        if (!app->closed) {
            note_time(app, now);
            if (plait_pattern_read_piece(&app->reader, octets, length_octets))
                plait_own_say(app->apps, "foreign %s %llu", app->name,
                              (unsigned long long)app->reader.first_foreign);
            owe_replies(app, length_octets);
        }
        if (!plait_ok(plait_connection_consume(app->connection, now, length_octets)))
            return;
    }
}

static void shut_when_done(struct plait_own_app *app, plait_time_ns now)
{
    if (!app->wants_shutdown || app->has_shutdown || app->wanted > app->sent)
        return;
    app->has_shutdown = true;
    (void)plait_connection_close(app->connection, now); /* a second close changes nothing */
}

void plait_own_write(struct plait_own_app *app, plait_time_ns now)
{
    uint32_t length_octets;
    uint8_t *room;
    while (app->wanted > app->sent &&
           (room = plait_connection_reserve(app->connection, &length_octets)) && length_octets) {
        uint64_t left = app->wanted - app->sent;
        if (left < length_octets)
            length_octets = (uint32_t)left;
        plait_pattern_fill(room, app->send_key, app->sent, length_octets);
        if (!plait_ok(plait_connection_commit(app->connection, now, length_octets)))
            break;
        app->sent += length_octets;
    }
    shut_when_done(app, now);
}

bool plait_own_is_scheduled(const struct plait_own_app *app)
{
    return app->kind == PLAIT_OWN_CONNECTION && app->chunk > 0 && app->connection && !app->closed &&
           !app->connecting && !app->error;
}

void plait_own_owe(struct plait_own_app *app, plait_time_ns now)
{
    if (!plait_own_is_scheduled(app) || app->next_ns > now)
        return;
    int64_t due = (now - app->next_ns) / app->interval_ns + 1;
    app->wanted += app->chunk * (uint64_t)due;
    app->next_ns += due * app->interval_ns;
}
