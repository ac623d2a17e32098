/* audit/chunk.c: chunks of streams. */
#include "audit/chunk.h"

#include "audit/stream.h"

static uint64_t hash_chunk(const struct plait_audit *a, uint32_t name, uint64_t number)
{
    uint64_t words[2] = {name, number};
    return plait_siphash(&a->hash_key, words, sizeof words);
}

uint64_t plait_stream_hash(const void *owner, uint32_t chunk)
{
    const struct plait_audit *a = owner;
    const struct plait_chunk_kept *kept = plait_chunk_at(a, chunk);
    return hash_chunk(a, kept->stream, kept->number);
}

static bool is_of(const struct plait_chunk_kept *kept, uint32_t name, uint64_t number)
{
    return kept->stream == name && kept->number == number;
}

static bool is_last(const struct plait_audit *a, const struct plait_stream *stream, uint32_t name,
                    uint64_t number)
{
    return stream->chunk && is_of(plait_chunk_at(a, stream->chunk), name, number);
}

static uint32_t look_up(struct plait_audit *a, struct plait_stream *stream, uint32_t name,
                        uint64_t number, uint64_t hash)
{
    struct plait_index_walk walk = plait_index_walk(&a->chunk_index, hash);
    uint32_t chunk;
    while ((chunk = plait_index_next(&a->chunk_index, &walk)))
        if (is_of(plait_chunk_at(a, chunk), name, number))
            break;
    if (chunk)
        stream->chunk = chunk;
    return chunk;
}

uint32_t plait_chunk_find(struct plait_audit *a, struct plait_stream *stream, uint32_t name,
                          uint64_t at)
{
    uint64_t number = at / PLAIT_CHUNK_OCTETS;
    return is_last(a, stream, name, number)
               ? stream->chunk
               : look_up(a, stream, name, number, hash_chunk(a, name, number));
}

uint32_t plait_chunk_have(struct plait_audit *a, struct plait_stream *stream, uint32_t name,
                          uint64_t at)
{
    uint64_t number = at / PLAIT_CHUNK_OCTETS;
    if (is_last(a, stream, name, number))
        return stream->chunk;
    uint64_t hash = hash_chunk(a, name, number);
    uint32_t chunk = look_up(a, stream, name, number, hash);
    if (chunk)
        return chunk;
    chunk = plait_slab_take_unset(&a->chunks);
    if (!chunk)
        return 0;
    struct plait_chunk_kept *kept = plait_chunk_at(a, chunk);
    kept->stream = name;
    kept->number = number;
    kept->newer = 0;
    kept->older = stream->newest_chunk;
    if (kept->older)
        plait_chunk_at(a, kept->older)->newer = chunk;
    else
        stream->oldest_chunk = chunk;
    stream->newest_chunk = stream->chunk = chunk;
    plait_index_add(&a->chunk_index, chunk, hash);
    return chunk;
}

void plait_chunk_give_up(struct plait_audit *a, struct plait_stream *stream, uint32_t chunk)
{
    struct plait_chunk_kept *kept = plait_chunk_at(a, chunk);
    if (kept->older)
        plait_chunk_at(a, kept->older)->newer = kept->newer;
    else
        stream->oldest_chunk = kept->newer;
    if (kept->newer)
        plait_chunk_at(a, kept->newer)->older = kept->older;
    else
        stream->newest_chunk = kept->older;
    if (stream->chunk == chunk)
        stream->chunk = 0;
    plait_index_remove(&a->chunk_index, chunk, hash_chunk(a, kept->stream, kept->number));
    plait_slab_give(&a->chunks, chunk);
}

/* Chunks are in the order of their making, which is that of their numbers but for what came out of
 * order; one that stands behind a newer one goes a little later. */
void plait_chunk_trim(struct plait_audit *a, struct plait_stream *stream, uint64_t edge)
{
    while (stream->oldest_chunk) {
        uint64_t number = plait_chunk_at(a, stream->oldest_chunk)->number;
        if ((number + 1) * PLAIT_CHUNK_OCTETS > edge)
            return;
        plait_chunk_give_up(a, stream, stream->oldest_chunk);
    }
}
