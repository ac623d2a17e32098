/* capture/file_pcapng.c: pcapng (draft-ietf-opsawg-pcapng), block by block.
 *
 * A block that is used lies in the buffer whole; any other is passed over, however long it is. */
#include <string.h>

#include "base/cursor.h"
#include "capture/blocks.h"
#include "capture/file_inside.h"

enum {
    BLOCK_HEAD_OCTETS = 8, /* type, length */
    BLOCK_TAIL_OCTETS = 4, /* length again */
    BLOCK_MIN_OCTETS = 12,
    SECTION_OCTETS = 28,     /* the smallest section header */
    PACKET_HEAD_OCTETS = 20, /* enhanced and obsolete, before the data */
    INTERFACE_HEAD_OCTETS = 8,
    STATISTICS_HEAD_OCTETS = 12, /* interface, time */
    US_PER_S = 1000000
};

struct block {
    uint32_t type;
    const uint8_t *body;
    uint32_t body_octets;
};

/* What a step comes to: a frame, the next block, or what else ends a call. */
enum step {
    STEP_FRAME = PLAIT_NEXT_FRAME,
    STEP_WAIT = PLAIT_NEXT_WAIT,
    STEP_END = PLAIT_NEXT_END,
    STEP_ON
};

/* ---- sections ---- */

/* The byte order, which is known only from inside; may be asked again while octets are awaited. */
static enum step read_byte_order(struct plait_file *f)
{
    enum plait_pull pull = plait_buffer_need(&f->in, SECTION_OCTETS);
    if (pull != PLAIT_PULL_SOME)
        return (enum step)plait_file_stop(f, pull, true);
    uint32_t magic = plait_load_u32(f->in.at + BLOCK_HEAD_OCTETS);
    f->little_endian = magic == __builtin_bswap32(PLAIT_BYTE_ORDER_MAGIC);
    if (!f->little_endian && magic != PLAIT_BYTE_ORDER_MAGIC)
        return (enum step)plait_file_broke(f, PLAIT_CAPTURE_BYTE_ORDER);
    if (plait_file_u16(f, f->in.at + BLOCK_HEAD_OCTETS + 4) != 1)
        return (enum step)plait_file_broke(f, PLAIT_CAPTURE_FILE_VERSION);
    return STEP_ON;
}

/* Numbers of interfaces start again. */
static void open_section(struct plait_file *f)
{
    f->section = f->section_count++;
    f->interface_count = 0;
}

/* ---- interfaces ---- */

/* A power of ten, or of two if the high bit is set (draft §4.2). */
static bool set_resolution(struct plait_file_interface *i, uint8_t exponent)
{
    bool is_binary = exponent & 0x80;
    exponent &= 0x7f;
    i->ticks_per_second = 1;
    if (is_binary) {
        i->ticks_per_second <<= exponent & 63;
        return exponent < 64;
    }
    for (uint8_t n = 0; n < exponent && n < 19; n++)
        i->ticks_per_second *= 10;
    return exponent <= 19;
}

static bool set_option(const struct plait_file *f, uint16_t code, struct plait_reader value,
                       struct plait_file_interface *i)
{
    size_t length = plait_reader_left(&value);
    switch (code) {
    case PLAIT_OPT_IF_TSRESOL:
        return length == 1 && set_resolution(i, value.at[0]);
    case PLAIT_OPT_IF_TSOFFSET:
        if (length == 8)
            i->offset_s = (int64_t)plait_file_u64(f, value.at);
        return length == 8;
    case PLAIT_OPT_IF_NAME:
        length = length < sizeof i->name - 1 ? length : sizeof i->name - 1;
        memcpy(i->name, value.at, length);
        return true;
    }
    return true;
}

/* The value of the next option; false at the end, failed where the list breaks off. */
static bool next_option(bool little_endian, struct plait_reader *r, uint16_t *code,
                        struct plait_reader *value)
{
    if (plait_reader_left(r) == 0)
        return false;
    *code = plait_read_u16(r);
    uint16_t length = plait_read_u16(r);
    if (little_endian) {
        *code = __builtin_bswap16(*code);
        length = __builtin_bswap16(length);
    }
    if (r->failed || *code == PLAIT_OPT_END)
        return false;
    *value = plait_read_part(r, length);
    plait_read_octets(r, (4 - length % 4u) % 4);
    return !r->failed;
}

