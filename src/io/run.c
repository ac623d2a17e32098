/* io/run.c: a host on its devices.
 *
 * One round: what is due, what can be read, what other descriptors say; after each of these
 * everything that the host wants to send is written (plait/host.h asks for that).  A packet that
 * its device cannot take now waits in the buffer it was made in, and until it has left, or was
 * given up, the host is not asked for more: so there is no second queue beside the host's own. May
 * touch: the loop, its devices and watches by polling, the real clock. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "io/device.h"

#define BATCH_PACKETS 64 /* from one device, before the others have their turn */
#define PATIENCE_NS   (10 * PLAIT_MS)
#define ROOM_OCTETS   65536

struct run {
    struct plait_io_loop *loop;
    uint8_t *in;
    struct plait_out out; /* what waits for its device, if is_waiting */
    bool is_waiting, offload_allowed;
    bool has_more;  /* a device was not read to its end */
    bool is_ending; /* only for the packet that waits; the host is asked for no more */
    unsigned waits_for;
    plait_time_ns gives_up_ns;
    bool is_stuck[PLAIT_IO_PORTS_MAX]; /* takes nothing: not waited for again until it does */
    struct pollfd fds[PLAIT_IO_PORTS_MAX + PLAIT_IO_WATCHES_MAX];
};

static plait_time_ns now_of(const struct run *run)
{
    return plait_io_now(run->loop->clock);
}

static void show(const struct run *run, plait_time_ns now, unsigned port, bool is_outgoing,
                 const uint8_t *octets, uint32_t length_octets, const struct plait_offload *offload)
{
    const struct plait_io_sight sight = {now, port, is_outgoing, octets, length_octets, offload};
    if (run->loop->see != NULL)
        run->loop->see(run->loop->self, &sight);
}

/* ---- routing --------------------------------------------------------------------------------- */

/* The source address; no family if the octets are none of an IP packet. */
static struct plait_addr source_of(const struct plait_out *out)
{
    struct plait_addr addr = {.family = PLAIT_NO_FAMILY};
    unsigned version = out->length_octets > 0 ? out->octets[0] >> 4 : 0;
    if (version == PLAIT_IPV4 && out->length_octets >= 20) {
        addr.family = PLAIT_IPV4;
        memcpy(addr.octets, out->octets + 12, 4);
    } else if (version == PLAIT_IPV6 && out->length_octets >= 40) {
        addr.family = PLAIT_IPV6;
        memcpy(addr.octets, out->octets + 8, 16);
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

/* The number of the port by which OUT leaves; PORT_COUNT if by none. */
static unsigned route(const struct plait_io_loop *loop, const struct plait_out *out)
{
    struct plait_addr source = source_of(out);
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

static void lose(struct run *run)
{
    run->is_waiting = false;
    run->loop->lost++;
}

static void write_out(struct run *run, plait_time_ns now, unsigned port)
{
    const struct plait_out *out = &run->out;
    plait_result result =
        plait_io_write(run->loop->ports[port].io, out->octets, out->length_octets, &out->offload);
    if (plait_ok(result)) {
        run->is_waiting = run->is_stuck[port] = false;
        show(run, now, port, true, out->octets, out->length_octets, &out->offload);
    } else if (result.reason != PLAIT_REASON_TIMED_OUT || run->is_stuck[port]) {
        lose(run);
    } else if (!run->is_waiting) {
        run->is_waiting = true;
        run->waits_for = port;
        run->gives_up_ns = now_of(run) + PATIENCE_NS; /* filling it may have taken longer */
    }
}

static void send_all(struct run *run, plait_time_ns now)
{
    while (!run->is_waiting && !run->is_ending) {
        run->out.room_octets = ROOM_OCTETS;
        run->out.offload_allowed = run->offload_allowed;
        run->out.length_octets = 0;
        run->out.offload = (struct plait_offload){0};
        if (!plait_host_output(run->loop->host, now, &run->out))
            return;
        unsigned port = route(run->loop, &run->out);
        if (port < run->loop->port_count) {
            write_out(run, now, port);
        } else {
            run->loop->no_route++;
            lose(run);
        }
    }
}

/* Devices that take packets again. */
static void send_waiting(struct run *run, plait_time_ns now)
{
    for (unsigned i = 0; i < run->loop->port_count; i++)
        if (run->fds[i].revents & POLLOUT)
            run->is_stuck[i] = false;
    if (run->is_waiting && run->fds[run->waits_for].revents & (POLLOUT | POLLERR | POLLHUP))
        write_out(run, now, run->waits_for);
    send_all(run, now);
}

/* The end of patience.  It is tried once more, because it may be our own slowness that used the
 * time up. */
static void give_up(struct run *run, plait_time_ns now)
{
    if (!run->is_waiting || now < run->gives_up_ns)
        return;
    write_out(run, now, run->waits_for);
    if (run->is_waiting) {
        run->is_stuck[run->waits_for] = true;
        lose(run);
    }
    send_all(run, now);
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* Up to a batch from one device; each packet's answers leave before the next one is looked at. */
static plait_result read_port(struct run *run, unsigned port)
{
    struct plait_io_loop *loop = run->loop;
    for (int i = 0; i < BATCH_PACKETS; i++) {
        uint32_t length_octets;
        struct plait_offload offload;
        PLAIT_TRY(
            plait_io_read(loop->ports[port].io, run->in, ROOM_OCTETS, &length_octets, &offload));
        bool is_closed = run->fds[port].revents & (POLLHUP | POLLNVAL);
        if (length_octets == 0)
            return is_closed ? PLAIT_FAIL(NOT_FOUND) : PLAIT_OK;
        plait_time_ns now = now_of(run);
        show(run, now, port, false, run->in, length_octets, &offload);
        plait_host_input(loop->host, now, run->in, length_octets, &offload);
        send_all(run, now);
    }
    run->has_more = true;
    return PLAIT_OK;
}

static plait_result read_ports(struct run *run)
{
    run->has_more = false;
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
        bool wants_room = run->is_stuck[i] || (run->is_waiting && run->waits_for == i);
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
        plait_time_ns left_ns = run->has_more ? 0 : next - now_of(run);
        if (left_ns < 0)
            left_ns = 0;
        struct timespec left = {left_ns / PLAIT_S, left_ns % PLAIT_S};
        if (ppoll(run->fds, count, next == PLAIT_NEVER && !run->has_more ? NULL : &left, NULL) >= 0)
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
    else if (now >= until)
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
        send_waiting(run, now_of(run));
        PLAIT_TRY(read_ports(run));
        call_watches(run);
        give_up(run, now_of(run));
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

plait_result plait_io_run(struct plait_io_loop *loop, plait_time_ns until)
{
    if (!is_usable(loop))
        return PLAIT_FAIL(USAGE);
    uint8_t *rooms = malloc(2 * ROOM_OCTETS);
    if (rooms == NULL)
        return PLAIT_FAIL(NO_ROOM);
    struct run run = {.loop = loop, .in = rooms, .out = {.octets = rooms + ROOM_OCTETS}};
    run.offload_allowed = loop->port_count > 0;
    for (unsigned i = 0; i < loop->port_count; i++)
        run.offload_allowed = run.offload_allowed && plait_io_takes_offload(loop->ports[i].io);
    plait_result result = run_loop(&run, until);
    if (run.is_waiting)
        lose(&run);
    free(rooms);
    return result;
}
