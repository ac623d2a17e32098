/* threats/dss_5.c: T-DSS-5, data without a mapping, injected on the only subflow. */
#include "threats/record.h"

static void try_data(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    struct plait_segment data = plait_forged(numbers, PLAIT_ACK | PLAIT_PSH);
    data.payload = plait_full_payload();
    data.payload_octets = PLAIT_FULL_OCTETS;
    plait_send(a, &data);
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, try_data, NULL);
    plait_step(a, "writes as the peer without any option");
    try_data(a, &numbers, NULL);
    plait_pause(a, 300 * PLAIT_MS);
}

#define CASE(who, where, load, rare)                                                               \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = true, .victim = who, .workload = load,         \
        .paths = 1, .goals = PLAIT_GOAL_BIT(INJECT), .script = run,                                \
        .witnesses = {PLAIT_GRANT_NUMBERS, PLAIT_GRANT_PLAIN_TCP,                                  \
                      PLAIT_GRANT_PLAIN_TCP | PLAIT_GRANT_NUMBERS},                                \
        .only_full = rare                                                                          \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, "OFF", PLAIT_IDLE, false),     CASE(PLAIT_SERVER, "PE-H", PLAIT_BULK, true),
    CASE(PLAIT_SERVER, "PE-H", PLAIT_TRICKLE, false), CASE(PLAIT_SERVER, "PE-H", PLAIT_IDLE, false),
    CASE(PLAIT_CLIENT, "PE-H", PLAIT_IDLE, false),
};

const struct plait_threat plait_threat_dss_5 = {
    .info =
        {
            .id = "T-DSS-5",
            .title = "Injection without a mapping",
            .kind = "threat",
            .source = "RFC 8684 §3.7",
            .section = SECTION_DATA,
            .summary =
                "Data without a DSS on a single subflow is delivered by a stack that falls back, "
                "so the data sequence number adds nothing to the price.",
            .positions = PLAIT_LIST("OFF", "PE-H"),
            .goals = PLAIT_LIST("inject"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "resetting the subflow instead of falling back once DSS was seen",
            .remains_text = "the price of blind injection into TCP",
            .seen_as = PLAIT_LIST("contradiction", "fallback-forced", "data-elsewhere"),
            .wire_blind_text = BLIND_PACKET,
        },
    PLAIT_CASES(cases),
};
