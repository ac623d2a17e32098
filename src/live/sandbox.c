/* live/sandbox.c: one run as the init of namespaces of its own (DESIGN §6).
 *
 * Touches: a child process, /proc/self of that child, its own mount namespace. */
#include "live/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "io/system_error.h"

#define NAMESPACES (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS)

struct birth {
    uid_t uid;
    gid_t gid;
    int report_fd;
    int parent_fd; /* hangs up when the parent is gone */
};

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t wrote = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return wrote == (ssize_t)strlen(text);
}

/* An ordinary user may map one ID, its own, and groups only without setgroups (user_namespaces(7)).
 */
static bool map_ids(const struct birth *birth)
{
    char line[32];
    struct plait_text text = plait_text(line, sizeof line);
    plait_text_add(&text, "0 %u 1", birth->uid);
    if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", line))
        return false;
    text = plait_text(line, sizeof line);
    plait_text_add(&text, "0 %u 1", birth->gid);
    return write_file("/proc/self/gid_map", line);
}

/* The signal is asked for after the ID maps, which would clear it; whether the parent died before
 * that is then seen on its descriptor. */
static bool die_with_parent(const struct birth *birth)
{
    struct pollfd parent = {.fd = birth->parent_fd};
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && poll(&parent, 1, 0) == 0;
}

static void default_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Mounts of the run stay its own.  A fresh /proc shows only the run's processes; where a masked
 * /proc forbids it (containers), the old one serves as well. */
static bool own_mounts(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    (void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    return true;
}

static void close_all_but(int one, int other)
{
    unsigned low = (unsigned)(one < other ? one : other);
    unsigned high = (unsigned)(one < other ? other : one);
    if (low > 3)
        close_range(3, low - 1, 0);
    if (high > low + 1)
        close_range(low + 1, high - 1, 0);
    close_range(high + 1, ~0u, 0);
}

static bool settle(const struct birth *birth)
{
    default_signals();
    close_all_but(birth->report_fd, birth->parent_fd);
    return map_ids(birth) && own_mounts() && setsid() >= 0 && die_with_parent(birth);
}

_Noreturn static void live_run(const struct birth *birth,
                               int (*body)(void *argument, int report_fd), void *argument)
{
    int error = settle(birth) ? 0 : errno != 0 ? errno : EIO;
    bool told = send(birth->parent_fd, &error, sizeof error, MSG_NOSIGNAL) == sizeof error;
    close(birth->parent_fd);
    if (error != 0 || !told)
        _exit(255);
    int status = body(argument, birth->report_fd);
    fflush(NULL);
    close(birth->report_fd); /* at once: the kernel takes 25 ms for each device that is left */
    _exit(status);
}

static plait_result await_birth(struct plait_sandbox *sandbox, int child_fd)
{
    int error = EIO;
    ssize_t length;
    do
        length = recv(child_fd, &error, sizeof error, 0);
    while (length < 0 && errno == EINTR);
    if (length == sizeof error && error == 0)
        return PLAIT_OK;
    plait_sandbox_kill(sandbox);
    return plait_errno_result(error);
}

static plait_result give_birth(struct plait_sandbox *sandbox, int report[2], int family[2],
                               int (*body)(void *argument, int report_fd), void *argument)
{
    struct birth birth = {geteuid(), getegid(), report[1], family[1]};
    fflush(NULL); /* else both would write what is buffered */
    sandbox->pid = (pid_t)syscall(SYS_clone, NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL);
    if (sandbox->pid < 0)
        return plait_errno_result(errno);
    if (sandbox->pid == 0)
        live_run(&birth, body, argument);
    close(family[1]);
    family[1] = -1;
    return await_birth(sandbox, family[0]);
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

plait_result plait_sandbox_start(struct plait_sandbox *sandbox,
                                 int (*body)(void *argument, int report_fd), void *argument)
{
    int report[2], family[2];
    *sandbox = (struct plait_sandbox){.pid = -1, .report_fd = -1};
    if (pipe2(report, O_CLOEXEC) != 0)
        return plait_errno_result(errno);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, family) != 0) {
        plait_result why = plait_errno_result(errno);
        close_pair(report);
        return why;
    }
    plait_result result = give_birth(sandbox, report, family, body, argument);
    if (plait_ok(result)) {
        sandbox->report_fd = report[0];
        report[0] = -1;
    }
    close_pair(report);
    close_pair(family);
    return result;
}

int plait_sandbox_wait(struct plait_sandbox *sandbox)
{
    int status = -1;
    pid_t ended = -1;
    if (sandbox->pid > 0)
        do
            ended = waitpid(sandbox->pid, &status, 0);
        while (ended < 0 && errno == EINTR);
    sandbox->pid = -1;
    return ended > 0 ? status : -1;
}

void plait_sandbox_condemn(struct plait_sandbox *sandbox)
{
    siginfo_t info;
    /* The pid is ours only while it is our child, running or not waited for. */
    if (sandbox->pid > 0 &&
        waitid(P_PID, (id_t)sandbox->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        kill(sandbox->pid, SIGKILL);
}

void plait_sandbox_kill(struct plait_sandbox *sandbox)
{
    plait_sandbox_condemn(sandbox);
    (void)plait_sandbox_wait(sandbox);
}
