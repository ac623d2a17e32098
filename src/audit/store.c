/* audit/store.c: connections and subflows by number, flow and token. */
#include "audit/store.h"

#include <string.h>

#include "audit/data.h"
#include "audit/duplicate.h"
#include "audit/memory.h"
#include "audit/stream.h"
#include "audit/track.h"
#include "audit/view.h"
#include "base/octets.h"

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

/* ---- hashes --------------------------------------------------------------------------------- */

struct flow_key {
    uint8_t octets[2 * 16 + 2 * 2 + 2];
};

/* The same for both directions: the lesser end first. */
static uint64_t hash_flow(const struct plait_audit *a, uint16_t network, size_t addr_octets,
                          const uint8_t *one, uint16_t one_port, const uint8_t *other,
                          uint16_t other_port)
{
    struct flow_key key;
    int order = memcmp(one, other, addr_octets);
    bool swap = order > 0 || (order == 0 && one_port > other_port);
    memcpy(key.octets, swap ? other : one, addr_octets);
    memcpy(key.octets + addr_octets, swap ? one : other, addr_octets);
    uint8_t *rest = key.octets + 2 * addr_octets;
    plait_store_u16(rest, swap ? other_port : one_port);
    plait_store_u16(rest + 2, swap ? one_port : other_port);
    plait_store_u16(rest + 4, network);
    return plait_siphash(&a->hash_key, key.octets, 2 * addr_octets + 6);
}

static const uint8_t *addr_at(const struct plait_audit *a, const struct plait_subflow *s,
                              unsigned end)
{
    if (!(s->flags & PLAIT_SUB_IPV6))
        return s->ipv4[end];
    return ((struct plait_two_addresses *)plait_slab_at(&a->addresses, s->ipv6))->addr[end];
}

static size_t addr_octets_of(const struct plait_subflow *s)
{
    return s->flags & PLAIT_SUB_IPV6 ? 16 : 4;
}

static uint64_t hash_of_subflow(const void *owner, uint32_t number)
{
    const struct plait_audit *a = owner;
    const struct plait_subflow *s = plait_sub(a, number);
    return hash_flow(a, s->network, addr_octets_of(s), addr_at(a, s, 0), s->port[0],
                     addr_at(a, s, 1), s->port[1]);
}

static uint64_t hash_token(const struct plait_audit *a, uint32_t token)
{
    return plait_siphash(&a->hash_key, &token, sizeof token);
}

static uint64_t hash_of_token_node(const void *owner, uint32_t node)
{
    const struct plait_audit *a = owner;
    return hash_token(a, plait_con(a, node >> 1)->token[node & 1]);
}

static uint64_t hash_number(const struct plait_audit *a, uint64_t one, uint64_t two)
{
    uint64_t words[2] = {one, two};
    return plait_siphash(&a->hash_key, words, sizeof words);
}

static uint64_t hash_of_join(const void *owner, uint32_t node)
{
    const struct plait_audit *a = owner;
    return hash_number(a, ((struct plait_join *)plait_slab_at(&a->joins, node))->subflow, 0);
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
    return a->over && plait_index_init(&a->flows, arena, a->subflows.limit, hash_of_subflow, a) &&
           plait_index_init(&a->tokens, arena, 2 * a->connections.limit + 1, hash_of_token_node,
                            a) &&
           plait_index_init(&a->chunk_index, arena, a->chunks.limit, plait_stream_hash, a) &&
           plait_index_init(&a->join_index, arena, a->joins.limit, hash_of_join, a);
}

static size_t index_used(const struct plait_index *index, uint32_t nodes_made)
{
    return ((size_t)index->mask + 1 + nodes_made) * sizeof(uint32_t);
}

size_t plait_store_used_octets(const struct plait_audit *a)
{
    size_t used =
        sizeof *a + plait_memory_octets(a->limits.memory_octets) + plait_duplicate_octets() +
        index_used(&a->flows, a->subflows.made) + index_used(&a->tokens, 2 * a->connections.made) +
        index_used(&a->chunk_index, a->chunks.made) + index_used(&a->join_index, a->joins.made);
    for (size_t i = 0; i < SLABS; i++) {
        const struct plait_slab *slab =
            (const struct plait_slab *)((const char *)a + slabs[i].offset);
        used += (size_t)slab->made * slab->object_octets;
    }
    return used;
}

/* ---- flows ---------------------------------------------------------------------------------- */

