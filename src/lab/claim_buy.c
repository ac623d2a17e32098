/* lab/claim_buy.c: what a message in a peer's name lacks, bought at its price: the client's port, a
 * cookie, a number. */
#include <math.h>

#include "lab/claim.h"
#include "lab/trial.h"

enum {
    WRONG_GUESSES = 1024,
    AT_ONCE = 32,
    GUESS_PORT = 22000,
    COOKIE_BITS = 64,
    ANSWER_LIMIT_MS = 1500
};

/* ---- buying ------------------------------------------------------------------------------- */

static uint16_t knock_wrong(struct plait_attack *a, enum plait_side victim, uint32_t token)
{
    struct plait_place door = plait_claim_door(a, victim);
    uint16_t port = (uint16_t)(GUESS_PORT + token % 8192);
    struct plait_intruder *guess =
        plait_knock_at(a, victim, &door, port, token, PLAIT_CLAIM_ADD_ID);
    if (guess)
        plait_forget(guess);
    return port;
}

uint16_t plait_claim_try_token(struct plait_attack *a, uint32_t token)
{
    return knock_wrong(a, plait_victim(a), token);
}

static void try_wrong(struct plait_attack *a, const struct plait_claim_attempt *t, uint64_t name,
                      uint64_t cookie)
{
    const struct plait_flow_key way = {t->own, plait_claim_door(a, t->victim)};
    if (plait_has_messages(a))
        plait_claim_say_as(a, &way, name, cookie, t->message);
    else
        (void)knock_wrong(a, t->victim, plait_spoken(a)->token(name));
}

/* Wrong in the port, or, once that is known, in the cookie. */
static void guess_wrong(struct plait_attack *a, const struct plait_claim_attempt *t)
{
    const struct plait_ports ports = plait_ports_of(a);
    uint16_t true_port = a->world->truth.subflows[0].half[PLAIT_CLIENT].place.port;
    bool needs = plait_claim_needs_cookie(a, plait_other(t->victim));
    plait_wrong_guesses(a, true);
    for (unsigned i = 0; i < WRONG_GUESSES; i++) {
        uint64_t draw = plait_own_draw(a, "identifier", i);
        uint16_t port = (uint16_t)(ports.first + ports.step * (draw % ports.count));
        bool known = plait_claim_knows_identifier(a);
        if (!known && port == true_port && !needs)
            continue;
        try_wrong(a, t, known ? plait_claim_identifier(a) : plait_claim_identifier_of(a, port),
                  plait_own_draw(a, "cookie", i));
        if (i % AT_ONCE == AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
}

/* An answer to what he says from his own place. */
static bool is_answer_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && plait_segment_control(&seen->segment);
}

void plait_claim_buy_port(struct plait_attack *a, const struct plait_claim_attempt *t)
{
    plait_step(a, "makes 1024 wrong guesses at the client's port, then buys it");
    guess_wrong(a, t);
    plait_price_guess(&a->price, "client port", log2(plait_ports_of(a).count));
    a->claims_made.port = a->world->truth.subflows[0].half[PLAIT_CLIENT].place.port;
    plait_claim_learn(a, a->world->truth.key[PLAIT_SERVER]);
}

/* A cookie that was told in a connection of his own may be as good as the peer's.  True if it is:
 * then the message has been taken. */
static bool try_own_cookie(struct plait_attack *a, const struct plait_claim_attempt *t,
                           uint64_t own)
{
    enum plait_side speaker = plait_other(t->victim);
    const struct plait_flow_key way = {t->own, plait_claim_door(a, t->victim)};
    plait_step(a, "says in the peer's name the cookie that it told the victim of its own");
    plait_claim_say_as(a, &way, plait_claim_identifier(a), own, t->message);
    if (!plait_await(a, is_answer_home, NULL, ANSWER_LIMIT_MS * PLAIT_MS)) {
        plait_price_played(&a->price, -1); /* a wrong guess */
        return false;
    }
    a->known.has_cookie[speaker] = true;
    a->known.cookie[speaker] = own;
    return true;
}

/* Whoever is answered to a wrong cookie needs none: a PROBE is repeated after a second. */
static void buy_cookie(struct plait_attack *a, const struct plait_claim_attempt *t)
{
    enum plait_side speaker = plait_other(t->victim);
    plait_step(a, "makes 1024 wrong guesses at the peer's cookie, then buys it");
    guess_wrong(a, t);
    a->known.has_cookie[speaker] = true;
    if (plait_await(a, is_answer_home, NULL, ANSWER_LIMIT_MS * PLAIT_MS))
        return;
    plait_price_guess(&a->price, "cookie", COOKIE_BITS);
    a->known.cookie[speaker] = a->world->truth.cookie[speaker];
}

/* As far as he knows neither port nor cookie better. */
static void try_number(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    const struct plait_claim_attempt *t = argument;
    const struct plait_flow_key way = {t->own, plait_claim_door(a, t->victim)};
    const struct plait_place *client =
        t->victim == PLAIT_SERVER ? &numbers->flow.src : &numbers->flow.dst;
    a->message_number = numbers->seq;
    plait_claim_say_as(a, &way, plait_claim_identifier_of(a, client->port),
                       a->known.cookie[plait_other(t->victim)], t->message);
}

/* The switch `needs_number`: a message must lie in the window of the connection that it names, and
 * only one that does is answered, so port and number are guessed together. */
static void buy_number(struct plait_attack *a, const struct plait_claim_attempt *t)
{
    struct plait_claim_attempt tried = *t;
    struct plait_numbers right =
        plait_get_numbers(a, 0, PLAIT_ACCEPT_SEQ_IN_WINDOW, try_number, &tried);
    const struct plait_place *client =
        t->victim == PLAIT_SERVER ? &right.flow.src : &right.flow.dst;
    a->message_number = right.seq;
    a->has_message_number = true;
    a->claims_made.port = client->port;
    plait_claim_learn(a, plait_claim_identifier_of(a, client->port));
}

void plait_claim_buy(struct plait_attack *a, const struct plait_claim_attempt *t)
{
    uint64_t own = 0;
    bool has_own = t->victim == PLAIT_SERVER && plait_claim_needs_cookie(a, PLAIT_CLIENT) &&
                   plait_call(a, &own);
    if (a->scenario->basic.needs_number && !a->has_message_number)
        buy_number(a, t);
    if (!plait_claim_knows_identifier(a))
        plait_claim_buy_port(a, t);
    bool is_taken = has_own && try_own_cookie(a, t, own);
    if (!is_taken && plait_claim_needs_cookie(a, plait_other(t->victim)))
        buy_cookie(a, t);
    if (has_own)
        plait_hang_up(a);
}

void plait_claim_speak(struct plait_attack *a, const struct plait_claim_attempt *t)
{
    plait_claim_buy(a, t);
    plait_claim_say(a, t->victim, &t->own, &t->message);
}
