/* ICMP errors that quote a segment (RFC 792, RFC 4443). */
#include "tests/unit/test.h"

#include "base/octets.h"
#include "wire/icmp.h"

static struct plait_addr addr(const char *text)
{
    struct plait_addr a;
    assert_ok(plait_addr_parse(text, &a));
    return a;
}

static size_t build(const char *from, const char *src, const char *dst, uint8_t octets[160])
{
    struct plait_addr router = addr(from);
    const struct plait_segment quoted = {
        .ip = {.src = addr(src), .dst = addr(dst), .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = 0x1234,
        .dst_port = 0x5678,
        .seq = 0x9abcdef0,
        .flags = PLAIT_ACK};
    size_t length_octets = 0;
    assert_ok(plait_icmp_build(&router, &quoted, 0, octets, 160, &length_octets));
    return length_octets;
}

static void an_error_quotes_ports_and_number(void **state)
{
    (void)state;
    static const struct {
        const char *from, *src, *dst;
        size_t ip_octets;
        uint8_t type, code;
    } rows[] = {{"198.18.9.9", "198.18.1.1", "198.18.2.1", 20, 3, 3},
                {"2001:db8:9::9", "2001:db8:1::1", "2001:db8:2::1", 40, 1, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t octets[160];
        size_t length_octets = build(rows[i].from, rows[i].src, rows[i].dst, octets);
        const uint8_t *message = octets + rows[i].ip_octets;
        const uint8_t *tcp = message + 8 + rows[i].ip_octets;
        struct plait_ip ip;
        assert_ok(plait_ip_parse(octets, length_octets, &ip));
        struct plait_addr from = addr(rows[i].from), src = addr(rows[i].src);
        assert_true(plait_addr_equal(&ip.src, &from) && plait_addr_equal(&ip.dst, &src));
        assert_int_equal(message[0], rows[i].type);
        assert_int_equal(message[1], rows[i].code);
        assert_int_equal(plait_load_u16(tcp), 0x1234);
        assert_int_equal(plait_load_u16(tcp + 2), 0x5678);
        assert_int_equal(plait_load_u32(tcp + 4), 0x9abcdef0);
        assert_int_equal(length_octets, 2 * rows[i].ip_octets + 16);
        assert_true(plait_icmp_is_valid(octets, length_octets));
        octets[length_octets - 1] ^= 1;
        assert_false(plait_icmp_is_valid(octets, length_octets));
    }
}

/* RFC 1191 §4: the second half of the word; RFC 4443 §3.2: the whole. */
static void what_is_too_big_says_what_goes_through(void **state)
{
    (void)state;
    static const struct {
        const char *from, *src, *dst;
        size_t ip_octets;
        uint8_t type, code;
    } rows[] = {{"198.18.9.9", "198.18.1.1", "198.18.2.1", 20, 3, 4},
                {"2001:db8:9::9", "2001:db8:1::1", "2001:db8:2::1", 40, 2, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_addr router = addr(rows[i].from);
        const struct plait_segment quoted = {.ip = {.src = addr(rows[i].src),
                                                    .dst = addr(rows[i].dst),
                                                    .protocol = PLAIT_PROTOCOL_TCP}};
        uint8_t octets[160];
        size_t length_octets;
        assert_ok(plait_icmp_build(&router, &quoted, 1300, octets, sizeof octets, &length_octets));
        const uint8_t *message = octets + rows[i].ip_octets;
        assert_int_equal(message[0], rows[i].type);
        assert_int_equal(message[1], rows[i].code);
        assert_int_equal(plait_load_u32(message + 4), 1300);
        assert_true(plait_icmp_is_valid(octets, length_octets));
    }
}

static void a_small_buffer_is_refused(void **state)
{
    (void)state;
    struct plait_addr router = addr("198.18.9.9");
    const struct plait_segment quoted = {.ip = {.src = addr("198.18.1.1"),
                                                .dst = addr("198.18.2.1"),
                                                .protocol = PLAIT_PROTOCOL_TCP}};
    uint8_t octets[55];
    size_t length_octets;
    assert_reason(plait_icmp_build(&router, &quoted, 0, octets, sizeof octets, &length_octets),
                  NO_ROOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_quotes_ports_and_number),
        cmocka_unit_test(what_is_too_big_says_what_goes_through),
        cmocka_unit_test(a_small_buffer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
