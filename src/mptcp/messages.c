/* mptcp/messages.c: control messages of a connection (RFC 6181 §4; docs/mechanisms/basic.md).
 *
 * A message names its connection and may come from anywhere.  What it says is obeyed as far as the
 * mechanism's proof and check go, else counted by its reason, and then nothing has changed.
 * Questions of ours are said again until they are answered. */
#include "mechanism/basic.h"
#include "mptcp/hello.h"
#include "mptcp/inside.h"

#define SENDINGS_MAX  4 /* the first, and after 1, 2 and 4 s */
#define TTL           64
#define TRACE_MESSAGE 16 /* `what` of ADDR events: this and the message's own number */

/* ---- saying ---------------------------------------------------------------------------------- */

static void trace(struct plait_mptcp *c, plait_time_ns now, const struct plait_mp_control *message,
                  bool sent)
{
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_ADDR_EVENT, c->number, 0,
                TRACE_MESSAGE + message->what, message->id, sent);
}

/* PROBE and ANSWER are on their pair, and where it has numbers of its own, tell where they begin.
 */
static bool tells_isn(const struct plait_mptcp *c, uint8_t what)
{
    return plait_pairs_are_mapped(c) &&
           (what == PLAIT_CONTROL_PROBE || what == PLAIT_CONTROL_ANSWER);
}

static uint32_t isn_of(const struct plait_mptcp *c, const struct plait_flow_key *pair);

/* A message that the machine has no room for is like one that the net loses. */
static void say(struct plait_mptcp *c, plait_time_ns now, const struct plait_flow_key *way,
                struct plait_mp_control message)
{
    struct plait_segment segment = {.ip = {.src = way->src.addr,
                                           .dst = way->dst.addr,
                                           .protocol = PLAIT_PROTOCOL_TCP,
                                           .ttl = TTL,
                                           .dont_fragment = true},
                                    .src_port = way->src.port,
                                    .dst_port = way->dst.port,
                                    .flags = PLAIT_ACK,
                                    .mptcp_count = 1};
    message.connection = c->own_key;
    segment.mptcp[0] = plait_basic_message(c->mechanism, c->own_cookie, &message);
    plait_pairs_set_numbers(c, way, &segment);
    if (tells_isn(c, message.what))
        segment.seq = isn_of(c, way);
    if (c->world->machine->send)
        c->world->machine->send(c->world->machine_self, &segment);
    trace(c, now, &message, true);
}

/* ---- questions ------------------------------------------------------------------------------- */

static struct plait_question *find(const struct plait_mptcp *c, uint8_t what,
                                   const struct plait_flow_key *pair)
{
    struct plait_question *all = c->messages->questions;
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++)
        if (all[i].what == what && (!pair || plait_flow_equal(&all[i].pair, pair)))
            return &all[i];
    return NULL;
}

/* Pairs that are checked, and will count once they have answered. */
static unsigned count_of_checked(const struct plait_mptcp *c)
{
    unsigned count = 0;
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++) {
        const struct plait_question *q = &c->messages->questions[i];
        count += q->what == PLAIT_CONTROL_PROBE && !plait_pairs_find(c, &q->pair);
    }
    return count;
}

static uint32_t isn_of(const struct plait_mptcp *c, const struct plait_flow_key *pair)
{
    const struct plait_path *path = plait_pairs_find(c, pair);
    const struct plait_question *q = find(c, PLAIT_CONTROL_PROBE, pair);
    return path ? plait_flow_isn(path->flow) : q ? q->isn : 0;
}

bool plait_messages_offers(const struct plait_mptcp *c, const struct plait_flow_key *pair)
{
    return find(c, PLAIT_CONTROL_ADD, pair);
}

static bool is_explicit(const struct plait_mptcp *c)
{
    return c->mechanism->messages == PLAIT_MESSAGES_EXPLICIT;
}

/* Explicit: from any pair, to the end of the pair that it is about; an ADD that stayed unanswered
 * there twice, from the address itself: who only receives does not notice that the pair in use is
 * dead (C-OK-1).  Implicit: on that pair, as a probe always. */
static struct plait_flow_key way_of(const struct plait_mptcp *c, const struct plait_question *q)
{
    struct plait_flow_key way = q->pair;
    bool is_from_itself = q->what == PLAIT_CONTROL_ADD && q->tries >= 2;
    if (q->what == PLAIT_CONTROL_PROBE || !is_explicit(c) || is_from_itself)
        return way;
    const struct plait_addr *gone = q->what == PLAIT_CONTROL_REMOVE ? &q->pair.src.addr : NULL;
    const struct plait_path *best =
        plait_pairs_best(c, (enum plait_family)q->pair.src.addr.family, gone);
    if (best)
        way.src = best->key.src;
    if (best && gone)
        way.dst = best->key.dst;
    return way;
}

