/* live/agent_link.c: starts a host's agent, asks it and hears it (agent/PROTOCOL.md).
 *
 * What an agent says comes from inside the target: lines have a limit, events too.
 * May touch: the agent's process and its socket. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/panic.h"
#include "base/text.h"
#include "live/caps.h"
#include "live/inside.h"

#define ANSWER_WAIT_NS (2 * PLAIT_S)
#define LINE_OCTETS    4096

/* ---- start and end --------------------------------------------------------------------------- */

/* In the child.  It keeps what applications need in their own namespace: low ports, and restricted
 * congestion controls. */
_Noreturn static void become_agent(const struct plait_live_host *host, int fd)
{
    static char *const arguments[] = {"plait-agent", NULL};
    static char *const environment[] = {NULL};
    const uint64_t kept = UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_BIND_SERVICE;
    if (setns(host->namespace_fd, CLONE_NEWNET) == 0 && dup2(fd, 0) == 0 && dup2(fd, 1) == 1 &&
        plait_ok(plait_caps_keep(kept)))
        fexecve(host->live->image_fd, arguments, environment);
    _exit(127);
}

plait_result plait_live_agent_start(struct plait_live_host *host)
{
    struct plait_agent_link *link = &host->agent;
    int pair[2];
    if (link->pid != 0)
        return plait_live_fail(host->live, EEXIST, "host %s: agent", host->name);
    if (host->live->image_fd < 0)
        return plait_live_fail(host->live, ENOENT, "host %s: program of the agent", host->name);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return plait_live_fail(host->live, errno, "host %s: agent's socket", host->name);
    link->pid = fork();
    if (link->pid == 0)
        become_agent(host, pair[1]);
    int error = errno;
    close(pair[1]);
    if (link->pid < 0) {
        link->pid = 0;
        close(pair[0]);
        return plait_live_fail(host->live, error, "host %s: agent's process", host->name);
    }
    link->fd = pair[0];
    return PLAIT_OK;
}

