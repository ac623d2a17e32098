/* threats/hij_5.c: T-HIJ-5, man in the middle of somebody's connection, from off the path
 * (RFC 6181 §6.1). */
#include "threats/record.h"

enum { LISTEN_S = 3 };

static void between(struct plait_attack *a, bool alters, bool alone)
{
    plait_take_position(a);
    if (!plait_stand_between(a, alters))
        return;
    if (alone)
        plait_remove_both(a);
    plait_pause(a, 100 * PLAIT_MS);
    plait_mark(a);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

static void beside(struct plait_attack *a)
{
    between(a, false, false);
}

static void alone(struct plait_attack *a)
{
    between(a, false, true);
}

static void altering(struct plait_attack *a)
{
    between(a, true, false);
}

#define READ (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(TAKEOVER))

#define CASE(name, load, wanted, play, columns)                                                    \
    {                                                                                              \
        .form = name, .position = "OFF", .spoofing = true, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = 1, .goals = wanted, .script = play, .only = columns,            \
        .witnesses = {PLAIT_GRANT_KEYS}, .watch_ns = PLAIT_S                                       \
    }
/* Where messages carry proofs, or there are none, the way in is an ADD_ADDR (T-RES-1). */
#define INVITING(load)                                                                             \
    {                                                                                              \
        .form = "add-addr", .position = "OFF", .spoofing = true, .victim = PLAIT_CLIENT,           \
        .workload = load, .paths = 1, .goals = READ, .script = plait_invite_and_relay,             \
        .only = PLAIT_KEYED, .witnesses = PLAIT_INVITING_WITNESSES                                 \
    }

static const struct plait_case cases[] = {
    CASE("beside", PLAIT_BULK, READ, beside, PLAIT_BASIC),
    CASE("beside", PLAIT_TRICKLE, READ, beside, PLAIT_LIST("M1h")),
    CASE("alone", PLAIT_BULK, READ, alone, PLAIT_MESSAGE),
    CASE("alone", PLAIT_TRICKLE, READ, alone, PLAIT_MESSAGE),
    CASE("altering", PLAIT_BULK, PLAIT_GOAL_BIT(INJECT), altering, PLAIT_BASIC),
    INVITING(PLAIT_BULK),
    INVITING(PLAIT_TRICKLE),
};

const struct plait_threat plait_threat_hij_5 = {
    .info =
        {
            .id = "T-HIJ-5",
            .title = "Off-path man in the middle",
            .kind = "threat",
            .source = "RFC 6181 §6.1, RFC 7430 §2",
            .section = SECTION_HIJACK,
            .summary = "The attacker adds himself at both ends, to each in the other's name, and "
                       "passes on what comes from either.",
            .positions = PLAIT_LIST("OFF"),
            .goals = PLAIT_LIST("read", "inject", "takeover"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "M2's cookies, off the path; the HMAC of ADD_ADDR in v1",
            .remains_text = "v0's ADD_ADDR has no proof (T-RES-1)",
            .seen_as = PLAIT_LIST("contradiction", "add-addr-mac", "add-addr-conflict",
                                  "control-elsewhere"),
            .wire_blind_text = "neither end's application notices, unless he alters",
        },
    PLAIT_CASES(cases),
};
