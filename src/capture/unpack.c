/* capture/unpack.c: one loop for both libraries, each behind a table of three functions. */
#include "capture/unpack.h"

#include <stdlib.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/octets.h"

enum {
    GZIP_WINDOW_BITS = 15 + 16, /* 16: gzip's header is expected, nothing else */
    ZSTD_FRAME_HEAD_OCTETS = 5, /* magic number and descriptor (RFC 8878 §3.1.1) */
    ZSTD_BLOCK_HEAD_OCTETS = 3
};

/* Where a member (gzip) or frame (zstd) stands after a step. */
enum progress { WITHIN, AT_ITS_END, CORRUPT, WINDOW_TOO_LARGE };

struct library {
    bool (*open)(struct plait_unpack *u);
    /* Moves U's buffer by what it used and *GOT by what it made; may do neither. */
    enum progress (*step)(struct plait_unpack *u, uint8_t *to, size_t room_octets, size_t *got);
    void (*close)(struct plait_unpack *u);
    bool (*begins)(uint32_t head);
};

struct plait_unpack {
    const struct library *library;
    struct plait_buffer *from;
    struct plait_capture_counts *counts;
    z_stream gzip;
    ZSTD_DStream *zstd;
    size_t wanted_octets;  /* by zstd, next */
    bool is_within;        /* a member that has begun */
    bool is_full;          /* the last step filled its room: the library may hold more */
    enum plait_pull ended; /* SOME: not yet */
};

/* ---- gzip ---- */

static bool begins_gzip(uint32_t head)
{
    return head >> 8 == 0x1f8b08; /* deflate is the only method */
}

static bool open_gzip(struct plait_unpack *u)
{
    return inflateInit2(&u->gzip, GZIP_WINDOW_BITS) == Z_OK;
}

static void close_gzip(struct plait_unpack *u)
{
    inflateEnd(&u->gzip);
}

static unsigned at_most_uint(size_t octets)
{
    return octets < 1u << 30 ? (unsigned)octets : 1u << 30;
}

static enum progress step_gzip(struct plait_unpack *u, uint8_t *to, size_t room_octets, size_t *got)
{
    z_stream *z = &u->gzip;
    z->next_in = (Bytef *)u->from->at; /* zlib only reads it */
    z->avail_in = at_most_uint(plait_buffer_left(u->from));
    z->next_out = to;
    z->avail_out = at_most_uint(room_octets);
    int status = inflate(z, Z_NO_FLUSH);
    u->from->at = z->next_in;
    *got = (size_t)(z->next_out - to);
    if (status == Z_STREAM_END)
        return inflateReset(z) == Z_OK ? AT_ITS_END : CORRUPT;
    return status == Z_OK || status == Z_BUF_ERROR ? WITHIN : CORRUPT;
}

/* ---- zstd ---- */

static bool begins_zstd(uint32_t head)
{
    return head == 0x28b52ffd || (head & 0xf0ffffff) == 0x502a4d18; /* or a frame to be skipped */
}

static bool open_zstd(struct plait_unpack *u)
{
    u->zstd = ZSTD_createDStream();
    u->wanted_octets = ZSTD_FRAME_HEAD_OCTETS;
    return u->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax,
                                                           PLAIT_UNPACK_WINDOW_LOG2_MAX));
}

static void close_zstd(struct plait_unpack *u)
{
    ZSTD_freeDStream(u->zstd);
}

/* An error costs all that its step made, so a step is one block: the library says how much it wants
 * to end the present one and to see the header of the next, which is left to the step after. */
static size_t zstd_input_octets(const struct plait_unpack *u)
{
    size_t left = plait_buffer_left(u->from);
    size_t wanted = u->wanted_octets > ZSTD_BLOCK_HEAD_OCTETS
                        ? u->wanted_octets - ZSTD_BLOCK_HEAD_OCTETS
                        : u->wanted_octets;
    return u->is_full ? 0 : wanted < left ? wanted : left;
}

