/* base/cursor.c: the only place where a read or write position moves over hostile octets. */
#include "base/cursor.h"

#include <string.h>

#include "base/octets.h"

struct plait_reader plait_reader(const void *octets, size_t length_octets)
{
    const uint8_t *start = octets;
    return (struct plait_reader){start, start ? start + length_octets : start, false};
}

size_t plait_reader_left(const struct plait_reader *r)
{
    return (size_t)(r->end - r->at);
}

const uint8_t *plait_read_octets(struct plait_reader *r, size_t length_octets)
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

uint8_t plait_read_u8(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 1);
    return at ? at[0] : 0;
}

uint16_t plait_read_u16(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 2);
    return at ? plait_load_u16(at) : 0;
}

uint32_t plait_read_u32(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 4);
    return at ? plait_load_u32(at) : 0;
}

uint64_t plait_read_u64(struct plait_reader *r)
{
    const uint8_t *at = plait_read_octets(r, 8);
    return at ? plait_load_u64(at) : 0;
}

struct plait_reader plait_read_part(struct plait_reader *r, size_t length_octets)
{
    const uint8_t *at = plait_read_octets(r, length_octets);
    if (r->failed)
        return (struct plait_reader){NULL, NULL, true};
    return plait_reader(at, length_octets);
}

plait_result plait_reader_result(const struct plait_reader *r)
{
    return r->failed ? PLAIT_FAIL(TRUNCATED) : PLAIT_OK;
}

struct plait_writer plait_writer(void *octets, size_t room_octets)
{
    uint8_t *start = octets;
    return (struct plait_writer){start, start, start ? start + room_octets : start, false};
}

size_t plait_writer_used(const struct plait_writer *w)
{
    return (size_t)(w->at - w->start);
}

static uint8_t *take(struct plait_writer *w, size_t length_octets)
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

void plait_write_u8(struct plait_writer *w, uint8_t value)
{
    uint8_t *at = take(w, 1);
    if (at)
        at[0] = value;
}

void plait_write_u16(struct plait_writer *w, uint16_t value)
{
    uint8_t *at = take(w, 2);
    if (at)
        plait_store_u16(at, value);
}

void plait_write_u32(struct plait_writer *w, uint32_t value)
{
    uint8_t *at = take(w, 4);
    if (at)
        plait_store_u32(at, value);
}

void plait_write_u64(struct plait_writer *w, uint64_t value)
{
    uint8_t *at = take(w, 8);
    if (at)
        plait_store_u64(at, value);
}

void plait_write_octets(struct plait_writer *w, const void *octets, size_t length_octets)
{
    uint8_t *at = take(w, length_octets);
    if (at && length_octets)
        memcpy(at, octets, length_octets);
}

void plait_write_zeros(struct plait_writer *w, size_t length_octets)
{
    uint8_t *at = take(w, length_octets);
    if (at && length_octets)
        memset(at, 0, length_octets);
}

plait_result plait_writer_result(const struct plait_writer *w)
{
    return w->failed ? PLAIT_FAIL(NO_ROOM) : PLAIT_OK;
}
