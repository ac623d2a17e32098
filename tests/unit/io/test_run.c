/* The loop between a host and its devices, with a host that says what the test wants. */
#include "tests/unit/test.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plait/io.h"
#include "tests/unit/io/packets.h"

/* ---- the stub ---------------------------------------------------------------------------------
 */

struct plait_host {
    struct sample say;   /* the packet that it sends */
    unsigned to_say;     /* so many times */
    bool echoes;         /* each arrival is sent back, addresses as they are */
    unsigned said_early; /* arrivals while it had something to say */
    unsigned heard;
    struct sample last_heard;
    bool may_offload;
    plait_time_ns deadline_ns, advanced_ns;
    unsigned advances;
};

void plait_host_input(struct plait_host *host, plait_time_ns now, const void *packet,
                      size_t length_octets, const struct plait_offload *offload)
{
    assert_true(now >= 0);
    host->said_early += host->to_say > 0;
    host->heard++;
    host->last_heard.length_octets = (uint32_t)length_octets;
    host->last_heard.offload = *offload;
    memcpy(host->last_heard.octets, packet, length_octets);
    if (host->echoes) {
        host->say = host->last_heard;
        host->to_say = 1;
    }
}

bool plait_host_output(struct plait_host *host, plait_time_ns now, struct plait_out *out)
{
    (void)now;
    host->may_offload = out->offload_allowed;
    assert_true(out->room_octets >= PLAIT_PACKET_MAX_OCTETS);
    if (host->to_say == 0)
        return false;
    host->to_say--;
    out->length_octets = host->say.length_octets;
    out->offload = host->say.offload;
    memcpy(out->octets, host->say.octets, host->say.length_octets);
    return true;
}

plait_time_ns plait_host_deadline(struct plait_host *host)
{
    return host->deadline_ns;
}

void plait_host_advance(struct plait_host *host, plait_time_ns now)
{
    assert_true(now >= host->deadline_ns);
    host->advances++;
    host->advanced_ns = now;
    host->deadline_ns = PLAIT_NEVER;
}

/* ---- two devices, and who is behind them ------------------------------------------------------
 */

struct fixture {
    struct plait_host host;
    struct plait_io_clock clock;
    struct plait_io_loop loop;
    struct plait_io_port ports[2];
    struct plait_io *behind[2];
    struct plait_io_watch watches[2];
    unsigned read[2]; /* from behind */
    unsigned seen[2][2];
    unsigned stop_at_heard, rounds;
};

static struct fixture f;
static struct sample sample;

static void read_behind(int which)
{
    static uint8_t room[65536];
    uint32_t length_octets;
    struct plait_offload offload;
    for (;;) {
        assert_ok(plait_io_read(f.behind[which], room, sizeof room, &length_octets, &offload));
        if (length_octets == 0)
            return;
        f.read[which]++;
    }
}

static void see(void *self, const struct plait_io_sight *sight)
{
    assert_ptr_equal(self, &f);
    assert_true(sight->length_octets > 0);
    f.seen[sight->port][sight->is_outgoing]++;
}

static bool stop(void *self, plait_time_ns now)
{
    (void)now;
    assert_ptr_equal(self, &f);
    f.rounds++;
    return f.stop_at_heard != 0 && f.host.heard >= f.stop_at_heard;
}

static void add_addr(unsigned port, const char *text)
{
    assert_ok(plait_addr_parse(text, &f.ports[port].addrs[f.ports[port].addr_count++]));
}

static int set_up_with(bool offload)
{
    static const struct plait_io_options options = {.offload = true};
    f = (struct fixture){.clock = plait_io_clock(), .host = {.deadline_ns = PLAIT_NEVER}};
    for (unsigned i = 0; i < 2; i++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
        assert_ok(plait_io_open_frames(&f.ports[i].io, pair[0], offload ? &options : NULL));
        assert_ok(plait_io_open_frames(&f.behind[i], pair[1], &options));
    }
    f.loop = (struct plait_io_loop){.host = &f.host,
                                    .clock = &f.clock,
                                    .ports = f.ports,
                                    .port_count = 2,
                                    .watches = f.watches,
                                    .stop = stop,
                                    .see = see,
                                    .self = &f};
    return 0;
}

