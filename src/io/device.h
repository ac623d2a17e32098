/* io/device.h: what the files of this room share: a device behind its descriptor. */
#ifndef PLAIT_IO_DEVICE_H
#define PLAIT_IO_DEVICE_H

#include "plait/io.h"

#define PLAIT_IO_ETHERNET_OCTETS 14
/* Frames that are refused in one call of plait_io_read, so that a flood of them cannot hold it. */
#define PLAIT_IO_REFUSED_MAX  64
#define PLAIT_IO_QUEUE        10000
#define PLAIT_IO_ROOM_DEFAULT (16 << 20)

enum plait_io_kind {
    PLAIT_IO_TUN,
    PLAIT_IO_PACKET, /* an Ethernet header stands before the packet */
    PLAIT_IO_SEQPACKET,
    PLAIT_IO_DGRAM
};

struct plait_io {
    int fd;
    enum plait_io_kind kind;
    bool takes_offload;
    bool knows_peer;                            /* PACKET */
    uint8_t ethernet[PLAIT_IO_ETHERNET_OCTETS]; /* of what we send; its type is set each time */
    struct plait_io_counters counters;
};

/* A device over FD, which it owns now, or NULL (errno ENOMEM), and FD stays the caller's. */
struct plait_io *plait_io_new(int fd, enum plait_io_kind kind,
                              const struct plait_io_options *options);
/* Asks for room in a socket, each way: a full one is loss that nobody asked for. */
void plait_io_make_room(int fd, const struct plait_io_options *options);
/* Closes FD and leaves errno alone; the result for ERROR, which errno becomes. */
plait_result plait_io_give_up(int fd, int error);

#endif
