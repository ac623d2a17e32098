/* io/run.c: a host on its devices.
 *
 * One round: what is due, what can be read, what other descriptors say; after each of these the
 * host is asked for everything it wants to send (plait/host.h wants that), which is written at the
 * end of each batch.  Packets that their device cannot take now wait in the buffers they were made
 * in, and until they have left, or were given up, the host is not asked for more: so there is no
 * second queue beside the host's own.  Where super-segments may be made, a batch is one packet: it
 * is large, and its buffer stays warm. May touch: the loop, its devices and watches by polling, the
 * real clock. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "io/device.h"

#define TURN_PACKETS 64 /* from one device, before the others have their turn */
#define PATIENCE_NS  (10 * PLAIT_MS)
#define ROOM_OCTETS  65536

struct departing {
    struct plait_io_packet packets[PLAIT_IO_BATCH_MAX];
    unsigned ports[PLAIT_IO_BATCH_MAX];
    unsigned first, end; /* what is in it */
};

struct run {
    struct plait_io_loop *loop;
    struct plait_io_packet in[PLAIT_IO_BATCH_MAX];
    struct departing out;
    unsigned batch;
    bool offload_allowed;
    bool is_waiting; /* for the device of the first packet in OUT, until GIVES_UP_NS */
    bool has_looked; /* at its descriptors: however late it is, a run does that once */
    bool is_ending;  /* only for what waits; the host is asked for no more */
    plait_time_ns gives_up_ns;
    bool is_stuck[PLAIT_IO_PORTS_MAX]; /* takes nothing: not waited for again until it does */
    struct pollfd fds[PLAIT_IO_PORTS_MAX + PLAIT_IO_WATCHES_MAX];
};

static plait_time_ns now_of(const struct run *run)
{
    return plait_io_now(run->loop->clock);
}

static void show(const struct run *run, plait_time_ns now, unsigned port, bool is_outgoing,
                 const struct plait_io_packet *packet)
{
    const struct plait_io_sight sight = {
        now, port, is_outgoing, packet->octets, packet->length_octets, &packet->offload};
    if (run->loop->see != NULL)
        run->loop->see(run->loop->self, &sight);
}

/* ---- routing --------------------------------------------------------------------------------- */

/* The source address; no family if the octets are none of an IP packet. */
static struct plait_addr source_of(const struct plait_io_packet *packet)
{
    struct plait_addr addr = {.family = PLAIT_NO_FAMILY};
    unsigned version = packet->length_octets > 0 ? packet->octets[0] >> 4 : 0;
    if (version == PLAIT_IPV4 && packet->length_octets >= 20) {
        addr.family = PLAIT_IPV4;
        memcpy(addr.octets, packet->octets + 12, 4);
    } else if (version == PLAIT_IPV6 && packet->length_octets >= 40) {
        addr.family = PLAIT_IPV6;
        memcpy(addr.octets, packet->octets + 8, 16);
    }
    return addr;
}

static bool has_addr(const struct plait_io_port *port, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < port->addr_count; i++)
        if (port->addrs[i].family == addr->family &&
            memcmp(port->addrs[i].octets, addr->octets, sizeof addr->octets) == 0)
            return true;
    return false;
}