/* Super-segments may be made: one packet at a time. */
static int set_up(void **state)
{
    (void)state;
    return set_up_with(true);
}

/* They may not: batches. */
static int set_up_plain(void **state)
{
    (void)state;
    return set_up_with(false);
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        plait_io_close(f.ports[i].io);
        plait_io_close(f.behind[i]);
    }
    return 0;
}

static plait_result run_for(plait_time_ns duration_ns)
{
    return plait_io_run(&f.loop, plait_io_now(&f.clock) + duration_ns);
}

static void say_from(const char *src, unsigned count)
{
    assert_true(sample_make(&f.host.say, src, strchr(src, ':') ? "2001:db8::9" : "198.18.9.9", 10));
    f.host.to_say = count;
    assert_reason(run_for(0), TIMED_OUT);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void packets_leave_by_their_source(void **state)
{
    (void)state;
    add_addr(0, "198.18.1.1");
    add_addr(0, "2001:db8:1::1");
    add_addr(1, "198.18.2.1");
    say_from("198.18.1.1", 1);
    say_from("2001:db8:1::1", 2);
    say_from("198.18.2.1", 4);
    say_from("198.18.3.1", 8);  /* nobody's */
    say_from("c612:101::", 16); /* IPv4's octets, of the other family */
    read_behind(0);
    read_behind(1);
    assert_int_equal(f.read[0], 3);
    assert_int_equal(f.read[1], 4);
    assert_int_equal(f.loop.no_route, 24);
    assert_int_equal(f.loop.lost, 24);
    assert_int_equal(f.seen[0][true], 3);
    assert_int_equal(f.seen[1][true], 4);
}

static void a_port_without_addresses_takes_the_rest(void **state)
{
    (void)state;
    add_addr(1, "198.18.2.1");
    say_from("198.18.2.1", 1);
    say_from("198.18.3.1", 2);
    read_behind(0);
    read_behind(1);
    assert_int_equal(f.read[0], 2);
    assert_int_equal(f.read[1], 1);
    assert_int_equal(f.loop.lost, 0);
}

static void arrivals_are_handed_on_and_answers_leave_first(void **state)
{
    (void)state;
    assert_true(sample_make(&sample, "198.18.9.9", "198.18.1.1", 50000));
    assert_true(sample_leave_undone(&sample));
    f.host.echoes = true;
    f.stop_at_heard = 20;
    for (int i = 0; i < 20; i++)
        assert_ok(
            plait_io_write(f.behind[i % 2], sample.octets, sample.length_octets, &sample.offload));
    assert_ok(plait_io_run(&f.loop, PLAIT_NEVER));
    assert_int_equal(f.host.heard, 20);
    assert_int_equal(f.host.said_early, 0);
    assert_int_equal(f.host.last_heard.length_octets, sample.length_octets);
    assert_memory_equal(f.host.last_heard.octets, sample.octets, sample.length_octets);
    assert_true(sample_is_offload(&f.host.last_heard.offload, &sample.offload));
    assert_int_equal(f.seen[0][false], 10);
    assert_int_equal(f.seen[1][false], 10);
    read_behind(0);
    assert_int_equal(f.read[0], 20);
}

static void a_burst_is_heard_to_its_end(void **state)
{
    (void)state;
    assert_true(sample_make(&sample, "198.18.9.9", "198.18.1.1", 10));
    f.stop_at_heard = 200;
    for (int i = 0; i < 200; i++)
        assert_ok(plait_io_write(f.behind[0], sample.octets, sample.length_octets, NULL));
    assert_ok(plait_io_run(&f.loop, PLAIT_NEVER));
    assert_int_equal(f.host.heard, 200);
}

static void a_run_that_is_late_looks_once(void **state)
{
    (void)state;
    assert_true(sample_make(&sample, "198.18.9.9", "198.18.1.1", 10));
    assert_ok(plait_io_write(f.behind[1], sample.octets, sample.length_octets, NULL));
    assert_reason(plait_io_run(&f.loop, 0), TIMED_OUT);
    assert_int_equal(f.host.heard, 1);
}

static void answers_leave_in_order(void **state)
{
    (void)state;
    f.host.echoes = true;
    f.stop_at_heard = 100;
    for (int i = 0; i < 100; i++) {
        assert_true(sample_make(&sample, "198.18.9.9", "198.18.1.1", (size_t)i));
        assert_ok(plait_io_write(f.behind[1], sample.octets, sample.length_octets, NULL));
    }
    assert_ok(plait_io_run(&f.loop, PLAIT_NEVER));
    assert_int_equal(f.host.said_early, 0);
    for (uint32_t i = 0; i < 100; i++) {
        assert_ok(plait_io_read(f.behind[0], sample.octets, sizeof sample.octets,
                                &sample.length_octets, &sample.offload));
        assert_int_equal(sample.length_octets, 40 + i);
    }
}

static void timers_come_when_they_are_due(void **state)
{
    (void)state;
    plait_time_ns due_ns = plait_io_now(&f.clock) + 5 * PLAIT_MS;
    f.host.deadline_ns = due_ns;
    assert_reason(run_for(PLAIT_MS), TIMED_OUT);
    assert_true(f.host.advances == 0 || f.host.advanced_ns >= due_ns);
    assert_reason(run_for(20 * PLAIT_MS), TIMED_OUT);
    assert_int_equal(f.host.advances, 1);
}

static void on_ready(void *self, plait_time_ns now, short revents)
{
    struct plait_io_watch *watch = self;
    char octet;
    assert_true(now >= 0 && revents & POLLIN);
    assert_int_equal(read(watch->fd, &octet, 1), 1);
    f.host.to_say = 3;
    watch->fd = -1;
}

static void watches_are_called_and_what_they_caused_leaves(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "xy", 2), 2);
    assert_true(sample_make(&f.host.say, "198.18.1.1", "198.18.9.9", 10));
    f.watches[0] = (struct plait_io_watch){ends[0], POLLIN, on_ready, &f.watches[0]};
    f.loop.watch_count = 1;
    assert_reason(run_for(PLAIT_MS), TIMED_OUT);
    read_behind(0);
    assert_int_equal(f.read[0], 3); /* once: the watch took itself away */
    close(ends[0]);
    close(ends[1]);
}

