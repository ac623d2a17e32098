/* IP headers: both versions round, extension headers walked, every truncation refused. */
#include <stdlib.h>

#include "tests/unit/hex.h"
#include "wire/checksum.h"
#include "wire/ip.h"

static const char ipv4_text[] = "4500 0018 beef 4000 4006 0000 c6120101 c6120201 01020304";
static const char ipv6_text[] = "6b012345 0004 06 3f 20010db8000000000000000000000001"
                                "20010db8000000000000000000000002 01020304";

static size_t ipv4(uint8_t *packet, size_t room)
{
    struct plait_ip ip = {
        .protocol = 6, .ttl = 64, .identification = 0xbeef, .dont_fragment = true};
    struct plait_writer w = plait_writer(packet, room);
    assert_ok(plait_addr_parse("198.18.1.1", &ip.src));
    assert_ok(plait_addr_parse("198.18.2.1", &ip.dst));
    plait_ip_write_header(&w, &ip, 4);
    plait_write_u32(&w, 0x01020304);
    assert_ok(plait_writer_result(&w));
    return plait_writer_used(&w);
}

static void ipv4_round(void **state)
{
    (void)state;
    uint8_t packet[64], expected[64];
    size_t length = ipv4(packet, sizeof packet);
    assert_int_equal(hex(ipv4_text, expected, sizeof expected), length);
    assert_int_equal(packet[10] << 8 | packet[11], 0xecc9); /* by hand, RFC 1071 */
    memcpy(expected + 10, packet + 10, 2);
    assert_memory_equal(packet, expected, length);
    struct plait_ip ip;
    assert_ok(plait_ip_parse(packet, sizeof packet, &ip)); /* the rest of the room is ignored */
    assert_int_equal(ip.src.family, PLAIT_IPV4);
    assert_int_equal(ip.dst.octets[2], 2);
    assert_int_equal(ip.protocol, 6);
    assert_int_equal(ip.ttl, 64);
    assert_int_equal(ip.identification, 0xbeef);
    assert_true(ip.dont_fragment);
    assert_int_equal(ip.payload_octets, 4);
    assert_ptr_equal(ip.payload, packet + 20);
}

static void ipv6_round(void **state)
{
    (void)state;
    uint8_t expected[64], packet[64];
    size_t length = hex(ipv6_text, expected, sizeof expected);
    struct plait_ip ip;
    assert_ok(plait_ip_parse(expected, length, &ip));
    assert_int_equal(ip.traffic_class, 0xb0);
    assert_int_equal(ip.flow_label, 0x12345);
    assert_int_equal(ip.ttl, 63);
    assert_int_equal(ip.payload_octets, 4);
    struct plait_writer w = plait_writer(packet, sizeof packet);
    plait_ip_write_header(&w, &ip, ip.payload_octets);
    plait_write_octets(&w, ip.payload, ip.payload_octets);
    assert_ok(plait_writer_result(&w));
    assert_int_equal(plait_writer_used(&w), length);
    assert_memory_equal(packet, expected, length);
}

static plait_result parse_changed(size_t at, uint8_t value)
{
    uint8_t packet[64];
    struct plait_ip ip;
    size_t length = ipv4(packet, sizeof packet);
    packet[at] = value;
    return plait_ip_parse(packet, length, &ip);
}

static void ipv4_faults_have_their_reasons(void **state)
{
    (void)state;
    assert_reason(parse_changed(0, 0x55), BAD_VERSION);
    assert_reason(parse_changed(0, 0x44), BAD_LENGTH); /* IHL below 5 */
    assert_reason(parse_changed(0, 0x47), BAD_LENGTH); /* header longer than the packet */
    assert_reason(parse_changed(3, 19), BAD_LENGTH);   /* total below the header */
    assert_reason(parse_changed(3, 25), TRUNCATED);    /* total above what is there */
    assert_reason(parse_changed(8, 63), BAD_CHECKSUM);
    assert_reason(parse_changed(13, 0x13), BAD_CHECKSUM);
}

static void mend_header_sum(uint8_t *packet)
{
    packet[10] = packet[11] = 0;
    uint16_t sum = plait_sum_finish(plait_sum_add(0, packet, 20));
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
}

static void fragments_are_named(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct plait_ip ip;
    size_t length = ipv4(packet, sizeof packet);
    static const uint8_t fragments[][2] = {{0x20, 0}, {0, 1}, {0x60, 0}, {0x1f, 0xff}};
    for (size_t i = 0; i < 4; i++) { /* more to come, an offset, both with DF or not */
        memcpy(packet + 6, fragments[i], 2);
        mend_header_sum(packet);
        assert_reason(plait_ip_parse(packet, length, &ip), FRAGMENT);
    }
    length = hex("60000000 0008 2c 40 20010db8000000000000000000000001"
                 "20010db8000000000000000000000002 06000000deadbeef",
                 packet, sizeof packet);
    assert_reason(plait_ip_parse(packet, length, &ip), FRAGMENT);
}

