/* audit/rules_join.c: rules about keys, tokens, nonces and MACs. */
#include "audit/rules.h"

#include <inttypes.h>

#include "audit/address.h"
#include "audit/duplicate.h"
#include "audit/memory.h"
#include "audit/store.h"

/* One end of a join that was never completed is an everyday thing (C-NAT-3); so many at once, from
 * different places, are none: a full mesh of the usual eight addresses stays below. */
#define FLOOD_JOINS  32
#define FLOOD_NS     (10 * PLAIT_S)
#define GUESS_TOKENS 16
#define GUESS_NS     (10 * PLAIT_S)
/* One packet may be seen again, and one join through a box that changes its numbers. */
#define SAME_JOIN_NS (3 * PLAIT_S)
/* A handshake that is seen at two places of which one changes the numbers is one connection. */
#define SAME_HELLO_NS (30 * PLAIT_S)

/* ---- keys ----------------------------------------------------------------------------------- */

uint64_t plait_rule_key_expect(const struct plait_at *at, uint64_t key)
{
    uint64_t what = plait_fact(at->a, PLAIT_FACT_KEY, key, at->c->version);
    plait_memory_fetch(&at->a->facts, what);
    return what;
}

void plait_rule_key_seen(struct plait_at *at, unsigned end, uint64_t key, uint64_t what)
{
    struct plait_audit *a = at->a;
    if (!a->said_keys_in_clear) {
        a->said_keys_in_clear = true;
        plait_raise(a, NULL, 0, PLAIT_RULE_KEYS_IN_CLEAR, &at->ref, 1,
                    "as the protocol has it; said once for the whole input");
    }
    if (plait_has(at->c->flags, PLAIT_CON_KEY_0, !end) && at->c->key[!end] == key)
        plait_raise_at(at, PLAIT_RULE_REFLECTION, NULL, "both ends have the same key");
    struct plait_memory_entry *e = plait_memory_find(&a->facts, what);
    /* A late third ACK of one that is over is no new connection. */
    bool is_new = at->s->flags & PLAIT_SUB_SYN || plait_packet_is(at->p, PLAIT_SYN);
    if (is_new && e && e->value != (uint32_t)at->c->number &&
        at->ref.at_ns - e->at_ns > SAME_HELLO_NS) {
        struct plait_packet_ref before = plait_memory_ref(e);
        plait_raise_at(at, PLAIT_RULE_KEY_REUSED, &before,
                       "the %s's key was that of connection %" PRIu32, end ? "server" : "client",
                       e->value);
    }
    e = plait_memory_put(&a->facts, what);
    e->value = (uint32_t)at->c->number;
    plait_memory_set_ref(e, &at->ref);
}

void plait_rule_key_again(struct plait_at *at, uint64_t key)
{
    uint64_t what = plait_fact(at->a, PLAIT_FACT_KEY, key, at->c->version);
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, what);
    if (e && e->value == (uint32_t)at->c->number)
        plait_memory_set_ref(e, &at->ref);
}

void plait_rule_key_changed(struct plait_at *at)
{
    plait_raise_at(at, PLAIT_RULE_KEY_CHANGED, NULL, "the %s's key is another one than before",
                   at->end ? "server" : "client");
}

void plait_rule_key_echo(struct plait_at *at)
{
    plait_raise_at(at, PLAIT_RULE_KEY_ECHO, NULL, "the %s echoes a key that the %s did not send",
                   at->end ? "server" : "client", at->end ? "client" : "server");
}

/* ---- joins ---------------------------------------------------------------------------------- */

static bool is_of_same_place(const struct plait_memory_entry *e, const struct plait_at *at)
{
    return e->input == at->ref.input && e->interface == at->p->seen->interface;
}

/* What names a nonce in memory; it will be asked for. */
static uint64_t expect_nonce(const struct plait_at *at, uint32_t nonce)
{
    uint64_t what =
        plait_fact(at->a, PLAIT_FACT_NONCE, at->c->number, (uint64_t)at->end << 32 | nonce);
    plait_memory_fetch(&at->a->facts, what);
    return what;
}

static void check_nonce(struct plait_at *at, uint32_t nonce, uint64_t what)
{
    struct plait_audit *a = at->a;
    struct plait_memory_entry *e = plait_memory_find(&a->facts, what);
    if (e && e->value != at->subflow_number && !plait_duplicate_is_under_way(at) &&
        (is_of_same_place(e, at) || at->ref.at_ns - e->at_ns > SAME_JOIN_NS)) {
        struct plait_packet_ref before = plait_memory_ref(e);
        plait_raise_at(at, PLAIT_RULE_NONCE_REPEATED, &before, "nonce %08" PRIx32 " of the %s",
                       nonce, at->end ? "server" : "client");
    }
    if (!e) {
        e = plait_memory_put(&a->facts, what);
        e->value = at->subflow_number;
        plait_memory_set_ref(e, &at->ref);
    }
    const struct plait_join *join = plait_store_join(a, at->subflow_number, false);
    if (join && join->has_nonce[0] && join->has_nonce[1] && join->nonce[0] == join->nonce[1])
        plait_raise_at(at, PLAIT_RULE_REFLECTION, &join->syn, "both nonces are %08" PRIx32, nonce);
}

