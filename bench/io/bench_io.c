/* bench-io: packets and Gbit a second through each kind of device, in MTU size and as
 * super-segments.
 *
 * All in one namespace of its own: TUN to TUN, which the kernel forwards, the two ends of a veth,
 * and a socket pair.  Bursts are written and then read, and each is timed alone, so a write's time
 * holds what the kernel does at once: for TUN its whole forwarding, for a veth the way to the other
 * socket. Peer: TUN in MTU size.  May touch: standard output, the monotonic clock, its namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/table.h"
#include "live/inside.h"
#include "live/sandbox.h"
#include "plait/io.h"
#include "tests/unit/io/packets.h"

enum { ROUNDS = 9, BURST = 64, PATIENCE_MS = 1000 };
enum { SMALL_OCTETS = 1460, SUPER_OCTETS = 60000, BURSTS_SMALL = 150, BURSTS_SUPER = 15 };
enum kind { TUN, VETH, SOCKETS, KINDS };
enum { SMALL, BATCHES, SUPER, SIZES };
enum { WRITE, READ, WAYS };

static const char *const names[KINDS][SIZES] = {
    [TUN] = {"TUN, 1500 octets", "TUN, 1500, batches of 32", "TUN, 60 kB, offload"},
    [VETH] = {"AF_PACKET, 1500", "AF_PACKET, 1500, batches of 32", "AF_PACKET, 60 kB, offload"},
    [SOCKETS] = {"sockets, 1500", "sockets, 1500, batches of 32", "sockets, 60 kB, offload"},
};

struct measured {
    double packets_per_s[WAYS], bits_per_s[WAYS];
};

struct report {
    bool is_there[KINDS];
    uint64_t lost, wrong;
    struct measured of[KINDS][SIZES][ROUNDS];
};

struct device_pair {
    struct plait_io *from, *to;
};

static struct sample sample, got;

/* ---- devices --------------------------------------------------------------------------------- */

static int set_up(struct plait_netlink *route, const char *name, const char *addr_text)
{
    struct plait_addr addr;
    unsigned index;
    int error = plait_route_link_index(route, name, &index);
    if (error == 0)
        error = plait_route_set_up(route, index, true);
    if (error == 0 && addr_text != NULL)
        error = plait_ok(plait_addr_parse(addr_text, &addr))
                    ? plait_route_addr(route, index, &addr, 24, false)
                    : EINVAL;
    return error;
}

static bool open_tuns(struct plait_netlink *route, bool offload, struct device_pair *pair)
{
    static char tuns[2][2][PLAIT_IO_NAME_OCTETS] = {{"near0", "far0"}, {"near1", "far1"}};
    static const char *const addrs[2][2] = {{"198.18.1.1", "198.18.2.1"},
                                            {"198.18.3.1", "198.18.4.1"}};
    const struct plait_io_options options = {.offload = offload};
    return plait_ok(plait_io_open_tun(&pair->from, tuns[offload][0], &options)) &&
           plait_ok(plait_io_open_tun(&pair->to, tuns[offload][1], &options)) &&
           set_up(route, tuns[offload][0], addrs[offload][0]) == 0 &&
           set_up(route, tuns[offload][1], addrs[offload][1]) == 0;
}

static bool open_packets(struct plait_netlink *route, bool offload, struct device_pair *pair)
{
    static const char *const ends[2][2] = {{"a0", "b0"}, {"a1", "b1"}};
    static const uint8_t nobody[6] = {2, 0, 0, 0, 9, 9}; /* else the kernel takes it too */
    const struct plait_io_options options = {.offload = offload};
    int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const struct plait_veth veth = {.name = ends[offload][0],
                                    .peer_name = ends[offload][1],
                                    .peer_namespace_fd = here,
                                    .mac = {2, 0, 0, 0, offload, 1},
                                    .peer_mac = {2, 0, 0, 0, offload, 2}};
    bool made = plait_route_add_veth(route, &veth) == 0;
    close(here);
    return made && set_up(route, veth.name, NULL) == 0 &&
           set_up(route, veth.peer_name, NULL) == 0 &&
           plait_ok(plait_io_open_packet(&pair->from, veth.name, nobody, &options)) &&
           plait_ok(plait_io_open_packet(&pair->to, veth.peer_name, nobody, &options));
}

