/* live/worker.h: a process that plays runs which need nothing of the kernel, one after the other:
 * both ends and the net are in its memory.
 *
 * Such runs are short, a few milliseconds; making a process and its pages for each would take
 * longer than they do.  A worker is a child of the process that asks, dies with it, has no
 * descriptor but 0, 1, 2, its orders' and what came with one, and needs no privileges.  It is
 * locked in before its first order.  What a run breaks, ends the worker: whoever asked starts
 * another. May touch: the processes it starts. */
#ifndef PLAIT_LIVE_WORKER_H
#define PLAIT_LIVE_WORKER_H

#include <sys/types.h>

#include "base/result.h"

#define PLAIT_WORKER_MESSAGE_MAX ((size_t)16 << 20)

/* One run.  MESSAGE is what plait_worker_play was given, in memory of the worker's own; it, and
 * both descriptors, are the worker's to free and close.  FILE_FD is -1 if none came along. */
typedef void (*plait_worker_body)(void *message, size_t length_octets, int report_fd, int file_fd);

struct plait_worker {
    pid_t pid; /* -1: none */
    int fd;
};

/* Everything that bodies need of this process's memory must be there by now. */
plait_result plait_worker_start(struct plait_worker *worker, plait_worker_body body);
/* Has an idle worker play one run.  *REPORT_FD is the read end of what the run reports, which ends
 * with it; the caller closes it.  FILE_FD stays the caller's.  TOO_MANY for a message that is too
 * long. */
plait_result plait_worker_play(const struct plait_worker *worker, const void *message,
                               size_t length_octets, int file_fd, int *report_fd);
/* Ends an idle worker, or waits for one that is ending; its status as waitpid gives it. */
int plait_worker_end(struct plait_worker *worker);
/* Ends it, whatever it does (SIGKILL by pid), and waits for it. */
void plait_worker_kill(struct plait_worker *worker);

/* Locks the calling process in: no new privileges, and no system call but those that memory,
 * descriptors that are open or come with an order, and its own end need (EPERM), so no way to a
 * network at all.  Irreversible. */
plait_result plait_worker_lock(void);

#endif