/* Which end of S sent P; -1: P is of another flow. */
static int sender_of(const struct plait_audit *a, const struct plait_subflow *s,
                     const struct plait_packet *p)
{
    size_t octets = addr_octets_of(s);
    if (s->network != p->seen->network || octets != p->addr_octets)
        return -1;
    for (unsigned end = 0; end < 2; end++)
        if (s->port[end] == p->src_port && s->port[!end] == p->dst_port &&
            memcmp(addr_at(a, s, end), p->src, octets) == 0 &&
            memcmp(addr_at(a, s, !end), p->dst, octets) == 0)
            return (int)end;
    return -1;
}

static uint32_t look_up(const struct plait_audit *a, const struct plait_packet *p, int *end)
{
    uint64_t hash =
        hash_flow(a, p->seen->network, p->addr_octets, p->src, p->src_port, p->dst, p->dst_port);
    uint32_t number = plait_index_first(&a->flows, hash);
    while (number && (*end = sender_of(a, plait_sub(a, number), p)) < 0)
        number = plait_index_next(&a->flows, number);
    return number;
}

/* Bulk data comes in trains: the flow of the packet before is asked first. */
uint32_t plait_store_find(struct plait_audit *a, const struct plait_packet *p, unsigned *end)
{
    int found = -1;
    uint32_t number = a->last_flow;
    if (number)
        found = sender_of(a, plait_sub(a, number), p);
    if (found < 0)
        number = look_up(a, p, &found);
    if (!number)
        return 0;
    a->last_flow = number;
    *end = (unsigned)found;
    const struct plait_subflow *s = plait_sub(a, number);
    return s->flags & PLAIT_SUB_ALIAS ? s->connection : number;
}

static bool set_addresses(struct plait_audit *a, struct plait_subflow *s,
                          const struct plait_packet *p, unsigned end)
{
    if (p->family == PLAIT_IPV6) {
        uint32_t number = plait_slab_take(&a->addresses);
        if (!number)
            return false;
        s->flags |= PLAIT_SUB_IPV6;
        s->ipv6 = number;
        struct plait_two_addresses *two = plait_slab_at(&a->addresses, number);
        memcpy(two->addr[end], p->src, 16);
        memcpy(two->addr[!end], p->dst, 16);
    } else {
        memcpy(s->ipv4[end], p->src, 4);
        memcpy(s->ipv4[!end], p->dst, 4);
    }
    s->port[end] = p->src_port;
    s->port[!end] = p->dst_port;
    s->network = p->seen->network;
    s->first_ns = p->seen->at_ns;
    return true;
}

static bool evict_oldest(struct plait_audit *a, uint32_t but)
{
    uint32_t oldest = a->connections.oldest;
    if (oldest && oldest == but)
        oldest = ((struct plait_slab_link *)plait_slab_at(&a->connections, oldest))->newer;
    if (!oldest)
        return false;
    bool is_over = plait_con(a, oldest)->flags & PLAIT_CON_OVER;
    if (!is_over)
        plait_count(a, PLAIT_COUNT_EVICTED);
    plait_store_end(a, oldest, PLAIT_END_EVICTED);
    return true;
}

/* A listed subflow of nobody; CONNECTION is spared when room is made. */
static uint32_t take_subflow(struct plait_audit *a, uint32_t connection,
                             const struct plait_packet *p, unsigned end)
{
    for (unsigned tries = 0; tries < 64; tries++) {
        uint32_t number = plait_slab_take(&a->subflows);
        if (number && set_addresses(a, plait_sub(a, number), p, end)) {
            plait_index_add(&a->flows, number, hash_of_subflow(a, number));
            return number;
        }
        if (number)
            plait_slab_give(&a->subflows, number);
        if (!evict_oldest(a, connection))
            break;
    }
    plait_count(a, PLAIT_COUNT_NO_ROOM);
    return 0;
}

static void append_subflow(struct plait_audit *a, uint32_t connection, uint32_t number)
{
    struct plait_connection *c = plait_con(a, connection);
    uint32_t *at = &c->first_subflow;
    while (*at)
        at = &plait_sub(a, *at)->next;
    *at = number;
    struct plait_subflow *s = plait_sub(a, number);
    s->next = 0;
    s->connection = connection;
    s->number = c->subflow_count++;
}

