/* sensor/confine.c: Landlock, capabilities, limits, and the list of calls for each role. */
#include "sensor/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "system/allow_list.h"

/* ---- calls -------------------------------------------------------------------------------- */

static const struct plait_allowed_call of_all[] = {
    /* Descriptors that are open. */
    {.call = SYS_read},
    {.call = SYS_readv},
    {.call = SYS_write},
    {.call = SYS_writev},
    {.call = SYS_lseek},
    {.call = SYS_close},
#ifdef SYS_poll
    {.call = SYS_poll},
#endif
    {.call = SYS_ppoll},
    {.call = SYS_recvmsg}, /* further files of a directory that is followed come so */
    /* Memory that is not run. */
    {.call = SYS_brk},
    {SYS_mmap, 2, PROT_EXEC, 0},
    {SYS_mprotect, 2, PROT_EXEC, 0},
    {.call = SYS_munmap},
    {.call = SYS_mremap},
    {.call = SYS_madvise},
    {.call = SYS_futex},
    {.call = SYS_getrandom},
    /* Time. */
    {.call = SYS_clock_gettime},
    {.call = SYS_clock_nanosleep},
    {.call = SYS_nanosleep},
    {.call = SYS_restart_syscall},
    /* The end. */
    {.call = SYS_rt_sigaction},
    {.call = SYS_rt_sigprocmask},
    {.call = SYS_rt_sigreturn},
    {.call = SYS_sigaltstack},
    {.call = SYS_getpid},
    {.call = SYS_gettid},
    {.call = SYS_exit},
    {.call = SYS_exit_group},
};

static const struct plait_allowed_call of_pumps[] = {
    {.call = SYS_recvfrom},   /* packets, where there is no ring of them */
    {.call = SYS_getsockopt}, /* its errors and statistics */
};

static const struct plait_allowed_call of_writers[] = {
    {.call = SYS_openat},
    {.call = SYS_fsync},
};

#define LENGTH(array) (sizeof array / sizeof array[0])

static const struct {
    const struct plait_allowed_call *calls;
    size_t count;
} further[] = {
    [PLAIT_ROLE_PARSER] = {NULL, 0},
    [PLAIT_ROLE_PUMP] = {of_pumps, LENGTH(of_pumps)},
    [PLAIT_ROLE_WRITER] = {of_writers, LENGTH(of_writers)},
};

static plait_result filter_calls(enum plait_role role)
{
    struct plait_allowed_call calls[LENGTH(of_all) + 8];
    size_t count = 0;
    for (size_t i = 0; i < LENGTH(of_all); i++)
        calls[count++] = of_all[i];
    for (size_t i = 0; i < further[role].count; i++)
        calls[count++] = further[role].calls[i];
    return plait_allow_only(calls, count);
}

/* ---- Landlock ----------------------------------------------------------------------------- */

/* As the newest interface has it; an older one takes as many octets as it knows. */
struct handled {
    uint64_t files, net, scopes;
};

enum {
    FILES_1 = 13, /* rights on files that version 1 knows */
    NET = 3,      /* bind and connect, version 4 */
    SCOPES = 3    /* abstract sockets and signals of others, version 6 */
};

int plait_landlock_version(void)
{
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
    return version > 0 ? (int)version : 0;
}

/* All that VERSION can refuse is refused. */
static struct handled everything(int version)
{
    struct handled h = {.files = (UINT64_C(1) << FILES_1) - 1};
    h.files |= version >= 2 ? UINT64_C(1) << 13 : 0; /* moving between directories */
    h.files |= version >= 3 ? UINT64_C(1) << 14 : 0; /* truncating */
    h.files |= version >= 5 ? UINT64_C(1) << 15 : 0; /* device controls */
    h.net = version >= 4 ? NET : 0;
    h.scopes = version >= 6 ? SCOPES : 0;
    return h;
}

static size_t handled_octets(int version)
{
    return version >= 6   ? sizeof(struct handled)
           : version >= 4 ? 2 * sizeof(uint64_t)
                          : sizeof(uint64_t);
}

static bool allow_writing(int ruleset, int directory, const struct handled *h)
{
    const struct landlock_path_beneath_attr beneath = {
        .allowed_access = h->files & (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                      UINT64_C(1) << 14),
        .parent_fd = directory};
    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
}

static plait_result leave_paths(int directory)
{
    int version = plait_landlock_version();
    if (version == 0)
        return PLAIT_OK;
    const struct handled h = everything(version);
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &h, handled_octets(version), 0);
    bool done = ruleset >= 0 && (directory < 0 || allow_writing(ruleset, directory, &h)) &&
                prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    if (ruleset >= 0)
        close(ruleset);
    return done ? PLAIT_OK : PLAIT_FAIL(SYSTEM);
}

/* ---- the rest ----------------------------------------------------------------------------- */

static plait_result drop_capabilities(void)
{
    const struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[2] = {0};
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return syscall(SYS_capset, &header, none) == 0 ? PLAIT_OK : PLAIT_FAIL(SYSTEM);
}

plait_result plait_confine(enum plait_role role, int directory)
{
    const struct rlimit none = {0, 0};
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
        setrlimit(RLIMIT_NPROC, &none) != 0)
        return PLAIT_FAIL(SYSTEM);
    PLAIT_TRY(leave_paths(directory));
    PLAIT_TRY(drop_capabilities());
    return filter_calls(role);
}
