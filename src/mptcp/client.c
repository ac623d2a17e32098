/* mptcp/client.c: the active handshake (RFC 8684 §3.1).
 *
 * From the best mechanism to the next to plain TCP: a SYN/ACK without MP_CAPABLE that answers the
 * best one may come from a host that speaks only an older version, which needs another SYN; so the
 * flow is given up and the next mechanism tried, until none is left.  A SYN that is not answered
 * goes without the option after some tries: something on the path may swallow it. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

#define KEY_TRIES 8

static bool claim(struct plait_mptcp *c)
{
    struct plait_mptcp_world *world = c->world;
    c->own_token = c->mechanism->token(c->own_key);
    c->token_claimed = world->machine->claim_token(world->machine_self, c, c->own_token);
    if (!c->token_claimed)
        plait_mptcp_count(c, PLAIT_COUNT_TOKEN_TAKEN);
    return c->token_claimed;
}

/* A key whose token nobody on this machine has (N01, N02); where the server tells it, only a cookie
 * is drawn now. */
bool plait_claim_key(struct plait_mptcp *c)
{
    struct plait_mptcp_world *world = c->world;
    const struct plait_mechanism *m = c->mechanism;
    if (c->token_claimed)
        world->machine->release_token(world->machine_self, c);
    c->token_claimed = false;
    for (uint64_t i = 0; i < KEY_TRIES; i++) {
        uint64_t n = ((uint64_t)c->number * 4 + c->mechanism_index) * KEY_TRIES + i;
        c->own_key = plait_draw(&world->stack->key, world->stack->name, "mptcp key", n);
        c->own_cookie = plait_cookie_of(m, c->own_key);
        if (!m->token || m->key == PLAIT_KEY_FIRST_PAIR || claim(c))
            return true;
    }
    return false;
}

/* The first flow, for the mechanism at c->mechanism_index. */
static bool dial(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_mptcp_world *world = c->world;
    struct plait_subflow *sub = plait_subflow_new(c);
    if (!sub)
        return false;
    sub->is_first = sub->initiated_here = sub->is_authenticated = true;
    sub->flow = world->machine->open(world->machine_self, c, &c->first_local, &c->first_remote,
                                     plait_mptcp_owner_table(), sub, now);
    if (sub->flow)
        return true;
    plait_subflow_free(sub);
    return false;
}

struct plait_mptcp *plait_mptcp_connect(struct plait_mptcp_world *world,
                                        const struct plait_mptcp_config *config,
                                        const struct plait_place *local,
                                        const struct plait_place *remote, plait_time_ns now)
{
    struct plait_mptcp *c = plait_mptcp_new(world, config);
    if (!c)
        return NULL;
    c->is_client = true;
    c->first_local = *local;
    c->first_remote = *remote;
    if (!plait_claim_key(c))
        c->mechanism = NULL; /* no key to be had: plain TCP */
    if (!dial(c, now)) {
        plait_mptcp_free(c);
        world->connections_made--; /* keys are drawn by it: a refusal changes nothing */
        return NULL;
    }
    return c;
}

unsigned plait_client_syn(struct plait_subflow *sub, unsigned attempt,
                          struct plait_mptcp_option *options)
{
    const struct plait_mptcp *c = sub->connection;
    if (!c->mechanism || attempt >= c->config.syn_tries_with_mptcp)
        return 0;
    struct plait_hello_values values = {.sender_key = c->own_key,
                                        .checksum = c->config.checksum,
                                        .forbids_joins = c->config.no_joins_to_first};
    c->mechanism->write_hello(PLAIT_STEP_SYN, &values, options);
    return 1;
}

void plait_client_third_ack(const struct plait_mptcp *c, struct plait_mptcp_option *option)
{
    struct plait_hello_values values = {.sender_key = c->own_key,
                                        .receiver_key = c->peer_key,
                                        .cookie = c->own_cookie,
                                        .checksum = c->checksum,
                                        .forbids_joins = c->config.no_joins_to_first};
    c->mechanism->write_hello(PLAIT_STEP_THIRD_ACK, &values, option);
}

/* The answer has no MP_CAPABLE that we could take.  Whether an older mechanism is worth a second
 * SYN is our choice (RFC 8684 §3.1); the first flow ends with a reset. */
static enum plait_verdict answered_without(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_mptcp *c = sub->connection;
    unsigned next = c->mechanism_index + 1u;
    if (!c->mechanism || !plait_hello_mechanism(&c->config, next)) {
        plait_fallback_hello(c, now);
        return PLAIT_GO_ON;
    }
    c->mechanism_index = (uint8_t)next;
    c->mechanism = plait_hello_mechanism(&c->config, next);
    if (!plait_claim_key(c) || !dial(c, now)) {
        plait_fallback_hello(c, now);
        return PLAIT_GO_ON;
    }
    sub->is_first = false;
    plait_subflow_reset(sub, now, PLAIT_RESET_NO_REASON);
    return PLAIT_RESET_FLOW;
}

/* The token is the hash of the same key under the other version's function; or of what the server
 * has told just now. */
static bool take_answer(struct plait_mptcp *c, const struct plait_mechanism *m,
                        const struct plait_hello_values *values)
{
    bool is_told = m->key == PLAIT_KEY_FIRST_PAIR;
    bool is_claimed = m == c->mechanism && !is_told;
    c->mechanism = m;
    c->peer_key = values->sender_key;
    c->peer_cookie = values->cookie;
    if (is_told)
        c->own_key = c->peer_key;
    if (is_claimed)
        return true;
    if (c->token_claimed)
        c->world->machine->release_token(c->world->machine_self, c);
    c->token_claimed = false;
    c->own_token = 0;
    return !m->token || claim(c);
}

enum plait_verdict plait_client_syn_ack(struct plait_subflow *sub, plait_time_ns now,
                                        const struct plait_segment *segment)
{
    struct plait_mptcp *c = sub->connection;
    const struct plait_mptcp_option *o = plait_segment_option(segment, PLAIT_MP_CAPABLE);
    if (!c->mechanism || !o || plait_segment_option(segment, PLAIT_MP_JOIN))
        return answered_without(sub, now);
    struct plait_hello_values values;
    const struct plait_mechanism *m = NULL;
    /* The version may be lower than the one asked for, never higher (N04). */
    if (o->capable.version <= c->mechanism->version)
        m = plait_hello_choose(&c->config, PLAIT_STEP_SYN_ACK, &o->capable, &values);
    if (!m) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        return answered_without(sub, now);
    }
    if (!take_answer(c, m, &values)) {
        plait_fallback_hello(c, now);
        return PLAIT_GO_ON;
    }
    c->checksum = values.checksum || c->config.checksum;
    c->peer_forbids_first = values.forbids_joins;
    plait_mptcp_identify(c);
    plait_mptcp_count(c, PLAIT_COUNT_CAPABLE_OUT);
    return PLAIT_GO_ON;
}