static enum progress step_zstd(struct plait_unpack *u, uint8_t *to, size_t room_octets, size_t *got)
{
    ZSTD_inBuffer in = {u->from->at, zstd_input_octets(u), 0};
    ZSTD_outBuffer out = {to, room_octets, 0};
    size_t status = ZSTD_decompressStream(u->zstd, &out, &in);
    u->from->at += in.pos;
    *got = out.pos;
    if (!ZSTD_isError(status)) {
        u->wanted_octets = status ? status : ZSTD_FRAME_HEAD_OCTETS;
        return status ? WITHIN : AT_ITS_END;
    }
    return ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge ? WINDOW_TOO_LARGE
                                                                                 : CORRUPT;
}

/* ---- both ---- */

static const struct library libraries[] = {
    [PLAIT_GZIP] = {open_gzip, step_gzip, close_gzip, begins_gzip},
    [PLAIT_ZSTD] = {open_zstd, step_zstd, close_zstd, begins_zstd},
};

enum plait_packing plait_packing_of(uint32_t head)
{
    for (unsigned i = PLAIT_GZIP; i < sizeof libraries / sizeof libraries[0]; i++)
        if (libraries[i].begins(head))
            return (enum plait_packing)i;
    return PLAIT_NOT_PACKED;
}

struct plait_unpack *plait_unpack_new(enum plait_packing packing, struct plait_buffer *from,
                                      struct plait_capture_counts *counts)
{
    struct plait_unpack *u = calloc(1, sizeof *u);
    if (!u)
        return NULL;
    u->library = &libraries[packing];
    u->from = from;
    u->counts = counts;
    if (u->library->open(u))
        return u;
    plait_unpack_free(u);
    return NULL;
}

void plait_unpack_free(struct plait_unpack *u)
{
    if (u)
        u->library->close(u);
    free(u);
}

static enum plait_pull finish(struct plait_unpack *u, enum plait_capture_reason reason)
{
    plait_capture_count(u->counts, reason);
    return u->ended = PLAIT_PULL_FAILED;
}

/* Between members: another one, the end, or octets that are none of ours (padding with zeros, as
 * of tapes, is no fault). */
static enum plait_pull begin_member(struct plait_unpack *u)
{
    enum plait_pull pull = plait_buffer_need(u->from, 4);
    if (pull == PLAIT_PULL_SOME && u->library->begins(plait_load_u32(u->from->at))) {
        u->is_within = true;
        return PLAIT_PULL_SOME;
    }
    if (pull == PLAIT_PULL_WAIT || pull == PLAIT_PULL_FAILED)
        return pull;
    for (const uint8_t *at = u->from->at; at < u->from->end; at++)
        if (*at) {
            plait_capture_count(u->counts, PLAIT_CAPTURE_COMPRESSED_TAIL);
            break;
        }
    return u->ended = PLAIT_PULL_END;
}

/* One step; what ends the reading is counted. */
static void step(struct plait_unpack *u, uint8_t *to, size_t room_octets, size_t *got, bool at_end)
{
    enum progress progress = u->library->step(u, to, room_octets, got);
    u->is_within = progress == WITHIN;
    u->is_full = progress == WITHIN && *got == room_octets;
    if (progress == CORRUPT)
        finish(u, PLAIT_CAPTURE_COMPRESSED_DATA);
    else if (progress == WINDOW_TOO_LARGE)
        finish(u, PLAIT_CAPTURE_COMPRESSED_WINDOW);
    else if (progress == WITHIN && at_end && *got == 0)
        finish(u, PLAIT_CAPTURE_COMPRESSED_CUT);
}

/* A library is asked without input only if its last step filled the room, and at the end. */
static enum plait_pull pull_unpacked(void *self, uint8_t *to, size_t room_octets, size_t *got)
{
    struct plait_unpack *u = self;
    *got = 0;
    while (u->ended == PLAIT_PULL_SOME && *got == 0) {
        enum plait_pull pull = PLAIT_PULL_SOME;
        if (!u->is_full)
            pull = u->is_within ? plait_buffer_need(u->from, 1) : begin_member(u);
        if (pull == PLAIT_PULL_WAIT || pull == PLAIT_PULL_FAILED)
            return pull;
        if (u->is_within)
            step(u, to, room_octets, got, pull == PLAIT_PULL_END);
    }
    return *got ? PLAIT_PULL_SOME : u->ended;
}

struct plait_source plait_unpack_source(struct plait_unpack *u)
{
    return (struct plait_source){pull_unpacked, u};
}
