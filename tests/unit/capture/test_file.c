/* Framing: every kind of pcap and pcapng, from every kind of source, cut and broken anywhere. */
#include <stdlib.h>

#include "tests/unit/capture/build.h"

#include "capture/file.h"

#define ROOM 8192

static uint8_t octets[ROOM];

static struct build begin(bool little)
{
    return (struct build){plait_writer(octets, sizeof octets), little};
}

static size_t length_of(const struct build *b)
{
    assert_ok(plait_writer_result(&b->w));
    return plait_writer_used(&b->w);
}

/* The one reason that was counted, once; fails if it is another one. */
static void assert_counted(const struct plait_capture_counts *counts,
                           enum plait_capture_reason reason)
{
    for (int i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        if (counts->count[i] != (i == (int)reason))
            fail_msg("%s counted %u times", plait_capture_reason_name((enum plait_capture_reason)i),
                     (unsigned)counts->count[i]);
}

enum { NOTHING = PLAIT_CAPTURE_REASON_COUNT };

static void assert_nothing_counted(const struct plait_capture_counts *counts)
{
    assert_counted(counts, (enum plait_capture_reason)NOTHING);
}

/* ---- sources of a test ---- */

/* Gives STEP octets a time, and if POLITE says "wait" before each. */
struct drip {
    const uint8_t *at, *end;
    size_t step;
    bool polite, gave;
};

static enum plait_pull pull_drip(void *self, uint8_t *to, size_t room, size_t *got)
{
    struct drip *d = self;
    if (d->at == d->end)
        return PLAIT_PULL_END;
    if (d->polite && (d->gave = !d->gave))
        return PLAIT_PULL_WAIT;
    size_t left = (size_t)(d->end - d->at);
    *got = d->step < left ? d->step : left;
    *got = *got < room ? *got : room;
    memcpy(to, d->at, *got);
    d->at += *got;
    return PLAIT_PULL_SOME;
}

static enum plait_next next_without_wait(struct plait_file *file, struct plait_frame *frame)
{
    enum plait_next next;
    do
        next = plait_file_next(file, frame);
    while (next == PLAIT_NEXT_WAIT);
    return next;
}

/* What a file is, told by a number: frames with their times, lengths and octets. */
static uint64_t digest_frame(uint64_t digest, const struct plait_frame *f)
{
    const uint64_t values[] = {f->number,      (uint64_t)f->at_ns, f->length_octets,
                               f->wire_octets, f->link_type,       f->interface,
                               f->section,     f->options_octets};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        digest = (digest ^ values[i]) * 0x100000001b3;
    for (uint32_t i = 0; i < f->length_octets; i++)
        digest = (digest ^ f->octets[i]) * 0x100000001b3;
    return digest;
}

struct outcome {
    uint64_t frames;
    uint64_t digest;
    struct plait_capture_counts counts;
};

static void read_to_end(struct plait_file *file, struct outcome *o)
{
    struct plait_frame frame;
    assert_non_null(file);
    while (next_without_wait(file, &frame) == PLAIT_NEXT_FRAME) {
        o->frames++;
        o->digest = digest_frame(o->digest, &frame);
    }
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    plait_file_free(file);
}

/* In a block of exactly LENGTH octets, so that ASan knows the end. */
static struct outcome read_memory(const void *from, size_t length)
{
    struct outcome o = {0};
    uint8_t *exact = malloc(length ? length : 1);
    memcpy(exact, from, length);
    read_to_end(plait_file_memory(exact, length, &o.counts), &o);
    free(exact);
    return o;
}

static struct outcome read_drip(const void *from, size_t length, size_t step, bool polite)
{
    struct outcome o = {0};
    struct drip d = {from, (const uint8_t *)from + length, step, polite, false};
    struct plait_source source = {pull_drip, &d};
    read_to_end(plait_file_new(source, PLAIT_FILE_BUFFER_MIN_OCTETS, &o.counts), &o);
    return o;
}

/* ---- pcap ---- */

static void every_kind_of_pcap_in_both_orders(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        const char *behind_file_head, *behind_record_head;
        int64_t at_ns;
    } rows[] = {
        {0xa1b2c3d4, "", "", 1700000000123456000},
        {0xa1b23c4d, "", "", 1700000000000123456},
        {0xa1b2cd34, "", "00000002 0800 00 00", 1700000000123456000},
        {0x1c0001ac, "00000016", "", 1700000000123456000},
        {0x1c0001ab, "00000016", "", 1700000000123456000},
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct plait_capture_counts counts = {0};
        struct plait_frame frame;
        struct build b = begin(i % 2);
        put_pcap(&b, rows[i / 2].magic, 2, 4, 0x44000001); /* frame check sequence: 4 octets */
        put_hex(&b, rows[i / 2].behind_file_head);
        put_record(&b, 1700000000, 123456, 6, 1500);
        put_hex(&b, rows[i / 2].behind_record_head);
        put_hex(&b, "010203040506");
        struct plait_file *file = plait_file_memory(octets, length_of(&b), &counts);
        assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
        assert_int_equal(plait_file_kind(file), PLAIT_FILE_PCAP);
        assert_int_equal(frame.number, 1);
        assert_true(frame.at_ns == rows[i / 2].at_ns);
        assert_int_equal(frame.link_type, 1);
        assert_int_equal(frame.length_octets, 6);
        assert_int_equal(frame.wire_octets, 1500);
        assert_memory_equal(frame.octets, "\1\2\3\4\5\6", 6);
        assert_int_equal(plait_file_octets(file),
                         length_of(&b) - 24 - strlen(rows[i / 2].behind_file_head) / 2);
        assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
        assert_nothing_counted(&counts);
        plait_file_free(file);
    }
}

