/* threats/reuse_1.c: T-REUSE-1, an address changes hands while a subflow still uses it. */
#include "threats/record.h"

enum { LISTEN_S = 2, OWN_PORT = 28000 };

static bool is_data_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && seen->segment.payload_octets > 0;
}

/* Where nothing comes, he asks: the answer to an ACK that belongs to nothing is a reset. */
static void knock(struct plait_attack *a)
{
    const struct plait_numbers numbers = {
        .flow = {.src = {plait_inherited_addr(a), OWN_PORT}, .dst = plait_service(a)}};
    struct plait_segment ack = plait_forged(&numbers, PLAIT_ACK);
    plait_send(a, &ack);
}

/* He needs no number: the first segment that comes to his new address tells all of them but the ISN
 * of the host that had it before. */
static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "gets the address by lease, while its subflow lives");
    plait_inherit_address(a);
    if (!plait_await(a, is_data_home, NULL, LISTEN_S * PLAIT_S)) {
        knock(a);
        plait_refused(a, "nothing was sent to the address any more");
        return;
    }
    plait_step(a, "acknowledges what comes");
    (void)plait_continue(a, plait_answer(a));
    plait_pause(a, LISTEN_S * PLAIT_S);
}

#define CASE(where, load)                                                                          \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = false, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = 2, .goals = PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(TAKEOVER),    \
        .script = run, .witnesses = {                                                              \
            PLAIT_GRANT_BULK                                                                       \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    CASE("HEIR-1", PLAIT_BULK),
    CASE("HEIR-1", PLAIT_TRICKLE),
    CASE("HEIR-2", PLAIT_BULK),
    CASE("HEIR-2", PLAIT_TRICKLE),
};

const struct plait_threat plait_threat_reuse_1 = {
    .info =
        {
            .id = "T-REUSE-1",
            .title = "Re-assigned address",
            .kind = "threat",
            .source = "RFC 5062 §3",
            .section = SECTION_FLOODING,
            .summary = "A host loses an address silently, and whoever gets it by lease finds a "
                       "living subflow there.",
            .positions = PLAIT_LIST("HEIR-1", "HEIR-2"),
            .goals = PLAIT_LIST("read", "takeover"),
            .mechanisms = PLAIT_LIST("v0", "v1", "M0e", "M0i", "M1n", "M1h", "M2"),
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "M9; a check with a fresh nonce after silence",
            .remains_text = "as much as on TCP, whose connection is then his alone",
            .seen_as = PLAIT_LIST("contradiction", "data-ack-back"),
            .wire_blind_text = BLIND_HEIR,
        },
    PLAIT_CASES(cases),
};
