/* audit/hello.c: MP_CAPABLE, and what its absence means. */
#include "audit/hello.h"

#include "audit/data.h"
#include "audit/memory.h"
#include "audit/rules.h"

static unsigned opener_of(const struct plait_subflow *s)
{
    return s->flags & PLAIT_SUB_OPENER_1 ? 1 : 0;
}

static enum plait_hello_step step_of(const struct plait_at *at, const struct plait_mp_capable *o)
{
    if (plait_packet_is(at->p, PLAIT_SYN))
        return plait_packet_is(at->p, PLAIT_ACK) ? PLAIT_STEP_SYN_ACK : PLAIT_STEP_SYN;
    return o->has_data_length ? PLAIT_STEP_FIRST_DATA : PLAIT_STEP_THIRD_ACK;
}

/* ---- events --------------------------------------------------------------------------------- */

static void say_hello(struct plait_at *at, const struct plait_mp_capable *o, uint8_t step,
                      const char *cause)
{
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_HELLO);
    event.step = step;
    event.version = o->version;
    event.flags = o->flags;
    event.has_key = o->has_sender_key;
    event.key = o->sender_key;
    event.cause = cause;
    if (plait_has(at->c->flags, PLAIT_CON_KEY_0, at->end))
        event.token = at->c->token[at->end];
    plait_say(at, &event);
}

static void say_established(struct plait_at *at, enum plait_judgement keys)
{
    if (at->c->flags & PLAIT_CON_ESTABLISHED)
        return;
    at->c->flags |= PLAIT_CON_ESTABLISHED;
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_ESTABLISHED);
    event.version = at->c->version;
    event.judgement = keys;
    plait_say(at, &event);
}

/* ---- keys ----------------------------------------------------------------------------------- */

static void learn_key(struct plait_at *at, unsigned end, uint64_t key)
{
    if (plait_has(at->c->flags, PLAIT_CON_KEY_0, end))
        return;
    uint64_t what = plait_rule_key_expect(at, key);
    plait_store_set_key(at->a, at->connection_number, end, key);
    plait_rule_key_seen(at, end, key, what);
}

static void speaks_mptcp(struct plait_at *at, uint8_t version)
{
    if (!(at->c->flags & PLAIT_CON_MPTCP)) {
        at->c->flags |= PLAIT_CON_MPTCP;
        plait_count(at->a, PLAIT_COUNT_CONNECTIONS_MPTCP);
    }
    at->c->version = version;
}

static void note_flags(struct plait_at *at, const struct plait_mp_capable *o)
{
    if (o->flags & PLAIT_CAPABLE_CHECKSUM)
        at->c->flags |= PLAIT_CON_CHECKSUM | PLAIT_CON_CHECKSUM_KNOWN;
    if (o->flags & PLAIT_CAPABLE_NO_JOINS && o->version == 1)
        at->c->flags |= PLAIT_CON_NO_JOINS_0 << at->end;
}

/* ---- the steps ------------------------------------------------------------------------------ */

/* A redacted capture has zeros for keys (DESIGN §9): what they were cannot be told.  That one end's
 * key is zero may be by its own choice, and is learnt from the message that has the other's too. */
static bool are_redacted(const struct plait_mp_capable *o)
{
    return o->sender_key == 0 && o->receiver_key == 0;
}

static void take_syn(struct plait_at *at, const struct plait_mp_capable *o)
{
    at->c->flags |= PLAIT_CON_OFFERED;
    at->c->version = o->version;
    note_flags(at, o);
    if (o->has_sender_key && o->sender_key)
        learn_key(at, at->end, o->sender_key);
}

/* Version 1 may be answered with version 0 (N04); what the SYN said of v0's key then holds. */
static void take_syn_ack(struct plait_at *at, const struct plait_mp_capable *o)
{
    speaks_mptcp(at, o->version);
    note_flags(at, o);
    if (at->c->flags & PLAIT_CON_OFFERED)
        at->c->flags |= PLAIT_CON_FULL_HELLO | PLAIT_CON_CHECKSUM_KNOWN;
    if (plait_has(at->c->flags, PLAIT_CON_KEY_0, at->end))
        plait_rule_key_again(at, o->sender_key);
    else if (o->has_sender_key && o->sender_key)
        learn_key(at, at->end, o->sender_key);
}

