/* plait/io.h: real devices and the real clock for hosts of plait/host.h (library libplait-io).
 *
 * A device carries whole IP packets, each with a virtio-net header around it, in which checksums
 * and the cutting of super-segments may be left to the other side (struct plait_offload).  One read
 * or write is one packet; nothing ever blocks but plait_io_run.
 *
 *     struct plait_io *io;
 *     char name[PLAIT_IO_NAME_OCTETS] = "plait%d";
 *     if (plait_ok(plait_io_open_tun(&io, name, &(struct plait_io_options){.offload = true})))
 *         ...
 *
 * Ownership: a device is allocated by plait_io_open_... and freed by plait_io_close; it holds one
 * descriptor.  One thread at a time may use a device; different devices are independent.
 * Errors: when opening fails, nothing is left behind and errno says why, finer than the result.
 * Links are neither set up nor given addresses here. */
#ifndef PLAIT_IO_H
#define PLAIT_IO_H

#include "plait/host.h"

/* ---- clock ----------------------------------------------------------------------------------- */

/* CLOCK_MONOTONIC, from 0 at plait_io_clock. */
struct plait_io_clock {
    plait_time_ns origin_ns;
};
PLAIT_API struct plait_io_clock plait_io_clock(void);
PLAIT_API plait_time_ns plait_io_now(const struct plait_io_clock *clock);

/* ---- opening --------------------------------------------------------------------------------- */

#define PLAIT_IO_NAME_OCTETS 16 /* with the NUL; Linux's IFNAMSIZ */

struct plait_io;

/* NULL stands for all zero; a zero is the default that stands beside it. */
struct plait_io_options {
    /* Super-segments and missing checksums may cross, out and in.  Without it what is written must
     * be complete; AF_PACKET and frame sockets may still give packets with an offload record,
     * because the other side decides that. */
    bool offload;
    uint32_t queue_packets; /* TUN: packets that wait for us; 10,000 (500, the kernel's, is loss) */
    uint32_t buffer_octets; /* sockets: room asked for, each way; 16 MiB; the kernel may give less
                               to processes without CAP_NET_ADMIN */
};

/* A TUN interface in the caller's network namespace.  NAME: as wanted, "" or with "%d" for one that
 * the kernel numbers; on success the name it has.  It lives as long as the device, unless it was
 * there before (then it is attached to, and keeps its queue if we may not set it).  BAD_VALUE: NAME
 * is too long. NOT_FOUND: no /dev/net/tun.  DENIED: needs CAP_NET_ADMIN.  BAD_VALUE, EXISTS, SYSTEM
 * (EBUSY): NAME is taken. */
PLAIT_API plait_result plait_io_open_tun(struct plait_io **io, char name[PLAIT_IO_NAME_OCTETS],
                                         const struct plait_io_options *options);

/* A packet socket on an Ethernet INTERFACE of the caller's network namespace (one end of a veth,
 * usually): everything that arrives there, also what the kernel itself takes.  There is no ARP and
 * no neighbour discovery: the peer must be told our MAC (the interface's), and PEER_MAC is its; if
 * NULL, it is that of the first IP packet that arrives, for good, and writing before that is
 * NOT_FOUND.  BAD_VALUE: the name is too long.  NOT_FOUND: no such interface.  DENIED: needs
 * CAP_NET_RAW.  UNSUPPORTED: no Ethernet; a kernel before 4.20. */
PLAIT_API plait_result plait_io_open_packet(struct plait_io **io, const char *interface,
                                            const uint8_t peer_mac[6],
                                            const struct plait_io_options *options);

/* FD, a connected SOCK_SEQPACKET or SOCK_DGRAM socket (socketpair): each message is one frame, a
 * virtio-net header of 10 octets and an IP packet.  Two plaits, or a program that speaks this, meet
 * so without privileges.  FD is the device's from now on, on success only.  SEQPACKET is the better
 * one: a Unix datagram socket holds only net.unix.max_dgram_qlen frames.  USAGE: FD is no such
 * socket. */
PLAIT_API plait_result plait_io_open_frames(struct plait_io **io, int fd,
                                            const struct plait_io_options *options);

/* NULL is allowed. */
PLAIT_API void plait_io_close(struct plait_io *io);

/* To wait on: readable when plait_io_read may have something. */
PLAIT_API int plait_io_fd(const struct plait_io *io);
/* As opened: packets with an offload record may be written. */
PLAIT_API bool plait_io_takes_offload(const struct plait_io *io);

/* ---- packets --------------------------------------------------------------------------------- */

/* The next packet, into OCTETS; *LENGTH_OCTETS 0 and OK if there is none now.  OFFLOAD is all zero
 * for a complete packet.  OFFLOAD agrees with the packet's octets and length, but these may be any
 * that begin as an IP packet of that length: they come from outside.  What is refused (no IP
 * packet: BAD_VERSION, TRUNCATED, BAD_LENGTH; longer than ROOM_OCTETS: NO_ROOM; a virtio header
 * that contradicts itself or the packet: BAD_VALUE, BAD_LENGTH, NOT_TCP) is counted and skipped.
 * NOT_FOUND: the other side is gone for good (interface removed, socket closed).  SYSTEM: anything
 * else that will not pass by itself. */
PLAIT_API plait_result plait_io_read(struct plait_io *io, uint8_t *octets, uint32_t room_octets,
                                     uint32_t *length_octets, struct plait_offload *offload);

