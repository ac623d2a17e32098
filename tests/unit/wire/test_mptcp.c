/* MPTCP options: what captures show and what the RFCs draw, parsed, printed and built again. */
#include <stdlib.h>

#include "base/draw.h"
#include "tests/unit/hex.h"
#include "wire/mptcp.h"

static const struct {
    const char *octets, *text;
} understood[] = {
    /* v0, mptcp-v0.pcap of the tcpdump test suite */
    {"1e0c0081 9c9eabd1e46a33b2", "MP_CAPABLE v0 flags=81 sender_key=9c9eabd1e46a33b2"},
    {"1e140081 9c9eabd1e46a33b2 967d2770b6960552",
     "MP_CAPABLE v0 flags=81 sender_key=9c9eabd1e46a33b2 receiver_key=967d2770b6960552"},
    {"1e083401 0a010202", "ADD_ADDR v0 id=1 addr=10.1.2.2"},
    {"1e0c1000 e47f0142 1b665a18", "MP_JOIN syn id=0 token=e47f0142 nonce=1b665a18"},
    {"1e101001 5ab680c7884af03d 33abe9d5", "MP_JOIN syn-ack id=1 hmac=5ab680c7884af03d "
                                           "nonce=33abe9d5"},
    {"1e181000 cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a",
     "MP_JOIN ack hmac=cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a"},
    {"1e142005 d52abeca d1b97490 00000001 0029 082f",
     "DSS ack=d52abeca dsn=d1b97490 ssn=1 data_length=41 checksum=082f"},
    {"1e044000", "REMOVE_ADDR ids=0"},
    {"1e0c7000 d005b1ab34bad344", "MP_FASTCLOSE receiver_key=d005b1ab34bad344"},
    /* v1, public captures of Linux */
    {"1e040101", "MP_CAPABLE v1 flags=01"},
    {"1e0c0101 ccefd4eac187fafb", "MP_CAPABLE v1 flags=01 sender_key=ccefd4eac187fafb"},
    {"1e160101 23ae131cd5822cbe ccefd4eac187fafb 001c",
     "MP_CAPABLE v1 flags=01 sender_key=23ae131cd5822cbe receiver_key=ccefd4eac187fafb "
     "data_length=28"},
    {"1e103001 0a000014 7d3aea884fcd173e", "ADD_ADDR v1 id=1 addr=10.0.0.20 hmac=7d3aea884fcd173e"},
    {"1e083101 0a000014", "ADD_ADDR v1 echo id=1 addr=10.0.0.20"},
    {"1e1c3002 20010000000000000000000000000020 79c4e0c7e395a1ac",
     "ADD_ADDR v1 id=2 addr=2001::20 hmac=79c4e0c7e395a1ac"},
    {"1e143102 20010000000000000000000000000020", "ADD_ADDR v1 echo id=2 addr=2001::20"},
    {"1e0c1000 8473543a 52430c69", "MP_JOIN syn id=0 token=8473543a nonce=52430c69"},
    {"1e16200d 790e312c 742791cdd3dafe36 00000001 0003",
     "DSS ack=790e312c dsn=742791cdd3dafe36 ssn=1 data_length=3"},
    {"1e1a201f 94a08400790e3300 742791cdd3dafe64 00000000 0001",
     "DSS fin ack=94a08400790e3300 dsn=742791cdd3dafe64 ssn=0 data_length=1"},
    {"1e0c2003 742791cdd3dafe65", "DSS ack=742791cdd3dafe65"},
    {"1e048000", "MP_TCPRST flags=0 reason=0"},
    {"1e048101", "MP_TCPRST flags=1 reason=1"},
    /* forms that no capture shows */
    {"1e180181 23ae131cd5822cbe ccefd4eac187fafb 001c beef",
     "MP_CAPABLE v1 flags=81 sender_key=23ae131cd5822cbe receiver_key=ccefd4eac187fafb "
     "data_length=28 checksum=beef"},
    {"1e040f01", "MP_CAPABLE v15 flags=01"},
    {"1e0c1502 00000001 00000002", "MP_JOIN syn backup id=2 token=00000001 nonce=00000002 "
                                   "reserved=2"},
    {"1e181907 000102030405060708090a0b0c0d0e0f10111213",
     "MP_JOIN ack id=7 hmac=000102030405060708090a0b0c0d0e0f10111213 reserved=9"},
    {"1e1c201f 0102030405060708 1112131415161718 ffffffff ffff 5a5a",
     "DSS fin ack=0102030405060708 dsn=1112131415161718 ssn=4294967295 data_length=65535 "
     "checksum=5a5a"},
    {"1e0e2004 d1b97490 00000001 0000", "DSS dsn=d1b97490 ssn=1 data_length=0"},
    {"1e0429e0", "DSS reserved=4f"},
    {"1e1230030a0000141f90 c6032a2e8310a7ce",
     "ADD_ADDR v1 id=3 addr=10.0.0.20 port=8080 hmac=c6032a2e8310a7ce"},
    {"1e1e3004 20010db8000000000000000000000001 01bb 111124340dbc0a11",
     "ADD_ADDR v1 id=4 addr=2001:db8::1 port=443 hmac=111124340dbc0a11"},
    {"1e0a3103 0a000014 1f90", "ADD_ADDR v1 echo id=3 addr=10.0.0.20 port=8080"},
    {"1e163104 20010db8000000000000000000000001 01bb",
     "ADD_ADDR v1 echo id=4 addr=2001:db8::1 port=443"},
    {"1e0a3405 0a010202 0050", "ADD_ADDR v0 id=5 addr=10.1.2.2 port=80"},
    {"1e143606 20010db8000000000000000000000001", "ADD_ADDR v0 id=6 addr=2001:db8::1"},
    {"1e163606 20010db8000000000000000000000001 0050", "ADD_ADDR v0 id=6 addr=2001:db8::1 port=80"},
    {"1e103401 0a000014 7d3aea884fcd173e",
     "ADD_ADDR v1 id=1 addr=10.0.0.20 hmac=7d3aea884fcd173e reserved=2"},
    {"1e064f010203", "REMOVE_ADDR ids=1,2,3 reserved=f"},
    {"1e0351", "MP_PRIO backup"},
    {"1e0350", "MP_PRIO"},
    {"1e045109", "MP_PRIO backup id=9"},
    {"1e0c6000 c8072fb90edab04e", "MP_FAIL dsn=c8072fb90edab04e"},
    {"1e0c6abc c8072fb90edab04e", "MP_FAIL dsn=c8072fb90edab04e reserved=abc"},
    {"1e048906", "MP_TCPRST flags=9 reason=6"},
    /* private use: control messages of Basic MPTCP, each form */
    {"1e0cf101 0102030405060708", "MP_EXPERIMENTAL add id=1 connection=0102030405060708"},
    {"1e12f102 0102030405060708 c6120102 0050",
     "MP_EXPERIMENTAL add id=2 connection=0102030405060708 addr=198.18.1.2 port=80"},
    {"1e1ef103 0102030405060708 20010db8000000000000000000000001 01bb",
     "MP_EXPERIMENTAL add id=3 connection=0102030405060708 addr=2001:db8::1 port=443"},
    {"1e14f101 0102030405060708 1112131415161718",
     "MP_EXPERIMENTAL add id=1 connection=0102030405060708 proof=1112131415161718"},
    {"1e1af102 0102030405060708 1112131415161718 c6120102 0050",
     "MP_EXPERIMENTAL add id=2 connection=0102030405060708 proof=1112131415161718 "
     "addr=198.18.1.2 port=80"},
    {"1e26f1ff 0102030405060708 1112131415161718 20010db8000000000000000000000001 01bb",
     "MP_EXPERIMENTAL add id=255 connection=0102030405060708 proof=1112131415161718 "
     "addr=2001:db8::1 port=443"},
    {"1e0cf204 0102030405060708", "MP_EXPERIMENTAL remove id=4 connection=0102030405060708"},
    {"1e10f205 0102030405060708 c6120102",
     "MP_EXPERIMENTAL remove id=5 connection=0102030405060708 addr=198.18.1.2"},
    {"1e1cf206 0102030405060708 20010db8000000000000000000000001",
     "MP_EXPERIMENTAL remove id=6 connection=0102030405060708 addr=2001:db8::1"},
    {"1e14f204 0102030405060708 1112131415161718",
     "MP_EXPERIMENTAL remove id=4 connection=0102030405060708 proof=1112131415161718"},
    {"1e18f205 0102030405060708 1112131415161718 c6120102",
     "MP_EXPERIMENTAL remove id=5 connection=0102030405060708 proof=1112131415161718 "
     "addr=198.18.1.2"},
    {"1e24f206 0102030405060708 1112131415161718 20010db8000000000000000000000001",
     "MP_EXPERIMENTAL remove id=6 connection=0102030405060708 proof=1112131415161718 "
     "addr=2001:db8::1"},
    {"1e0cf307 0102030405060708", "MP_EXPERIMENTAL echo id=7 connection=0102030405060708"},
    {"1e14f307 0102030405060708 1112131415161718",
     "MP_EXPERIMENTAL echo id=7 connection=0102030405060708 proof=1112131415161718"},
    {"1e14f408 0102030405060708 2122232425262728",
     "MP_EXPERIMENTAL probe id=8 connection=0102030405060708 nonce=2122232425262728"},
    {"1e1cf408 0102030405060708 1112131415161718 2122232425262728",
     "MP_EXPERIMENTAL probe id=8 connection=0102030405060708 proof=1112131415161718 "
     "nonce=2122232425262728"},
    {"1e14f508 0102030405060708 2122232425262728",
     "MP_EXPERIMENTAL answer id=8 connection=0102030405060708 nonce=2122232425262728"},
    {"1e1cf508 0102030405060708 1112131415161718 2122232425262728",
     "MP_EXPERIMENTAL answer id=8 connection=0102030405060708 proof=1112131415161718 "
     "nonce=2122232425262728"},
};

