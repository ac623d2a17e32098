/* lab/numbers.c: sequence numbers, ports and tokens that an attacker lacks, bought at their price.
 *
 * The price of a value is 2^bits packets, bits = log2(space / acceptable set); it is disclosed from
 * ground truth after 2^10 genuine wrong guesses were sent (DESIGN §1).  The acceptable set follows
 * from what the victim advertised and from the edges found by probing (lab/edges.h). */
#include <math.h>
#include <string.h>

#include "base/panic.h"
#include "lab/attack.h"

enum {
    WRONG_GUESS_BITS = 10,
    WRONG_GUESSES = 1 << WRONG_GUESS_BITS,
    GUESSES_AT_ONCE = 32,
    QUIET_LIMIT_S = 1,
    FIRST_ANSWER_MS = 20
};

/* ---- the acceptable set ------------------------------------------------------------------- */

struct plait_ports plait_ports_of(const struct plait_attack *a)
{
    const struct plait_edges *e = &a->scenario->edges;
    if (e->port_count > 0)
        return (struct plait_ports){e->port_first, e->port_step, e->port_count};
    return (struct plait_ports){PLAIT_PORT_FIRST, PLAIT_PORT_STEP, PLAIT_PORT_COUNT};
}

struct acceptable {
    struct plait_numbers centre; /* what the victim expects next */
    uint32_t seq_span;           /* acceptable sequence numbers: centre.seq ... + span - 1 */
    uint32_t ack_below;          /* acceptable ACKs: centre.ack - below ... centre.ack */
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How far below what it expects the victim takes an ACK. */
static uint32_t old_acks(const struct plait_edges *edges, const struct plait_half *victim,
                         const struct plait_half *peer)
{
    if (!edges->measured)
        return peer->window_max_octets; /* RFC 5961 §5 */
    int64_t acknowledged = peer->ack - victim->isn - 1;
    int64_t below = smaller((int64_t)peer->window_max_octets + edges->ack_below_window,
                            acknowledged + edges->ack_below_acked);
    return below > 0 ? (uint32_t)below : 0;
}

static struct acceptable acceptable_set(const struct plait_attack *a, unsigned subflow,
                                        enum plait_accept accept)
{
    const struct plait_edges *edges = &a->scenario->edges;
    const struct plait_subflow *s = &a->world->truth.subflows[subflow];
    const struct plait_half *victim = &s->half[plait_victim(a)];
    const struct plait_half *peer = &s->half[plait_peer(a)];
    struct acceptable set = {.centre = {.flow = {.src = peer->place, .dst = victim->place},
                                        .seq = victim->ack,
                                        .ack = victim->nxt}};
    if (accept == PLAIT_ACCEPT_EXACT_SEQ) {
        set.seq_span = edges->measured ? (uint32_t)edges->reset_span : 1;
        set.ack_below = UINT32_MAX; /* a reset's ACK is not looked at */
    } else if (accept == PLAIT_ACCEPT_SEQ_IN_WINDOW) {
        set.seq_span = plait_half_window_octets(victim) + 1; /* of no octet: the edge counts */
        set.ack_below = UINT32_MAX;
    } else {
        int64_t span = plait_half_window_octets(victim) + edges->seq_beyond_window;
        set.seq_span = span > 1 ? (uint32_t)span : 1; /* what is expected next is always taken */
        set.ack_below = old_acks(edges, victim, peer);
    }
    return set;
}

static bool seq_accepted(const struct acceptable *set, uint32_t seq)
{
    return seq - set->centre.seq < set->seq_span;
}

static bool ack_accepted(const struct acceptable *set, uint32_t ack)
{
    return set->ack_below == UINT32_MAX || set->centre.ack - ack <= set->ack_below;
}

/* ---- quiet: nothing of the subflow is under way ------------------------------------------- */

struct quiet {
    struct plait_attack *attack;
    unsigned subflow;
};

static bool is_quiet(void *self)
{
    const struct quiet *q = self;
    const struct plait_half *half = q->attack->world->truth.subflows[q->subflow].half;
    return half[0].nxt == half[1].ack && half[1].nxt == half[0].ack;
}

static bool is_busy(void *self)
{
    return !is_quiet(self);
}

/* Where a user's traffic goes on and he may be farther than the genuine end, what is written while
 * his packet is under way makes its numbers old.  He chooses the moment when an exchange has just
 * ended. */
static void await_busy(struct plait_attack *a, struct quiet *quiet)
{
    const struct plait_scenario *s = a->scenario;
    const struct plait_traffic lab_own = plait_workload_traffic(s->workload, s->victim);
    plait_time_ns gap_ns = plait_workload_gap_ns(s->traffic.is_given ? &s->traffic : &lab_own);
    if (gap_ns && (s->topology.path_count || s->traffic.is_given))
        plait_world_run(a->world, plait_world_now(a->world) + gap_ns + a->world->slack_ns, is_busy,
                        quiet);
}

static void await_quiet(struct plait_attack *a, unsigned subflow)
{
    struct quiet quiet = {a, subflow};
    await_busy(a, &quiet);
    plait_world_run(a->world,
                    plait_world_now(a->world) + QUIET_LIMIT_S * PLAIT_S + a->world->slack_ns,
                    is_quiet, &quiet);
}

/* ---- buying ------------------------------------------------------------------------------- */

/* What he lacks.  A value that he overheard has only aged: he searches upward from it in steps of
 * the acceptable set, so its price grows with the windows of data that passed, not with the whole
 * space. */
struct unknown {
    bool port, seq, ack;
    double port_bits, seq_bits, ack_bits;
    bool overheard; /* the values to search from */
    struct plait_numbers from;
};

static double total_bits(const struct unknown *u)
{
    return u->port_bits + u->seq_bits + u->ack_bits;
}

static double aged_bits(uint32_t distance, uint64_t span)
{
    return log2(1 + (double)distance / (double)span);
}

bool plait_overheard_numbers(struct plait_attack *a, unsigned subflow,
                             struct plait_numbers *numbers)
{
    const struct plait_subflow *truth = &a->world->truth.subflows[subflow];
    struct plait_flow_key flow = {.src = truth->half[plait_peer(a)].place,
                                  .dst = truth->half[plait_victim(a)].place};
    enum plait_side side;
    unsigned index;
    if (!plait_facts_find(&a->known, &flow, &side, &index))
        return false;
    const struct plait_half *half = a->known.subflows[index].half;
    const struct plait_half *peer = &half[plait_peer(a)], *victim = &half[plait_victim(a)];
    if (!peer->has_nxt || !victim->has_nxt)
        return false;
    *numbers = (struct plait_numbers){flow, peer->nxt, victim->nxt};
    return true;
}

static struct unknown what_is_unknown(struct plait_attack *a, unsigned subflow,
                                      const struct acceptable *set)
{
    struct unknown u = {.port = true, .seq = true, .ack = set->ack_below != UINT32_MAX};
    uint64_t acks = (uint64_t)set->ack_below + 1;
    u.overheard = plait_overheard_numbers(a, subflow, &u.from);
    if (u.overheard) {
        u.port = false;
        u.seq = !seq_accepted(set, u.from.seq);
        u.ack = u.ack && !ack_accepted(set, u.from.ack);
        u.seq_bits = u.seq ? aged_bits(set->centre.seq - u.from.seq, set->seq_span) : 0;
        u.ack_bits = u.ack ? aged_bits(set->centre.ack - u.from.ack, acks) : 0;
    } else {
        u.port_bits = plait_price_bits(plait_ports_of(a).count, 1);
        u.seq_bits = plait_price_bits(exp2(32), (double)set->seq_span);
        u.ack_bits = u.ack ? plait_price_bits(exp2(32), (double)acks) : 0;
    }
    return u;
}

static uint32_t draw_wrong(struct plait_attack *a, const char *what, uint64_t n)
{
    return (uint32_t)plait_draw(&a->world->draw, "attacker guesses", what, n);
}

/* Numbers of which at least one is wrong. */
static struct plait_numbers wrong_numbers(struct plait_attack *a, const struct acceptable *set,
                                          const struct unknown *u, uint64_t *n)
{
    const struct plait_ports ports = plait_ports_of(a);
    struct plait_numbers guess;
    bool right;
    do {
        guess = set->centre;
        ++*n;
        struct plait_place *client =
            plait_peer(a) == PLAIT_CLIENT ? &guess.flow.src : &guess.flow.dst;
        uint16_t true_port = client->port;
        if (u->port)
            client->port =
                (uint16_t)(ports.first + ports.step * (draw_wrong(a, "port", *n) % ports.count));
        if (u->seq)
            guess.seq = draw_wrong(a, "seq", *n);
        if (u->ack)
            guess.ack = draw_wrong(a, "ack", *n);
        right = client->port == true_port && seq_accepted(set, guess.seq) &&
                ack_accepted(set, guess.ack);
    } while (right);
    return guess;
}

static void guess_wrong(struct plait_attack *a, const struct acceptable *set,
                        const struct unknown *u, plait_try try, void *argument)
{
    a->guessing = true;
    uint64_t n = 0;
    for (int i = 0; i < WRONG_GUESSES; i++) {
        struct plait_numbers guess = wrong_numbers(a, set, u, &n);
        try(a, &guess, argument);
        if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_pause(a, 10 * PLAIT_MS);
    a->guessing = false;
}

/* Fewer than 2^10 expected tries are played to the end: every combination, upward from what he
 * overheard, until the victim's acceptable set is hit.  The last try is left to the caller. */
static struct plait_numbers sweep(struct plait_attack *a, const struct acceptable *set,
                                  const struct unknown *u, plait_try try, void *argument)
{
    uint32_t seq_steps = u->seq ? (set->centre.seq - u->from.seq) / set->seq_span + 1 : 0;
    uint32_t ack_steps = u->ack ? (set->centre.ack - u->from.ack) / (set->ack_below + 1) + 1 : 0;
    struct plait_numbers guess = u->from;
    for (uint32_t i = 0; i <= seq_steps; i++)
        for (uint32_t j = 0; j <= ack_steps; j++) {
            guess.seq = u->from.seq + i * set->seq_span;
            guess.ack = u->from.ack + j * (set->ack_below + 1);
            if (seq_accepted(set, guess.seq) && ack_accepted(set, guess.ack))
                return guess;
            try(a, &guess, argument);
        }
    return set->centre; /* an exact number may lie between two steps */
}

static struct plait_numbers buy(struct plait_attack *a, unsigned subflow, enum plait_accept accept,
                                const struct acceptable *set, const struct unknown *u,
                                plait_try try, void *argument)
{
    plait_step(a, "makes 1024 wrong guesses, then buys what he lacks");
    guess_wrong(a, set, u, try, argument);
    await_quiet(a, subflow);
    if (u->port)
        plait_price_guess(&a->price, "client port", u->port_bits);
    if (u->seq)
        plait_price_guess(&a->price, "sequence number", u->seq_bits);
    if (u->ack)
        plait_price_guess(&a->price, "acknowledgment number", u->ack_bits);
    return acceptable_set(a, subflow, accept).centre;
}

struct plait_numbers plait_get_numbers(struct plait_attack *a, unsigned subflow,
                                       enum plait_accept accept, plait_try try, void *argument)
{
    if (subflow >= a->world->truth.subflow_count)
        return (struct plait_numbers){0}; /* the run is about to fail for another reason */
    await_quiet(a, subflow);
    struct acceptable set = acceptable_set(a, subflow, accept);
    struct unknown u = what_is_unknown(a, subflow, &set);
    if ((a->scenario->grants & PLAIT_GRANT_NUMBERS) || total_bits(&u) == 0)
        return set.centre;
    if (u.overheard && total_bits(&u) < WRONG_GUESS_BITS) {
        plait_step(a, "searches upward from the numbers it overheard");
        return sweep(a, &set, &u, try, argument);
    }
    return buy(a, subflow, accept, &set, &u, try, argument);
}

/* Each number of the window is as likely to be the one that was hit. */
uint32_t plait_get_number_in_window(struct plait_attack *a, plait_try try, void *argument)
{
    await_quiet(a, 0);
    struct acceptable set = acceptable_set(a, 0, PLAIT_ACCEPT_SEQ_IN_WINDOW);
    const struct unknown u = {.seq = true,
                              .seq_bits = plait_price_bits(exp2(32), (double)set.seq_span)};
    if (!(a->scenario->grants & PLAIT_GRANT_NUMBERS)) {
        plait_step(a, "makes 1024 wrong guesses, then buys what he lacks");
        guess_wrong(a, &set, &u, try, argument);
        plait_price_guess(&a->price, "sequence number", u.seq_bits);
    }
    return set.centre.seq + draw_wrong(a, "hit", 0) % set.seq_span;
}

uint16_t plait_get_client_port(struct plait_attack *a,
                               void (*try)(struct plait_attack *a, uint16_t port))
{
    const struct plait_ports ports = plait_ports_of(a);
    uint16_t right = a->world->client_port;
    if (plait_knows_subflow(a) || (a->scenario->grants & PLAIT_GRANT_NUMBERS))
        return right;
    a->guessing = true;
    for (int i = 0; i < WRONG_GUESSES; i++) {
        uint16_t guess = (uint16_t)(ports.first + ports.step * (draw_wrong(a, "port", (uint64_t)i) %
                                                                ports.count));
        if (guess == right)
            continue;
        try(a, guess);
        if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_pause(a, 10 * PLAIT_MS);
    a->guessing = false;
    plait_price_guess(&a->price, "client port", log2(ports.count));
    return right;
}

/* ---- a token --------------------------------------------------------------------------------- */

struct token_guesses {
    unsigned count;
    uint32_t token[WRONG_GUESSES];
    uint16_t port[WRONG_GUESSES]; /* that it was asked from */
};

static bool is_open_door(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && (seen->segment.flags & PLAIT_SYN) &&
           plait_segment_option(&seen->segment, PLAIT_MP_JOIN);
}

/* The half-open subflow that the answer tells of is given back. */
static void close_door(struct plait_attack *a)
{
    const struct plait_segment *door = plait_answer(a);
    struct plait_flow_key flow = plait_segment_flow(door);
    const struct plait_numbers numbers = {.flow = plait_flow_reversed(&flow), .seq = door->ack};
    struct plait_segment reset = plait_forged(&numbers, PLAIT_RST);
    plait_send(a, &reset);
}

/* Wrong guesses, unless one is answered as the right one would be: then it is that good.  The first
 * is waited for, so that a victim who takes anything is not asked a thousand times. */
static bool play_tokens(struct plait_attack *a, uint32_t live, plait_try_token try,
                        struct token_guesses *g)
{
    a->matched = false;
    a->match = is_open_door;
    a->match_argument = NULL;
    for (uint64_t i = 0; i < WRONG_GUESSES && !a->matched; i++) {
        uint32_t guess = draw_wrong(a, "token", i);
        if (guess == live)
            continue;
        g->token[g->count] = guess;
        g->port[g->count++] = try(a, guess);
        if (i == 0)
            plait_pause(a, FIRST_ANSWER_MS * PLAIT_MS);
        else if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_pause(a, 10 * PLAIT_MS);
    a->match = NULL;
    if (a->matched)
        close_door(a);
    return a->matched;
}

/* The guess that plait_answer answers; its place is how many it took. */
static unsigned answered_guess(const struct plait_attack *a, const struct token_guesses *g)
{
    unsigned i = 0;
    while (i + 1 < g->count && g->port[i] != plait_answer(a)->dst_port)
        i++;
    return i;
}

/* Of one live connection: the bits that the victim looks at. */
static double token_bits(const struct plait_attack *a)
{
    return plait_price_bits(exp2(32), exp2(plait_spoken(a)->token_free_bits));
}

uint32_t plait_get_token(struct plait_attack *a, enum plait_side side, plait_try_token try)
{
    static struct token_guesses guesses; /* a process plays one run at a time */
    const struct plait_facts *truth = &a->world->truth;
    if (a->known.has_token[side])
        return a->known.token[side];
    guesses.count = 0;
    uint32_t live = truth->has_token[side] ? truth->token[side] : 0;
    a->guessing = true;
    bool is_hit = play_tokens(a, live, try, &guesses);
    a->guessing = false;
    if (is_hit) {
        unsigned place = answered_guess(a, &guesses);
        plait_price_played(&a->price, place + 1);
        live = guesses.token[place];
    } else {
        plait_price_guess(&a->price, "token", token_bits(a));
    }
    a->known.has_token[side] |= is_hit || truth->has_token[side];
    a->known.token[side] = live;
    return live;
}

/* How far his newest number is behind what the victim expects; the 4-octet form is enough (RFC 8684
 * §3.3.1), so nothing is farther than 2^32 - 1. */
static uint32_t dsn_behind(const struct plait_attack *a, uint64_t right)
{
    enum plait_side peer = plait_peer(a);
    uint32_t behind = UINT32_MAX;
    if (a->known.has_dsn[peer])
        behind = (uint32_t)(right - a->known.dsn_nxt[peer]);
    if (a->known.has_low_dsn[peer] && (uint32_t)right - a->known.low_dsn[peer] < behind)
        behind = (uint32_t)right - a->known.low_dsn[peer];
    return behind;
}

static void guess_dsn_wrong(struct plait_attack *a, uint64_t right, uint64_t span,
                            plait_try_dsn try, void *argument)
{
    a->guessing = true;
    for (uint64_t i = 0; i < WRONG_GUESSES; i++) {
        uint64_t guess = right + span + draw_wrong(a, "dsn", i) % (UINT32_MAX - span);
        try(a, guess, argument);
        if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_pause(a, 10 * PLAIT_MS);
    a->guessing = false;
}

uint64_t plait_get_dsn(struct plait_attack *a, plait_try_dsn try, void *argument)
{
    uint64_t right = a->world->truth.dsn_nxt[plait_peer(a)];
    const struct plait_edges *edges = &a->scenario->edges;
    uint64_t span = edges->dsn_measured ? (uint64_t)edges->data_fin_span : 1;
    uint32_t behind = dsn_behind(a, right);
    if ((a->scenario->grants & PLAIT_GRANT_NUMBERS) || behind == 0)
        return right;
    double bits = behind == UINT32_MAX ? 32 - log2((double)span) : aged_bits(behind, span);
    bool guessed_with_numbers = a->price.stage_bits > 0;
    if (!guessed_with_numbers && bits < WRONG_GUESS_BITS) {
        plait_step(a, "searches upward from the data sequence number it overheard");
        for (uint64_t ahead = behind; ahead > 0; ahead = ahead > span ? ahead - span : 0)
            try(a, right - ahead, argument);
        return right;
    }
    if (!guessed_with_numbers) {
        plait_step(a, "guesses the data sequence number 1024 times, then buys it");
        guess_dsn_wrong(a, right, span, try, argument);
    }
    plait_price_guess(&a->price, "data sequence number", bits);
    return right;
}

bool plait_overheard_mapping(const struct plait_attack *a, const struct plait_numbers *numbers,
                             struct plait_dss *mapping)
{
    enum plait_side peer = plait_peer(a);
    const struct plait_half *half = &a->known.subflows[0].half[peer];
    if (!a->known.has_dsn[peer] || a->known.subflow_count == 0 || !half->has_isn)
        return false;
    *mapping = (struct plait_dss){
        .has_map = true, .dsn = a->known.dsn_nxt[peer], .ssn = numbers->seq - half->isn};
    return true;
}