uint32_t plait_store_subflow(struct plait_audit *a, uint32_t connection,
                             const struct plait_packet *p, unsigned end)
{
    if (plait_con(a, connection)->subflow_count >= PLAIT_SUBFLOWS_OF_ONE) {
        plait_count(a, PLAIT_COUNT_NO_ROOM);
        return 0;
    }
    uint32_t number = take_subflow(a, connection, p, end);
    if (!number)
        return 0;
    append_subflow(a, connection, number);
    plait_count(a, PLAIT_COUNT_SUBFLOWS);
    return number;
}

void plait_store_alias(struct plait_audit *a, uint32_t subflow, const struct plait_packet *p,
                       unsigned end)
{
    uint32_t number = take_subflow(a, plait_sub(a, subflow)->connection, p, end);
    if (!number)
        return;
    struct plait_subflow *alias = plait_sub(a, number), *s = plait_sub(a, subflow);
    alias->flags |= PLAIT_SUB_ALIAS;
    alias->connection = subflow;
    alias->next = s->next; /* aliases follow what they are of */
    s->next = number;
    plait_count(a, PLAIT_COUNT_ALIASES);
}

void plait_store_unlist(struct plait_audit *a, uint32_t subflow)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    if (s->flags & PLAIT_SUB_UNLISTED)
        return;
    plait_index_remove(&a->flows, subflow, hash_of_subflow(a, subflow));
    s->flags |= PLAIT_SUB_UNLISTED;
    if (a->last_flow == subflow)
        a->last_flow = 0;
}

static void give_subflow(struct plait_audit *a, uint32_t number)
{
    struct plait_subflow *s = plait_sub(a, number);
    if (!(s->flags & PLAIT_SUB_ALIAS)) {
        plait_track_give(a, number);
        plait_store_give_join(a, number);
    }
    plait_store_unlist(a, number);
    if (s->flags & PLAIT_SUB_IPV6)
        plait_slab_give(&a->addresses, s->ipv6);
    plait_slab_give(&a->subflows, number);
}

/* ---- moving a subflow ----------------------------------------------------------------------- */

static void swap_octets(void *one, void *other, size_t octets)
{
    uint8_t kept[32];
    memcpy(kept, one, octets);
    memcpy(one, other, octets);
    memcpy(other, kept, octets);
}

#define SWAP(pair) swap_octets(&(pair)[0], &(pair)[1], sizeof(pair)[0])

/* Flags that come in pairs, by end. */
static uint32_t swapped_flags(uint32_t flags)
{
    static const uint32_t pairs[] = {PLAIT_SUB_ISN_0,   PLAIT_SUB_SURE_0,   PLAIT_SUB_FIN_0,
                                     PLAIT_SUB_RST_0,   PLAIT_SUB_STAMPS_0, PLAIT_SUB_TTL_0,
                                     PLAIT_SUB_MAPPED_0};
    uint32_t swapped = flags ^ PLAIT_SUB_OPENER_1;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        swapped &= ~(pairs[i] * 3);
        swapped |= (flags & pairs[i]) << 1 | (flags >> 1 & pairs[i]);
    }
    return swapped;
}

static void swap_places(struct plait_audit *a, struct plait_subflow *s)
{
    SWAP(s->port);
    if (s->flags & PLAIT_SUB_IPV6) {
        struct plait_two_addresses *two = plait_slab_at(&a->addresses, s->ipv6);
        SWAP(two->addr);
    } else {
        SWAP(s->ipv4);
    }
}

static void swap_ends(struct plait_audit *a, struct plait_subflow *s)
{
    swap_places(a, s);
    if (s->flags & PLAIT_SUB_ALIAS)
        return;
    SWAP(s->addr_id);
    SWAP(s->ttl);
    SWAP(s->ttl_input);
    SWAP(s->half);
    s->flags = swapped_flags(s->flags);
}

/* Takes SUBFLOW and the aliases behind it out of its connection; the last of them. */
static uint32_t take_from(struct plait_audit *a, uint32_t subflow)
{
    uint32_t *at = &plait_con(a, plait_sub(a, subflow)->connection)->first_subflow;
    while (*at != subflow)
        at = &plait_sub(a, *at)->next;
    uint32_t last = subflow, next;
    while ((next = plait_sub(a, last)->next) && plait_sub(a, next)->flags & PLAIT_SUB_ALIAS)
        last = next;
    *at = next;
    plait_sub(a, last)->next = 0;
    return last;
}

