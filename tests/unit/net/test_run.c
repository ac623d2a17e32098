/* Running: until when, until what, and what wakes it; what comes out of ports that is no IP. */
#include "tests/unit/net/fixture.h"

#include <unistd.h>

#include "base/octets.h"

static bool has_two_seconds_passed(void *self)
{
    return plait_net_now(self) >= 2 * PLAIT_S;
}

static bool always(void *self UNUSED)
{
    return true;
}

static void ends_when_nothing_can_happen(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10});
    assert_false(plait_net_run(p->net, PLAIT_NEVER, NULL, NULL));
    assert_int_equal(plait_net_now(p->net), 0);
    assert_false(plait_net_run(p->net, 3 * PLAIT_S, NULL, NULL)); /* rest takes time, too */
    assert_int_equal(plait_net_now(p->net), 3 * PLAIT_S);
    pair_free(p);
}

static void stops_when_told(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = PLAIT_S});
    for (uint32_t i = 0; i < 5; i++)
        send_a(p, i * PLAIT_S, i, 0);
    assert_true(plait_net_run(p->net, PLAIT_NEVER, has_two_seconds_passed, p->net));
    assert_int_equal(plait_net_now(p->net), 2 * PLAIT_S);
    assert_true(plait_net_run(p->net, PLAIT_NEVER, always, NULL));
    assert_int_equal(plait_net_now(p->net), 2 * PLAIT_S);
    pair_free(p);
}

static bool has_delivered_one(void *self)
{
    return plait_net_counts(self).delivered >= 1;
}

/* Both links are without delay: the second delivery is made by the first, at the same instant. */
static void stop_is_asked_between_events_that_make_each_other(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct plait_net *net = plait_net_new(&clock);
    struct plait_stub *stub = plait_stub_new();
    struct plait_port port = plait_stub_port(stub);
    plait_node end = plait_net_add_port(net, "end", &port), r = plait_net_add_router(net, "r");
    plait_link link = plait_net_add_link(net, "link", end, r, &(struct plait_link_config){0});
    struct plait_addr any = addr("0.0.0.0");
    plait_net_add_route(net, r, &any, 0, link); /* back to where it came from */
    plait_stub_send(stub, 0, packet("198.18.1.1", "198.18.1.1", 1, 0));
    assert_true(plait_net_run(net, PLAIT_NEVER, has_delivered_one, net));
    assert_int_equal(plait_net_counts(net).delivered, 1);
    plait_net_run(net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(plait_net_counts(net).delivered, 2);
    plait_net_free(net);
    plait_stub_free(stub);
}

static void what_is_due_at_until_happens(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10});
    send_a(p, 0, 1, 0);
    send_a(p, 1, 2, 0);
    plait_net_run(p->net, 10, NULL, NULL);
    assert_int_equal(take_seq(p->b), 1);
    expect_nothing(p->b);
    plait_net_run(p->net, 11, NULL, NULL);
    assert_int_equal(take_seq(p->b), 2);
    pair_free(p);
}

/* Sends one more packet from its own stop function: what scripts do all the time. */
static bool send_late(void *self)
{
    struct pair *p = self;
    if (plait_net_now(p->net) == 10)
        send_a(p, 12, 2, 0);
    return false;
}

static void stop_function_may_talk_to_ports(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = 10});
    send_a(p, 0, 1, 0);
    send_a(p, 100, 3, 0);
    plait_net_run(p->net, 30, send_late, p);
    expect(p->b, 10, 1);
    expect(p->b, 22, 2);
    expect_nothing(p->b);
    pair_free(p);
}

/* ---- octets from ports --------------------------------------------------------------------- */

static void counts_what_is_not_ip(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t at;       /* octet changed */
        uint8_t value;   /* to this */
        uint32_t octets; /* and the length to this, if not 0 */
    } cases[] = {
        {"empty", 0, 0x45, UINT32_MAX},
        {"one octet", 0, 0x45, 1},
        {"version 5", 0, 0x55, 0},
        {"short header", 0, 0x44, 0},
        {"half a header", 0, 0x45, 19},
        {"length beyond the end", 2, 0x7f, 0},
        {"length below the header", 3, 19, 0},
        {"half an IPv6 header", 0, 0x60, 39},
    };
    struct pair *p = pair_new(&(struct plait_link_config){0});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plait_packet *bad = packet("198.18.1.1", "198.18.2.1", 1, 0);
        bad->octets[cases[i].at] = cases[i].value;
        if (cases[i].octets)
            bad->length_octets = cases[i].octets == UINT32_MAX ? 0 : cases[i].octets;
        plait_stub_send(p->a, plait_net_now(p->net), bad);
        plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
        if (plait_net_counts(p->net).not_ip != i + 1)
            fail_msg("%s passed", cases[i].why);
    }
    struct plait_packet *beyond = packet("2001:db8:1::1", "2001:db8:2::1", 1, 0);
    beyond->octets[5]++;
    plait_stub_send(p->a, plait_net_now(p->net), beyond);
    struct plait_packet *lying = packet("198.18.1.1", "198.18.2.1", 1, 0);
    lying->offload = (struct plait_offload){.needs_checksum = true, .checksum_start = 39};
    plait_stub_send(p->a, plait_net_now(p->net), lying);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(plait_net_counts(p->net).not_ip, sizeof cases / sizeof *cases + 2);
    assert_int_equal(plait_net_counts(p->net).entered, 0);
    expect_nothing(p->b);
    pair_free(p);
}

