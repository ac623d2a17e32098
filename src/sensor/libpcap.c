/* sensor/libpcap.c: opening an interface, pumping. */
#include "sensor/libpcap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/nearest.h"
#include "capture/blocks.h"
#include "sensor/opener.h"
#include "sensor/pcap_library.h"
#include "sensor/process.h"
#include "terminal/console.h"

enum {
    ERROR_OCTETS = 256,
    SNAP_OCTETS = 262144,
    TIMEOUT_MS = 100, /* packets are handed over at least so often */
    TIMES_IN_NS = 1,
    ANY_NETMASK = -1,
    NO_SUCH_DEVICE = -5,
    NO_PERMISSION = -8,
    NO_PROMISCUOUS_PERMISSION = -11,
    RAW_IP = 12 /* as the library numbers it on Linux; 101 in files */
};

/* ---- opening ------------------------------------------------------------------------------ */

static void find_nearest(const char *name, char *found, size_t room)
{
    char error[ERROR_OCTETS];
    struct plait_pcap_device *devices = NULL;
    struct plait_nearest nearest = {.word = name};
    if (plait_pcap.findalldevs(&devices, error) != 0)
        devices = NULL;
    for (const struct plait_pcap_device *d = devices; d; d = d->next)
        plait_nearest_try(&nearest, d->name);
    snprintf(found, room, "%s", nearest.best ? nearest.best : "none");
    if (devices)
        plait_pcap.freealldevs(devices);
}

static void say_why(const struct plait_job *job, struct pcap *handle, const char *name, int status)
{
    const char *command = job->command->name;
    char nearest[64];
    find_nearest(name, nearest, sizeof nearest);
    if (status == NO_SUCH_DEVICE)
        plait_complain(command, "%s: no such interface (nearest: %s; `ip link` lists them)", name,
                       nearest);
    else if (status == NO_PERMISSION || status == NO_PROMISCUOUS_PERMISSION)
        plait_complain(command,
                       "%s: this user may not capture: run as root, or once `setcap cap_net_raw+ep "
                       "FILE` of the program plait-audit",
                       name);
    else
        plait_complain(command, "%s: %s %s", name, plait_pcap.statustostr(status),
                       plait_pcap.geterr(handle));
}

static bool set_filter(const struct plait_job *job, struct pcap *handle)
{
    struct plait_pcap_program program = {0};
    const char *text = job->options->filter;
    bool good = !text || plait_pcap.compile(handle, &program, text, 1, (uint32_t)ANY_NETMASK) == 0;
    if (good && text)
        good = plait_pcap.setfilter(handle, &program) == 0;
    if (!good)
        plait_complain(job->command->name, "--filter %s: %s", text, plait_pcap.geterr(handle));
    if (text)
        plait_pcap.freecode(&program);
    return good;
}

static struct pcap *open_handle(const struct plait_job *job, const char *name)
{
    char error[ERROR_OCTETS];
    struct pcap *handle = plait_pcap.create(name, error);
    if (!handle) {
        plait_complain(job->command->name, "%s: %s", name, error);
        return NULL;
    }
    plait_pcap.set_snaplen(handle, SNAP_OCTETS);
    plait_pcap.set_promisc(handle, 1);
    plait_pcap.set_timeout(handle, TIMEOUT_MS);
    plait_pcap.set_buffer_size(handle, 16 << 20);
    plait_pcap.set_tstamp_precision(handle, TIMES_IN_NS);
    int status = plait_pcap.activate(handle);
    if (status < 0)
        say_why(job, handle, name, status);
    if (status >= 0 && set_filter(job, handle))
        return handle;
    plait_pcap.close(handle);
    return NULL;
}

/* ---- pumping ------------------------------------------------------------------------------ */

/* Blocks are gathered, and written when the library has no more at the moment. */
struct pump {
    struct pcap *handle;
    const char *name;
    int pipe;
    bool broken; /* nobody reads any more */
    struct plait_pcap_statistics told;
    size_t used;
    uint8_t room[1 << 20];
};

