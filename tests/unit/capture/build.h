/* tests/unit/capture/build.h: captures written octet by octet, in either byte order. */
#ifndef PLAIT_TESTS_CAPTURE_BUILD_H
#define PLAIT_TESTS_CAPTURE_BUILD_H

#include "tests/unit/hex.h"

#include "base/cursor.h"

struct build {
    struct plait_writer w;
    bool little;
};

static inline void put_u16(struct build *b, uint16_t value)
{
    plait_write_u16(&b->w, b->little ? __builtin_bswap16(value) : value);
}

static inline void put_u32(struct build *b, uint32_t value)
{
    plait_write_u32(&b->w, b->little ? __builtin_bswap32(value) : value);
}

static inline void put_u64(struct build *b, uint64_t value)
{
    plait_write_u64(&b->w, b->little ? __builtin_bswap64(value) : value);
}

static inline size_t put_hex(struct build *b, const char *text)
{
    uint8_t octets[1024];
    size_t length = hex(text, octets, sizeof octets);
    plait_write_octets(&b->w, octets, length);
    return length;
}

/* ---- pcap ---- */

static inline void put_pcap(struct build *b, uint32_t magic, uint16_t major, uint16_t minor,
                            uint32_t link_type)
{
    put_u32(b, magic);
    put_u16(b, major);
    put_u16(b, minor);
    put_u64(b, 0); /* zone, accuracy */
    put_u32(b, 65535);
    put_u32(b, link_type);
}

static inline void put_record(struct build *b, uint32_t seconds, uint32_t fraction,
                              uint32_t captured, uint32_t wire)
{
    put_u32(b, seconds);
    put_u32(b, fraction);
    put_u32(b, captured);
    put_u32(b, wire);
}

/* ---- pcapng ---- */

/* The length, in front and behind, is set by end_block. */
static inline uint8_t *begin_block(struct build *b, uint32_t type)
{
    uint8_t *start = b->w.at;
    put_u32(b, type);
    put_u32(b, 0);
    return start;
}

static inline void end_block(struct build *b, uint8_t *start)
{
    plait_write_zeros(&b->w, (4 - (size_t)(b->w.at - start) % 4) % 4);
    uint32_t length = (uint32_t)(b->w.at - start) + 4;
    struct build again = {plait_writer(start + 4, 4), b->little};
    put_u32(&again, length);
    put_u32(b, length);
}

static inline void put_option(struct build *b, uint16_t code, const void *value, uint16_t length)
{
    put_u16(b, code);
    put_u16(b, length);
    plait_write_octets(&b->w, value, length);
    plait_write_zeros(&b->w, (4 - length % 4u) % 4);
}

static inline void put_section(struct build *b, bool little)
{
    b->little = little;
    uint8_t *start = begin_block(b, 0x0a0d0d0a);
    put_u32(b, 0x1a2b3c4d);
    put_u16(b, 1);
    put_u16(b, 0);
    put_u64(b, UINT64_MAX);
    end_block(b, start);
}

/* RESOLUTION and OFFSET as their options have them; 6 and 0 are left out. */
static inline void put_interface(struct build *b, uint16_t link_type, const char *name,
                                 uint8_t resolution, int64_t offset_s)
{
    uint8_t *start = begin_block(b, 1);
    put_u16(b, link_type);
    put_u16(b, 0);
    put_u32(b, 0);
    if (name)
        put_option(b, 2, name, (uint16_t)strlen(name));
    if (resolution != 6)
        put_option(b, 9, &resolution, 1);
    if (offset_s) {
        put_u16(b, 14);
        put_u16(b, 8);
        put_u64(b, (uint64_t)offset_s);
    }
    put_u32(b, 0); /* end of options */
    end_block(b, start);
}

/* A block of type 6, or of the obsolete 2. */
static inline uint8_t *begin_packet(struct build *b, uint32_t type, uint32_t interface,
                                    uint64_t ticks, const void *octets, uint32_t length,
                                    uint32_t wire)
{
    uint8_t *start = begin_block(b, type);
    if (type == 6) {
        put_u32(b, interface);
    } else {
        put_u16(b, (uint16_t)interface);
        put_u16(b, 7); /* packets dropped */
    }
    put_u32(b, (uint32_t)(ticks >> 32));
    put_u32(b, (uint32_t)ticks);
    put_u32(b, length);
    put_u32(b, wire);
    plait_write_octets(&b->w, octets, length);
    plait_write_zeros(&b->w, (4 - length % 4) % 4);
    return start;
}

static inline void put_packet(struct build *b, uint32_t interface, uint64_t ticks,
                              const void *octets, uint32_t length)
{
    end_block(b, begin_packet(b, 6, interface, ticks, octets, length, length));
}

static inline void put_block(struct build *b, uint32_t type, const void *octets, uint32_t length)
{
    uint8_t *start = begin_block(b, type);
    plait_write_octets(&b->w, octets, length);
    end_block(b, start);
}

#endif
