/* lab/netcat_socket.c: meets another plait through a Unix socket.
 *
 * The one that dials makes a pair of frame sockets for each path and hands one end of each over, in
 * one message, so that nobody else's can come between.  The socket they met on stays: "done" is
 * said on it when a connection has ended in good order, and its hang-up is the other's end.
 * May touch: the Unix socket at the path it is given, and what came through it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "lab/netcat_inside.h"

static const char magic[8] = "plait-1";
static const uint8_t done_word = 'd';

enum { HELLO_OCTETS = sizeof magic + 4, WAITING_MAX = 1024 };
#define RETRY_NS    (PLAIT_MS / 10)
#define PATIENCE_MS 2000 /* for a plait that was started at the same moment */

/* ---- a frame socket as a port -----------------------------------------------------------------
 */

static bool write_one(struct plait_netcat_wire *wire, struct plait_packet *packet)
{
    plait_result result =
        plait_io_write(wire->io, packet->octets, packet->length_octets, &packet->offload);
    if (result.reason == PLAIT_REASON_TIMED_OUT)
        return false;
    plait_packet_free(packet); /* taken, or lost as on any link */
    return true;
}

static void wire_input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct plait_netcat_wire *wire = self;
    packet->next = NULL;
    if (!wire->first && write_one(wire, packet))
        return;
    if (wire->waiting == WAITING_MAX) {
        plait_packet_free(packet); /* a full queue */
        return;
    }
    if (!wire->first) {
        wire->last = &wire->first;
        wire->retry_ns = now + RETRY_NS;
    }
    *wire->last = packet;
    wire->last = &packet->next;
    wire->waiting++;
}

static struct plait_packet *wire_output(void *self, plait_time_ns now)
{
    struct plait_netcat_wire *wire = self;
    (void)now;
    if (!wire->spare)
        wire->spare = plait_packet_new(PLAIT_PACKET_MAX_OCTETS);
    struct plait_packet *packet = wire->spare;
    if (!plait_ok(plait_io_read(wire->io, packet->octets, packet->room_octets,
                                &packet->length_octets, &packet->offload)) ||
        packet->length_octets == 0)
        return NULL;
    wire->spare = NULL;
    return packet;
}

static plait_time_ns wire_deadline(void *self)
{
    const struct plait_netcat_wire *wire = self;
    return wire->first ? wire->retry_ns : PLAIT_NEVER;
}

static void wire_advance(void *self, plait_time_ns now)
{
    struct plait_netcat_wire *wire = self;
    if (now < wire_deadline(wire))
        return;
    while (wire->first) {
        struct plait_packet *packet = wire->first, *next = packet->next;
        if (!write_one(wire, packet))
            break;
        wire->first = next;
        wire->waiting--;
    }
    wire->retry_ns = now + RETRY_NS;
}

static const struct plait_port_ops operations = {wire_input, wire_output, wire_deadline,
                                                 wire_advance};

static plait_result add_wire(struct plait_netcat *n, unsigned path, int fd, struct plait_port *port)
{
    struct plait_netcat_wire *wire = &n->wires[path];
    plait_result result =
        plait_io_open_frames(&wire->io, fd, &(struct plait_io_options){.offload = true});
    if (!plait_ok(result)) {
        close(fd);
        return plait_netcat_fail(n, result, "path %u of the other plait is no frame socket",
                                 path + 1);
    }
    *port = (struct plait_port){&operations, wire, fd, plait_io_takes_offload(wire->io)};
    return PLAIT_OK;
}

static void close_wire(struct plait_netcat_wire *wire)
{
    plait_io_close(wire->io);
    plait_packet_free(wire->spare);
    while (wire->first) {
        struct plait_packet *packet = wire->first;
        wire->first = packet->next;
        plait_packet_free(packet);
    }
}

/* ---- the message ------------------------------------------------------------------------------
 */

union control { /* aligned, see cmsg(3) */
    struct cmsghdr header;
    char octets[CMSG_SPACE(PLAIT_NETCAT_PATHS_MAX * sizeof(int))];
};

static bool send_hello(const struct plait_netcat *n, const int fds[])
{
    uint8_t octets[HELLO_OCTETS];
    union control control = {0};
    struct plait_writer w = plait_writer(octets, sizeof octets);
    plait_write_octets(&w, magic, sizeof magic);
    plait_write_u8(&w, (uint8_t)n->paths);
    plait_write_u8(&w, (uint8_t)n->family);
    plait_write_u16(&w, (uint16_t)n->mtu_octets);
    struct iovec part = {octets, sizeof octets};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(n->paths * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(n->paths * sizeof(int));
    memcpy(CMSG_DATA(header), fds, n->paths * sizeof(int));
    return sendmsg(n->control_fd, &message, MSG_NOSIGNAL) == sizeof octets;
}

/* Hostile, like whatever comes from outside; what is no hello is refused as a whole. */
static bool read_hello(struct plait_netcat *n, const uint8_t *octets, size_t length_octets)
{
    struct plait_reader r = plait_reader(octets, length_octets);
    const uint8_t *word = plait_read_octets(&r, sizeof magic);
    n->paths = plait_read_u8(&r);
    n->family = plait_read_u8(&r);
    n->mtu_octets = plait_read_u16(&r);
    return plait_ok(plait_reader_result(&r)) && plait_reader_left(&r) == 0 &&
           memcmp(word, magic, sizeof magic) == 0 && n->paths >= 1 &&
           n->paths <= PLAIT_NETCAT_PATHS_MAX &&
           (n->family == PLAIT_IPV4 || n->family == PLAIT_IPV6) && n->mtu_octets >= 1280;
}

/* How many descriptors came along, into FDS. */
static unsigned take_fds(struct msghdr *message, int fds[PLAIT_NETCAT_PATHS_MAX])
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return 0;
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(header), count * sizeof(int));
    return (unsigned)count;
}