/* An IPv6 packet with COUNT destination options, hop-by-hop first and a routing header second. */
static size_t chained(uint8_t *packet, size_t room, unsigned count)
{
    static const uint8_t order[] = {0, 43};
    uint8_t head[64];
    struct plait_writer w = plait_writer(packet, room);
    hex(ipv6_text, head, sizeof head);
    plait_write_octets(&w, head, 40);
    for (unsigned i = 0; i < count; i++) {
        packet[i ? 40 + 16 * (i - 1) : 6] = i < 2 ? order[i] : 60;
        plait_write_u8(&w, 6);
        plait_write_u8(&w, 1); /* 16 octets */
        plait_write_zeros(&w, 14);
    }
    plait_write_u32(&w, 0x01020304);
    assert_ok(plait_writer_result(&w));
    packet[5] = (uint8_t)(plait_writer_used(&w) - 40);
    return plait_writer_used(&w);
}

static void extension_headers_are_walked_to_a_limit(void **state)
{
    (void)state;
    uint8_t packet[256];
    struct plait_ip ip;
    for (unsigned count = 0; count <= PLAIT_IPV6_EXTENSIONS_MAX; count++) {
        size_t length = chained(packet, sizeof packet, count);
        assert_ok(plait_ip_parse(packet, length, &ip));
        assert_int_equal(ip.protocol, 6);
        assert_int_equal(ip.payload_octets, 4);
        assert_ptr_equal(ip.payload, packet + length - 4);
    }
    size_t length = chained(packet, sizeof packet, PLAIT_IPV6_EXTENSIONS_MAX + 1);
    assert_reason(plait_ip_parse(packet, length, &ip), TOO_MANY);
    chained(packet, sizeof packet, 1);
    packet[41] = 200; /* the header claims more than the packet has */
    assert_reason(plait_ip_parse(packet, 60, &ip), BAD_LENGTH);
}

/* Each prefix lies in a block of its own, so that ASan sees a read behind it. */
static void every_truncation_is_refused(void **state)
{
    (void)state;
    uint8_t packet[256];
    size_t length = chained(packet, sizeof packet, 3);
    for (int version = 4; version <= 6; version += 2) {
        if (version == 4)
            length = ipv4(packet, sizeof packet);
        else
            length = chained(packet, sizeof packet, 3);
        for (size_t n = 0; n < length; n++) {
            uint8_t *part = malloc(n ? n : 1);
            memcpy(part, packet, n);
            struct plait_ip ip;
            assert_false(plait_ok(plait_ip_parse(part, n, &ip)));
            struct plait_addr dst;
            bool fixed = n >= (version == 4 ? 20 : 40);
            assert_int_equal(plait_ok(plait_ip_destination(part, n, &dst)), fixed);
            free(part);
        }
    }
}

static void destination_alone(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct plait_addr dst, expected;
    size_t length = ipv4(packet, sizeof packet);
    assert_ok(plait_addr_parse("198.18.2.1", &expected));
    assert_ok(plait_ip_destination(packet, length, &dst));
    assert_true(plait_addr_equal(&dst, &expected));
    length = hex(ipv6_text, packet, sizeof packet);
    assert_ok(plait_addr_parse("2001:db8::2", &expected));
    assert_ok(plait_ip_destination(packet, length, &dst));
    assert_true(plait_addr_equal(&dst, &expected));
    packet[0] = 0x10;
    assert_reason(plait_ip_destination(packet, length, &dst), BAD_VERSION);
}

static void what_cannot_be_written_is_refused(void **state)
{
    (void)state;
    static uint8_t packet[70000];
    struct plait_ip ip = {.src = {.family = PLAIT_IPV4}, .dst = {.family = PLAIT_IPV4}};
    struct plait_writer w = plait_writer(packet, sizeof packet);
    plait_ip_write_header(&w, &ip, 65535 - 20);
    assert_ok(plait_writer_result(&w));
    plait_ip_write_header(&w, &ip, 65536 - 20);
    assert_reason(plait_writer_result(&w), NO_ROOM);
    ip.src.family = PLAIT_IPV6; /* families differ */
    w = plait_writer(packet, sizeof packet);
    plait_ip_write_header(&w, &ip, 0);
    assert_reason(plait_writer_result(&w), NO_ROOM);
    assert_int_equal(plait_writer_used(&w), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_round),
        cmocka_unit_test(ipv6_round),
        cmocka_unit_test(ipv4_faults_have_their_reasons),
        cmocka_unit_test(fragments_are_named),
        cmocka_unit_test(extension_headers_are_walked_to_a_limit),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(destination_alone),
        cmocka_unit_test(what_cannot_be_written_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
