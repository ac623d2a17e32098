/* live/worker.c: orders to a child, and what it does with them.  Touches: child processes. */
#include "live/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/system_error.h"

enum { DESCRIPTORS = 2 }; /* with an order: of the report, of a file */

/* Freed memory is kept for the next run: giving pages back and fetching them again takes longer
 * than a run. */
enum { KEPT_OCTETS = 1 << 30, LARGEST_OCTETS = 32 << 20, STEP_OCTETS = 1 << 20 };

struct order { /* its message follows */
    size_t length_octets;
    int descriptors;
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
        ssize_t got = read(fd, at, length_octets);
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
    char octets[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
};

/* An order, and with it its descriptors. */
static bool send_order(int fd, const struct order *order, const int *descriptors)
{
    union descriptor_room room = {0};
    struct iovec part = {(void *)(uintptr_t)order, sizeof *order};
    size_t octets = (size_t)order->descriptors * sizeof *descriptors;
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = room.octets,
                             .msg_controllen = CMSG_SPACE(octets)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(octets);
    memcpy(CMSG_DATA(head), descriptors, octets);
    ssize_t sent;
    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof *order;
}

static bool receive_order(int fd, struct order *order, int *descriptors)
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
    memcpy(descriptors, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
    return receive_all(fd, (char *)order + got, sizeof *order - (size_t)got);
}

/* ---- the child ---------------------------------------------------------------------------- */

static bool obey(int fd, plait_worker_body body)
{
    struct order order;
    int descriptors[DESCRIPTORS] = {-1, -1};
    if (!receive_order(fd, &order, descriptors))
        return false;
    void *message = malloc(order.length_octets + 1);
    if (!message || !receive_all(fd, message, order.length_octets))
        return false;
    body(message, order.length_octets, descriptors[0], descriptors[1]);
    return true;
}

static void close_from_3_but(int fd)
{
    if (fd > 3)
        close_range(3, (unsigned)fd - 1, 0);
    close_range((unsigned)fd + 1, ~0u, 0);
}

_Noreturn static void work(int fd, pid_t parent, plait_worker_body body)
{
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    close_from_3_but(fd);
    mallopt(M_MMAP_THRESHOLD, LARGEST_OCTETS);
    mallopt(M_TRIM_THRESHOLD, KEPT_OCTETS);
    mallopt(M_TOP_PAD, STEP_OCTETS);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || setsid() < 0 ||
        !plait_ok(plait_worker_lock()))
        _exit(255);
    while (obey(fd, body))
        ;
    _exit(0);
}

/* ---- whoever asks ------------------------------------------------------------------------- */

plait_result plait_worker_start(struct plait_worker *worker, plait_worker_body body)
{
    int pair[2];
    *worker = (struct plait_worker){-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return plait_errno_result(errno);
    pid_t parent = getpid();
    fflush(NULL); /* else both would write what is buffered */
    pid_t pid = fork();
    if (pid == 0)
        work(pair[1], parent, body);
    int error = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return plait_errno_result(error);
    }
    *worker = (struct plait_worker){pid, pair[0]};
    return PLAIT_OK;
}

plait_result plait_worker_play(const struct plait_worker *worker, const void *message,
                               size_t length_octets, int file_fd, int *report_fd)
{
    int report[2];
    if (length_octets > PLAIT_WORKER_MESSAGE_MAX)
        return PLAIT_FAIL(TOO_MANY);
    if (pipe2(report, O_CLOEXEC) != 0)
        return plait_errno_result(errno);
    const struct order order = {length_octets, file_fd < 0 ? 1 : 2};
    bool asked = send_order(worker->fd, &order, (const int[]){report[1], file_fd}) &&
                 send_all(worker->fd, message, length_octets);
    close(report[1]);
    if (!asked) {
        close(report[0]);
        return PLAIT_FAIL(SYSTEM);
    }
    *report_fd = report[0];
    return PLAIT_OK;
}

int plait_worker_end(struct plait_worker *worker)
{
    int status = 0;
    if (worker->pid < 0)
        return status;
    close(worker->fd); /* it reads that nobody asks any more */
    while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
        ;
    *worker = (struct plait_worker){-1, -1};
    return status;
}

void plait_worker_kill(struct plait_worker *worker)
{
    if (worker->pid >= 0)
        kill(worker->pid, SIGKILL);
    (void)plait_worker_end(worker);
}
