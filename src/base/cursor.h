/* base/cursor.h: reading and writing octets with a hard end.
 *
 * A cursor never passes its end: a read past it gives zero and marks the cursor failed, a write
 * past it writes nothing and marks it failed.  Failure is sticky, so a parser reads all fields of
 * a fixed part and asks once.  Inline, because a packet takes some twenty of each.
 * May touch: only the octets between its two ends. */
#ifndef PLAIT_BASE_CURSOR_H
#define PLAIT_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/octets.h"
#include "base/result.h"

struct plait_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct plait_writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    bool failed;
};

static inline struct plait_reader plait_reader(const void *octets, size_t length_octets)
{
    const uint8_t *start = octets;
    return (struct plait_reader){start, start ? start + length_octets : start, false};
}

static inline size_t plait_reader_left(const struct plait_reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next LENGTH octets in place, or NULL (and failed). */
static inline const uint8_t *plait_read_octets(struct plait_reader *r, size_t length_octets)
{
    if (r->failed || plait_reader_left(r) < length_octets) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *at = r->at;
    if (length_octets)
        r->at += length_octets;
    return at;
}

static inline uint8_t plait_read_u8(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 1);
    return at ? at[0] : 0;
}

static inline uint16_t plait_read_u16(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 2);
    return at ? plait_load_u16(at) : 0;
}

static inline uint32_t plait_read_u32(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 4);
    return at ? plait_load_u32(at) : 0;
}

static inline uint64_t plait_read_u64(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 8);
    return at ? plait_load_u64(at) : 0;
}

/* A reader over the next LENGTH octets; R moves past them.  Empty and failed if too few. */
static inline struct plait_reader plait_read_part(struct plait_reader *r, size_t length_octets)
{
    const uint8_t *at = plait_read_octets(r, length_octets);
    if (r->failed)
        return (struct plait_reader){NULL, NULL, true};
    return plait_reader(at, length_octets);
}

/* TRUNCATED if any read failed. */
static inline plait_result plait_reader_result(const struct plait_reader *r)
{
    return r->failed ? PLAIT_FAIL(TRUNCATED) : PLAIT_OK;
}

static inline struct plait_writer plait_writer(void *octets, size_t room_octets)
{
    uint8_t *start = octets;
    return (struct plait_writer){start, start, start ? start + room_octets : start, false};
}

static inline size_t plait_writer_used(const struct plait_writer *w)
{
    return (size_t)(w->at - w->start);
}

/* Room for the next LENGTH octets, or NULL (and failed). */
static inline uint8_t *plait_writer_take(struct plait_writer *w, size_t length_octets)
{
    if (w->failed || (size_t)(w->end - w->at) < length_octets) {
        w->failed = true;
        return NULL;
    }
    uint8_t *at = w->at;
    if (length_octets)
        w->at += length_octets;
    return at;
}

static inline void plait_write_u8(struct plait_writer *w, uint8_t value)
{
    uint8_t *at = plait_writer_take(w, 1);
    if (at)
        at[0] = value;
}

static inline void plait_write_u16(struct plait_writer *w, uint16_t value)
{
    uint8_t *at = plait_writer_take(w, 2);
    if (at)
        plait_store_u16(at, value);
}

static inline void plait_write_u32(struct plait_writer *w, uint32_t value)
{
    uint8_t *at = plait_writer_take(w, 4);
    if (at)
        plait_store_u32(at, value);
}

static inline void plait_write_u64(struct plait_writer *w, uint64_t value)
{
    uint8_t *at = plait_writer_take(w, 8);
    if (at)
        plait_store_u64(at, value);
}

static inline void plait_write_octets(struct plait_writer *w, const void *octets,
                                      size_t length_octets)
{
    uint8_t *at = plait_writer_take(w, length_octets);
    if (at && length_octets)
        memcpy(at, octets, length_octets);
}

static inline void plait_write_zeros(struct plait_writer *w, size_t length_octets)
{
    uint8_t *at = plait_writer_take(w, length_octets);
    if (at && length_octets)
        memset(at, 0, length_octets);
}

/* NO_ROOM if any write failed. */
static inline plait_result plait_writer_result(const struct plait_writer *w)
{
    return w->failed ? PLAIT_FAIL(NO_ROOM) : PLAIT_OK;
}

#endif
