/* lab/quote.c: ICMP errors, which anybody may send from anywhere, and the number that they must
 * quote to be believed: that of a segment in flight (RFC 5927 §4.1). */
#include <math.h>

#include "base/panic.h"
#include "lab/attack.h"
#include "wire/icmp.h"

enum {
    WRONG_GUESSES = 1024,
    GUESSES_AT_ONCE = 32,
    FLIGHT_LIMIT_S = 2,
    FIRST_SUBFLOW = 0,
    TTL = 64
};

static const struct plait_half *halves(const struct plait_attack *a)
{
    return a->world->truth.subflows[FIRST_SUBFLOW].half;
}

static uint32_t flight_octets(const struct plait_attack *a)
{
    const struct plait_half *half = halves(a);
    return half[plait_victim(a)].nxt - half[plait_peer(a)].ack;
}

static bool is_in_flight(void *self)
{
    return flight_octets(self) > 0;
}

static bool await_flight(struct plait_attack *a)
{
    return plait_world_run(a->world, plait_world_now(a->world) + FLIGHT_LIMIT_S * PLAIT_S,
                           is_in_flight, a);
}

/* The newest segment: it stays in flight longest. */
static struct plait_numbers newest(const struct plait_attack *a)
{
    const struct plait_half *victim = &halves(a)[plait_victim(a)];
    return (struct plait_numbers){.flow = {halves(a)[plait_peer(a)].place, victim->place},
                                  .seq = victim->ack,
                                  .ack = victim->nxt - 1};
}

/* He hears the path now. */
static bool hears(const struct plait_attack *a)
{
    return a->scenario->position->presence == PLAIT_ALWAYS_THERE && plait_knows_subflow(a);
}

/* Wrong in the number, and in the port unless that is known. */
static void guess_wrong(struct plait_attack *a, plait_try try, void *argument)
{
    const struct plait_ports ports = plait_ports_of(a);
    plait_wrong_guesses(a, true);
    for (unsigned i = 0; i < WRONG_GUESSES; i++) {
        struct plait_numbers guess = newest(a);
        uint64_t draw = plait_own_draw(a, "quoted number", i);
        bool client_is_peer = plait_peer(a) == PLAIT_CLIENT;
        struct plait_place *client = client_is_peer ? &guess.flow.src : &guess.flow.dst;
        guess.ack += 1 + flight_octets(a) + (uint32_t)draw % (1u << 31);
        if (!plait_knows_subflow(a))
            client->port = (uint16_t)(ports.first + ports.step * ((draw >> 32) % ports.count));
        try(a, &guess, argument);
        if (i % GUESSES_AT_ONCE == GUESSES_AT_ONCE - 1)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
}

/* What he overheard and is behind what is in flight is searched upward from. */
static double number_bits(const struct plait_attack *a)
{
    double span = flight_octets(a), whole = 32 - log2(span);
    if (!plait_knows_subflow(a) || !a->known.subflows[0].half[plait_victim(a)].has_nxt)
        return whole;
    uint32_t behind = newest(a).ack - a->known.subflows[0].half[plait_victim(a)].nxt;
    return fmin(whole, log2(1 + behind / span));
}

bool plait_get_quoted(struct plait_attack *a, plait_try try, void *argument,
                      struct plait_numbers *numbers)
{
    bool is_free = hears(a) || (a->scenario->grants & PLAIT_GRANT_NUMBERS);
    if (a->world->truth.subflow_count == 0)
        return false;
    if (!is_free && await_flight(a)) {
        plait_step(a, "quotes 1024 wrong numbers, then buys what he lacks");
        guess_wrong(a, try, argument);
    }
    if (!await_flight(a)) {
        plait_refused(a, "nothing of the victim's was in flight that could be quoted");
        return false;
    }
    if (!is_free && !plait_knows_subflow(a))
        plait_price_guess(&a->price, "client port", log2(plait_ports_of(a).count));
    if (!is_free)
        plait_price_guess(&a->price, "sequence number in flight", number_bits(a));
    *numbers = newest(a);
    return true;
}

static void say_as_router(struct plait_attack *a, const struct plait_numbers *numbers,
                          uint16_t mtu_octets)
{
    const struct plait_segment quoted = {.ip = {.src = numbers->flow.dst.addr,
                                                .dst = numbers->flow.src.addr,
                                                .protocol = PLAIT_PROTOCOL_TCP,
                                                .ttl = TTL,
                                                .dont_fragment = true},
                                         .src_port = numbers->flow.dst.port,
                                         .dst_port = numbers->flow.src.port,
                                         .seq = numbers->ack,
                                         .ack = numbers->seq,
                                         .flags = PLAIT_ACK};
    struct plait_addr own = plait_own_addr(a);
    uint8_t octets[160];
    size_t length_octets;
    PLAIT_CHECK(plait_ok(
        plait_icmp_build(&own, &quoted, mtu_octets, octets, sizeof octets, &length_octets)));
    plait_attack_send_octets(a, octets, (uint32_t)length_octets);
}

void plait_send_unreachable(struct plait_attack *a, const struct plait_numbers *numbers)
{
    say_as_router(a, numbers, 0);
}

void plait_send_too_big(struct plait_attack *a, const struct plait_numbers *numbers,
                        uint16_t mtu_octets)
{
    say_as_router(a, numbers, mtu_octets);
}