static void take_keys(struct plait_at *at, const struct plait_mp_capable *o)
{
    unsigned end = at->end;
    struct plait_connection *c = at->c;
    bool knew_peer = plait_has(c->flags, PLAIT_CON_KEY_0, !end);
    speaks_mptcp(at, o->version);
    note_flags(at, o);
    at->s->flags &= ~(uint32_t)PLAIT_SUB_THIRD_PLAIN;
    if (!o->has_sender_key || !o->has_receiver_key)
        return;
    if (are_redacted(o)) {
        say_established(at, PLAIT_CANNOT_TELL);
        return;
    }
    if (plait_has(c->flags, PLAIT_CON_KEY_0, end) && c->key[end] != o->sender_key)
        plait_rule_key_changed(at);
    if (knew_peer && c->key[!end] != o->receiver_key)
        plait_rule_key_echo(at);
    learn_key(at, end, o->sender_key);
    learn_key(at, !end, o->receiver_key);
    bool is_same = c->key[0] == (end ? o->receiver_key : o->sender_key) &&
                   c->key[1] == (end ? o->sender_key : o->receiver_key);
    say_established(at, !is_same ? PLAIT_INVALID : knew_peer ? PLAIT_VALID : PLAIT_CANNOT_TELL);
}

void plait_hello(struct plait_at *at, const struct plait_mp_capable *o)
{
    struct plait_hello_values values;
    enum plait_hello_step step = step_of(at, o);
    const struct plait_mechanism *m = o->version == 0 ? &plait_mechanism_v0 : &plait_mechanism_v1;
    bool knew = at->c->flags & PLAIT_CON_ESTABLISHED;
    if (o->version > 1 || !m->read_hello(step, o, &values)) {
        say_hello(at, o, (uint8_t)step, "not valid here: it counts as absent");
        return;
    }
    if (at->c->flags & PLAIT_CON_FALLBACK || at->s->flags & PLAIT_SUB_JOIN)
        return;
    if (step == PLAIT_STEP_SYN)
        take_syn(at, o);
    else if (step == PLAIT_STEP_SYN_ACK)
        take_syn_ack(at, o);
    else
        take_keys(at, o);
    at->capable = *o;
    at->has_capable = true;
    if (!knew)
        say_hello(at, o, (uint8_t)step, NULL);
}

/* ---- TCP's part ----------------------------------------------------------------------------- */

static void measure_rtt(struct plait_at *at)
{
    plait_time_ns rtt = at->ref.at_ns - at->s->first_ns;
    if (!at->s->rtt_us && rtt > 0 && rtt < 4000 * PLAIT_S)
        at->s->rtt_us = (uint32_t)(rtt / 1000) ? (uint32_t)(rtt / 1000) : 1;
}

/* The first answer decides: MPTCP was offered and is not taken (N10). */
static void check_refusal(struct plait_at *at)
{
    uint32_t offered = at->c->flags & (PLAIT_CON_OFFERED | PLAIT_CON_MPTCP);
    if (offered != PLAIT_CON_OFFERED || at->p->options_cut || at->s->flags & PLAIT_SUB_JOIN)
        return;
    bool is_there = plait_packet_option(at->p, PLAIT_MP_CAPABLE) != NULL;
    plait_fall_back(at->a, at->connection_number, at->subflow_number, at->end,
                    is_there ? "MP_CAPABLE of the SYN/ACK is not valid"
                             : "SYN/ACK carries no MP_CAPABLE",
                    &at->ref);
}

/* A reset may have refused an earlier SYN, or was not believed. */
static void take_first_answer(struct plait_at *at)
{
    at->s->flags &= ~(uint32_t)(PLAIT_SUB_CLOSED | PLAIT_SUB_RST_0 << at->end);
    check_refusal(at);
}

static void take_third_ack(struct plait_at *at)
{
    at->s->flags |= PLAIT_SUB_ACK;
    measure_rtt(at);
    bool is_initial = !(at->s->flags & PLAIT_SUB_JOIN);
    if (is_initial && plait_is_mptcp(at->c) && !at->p->option_count && !at->p->options_cut)
        at->s->flags |= PLAIT_SUB_THIRD_PLAIN;
}

void plait_hello_tcp(struct plait_at *at)
{
    const struct plait_packet *p = at->p;
    struct plait_subflow *s = at->s;
    if (plait_packet_is(p, PLAIT_SYN | PLAIT_ACK)) {
        if (!(s->flags & PLAIT_SUB_SYN_ACK))
            take_first_answer(at);
        s->flags |= PLAIT_SUB_SYN_ACK;
    } else if (plait_packet_is(p, PLAIT_SYN)) {
        s->flags |= PLAIT_SUB_SYN;
    } else if (at->end == opener_of(s) && s->flags & PLAIT_SUB_SYN_ACK &&
               !(s->flags & PLAIT_SUB_ACK) && !plait_packet_is(p, PLAIT_RST)) {
        take_third_ack(at);
    } else if (!(s->flags & (PLAIT_SUB_SYN | PLAIT_SUB_SYN_ACK | PLAIT_SUB_ACK))) {
        s->flags |= PLAIT_SUB_ACK; /* neither was seen: it is under way */
    }
}
