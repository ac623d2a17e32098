/* threats/camp_1.c: T-CAMP-1, the place from which somebody will dial is taken before he does
 * (RFC 5062 §2). */
#include "threats/flooding.h"

enum { PAUSE_MS = 150, SPREAD_MS = 100 };

/* NULL after plait_refused. */
static struct plait_intruder *settle(struct plait_attack *a, struct plait_place *victim)
{
    plait_take_position(a);
    *victim = plait_get_later_place(a);
    plait_step(a, "adds the place from which somebody will dial");
    return plait_bring_in(a, victim);
}

static void camp_once(struct plait_attack *a)
{
    struct plait_place victim;
    struct plait_intruder *camper = settle(a, &victim);
    if (!camper)
        return;
    plait_answer_check(a, camper);
    plait_step(a, "waits until he dials");
    plait_let_later_dial(a);
    plait_pause(a, PLAIT_ARRIVAL_S * PLAIT_S);
}

/* What the newcomer's reset takes from him he takes again, PAUSE later by the I-th. */
static void camp(struct plait_attack *a, plait_time_ns (*pause)(struct plait_attack *a, uint64_t i))
{
    struct plait_place victim;
    struct plait_intruder *camper = settle(a, &victim);
    if (!camper)
        return;
    plait_answer_check(a, camper);
    plait_step(a, "adds it again and again, whatever answers");
    plait_time_ns waited_ns = 0;
    for (uint64_t i = 0; waited_ns < PLAIT_ARRIVAL_S * PLAIT_S; i++) {
        plait_time_ns wait_ns = pause(a, i);
        waited_ns += wait_ns;
        if (i == PLAIT_CAMP_BEFORE)
            plait_let_later_dial(a);
        plait_pause(a, wait_ns);
        plait_forget(camper);
        camper = plait_bring_in(a, &victim);
        if (plait_is_granted(a, PLAIT_GRANT_CHECK))
            plait_answer_check(a, camper);
    }
}

/* At no beat that a timer of the newcomer could keep in step with. */
static plait_time_ns now_and_then(struct plait_attack *a, uint64_t i)
{
    return (plait_time_ns)(PAUSE_MS + plait_own_draw(a, "camp", i) % SPREAD_MS) * PLAIT_MS;
}

static plait_time_ns in_step(struct plait_attack *a, uint64_t i)
{
    (void)a, (void)i;
    return PLAIT_CAMP_BEAT_NS;
}

static void camp_now_and_then(struct plait_attack *a)
{
    camp(a, now_and_then);
}

static void camp_in_step(struct plait_attack *a)
{
    camp(a, in_step);
}

#define CASE(name, spoof, full, play, ...)                                                         \
    {                                                                                              \
        .form = name, .position = "PART", .spoofing = spoof, .victim = PLAIT_SERVER,               \
        .workload = PLAIT_IDLE, .paths = 1,                                                        \
        .goals = PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(INJECT), .script = play, .arrives = true,   \
        .only_full = full, .only_ipv4 = full, .witnesses = {                                       \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

#define CHECK    PLAIT_GRANT_CHECK
#define SILENCE  PLAIT_GRANT_SILENCE
#define SPOOFING PLAIT_GRANT_SPOOFING

static const struct plait_case cases[] = {
    CASE("again", true, false, camp_now_and_then, CHECK, SILENCE, CHECK | SILENCE),
    CASE("again", false, false, camp_now_and_then, SPOOFING, CHECK | SPOOFING, SILENCE | SPOOFING,
         CHECK | SILENCE | SPOOFING),
    CASE("once", true, false, camp_once, CHECK, SILENCE, CHECK | SILENCE),
    CASE("in-step", true, true, camp_in_step, CHECK | SILENCE),
};

const struct plait_threat plait_threat_camp_1 = {
    .info =
        {
            .id = "T-CAMP-1",
            .title = "Address camping",
            .kind = "threat",
            .source = "RFC 5062 §2, RFC 4218 §4.1.3, RFC 4225 §3.1.3",
            .section = SECTION_FLOODING,
            .summary = "A participant adds the place from which somebody else will dial to his own "
                       "connection: the newcomer's SYN is taken for a segment of it.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("kill", "inject"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text =
                "the check of each path (R1 of RFC 6181 §7); what is taken once only, "
                "by the reset with which the newcomer answers the challenge ACK",
            .remains_text =
                "the newcomer's port must be guessed, and he must come while it is taken",
            .seen_as = PLAIT_LIST("join-mac", "nonce-repeated"),
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
