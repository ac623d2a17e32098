/* threats/flood_2.c: T-FLOOD-2, a window that grew elsewhere is emptied onto the target. */
#include "threats/flooding.h"

/* Each burst begins with a small window again: it is wider a round trip later. */
enum { GROWING_S = 2, WIDE_MS = 8, RTO_S = 2 };

/* No ACK is forged: once he is silent, one timeout makes the source send what is outstanding to the
 * other address (RFC 6181 §5). */
static void run(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "lets the window grow");
    plait_pause(a, GROWING_S * PLAIT_S);
    struct plait_intruder *target = plait_begin_flood(a, WIDE_MS * PLAIT_MS);
    if (!target)
        return;
    plait_answer_check(a, target);
    plait_step(a, "falls silent for a timeout");
    plait_hush(a);
    plait_pause(a, RTO_S * PLAIT_S);
}

static const struct plait_case cases[] = {PLAIT_FLOODS(run)};

const struct plait_threat plait_threat_flood_2 = {
    .info =
        {
            .id = "T-FLOOD-2",
            .title = "Grown-window burst",
            .kind = "threat",
            .source = "RFC 6181 §5",
            .section = SECTION_FLOODING,
            .summary = "A participant grows the window on his own path, adds the target and "
                       "falls silent: a flight goes to the target before its reset can arrive.",
            .positions = PLAIT_LIST("PART"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_FLOODED,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the handshake of each path (R1 of RFC 6181 §7); slow start of each "
                               "path bounds it",
            .remains_text = "handshake packets (T-FLOOD-5, T-FLOOD-6)",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