static const uint8_t zeros[3]; /* padding */

static struct pcap *running; /* for the signal handler */

static void end_loop(int number)
{
    (void)number;
    plait_pcap.breakloop(running);
}

static void flush(struct pump *p)
{
    for (size_t at = 0; at < p->used && !p->broken;) {
        ssize_t written = write(p->pipe, p->room + at, p->used - at);
        if (written > 0)
            at += (size_t)written;
        else
            p->broken = errno != EINTR;
    }
    p->used = 0;
}

static void put(struct pump *p, const void *octets, size_t length_octets)
{
    if (length_octets)
        memcpy(p->room + p->used, octets, length_octets);
    p->used += length_octets;
}

static void put_u16(struct pump *p, uint16_t value)
{
    put(p, &value, sizeof value);
}

static void put_option(struct pump *p, uint16_t code, const void *value, uint16_t length_octets)
{
    put_u16(p, code);
    put_u16(p, length_octets);
    put(p, value, length_octets);
    put(p, zeros, -length_octets & 3);
}

static bool has_ns(const struct pump *p)
{
    return plait_pcap.get_tstamp_precision(p->handle) == TIMES_IN_NS;
}

/* pcapng, because it can say what was lost; in this machine's own byte order, with times in
 * nanoseconds where the library has them. */
static void put_file_header(struct pump *p)
{
    enum { SECTION_OCTETS = 28, INTERFACE_OCTETS = 32 };
    static const uint32_t section[] = {PLAIT_BLOCK_SECTION, SECTION_OCTETS, PLAIT_BYTE_ORDER_MAGIC},
                          lengths[] = {UINT32_MAX, UINT32_MAX, SECTION_OCTETS}, /* not stated */
        interface[] = {PLAIT_BLOCK_INTERFACE, INTERFACE_OCTETS};
    const uint32_t snap_octets = SNAP_OCTETS, length = INTERFACE_OCTETS;
    const uint8_t resolution = has_ns(p) ? 9 : 6;
    int link_type = plait_pcap.datalink(p->handle);
    put(p, section, sizeof section);
    put_u16(p, 1); /* version 1.0 */
    put_u16(p, 0);
    put(p, lengths, sizeof lengths);
    put(p, interface, sizeof interface);
    put_u16(p, link_type == RAW_IP ? 101 : (uint16_t)link_type);
    put_u16(p, 0);
    put(p, &snap_octets, sizeof snap_octets);
    put_option(p, PLAIT_OPT_IF_TSRESOL, &resolution, sizeof resolution);
    put_option(p, PLAIT_OPT_END, NULL, 0);
    put(p, &length, sizeof length);
    flush(p);
}

static void put_packet(unsigned char *self, const struct plait_pcap_header *header,
                       const unsigned char *octets)
{
    enum { PACKET_OCTETS = 32 };
    struct pump *p = (struct pump *)self;
    uint32_t captured = header->captured_octets, padding = -captured & 3;
    uint64_t units = has_ns(p) ? 1000000000 : 1000000;
    uint64_t ticks = (uint64_t)header->at.tv_sec * units + (uint64_t)header->at.tv_usec;
    const uint32_t length = PACKET_OCTETS + captured + padding;
    const uint32_t head[] = {PLAIT_BLOCK_ENHANCED,    length,          0,
                             (uint32_t)(ticks >> 32), (uint32_t)ticks, captured,
                             header->wire_octets};
    if (captured > SNAP_OCTETS)
        return; /* longer than was asked for */
    if (p->used + length > sizeof p->room)
        flush(p);
    put(p, head, sizeof head);
    put(p, octets, captured);
    put(p, zeros, padding);
    put(p, &length, sizeof length);
}

