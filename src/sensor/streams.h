/* sensor/streams.h: the octets of streams, from the process that parses to one that writes files.
 *
 * Which connections there are is known only while parsing, where no file can be opened.  So records
 * go through a pipe to a process that may make files beneath one directory and do nothing else
 * there; names are made of two numbers.  May touch: a descriptor. */
#ifndef PLAIT_SENSOR_STREAMS_H
#define PLAIT_SENSOR_STREAMS_H

#include <stdint.h>

#include "base/result.h"

/* A piece of one direction's stream, behind the piece before it. */
struct plait_stream_piece {
    uint32_t connection;
    uint32_t direction;     /* 0: from the opener */
    uint64_t offset_octets; /* in the stream */
    uint32_t length_octets; /* of the octets that follow, or of a gap */
    uint32_t is_gap;        /* no octets follow */
};

#define PLAIT_STREAM_PIECE_MAX ((uint32_t)1 << 20)

/* Starts the writer, which has DIRECTORY; the pipe's end to write into, or -1 with errno. */
int plait_streams_start(int directory);
/* Waits for it, after the pipe was closed everywhere: false if it failed (and said so). */
bool plait_streams_wait(void);

/* For the process that parses: SYSTEM if the writer is gone.  LENGTH of octets at most
 * PLAIT_STREAM_PIECE_MAX. */
plait_result plait_streams_put(int pipe, const struct plait_stream_piece *piece,
                               const uint8_t *octets);

#endif
