/* live/settings.c: the kernel's settings of one namespace, written and read back.
 * May touch: /proc/sys/net of the host's namespace. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "live/inside.h"

static const char *const names[PLAIT_SYSCTL_DIRECTORIES] = {
    [PLAIT_SYSCTL_CORE] = "net/core/",           [PLAIT_SYSCTL_IPV4] = "net/ipv4/",
    [PLAIT_SYSCTL_IPV6] = "net/ipv6/",           [PLAIT_SYSCTL_MPTCP] = "net/mptcp/",
    [PLAIT_SYSCTL_NETFILTER] = "net/netfilter/",
};

void plait_settings_open(int directories[PLAIT_SYSCTL_DIRECTORIES])
{
    for (unsigned i = 0; i < PLAIT_SYSCTL_DIRECTORIES; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/sys/%s", names[i]);
        directories[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* may be absent */
    }
}

void plait_settings_close(int directories[PLAIT_SYSCTL_DIRECTORIES])
{
    for (unsigned i = 0; i < PLAIT_SYSCTL_DIRECTORIES; i++)
        if (directories[i] >= 0)
            close(directories[i]);
}

/* A descriptor, or -1 with errno. */
static int open_setting(const int directories[PLAIT_SYSCTL_DIRECTORIES], const char *name,
                        int flags)
{
    errno = EINVAL;
    if (strstr(name, "..") != NULL)
        return -1;
    for (unsigned i = 0; i < PLAIT_SYSCTL_DIRECTORIES; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(name, names[i], length) != 0 || name[length] == '/')
            continue;
        errno = ENOENT;
        return directories[i] < 0 ? -1 : openat(directories[i], name + length, flags | O_CLOEXEC);
    }
    return -1;
}

int plait_settings_write(const int directories[PLAIT_SYSCTL_DIRECTORIES], const char *name,
                         const char *value)
{
    int fd = open_setting(directories, name, O_WRONLY);
    if (fd < 0)
        return errno;
    size_t length = strlen(value);
    int error = write(fd, value, length) == (ssize_t)length ? 0 : errno;
    close(fd);
    return error;
}

int plait_settings_read(const int directories[PLAIT_SYSCTL_DIRECTORIES], const char *name,
                        char value[64])
{
    value[0] = '\0';
    int fd = open_setting(directories, name, O_RDONLY);
    if (fd < 0)
        return errno;
    ssize_t length = read(fd, value, 63);
    int error = length < 0 ? errno : 0;
    close(fd);
    value[length > 0 ? length : 0] = '\0';
    value[strcspn(value, "\n")] = '\0';
    for (char *at = value; *at != '\0'; at++)
        *at = *at == '\t' ? ' ' : *at;
    return error;
}

plait_result plait_live_set(struct plait_live_host *host, const char *name, const char *value,
                            char read_back[64])
{
    read_back[0] = '\0';
    int error = plait_settings_write(host->settings, name, value);
    if (error != 0)
        return plait_live_fail(host->live, error, "%s: set %s to \"%s\"", host->name, name, value);
    return plait_live_get(host, name, read_back);
}

plait_result plait_live_get(struct plait_live_host *host, const char *name, char value[64])
{
    int error = plait_settings_read(host->settings, name, value);
    return error == 0 ? PLAIT_OK
                      : plait_live_fail(host->live, error, "%s: get %s", host->name, name);
}
