/* A run reaches nothing outside, and nothing of it survives: DESIGN §6. */
#include "tests/unit/live/body.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static ino_t net_namespace(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? s.st_ino : 0;
}

/* ---- what a run is ------------------------------------------------------------------------- */

static int says_hello(void *argument, int report_fd)
{
    return write(report_fd, argument, 5) == 5 ? 7 : 8;
}

static void report_and_status_come_through(void **state)
{
    (void)state;
    char text[128];
    assert_int_equal(sandboxed(says_hello, "hello", text, sizeof text), 7);
    assert_string_equal(text, "hello");
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 4096; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int is_alone(void *argument, int report_fd)
{
    const ino_t *outside = argument;
    MUST(getpid() == 1);
    MUST(net_namespace("/proc/self/ns/net") != *outside);
    MUST(if_nametoindex("lo") != 0);
    struct if_nameindex *links = if_nameindex();
    MUST(links != NULL);
    for (unsigned i = 0; links[i].if_index != 0; i++)
        MUST(strncmp(links[i].if_name, "eth", 3) != 0);
    if_freenameindex(links);
    MUST(open_descriptors() == 4);
    for (int fd = 0; fd <= 2; fd++)
        MUST(fcntl(fd, F_GETFD) >= 0);
    MUST(getsid(0) == getpid());
    char self[8] = "";
    MUST(readlink("/proc/self", self, sizeof self - 1) > 0);
    if (mount("proc", "/tmp", "proc", 0, NULL) == 0) /* else a container forbids a fresh one */
        MUST(strcmp(self, "1") == 0);
    return 0;
}

static void run_is_init_of_its_own_namespaces(void **state)
{
    (void)state;
    ino_t outside = net_namespace("/proc/self/ns/net");
    int spare = open("/dev/null", O_RDONLY); /* an inheritable descriptor, which must not pass */
    must_pass(is_alone, &outside);
    must_pass_as_ordinary_user(is_alone, &outside);
    close(spare);
}

static void failure_to_start_is_said(void **state)
{
    (void)state;
    struct rlimit old, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct plait_sandbox sandbox;
    plait_result result = plait_sandbox_start(&sandbox, says_hello, "hello");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_reason(result, TOO_MANY);
    plait_sandbox_kill(&sandbox); /* harmless */
}

/* ---- its end ------------------------------------------------------------------------------- */

static int lives_on(void *argument, int report_fd)
{
    const char *how = argument;
    if (fork() == 0)
        for (;;)
            pause();
    ino_t inside = net_namespace("/proc/self/ns/net");
    if (write(report_fd, &inside, sizeof inside) != sizeof inside)
        return 1;
    if (strcmp(how, "crash") == 0)
        __builtin_trap();
    for (;;)
        pause();
}

/* True if no process has INODE as its network namespace. */
static bool namespace_is_gone(ino_t inode)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    bool gone = true;
    while ((entry = readdir(proc)) != NULL) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%s/ns/net", entry->d_name);
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            gone = gone && net_namespace(path) != inode;
    }
    closedir(proc);
    return gone;
}

/* The report ends only when every process of the run has. */
static void must_end(int report_fd, ino_t inside)
{
    struct pollfd p = {.fd = report_fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 10000), 1);
    assert_int_equal(read(report_fd, &(char){0}, 1), 0);
    close(report_fd);
    assert_true(namespace_is_gone(inside));
}

static void kill_takes_all_along(void **state)
{
    (void)state;
    struct plait_sandbox sandbox;
    ino_t inside;
    assert_ok(plait_sandbox_start(&sandbox, lives_on, "kill"));
    assert_int_equal(read(sandbox.report_fd, &inside, sizeof inside), sizeof inside);
    assert_false(namespace_is_gone(inside));
    plait_sandbox_kill(&sandbox);
    must_end(sandbox.report_fd, inside);
    plait_sandbox_kill(&sandbox); /* harmless */
}

