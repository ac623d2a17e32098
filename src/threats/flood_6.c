/* threats/flood_6.c: T-FLOOD-6, a join in a stranger's name is answered to the stranger. */
#include "threats/flooding.h"

enum { TRAIN_S = 10, PORT_BASE = 35000 };

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "asks for paths in the name of strangers");
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++) {
        const struct plait_place target = {plait_stranger(a, i), (uint16_t)(PORT_BASE + i)};
        (void)plait_knock_as(a, &target);
    }
}

#define CASE(spoof)                                                                                \
    {                                                                                              \
        .form = "-", .position = "PART", .spoofing = spoof, .victim = PLAIT_SERVER,                \
        .workload = PLAIT_IDLE, .paths = 1, .goals = PLAIT_GOAL_BIT(REFLECT), .script = run,       \
        .watch_ns = TRAIN_S * PLAIT_S, .witnesses = {                                              \
            PLAIT_GRANT_SPOOFING                                                                   \
        }                                                                                          \
    }

static const struct plait_case cases[] = {CASE(true), CASE(false)};

const struct plait_threat plait_threat_flood_6 = {
    .info =
        {
            .id = "T-FLOOD-6",
            .title = "Reflected join",
            .kind = "threat",
            .source = "own, from RFC 8684 §3.2",
            .section = SECTION_FLOODING,
            .summary = "A join SYN in a stranger's name, with a valid token, draws a train of "
                       "SYN/ACKs to the stranger; a message draws what it is answered by.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("reflect"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "limits of half-open joins; ingress filtering",
            .remains_text = "what a SYN in his name draws on TCP (B-REFL)",
            .seen_as = PLAIT_LIST("join-flood", "join-reflected", "join-elsewhere"),
            .wire_blind_text = BLIND_ANNOUNCED,
        },
    PLAIT_CASES(cases),
};
