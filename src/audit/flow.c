/* audit/flow.c: the flow of a packet: known, opened by it, or opened anew. */
#include "audit/flow.h"

#include "audit/duplicate.h"
#include "audit/join.h"

/* A flow that was silent so long may be another one of the same addresses and ports. */
#define REUSE_NS (60 * PLAIT_S)

/* ---- a flow that is not known yet ----------------------------------------------------------- */

/* Who opened it, where its handshake was not seen: who has the greater port. */
static unsigned guess_sender(const struct plait_packet *p)
{
    return p->src_port > p->dst_port ? 0 : 1;
}

/* END sent P; *IS_GUESS: it may be the other way round. */
static unsigned sender_of_new(const struct plait_packet *p, bool *is_guess)
{
    *is_guess = false;
    if (plait_packet_is(p, PLAIT_SYN))
        return plait_packet_is(p, PLAIT_ACK) ? 1 : 0;
    const struct plait_packet_option *o = plait_packet_option(p, PLAIT_MP_CAPABLE);
    const struct plait_packet_option *join = plait_packet_option(p, PLAIT_MP_JOIN);
    if ((o && o->octets >= 20) || (join && join->octets == 24))
        return 0; /* a third ACK, or the first data */
    *is_guess = true;
    return guess_sender(p);
}

static void open_connection(struct plait_at *at)
{
    bool is_guess;
    at->end = sender_of_new(at->p, &is_guess);
    at->connection_number = plait_store_connection(at->a);
    if (!at->connection_number)
        return;
    at->c = plait_con(at->a, at->connection_number);
    if (is_guess)
        at->c->flags |= PLAIT_CON_GUESS;
    if (!plait_packet_is(at->p, PLAIT_SYN))
        at->c->flags |= PLAIT_CON_GAP;
}

static bool read_join(const struct plait_packet *p, struct plait_mp_join *join)
{
    struct plait_mptcp_option option;
    const struct plait_packet_option *o = plait_packet_option(p, PLAIT_MP_JOIN);
    if (!o || !plait_ok(plait_mptcp_parse(o->at, o->octets, &option)))
        return false;
    *join = option.join;
    return true;
}

static void choose_connection(struct plait_at *at, bool is_join, const struct plait_mp_join *join)
{
    if (is_join && plait_packet_is(at->p, PLAIT_SYN))
        at->connection_number = plait_join_target(at->a, at->p, join, &at->end, &at->is_ambiguous);
    if (at->connection_number) {
        at->c = plait_con(at->a, at->connection_number);
        return;
    }
    open_connection(at);
    if (at->connection_number && is_join) {
        at->c->flags |= PLAIT_CON_ORPHAN | PLAIT_CON_MPTCP;
        at->c->version = PLAIT_AUDIT_NO_VERSION;
        plait_count(at->a, PLAIT_COUNT_CONNECTIONS_MPTCP);
    }
}

static void set_up_subflow(struct plait_at *at, bool is_join)
{
    bool is_guess;
    unsigned sender = sender_of_new(at->p, &is_guess); /* 0: it opens this subflow */
    unsigned opener = sender == 0 ? at->end : !at->end;
    at->s->flags |= (opener ? PLAIT_SUB_OPENER_1 : 0) | (is_guess ? PLAIT_SUB_GUESS : 0) |
                    (is_join ? PLAIT_SUB_JOIN : 0) | PLAIT_SUB_STAMPS_0 | PLAIT_SUB_STAMPS_1;
    if (!plait_is_heard(at->a) || at->c->subflow_count > 1)
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_OPEN);
    event.from = plait_store_place(at->a, at->s, opener);
    event.to = plait_store_place(at->a, at->s, !opener);
    plait_say(at, &event);
}

static bool open_flow(struct plait_at *at)
{
    struct plait_mp_join join;
    bool is_join = read_join(at->p, &join);
    at->is_new_flow = true;
    choose_connection(at, is_join, &join);
    if (!at->connection_number)
        return false;
    at->subflow_number = plait_store_subflow(at);
    if (!at->subflow_number) {
        if (!at->c->first_subflow)
            plait_store_end(at->a, at->connection_number, PLAIT_END_NONE);
        return false;
    }
    at->s = plait_sub(at->a, at->subflow_number);
    set_up_subflow(at, is_join);
    return true;
}

/* ---- a SYN on a flow that is known ---------------------------------------------------------- */

