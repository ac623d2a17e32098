/* sensor/causality.c: packets to facts, by the space of numbers in which they are.
 *
 * Which connection a subflow is of may be in another input, that is read later: data sequence
 * numbers are kept with their path, and find their connection when everything was seen. */
#include "sensor/causality.h"

#include <stdlib.h>
#include <string.h>

#include "base/hasher.h"
#include "base/panic.h"
#include "mechanism/mechanism.h"
#include "sensor/precedence.h"
#include "sensor/spaces.h"

enum {
    FACTS_MAX = 1 << 21,
    ALIASES_MAX = 1 << 12,
};

struct alias { /* tokens of the two ends of one connection */
    uint32_t opener, listener;
};

/* As it was seen: until all was seen, a number and its length, and of PLAIT_SPACE_DATA and
 * PLAIT_SPACE_ADDRESS the path's space. */
struct sight {
    uint32_t space, number, octets;
    uint8_t input, kind;
    bool is_effect;
    plait_time_ns at_ns;
};

struct plait_causality {
    struct plait_spaces spaces;
    struct sight *sights;
    size_t count, of_input[PLAIT_CLOCKS_MAX], share;
    struct alias aliases[ALIASES_MAX];
    size_t alias_count;
    bool is_cut[PLAIT_CLOCKS_MAX];
};

struct plait_causality *plait_causality_new(unsigned inputs)
{
    PLAIT_CHECK(inputs <= PLAIT_CLOCKS_MAX);
    struct plait_causality *c = calloc(1, sizeof *c); /* pages that are not used cost nothing */
    PLAIT_CHECK(c);
    c->sights = calloc(FACTS_MAX, sizeof *c->sights);
    PLAIT_CHECK(c->sights);
    c->share = FACTS_MAX / (inputs ? inputs : 1);
    return c;
}

void plait_causality_free(struct plait_causality *c)
{
    free(c->sights);
    free(c);
}

bool plait_causality_has_room(const struct plait_causality *c, unsigned input)
{
    return input < PLAIT_CLOCKS_MAX && c->of_input[input] < c->share;
}

void plait_causality_cut(struct plait_causality *c, unsigned input)
{
    c->is_cut[input] = true;
}

/* ---- seeing ------------------------------------------------------------------------------- */

static void add(struct plait_causality *c, const struct plait_space *s, unsigned input,
                struct sight sight)
{
    if (!s || !plait_causality_has_room(c, input))
        return;
    sight.space = (uint32_t)(s - c->spaces.of);
    sight.input = (uint8_t)input;
    c->sights[c->count++] = sight;
    c->of_input[input]++;
}

static void sent(struct plait_causality *c, const struct plait_space *s,
                 const struct plait_packet *p, enum plait_space_kind kind, uint32_t number,
                 uint32_t octets)
{
    add(c, s, p->seen->input,
        (struct sight){
            .kind = (uint8_t)kind, .number = number, .octets = octets, .at_ns = p->seen->at_ns});
}

static void shown(struct plait_causality *c, const struct plait_space *s,
                  const struct plait_packet *p, enum plait_space_kind kind, uint32_t number)
{
    add(c, s, p->seen->input,
        (struct sight){
            .kind = (uint8_t)kind, .number = number, .is_effect = true, .at_ns = p->seen->at_ns});
}

static void say_reused(struct plait_causality *c, const struct plait_packet *p)
{
    for (unsigned reversed = 0; reversed < 2; reversed++)
        for (enum plait_space_kind kind = PLAIT_SPACE_OCTETS; kind <= PLAIT_SPACE_TIMES; kind++) {
            struct plait_space *s = plait_space_of_path(&c->spaces, p, reversed, kind);
            if (s)
                s->is_reused = true;
        }
}

static void see_isn(struct plait_causality *c, struct plait_space *s, const struct plait_packet *p)
{
    if (!s || !plait_packet_is(p, PLAIT_SYN))
        return;
    if (s->has_isn && s->isn != p->seq)
        say_reused(c, p);
    s->has_isn = true;
    s->isn = p->seq;
}

