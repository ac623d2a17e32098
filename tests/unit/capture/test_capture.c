/* Captures: what the writer writes the reader reads; every format; every fault ends the reading. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/hex.h"

#include "base/octets.h"
#include "capture/pcapng.h"
#include "capture/read.h"

#define ROOM 4096

/* Two IP headers that announce four octets each; sums do not matter here. */
static const char ipv4_text[] = "45000018 00000000 40060000 c6120101 c6120201 01020304";
static const char ipv6_text[] = "60000000 00040640 20010db8000000000000000000000001"
                                "20010db8000000000000000000000002 01020304";

struct file {
    char *octets;
    size_t length;
};

static struct file written(void)
{
    struct file file = {0};
    uint8_t packet[64];
    FILE *out = open_memstream(&file.octets, &file.length);
    assert_non_null(out);
    struct plait_pcapng *p = plait_pcapng_new(out, "seed 0x1");
    assert_non_null(p);
    assert_int_equal(plait_pcapng_interface(p, "left", "client to router"), 0);
    assert_int_equal(plait_pcapng_interface(p, "right", NULL), 1);
    uint32_t length = (uint32_t)hex(ipv4_text, packet, sizeof packet);
    plait_pcapng_packet(p, 0, 1234567890123, PLAIT_INBOUND, packet, length, "step 1");
    length = (uint32_t)hex(ipv6_text, packet, sizeof packet);
    plait_pcapng_packet(p, 1, 0, PLAIT_OUTBOUND, packet, length, NULL);
    plait_pcapng_packet(p, 1, 5, PLAIT_DIRECTION_UNKNOWN, packet, 3, "cut");
    assert_ok(plait_pcapng_end(p));
    assert_int_equal(fclose(out), 0);
    return file;
}

static void writer_and_reader_agree(void **state)
{
    (void)state;
    struct file file = written();
    struct plait_capture c;
    struct plait_capture_packet packet;
    uint8_t expected[64];
    assert_ok(plait_capture_open(&c, file.octets, file.length));
    assert_true(c.is_pcapng);

    assert_ok(plait_capture_next(&c, &packet));
    assert_int_equal(packet.at_ns, 1234567890123);
    assert_int_equal(packet.interface, 0);
    assert_int_equal(packet.link_type, 1);
    assert_int_equal(packet.ip_octets, hex(ipv4_text, expected, sizeof expected));
    assert_memory_equal(packet.ip, expected, packet.ip_octets);
    assert_int_equal(packet.wire_octets, 14 + packet.ip_octets);
    hex("0204c6120201 0204c6120101 0800", expected, sizeof expected);
    assert_memory_equal(packet.frame, expected, 14);

    assert_ok(plait_capture_next(&c, &packet));
    assert_int_equal(packet.at_ns, 0);
    assert_int_equal(packet.interface, 1);
    assert_int_equal(packet.ip_octets, hex(ipv6_text, expected, sizeof expected));
    assert_memory_equal(packet.ip, expected, packet.ip_octets);
    hex("020600000002 020600000001 86dd", expected, sizeof expected);
    assert_memory_equal(packet.frame, expected, 14);

    assert_ok(plait_capture_next(&c, &packet));
    assert_int_equal(packet.ip_octets, 3);
    assert_reason(plait_capture_next(&c, &packet), NOT_FOUND);
    assert_reason(plait_capture_next(&c, &packet), NOT_FOUND);
    assert_int_equal(c.interface_count, 2);
    assert_int_equal(c.interfaces[1].ticks_per_second, 1000000000);
    free(file.octets);
}