void plait_store_move(struct plait_audit *a, uint32_t subflow, uint32_t connection, bool swap)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    uint32_t old = s->connection;
    take_from(a, subflow);
    plait_track_give(a, subflow);
    for (uint32_t flow = subflow; swap && flow; flow = plait_sub(a, flow)->next)
        swap_ends(a, plait_sub(a, flow));
    uint32_t aliases = s->next;
    append_subflow(a, connection, subflow);
    s->next = aliases;
    if (!plait_con(a, old)->first_subflow)
        plait_store_end(a, old, PLAIT_END_NONE);
}

struct plait_place plait_store_place(const struct plait_audit *a, const struct plait_subflow *s,
                                     unsigned end)
{
    struct plait_place place = {.port = s->port[end]};
    place.addr.family = s->flags & PLAIT_SUB_IPV6 ? PLAIT_IPV6 : PLAIT_IPV4;
    memcpy(place.addr.octets, addr_at(a, s, end), addr_octets_of(s));
    return place;
}

bool plait_store_same_addr(const struct plait_audit *a, const struct plait_subflow *s, unsigned end,
                           const struct plait_addr *addr)
{
    struct plait_place place = plait_store_place(a, s, end);
    return plait_addr_equal(&place.addr, addr);
}

/* ---- connections ---------------------------------------------------------------------------- */

uint32_t plait_store_connection(struct plait_audit *a)
{
    if (a->connections.alive == a->connections.limit)
        evict_oldest(a, 0);
    uint32_t number = plait_slab_take(&a->connections);
    if (!number) {
        plait_count(a, PLAIT_COUNT_NO_ROOM);
        return 0;
    }
    struct plait_connection *c = plait_con(a, number);
    c->number = ++a->next_number;
    c->version = PLAIT_AUDIT_TCP;
    c->last_ns = a->now_ns;
    plait_count(a, PLAIT_COUNT_CONNECTIONS);
    return number;
}

uint32_t plait_store_by_token(const struct plait_audit *a, uint32_t token, uint32_t after)
{
    uint32_t node = after ? plait_index_next(&a->tokens, after)
                          : plait_index_first(&a->tokens, hash_token(a, token));
    while (node && plait_con(a, node >> 1)->token[node & 1] != token)
        node = plait_index_next(&a->tokens, node);
    return node;
}

void plait_store_set_key(struct plait_audit *a, uint32_t connection, unsigned end, uint64_t key)
{
    struct plait_connection *c = plait_con(a, connection);
    const struct plait_mechanism *m = plait_mechanism_of(c);
    if (plait_has(c->flags, PLAIT_CON_KEY_0, end))
        return;
    c->key[end] = key;
    c->token[end] = m->token(key);
    c->flags |= PLAIT_CON_KEY_0 << end;
    uint64_t first = m->idsn(key) + 1; /* the hello takes one (RFC 8684 §3.1) */
    bool knows = plait_has(c->flags, PLAIT_CON_BASE_0, end);
    if (knows && plait_has(c->flags, PLAIT_CON_LOW_0, end) && c->base[end] == (uint32_t)first) {
        c->flags &= ~((uint32_t)PLAIT_CON_LOW_0 << end);
        knows = false;
    }
    if (!knows || c->base[end] == first) {
        c->base[end] = first;
        c->flags |= (PLAIT_CON_BASE_0 | PLAIT_CON_IDSN_0) << end;
    }
    uint32_t node = connection << 1 | end;
    plait_index_add(&a->tokens, node, hash_token(a, c->token[end]));
}

static void drop_keys(struct plait_audit *a, uint32_t connection)
{
    const struct plait_connection *c = plait_con(a, connection);
    for (unsigned end = 0; end < 2; end++)
        if (plait_has(c->flags, PLAIT_CON_KEY_0, end))
            plait_index_remove(&a->tokens, connection << 1 | end, hash_token(a, c->token[end]));
}

static void give_adverts(struct plait_audit *a, struct plait_connection *c)
{
    for (uint32_t number = c->adverts, next; number; number = next) {
        next = ((struct plait_advert *)plait_slab_at(&a->adverts, number))->next;
        plait_slab_give(&a->adverts, number);
    }
    c->adverts = 0;
}

