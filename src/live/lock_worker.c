/* live/lock_worker.c: locks in a process whose runs need nothing of the kernel (DESIGN §6, "the lab
 * cannot be aimed").
 *
 * What stays is a list of what memory, descriptors that are open already, and the process's own end
 * need; all else is refused, so there is no socket, no file, no other process.  The filter is a
 * plain list of comparisons: the library would add nothing to it.  Touches: the calling process. */
#include "live/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "io/system_error.h"

static const int allowed[] = {
    /* Orders, reports, captures. */
    SYS_recvmsg,
    SYS_read,
    SYS_write,
    SYS_writev,
    SYS_lseek,
    SYS_close,
    /* How libc asks about a stream. */
    SYS_fstat,
    SYS_newfstatat,
    /* Memory; randomness and clock are the C library's, the run's own are drawn and virtual. */
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_futex,
    SYS_getrandom,
    SYS_clock_gettime,
    /* How a run dies. */
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_getpid,
    SYS_gettid,
    SYS_exit,
    SYS_exit_group,
};

#define COUNT (sizeof allowed / sizeof allowed[0])

static const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;

/* fdopen asks for flags; nothing else is asked of fcntl, which might send signals. */
static size_t write_fcntl(struct sock_filter *filter)
{
    size_t n = 0;
    filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0, 4);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                               offsetof(struct seccomp_data, args[1]));
    filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, F_GETFL, 1, 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refuse);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

/* Each comparison jumps over the rest of the list to "allow"; calls of another architecture's table
 * are refused before their numbers are looked at. */
static size_t write_filter(struct sock_filter *filter)
{
    size_t n = 0;
    filter[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    filter[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 1, 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refuse);
    filter[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    n += write_fcntl(filter + n);
    for (size_t i = 0; i < COUNT; i++)
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)allowed[i],
                                                   (uint8_t)(COUNT - i), 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refuse);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

plait_result plait_worker_lock(void)
{
    struct sock_filter filter[COUNT + 11];
    struct sock_fprog program = {.filter = filter};
    program.len = (unsigned short)write_filter(filter);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return plait_errno_result(errno);
    return PLAIT_OK;
}
