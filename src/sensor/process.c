/* sensor/process.c: forking, closing, waiting. */
#include "sensor/process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "terminal/console.h"
#include "terminal/status.h"

/* ---- interrupts --------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

bool plait_is_interrupted(void)
{
    return interrupted != 0;
}

/* Calls that wait come back: no restart. */
void plait_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- children ----------------------------------------------------------------------------- */

/* The least of CHILD's descriptors that is FROM or more; -1 if there is none. */
static int next_kept(const struct plait_child *child, int from)
{
    int least = -1;
    for (unsigned i = 0; i < child->descriptor_count; i++) {
        int one = child->descriptors[i];
        if (one >= from && (least < 0 || one < least))
            least = one;
    }
    return least;
}

/* Of descriptors above 2 only CHILD's stay. */
static void close_others(const struct plait_child *child)
{
    int from = STDERR_FILENO + 1;
    for (int kept; (kept = next_kept(child, from)) >= 0; from = kept + 1)
        if (kept > from)
            syscall(SYS_close_range, (unsigned)from, (unsigned)kept - 1, 0);
    syscall(SYS_close_range, (unsigned)from, ~0u, 0);
}

static _Noreturn void live(const struct plait_child *child, pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        _exit(plait_exit_status(PLAIT_STATUS_ENVIRONMENT, PLAIT_EXIT_PLAIT));
    close_others(child);
    plait_result confined = plait_confine(child->role, child->directory);
    if (!plait_ok(confined)) {
        plait_complain("", "this process could not be confined: %s",
                       plait_reason_text(confined.reason));
        _exit(plait_exit_status(PLAIT_STATUS_ENVIRONMENT, PLAIT_EXIT_PLAIT));
    }
    _exit(child->body(child->self));
}

pid_t plait_child_start(const struct plait_child *child)
{
    pid_t parent = getpid();
    fflush(NULL); /* nothing is written twice */
    pid_t pid = fork();
    if (pid == 0)
        live(child, parent);
    return pid;
}

int plait_child_wait(pid_t child)
{
    int status;
    pid_t ended;
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    if (ended < 0)
        return -SIGKILL;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
