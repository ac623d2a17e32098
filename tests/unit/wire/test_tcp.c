/* Segments: built and parsed back, aligned as stacks do, faults named, option 30 stripped. */
#include <stdlib.h>

#include "tests/unit/hex.h"
#include "wire/tcp.h"

static struct plait_addr addr(const char *text)
{
    struct plait_addr a;
    assert_ok(plait_addr_parse(text, &a));
    return a;
}

static struct plait_segment syn(void)
{
    return (struct plait_segment){
        .ip = {.src = addr("198.18.1.1"), .dst = addr("198.18.2.1"), .ttl = 64},
        .src_port = 40000,
        .dst_port = 80,
        .seq = 1000,
        .flags = PLAIT_SYN,
        .window = 64240,
        .options = {.has_mss = true,
                    .mss = 1460,
                    .has_window_scale = true,
                    .window_scale = 7,
                    .sack_permitted = true,
                    .has_timestamps = true,
                    .timestamp = 5},
        .mptcp_count = 1,
        .mptcp = {{.subtype = PLAIT_MP_CAPABLE, .capable = {.version = 1, .flags = 1}}},
    };
}

static struct plait_segment data6(void)
{
    static const uint8_t payload[] = "hello mptcp";
    return (struct plait_segment){
        .ip = {.src = addr("2001:db8::1"), .dst = addr("2001:db8::2"), .ttl = 64},
        .src_port = 40000,
        .dst_port = 80,
        .seq = 0xfffffff0,
        .ack = 77,
        .flags = PLAIT_ACK | PLAIT_PSH,
        .window = 512,
        .options = {.sack_count = 1, .sack = {{200, 300}}},
        .mptcp_count = 2,
        .mptcp = {{.subtype = PLAIT_DSS,
                   .dss = {.has_ack = true,
                           .has_map = true,
                           .data_ack = 1,
                           .dsn = 2,
                           .ssn = 3,
                           .data_length = 11}},
                  {.subtype = PLAIT_MP_PRIO, .prio = {.backup = true}}},
        .payload = payload,
        .payload_octets = 11,
    };
}

static size_t build(const struct plait_segment *s, uint8_t *packet, size_t room)
{
    size_t length = 0;
    assert_ok(plait_segment_build(s, packet, room, &length));
    return length;
}

static void assert_line(const struct plait_segment *s, const char *expected)
{
    char text[512];
    struct plait_text t = plait_text(text, sizeof text);
    plait_segment_print(&t, s);
    assert_string_equal(text, expected);
}

static void syn_round(void **state)
{
    (void)state;
    uint8_t packet[128], expected[64];
    struct plait_segment s = syn(), back;
    size_t length = build(&s, packet, sizeof packet);
    size_t options = hex("020405b4 01030307 0402080a 00000005 00000000 1e040101", expected, 64);
    assert_int_equal(length, 20 + 20 + options);
    assert_memory_equal(packet + 40, expected, options);
    assert_ok(plait_segment_parse(packet, length, &back));
    assert_line(&back, "SYN seq=1000 win=64240 mss=1460 wscale=7 sackok ts=5/0 "
                       "| MP_CAPABLE v1 flags=01");
    assert_int_equal(plait_segment_sequence_octets(&back), 1);
    struct plait_flow_key flow = plait_segment_flow(&back);
    assert_int_equal(flow.src.port, 40000);
    assert_true(plait_addr_equal(&flow.dst.addr, &s.ip.dst));
}

static void data_round(void **state)
{
    (void)state;
    uint8_t packet[128], expected[64], again[128];
    struct plait_segment s = data6(), back;
    size_t length = build(&s, packet, sizeof packet);
    size_t options = hex("0101 050a 000000c8 0000012c 0101 1e12 2005 00000001 00000002 00000003"
                         "000b 01 1e0351",
                         expected, 64);
    assert_memory_equal(packet + 60, expected, options);
    assert_memory_equal(packet + 60 + options, "hello mptcp", 11);
    assert_int_equal(length, 60 + options + 11);
    assert_ok(plait_segment_parse(packet, length, &back));
    assert_line(&back, "PSH/ACK seq=4294967280 ack=77 win=512 sack=200-300 len=11 "
                       "| DSS ack=00000001 dsn=00000002 ssn=3 data_length=11 | MP_PRIO backup");
    assert_int_equal(plait_segment_sequence_octets(&back), 11);
    assert_non_null(plait_segment_option(&back, PLAIT_MP_PRIO));
    assert_null(plait_segment_option(&back, PLAIT_MP_JOIN));
    assert_int_equal(build(&back, again, sizeof again), length);
    assert_memory_equal(again, packet, length);
}