/* The octets of a block, as the draft draws them: comment, flags, direction. */
static void blocks_are_as_drawn(void **state)
{
    (void)state;
    struct file file = written();
    uint8_t expected[ROOM];
    size_t head = hex("1a2b3c4d 0001 0000 ffffffffffffffff 0001 0008 7365656420307831 0004",
                      expected, sizeof expected);
    assert_memory_equal(file.octets, "\x0a\x0d\x0d\x0a", 4);
    assert_memory_equal(file.octets + 8, expected, head);
    size_t length = plait_load_u32((const uint8_t *)file.octets + 4); /* ends with our version */
    size_t interface = hex("00000001 0000003c 0001 0000 00000000 0002 0004 6c656674"
                           "0003 0010 636c69656e7420746f20726f75746572 0009 0001 09000000 00000000"
                           "0000003c",
                           expected, sizeof expected);
    assert_memory_equal(file.octets + length, expected, interface);
    size_t second = hex("00000001 0000002c 0001 0000 00000000 0002 0005 7269676874000000"
                        "0009 0001 09000000 00000000 0000002c",
                        expected, sizeof expected);
    size_t at = length + interface;
    assert_memory_equal(file.octets + at, expected, second);
    size_t packet = hex("00000006 00000060 00000000 0000011f 71fb04cb 00000026 00000026"
                        "0204c6120201 0204c6120101 0800"
                        "45000018 00000000 40060000 c6120101 c6120201 01020304 0000"
                        "0002 0004 00000001 0001 0006 737465702031 0000 00000000 00000060",
                        expected, sizeof expected);
    assert_memory_equal(file.octets + at + second, expected, packet);
    free(file.octets);
}

static void a_full_disk_is_noticed(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    struct plait_pcapng *p = plait_pcapng_new(full, NULL);
    assert_non_null(p); /* still in stdio's buffer */
    assert_reason(plait_pcapng_end(p), SYSTEM);
    fclose(full);
}

/* Reads to the end in a block of exactly LENGTH octets; number of packets, LAST is the end. */
static unsigned read_all(const void *octets, size_t length, enum plait_reason *last)
{
    uint8_t *exact = malloc(length ? length : 1);
    memcpy(exact, octets, length);
    struct plait_capture c;
    struct plait_capture_packet packet;
    unsigned count = 0;
    plait_result result = plait_capture_open(&c, exact, length);
    while (plait_ok(result)) {
        result = plait_capture_next(&c, &packet);
        count += plait_ok(result);
        for (size_t i = 0; i < packet.ip_octets; i++) /* ASan sees that they are there */
            assert_true(packet.ip[i] <= 255);
    }
    *last = result.reason;
    free(exact);
    return count;
}

static void every_truncation_ends(void **state)
{
    (void)state;
    struct file file = written();
    enum plait_reason last;
    unsigned most = 0;
    assert_int_equal(read_all(file.octets, file.length, &last), 3);
    assert_int_equal(last, PLAIT_REASON_NOT_FOUND);
    for (size_t n = 0; n < file.length; n++) {
        unsigned count = read_all(file.octets, n, &last);
        assert_true(count >= most && count < 3);
        most = count;
        assert_true(last == PLAIT_REASON_TRUNCATED || last == PLAIT_REASON_NOT_FOUND ||
                    (n < 4 && last == PLAIT_REASON_BAD_VALUE));
    }
    assert_int_equal(most, 2);
    free(file.octets);
}

static void every_changed_octet_ends(void **state)
{
    (void)state;
    struct file file = written();
    enum plait_reason last;
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t n = 0; n < file.length; n++)
        for (size_t v = 0; v < sizeof values; v++) {
            char kept = file.octets[n];
            file.octets[n] = (char)values[v];
            assert_true(read_all(file.octets, file.length, &last) <= 3);
            assert_int_not_equal(last, PLAIT_REASON_OK);
            file.octets[n] = kept;
        }
    free(file.octets);
}

/* ---- pcap ---- */

static void put_u32(uint8_t **at, uint32_t value, bool little)
{
    plait_store_u32(*at, little ? __builtin_bswap32(value) : value);
    *at += 4;
}

static size_t pcap(uint8_t *octets, uint32_t magic, bool little, uint32_t link_type,
                   const char *frame)
{
    uint8_t *at = octets, content[ROOM];
    size_t length = hex(frame, content, sizeof content);
    const uint32_t head[] = {magic,
                             little ? 0x00040002 : 0x00020004,
                             0,
                             0,
                             65535,
                             link_type,
                             1700000000,
                             123456,
                             (uint32_t)length,
                             1500};
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
        put_u32(&at, head[i], little);
    memcpy(at, content, length);
    return (size_t)(at - octets) + length;
}

