/* mptcp/join.c: further subflows that we open (RFC 8684 §3.2).
 *
 * SYN with token and nonce, SYN/ACK with the peer's proof, ACK with ours, and only after the fourth
 * segment is there data: until then the ACK is sent again, for it must arrive (N18). */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

#define PROOF_TRIES_MAX 6
#define SHORT_HMAC      8

unsigned plait_join_syn(const struct plait_subflow *sub, struct plait_mptcp_option *options)
{
    const struct plait_mptcp *c = sub->connection;
    *options = (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN,
                                           .join = {.form = PLAIT_JOIN_SYN,
                                                    .backup = sub->backup_here,
                                                    .addr_id = sub->local_id,
                                                    .token = c->peer_token,
                                                    .nonce = sub->own_nonce}};
    return 1;
}

enum plait_verdict plait_join_syn_ack(struct plait_subflow *sub, plait_time_ns now,
                                      const struct plait_segment *segment)
{
    struct plait_mptcp *c = sub->connection;
    const struct plait_mptcp_option *o = plait_segment_option(segment, PLAIT_MP_JOIN);
    bool is_form = o && o->join.form == PLAIT_JOIN_SYN_ACK &&
                   !plait_segment_option(segment, PLAIT_MP_CAPABLE); /* */
    if (!is_form || !plait_mptcp_is_multipath(c)) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        (void)plait_fallback(sub, now, PLAIT_TROUBLE_NO_JOIN);
        plait_subflow_reset(sub, now, PLAIT_RESET_MPTCP); /* also when fallen back meanwhile */
        return PLAIT_RESET_FLOW;
    }
    if (!plait_join_is_proven(c->mechanism, plait_proof_key(c, c->peer_key),
                              plait_proof_key(c, c->own_key), o->join.nonce, sub->own_nonce,
                              o->join.hmac, SHORT_HMAC)) {
        plait_mptcp_count(c, PLAIT_COUNT_JOIN_BAD_HMAC);
        plait_subflow_reset(sub, now, PLAIT_RESET_MPTCP);
        return PLAIT_RESET_FLOW;
    }
    sub->peer_nonce = o->join.nonce;
    sub->remote_id = o->join.addr_id;
    sub->backup_there = o->join.backup;
    sub->is_authenticated = true;
    const struct plait_addr *addr = &plait_flow_first_path(sub->flow)->key.dst.addr;
    (void)plait_address_book_note(&c->peer_addrs, sub->remote_id, addr); /* full: not kept */
    return PLAIT_GO_ON;
}

void plait_join_third_ack(const struct plait_subflow *sub, struct plait_mptcp_option *option)
{
    const struct plait_mptcp *c = sub->connection;
    *option =
        (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_ACK}};
    plait_join_prove(c->mechanism, plait_proof_key(c, c->own_key), plait_proof_key(c, c->peer_key),
                     sub->own_nonce, sub->peer_nonce, option->join.hmac);
}

void plait_join_confirmed(struct plait_subflow *sub, plait_time_ns now)
{
    sub->says &= (uint8_t)~PLAIT_SAY_PROOF;
    plait_mptcp_count(sub->connection, PLAIT_COUNT_JOIN_OUT);
    plait_subflow_open(sub, now);
}

void plait_join_timer(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_timers *timers = &plait_mptcp_stack(sub->connection)->timers;
    if (sub->tries > PROOF_TRIES_MAX) {
        plait_subflow_reset(sub, now, PLAIT_RESET_PERFORMANCE);
        return;
    }
    if (sub->tries > 0)
        plait_subflow_say(sub, PLAIT_SAY_PROOF);
    plait_time_ns wait_ns = plait_flow_first_path(sub->flow)->rto_ns;
    plait_timer_set(timers, &sub->timer, now + (wait_ns << sub->tries));
    sub->tries++;
}

/* ---- opening --------------------------------------------------------------------------------- */

bool plait_own_addr_id(struct plait_mptcp *c, const struct plait_place *place, uint8_t *addr_id)
{
    return plait_ok(plait_address_book_identify(&c->own_addrs, &place->addr, addr_id));
}

/* Here or in another connection of the machine. */
static bool is_open_already(const struct plait_mptcp *c, const struct plait_place *local,
                            const struct plait_place *remote)
{
    const struct plait_machine *machine = c->world->machine;
    struct plait_flow_key key = {.src = *local, .dst = *remote};
    if (machine->has_path && machine->has_path(c->world->machine_self, &key))
        return true;
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (!sub->flow)
            continue;
        for (const struct plait_path *p = plait_flow_first_path(sub->flow); p; p = p->next)
            if (!p->is_detached && plait_place_equal(&p->key.src, local) &&
                plait_place_equal(&p->key.dst, remote))
                return true;
    }
    return false;
}

