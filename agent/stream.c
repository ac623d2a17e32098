/* agent/stream.c: writes an application's pattern and judges what it reads, octet by octet.
 *
 * The reader resynchronises nothing: an octet is foreign if the pattern does not have it at its
 * offset (agent/pattern.h).  May touch: the application's descriptor. */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/pattern.h"

#define PIECE_OCTETS ((size_t)65536)

static uint8_t piece[PIECE_OCTETS];
static uint8_t expected[PIECE_OCTETS];

/* Whole words at once, or the pattern would cost more than the transfer it judges. */
static void fill_pattern(uint8_t *to, uint64_t key, uint64_t offset, size_t length_octets)
{
    size_t i = 0;
    for (; i < length_octets && (offset + i) % 8 != 0; i++)
        to[i] = plait_pattern_octet(key, offset + i);
    for (; length_octets - i >= 8; i += 8) {
        uint64_t word = htole64(plait_pattern_word(key, (offset + i) / 8));
        memcpy(to + i, &word, sizeof word);
    }
    for (; i < length_octets; i++)
        to[i] = plait_pattern_octet(key, offset + i);
}

static void keep_foreign(struct plait_app *app, size_t from, size_t length_octets)
{
    for (size_t i = from; i < length_octets && app->foreign_kept < PLAIT_AGENT_FOREIGN_KEPT; i++)
        app->foreign_octets[app->foreign_kept++] = piece[i];
}

/* Judges LENGTH octets in PIECE that begin at offset app->received. */
static void judge(struct plait_app *app, size_t length_octets)
{
    fill_pattern(expected, app->receive_key, app->received, length_octets);
    bool known = app->foreign > 0;
    if (known)
        keep_foreign(app, 0, length_octets);
    if (memcmp(piece, expected, length_octets) == 0)
        return;
    for (size_t i = 0; i < length_octets; i++) {
        if (piece[i] == expected[i])
            continue;
        if (app->foreign++ == 0) {
            app->first_foreign = app->received + i;
            keep_foreign(app, i, length_octets);
            plait_agent_say("* foreign %s %llu", app->name, (unsigned long long)app->first_foreign);
        }
    }
}

static void note_time(struct plait_app *app)
{
    int64_t now_ns = plait_agent_now_ns();
    int64_t gap_ns = now_ns - app->last_receive_ns;
    if (app->received > 0 && gap_ns > app->longest_stall_ns)
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
        judge(app, (size_t)length);
        app->received += (uint64_t)length;
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
        fill_pattern(piece, app->send_key, app->sent, length_octets);
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