static void ask(struct plait_mptcp *c, plait_time_ns now, struct plait_question *q)
{
    struct plait_flow_key way = way_of(c, q);
    struct plait_mp_control message = {.what = q->what, .id = q->id, .nonce = q->nonce};
    if (q->what != PLAIT_CONTROL_PROBE && is_explicit(c)) {
        message.addr = q->pair.src.addr;
        message.port = q->pair.src.port;
    }
    say(c, now, &way, message);
    q->due_ns = now + (c->config.add_addr_retry_ns << q->tries);
    q->tries++;
}

static void arm(struct plait_mptcp *c)
{
    plait_time_ns at = PLAIT_NEVER;
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++)
        if (c->messages->questions[i].what)
            at = plait_earlier(at, c->messages->questions[i].due_ns);
    plait_timer_set(&plait_mptcp_stack(c)->timers, &c->messages->timer, at);
}

/* A question's number is in no other question: 0 is none's. */
static uint8_t next_id(struct plait_mptcp *c)
{
    bool is_used;
    do {
        is_used = ++c->messages->last_id == 0;
        for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++)
            is_used |= c->messages->questions[i].what &&
                       c->messages->questions[i].id == c->messages->last_id;
    } while (is_used);
    return c->messages->last_id;
}

/* False when as many wait already. */
static bool begin(struct plait_mptcp *c, plait_time_ns now, const struct plait_question *question)
{
    struct plait_question *q = find(c, 0, NULL);
    if (!q)
        return false;
    *q = *question;
    ask(c, now, q);
    arm(c);
    return true;
}

static void end(struct plait_mptcp *c, struct plait_question *q)
{
    *q = (struct plait_question){0};
    arm(c);
}

void plait_messages_forget(struct plait_mptcp *c, const struct plait_flow_key *pair)
{
    struct plait_question *add = find(c, PLAIT_CONTROL_ADD, pair);
    struct plait_question *probe = find(c, PLAIT_CONTROL_PROBE, pair);
    if (add)
        end(c, add);
    if (probe)
        end(c, probe);
}

/* The pair of Q, an ADD of ours, is one. */
static void taken(struct plait_mptcp *c, plait_time_ns now, struct plait_question *q)
{
    struct plait_flow_key pair = q->pair;
    end(c, q);
    plait_pairs_taken(c, now, &pair);
}

/* A segment that TCP believes came on PAIR: whoever sent it knows of the pair, echo or not. */
void plait_messages_heard_on(struct plait_mptcp *c, plait_time_ns now,
                             const struct plait_flow_key *pair)
{
    struct plait_question *q = find(c, PLAIT_CONTROL_ADD, pair);
    if (!q)
        return;
    plait_mptcp_count(c, PLAIT_COUNT_PAIR_OUT);
    taken(c, now, q);
}

/* An address that nobody took is not ours to use; a pair that did not answer is nobody's, and one
 * whose numbers nobody told is of no use. */
static void give_up(struct plait_mptcp *c, plait_time_ns now, struct plait_question *q)
{
    struct plait_question given_up = *q;
    end(c, q);
    plait_mptcp_count(c, PLAIT_COUNT_CONTROL_UNANSWERED);
    if (given_up.what == PLAIT_CONTROL_REMOVE)
        return;
    struct plait_path *path = plait_pairs_find(c, &given_up.pair);
    if (path && (given_up.what == PLAIT_CONTROL_ADD || plait_flow_lacks_isn(path->flow)))
        plait_pairs_close(c, now, path);
}

void plait_messages_timer(struct plait_messages *messages, plait_time_ns now)
{
    struct plait_mptcp *c = messages->connection;
    if (!plait_mptcp_is_multipath(c) || !plait_pairs_exist(c))
        return;
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++) {
        struct plait_question *q = &messages->questions[i];
        if (!q->what || q->due_ns > now)
            continue;
        if (q->tries >= SENDINGS_MAX)
            give_up(c, now, q);
        else
            ask(c, now, q);
    }
    arm(c);
}

/* ---- hearing --------------------------------------------------------------------------------- */

struct heard {
    struct plait_mptcp *c;
    plait_time_ns now;
    const struct plait_mp_control *message;
    struct plait_flow_key way; /* src ours */
    uint32_t seq;
};

