/* threats/flood_3.c: T-FLOOD-3, ACKs in the target's name keep a flood going. */
#include "threats/flooding.h"

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_intruder *target = plait_begin_flood(a, 0);
    if (!target)
        return;
    plait_answer_check(a, target);
    plait_step(a, "acknowledges in the target's name, so that the window opens");
    for (int i = 0; i < 4; i++) {
        plait_sustain(a, target);
        plait_pause(a, 500 * PLAIT_MS);
    }
}

static const struct plait_case cases[] = {PLAIT_FLOODS(run)};

const struct plait_threat plait_threat_flood_3 = {
    .info =
        {
            .id = "T-FLOOD-3",
            .title = "ACK-sustained flood",
            .kind = "threat",
            .source = "RFC 6181 §5",
            .section = SECTION_FLOODING,
            .summary = "The target says nothing; ACKs in its name keep the flood going and let "
                       "it grow.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text =
                "the handshake of each path (R1 of RFC 6181 §7), and a random ISN of "
                "each",
            .remains_text = "handshake packets (T-FLOOD-5, T-FLOOD-6); an accomplice (T-FLOOD-7)",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
