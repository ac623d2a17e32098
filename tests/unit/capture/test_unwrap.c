/* Unwrapping: every link type and tunnel, cut at any octet, in networks of their own. */
#include "tests/unit/capture/forms.h"
#include "tests/unit/dice.h"

#include "capture/networks.h"

static uint8_t memory[16 << 20] __attribute__((aligned(16)));
static struct plait_capture_counts counts;

static struct plait_unwrap *begin(void)
{
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    static struct plait_arena kept; /* pools go on taking from it */
    struct plait_draw_key key = plait_draw_key(1);
    kept = arena;
    counts = (struct plait_capture_counts){0};
    struct plait_unwrap *u = plait_unwrap_new(&kept, &plait_fragment_limits, &key, &counts);
    assert_non_null(u);
    return u;
}

/* LENGTH octets of a frame of which there were WIRE, in a block of their own for ASan. */
static bool unwrap(struct plait_unwrap *u, uint16_t link_type, const void *octets, size_t length,
                   size_t wire, struct plait_unwrapped *out)
{
    static uint8_t *exact;
    free(exact); /* of the time before: what was found lies in it */
    exact = malloc(length ? length : 1);
    memcpy(exact, octets, length);
    struct plait_frame frame = {.octets = exact,
                                .length_octets = (uint32_t)length,
                                .wire_octets = (uint32_t)wire,
                                .link_type = link_type};
    return plait_unwrap(u, &frame, out);
}

static unsigned counted(void)
{
    unsigned sum = 0;
    for (int i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        sum += (unsigned)counts.count[i];
    return sum;
}

static void every_form_leads_to_the_same_packet(void **state)
{
    (void)state;
    struct plait_unwrap *u = begin();
    for (size_t i = 0; i < FORMS; i++) {
        struct plait_unwrapped out;
        struct frame_build f = form_frame(forms[i].frame);
        uint8_t inner[80];
        char line[512];
        struct plait_text t = plait_text(line, sizeof line);
        if (!unwrap(u, forms[i].link_type, f.octets, f.length, f.length, &out))
            fail_msg("%s: nothing found", forms[i].name);
        size_t length = form_inner(out.packet.ip[0] >> 4, inner, sizeof inner);
        plait_outer_print(&t, &out.outer);
        if (strcmp(line, forms[i].outer) != 0)
            fail_msg("%s: wrapped in '%s'", forms[i].name, line);
        if (out.packet.captured_octets != length || out.packet.wire_octets != length ||
            memcmp(out.packet.ip, inner, length) != 0)
            fail_msg("%s: another packet", forms[i].name);
        assert_int_equal(out.network != 0, out.outer.tunnel_count != 0);
        assert_int_equal(counted(), 0);
    }
}

/* Where the addresses were captured the packet comes through, of its true length. */
static void cut_at_any_octet(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        struct plait_unwrap *u = begin();
        struct frame_build f = form_frame(forms[i].frame);
        uint32_t inner = f.octets[f.inner_at] >> 4 == 4 ? 40 : 60;
        size_t fixed = f.inner_at + inner - 20;
        for (size_t n = 0; n < f.length; n++) {
            struct plait_unwrapped out;
            unsigned before = counted();
            bool found = unwrap(u, forms[i].link_type, f.octets, n, f.length, &out);
            size_t captured = n < f.inner_at ? 0 : n - f.inner_at;
            if (n >= fixed) {
                assert_true(found);
                assert_int_equal(out.packet.captured_octets, captured < inner ? captured : inner);
                assert_int_equal(out.packet.wire_octets, inner);
                assert_int_equal(counted(), before);
            } else if (!found) {
                assert_int_equal(counted(), before + 1);
            } else { /* a tunnel whose own header is missing: the outer packet */
                assert_true(out.packet.ip + out.packet.captured_octets <= out.packet.ip + n);
                assert_true(out.packet.wire_octets > inner);
            }
        }
    }
}

