/* live/lock_forked.c: locks in a run that needs nothing of the kernel (DESIGN §6, "the lab cannot
 * be aimed"): both ends and the net are in its memory.
 *
 * What stays is a list of what memory, descriptors that are open already, and the process's own end
 * need; all else is refused, so there is no socket, no file, no other process.
 * Touches: the calling process. */
#include "live/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "live/system_error.h"

static const int allowed[] = {
    SCMP_SYS(read),          SCMP_SYS(write),
    SCMP_SYS(writev),        SCMP_SYS(lseek),
    SCMP_SYS(close),         SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), /* how libc asks about an open stream */
    SCMP_SYS(brk),           SCMP_SYS(mmap),
    SCMP_SYS(munmap),        SCMP_SYS(mremap),
    SCMP_SYS(mprotect),      SCMP_SYS(madvise),
    SCMP_SYS(futex),         SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime), /* of the C library; the run's own clock is virtual */
    SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(sigaltstack),
    SCMP_SYS(getpid),        SCMP_SYS(gettid),
    SCMP_SYS(exit),          SCMP_SYS(exit_group),
};

static int load(scmp_filter_ctx filter)
{
    int error = 0;
    for (unsigned i = 0; error == 0 && i < sizeof allowed / sizeof allowed[0]; i++)
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (error == 0) /* abort() */
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    return error != 0 ? error : seccomp_load(filter);
}

plait_result plait_sandbox_lock_forked(void)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return plait_errno_result(errno);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return PLAIT_FAIL(SYSTEM);
    int error = load(filter);
    seccomp_release(filter);
    return plait_errno_result(-error);
}
