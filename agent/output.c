/* agent/output.c: lines to whoever commands the agent.
 *
 * Applications must not stall because nobody reads at this moment, so lines wait in memory; 4 MiB
 * unread is more than any run says, and ends the agent.  May touch: descriptor 1. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"

#define UNREAD_MAX_OCTETS ((size_t)4 << 20)

static char *waiting;
static size_t used, room;

static void need(size_t octets)
{
    if (used + octets <= room)
        return;
    if (used + octets > UNREAD_MAX_OCTETS)
        _exit(3);
    room = (used + octets) * 2;
    waiting = realloc(waiting, room);
    if (waiting == NULL)
        _exit(3);
}

void plait_agent_say(const char *format, ...)
{
    need(2 * PLAIT_AGENT_LINE_OCTETS);
    va_list arguments;
    va_start(arguments, format);
    int wrote = vsnprintf(waiting + used, 2 * PLAIT_AGENT_LINE_OCTETS - 1, format, arguments);
    va_end(arguments);
    if (wrote < 0)
        return;
    if (wrote > 2 * PLAIT_AGENT_LINE_OCTETS - 2)
        wrote = 2 * PLAIT_AGENT_LINE_OCTETS - 2;
    used += (size_t)wrote;
    waiting[used++] = '\n';
}

bool plait_agent_flush(void)
{
    while (used > 0) {
        ssize_t wrote = write(1, waiting, used);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0 && errno == EAGAIN)
            return true;
        if (wrote <= 0)
            _exit(0); /* nobody will ever read */
        used -= (size_t)wrote;
        memmove(waiting, waiting + wrote, used);
    }
    return false;
}