#define COUNT(array) (sizeof array / sizeof array[0])

static const char *print(const struct plait_mptcp_option *option, char *text, size_t room)
{
    struct plait_text t = plait_text(text, room);
    plait_mptcp_print(&t, option);
    assert_false(t.cut);
    return text;
}

/* Whatever came out of the parser is built to the same octets. */
static void assert_builds(const struct plait_mptcp_option *option, const uint8_t *octets,
                          size_t length)
{
    uint8_t built[64];
    struct plait_writer w = plait_writer(built, sizeof built);
    plait_mptcp_write(&w, option);
    assert_ok(plait_writer_result(&w));
    assert_int_equal(plait_mptcp_octets(option), length);
    assert_int_equal(plait_writer_used(&w), length);
    assert_memory_equal(built, octets, length);
}

static void each_form_is_parsed_printed_and_built(void **state)
{
    (void)state;
    char text[256];
    for (size_t i = 0; i < COUNT(understood); i++) {
        uint8_t octets[40];
        struct plait_mptcp_option option;
        size_t length = hex(understood[i].octets, octets, sizeof octets);
        assert_ok(plait_mptcp_parse(octets, length, &option));
        assert_false(option.is_raw);
        assert_string_equal(print(&option, text, sizeof text), understood[i].text);
        assert_builds(&option, octets, length);
    }
}