static uint32_t draw_nonce(struct plait_mptcp *c)
{
    const struct plait_stack *stack = plait_mptcp_stack(c);
    uint64_t n = (uint64_t)c->number << 32 | ++c->nonces_drawn;
    return plait_join_nonce(c->mechanism,
                            (uint32_t)plait_draw(&stack->key, stack->name, "mptcp nonce", n));
}

static plait_result open_proven(struct plait_mptcp *c, plait_time_ns now,
                                const struct plait_place *local, const struct plait_place *remote,
                                bool backup)
{
    if (c->further_count >= c->config.subflows_limit)
        return PLAIT_FAIL(TOO_MANY); /* N45 */
    struct plait_subflow *sub = plait_subflow_new(c);
    if (!sub)
        return PLAIT_FAIL(TOO_MANY);
    struct plait_address_book own_addrs = c->own_addrs;
    uint32_t nonces_drawn = c->nonces_drawn;
    sub->initiated_here = sub->is_further = true;
    c->further_count++;
    sub->backup_here = backup;
    bool has_id = plait_own_addr_id(c, local, &sub->local_id);
    struct plait_address *known = plait_address_book_find_addr(&c->peer_addrs, &remote->addr);
    sub->remote_id = known ? known->id : 0;
    sub->own_nonce = draw_nonce(c);
    if (has_id)
        sub->flow = c->world->machine->open(c->world->machine_self, c, local, remote,
                                            plait_mptcp_owner_table(), sub, now);
    if (!sub->flow) { /* a refusal changes nothing */
        plait_subflow_free(sub);
        c->own_addrs = own_addrs;
        c->nonces_drawn = nonces_drawn;
        return PLAIT_FAIL(TOO_MANY);
    }
    c->had_joins = true;
    return PLAIT_OK;
}

plait_result plait_mptcp_add_subflow(struct plait_mptcp *c, plait_time_ns now,
                                     const struct plait_place *local,
                                     const struct plait_place *remote, bool backup)
{
    struct plait_place to = *remote;
    if (to.port == 0)
        to.port = c->first_remote.port;
    /* Not before a DSS was received (N12), nor where the peer said that it takes none (N07). */
    if (!plait_mptcp_is_multipath(c) || c->is_fastclosing || !c->dss_seen ||
        local->addr.family != to.addr.family)
        return PLAIT_FAIL(NOT_FOUND);
    if (c->peer_forbids_first && plait_place_equal(&to, &c->first_remote))
        return PLAIT_FAIL(NOT_FOUND);
    if (is_open_already(c, local, &to))
        return PLAIT_FAIL(EXISTS);
    if (c->mechanism->path == PLAIT_PATH_PROVEN)
        return open_proven(c, now, local, &to, backup);
    if (!c->messages || backup) /* there is no MP_PRIO either */
        return PLAIT_FAIL(UNSUPPORTED);
    return plait_messages_add(c, now, local, &to);
}

static struct plait_subflow *at_index(struct plait_mptcp *c, unsigned index)
{
    struct plait_subflow *sub = c->subflows;
    if (c->messages)
        return plait_pairs_at(c, index) ? sub : NULL;
    for (; sub && index > 0; index--)
        sub = sub->next;
    return sub;
}

/* FIN for what is in use, a reset for what is not open yet. */
plait_result plait_mptcp_remove_subflow(struct plait_mptcp *c, plait_time_ns now, unsigned index)
{
    struct plait_subflow *sub = at_index(c, index);
    if (!sub || !plait_mptcp_is_multipath(c))
        return PLAIT_FAIL(NOT_FOUND);
    if (c->messages) { /* its address goes, and with it other pairs of that address */
        struct plait_addr addr = plait_pairs_at(c, index)->key.src.addr;
        return plait_mptcp_withdraw(c, now, &addr);
    }
    plait_reinject_from(sub, now);
    plait_subflow_close(sub, now);
    return PLAIT_OK;
}

plait_result plait_mptcp_set_backup(struct plait_mptcp *c, plait_time_ns now, unsigned index,
                                    bool backup)
{
    struct plait_subflow *sub = at_index(c, index);
    if (!sub || !plait_mptcp_is_multipath(c))
        return PLAIT_FAIL(NOT_FOUND);
    if (c->messages)
        return PLAIT_FAIL(UNSUPPORTED);
    sub->backup_here = backup;
    plait_control_arm(c, now);
    plait_subflow_say(sub, PLAIT_SAY_PRIO);
    return PLAIT_OK;
}
