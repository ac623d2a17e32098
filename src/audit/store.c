/* audit/store.c: connections by number and token, until their end. */
#include "audit/data.h"
#include "audit/store_inside.h"
#include "audit/stream.h"
#include "audit/track.h"
#include "audit/view.h"

/* ---- tokens --------------------------------------------------------------------------------- */

static uint64_t hash_token(const struct plait_audit *a, uint32_t token)
{
    return plait_siphash(&a->hash_key, &token, sizeof token);
}

uint64_t plait_store_hash_of_token(const void *owner, uint32_t node)
{
    const struct plait_audit *a = owner;
    return hash_token(a, plait_con(a, node >> 1)->token[node & 1]);
}

/* ---- connections ---------------------------------------------------------------------------- */

bool plait_store_evict(struct plait_audit *a, uint32_t but)
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

uint32_t plait_store_connection(struct plait_audit *a)
{
    if (a->connections.alive == a->connections.limit)
        plait_store_evict(a, 0);
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

struct plait_index_walk plait_store_walk_token(const struct plait_audit *a, uint32_t token)
{
    return plait_index_walk(&a->tokens, hash_token(a, token));
}

uint32_t plait_store_by_token(const struct plait_audit *a, uint32_t token,
                              struct plait_index_walk *walk)
{
    uint32_t node;
    while ((node = plait_index_next(&a->tokens, walk)))
        if (plait_con(a, node >> 1)->token[node & 1] == token)
            break;
    return node;
}

/* Whoever opens connections chooses a key, and may choose one for a million: joins look at no more
 * of them, so more are not listed, and none is looked for among a million when it goes. */
static bool is_listed_enough(const struct plait_audit *a, uint64_t hash)
{
    struct plait_index_walk walk = plait_index_walk(&a->tokens, hash);
    unsigned count = 0;
    while (count < PLAIT_TOKEN_SET_MAX && plait_index_next(&a->tokens, &walk))
        count++;
    return count == PLAIT_TOKEN_SET_MAX;
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
    uint64_t hash = hash_token(a, c->token[end]);
    plait_index_fetch(&a->tokens, hash); /* while the other digest is computed */
    uint64_t first = m->idsn(key) + 1;   /* the hello takes one (RFC 8684 §3.1) */
    bool knows = plait_has(c->flags, PLAIT_CON_BASE_0, end);
    if (knows && plait_has(c->flags, PLAIT_CON_LOW_0, end) && c->base[end] == (uint32_t)first) {
        c->flags &= ~((uint32_t)PLAIT_CON_LOW_0 << end);
        knows = false;
    }
    if (!knows || c->base[end] == first) {
        c->base[end] = first;
        c->flags |= (PLAIT_CON_BASE_0 | PLAIT_CON_IDSN_0) << end;
    }
    if (is_listed_enough(a, hash))
        plait_count(a, PLAIT_COUNT_TOKENS_CROWDED);
    else
        plait_index_add(&a->tokens, connection << 1 | end, hash);
}

static void drop_keys(struct plait_audit *a, uint32_t connection)
{
    const struct plait_connection *c = plait_con(a, connection);
    if (!a->tokens.count)
        return;
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

static void uncount(struct plait_audit *a, const struct plait_connection *c)
{
    a->counts.count[PLAIT_COUNT_CONNECTIONS]--;
    if (c->flags & PLAIT_CON_MPTCP)
        a->counts.count[PLAIT_COUNT_CONNECTIONS_MPTCP]--;
}

void plait_store_close(struct plait_audit *a)
{
    plait_index_clear(&a->flows);
    plait_index_clear(&a->tokens);
}

/* HOW NONE: it was none of its own: the sink hears nothing, and it does not count. */
void plait_store_end(struct plait_audit *a, uint32_t connection, enum plait_audit_end how)
{
    struct plait_connection *c = plait_con(a, connection);
    plait_track_flush(a, connection);
    if (how != PLAIT_END_NONE) {
        plait_stream_end(a, connection);
        if (!(c->flags & PLAIT_CON_OVER))
            c->how_ended = (uint8_t)how;
        plait_view_ended(a, connection);
    } else {
        uncount(a, c);
    }
    plait_stream_give(a, connection);
    for (uint32_t s = c->first_subflow, next; s; s = next) {
        next = plait_sub(a, s)->next;
        plait_store_give_subflow(a, s);
    }
    drop_keys(a, connection);
    give_adverts(a, c);
    if (c->story)
        plait_slab_give(&a->stories, c->story);
    c->number = 0; /* the ring of those that are over may name it twice */
    plait_slab_give(&a->connections, connection);
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

static bool is_acknowledged(const struct plait_subflow *s, unsigned end)
{
    uint32_t behind = s->half[end].isn + (uint32_t)s->half[end].edge;
    return !s->half[!end].packets || (int32_t)(behind - s->half[!end].ack) <= 0;
}

/* Octets or a FIN that were not acknowledged: what came before may come yet, and they may be sent
 * again, also on a subflow without which the connection ended (RFC 8684 §3.3.3). */
static bool is_unfinished(const struct plait_audit *a, const struct plait_connection *c)
{
    if (c->how_ended != PLAIT_END_CLOSED)
        return false;
    for (uint32_t n = c->first_subflow; n; n = plait_sub(a, n)->next)
        if (!is_acknowledged(plait_sub(a, n), 0) || !is_acknowledged(plait_sub(a, n), 1))
            return true;
    return false;
}

/* MP_FASTCLOSE is sent until a RST answers it (RFC 8684 §3.5): whoever has not got it goes on. */
static bool is_unanswered(const struct plait_audit *a, const struct plait_connection *c)
{
    if (c->how_ended != PLAIT_END_FASTCLOSE)
        return false;
    unsigned receiver = c->flags & PLAIT_CON_CLOSER_1 ? 0 : 1;
    for (uint32_t n = c->first_subflow; n; n = plait_sub(a, n)->next)
        if (plait_has(plait_sub(a, n)->flags, PLAIT_SUB_RST_0, receiver))
            return false;
    return true;
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
        bool may_go_on = is_same && (may_revive(c) || is_unfinished(a, c) || is_unanswered(a, c));
        if (may_go_on && a->now_ns - c->last_ns < a->limits.hold_ns)
            linger(a, connection);
        else if (is_same)
            plait_store_end(a, connection, PLAIT_END_CLOSED);
    }
}