/* False if a resolution or an offset cannot be read: then every time would be wrong. */
static bool read_interface(struct plait_file *f, const struct block *block,
                           struct plait_file_interface *i)
{
    if (block->body_octets < INTERFACE_HEAD_OCTETS)
        return false;
    struct plait_reader r = plait_reader(block->body, block->body_octets), value;
    i->link_type = plait_file_u16(f, block->body);
    plait_read_octets(&r, INTERFACE_HEAD_OCTETS); /* with reserved, snap length */
    bool understood = true;
    for (uint16_t code; next_option(f->little_endian, &r, &code, &value);)
        understood &= set_option(f, code, value, i);
    return understood && !r.failed;
}

/* BLOCK is NULL if it is longer than the buffer.  What is not usable is numbered too. */
static void add_interface(struct plait_file *f, const struct block *block)
{
    if (f->interface_count == PLAIT_FILE_INTERFACES_MAX) {
        plait_capture_count(f->counts, PLAIT_CAPTURE_INTERFACE_MANY);
        return;
    }
    struct plait_file_interface i = {.ticks_per_second = US_PER_S};
    i.is_usable = block && read_interface(f, block, &i);
    if (!i.is_usable)
        plait_capture_count(f->counts, PLAIT_CAPTURE_INTERFACE_RECORD);
    f->interfaces[f->interface_count] = i;
    f->dropped[f->interface_count] = 0;
    plait_file_set_unit(f, f->interface_count++);
}

/* ---- packets ---- */

static enum step leave_out(struct plait_file *f, enum plait_capture_reason reason)
{
    plait_capture_count(f->counts, reason);
    return STEP_ON;
}

static bool find_interface(struct plait_file *f, uint32_t interface,
                           enum plait_capture_reason *reason)
{
    bool is_known = interface < f->interface_count;
    *reason = is_known ? PLAIT_CAPTURE_INTERFACE_TIME : PLAIT_CAPTURE_PACKET_INTERFACE;
    return is_known && f->interfaces[interface].is_usable;
}

/* Enhanced (draft §4.3) and obsolete (appendix A), which differ in the first four octets only. */
static enum step read_packet(struct plait_file *f, const struct block *b, struct plait_frame *frame)
{
    if (b->body_octets < PACKET_HEAD_OCTETS)
        return leave_out(f, PLAIT_CAPTURE_PACKET_RECORD);
    uint32_t interface =
        b->type == PLAIT_BLOCK_ENHANCED ? plait_file_u32(f, b->body) : plait_file_u16(f, b->body);
    uint32_t captured = plait_file_u32(f, b->body + 12), wire = plait_file_u32(f, b->body + 16);
    uint64_t padded = ((uint64_t)captured + 3) & ~(uint64_t)3;
    enum plait_capture_reason reason;
    if (captured > b->body_octets - PACKET_HEAD_OCTETS)
        return leave_out(f, PLAIT_CAPTURE_PACKET_RECORD);
    if (!find_interface(f, interface, &reason))
        return leave_out(f, reason);
    uint64_t ticks =
        (uint64_t)plait_file_u32(f, b->body + 4) << 32 | plait_file_u32(f, b->body + 8);
    uint64_t options_at = PACKET_HEAD_OCTETS + padded; /* a body's length is a multiple of four */
    *frame = (struct plait_frame){
        .number = f->number,
        .at_ns = plait_file_time(f, interface, ticks),
        .octets = b->body + PACKET_HEAD_OCTETS,
        .length_octets = captured,
        .wire_octets = wire < captured ? captured : wire,
        .link_type = f->interfaces[interface].link_type,
        .interface = (uint16_t)interface,
        .section = f->section,
        .options = b->body + options_at,
        .options_octets = (uint32_t)(b->body_octets - options_at),
        .little_endian = f->little_endian,
    };
    return STEP_FRAME;
}

