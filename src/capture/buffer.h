/* capture/buffer.h: a source seen through a buffer of fixed size, so that a record lies in one
 * piece and is not copied.
 *
 * May touch: its room and its source. */
#ifndef PLAIT_CAPTURE_BUFFER_H
#define PLAIT_CAPTURE_BUFFER_H

#include "capture/source.h"

struct plait_buffer {
    const uint8_t *at, *end; /* what is here and not yet used; its user moves AT */
    uint8_t *room;           /* NULL: the octets are all there is (memory) */
    size_t room_octets;
    struct plait_source source;
    enum plait_pull last; /* END and FAILED stay */
};

/* ROOM stays the caller's, as does what SOURCE needs. */
struct plait_buffer plait_buffer(struct plait_source source, uint8_t *room, size_t room_octets);
/* A buffer that is the octets themselves: nothing is copied and no record is too long. */
struct plait_buffer plait_buffer_memory(const void *octets, size_t length_octets);

static inline size_t plait_buffer_left(const struct plait_buffer *b)
{
    return (size_t)(b->end - b->at);
}

/* Whether LENGTH octets can ever lie here in one piece. */
static inline bool plait_buffer_fits(const struct plait_buffer *b, uint64_t length_octets)
{
    return !b->room || length_octets <= b->room_octets;
}

/* Pulls until LENGTH octets (which must fit) are here; what had been here may move. */
enum plait_pull plait_buffer_fill(struct plait_buffer *b, size_t length_octets);

/* PLAIT_PULL_SOME if LENGTH octets are at AT, else why not; fewer may be there. */
static inline enum plait_pull plait_buffer_need(struct plait_buffer *b, size_t length_octets)
{
    return plait_buffer_left(b) >= length_octets ? PLAIT_PULL_SOME
                                                 : plait_buffer_fill(b, length_octets);
}

/* Passes over *LENGTH octets; what it could not yet pass over stays in *LENGTH.  SOME: all. */
enum plait_pull plait_buffer_skip(struct plait_buffer *b, uint64_t *length_octets);

#endif
