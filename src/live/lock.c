/* live/lock.c: locks a run in before a script's first step (DESIGN §6, "the lab cannot be aimed").
 *
 * What stays: the descriptors the run has, CAP_NET_ADMIN over its own namespaces (netlink sockets
 * ask for it at each use), and an empty network namespace.  Touches: the calling process. */
#include "live/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/system_error.h"
#include "live/caps.h"

/* Ways to another network, namespace, process or kernel.  io_uring could open a socket behind the
 * filter's back. */
static const int refused[] = {
    SCMP_SYS(socket),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(kcmp),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(fanotify_init),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(syslog),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
};

static const unsigned namespace_flags[] = {
    CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
};

/* Making a device, or aiming an open one; typing into a terminal. */
static const unsigned refused_ioctls[] = {TUNSETIFF, TUNSETQUEUE, TUNSETPERSIST, TIOCSTI};

static int add_rules(scmp_filter_ctx filter)
{
    const uint32_t no = SCMP_ACT_ERRNO(EPERM);
    int error = 0;
    for (unsigned i = 0; error == 0 && i < sizeof refused / sizeof refused[0]; i++)
        error = seccomp_rule_add(filter, no, refused[i], 0);
    for (unsigned i = 0; error == 0 && i < sizeof namespace_flags / sizeof namespace_flags[0]; i++)
        error =
            seccomp_rule_add(filter, no, SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, namespace_flags[i], namespace_flags[i]));
    for (unsigned i = 0; error == 0 && i < sizeof refused_ioctls / sizeof refused_ioctls[0]; i++)
        error = seccomp_rule_add(filter, no, SCMP_SYS(ioctl), 1,
                                 SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, refused_ioctls[i]));
    /* clone3 hides its flags in memory; libc falls back to clone where it is absent. */
    return error != 0 ? error
                      : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

static plait_result filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return PLAIT_FAIL(SYSTEM);
    int error = add_rules(filter);
    if (error == 0)
        error = seccomp_load(filter);
    seccomp_release(filter);
    return plait_errno_result(-error);
}

plait_result plait_caps_keep(uint64_t kept)
{
    const struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {0};
    for (unsigned i = 0; i < 2; i++)
        data[i].effective = data[i].permitted = (uint32_t)(kept >> 32 * i);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
        if (!(kept >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) != 0)
            return plait_errno_result(errno);
    if (syscall(SYS_capset, &header, data) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return plait_errno_result(errno);
    return PLAIT_OK;
}

/* Root's run keeps root's files: no path may be opened for writing any more but the settings of its
 * own namespaces.  Descriptors it has stay as they are; a kernel without Landlock leaves the other
 * locks. */
static plait_result deny_writing(void)
{
    const struct landlock_ruleset_attr handled = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                             LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                             LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
    if (ruleset < 0)
        return PLAIT_OK;
    struct landlock_path_beneath_attr own = {.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE,
                                             .parent_fd =
                                                 open("/proc/sys/net", O_PATH | O_CLOEXEC)};
    long done = own.parent_fd < 0
                    ? -1
                    : syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &own, 0);
    if (done == 0)
        done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (done == 0)
        done = syscall(SYS_landlock_restrict_self, ruleset, 0);
    int error = errno;
    close(ruleset);
    if (own.parent_fd >= 0)
        close(own.parent_fd);
    return done == 0 ? PLAIT_OK : plait_errno_result(error);
}

plait_result plait_sandbox_lock(void)
{
    if (unshare(CLONE_NEWNET) != 0)
        return plait_errno_result(errno);
    PLAIT_TRY(deny_writing());
    PLAIT_TRY(plait_caps_keep(UINT64_C(1) << CAP_NET_ADMIN));
    return filter_calls();
}
