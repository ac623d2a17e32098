/* live/sandbox.h: the process of one live run, which nothing survives and which reaches nothing.
 *
 * A run is one process in user, network, pid and mount namespaces of its own, for root too; it is
 * the init of its pid namespace, dies with its parent (PR_SET_PDEATHSIG set after the id maps, then
 * a check through a pipe that the parent lives), and takes all its children along (DESIGN §6).  All
 * inherited descriptors but 0, 1, 2 and the report pipe are closed. */
#ifndef PLAIT_LIVE_SANDBOX_H
#define PLAIT_LIVE_SANDBOX_H

#include <sys/types.h>

#include "base/result.h"

struct plait_sandbox {
    pid_t pid;
    int report_fd; /* read end: what the run writes to its REPORT_FD; closed by the caller */
};

/* Forks BODY into fresh namespaces.  BODY's result is the exit status (0..255). */
plait_result plait_sandbox_start(struct plait_sandbox *sandbox,
                                 int (*body)(void *argument, int report_fd), void *argument);
/* Ends it, without waiting for the end; harmless if it has ended. */
void plait_sandbox_condemn(struct plait_sandbox *sandbox);
/* Ends the run (SIGKILL by pid) and waits for it.  Harmless if it has ended. */
void plait_sandbox_kill(struct plait_sandbox *sandbox);

/* Waits for the run's end; its status as waitpid gives it, or -1 if there is none. */
int plait_sandbox_wait(struct plait_sandbox *sandbox);

/* Locks the calling run in before a script's first step: empty network namespace of its own,
 * no CAP_SYS_ADMIN, no new privileges, and a system-call filter without socket(), setns(),
 * unshare(), mount(), ptrace(), bpf() ... (EPERM).  Irreversible. */
plait_result plait_sandbox_lock(void);
#endif
