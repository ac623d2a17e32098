/* Fragments: put together in any order, refused where they contradict, within their limits. */
#include <stdlib.h>

#include "tests/unit/dice.h"
#include "tests/unit/hex.h"

#include "base/octets.h"
#include "capture/fragments.h"
#include "wire/checksum.h"
#include "wire/ip.h"

#define PAYLOAD 65000u

static uint8_t memory[16 << 20] __attribute__((aligned(16)));
static struct plait_arena arena;
static struct plait_capture_counts counts;
static uint8_t payload[PAYLOAD + 600];

static struct plait_fragments *begin(const struct plait_fragment_limits *limits)
{
    struct plait_draw_key key = plait_draw_key(1);
    struct dice dice_ = dice(7);
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)throw_u64(&dice_);
    counts = (struct plait_capture_counts){0};
    arena = plait_arena(memory, sizeof memory);
    struct plait_fragments *f = plait_fragments_new(&arena, limits, &key, &counts);
    assert_non_null(f);
    return f;
}

static unsigned counted(void)
{
    unsigned sum = 0;
    for (int i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        sum += (unsigned)counts.count[i];
    return sum;
}

/* A fragment as a test describes it. */
struct given {
    int version;
    uint32_t id, offset, length;
    bool more;
    uint8_t changed; /* added to the first octet of the payload */
    unsigned
        header_words; /* beyond the fixed header: IPv4 options, or units of 8 of an extension */
    plait_time_ns at_ns;
    uint16_t network;
};

#define GIVEN(version_, id_, offset_, length_, more_, ...)                                         \
    {                                                                                              \
        .version = version_, .id = id_, .offset = offset_, .length = length_, .more = more_,       \
        __VA_ARGS__                                                                                \
    }
#define FRAGMENT(...) ((struct given)GIVEN(__VA_ARGS__))

static size_t write_fragment(const struct given *g, uint8_t *ip)
{
    struct plait_writer w = plait_writer(ip, 66000);
    uint32_t head = g->version == 4 ? 20 + 4 * g->header_words : 40 + 8 * g->header_words + 8;
    if (g->version == 4) {
        plait_write_u8(&w, (uint8_t)(0x45 + g->header_words));
        plait_write_u8(&w, 0);
        plait_write_u16(&w, (uint16_t)(head + g->length));
        plait_write_u16(&w, (uint16_t)g->id);
        plait_write_u16(&w, (uint16_t)((g->more ? 0x2000 : 0) | g->offset / 8));
        plait_write_u32(&w, 0x40110000);
        plait_write_u64(&w, 0xc0000201c0000202);
        memset(plait_writer_take(&w, 4 * (size_t)g->header_words), 1, 4 * (size_t)g->header_words);
        plait_store_u16(ip + 10, plait_sum_finish(plait_sum_add(0, ip, head)));
    } else {
        plait_write_u32(&w, 6u << 28);
        plait_write_u16(&w, (uint16_t)(head - 40 + g->length));
        plait_write_u16(&w, g->header_words ? 60 << 8 | 64 : 44 << 8 | 64);
        plait_write_zeros(&w, 15);
        plait_write_u8(&w, 1);
        plait_write_zeros(&w, 15);
        plait_write_u8(&w, 2);
        if (g->header_words) {
            plait_write_u16(&w, (uint16_t)(44 << 8 | (g->header_words - 1)));
            plait_write_zeros(&w, 8 * (size_t)g->header_words - 2);
        }
        plait_write_u16(&w, 17 << 8);
        plait_write_u16(&w, (uint16_t)(g->offset | g->more));
        plait_write_u32(&w, g->id);
    }
    size_t at = plait_writer_used(&w);
    plait_write_octets(&w, payload + g->offset, g->length);
    assert_false(w.failed);
    ip[at] = (uint8_t)(ip[at] + g->changed);
    return at + g->length;
}

static bool add_cut(struct plait_fragments *f, const struct given *g, size_t missing,
                    struct plait_ip_octets *whole)
{
    static uint8_t octets[66000];
    size_t length = write_fragment(g, octets);
    uint8_t *exact = malloc(length - missing);
    memcpy(exact, octets, length - missing);
    struct plait_ip_octets packet = {exact, (uint32_t)(length - missing), (uint32_t)length};
    assert_true(plait_is_fragment(&packet));
    bool done = plait_fragments_add(f, g->at_ns, g->network, &packet, whole);
    free(exact);
    return done;
}

static bool add(struct plait_fragments *f, struct given g, struct plait_ip_octets *whole)
{
    return add_cut(f, &g, 0, whole);
}

static void assert_whole(const struct plait_ip_octets *whole, int version, uint32_t length)
{
    struct plait_ip ip;
    assert_ok(plait_ip_parse(whole->ip, whole->captured_octets, &ip));
    assert_int_equal(whole->captured_octets, whole->wire_octets);
    assert_int_equal(ip.src.family, version);
    assert_int_equal(ip.protocol, 17);
    assert_int_equal(ip.payload_octets, length);
    assert_int_equal(ip.payload + length - whole->ip, whole->captured_octets);
    assert_memory_equal(ip.payload, payload, length);
    assert_false(plait_is_fragment(whole));
}

static const int versions[] = {4, 6};

static void in_any_order(void **state)
{
    (void)state;
    enum { PARTS = 9, PART = 1480 };
    struct plait_ip_octets whole;
    for (int v = 0; v < 2; v++) {
        struct plait_fragments *f = begin(&plait_fragment_limits);
        struct dice dice_ = dice(3);
        for (uint32_t round = 0; round < 200; round++) {
            unsigned order[PARTS];
            for (unsigned i = 0; i < PARTS; i++)
                order[i] = i;
            for (unsigned i = PARTS - 1; i > 0; i--) {
                unsigned j = (unsigned)throw_below(&dice_, i + 1), kept = order[i];
                order[i] = order[j];
                order[j] = kept;
            }
            for (unsigned i = 0; i < PARTS; i++) {
                bool last = order[i] == PARTS - 1;
                struct given g = {.version = versions[v],
                                  .id = round,
                                  .offset = order[i] * PART,
                                  .length = last ? 77 : PART,
                                  .more = !last,
                                  .header_words = round % 3 * 2};
                assert_int_equal(add(f, g, &whole), i == PARTS - 1);
            }
            assert_whole(&whole, versions[v], (PARTS - 1) * PART + 77);
        }
        plait_fragments_end(f);
        assert_int_equal(counted(), 0);
    }
}

static void fragments_longer_than_a_piece(void **state)
{
    (void)state;
    struct plait_ip_octets whole;
    for (int v = 0; v < 2; v++) {
        struct plait_fragments *f = begin(&plait_fragment_limits);
        assert_false(add(f, FRAGMENT(versions[v], 1, 40000, 25000, false), &whole));
        assert_false(add(f, FRAGMENT(versions[v], 1, 8, 39992, true), &whole));
        assert_true(add(f, FRAGMENT(versions[v], 1, 0, 8, true), &whole));
        assert_whole(&whole, versions[v], 65000);
        assert_int_equal(counted(), 0);
    }
}

static void an_atomic_fragment_is_whole(void **state)
{
    (void)state;
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&plait_fragment_limits);
    assert_false(add(f, FRAGMENT(6, 5, 0, 800, true), &whole));
    assert_true(add(f, FRAGMENT(6, 5, 0, 100, false), &whole)); /* apart from the former */
    assert_whole(&whole, 6, 100);
    assert_true(add(f, FRAGMENT(6, 5, 800, 10, false), &whole));
    assert_whole(&whole, 6, 810);
    assert_int_equal(counted(), 0);
}

