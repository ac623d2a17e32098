/* lab/own_app.c: the table of applications, what they say, and what moves them.
 * May touch: its host, through the application's calls of plait/. */
#include "lab/own_app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "lab/own_stream.h"

/* ---- events ------------------------------------------------------------------------------- */

void plait_own_say(struct plait_own_apps *apps, const char *format, ...)
{
    if (apps->event_count == PLAIT_OWN_EVENTS_MAX)
        return;
    struct plait_own_event *event = malloc(sizeof *event + PLAIT_OWN_EVENT_OCTETS);
    if (!event)
        plait_panic("lab: memory exhausted", "an event");
    event->next = NULL;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(event->text, PLAIT_OWN_EVENT_OCTETS, format, arguments);
    va_end(arguments);
    *apps->last = event;
    apps->last = &event->next;
    apps->event_count++;
}

const char *plait_own_apps_event(struct plait_own_apps *apps)
{
    free(apps->told);
    apps->told = apps->first;
    if (!apps->told)
        return NULL;
    apps->first = apps->told->next;
    if (!apps->first)
        apps->last = &apps->first;
    apps->event_count--;
    return apps->told->text;
}

/* ---- the table ---------------------------------------------------------------------------- */

struct plait_own_apps *plait_own_apps_new(const struct plait_own_apps_config *config)
{
    struct plait_own_apps *apps = calloc(1, sizeof *apps);
    if (!apps)
        plait_panic("lab: memory exhausted", "applications");
    apps->config = *config;
    apps->last = &apps->first;
    return apps;
}

void plait_own_apps_free(struct plait_own_apps *apps)
{
    while (plait_own_apps_event(apps))
        ;
    free(apps);
}

struct plait_own_app *plait_own_app(struct plait_own_apps *apps, const char *name)
{
    for (unsigned i = 0; i < apps->used; i++)
        if (apps->app[i].kind != PLAIT_OWN_FREE && strcmp(apps->app[i].name, name) == 0)
            return &apps->app[i];
    return NULL;
}

struct plait_own_app *plait_own_app_new(struct plait_own_apps *apps, const char *name)
{
    struct plait_own_app *app = plait_own_app(apps, name);
    bool taken = app && (app->connection || app->listener);
    if (taken || (!app && apps->used == PLAIT_OWN_APPS_MAX))
        return NULL;
    if (!app)
        app = &apps->app[apps->used++];
    *app = (struct plait_own_app){.apps = apps};
    snprintf(app->name, sizeof app->name, "%s", name);
    return app;
}

void plait_own_apps_each(struct plait_own_apps *apps,
                         void (*visit)(void *self, struct plait_connection *c), void *self)
{
    for (unsigned i = 0; i < apps->used; i++)
        if (apps->app[i].kind == PLAIT_OWN_CONNECTION && apps->app[i].connection &&
            !apps->app[i].connecting)
            visit(self, apps->app[i].connection);
}

/* ---- one connection ----------------------------------------------------------------------- */

/* "WORD NAME ADDR PORT" of one end of the first path. */
static void say_place(struct plait_own_app *app, const char *word, bool is_remote)
{
    struct plait_path_status path;
    char addr[PLAIT_ADDR_TEXT_OCTETS] = "-";
    if (!plait_ok(plait_connection_path(app->connection, 0, &path))) {
        plait_own_say(app->apps, "%s %s - 0", word, app->name);
        return;
    }
    const struct plait_place *place = is_remote ? &path.remote : &path.local;
    plait_own_say(app->apps, "%s %s %s %u", word, app->name, plait_addr_text(&place->addr, addr),
                  place->port);
}

static void give_back(struct plait_own_app *app, plait_time_ns now)
{
    plait_connection_free(app->connection, now);
    app->connection = NULL;
}

/* The words of errno for how a connection ended; NULL while it goes on. */
static const char *failure_of(enum plait_stage stage, bool connecting)
{
    if (stage == PLAIT_STAGE_RESET)
        return connecting ? "ECONNREFUSED" : "ECONNRESET";
    return stage == PLAIT_STAGE_TIMED_OUT ? "ETIMEDOUT" : NULL;
}