static void cuts_padding_off(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){0});
    struct plait_packet *padded = plait_packet_new(100);
    struct plait_packet *tight = packet("198.18.1.1", "198.18.2.1", 1, 0);
    memset(padded->octets, 0, 100);
    memcpy(padded->octets, tight->octets, tight->length_octets);
    padded->length_octets = 60;
    plait_stub_send(p->a, 0, padded);
    plait_net_run(p->net, PLAIT_NEVER, NULL, NULL);
    struct plait_packet *got = plait_stub_take(p->b, NULL);
    assert_non_null(got);
    assert_int_equal(got->length_octets, tight->length_octets);
    plait_packet_free(tight);
    plait_packet_free(got);
    pair_free(p);
}

static void port_without_link_speaks_into_the_void(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct plait_net *net = plait_net_new(&clock);
    struct plait_stub *stub = plait_stub_new();
    struct plait_port port = plait_stub_port(stub);
    plait_net_add_port(net, "alone", &port);
    plait_stub_send(stub, 0, packet("198.18.1.1", "198.18.2.1", 1, 0));
    plait_net_run(net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(plait_net_counts(net).lost, 1);
    plait_net_free(net);
    plait_stub_free(stub);
}

static void names_and_ends_are_told(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){0});
    plait_node router = plait_net_add_router(p->net, "r");
    assert_string_equal(plait_net_link_name(p->net, p->link), "ab");
    assert_string_equal(plait_net_node_name(p->net, router), "r");
    assert_int_equal(plait_net_link_count(p->net), 1);
    assert_int_equal(plait_net_link_end(p->net, p->link, PLAIT_A_TO_B), p->node_b);
    assert_int_equal(plait_net_link_end(p->net, p->link, PLAIT_B_TO_A), p->node_a);
    assert_true(plait_net_is_port(p->net, p->node_a));
    assert_false(plait_net_is_port(p->net, router));
    pair_free(p);
}

/* ---- descriptors and the wall clock -----------------------------------------------------------
 */

struct ear { /* a watched pipe */
    struct plait_net *net;
    int ends[2];
    unsigned heard;
};

static struct ear ear(struct plait_net *net)
{
    struct ear e = {.net = net};
    assert_int_equal(pipe(e.ends), 0);
    return e;
}

static void hear(void *self)
{
    struct ear *e = self;
    char octet;
    if (read(e->ends[0], &octet, 1) == 1)
        e->heard++;
    else
        plait_net_unwatch(e->net, e->ends[0]);
}

static bool has_heard(void *self)
{
    return ((struct ear *)self)->heard > 0;
}

static void say(const struct ear *e)
{
    assert_int_equal(write(e->ends[1], "x", 1), 1);
}

static void wall_clock_starts_at_zero_and_sleeps(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_wall();
    struct plait_net *net = plait_net_new(&clock);
    plait_time_ns start_ns = plait_net_now(net);
    assert_in_range(start_ns, 0, PLAIT_S);
    assert_false(plait_net_run(net, start_ns + 3 * PLAIT_MS, NULL, NULL));
    assert_true(plait_net_now(net) >= start_ns + 3 * PLAIT_MS);
    assert_false(plait_net_run(net, PLAIT_NEVER, NULL, NULL)); /* nothing can ever happen */
    plait_net_free(net);
}