/* One fragment header behind the other: each is taken off, out of what the last call gave. */
static void nested_fragment_headers(void **state)
{
    (void)state;
    uint8_t octets[120];
    size_t length = hex("60000000 0020 2c40 20010db8000000000000000000000001"
                        "20010db8000000000000000000000002"
                        "2c000000 00000001 2c000000 00000002 11000000 00000003 aabbccddeeff0011",
                        octets, sizeof octets);
    struct plait_ip_octets packet = {octets, (uint32_t)length, (uint32_t)length};
    struct plait_fragments *f = begin(&plait_fragment_limits);
    for (int i = 0; i < 3; i++) {
        assert_true(plait_is_fragment(&packet));
        assert_true(plait_fragments_add(f, 0, 0, &packet, &packet));
    }
    assert_false(plait_is_fragment(&packet));
    assert_int_equal(packet.captured_octets, 48);
    assert_int_equal(packet.ip[6], 17);
    assert_int_equal(packet.ip[47], 0x11);
}

static void what_identifies_a_packet(void **state)
{
    (void)state;
    struct plait_ip_octets whole;
    for (int v = 0; v < 2; v++) {
        struct plait_fragments *f = begin(&plait_fragment_limits);
        struct given first = {.version = versions[v], .id = 1, .length = 8, .more = true};
        struct given second = {.version = versions[v], .id = 2, .offset = 8, .length = 8};
        assert_false(add(f, first, &whole));
        assert_false(add(f, second, &whole)); /* another identification */
        second.id = 1;
        second.network = 1;
        assert_false(add(f, second, &whole)); /* another network */
        second.network = 0;
        assert_true(add(f, second, &whole));
        plait_fragments_end(f);
        assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_LATE], 2);
        assert_int_equal(counted(), 2);
    }
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct given a, b;
        bool refused;
    } rows[] = {
        {{.offset = 8, .length = 16, .more = true},
         {.offset = 8, .length = 16, .more = true},
         false},
        {{.offset = 8, .length = 16, .more = true},
         {.offset = 16, .length = 8, .more = true},
         false},
        {{.offset = 8, .length = 16, .more = true},
         {.offset = 8, .length = 16, .more = true, .changed = 1},
         true},
        {{.offset = 8, .length = 16, .more = true},
         {.offset = 16, .length = 16, .more = true},
         true},
        {{.offset = 16, .length = 16, .more = true},
         {.offset = 8, .length = 16, .more = true},
         true},
        {{.offset = 8, .length = 8, .more = true}, {.offset = 0, .length = 24, .more = true}, true},
        {{.offset = 8, .length = 8}, {.offset = 16, .length = 8}, true},
        {{.offset = 8, .length = 8}, {.offset = 16, .length = 8, .more = true}, true},
        {{.offset = 24, .length = 8, .more = true}, {.offset = 8, .length = 8}, true},
        {{.offset = 8, .length = 8, .more = true}, {.offset = 8, .length = 8}, false}, /* the end */
    };
    struct plait_ip_octets whole;
    for (int v = 0; v < 2; v++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct plait_fragments *f = begin(&plait_fragment_limits);
            struct given a = rows[i].a, b = rows[i].b,
                         c = {.offset = 40, .length = 8, .more = true};
            a.version = b.version = c.version = versions[v];
            assert_false(add(f, a, &whole));
            assert_int_equal(counted(), 0);
            assert_false(add(f, b, &whole));
            enum plait_capture_reason reason =
                rows[i].refused ? PLAIT_CAPTURE_FRAGMENT_OVERLAP : PLAIT_CAPTURE_FRAGMENT_COPY;
            if (counts.count[reason] != 1 || counted() != 1)
                fail_msg("version %d, row %zu", versions[v], i);
            if (rows[i].refused) { /* and so is the rest of it, until its time is over */
                assert_false(add(f, c, &whole));
                assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_REFUSED], 1);
                c.at_ns = 31 * PLAIT_S;
                assert_false(add(f, c, &whole));
                assert_int_equal(counted(), 2);
            }
        }
}