/* False if the connection did not come about, or has not yet. */
static bool finish_connecting(struct plait_own_app *app, enum plait_stage stage, plait_time_ns now)
{
    const char *failure = failure_of(stage, true);
    if (stage == PLAIT_STAGE_OPENING)
        return false;
    app->connecting = false;
    if (!failure) {
        say_place(app, "connected", false);
        return true;
    }
    app->error = failure;
    app->ended = true;
    plait_own_say(app->apps, "failed %s %s", app->name, failure);
    give_back(app, now);
    return false;
}

static void look_once(struct plait_own_app *app, plait_time_ns now)
{
    struct plait_status status = plait_connection_status(app->connection);
    if (app->connecting && !finish_connecting(app, status.stage, now))
        return;
    plait_own_read(app, now);
    const char *failure = failure_of(status.stage, false);
    if (failure) {
        plait_own_fail(app, failure);
    } else if (status.peer_done && !app->eof) {
        app->eof = app->ended = true;
        if (!app->closed)
            plait_own_say(app->apps, "eof %s", app->name);
    }
    if (!app->error)
        plait_own_write(app, now);
    if (app->closed && (app->error || status.stage == PLAIT_STAGE_CLOSED))
        give_back(app, now);
}

void plait_own_app_move(struct plait_own_app *app, plait_time_ns now)
{
    if (app->busy || app->kind != PLAIT_OWN_CONNECTION || !app->connection)
        return;
    app->busy = true;
    look_once(app, now);
    app->busy = false;
    struct plait_own_apps_config *config = &app->apps->config;
    if (config->changed && app->connection && !app->connecting)
        config->changed(config->self, app->connection, now);
}

/* ---- what the host says ------------------------------------------------------------------- */

/* Beyond the table's end connections stay where they are: established, and nobody reads them. */
static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct plait_own_app *listener = user;
    char name[PLAIT_OWN_NAME_OCTETS + 24];
    snprintf(name, sizeof name, "%s.%llu", listener->name,
             (unsigned long long)listener->accepted++);
    struct plait_own_app *app = plait_own_app_new(listener->apps, name);
    plait_connection_set_user(c, app);
    if (!app)
        return;
    app->kind = PLAIT_OWN_CONNECTION;
    app->connection = c;
    app->send_key = listener->send_key;
    app->reader.key = listener->reader.key;
    app->request = listener->request;
    app->reply = listener->reply;
    say_place(app, "accepted", true);
    plait_own_app_move(app, now);
}

static void changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    (void)user;
    struct plait_own_app *app = plait_connection_user(c);
    if (app && app->connection == c)
        plait_own_app_move(app, now);
}

const struct plait_callbacks plait_own_callbacks = {accepted, changed};

/* ---- time --------------------------------------------------------------------------------- */

/* What is due within this time is written with its last piece.  Less than half of what counts as a
 * stall (lab/verdict.c). */
#define GATHER_NS (500 * PLAIT_MS)

void plait_own_apps_gather(struct plait_own_apps *apps, bool may)
{
    apps->gathers = may;
}

static plait_time_ns write_ns(const struct plait_own_app *app)
{
    if (!app->apps->gathers || app->interval_ns > GATHER_NS)
        return app->next_ns;
    return app->next_ns + (GATHER_NS / app->interval_ns - 1) * app->interval_ns;
}

plait_time_ns plait_own_apps_deadline(const struct plait_own_apps *apps)
{
    plait_time_ns first_ns = PLAIT_NEVER;
    for (unsigned i = 0; i < apps->used; i++)
        if (plait_own_is_scheduled(&apps->app[i]))
            first_ns = plait_earlier(first_ns, write_ns(&apps->app[i]));
    return first_ns;
}

void plait_own_apps_advance(struct plait_own_apps *apps, plait_time_ns now)
{
    for (unsigned i = 0; i < apps->used; i++) {
        struct plait_own_app *app = &apps->app[i];
        if (!plait_own_is_scheduled(app) || write_ns(app) > now)
            continue;
        plait_own_owe(app, now);
        plait_own_app_move(app, now);
    }
}