static void raw_options_are_kept_and_not_found(void **state)
{
    (void)state;
    uint8_t packet[128];
    struct plait_segment s = syn(), back;
    s.mptcp[0] = (struct plait_mptcp_option){.is_raw = true,
                                             .raw = {.length = 4, .octets = {0x1e, 4, 0x10, 0x00}}};
    size_t length = build(&s, packet, sizeof packet);
    assert_ok(plait_segment_parse(packet, length, &back));
    assert_int_equal(back.mptcp_count, 1);
    assert_true(back.mptcp[0].is_raw);
    assert_int_equal(back.mptcp[0].raw.why, PLAIT_REASON_BAD_LENGTH);
    assert_null(plait_segment_option(&back, PLAIT_MP_JOIN));
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    uint8_t packet[128];
    size_t length;
    struct plait_segment s = syn();
    size_t whole = build(&s, packet, sizeof packet);
    for (size_t room = 0; room < whole; room++)
        assert_reason(plait_segment_build(&s, packet, room, &length), NO_ROOM);
    s.mptcp[0] =
        (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_SYN_ACK}};
    assert_int_equal(build(&s, packet, sizeof packet), 20 + 20 + 36); /* 20 + 16: just so */
    s.mptcp[0].join.form = PLAIT_JOIN_ACK;
    assert_reason(plait_segment_build(&s, packet, sizeof packet, &length), NO_ROOM);
    s.mptcp_count = PLAIT_MPTCP_OPTIONS_MAX + 1;
    assert_reason(plait_segment_build(&s, packet, sizeof packet, &length), TOO_MANY);
    s = data6();
    whole = build(&s, packet, sizeof packet);
    assert_reason(plait_segment_build(&s, packet, whole - 1, &length), NO_ROOM);
}

static void any_changed_bit_breaks_the_sum(void **state)
{
    (void)state;
    uint8_t packet[128];
    struct plait_segment s = data6(), back;
    size_t length = build(&s, packet, sizeof packet);
    for (size_t i = 8; i < length; i++) { /* the addresses and the whole segment */
        packet[i] ^= 0x10;
        assert_reason(plait_segment_parse(packet, length, &back), BAD_CHECKSUM);
        packet[i] ^= 0x10;
    }
    packet[length - 1] ^= 1;
    assert_ok(plait_segment_parse_unsummed(packet, length, &back));
}

/* Parses OPTIONS behind a 20-octet header whose data offset is right for them. */
static plait_result parse_options(const char *options, struct plait_segment *s)
{
    static uint8_t packet[128];
    struct plait_segment bare = syn();
    bare.options = (struct plait_tcp_options){0};
    bare.mptcp_count = 0;
    size_t room = hex(options, packet + 40, 40);
    uint8_t header[40];
    build(&bare, header, sizeof header);
    memcpy(packet, header, sizeof header);
    packet[32] = (uint8_t)((20 + room) / 4 << 4);
    struct plait_writer w = plait_writer(packet, 20);
    struct plait_ip ip = bare.ip;
    ip.protocol = PLAIT_PROTOCOL_TCP;
    plait_ip_write_header(&w, &ip, 20 + room);
    return plait_segment_parse_unsummed(packet, 40 + room, s);
}

static void option_lists_that_break_off(void **state)
{
    (void)state;
    struct plait_segment s;
    assert_reason(parse_options("0101011e", &s), BAD_LENGTH); /* no length octet */
    assert_reason(parse_options("01011e03", &s), BAD_LENGTH); /* runs out of the list */
    assert_reason(parse_options("1e000000", &s), BAD_LENGTH); /* would never advance */
    assert_reason(parse_options("1e010000", &s), BAD_LENGTH);
    assert_ok(parse_options("0101001e", &s)); /* behind the end of the list */
    assert_int_equal(s.mptcp_count, 0);
}