static bool is_over(const struct plait_at *at)
{
    const uint32_t any_end = PLAIT_SUB_FIN_0 | PLAIT_SUB_FIN_1 | PLAIT_SUB_RST_0 | PLAIT_SUB_RST_1;
    bool is_idle = at->ref.at_ns - at->c->last_ns > REUSE_NS;
    return is_idle || at->s->flags & any_end || at->c->flags & PLAIT_CON_OVER ||
           !(at->s->flags & PLAIT_SUB_SYN_ACK);
}

/* Another connection of the same addresses and ports?  A SYN alone does not end one that lives
 * (RFC 5961 §4); one with the number that is known is the same, sent again. */
static bool is_reuse(const struct plait_at *at)
{
    if (!plait_packet_is(at->p, PLAIT_SYN))
        return false;
    bool knows = plait_has(at->s->flags, PLAIT_SUB_ISN_0, at->end);
    return knows && at->s->half[at->end].isn != at->p->seq && is_over(at);
}

static void make_way(struct plait_at *at)
{
    bool is_first = !(at->s->flags & PLAIT_SUB_JOIN);
    if (is_first && at->c->first_subflow == at->subflow_number &&
        (at->c->subflow_count == 1 || at->c->flags & PLAIT_CON_OVER)) {
        plait_store_end(at->a, at->connection_number, PLAIT_END_REUSED);
    } else {
        plait_store_unlist(at->a, at->subflow_number);
        at->s->flags |= PLAIT_SUB_CLOSED;
    }
    at->connection_number = at->subflow_number = 0;
}

/* ---- a flow behind a NAT -------------------------------------------------------------------- */

/* So many flows may be one behind NATs.  Whoever sends copies of a SYN can make up more: they are
 * listed with the subflow, and are flows of their own then. */
#define ALIASES_OF_ONE 16

static bool may_have_alias(const struct plait_audit *a, uint32_t subflow)
{
    unsigned count = 0;
    for (uint32_t n = plait_sub(a, subflow)->next;
         n && plait_sub(a, n)->flags & PLAIT_SUB_ALIAS && count < ALIASES_OF_ONE;
         n = plait_sub(a, n)->next)
        count++;
    return count < ALIASES_OF_ONE;
}

/* Whoever sends two SYNs alike makes two connections look like both sides of a NAT (T-EVA-4); their
 * answers differ. */
static bool is_another_answer(const struct plait_at *at)
{
    return plait_packet_is(at->p, PLAIT_SYN | PLAIT_ACK) && at->s->flags & PLAIT_SUB_SYN_ACK &&
           plait_has(at->s->flags, PLAIT_SUB_ISN_0, at->end) &&
           at->s->half[at->end].isn != at->p->seq;
}

/* LISTED: the flow that AT's packet was found by, of AT's subflow or its alias.  True: it is
 * another connection's. */
static bool part_from_alias(struct plait_at *at, uint32_t listed)
{
    if (!is_another_answer(at))
        return false;
    if (listed != at->subflow_number) {
        plait_store_unlist(at->a, listed);
        at->connection_number = at->subflow_number = 0;
        return true;
    }
    uint32_t next = at->s->next;
    bool has_alias = next && plait_sub(at->a, next)->flags & PLAIT_SUB_ALIAS;
    if (!has_alias || at->s->flags & PLAIT_SUB_ACK)
        return false;
    make_way(at); /* what answered before was its alias */
    return true;
}

/* ---- any packet ----------------------------------------------------------------------------- */

bool plait_flow_find(struct plait_at *at)
{
    if (plait_packet_is(at->p, PLAIT_SYN)) {
        plait_store_fetch(at); /* first: it is the farthest */
        plait_duplicate_hash_syn(at);
    }
    at->subflow_number = plait_store_find(at, &at->end);
    uint32_t listed = at->a->last_flow; /* the flow that was found */
    if (!at->subflow_number) {
        unsigned end;
        uint32_t same = plait_duplicate_flow(at, &end);
        if (!same || !may_have_alias(at->a, same))
            return open_flow(at);
        plait_store_alias(at, same, end);
        at->subflow_number = listed = same;
        at->end = end;
    }
    at->s = plait_sub(at->a, at->subflow_number);
    at->connection_number = at->s->connection;
    at->c = plait_con(at->a, at->connection_number);
    if (is_reuse(at))
        make_way(at);
    else if (!part_from_alias(at, listed))
        return true;
    return open_flow(at);
}
