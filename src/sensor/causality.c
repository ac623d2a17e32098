/* sensor/causality.c: facts (octets sent, octets acknowledged) sorted by their place, then swept.
 */
#include "sensor/causality.h"

#include <stdlib.h>
#include <string.h>

#include "base/hasher.h"
#include "base/panic.h"
#include "mechanism/mechanism.h"

enum {
    SPACES = 1 << 14, /* sequence spaces: two for each subflow, two for each connection */
    FACTS_MAX = 1 << 20,
    ALIASES_MAX = 1 << 12,
    TRIES = 16,     /* places at which a space is looked for */
    NEIGHBOURS = 8, /* facts next to one that are asked whether they hold the same octets */
};

#define NOTHING INT64_MIN

/* One direction of a subflow, or of a connection's data.  Positions count from the first number
 * that was seen, so that numbers may wrap. */
struct space {
    uint64_t name; /* 0: free */
    bool has_base, is_path;
    uint32_t base;
    uint64_t data; /* name of the connection's space in the same direction, 0: not known */
    int64_t sent[PLAIT_CLOCKS_MAX], acked[PLAIT_CLOCKS_MAX]; /* as far as each input has it */
    struct space *same_as; /* under its other name; positions there are greater by SHIFT */
    int64_t shift;
};

struct alias { /* tokens of the two ends of one connection */
    uint32_t opener, listener;
};

struct fact {
    uint32_t space;
    uint8_t input;
    bool is_ack, is_copied;
    int64_t from, to; /* of an acknowledgment: the same */
    plait_time_ns at_ns;
};

struct plait_causality {
    struct space spaces[SPACES];
    struct fact *facts;
    size_t count;
    struct alias aliases[ALIASES_MAX];
    size_t alias_count;
};

struct plait_causality *plait_causality_new(void)
{
    struct plait_causality *c = calloc(1, sizeof *c);
    PLAIT_CHECK(c);
    c->facts = calloc(FACTS_MAX, sizeof *c->facts);
    PLAIT_CHECK(c->facts);
    return c;
}

void plait_causality_free(struct plait_causality *c)
{
    free(c->facts);
    free(c);
}

bool plait_causality_is_full(const struct plait_causality *c)
{
    return c->count == FACTS_MAX;
}

/* ---- spaces ------------------------------------------------------------------------------- */

/* NULL when the table is full around its place. */
static struct space *space_named(struct plait_causality *c, uint64_t name, bool is_path)
{
    for (unsigned i = 0; i < TRIES; i++) {
        struct space *s = &c->spaces[(name + i) % SPACES];
        if (s->name == name)
            return s;
        if (s->name)
            continue;
        s->name = name;
        s->is_path = is_path;
        for (unsigned k = 0; k < PLAIT_CLOCKS_MAX; k++)
            s->sent[k] = s->acked[k] = NOTHING;
        return s;
    }
    return NULL;
}

static uint64_t path_name(const struct plait_packet *p, bool reversed)
{
    struct plait_hasher h = plait_hasher(p->seen->network);
    plait_hash_octets(&h, reversed ? p->dst : p->src, p->addr_octets);
    plait_hash_octets(&h, reversed ? p->src : p->dst, p->addr_octets);
    plait_hash_u64(&h, reversed ? p->dst_port : p->src_port);
    plait_hash_u64(&h, reversed ? p->src_port : p->dst_port);
    return plait_hash_end(&h) | 1;
}

/* The direction in which P goes, or the other one. */
static struct space *path_of(struct plait_causality *c, const struct plait_packet *p, bool reversed)
{
    return space_named(c, path_name(p, reversed), true);
}

/* The listener's token names the connection; from its opener (0) or its listener (1). */
static uint64_t data_name(uint32_t token, unsigned direction)
{
    struct plait_hasher h = plait_hasher(token);
    plait_hash_u64(&h, direction);
    return plait_hash_end(&h) | 1;
}

static int64_t position(struct space *s, uint32_t number)
{
    if (!s->has_base)
        s->base = number;
    s->has_base = true;
    return (int32_t)(number - s->base);
}

/* ---- facts -------------------------------------------------------------------------------- */

