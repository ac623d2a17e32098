/* host/digest.c: a number for what a host will do from now on. */
#include "host/inside.h"

#include "base/hasher.h"

static void hash_time(struct plait_hasher *h, plait_time_ns at_ns, plait_time_ns now)
{
    plait_hash_u64(h, at_ns == PLAIT_NEVER ? UINT64_MAX : (uint64_t)(at_ns - now));
}

static void hash_place(struct plait_hasher *h, const struct plait_place *place)
{
    plait_hash_octets(h, place->addr.octets, sizeof place->addr.octets);
    plait_hash_u64(h, (uint64_t)place->addr.family << 16 | place->port);
}

static void hash_request(struct plait_hasher *h, const struct plait_request *r, plait_time_ns now)
{
    hash_place(h, &r->key.src);
    hash_place(h, &r->key.dst);
    hash_time(h, r->due_ns, now);
    plait_hash_u64(h, (uint64_t)r->isn << 32 | r->peer_isn);
    plait_hash_u64(h, (uint64_t)r->peer_timestamp << 32 | (uint64_t)r->peer_mss << 16 |
                          r->peer_window);
    plait_hash_u64(h, (uint64_t)r->attempts << 40 | (uint64_t)r->send_shift << 32 |
                          (uint64_t)r->listener << 8 | (uint64_t)r->sack << 2 |
                          (uint64_t)r->timestamps << 1 | r->window_scale);
    plait_hash_u64(h, r->hello.own_key);
    plait_hash_u64(h, r->hello.peer_key);
    plait_hash_u64(h, (uint64_t)r->hello.own_nonce << 32 | r->hello.peer_nonce);
    plait_hash_u64(h, (uint64_t)r->hello.kind << 16 | r->hello.local_id << 8 | r->hello.remote_id);
    plait_hash_u64(h, r->hello.backup << 1 | r->hello.checksum);
}

static void hash_connection(struct plait_hasher *h, const struct plait_connection *c,
                            plait_time_ns now)
{
    plait_hash_u64(h, (uint64_t)c->ended << 8 | c->is_over << 4 | c->is_closing << 3 |
                          c->is_orphan << 2 | c->is_new << 1 | c->is_waiting);
    hash_time(h, c->orphan_timer.at_ns, now);
    plait_hash_u64(h, c->orphan_progress);
    if (c->mptcp)
        plait_mptcp_digest(c->mptcp, now, h);
    if (c->flow && !c->is_over)
        plait_flow_digest(c->flow, now, h);
}

uint64_t plait_host_digest(const struct plait_host *host, plait_time_ns now)
{
    struct plait_hasher h = plait_hasher(0);
    for (unsigned i = 0; i < host->addr_count; i++)
        hash_place(&h, &(struct plait_place){host->addrs[i], 0});
    plait_hash_u64(&h, host->ports_drawn);
    for (const struct plait_listener *l = host->listeners; l; l = l->next) {
        hash_place(&h, &l->place);
        plait_hash_u64(&h, (uint64_t)l->half_open << 32 | l->waiting);
    }
    for (unsigned q = 0; q <= PLAIT_REQUEST_ATTEMPTS; q++)
        for (const struct plait_request *r = host->requests.queues[q].first; r; r = r->next)
            hash_request(&h, r, now);
    for (const struct plait_reply *r = host->replies.first; r; r = r->next)
        plait_hash_octets(&h, r->octets, r->length_octets);
    for (const struct plait_connection *c = host->connections; c; c = c->next)
        hash_connection(&h, c, now);
    /* A cookie that may come back. */
    bool expects = host->last_cookie_ns != PLAIT_NEVER &&
                   now - host->last_cookie_ns <= 2 * PLAIT_COOKIE_CLOCK_NS;
    hash_time(&h, expects ? host->last_cookie_ns : PLAIT_NEVER, now);
    return plait_hash_end(&h);
}