void plait_rule_nonce(struct plait_at *at, uint32_t nonce)
{
    check_nonce(at, nonce, expect_nonce(at, nonce));
}

static uint64_t half_open(const struct plait_at *at)
{
    return plait_fact(at->a, PLAIT_FACT_HALF_OPEN, at->c->number, 0);
}

static void count_half_open(struct plait_at *at, uint64_t what)
{
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, what);
    if (!e || !e->count || at->ref.at_ns - e->at_ns > FLOOD_NS) {
        e = plait_memory_put(&at->a->facts, what);
        plait_memory_set_ref(e, &at->ref);
    }
    if (e->count < FLOOD_JOINS)
        e->count++;
    if (e->count < FLOOD_JOINS)
        return;
    struct plait_packet_ref first = plait_memory_ref(e);
    plait_raise_at(at, PLAIT_RULE_JOIN_FLOOD, &first,
                   "%u joins of token %08" PRIx32 " are half open", (unsigned)e->count,
                   at->c->token[!at->end]);
}

void plait_rule_join_syn(struct plait_at *at, const struct plait_mp_join *o, bool is_known)
{
    if (!is_known)
        return;
    uint64_t joins = half_open(at), what = expect_nonce(at, o->nonce);
    plait_memory_fetch(&at->a->facts, joins);
    /* A known nonce is also that of the same join, to which a box gave other numbers. */
    if (!plait_memory_find(&at->a->facts, what))
        plait_rule_place_join(at, plait_rule_place_of(at));
    check_nonce(at, o->nonce, what);
    plait_rule_ack_join(at);
    count_half_open(at, joins);
    if (!plait_has(at->c->flags, PLAIT_CON_NO_JOINS_0, !at->end) || !at->c->first_subflow)
        return;
    const struct plait_subflow *first = plait_sub(at->a, at->c->first_subflow);
    struct plait_place to = plait_store_place(at->a, at->s, !at->end);
    struct plait_place initial = plait_store_place(at->a, first, !at->end);
    if (plait_place_equal(&to, &initial))
        plait_raise_at(at, PLAIT_RULE_JOIN_FORBIDDEN, NULL, "a join to the %s's first address",
                       at->end ? "client" : "server");
}

void plait_rule_join_mac(struct plait_at *at, const struct plait_packet_ref *syn)
{
    plait_raise_at(at, PLAIT_RULE_JOIN_MAC, syn, "the %s's MAC on subflow %u is not of these keys",
                   at->end ? "server" : "client", at->s->number);
}

void plait_rule_joined(struct plait_at *at, enum plait_judgement judgement)
{
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, half_open(at));
    if (e && e->count)
        e->count--;
    struct plait_place from = plait_store_place(at->a, at->s, at->end);
    if (judgement != PLAIT_VALID ||
        plait_address_is_known_elsewhere(at->a, at->connection_number, at->subflow_number, at->end,
                                         &from.addr))
        return;
    char text[PLAIT_ADDR_TEXT_OCTETS];
    plait_raise_at(at, PLAIT_RULE_JOIN_UNADVERTISED, NULL, "%s, as the %s",
                   plait_addr_text(&from.addr, text), at->end ? "server" : "client");
}

/* ---- guesses -------------------------------------------------------------------------------- */

void plait_rule_join_refused(struct plait_at *at)
{
    struct plait_audit *a = at->a;
    const struct plait_join *join = plait_store_join(a, at->subflow_number, false);
    if (!join || !join->has_token)
        return;
    plait_raise_at(at, PLAIT_RULE_JOIN_UNKNOWN, &join->syn, "token %08" PRIx32, join->token);
    struct plait_place host = plait_store_place(a, at->s, at->end);
    uint64_t what =
        plait_fact_octets(a, PLAIT_FACT_GUESS, host.addr.octets, sizeof host.addr.octets);
    struct plait_memory_entry *e = plait_memory_find(&a->facts, what);
    if (!e || at->ref.at_ns - e->at_ns > GUESS_NS) {
        e = plait_memory_put(&a->facts, what);
        plait_memory_set_ref(e, &join->syn);
        e->at_ns = at->ref.at_ns;
    }
    if (e->value == join->token || e->count == GUESS_TOKENS)
        return;
    e->value = join->token;
    char text[PLAIT_ADDR_TEXT_OCTETS];
    if (++e->count < GUESS_TOKENS)
        return;
    struct plait_packet_ref refs[] = {plait_memory_ref(e), at->ref};
    plait_raise(a, NULL, 0, PLAIT_RULE_TOKEN_GUESS, refs, 2, "%u tokens at %s", GUESS_TOKENS,
                plait_addr_text(&host.addr, text));
}