/* Of packets with the same timestamp the first one is enough. */
static void see_times(struct plait_causality *c, const struct plait_packet *p)
{
    unsigned input = p->seen->input;
    struct plait_space *there = plait_space_of_path(&c->spaces, p, false, PLAIT_SPACE_TIMES);
    struct plait_space *back = plait_space_of_path(&c->spaces, p, true, PLAIT_SPACE_TIMES);
    if (there && there->last[0][input] != p->timestamp) {
        there->last[0][input] = p->timestamp;
        sent(c, there, p, PLAIT_SPACE_TIMES, p->timestamp, 1);
    }
    if (plait_packet_is(p, PLAIT_ACK) && back && back->last[1][input] != p->timestamp_echo) {
        back->last[1][input] = p->timestamp_echo;
        shown(c, back, p, PLAIT_SPACE_TIMES, p->timestamp_echo);
    }
}

/* ---- order of acknowledgments ---- */

/* DATA_ACK never goes back (RFC 8684 §3.3.2): who sends a greater one on any path sent this one
 * before, and this one after what it acknowledges on its own path passed here. */
static void see_order(struct plait_causality *c, const struct plait_packet *p, uint32_t data_ack)
{
    struct plait_space *back = plait_space_of_path(&c->spaces, p, true, PLAIT_SPACE_OCTETS);
    const struct plait_space_recent *cause = back ? plait_space_recent(back, p) : NULL;
    shown(c, back, p, PLAIT_SPACE_ORDER, data_ack);
    if (cause)
        add(c, back, p->seen->input,
            (struct sight){
                .kind = PLAIT_SPACE_ORDER, .number = data_ack, .octets = 1, .at_ns = cause->at_ns});
}

/* ---- options ------------------------------------------------------------------------------ */

/* The listener's token names the connection; LISTENER says who sent P. */
static void bind(struct plait_causality *c, const struct plait_packet *p, uint32_t token,
                 bool listener)
{
    for (unsigned reversed = 0; reversed < 2; reversed++) {
        struct plait_space *s = plait_space_of_path(&c->spaces, p, reversed, PLAIT_SPACE_OCTETS);
        if (!s)
            continue;
        s->has_token = true;
        s->token = token;
        s->from_listener = listener != reversed;
    }
}

/* The third message has both keys: the opener's token, too, names the connection from now on.  Who
 * joins sent it before, or had it. */
static void see_both_keys(struct plait_causality *c, const struct plait_packet *p,
                          const struct plait_mechanism *m, const struct plait_mp_capable *capable)
{
    uint32_t opener = m->token(capable->sender_key), listener = m->token(capable->receiver_key);
    sent(c, plait_space_of_token(&c->spaces, opener, PLAIT_SPACE_KEYS, 0), p, PLAIT_SPACE_KEYS, 0,
         1);
    sent(c, plait_space_of_token(&c->spaces, listener, PLAIT_SPACE_KEYS, 0), p, PLAIT_SPACE_KEYS, 0,
         1);
    bind(c, p, listener, false);
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
    bind(c, p, token, true);
    sent(c, plait_space_of_token(&c->spaces, token, PLAIT_SPACE_KEY, 0), p, PLAIT_SPACE_KEY, 0, 1);
}

static void see_join(struct plait_causality *c, const struct plait_packet *p,
                     const struct plait_mp_join *join)
{
    if (join->form != PLAIT_JOIN_SYN)
        return;
    bind(c, p, join->token, false);
    shown(c, plait_space_of_token(&c->spaces, join->token, PLAIT_SPACE_KEY, 0), p, PLAIT_SPACE_KEY,
          1);
    shown(c, plait_space_of_token(&c->spaces, join->token, PLAIT_SPACE_KEYS, 0), p,
          PLAIT_SPACE_KEYS, 1);
}

