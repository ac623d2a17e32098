/* Packets of a subflow for the tests of the sensor room: built, then read as a capture's are. */
#ifndef PLAIT_TESTS_SENSOR_PACKETS_H
#define PLAIT_TESTS_SENSOR_PACKETS_H

#include "tests/unit/test.h"

#include "audit/packet.h"

/* A packet and its octets, to be used where it stands. */
struct made {
    uint8_t octets[2048];
    struct plait_seen seen;
    struct plait_packet packet;
};

static const struct plait_place made_client = {{{10, 0, 0, 1}, PLAIT_IPV4}, 4000};
static const struct plait_place made_server = {{{10, 0, 0, 2}, PLAIT_IPV4}, 80};

static inline struct plait_segment segment_of(const struct plait_place *from,
                                              const struct plait_place *to, uint8_t flags,
                                              uint32_t seq, uint32_t ack)
{
    return (struct plait_segment){
        .ip = {.src = from->addr, .dst = to->addr, .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = from->port,
        .dst_port = to->port,
        .flags = flags,
        .seq = seq,
        .ack = ack,
        .window = 1000};
}

static inline void make(struct made *m, const struct plait_segment *s, uint16_t input,
                        plait_time_ns at_ns, uint64_t frame)
{
    size_t length = 0;
    assert_ok(plait_segment_build(s, m->octets, sizeof m->octets, &length));
    m->seen = (struct plait_seen){.at_ns = at_ns,
                                  .frame = frame,
                                  .input = input,
                                  .ip = m->octets,
                                  .ip_octets = (uint32_t)length,
                                  .wire_octets = (uint32_t)length};
    assert_ok(plait_packet_read(&m->seen, &m->packet));
}

#endif
