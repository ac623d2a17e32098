/* agent/agent.c: the loop.  Reads command lines from descriptor 0, moves applications, answers on
 * descriptor 1, and ends when descriptor 0 ends.  One thread, one poll.
 * May touch: descriptors 0 and 1, and what the applications own. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"

static char line[PLAIT_AGENT_LINE_OCTETS];
static size_t line_used;
static bool line_too_long;

/* Takes one octet of input; false if the agent shall end. */
static bool take(char c)
{
    if (c != '\n') {
        if (line_used == sizeof line - 1)
            line_too_long = true;
        else
            line[line_used++] = c;
        return true;
    }
    line[line_used] = '\0';
    line_used = 0;
    if (!line_too_long)
        return plait_agent_command(line);
    line_too_long = false;
    line[strcspn(line, " ")] = '\0';
    plait_agent_say("%.32s error line too long", line);
    return true;
}

static bool read_commands(void)
{
    char octets[PLAIT_AGENT_LINE_OCTETS];
    ssize_t length = read(0, octets, sizeof octets);
    if (length < 0)
        return errno == EAGAIN || errno == EINTR;
    for (ssize_t i = 0; i < length; i++)
        if (!take(octets[i]))
            return false;
    return length > 0;
}

static int64_t run_schedules(void)
{
    int64_t now_ns = plait_agent_now_ns(), next_ns = INT64_MAX;
    for (unsigned i = 0; i < PLAIT_AGENT_APPS_MAX; i++) {
        int64_t at_ns = plait_agent_app_schedule(&plait_agent_apps[i], now_ns);
        next_ns = at_ns < next_ns ? at_ns : next_ns;
    }
    return next_ns;
}

static void wait_for(struct pollfd *fds, nfds_t count, int64_t until_ns)
{
    int64_t left_ns = until_ns - plait_agent_now_ns();
    if (left_ns < 0)
        left_ns = 0;
    const struct timespec left = {left_ns / 1000000000, left_ns % 1000000000};
    if (ppoll(fds, count, until_ns == INT64_MAX ? NULL : &left, NULL) < 0)
        for (nfds_t i = 0; i < count; i++)
            fds[i].revents = 0;
}

static bool turn(void)
{
    enum { INPUT, OUTPUT, APPS };
    struct pollfd fds[APPS + PLAIT_AGENT_APPS_MAX];
    int64_t next_ns = run_schedules();
    fds[INPUT] = (struct pollfd){.fd = 0, .events = POLLIN};
    fds[OUTPUT] = (struct pollfd){.fd = plait_agent_flush() ? 1 : -1, .events = POLLOUT};
    for (unsigned i = 0; i < PLAIT_AGENT_APPS_MAX; i++)
        fds[APPS + i] = plait_agent_app_poll(&plait_agent_apps[i]);
    wait_for(fds, APPS + PLAIT_AGENT_APPS_MAX, next_ns);
    for (unsigned i = 0; i < PLAIT_AGENT_APPS_MAX; i++)
        if (fds[APPS + i].revents != 0 && fds[APPS + i].fd == plait_agent_apps[i].fd)
            plait_agent_app_ready(&plait_agent_apps[i], fds[APPS + i].revents);
    return fds[INPUT].revents == 0 || read_commands();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    for (unsigned i = 0; i < PLAIT_AGENT_APPS_MAX; i++)
        plait_agent_apps[i].fd = -1;
    fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
    while (turn())
        ;
    plait_agent_flush();
    return 0;
}