static void versions_of_pcap(void **state)
{
    (void)state;
    static const struct {
        uint16_t major, minor;
        uint32_t first, second;
        bool is_read;
    } rows[] = {
        {2, 4, 4, 60, true},   {2, 2, 60, 4, true},  {2, 3, 60, 4, true},  {2, 3, 4, 60, true},
        {543, 0, 60, 4, true}, {2, 5, 4, 60, false}, {1, 0, 4, 60, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_capture_counts counts = {0};
        struct plait_frame frame;
        struct build b = begin(true);
        put_pcap(&b, 0xa1b2c3d4, rows[i].major, rows[i].minor, 101);
        put_record(&b, 1, 0, rows[i].first, rows[i].second);
        put_hex(&b, "01020304");
        struct plait_file *file = plait_file_memory(octets, length_of(&b), &counts);
        enum plait_next next = plait_file_next(file, &frame);
        assert_int_equal(next, rows[i].is_read ? PLAIT_NEXT_FRAME : PLAIT_NEXT_END);
        if (rows[i].is_read) {
            assert_int_equal(frame.length_octets, 4);
            assert_int_equal(frame.wire_octets, 60);
        } else {
            assert_counted(&counts, PLAIT_CAPTURE_FILE_VERSION);
        }
        plait_file_free(file);
    }
}

/* A file that says less was there than was captured is believed the latter. */
static void more_captured_than_there_was(void **state)
{
    (void)state;
    struct plait_capture_counts counts = {0};
    struct plait_frame frame;
    struct build b = begin(true);
    put_pcap(&b, 0xa1b2c3d4, 2, 4, 101);
    put_record(&b, 1, 0, 4, 2);
    put_hex(&b, "01020304");
    struct plait_file *file = plait_file_memory(octets, length_of(&b), &counts);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
    assert_int_equal(frame.length_octets, 4);
    assert_int_equal(frame.wire_octets, 4);
    plait_file_free(file);
}

/* ---- pcapng ---- */

static const char *const payloads[] = {"first", "second packet", "third", "4", "", "sixth"};

static void put_flags_and_comment(struct build *b, uint32_t flags)
{
    uint8_t value[4];
    struct build v = {plait_writer(value, 4), b->little};
    put_u32(&v, flags);
    put_option(b, 2, value, 4);
    put_option(b, 1, "a comment", 9);
    put_u32(b, 0);
}

/* Two sections of different byte order with everything that there is. */
static size_t build_rich(void)
{
    struct build b = begin(false);
    put_section(&b, true);
    put_interface(&b, 101, "eth0", 6, 0);
    put_interface(&b, 1, NULL, 9, 0);
    put_packet(&b, 0, 1700000000123456, payloads[0], 5);
    put_block(&b, 4, "names", 5);
    put_block(&b, 5, "statistics", 10);
    uint8_t *start = begin_packet(&b, 6, 1, 1700000000123456789, payloads[1], 13, 77);
    put_flags_and_comment(&b, 2);
    end_block(&b, start);
    end_block(&b, begin_packet(&b, 2, 1, 5, payloads[2], 5, 5));
    put_block(&b, 9, "journal", 7);
    put_block(&b, 10, "secrets", 7);
    put_section(&b, false);
    put_block(&b, 0xbad, "custom", 6);
    put_block(&b, 0x40000bad, "custom", 6);
    put_block(&b, 0x12345, "unknown", 7);
    put_interface(&b, 228, "an interface whose name is longer than is kept", 0x8a, 10);
    put_packet(&b, 0, 1536, payloads[3], 1);
    put_packet(&b, 0, 1024, payloads[4], 0);
    uint8_t simple[9] = {0, 0, 0, 99, 's', 'i', 'x', 't', 'h'};
    put_block(&b, 3, simple, sizeof simple);
    return length_of(&b);
}

static const struct {
    int64_t at_ns;
    uint32_t length, wire;
    uint16_t link_type, interface;
    uint32_t section;
} rich[] = {
    {1700000000123456000, 5, 5, 101, 0, 0},
    {1700000000123456789, 13, 77, 1, 1, 0},
    {5, 5, 5, 1, 1, 0},
    {11500000000, 1, 1, 228, 0, 1},
    {11000000000, 0, 0, 228, 0, 1},
    {11000000000, 8, 99, 228, 0, 1},
};

static void sections_interfaces_and_all_blocks(void **state)
{
    (void)state;
    struct plait_capture_counts counts = {0}, expected = {0};
    struct plait_frame frame;
    struct plait_file *file = plait_file_memory(octets, build_rich(), &counts);
    for (unsigned i = 0; i < sizeof rich / sizeof rich[0]; i++) {
        size_t length = 0;
        assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
        assert_int_equal(frame.number, i + 1);
        assert_true(frame.at_ns == rich[i].at_ns);
        assert_int_equal(frame.length_octets, rich[i].length);
        assert_int_equal(frame.wire_octets, rich[i].wire);
        assert_int_equal(frame.link_type, rich[i].link_type);
        assert_int_equal(frame.interface, rich[i].interface);
        assert_int_equal(frame.section, rich[i].section);
        assert_memory_equal(frame.octets, payloads[i], strlen(payloads[i]));
        const char *comment = plait_frame_comment(&frame, &length);
        assert_int_equal(comment != NULL, i == 1);
        assert_int_equal(plait_frame_direction(&frame),
                         i == 1 ? PLAIT_FRAME_OUT : PLAIT_FRAME_UNKNOWN_DIRECTION);
        if (comment)
            assert_true(length == 9 && memcmp(comment, "a comment", 9) == 0);
        if (i == 0)
            assert_string_equal(plait_file_interface(file, 0)->name, "eth0");
    }
    assert_string_equal(plait_file_interface(file, 0)->name, "an interface whose name is long");
    assert_null(plait_file_interface(file, 1));
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    assert_int_equal(plait_file_kind(file), PLAIT_FILE_PCAPNG);
    static const struct {
        enum plait_capture_reason reason;
        uint64_t count;
    } counted[] = {{PLAIT_CAPTURE_BLOCK_NAMES, 1},   {PLAIT_CAPTURE_BLOCK_STATISTICS, 1},
                   {PLAIT_CAPTURE_BLOCK_JOURNAL, 1}, {PLAIT_CAPTURE_BLOCK_SECRETS, 1},
                   {PLAIT_CAPTURE_BLOCK_CUSTOM, 2},  {PLAIT_CAPTURE_BLOCK_UNKNOWN, 1},
                   {PLAIT_CAPTURE_PACKET_NO_TIME, 1}};
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++)
        expected.count[counted[i].reason] = counted[i].count;
    assert_memory_equal(&counts, &expected, sizeof counts);
    plait_file_free(file);
}