static void what_is_not_followed_is_counted(void **state)
{
    (void)state;
    static const struct {
        uint16_t link_type;
        const char *frame;
        enum plait_capture_reason reason;
    } rows[] = {
        {147, "@4", PLAIT_CAPTURE_LINK_TYPE},
        {1, MACS "0806 0001080006040001", PLAIT_CAPTURE_NOT_IP},
        {1, MACS "88e5 0000", PLAIT_CAPTURE_ENCRYPTED},
        {1, MACS "0026 424203 0000000000", PLAIT_CAPTURE_NOT_IP},
        {1, ETH4, PLAIT_CAPTURE_CUT_BEFORE_IP},
        {1, ETH4 "25", PLAIT_CAPTURE_IP_VERSION},
        {1, ETH4 "44000014 00000000 40060000 c0000201 c0000202", PLAIT_CAPTURE_IP_HEADER},
        {1, ETH4 "46000014 00000000 40060000 c0000201 c0000202", PLAIT_CAPTURE_IP_HEADER},
        {0, "07000000 @4", PLAIT_CAPTURE_NOT_IP},
        {1, MACS "8847 00010140 10000000", PLAIT_CAPTURE_MPLS_PAYLOAD},
        {1, MACS "8864 1109 0000 0000", PLAIT_CAPTURE_PPP_FRAME},
        {1, MACS "8864 1100 0001 0004 c021 0101", PLAIT_CAPTURE_NOT_IP},
        {9, "003d 00", PLAIT_CAPTURE_PPP_FRAME},
        {101, "[4:47] 0002 0800 @4", PLAIT_CAPTURE_GRE_HEADER},
        {101, "[4:47] 4000 0800 00000000 @4", PLAIT_CAPTURE_GRE_HEADER},
        {101, "[4:47] 2001 880b 0000 0003", PLAIT_CAPTURE_NOT_IP},
        {101, "[4:47] 2001 0800 0000 0003 @4", PLAIT_CAPTURE_GRE_HEADER},
        {101, "[4:47] 1000 88be 00000001 2005 0064 00000000 " ETH4 "@4",
         PLAIT_CAPTURE_ERSPAN_HEADER},
        {101, "[4:47] 1000 22eb 00000001 1005 0065 00000000 0000 0000 " ETH4 "@4",
         PLAIT_CAPTURE_ERSPAN_HEADER},
        {101, "[4:47] 1000 22eb 00000001 2005 0065 00000000 0000 0400 " ETH4 "@4",
         PLAIT_CAPTURE_ERSPAN_HEADER},
        {101, "[4:17] <2152> 30 ff 0004 00000009 00000000", PLAIT_CAPTURE_GTP_HEADER},
        {101, "[4:17] <2152> 34 ff 0008 00000009 0000 00 85 00 0000", PLAIT_CAPTURE_CUT_BEFORE_IP},
        {1, ETH4 "[4:17] <4789> 08000000 00000700 " MACS "0806", PLAIT_CAPTURE_NOT_IP},
        {101, "[4:4] [4:4] [4:4] [4:4] [4:4] @4", PLAIT_CAPTURE_TOO_DEEP},
        {1,
         MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 "
              "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800 @4",
         PLAIT_CAPTURE_TOO_DEEP},
        {101,
         "[6:60] 3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000"
         "3c00010400000000 3c00010400000000 3c00010400000000 3c00010400000000 0600010400000000",
         PLAIT_CAPTURE_IP_EXTENSIONS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_unwrap *u = begin();
        struct plait_unwrapped out;
        struct frame_build f = form_frame(rows[i].frame);
        bool found = unwrap(u, rows[i].link_type, f.octets, f.length, f.length, &out);
        if (found || counts.count[rows[i].reason] != 1 || counted() != 1)
            fail_msg("row %zu (%s)", i, rows[i].frame);
    }
}

/* Twelve headers are followed; what only resembles a tunnel, or is none, is a packet itself. */
static void what_is_no_tunnel_is_a_packet(void **state)
{
    (void)state;
    static const struct {
        const char *frame;
        uint32_t wire;
    } rows[] = {
        {"[4:17] <53> 0000", 30},
        {"[4:1] 0800 0000", 24},
        {"[6:58] 8000 0000", 44},
        {"[4:17] <4789> 00000000 00000700 " ETH4 "@4", 20 + 8 + 8 + 14 + 40},
        {"[4:17] <4789> 0800", 30},
        {"[4:17] <4790> 08000000 00000700 @4", 76},
        {"[4:17] <4790> 0c000004 00000700 @4", 76},
        {"[4:17] <6081> 4000 0800 00000b00 @4", 76},
        {"[4:17] <2152> 32 01 0004 00000000 00000000", 40},
        {"[4:17] <2152> 48 ff 0004 00000000 @4", 76},
        {"[4:50] 00000001 00000001", 28},
        {"[6:59]", 40},
    };
    struct plait_unwrap *u = begin();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_unwrapped out;
        struct frame_build f = form_frame(rows[i].frame);
        if (!unwrap(u, 101, f.octets, f.length, f.length, &out) ||
            out.packet.wire_octets != rows[i].wire || out.packet.captured_octets != rows[i].wire ||
            out.outer.count || out.network)
            fail_msg("row %zu (%s)", i, rows[i].frame);
    }
    assert_int_equal(counted(), 0);
}

