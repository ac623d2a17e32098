/* lab/splat.c: the taint value and the kernel log. */
#include "lab/splat.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_OCTETS = 8192 };

static const char *const signs[] = {
    "WARNING:", "BUG:",  "Oops",        "general protection", "KASAN",
    "UBSAN",    "KCSAN", "refcount_t:", "soft lockup"};

static long read_taint(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? strtol(text, NULL, 10) : -1;
}

void plait_splat_open(struct plait_splat_watch *watch, const char *taint_path, const char *log_path)
{
    watch->taint_path = taint_path ? taint_path : "/proc/sys/kernel/tainted";
    watch->taint = read_taint(watch->taint_path);
    /* Refused to ordinary users; the taint value then speaks alone. */
    watch->log_fd = open(log_path ? log_path : "/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (watch->log_fd >= 0)
        lseek(watch->log_fd, 0, SEEK_END);
}

void plait_splat_close(struct plait_splat_watch *watch)
{
    if (watch->log_fd >= 0)
        close(watch->log_fd);
    watch->log_fd = -1;
}

static bool is_sign(char *record, char *line, size_t line_octets)
{
    char *message = strchr(record, ';'); /* behind the prefix of a kernel log record */
    message = message ? message + 1 : record;
    message[strcspn(message, "\n")] = '\0';
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (!strstr(message, signs[i]))
            continue;
        snprintf(line, line_octets, "%s", message);
        return true;
    }
    return false;
}

bool plait_splat_seen(struct plait_splat_watch *watch, char *line, size_t line_octets)
{
    bool seen = false;
    char record[RECORD_OCTETS];
    ssize_t n;
    while (watch->log_fd >= 0 && (n = read(watch->log_fd, record, sizeof record - 1)) > 0) {
        record[n] = '\0';
        seen = seen || is_sign(record, line, line_octets);
    }
    long taint = read_taint(watch->taint_path);
    if (taint != watch->taint && !seen)
        snprintf(line, line_octets, "the kernel's taint value changed from %ld to %ld",
                 watch->taint, taint);
    seen = seen || taint != watch->taint;
    watch->taint = taint;
    return seen;
}
