/* threats/flood_8.c: T-FLOOD-8, traffic falls back to an address that is somebody else's by now. */
#include "threats/flooding.h"

enum { USED_S = 1 };

/* He held the first address honestly and answered its check; then it is the target's, and he falls
 * silent on the second (RFC 4225 §3.2.2). */
static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_pause(a, USED_S * PLAIT_S);
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, NULL, NULL);
    plait_step(a, "leaves the address that it dialled from to a stranger");
    plait_leave_address(a);
    plait_step(a, "falls silent on the other path, and then acknowledges in the stranger's name");
    plait_hush(a);
    plait_pause(a, USED_S * PLAIT_S);
    plait_sustain(a, plait_speak_on(a, &numbers));
    plait_pause(a, PLAIT_S);
}

#define CASE(name, who, spoof, load)                                                               \
    {                                                                                              \
        .form = name, .position = "PART-L", .spoofing = spoof, .victim = PLAIT_SERVER,             \
        .workload = load, .paths = 2, .goals = PLAIT_GOAL_BIT(FLOOD_DATA), .script = run,          \
        .strangers = who                                                                           \
    }

static const struct plait_case cases[] = {
    CASE("silent", PLAIT_STRANGER_SILENT, true, PLAIT_BULK),
    CASE("live", PLAIT_STRANGER_LIVE, true, PLAIT_BULK),
    CASE("silent", PLAIT_STRANGER_SILENT, true, PLAIT_TRICKLE),
    CASE("silent", PLAIT_STRANGER_SILENT, false, PLAIT_BULK),
};

const struct plait_threat plait_threat_flood_8 = {
    .info =
        {
            .id = "T-FLOOD-8",
            .title = "Fall-back flooding",
            .kind = "threat",
            .source = "RFC 4225 §3.2.2",
            .section = SECTION_FLOODING,
            .summary = "A participant passes on an address that he held honestly, falls silent "
                       "on his others, and the traffic goes on to whoever has it now.",
            .positions = PLAIT_LIST("PART-L"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "a check that is repeated before a path that was long idle is used "
                               "again",
            .remains_text = "a flight, until the new holder resets; on TCP as well",
            .seen_as = PLAIT_LIST("contradiction", "data-ack-back"),
            .wire_blind_text = BLIND_ASKED,
        },
    PLAIT_CASES(cases),
};