static void all_four_kinds_of_pcap(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        bool little;
        int64_t at_ns;
    } rows[] = {
        {0xa1b2c3d4, false, 1700000000123456000},
        {0xa1b2c3d4, true, 1700000000123456000},
        {0xa1b23c4d, false, 1700000000000123456},
        {0xa1b23c4d, true, 1700000000000123456},
    };
    for (size_t i = 0; i < 4; i++) {
        uint8_t octets[ROOM];
        struct plait_capture c;
        struct plait_capture_packet packet;
        size_t length = pcap(octets, rows[i].magic, rows[i].little, 101, ipv4_text);
        assert_ok(plait_capture_open(&c, octets, length));
        assert_false(c.is_pcapng);
        assert_ok(plait_capture_next(&c, &packet));
        assert_true(packet.at_ns == rows[i].at_ns);
        assert_int_equal(packet.ip_octets, 24);
        assert_int_equal(packet.wire_octets, 1500);
        assert_reason(plait_capture_next(&c, &packet), NOT_FOUND);
        assert_ok(plait_capture_open(&c, octets, length - 1));
        assert_reason(plait_capture_next(&c, &packet), TRUNCATED);
        assert_reason(plait_capture_next(&c, &packet), NOT_FOUND);
        assert_reason(plait_capture_open(&c, octets, 23), TRUNCATED);
    }
}

static void link_types(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        const char *head;
        bool has_ip;
    } rows[] = {
        {1, "020000000001 020000000002 0800", true},
        {1, "020000000001 020000000002 8100 0005 0800", true},
        {1, "020000000001 020000000002 88a8 0005 8100 0006 0800", true},
        {1, "020000000001 020000000002 8100 0001 8100 0002 8100 0003 0800", false},
        {1, "020000000001 020000000002 0806", false},
        {0, "02000000", true},
        {0, "00000002", true},
        {0, "1e000000", true},
        {0, "07000000", false},
        {108, "00000018", true},
        {101, "", true},
        {228, "", true},
        {229, "", true},
        {113, "0000 0001 0006 0200000000010000 0800", true},
        {113, "0000 0001 0006 0200000000010000 0806", false},
        {276, "0800 0000 00000001 0001 00 06 0200000000010000", true},
        {276, "86dd 0000 00000001 0001 00 06 0200000000010000", true},
        {276, "0806 0000 00000001 0001 00 06 0200000000010000", false},
        {147, "", false}, /* for private use */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char frame[256];
        uint8_t octets[ROOM], expected[64];
        struct plait_capture c;
        struct plait_capture_packet packet;
        snprintf(frame, sizeof frame, "%s%s", rows[i].head, ipv4_text);
        size_t length = pcap(octets, 0xa1b2c3d4, true, rows[i].type, frame);
        assert_ok(plait_capture_open(&c, octets, length));
        assert_ok(plait_capture_next(&c, &packet));
        assert_int_equal(packet.ip != NULL, rows[i].has_ip);
        if (!rows[i].has_ip)
            continue;
        assert_int_equal(packet.ip_octets, hex(ipv4_text, expected, sizeof expected));
        assert_memory_equal(packet.ip, expected, packet.ip_octets);
    }
}

static void neither_format(void **state)
{
    (void)state;
    struct plait_capture c;
    assert_reason(plait_capture_open(&c, "GIF89a..................", 24), BAD_VALUE);
    assert_reason(plait_capture_open(&c, "", 0), BAD_VALUE);
    assert_reason(plait_capture_open(&c, NULL, 0), BAD_VALUE);
}

/* ---- pcapng by others ---- */

/* Little-endian, resolution 2^-10 s and an offset, an unknown block, a simple packet. */
static const char little_text[] =
    "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
    "01000000 2c000000 6500 0000 00000000 0900 0100 8a000000 0e00 0800 0a00000000000000 00000000"
    "2c000000"
    "edfe0000 10000000 deadbeef 10000000"
    "06000000 38000000 00000000 00000000 00060000 18000000 18000000"
    "45000018 00000000 40060000 c6120101 c6120201 01020304 38000000"
    "03000000 28000000 18000000"
    "45000018 00000000 40060000 c6120101 c6120201 01020304 28000000";

