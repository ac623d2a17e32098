/* live/lock_nursling.c: locks in a run that needs nothing of the kernel (DESIGN §6, "the lab cannot
 * be aimed").
 *
 * What stays is a list of what memory, descriptors that are open already, and the process's own end
 * need; all else is refused, so there is no socket, no file, no other process.  The filter is a
 * plain list of comparisons, written here, because building it with the library takes half a
 * millisecond, and there are hundreds of runs a second.  Touches: the calling process. */
#include "live/nursery.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "io/system_error.h"

static const int allowed[] = {
    SYS_read,         SYS_write,          SYS_writev,       SYS_lseek,         SYS_close,
    SYS_fstat,        SYS_newfstatat, /* how libc asks about an open stream */
    SYS_brk,          SYS_mmap,           SYS_munmap,       SYS_mremap,        SYS_mprotect,
    SYS_madvise,      SYS_futex,          SYS_getrandom,    SYS_clock_gettime, /* of the C library;
                                                                                  the run's own
                                                                                  clock is virtual
                                                                                */
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,   SYS_getpid,
    SYS_gettid,       SYS_exit,           SYS_exit_group,
};

#define COUNT (sizeof allowed / sizeof allowed[0])

static const uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;

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
    for (size_t i = 0; i < COUNT; i++)
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)allowed[i],
                                                   (uint8_t)(COUNT - i), 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, refuse);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    return n;
}

plait_result plait_nursling_lock(void)
{
    struct sock_filter filter[COUNT + 6];
    struct sock_fprog program = {.filter = filter};
    program.len = (unsigned short)write_filter(filter);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return plait_errno_result(errno);
    return PLAIT_OK;
}
