/* live/lock_worker.c: locks in a process whose runs need nothing of the kernel (DESIGN §6, "the lab
 * cannot be aimed").
 *
 * What stays is a list of what memory, descriptors that are open already, and the process's own end
 * need; all else is refused, so there is no socket, no file, no other process.  Touches: the
 * calling process. */
#include "live/worker.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "system/allow_list.h"

static const struct plait_allowed_call allowed[] = {
    /* Orders, reports, captures. */
    {.call = SYS_recvmsg},
    {.call = SYS_read},
    {.call = SYS_write},
    {.call = SYS_writev},
    {.call = SYS_lseek},
    {.call = SYS_close},
    /* How libc asks about a stream. */
    {.call = SYS_fstat},
    {.call = SYS_newfstatat},
    /* Memory; randomness and clock are the C library's, the run's own are drawn and virtual. */
    {.call = SYS_brk},
    {.call = SYS_mmap},
    {.call = SYS_munmap},
    {.call = SYS_mremap},
    {.call = SYS_mprotect},
    {.call = SYS_madvise},
    {.call = SYS_futex},
    {.call = SYS_getrandom},
    {.call = SYS_clock_gettime},
    /* How a run dies. */
    {.call = SYS_rt_sigaction},
    {.call = SYS_rt_sigprocmask},
    {.call = SYS_rt_sigreturn},
    {.call = SYS_sigaltstack},
    {.call = SYS_getpid},
    {.call = SYS_gettid},
    {.call = SYS_exit},
    {.call = SYS_exit_group},
    /* fdopen asks for flags; nothing else is asked of fcntl, which might send signals. */
    {SYS_fcntl, 1, UINT32_MAX, F_GETFL},
};

plait_result plait_worker_lock(void)
{
    return plait_allow_only(allowed, sizeof allowed / sizeof allowed[0]);
}