/* The packet is due in an hour; the watched descriptor ends the run long before. */
static void wall_clock_wakes_up_on_a_descriptor(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_wall();
    struct plait_net *net = plait_net_new(&clock);
    struct ear e = ear(net);
    plait_net_watch(net, e.ends[0], hear, &e);
    say(&e);
    assert_true(plait_net_run(net, 3600 * PLAIT_S, has_heard, &e));
    assert_true(plait_net_now(net) < 3600 * PLAIT_S);
    close(e.ends[1]); /* now it reads the end, and stops watching */
    plait_net_run(net, plait_net_now(net) + PLAIT_MS, NULL, NULL);
    assert_false(plait_net_run(net, PLAIT_NEVER, NULL, NULL)); /* else this would never end */
    close(e.ends[0]);
    plait_net_free(net);
}

static void virtual_clock_asks_descriptors_too(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct plait_net *net = plait_net_new(&clock);
    struct ear e = ear(net), silent = ear(net);
    plait_net_watch(net, silent.ends[0], hear, &silent);
    plait_net_watch(net, e.ends[0], hear, &e);
    assert_false(plait_net_run(net, PLAIT_NEVER, has_heard, &e));
    say(&e);
    assert_true(plait_net_run(net, PLAIT_NEVER, has_heard, &e));
    assert_int_equal(plait_net_now(net), 0);
    assert_int_equal(silent.heard, 0);
    for (int i = 0; i < 2; i++) {
        close(e.ends[i]);
        close(silent.ends[i]);
    }
    plait_net_free(net);
}

struct silencer { /* whoever is ready first ends the other's watch */
    struct plait_net *net;
    int own_fd, other_fd;
    unsigned *called;
};

static void silence(void *self)
{
    struct silencer *s = self;
    ++*s->called;
    plait_net_unwatch(s->net, s->own_fd);
    plait_net_unwatch(s->net, s->other_fd);
}

static void unwatched_in_the_same_round_is_not_called(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_virtual();
    struct plait_net *net = plait_net_new(&clock);
    struct ear one = ear(net), two = ear(net);
    unsigned called = 0;
    struct silencer s[2] = {{net, one.ends[0], two.ends[0], &called},
                            {net, two.ends[0], one.ends[0], &called}};
    for (int i = 0; i < 2; i++)
        plait_net_watch(net, s[i].own_fd, silence, &s[i]);
    say(&one);
    say(&two);
    plait_net_run(net, PLAIT_NEVER, NULL, NULL);
    assert_int_equal(called, 1);
    for (int i = 0; i < 2; i++) {
        close(one.ends[i]);
        close(two.ends[i]);
    }
    plait_net_free(net);
}

/* A port as a device is one: each octet in its pipe stands for a packet it has received. */
struct device {
    int ends[2];
    uint32_t seq;
    unsigned asked;
};

static struct plait_packet *device_output(void *self, plait_time_ns now UNUSED)
{
    struct device *d = self;
    struct pollfd fd = {.fd = d->ends[0], .events = POLLIN};
    char octet;
    d->asked++;
    if (poll(&fd, 1, 0) != 1 || read(d->ends[0], &octet, 1) != 1)
        return NULL;
    return packet("198.18.1.1", "198.18.2.1", d->seq++, 0);
}

static void device_input(void *self UNUSED, plait_time_ns now UNUSED, struct plait_packet *packet)
{
    plait_packet_free(packet);
}

static plait_time_ns device_deadline(void *self UNUSED)
{
    return PLAIT_NEVER;
}

static void device_advance(void *self UNUSED, plait_time_ns now UNUSED)
{
}

static struct plait_port device_port(struct device *d)
{
    static const struct plait_port_ops ops = {device_input, device_output, device_deadline,
                                              device_advance};
    assert_int_equal(pipe(d->ends), 0);
    return (struct plait_port){.ops = &ops, .self = d, .fd = d->ends[0]};
}

static bool has_delivered_200(void *self)
{
    return plait_net_counts(self).delivered == 200;
}

static void port_with_a_descriptor_is_asked_when_it_is_readable(void **state)
{
    (void)state;
    struct plait_clock clock = plait_clock_wall();
    struct plait_net *net = plait_net_new(&clock);
    struct device device = {.seq = 1};
    struct plait_stub *stub = plait_stub_new();
    struct plait_port a = device_port(&device), b = plait_stub_port(stub);
    plait_net_add_link(net, "ab", plait_net_add_port(net, "a", &a),
                       plait_net_add_port(net, "b", &b),
                       &(struct plait_link_config){.delay_ns = PLAIT_MS});
    plait_net_run(net, plait_net_now(net) + PLAIT_MS, NULL, NULL);
    assert_int_equal(device.asked, 0);
    char octets[200] = {0};
    assert_int_equal(write(device.ends[1], octets, sizeof octets), sizeof octets);
    assert_true(plait_net_run(net, plait_net_now(net) + 60 * PLAIT_S, has_delivered_200, net));
    for (uint32_t seq = 1; seq <= 200; seq++)
        assert_int_equal(take_seq(stub), seq);
    plait_net_free(net);
    plait_stub_free(stub);
    close(device.ends[0]);
    close(device.ends[1]);
}

