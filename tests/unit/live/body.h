/* tests/unit/live/body.h: test bodies inside a sandbox, which say what failed through its report.
 *
 * Inside a body cmocka's assertions would end the wrong process; MUST reports and returns. */
#ifndef PLAIT_TESTS_LIVE_BODY_H
#define PLAIT_TESTS_LIVE_BODY_H

#include "tests/unit/test.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/sandbox.h"

#define BODY_SKIPPED 77
#define NOBODY       65534

typedef int (*body_fn)(void *argument, int report_fd);

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            dprintf(report_fd, "%s:%d: %s (errno %s)\n", __FILE__, __LINE__, #condition,           \
                    strerrorname_np(errno));                                                       \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

#define MUST_OK(expr)                                                                              \
    do {                                                                                           \
        plait_result must_ok_ = (expr);                                                            \
        if (!plait_ok(must_ok_)) {                                                                 \
            dprintf(report_fd, "%s:%d: %s: %s\n", __FILE__, __LINE__, #expr,                       \
                    plait_reason_name(must_ok_.reason));                                           \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

/* The call must fail with EPERM. */
#define MUST_REFUSE(call)                                                                          \
    do {                                                                                           \
        errno = 0;                                                                                 \
        MUST((call) < 0 && errno == EPERM);                                                        \
    } while (0)

static inline void read_all(int fd, char *text, size_t room)
{
    size_t used = 0;
    ssize_t length;
    while (used < room - 1 && (length = read(fd, text + used, room - 1 - used)) > 0)
        used += (size_t)length;
    text[used] = '\0';
}

/* Runs BODY in a sandbox; what it reports comes in TEXT.  Its exit status, or -1 for any other end.
 */
static inline int sandboxed(body_fn body, void *argument, char *text, size_t room)
{
    struct plait_sandbox sandbox;
    plait_result started = plait_sandbox_start(&sandbox, body, argument);
    if (!plait_ok(started)) {
        snprintf(text, room, "plait_sandbox_start: %s", plait_reason_name(started.reason));
        return -1;
    }
    read_all(sandbox.report_fd, text, room);
    close(sandbox.report_fd);
    int status = plait_sandbox_wait(&sandbox);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* BODY must return 0; 77 skips the test, and its report says why. */
static inline void must_pass(body_fn body, void *argument)
{
    char text[4096];
    int status = sandboxed(body, argument, text, sizeof text);
    if (status == BODY_SKIPPED) {
        print_message("skipped: %s\n", text);
        skip();
    }
    if (status != 0)
        fail_msg("status %d: %s", status, text);
}

static inline bool become_nobody(void)
{
    /* Without PR_SET_DUMPABLE /proc/self would belong to root, and the ID maps with it. */
    return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
           setresuid(NOBODY, NOBODY, NOBODY) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
}

/* The same for an ordinary user: as we are, or as nobody in a child where we are root. */
static inline void must_pass_as_ordinary_user(body_fn body, void *argument)
{
    if (geteuid() != 0) {
        must_pass(body, argument);
        return;
    }
    int out[2];
    assert_int_equal(pipe(out), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char text[4096];
        int status = become_nobody() ? sandboxed(body, argument, text, sizeof text) : 99;
        dprintf(out[1], "%s", status == 99 ? "could not become nobody" : text);
        _exit(status & 0xff);
    }
    close(out[1]);
    char text[4096];
    read_all(out[0], text, sizeof text);
    close(out[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == BODY_SKIPPED) {
        print_message("skipped: %s\n", text);
        skip();
    }
    if (status != 0)
        fail_msg("status %#x: %s", (unsigned)status, text);
}

#endif
