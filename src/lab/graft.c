/* lab/graft.c: the ADD of Basic MPTCP in the hands of who is on its path: its address rewritten in
 * flight (T-TS-3; docs/mechanisms/basic.md). */
#include <string.h>

#include "lab/attack.h"

static bool is_add_of_client(const struct plait_attack *a, const struct plait_segment *segment)
{
    const struct plait_mp_control *control = plait_segment_control(segment);
    const struct plait_place service = plait_service(a);
    struct plait_flow_key flow = plait_segment_flow(segment);
    return control && control->what == PLAIT_CONTROL_ADD &&
           control->addr.family != PLAIT_NO_FAMILY && plait_place_equal(&flow.dst, &service);
}

/* The cookie, where there is one, stays the client's: it says nothing about the address. */
static void rewrite_add(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    struct plait_segment segment;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)) ||
        !is_add_of_client(a, &segment))
        return;
    struct plait_place home = plait_claim_home(a, PLAIT_SERVER);
    segment.mptcp[0].control.addr = home.addr;
    segment.mptcp[0].control.port = home.port;
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets = 0;
    if (!plait_ok(plait_segment_build(&segment, octets, sizeof octets, &length_octets)) ||
        length_octets > packet->room_octets)
        return;
    memcpy(packet->octets, octets, length_octets);
    packet->length_octets = (uint32_t)length_octets;
    a->claims_made.grafted = true;
    const struct plait_place service = plait_service(a);
    if (plait_pair_is_numbered(a))
        (void)plait_pair_begin(a, &home, &service); /* hears the victim's number */
    a->alter_verdict = PLAIT_TAP_ALTERED;
    plait_price_packet(&a->price, plait_world_now(a->world), packet->length_octets);
}

void plait_rewrite_add(struct plait_attack *a)
{
    if (plait_spoken(a)->messages == PLAIT_MESSAGES_IMPLICIT) {
        plait_rewrite_source(a, false); /* the address is the source */
        return;
    }
    a->claims_made.grafts = true;
    plait_on_path(a, rewrite_add);
}

bool plait_has_grafted(const struct plait_attack *a)
{
    return a->claims_made.grafted || plait_rewritten(a);
}

/* Whoever is asked at his own address can be reached there. */
void plait_graft_hear(struct plait_attack *a, const struct plait_segment *segment)
{
    const struct plait_mp_control *control = plait_segment_control(segment);
    if (!a->claims_made.grafts || !control || control->what != PLAIT_CONTROL_PROBE)
        return;
    struct plait_mp_control answer = *control;
    answer.what = PLAIT_CONTROL_ANSWER;
    struct plait_place home = plait_claim_home(a, PLAIT_SERVER);
    plait_claim_say(a, PLAIT_SERVER, &home, &answer);
    const struct plait_place service = plait_service(a);
    if (plait_pair_is_numbered(a)) /* what is not acknowledged there would be missed */
        plait_pair_begin(a, &home, &service)->mute = false;
}
