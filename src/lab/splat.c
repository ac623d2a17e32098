/* lab/splat.c: the taint value and the kernel log. */
#include "lab/splat.h"

#include <errno.h>
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

/* "PRIORITY,SEQUENCE,TIME,FLAGS;MESSAGE": PRIORITY / 8 says who speaks, and 0 is the kernel.  What
 * a program writes into its log is no splat, whatever it says. */
static const char *kernel_message(const char *line)
{
    const char *message = strchr(line, ';');
    if (!message)
        return line;
    return strtoul(line, NULL, 10) / 8 == 0 ? message + 1 : NULL;
}

static bool is_sign(const char *message)
{
    for (size_t i = 0; message && i < sizeof signs / sizeof signs[0]; i++)
        if (strstr(message, signs[i]))
            return true;
    return false;
}

/* The first sign in RECORDS; lines that begin with a space are a record's properties. */
static bool find_sign(char *records, char *line, size_t line_octets)
{
    char *rest = NULL;
    for (char *one = strtok_r(records, "\n", &rest); one; one = strtok_r(NULL, "\n", &rest)) {
        const char *message = one[0] == ' ' ? NULL : kernel_message(one);
        if (!is_sign(message))
            continue;
        snprintf(line, line_octets, "%s", message);
        return true;
    }
    return false;
}

/* False at the end of the log.  EPIPE: records were overwritten before they were read. */
static bool read_log(const struct plait_splat_watch *watch, char records[RECORD_OCTETS])
{
    ssize_t n;
    do
        n = read(watch->log_fd, records, RECORD_OCTETS - 1);
    while (n < 0 && (errno == EPIPE || errno == EINTR));
    if (n > 0)
        records[n] = '\0';
    return n > 0;
}

bool plait_splat_seen(struct plait_splat_watch *watch, char *line, size_t line_octets)
{
    bool seen = false;
    char records[RECORD_OCTETS];
    while (watch->log_fd >= 0 && read_log(watch, records)) /* to its end, though one is enough */
        seen = seen || find_sign(records, line, line_octets);
    long taint = read_taint(watch->taint_path);
    if (taint != watch->taint && !seen)
        snprintf(line, line_octets, "the kernel's taint value changed from %ld to %ld",
                 watch->taint, taint);
    seen = seen || taint != watch->taint;
    watch->taint = taint;
    return seen;
}
