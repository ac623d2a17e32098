/* tests/unit/net/fixture.c: see fixture.h. */
#include "tests/unit/net/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- packets ------------------------------------------------------------------------------- */

struct plait_addr addr(const char *text)
{
    struct plait_addr a;
    assert_ok(plait_addr_parse(text, &a));
    return a;
}

struct plait_segment segment(const char *src, const char *dst, uint32_t seq)
{
    return (struct plait_segment){
        .ip = {.src = addr(src), .dst = addr(dst), .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = 1000,
        .dst_port = 2000,
        .seq = seq,
        .ack = 7,
        .flags = PLAIT_ACK,
        .window = 1024,
    };
}

struct plait_packet *packet_of(const struct plait_segment *segment)
{
    struct plait_packet *p = plait_packet_new(PLAIT_PACKET_MAX_OCTETS);
    size_t length_octets = 0;
    assert_ok(plait_segment_build(segment, p->octets, p->room_octets, &length_octets));
    struct plait_packet *exact = plait_packet_of(p->octets, (uint32_t)length_octets);
    plait_packet_free(p);
    return exact;
}

struct plait_packet *packet(const char *src, const char *dst, uint32_t seq, size_t payload_octets)
{
    static uint8_t payload[PLAIT_PACKET_MAX_OCTETS];
    for (size_t i = 0; i < payload_octets; i++)
        payload[i] = (uint8_t)i;
    struct plait_segment s = segment(src, dst, seq);
    s.payload = payload;
    s.payload_octets = payload_octets;
    return packet_of(&s);
}

struct plait_segment parsed(const struct plait_packet *packet)
{
    struct plait_segment s;
    assert_ok(plait_segment_parse(packet->octets, packet->length_octets, &s));
    return s;
}

/* ---- two stubs ----------------------------------------------------------------------------- */

struct pair *pair_new(const struct plait_link_config *config)
{
    struct pair *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->clock = plait_clock_virtual();
    p->net = plait_net_new(&p->clock);
    p->a = plait_stub_new();
    p->b = plait_stub_new();
    struct plait_port a = plait_stub_port(p->a), b = plait_stub_port(p->b);
    p->node_a = plait_net_add_port(p->net, "a", &a);
    p->node_b = plait_net_add_port(p->net, "b", &b);
    p->link = plait_net_add_link(p->net, "ab", p->node_a, p->node_b, config);
    return p;
}

void pair_free(struct pair *p)
{
    plait_net_free(p->net);
    plait_stub_free(p->a);
    plait_stub_free(p->b);
    free(p);
}

void send_a(struct pair *p, plait_time_ns at_ns, uint32_t seq, size_t payload_octets)
{
    plait_stub_send(p->a, at_ns, packet("198.18.1.1", "198.18.2.1", seq, payload_octets));
}

void send_b(struct pair *p, plait_time_ns at_ns, uint32_t seq, size_t payload_octets)
{
    plait_stub_send(p->b, at_ns, packet("198.18.2.1", "198.18.1.1", seq, payload_octets));
}

void expect(struct plait_stub *stub, plait_time_ns at_ns, uint32_t seq)
{
    plait_time_ns came_ns = -1;
    struct plait_packet *p = plait_stub_take(stub, &came_ns);
    assert_non_null(p);
    assert_int_equal(parsed(p).seq, seq);
    assert_int_equal(came_ns, at_ns);
    plait_packet_free(p);
}

int64_t take_seq(struct plait_stub *stub)
{
    struct plait_packet *p = plait_stub_take(stub, NULL);
    if (!p)
        return -1;
    int64_t seq = parsed(p).seq;
    plait_packet_free(p);
    return seq;
}

void expect_nothing(struct plait_stub *stub)
{
    assert_null(plait_stub_take(stub, NULL));
}

/* ---- panics -------------------------------------------------------------------------------- */

/* cmocka catches the trap's signal to go on with the next test; the child must die of it. */
static void act_in_child(int said, void (*act)(void *self), void *self)
{
    signal(SIGILL, SIG_DFL);
    signal(SIGTRAP, SIG_DFL);
    dup2(said, STDERR_FILENO);
    act(self);
    _exit(0);
}

void expect_panic(const char *name, void (*act)(void *self), void *self)
{
    int said[2];
    assert_int_equal(pipe(said), 0);
    pid_t child = fork();
    if (child == 0)
        act_in_child(said[1], act, self);
    close(said[1]);
    char text[512] = "";
    size_t length = 0;
    ssize_t got;
    while ((got = read(said[0], text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)got;
    close(said[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    char wanted[128];
    snprintf(wanted, sizeof wanted, "plait: %s: ", name);
    if (strncmp(text, wanted, strlen(wanted)) != 0)
        fail_msg("wanted \"%s\", got \"%s\"", wanted, text);
}
