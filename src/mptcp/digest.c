/* mptcp/digest.c: what decides a connection's further behaviour (DESIGN §7): times relative to now,
 * no counters, no numbers that only name things. */
#include "mptcp/inside.h"

static void hash_time(struct plait_hasher *h, plait_time_ns at_ns, plait_time_ns now)
{
    plait_hash_u64(h, at_ns == PLAIT_NEVER ? UINT64_MAX : (uint64_t)(at_ns - now));
}

static void hash_ranges(struct plait_hasher *h, const struct plait_range_set *set)
{
    plait_hash_u64(h, set->count);
    for (uint32_t i = 0; i < set->count; i++) {
        plait_hash_u64(h, set->ranges[i].from);
        plait_hash_u64(h, set->ranges[i].to);
    }
}

static void hash_mappings(struct plait_hasher *h, const struct plait_mapping_list *list)
{
    plait_hash_u64(h, list->count);
    for (const struct plait_mapping *m = list->first; m; m = m->next) {
        plait_hash_u64(h, m->from);
        plait_hash_u64(h, m->to);
        plait_hash_u64(h, m->data_from);
        plait_hash_u64(h, m->arrived_octets);
        plait_hash_u64(h, (uint64_t)m->data_length << 16 | m->checksum);
    }
}

static void hash_place(struct plait_hasher *h, const struct plait_place *place)
{
    plait_hash_octets(h, place->addr.octets, sizeof place->addr.octets);
    plait_hash_u64(h, (uint64_t)place->addr.family << 16 | place->port);
}

static void hash_key(struct plait_hasher *h, const struct plait_flow_key *key)
{
    hash_place(h, &key->src);
    hash_place(h, &key->dst);
}

static void hash_book(struct plait_hasher *h, const struct plait_address_book *book)
{
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM; i++) {
        const struct plait_address *a = &book->addresses[i];
        plait_hash_u64(h, a->is_known);
        if (!a->is_known)
            continue;
        plait_hash_octets(h, a->place.addr.octets, sizeof a->place.addr.octets);
        plait_hash_u64(h, (uint64_t)a->place.port << 32 | (uint64_t)a->place.addr.family << 16 |
                              (uint64_t)a->id << 8 | a->tries);
        plait_hash_u64(h, (uint64_t)a->is_announced | (uint64_t)a->is_echoed << 1 |
                              (uint64_t)a->has_failed << 2);
    }
}

static void hash_subflow(struct plait_hasher *h, const struct plait_subflow *sub, plait_time_ns now)
{
    const bool flags[] = {sub->is_first,      sub->initiated_here, sub->is_authenticated,
                          sub->backup_here,   sub->backup_there,   sub->is_stale,
                          sub->dss_passes,    sub->says_fastclose, sub->says_fail,
                          sub->told_infinite, sub->is_probed};
    uint64_t bits = 0;
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        bits = bits << 1 | flags[i];
    plait_hash_u64(h, bits);
    plait_hash_u64(h, (uint64_t)sub->stage << 40 | (uint64_t)sub->says << 32 |
                          (uint64_t)sub->local_id << 24 | (uint64_t)sub->remote_id << 16 |
                          (uint64_t)sub->signals_in_row << 8 | sub->tries);
    plait_hash_u64(h, (uint64_t)sub->own_nonce << 32 | sub->peer_nonce);
    plait_hash_u64(h, sub->unmapped_octets);
    plait_hash_u64(h, sub->unmapped_edge);
    plait_hash_u64(h, sub->infinite_until);
    plait_hash_u64(h, sub->acked_seen);
    hash_time(h, sub->timer.at_ns, now);
    hash_mappings(h, &sub->sent);
    hash_mappings(h, &sub->received);
    if (sub->flow)
        plait_flow_digest(sub->flow, now, h);
}

/* Which pairs there are, and what is asked of whom; the rest is in the flow. */
static void hash_messages(struct plait_hasher *h, const struct plait_mptcp *c, plait_time_ns now)
{
    const struct plait_path *p;
    for (unsigned i = 0; (p = plait_pairs_at(c, i)); i++)
        hash_key(h, &p->key);
    plait_hash_u64(h, c->messages->last_id);
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++) {
        const struct plait_question *q = &c->messages->questions[i];
        plait_hash_u64(h, (uint64_t)q->what << 16 | (uint64_t)q->id << 8 | q->tries);
        if (!q->what)
            continue;
        hash_key(h, &q->pair);
        plait_hash_u64(h, q->nonce);
        plait_hash_u64(h, (uint64_t)q->isn << 1 | q->is_echoed);
        hash_time(h, q->due_ns, now);
    }
}

static void hash_octets_of(const struct plait_mptcp *c, struct plait_hasher *h)
{
    /* What was written and not delivered, and what arrived and was not read. */
    struct plait_send_queue send = c->send; /* look-ups move a hint: in a copy */
    for (uint64_t at = send.start; at < send.end;) {
        uint32_t part = send.end - at > UINT32_MAX ? UINT32_MAX : (uint32_t)(send.end - at);
        const uint8_t *octets = plait_send_queue_peek(&send, at, &part);
        plait_hash_octets(h, octets, part);
        at += part;
    }
    for (uint32_t i = 0; i < c->receive.received.count; i++) {
        struct plait_receive_queue receive = c->receive;
        uint64_t to = receive.received.ranges[i].to;
        for (uint64_t at = receive.received.ranges[i].from; at < to;) {
            uint32_t part = (uint32_t)(to - at);
            const uint8_t *octets = plait_receive_queue_placed(&receive, at, &part);
            if (!octets || part == 0)
                break;
            plait_hash_octets(h, octets, part);
            at += part;
        }
    }
}

void plait_mptcp_digest(const struct plait_mptcp *c, plait_time_ns now, struct plait_hasher *h)
{
    const bool flags[] = {c->is_client,         c->is_plain,          c->has_fallen_back,
                          c->checksum,          c->hello_is_known,    c->dss_seen,
                          c->had_joins,         c->is_fastclosing,    c->close_wanted,
                          c->fin_sent,          c->closed_told,       c->peer_done_told,
                          c->mapping_seen,      c->write_was_short,   c->pool_was_empty,
                          c->mechanism != NULL, c->peer_forbids_first};
    uint64_t bits = 0;
    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
        bits = bits << 1 | flags[i];
    const uint64_t words[] = {bits,
                              c->stage,
                              c->own_key,
                              c->peer_key,
                              c->own_cookie,
                              c->peer_cookie,
                              c->data_next,
                              c->data_acked,
                              c->window_edge,
                              c->delta_out,
                              c->delta_in,
                              c->peer_fin,
                              c->send.start,
                              c->send.end,
                              c->receive.start,
                              c->data_tries,
                              c->fastclose_tries,
                              c->addrs_dialled,
                              c->announce_round,
                              c->half_open_joins};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        plait_hash_u64(h, words[i]);
    hash_ranges(h, &c->reinject);
    hash_ranges(h, &c->receive.received);
    hash_ranges(h, &c->placed);
    hash_octets_of(c, h);
    hash_book(h, &c->own_addrs);
    hash_book(h, &c->peer_addrs);
    for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX; i++)
        plait_hash_u64(h, (uint64_t)c->signals[i].what << 8 | c->signals[i].addr_id);
    hash_time(h, c->data_timer.at_ns, now);
    hash_time(h, c->close_timer.at_ns, now);
    hash_time(h, c->addr_timer.at_ns, now);
    if (c->messages)
        hash_messages(h, c, now);
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        hash_subflow(h, sub, now);
}