void plait_agent_link_close(struct plait_agent_link *link)
{
    for (struct plait_agent_event *event = link->first, *next; event != NULL; event = next) {
        next = event->next;
        free(event);
    }
    free(link->told);
    if (link->fd >= 0)
        close(link->fd);
    if (link->pid > 0) {
        kill(link->pid, SIGKILL);
        while (waitpid(link->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    *link = (struct plait_agent_link){.fd = -1};
}

int plait_live_agent_fd(const struct plait_live_host *host)
{
    return host->agent.fd;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static plait_time_ns clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

/* Waits until the agent has said something or hung up; false at UNTIL. */
static bool await_octets(const struct plait_agent_link *link, plait_time_ns until_ns)
{
    for (;;) {
        plait_time_ns left_ns = until_ns - clock_ns();
        const struct timespec left = {left_ns / PLAIT_S, left_ns % PLAIT_S};
        struct pollfd p = {.fd = link->fd, .events = POLLIN};
        if (left_ns <= 0)
            return false;
        int ready = ppoll(&p, 1, &left, NULL);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

static void keep_event(struct plait_agent_link *link, const char *text);

/* Its descriptor, which would be readable for ever, is replaced by one that never is, so that those
 * who watch it sleep. */
static void note_end(struct plait_agent_link *link)
{
    int never = eventfd(0, EFD_CLOEXEC);
    if (never >= 0 && dup3(never, link->fd, O_CLOEXEC) < 0)
        plait_panic("live: descriptor", "dup3: %s", strerrorname_np(errno));
    if (never >= 0)
        close(never);
    link->ended = true;
    keep_event(link, "gone");
}

static void receive(struct plait_agent_link *link)
{
    ssize_t length = recv(link->fd, link->input + link->used_octets,
                          sizeof link->input - link->used_octets, MSG_DONTWAIT);
    if (length > 0)
        link->used_octets += (size_t)length;
    else if (length == 0 || (errno != EAGAIN && errno != EINTR))
        note_end(link);
}

/* Takes the first whole line out of the input; what is too long comes in pieces. */
static bool take_line(struct plait_agent_link *link, char line[LINE_OCTETS])
{
    const char *end = memchr(link->input, '\n', link->used_octets);
    size_t length = end != NULL ? (size_t)(end - link->input) : link->used_octets;
    if (end == NULL && link->used_octets < sizeof link->input)
        return false;
    size_t kept = length < LINE_OCTETS ? length : LINE_OCTETS - 1;
    memcpy(line, link->input, kept);
    line[kept] = '\0';
    link->used_octets -= length + (end != NULL);
    memmove(link->input, link->input + length + (end != NULL), link->used_octets);
    return true;
}

static void keep_event(struct plait_agent_link *link, const char *text)
{
    size_t octets = strlen(text) + 1;
    if (link->event_count == PLAIT_AGENT_EVENTS_MAX)
        return;
    struct plait_agent_event *event = malloc(sizeof *event + octets);
    if (event == NULL)
        plait_panic("live: memory exhausted", "an event of %zu octets", octets);
    event->next = NULL;
    memcpy(event->text, text, octets);
    if (link->last != NULL)
        link->last->next = event;
    else
        link->first = event;
    link->last = event;
    link->event_count++;
}

/* Keeps the line if it is an event. */
static void keep_if_event(struct plait_agent_link *link, const char *line)
{
    if (strncmp(line, "* ", 2) == 0)
        keep_event(link, line + 2);
}

const char *plait_live_agent_event(struct plait_live_host *host)
{
    struct plait_agent_link *link = &host->agent;
    char line[LINE_OCTETS];
    free(link->told);
    link->told = NULL;
    while (link->first == NULL && take_line(link, line))
        keep_if_event(link, line);
    if (link->first == NULL && link->fd >= 0 && !link->ended)
        receive(link);
    while (link->first == NULL && take_line(link, line))
        keep_if_event(link, line);
    if (link->first == NULL)
        return NULL;
    link->told = link->first;
    link->first = link->told->next;
    if (link->first == NULL)
        link->last = NULL;
    link->event_count--;
    return link->told->text;
}

/* ---- questions ------------------------------------------------------------------------------- */

static bool send_line(struct plait_agent_link *link, const char *line, size_t length_octets)
{
    while (length_octets > 0) {
        ssize_t sent = send(link->fd, line, length_octets, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        line += sent;
        length_octets -= (size_t)sent;
    }
    return true;
}

enum progress { PENDING, ANSWERED, REFUSED };

/* Reads one line as part of the answer to the last question. */
static enum progress read_answer(struct plait_agent_link *link, const char *line,
                                 struct plait_text *answer)
{
    char *rest;
    if (strtoull(line, &rest, 10) != link->serial || rest == line || *rest++ != ' ') {
        keep_if_event(link, line);
        return PENDING;
    }
    if (strncmp(rest, "| ", 2) == 0) {
        plait_text_add(answer, "%s%s", answer->length > 0 ? "\n" : "", rest + 2);
        return PENDING;
    }
    bool is_ok = strncmp(rest, "ok", 2) == 0 && (rest[2] == ' ' || rest[2] == '\0');
    rest += strcspn(rest, " ");
    rest += *rest == ' ';
    if (!is_ok)
        *answer = plait_text(answer->start, answer->room);
    if (*rest != '\0')
        plait_text_add(answer, "%s%s", answer->length > 0 ? "\n" : "", rest);
    return is_ok ? ANSWERED : REFUSED;
}

/* An errno; EPROTO for an answer that is an error. */
static int await_answer(struct plait_agent_link *link, struct plait_text *answer)
{
    plait_time_ns until_ns = clock_ns() + ANSWER_WAIT_NS;
    char line[LINE_OCTETS];
    for (;;) {
        enum progress progress = PENDING;
        while (progress == PENDING && take_line(link, line))
            progress = read_answer(link, line, answer);
        if (progress != PENDING)
            return progress == ANSWERED ? 0 : EPROTO;
        if (link->ended)
            return EPIPE;
        if (!await_octets(link, until_ns))
            return ETIMEDOUT;
        receive(link);
    }
}

plait_result plait_live_agent_ask(struct plait_live_host *host, char *answer, size_t room_octets,
                                  const char *format, ...)
{
    struct plait_agent_link *link = &host->agent;
    struct plait_text text = plait_text(answer, room_octets);
    char line[LINE_OCTETS], command[LINE_OCTETS - 32];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    if (link->fd < 0)
        return plait_live_fail(host->live, ESRCH, "host %s: agent", host->name);
    if (length < 0 || (size_t)length >= sizeof command || strchr(command, '\n') != NULL)
        return plait_live_fail(host->live, EINVAL, "host %s: command", host->name);
    length = snprintf(line, sizeof line, "%llu %s\n", (unsigned long long)++link->serial, command);
    int error =
        !link->ended && send_line(link, line, (size_t)length) ? await_answer(link, &text) : EPIPE;
    if (error == 0 && text.cut)
        error = ENOBUFS;
    return error == 0 ? PLAIT_OK
                      : plait_live_fail(host->live, error, "host %s: agent, %.80s: %.60s",
                                        host->name, command, answer);
}
