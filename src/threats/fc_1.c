/* threats/fc_1.c: T-FC-1, MP_FASTCLOSE by somebody who overheard the keys. */
#include "threats/record.h"

static void try_fastclose(struct plait_attack *a, const struct plait_numbers *numbers,
                          void *argument)
{
    (void)argument;
    struct plait_segment close = plait_forged(numbers, PLAIT_ACK);
    plait_add_option(&close, PLAIT_MP_FASTCLOSE)->fastclose.receiver_key =
        plait_proof_key_of(a, plait_victim(a));
    plait_send(a, &close);
}

static void run(struct plait_attack *a)
{
    if (!plait_overhear_keys(a))
        return;
    struct plait_numbers numbers =
        plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, try_fastclose, NULL);
    plait_step(a, "closes the whole connection with the victim's own key");
    try_fastclose(a, &numbers, NULL);
}

#define CASE(who, load)                                                                            \
    {                                                                                              \
        .form = "-", .position = "PE-H", .spoofing = true, .victim = who, .workload = load,        \
        .paths = 2, .one_path_too = true, .goals = PLAIT_GOAL_BIT(KILL), .script = run,            \
        .witnesses = {                                                                             \
            PLAIT_GRANT_NUMBERS,                                                                   \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_NUMBERS                                                 \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    CASE(PLAIT_SERVER, PLAIT_BULK),
    CASE(PLAIT_SERVER, PLAIT_TRICKLE),
    CASE(PLAIT_SERVER, PLAIT_IDLE),
    CASE(PLAIT_CLIENT, PLAIT_IDLE),
};

const struct plait_threat plait_threat_fc_1 = {
    .info =
        {
            .id = "T-FC-1",
            .title = "MP_FASTCLOSE by a key holder",
            .kind = "threat",
            .source = "RFC 8684 §3.5",
            .section = SECTION_CONTROL,
            .summary = "Whoever heard the victim's key at the first handshake closes every subflow "
                       "with one packet.",
            .positions = PLAIT_LIST("PE-H"),
            .goals = PLAIT_LIST("kill"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "M4 pre-shared key, M7 external keys, M9 protected options",
            .remains_text = "sequence number and acknowledgment must still be in the window",
            .seen_as = PLAIT_LIST("fastclose-foreign", "fastclose-elsewhere"),
            .wire_blind_text = BLIND_PACKET,
        },
    PLAIT_CASES(cases),
};