/* Of a control message without proof, which takes 8 octets more (docs/mechanisms/basic.md). */
static bool control_is_drawn(uint8_t what, size_t length)
{
    switch (what) {
    case PLAIT_CONTROL_ADD:
        return length == 12 || length == 18 || length == 30;
    case PLAIT_CONTROL_REMOVE:
        return length == 12 || length == 16 || length == 28;
    case PLAIT_CONTROL_ECHO:
        return length == 12;
    case PLAIT_CONTROL_PROBE:
    case PLAIT_CONTROL_ANSWER:
        return length == 20;
    }
    return false;
}

/* Lengths that RFC 6824 and RFC 8684 draw, by version nibble or flag where that matters. */
static bool length_is_drawn(const uint8_t *o, size_t length)
{
    uint8_t low = o[2] & 0x0f, flags = length > 3 ? o[3] : 0;
    size_t dss =
        4 + (flags & 1 ? (flags & 2 ? 8 : 4) : 0) + (flags & 4 ? (flags & 8 ? 14 : 10) : 0);
    switch (o[2] >> 4) {
    case PLAIT_MP_CAPABLE:
        return length == 12 || length == 20 ||
               (low != 0 && (length == 4 || length == 22 || length == 24));
    case PLAIT_MP_JOIN:
        return length == 12 || length == 16 || length == 24;
    case PLAIT_DSS:
        return length > 3 && (length == dss || (flags & 4 && length == dss + 2));
    case PLAIT_ADD_ADDR:
        if (low == 4 && (length == 8 || length == 10))
            return true;
        if (low == 6 && (length == 20 || length == 22))
            return true;
        length -= low & 1 ? 0 : 8;
        return length == 8 || length == 10 || length == 20 || length == 22;
    case PLAIT_REMOVE_ADDR:
        return length > 3;
    case PLAIT_MP_PRIO:
        return length == 3 || length == 4;
    case PLAIT_MP_FAIL:
    case PLAIT_MP_FASTCLOSE:
        return length == 12;
    case PLAIT_MP_TCPRST:
        return length == 4;
    case PLAIT_MP_EXPERIMENTAL:
        return control_is_drawn(low, length) || control_is_drawn(low, length - 8);
    }
    return false;
}

