/* live/nursery.h: runs that need nothing of the kernel: both ends and the net are in their memory.
 *
 * They are forked by the hundred, and a fork costs what the forking process weighs (100 MB: 8 ms).
 * So one child is put aside while the process is still light, and forks them; each is a child of
 * the process that asked, dies with it, has no descriptor but 0, 1, 2 and its report's, and needs
 * no privileges.  May touch: the processes it starts. */
#ifndef PLAIT_LIVE_NURSERY_H
#define PLAIT_LIVE_NURSERY_H

#include "live/sandbox.h"

#define PLAIT_NURSERY_MESSAGE_MAX ((size_t)16 << 20)

/* MESSAGE is what plait_nursery_run was given, in memory of the run's own.  The result is the exit
 * status. */
typedef int (*plait_nursery_body)(void *message, size_t length_octets, int report_fd);

struct plait_nursery {
    pid_t pid; /* -1: none */
    int fd;
};

/* Everything that bodies need of this process's memory must be there by now. */
plait_result plait_nursery_start(struct plait_nursery *nursery, plait_nursery_body body);
/* Starts one run.  TOO_MANY for a message that is too long. */
plait_result plait_nursery_run(struct plait_nursery *nursery, const void *message,
                               size_t length_octets, struct plait_sandbox *sandbox);
/* Runs that go on are not ended by this. */
void plait_nursery_end(struct plait_nursery *nursery);

/* Locks the calling run in before a script's first step: no new privileges, and no system call but
 * those that memory, open descriptors and its own end need (EPERM), so no way to a network at all.
 * Irreversible. */
plait_result plait_nursling_lock(void);

#endif
