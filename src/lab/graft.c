/* lab/graft.c: the ADD of Basic MPTCP in the hands of who is on its path: its address rewritten in
 * flight (T-TS-3), or the message kept and sent again (T-TS-6; docs/mechanisms/basic.md). */
#include <string.h>

#include "lab/attack.h"

enum { ECHO_LIMIT_S = 1 };

/* ---- rewriting ---------------------------------------------------------------------------- */

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

/* ---- sending again ------------------------------------------------------------------------ */

static bool is_answer_to_add(const struct plait_seen *seen, const void *what)
{
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    return seen->at_home && control && control->what == *(const uint8_t *)what;
}

/* The pair is the one that the recorded message names, or where it is sent from now. */
static struct plait_place place_of_add(const struct plait_attack *a)
{
    const struct plait_mp_control *control = plait_segment_control(&a->claims_made.add);
    if (control->addr.family == PLAIT_NO_FAMILY)
        return plait_claim_home(a, PLAIT_SERVER);
    return (struct plait_place){control->addr, control->port};
}

bool plait_replay_add(struct plait_attack *a)
{
    static const uint8_t probe = PLAIT_CONTROL_PROBE, echo = PLAIT_CONTROL_ECHO;
    if (!a->claims_made.has_add) {
        plait_refused(a, "no ADD was overheard");
        return false;
    }
    const struct plait_place place = place_of_add(a);
    struct plait_segment again = a->claims_made.add;
    again.ip.src = place.addr;
    again.src_port = place.port;
    const struct plait_place service = plait_service(a);
    if (plait_pair_is_numbered(a))
        (void)plait_pair_begin(a, &place, &service);
    plait_send(a, &again);
    if (plait_spoken(a)->reach == PLAIT_REACH_NONCE) {
        if (!plait_await(a, is_answer_to_add, &probe, ECHO_LIMIT_S * PLAIT_S)) {
            plait_refused(a, "nothing asked whether the address can be reached");
            return false;
        }
        struct plait_mp_control answer = *plait_segment_control(plait_answer(a));
        answer.what = PLAIT_CONTROL_ANSWER;
        plait_step(a, "answers the reachability check, for the address is its own now");
        plait_claim_say(a, PLAIT_SERVER, &place, &answer);
    }
    if (plait_await(a, is_answer_to_add, &echo, ECHO_LIMIT_S * PLAIT_S))
        return true;
    plait_refused(a, "the address was not taken");
    return false;
}