static void broken_fragments(void **state)
{
    (void)state;
    static const struct given rows[] = {
        GIVEN(4, 1, 0, 7, true), GIVEN(4, 1, 65528, 8, false), GIVEN(4, 1, 8, 0, true),
        GIVEN(6, 1, 0, 7, true), GIVEN(6, 1, 65528, 8, false), GIVEN(6, 1, 8, 0, true),
    };
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&plait_fragment_limits);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_false(add(f, rows[i], &whole));
        assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_HEADER], i + 1);
    }
    uint8_t octets[100];
    struct given g = GIVEN(4, 1, 0, 8, true);
    struct plait_ip_octets packet = {octets, (uint32_t)write_fragment(&g, octets), 28};
    octets[8]++; /* its time to live */
    assert_false(plait_fragments_add(f, 0, 0, &packet, &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_HEADER], 7);
    assert_false(add_cut(f, &g, 1, &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_CUT], 1);
    assert_int_equal(counted(), 8);
    plait_fragments_end(f);
    assert_int_equal(counted(), 8); /* nothing was kept */
}

/* The header of the first is longer than that of the last, which alone would fit. */
static void too_long_as_a_whole(void **state)
{
    (void)state;
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&plait_fragment_limits);
    assert_false(add(f, FRAGMENT(4, 1, 65000, 512, false), &whole));
    assert_false(add(f, FRAGMENT(4, 1, 8, 64992, true), &whole));
    assert_false(add(f, FRAGMENT(4, 1, 0, 8, true, .header_words = 10), &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_HEADER], 1);
    assert_false(add(f, FRAGMENT(6, 1, 65000, 512, false), &whole));
    assert_false(add(f, FRAGMENT(6, 1, 8, 64992, true), &whole));
    assert_false(add(f, FRAGMENT(6, 1, 0, 8, true, .header_words = 10), &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_HEADER], 2);
}

