/* audit/store_active.c: what only active connections and subflows have. */
#include "audit/store_inside.h"
#include "audit/stream.h"
#include "audit/track.h"

/* A subflow's number is ours and below the limit of subflows, so that a chain is never longer than
 * that limit over the number of heads: no key is needed. */
uint64_t plait_store_hash_of_join(const void *owner, uint32_t node)
{
    const struct plait_audit *a = owner;
    return ((struct plait_join *)plait_slab_at(&a->joins, node))->subflow;
}

/* ---- what the active have ------------------------------------------------------------------- */

struct plait_story *plait_store_story(struct plait_audit *a, struct plait_connection *c)
{
    if (!c->story)
        c->story = plait_slab_take(&a->stories);
    return c->story ? plait_slab_at(&a->stories, c->story) : NULL;
}

struct plait_work *plait_store_work(struct plait_audit *a, uint32_t connection)
{
    struct plait_connection *c = plait_con(a, connection);
    if (c->work) {
        plait_slab_touch(&a->works, c->work);
        return plait_slab_at(&a->works, c->work);
    }
    if (a->works.alive == a->works.limit) {
        struct plait_work *oldest = plait_slab_at(&a->works, a->works.oldest);
        plait_stream_give(a, oldest->connection);
    }
    uint32_t number = plait_slab_take(&a->works);
    if (!number)
        return NULL;
    c->work = number;
    struct plait_work *work = plait_slab_at(&a->works, number);
    work->connection = connection;
    for (unsigned d = 0; d < 2; d++)
        work->stream[d].known_from = c->edge[d];
    return work;
}

struct plait_subflow_work *plait_store_subflow_work(struct plait_audit *a, uint32_t subflow)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    if (s->work) {
        plait_slab_touch(&a->subflow_works, s->work);
        return plait_slab_at(&a->subflow_works, s->work);
    }
    if (a->subflow_works.alive == a->subflow_works.limit) {
        struct plait_subflow_work *oldest =
            plait_slab_at(&a->subflow_works, a->subflow_works.oldest);
        plait_track_give(a, oldest->subflow);
    }
    uint32_t number = plait_slab_take(&a->subflow_works);
    if (!number)
        return NULL;
    s->work = number;
    struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, number);
    work->subflow = subflow;
    return work;
}

static uint32_t find_join(const struct plait_audit *a, uint32_t subflow)
{
    struct plait_index_walk walk = plait_index_walk(&a->join_index, subflow);
    uint32_t number;
    while ((number = plait_index_next(&a->join_index, &walk)))
        if (((struct plait_join *)plait_slab_at(&a->joins, number))->subflow == subflow)
            break;
    return number;
}

static void give_join(struct plait_audit *a, uint32_t number)
{
    plait_index_remove(&a->join_index, number, plait_store_hash_of_join(a, number));
    plait_slab_give(&a->joins, number);
}

struct plait_join *plait_store_join(struct plait_audit *a, uint32_t subflow, bool make)
{
    uint32_t number = find_join(a, subflow);
    if (!number && make) {
        if (a->joins.alive == a->joins.limit)
            give_join(a, a->joins.oldest);
        number = plait_slab_take(&a->joins);
        struct plait_join *join = plait_slab_at(&a->joins, number);
        join->subflow = subflow;
        plait_index_add(&a->join_index, number, plait_store_hash_of_join(a, number));
    }
    return number ? plait_slab_at(&a->joins, number) : NULL;
}

void plait_store_give_join(struct plait_audit *a, uint32_t subflow)
{
    if (!(plait_sub(a, subflow)->flags & PLAIT_SUB_JOIN))
        return;
    uint32_t number = find_join(a, subflow);
    if (number)
        give_join(a, number);
}
