/* capture/source.c: memory and descriptors as sources. */
#include "capture/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "capture/counts.h"

static enum plait_pull pull_memory(void *self, uint8_t *to, size_t room_octets, size_t *got_octets)
{
    struct plait_memory_source *m = self;
    size_t left = (size_t)(m->end - m->at);
    size_t octets = left < room_octets ? left : room_octets;
    if (octets == 0)
        return PLAIT_PULL_END;
    memcpy(to, m->at, octets);
    m->at += octets;
    *got_octets = octets;
    return PLAIT_PULL_SOME;
}

struct plait_source plait_source_memory(struct plait_memory_source *m, const void *octets,
                                        size_t length_octets)
{
    const uint8_t *start = octets;
    *m = (struct plait_memory_source){start, start ? start + length_octets : start};
    return (struct plait_source){pull_memory, m};
}

static enum plait_pull pull_descriptor(void *self, uint8_t *to, size_t room_octets,
                                       size_t *got_octets)
{
    struct plait_descriptor_source *d = self;
    if (d->ended)
        return PLAIT_PULL_END;
    ssize_t got;
    do
        got = read(d->descriptor, to, room_octets);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        *got_octets = (size_t)got;
        return PLAIT_PULL_SOME;
    }
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return PLAIT_PULL_WAIT;
    if (got == 0 && d->follow)
        return PLAIT_PULL_WAIT;
    d->ended = true;
    if (got == 0)
        return PLAIT_PULL_END;
    plait_capture_count(d->counts, PLAIT_CAPTURE_FILE_FAILED);
    return PLAIT_PULL_FAILED;
}

struct plait_source plait_source_descriptor(struct plait_descriptor_source *d, int descriptor,
                                            bool follow, struct plait_capture_counts *counts)
{
    *d = (struct plait_descriptor_source){
        .descriptor = descriptor, .follow = follow, .counts = counts};
    return (struct plait_source){pull_descriptor, d};
}
