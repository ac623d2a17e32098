/* threats/tok_2.c: T-TOK-2, the answer to an MP_JOIN SYN tells whether a token is live. */
#include "threats/record.h"

enum { PORT_BASE = 23000, ADDR_ID = 77, DEAD_CHECKS = 8 };

static struct plait_intruder *ask(struct plait_attack *a, uint32_t token, uint16_t port)
{
    struct plait_place door = plait_victim_door(a);
    return plait_knock(a, &door, port, token, ADDR_ID);
}

static uint16_t try_token(struct plait_attack *a, uint32_t token)
{
    uint16_t port = (uint16_t)(PORT_BASE + token % 8192);
    struct plait_intruder *asker = ask(a, token, port);
    if (asker)
        plait_forget(asker); /* its RST is not waited for */
    return port;
}

/* What the answer says; a token without any answer is claimed dead. */
static bool is_live(struct plait_attack *a, uint32_t token, uint16_t port)
{
    struct plait_intruder *asker = ask(a, token, port);
    if (!asker)
        return false;
    bool live =
        plait_await(a, plait_is_answer, asker, 2 * PLAIT_S) && (plait_answer(a)->flags & PLAIT_SYN);
    if (live) { /* takes the half-open subflow back */
        struct plait_segment reset = plait_intruder_segment(asker, PLAIT_RST);
        plait_send(a, &reset);
    }
    plait_forget(asker);
    return live;
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "asks for tokens; SYN/ACK says live, RST says dead");
    uint32_t token = plait_get_token(a, plait_victim(a), try_token);
    plait_claim_token(a, token, is_live(a, token, PORT_BASE - 1));
    plait_wrong_guesses(a, true); /* the lab's check that the answer distinguishes */
    for (uint32_t i = 1; i <= DEAD_CHECKS; i++)
        plait_claim_token(a, token + i, is_live(a, token + i, (uint16_t)(PORT_BASE - 1 - i)));
    plait_wrong_guesses(a, false);
}

static const struct plait_case cases[] = {
    {.form = "-",
     .position = "OFF-NS",
     .spoofing = false,
     .victim = PLAIT_SERVER,
     .workload = PLAIT_IDLE,
     .paths = 2,
     .one_path_too = true,
     .goals = PLAIT_GOAL_BIT(PROBE),
     .script = run,
     .witnesses = {PLAIT_GRANT_TOKEN}},
};

const struct plait_threat plait_threat_tok_2 = {
    .info =
        {
            .id = "T-TOK-2",
            .title = "Token oracle",
            .kind = "threat",
            .source = "RFC 8684 §3.2",
            .section = SECTION_TOKEN,
            .summary = "The answer to an MP_JOIN SYN tells a live token from a dead one.",
            .positions = PLAIT_LIST("OFF-NS"),
            .goals = PLAIT_LIST("probe"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "a limit on the rate of resets; tokens that are no hash of the key",
            .remains_text = "2^32 packets for each live connection",
            .seen_as = PLAIT_LIST("token-guess"),
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
