/* gzip and zstd: whole, in several members, cut, corrupt, with other octets behind, in drops. */
#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>

#include "tests/unit/capture/build.h"
#include "tests/unit/dice.h"

#include "base/octets.h"
#include "capture/file.h"
#include "capture/unpack.h"

#define PACKETS     3000u
#define ROOM_OCTETS 400000u

static uint8_t plain[ROOM_OCTETS], packed[2 * ROOM_OCTETS];

/* Packets that compress to about a half. */
static size_t build_plain(void)
{
    struct build b = {plait_writer(plain, sizeof plain), true};
    struct dice dice_ = dice(1);
    put_pcap(&b, 0xa1b2c3d4, 2, 4, 101);
    for (uint32_t i = 0; i < PACKETS; i++) {
        put_record(&b, i, 0, 80, 80);
        for (int n = 0; n < 5; n++)
            put_u64(&b, throw_u64(&dice_));
        plait_write_zeros(&b.w, 40);
    }
    assert_ok(plait_writer_result(&b.w));
    return plait_writer_used(&b.w);
}

static size_t gzip(const uint8_t *from, size_t length, uint8_t *to, size_t room)
{
    z_stream z = {.next_in = (Bytef *)from,
                  .avail_in = (unsigned)length,
                  .next_out = to,
                  .avail_out = (unsigned)room};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t made = (size_t)(z.next_out - to);
    deflateEnd(&z);
    return made;
}

static size_t zstd_with(int checksum, const uint8_t *from, size_t length, uint8_t *to, size_t room)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    assert_non_null(context);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum);
    size_t made = ZSTD_compress2(context, to, room, from, length);
    assert_false(ZSTD_isError(made));
    ZSTD_freeCCtx(context);
    return made;
}

static size_t zstd(const uint8_t *from, size_t length, uint8_t *to, size_t room)
{
    return zstd_with(1, from, length, to, room);
}

static size_t zstd_unsummed(const uint8_t *from, size_t length, uint8_t *to, size_t room)
{
    return zstd_with(0, from, length, to, room);
}

static const struct packer {
    const char *name;
    size_t (*pack)(const uint8_t *from, size_t length, uint8_t *to, size_t room);
} packers[] = {{"gzip", gzip}, {"zstd", zstd}, {"zstd without checksum", zstd_unsummed}};

enum { SUMMED_PACKERS = 2, PACKERS = sizeof packers / sizeof packers[0] };

/* ---- a source in drops ---- */

struct drip {
    const uint8_t *at, *end;
    size_t step;
    bool gave, endless; /* endless: as a file that may grow */
};

static enum plait_pull pull_drip(void *self, uint8_t *to, size_t room, size_t *got)
{
    struct drip *d = self;
    if (d->at == d->end)
        return d->endless ? PLAIT_PULL_WAIT : PLAIT_PULL_END;
    if ((d->gave = !d->gave))
        return PLAIT_PULL_WAIT;
    size_t left = (size_t)(d->end - d->at);
    *got = d->step < left ? d->step : left;
    *got = *got < room ? *got : room;
    memcpy(to, d->at, *got);
    d->at += *got;
    return PLAIT_PULL_SOME;
}

struct outcome {
    unsigned frames, wrong;
    struct plait_capture_counts counts;
};

static void read_to_end(struct plait_file *file, struct outcome *o)
{
    struct plait_frame frame;
    enum plait_next next;
    assert_non_null(file);
    while ((next = plait_file_next(file, &frame)) != PLAIT_NEXT_END) {
        if (next == PLAIT_NEXT_WAIT)
            continue;
        const uint8_t *there = plain + 24 + (size_t)o->frames * 96 + 16;
        o->wrong += frame.length_octets != 80 || memcmp(frame.octets, there, 80) != 0;
        o->frames++;
    }
    plait_file_free(file);
}

static struct outcome read_packed(size_t length)
{
    struct outcome o = {0};
    uint8_t *exact = malloc(length);
    memcpy(exact, packed, length);
    read_to_end(plait_file_memory(exact, length, &o.counts), &o);
    free(exact);
    return o;
}

static struct outcome read_dripped(size_t length, size_t step)
{
    struct outcome o = {0};
    struct drip d = {packed, packed + length, step, false, false};
    read_to_end(plait_file_new((struct plait_source){pull_drip, &d}, PLAIT_FILE_BUFFER_MIN_OCTETS,
                               &o.counts),
                &o);
    return o;
}