/* Neither interface nor time, and as much data as fits (draft §4.4). */
static enum step read_simple(struct plait_file *f, const struct block *b, struct plait_frame *frame)
{
    enum plait_capture_reason reason;
    if (b->body_octets < 4)
        return leave_out(f, PLAIT_CAPTURE_PACKET_RECORD);
    if (!find_interface(f, 0, &reason))
        return leave_out(f, reason);
    uint32_t wire = plait_file_u32(f, b->body), room = b->body_octets - 4;
    plait_capture_count(f->counts, PLAIT_CAPTURE_PACKET_NO_TIME);
    *frame = (struct plait_frame){
        .number = f->number,
        .at_ns = f->last_ns,
        .octets = b->body + 4,
        .length_octets = wire < room ? wire : room,
        .wire_octets = wire,
        .link_type = f->interfaces[0].link_type,
        .section = f->section,
        .little_endian = f->little_endian,
    };
    return STEP_FRAME;
}

/* ---- statistics ---- */

static uint64_t at_most_32_bits(uint64_t count)
{
    return count < UINT32_MAX ? count : UINT32_MAX;
}

/* By the interface and by the system, since the capture began (draft §4.6); at most 32 bits of
 * them, so that no sum of them overflows. */
static uint64_t dropped_by(const struct plait_file *f, const struct block *b)
{
    struct plait_reader r = plait_reader(b->body, b->body_octets), value;
    uint64_t dropped = 0;
    plait_read_octets(&r, STATISTICS_HEAD_OCTETS);
    for (uint16_t code; next_option(f->little_endian, &r, &code, &value);) {
        bool is_drop = code == PLAIT_OPT_ISB_IFDROP || code == PLAIT_OPT_ISB_OSDROP;
        if (is_drop && plait_reader_left(&value) == 8)
            dropped += at_most_32_bits(plait_file_u64(f, value.at));
    }
    return at_most_32_bits(dropped);
}

static void read_statistics(struct plait_file *f, const struct block *b)
{
    plait_capture_count(f->counts, PLAIT_CAPTURE_BLOCK_STATISTICS);
    if (b->body_octets < STATISTICS_HEAD_OCTETS)
        return;
    uint32_t interface = plait_file_u32(f, b->body);
    uint64_t dropped = dropped_by(f, b);
    if (interface >= f->interface_count || dropped <= f->dropped[interface])
        return;
    f->counts->count[PLAIT_CAPTURE_PACKETS_DROPPED] += dropped - f->dropped[interface];
    f->dropped[interface] = dropped;
}

/* ---- blocks ---- */

static const struct other {
    uint32_t type;
    enum plait_capture_reason reason;
} others[] = {
    {PLAIT_BLOCK_NAMES, PLAIT_CAPTURE_BLOCK_NAMES},
    {PLAIT_BLOCK_STATISTICS, PLAIT_CAPTURE_BLOCK_STATISTICS},
    {PLAIT_BLOCK_JOURNAL, PLAIT_CAPTURE_BLOCK_JOURNAL},
    {PLAIT_BLOCK_SECRETS, PLAIT_CAPTURE_BLOCK_SECRETS},
    {PLAIT_BLOCK_CUSTOM, PLAIT_CAPTURE_BLOCK_CUSTOM},
    {PLAIT_BLOCK_CUSTOM_NO_COPY, PLAIT_CAPTURE_BLOCK_CUSTOM},
};

static void pass_over(struct plait_file *f, uint32_t type)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].type == type) {
            plait_capture_count(f->counts, others[i].reason);
            return;
        }
    plait_capture_count(f->counts, PLAIT_CAPTURE_BLOCK_UNKNOWN);
}

static bool is_packet(uint32_t type)
{
    return type == PLAIT_BLOCK_ENHANCED || type == PLAIT_BLOCK_PACKET || type == PLAIT_BLOCK_SIMPLE;
}

/* Of a block that is longer than the buffer. */
static void use_long_block(struct plait_file *f, uint32_t type, uint32_t length)
{
    if (type == PLAIT_BLOCK_SECTION)
        open_section(f);
    else if (type == PLAIT_BLOCK_INTERFACE)
        add_interface(f, NULL);
    else if (is_packet(type))
        plait_capture_count(f->counts, PLAIT_CAPTURE_RECORD_LONG);
    else
        pass_over(f, type);
    plait_file_skip(f, length);
}