static void add(struct plait_causality *c, const struct space *s, const struct plait_seen *seen,
                bool is_ack, int64_t from, int64_t to)
{
    if (c->count < FACTS_MAX)
        c->facts[c->count++] = (struct fact){
            (uint32_t)(s - c->spaces), (uint8_t)seen->input, is_ack, false, from, to, seen->at_ns};
}

/* Only what nobody had sent before in this input. */
static void sent(struct plait_causality *c, struct space *s, const struct plait_seen *seen,
                 uint32_t number, uint32_t octets)
{
    if (!s || !octets)
        return;
    int64_t from = position(s, number), to = from + octets;
    if (from < s->sent[seen->input])
        return;
    s->sent[seen->input] = to;
    add(c, s, seen, false, from, to);
}

static void acked(struct plait_causality *c, struct space *s, const struct plait_seen *seen,
                  uint32_t number)
{
    if (!s)
        return;
    int64_t to = position(s, number);
    if (to <= s->acked[seen->input])
        return;
    s->acked[seen->input] = to;
    add(c, s, seen, true, to, to);
}

/* ---- options ------------------------------------------------------------------------------ */

static void bind(struct plait_causality *c, const struct plait_packet *p, uint32_t token,
                 bool from_opener)
{
    struct space *there = path_of(c, p, false);
    struct space *back = path_of(c, p, true);
    if (there)
        there->data = data_name(token, from_opener ? 0 : 1);
    if (back)
        back->data = data_name(token, from_opener ? 1 : 0);
}

/* Keys are place 0 of a space of their own; a join acknowledges them. */
static struct space *keys_of(struct plait_causality *c, uint32_t token)
{
    return space_named(c, data_name(token, 2), false);
}

/* The third message has both keys: the opener's token, too, names the connection from now on. */
static void see_both_keys(struct plait_causality *c, const struct plait_packet *p,
                          const struct plait_mechanism *m, const struct plait_mp_capable *capable)
{
    uint32_t opener = m->token(capable->sender_key), listener = m->token(capable->receiver_key);
    sent(c, keys_of(c, opener), p->seen, 0, 1);
    if (c->alias_count < ALIASES_MAX)
        c->aliases[c->alias_count++] = (struct alias){opener, listener};
}

static void see_capable(struct plait_causality *c, const struct plait_packet *p,
                        const struct plait_mp_capable *capable)
{
    if (!capable->has_sender_key || capable->version > 1)
        return;
    const struct plait_mechanism *m = capable->version ? &plait_mechanism_v1 : &plait_mechanism_v0;
    if (capable->has_receiver_key && !plait_packet_is(p, PLAIT_SYN)) {
        see_both_keys(c, p, m, capable);
        return;
    }
    if (!plait_packet_is(p, PLAIT_SYN | PLAIT_ACK))
        return;
    uint32_t token = m->token(capable->sender_key);
    bind(c, p, token, false);
    sent(c, keys_of(c, token), p->seen, 0, 1);
}

static void see_join(struct plait_causality *c, const struct plait_packet *p,
                     const struct plait_mp_join *join)
{
    if (join->form != PLAIT_JOIN_SYN)
        return;
    bind(c, p, join->token, true);
    struct space *keys = keys_of(c, join->token);
    if (keys) {
        keys->base = 0;
        keys->has_base = true;
    }
    acked(c, keys, p->seen, 1);
}

static void see_dss(struct plait_causality *c, const struct plait_packet *p,
                    const struct plait_dss *dss)
{
    const struct space *there = path_of(c, p, false);
    const struct space *back = path_of(c, p, true);
    if (there && there->data && dss->has_map && dss->data_length)
        sent(c, space_named(c, there->data, false), p->seen, (uint32_t)dss->dsn, dss->data_length);
    if (back && back->data && dss->has_ack)
        acked(c, space_named(c, back->data, false), p->seen, (uint32_t)dss->data_ack);
}

static void see_options(struct plait_causality *c, const struct plait_packet *p)
{
    for (unsigned i = 0; i < p->option_count; i++) {
        struct plait_mptcp_option o;
        if (!plait_ok(plait_mptcp_parse(p->mptcp[i].at, p->mptcp[i].octets, &o)) || o.is_raw)
            continue;
        if (o.subtype == PLAIT_MP_CAPABLE)
            see_capable(c, p, &o.capable);
        else if (o.subtype == PLAIT_MP_JOIN)
            see_join(c, p, &o.join);
        else if (o.subtype == PLAIT_DSS)
            see_dss(c, p, &o.dss);
    }
}