static unsigned counted(const struct plait_capture_counts *counts)
{
    unsigned sum = 0;
    for (int i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        sum += (unsigned)counts->count[i];
    return sum;
}

static void assert_outcome(const struct outcome *o, unsigned frames, int reason)
{
    assert_int_equal(o->wrong, 0);
    assert_int_equal(o->frames, frames);
    assert_int_equal(counted(&o->counts), reason >= 0);
    if (reason >= 0)
        assert_int_equal(o->counts.count[reason], 1);
}

/* ---- tests ---- */

static void both_kinds_whole_and_in_drops(void **state)
{
    (void)state;
    size_t length = build_plain();
    for (int i = 0; i < PACKERS; i++) {
        size_t made = packers[i].pack(plain, length, packed, sizeof packed);
        assert_true(made < length * 2 / 3);
        struct outcome o = read_packed(made);
        assert_outcome(&o, PACKETS, -1);
        for (size_t step = 1; step < 10000; step = 20 * step + 1) {
            o = read_dripped(made, step);
            assert_outcome(&o, PACKETS, -1);
        }
    }
}

/* One long run of zeros behind a small input: the library's output has to wait for room. */
static void much_from_little(void **state)
{
    (void)state;
    static uint8_t zeros[ROOM_OCTETS];
    struct build b = {plait_writer(zeros, sizeof zeros), true};
    put_pcap(&b, 0xa1b2c3d4, 2, 4, 101); /* and then records of no octets at time 0 */
    for (int i = 0; i < PACKERS; i++) {
        size_t made = packers[i].pack(zeros, 24 + 16 * 20000, packed, sizeof packed);
        assert_true(made < 2000);
        struct outcome o = {0};
        struct plait_frame frame;
        struct drip d = {packed, packed + made, made, false, true};
        struct plait_file *file = plait_file_new((struct plait_source){pull_drip, &d},
                                                 PLAIT_FILE_BUFFER_MIN_OCTETS, &o.counts);
        assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_WAIT);
        while (plait_file_next(file, &frame) == PLAIT_NEXT_FRAME) /* no further wait */
            o.frames++;
        assert_int_equal(o.frames, 20000);
        assert_int_equal(counted(&o.counts), 0);
        plait_file_free(file);
    }
}

/* A file that grows by blocks: all that a block says is there before the next one is. */
static void a_block_is_not_kept_back(void **state)
{
    (void)state;
    enum { BLOCK_OCTETS = 128 << 10, LAST_BLOCK_OCTETS = 4, RECORD_OCTETS = 16 };
    static uint8_t zeros[3 * BLOCK_OCTETS];
    struct plait_capture_counts counts = {0};
    struct plait_frame frame;
    unsigned frames = 0;
    struct build b = {plait_writer(zeros, sizeof zeros), true};
    put_pcap(&b, 0xa1b2c3d4, 2, 4, 101);
    size_t made = zstd_unsummed(zeros, sizeof zeros, packed, sizeof packed) - LAST_BLOCK_OCTETS;
    struct drip d = {packed, packed + made, made, true, true};
    struct plait_file *file =
        plait_file_new((struct plait_source){pull_drip, &d}, PLAIT_FILE_BUFFER_MIN_OCTETS, &counts);
    while (plait_file_next(file, &frame) == PLAIT_NEXT_FRAME)
        frames++;
    assert_int_equal(frames, (2 * BLOCK_OCTETS - 24) / RECORD_OCTETS);
    plait_file_free(file);
}

static void several_members_are_one_stream(void **state)
{
    (void)state;
    size_t length = build_plain();
    for (int i = 0; i < PACKERS; i++) {
        size_t made = packers[i].pack(plain, 1000, packed, sizeof packed);
        made += packers[i].pack(plain + 1000, 0, packed + made, sizeof packed - made);
        if (packers[i].pack != gzip) { /* a frame to be skipped */
            memcpy(packed + made, "\x5a\x2a\x4d\x18\x03\0\0\0abc", 11);
            made += 11;
        }
        made += packers[i].pack(plain + 1000, length - 1000, packed + made, sizeof packed - made);
        struct outcome o = read_packed(made);
        assert_outcome(&o, PACKETS, -1);
        o = read_dripped(made, 7);
        assert_outcome(&o, PACKETS, -1);
        memset(packed + made, 0, 100);
        o = read_packed(made + 100); /* padding of a tape */
        assert_outcome(&o, PACKETS, -1);
        packed[made + 50] = 'x';
        o = read_packed(made + 100);
        assert_outcome(&o, PACKETS, PLAIT_CAPTURE_COMPRESSED_TAIL);
        o = read_packed(made + 1);
        assert_outcome(&o, PACKETS, -1);
    }
}

