/* audit/store_memory.c: how the arena is shared among what is kept. */
#include "audit/duplicate.h"
#include "audit/memory.h"
#include "audit/store_inside.h"
#include "audit/stream.h"

/* ---- how memory is shared ------------------------------------------------------------------- */

/* One object for so many octets of the limit.  A connection for 512 and a subflow for 256 let the
 * default of 512 MB hold a million connections of two subflows. */
enum {
    CONNECTION_SHARE = 512,
    SUBFLOW_SHARE = 256,
    ADDRESS_SHARE = 2048,
    STORY_SHARE = 16384,
    ADVERT_SHARE = 8192,
    JOIN_SHARE = 8192,
    CHUNK_SHARE = 65536,
    PIECE_SHARE = 4096,
    WORK_SHARE = 8192,
    SUBFLOW_WORK_SHARE = 65536,
    PENDING_SHARE = 262144,
    OVER_SHARE = 8192
};

#define OBJECTS_MIN 16u

static uint32_t share(size_t memory_octets, uint32_t octets_each)
{
    size_t count = memory_octets / octets_each;
    if (count > 1u << 30)
        count = 1u << 30;
    return count < OBJECTS_MIN ? OBJECTS_MIN : (uint32_t)count;
}

static const struct slab_kind {
    size_t offset;
    uint32_t share;
    size_t octets;
    bool is_ordered;
} slabs[] = {
#define SLAB(name, share, type, ordered)                                                           \
    {                                                                                              \
        offsetof(struct plait_audit, name), share, sizeof(struct type), ordered                    \
    }
    SLAB(connections, CONNECTION_SHARE, plait_connection, true),
    SLAB(subflows, SUBFLOW_SHARE, plait_subflow, false),
    SLAB(addresses, ADDRESS_SHARE, plait_two_addresses, false),
    SLAB(stories, STORY_SHARE, plait_story, false),
    SLAB(adverts, ADVERT_SHARE, plait_advert, false),
    SLAB(joins, JOIN_SHARE, plait_join, true),
    SLAB(chunks, CHUNK_SHARE, plait_chunk_kept, true),
    SLAB(pieces, PIECE_SHARE, plait_piece, false),
    SLAB(works, WORK_SHARE, plait_work, true),
    SLAB(subflow_works, SUBFLOW_WORK_SHARE, plait_subflow_work, true),
    SLAB(pendings, PENDING_SHARE, plait_pending, true),
#undef SLAB
};
#define SLABS (sizeof slabs / sizeof slabs[0])

size_t plait_store_octets(size_t memory_octets)
{
    size_t octets = plait_index_octets(share(memory_octets, SUBFLOW_SHARE)) +
                    plait_index_octets(2 * share(memory_octets, CONNECTION_SHARE) + 1) +
                    plait_index_octets(share(memory_octets, CHUNK_SHARE)) +
                    plait_index_octets(share(memory_octets, JOIN_SHARE)) +
                    plait_slab_octets(sizeof(struct plait_over), share(memory_octets, OVER_SHARE));
    for (size_t i = 0; i < SLABS; i++)
        octets += plait_slab_octets(slabs[i].octets, share(memory_octets, slabs[i].share));
    return octets;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static bool init_indices(struct plait_audit *a, struct plait_arena *arena)
{
    return plait_index_init(&a->flows, arena, a->subflows.limit, plait_store_hash_of_subflow, a) &&
           plait_index_init(&a->tokens, arena, 2 * a->connections.limit + 1,
                            plait_store_hash_of_token, a) &&
           plait_index_init(&a->chunk_index, arena, a->chunks.limit, plait_stream_hash, a) &&
           plait_index_init(&a->join_index, arena, a->joins.limit, plait_store_hash_of_join, a);
}

bool plait_store_init(struct plait_audit *a, struct plait_arena *arena)
{
    size_t memory = a->limits.memory_octets;
    for (size_t i = 0; i < SLABS; i++) {
        struct plait_slab *slab = (struct plait_slab *)((char *)a + slabs[i].offset);
        if (!plait_slab_init(slab, arena, slabs[i].octets, share(memory, slabs[i].share),
                             slabs[i].is_ordered))
            return false;
    }
    a->over_limit = share(memory, OVER_SHARE);
    a->over = plait_arena_take_unset(arena, a->over_limit, sizeof *a->over);
    return a->over && init_indices(a, arena);
}

size_t plait_store_used_octets(const struct plait_audit *a)
{
    size_t used = sizeof *a + plait_memory_octets(a->limits.memory_octets) +
                  plait_duplicate_octets() + plait_index_used_octets(&a->flows) +
                  plait_index_used_octets(&a->tokens) + plait_index_used_octets(&a->chunk_index) +
                  plait_index_used_octets(&a->join_index);
    for (size_t i = 0; i < SLABS; i++) {
        const struct plait_slab *slab =
            (const struct plait_slab *)((const char *)a + slabs[i].offset);
        used += (size_t)slab->made * slab->object_octets;
    }
    return used;
}