static void put_statistics(struct build *b, uint32_t interface, uint64_t by_interface,
                           uint64_t by_system)
{
    uint8_t *start = begin_block(b, 5);
    put_u32(b, interface);
    put_u64(b, 0); /* time */
    put_option(b, 1, "a comment", 9);
    put_u16(b, 5);
    put_u16(b, 8);
    put_u64(b, by_interface);
    put_u16(b, 7);
    put_u16(b, 8);
    put_u64(b, by_system);
    put_u32(b, 0); /* end of options */
    end_block(b, start);
}

/* Statistics count from the beginning of an interface's capture: the last ones say it all. */
static void packets_that_were_dropped(void **state)
{
    (void)state;
    static const struct {
        uint32_t interface;
        uint64_t by_interface, by_system, wanted;
    } rows[] = {{0, 0, 0, 0},  {0, 2, 1, 3},
                {0, 2, 1, 3},  {1, 4, 0, 7},
                {0, 2, 5, 11}, {2, 100, 100, 11}, /* that is not described */
                {1, 0, 0, 11}, {1, UINT64_MAX, UINT64_MAX, 7 + (uint64_t)UINT32_MAX}};
    for (unsigned little = 0; little < 2; little++) {
        struct plait_capture_counts counts = {0};
        struct plait_frame frame;
        struct build b = begin(little);
        put_section(&b, little);
        put_interface(&b, 1, NULL, 6, 0);
        put_interface(&b, 1, NULL, 6, 0);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            put_statistics(&b, rows[i].interface, rows[i].by_interface, rows[i].by_system);
            put_packet(&b, 0, 1, "x", 1);
        }
        struct plait_file *file = plait_file_memory(octets, length_of(&b), &counts);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
            assert_int_equal(counts.count[PLAIT_CAPTURE_PACKETS_DROPPED], rows[i].wanted);
            assert_int_equal(counts.count[PLAIT_CAPTURE_BLOCK_STATISTICS], i + 1);
        }
        plait_file_free(file);
    }
}

