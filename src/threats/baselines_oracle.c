/* threats/baselines_oracle.c: the bar, continued: what a host's answers on one connection tell of
 * another. */
#include "threats/baselines.h"

enum {
    OWN_PORT = 27000,
    NEVER_USED_PORT = 20001, /* below what connect() draws from (lab/scenario.h) */
    ASKED = 15,              /* more than any limit a second that RFC 5961 §7 speaks of */
    COUNTED_MS = 1100,       /* a new second is counted by then */
    ANSWER_MS = 100
};

/* ---- B-CHACK ------------------------------------------------------------------------------ */

/* Whatever its number, it draws a challenge if the client has a connection from that port
 * (RFC 5961 §4.2). */
static void call_as_client(struct plait_attack *a, uint16_t port)
{
    const struct plait_numbers numbers = {
        .flow = {.src = {plait_addr_of(a, PLAIT_CLIENT), port}, .dst = plait_service(a)},
        .seq = (uint32_t)plait_own_draw(a, "challenge", port)};
    struct plait_segment syn = plait_forged(&numbers, PLAIT_SYN);
    plait_send(a, &syn);
}

static struct plait_intruder *open_own(struct plait_attack *a)
{
    const struct plait_place own = {plait_own_addr(a), OWN_PORT};
    struct plait_intruder *mine = plait_knock_as(a, &own);
    if (!plait_await(a, plait_is_answer, mine, PLAIT_S))
        return NULL;
    struct plait_segment ack = plait_intruder_segment(mine, PLAIT_ACK);
    plait_send(a, &ack);
    return mine;
}

/* How many challenges his own connection still gets: resets beside the exact number draw them
 * (RFC 5961 §3.2). */
static unsigned count_challenges(struct plait_attack *a, const struct plait_intruder *mine)
{
    unsigned came = 0;
    while (came < ASKED) {
        struct plait_segment reset = plait_intruder_segment(mine, PLAIT_RST);
        reset.seq += 1;
        plait_send(a, &reset);
        if (!plait_await(a, plait_is_answer, mine, ANSWER_MS * PLAIT_MS))
            break;
        came++;
    }
    return came;
}

/* The same after a call from PORT in the client's name, in a second of its own. */
static unsigned count_after(struct plait_attack *a, const struct plait_intruder *mine,
                            uint16_t port)
{
    plait_pause(a, COUNTED_MS * PLAIT_MS);
    call_as_client(a, port);
    return count_challenges(a, mine);
}

void plait_b_chack(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "opens a connection of its own");
    struct plait_intruder *mine = open_own(a);
    if (!mine) {
        plait_refused(a, "his own connection was not taken");
        return;
    }
    plait_step(a, "counts the challenges it gets after a call from a wrong port");
    plait_wrong_guesses(a, true);
    unsigned usual = count_after(a, mine, NEVER_USED_PORT);
    plait_wrong_guesses(a, false);
    uint16_t port = plait_get_client_port(a, call_as_client);
    plait_step(a, "counts them after a call from the right one");
    unsigned now = count_after(a, mine, port);
    if (now == usual) {
        plait_refused(a, "as many challenges came to his connection, right port or wrong");
        return;
    }
    plait_claim_client_port(a, port, true);
    plait_claim_client_port(a, NEVER_USED_PORT, false);
}

/* ---- record ------------------------------------------------------------------------------- */

static const struct plait_case chack_cases[] = {{.form = "-",
                                                 .position = "OFF",
                                                 .spoofing = true,
                                                 .victim = PLAIT_SERVER,
                                                 .workload = PLAIT_IDLE,
                                                 .paths = 1,
                                                 .goals = PLAIT_GOAL_BIT(PROBE),
                                                 .script = plait_b_chack,
                                                 .witnesses = {PLAIT_GRANT_SHARED},
                                                 .expect = PLAIT_SHOWN_ALONE,
                                                 .only_tcp = true,
                                                 .only_own = true}};

const struct plait_threat plait_baseline_chack = {
    BASELINE("B-CHACK", "Challenge-ACK side channel", "OFF", "CVE-2016-5696",
             "Where all connections share one limit of challenge ACKs, a connection of one's own "
             "tells whether a guessed client port was right.",
             "probe", "a limit for each connection"),
    PLAIT_CASES(chack_cases)};
