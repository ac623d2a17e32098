/* capture/buffer.c: moving the rest to the front and pulling behind it. */
#include "capture/buffer.h"

#include <string.h>

#include "base/panic.h"

struct plait_buffer plait_buffer(struct plait_source source, uint8_t *room, size_t room_octets)
{
    PLAIT_CHECK(room && room_octets);
    return (struct plait_buffer){.at = room,
                                 .end = room,
                                 .room = room,
                                 .room_octets = room_octets,
                                 .source = source,
                                 .last = PLAIT_PULL_SOME};
}

struct plait_buffer plait_buffer_memory(const void *octets, size_t length_octets)
{
    const uint8_t *start = octets;
    return (struct plait_buffer){
        .at = start, .end = start ? start + length_octets : start, .last = PLAIT_PULL_END};
}

/* All the free room is asked for at once, but nothing that is not needed: a FIFO's packets are
 * delivered as they come. */
enum plait_pull plait_buffer_fill(struct plait_buffer *b, size_t length_octets)
{
    if (!b->room)
        return b->last;
    PLAIT_CHECK(length_octets <= b->room_octets);
    size_t used = plait_buffer_left(b);
    if (used && b->at != b->room)
        memmove(b->room, b->at, used);
    b->at = b->room;
    b->end = b->room + used;
    while (used < length_octets) {
        size_t got = 0;
        if (b->last == PLAIT_PULL_SOME || b->last == PLAIT_PULL_WAIT)
            b->last = b->source.pull(b->source.self, b->room + used, b->room_octets - used, &got);
        if (b->last != PLAIT_PULL_SOME)
            return b->last;
        PLAIT_CHECK(got > 0 && got <= b->room_octets - used);
        used += got;
        b->end = b->room + used;
    }
    return PLAIT_PULL_SOME;
}

enum plait_pull plait_buffer_skip(struct plait_buffer *b, uint64_t *length_octets)
{
    while (*length_octets) {
        enum plait_pull pull = plait_buffer_need(b, 1);
        if (pull != PLAIT_PULL_SOME)
            return pull;
        size_t left = plait_buffer_left(b);
        size_t octets = *length_octets < left ? (size_t)*length_octets : left;
        b->at += octets;
        *length_octets -= octets;
    }
    return PLAIT_PULL_SOME;
}