/* HOW NONE: it was none of its own, and the sink hears nothing. */
void plait_store_end(struct plait_audit *a, uint32_t connection, enum plait_audit_end how)
{
    struct plait_connection *c = plait_con(a, connection);
    plait_track_flush(a, connection);
    if (how != PLAIT_END_NONE) {
        plait_stream_end(a, connection);
        if (!(c->flags & PLAIT_CON_OVER))
            c->how_ended = (uint8_t)how;
        plait_view_ended(a, connection);
    }
    plait_stream_give(a, connection);
    for (uint32_t s = c->first_subflow, next; s; s = next) {
        next = plait_sub(a, s)->next;
        give_subflow(a, s);
    }
    drop_keys(a, connection);
    give_adverts(a, c);
    if (c->story)
        plait_slab_give(&a->stories, c->story);
    c->number = 0; /* the ring of those that are over may name it twice */
    plait_slab_give(&a->connections, connection);
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
    uint32_t number = plait_index_first(&a->join_index, hash_number(a, subflow, 0));
    while (number && ((struct plait_join *)plait_slab_at(&a->joins, number))->subflow != subflow)
        number = plait_index_next(&a->join_index, number);
    return number;
}

static void give_join(struct plait_audit *a, uint32_t number)
{
    plait_index_remove(&a->join_index, number, hash_of_join(a, number));
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
        plait_index_add(&a->join_index, number, hash_of_join(a, number));
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

/* ---- connections that are over -------------------------------------------------------------- */

static void linger(struct plait_audit *a, uint32_t connection)
{
    if (a->over_count == a->over_limit)
        a->over_first++, a->over_count--; /* it stays until it is the oldest idle one */
    uint64_t at = a->over_first + a->over_count++;
    a->over[at % a->over_limit] = (struct plait_over){
        .connection = connection, .number = plait_con(a, connection)->number, .at_ns = a->now_ns};
}

void plait_store_over(struct plait_audit *a, uint32_t connection, enum plait_audit_end how)
{
    struct plait_connection *c = plait_con(a, connection);
    if (c->flags & PLAIT_CON_OVER)
        return;
    c->flags |= PLAIT_CON_OVER;
    c->how_ended = (uint8_t)how;
    linger(a, connection);
}

/* A FIN that was not acknowledged: what came before it may come yet. */
static bool is_unfinished(const struct plait_audit *a, const struct plait_connection *c)
{
    if (plait_is_mptcp(c) || !c->first_subflow)
        return false;
    const struct plait_subflow *s = plait_sub(a, c->first_subflow);
    for (unsigned end = 0; end < 2; end++)
        if (s->half[!end].packets &&
            (int32_t)(s->half[end].isn + (uint32_t)s->half[end].edge - s->half[!end].ack) > 0)
            return c->how_ended == PLAIT_END_CLOSED;
    return false;
}

/* Only its subflows are gone: whoever has the keys may join it (RFC 8684 §3.8, T-RST-4). */
static bool may_revive(const struct plait_connection *c)
{
    if (!plait_is_mptcp(c) || c->how_ended == PLAIT_END_FASTCLOSE)
        return false;
    for (unsigned d = 0; d < 2; d++)
        if (!plait_has(c->flags, PLAIT_CON_FIN_0, d) ||
            (plait_has(c->flags, PLAIT_CON_ACKED_0, !d) && c->data_ack[!d] <= c->edge[d]))
            return true;
    return false; /* both DATA_FINs were acknowledged, as far as the capture shows */
}

void plait_store_revive(struct plait_connection *c)
{
    if (!(c->flags & PLAIT_CON_OVER) || !may_revive(c))
        return;
    c->flags &= ~(uint32_t)PLAIT_CON_OVER;
    c->how_ended = PLAIT_END_NONE;
}

void plait_store_sweep(struct plait_audit *a)
{
    while (a->over_count) {
        const struct plait_over *over = &a->over[a->over_first % a->over_limit];
        if (a->now_ns - over->at_ns < a->limits.linger_ns)
            return;
        uint32_t connection = over->connection;
        const struct plait_connection *c = plait_con(a, connection);
        bool is_same = c->number == over->number && c->flags & PLAIT_CON_OVER;
        a->over_first++, a->over_count--;
        bool may_go_on = is_same && (may_revive(c) || is_unfinished(a, c));
        if (may_go_on && a->now_ns - c->last_ns < a->limits.hold_ns)
            linger(a, connection);
        else if (is_same)
            plait_store_end(a, connection, PLAIT_END_CLOSED);
    }
}