static void pcapng_of_other_writers(void **state)
{
    (void)state;
    uint8_t octets[ROOM];
    struct plait_capture c;
    struct plait_capture_packet packet;
    size_t length = hex(little_text, octets, sizeof octets);
    assert_ok(plait_capture_open(&c, octets, length));
    assert_ok(plait_capture_next(&c, &packet));
    assert_true(packet.at_ns == 11500000000); /* 1536 / 1024 s + 10 s */
    assert_int_equal(packet.ip_octets, 24);
    assert_ok(plait_capture_next(&c, &packet));
    assert_int_equal(packet.ip_octets, 24);
    assert_reason(plait_capture_next(&c, &packet), NOT_FOUND);
}

static void sections_start_again(void **state)
{
    (void)state;
    struct file big = written();
    uint8_t octets[ROOM];
    enum plait_reason last;
    size_t length = hex(little_text, octets, sizeof octets);
    memcpy(octets + length, big.octets, big.length); /* the other byte order behind it */
    assert_int_equal(read_all(octets, length + big.length, &last), 2 + 3);
    assert_int_equal(last, PLAIT_REASON_NOT_FOUND);
    free(big.octets);
}

static void faults_of_blocks_have_their_reasons(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        unsigned count;
        const char *reason;
    } rows[] = {
        {4, 0x08, 0, "BAD_LENGTH"},  /* smaller than a block can be */
        {24, 0x20, 0, "BAD_LENGTH"}, /* the two lengths differ */
        {8, 0x00, 0, "BAD_VALUE"},   /* no byte order magic */
        {48, 0xff, 0, "BAD_VALUE"},  /* resolution that no 64 bits hold */
        {46, 0xff, 0, "BAD_VALUE"},  /* option longer than its block */
        {96, 0x01, 0, "BAD_VALUE"},  /* an interface that is not there */
        {108, 0xff, 0, "BAD_VALUE"}, /* captured more than the block has */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[ROOM];
        enum plait_reason last;
        size_t length = hex(little_text, octets, sizeof octets);
        octets[rows[i].at] = rows[i].value;
        assert_int_equal(read_all(octets, length, &last), rows[i].count);
        assert_string_equal(plait_reason_name(last), rows[i].reason);
    }
}

static void lengths_are_multiples_of_four(void **state)
{
    (void)state;
    uint8_t octets[ROOM];
    enum plait_reason last;
    size_t length = hex("0a0d0d0a 1d000000 4d3c2b1a 0100 0000 ffffffffffffffff 00 1d000000", octets,
                        sizeof octets);
    assert_int_equal(read_all(octets, length, &last), 0);
    assert_int_equal(last, PLAIT_REASON_BAD_LENGTH);
}

static void too_many_interfaces(void **state)
{
    (void)state;
    static uint8_t octets[ROOM];
    enum plait_reason last;
    size_t length = hex("0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000", octets,
                        sizeof octets);
    for (int i = 0; i <= PLAIT_CAPTURE_INTERFACES_MAX; i++)
        length += hex("01000000 14000000 6500 0000 00000000 14000000", octets + length, 20);
    assert_int_equal(read_all(octets, length - 20, &last), 0);
    assert_int_equal(last, PLAIT_REASON_NOT_FOUND);
    assert_int_equal(read_all(octets, length, &last), 0);
    assert_int_equal(last, PLAIT_REASON_TOO_MANY);
}

static void times_beyond_the_range_are_cut(void **state)
{
    (void)state;
    uint8_t octets[ROOM];
    struct plait_capture c;
    struct plait_capture_packet packet;
    size_t length = hex(little_text, octets, sizeof octets);
    memset(octets + 100, 0xff, 8); /* ticks */
    assert_ok(plait_capture_open(&c, octets, length));
    assert_ok(plait_capture_next(&c, &packet));
    assert_true(packet.at_ns == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer_and_reader_agree),
        cmocka_unit_test(blocks_are_as_drawn),
        cmocka_unit_test(a_full_disk_is_noticed),
        cmocka_unit_test(every_truncation_ends),
        cmocka_unit_test(every_changed_octet_ends),
        cmocka_unit_test(all_four_kinds_of_pcap),
        cmocka_unit_test(link_types),
        cmocka_unit_test(neither_format),
        cmocka_unit_test(pcapng_of_other_writers),
        cmocka_unit_test(sections_start_again),
        cmocka_unit_test(faults_of_blocks_have_their_reasons),
        cmocka_unit_test(lengths_are_multiples_of_four),
        cmocka_unit_test(too_many_interfaces),
        cmocka_unit_test(times_beyond_the_range_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