/* A difference of two times is one of 64 bits. */
static void units_of_time(void **state)
{
    (void)state;
    const int64_t most_ns = INT64_MAX / 2;
    const struct {
        uint8_t resolution;
        int64_t offset_s;
        uint64_t ticks;
        int64_t at_ns;
        uint64_t out_of_range;
    } rows[] = {
        {0, 0, 7, 7000000000, 0},
        {3, 0, 1700000000001, 1700000000001000000, 0},
        {9, 1, 1, 1000000001, 0},
        {9, -1, 1, -999999999, 0},
        {12, 0, 1999, 1, 0},
        {19, 0, 12345678901234567890u, 1234567890, 0},
        {0x80 | 32, 0, 0x180000000, 1500000000, 0},
        {0x80 | 63, 0, 0x4000000000000000, 500000000, 0},
        {0, 0, UINT64_MAX, most_ns, 1},
        {9, 0, UINT64_MAX, most_ns, 1},
        {6, INT64_MIN, 0, -most_ns, 1},
        {9, 0, most_ns, most_ns, 0},
        {9, 0, most_ns + 1ull, most_ns, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_capture_counts counts = {0};
        struct plait_frame frame;
        struct build b = begin(i % 2);
        put_section(&b, i % 2);
        put_interface(&b, 1, NULL, rows[i].resolution, rows[i].offset_s);
        put_packet(&b, 0, rows[i].ticks, "x", 1);
        struct plait_file *file = plait_file_memory(octets, length_of(&b), &counts);
        assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
        assert_true(frame.at_ns == rows[i].at_ns);
        assert_int_equal(counts.count[PLAIT_CAPTURE_TIME_RANGE], rows[i].out_of_range);
        plait_file_free(file);
    }
}

/* What is wrong with one record costs that record, or the rest; never what stood before. */
static void faults_of_pcapng(void **state)
{
    (void)state;
    enum {
        RESOLUTION = 20,
        OPTION_LONG,
        NO_SECTION_VERSION,
        NO_ORDER,
        BAD_LENGTH,
        BAD_TAIL,
        ODD,
        FOREIGN,
        LONG_DATA,
        SHORT_BODY
    };
    static const struct {
        int fault;
        enum plait_capture_reason reason;
        unsigned times, frames;
    } rows[] = {
        {RESOLUTION, PLAIT_CAPTURE_INTERFACE_TIME, 1, 2},
        {OPTION_LONG, PLAIT_CAPTURE_INTERFACE_TIME, 1, 2},
        {NO_SECTION_VERSION, PLAIT_CAPTURE_FILE_VERSION, 1, 1},
        {NO_ORDER, PLAIT_CAPTURE_BYTE_ORDER, 1, 1},
        {BAD_LENGTH, PLAIT_CAPTURE_RECORD_LENGTH, 1, 1},
        {BAD_TAIL, PLAIT_CAPTURE_RECORD_LENGTH, 1, 1},
        {ODD, PLAIT_CAPTURE_RECORD_LENGTH, 1, 1},
        {FOREIGN, PLAIT_CAPTURE_PACKET_INTERFACE, 1, 2},
        {LONG_DATA, PLAIT_CAPTURE_PACKET_RECORD, 1, 2},
        {SHORT_BODY, PLAIT_CAPTURE_PACKET_RECORD, 1, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int fault = rows[i].fault;
        struct build b = begin(true);
        put_section(&b, true);
        put_interface(&b, 1, NULL, 6, 0);
        put_packet(&b, 0, 1, "before", 6);
        uint8_t *at = b.w.at;
        if (fault == RESOLUTION || fault == OPTION_LONG) {
            put_interface(&b, 1, NULL, 20, 0);
            if (fault == OPTION_LONG)
                at[18] = 200; /* of the option's length */
            put_packet(&b, 1, 1, "of it", 5);
        } else if (fault == NO_SECTION_VERSION || fault == NO_ORDER) {
            put_section(&b, true);
            at[fault == NO_ORDER ? 8 : 12] = 9;
        } else if (fault == SHORT_BODY) {
            put_block(&b, 6, "0123456789abcdef", 16);
        } else {
            put_packet(&b, fault == FOREIGN ? 1 : 0, 1, "bad", 3);
            if (fault == BAD_LENGTH)
                at[4] = 8;
            if (fault == BAD_TAIL)
                b.w.at[-4] ^= 4;
            if (fault == ODD) { /* alike in front and behind */
                at[4] += 1;
                plait_write_u8(&b.w, 0);
                memmove(b.w.at - 4, b.w.at - 5, 4);
                b.w.at[-4] += 1;
            }
            if (fault == LONG_DATA)
                at[20] = 5;
        }
        put_packet(&b, 0, 2, "after", 5);
        struct outcome o = read_memory(octets, length_of(&b));
        if (o.frames != rows[i].frames || o.counts.count[rows[i].reason] != rows[i].times)
            fail_msg("row %zu: %u frames, counted %u times", i, (unsigned)o.frames,
                     (unsigned)o.counts.count[rows[i].reason]);
    }
}

static void too_many_interfaces(void **state)
{
    (void)state;
    static uint8_t many[32 * (PLAIT_FILE_INTERFACES_MAX + 4)];
    struct build b = {plait_writer(many, sizeof many), true};
    put_section(&b, true);
    for (unsigned i = 0; i <= PLAIT_FILE_INTERFACES_MAX; i++)
        put_interface(&b, 1, NULL, 6, 0);
    put_packet(&b, PLAIT_FILE_INTERFACES_MAX, 1, "x", 1);
    put_packet(&b, PLAIT_FILE_INTERFACES_MAX - 1, 1, "x", 1);
    struct outcome o = read_memory(many, length_of(&b));
    assert_int_equal(o.frames, 1);
    assert_int_equal(o.counts.count[PLAIT_CAPTURE_INTERFACE_MANY], 1);
    assert_int_equal(o.counts.count[PLAIT_CAPTURE_PACKET_INTERFACE], 1);
}

/* ---- sources, cuts ---- */

static size_t build_pcap(void)
{
    struct build b = begin(true);
    put_pcap(&b, 0xa1b2c3d4, 2, 4, 101);
    for (uint32_t i = 0; i < 20; i++) {
        put_record(&b, i, i, 3 * i, 100);
        plait_write_zeros(&b.w, 3 * (size_t)i);
    }
    return length_of(&b);
}

static void all_sources_agree(void **state)
{
    (void)state;
    for (int format = 0; format < 2; format++) {
        size_t length = format ? build_rich() : build_pcap();
        struct outcome whole = read_memory(octets, length);
        assert_int_equal(whole.frames, format ? 6 : 20);
        for (size_t step = 1; step < 9; step += 3)
            for (int polite = 0; polite < 2; polite++) {
                struct outcome o = read_drip(octets, length, step, polite);
                assert_memory_equal(&o, &whole, sizeof o);
            }
    }
}

static void cut_at_any_octet(void **state)
{
    (void)state;
    for (int format = 0; format < 2; format++) {
        size_t length = format ? build_rich() : build_pcap();
        unsigned most = 0, clean = 0;
        for (size_t n = 0; n < length; n++) {
            struct outcome o = read_memory(octets, n), dripped = read_drip(octets, n, 5, true);
            assert_memory_equal(&o, &dripped, sizeof o);
            assert_true(o.frames == most || o.frames == most + 1);
            most = o.frames;
            uint64_t cut = o.counts.count[PLAIT_CAPTURE_FILE_CUT];
            uint64_t none = o.counts.count[PLAIT_CAPTURE_FILE_EMPTY] +
                            o.counts.count[PLAIT_CAPTURE_FILE_UNKNOWN];
            assert_int_equal(none, n < 4);
            assert_true(cut + none <= 1);
            clean += cut + none == 0;
        }
        assert_int_equal(most, format ? 5 : 19);
        assert_int_equal(clean, format ? 17 : 20); /* between blocks, behind the file's head */
    }
}

/* Records of 5,000 octets do not fit a buffer of 4,096; blocks of other kinds need not. */
static void what_does_not_fit_the_buffer(void **state)
{
    (void)state;
    static uint8_t big[40000], data[9000];
    for (int format = 0; format < 2; format++) {
        struct build b = {plait_writer(big, sizeof big), true};
        if (format) {
            put_section(&b, true);
            put_interface(&b, 1, NULL, 6, 0);
            put_packet(&b, 0, 1, data, 10);
            put_packet(&b, 0, 1, data, 5000);
            put_block(&b, 10, data, 9000);
            put_packet(&b, 0, 1, data, 4000);
        } else {
            put_pcap(&b, 0xa1b2c3d4, 2, 4, 1);
            static const uint32_t lengths[] = {10, 5000, 4080};
            for (int i = 0; i < 3; i++) {
                put_record(&b, 1, 0, lengths[i], lengths[i]);
                plait_write_zeros(&b.w, lengths[i]);
            }
        }
        size_t length = length_of(&b);
        struct outcome o = read_drip(big, length, 1000, true);
        assert_int_equal(o.frames, 2);
        assert_int_equal(o.counts.count[PLAIT_CAPTURE_RECORD_LONG], 1);
        assert_int_equal(o.counts.count[PLAIT_CAPTURE_BLOCK_SECRETS], format);
        assert_int_equal(o.counts.count[PLAIT_CAPTURE_FILE_CUT], 0);
        o = read_drip(big, length - 4095, 1000,
                      false); /* within what is passed over, or the last */
        assert_int_equal(o.frames, 1);
        assert_int_equal(o.counts.count[PLAIT_CAPTURE_FILE_CUT], 1);
        assert_int_equal(read_memory(big, length).frames, 3);
    }
}

/* A section header and an interface that are longer than the buffer. */
static void long_sections_and_interfaces(void **state)
{
    (void)state;
    static uint8_t big[40000], comment[6000];
    struct build b = {plait_writer(big, sizeof big), true};
    put_section(&b, true);
    uint8_t *start = begin_block(&b, 0x0a0d0d0a);
    put_u32(&b, 0x1a2b3c4d);
    put_u32(&b, 1);
    put_u64(&b, UINT64_MAX);
    put_option(&b, 1, comment, sizeof comment);
    end_block(&b, start);
    start = begin_block(&b, 1);
    put_u64(&b, 1);
    put_option(&b, 1, comment, sizeof comment);
    end_block(&b, start);
    put_interface(&b, 1, NULL, 6, 0);
    put_packet(&b, 0, 1, "x", 1);
    put_packet(&b, 1, 1, "x", 1);
    struct outcome o = read_drip(big, length_of(&b), 100, true);
    assert_int_equal(o.frames, 1);
    assert_int_equal(o.counts.count[PLAIT_CAPTURE_INTERFACE_RECORD], 1);
    assert_int_equal(o.counts.count[PLAIT_CAPTURE_INTERFACE_TIME], 1);
    assert_int_equal(read_memory(big, length_of(&b)).frames, 2);
}

static void neither_format(void **state)
{
    (void)state;
    struct outcome o = read_memory("GIF89a..................", 24);
    assert_counted(&o.counts, PLAIT_CAPTURE_FILE_UNKNOWN);
    o = read_memory("", 0);
    assert_counted(&o.counts, PLAIT_CAPTURE_FILE_EMPTY);
    o = read_drip("abc", 3, 1, true);
    assert_counted(&o.counts, PLAIT_CAPTURE_FILE_UNKNOWN);
    struct plait_capture_counts counts = {0};
    struct plait_frame frame;
    struct plait_file *file = plait_file_memory(NULL, 0, &counts);
    assert_int_equal(plait_file_kind(file), PLAIT_FILE_UNDECIDED);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    assert_int_equal(plait_file_kind(file), PLAIT_FILE_NEITHER);
    plait_file_free(file);
}

static void every_changed_octet_ends(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (int format = 0; format < 2; format++) {
        size_t length = format ? build_rich() : build_pcap();
        for (size_t n = 0; n < length; n++)
            for (size_t v = 0; v < sizeof values; v++) {
                uint8_t kept = octets[n];
                octets[n] = values[v];
                assert_true(read_memory(octets, length).frames <= length / 16);
                octets[n] = kept;
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_pcap_in_both_orders),
        cmocka_unit_test(versions_of_pcap),
        cmocka_unit_test(more_captured_than_there_was),
        cmocka_unit_test(sections_interfaces_and_all_blocks),
        cmocka_unit_test(packets_that_were_dropped),
        cmocka_unit_test(units_of_time),
        cmocka_unit_test(faults_of_pcapng),
        cmocka_unit_test(too_many_interfaces),
        cmocka_unit_test(all_sources_agree),
        cmocka_unit_test(cut_at_any_octet),
        cmocka_unit_test(what_does_not_fit_the_buffer),
        cmocka_unit_test(long_sections_and_interfaces),
        cmocka_unit_test(neither_format),
        cmocka_unit_test(every_changed_octet_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