static void cut_anywhere_the_rest_is_delivered(void **state)
{
    (void)state;
    size_t length = build_plain();
    for (int i = 0; i < PACKERS; i++) {
        size_t made = packers[i].pack(plain, length, packed, sizeof packed);
        unsigned most = 0;
        for (size_t n = 4; n < made; n += n < 600 || n > made - 20 ? 1 : 997) {
            struct outcome o = n % 2 ? read_packed(n) : read_dripped(n, 100);
            assert_true(o.frames >= most);
            most = o.frames;
            assert_outcome(&o, most, PLAIT_CAPTURE_COMPRESSED_CUT);
        }
        assert_true(most > PACKETS * 9 / 10);
    }
}

static void corruption_is_noticed(void **state)
{
    (void)state;
    size_t length = build_plain();
    for (int i = 0; i < SUMMED_PACKERS; i++) {
        size_t made = packers[i].pack(plain, length, packed, sizeof packed);
        packed[made - 1] ^= 1; /* of the checksum, or of gzip's length */
        struct outcome o = read_packed(made);
        assert_int_equal(o.counts.count[PLAIT_CAPTURE_COMPRESSED_DATA], 1);
        assert_true(o.frames > PACKETS / 2);
        packed[made - 1] ^= 1;
        packed[made / 2] ^= 0x55;
        o = read_packed(made);
        assert_int_equal(o.counts.count[PLAIT_CAPTURE_COMPRESSED_DATA], 1);
        assert_true(o.frames >= PACKETS / 4); /* some of them wrong, perhaps */
    }
}

static void a_window_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    /* a frame header that asks for a window of 2^(10 + 18) octets (RFC 8878 §3.1.1.1.2) */
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00};
    memcpy(packed, frame, sizeof frame);
    struct outcome o = read_packed(sizeof frame);
    assert_outcome(&o, 0, PLAIT_CAPTURE_COMPRESSED_WINDOW);
    packed[5] = 17 << 3;
    o = read_packed(sizeof frame);
    assert_outcome(&o, 0, PLAIT_CAPTURE_FILE_EMPTY);
}

static void compression_within_compression_is_no_capture(void **state)
{
    (void)state;
    static uint8_t twice[1000];
    size_t made = gzip(plain, build_plain() / 1000, packed, sizeof packed);
    size_t again = zstd(packed, made, twice, sizeof twice);
    memcpy(packed, twice, again);
    struct outcome o = read_packed(again);
    assert_outcome(&o, 0, PLAIT_CAPTURE_FILE_UNKNOWN);
}

static void magics(void **state)
{
    (void)state;
    assert_int_equal(plait_packing_of(0x1f8b0800), PLAIT_GZIP);
    assert_int_equal(plait_packing_of(0x1f8b0700), PLAIT_NOT_PACKED);
    assert_int_equal(plait_packing_of(0x28b52ffd), PLAIT_ZSTD);
    assert_int_equal(plait_packing_of(0x502a4d18), PLAIT_ZSTD);
    assert_int_equal(plait_packing_of(0x5f2a4d18), PLAIT_ZSTD);
    assert_int_equal(plait_packing_of(0x602a4d18), PLAIT_NOT_PACKED);
    assert_int_equal(plait_packing_of(0xa1b2c3d4), PLAIT_NOT_PACKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_kinds_whole_and_in_drops),
        cmocka_unit_test(much_from_little),
        cmocka_unit_test(a_block_is_not_kept_back),
        cmocka_unit_test(several_members_are_one_stream),
        cmocka_unit_test(cut_anywhere_the_rest_is_delivered),
        cmocka_unit_test(corruption_is_noticed),
        cmocka_unit_test(a_window_beyond_the_limit_is_refused),
        cmocka_unit_test(compression_within_compression_is_no_capture),
        cmocka_unit_test(magics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
