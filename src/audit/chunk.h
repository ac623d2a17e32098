/* audit/chunk.h: internal: the octets of streams, in chunks that are found by number.
 * May touch: chunks of the auditor. */
#ifndef PLAIT_AUDIT_CHUNK_H
#define PLAIT_AUDIT_CHUNK_H

#include "audit/inside.h"

/* Which stream: a work's number and a direction. */
static inline uint32_t plait_stream_name(uint32_t work, unsigned direction)
{
    return work << 1 | direction;
}

/* The chunk of stream NAME with octet AT, or 0. */
uint32_t plait_chunk_find(struct plait_audit *a, struct plait_stream *stream, uint32_t name,
                          uint64_t at);
/* The same, made if need be; 0 where there is none free. */
uint32_t plait_chunk_have(struct plait_audit *a, struct plait_stream *stream, uint32_t name,
                          uint64_t at);
void plait_chunk_give_up(struct plait_audit *a, struct plait_stream *stream, uint32_t chunk);
/* Gives back the oldest chunks that end at or below EDGE. */
void plait_chunk_trim(struct plait_audit *a, struct plait_stream *stream, uint64_t edge);

static inline struct plait_chunk_kept *plait_chunk_at(const struct plait_audit *a, uint32_t chunk)
{
    return plait_slab_at(&a->chunks, chunk);
}

/* How many of LENGTH octets at AT are in AT's chunk. */
static inline uint32_t plait_chunk_part(uint64_t at, uint64_t length)
{
    uint64_t room = PLAIT_CHUNK_OCTETS - at % PLAIT_CHUNK_OCTETS;
    return (uint32_t)(length < room ? length : room);
}

#endif