/* What the IP header says goes before what the frame says, and 0 means the frame (super-segments).
 */
static void lengths(void **state)
{
    (void)state;
    static const struct {
        uint16_t said, there, captured, wire;
        unsigned is_long;
    } rows[] = {
        {40, 60, 40, 40, 0}, {60, 60, 60, 60, 0}, {100, 60, 60, 100, 1}, {0, 60, 60, 60, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_unwrap *u = begin();
        struct plait_unwrapped out;
        uint8_t octets[60] = {0};
        form_inner(4, octets, sizeof octets);
        plait_store_u16(octets + 2, rows[i].said);
        assert_true(unwrap(u, 101, octets, rows[i].there, rows[i].there, &out));
        assert_int_equal(out.packet.captured_octets, rows[i].captured);
        assert_int_equal(out.packet.wire_octets, rows[i].wire);
        assert_int_equal(counts.count[PLAIT_CAPTURE_IP_LONG], rows[i].is_long);
    }
}

/* The outer packet ends before the frame does, and what is in it ends there too. */
static void the_inner_packet_ends_with_the_outer(void **state)
{
    (void)state;
    static const struct {
        uint16_t said, captured, wire;
        unsigned is_long;
    } rows[] = {{40, 40, 40, 0}, {45, 40, 45, 1}, {0, 40, 40, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_unwrap *u = begin();
        struct plait_unwrapped out;
        struct frame_build f = form_frame("[4:4] @4");
        plait_store_u16(f.octets + 22, rows[i].said);
        assert_true(unwrap(u, 101, f.octets, f.length + 10, f.length + 10, &out));
        assert_int_equal(out.packet.captured_octets, rows[i].captured);
        assert_int_equal(out.packet.wire_octets, rows[i].wire);
        assert_int_equal(counts.count[PLAIT_CAPTURE_IP_LONG], rows[i].is_long);
    }
}

static void a_header_cut_within_its_options(void **state)
{
    (void)state;
    struct plait_unwrap *u = begin();
    struct plait_unwrapped out;
    struct frame_build f = form_frame("4600002c 00010000 402f0000 c0000201 c0000202 01010101 "
                                      "00000800 @4");
    assert_true(unwrap(u, 101, f.octets, 22, f.length, &out));
    assert_int_equal(out.packet.captured_octets, 22);
    assert_int_equal(out.packet.wire_octets, 44);
    assert_int_equal(counted(), 0);
}

static uint16_t network_of(struct plait_unwrap *u, const char *frame)
{
    struct plait_unwrapped out;
    struct frame_build f = form_frame(frame);
    assert_true(unwrap(u, 101, f.octets, f.length, f.length, &out));
    return out.network;
}

static void networks_are_told_apart(void **state)
{
    (void)state;
    struct plait_unwrap *u = begin();
    static const char seven[] = "[4:17] <4789> 08000000 00000700 " ETH4 "@4";
    static const char eight[] = "[4:17] <4789> 08000000 00000800 " ETH4 "@4";
    static const char deep[] = "[4:47] 0000 0800 [4:17] <4789> 08000000 00000700 " ETH4 "@4";
    static const char gtp[] = "[4:17] " GTP "@4",
                      gtp_back[] = "[4:17] <2152> 30 ff 0028 00000008 @4";
    uint16_t first = network_of(u, seven);
    assert_int_equal(network_of(u, "@4"), 0);
    assert_int_not_equal(first, 0);
    assert_int_not_equal(network_of(u, eight), first);
    assert_int_not_equal(network_of(u, deep), first);
    assert_int_equal(network_of(u, seven), first);
    assert_int_equal(network_of(u, gtp), network_of(u, gtp_back)); /* one for each direction */
    assert_int_not_equal(network_of(u, gtp), first);
    assert_int_not_equal(network_of(u, "[4:4] @4"), network_of(u, gtp));
}

static void too_many_networks_share_one(void **state)
{
    (void)state;
    struct plait_unwrap *u = begin();
    struct frame_build f = form_frame("[4:17] <4789> 08000000 00000000 " ETH4 "@4");
    struct plait_unwrapped out;
    for (uint32_t vni = 0; vni < PLAIT_NETWORKS_MAX + 2; vni++) {
        plait_store_u32(f.octets + 32, vni << 8);
        assert_true(unwrap(u, 101, f.octets, f.length, f.length, &out));
        assert_int_equal(out.network, vni < PLAIT_NETWORKS_MAX ? vni + 1 : PLAIT_NETWORK_OTHER);
    }
    assert_int_equal(counts.count[PLAIT_CAPTURE_NETWORK_MANY], 2);
    plait_store_u32(f.octets + 32, 5 << 8);
    assert_true(unwrap(u, 101, f.octets, f.length, f.length, &out));
    assert_int_equal(out.network, 6);
}

/* The outer packet is fragmented, which hides the inner one; or the inner one is. */
static void fragments_on_the_way(void **state)
{
    (void)state;
    static const char *const whole[] = {"[4:47] 0000 0800 @4", "[4:4] [4:47] 0000 0800 @4"};
    for (int deep = 0; deep < 2; deep++) {
        struct plait_unwrap *u = begin();
        struct plait_unwrapped out;
        struct frame_build f = form_frame(whole[deep]);
        size_t head = deep ? 40 : 20, first = 24;      /* octets of payload in the first */
        plait_store_u16(f.octets + f.inner_at + 2, 0); /* as long as what it came in */
        for (int part = 0; part < 2; part++) {
            uint8_t octets[200];
            size_t from = part ? first : 0, to = part ? f.length - head : first;
            memcpy(octets, f.octets, head);
            memcpy(octets + head, f.octets + head + from, to - from);
            uint8_t *ip = octets + head - 20;
            plait_store_u16(ip + 2, (uint16_t)(20 + to - from));
            plait_store_u16(ip + 6, part ? 24 / 8 : 0x2000);
            plait_store_u16(ip + 10, 0);
            plait_store_u16(ip + 10, plait_sum_finish(plait_sum_add(0, ip, 20)));
            if (deep) /* the outer one is whole, and says so */
                plait_store_u16(octets + 2, (uint16_t)(head + to - from));
            bool found = unwrap(u, 101, octets, head + to - from, head + to - from, &out);
            assert_int_equal(found, part);
        }
        assert_true(out.was_fragmented);
        assert_int_equal(out.outer.tunnel_count, deep + 1);
        uint8_t inner[80];
        size_t length = form_inner(4, inner, sizeof inner);
        assert_int_equal(out.packet.captured_octets, length);
        assert_int_equal(out.packet.wire_octets, length);
        assert_memory_equal(out.packet.ip + 4, inner + 4, length - 4);
        assert_int_equal(counted(), 0);
    }
}

static void a_small_arena_is_refused(void **state)
{
    (void)state;
    struct plait_arena arena = plait_arena(memory, 1024);
    struct plait_draw_key key = plait_draw_key(1);
    assert_null(plait_unwrap_new(&arena, &plait_fragment_limits, &key, &counts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_leads_to_the_same_packet),
        cmocka_unit_test(cut_at_any_octet),
        cmocka_unit_test(what_is_not_followed_is_counted),
        cmocka_unit_test(what_is_no_tunnel_is_a_packet),
        cmocka_unit_test(lengths),
        cmocka_unit_test(the_inner_packet_ends_with_the_outer),
        cmocka_unit_test(a_header_cut_within_its_options),
        cmocka_unit_test(networks_are_told_apart),
        cmocka_unit_test(too_many_networks_share_one),
        cmocka_unit_test(fragments_on_the_way),
        cmocka_unit_test(a_small_arena_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
