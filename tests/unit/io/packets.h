/* tests/unit/io/packets.h: packets for the tests of devices: whole ones, super-segments. */
#ifndef PLAIT_TESTS_IO_PACKETS_H
#define PLAIT_TESTS_IO_PACKETS_H

#include <string.h>

#include "base/octets.h"
#include "plait/packet.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

enum { SEGMENT_OCTETS = 1400 };

struct sample {
    uint32_t length_octets;
    struct plait_offload offload;
    uint8_t octets[PLAIT_PACKET_MAX_OCTETS];
};

static inline uint8_t sample_octet(size_t at)
{
    return (uint8_t)(at * 31 + at / 251);
}

/* A complete TCP segment SRC to DST with PAYLOAD_OCTETS of sample_octet. */
static inline bool sample_make(struct sample *sample, const char *src, const char *dst,
                               size_t payload_octets)
{
    static uint8_t payload[PLAIT_PACKET_MAX_OCTETS];
    size_t length = 0;
    struct plait_segment s = {.ip = {.ttl = 64, .dont_fragment = true},
                              .src_port = 1000,
                              .dst_port = 2000,
                              .seq = 4000000000u,
                              .ack = 1,
                              .flags = PLAIT_ACK | PLAIT_PSH,
                              .window = 500,
                              .payload = payload,
                              .payload_octets = payload_octets};
    for (size_t i = 0; i < payload_octets; i++)
        payload[i] = sample_octet(i);
    memset(sample, 0, sizeof *sample);
    if (!plait_ok(plait_addr_parse(src, &s.ip.src)) ||
        !plait_ok(plait_addr_parse(dst, &s.ip.dst)) ||
        !plait_ok(plait_segment_build(&s, sample->octets, sizeof sample->octets, &length)))
        return false;
    sample->length_octets = (uint32_t)length;
    return true;
}

/* Undoes what an offloading device would do: the checksum holds the pseudo-header's sum only. */
static inline bool sample_leave_undone(struct sample *sample)
{
    struct plait_segment s;
    if (!plait_ok(plait_segment_parse(sample->octets, sample->length_octets, &s)))
        return false;
    size_t tcp_at = (size_t)(s.ip.payload - sample->octets);
    uint16_t sum = plait_sum_finish(plait_sum_pseudo(0, &s.ip.src, &s.ip.dst, PLAIT_PROTOCOL_TCP,
                                                     (uint32_t)(sample->length_octets - tcp_at)));
    plait_store_u16(sample->octets + tcp_at + 16, (uint16_t)~sum);
    sample->offload =
        (struct plait_offload){.needs_checksum = true,
                               .checksum_start = (uint16_t)tcp_at,
                               .checksum_offset = 16,
                               .header_octets = (uint16_t)(s.payload - sample->octets)};
    if (s.payload_octets > SEGMENT_OCTETS)
        sample->offload.segment_octets = SEGMENT_OCTETS;
    else
        sample->offload.header_octets = 0;
    return true;
}

/* True if the segment's payload is sample_octet from AT on. */
static inline bool sample_is_payload(const struct plait_segment *s, size_t at)
{
    for (size_t i = 0; i < s->payload_octets; i++)
        if (s->payload[i] != sample_octet(at + i))
            return false;
    return true;
}

static inline bool sample_is_offload(const struct plait_offload *a, const struct plait_offload *b)
{
    return a->segment_octets == b->segment_octets && a->needs_checksum == b->needs_checksum &&
           a->checksum_start == b->checksum_start && a->checksum_offset == b->checksum_offset &&
           a->header_octets == b->header_octets;
}

#endif
