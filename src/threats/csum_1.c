/* threats/csum_1.c: T-CSUM-1, a gateway changes the length of what passes (RFC 8684 §3.3.1). */
#include "threats/record.h"

enum { WATCH_S = 4 };

/* The box on the dialled path is the attacker: it edits as its like do, and knows of no option. */
static void run(struct plait_attack *a)
{
    plait_step(a, "is a gateway on the dialled path that makes payload longer");
    plait_take_position(a);
    plait_pause(a, WATCH_S * PLAIT_S);
}

#define GOALS (PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(DEGRADE))

#define CASE(name, path_count, summed, columns, ...)                                               \
    {                                                                                              \
        .form = name, .position = "ON1-A", .spoofing = true, .victim = PLAIT_SERVER,               \
        .workload = PLAIT_BULK, .paths = path_count, .goals = GOALS, .script = run,                \
        .boxes = {PLAIT_BOX_STRETCH}, .boxes_attack = true, .lone_start = true,                    \
        .checksum = summed, .needs_volume = true, .only = columns,                                 \
        .witnesses = {PLAIT_GRANT_UNSUMMED, PLAIT_GRANT_PLAIN_TCP}, __VA_ARGS__                    \
    }
/* Whose data is mapped, and so may have a checksum. */
#define MAPPED PLAIT_LIST("v0", "v1", "M1h")

static const struct plait_case cases[] = {
    CASE("unchecked", 2, false, PLAIT_EVERY, ),
    CASE("unchecked-alone", 1, false, PLAIT_EVERY, .tcp_too = true),
    CASE("checked", 2, true, MAPPED, ),
    CASE("checked-alone", 1, true, MAPPED, ),
};

const struct plait_threat plait_threat_csum_1 = {
    .info =
        {
            .id = "T-CSUM-1",
            .title = "Middlebox edits payload",
            .kind = "threat",
            .source = "RFC 8684 §3.3.1, §3.7",
            .section = SECTION_DATA,
            .summary = "A gateway on the path changes the length of what passes, and mends TCP's "
                       "numbers, not the mappings.",
            .positions = PLAIT_LIST("ON1-A"),
            .goals = PLAIT_LIST("inject", "kill", "degrade"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the checksum of the mapping (RFC 8684 §3.3.1), and a second path",
            .remains_text = "what is edited after the fallback to TCP is read, as on TCP",
            .seen_as = PLAIT_LIST("contradiction"),
            .wire_blind_text = BLIND_EDIT,
        },
    PLAIT_CASES(cases),
};
