/* threats/flood_7.c: T-FLOOD-7, an accomplice on the way to the target hears the check once. */
#include "threats/flooding.h"

enum { RTO_S = 2 };

/* The accomplice is gone before any data comes, and the check is not made again (RFC 4218 §4.3.2).
 */
static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_intruder *target = plait_begin_flood(a, 0);
    if (!target)
        return;
    plait_answer_check(a, target);
    plait_step(a, "sends the accomplice away");
    plait_dismiss_accomplice(a);
    plait_step(a, "falls silent on its own path, and then acknowledges for the target");
    plait_hush(a);
    plait_pause(a, RTO_S * PLAIT_S);
    plait_sustain(a, target);
    plait_pause(a, PLAIT_S);
}

#define CASE(spoof, load)                                                                          \
    {                                                                                              \
        .form = "silent", .position = "PART-Y", .spoofing = spoof, .victim = PLAIT_SERVER,         \
        .workload = load, .paths = 1, .goals = PLAIT_GOAL_BIT(FLOOD_DATA), .script = run,          \
        .witnesses = {                                                                             \
            PLAIT_GRANT_SPOOFING                                                                   \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    CASE(true, PLAIT_BULK),
    CASE(true, PLAIT_TRICKLE),
    CASE(false, PLAIT_BULK),
};

const struct plait_threat plait_threat_flood_7 = {
    .info =
        {
            .id = "T-FLOOD-7",
            .title = "Accomplice answers the check",
            .kind = "threat",
            .source = "RFC 4218 §4.3.2",
            .section = SECTION_FLOODING,
            .summary = "Somebody on the way to a silent target hears the check once and "
                       "leaves; the participant then sustains the flood alone.",
            .positions = PLAIT_LIST("PART-Y"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "nothing that checks once; a check that is repeated would (RFC 4218 "
                               "§4.3.2)",
            .remains_text = "as much as on TCP, whose handshake the accomplice hears as well",
            .seen_as = PLAIT_LIST("contradiction", "data-ack-back", "join-elsewhere"),
            .wire_blind_text = BLIND_ASKED,
        },
    PLAIT_CASES(cases),
};
