/* Virtio-net headers and offload records: what agrees is carried both ways, what contradicts itself
 * or the packet is refused with a reason. */
#include "tests/unit/test.h"

#include "base/draw.h"
#include "io/virtio.h"

#define NEEDS_CSUM VIRTIO_NET_HDR_F_NEEDS_CSUM
#define TCPV4      VIRTIO_NET_HDR_GSO_TCPV4
#define TCPV6      VIRTIO_NET_HDR_GSO_TCPV6
#define ECN        VIRTIO_NET_HDR_GSO_ECN

enum { ETHERNET = 14, LENGTH = 200 };

/* TCP at octet 20 (IPv4) or 40 (IPv6), with options of 12 octets. */
static const uint8_t ipv4[LENGTH] = {0x45, [3] = LENGTH, [9] = 6, [20 + 12] = 0x80};
static const uint8_t ipv6[LENGTH] = {0x60, [5] = LENGTH - 40, [6] = 6, [40 + 12] = 0x80};

static struct virtio_net_hdr header(uint8_t flags, uint8_t type, uint16_t size, uint16_t start,
                                    uint16_t offset)
{
    return (struct virtio_net_hdr){.flags = flags,
                                   .gso_type = type,
                                   .gso_size = size,
                                   .csum_start = start,
                                   .csum_offset = offset};
}

static void agreement_crosses_both_ways(void **state)
{
    (void)state;
    const struct {
        const uint8_t *packet;
        struct virtio_net_hdr header;
        struct plait_offload offload;
    } cases[] = {
        {ipv4, header(0, 0, 0, 0, 0), {0}},
        {ipv4, header(NEEDS_CSUM, 0, 0, 20, 16), {0, true, 20, 16, 0}},
        {ipv4, header(NEEDS_CSUM, 0, 0, 20, 6), {0, true, 20, 6, 0}}, /* UDP */
        {ipv6, header(NEEDS_CSUM, 0, 0, 40, 16), {0, true, 40, 16, 0}},
        {ipv4, header(NEEDS_CSUM, TCPV4, 7, 20, 16), {7, true, 20, 16, 52}},
        {ipv6, header(NEEDS_CSUM, TCPV6, 1440, 40, 16), {1440, true, 40, 16, 72}},
    };
    for (unsigned before = 0; before <= ETHERNET; before += ETHERNET) {
        for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            struct virtio_net_hdr h = cases[i].header, back;
            const struct plait_offload *o = &cases[i].offload;
            struct plait_offload offload;
            if (o->needs_checksum)
                h.csum_start = (uint16_t)(h.csum_start + before);
            h.hdr_len = 999; /* a hint, and here a wrong one */
            assert_ok(plait_virtio_to_offload(&h, cases[i].packet, LENGTH, before, &offload));
            assert_int_equal(offload.segment_octets, o->segment_octets);
            assert_int_equal(offload.needs_checksum, o->needs_checksum);
            assert_int_equal(offload.checksum_start, o->checksum_start);
            assert_int_equal(offload.checksum_offset, o->checksum_offset);
            assert_int_equal(offload.header_octets, o->header_octets);
            assert_ok(plait_virtio_from_offload(&offload, cases[i].packet, LENGTH, before, &back));
            h.hdr_len = (uint16_t)(o->segment_octets != 0 ? o->header_octets + before : 0);
            assert_memory_equal(&back, &h, sizeof h);
        }
    }
}