static bool open_sockets(struct plait_netlink *route, bool offload, struct device_pair *pair)
{
    const struct plait_io_options options = {.offload = offload};
    int fds[2];
    (void)route;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0 &&
           plait_ok(plait_io_open_frames(&pair->from, fds[0], &options)) &&
           plait_ok(plait_io_open_frames(&pair->to, fds[1], &options));
}

static bool (*const open_kinds[KINDS])(struct plait_netlink *, bool, struct device_pair *) = {
    [TUN] = open_tuns, [VETH] = open_packets, [SOCKETS] = open_sockets};

static bool settle(struct plait_netlink *route)
{
    int settings[PLAIT_SYSCTL_DIRECTORIES];
    plait_settings_open(settings);
    /* Without IPv6 there is nothing to switch off. */
    (void)plait_settings_write(settings, "net/ipv6/conf/all/disable_ipv6", "1");
    (void)plait_settings_write(settings, "net/ipv6/conf/default/disable_ipv6", "1");
    int error = plait_settings_write(settings, "net/ipv4/ip_forward", "1");
    plait_settings_close(settings);
    return error == 0 && plait_netlink_open(route, NETLINK_ROUTE) == 0;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static bool make_packet(int size)
{
    bool made = sample_make(&sample, size == SUPER ? "198.18.3.2" : "198.18.1.2",
                            size == SUPER ? "198.18.4.2" : "198.18.2.2",
                            size == SUPER ? SUPER_OCTETS : SMALL_OCTETS);
    return made && (size != SUPER || sample_leave_undone(&sample));
}

/* A packet of its own for each of a burst, as far as they are small. */
static uint8_t rooms[BURST][2048];
static struct plait_io_packet packets[BURST];

static void fill_packets(void)
{
    for (int i = 0; i < BURST; i++) {
        packets[i] = (struct plait_io_packet){rooms[i], sizeof rooms[i], sample.length_octets, {0}};
        memcpy(rooms[i], sample.octets, sample.length_octets);
    }
}

static unsigned write_burst(struct plait_io *io, int size)
{
    unsigned count = 0, lost = 0;
    if (size == BATCHES) {
        (void)plait_io_write_batch(io, packets, BURST, &count, &lost); /* the lost are counted */
        return count - lost;
    }
    for (int i = 0; i < BURST; i++)
        count += plait_ok(plait_io_write(io, sample.octets, sample.length_octets, &sample.offload));
    return count;
}

/* How many came; 0 if none is there now or the device has failed. */
static unsigned read_some(struct plait_io *io, int size, uint64_t *wrong)
{
    unsigned count = 0;
    if (size != BATCHES) {
        if (!plait_ok(
                plait_io_read(io, got.octets, sizeof got.octets, &got.length_octets, &got.offload)))
            return 0;
        *wrong += got.length_octets != 0 && got.length_octets != sample.length_octets;
        return got.length_octets != 0;
    }
    if (!plait_ok(plait_io_read_batch(io, packets, BURST, &count)))
        return 0;
    for (unsigned i = 0; i < count; i++)
        *wrong += packets[i].length_octets != sample.length_octets;
    return count;
}

static unsigned read_burst(struct plait_io *io, int size, unsigned wanted, uint64_t *wrong)
{
    struct pollfd ready = {.fd = plait_io_fd(io), .events = POLLIN};
    unsigned count = 0;
    while (count < wanted) {
        unsigned come = read_some(io, size, wrong);
        if (come == 0 && poll(&ready, 1, PATIENCE_MS) <= 0)
            break;
        count += come;
    }
    return count;
}

static void measure(const struct device_pair *pair, int size, struct report *report,
                    struct measured *m)
{
    plait_time_ns spent_ns[WAYS] = {1, 1};
    unsigned count[WAYS] = {0};
    for (int i = 0; i < (size == SUPER ? BURSTS_SUPER : BURSTS_SMALL); i++) {
        plait_time_ns start_ns = bench_now_ns();
        unsigned wrote = write_burst(pair->from, size);
        plait_time_ns middle_ns = bench_now_ns();
        unsigned read = read_burst(pair->to, size, wrote, &report->wrong);
        spent_ns[WRITE] += middle_ns - start_ns;
        spent_ns[READ] += bench_now_ns() - middle_ns;
        count[WRITE] += wrote;
        count[READ] += read;
        report->lost += BURST - read;
    }
    for (int way = 0; way < WAYS; way++) {
        m->packets_per_s[way] = count[way] * 1e9 / (double)spent_ns[way];
        m->bits_per_s[way] = m->packets_per_s[way] * sample.length_octets * 8;
    }
}

static int body(void *argument, int report_fd)
{
    static struct report report;
    static struct device_pair pairs[KINDS][2]; /* [1]: with offload */
    struct plait_netlink route;
    (void)argument;
    if (!settle(&route))
        return 1;
    for (int kind = 0; kind < KINDS; kind++)
        report.is_there[kind] = open_kinds[kind](&route, false, &pairs[kind][false]) &&
                                open_kinds[kind](&route, true, &pairs[kind][true]);
    for (int round = 0; round < ROUNDS; round++)
        for (int size = 0; size < SIZES; size++) {
            if (!make_packet(size))
                return 1;
            if (size == BATCHES)
                fill_packets();
            for (int kind = 0; kind < KINDS; kind++)
                if (report.is_there[kind])
                    measure(&pairs[kind][size == SUPER], size, &report,
                            &report.of[kind][size][round]);
        }
    return write(report_fd, &report, sizeof report) == sizeof report ? 0 : 1;
}

/* ---- the table ------------------------------------------------------------------------------- */

static double median_of(const struct report *report, int kind, int size, int way, bool bits)
{
    double values[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        const struct measured *m = &report->of[kind][size][round];
        values[round] = bits ? m->bits_per_s[way] / 1e9 : m->packets_per_s[way] / 1e3;
    }
    return bench_median(values, ROUNDS);
}

static void print_report(const struct report *report)
{
    static const char *const columns[] = {"1000 written/s", "1000 read/s", "Gbit/s written",
                                          "Gbit/s read", NULL};
    int peer = report->is_there[TUN] ? TUN : VETH;
    bench_head(report->is_there[TUN] ? "io: x TUN in MTU size" : "io: x AF_PACKET in MTU size",
               columns);
    for (int kind = 0; kind < KINDS; kind++) {
        for (int size = 0; size < SIZES; size++) {
            bench_name(names[kind][size]);
            for (int column = 0; column < 2 * WAYS; column++) {
                int way = column % WAYS, bits = column / WAYS;
                double value = median_of(report, kind, size, way, bits);
                if (report->is_there[kind])
                    bench_cell(value, value / median_of(report, peer, SMALL, way, bits));
                else
                    bench_none();
            }
            bench_end();
        }
    }
    if (report->lost > 0)
        printf("  %llu packets were lost in between\n", (unsigned long long)report->lost);
    if (report->wrong > 0)
        printf("  WRONG: %llu packets came back in another length\n",
               (unsigned long long)report->wrong);
}

static bool read_report(int fd, struct report *report)
{
    size_t used = 0;
    ssize_t length;
    while ((length = read(fd, (char *)report + used, sizeof *report - used)) > 0)
        used += (size_t)length;
    return used == sizeof *report;
}

int main(void)
{
    static struct report report;
    struct plait_sandbox sandbox;
    plait_result started = plait_sandbox_start(&sandbox, body, NULL);
    if (!plait_ok(started)) {
        printf("\nio: skipped: no namespace: %s\n", plait_reason_text(started.reason));
        return 0;
    }
    bool is_whole = read_report(sandbox.report_fd, &report);
    close(sandbox.report_fd);
    (void)plait_sandbox_wait(&sandbox);
    if (is_whole)
        print_report(&report);
    else
        printf("\nio: skipped: the namespace could not be furnished\n");
    return report.wrong > 0 ? 1 : 0;
}
