/* threats/prio_2.c: T-PRIO-2, a forged MP_PRIO on the subflow it speaks of. */
#include "threats/record.h"

static void try_prio(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    struct plait_segment prio = plait_forged(numbers, PLAIT_ACK);
    plait_add_option(&prio, PLAIT_MP_PRIO)->prio.backup = true;
    plait_send(a, &prio);
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_pause(a, PLAIT_S); /* so that there is a share of each path to compare with */
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, try_prio, NULL);
    plait_step(a, "asks in the peer's name to use the dialled subflow only as backup");
    plait_mark(a);
    try_prio(a, &numbers, NULL);
}

#define GOALS (PLAIT_GOAL_BIT(DIVERT) | PLAIT_GOAL_BIT(DEGRADE))

#define CASE(who, where)                                                                           \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = true, .victim = who, .workload = PLAIT_BULK,   \
        .paths = 2, .goals = GOALS, .script = run,                                                 \
        .witnesses = {PLAIT_GRANT_SLOW_SECOND, PLAIT_GRANT_SLOW_SECOND | PLAIT_GRANT_NUMBERS},     \
        .watch_ns = 3 * PLAIT_S                                                                    \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, "ON1-E"),
    CASE(PLAIT_SERVER, "OFF"),
    CASE(PLAIT_CLIENT, "ON1-E"),
};

const struct plait_threat plait_threat_prio_2 = {
    .info =
        {
            .id = "T-PRIO-2",
            .title = "Forged MP_PRIO on the same subflow",
            .kind = "threat",
            .source = "RFC 8684 §3.3.8, §5",
            .section = SECTION_CONTROL,
            .summary = "One acknowledgment with MP_PRIO, which carries no proof, moves traffic to "
                       "another path.",
            .positions = PLAIT_LIST("ON1-E", "OFF"),
            .goals = PLAIT_LIST("divert", "degrade"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "M9 protected options; otherwise only the window",
            .remains_text = "it speaks of the subflow that carries it only (v1)",
            .seen_as = PLAIT_LIST("control-foreign", "control-elsewhere"),
            .wire_blind_text = BLIND_PACKET,
        },
    PLAIT_CASES(cases),
};
