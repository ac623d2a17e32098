/* capture/file.c: which format it is, time, and the end, in whatever form it comes. */
#include <stdlib.h>

#include "base/panic.h"
#include "capture/blocks.h"
#include "capture/file_inside.h"

enum { NS_PER_S = 1000000000, MAGIC_OCTETS = 4 };

/* ---- beginning and end ---- */

struct plait_file *plait_file_new(struct plait_source source, size_t buffer_octets,
                                  struct plait_capture_counts *counts)
{
    PLAIT_CHECK(buffer_octets >= PLAIT_FILE_BUFFER_MIN_OCTETS);
    struct plait_file *f = calloc(1, sizeof *f);
    uint8_t *room = malloc(buffer_octets);
    if (!f || !room) {
        free(f);
        free(room);
        return NULL;
    }
    f->room = room;
    f->buffer_octets = buffer_octets;
    f->counts = counts;
    f->in = plait_buffer(source, room, buffer_octets);
    return f;
}

struct plait_file *plait_file_memory(const void *octets, size_t length_octets,
                                     struct plait_capture_counts *counts)
{
    struct plait_file *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->buffer_octets = PLAIT_FILE_BUFFER_OCTETS;
    f->counts = counts;
    f->in = plait_buffer_memory(octets, length_octets);
    return f;
}

void plait_file_free(struct plait_file *f)
{
    if (!f)
        return;
    plait_unpack_free(f->unpack);
    free(f->packed_room);
    free(f->room);
    free(f);
}

enum plait_next plait_file_end(struct plait_file *f)
{
    f->ended = true;
    return PLAIT_NEXT_END;
}

enum plait_next plait_file_broke(struct plait_file *f, enum plait_capture_reason reason)
{
    plait_capture_count(f->counts, reason);
    return plait_file_end(f);
}

enum plait_next plait_file_stop(struct plait_file *f, enum plait_pull pull, bool in_record)
{
    if (pull == PLAIT_PULL_WAIT)
        return PLAIT_NEXT_WAIT;
    if (pull == PLAIT_PULL_END && (in_record || plait_buffer_left(&f->in)))
        return plait_file_broke(f, PLAIT_CAPTURE_FILE_CUT);
    return plait_file_end(f);
}

/* ---- time ---- */

void plait_file_set_unit(struct plait_file *f, unsigned interface)
{
    const struct plait_file_interface *i = &f->interfaces[interface];
    struct plait_file_unit *unit = &f->units[interface];
    *unit = (struct plait_file_unit){0};
    if (i->offset_s || NS_PER_S % i->ticks_per_second)
        return;
    unit->ns_per_tick = NS_PER_S / i->ticks_per_second;
    unit->ticks_max = (uint64_t)PLAIT_FILE_TIME_MAX_NS / unit->ns_per_tick;
}

plait_time_ns plait_file_slow_time(struct plait_file *f, unsigned interface, uint64_t ticks)
{
    const struct plait_file_interface *i = &f->interfaces[interface];
    __int128 fraction = (__int128)(ticks % i->ticks_per_second) * NS_PER_S / i->ticks_per_second;
    __int128 seconds = (__int128)(ticks / i->ticks_per_second) + i->offset_s;
    __int128 ns = seconds * NS_PER_S + fraction;
    if (ns >= -PLAIT_FILE_TIME_MAX_NS && ns <= PLAIT_FILE_TIME_MAX_NS)
        return (plait_time_ns)ns;
    plait_capture_count(f->counts, PLAIT_CAPTURE_TIME_RANGE);
    return ns < 0 ? -PLAIT_FILE_TIME_MAX_NS : PLAIT_FILE_TIME_MAX_NS;
}

/* ---- which format ---- */

/* What was IN so far becomes what IN is unpacked from. */
static bool unpack(struct plait_file *f, enum plait_packing packing)
{
    f->packed = f->in;
    f->packed_room = f->room;
    f->room = malloc(f->buffer_octets);
    f->unpack = plait_unpack_new(packing, &f->packed, f->counts);
    if (!f->room || !f->unpack)
        return false;
    f->in = plait_buffer(plait_unpack_source(f->unpack), f->room, f->buffer_octets);
    return true;
}

static enum plait_next is_neither(struct plait_file *f, enum plait_capture_reason reason)
{
    f->kind = PLAIT_FILE_NEITHER;
    return plait_file_broke(f, reason);
}

static enum plait_next too_few_octets(struct plait_file *f, enum plait_pull pull)
{
    if (pull == PLAIT_PULL_WAIT)
        return PLAIT_NEXT_WAIT;
    if (pull == PLAIT_PULL_END)
        return is_neither(f, plait_buffer_left(&f->in) ? PLAIT_CAPTURE_FILE_UNKNOWN
                                                       : PLAIT_CAPTURE_FILE_EMPTY);
    f->kind = PLAIT_FILE_NEITHER; /* why has been counted by the source */
    return plait_file_end(f);
}

/* Compression within compression is not followed: it is no capture. */
static enum plait_next decide(struct plait_file *f)
{
    enum plait_pull pull = plait_buffer_need(&f->in, MAGIC_OCTETS);
    if (pull != PLAIT_PULL_SOME)
        return too_few_octets(f, pull);
    uint32_t head = plait_load_u32(f->in.at);
    enum plait_packing packing = plait_packing_of(head);
    if (packing != PLAIT_NOT_PACKED && !f->unpack)
        return unpack(f, packing) ? decide(f) : is_neither(f, PLAIT_CAPTURE_COMPRESSED_WINDOW);
    if (head == PLAIT_BLOCK_SECTION) {
        f->kind = PLAIT_FILE_PCAPNG;
        return PLAIT_NEXT_FRAME;
    }
    return plait_file_is_pcap(head) ? plait_file_open_pcap(f)
                                    : is_neither(f, PLAIT_CAPTURE_FILE_UNKNOWN);
}

enum plait_next plait_file_next(struct plait_file *f, struct plait_frame *frame)
{
    if (f->ended)
        return PLAIT_NEXT_END;
    if (f->kind == PLAIT_FILE_UNDECIDED) {
        enum plait_next decided = decide(f);
        if (decided != PLAIT_NEXT_FRAME)
            return decided;
    }
    return f->kind == PLAIT_FILE_PCAP ? plait_file_next_pcap(f, frame)
                                      : plait_file_next_pcapng(f, frame);
}

/* ---- looking ---- */

enum plait_file_kind plait_file_kind(const struct plait_file *f)
{
    return f->kind;
}

const struct plait_file_interface *plait_file_interface(const struct plait_file *f, unsigned number)
{
    return number < f->interface_count ? &f->interfaces[number] : NULL;
}

uint64_t plait_file_octets(const struct plait_file *f)
{
    return f->octets;
}