static void notes_that_change_nothing_are_taken(void **state)
{
    (void)state;
    struct plait_offload offload;
    struct virtio_net_hdr h = header(VIRTIO_NET_HDR_F_DATA_VALID, 0, 0, 77, 99);
    assert_ok(plait_virtio_to_offload(&h, ipv4, LENGTH, 0, &offload));
    assert_false(offload.needs_checksum);
    assert_int_equal(offload.checksum_start, 0);
    h = header(NEEDS_CSUM, TCPV4 | ECN, 7, 20, 16);
    assert_ok(plait_virtio_to_offload(&h, ipv4, LENGTH, 0, &offload));
    assert_int_equal(offload.segment_octets, 7);
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const uint8_t short_tcp[LENGTH] = {0x45, [20 + 12] = 0x40};
    static const uint8_t long_tcp[62] = {0x45, [20 + 12] = 0xf0};
    const struct {
        struct virtio_net_hdr header;
        const uint8_t *packet;
        uint32_t length_octets, before_octets;
        enum plait_reason reason;
    } cases[] = {
        /* flags and types */
        {header(4, 0, 0, 0, 0), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(0xff, TCPV4, 7, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(0, TCPV4, 7, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, TCPV6, 7, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, TCPV4, 7, 40, 16), ipv6, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, 2, 7, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, ECN, 7, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, VIRTIO_NET_HDR_GSO_UDP, 7, 20, 6), ipv4, LENGTH, 0,
         PLAIT_REASON_NOT_TCP},
        {header(NEEDS_CSUM, 5, 7, 20, 6), ipv4, LENGTH, 0, PLAIT_REASON_NOT_TCP},
        {header(NEEDS_CSUM, TCPV4, 0, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, TCPV4, 65535, 20, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, TCPV4, 7, 20, 6), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        /* positions */
        {header(NEEDS_CSUM, 0, 0, 0, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, 0, 0, 24, 16), ipv4, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, 0, 0, 39, 16), ipv6, LENGTH, 0, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, 0, 0, 20, 16), ipv4, 37, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, 0, 0, 20, 65535), ipv4, LENGTH, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, 0, 0, 65535, 65535), ipv4, LENGTH, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, 0, 0, 13, 16), ipv4, LENGTH, ETHERNET, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, 0, 0, 20, 16), ipv4, LENGTH, ETHERNET, PLAIT_REASON_BAD_VALUE},
        {header(NEEDS_CSUM, TCPV4, 7, 20, 16), ipv4, 39, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, TCPV4, 7, 20, 16), ipv4, 51, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, TCPV4, 7, 20, 16), short_tcp, LENGTH, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, TCPV4, 7, 20, 16), long_tcp, 62, 0, PLAIT_REASON_BAD_LENGTH},
        {header(NEEDS_CSUM, 0, 0, 20, 16), ipv4, 0, 0, PLAIT_REASON_BAD_LENGTH},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct plait_offload offload = {.needs_checksum = true, .segment_octets = 1};
        plait_result result =
            plait_virtio_to_offload(&cases[i].header, cases[i].packet, cases[i].length_octets,
                                    cases[i].before_octets, &offload);
        if (result.reason != cases[i].reason)
            fail_msg("case %u: %s", i, plait_reason_name(result.reason));
        assert_false(offload.needs_checksum); /* nothing of it is left */
        assert_int_equal(offload.segment_octets, 0);
    }
}

static void our_own_contradictions_are_refused(void **state)
{
    (void)state;
    struct virtio_net_hdr h;
    struct plait_offload o = {.segment_octets = 7};
    assert_reason(plait_virtio_from_offload(&o, ipv4, LENGTH, 0, &h), USAGE);
    o = (struct plait_offload){0, true, 20, 181, 0};
    assert_reason(plait_virtio_from_offload(&o, ipv4, LENGTH, 0, &h), BAD_LENGTH);
    o = (struct plait_offload){0, true, 21, 16, 0};
    assert_reason(plait_virtio_from_offload(&o, ipv4, LENGTH, 0, &h), BAD_VALUE);
    o = (struct plait_offload){7, true, 20, 6, 52};
    assert_reason(plait_virtio_from_offload(&o, ipv4, LENGTH, 0, &h), BAD_VALUE);
    o = (struct plait_offload){65500, true, 20, 16, 52};
    assert_reason(plait_virtio_from_offload(&o, ipv4, LENGTH, 0, &h), BAD_VALUE);
}

/* Whatever is accepted has all its positions inside the packet. */
static void what_is_accepted_is_inside(void **state)
{
    (void)state;
    const struct plait_draw_key key = plait_draw_key(1);
    unsigned accepted = 0;
    for (uint64_t n = 0; n < 400000; n++) {
        uint64_t a = plait_draw(&key, "a", "virtio", n), b = plait_draw(&key, "b", "virtio", n);
        uint8_t packet[80] = {(uint8_t)(a & 1 ? 0x45 : 0x60)};
        uint32_t length_octets = 40 + a / 2 % 41, before = a & 256 ? ETHERNET : 0;
        packet[32] = packet[52] = (uint8_t)(a >> 9);
        struct virtio_net_hdr h = {.flags = b % 4,
                                   .gso_type = b & 4   ? 0
                                               : b & 8 ? TCPV4
                                                       : TCPV6,
                                   .gso_size = (uint16_t)(b >> 16),
                                   .csum_start = (uint16_t)(before + 20 * (1 + (a >> 20 & 1))),
                                   .csum_offset = b & 64 ? 16 : (uint16_t)(b >> 32)};
        if (b >> 56 == 0)
            h.csum_start = (uint16_t)(a >> 24);
        struct plait_offload o;
        if (!plait_ok(plait_virtio_to_offload(&h, packet, length_octets, before, &o)))
            continue;
        accepted++;
        if (o.needs_checksum)
            assert_true(o.checksum_start + o.checksum_offset + 2u <= length_octets);
        if (o.segment_octets != 0)
            assert_true(o.header_octets >= o.checksum_start + 20u &&
                        o.header_octets <= length_octets);
    }
    assert_true(accepted > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_crosses_both_ways),
        cmocka_unit_test(notes_that_change_nothing_are_taken),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(our_own_contradictions_are_refused),
        cmocka_unit_test(what_is_accepted_is_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
