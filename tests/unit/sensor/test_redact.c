/* What of a packet is gone after redaction, and what is still there. */
#include "tests/unit/sensor/packets.h"

#include "mechanism/mechanism.h"
#include "sensor/redact.h"

static struct plait_redactor *redactor;
static uint8_t room[PLAIT_REDACTED_MAX_OCTETS];

static int setup(void **state)
{
    (void)state;
    const struct plait_draw_key key = plait_draw_key(7);
    redactor = plait_redactor_new(&key);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plait_redactor_free(redactor);
    return 0;
}

/* Strict: lengths and checksums of what was written are right. */
static struct plait_segment redacted(const struct plait_segment *s)
{
    struct made m;
    struct plait_segment out;
    size_t length = 0;
    make(&m, s, 0, 0, 1);
    assert_ok(plait_redact(redactor, &m.packet, room, &length));
    assert_ok(plait_segment_parse(room, length, &out));
    return out;
}

static void addresses_are_replaced_and_the_same_stay_the_same(void **state)
{
    (void)state;
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_SYN, 9, 0);
    struct plait_segment there = redacted(&s);
    s = segment_of(&made_server, &made_client, PLAIT_SYN | PLAIT_ACK, 5, 10);
    struct plait_segment back = redacted(&s);
    assert_false(plait_addr_equal(&there.ip.src, &made_client.addr));
    assert_false(plait_addr_equal(&there.ip.src, &there.ip.dst));
    assert_true(plait_addr_equal(&there.ip.src, &back.ip.dst));
    assert_true(plait_addr_equal(&there.ip.dst, &back.ip.src));
    assert_int_equal(there.src_port, made_client.port);
    assert_int_equal(back.ack, 10);
}

static void payload_becomes_zeros_and_options_that_are_not_known_go(void **state)
{
    (void)state;
    static const uint8_t secret[] = "the secret";
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 9, 3);
    s.payload = secret;
    s.payload_octets = sizeof secret;
    s.options.has_timestamps = true;
    s.options.timestamp = 77;
    struct plait_segment out = redacted(&s);
    assert_int_equal(out.payload_octets, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(out.payload[i], 0);
    assert_int_equal(out.options.timestamp, 77);
    struct made m;
    size_t length;
    make(&m, &s, 0, 0, 1);
    uint8_t *kind = (uint8_t *)(uintptr_t)m.packet.options;
    while (*kind != 8)
        kind++;
    *kind = 34; /* a Fast Open cookie now */
    assert_ok(plait_redact(redactor, &m.packet, room, &length));
    assert_ok(plait_segment_parse(room, length, &out));
    assert_int_equal(out.options.unknown_count, 0);
    assert_false(out.options.has_timestamps);
}

static void keys_are_zero_and_tokens_stay(void **state)
{
    (void)state;
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 9, 3);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                             .capable = {.version = 1,
                                                         .flags = 1,
                                                         .has_sender_key = true,
                                                         .has_receiver_key = true,
                                                         .sender_key = 1,
                                                         .receiver_key = 2}};
    struct plait_segment out = redacted(&s);
    assert_int_equal(out.mptcp_count, 1);
    assert_true(out.mptcp[0].capable.has_receiver_key);
    assert_int_equal(out.mptcp[0].capable.sender_key, 0);
    assert_int_equal(out.mptcp[0].capable.receiver_key, 0);
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_FASTCLOSE,
                                             .fastclose = {.receiver_key = 2}};
    assert_int_equal(redacted(&s).mptcp[0].fastclose.receiver_key, 0);
    s.flags = PLAIT_SYN;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_SYN, .token = 99, .nonce = 4}};
    out = redacted(&s);
    assert_int_equal(out.mptcp[0].join.token, 99);
    assert_int_equal(out.mptcp[0].join.nonce, 4);
}

