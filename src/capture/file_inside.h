/* capture/file_inside.h: internal: what the readers of both formats share. */
#ifndef PLAIT_CAPTURE_FILE_INSIDE_H
#define PLAIT_CAPTURE_FILE_INSIDE_H

#include "base/octets.h"
#include "capture/buffer.h"
#include "capture/file.h"
#include "capture/unpack.h"

struct plait_file_unit {
    uint64_t ns_per_tick; /* 0: not whole, or times have an offset */
    uint64_t ticks_max;   /* up to here their product is in range; 0 with ns_per_tick */
};

struct plait_file {
    struct plait_buffer in;
    uint8_t *room;              /* of IN; NULL over memory */
    struct plait_buffer packed; /* what IN is unpacked from, with its room */
    uint8_t *packed_room;
    struct plait_unpack *unpack; /* NULL: not compressed */
    size_t buffer_octets;
    struct plait_capture_counts *counts;
    enum plait_file_kind kind;
    bool ended;
    bool little_endian;        /* of the file, or of the section */
    bool lengths_in_any_order; /* an old pcap */
    uint8_t head_octets;       /* of a pcap record */
    uint64_t skip_octets;      /* to be passed over before the next record */
    uint64_t number, octets;
    plait_time_ns last_ns;
    uint32_t section, section_count, interface_count;
    struct plait_file_interface interfaces[PLAIT_FILE_INTERFACES_MAX];
    struct plait_file_unit units[PLAIT_FILE_INTERFACES_MAX];
    uint64_t dropped[PLAIT_FILE_INTERFACES_MAX]; /* packets, as its statistics last said */
};

static inline uint16_t plait_file_u16(const struct plait_file *f, const uint8_t *at)
{
    uint16_t value = plait_load_u16(at);
    return f->little_endian ? __builtin_bswap16(value) : value;
}

static inline uint32_t plait_file_u32(const struct plait_file *f, const uint8_t *at)
{
    uint32_t value = plait_load_u32(at);
    return f->little_endian ? __builtin_bswap32(value) : value;
}

static inline uint64_t plait_file_u64(const struct plait_file *f, const uint8_t *at)
{
    uint64_t value = plait_load_u64(at);
    return f->little_endian ? __builtin_bswap64(value) : value;
}

/* Nothing more is read. */
enum plait_next plait_file_end(struct plait_file *f);
enum plait_next plait_file_broke(struct plait_file *f, enum plait_capture_reason reason);
/* What follows from a pull that was not PLAIT_PULL_SOME: wait, or the end, which is FILE_CUT if
 * IN_RECORD or octets are left. */
enum plait_next plait_file_stop(struct plait_file *f, enum plait_pull pull, bool in_record);
/* Of octets that are not worth keeping; they are passed over before the next record. */
static inline void plait_file_skip(struct plait_file *f, uint64_t length_octets)
{
    f->skip_octets += length_octets;
}

/* Called when an interface's unit and offset are known. */
void plait_file_set_unit(struct plait_file *f, unsigned interface);
/* The time of TICKS at an interface; slow for odd units, and TIME_RANGE beyond the greatest. */
plait_time_ns plait_file_slow_time(struct plait_file *f, unsigned interface, uint64_t ticks);
static inline plait_time_ns plait_file_time(struct plait_file *f, unsigned interface,
                                            uint64_t ticks)
{
    const struct plait_file_unit *unit = &f->units[interface];
    f->last_ns = ticks < unit->ticks_max ? (plait_time_ns)(ticks * unit->ns_per_tick)
                                         : plait_file_slow_time(f, interface, ticks);
    return f->last_ns;
}

/* HEAD are the file's first four octets in network byte order. */
bool plait_file_is_pcap(uint32_t head);
enum plait_next plait_file_open_pcap(struct plait_file *f); /* FRAME: opened */
enum plait_next plait_file_next_pcap(struct plait_file *f, struct plait_frame *frame);
enum plait_next plait_file_next_pcapng(struct plait_file *f, struct plait_frame *frame);

#endif