void plait_causality_see(struct plait_causality *c, const struct plait_packet *p)
{
    if (p->seen->input >= PLAIT_CLOCKS_MAX || p->sum == PLAIT_SUM_BAD ||
        plait_packet_is(p, PLAIT_RST))
        return;
    uint32_t octets =
        p->payload_octets + plait_packet_is(p, PLAIT_SYN) + plait_packet_is(p, PLAIT_FIN);
    sent(c, path_of(c, p, false), p->seen, p->seq, octets);
    if (plait_packet_is(p, PLAIT_ACK))
        acked(c, path_of(c, p, true), p->seen, p->ack);
    see_options(c, p);
}

/* ---- two names ---------------------------------------------------------------------------- */

static struct space *find_space(struct plait_causality *c, uint64_t name)
{
    for (unsigned i = 0; i < TRIES; i++) {
        struct space *s = &c->spaces[(name + i) % SPACES];
        if (s->name == name)
            return s;
    }
    return NULL;
}

/* A subflow that the listener opened names its directions by the opener's token: the one that
 * comes from whoever sent that SYN is the listener's.  Positions get the other's base. */
static void say_alias(struct plait_causality *c, const struct alias *alias, unsigned direction)
{
    struct space *other = find_space(c, data_name(alias->opener, direction));
    struct space *own = find_space(c, data_name(alias->listener, !direction));
    if (!other || !own || !other->has_base || !own->has_base)
        return;
    other->same_as = own;
    other->shift = (int32_t)(other->base - own->base);
}

static void rename_aliases(struct plait_causality *c)
{
    for (size_t i = 0; i < 2 * c->alias_count; i++)
        say_alias(c, &c->aliases[i / 2], i % 2);
    for (size_t i = 0; i < c->count; i++) {
        struct fact *f = &c->facts[i];
        const struct space *s = &c->spaces[f->space];
        if (!s->same_as)
            continue;
        f->space = (uint32_t)(s->same_as - c->spaces);
        f->from += s->shift;
        f->to += s->shift;
    }
}

/* ---- sweep -------------------------------------------------------------------------------- */

/* Data before what acknowledges as far. */
static int by_place(const void *a, const void *b)
{
    const struct fact *x = a, *y = b;
    if (x->space != y->space)
        return x->space < y->space ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return (int)x->is_ack - (int)y->is_ack;
}

/* The same octets in two inputs.  Of a path, the packet passed both; but of a connection's data it
 * may have been sent twice, and the later copy after the earlier one was acknowledged. */
static void mark_copies(struct plait_causality *c)
{
    for (size_t i = 0; i < c->count; i++) {
        struct fact *one = &c->facts[i];
        bool asks = !c->spaces[one->space].is_path;
        for (size_t k = i + 1; asks && k < c->count && k <= i + NEIGHBOURS; k++) {
            struct fact *other = &c->facts[k];
            bool same = one->space == other->space && one->input != other->input && !one->is_ack &&
                        !other->is_ack && other->from < one->to;
            one->is_copied |= same;
            other->is_copied |= same;
        }
    }
}

static void tell_ack(const struct fact *ack, const plait_time_ns *latest,
                     struct plait_clocks *clocks)
{
    for (unsigned i = 0; i < clocks->count; i++)
        if (latest[i] != NOTHING && i != ack->input)
            plait_clocks_saw(clocks, i, latest[i], ack->input, ack->at_ns);
}

void plait_causality_tell(struct plait_causality *c, struct plait_clocks *clocks)
{
    plait_time_ns latest[PLAIT_CLOCKS_MAX];
    rename_aliases(c);
    qsort(c->facts, c->count, sizeof *c->facts, by_place);
    mark_copies(c);
    for (size_t i = 0; i < c->count; i++) {
        const struct fact *f = &c->facts[i];
        if (i == 0 || f->space != f[-1].space)
            for (unsigned k = 0; k < PLAIT_CLOCKS_MAX; k++)
                latest[k] = NOTHING;
        if (f->is_ack)
            tell_ack(f, latest, clocks);
        else if (!f->is_copied && f->at_ns > latest[f->input])
            latest[f->input] = f->at_ns;
    }
}
