/* live/counters.c: the kernel's counters of one host, through its agent.
 * May touch: the agent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "live/inside.h"

#define ANSWER_ROOM_OCTETS 65536

/* "Name=value"; false if LINE is something else. */
static bool read_counter(const char *line, size_t length, struct plait_counter *counter)
{
    const char *equals = memchr(line, '=', length);
    if (equals == NULL || (size_t)(equals - line) >= sizeof counter->name)
        return false;
    memcpy(counter->name, line, (size_t)(equals - line));
    counter->name[equals - line] = '\0';
    counter->value = strtoll(equals + 1, NULL, 10);
    return true;
}

static bool read_counters(const char *text, struct plait_counters *counters)
{
    counters->count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (counters->count == PLAIT_COUNTERS_MAX)
            return false;
        counters->count += read_counter(text, length, &counters->counters[counters->count]);
        text += length + (text[length] == '\n');
    }
    return true;
}

plait_result plait_live_counters(struct plait_live_host *host, struct plait_counters *counters)
{
    char *answer = malloc(ANSWER_ROOM_OCTETS);
    if (answer == NULL)
        return plait_live_fail(host->live, ENOMEM, "host %s: counters", host->name);
    plait_result result = plait_live_agent_ask(host, answer, ANSWER_ROOM_OCTETS, "counters");
    if (plait_ok(result) && !read_counters(answer, counters))
        result = plait_live_fail(host->live, ENOSPC, "host %s: counters", host->name);
    free(answer);
    return result;
}

int64_t plait_counter_value(const struct plait_counters *counters, const char *name)
{
    for (unsigned i = 0; i < counters->count; i++)
        if (strcmp(counters->counters[i].name, name) == 0)
            return counters->counters[i].value;
    return 0;
}
