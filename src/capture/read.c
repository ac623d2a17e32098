/* capture/read.c: pcap and pcapng, octet by octet behind a cursor. */
#include "capture/read.h"

#include <limits.h>

#include "base/octets.h"
#include "capture/blocks.h"
#include "capture/link.h"

enum { NS_PER_S = 1000000000 };

/* ---- byte order ---- */

static uint16_t read_u16(const struct plait_capture *c, struct plait_reader *r)
{
    uint16_t value = plait_read_u16(r);
    return c->little_endian ? __builtin_bswap16(value) : value;
}

static uint32_t read_u32(const struct plait_capture *c, struct plait_reader *r)
{
    uint32_t value = plait_read_u32(r);
    return c->little_endian ? __builtin_bswap32(value) : value;
}

/* ---- common ---- */

/* Where the file breaks off nothing more is read: the next call finds the end. */
static plait_result break_off(struct plait_capture *c, enum plait_reason reason)
{
    c->reader = plait_reader(c->reader.end, 0);
    return plait_fail(reason);
}

/* Times beyond the range of plait_time_ns are cut to its ends. */
static plait_time_ns time_of(const struct plait_capture_interface *i, uint64_t ticks)
{
    __int128 fraction = (__int128)(ticks % i->ticks_per_second) * NS_PER_S / i->ticks_per_second;
    __int128 seconds = (__int128)(ticks / i->ticks_per_second) + i->offset_s;
    __int128 ns = seconds * NS_PER_S + fraction;
    if (ns > INT64_MAX)
        return INT64_MAX;
    return ns < INT64_MIN ? INT64_MIN : (plait_time_ns)ns;
}

static void set_frame(struct plait_capture_packet *packet, struct plait_reader frame)
{
    packet->frame = frame.at;
    packet->frame_octets = plait_reader_left(&frame);
    struct plait_reader ip = plait_link_ip(packet->link_type, frame);
    bool has_ip = !ip.failed && plait_reader_left(&ip);
    packet->ip = has_ip ? ip.at : NULL;
    packet->ip_octets = has_ip ? plait_reader_left(&ip) : 0;
}

/* ---- pcap ---- */

static const struct {
    uint32_t magic; /* as read in network byte order */
    bool little_endian;
    uint64_t ticks_per_second;
} magics[] = {
    {0xa1b2c3d4, false, 1000000},
    {0xd4c3b2a1, true, 1000000},
    {0xa1b23c4d, false, NS_PER_S},
    {0x4d3cb2a1, true, NS_PER_S},
};

static plait_result open_pcap(struct plait_capture *c)
{
    uint32_t magic = plait_read_u32(&c->reader);
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (magics[i].magic != magic)
            continue;
        c->little_endian = magics[i].little_endian;
        plait_read_octets(&c->reader, 16); /* version, zone, accuracy, snap length */
        c->interfaces[0].link_type = (uint16_t)read_u32(c, &c->reader);
        c->interfaces[0].ticks_per_second = magics[i].ticks_per_second;
        c->interface_count = 1;
        return plait_reader_result(&c->reader);
    }
    return PLAIT_FAIL(BAD_VALUE);
}

static plait_result next_pcap(struct plait_capture *c, struct plait_capture_packet *packet)
{
    struct plait_reader *r = &c->reader;
    uint64_t seconds = read_u32(c, r);
    uint64_t fraction = read_u32(c, r);
    uint32_t captured = read_u32(c, r);
    packet->wire_octets = read_u32(c, r);
    packet->link_type = c->interfaces[0].link_type;
    packet->at_ns =
        time_of(&c->interfaces[0], seconds * c->interfaces[0].ticks_per_second + fraction);
    struct plait_reader frame = plait_read_part(r, captured);
    if (r->failed)
        return break_off(c, PLAIT_REASON_TRUNCATED);
    set_frame(packet, frame);
    return PLAIT_OK;
}

/* ---- pcapng ---- */

struct block {
    uint32_t type;
    struct plait_reader body;
};

/* Byte order is known only once the section header has been looked into. */
static plait_result read_byte_order(struct plait_capture *c, struct plait_reader at_length)
{
    plait_read_u32(&at_length);
    uint32_t magic = plait_read_u32(&at_length);
    if (at_length.failed)
        return break_off(c, PLAIT_REASON_TRUNCATED);
    c->little_endian = magic == __builtin_bswap32(PLAIT_BYTE_ORDER_MAGIC);
    if (!c->little_endian && magic != PLAIT_BYTE_ORDER_MAGIC)
        return break_off(c, PLAIT_REASON_BAD_VALUE);
    return PLAIT_OK;
}

static plait_result next_block(struct plait_capture *c, struct block *block)
{
    struct plait_reader *r = &c->reader;
    block->type = read_u32(c, r);
    if (block->type == PLAIT_BLOCK_SECTION) /* reads the same in both orders */
        PLAIT_TRY(read_byte_order(c, *r));
    uint32_t length = read_u32(c, r);
    if (r->failed)
        return break_off(c, PLAIT_REASON_TRUNCATED);
    if (length < 12 || length % 4)
        return break_off(c, PLAIT_REASON_BAD_LENGTH);
    block->body = plait_read_part(r, length - 12);
    uint32_t length_again = read_u32(c, r);
    if (r->failed)
        return break_off(c, PLAIT_REASON_TRUNCATED);
    return length_again == length ? PLAIT_OK : break_off(c, PLAIT_REASON_BAD_LENGTH);
}

