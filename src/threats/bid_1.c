/* threats/bid_1.c: T-BID-1, MP_CAPABLE removed at the first handshake. */
#include "threats/record.h"

static void run(struct plait_attack *a)
{
    plait_step(a, "removes option 30 from the first handshake");
    plait_on_path(a, plait_strip_mptcp);
    plait_take_position(a);
}

#define CASE(load, rare)                                                                           \
    {                                                                                              \
        .form = "-", .position = "PA-H", .spoofing = true, .victim = PLAIT_SERVER,                 \
        .workload = load, .only_full = rare, .paths = 2, .one_path_too = true,                     \
        .goals = PLAIT_GOAL_BIT(DOWNGRADE), .script = run, .witnesses = {                          \
            PLAIT_GRANT_NOTHING                                                                    \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_REQUEST_RESPONSE, false),
    CASE(PLAIT_IDLE, true),
    CASE(PLAIT_TRICKLE, true),
    CASE(PLAIT_BULK, true),
};

const struct plait_threat plait_threat_bid_1 = {
    .info =
        {
            .id = "T-BID-1",
            .title = "MP_CAPABLE stripped",
            .kind = "threat",
            .source = "RFC 8684 §3.1, §6",
            .section = SECTION_NEGOTIATION,
            .summary =
                "Whoever alters the first handshake makes both ends speak plain TCP, which is "
                "no worse than TCP by definition.",
            .positions = PLAIT_LIST("PA-H"),
            .goals = PLAIT_LIST("downgrade"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "nothing: falling back is the defined behaviour",
            .remains_text = "failover is lost; both ends must agree that they fell back",
            .seen_as = PLAIT_LIST("key-changed", "key-echo"),
            .wire_blind_text = BLIND_STRIPPED,
        },
    PLAIT_CASES(cases),
};
