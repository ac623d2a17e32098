/* Framing of pcap and pcapng, compressed ones too: what memory gives in one piece and what a small
 * buffer gives drop by drop are the same frames, and they break off alike. */
#include "fuzz/target.h"

#include <stdbool.h>
#include <string.h>

#include "capture/file.h"

enum { FRAMES_MAX = 2000 }; /* compressed input has many from few octets */

struct drip {
    const uint8_t *at, *end;
    size_t step;
    bool gave;
};

static enum plait_pull pull_drip(void *self, uint8_t *to, size_t room, size_t *got)
{
    struct drip *d = self;
    size_t left = (size_t)(d->end - d->at), octets = d->step < left ? d->step : left;
    if (left == 0)
        return PLAIT_PULL_END;
    if ((d->gave = !d->gave))
        return PLAIT_PULL_WAIT;
    *got = octets < room ? octets : room;
    memcpy(to, d->at, *got);
    d->at += *got;
    return PLAIT_PULL_SOME;
}

struct outcome {
    uint64_t digest;
    struct plait_capture_counts counts;
};

static uint64_t digest(const struct plait_frame *f)
{
    size_t comment_octets = 0;
    const char *comment = plait_frame_comment(f, &comment_octets);
    PLAIT_CHECK(f->length_octets <= f->wire_octets);
    PLAIT_CHECK(plait_frame_direction(f) <= PLAIT_FRAME_OUT);
    return fuzz_touch(f->octets, f->length_octets) ^ (uint64_t)f->at_ns ^ f->number << 32 ^
           f->interface ^ f->wire_octets ^ fuzz_touch(comment, comment ? comment_octets : 0);
}

static void read_all(struct plait_file *file, struct outcome *o)
{
    struct plait_frame frame;
    enum plait_next next;
    unsigned frames = 0;
    PLAIT_CHECK(file);
    while (frames < FRAMES_MAX && (next = plait_file_next(file, &frame)) != PLAIT_NEXT_END) {
        if (next == PLAIT_NEXT_WAIT)
            continue;
        o->digest = o->digest * 31 + digest(&frame);
        frames++;
        PLAIT_CHECK(plait_file_interface(file, frame.interface));
    }
    plait_file_free(file);
}

/* Not all: of a block that is longer than the buffer one reader says what it is before it finds it
 * cut, and a large buffer meets corrupt compressed data which a small one does not reach. */
static uint64_t faults(const struct plait_capture_counts *counts)
{
    return counts->count[PLAIT_CAPTURE_FILE_CUT] + counts->count[PLAIT_CAPTURE_RECORD_LENGTH] +
           counts->count[PLAIT_CAPTURE_BYTE_ORDER] + counts->count[PLAIT_CAPTURE_PACKET_RECORD];
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct outcome whole = {0}, dripped = {0};
    struct drip d = {octets, octets + length, 1 + length % 61, false};
    read_all(plait_file_memory(octets, length, &whole.counts), &whole);
    read_all(plait_file_new((struct plait_source){pull_drip, &d}, PLAIT_FILE_BUFFER_MIN_OCTETS,
                            &dripped.counts),
             &dripped);
    /* Of compressed input a record may fit memory and not the buffer. */
    if (dripped.counts.count[PLAIT_CAPTURE_RECORD_LONG] == 0) {
        PLAIT_CHECK(whole.digest == dripped.digest);
        PLAIT_CHECK(faults(&whole.counts) == faults(&dripped.counts));
    }
    return 0;
}
