/* threats/hij_8.c: T-HIJ-8, traffic is led to addresses where nobody answers (RFC 4225 §3.1.5,
 * RFC 4218 §4.2). */
#include "threats/record.h"

enum { ADDRESSES = 3, WATCH_S = 5 };

static bool lead_away(struct plait_attack *a)
{
    plait_take_position(a);
    for (unsigned i = 0; i < ADDRESSES; i++)
        if (!plait_add_other(a, i))
            return false;
    return true;
}

static void watch(struct plait_attack *a)
{
    plait_pause(a, 100 * PLAIT_MS);
    plait_mark(a);
}

static void beside(struct plait_attack *a)
{
    if (lead_away(a))
        watch(a);
}

static void alone(struct plait_attack *a)
{
    if (!lead_away(a))
        return;
    plait_remove_peer(a);
    watch(a);
}

#define GOALS (PLAIT_GOAL_BIT(DEGRADE) | PLAIT_GOAL_BIT(FLOOD_DATA))

#define CASE(name, who, play)                                                                      \
    {                                                                                              \
        .form = name, .position = "OFF", .spoofing = true, .victim = who, .workload = PLAIT_BULK,  \
        .paths = 1, .goals = GOALS, .script = play,                                                \
        .witnesses = {PLAIT_GRANT_CHECK, PLAIT_GRANT_CHECK | PLAIT_GRANT_NUMBERS,                  \
                      PLAIT_GRANT_KEYS | PLAIT_GRANT_CHECK,                                        \
                      PLAIT_GRANT_KEYS | PLAIT_GRANT_CHECK | PLAIT_GRANT_NUMBERS},                 \
        .watch_ns = WATCH_S * PLAIT_S                                                              \
    }

static const struct plait_case cases[] = {
    CASE("beside", PLAIT_SERVER, beside),
    CASE("alone", PLAIT_SERVER, alone),
    CASE("alone", PLAIT_CLIENT, alone),
};

const struct plait_threat plait_threat_hij_8 = {
    .info =
        {
            .id = "T-HIJ-8",
            .title = "Black hole",
            .kind = "threat",
            .source = "RFC 4225 §3.1.5, RFC 4218 §4.2",
            .section = SECTION_HIJACK,
            .summary = "The attacker adds addresses where nobody answers, and removes the peer's.",
            .positions = PLAIT_LIST("OFF"),
            .goals = PLAIT_LIST("degrade", "flood_data"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the reachability check (R1 of RFC 6181 §7): a dead address does "
                               "not answer it",
            .remains_text = "addresses that answer once, and fall silent (T-TS-7)",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
