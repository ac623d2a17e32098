/* live/nursery.c: one light process that forks runs for a heavy one.
 * Touches: child processes. */
#include "live/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/system_error.h"

struct order { /* its message follows */
    size_t length_octets;
};

/* ---- octets and descriptors between the two ----------------------------------------------- */

static bool send_all(int fd, const void *octets, size_t length_octets)
{
    const char *at = octets;
    while (length_octets > 0) {
        ssize_t sent = send(fd, at, length_octets, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        length_octets -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int fd, void *octets, size_t length_octets)
{
    char *at = octets;
    while (length_octets > 0) {
        ssize_t got = recv(fd, at, length_octets, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        length_octets -= (size_t)got;
    }
    return true;
}

union descriptor_room {
    struct cmsghdr head;
    char octets[CMSG_SPACE(sizeof(int))];
};

/* An order, and with it the descriptor that its run reports to. */
static bool send_order(int fd, const struct order *order, int report_fd)
{
    union descriptor_room room = {0};
    struct iovec part = {(void *)(uintptr_t)order, sizeof *order};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = room.octets,
                             .msg_controllen = sizeof room.octets};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof report_fd);
    memcpy(CMSG_DATA(head), &report_fd, sizeof report_fd);
    ssize_t sent;
    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *order;
}

static bool receive_order(int fd, struct order *order, int *report_fd)
{
    union descriptor_room room = {0};
    struct iovec part = {order, sizeof *order};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = room.octets,
                             .msg_controllen = sizeof room.octets};
    ssize_t got;
    do
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    struct cmsghdr *head = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!head)
        return false;
    memcpy(report_fd, CMSG_DATA(head), sizeof *report_fd);
    return receive_all(fd, (char *)order + got, sizeof *order - (size_t)got);
}

/* ---- the nursery -------------------------------------------------------------------------- */

struct place {
    plait_nursery_body body;
    pid_t parent; /* of the nursery and of the runs */
    int fd;
};

_Noreturn static void run(const struct place *place, void *message, size_t length_octets,
                          int report_fd)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    close(place->fd);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != place->parent)
        _exit(255);
    int status = place->body(message, length_octets, report_fd);
    fflush(NULL);
    _exit(status);
}

static bool obey(const struct place *place)
{
    struct order order;
    int report_fd = -1;
    if (!receive_order(place->fd, &order, &report_fd))
        return false;
    void *message = malloc(order.length_octets + 1);
    bool whole = message && receive_all(place->fd, message, order.length_octets);
    pid_t pid = -1;
    if (whole) /* a sister, so that whoever asked waits for it as for any child */
        pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        run(place, message, order.length_octets, report_fd);
    int error = pid < 0 ? errno : 0;
    free(message);
    close(report_fd);
    pid_t answer = pid < 0 ? -(pid_t)error : pid;
    return whole && send_all(place->fd, &answer, sizeof answer);
}

static void close_from_3_but(int fd)
{
    if (fd > 3)
        close_range(3, (unsigned)fd - 1, 0);
    close_range((unsigned)fd + 1, ~0u, 0);
}

_Noreturn static void nurse(const struct place *place)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGINT, SIG_IGN); /* whoever asked decides when it ends */
    signal(SIGTERM, SIG_IGN);
    close_from_3_but(place->fd);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == place->parent && setsid() >= 0)
        while (obey(place))
            ;
    _exit(0);
}

plait_result plait_nursery_start(struct plait_nursery *nursery, plait_nursery_body body)
{
    int pair[2];
    *nursery = (struct plait_nursery){-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return plait_errno_result(errno);
    const struct place place = {body, getpid(), pair[1]};
    fflush(NULL); /* else all would write what is buffered */
    nursery->pid = fork();
    if (nursery->pid == 0)
        nurse(&place);
    int error = errno;
    close(pair[1]);
    if (nursery->pid < 0) {
        close(pair[0]);
        return plait_errno_result(error);
    }
    nursery->fd = pair[0];
    return PLAIT_OK;
}

plait_result plait_nursery_run(struct plait_nursery *nursery, const void *message,
                               size_t length_octets, struct plait_sandbox *sandbox)
{
    int report[2];
    pid_t pid = -EIO;
    const struct order order = {length_octets};
    *sandbox = (struct plait_sandbox){.pid = -1, .report_fd = -1};
    if (length_octets > PLAIT_NURSERY_MESSAGE_MAX)
        return PLAIT_FAIL(TOO_MANY);
    if (pipe2(report, O_CLOEXEC) != 0)
        return plait_errno_result(errno);
    bool asked = send_order(nursery->fd, &order, report[1]) &&
                 send_all(nursery->fd, message, length_octets) &&
                 receive_all(nursery->fd, &pid, sizeof pid);
    close(report[1]);
    if (!asked || pid < 0) {
        close(report[0]);
        return asked ? plait_errno_result(-pid) : PLAIT_FAIL(SYSTEM);
    }
    *sandbox = (struct plait_sandbox){.pid = pid, .report_fd = report[0]};
    return PLAIT_OK;
}

void plait_nursery_end(struct plait_nursery *nursery)
{
    if (nursery->pid < 0)
        return;
    close(nursery->fd); /* it reads that nobody asks any more */
    while (waitpid(nursery->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *nursery = (struct plait_nursery){-1, -1};
}