/* In a block of exactly LENGTH octets, so that ASan sees a read behind it. */
static void check_exactly(const uint8_t *octets, size_t length, bool length_octet_agrees)
{
    char text[256];
    uint8_t *part = malloc(length ? length : 1);
    memcpy(part, octets, length);
    if (length > 1 && length_octet_agrees)
        part[1] = (uint8_t)length;
    struct plait_mptcp_option option;
    plait_result result = plait_mptcp_parse(part, length, &option);
    bool drawn = length_octet_agrees && length > 2 && (length > 3 || (part[2] >> 4) == 5) &&
                 length_is_drawn(part, length);
    assert_int_equal(plait_ok(result), drawn);
    assert_int_equal(option.is_raw, !drawn);
    if (option.is_raw) {
        assert_int_equal(option.raw.why, result.reason);
        assert_non_null(
            strstr(print(&option, text, sizeof text), plait_reason_name(result.reason)));
    }
    assert_builds(&option, part, length);
    free(part);
}

static void truncations_come_out_raw(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(understood); i++) {
        uint8_t octets[40];
        size_t whole = hex(understood[i].octets, octets, sizeof octets);
        for (size_t length = 0; length < whole; length++) {
            check_exactly(octets, length, false);
            check_exactly(octets, length, true);
        }
    }
}

/* Every subtype, every length, many contents: understood exactly where an RFC draws it, and
 * always built to the same octets. */
static void anything_is_built_as_it_came(void **state)
{
    (void)state;
    struct plait_draw_key key = plait_draw_key(3);
    uint8_t octets[40] = {PLAIT_OPTION_MPTCP};
    for (uint64_t n = 0; n < 16 * 41 * 40; n++) {
        for (size_t i = 1; i < sizeof octets; i++)
            octets[i] = (uint8_t)plait_draw(&key, "test", "option", 64 * n + i);
        octets[2] = (uint8_t)(n % 16 << 4 | (octets[2] & 0x0f));
        check_exactly(octets, n / 16 % 41, true);
    }
}