static void see_dss(struct plait_causality *c, const struct plait_packet *p,
                    const struct plait_dss *dss)
{
    if (dss->has_map && dss->data_length)
        sent(c, plait_space_of_path(&c->spaces, p, false, PLAIT_SPACE_OCTETS), p, PLAIT_SPACE_DATA,
             (uint32_t)dss->dsn, dss->data_length);
    if (!dss->has_ack)
        return;
    shown(c, plait_space_of_path(&c->spaces, p, true, PLAIT_SPACE_OCTETS), p, PLAIT_SPACE_DATA,
          (uint32_t)dss->data_ack);
    if (plait_packet_is(p, PLAIT_ACK))
        see_order(c, p, (uint32_t)dss->data_ack);
}

/* Told by its identifier, address and port together. */
static void see_address(struct plait_causality *c, const struct plait_packet *p,
                        const struct plait_add_addr *add)
{
    struct plait_hasher h = plait_hasher(add->addr_id);
    plait_hash_octets(&h, add->addr.octets, sizeof add->addr.octets);
    plait_hash_u64(&h, add->has_port ? add->port : 0);
    uint32_t which = (uint32_t)plait_hash_end(&h);
    if (add->echo)
        shown(c, plait_space_of_path(&c->spaces, p, true, PLAIT_SPACE_OCTETS), p,
              PLAIT_SPACE_ADDRESS, which);
    else
        sent(c, plait_space_of_path(&c->spaces, p, false, PLAIT_SPACE_OCTETS), p,
             PLAIT_SPACE_ADDRESS, which, 1);
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
        else if (o.subtype == PLAIT_ADD_ADDR)
            see_address(c, p, &o.add_addr);
    }
}

void plait_causality_see(struct plait_causality *c, const struct plait_packet *p)
{
    if (p->seen->input >= PLAIT_CLOCKS_MAX || p->sum == PLAIT_SUM_BAD ||
        plait_packet_is(p, PLAIT_RST))
        return;
    struct plait_space *there = plait_space_of_path(&c->spaces, p, false, PLAIT_SPACE_OCTETS);
    uint32_t octets =
        p->payload_octets + plait_packet_is(p, PLAIT_SYN) + plait_packet_is(p, PLAIT_FIN);
    see_isn(c, there, p);
    if (octets) {
        sent(c, there, p, PLAIT_SPACE_OCTETS, p->seq, octets);
        if (there)
            plait_space_keep_recent(there, p, p->seq + octets);
    }
    if (plait_packet_is(p, PLAIT_ACK))
        shown(c, plait_space_of_path(&c->spaces, p, true, PLAIT_SPACE_OCTETS), p,
              PLAIT_SPACE_OCTETS, p->ack);
    if (p->has_timestamp)
        see_times(c, p);
    see_options(c, p);
}

/* ---- connections -------------------------------------------------------------------------- */

static int by_opener(const void *a, const void *b)
{
    const struct alias *x = a, *y = b;
    return (x->opener > y->opener) - (x->opener < y->opener);
}

/* A subflow that the listener opened names the opener's token: its directions are the other way
 * round. */
static void find_data(struct plait_causality *c, struct plait_space *path)
{
    const struct alias wanted = {.opener = path->token};
    const struct alias *alias =
        bsearch(&wanted, c->aliases, c->alias_count, sizeof *c->aliases, by_opener);
    const struct plait_space *data =
        plait_space_of_token(&c->spaces, alias ? alias->listener : path->token, PLAIT_SPACE_DATA,
                             alias ? !path->from_listener : path->from_listener);
    path->data = data ? (uint32_t)(data - c->spaces.of) : 0;
}

static void find_all_data(struct plait_causality *c)
{
    qsort(c->aliases, c->alias_count, sizeof *c->aliases, by_opener);
    for (unsigned i = 0; i < PLAIT_SPACES; i++)
        if (c->spaces.of[i].name && c->spaces.of[i].has_token)
            find_data(c, &c->spaces.of[i]);
}