/* A power of ten, or of two if the high bit is set (draft §4.2). */
static bool set_resolution(struct plait_capture_interface *i, uint8_t resolution)
{
    uint8_t exponent = resolution & 0x7f;
    if (resolution & 0x80) {
        i->ticks_per_second = (uint64_t)1 << (exponent & 63);
        return exponent < 64;
    }
    i->ticks_per_second = 1;
    for (uint8_t n = 0; n < exponent && n < 19; n++)
        i->ticks_per_second *= 10;
    return exponent <= 19;
}

static bool set_option(const struct plait_capture *c, uint16_t code, struct plait_reader value,
                       struct plait_capture_interface *i)
{
    if (code == PLAIT_OPT_IF_TSRESOL)
        return set_resolution(i, plait_read_u8(&value)) && !value.failed;
    if (code == PLAIT_OPT_IF_TSOFFSET) {
        uint64_t offset = plait_read_u64(&value);
        i->offset_s = (int64_t)(c->little_endian ? __builtin_bswap64(offset) : offset);
        return !value.failed;
    }
    return true;
}

static bool read_options(const struct plait_capture *c, struct plait_reader r,
                         struct plait_capture_interface *i)
{
    while (plait_reader_left(&r)) {
        uint16_t code = read_u16(c, &r);
        uint16_t length = read_u16(c, &r);
        if (r.failed || code == PLAIT_OPT_END)
            break;
        struct plait_reader value = plait_read_part(&r, length);
        plait_read_octets(&r, (4 - length % 4u) % 4);
        if (r.failed || !set_option(c, code, value, i))
            return false;
    }
    return !r.failed;
}

static plait_result add_interface(struct plait_capture *c, struct plait_reader body)
{
    struct plait_capture_interface i = {.ticks_per_second = 1000000};
    i.link_type = read_u16(c, &body);
    plait_read_octets(&body, 6); /* reserved, snap length */
    if (body.failed || !read_options(c, body, &i))
        return break_off(c, PLAIT_REASON_BAD_VALUE); /* times after it would be wrong */
    if (c->interface_count == PLAIT_CAPTURE_INTERFACES_MAX)
        return break_off(c, PLAIT_REASON_TOO_MANY);
    c->interfaces[c->interface_count++] = i;
    return PLAIT_OK;
}

/* Both packet blocks; a simple one has neither interface nor time, and as much data as fits. */
static plait_result read_packet(const struct plait_capture *c, const struct block *block,
                                struct plait_capture_packet *packet)
{
    struct plait_reader body = block->body;
    bool enhanced = block->type == PLAIT_BLOCK_ENHANCED;
    packet->interface = enhanced ? read_u32(c, &body) : 0;
    uint64_t ticks = enhanced ? (uint64_t)read_u32(c, &body) << 32 : 0;
    ticks |= enhanced ? read_u32(c, &body) : 0;
    size_t captured = enhanced ? read_u32(c, &body) : SIZE_MAX;
    packet->wire_octets = read_u32(c, &body);
    if (!enhanced && !body.failed) {
        size_t left = plait_reader_left(&body);
        captured = left < packet->wire_octets ? left : packet->wire_octets;
    }
    struct plait_reader frame = plait_read_part(&body, captured);
    if (body.failed || packet->interface >= c->interface_count)
        return PLAIT_FAIL(BAD_VALUE);
    const struct plait_capture_interface *i = &c->interfaces[packet->interface];
    packet->at_ns = time_of(i, ticks);
    packet->link_type = i->link_type;
    set_frame(packet, frame);
    return PLAIT_OK;
}

static plait_result next_pcapng(struct plait_capture *c, struct plait_capture_packet *packet)
{
    while (plait_reader_left(&c->reader)) {
        struct block block;
        PLAIT_TRY(next_block(c, &block));
        switch (block.type) {
        case PLAIT_BLOCK_SECTION:
            c->interface_count = 0; /* numbers start again */
            break;
        case PLAIT_BLOCK_INTERFACE:
            PLAIT_TRY(add_interface(c, block.body));
            break;
        case PLAIT_BLOCK_ENHANCED:
        case PLAIT_BLOCK_SIMPLE:
            return read_packet(c, &block, packet);
        }
    }
    return PLAIT_FAIL(NOT_FOUND);
}

/* ---- both ---- */

plait_result plait_capture_open(struct plait_capture *c, const void *octets, size_t length_octets)
{
    *c = (struct plait_capture){.reader = plait_reader(octets, length_octets)};
    struct plait_reader peek = c->reader;
    c->is_pcapng = plait_read_u32(&peek) == PLAIT_BLOCK_SECTION;
    if (peek.failed)
        return PLAIT_FAIL(BAD_VALUE);
    return c->is_pcapng ? PLAIT_OK : open_pcap(c);
}

plait_result plait_capture_next(struct plait_capture *c, struct plait_capture_packet *packet)
{
    *packet = (struct plait_capture_packet){0};
    if (c->is_pcapng)
        return next_pcapng(c, packet);
    return plait_reader_left(&c->reader) ? next_pcap(c, packet) : PLAIT_FAIL(NOT_FOUND);
}