static enum step use_block(struct plait_file *f, const struct block *block,
                           struct plait_frame *frame)
{
    switch (block->type) {
    case PLAIT_BLOCK_ENHANCED:
    case PLAIT_BLOCK_PACKET:
        return read_packet(f, block, frame);
    case PLAIT_BLOCK_SIMPLE:
        return read_simple(f, block, frame);
    case PLAIT_BLOCK_INTERFACE:
        add_interface(f, block);
        return STEP_ON;
    case PLAIT_BLOCK_SECTION:
        open_section(f);
        return STEP_ON;
    case PLAIT_BLOCK_STATISTICS:
        read_statistics(f, block);
        return STEP_ON;
    }
    pass_over(f, block->type);
    return STEP_ON;
}

/* Nothing is changed for good before the block is here, or known to be too long: until then the
 * same step is taken again when more has come. */
static enum step next_block(struct plait_file *f, struct plait_frame *frame)
{
    enum plait_pull pull = plait_buffer_need(&f->in, BLOCK_HEAD_OCTETS);
    if (pull != PLAIT_PULL_SOME)
        return (enum step)plait_file_stop(f, pull, false);
    bool is_section = plait_load_u32(f->in.at) == PLAIT_BLOCK_SECTION; /* alike in both orders */
    enum step order = is_section ? read_byte_order(f) : STEP_ON;
    if (order != STEP_ON)
        return order;
    uint32_t type = plait_file_u32(f, f->in.at), length = plait_file_u32(f, f->in.at + 4);
    if (length < (is_section ? SECTION_OCTETS : BLOCK_MIN_OCTETS) || length % 4)
        return (enum step)plait_file_broke(f, PLAIT_CAPTURE_RECORD_LENGTH);
    bool fits = plait_buffer_fits(&f->in, length);
    pull = fits ? plait_buffer_need(&f->in, length) : PLAIT_PULL_SOME;
    if (pull != PLAIT_PULL_SOME)
        return (enum step)plait_file_stop(f, pull, true);
    const uint8_t *at = f->in.at;
    if (fits && plait_file_u32(f, at + length - BLOCK_TAIL_OCTETS) != length)
        return (enum step)plait_file_broke(f, PLAIT_CAPTURE_RECORD_LENGTH);
    f->number += is_packet(type);
    f->octets += length;
    if (!fits) {
        use_long_block(f, type, length);
        return STEP_ON;
    }
    f->in.at += length;
    return use_block(f, &(struct block){type, at + BLOCK_HEAD_OCTETS, length - BLOCK_MIN_OCTETS},
                     frame);
}

enum plait_next plait_file_next_pcapng(struct plait_file *f, struct plait_frame *frame)
{
    for (;;) {
        enum plait_pull pull = plait_buffer_skip(&f->in, &f->skip_octets);
        if (pull != PLAIT_PULL_SOME)
            return plait_file_stop(f, pull, true);
        enum step step = next_block(f, frame);
        if (step != STEP_ON)
            return (enum plait_next)step;
    }
}

/* ---- what stands behind a packet ---- */

static bool find_option(const struct plait_frame *frame, uint16_t wanted,
                        struct plait_reader *value)
{
    struct plait_reader r = plait_reader(frame->options, frame->options_octets);
    for (uint16_t code; next_option(frame->little_endian, &r, &code, value);)
        if (code == wanted)
            return true;
    return false;
}

const char *plait_frame_comment(const struct plait_frame *frame, size_t *length_octets)
{
    struct plait_reader value;
    if (!find_option(frame, PLAIT_OPT_COMMENT, &value))
        return NULL;
    *length_octets = plait_reader_left(&value);
    return (const char *)value.at;
}

enum plait_frame_direction plait_frame_direction(const struct plait_frame *frame)
{
    struct plait_reader value;
    if (!find_option(frame, PLAIT_OPT_EPB_FLAGS, &value) || plait_reader_left(&value) != 4)
        return PLAIT_FRAME_UNKNOWN_DIRECTION;
    uint8_t low = value.at[frame->little_endian ? 0 : 3] & 3;
    return low < 3 ? (enum plait_frame_direction)low : PLAIT_FRAME_UNKNOWN_DIRECTION;
}