/* ---- devices that do not take everything ------------------------------------------------------
 */

static void drain(void *self, plait_time_ns now, short revents)
{
    (void)self;
    (void)now;
    (void)revents;
    read_behind(0);
}

static void a_slow_device_loses_nothing(void **state)
{
    (void)state;
    assert_true(sample_make(&f.host.say, "198.18.1.1", "198.18.9.9", 60000));
    f.host.to_say = 2000; /* 120 MB, more than any socket holds */
    f.watches[0] = (struct plait_io_watch){plait_io_fd(f.behind[0]), POLLIN, drain, NULL};
    f.loop.watch_count = 1;
    while (f.host.to_say > 0 || f.read[0] < 2000)
        assert_reason(run_for(PLAIT_MS), TIMED_OUT);
    assert_int_equal(f.read[0], 2000);
    assert_int_equal(f.loop.lost, 0);
}

static void a_stuck_device_holds_nobody_up(void **state)
{
    (void)state;
    add_addr(0, "198.18.1.1");
    add_addr(1, "198.18.2.1");
    assert_true(sample_make(&f.host.say, "198.18.1.1", "198.18.9.9", 60000));
    f.host.to_say = 2000;
    assert_true(sample_make(&sample, "198.18.9.9", "198.18.2.1", 10));
    assert_ok(plait_io_write(f.behind[1], sample.octets, sample.length_octets, NULL));
    f.stop_at_heard = 1;
    assert_ok(plait_io_run(&f.loop, PLAIT_NEVER)); /* heard meanwhile */
    f.stop_at_heard = 0;
    while (f.host.to_say > 0)
        assert_reason(run_for(30 * PLAIT_MS), TIMED_OUT);
    assert_true(f.loop.lost > 0 && f.loop.lost < 2000);
    assert_true(f.rounds < 100); /* it was waited for once, not for each packet */
    assert_int_equal(f.loop.no_route, 0);
    read_behind(0);
    assert_int_equal(f.read[0] + f.loop.lost, 2000);
    say_from("198.18.2.1", 5);
    read_behind(1);
    assert_int_equal(f.read[1], 5);
    say_from("198.18.1.1", 5); /* it takes some again */
    read_behind(0);
    assert_int_equal(f.read[0] + f.loop.lost, 2005);
}

