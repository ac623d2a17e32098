/* audit/store_flow.c: subflows: found by the addresses and ports of a packet, moved between
 * connections. */
#include <string.h>

#include "audit/store_inside.h"
#include "audit/track.h"
#include "base/octets.h"

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

uint64_t plait_store_hash_of_subflow(const void *owner, uint32_t number)
{
    const struct plait_audit *a = owner;
    const struct plait_subflow *s = plait_sub(a, number);
    return hash_flow(a, s->network, addr_octets_of(s), addr_at(a, s, 0), s->port[0],
                     addr_at(a, s, 1), s->port[1]);
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

void plait_store_fetch(struct plait_at *at)
{
    const struct plait_packet *p = at->p;
    at->flow_hash = hash_flow(at->a, p->seen->network, p->addr_octets, p->src, p->src_port, p->dst,
                              p->dst_port);
    plait_index_fetch(&at->a->flows, at->flow_hash);
}

static uint32_t look_up(const struct plait_at *at, int *end)
{
    const struct plait_audit *a = at->a;
    struct plait_index_walk walk = plait_index_walk(&a->flows, at->flow_hash);
    uint32_t number;
    while ((number = plait_index_next(&a->flows, &walk)))
        if ((*end = sender_of(a, plait_sub(a, number), at->p)) >= 0)
            break;
    return number;
}

/* Bulk data comes in trains: the flow of the packet before is asked first. */
uint32_t plait_store_find(struct plait_at *at, unsigned *end)
{
    struct plait_audit *a = at->a;
    int found = -1;
    uint32_t number = a->last_flow;
    if (number)
        found = sender_of(a, plait_sub(a, number), at->p);
    if (found < 0) {
        if (!plait_packet_is(at->p, PLAIT_SYN))
            plait_store_fetch(at);
        number = look_up(at, &found);
    }
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

/* A listed subflow of nobody, opened by AT's packet, which END sent; CONNECTION is spared when room
 * is made. */
static uint32_t take_subflow(const struct plait_at *at, uint32_t connection, unsigned end)
{
    struct plait_audit *a = at->a;
    for (unsigned tries = 0; tries < 64; tries++) {
        uint32_t number = plait_slab_take(&a->subflows);
        if (number && set_addresses(a, plait_sub(a, number), at->p, end)) {
            plait_index_add(&a->flows, number, at->flow_hash);
            return number;
        }
        if (number)
            plait_slab_give(&a->subflows, number);
        if (!plait_store_evict(a, connection))
            break;
    }
    plait_count(a, PLAIT_COUNT_NO_ROOM);
    return 0;
}

/* Whoever guesses tokens opens thousands in a row: the end of the list is where it was before. */
static void append_subflow(struct plait_audit *a, uint32_t connection, uint32_t number)
{
    struct plait_connection *c = plait_con(a, connection);
    bool is_same = a->appended && plait_sub(a, a->appended)->connection == connection;
    uint32_t *at = is_same ? &plait_sub(a, a->appended)->next : &c->first_subflow;
    while (*at)
        at = &plait_sub(a, *at)->next;
    *at = number;
    struct plait_subflow *s = plait_sub(a, number);
    s->next = 0;
    s->connection = connection;
    s->number = c->subflow_count++;
    a->appended = number;
}

uint32_t plait_store_subflow(const struct plait_at *at)
{
    struct plait_audit *a = at->a;
    uint32_t connection = at->connection_number;
    if (plait_con(a, connection)->subflow_count >= PLAIT_SUBFLOWS_OF_ONE) {
        plait_count(a, PLAIT_COUNT_NO_ROOM);
        return 0;
    }
    uint32_t number = take_subflow(at, connection, at->end);
    if (!number)
        return 0;
    append_subflow(a, connection, number);
    plait_count(a, PLAIT_COUNT_SUBFLOWS);
    return number;
}

void plait_store_alias(const struct plait_at *at, uint32_t subflow, unsigned end)
{
    struct plait_audit *a = at->a;
    uint32_t number = take_subflow(at, plait_sub(a, subflow)->connection, end);
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
    if (a->flows.count)
        plait_index_remove(&a->flows, subflow, plait_store_hash_of_subflow(a, subflow));
    s->flags |= PLAIT_SUB_UNLISTED;
    if (a->last_flow == subflow)
        a->last_flow = 0;
}

void plait_store_give_subflow(struct plait_audit *a, uint32_t number)
{
    struct plait_subflow *s = plait_sub(a, number);
    if (!(s->flags & PLAIT_SUB_ALIAS)) {
        plait_track_give(a, number);
        plait_store_give_join(a, number);
    }
    plait_store_unlist(a, number);
    if (a->appended == number)
        a->appended = 0;
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
    SWAP(s->ttl_place);
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
    if (a->appended == subflow)
        a->appended = 0; /* it may come back to where it was */
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