static void reply(const struct heard *h, uint8_t what)
{
    say(h->c, h->now, &h->way,
        (struct plait_mp_control){.what = what, .id = h->message->id, .nonce = h->message->nonce});
}

static bool is_in_mode(const struct heard *h)
{
    return is_explicit(h->c) == (h->message->addr.family != PLAIT_NO_FAMILY);
}

/* A pair that the peer names is made at once, or after its answer. */
static enum plait_counter_name open_named(const struct heard *h, const struct plait_flow_key *pair,
                                          uint32_t isn)
{
    plait_result opened = plait_pairs_open(h->c, h->now, pair, isn, false);
    if (opened.reason == PLAIT_REASON_EXISTS)
        return PLAIT_COUNT_CONTROL_TAKEN;
    if (!plait_ok(opened))
        return PLAIT_COUNT_CONTROL_LIMIT;
    reply(h, PLAIT_CONTROL_ECHO);
    return PLAIT_COUNT_PAIR_IN;
}

static uint64_t draw_nonce(struct plait_mptcp *c)
{
    const struct plait_stack *stack = plait_mptcp_stack(c);
    uint64_t n = (uint64_t)c->number << 32 | ++c->nonces_drawn;
    uint64_t nonce = plait_draw(&stack->key, stack->name, "pair nonce", n);
    if (c->mechanism->nonce)
        nonce = c->mechanism->nonce(nonce);
    unsigned zero = c->config.basic.nonce_zero_bits;
    return zero < 64 ? nonce >> zero : 0;
}

/* PAIR, which the ADD that was heard names, is asked for an answer. */
static bool probe(const struct heard *h, const struct plait_flow_key *pair, uint32_t isn)
{
    bool is_check = h->c->mechanism->reach == PLAIT_REACH_NONCE;
    struct plait_question question = {.what = PLAIT_CONTROL_PROBE,
                                      .id = h->message->id,
                                      .pair = *pair,
                                      .isn = isn,
                                      .nonce = is_check ? draw_nonce(h->c) : 0};
    return begin(h->c, h->now, &question);
}

/* A pair that there is.  Where both ends offer the same one, each still has to hear the other's
 * numbers. */
static enum plait_counter_name read_add_again(const struct heard *h, const struct plait_path *path)
{
    struct plait_flow_key pair = path->key;
    bool is_asked = find(h->c, PLAIT_CONTROL_PROBE, &pair);
    reply(h, PLAIT_CONTROL_ECHO); /* the echo was lost */
    if (plait_flow_lacks_isn(path->flow) && !is_asked)
        (void)probe(h, &pair, plait_flow_isn(path->flow)); /* no room: the ADD comes again */
    return PLAIT_COUNT_CONTROL_AGAIN;
}

static enum plait_counter_name read_add(const struct heard *h)
{
    struct plait_mptcp *c = h->c;
    struct plait_flow_key pair = h->way;
    if (!is_in_mode(h))
        return PLAIT_COUNT_CONTROL_INVALID;
    if (is_explicit(c))
        pair.dst = (struct plait_place){h->message->addr, h->message->port};
    if (pair.dst.port == 0 || pair.dst.addr.family != pair.src.addr.family ||
        plait_control_is_absurd(c, &pair.dst.addr))
        return PLAIT_COUNT_CONTROL_INVALID;
    const struct plait_path *path = plait_pairs_find(c, &pair);
    if (path)
        return read_add_again(h, path);
    if (find(c, PLAIT_CONTROL_PROBE, &pair)) /* it is being checked */
        return PLAIT_COUNT_CONTROL_AGAIN;
    bool is_check = c->mechanism->reach == PLAIT_REACH_NONCE;
    bool waits = is_check && !c->mechanism->uses_unchecked;
    bool asks = is_check || plait_pairs_are_mapped(c);
    if (plait_pairs_count(c) + count_of_checked(c) > c->config.subflows_limit ||
        (asks && !find(c, 0, NULL)))
        return PLAIT_COUNT_CONTROL_LIMIT;
    uint32_t isn = plait_pairs_isn(c, h->now, &pair);
    enum plait_counter_name outcome = waits ? PLAIT_COUNT_PAIR_PROBED : open_named(h, &pair, isn);
    if (asks && outcome < PLAIT_COUNT_CONTROL_UNKNOWN)
        (void)probe(h, &pair, isn); /* there is room */
    return outcome;
}

