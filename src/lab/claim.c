/* lab/claim.c: what an attacker says to Basic MPTCP in the peer's name (docs/mechanisms/basic.md).
 *
 * A message needs the connection's identifier, which follows from the first pair: whoever did not
 * overhear it guesses the client's port.  M2 also wants the peer's cookie. */
#include <math.h>

#include "base/panic.h"
#include "lab/attack.h"
#include "lab/trial.h"
#include "mechanism/basic.h"

enum {
    WRONG_GUESSES = 1024,
    AT_ONCE = 32,
    OWN_PORT = 21000,
    COOKIE_BITS = 64,
    CHECK_LIMIT_S = 1,
    ANSWER_LIMIT_MS = 1500
};

struct plait_place plait_home(const struct plait_attack *a)
{
    return (struct plait_place){plait_own_addr(a), OWN_PORT};
}

/* ---- what it takes ------------------------------------------------------------------------ */

static uint64_t identifier_of_port(const struct plait_attack *a, uint16_t client_port)
{
    const struct plait_flow_key first = {.src = {plait_addr_of(a, PLAIT_CLIENT), client_port},
                                         .dst = plait_service(a)};
    return plait_basic_identifier(&first);
}

/* Shown, or followed from a port that was shown. */
static bool knows_identifier(const struct plait_attack *a)
{
    return a->known.has_key[PLAIT_SERVER] || plait_client_port(a) != 0;
}

static uint64_t identifier(const struct plait_attack *a)
{
    if (a->known.has_key[PLAIT_SERVER])
        return a->known.key[PLAIT_SERVER];
    return identifier_of_port(a, plait_client_port(a));
}

static bool needs_cookie(const struct plait_attack *a)
{
    struct plait_mp_control message = {0};
    plait_spoken(a)->seal_message(0, &message);
    return message.has_proof && !a->known.has_cookie[plait_peer(a)];
}

static void say_as(struct plait_attack *a, const struct plait_flow_key *way, uint64_t connection,
                   uint64_t cookie, struct plait_mp_control message)
{
    struct plait_numbers numbers = {.flow = *way, .seq = a->message_number};
    if (message.what == PLAIT_CONTROL_ANSWER) {
        numbers.seq = plait_pair_isn(a, way);
        if (plait_pair_is_numbered(a))
            plait_pair_begin(a, &way->src, &way->dst)->has_told_isn = true;
    }
    struct plait_segment segment = plait_forged(&numbers, PLAIT_ACK);
    message.connection = connection;
    segment.mptcp[segment.mptcp_count++] = plait_basic_message(plait_spoken(a), cookie, &message);
    plait_send(a, &segment);
}

/* Wrong in the port, or, once that is known, in the cookie. */
static void guess_wrong(struct plait_attack *a, const struct plait_flow_key *way,
                        const struct plait_mp_control *message)
{
    const struct plait_ports ports = plait_ports_of(a);
    uint16_t true_port = a->world->truth.subflows[0].half[PLAIT_CLIENT].place.port;
    plait_wrong_guesses(a, true);
    for (unsigned i = 0; i < WRONG_GUESSES; i++) {
        uint64_t draw = plait_own_draw(a, "identifier", i);
        uint16_t port = (uint16_t)(ports.first + ports.step * (draw % ports.count));
        bool known = knows_identifier(a);
        if (!known && port == true_port && !needs_cookie(a))
            continue;
        say_as(a, way, known ? identifier(a) : identifier_of_port(a, port),
               plait_own_draw(a, "cookie", i), *message);
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

static void buy_port(struct plait_attack *a, const struct plait_flow_key *way,
                     const struct plait_mp_control *message)
{
    plait_step(a, "makes 1024 wrong guesses at the client's port, then buys it");
    guess_wrong(a, way, message);
    plait_price_guess(&a->price, "client port", log2(plait_ports_of(a).count));
    a->known.has_key[PLAIT_SERVER] = true;
    a->known.key[PLAIT_SERVER] = a->world->truth.key[PLAIT_SERVER];
}

/* A cookie that was told in a connection of his own may be as good as the peer's.  True if it is:
 * then the message has been taken. */
static bool try_own_cookie(struct plait_attack *a, const struct plait_flow_key *way,
                           const struct plait_mp_control *message, uint64_t own)
{
    enum plait_side peer = plait_peer(a);
    plait_step(a, "says in the peer's name the cookie that it told the victim of its own");
    say_as(a, way, identifier(a), own, *message);
    if (!plait_await(a, is_answer_home, NULL, ANSWER_LIMIT_MS * PLAIT_MS)) {
        plait_price_played(&a->price, -1); /* a wrong guess */
        return false;
    }
    a->known.has_cookie[peer] = true;
    a->known.cookie[peer] = own;
    return true;
}

/* Whoever is answered to a wrong cookie needs none: a PROBE is repeated after a second. */
static void buy_cookie(struct plait_attack *a, const struct plait_flow_key *way,
                       const struct plait_mp_control *message)
{
    enum plait_side peer = plait_peer(a);
    plait_step(a, "makes 1024 wrong guesses at the peer's cookie, then buys it");
    guess_wrong(a, way, message);
    a->known.has_cookie[peer] = true;
    if (plait_await(a, is_answer_home, NULL, ANSWER_LIMIT_MS * PLAIT_MS))
        return;
    plait_price_guess(&a->price, "cookie", COOKIE_BITS);
    a->known.cookie[peer] = a->world->truth.cookie[peer];
}

struct attempt {
    const struct plait_flow_key *way;
    const struct plait_mp_control *message;
};

/* As far as he knows neither port nor cookie better. */
static void try_number(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    const struct attempt *attempt = argument;
    a->message_number = numbers->seq;
    say_as(a, attempt->way, identifier_of_port(a, numbers->flow.src.port),
           a->known.cookie[plait_peer(a)], *attempt->message);
}

/* The switch `needs_number`: a message must lie in the window of the connection that it names, and
 * only one that does is answered, so port and number are guessed together. */
static void buy_number(struct plait_attack *a, const struct plait_flow_key *way,
                       const struct plait_mp_control *message)
{
    struct attempt attempt = {way, message};
    struct plait_numbers right =
        plait_get_numbers(a, 0, PLAIT_ACCEPT_SEQ_IN_WINDOW, try_number, &attempt);
    a->message_number = right.seq;
    a->has_message_number = true;
    a->known.has_key[PLAIT_SERVER] = true;
    a->known.key[PLAIT_SERVER] = identifier_of_port(a, right.flow.src.port);
}

static void buy(struct plait_attack *a, const struct plait_flow_key *way,
                const struct plait_mp_control *message)
{
    uint64_t own = 0;
    bool has_own = needs_cookie(a) && plait_call(a, &own);
    if (a->scenario->basic.needs_number && !a->has_message_number)
        buy_number(a, way, message);
    if (!knows_identifier(a))
        buy_port(a, way, message);
    bool is_taken = has_own && try_own_cookie(a, way, message, own);
    if (!is_taken && needs_cookie(a))
        buy_cookie(a, way, message);
    if (has_own)
        plait_hang_up(a);
}

static void say(struct plait_attack *a, const struct plait_place *from,
                const struct plait_mp_control *message)
{
    const struct plait_flow_key way = {*from, plait_service(a)};
    PLAIT_CHECK(plait_victim(a) == PLAIT_SERVER);
    buy(a, &way, message);
    say_as(a, &way, identifier(a), a->known.cookie[plait_peer(a)], *message);
}

/* ---- what is said ------------------------------------------------------------------------- */

enum { ADD_ID = 77, REMOVE_ID = 78 };

static bool is_explicit(const struct plait_attack *a)
{
    return plait_spoken(a)->messages == PLAIT_MESSAGES_EXPLICIT;
}

static bool is_probe_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    return seen->at_home && control && control->what == PLAIT_CONTROL_PROBE;
}

static bool is_echo_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    return seen->at_home && control && control->what == PLAIT_CONTROL_ECHO;
}