static void put_statistics(struct pump *p)
{
    enum { STATISTICS_OCTETS = 52 };
    static const uint32_t head[] = {PLAIT_BLOCK_STATISTICS, STATISTICS_OCTETS, 0, 0, 0};
    const uint32_t length = STATISTICS_OCTETS;
    const uint64_t by_interface = p->told.dropped_by_interface, by_system = p->told.dropped;
    if (p->used + length > sizeof p->room)
        flush(p);
    put(p, head, sizeof head);
    put_option(p, PLAIT_OPT_ISB_IFDROP, &by_interface, sizeof by_interface);
    put_option(p, PLAIT_OPT_ISB_OSDROP, &by_system, sizeof by_system);
    put_option(p, PLAIT_OPT_END, NULL, 0);
    put(p, &length, sizeof length);
}

/* Whoever reads is told when there are more of them than before. */
static void ask_losses(struct pump *p)
{
    struct plait_pcap_statistics s = {0};
    if (plait_pcap.stats(p->handle, &s) != 0 ||
        s.dropped + s.dropped_by_interface == p->told.dropped + p->told.dropped_by_interface)
        return;
    p->told = s;
    put_statistics(p);
}

static void say_losses(const struct pump *p)
{
    unsigned lost = p->told.dropped + p->told.dropped_by_interface;
    if (lost)
        plait_complain("", "%s: %u packet%s lost before %s could be read", p->name, lost,
                       lost == 1 ? " was" : "s were", lost == 1 ? "it" : "they");
}

static int pump(void *self)
{
    struct pump *p = self;
    struct sigaction action = {.sa_handler = end_loop};
    running = p->handle;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    put_file_header(p);
    int got;
    do {
        ask_losses(p); /* first: what is read now may have come behind what was lost */
        got = plait_pcap.dispatch(p->handle, -1, put_packet, (unsigned char *)p);
        flush(p);
    } while (got >= 0 && !p->broken);
    if (got == -1)
        plait_complain("", "%s: %s", p->name, plait_pcap.geterr(p->handle));
    ask_losses(p);
    flush(p);
    say_losses(p);
    return 0;
}

/* What is open, to tell the library's own descriptors (a packet socket, and what wakes it) from
 * others. */
struct open_now {
    bool is_open[1024];
};

static struct open_now look(void)
{
    struct open_now now;
    for (int fd = 0; fd < 1024; fd++)
        now.is_open[fd] = fcntl(fd, F_GETFD) >= 0;
    return now;
}

static unsigned opened_since(const struct open_now *before, int *descriptors, unsigned room)
{
    const struct open_now now = look();
    unsigned count = 0;
    for (int fd = 0; fd < 1024 && count < room; fd++)
        if (now.is_open[fd] && !before->is_open[fd])
            descriptors[count++] = fd;
    return count;
}

/* PIPE is the end that is read, whose other one is the pump's. */
static bool start_pump(const struct open_now *before, struct pcap *handle, const char *name,
                       int *read_end)
{
    static struct pump p; /* the child's copy */
    int ends[2], descriptors[16];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    p = (struct pump){.handle = handle, .name = name, .pipe = ends[1]};
    const struct plait_child child = {.role = PLAIT_ROLE_PUMP,
                                      .descriptors = descriptors,
                                      .descriptor_count = opened_since(before, descriptors, 16),
                                      .directory = -1,
                                      .body = pump,
                                      .self = &p};
    bool started = plait_child_start(&child) > 0;
    close(ends[1]);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK); /* on a pipe that is ours it cannot fail */
    *read_end = ends[0];
    return started;
}

bool plait_open_interface(struct plait_job *job, const char *name)
{
    const char *missing = plait_pcap_load();
    if (missing) {
        plait_complain(job->command->name, "%s: %s", name, missing);
        return false;
    }
    const struct open_now before = look();
    struct pcap *handle = open_handle(job, name);
    if (!handle)
        return false;
    int read_end = -1;
    bool started = start_pump(&before, handle, name, &read_end);
    if (!started)
        plait_complain(job->command->name, "%s: %s", name, strerror(errno));
    plait_pcap.close(handle); /* the child's stays open */
    plait_job_add(
        job, name,
        &(struct plait_job_input){.descriptor = read_end, .is_live = true, .is_named = true});
    return started;
}
