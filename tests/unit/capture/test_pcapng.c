/* Writing pcapng: the reader reads what the writer writes, block by block as the draft draws it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/hex.h"
#include "tests/unit/packets.h"

#include "base/octets.h"
#include "capture/pcapng.h"

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
    struct packets p;
    uint8_t expected[64];
    packets_open(&p, file.octets, file.length);

    assert_true(packets_next(&p) && p.has_ip);
    assert_int_equal(plait_file_kind(p.file), PLAIT_FILE_PCAPNG);
    assert_int_equal(p.frame.at_ns, 1234567890123);
    assert_int_equal(p.frame.interface, 0);
    assert_int_equal(p.frame.link_type, 1);
    assert_int_equal(plait_frame_direction(&p.frame), PLAIT_FRAME_IN);
    const struct plait_ip_octets *ip = &p.found.packet;
    assert_int_equal(ip->captured_octets, hex(ipv4_text, expected, sizeof expected));
    assert_memory_equal(ip->ip, expected, ip->captured_octets);
    assert_int_equal(p.frame.wire_octets, 14 + ip->captured_octets);
    hex("0204c6120201 0204c6120101 0800", expected, sizeof expected);
    assert_memory_equal(p.frame.octets, expected, 14);
    size_t comment_octets;
    assert_memory_equal(plait_frame_comment(&p.frame, &comment_octets), "step 1", 6);
    assert_int_equal(comment_octets, 6);
    assert_string_equal(plait_file_interface(p.file, 0)->name, "left");

    assert_true(packets_next(&p) && p.has_ip);
    assert_int_equal(p.frame.at_ns, 0);
    assert_int_equal(p.frame.interface, 1);
    assert_int_equal(plait_frame_direction(&p.frame), PLAIT_FRAME_OUT);
    assert_int_equal(ip->captured_octets, hex(ipv6_text, expected, sizeof expected));
    assert_memory_equal(ip->ip, expected, ip->captured_octets);
    hex("020600000002 020600000001 86dd", expected, sizeof expected);
    assert_memory_equal(p.frame.octets, expected, 14);

    assert_true(packets_next(&p) && !p.has_ip);
    assert_int_equal(p.frame.length_octets, 14 + 3);
    assert_int_equal(p.counts.count[PLAIT_CAPTURE_CUT_BEFORE_IP], 1);
    assert_int_equal(plait_file_interface(p.file, 1)->ticks_per_second, 1000000000);
    assert_null(plait_file_interface(p.file, 2));
    assert_false(packets_next(&p));
    assert_int_equal(packets_faults(&p), 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer_and_reader_agree),
        cmocka_unit_test(blocks_are_as_drawn),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
