/* agent/app.c: the table of applications, and what each does when its socket or its clock asks.
 * May touch: the applications' descriptors, the monotonic clock. */
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"

/* Nothing tells that all is acknowledged: it is asked again after this long. */
#define HELD_BACK_NS 2000000

struct plait_app plait_agent_apps[PLAIT_AGENT_APPS_MAX];

int64_t plait_agent_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

struct plait_app *plait_agent_app(const char *name)
{
    for (unsigned i = 0; i < PLAIT_AGENT_APPS_MAX; i++)
        if (plait_agent_apps[i].kind != PLAIT_APP_FREE &&
            strcmp(plait_agent_apps[i].name, name) == 0)
            return &plait_agent_apps[i];
    return NULL;
}

static struct plait_app *free_entry(void)
{
    for (unsigned i = 0; i < PLAIT_AGENT_APPS_MAX; i++)
        if (plait_agent_apps[i].kind == PLAIT_APP_FREE)
            return &plait_agent_apps[i];
    return NULL;
}

struct plait_app *plait_agent_app_new(const char *name)
{
    struct plait_app *app = plait_agent_app(name);
    if (app == NULL)
        app = free_entry();
    if (app == NULL)
        return NULL;
    *app = (struct plait_app){.fd = -1};
    memcpy(app->name, name, strnlen(name, sizeof app->name - 1));
    return app;
}

void plait_agent_app_close(struct plait_app *app)
{
    if (app->fd >= 0)
        close(app->fd);
    app->fd = -1;
    app->chunk = 0;
    plait_agent_echo_end(app);
}

static bool has_free_entry(void)
{
    return free_entry() != NULL;
}

struct pollfd plait_agent_app_poll(const struct plait_app *app)
{
    struct pollfd p = {.fd = app->deaf ? -1 : app->fd};
    if (app->kind == PLAIT_APP_LISTENER) {
        if (has_free_entry())
            p.events = POLLIN; /* else connections wait in the backlog */
        return p;
    }
    if (app->echo != 0 && !app->connecting) {
        p.events = plait_agent_echo_events(app);
        return p;
    }
    if (app->connecting || app->wanted > app->sent)
        p.events |= POLLOUT;
    if (!app->connecting && !app->ended)
        p.events |= POLLIN;
    return p;
}

static void accept_one(struct plait_app *listener)
{
    struct sockaddr_storage peer = {0};
    socklen_t room = sizeof peer;
    int fd = accept4(listener->fd, (struct sockaddr *)&peer, &room, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    char name[PLAIT_AGENT_NAME_OCTETS + 24];
    snprintf(name, sizeof name, "%s.%llu", listener->name,
             (unsigned long long)listener->accepted++);
    struct plait_app *app = plait_agent_app_new(name);
    if (app == NULL) {
        close(fd);
        return;
    }
    app->kind = PLAIT_APP_CONNECTION;
    app->fd = fd;
    app->send_key = listener->send_key;
    app->reader.key = listener->reader.key;
    app->request = listener->request;
    app->reply = listener->reply;
    if (listener->echo != 0 && !plait_agent_echo_start(app)) {
        plait_agent_app_close(app);
        return;
    }
    char text[PLAIT_AGENT_PLACE_OCTETS];
    plait_agent_say("* accepted %s %s", app->name, plait_agent_place_text(&peer, ' ', text));
}

static void finish_connect(struct plait_app *app)
{
    int error = 0;
    getsockopt(app->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    app->connecting = false;
    if (error != 0) {
        app->error = error;
        app->ended = true;
        plait_agent_app_close(app);
        plait_agent_say("* failed %s %s", app->name, plait_agent_error_name(error));
        return;
    }
    struct sockaddr_storage local = {0};
    getsockname(app->fd, (struct sockaddr *)&local, &(socklen_t){sizeof local});
    char text[PLAIT_AGENT_PLACE_OCTETS];
    plait_agent_say("* connected %s %s", app->name, plait_agent_place_text(&local, ' ', text));
}

/* A connection that poll will report for ever, whatever we do, is left alone. */
static void note_hang_up(struct plait_app *app, short revents)
{
    if (app->fd < 0 || !(revents & (POLLERR | POLLHUP)) || !app->ended)
        return;
    int error = 0;
    getsockopt(app->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){sizeof error});
    plait_agent_fail(app, error);
    app->deaf = true;
}

void plait_agent_app_ready(struct plait_app *app, short revents)
{
    if (app->kind == PLAIT_APP_LISTENER) {
        if (revents & POLLIN)
            accept_one(app);
        else if (revents & (POLLERR | POLLHUP | POLLNVAL))
            app->deaf = true;
        return;
    }
    if (app->connecting) {
        finish_connect(app);
        return;
    }
    if (app->echo != 0) {
        plait_agent_echo(app, revents);
    } else {
        if (!app->ended && revents & (POLLIN | POLLERR | POLLHUP))
            plait_agent_read(app);
        if (revents & POLLOUT)
            plait_agent_write(app);
    }
    note_hang_up(app, revents);
}

int plait_agent_app_unacknowledged(const struct plait_app *app)
{
    int octets = 0;
    if (app->kind != PLAIT_APP_CONNECTION || app->fd < 0 || ioctl(app->fd, SIOCOUTQ, &octets) != 0)
        return 0;
    return octets;
}

static bool is_held_back(const struct plait_app *app)
{
    return app->paced && (app->wanted > app->sent || plait_agent_app_unacknowledged(app) > 0);
}

int64_t plait_agent_app_schedule(struct plait_app *app, int64_t now_ns)
{
    if (app->chunk == 0 || app->fd < 0 || app->connecting || app->error != 0)
        return INT64_MAX;
    if (app->next_ns == 0)
        app->next_ns = now_ns;
    if (app->next_ns <= now_ns && is_held_back(app))
        return now_ns + HELD_BACK_NS;
    if (app->next_ns <= now_ns) {
        int64_t due = (now_ns - app->next_ns) / app->interval_ns + 1;
        app->wanted += app->chunk * (uint64_t)due;
        app->next_ns += due * app->interval_ns;
    }
    return app->next_ns;
}