static plait_result receive_hello(struct plait_netcat *n, int fds[PLAIT_NETCAT_PATHS_MAX])
{
    uint8_t octets[HELLO_OCTETS + 1];
    union control control;
    struct iovec part = {octets, sizeof octets};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(n->control_fd, &message, MSG_CMSG_CLOEXEC);
    unsigned count = length < 0 ? 0 : take_fds(&message, fds);
    if (length >= 0 && read_hello(n, octets, (size_t)length) && count == n->paths)
        return PLAIT_OK;
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
    n->paths = 0;
    return plait_netcat_fail(n, PLAIT_FAIL(PEER), "%s: who dials is no plait of this version",
                             n->request->socket);
}

/* ---- meeting ----------------------------------------------------------------------------------
 */

static plait_result failed(struct plait_netcat *n, int error)
{
    return plait_netcat_fail(n, PLAIT_FAIL(SYSTEM), "--socket %s: %s", n->request->socket,
                             strerror(error));
}

static bool address(const char *path, struct sockaddr_un *place)
{
    *place = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof place->sun_path)
        return false;
    strcpy(place->sun_path, path);
    return true;
}

static int connect_once(const struct sockaddr_un *place)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)place, sizeof *place) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        fd = -1;
    }
    return fd;
}

static plait_result dial(struct plait_netcat *n, const struct sockaddr_un *place)
{
    const struct timespec pause = {.tv_nsec = 20 * PLAIT_MS};
    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 20) {
        n->control_fd = connect_once(place);
        if (n->control_fd >= 0)
            return PLAIT_OK;
        if ((errno != ENOENT && errno != ECONNREFUSED) || nanosleep(&pause, NULL) != 0)
            break;
    }
    return errno == ENOENT || errno == ECONNREFUSED
               ? plait_netcat_fail(n, PLAIT_FAIL(NOT_FOUND), "--socket %s: no plait serves there",
                                   n->request->socket)
               : failed(n, errno);
}

/* What a killed plait left behind is taken away; anything else at the path is not ours. */
static void remove_remains(const struct sockaddr_un *place)
{
    struct stat status;
    if (lstat(place->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    int fd = connect_once(place);
    if (fd >= 0)
        close(fd);
    else if (errno == ECONNREFUSED)
        unlink(place->sun_path);
}

/* Only this user's processes may dial. */
static int bind_at(int fd, const struct sockaddr_un *place)
{
    mode_t mask = umask(0077);
    int status = bind(fd, (const struct sockaddr *)place, sizeof *place);
    umask(mask);
    return status;
}

static plait_result serve(struct plait_netcat *n, const struct sockaddr_un *place)
{
    remove_remains(place);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind_at(fd, place) != 0) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return failed(n, error);
    }
    if (listen(fd, 1) == 0)
        n->control_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    int error = errno;
    unlink(place->sun_path);
    close(fd);
    if (n->control_fd >= 0)
        return PLAIT_OK;
    n->report->is_interrupted = error == EINTR;
    return error == EINTR
               ? plait_netcat_fail(n, PLAIT_FAIL(TIMED_OUT), "interrupted: nobody dialled")
               : failed(n, error);
}

static plait_result make_pairs(struct plait_netcat *n, int near[], int far[])
{
    for (unsigned path = 0; path < n->paths; path++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
            int error = errno;
            while (path-- > 0) {
                close(near[path]);
                close(far[path]);
            }
            return failed(n, error);
        }
        near[path] = pair[0];
        far[path] = pair[1];
    }
    return PLAIT_OK;
}

static plait_result hand_over(struct plait_netcat *n, int near[])
{
    int far[PLAIT_NETCAT_PATHS_MAX];
    PLAIT_TRY(make_pairs(n, near, far));
    bool is_sent = send_hello(n, far);
    int error = errno;
    for (unsigned path = 0; path < n->paths; path++) {
        close(far[path]);
        if (!is_sent)
            close(near[path]);
    }
    return is_sent ? PLAIT_OK : failed(n, error);
}

static void hear(void *self)
{
    struct plait_netcat *n = self;
    uint8_t word;
    ssize_t length = recv(n->control_fd, &word, sizeof word, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    n->has_news = true;
    n->other_done = n->other_done || (length == 1 && word == done_word);
    n->other_gone = length <= 0;
    if (n->other_gone)
        plait_net_unwatch(n->net, n->control_fd);
}

plait_result plait_netcat_meet(struct plait_netcat *n, struct plait_port *ports)
{
    int fds[PLAIT_NETCAT_PATHS_MAX];
    struct sockaddr_un place;
    if (!address(n->request->socket, &place))
        return failed(n, ENAMETOOLONG);
    PLAIT_TRY(n->request->listens ? serve(n, &place) : dial(n, &place));
    PLAIT_TRY(n->request->listens ? receive_hello(n, fds) : hand_over(n, fds));
    plait_net_watch(n->net, n->control_fd, hear, n);
    for (unsigned path = 0; path < n->paths; path++)
        PLAIT_TRY(add_wire(n, path, fds[path], &ports[path]));
    return PLAIT_OK;
}

void plait_netcat_say_done(struct plait_netcat *n)
{
    /* Whether it still hears us is seen by its hang-up. */
    if (n->control_fd >= 0)
        (void)!send(n->control_fd, &done_word, sizeof done_word, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void plait_netcat_part(struct plait_netcat *n)
{
    for (unsigned path = 0; path < PLAIT_NETCAT_PATHS_MAX; path++)
        close_wire(&n->wires[path]);
    if (n->control_fd >= 0)
        close(n->control_fd);
}
