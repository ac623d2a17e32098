/* lab/splat.h: did the kernel complain?  A splat is a change of the kernel's taint value; root also
 * reads the kernel log for its text (DESIGN §1).  Opened by the parent, outside every sandbox. */
#ifndef PLAIT_LAB_SPLAT_H
#define PLAIT_LAB_SPLAT_H

#include <stdbool.h>
#include <stddef.h>

struct plait_splat_watch {
    const char *taint_path;
    long taint; /* as last seen; -1 = it cannot be read */
    int log_fd; /* of the kernel log, at its end, or -1 */
};

/* Paths are arguments for tests; NULL = the kernel's own (/proc/sys/kernel/tainted, /dev/kmsg). */
void plait_splat_open(struct plait_splat_watch *watch, const char *taint_path,
                      const char *log_path);
void plait_splat_close(struct plait_splat_watch *watch);
/* Anything new since the last call?  LINE gets one line about it. */
bool plait_splat_seen(struct plait_splat_watch *watch, char *line, size_t line_octets);

#endif
