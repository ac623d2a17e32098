/* live/program.c: other people's programs inside a host.
 * May touch: the program's process and its pipe. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/caps.h"
#include "live/inside.h"

#define OF_AGENTS (UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_NET_BIND_SERVICE)

/* tcpdump as root sets its groups before it opens a file to write, also with "-Z root", and ends if
 * that fails.  Nobody may in a namespace of ours (user_namespaces(7)), and it has none to lose. */
static bool let_setgroups_do_nothing(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool done = filter &&
                seccomp_rule_add(filter, SCMP_ACT_ERRNO(0), SCMP_SYS(setgroups), 0) == 0 &&
                seccomp_load(filter) == 0;
    seccomp_release(filter);
    return done;
}

/* In the child: as an agent, but what it executes is looked for in the caller's PATH. */
_Noreturn static void become(const struct plait_live_host *host, char *const arguments[], int out,
                             uint64_t kept)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (setns(host->namespace_fd, CLONE_NEWNET) == 0 && dup2(nothing, 0) == 0 &&
        dup2(out, 1) == 1 && dup2(out, 2) == 2 && plait_ok(plait_caps_keep(kept)) &&
        (kept == OF_AGENTS || let_setgroups_do_nothing()))
        execvp(arguments[0], arguments);
    _exit(127);
}

static plait_result start(struct plait_live_host *host, char *const arguments[], uint64_t kept,
                          struct plait_live_program *program)
{
    int out[2];
    *program = (struct plait_live_program){.fd = -1};
    if (pipe2(out, O_CLOEXEC) != 0)
        return plait_live_fail(host->live, errno, "host %s: pipe of %s", host->name, arguments[0]);
    pid_t pid = fork();
    if (pid == 0)
        become(host, arguments, out[1], kept);
    int error = errno;
    close(out[1]);
    if (pid < 0) {
        close(out[0]);
        return plait_live_fail(host->live, error, "host %s: process of %s", host->name,
                               arguments[0]);
    }
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    *program = (struct plait_live_program){pid, out[0]};
    return PLAIT_OK;
}

plait_result plait_live_program_start(struct plait_live_host *host, char *const arguments[],
                                      struct plait_live_program *program)
{
    return start(host, arguments, OF_AGENTS, program);
}

plait_result plait_live_capturer_start(struct plait_live_host *host, char *const arguments[],
                                       struct plait_live_program *program)
{
    return start(host, arguments, OF_AGENTS | UINT64_C(1) << CAP_NET_RAW, program);
}

bool plait_live_program_ended(struct plait_live_program *program, int *status)
{
    if (program->pid <= 0 || waitpid(program->pid, status, WNOHANG) != program->pid)
        return false;
    program->pid = 0;
    return true;
}

void plait_live_program_close(struct plait_live_program *program)
{
    if (program->pid > 0) {
        kill(program->pid, SIGKILL);
        while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (program->fd >= 0)
        close(program->fd);
    *program = (struct plait_live_program){.fd = -1};
}