/* ---- lateness: a clock that oversleeps as told ------------------------------------------------
 */

static plait_time_ns oversleep_ns;

static plait_time_ns slow_now(struct plait_clock *clock)
{
    return clock->at_ns;
}

static void slow_wait(struct plait_clock *clock, plait_time_ns until, struct pollfd *fds UNUSED,
                      size_t count UNUSED)
{
    if (until > clock->at_ns)
        clock->at_ns = until;
    clock->at_ns += oversleep_ns;
    oversleep_ns = 0;
}

static bool has_slept(void *self)
{
    struct plait_clock *clock = self;
    if (clock->at_ns >= 500 * PLAIT_MS && clock->at_ns < 600 * PLAIT_MS)
        clock->at_ns += 70 * PLAIT_MS; /* whoever is asked between rounds may be slow as well */
    return false;
}

static void lateness_is_what_the_clock_overslept(void **state)
{
    (void)state;
    struct plait_clock clock = {.now = slow_now, .wait = slow_wait};
    struct plait_net *net = plait_net_new(&clock);
    oversleep_ns = 40 * PLAIT_MS;
    plait_net_run(net, PLAIT_S, NULL, NULL);
    assert_int_equal(plait_net_lateness(net), 0); /* nobody asked for it yet */
    plait_net_time_lateness(net);
    plait_net_run(net, 2 * PLAIT_S, NULL, NULL);
    assert_int_equal(plait_net_lateness(net), 0);
    oversleep_ns = 40 * PLAIT_MS; /* although nothing is due for a second */
    plait_net_run(net, 3 * PLAIT_S, NULL, NULL);
    assert_int_equal(plait_net_lateness(net), 40 * PLAIT_MS);
    oversleep_ns = 30 * PLAIT_MS;
    plait_net_run(net, 4 * PLAIT_S, NULL, NULL);
    assert_int_equal(plait_net_lateness(net), 40 * PLAIT_MS); /* the worst */
    plait_net_time_lateness(net);
    assert_int_equal(plait_net_lateness(net), 0);
    plait_net_free(net);
}

static void lateness_counts_between_rounds_too(void **state)
{
    (void)state;
    struct plait_clock clock = {.now = slow_now, .wait = slow_wait};
    struct plait_net *net = plait_net_new(&clock);
    plait_net_time_lateness(net);
    plait_net_run(net, PLAIT_S, has_slept, &clock);
    assert_in_range(plait_net_lateness(net), 70 * PLAIT_MS - PLAIT_NET_BEAT_NS, 70 * PLAIT_MS);
    plait_net_time_lateness(net);
    clock.at_ns += 90 * PLAIT_MS; /* between two runs */
    assert_int_equal(plait_net_lateness(net), 90 * PLAIT_MS - PLAIT_NET_BEAT_NS);
    plait_net_free(net);
}

static void the_virtual_clock_is_never_late(void **state)
{
    (void)state;
    struct pair *p = pair_new(&(struct plait_link_config){.delay_ns = PLAIT_S});
    send_a(p, 0, 1, 0);
    plait_net_time_lateness(p->net);
    plait_net_run(p->net, 3 * PLAIT_S, NULL, NULL);
    assert_int_equal(plait_net_lateness(p->net), 0);
    pair_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_when_nothing_can_happen),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(stop_is_asked_between_events_that_make_each_other),
        cmocka_unit_test(what_is_due_at_until_happens),
        cmocka_unit_test(stop_function_may_talk_to_ports),
        cmocka_unit_test(counts_what_is_not_ip),
        cmocka_unit_test(cuts_padding_off),
        cmocka_unit_test(port_without_link_speaks_into_the_void),
        cmocka_unit_test(names_and_ends_are_told),
        cmocka_unit_test(wall_clock_starts_at_zero_and_sleeps),
        cmocka_unit_test(wall_clock_wakes_up_on_a_descriptor),
        cmocka_unit_test(virtual_clock_asks_descriptors_too),
        cmocka_unit_test(unwatched_in_the_same_round_is_not_called),
        cmocka_unit_test(port_with_a_descriptor_is_asked_when_it_is_readable),
        cmocka_unit_test(lateness_is_what_the_clock_overslept),
        cmocka_unit_test(lateness_counts_between_rounds_too),
        cmocka_unit_test(the_virtual_clock_is_never_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
