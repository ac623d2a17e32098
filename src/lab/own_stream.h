/* lab/own_stream.h: what the files of the applications over libplait share (lab/own_app.h). */
#ifndef PLAIT_LAB_OWN_STREAM_H
#define PLAIT_LAB_OWN_STREAM_H

#include "agent/pattern.h"
#include "lab/own_app.h"

#define PLAIT_OWN_APPS_MAX     256
#define PLAIT_OWN_NAME_OCTETS  25
#define PLAIT_OWN_EVENT_OCTETS 128
#define PLAIT_OWN_EVENTS_MAX   4096 /* more are dropped: nobody listens */

enum plait_own_kind { PLAIT_OWN_FREE, PLAIT_OWN_LISTENER, PLAIT_OWN_CONNECTION };

struct plait_own_app {
    struct plait_own_apps *apps;
    enum plait_own_kind kind;
    char name[PLAIT_OWN_NAME_OCTETS];
    struct plait_connection *connection; /* NULL: none, or given back */
    struct plait_listener *listener;
    bool connecting, closed, ended, eof, wants_shutdown, has_shutdown;
    bool busy;         /* a call on the connection is under way: its news are looked at after it */
    const char *error; /* name of the first failure's errno, or NULL */
    uint64_t send_key;
    uint64_t wanted, sent; /* octets; wanted - sent are still to be written */
    struct plait_pattern_reader reader;
    uint64_t chunk; /* rate: octets each interval_ns, next at next_ns */
    int64_t interval_ns;
    plait_time_ns next_ns;
    uint64_t request, reply, request_read; /* answer mode */
    plait_time_ns last_receive_ns, longest_stall_ns;
    uint64_t accepted; /* listener: number of the next connection */
};

struct plait_own_event {
    struct plait_own_event *next;
    char text[];
};

struct plait_own_apps {
    struct plait_own_apps_config config;
    struct plait_own_app app[PLAIT_OWN_APPS_MAX];
    bool gathers;
    unsigned used; /* entries from the front that were ever taken */
    struct plait_own_event *first, **last, *told;
    unsigned event_count;
};

/* ---- own_app.c ---- */
void plait_own_say(struct plait_own_apps *apps, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct plait_own_app *plait_own_app(struct plait_own_apps *apps, const char *name);
/* A free entry, named; NULL when all are taken, or that one is.  A closed one's is used again. */
struct plait_own_app *plait_own_app_new(struct plait_own_apps *apps, const char *name);
extern const struct plait_callbacks plait_own_callbacks;
/* Looks at the connection and does what it allows: reads, writes, ends. */
void plait_own_app_move(struct plait_own_app *app, plait_time_ns now);

/* ---- own_stream.c ---- */
void plait_own_read(struct plait_own_app *app, plait_time_ns now);
void plait_own_write(struct plait_own_app *app, plait_time_ns now);
void plait_own_fail(struct plait_own_app *app, const char *error);
/* Adds the octets that the schedule owes by NOW. */
void plait_own_owe(struct plait_own_app *app, plait_time_ns now);
bool plait_own_is_scheduled(const struct plait_own_app *app);

#endif
