/* threats/flood_1.c: T-FLOOD-1, a download is diverted to somebody who never asked for it. */
#include "threats/flooding.h"

/* He acknowledges no more on his own path, as if it were congested, and does so for the target
 * (RFC 6181 §5). */
static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_intruder *target = plait_begin_flood(a, 0);
    if (!target)
        return;
    plait_answer_check(a, target);
    plait_step(a, "falls silent on its own path, and acknowledges for the target");
    plait_hush(a);
    plait_sustain(a, target);
    plait_pause(a, PLAIT_S);
}

static const struct plait_case cases[] = {PLAIT_FLOODS(run)};

const struct plait_threat plait_threat_flood_1 = {
    .info =
        {
            .id = "T-FLOOD-1",
            .title = "Diverted download",
            .kind = "threat",
            .source = "RFC 6181 §5, RFC 4225 §3.2.1, RFC 5062 §5",
            .section = SECTION_FLOODING,
            .summary = "A participant adds the target's address to his download and moves the "
                       "traffic there.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .basic_on_ipv6 = true,
            .stopped_by_text =
                "the handshake of each path (R1 of RFC 6181 §7): ISN and nonce go to "
                "the target alone",
            .remains_text = "handshake packets (T-FLOOD-5, T-FLOOD-6); an accomplice (T-FLOOD-7)",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