/* One whole IP packet, header and payload in one piece; OFFLOAD NULL or all zero: complete.
 * TIMED_OUT: would block, nothing was sent, the descriptor is writable when it may be tried again.
 * Lost, and counted: NO_ROOM (the queue of the interface is full), NOT_FOUND (the peer's MAC is not
 * known, the socket's other end is gone), USAGE (offload that was not opened, segments without
 * needs_checksum), BAD_VERSION, BAD_LENGTH, BAD_VALUE (the packet is none, or contradicts OFFLOAD;
 * longer than the interface takes), SYSTEM (the interface is down, and the rest). */
PLAIT_API plait_result plait_io_write(struct plait_io *io, const void *octets,
                                      uint32_t length_octets, const struct plait_offload *offload);

/* One of many: the caller's buffer and what is in it. */
struct plait_io_packet {
    uint8_t *octets;
    uint32_t room_octets; /* for reading */
    uint32_t length_octets;
    struct plait_offload offload;
};

/* At most so many cross in one system call. */
#define PLAIT_IO_BATCH_MAX 32

/* The same for up to COUNT packets, in order.  Worth it on sockets with packets of MTU size, which
 * then cross up to twice as fast; a TUN device takes one in each system call in any case.
 * plait_io_read_batch fills the first *DONE of PACKETS, of which there may be more to come; it may
 * exchange their buffers. */
PLAIT_API plait_result plait_io_read_batch(struct plait_io *io, struct plait_io_packet packets[],
                                           unsigned count, unsigned *done);
/* OK: all of PACKETS are dealt with.  TIMED_OUT: only the first *DONE are.  *LOST of these were
 * lost for any of the reasons above, and counted. */
PLAIT_API plait_result plait_io_write_batch(struct plait_io *io,
                                            const struct plait_io_packet packets[], unsigned count,
                                            unsigned *done, unsigned *lost);

struct plait_io_counters {
    uint64_t packets_in, octets_in;   /* IP packets read; a super-segment is one */
    uint64_t packets_out, octets_out; /* written */
    uint64_t kernel_dropped;          /* AF_PACKET: arrived while the socket's room was full */
    struct plait_reason_counts refused_in, refused_out; /* TIMED_OUT is not counted */
};
/* Valid until the next call on IO. */
PLAIT_API const struct plait_io_counters *plait_io_counters(struct plait_io *io);

/* ---- running a host on devices --------------------------------------------------------------- */

#define PLAIT_IO_PORTS_MAX   16
#define PLAIT_IO_WATCHES_MAX 16
#define PLAIT_IO_ADDRS_MAX   4

/* A device of a host.  What the host sends leaves by the port that has its source address, else by
 * the first port that has none at all, else it is lost. */
struct plait_io_port {
    struct plait_io *io;
    struct plait_addr addrs[PLAIT_IO_ADDRS_MAX];
    unsigned addr_count;
};

/* Another descriptor to wait for: READY is called with what poll says of it; it may call everything
 * of plait/host.h and plait/connection.h, and change FD and EVENTS (FD -1: not waited for). */
struct plait_io_watch {
    int fd;
    short events; /* POLLIN, POLLOUT */
    void (*ready)(void *self, plait_time_ns now, short revents);
    void *self;
};

/* One packet that came from or went to port PORT of the loop. */
struct plait_io_sight {
    plait_time_ns at_ns;
    unsigned port;
    bool is_outgoing;
    const uint8_t *octets;
    uint32_t length_octets;
    const struct plait_offload *offload;
};

/* Everything is the caller's and stays so; it may be changed between runs. */
struct plait_io_loop {
    struct plait_host *host;
    const struct plait_io_clock *clock;
    struct plait_io_port *ports;
    unsigned port_count; /* at most PLAIT_IO_PORTS_MAX */
    struct plait_io_watch *watches;
    unsigned watch_count; /* at most PLAIT_IO_WATCHES_MAX */
    /* Asked after each round of events; may be NULL. */
    bool (*stop)(void *self, plait_time_ns now);
    /* Shown each packet, before the host sees it or a device gets it; may be NULL. */
    void (*see)(void *self, const struct plait_io_sight *sight);
    void *self; /* of stop and see */

    uint64_t lost;      /* set: packets of the host that no device took */
    uint64_t no_route;  /* set: of these, those whose source belongs to no port */
    unsigned gone_port; /* set: the port whose device failed, when plait_io_run says NOT_FOUND or
                           SYSTEM */
};

/* Moves packets between the host and its devices, and its timers, until STOP says so (OK) or until
 * UNTIL of the clock has come (TIMED_OUT; PLAIT_NEVER: never).  A run makes one round at least,
 * also when UNTIL is past; it does not wait then.  The host may make super-segments only if all
 * devices take offload.  A device that would block is waited for, for at most 10 ms, while the
 * others go on receiving (a run may end as much later); after that its packets are lost until it
 * takes some again.  USAGE: a limit above is passed, or there is no host, clock or device. NO_ROOM:
 * no memory (4 MiB are asked for while it runs, and touched as far as packets need it).  NOT_FOUND,
 * SYSTEM: a device failed for good, see gone_port; the loop may be run again without it. */
PLAIT_API plait_result plait_io_run(struct plait_io_loop *loop, plait_time_ns until);

#endif
