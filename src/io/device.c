/* io/device.c: one packet in, one packet out, without blocking.
 *
 * The three kinds of device differ only in what is around a packet: all have a virtio-net header,
 * a packet socket has an Ethernet header too.  May touch: the device's descriptor. */
#include "io/device.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/octets.h"
#include "io/system_error.h"
#include "io/virtio.h"

#define ETHER_TYPE_AT   12
#define ETHER_TYPE_IPV4 0x0800
#define ETHER_TYPE_IPV6 0x86dd

enum { VIRTIO, ETHERNET, PACKET, EXCESS, PARTS };

/* ---- life ------------------------------------------------------------------------------------ */

struct plait_io *plait_io_new(int fd, enum plait_io_kind kind,
                              const struct plait_io_options *options)
{
    struct plait_io *io = calloc(1, sizeof *io);
    if (io == NULL)
        return NULL;
    io->fd = fd;
    io->kind = kind;
    io->takes_offload = options != NULL && options->offload;
    return io;
}

void plait_io_close(struct plait_io *io)
{
    if (io == NULL)
        return;
    close(io->fd);
    free(io);
}

plait_result plait_io_give_up(int fd, int error)
{
    if (fd >= 0)
        close(fd);
    errno = error;
    return plait_errno_result(error);
}

int plait_io_fd(const struct plait_io *io)
{
    return io->fd;
}

bool plait_io_takes_offload(const struct plait_io *io)
{
    return io->takes_offload;
}

static bool set_int(int fd, int option, int value)
{
    return setsockopt(fd, SOL_SOCKET, option, &value, sizeof value) == 0;
}

void plait_io_make_room(int fd, const struct plait_io_options *options)
{
    uint32_t wanted = options != NULL ? options->buffer_octets : 0;
    int room = wanted == 0              ? PLAIT_IO_ROOM_DEFAULT
               : wanted > INT32_MAX / 2 ? INT32_MAX / 2
                                        : (int)wanted;
    if (!set_int(fd, SO_RCVBUFFORCE, room))
        (void)set_int(fd, SO_RCVBUF, room);
    if (!set_int(fd, SO_SNDBUFFORCE, room))
        (void)set_int(fd, SO_SNDBUF, room);
}

/* ---- counters -------------------------------------------------------------------------------- */

const struct plait_io_counters *plait_io_counters(struct plait_io *io)
{
    struct tpacket_stats since = {0}; /* the kernel starts again from 0 */
    socklen_t room = sizeof since;
    if (io->kind == PLAIT_IO_PACKET &&
        getsockopt(io->fd, SOL_PACKET, PACKET_STATISTICS, &since, &room) == 0)
        io->counters.kernel_dropped += since.tp_drops;
    return &io->counters;
}

static plait_result refuse(struct plait_reason_counts *counts, plait_result why)
{
    counts->count[why.reason]++;
    return why;
}

/* ---- the kernel's word ----------------------------------------------------------------------- */

/* Beside what plait_errno_result says: the other side of a device is gone, for good. */
static const int gone[] = {EBADFD, ENXIO, ENODEV, EPIPE, ECONNRESET, ECONNREFUSED, ENOTCONN};

static bool is_gone(int error)
{
    for (unsigned i = 0; i < sizeof gone / sizeof gone[0]; i++)
        if (gone[i] == error)
            return true;
    return false;
}

/* A packet socket whose interface was removed is bound to none. */
static bool is_unbound(const struct plait_io *io)
{
    struct sockaddr_ll link = {0};
    socklen_t room = sizeof link;
    return io->kind == PLAIT_IO_PACKET &&
           getsockname(io->fd, (struct sockaddr *)&link, &room) == 0 && link.sll_ifindex <= 0;
}

/* TIMED_OUT: nothing now; BAD_VALUE: the kernel could not put a packet's state into a virtio header
 * and threw the packet away; else the device is of no use any more. */
