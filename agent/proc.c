/* agent/proc.c: files below /proc, as they stand or as counters.
 * May touch: descriptors it opens below /proc, and only there (openat2, RESOLVE_BENEATH). */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"

#define COUNTER_LINE_OCTETS 16384 /* TcpExt has some 130 names */

static FILE *open_below_proc(const char *path)
{
    if (strncmp(path, "/proc/", 6) == 0)
        path += 6;
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return NULL;
    const struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, proc, path, &how, sizeof how);
    int error = errno;
    close(proc);
    errno = error;
    return fd < 0 ? NULL : fdopen(fd, "r");
}

const char *plait_agent_proc(struct plait_command *command)
{
    FILE *file = open_below_proc(command->arguments[0]);
    if (file == NULL)
        return plait_agent_error_name(errno);
    char line[PLAIT_AGENT_LINE_OCTETS];
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        plait_agent_say("%s | %s", command->serial, line);
    }
    const char *why = ferror(file) ? plait_agent_error_name(errno) : NULL;
    fclose(file);
    return why;
}

/* "TcpExt: A B" above "TcpExt: 1 2", as in /proc/net/netstat and snmp. */
static void say_pairs(const char *serial, char *names, char *values)
{
    char *names_at, *values_at;
    const char *prefix = strtok_r(names, ": \n", &names_at);
    if (prefix == NULL || strtok_r(values, ": \n", &values_at) == NULL)
        return;
    for (;;) {
        const char *name = strtok_r(NULL, " \n", &names_at);
        const char *value = strtok_r(NULL, " \n", &values_at);
        if (name == NULL || value == NULL)
            return;
        plait_agent_say("%s | %s%s=%s", serial, prefix, name, value);
    }
}

static void say_table(const char *serial, const char *path)
{
    static char names[COUNTER_LINE_OCTETS], values[COUNTER_LINE_OCTETS];
    FILE *file = open_below_proc(path);
    if (file == NULL)
        return;
    while (fgets(names, sizeof names, file) != NULL && fgets(values, sizeof values, file) != NULL)
        say_pairs(serial, names, values);
    fclose(file);
}

static void say_list(const char *serial, const char *path)
{
    char name[64];
    long long value;
    FILE *file = open_below_proc(path);
    if (file == NULL)
        return;
    while (fscanf(file, "%63s %lld", name, &value) == 2)
        plait_agent_say("%s | %s=%lld", serial, name, value);
    fclose(file);
}

const char *plait_agent_counters(struct plait_command *command)
{
    say_table(command->serial, "self/net/netstat");
    say_table(command->serial, "self/net/snmp");
    say_list(command->serial, "self/net/snmp6");
    return NULL;
}