static void time_is_limited(void **state)
{
    (void)state;
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&plait_fragment_limits);
    assert_false(add(f, FRAGMENT(4, 1, 0, 8, true, .at_ns = -PLAIT_S), &whole));
    assert_true(add(f, FRAGMENT(4, 1, 8, 8, false, .at_ns = 29 * PLAIT_S), &whole));
    assert_false(add(f, FRAGMENT(4, 2, 0, 8, true, .at_ns = 29 * PLAIT_S), &whole));
    assert_false(add(f, FRAGMENT(4, 2, 8, 8, false, .at_ns = 59 * PLAIT_S + 1), &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_LATE], 1);
    /* the ends of time */
    assert_false(add(f, FRAGMENT(4, 3, 0, 8, true, .at_ns = INT64_MIN), &whole));
    assert_false(add(f, FRAGMENT(4, 3, 0, 8, true, .at_ns = INT64_MAX), &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_LATE], 3);
}

static void packets_and_room_are_limited(void **state)
{
    (void)state;
    static const struct plait_fragment_limits few = {3, 6 * 1536, 30 * PLAIT_S};
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&few);
    for (uint32_t id = 0; id < 4; id++) /* a piece each */
        assert_false(add(f, FRAGMENT(4, id, 8, 8, true), &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_EVICTED], 1);
    assert_false(add(f, FRAGMENT(4, 9, 8, 3 * 1536, true), &whole)); /* evicts one: 5 pieces */
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_EVICTED], 2);
    assert_false(add(f, FRAGMENT(4, 9, 6000, 2 * 1536, true), &whole)); /* one more */
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_EVICTED], 3);
    assert_false(add(f, FRAGMENT(4, 9, 16000, 2 * 1536, true), &whole)); /* and the last */
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_EVICTED], 4);
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_ROOM], 1);
    assert_int_equal(counted(), 5);
    assert_false(add(f, FRAGMENT(4, 1, 0, 8, true), &whole)); /* all room is there again */
    assert_true(add(f, FRAGMENT(4, 1, 8, 3 * 1536, false), &whole));
    assert_whole(&whole, 4, 8 + 3 * 1536);
}

static void fragments_of_a_packet_are_limited(void **state)
{
    (void)state;
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&plait_fragment_limits);
    for (uint32_t i = 0; i < PLAIT_FRAGMENTS_PER_PACKET_MAX; i++)
        assert_false(add(f, FRAGMENT(6, 1, 8 + 8 * i, 8, true), &whole));
    assert_int_equal(counted(), 0);
    assert_false(add(f, FRAGMENT(6, 1, 0, 8, true), &whole));
    assert_int_equal(counts.count[PLAIT_CAPTURE_FRAGMENT_ROOM], 1);
}

/* Whatever comes, what is complete is right, memory stays, and everything is given back. */
static void at_random(void **state)
{
    (void)state;
    static const struct plait_fragment_limits few = {8, 40 * 1536, PLAIT_S};
    struct plait_ip_octets whole;
    struct plait_fragments *f = begin(&few);
    struct dice dice_ = dice(11);
    unsigned complete = 0;
    for (unsigned i = 0; i < 200000; i++) {
        struct given g = {.version = versions[throw_below(&dice_, 2)],
                          .id = (uint32_t)throw_below(&dice_, 12),
                          .offset = 16 * (uint32_t)throw_below(&dice_, 3),
                          .length = 16,
                          .at_ns = (plait_time_ns)i * 5 * PLAIT_MS};
        if (throw_below(&dice_, 30) == 0)
            g.offset += 8;
        g.more = g.offset + g.length < 48 || throw_below(&dice_, 30) == 0;
        g.changed = throw_below(&dice_, 50) == 0;
        if (g.version == 6 && g.offset == 0 && !g.more)
            continue;
        if (add(f, g, &whole)) {
            struct plait_ip ip;
            assert_ok(plait_ip_parse(whole.ip, whole.captured_octets, &ip));
            complete++;
        }
    }
    assert_true(complete > 1000);
    /* what a call gives out, 40 pieces, 8 packets, a table */
    assert_in_range(arena.used_octets, 65600 + 1536, 65600 + 40 * 1600 + 8 * 256 + 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_any_order),
        cmocka_unit_test(fragments_longer_than_a_piece),
        cmocka_unit_test(an_atomic_fragment_is_whole),
        cmocka_unit_test(nested_fragment_headers),
        cmocka_unit_test(what_identifies_a_packet),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(broken_fragments),
        cmocka_unit_test(too_long_as_a_whole),
        cmocka_unit_test(time_is_limited),
        cmocka_unit_test(packets_and_room_are_limited),
        cmocka_unit_test(fragments_of_a_packet_are_limited),
        cmocka_unit_test(at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
