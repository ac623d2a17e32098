/* threats/tok_1.c: T-TOK-1, joining with a guessed token. */
#include "threats/record.h"

enum { PORT_BASE = 22000, ADDR_ID = 77 };

static void try_token(struct plait_attack *a, uint32_t token)
{
    struct plait_place door = plait_victim_door(a);
    struct plait_intruder *guess =
        plait_knock(a, &door, (uint16_t)(PORT_BASE + token % 8192), token, ADDR_ID);
    if (guess)
        plait_forget(guess); /* wrong guesses leave no trace at the attacker */
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
    struct plait_intruder *intruder = plait_knock(a, &door, PORT_BASE - 1, token, ADDR_ID);
    if (!plait_await(a, plait_is_answer, intruder, 2 * PLAIT_S) ||
        !(plait_answer(a)->flags & PLAIT_SYN)) {
        plait_refused(a, "the live token was not answered");
        return;
    }
    plait_step(a, "guesses the 160 bits of the proof");
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    struct plait_mp_join *proof = &plait_add_option(&ack, PLAIT_MP_JOIN)->join;
    *proof = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    for (unsigned i = 0; i < PLAIT_JOIN_HMAC_OCTETS; i++)
        proof->hmac[i] = (uint8_t)plait_own_draw(a, "proof", i);
    plait_send(a, &ack);
    if (plait_await(a, plait_is_answer, intruder, 2 * PLAIT_S) &&
        (plait_answer(a)->flags & PLAIT_RST))
        plait_refused(a, "the guessed proof was answered by RST");
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
            .positions = PLAIT_LIST("OFF-NS"),
            .goals = PLAIT_LIST("takeover", "inject"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "the HMAC of the third ACK",
            .remains_text = "half-open state for a guessed token (T-RES-2)",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
