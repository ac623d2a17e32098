/* threats/ts_6.c: T-TS-6, a join that was overheard is sent again. */
#include "threats/record.h"

enum { LISTEN_S = 2 };

/* Token, nonce and proof are the recorded ones; the proof does not cover addresses, so only the
 * server's fresh nonce stands against it (RFC 8684 §5). */
static void run(struct plait_attack *a)
{
    plait_step(a, "listens to a join");
    plait_take_position(a);
    plait_step(a, "sends that join again from its own address");
    struct plait_place door = plait_service(a);
    struct plait_intruder *intruder = plait_replay_join(a, &door);
    if (!intruder)
        return;
    plait_step(a, "writes as the peer and listens");
    plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, LISTEN_S * PLAIT_S);
}

#define CASE(load)                                                                                 \
    {                                                                                              \
        .form = "-", .position = "PE-J", .spoofing = false, .victim = PLAIT_SERVER,                \
        .workload = load, .paths = 2,                                                              \
        .goals = PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TAKEOVER),         \
        .script = run, .witnesses = {                                                              \
            PLAIT_GRANT_FRESH_PROOF                                                                \
        }                                                                                          \
    }

static const struct plait_case cases[] = {CASE(PLAIT_BULK), CASE(PLAIT_IDLE)};

const struct plait_threat plait_threat_ts_6 = {
    .info =
        {
            .id = "T-TS-6",
            .title = "Replayed address message",
            .kind = "threat",
            .source = "RFC 6181 §7, RFC 8684 §5",
            .section = SECTION_TIME_SHIFTED,
            .summary = "Who overheard a join sends its SYN and its proof again, from his own "
                       "address.",
            .positions = PLAIT_LIST("PE-J"),
            .goals = PLAIT_LIST("read", "inject", "takeover"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the nonce that the other end draws for each join (RFC 8684 §3.2)",
            .remains_text = "messages without a nonce: ADD_ADDR (T-ADD-2), REMOVE_ADDR",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
