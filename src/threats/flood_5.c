/* threats/flood_5.c: T-FLOOD-5, a list of addresses that the victim then knocks at. */
#include "threats/flooding.h"

enum { TRAIN_S = 10, FIRST_ID = 10, FIRST_PORT = 7000 };

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "announces addresses of strangers over its own connection");
    for (uint8_t i = 0; i < PLAIT_STRANGERS; i++) {
        const struct plait_place stranger = {plait_stranger(a, i), (uint16_t)(FIRST_PORT + i)};
        plait_announce(a, (uint8_t)(FIRST_ID + i), &stranger);
        plait_pause(a, 100 * PLAIT_MS);
    }
}

#define CASE(who, spoof, load, more)                                                               \
    {                                                                                              \
        .form = "-", .position = "PART", .spoofing = spoof, .victim = who, .workload = load,       \
        .paths = 1, .goals = PLAIT_GOAL_BIT(REFLECT), .script = run,                               \
        .witnesses = {PLAIT_GRANT_POLICY}, .watch_ns = TRAIN_S * PLAIT_S,                          \
        .needs = PLAIT_NEEDS_NAMES | (more)                                                        \
    }

/* Where there is a check, it is what comes to the strangers; where there is none, data does. */
static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, false, PLAIT_IDLE, PLAIT_NEEDS_ASKING),
    CASE(PLAIT_SERVER, true, PLAIT_IDLE, PLAIT_NEEDS_ASKING),
    CASE(PLAIT_CLIENT, false, PLAIT_IDLE, PLAIT_NEEDS_ASKING),
    CASE(PLAIT_SERVER, false, PLAIT_BULK, PLAIT_NEEDS_PAIRS),
};

const struct plait_threat plait_threat_flood_5 = {
    .info =
        {
            .id = "T-FLOOD-5",
            .title = "Address-list SYN spray",
            .kind = "threat",
            .source = "RFC 6181 §5, RFC 8684 §5",
            .section = SECTION_FLOODING,
            .summary =
                "One end of a connection names addresses of strangers; the other end sends each "
                "of them SYNs, or whatever its check is, to ports of the attacker's choice, "
                "without "
                "any spoofing.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("reflect"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .stopped_by_text = "limits on accepted addresses; no document gives a protocol fix",
            .remains_text = "one train of SYNs for each address up to the limit",
            .seen_as = PLAIT_LIST("join-flood", "join-spray"),
            .wire_blind_text = BLIND_ANNOUNCED,
        },
    PLAIT_CASES(cases),
};