static void reasons_of_raw_options(void **state)
{
    (void)state;
    static const struct {
        const char *octets, *reason, *text;
    } rows[] = {
        {"1e049000", "UNKNOWN_OPTION", "MPTCP subtype=9 raw=1e049000 UNKNOWN_OPTION"},
        {"1e04f000", "UNKNOWN_OPTION", "MP_EXPERIMENTAL raw=1e04f000 UNKNOWN_OPTION"},
        {"1e0df101 010203040506070809", "BAD_LENGTH",
         "MP_EXPERIMENTAL raw=1e0df101010203040506070809 BAD_LENGTH"},
        {"1e0cf601 0102030405060708", "UNKNOWN_OPTION",
         "MP_EXPERIMENTAL raw=1e0cf6010102030405060708 UNKNOWN_OPTION"},
        {"1e0400ff", "BAD_LENGTH", "MP_CAPABLE raw=1e0400ff BAD_LENGTH"},
        {"1e0340", "BAD_LENGTH", "REMOVE_ADDR raw=1e0340 BAD_LENGTH"},
        {"1e083501 0a010202", "OK", "ADD_ADDR v1 echo id=1 addr=10.1.2.2 reserved=2"},
        {"1e083601 0a010202", "BAD_LENGTH", "ADD_ADDR raw=1e0836010a010202 BAD_LENGTH"},
        {"1e02", "BAD_LENGTH", "MPTCP raw=1e02 BAD_LENGTH"},
        {"", "BAD_LENGTH", "MPTCP raw= BAD_LENGTH"},
        {"1f0350", "BAD_VALUE", "MP_PRIO raw=1f0350 BAD_VALUE"},
    };
    char text[256];
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t octets[40];
        struct plait_mptcp_option option;
        size_t length = hex(rows[i].octets, octets, sizeof octets);
        plait_result result = plait_mptcp_parse(octets, length, &option);
        assert_string_equal(plait_reason_name(result.reason), rows[i].reason);
        assert_string_equal(print(&option, text, sizeof text), rows[i].text);
    }
}

static void longer_than_option_space_is_cut(void **state)
{
    (void)state;
    uint8_t octets[255] = {PLAIT_OPTION_MPTCP, 255, 0x40};
    struct plait_mptcp_option option;
    assert_reason(plait_mptcp_parse(octets, sizeof octets, &option), BAD_LENGTH);
    assert_int_equal(option.raw.length, 40);
}

static void a_value_that_is_no_option_is_not_written(void **state)
{
    (void)state;
    uint8_t room[40];
    struct plait_mptcp_option option = {.subtype = 9};
    struct plait_writer w = plait_writer(room, sizeof room);
    plait_mptcp_write(&w, &option);
    assert_reason(plait_writer_result(&w), NO_ROOM);
    assert_int_equal(plait_mptcp_octets(&option), 0);
    option = (struct plait_mptcp_option){.subtype = PLAIT_REMOVE_ADDR, .remove_addr.count = 255};
    w = plait_writer(room, sizeof room);
    plait_mptcp_write(&w, &option);
    assert_ok(plait_writer_result(&w));
    assert_int_equal(plait_writer_used(&w), 40);
    option = (struct plait_mptcp_option){.subtype = PLAIT_MP_EXPERIMENTAL, .control.what = 6};
    w = plait_writer(room, sizeof room);
    plait_mptcp_write(&w, &option);
    assert_reason(plait_writer_result(&w), NO_ROOM);
    assert_int_equal(plait_mptcp_octets(&option), 0);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(plait_mptcp_subtype_name(PLAIT_MP_CAPABLE), "MP_CAPABLE");
    assert_string_equal(plait_mptcp_subtype_name(PLAIT_MP_TCPRST), "MP_TCPRST");
    assert_string_equal(plait_mptcp_subtype_name(PLAIT_MP_EXPERIMENTAL), "MP_EXPERIMENTAL");
    assert_null(plait_mptcp_subtype_name(9));
    assert_null(plait_mptcp_subtype_name(PLAIT_MPTCP_NO_SUBTYPE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_parsed_printed_and_built),
        cmocka_unit_test(truncations_come_out_raw),
        cmocka_unit_test(anything_is_built_as_it_came),
        cmocka_unit_test(reasons_of_raw_options),
        cmocka_unit_test(longer_than_option_space_is_cut),
        cmocka_unit_test(a_value_that_is_no_option_is_not_written),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
