/* mptcp/pairs.c: pairs of addresses that need no handshake (RFC 6181 §4), in two data planes.
 *
 * *single*: each is a path of the connection's one flow.  *mapped*: each is a subflow with numbers
 * of its own, whose flow is opened without a handshake and waits for the peer's initial number.
 * Whoever asks for pairs gets paths and need not know which.
 *
 * A pair that we offer takes what comes as soon as it is offered, and is sent on once the peer has
 * said that it knows it.  A pair that the peer names is made when messages.c says so. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

bool plait_pairs_are_mapped(const struct plait_mptcp *c)
{
    return c->messages && c->mechanism && c->mechanism->mapping == PLAIT_MAPPING_DSS;
}

/* The flow whose paths the pairs are. */
static struct plait_flow *single_flow(const struct plait_mptcp *c)
{
    struct plait_subflow *sub = c->subflows;
    return c->messages && sub && !plait_pairs_are_mapped(c) ? sub->flow : NULL;
}

static bool is_alive(const struct plait_subflow *sub)
{
    return sub->flow && sub->stage != PLAIT_SUBFLOW_DEAD;
}

bool plait_pairs_exist(const struct plait_mptcp *c)
{
    return plait_pairs_are_mapped(c) || single_flow(c);
}

/* ---- looking --------------------------------------------------------------------------------- */

static struct plait_path *mapped_at(const struct plait_mptcp *c, unsigned index)
{
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next)
        if (is_alive(sub) && index-- == 0)
            return plait_flow_first_path(sub->flow);
    return NULL;
}

struct plait_path *plait_pairs_at(const struct plait_mptcp *c, unsigned index)
{
    struct plait_flow *flow = single_flow(c);
    if (plait_pairs_are_mapped(c))
        return mapped_at(c, index);
    for (struct plait_path *p = flow ? plait_flow_first_path(flow) : NULL; p; p = p->next)
        if (!p->is_detached && index-- == 0)
            return p;
    return NULL;
}

unsigned plait_pairs_count(const struct plait_mptcp *c)
{
    struct plait_path *p;
    unsigned count = 0;
    for (unsigned i = 0; (p = plait_pairs_at(c, i)); i++)
        count += p->is_usable;
    return count;
}

