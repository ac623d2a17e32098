/* threats/tok_1.c: T-TOK-1, joining with a guessed token. */
#include "threats/record.h"

enum { PORT_BASE = 22000, ADDR_ID = 77, HALF_OPEN = 4 };

static uint16_t try_token(struct plait_attack *a, uint32_t token)
{
    struct plait_place door = plait_victim_door(a);
    uint16_t port = (uint16_t)(PORT_BASE + token % 8192);
    struct plait_intruder *guess = plait_knock(a, &door, port, token, ADDR_ID);
    if (guess)
        plait_forget(guess); /* wrong guesses leave no trace at the attacker */
    return port;
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    if (plait_knows_keys(a)) { /* the witness: the same join with what is needed for the proof */
        struct plait_place door = plait_victim_door(a);
        plait_step(a, "joins with the keys");
        struct plait_intruder *granted = plait_join(a, &door, ADDR_ID);
        if (granted)
            plait_intrude(a, granted, plait_marker, plait_marker_octets);
        plait_pause(a, PLAIT_S);
        return;
    }
    plait_step(a, "guesses tokens until a SYN is answered");
    uint32_t token = plait_get_token(a, plait_victim(a), try_token);
    struct plait_place door = plait_victim_door(a);
    plait_step(a, "guesses the 160 bits of the proof, a join for each guess");
    struct plait_intruder *intruder = plait_guess_proof(a, &door, token, ADDR_ID);
    if (!intruder)
        return;
    plait_step(a, "writes as the peer");
    plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, PLAIT_S);
}

/* What a token alone is good for: requests that stay half-open, in strangers' names. */
static void leave_half_open(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "guesses tokens until a SYN is answered");
    (void)plait_get_token(a, plait_victim(a), try_token);
    plait_step(a, "joins in the name of strangers, and leaves it at that");
    for (unsigned i = 0; i < HALF_OPEN; i++) {
        const struct plait_place from = {plait_stranger(a, i), (uint16_t)(PORT_BASE - 2 - i)};
        (void)plait_knock_as(a, &from);
    }
    plait_pause(a, PLAIT_S);
}

static const struct plait_case cases[] = {
    {.form = "-",
     .position = "OFF-NS",
     .spoofing = false,
     .victim = PLAIT_SERVER,
     .workload = PLAIT_IDLE,
     .paths = 2,
     .one_path_too = true,
     .goals = PLAIT_GOAL_BIT(TAKEOVER) | PLAIT_GOAL_BIT(INJECT),
     .script = run,
     .witnesses = {PLAIT_GRANT_KEYS}},
    {.form = "half-open",
     .position = "OFF",
     .spoofing = true,
     .victim = PLAIT_SERVER,
     .workload = PLAIT_BULK,
     .paths = 1,
     .goals = PLAIT_GOAL_BIT(EXHAUST),
     .script = leave_half_open,
     .witnesses = {PLAIT_GRANT_TOKEN},
     .only_full = true},
};

const struct plait_threat plait_threat_tok_1 = {
    .info =
        {
            .id = "T-TOK-1",
            .title = "Blind token guess",
            .kind = "threat",
            .source = "RFC 8684 §3.2",
            .section = SECTION_TOKEN,
            .summary =
                "Guessing a 32-bit token reaches a half-open subflow; the proof of 160 bits is "
                "behind it.",
            .positions = PLAIT_LIST("OFF-NS", "OFF"),
            .goals = PLAIT_LIST("takeover", "inject", "exhaust"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "the HMAC of the third ACK",
            .remains_text = "half-open state for a guessed token (T-RES-2)",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