/* The number of the port by which PACKET leaves; PORT_COUNT if by none. */
static unsigned route(const struct plait_io_loop *loop, const struct plait_io_packet *packet)
{
    struct plait_addr source = source_of(packet);
    unsigned other = loop->port_count;
    for (unsigned i = loop->port_count; i-- > 0;) {
        if (loop->ports[i].addr_count == 0)
            other = i;
        else if (has_addr(&loop->ports[i], &source))
            return i;
    }
    return other;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Packets at the front that leave by one port. */
static unsigned group_at(const struct departing *out)
{
    unsigned end = out->first;
    while (end < out->end && out->ports[end] == out->ports[out->first])
        end++;
    return end - out->first;
}

static void lose_front(struct run *run, unsigned count)
{
    run->out.first += count;
    run->loop->lost += count;
    run->is_waiting = false;
}

/* Writes the first group; false if it has to wait. */
static bool write_group(struct run *run)
{
    unsigned port = run->out.ports[run->out.first], count = group_at(&run->out), done, lost;
    plait_result result = plait_io_write_batch(
        run->loop->ports[port].io, &run->out.packets[run->out.first], count, &done, &lost);
    run->out.first += done;
    run->loop->lost += lost;
    if (done > lost)
        run->is_stuck[port] = false;
    if (!plait_ok(result) && run->is_stuck[port])
        lose_front(run, count - done);
    else if (!plait_ok(result) && (!run->is_waiting || done > 0))
        run->gives_up_ns = now_of(run) + PATIENCE_NS; /* filling it may have taken longer */
    run->is_waiting = !plait_ok(result) && !run->is_stuck[port];
    return !run->is_waiting;
}

static void write_all(struct run *run)
{
    while (run->out.first < run->out.end)
        if (!write_group(run))
            return;
    run->out.first = run->out.end = 0;
}

/* The host's next packet behind the others; false if there is none. */
static bool take_one(struct run *run, plait_time_ns now)
{
    struct plait_io_packet *packet = &run->out.packets[run->out.end];
    struct plait_out out = {.octets = packet->octets,
                            .room_octets = packet->room_octets,
                            .offload_allowed = run->offload_allowed};
    if (!plait_host_output(run->loop->host, now, &out))
        return false;
    packet->length_octets = out.length_octets;
    packet->offload = out.offload;
    unsigned port = route(run->loop, packet);
    if (port == run->loop->port_count) {
        run->loop->no_route++;
        run->loop->lost++;
        return true;
    }
    show(run, now, port, true, packet);
    run->out.ports[run->out.end++] = port;
    return true;
}

/* Asks the host until it has no more; writes when a batch is full. */
static void take_all(struct run *run, plait_time_ns now)
{
    while (!run->is_waiting && !run->is_ending) {
        if (run->out.end == run->batch)
            write_all(run);
        else if (!take_one(run, now))
            return;
    }
}

static void send_all(struct run *run, plait_time_ns now)
{
    take_all(run, now);
    if (!run->is_waiting)
        write_all(run);
}

/* Devices that take packets again. */
static void send_waiting(struct run *run)
{
    for (unsigned i = 0; i < run->loop->port_count; i++)
        if (run->fds[i].revents & POLLOUT)
            run->is_stuck[i] = false;
    if (run->is_waiting &&
        run->fds[run->out.ports[run->out.first]].revents & (POLLOUT | POLLERR | POLLHUP))
        write_all(run);
    send_all(run, now_of(run));
}

/* The end of patience.  It is tried once more, because it may be our own slowness that used the
 * time up. */
static void give_up(struct run *run)
{
    if (!run->is_waiting || now_of(run) < run->gives_up_ns)
        return;
    write_all(run);
    if (run->is_waiting && now_of(run) >= run->gives_up_ns) {
        run->is_stuck[run->out.ports[run->out.first]] = true;
        lose_front(run, group_at(&run->out));
        write_all(run);
    }
    send_all(run, now_of(run));
}

/* ---- receiving ------------------------------------------------------------------------------- */

static void hear(struct run *run, unsigned port, const struct plait_io_packet *packet)
{
    plait_time_ns now = now_of(run);
    show(run, now, port, false, packet);
    plait_host_input(run->loop->host, now, packet->octets, packet->length_octets, &packet->offload);
    take_all(run, now);
}

static plait_result read_port(struct run *run, unsigned port)
{
    bool is_closed = run->fds[port].revents & (POLLHUP | POLLNVAL);
    for (unsigned heard = 0; heard < TURN_PACKETS;) {
        unsigned come;
        PLAIT_TRY(plait_io_read_batch(run->loop->ports[port].io, run->in, run->batch, &come));
        if (come == 0)
            return is_closed ? PLAIT_FAIL(NOT_FOUND) : PLAIT_OK;
        for (unsigned i = 0; i < come; i++)
            hear(run, port, &run->in[i]);
        send_all(run, now_of(run));
        heard += come;
    }
    return PLAIT_OK;
}

static plait_result read_ports(struct run *run)
{
    for (unsigned i = 0; i < run->loop->port_count; i++) {
        plait_result result = run->fds[i].revents & ~POLLOUT ? read_port(run, i) : PLAIT_OK;
        if (!plait_ok(result)) {
            run->loop->gone_port = i;
            return result;
        }
    }
    return PLAIT_OK;
}

static void call_watches(struct run *run)
{
    struct plait_io_loop *loop = run->loop;
    for (unsigned i = 0; i < loop->watch_count; i++) {
        short revents = run->fds[loop->port_count + i].revents;
        if (revents == 0)
            continue;
        loop->watches[i].ready(loop->watches[i].self, now_of(run), revents);
        send_all(run, now_of(run));
    }
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* While a packet waits, a timer may be late by our patience: a host that has more to send may well
 * say that it is due at once. */
static plait_time_ns next_ns(struct run *run, plait_time_ns until)
{
    plait_time_ns next = run->is_waiting ? run->gives_up_ns : plait_host_deadline(run->loop->host);
    return plait_earlier(until, next);
}

static void ask_for(struct run *run)
{
    const struct plait_io_loop *loop = run->loop;
    for (unsigned i = 0; i < loop->port_count; i++) {
        bool wants_room =
            run->is_stuck[i] || (run->is_waiting && run->out.ports[run->out.first] == i);
        run->fds[i] = (struct pollfd){.fd = plait_io_fd(loop->ports[i].io),
                                      .events = wants_room ? POLLIN | POLLOUT : POLLIN};
    }
    for (unsigned i = 0; i < loop->watch_count; i++)
        run->fds[loop->port_count + i] =
            (struct pollfd){.fd = loop->watches[i].fd, .events = loop->watches[i].events};
}

/* ppoll, because poll rounds to milliseconds, which is longer than many a timer. */
static plait_result wait_until(struct run *run, plait_time_ns next)
{
    nfds_t count = run->loop->port_count + run->loop->watch_count;
    ask_for(run);
    for (;;) {
        plait_time_ns left_ns = next - now_of(run);
        if (left_ns < 0)
            left_ns = 0;
        struct timespec left = {left_ns / PLAIT_S, left_ns % PLAIT_S};
        if (ppoll(run->fds, count, next == PLAIT_NEVER ? NULL : &left, NULL) >= 0)
            return PLAIT_OK;
        if (errno != EINTR)
            return PLAIT_FAIL(SYSTEM);
    }
}

/* ---- running --------------------------------------------------------------------------------- */

static void advance(struct run *run)
{
    plait_time_ns now = now_of(run);
    if (plait_host_deadline(run->loop->host) <= now)
        plait_host_advance(run->loop->host, now);
    send_all(run, now);
}

/* A run ends when the packet that waits, if any, has left or was given up. */
static bool has_ended(struct run *run, plait_time_ns until, plait_result *result)
{
    const struct plait_io_loop *loop = run->loop;
    plait_time_ns now = now_of(run);
    if (run->is_ending)
        return !run->is_waiting;
    if (loop->stop != NULL && loop->stop(loop->self, now))
        *result = PLAIT_OK;
    else if (now >= until && run->has_looked)
        *result = PLAIT_FAIL(TIMED_OUT);
    else
        return false;
    run->is_ending = true;
    return !run->is_waiting;
}

static plait_result run_loop(struct run *run, plait_time_ns until)
{
    plait_result result = PLAIT_OK;
    for (;;) {
        advance(run);
        if (has_ended(run, until, &result))
            return result;
        PLAIT_TRY(wait_until(run, next_ns(run, until)));
        run->has_looked = true;
        send_waiting(run);
        PLAIT_TRY(read_ports(run));
        call_watches(run);
        give_up(run);
    }
}

static bool is_usable(const struct plait_io_loop *loop)
{
    if (loop->host == NULL || loop->clock == NULL || loop->port_count > PLAIT_IO_PORTS_MAX ||
        loop->watch_count > PLAIT_IO_WATCHES_MAX)
        return false;
    for (unsigned i = 0; i < loop->port_count; i++)
        if (loop->ports[i].io == NULL || loop->ports[i].addr_count > PLAIT_IO_ADDRS_MAX)
            return false;
    return true;
}

/* A room for each packet of a batch, each way, from ROOMS on. */
static void settle(struct run *run, uint8_t *rooms)
{
    const struct plait_io_loop *loop = run->loop;
    run->offload_allowed = loop->port_count > 0;
    for (unsigned i = 0; i < loop->port_count; i++)
        run->offload_allowed = run->offload_allowed && plait_io_takes_offload(loop->ports[i].io);
    run->batch = run->offload_allowed ? 1 : PLAIT_IO_BATCH_MAX;
    for (unsigned i = 0; i < PLAIT_IO_BATCH_MAX; i++) {
        uint8_t *room = rooms + 2 * i * (size_t)ROOM_OCTETS;
        run->in[i] = (struct plait_io_packet){.octets = room, .room_octets = ROOM_OCTETS};
        run->out.packets[i] =
            (struct plait_io_packet){.octets = room + ROOM_OCTETS, .room_octets = ROOM_OCTETS};
    }
}

plait_result plait_io_run(struct plait_io_loop *loop, plait_time_ns until)
{
    if (!is_usable(loop))
        return PLAIT_FAIL(USAGE);
    uint8_t *rooms = malloc(2 * PLAIT_IO_BATCH_MAX * (size_t)ROOM_OCTETS);
    if (rooms == NULL)
        return PLAIT_FAIL(NO_ROOM);
    struct run run = {.loop = loop};
    settle(&run, rooms);
    plait_result result = run_loop(&run, until);
    lose_front(&run, run.out.end - run.out.first); /* where a device has failed */
    free(rooms);
    return result;
}