static void options_of_other_kinds_and_lengths_are_counted(void **state)
{
    (void)state;
    struct plait_segment s;
    assert_ok(parse_options("fe04abcd 020305 03020303 01010101", &s));
    assert_int_equal(s.options.unknown_count, 3); /* experiment, MSS of 3, window scale of 2 */
    assert_false(s.options.has_mss);
    assert_int_equal(s.options.window_scale, 1); /* the well-formed one */
}

static void too_many_mptcp_options(void **state)
{
    (void)state;
    struct plait_segment s;
    assert_ok(parse_options("1e0350 1e0350 1e0350 1e0350 1e0350 1e0350 1e0350 1e0350", &s));
    assert_int_equal(s.mptcp_count, PLAIT_MPTCP_OPTIONS_MAX);
    assert_reason(
        parse_options("1e0350 1e0350 1e0350 1e0350 1e0350 1e0350 1e0350 1e0350 1e0350 00", &s),
        TOO_MANY);
}

static void truncated_segments_are_refused(void **state)
{
    (void)state;
    uint8_t packet[128];
    struct plait_segment s = syn(), back;
    size_t whole = build(&s, packet, sizeof packet);
    for (size_t n = 20; n < whole; n++) {
        uint8_t *part = malloc(n);
        memcpy(part, packet, n);
        assert_reason(plait_segment_parse(part, n, &back), TRUNCATED);
        struct plait_ip ip = s.ip; /* now the IP length agrees */
        struct plait_writer w = plait_writer(part, 20);
        ip.protocol = PLAIT_PROTOCOL_TCP;
        plait_ip_write_header(&w, &ip, n - 20);
        assert_reason(plait_segment_parse_unsummed(part, n, &back), BAD_LENGTH);
        assert_false(plait_ok(plait_segment_parse(part, n, &back)));
        assert_false(plait_packet_strip_mptcp(part, n));
        free(part);
    }
}

static void other_protocols_are_no_segments(void **state)
{
    (void)state;
    uint8_t packet[64];
    struct plait_ip ip = syn().ip;
    struct plait_segment s;
    ip.protocol = PLAIT_PROTOCOL_UDP;
    struct plait_writer w = plait_writer(packet, sizeof packet);
    plait_ip_write_header(&w, &ip, 40);
    assert_reason(plait_segment_parse(packet, 60, &s), NOT_TCP);
    assert_false(plait_packet_strip_mptcp(packet, 60));
}

static void strip_leaves_the_rest(void **state)
{
    (void)state;
    uint8_t packet[128], before[128];
    struct plait_segment s = data6(), back;
    size_t length = build(&s, packet, sizeof packet);
    memcpy(before, packet, length);
    assert_true(plait_packet_strip_mptcp(packet, length));
    assert_ok(plait_segment_parse(packet, length, &back)); /* the sum is right */
    assert_line(&back, "PSH/ACK seq=4294967280 ack=77 win=512 sack=200-300 len=11");
    assert_false(plait_packet_strip_mptcp(packet, length));
    assert_memory_equal(packet + length - 11, before + length - 11, 11);
}

static void strip_does_not_mend_a_wrong_sum(void **state)
{
    (void)state;
    uint8_t packet[128];
    struct plait_segment s = syn(), back;
    size_t length = build(&s, packet, sizeof packet);
    packet[24] ^= 0x40; /* sequence number */
    assert_true(plait_packet_strip_mptcp(packet, length));
    assert_reason(plait_segment_parse(packet, length, &back), BAD_CHECKSUM);
    packet[24] ^= 0x40;
    assert_ok(plait_segment_parse(packet, length, &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(syn_round),
        cmocka_unit_test(data_round),
        cmocka_unit_test(raw_options_are_kept_and_not_found),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(any_changed_bit_breaks_the_sum),
        cmocka_unit_test(option_lists_that_break_off),
        cmocka_unit_test(options_of_other_kinds_and_lengths_are_counted),
        cmocka_unit_test(too_many_mptcp_options),
        cmocka_unit_test(truncated_segments_are_refused),
        cmocka_unit_test(other_protocols_are_no_segments),
        cmocka_unit_test(strip_leaves_the_rest),
        cmocka_unit_test(strip_does_not_mend_a_wrong_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
