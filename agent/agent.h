/* agent/agent.h: what the agent's files share.
 *
 * The agent is one static program without libraries but libc; it knows nothing of attacks and
 * includes nothing of plait but agent/pattern.h.  Its protocol: agent/PROTOCOL.md. */
#ifndef PLAIT_AGENT_AGENT_H
#define PLAIT_AGENT_AGENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "agent/pattern.h"

#define PLAIT_AGENT_APPS_MAX    256
#define PLAIT_AGENT_LINE_OCTETS 4096
#define PLAIT_AGENT_NAME_OCTETS 32
#define PLAIT_AGENT_ECHOES_MAX  4
#define PLAIT_AGENT_WORDS_MAX   12

/* ---- output.c: lines to descriptor 1, never blocking -------------------------------------- */

void plait_agent_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Writes what descriptor 1 takes; true if something is left. */
bool plait_agent_flush(void);

/* ---- app.c: one socket and the application on it ------------------------------------------ */

enum plait_app_kind { PLAIT_APP_FREE, PLAIT_APP_LISTENER, PLAIT_APP_CONNECTION };

struct plait_app {
    enum plait_app_kind kind;
    char name[PLAIT_AGENT_NAME_OCTETS];
    int fd;          /* -1 when closed */
    bool connecting; /* connect() has not come back yet */
    bool ended;      /* the peer's end or an error was seen: nothing more to read */
    bool deaf;       /* the kernel reports hang-up for ever: not polled any more */
    bool wants_shutdown, has_shutdown;
    bool eof;
    int error; /* errno of the first failure */

    uint64_t send_key;
    uint64_t wanted, sent; /* octets; wanted - sent are still to be written */
    struct plait_pattern_reader reader;

    uint64_t chunk; /* rate: octets each interval_ns, next at next_ns */
    int64_t interval_ns, next_ns;
    bool paced;                            /* nothing is written while anything is under way */
    uint64_t request, reply, request_read; /* answer mode */
    unsigned echo;                         /* echo mode: 1 + its room (of a listener: any) */

    int64_t last_receive_ns, longest_stall_ns;
    uint64_t accepted; /* listener: number of the next connection */
};

extern struct plait_app plait_agent_apps[PLAIT_AGENT_APPS_MAX];

int64_t plait_agent_now_ns(void);
/* NULL if there is none of that name. */
struct plait_app *plait_agent_app(const char *name);
/* A free entry, named; NULL when all are taken.  A closed entry of that name is used again. */
struct plait_app *plait_agent_app_new(const char *name);
/* Closes the descriptor; the entry keeps its numbers for stat. */
void plait_agent_app_close(struct plait_app *app);
/* What to poll for; 0 and fd -1 if nothing. */
struct pollfd plait_agent_app_poll(const struct plait_app *app);
/* Acts on what poll reported and on the schedule. */
void plait_agent_app_ready(struct plait_app *app, short revents);
/* Adds the octets that the schedule owes by NOW_NS; the time of the next, or INT64_MAX. */
int64_t plait_agent_app_schedule(struct plait_app *app, int64_t now_ns);
/* Octets that the socket took and that are not acknowledged yet (SIOCOUTQ). */
int plait_agent_app_unacknowledged(const struct plait_app *app);

/* ---- stream.c: the patterned octets ------------------------------------------------------- */

void plait_agent_read(struct plait_app *app);
void plait_agent_write(struct plait_app *app);
void plait_agent_fail(struct plait_app *app, int error);

/* ---- echo.c: octets of others, written back ------------------------------------------------ */

/* False if all rooms are taken. */
bool plait_agent_echo_start(struct plait_app *app);
void plait_agent_echo_end(struct plait_app *app);
short plait_agent_echo_events(const struct plait_app *app);
void plait_agent_echo(struct plait_app *app, short revents);

/* ---- place.c: addresses as text ----------------------------------------------------------- */

#define PLAIT_AGENT_PLACE_OCTETS 56
/* ADDR is text of either family, or "any4", "any6", or "any" (FAMILY_OF_ANY).  False if neither. */
bool plait_agent_parse_place(const char *addr, uint16_t port, int family_of_any,
                             struct sockaddr_storage *place);
socklen_t plait_agent_place_octets(const struct sockaddr_storage *place);
/* "198.18.1.1 80" with SEPARATOR ' '; with ':' "198.18.1.1:80", "[2001:db8::1]:80". */
const char *plait_agent_place_text(const struct sockaddr_storage *place, char separator,
                                   char text[PLAIT_AGENT_PLACE_OCTETS]);

/* ---- commands ----------------------------------------------------------------------------- */

struct plait_command {
    const char *serial;
    unsigned count; /* of arguments */
    char *arguments[PLAIT_AGENT_WORDS_MAX];
    char answer[PLAIT_AGENT_LINE_OCTETS]; /* behind "ok ", to be filled */
};

/* A command's function gives NULL, or why it failed: an errno name or a few words. */
typedef const char *(*plait_command_fn)(struct plait_command *command);

/* Runs one line, answers it, and returns false if the agent shall end. */
bool plait_agent_command(char *line);
const char *plait_agent_error_name(int error);

const char *plait_agent_listen(struct plait_command *command);   /* open.c */
const char *plait_agent_connect(struct plait_command *command);  /* open.c */
const char *plait_agent_info(struct plait_command *command);     /* info.c */
const char *plait_agent_counters(struct plait_command *command); /* proc.c */
const char *plait_agent_proc(struct plait_command *command);     /* proc.c */

#endif
