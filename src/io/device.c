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

static void count_refused(struct plait_reason_counts *counts, plait_result why)
{
    counts->count[why.reason]++;
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

/* A frame that has come, around the caller's packet.  What is longer than its room spills into one
 * octet more, and is known by that. */
struct arrival {
    struct virtio_net_hdr virtio;
    uint8_t ethernet[PLAIT_IO_ETHERNET_OCTETS];
    uint8_t excess;
    struct iovec parts[PARTS];
    size_t frame_octets;
};

static uint32_t ethernet_octets(const struct plait_io *io)
{
    return io->kind == PLAIT_IO_PACKET ? PLAIT_IO_ETHERNET_OCTETS : 0;
}

static void make_ready(const struct plait_io *io, const struct plait_io_packet *packet,
                       struct arrival *a)
{
    a->parts[VIRTIO] = (struct iovec){&a->virtio, sizeof a->virtio};
    a->parts[ETHERNET] = (struct iovec){a->ethernet, ethernet_octets(io)};
    a->parts[PACKET] = (struct iovec){packet->octets, packet->room_octets};
    a->parts[EXCESS] = (struct iovec){&a->excess, 1};
}

/* A character device gives one frame a call.  A failure behind the first frame is told again by the
 * next call. */
static plait_result read_tun(const struct plait_io *io, struct arrival arrivals[], unsigned count,
                             unsigned *come)
{
    for (*come = 0; *come < count; ++*come) {
        struct arrival *a = &arrivals[*come];
        ssize_t length;
        do
            length = readv(io->fd, a->parts, PARTS);
        while (length < 0 && errno == EINTR);
        if (length < 0)
            return *come > 0 ? PLAIT_OK : read_failure(io, errno);
        a->frame_octets = (size_t)length;
    }
    return PLAIT_OK;
}

static plait_result read_socket(const struct plait_io *io, struct arrival arrivals[],
                                unsigned count, unsigned *come)
{
    struct mmsghdr messages[PLAIT_IO_BATCH_MAX];
    int length;
    for (unsigned i = 0; i < count; i++)
        messages[i] =
            (struct mmsghdr){.msg_hdr = {.msg_iov = arrivals[i].parts, .msg_iovlen = PARTS}};
    do
        length = recvmmsg(io->fd, messages, count, MSG_DONTWAIT, NULL);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return read_failure(io, errno);
    for (*come = 0; *come < (unsigned)length; ++*come) {
        arrivals[*come].frame_octets = messages[*come].msg_len;
        if (messages[*come].msg_len == 0 && io->kind == PLAIT_IO_SEQPACKET)
            return *come > 0 ? PLAIT_OK : PLAIT_FAIL(NOT_FOUND); /* closed: no frame is empty */
    }
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

static plait_result take_frame(struct plait_io *io, const struct arrival *a,
                               struct plait_io_packet *packet)
{
    uint32_t ethernet = ethernet_octets(io), stated;
    size_t before = sizeof a->virtio + ethernet;
    if (a->frame_octets < before)
        return PLAIT_FAIL(TRUNCATED);
    if (a->frame_octets - before > packet->room_octets)
        return PLAIT_FAIL(NO_ROOM);
    PLAIT_TRY(read_ip_length(packet->octets, a->frame_octets - before, &stated));
    if (ethernet != 0 && plait_load_u16(a->ethernet + ETHER_TYPE_AT) != ether_type(packet->octets))
        return PLAIT_FAIL(BAD_VERSION);
    PLAIT_TRY(
        plait_virtio_to_offload(&a->virtio, packet->octets, stated, ethernet, &packet->offload));
    if (ethernet != 0)
        learn_peer(io, a);
    packet->length_octets = stated;
    io->counters.packets_in++;
    io->counters.octets_in += stated;
    return PLAIT_OK;
}

/* Packets that are taken move to the front, with their buffers. */
static unsigned take_frames(struct plait_io *io, const struct arrival arrivals[],
                            struct plait_io_packet packets[], unsigned count)
{
    unsigned taken = 0;
    for (unsigned i = 0; i < count; i++) {
        plait_result result = take_frame(io, &arrivals[i], &packets[i]);
        if (!plait_ok(result)) {
            count_refused(&io->counters.refused_in, result);
            continue;
        }
        struct plait_io_packet packet = packets[i];
        packets[i] = packets[taken];
        packets[taken++] = packet;
    }
    return taken;
}

plait_result plait_io_read_batch(struct plait_io *io, struct plait_io_packet packets[],
                                 unsigned count, unsigned *done)
{
    struct arrival arrivals[PLAIT_IO_BATCH_MAX];
    unsigned wanted = count < PLAIT_IO_BATCH_MAX ? count : PLAIT_IO_BATCH_MAX;
    unsigned refused = 0;
    *done = 0;
    while (*done == 0 && wanted > 0 && refused < PLAIT_IO_REFUSED_MAX) {
        unsigned come = 0;
        for (unsigned i = 0; i < wanted; i++)
            make_ready(io, &packets[i], &arrivals[i]);
        plait_result result = io->kind == PLAIT_IO_TUN ? read_tun(io, arrivals, wanted, &come)
                                                       : read_socket(io, arrivals, wanted, &come);
        if (result.reason == PLAIT_REASON_BAD_VALUE) {
            count_refused(&io->counters.refused_in, result);
            come = 1;
        } else if (!plait_ok(result)) {
            return result.reason == PLAIT_REASON_TIMED_OUT ? PLAIT_OK : result;
        } else {
            *done = take_frames(io, arrivals, packets, come);
        }
        refused += come;
    }
    return PLAIT_OK;
}

plait_result plait_io_read(struct plait_io *io, uint8_t *octets, uint32_t room_octets,
                           uint32_t *length_octets, struct plait_offload *offload)
{
    struct plait_io_packet packet = {.octets = octets, .room_octets = room_octets};
    unsigned done;
    plait_result result = plait_io_read_batch(io, &packet, 1, &done);
    *length_octets = done != 0 ? packet.length_octets : 0;
    *offload = done != 0 ? packet.offload : (struct plait_offload){0};
    return result;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* A frame to be sent, around the caller's packet. */
struct departure {
    struct virtio_net_hdr virtio;
    uint8_t ethernet[PLAIT_IO_ETHERNET_OCTETS];
    struct iovec parts[EXCESS];
};

static plait_result wrap(const struct plait_io *io, const struct plait_io_packet *packet,
                         struct departure *d)
{
    const struct plait_offload *offload = &packet->offload;
    uint32_t stated;
    PLAIT_TRY(read_ip_length(packet->octets, packet->length_octets, &stated));
    if (stated != packet->length_octets)
        return PLAIT_FAIL(BAD_LENGTH);
    if ((offload->needs_checksum || offload->segment_octets != 0) && !io->takes_offload)
        return PLAIT_FAIL(USAGE);
    PLAIT_TRY(plait_virtio_from_offload(offload, packet->octets, stated, ethernet_octets(io),
                                        &d->virtio));
    if (io->kind == PLAIT_IO_PACKET) {
        if (!io->knows_peer)
            return PLAIT_FAIL(NOT_FOUND);
        memcpy(d->ethernet, io->ethernet, sizeof d->ethernet);
        plait_store_u16(d->ethernet + ETHER_TYPE_AT, ether_type(packet->octets));
    }
    d->parts[VIRTIO] = (struct iovec){&d->virtio, sizeof d->virtio};
    d->parts[ETHERNET] = (struct iovec){d->ethernet, ethernet_octets(io)};
    d->parts[PACKET] = (struct iovec){packet->octets, packet->length_octets};
    return PLAIT_OK;
}

/* Writes frames until one fails; *WENT is how many did not. */
static plait_result write_frames(const struct plait_io *io, struct departure departures[],
                                 unsigned count, unsigned *went)
{
    struct mmsghdr messages[PLAIT_IO_BATCH_MAX];
    ssize_t result = 0;
    for (unsigned i = 0; i < count && io->kind != PLAIT_IO_TUN; i++)
        messages[i] =
            (struct mmsghdr){.msg_hdr = {.msg_iov = departures[i].parts, .msg_iovlen = EXCESS}};
    for (*went = 0; *went < count && result >= 0;) {
        do
            result = io->kind == PLAIT_IO_TUN ? writev(io->fd, departures[*went].parts, EXCESS)
                                              : sendmmsg(io->fd, messages + *went, count - *went,
                                                         MSG_DONTWAIT | MSG_NOSIGNAL);
        while (result < 0 && errno == EINTR);
        if (result >= 0)
            *went += io->kind == PLAIT_IO_TUN ? 1 : (unsigned)result;
    }
    return result < 0 ? write_failure(errno) : PLAIT_OK;
}

/* PACKETS up to the first that cannot be wrapped; why that one cannot. */
static plait_result wrap_all(const struct plait_io *io, const struct plait_io_packet packets[],
                             unsigned count, struct departure departures[], unsigned *wrapped)
{
    for (*wrapped = 0; *wrapped < count; ++*wrapped)
        PLAIT_TRY(wrap(io, &packets[*wrapped], &departures[*wrapped]));
    return PLAIT_OK;
}

/* Writes up to the first packet that is not taken, and counts; the reason for that one. */
static plait_result write_some(struct plait_io *io, const struct plait_io_packet packets[],
                               unsigned count, unsigned *went)
{
    struct departure departures[PLAIT_IO_BATCH_MAX];
    unsigned wrapped;
    plait_result unwrapped = wrap_all(io, packets, count, departures, &wrapped);
    plait_result result = write_frames(io, departures, wrapped, went);
    io->counters.packets_out += *went;
    for (unsigned i = 0; i < *went; i++)
        io->counters.octets_out += packets[i].length_octets;
    if (plait_ok(result))
        result = unwrapped;
    if (!plait_ok(result) && result.reason != PLAIT_REASON_TIMED_OUT)
        count_refused(&io->counters.refused_out, result);
    return result;
}

plait_result plait_io_write_batch(struct plait_io *io, const struct plait_io_packet packets[],
                                  unsigned count, unsigned *done, unsigned *lost)
{
    *done = *lost = 0;
    while (*done < count) {
        unsigned left = count - *done, went;
        plait_result result = write_some(
            io, packets + *done, left < PLAIT_IO_BATCH_MAX ? left : PLAIT_IO_BATCH_MAX, &went);
        *done += went;
        if (result.reason == PLAIT_REASON_TIMED_OUT)
            return result;
        if (!plait_ok(result)) {
            ++*done;
            ++*lost;
        }
    }
    return PLAIT_OK;
}

plait_result plait_io_write(struct plait_io *io, const void *octets, uint32_t length_octets,
                            const struct plait_offload *offload)
{
    unsigned went;
    const struct plait_io_packet packet = {.octets = (uint8_t *)octets, /* only read */
                                           .length_octets = length_octets,
                                           .offload = offload != NULL ? *offload
                                                                      : (struct plait_offload){0}};
    return write_some(io, &packet, 1, &went);
}
