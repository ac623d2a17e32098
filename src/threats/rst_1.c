/* threats/rst_1.c: T-RST-1, a forged reset of one subflow. */
#include "threats/record.h"

enum { WATCH_S = 9 };

static void try_reset(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    struct plait_segment reset = plait_forged(numbers, PLAIT_RST);
    plait_send(a, &reset);
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_EXACT_SEQ, try_reset, NULL);
    plait_step(a, "resets the dialled subflow in the peer's name");
    try_reset(a, &numbers, NULL);
    plait_pause(a, 50 * PLAIT_MS);
    plait_mark(a);
}

#define CASE(who, where, load, watch, rare)                                                        \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = true, .victim = who, .workload = load,         \
        .paths = 2, .one_path_too = true, .goals = PLAIT_GOAL_BIT(KILL), .script = run,            \
        .witnesses = {PLAIT_GRANT_PLAIN_TCP, PLAIT_GRANT_PLAIN_TCP | PLAIT_GRANT_NUMBERS},         \
        .watch_ns = (watch)*PLAIT_S, .only_full = rare                                             \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, "ON1-E", PLAIT_BULK, WATCH_S, false),
    CASE(PLAIT_SERVER, "OFF", PLAIT_BULK, 1, false),
    CASE(PLAIT_SERVER, "PE-H", PLAIT_BULK, 1, true),
    CASE(PLAIT_SERVER, "PE-H", PLAIT_TRICKLE, 1, false),
    CASE(PLAIT_SERVER, "PE-H", PLAIT_IDLE, 1, false),
    CASE(PLAIT_CLIENT, "ON1-E", PLAIT_BULK, 1, false),
};

const struct plait_threat plait_threat_rst_1 = {
    .info =
        {
            .id = "T-RST-1",
            .title = "Forged reset of one subflow",
            .kind = "threat",
            .source = "RFC 8684 §3.5, §4; RFC 5961 §3",
            .section = SECTION_CONTROL,
            .summary =
                "A reset with the right number ends one subflow; the connection goes on over "
                "the others.",
            .positions = PLAIT_LIST("ON1-E", "OFF", "PE-H"),
            .goals = PLAIT_LIST("kill"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "a second subflow: a reset concerns the subflow that carried it",
            .remains_text = "each subflow falls at the price of a TCP connection",
            .seen_as = PLAIT_LIST("rst-foreign", "rst-elsewhere"),
            .wire_blind_text = BLIND_PACKET,
        },
    PLAIT_CASES(cases),
};
