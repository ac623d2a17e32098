/* base/chunks.c: a pool of payload memory. */
#include "base/chunks.h"

#include <stddef.h>

#include "base/panic.h"

struct plait_chunks plait_chunks(struct plait_arena *arena, uint32_t chunk_octets,
                                 uint64_t limit_octets)
{
    PLAIT_CHECK(chunk_octets > 0 && (chunk_octets & (chunk_octets - 1)) == 0);
    uint64_t limit = limit_octets / chunk_octets;
    return (struct plait_chunks){
        .pool = plait_pool(arena, offsetof(struct plait_chunk, octets) + (size_t)chunk_octets,
                           limit < UINT32_MAX ? (uint32_t)limit : UINT32_MAX),
        .chunk_octets = chunk_octets};
}

struct plait_chunk *plait_chunk_take(struct plait_chunks *chunks)
{
    struct plait_chunk *chunk = plait_pool_take_unset(&chunks->pool);
    if (chunk) {
        chunk->next = NULL;
        chunk->number = 0;
        chunk->pins = 0;
    }
    return chunk;
}

bool plait_chunk_may_send(const struct plait_chunks *chunks)
{
    return chunks->pool.alive < chunks->pool.limit - chunks->pool.limit / 4;
}

struct plait_chunk *plait_chunk_take_to_send(struct plait_chunks *chunks)
{
    return plait_chunk_may_send(chunks) ? plait_chunk_take(chunks) : NULL;
}

/* Two, so that a mapping under a checksum, which counts only when it is whole, may lie across the
 * end of a chunk. */
struct plait_chunk *plait_chunk_take_ahead(struct plait_chunks *chunks)
{
    const struct plait_pool *pool = &chunks->pool;
    uint64_t kept = pool->limit / 8 > 2 ? pool->limit / 8 : 2;
    return pool->alive + kept < pool->limit ? plait_chunk_take(chunks) : NULL;
}

void plait_chunk_give(struct plait_chunks *chunks, struct plait_chunk *chunk)
{
    plait_pool_give(&chunks->pool, chunk);
}
