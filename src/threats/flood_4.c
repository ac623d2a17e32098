/* threats/flood_4.c: T-FLOOD-4, the reachability check is guessed: how strong it is. */
#include "threats/flooding.h"

enum { TARGET_PORT = 34000 };

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    const struct plait_place target = {plait_stranger(a, 0), TARGET_PORT};
    struct plait_intruder *guessed = plait_buy_check(a, &target);
    if (!guessed)
        return;
    plait_step(a, "falls silent on its own path, and then acknowledges for the target");
    plait_hush(a);
    plait_pause(a, 2 * PLAIT_S);
    plait_sustain(a, guessed);
}

/* On a trickle the connection lives for a day, and so do the guesses. */
static const struct plait_case cases[] = {
    PLAIT_FLOOD("silent", PLAIT_STRANGER_SILENT, true, PLAIT_TRICKLE, run, PLAIT_GRANT_CHECK),
    PLAIT_FLOOD("absent", PLAIT_STRANGER_ABSENT, true, PLAIT_TRICKLE, run, PLAIT_GRANT_CHECK),
    PLAIT_FILTERED(run, PLAIT_TRICKLE),
};

const struct plait_threat plait_threat_flood_4 = {
    .info =
        {
            .id = "T-FLOOD-4",
            .title = "Reachability check guessed",
            .kind = "threat",
            .source = "RFC 6181 §5, RFC 6528",
            .section = SECTION_FLOODING,
            .summary = "A participant answers the check in the name of an address where nobody "
                       "is, by guessing.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the check's bits: 64 of a nonce, or of ISN and nonce of a join; "
                               "32 in a handshake of TCP (B-ISN), and in M1h, which is one",
            .remains_text = "stacks whose ISNs or nonces can be predicted",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
