/* tests/unit/net/fixture.h: what the tests of this room share: packets, a net of two stubs, and a
 * way to watch a panic. */
#ifndef PLAIT_TESTS_NET_FIXTURE_H
#define PLAIT_TESTS_NET_FIXTURE_H

#include "tests/unit/test.h"

#include "net/stub.h"
#include "wire/tcp.h"

#define UNUSED __attribute__((unused))

struct plait_addr addr(const char *text);

/* A data segment of PAYLOAD_OCTETS (octet i is i) from SRC:1000 to DST:2000 with sequence number
 * SEQ; freed by the receiver. */
struct plait_packet *packet(const char *src, const char *dst, uint32_t seq, size_t payload_octets);
/* The same from a whole segment; its payload is written too. */
struct plait_packet *packet_of(const struct plait_segment *segment);
struct plait_segment segment(const char *src, const char *dst, uint32_t seq);
/* Fails the test unless PACKET parses with good checksums. */
struct plait_segment parsed(const struct plait_packet *packet);

/* a -- link -- b on a virtual clock; names "a", "b", "ab". */
struct pair {
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_stub *a, *b;
    plait_node node_a, node_b;
    plait_link link;
};

struct pair *pair_new(const struct plait_link_config *config);
void pair_free(struct pair *p);
/* Sends a data segment of COUNT octets from a to b, or back; SEQ identifies it. */
void send_a(struct pair *p, plait_time_ns at_ns, uint32_t seq, size_t payload_octets);
void send_b(struct pair *p, plait_time_ns at_ns, uint32_t seq, size_t payload_octets);

/* Takes one packet: it must carry SEQ and have come at AT_NS. */
void expect(struct plait_stub *stub, plait_time_ns at_ns, uint32_t seq);
/* Takes one packet and gives its sequence number; -1 if there is none. */
int64_t take_seq(struct plait_stub *stub);
void expect_nothing(struct plait_stub *stub);

/* Octets of a data segment on the wire, without its payload. */
#define HEADERS 40u

/* Runs ACT in a child that must trap after printing the panic NAME. */
void expect_panic(const char *name, void (*act)(void *self), void *self);

#endif