static enum plait_counter_name read_remove(const struct heard *h)
{
    struct plait_mptcp *c = h->c;
    const struct plait_addr *addr = is_explicit(c) ? &h->message->addr : &h->way.dst.addr;
    if (!is_in_mode(h))
        return PLAIT_COUNT_CONTROL_INVALID;
    unsigned gone = 0;
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++) {
        struct plait_question *q = &c->messages->questions[i];
        if (q->what != PLAIT_CONTROL_PROBE || !plait_addr_equal(&q->pair.dst.addr, addr))
            continue;
        end(c, q);
        gone++;
    }
    gone += plait_pairs_close_to(c, h->now, addr);
    reply(h, PLAIT_CONTROL_ECHO); /* also where nothing is left: the echo may have been lost */
    return gone ? PLAIT_COUNT_PAIR_REMOVED : PLAIT_COUNT_CONTROL_AGAIN;
}

/* Without the peer's numbers the pair is of no use yet, and the ADD is said again. */
static enum plait_counter_name read_echo_of_add(const struct heard *h, struct plait_question *q)
{
    const struct plait_path *path = plait_pairs_find(h->c, &q->pair);
    q->is_echoed = path && plait_flow_lacks_isn(path->flow);
    if (q->is_echoed)
        return PLAIT_COUNT_CONTROL_AGAIN;
    taken(h->c, h->now, q);
    return PLAIT_COUNT_PAIR_OUT;
}

static enum plait_counter_name read_echo_of_remove(const struct heard *h, struct plait_question *q)
{
    end(h->c, q);
    plait_mptcp_wake_all(h->c);
    return PLAIT_COUNT_ECHO_IN;
}

static enum plait_counter_name read_echo(const struct heard *h)
{
    struct plait_mptcp *c = h->c;
    for (unsigned i = 0; i < PLAIT_QUESTIONS_MAX; i++) {
        struct plait_question *q = &c->messages->questions[i];
        if (q->id != h->message->id ||
            (q->what != PLAIT_CONTROL_ADD && q->what != PLAIT_CONTROL_REMOVE))
            continue;
        return q->what == PLAIT_CONTROL_ADD ? read_echo_of_add(h, q) : read_echo_of_remove(h, q);
    }
    return PLAIT_COUNT_CONTROL_UNASKED;
}

/* We answer for pairs of our own only: who is named by somebody else shall not be reached. */
static enum plait_counter_name read_probe(const struct heard *h)
{
    struct plait_path *path = plait_pairs_find(h->c, &h->way);
    if (!path)
        return PLAIT_COUNT_CONTROL_UNASKED;
    if (plait_pairs_are_mapped(h->c))
        (void)plait_flow_learn_isn(path->flow, h->seq); /* too late: it stays as it is */
    reply(h, PLAIT_CONTROL_ANSWER);
    struct plait_question *add = find(h->c, PLAIT_CONTROL_ADD, &h->way);
    if (add && add->is_echoed)
        plait_messages_heard_on(h->c, h->now, &h->way);
    return PLAIT_COUNT_PAIR_ANSWERED;
}

/* From the pair itself, with the nonce that was sent to it. */
static enum plait_counter_name read_answer(const struct heard *h)
{
    struct plait_mptcp *c = h->c;
    struct plait_question *q = find(c, PLAIT_CONTROL_PROBE, &h->way);
    if (!q)
        return PLAIT_COUNT_CONTROL_UNASKED;
    if (!plait_secrets_equal(q->nonce, h->message->nonce))
        return PLAIT_COUNT_NONCE_BAD;
    uint32_t isn = q->isn;
    end(c, q);
    bool is_open = plait_pairs_find(c, &h->way);
    enum plait_counter_name outcome =
        is_open ? PLAIT_COUNT_PAIR_NUMBERED : open_named(h, &h->way, isn);
    struct plait_path *path = plait_pairs_find(c, &h->way);
    if (path && plait_pairs_are_mapped(c))
        (void)plait_flow_learn_isn(path->flow, h->seq);
    return outcome;
}

static enum plait_counter_name (*const readers[])(const struct heard *h) = {
    [PLAIT_CONTROL_ADD] = read_add,       [PLAIT_CONTROL_REMOVE] = read_remove,
    [PLAIT_CONTROL_ECHO] = read_echo,     [PLAIT_CONTROL_PROBE] = read_probe,
    [PLAIT_CONTROL_ANSWER] = read_answer,
};