bool plait_pairs_are_gone(const struct plait_mptcp *c)
{
    return single_flow(c) && plait_pairs_count(c) == 0;
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

/* ---- numbers --------------------------------------------------------------------------------- */

/* The first whose peer has told where it begins. */
static struct plait_path *numbered(const struct plait_mptcp *c)
{
    struct plait_path *p;
    for (unsigned i = 0; (p = plait_pairs_at(c, i)); i++)
        if (!plait_flow_lacks_isn(p->flow))
            return p;
    return NULL;
}

/* Without any pair there are none. */
void plait_pairs_set_numbers(const struct plait_mptcp *c, const struct plait_flow_key *way,
                             struct plait_segment *segment)
{
    const struct plait_path *pair = plait_pairs_find(c, way);
    const struct plait_flow *flow = single_flow(c);
    if (!pair || plait_flow_lacks_isn(pair->flow))
        pair = numbered(c);
    if (flow || pair)
        plait_flow_set_numbers(flow ? flow : pair->flow, segment);
}

bool plait_pairs_may_receive(const struct plait_mptcp *c, uint32_t seq)
{
    const struct plait_flow *flow = single_flow(c);
    const struct plait_path *p;
    if (flow)
        return plait_flow_may_receive(flow, seq);
    for (unsigned i = 0; (p = plait_pairs_at(c, i)); i++)
        if (!plait_flow_lacks_isn(p->flow) && plait_flow_may_receive(p->flow, seq))
            return true;
    return false;
}

uint32_t plait_pairs_isn(const struct plait_mptcp *c, plait_time_ns now,
                         const struct plait_flow_key *key)
{
    const struct plait_machine *machine = c->world->machine;
    return plait_pairs_are_mapped(c) ? machine->isn(c->world->machine_self, key, now) : 0;
}

/* ---- coming ---------------------------------------------------------------------------------- */

static void begin_window(struct plait_mptcp *c, plait_time_ns now, struct plait_path *path)
{
    const struct plait_path *first = plait_pairs_at(c, 0);
    if (c->config.basic.inherit_window && first != path)
        plait_flow_inherit_window(path, first, now);
    if (!c->is_fastclosing)
        plait_timer_set(&plait_mptcp_stack(c)->timers, &c->close_timer, PLAIT_NEVER);
}

static plait_result open_single(struct plait_mptcp *c, plait_time_ns now,
                                const struct plait_flow_key *key)
{
    struct plait_flow *flow = single_flow(c);
    struct plait_path *path = flow ? plait_flow_add_path(flow, key, now) : NULL;
    if (!path)
        return PLAIT_FAIL(TOO_MANY);
    if (!c->world->machine->claim_path(c->world->machine_self, path)) {
        plait_flow_remove_path(flow, path);
        return PLAIT_FAIL(EXISTS);
    }
    begin_window(c, now, path);
    plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
    plait_flow_wake(flow);
    return PLAIT_OK;
}

/* Of any pair; the last one left its own. */
static struct plait_flow_handshake terms_of(const struct plait_mptcp *c, uint32_t isn)
{
    const struct plait_path *any = plait_pairs_at(c, 0);
    struct plait_flow_handshake terms = any ? plait_flow_terms(any->flow) : c->messages->terms;
    terms.isn = isn;
    return terms;
}

static plait_result open_mapped(struct plait_mptcp *c, plait_time_ns now,
                                const struct plait_flow_key *key, uint32_t isn, bool offered)
{
    struct plait_flow_handshake terms = terms_of(c, isn);
    struct plait_subflow *sub = plait_subflow_new(c);
    struct plait_flow_setup setup = {.key = *key,
                                     .owner_table = plait_mptcp_owner_table(),
                                     .owner = sub,
                                     .connection = c->number};
    struct plait_flow *flow =
        sub ? plait_flow_open(plait_mptcp_stack(c), &setup, &terms, now) : NULL;
    struct plait_path *path = flow ? plait_flow_first_path(flow) : NULL;
    bool is_ours = path && c->world->machine->claim_path(c->world->machine_self, path);
    if (!is_ours) {
        if (sub)
            plait_subflow_free(sub);
        if (flow)
            plait_flow_free(flow);
        return flow ? PLAIT_FAIL(EXISTS) : PLAIT_FAIL(TOO_MANY);
    }
    sub->flow = flow;
    sub->stage = PLAIT_SUBFLOW_PROVING;
    sub->is_authenticated = true;
    sub->initiated_here = offered;
    c->had_joins = true;
    begin_window(c, now, path);
    if (offered)
        plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
    else
        plait_subflow_open(sub, now);
    return PLAIT_OK;
}

plait_result plait_pairs_open(struct plait_mptcp *c, plait_time_ns now,
                              const struct plait_flow_key *key, uint32_t isn, bool offered)
{
    plait_pairs_sweep(c, now);
    if (plait_pairs_find(c, key))
        return PLAIT_FAIL(EXISTS);
    return plait_pairs_are_mapped(c) ? open_mapped(c, now, key, isn, offered)
                                     : open_single(c, now, key);
}

void plait_pairs_taken(struct plait_mptcp *c, plait_time_ns now, const struct plait_flow_key *key)
{
    struct plait_path *path = plait_pairs_are_mapped(c) ? plait_pairs_find(c, key) : NULL;
    struct plait_subflow *sub = path ? plait_flow_owner(path->flow) : NULL;
    if (sub && sub->stage == PLAIT_SUBFLOW_PROVING && !plait_flow_lacks_isn(path->flow))
        plait_subflow_open(sub, now);
    plait_mptcp_wake_all(c);
}

/* ---- going ----------------------------------------------------------------------------------- */

void plait_pairs_went(struct plait_subflow *sub)
{
    struct plait_mptcp *c = sub->connection;
    if (!sub->flow || !plait_pairs_are_mapped(c))
        return;
    c->messages->terms = plait_flow_terms(sub->flow);
    plait_messages_forget(c, &plait_flow_first_path(sub->flow)->key);
}

static void close_mapped(struct plait_mptcp *c, plait_time_ns now, struct plait_path *path)
{
    struct plait_flow *flow = path->flow;
    struct plait_subflow *sub = plait_flow_owner(flow);
    plait_pairs_went(sub);
    plait_dss_abandon(sub, now, c->stage != PLAIT_MPTCP_ENDED);
    plait_subflow_free(sub);
    plait_flow_free(flow);
    plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
    plait_mptcp_wake_all(c);
    plait_mptcp_check_end(c, now); /* or waits for another pair */
}

static void close_single(struct plait_mptcp *c, plait_time_ns now, struct plait_path *path)
{
    struct plait_flow *flow = single_flow(c);
    plait_messages_forget(c, &path->key);
    plait_flow_remove_path(flow, path);
    if (plait_pairs_are_gone(c) && !c->is_fastclosing)
        plait_timer_set(&plait_mptcp_stack(c)->timers, &c->close_timer,
                        now + c->config.close_timeout_ns);
    plait_mptcp_event(c, now, PLAIT_MPTCP_PATHS_CHANGED);
    plait_flow_wake(flow);
}

/* Without any pair the connection waits for one as for a subflow (break before make). */
void plait_pairs_close(struct plait_mptcp *c, plait_time_ns now, struct plait_path *path)
{
    c->world->machine->release_path(c->world->machine_self, path);
    if (plait_pairs_are_mapped(c))
        close_mapped(c, now, path);
    else
        close_single(c, now, path);
}

/* What TCP has given up is no pair any more; it is taken away when the others are looked at. */
void plait_pairs_sweep(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_path *p;
    for (unsigned i = 0; single_flow(c) && (p = plait_pairs_at(c, i));) {
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

/* A flow of its own ends as flows do. */
enum plait_verdict plait_pairs_reset(struct plait_mptcp *c, plait_time_ns now,
                                     const struct plait_segment *reset)
{
    struct plait_flow_key in = plait_segment_flow(reset), key = plait_flow_reversed(&in);
    struct plait_path *path = plait_pairs_find(c, &key);
    if (!path || plait_pairs_are_mapped(c) || plait_pairs_count(c) < 1u + path->is_usable ||
        c->config.basic.reset_ends_connection)
        return PLAIT_GO_ON;
    plait_pairs_close(c, now, path);
    plait_pairs_sweep(c, now);
    return PLAIT_TAKEN;
}

/* What the peer has told no number of is not known to be a way of its: a peer that gives up while
 * an ADD is under way cannot reset that pair. */
bool plait_pairs_end_by_reset(const struct plait_mptcp *c)
{
    return plait_pairs_are_mapped(c) && (!numbered(c) || c->config.basic.reset_ends_connection);
}