static void crash_takes_all_along(void **state)
{
    (void)state;
    struct plait_sandbox sandbox;
    ino_t inside;
    assert_ok(plait_sandbox_start(&sandbox, lives_on, "crash"));
    assert_int_equal(read(sandbox.report_fd, &inside, sizeof inside), sizeof inside);
    int status = plait_sandbox_wait(&sandbox);
    assert_true(WIFSIGNALED(status));
    must_end(sandbox.report_fd, inside);
}

/* A parent that starts a run, tells us of it, and waits for its own end. */
static pid_t start_parent(int report[2])
{
    assert_int_equal(pipe(report), 0);
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent != 0)
        return parent;
    struct plait_sandbox sandbox;
    if (!plait_ok(plait_sandbox_start(&sandbox, lives_on, "parent")))
        _exit(1);
    for (;;) { /* the run's report is handed on as ours */
        char octets[64];
        ssize_t length = read(sandbox.report_fd, octets, sizeof octets);
        if (length <= 0 || write(report[1], octets, (size_t)length) != length ||
            write(report[1], &sandbox.pid, sizeof sandbox.pid) != sizeof sandbox.pid)
            _exit(1);
    }
}

/* Waits at most 10 s for the end of our child PID, and makes sure of it; its status. */
static int await_end(pid_t pid)
{
    int status;
    for (int i = 0; i < 1000; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
        usleep(10000);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
}

static void dies_with_its_parent(int signal_number)
{
    int report[2];
    ino_t inside;
    pid_t run;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the orphan becomes ours */
    pid_t parent = start_parent(report);
    close(report[1]);
    assert_int_equal(read(report[0], &inside, sizeof inside), sizeof inside);
    assert_int_equal(read(report[0], &run, sizeof run), sizeof run);
    assert_int_equal(kill(parent, signal_number), 0);
    assert_int_equal(WTERMSIG(await_end(parent)), signal_number);
    int status = await_end(run);
    assert_true(status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(namespace_is_gone(inside));
    close(report[0]);
}

static void nothing_survives_sigkill_of_the_parent(void **state)
{
    (void)state;
    dies_with_its_parent(SIGKILL);
}

static void nothing_survives_sigint_to_the_parent(void **state)
{
    (void)state;
    dies_with_its_parent(SIGINT);
}

static void read_file(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    read_all(fd, text, room);
    close(fd);
}

static int mounts_and_links(void *argument, int report_fd)
{
    (void)argument;
    MUST(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
    return 0;
}

static void mounts_of_the_run_stay_its_own(void **state)
{
    (void)state;
    static char before[65536], after[65536];
    read_file("/proc/self/mountinfo", before, sizeof before);
    must_pass(mounts_and_links, NULL);
    read_file("/proc/self/mountinfo", after, sizeof after);
    assert_string_equal(before, after);
}

/* ---- the lock ------------------------------------------------------------------------------ */

static uint64_t status_mask(const char *name)
{
    char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    read_all(fd, text, sizeof text);
    close(fd);
    const char *line = strstr(text, name);
    return line != NULL ? strtoull(line + strlen(name), NULL, 16) : ~UINT64_C(0);
}

static int refuses_other_networks(int report_fd, int outside_fd, int tun_fd)
{
    const int families[] = {AF_INET, AF_INET6, AF_PACKET, AF_UNIX, AF_NETLINK, AF_VSOCK};
    for (unsigned i = 0; i < sizeof families / sizeof families[0]; i++)
        MUST_REFUSE(socket(families[i], SOCK_STREAM, 0));
    MUST_REFUSE(setns(outside_fd, CLONE_NEWNET));
    MUST_REFUSE(setns(-1, 0)); /* by the filter, not only for want of capabilities */
    MUST_REFUSE(unshare(0));
    MUST_REFUSE(unshare(CLONE_NEWNET));
    MUST_REFUSE(unshare(CLONE_NEWUSER));
    MUST_REFUSE(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
    MUST_REFUSE(syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, NULL, NULL, NULL, NULL));
    MUST(syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS);
    MUST_REFUSE(syscall(SYS_io_uring_setup, 1, NULL));
    MUST_REFUSE(syscall(SYS_pidfd_getfd, 0, 0, 0));
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "outside"};
    MUST_REFUSE(ioctl(tun_fd, TUNSETIFF, &request));
    int late = open("/dev/net/tun", O_RDWR);
    if (late >= 0)
        MUST_REFUSE(ioctl(late, TUNSETIFF, &request));
    return 0;
}

static int refuses_the_machine(int report_fd)
{
    MUST_REFUSE(mount("none", "/tmp", "tmpfs", 0, NULL));
    MUST_REFUSE(umount2("/proc", MNT_DETACH));
    MUST_REFUSE(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    MUST_REFUSE(syscall(SYS_bpf, 0, NULL, 0));
    MUST_REFUSE(syscall(SYS_open_by_handle_at, 0, NULL, 0));
    MUST_REFUSE(syscall(SYS_process_vm_writev, 1, NULL, 0, NULL, 0, 0));
    MUST_REFUSE(syscall(SYS_finit_module, 0, "", 0));
    MUST_REFUSE(syscall(SYS_syslog, 3, NULL, 0));
    return 0;
}

static int keeps_little(int report_fd)
{
    const uint64_t net_admin = UINT64_C(1) << 12;
    const char *sets[] = {"CapEff:", "CapPrm:", "CapBnd:"};
    for (unsigned i = 0; i < 3; i++)
        MUST(status_mask(sets[i]) == net_admin);
    MUST(status_mask("CapInh:") == 0 && status_mask("CapAmb:") == 0);
    MUST(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    int at_parents_death = 0;
    MUST(prctl(PR_GET_PDEATHSIG, &at_parents_death) == 0 && at_parents_death == SIGKILL);
    pid_t child = fork(); /* forks are allowed, and locked in as well */
    MUST(child >= 0);
    if (child == 0)
        _exit(socket(AF_INET, SOCK_STREAM, 0) < 0 ? 0 : 1);
    int status;
    MUST(waitpid(child, &status, 0) == child && status == 0);
    return 0;
}

/* Descriptor 0 is the outside's network namespace: the one thing that could lead there. */
static int is_locked(void *argument, int report_fd)
{
    (void)argument;
    int tun_fd = open("/dev/net/tun", O_RDWR);
    MUST_REFUSE(setns(0, CLONE_NEWNET)); /* no capability over the outside even before the lock */
    ino_t before = net_namespace("/proc/self/ns/net");
    MUST_OK(plait_sandbox_lock());
    MUST(net_namespace("/proc/self/ns/net") != before);
    if (refuses_other_networks(report_fd, 0, tun_fd) != 0 || refuses_the_machine(report_fd) != 0)
        return 1;
    return keeps_little(report_fd);
}

static void with_outside_as_descriptor_0(void (*pass)(body_fn, void *))
{
    int outside = open("/proc/self/ns/net", O_RDONLY), old = dup(0);
    assert_true(outside >= 0 && old >= 0 && dup2(outside, 0) == 0);
    pass(is_locked, NULL);
    dup2(old, 0);
    close(old);
    close(outside);
}

static void locked_run_reaches_nothing(void **state)
{
    (void)state;
    with_outside_as_descriptor_0(must_pass);
}

static void locked_run_of_an_ordinary_user_reaches_nothing(void **state)
{
    (void)state;
    with_outside_as_descriptor_0(must_pass_as_ordinary_user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_and_status_come_through),
        cmocka_unit_test(run_is_init_of_its_own_namespaces),
        cmocka_unit_test(failure_to_start_is_said),
        cmocka_unit_test(kill_takes_all_along),
        cmocka_unit_test(crash_takes_all_along),
        cmocka_unit_test(nothing_survives_sigkill_of_the_parent),
        cmocka_unit_test(nothing_survives_sigint_to_the_parent),
        cmocka_unit_test(mounts_of_the_run_stay_its_own),
        cmocka_unit_test(locked_run_reaches_nothing),
        cmocka_unit_test(locked_run_of_an_ordinary_user_reaches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