/* NULL: not known, or of no use. */
static struct plait_space *space_for(struct plait_causality *c, const struct sight *sight)
{
    struct plait_space *s = &c->spaces.of[sight->space];
    if (s->is_reused)
        return NULL;
    if (sight->kind < PLAIT_SPACE_DATA)
        return s;
    if (!s->data)
        return NULL;
    if (sight->kind == PLAIT_SPACE_DATA)
        return &c->spaces.of[s->data];
    return plait_space_of_token(&c->spaces, s->data, (enum plait_space_kind)sight->kind,
                                sight->kind == PLAIT_SPACE_ADDRESS ? sight->number : 0);
}

/* ---- positions ---------------------------------------------------------------------------- */

/* False for what shows no more than its input did before. */
static bool place(struct plait_space *s, const struct sight *sight, struct plait_precedence *fact)
{
    bool counts = sight->kind == PLAIT_SPACE_OCTETS || sight->kind == PLAIT_SPACE_DATA ||
                  sight->kind == PLAIT_SPACE_ORDER;
    bool is_one = sight->kind == PLAIT_SPACE_ADDRESS || sight->kind == PLAIT_SPACE_KEY ||
                  sight->kind == PLAIT_SPACE_KEYS;
    int64_t at = is_one ? 0 : plait_space_position(s, sight->input, sight->number);
    fact->from = at;
    fact->to = sight->is_effect ? at + !counts : at + sight->octets;
    if (!sight->is_effect)
        return true;
    fact->from = counts ? INT64_MIN : at;
    bool is_news = fact->to > s->shown[sight->input];
    s->shown[sight->input] = is_news ? fact->to : s->shown[sight->input];
    return is_news;
}

static size_t place_all(struct plait_causality *c, struct plait_precedence *facts)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct sight *sight = &c->sights[i];
        struct plait_space *s = space_for(c, sight);
        struct plait_precedence *fact = &facts[count];
        *fact = (struct plait_precedence){
            .input = sight->input, .is_effect = sight->is_effect, .at_ns = sight->at_ns};
        if (!s || !place(s, sight, fact))
            continue;
        fact->space = (uint32_t)(s - c->spaces.of);
        count++;
    }
    return count;
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int by_space(const void *a, const void *b)
{
    const struct plait_precedence *x = a, *y = b;
    return (x->space > y->space) - (x->space < y->space);
}

static const enum plait_copies copies_of[] = {
    [PLAIT_SPACE_OCTETS] = PLAIT_COPIES_PATH, [PLAIT_SPACE_TIMES] = PLAIT_COPIES_PATH,
    [PLAIT_SPACE_KEY] = PLAIT_COPIES_ANY,     [PLAIT_SPACE_KEYS] = PLAIT_COPIES_ANY,
    [PLAIT_SPACE_DATA] = PLAIT_COPIES_ANY,    [PLAIT_SPACE_ADDRESS] = PLAIT_COPIES_ANY,
    [PLAIT_SPACE_ORDER] = PLAIT_COPIES_ALL};

static void tell_all(const struct plait_causality *c, struct plait_precedence *facts, size_t count,
                     struct plait_lags *lags)
{
    qsort(facts, count, sizeof *facts, by_space);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && facts[to].space == facts[from].space;)
            to++;
        plait_precedence_tell(facts + from, to - from,
                              copies_of[c->spaces.of[facts[from].space].kind], c->is_cut, lags);
    }
}

void plait_causality_tell(struct plait_causality *c, struct plait_clocks *clocks)
{
    struct plait_precedence *facts = calloc(c->count + 1, sizeof *facts);
    struct plait_lags *lags = plait_lags_new();
    PLAIT_CHECK(facts);
    find_all_data(c);
    tell_all(c, facts, place_all(c, facts), lags);
    plait_lags_tell(lags, clocks);
    plait_lags_free(lags);
    free(facts);
}
