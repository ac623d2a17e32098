/* mptcp/pairs.c: pairs of addresses that share one sequence space (RFC 6181 §4): each is a path of
 * the connection's one flow, which has no handshake of its own.
 *
 * A pair that we offer takes what comes as soon as it is offered, and is sent on once the peer has
 * said that it knows it.  A pair that the peer names is made when messages.c says so. */
#include "mptcp/inside.h"

struct plait_flow *plait_pairs_flow(const struct plait_mptcp *c)
{
    struct plait_subflow *sub = c->subflows;
    return c->messages && sub ? sub->flow : NULL;
}

unsigned plait_pairs_count(const struct plait_mptcp *c)
{
    struct plait_flow *flow = plait_pairs_flow(c);
    unsigned count = 0;
    for (struct plait_path *p = flow ? plait_flow_first_path(flow) : NULL; p; p = p->next)
        count += p->is_usable;
    return count;
}

bool plait_pairs_are_gone(const struct plait_mptcp *c)
{
    return plait_pairs_flow(c) && plait_pairs_count(c) == 0;
}

struct plait_path *plait_pairs_at(const struct plait_mptcp *c, unsigned index)
{
    struct plait_flow *flow = plait_pairs_flow(c);
    for (struct plait_path *p = flow ? plait_flow_first_path(flow) : NULL; p; p = p->next)
        if (!p->is_detached && index-- == 0)
            return p;
    return NULL;
}

struct plait_path *plait_pairs_find(const struct plait_mptcp *c, const struct plait_flow_key *key)
{
    struct plait_path *p;
    for (unsigned i = 0; (p = plait_pairs_at(c, i)); i++)
        if (plait_flow_equal(&p->key, key))
            return p;
    return NULL;
}

bool plait_pairs_may_send(const struct plait_mptcp *c, const struct plait_path *path)
{
    return !c->messages || !plait_messages_offers(c, &path->key);
}

/* For what is not data: one that is known to the peer, rather one that answers, not from NOT_FROM
 * (which may be NULL); NULL if there is none. */
struct plait_path *plait_pairs_best(const struct plait_mptcp *c, enum plait_family family,
                                    const struct plait_addr *not_from)
{
    struct plait_path *p, *best = NULL;
    for (unsigned i = 0; (p = plait_pairs_at(c, i)); i++) {
        bool may = p->is_usable && p->key.src.addr.family == family && plait_pairs_may_send(c, p) &&
                   !(not_from && plait_addr_equal(&p->key.src.addr, not_from));
        if (may && (!best || p->timeouts < best->timeouts))
            best = p;
    }
    return best;
}

/* ---- coming and going ------------------------------------------------------------------------ */

plait_result plait_pairs_open(struct plait_mptcp *c, plait_time_ns now,
                              const struct plait_flow_key *key)
{
    const struct plait_machine *machine = c->world->machine;
    struct plait_flow *flow = plait_pairs_flow(c);
    if (flow)
        plait_pairs_sweep(c, now);
    if (plait_pairs_find(c, key))
        return PLAIT_FAIL(EXISTS);
    struct plait_path *path = flow ? plait_flow_add_path(flow, key, now) : NULL;
    if (!path)
        return PLAIT_FAIL(TOO_MANY);
    if (!machine->claim_path(c->world->machine_self, path)) {
        plait_flow_remove_path(flow, path);
        return PLAIT_FAIL(EXISTS);
    }
    const struct plait_path *first = plait_flow_first_path(flow);
    if (c->config.basic.inherit_window && first != path)
        plait_flow_inherit_window(path, first, now);
    if (!c->is_fastclosing)
        plait_timer_set(&plait_mptcp_stack(c)->timers, &c->close_timer, PLAIT_NEVER);
    plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
    plait_flow_wake(flow);
    return PLAIT_OK;
}

/* Without any pair the connection waits for one as for a subflow (break before make). */
void plait_pairs_close(struct plait_mptcp *c, plait_time_ns now, struct plait_path *path)
{
    struct plait_flow *flow = plait_pairs_flow(c);
    c->world->machine->release_path(c->world->machine_self, path);
    plait_messages_forget(c, &path->key);
    plait_flow_remove_path(flow, path);
    if (plait_pairs_are_gone(c) && !c->is_fastclosing)
        plait_timer_set(&plait_mptcp_stack(c)->timers, &c->close_timer,
                        now + c->config.close_timeout_ns);
    plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
    plait_flow_wake(flow);
}

/* What TCP has given up is no pair any more; it is taken away when the others are looked at. */
void plait_pairs_sweep(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_path *p;
    for (unsigned i = 0; (p = plait_pairs_at(c, i));) {
        if (p->is_usable)
            i++;
        else
            plait_pairs_close(c, now, p);
    }
}

unsigned plait_pairs_close_to(struct plait_mptcp *c, plait_time_ns now,
                              const struct plait_addr *peer_addr)
{
    struct plait_path *p;
    unsigned closed = 0;
    for (unsigned i = 0; (p = plait_pairs_at(c, i));) {
        if (!plait_addr_equal(&p->key.dst.addr, peer_addr)) {
            i++;
            continue;
        }
        plait_pairs_close(c, now, p);
        closed++;
    }
    plait_pairs_sweep(c, now);
    return closed;
}

enum plait_verdict plait_pairs_reset(struct plait_mptcp *c, plait_time_ns now,
                                     const struct plait_segment *reset)
{
    struct plait_flow_key in = plait_segment_flow(reset), key = plait_flow_reversed(&in);
    struct plait_path *path = plait_pairs_find(c, &key);
    if (!path || plait_pairs_count(c) < 1u + path->is_usable ||
        c->config.basic.reset_ends_connection)
        return PLAIT_GO_ON;
    plait_pairs_close(c, now, path);
    plait_pairs_sweep(c, now);
    return PLAIT_TAKEN;
}