static enum plait_counter_name judge(const struct heard *h, const struct plait_segment *segment)
{
    struct plait_mptcp *c = h->c;
    if (!plait_pairs_exist(c) || !plait_mptcp_is_multipath(c) || c->is_fastclosing)
        return PLAIT_COUNT_CONTROL_UNKNOWN;
    if (c->config.basic.needs_number && !tells_isn(c, h->message->what) &&
        !plait_pairs_may_receive(c, segment->seq))
        return PLAIT_COUNT_CONTROL_BAD_NUMBER;
    if (!c->mechanism->open_message(c->peer_cookie, h->message))
        return PLAIT_COUNT_CONTROL_BAD_PROOF;
    return readers[h->message->what](h);
}

void plait_mptcp_message(struct plait_mptcp *c, plait_time_ns now,
                         const struct plait_segment *segment)
{
    struct plait_flow_key in = plait_segment_flow(segment);
    struct heard h = {c, now, plait_segment_control(segment), plait_flow_reversed(&in),
                      segment->seq};
    trace(c, now, h.message, false);
    enum plait_counter_name outcome = judge(&h, segment);
    plait_mptcp_count(c, outcome);
    if (outcome >= PLAIT_COUNT_CONTROL_UNKNOWN)
        plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_REFUSED_EVENT, c->number, 0, outcome, 0,
                    0);
}

bool plait_mptcp_has_messages(const struct plait_mptcp *c, uint64_t identifier)
{
    return c->messages && c->own_key == identifier;
}

/* ---- our own addresses ----------------------------------------------------------------------- */

plait_result plait_messages_add(struct plait_mptcp *c, plait_time_ns now,
                                const struct plait_place *local, const struct plait_place *remote)
{
    struct plait_question add = {.what = PLAIT_CONTROL_ADD, .pair = {*local, *remote}};
    uint8_t addr_id;
    if (add.pair.src.port == 0)
        add.pair.src.port = c->first_local.port;
    if (plait_pairs_find(c, &add.pair))
        return PLAIT_FAIL(EXISTS);
    if (plait_pairs_count(c) > c->config.subflows_limit || !find(c, 0, NULL) ||
        !plait_own_addr_id(c, &add.pair.src, &addr_id))
        return PLAIT_FAIL(TOO_MANY);
    PLAIT_TRY(plait_pairs_open(c, now, &add.pair, plait_pairs_isn(c, now, &add.pair), true));
    add.id = next_id(c);
    (void)begin(c, now, &add); /* there is room */
    return PLAIT_OK;
}

static bool is_own(const struct plait_mptcp *c, const struct plait_addr *addr)
{
    struct plait_addr own[PLAIT_MPTCP_ADDRS_MAX];
    unsigned count = c->world->machine->addrs(c->world->machine_self, own, PLAIT_MPTCP_ADDRS_MAX);
    for (unsigned i = 0; i < count; i++)
        if (plait_addr_equal(&own[i], addr))
            return true;
    return false;
}

plait_result plait_messages_remove(struct plait_mptcp *c, plait_time_ns now,
                                   const struct plait_addr *addr)
{
    struct plait_question remove = {.what = PLAIT_CONTROL_REMOVE};
    struct plait_path *p;
    bool any = false;
    for (unsigned i = 0; (p = plait_pairs_at(c, i));) {
        if (!plait_addr_equal(&p->key.src.addr, addr)) {
            i++;
            continue;
        }
        if (!any)
            remove.pair = p->key;
        any = true;
        plait_pairs_close(c, now, p);
    }
    if (!any)
        return PLAIT_FAIL(NOT_FOUND);
    plait_pairs_sweep(c, now);
    remove.id = next_id(c);
    /* Implicit, and the address is lost already: no answer can reach it. */
    if ((!is_explicit(c) && !is_own(c, addr)) || !begin(c, now, &remove))
        ask(c, now, &remove);
    return PLAIT_OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

void plait_messages_start(struct plait_mptcp *c)
{
    if (c->mechanism->messages == PLAIT_MESSAGES_NONE || c->messages)
        return;
    c->messages = plait_pool_take(&c->world->messages); /* NULL: it stays on its first pair */
    if (!c->messages)
        return;
    c->messages->connection = c;
    plait_timer_init(&c->messages->timer, PLAIT_MPTCP_TIMER_MESSAGES);
}

void plait_messages_stop(struct plait_mptcp *c)
{
    if (!c->messages)
        return;
    plait_timer_forget(&plait_mptcp_stack(c)->timers, &c->messages->timer);
    plait_pool_give(&c->world->messages, c->messages);
    c->messages = NULL;
}