static plait_result read_failure(const struct plait_io *io, int error)
{
    switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ECONNREFUSED: /* of an earlier write, told late */
        return PLAIT_FAIL(TIMED_OUT);
    case ENETDOWN: /* it may come up again */
        return is_unbound(io) ? PLAIT_FAIL(NOT_FOUND) : PLAIT_FAIL(TIMED_OUT);
    case EINVAL:
        return PLAIT_FAIL(BAD_VALUE);
    }
    return is_gone(error) ? PLAIT_FAIL(NOT_FOUND) : PLAIT_FAIL(SYSTEM);
}

static plait_result write_failure(int error)
{
    switch (error) {
    case EAGAIN:
        return PLAIT_FAIL(TIMED_OUT);
    case ENOBUFS:
        return PLAIT_FAIL(NO_ROOM);
    case EMSGSIZE:
        return PLAIT_FAIL(BAD_LENGTH);
    case EINVAL:
        return PLAIT_FAIL(BAD_VALUE);
    }
    return is_gone(error) ? PLAIT_FAIL(NOT_FOUND) : PLAIT_FAIL(SYSTEM);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct arrival {
    struct virtio_net_hdr virtio;
    uint8_t ethernet[PLAIT_IO_ETHERNET_OCTETS];
    uint8_t *packet;
    uint32_t room_octets;
};

static uint32_t ethernet_octets(const struct plait_io *io)
{
    return io->kind == PLAIT_IO_PACKET ? PLAIT_IO_ETHERNET_OCTETS : 0;
}

/* What is longer than its room spills into one octet more, and is known by that. */
static plait_result read_frame(struct plait_io *io, struct arrival *a, size_t *length_octets)
{
    uint8_t excess;
    struct iovec parts[PARTS] = {
        [VIRTIO] = {&a->virtio, sizeof a->virtio},
        [ETHERNET] = {a->ethernet, ethernet_octets(io)},
        [PACKET] = {a->packet, a->room_octets},
        [EXCESS] = {&excess, 1},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = PARTS};
    ssize_t length;
    do
        length = io->kind == PLAIT_IO_TUN ? readv(io->fd, parts, PARTS)
                                          : recvmsg(io->fd, &message, MSG_DONTWAIT);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return read_failure(io, errno);
    if (length == 0 && io->kind == PLAIT_IO_SEQPACKET)
        return PLAIT_FAIL(NOT_FOUND); /* closed; no frame is empty */
    *length_octets = (size_t)length;
    return PLAIT_OK;
}

/* The length that the packet's own header states; what follows is padding. */
static plait_result read_ip_length(const uint8_t *octets, size_t length_octets, uint32_t *stated)
{
    unsigned version = length_octets > 0 ? octets[0] >> 4 : 0;
    if (length_octets == 0)
        return PLAIT_FAIL(TRUNCATED);
    if (version != PLAIT_IPV4 && version != PLAIT_IPV6)
        return PLAIT_FAIL(BAD_VERSION);
    uint32_t header_octets = version == PLAIT_IPV4 ? 20 : 40;
    if (length_octets < header_octets)
        return PLAIT_FAIL(TRUNCATED);
    *stated = version == PLAIT_IPV4 ? plait_load_u16(octets + 2) : 40u + plait_load_u16(octets + 4);
    return *stated >= header_octets && *stated <= length_octets ? PLAIT_OK : PLAIT_FAIL(BAD_LENGTH);
}

static uint16_t ether_type(const uint8_t *packet)
{
    return packet[0] >> 4 == PLAIT_IPV6 ? ETHER_TYPE_IPV6 : ETHER_TYPE_IPV4;
}

/* The first that speaks is the peer, and stays it: who comes later on the link takes nothing over.
 */
static void learn_peer(struct plait_io *io, const struct arrival *a)
{
    bool is_group = a->ethernet[6] & 1;
    if (io->knows_peer || is_group)
        return;
    memcpy(io->ethernet, a->ethernet + 6, 6);
    io->knows_peer = true;
}

static plait_result take_frame(struct plait_io *io, const struct arrival *a, size_t frame_octets,
                               uint32_t *length_octets, struct plait_offload *offload)
{
    uint32_t ethernet = ethernet_octets(io), stated;
    size_t before = sizeof a->virtio + ethernet;
    if (frame_octets < before)
        return PLAIT_FAIL(TRUNCATED);
    if (frame_octets - before > a->room_octets)
        return PLAIT_FAIL(NO_ROOM);
    PLAIT_TRY(read_ip_length(a->packet, frame_octets - before, &stated));
    if (ethernet != 0 && plait_load_u16(a->ethernet + ETHER_TYPE_AT) != ether_type(a->packet))
        return PLAIT_FAIL(BAD_VERSION);
    PLAIT_TRY(plait_virtio_to_offload(&a->virtio, a->packet, stated, ethernet, offload));
    if (ethernet != 0)
        learn_peer(io, a);
    *length_octets = stated;
    io->counters.packets_in++;
    io->counters.octets_in += stated;
    return PLAIT_OK;
}

plait_result plait_io_read(struct plait_io *io, uint8_t *octets, uint32_t room_octets,
                           uint32_t *length_octets, struct plait_offload *offload)
{
    *length_octets = 0;
    for (int i = 0; i < PLAIT_IO_REFUSED_MAX; i++) {
        struct arrival a = {.packet = octets, .room_octets = room_octets};
        size_t frame_octets = 0;
        plait_result result = read_frame(io, &a, &frame_octets);
        if (result.reason == PLAIT_REASON_TIMED_OUT)
            return PLAIT_OK;
        if (!plait_ok(result) && result.reason != PLAIT_REASON_BAD_VALUE)
            return result;
        if (plait_ok(result))
            result = take_frame(io, &a, frame_octets, length_octets, offload);
        if (plait_ok(result))
            return PLAIT_OK;
        (void)refuse(&io->counters.refused_in, result); /* and the next one is looked at */
    }
    return PLAIT_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

static plait_result write_frame(struct plait_io *io, struct virtio_net_hdr *virtio,
                                const void *packet, uint32_t length_octets)
{
    struct iovec parts[] = {
        [VIRTIO] = {virtio, sizeof *virtio},
        [ETHERNET] = {io->ethernet, ethernet_octets(io)},
        [PACKET] = {(void *)packet, length_octets},
    };
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = EXCESS};
    ssize_t length;
    do
        length = io->kind == PLAIT_IO_TUN ? writev(io->fd, parts, EXCESS)
                                          : sendmsg(io->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (length < 0 && errno == EINTR);
    return length < 0 ? write_failure(errno) : PLAIT_OK;
}

static plait_result write_packet(struct plait_io *io, const void *octets, uint32_t length_octets,
                                 const struct plait_offload *offload)
{
    struct virtio_net_hdr virtio = {0};
    uint32_t stated;
    PLAIT_TRY(read_ip_length(octets, length_octets, &stated));
    if (stated != length_octets)
        return PLAIT_FAIL(BAD_LENGTH);
    if (offload != NULL && (offload->needs_checksum || offload->segment_octets != 0)) {
        if (!io->takes_offload)
            return PLAIT_FAIL(USAGE);
        PLAIT_TRY(plait_virtio_from_offload(offload, octets, length_octets, ethernet_octets(io),
                                            &virtio));
    }
    if (io->kind == PLAIT_IO_PACKET) {
        if (!io->knows_peer)
            return PLAIT_FAIL(NOT_FOUND);
        plait_store_u16(io->ethernet + ETHER_TYPE_AT, ether_type(octets));
    }
    return write_frame(io, &virtio, octets, length_octets);
}

plait_result plait_io_write(struct plait_io *io, const void *octets, uint32_t length_octets,
                            const struct plait_offload *offload)
{
    plait_result result = write_packet(io, octets, length_octets, offload);
    if (result.reason == PLAIT_REASON_TIMED_OUT)
        return result;
    if (!plait_ok(result))
        return refuse(&io->counters.refused_out, result);
    io->counters.packets_out++;
    io->counters.octets_out += length_octets;
    return PLAIT_OK;
}