static void a_device_that_is_gone_ends_the_run(void **state)
{
    (void)state;
    plait_io_close(f.behind[1]);
    f.behind[1] = NULL;
    assert_reason(plait_io_run(&f.loop, PLAIT_NEVER), NOT_FOUND);
    assert_int_equal(f.loop.gone_port, 1);
    f.loop.port_count = 1;
    assert_reason(run_for(PLAIT_MS), TIMED_OUT);
}

static void offload_needs_every_device(void **state)
{
    (void)state;
    assert_reason(run_for(0), TIMED_OUT);
    assert_true(f.host.may_offload);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    plait_io_close(f.ports[1].io);
    assert_ok(plait_io_open_frames(&f.ports[1].io, pair[0], NULL));
    assert_reason(run_for(0), TIMED_OUT);
    assert_false(f.host.may_offload);
    close(pair[1]);
}

static void misuse_is_told(void **state)
{
    (void)state;
    f.loop.port_count = PLAIT_IO_PORTS_MAX + 1;
    assert_reason(run_for(0), USAGE);
    f.loop.port_count = 2;
    f.loop.watch_count = PLAIT_IO_WATCHES_MAX + 1;
    assert_reason(run_for(0), USAGE);
    f.loop.watch_count = 0;
    f.loop.host = NULL;
    assert_reason(run_for(0), USAGE);
    f.loop.host = &f.host;
    f.ports[1].addr_count = PLAIT_IO_ADDRS_MAX + 1;
    assert_reason(run_for(0), USAGE);
}

int main(void)
{
#define WHOLE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define PLAIN(name)                                                                                \
    {                                                                                              \
#name ", in batches", name, set_up_plain, tear_down, NULL                                  \
    }
    const struct CMUnitTest tests[] = {
        WHOLE(packets_leave_by_their_source),
        PLAIN(packets_leave_by_their_source),
        WHOLE(a_port_without_addresses_takes_the_rest),
        WHOLE(arrivals_are_handed_on_and_answers_leave_first),
        WHOLE(a_burst_is_heard_to_its_end),
        PLAIN(a_burst_is_heard_to_its_end),
        WHOLE(a_run_that_is_late_looks_once),
        WHOLE(answers_leave_in_order),
        PLAIN(answers_leave_in_order),
        WHOLE(timers_come_when_they_are_due),
        WHOLE(watches_are_called_and_what_they_caused_leaves),
        PLAIN(watches_are_called_and_what_they_caused_leaves),
        WHOLE(a_slow_device_loses_nothing),
        PLAIN(a_slow_device_loses_nothing),
        WHOLE(a_stuck_device_holds_nobody_up),
        PLAIN(a_stuck_device_holds_nobody_up),
        WHOLE(a_device_that_is_gone_ends_the_run),
        PLAIN(a_device_that_is_gone_ends_the_run),
        WHOLE(offload_needs_every_device),
        WHOLE(misuse_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