static void an_advertised_address_is_replaced_as_others_are(void **state)
{
    (void)state;
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 9, 3);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_ADD_ADDR,
        .add_addr = {.addr_id = 3, .addr = made_server.addr, .has_hmac = true}};
    struct plait_segment out = redacted(&s);
    assert_true(plait_addr_equal(&out.mptcp[0].add_addr.addr, &out.ip.dst));
    assert_int_equal(out.mptcp[0].add_addr.addr_id, 3);
}

static struct plait_segment with_mapping(const uint8_t *payload, size_t octets, uint16_t length,
                                         uint16_t checksum)
{
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 9, 3);
    s.payload = payload;
    s.payload_octets = octets;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                             .dss = {.has_map = true,
                                                     .dsn_is_64 = true,
                                                     .has_checksum = true,
                                                     .dsn = 0x123456789abcdef0,
                                                     .ssn = 5,
                                                     .data_length = length,
                                                     .checksum = checksum}};
    return redacted(&s);
}

/* The checksum that MAPPING should have over zeros. */
static uint16_t over_zeros(const struct plait_segment *s)
{
    static const uint8_t zeros[1000];
    const struct plait_dss *d = &s->mptcp[0].dss;
    return plait_dss_checksum(d->dsn, d->ssn, d->data_length, zeros, d->data_length);
}

static void checksums_of_mappings_are_mended_and_wrong_ones_stay_wrong(void **state)
{
    (void)state;
    static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7};
    uint16_t right = plait_dss_checksum(0x123456789abcdef0, 5, sizeof data, data, sizeof data);
    struct plait_segment s = with_mapping(data, sizeof data, sizeof data, right);
    assert_int_equal(s.mptcp[0].dss.checksum, over_zeros(&s));
    s = with_mapping(data, sizeof data, sizeof data, (uint16_t)(right + 1));
    assert_int_not_equal(s.mptcp[0].dss.checksum, over_zeros(&s));
    s = with_mapping(data, sizeof data, 500, right); /* goes on in other packets */
    assert_int_equal(s.mptcp[0].dss.checksum, over_zeros(&s));
}

static void what_was_cut_off_is_there_as_zeros(void **state)
{
    (void)state;
    static const uint8_t payload[500] = {1};
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 9, 3);
    s.payload = payload;
    s.payload_octets = sizeof payload;
    struct made m;
    struct plait_segment out;
    size_t length;
    make(&m, &s, 0, 0, 1);
    m.seen.ip_octets = 60;
    assert_ok(plait_packet_read(&m.seen, &m.packet));
    assert_ok(plait_redact(redactor, &m.packet, room, &length));
    assert_ok(plait_segment_parse(room, length, &out));
    assert_int_equal(out.payload_octets, sizeof payload);
    m.seen.ip_octets = 30; /* headers are not whole */
    assert_false(plait_ok(plait_packet_read(&m.seen, &m.packet)));
}

static void ipv6_is_replaced_too(void **state)
{
    (void)state;
    struct plait_place a = {.port = 1}, b = {.port = 2};
    assert_ok(plait_addr_parse("fd00::1", &a.addr));
    assert_ok(plait_addr_parse("fd00::2", &b.addr));
    struct plait_segment s = segment_of(&a, &b, PLAIT_SYN, 9, 0), out = redacted(&s);
    assert_int_equal(out.ip.src.family, PLAIT_IPV6);
    assert_int_equal(out.ip.src.octets[0], 0x20);
    assert_false(plait_addr_equal(&out.ip.src, &out.ip.dst));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(addresses_are_replaced_and_the_same_stay_the_same, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(payload_becomes_zeros_and_options_that_are_not_known_go,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(keys_are_zero_and_tokens_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(an_advertised_address_is_replaced_as_others_are, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(checksums_of_mappings_are_mended_and_wrong_ones_stay_wrong,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_cut_off_is_there_as_zeros, setup, teardown),
        cmocka_unit_test_setup_teardown(ipv6_is_replaced_too, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