static bool answer_check(struct plait_attack *a)
{
    struct plait_place home = plait_home(a);
    if (!plait_await(a, is_probe_home, NULL, CHECK_LIMIT_S * PLAIT_S)) {
        plait_refused(a, "nothing asked whether he can be reached");
        return false;
    }
    struct plait_mp_control answer = *plait_segment_control(plait_answer(a));
    answer.what = PLAIT_CONTROL_ANSWER;
    plait_step(a, "answers the reachability check, for he can be reached");
    say(a, &home, &answer);
    return true;
}

bool plait_claim_path(struct plait_attack *a)
{
    struct plait_place home = plait_home(a);
    struct plait_mp_control add = {.what = PLAIT_CONTROL_ADD, .id = ADD_ID};
    if (is_explicit(a)) {
        add.addr = home.addr;
        add.port = home.port;
    }
    struct plait_place door = plait_service(a);
    if (plait_pair_is_numbered(a))
        (void)plait_pair_begin(a, &home, &door); /* hears the victim's number */
    plait_step(a, "adds its own address in the peer's name");
    say(a, &home, &add);
    if (plait_spoken(a)->reach == PLAIT_REACH_NONCE && !answer_check(a))
        return false;
    if (plait_await(a, is_echo_home, NULL, CHECK_LIMIT_S * PLAIT_S))
        return true;
    plait_refused(a, "the address was not taken");
    return false;
}

void plait_remove_peer(struct plait_attack *a)
{
    struct plait_place peer = {plait_addr_of(a, plait_peer(a)), 0}, home = plait_home(a);
    struct plait_mp_control remove = {.what = PLAIT_CONTROL_REMOVE, .id = REMOVE_ID};
    plait_step(a, "removes the peer's address");
    if (is_explicit(a)) {
        remove.addr = peer.addr;
        say(a, &home, &remove);
        return;
    }
    if (!knows_identifier(a)) /* what it takes to forge the source is bought with it */
        buy(a, &(struct plait_flow_key){home, plait_service(a)}, &remove);
    peer.port = a->world->truth.subflows[0].half[plait_peer(a)].place.port;
    say(a, &peer, &remove);
}

/* The numbers are those of the one sequence space: any answer tells them. */
void plait_write_as_peer(struct plait_attack *a)
{
    const struct plait_flow_key way = {plait_home(a), plait_service(a)};
    if (plait_pair_is_numbered(a)) {
        plait_pair_write(a, &way, say);
        return;
    }
    const struct plait_segment *seen = plait_answer(a);
    struct plait_numbers numbers = {
        .flow = way, .seq = seen->ack, .ack = seen->seq + (uint32_t)seen->payload_octets};
    struct plait_segment data = plait_forged(&numbers, PLAIT_ACK | PLAIT_PSH);
    data.payload = plait_marker;
    data.payload_octets = plait_marker_octets;
    plait_step(a, "writes as the peer");
    plait_send(a, &data);
}
