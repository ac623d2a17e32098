/* lab/again.c: a message about an address that was overheard, kept, and sent again (T-TS-6): ADD
 * and REMOVE of Basic MPTCP (docs/mechanisms/basic.md), REMOVE_ADDR of v0 and v1. */
#include "lab/attack.h"

enum { ECHO_LIMIT_S = 1 };

/* ---- keeping ------------------------------------------------------------------------------ */

/* The payload is not kept: a message has none, and REMOVE_ADDR says the same without. */
static void keep(struct plait_segment *kept, bool *has, const struct plait_segment *segment)
{
    *kept = *segment;
    kept->payload = NULL;
    kept->payload_octets = 0;
    *has = true;
}

/* An option on a segment is kept alone: what else was in it is old by then. */
static void keep_option(struct plait_claims *claims, const struct plait_segment *segment,
                        const struct plait_mptcp_option *option)
{
    keep(&claims->remove, &claims->has_remove, segment);
    claims->remove.mptcp[0] = *option;
    claims->remove.mptcp_count = 1;
    claims->remove.flags &= PLAIT_ACK;
}

void plait_again_hear(struct plait_attack *a, const struct plait_seen *seen)
{
    const struct plait_segment *segment = &seen->segment;
    const struct plait_mp_control *control = plait_segment_control(segment);
    const struct plait_mptcp_option *removal = plait_segment_option(segment, PLAIT_REMOVE_ADDR);
    if (seen->at_home)
        return;
    if (control && control->what == PLAIT_CONTROL_ADD)
        keep(&a->claims_made.add, &a->claims_made.has_add, segment);
    if (control && control->what == PLAIT_CONTROL_REMOVE)
        keep(&a->claims_made.remove, &a->claims_made.has_remove, segment);
    if (removal)
        keep_option(&a->claims_made, segment, removal);
}

/* ---- sending an ADD again ----------------------------------------------------------------- */

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

/* ---- sending a removal again -------------------------------------------------------------- */

/* Of the path that the client opened last. */
static uint8_t newest_id(const struct plait_attack *a)
{
    const struct plait_facts *truth = &a->world->truth;
    return truth->subflows[truth->subflow_count - 1].half[PLAIT_CLIENT].addr_id;
}

/* Whose message names the address may stand anywhere; else it must seem to come from there.  What
 * is sent without a timestamp cannot be told for old by one (RFC 7323 §5). */
bool plait_replay_remove(struct plait_attack *a)
{
    if (!a->claims_made.has_remove) {
        plait_refused(a, "no removal was overheard");
        return false;
    }
    struct plait_segment again = a->claims_made.remove;
    const struct plait_mp_control *control = plait_segment_control(&again);
    again.options.has_timestamps = false;
    if (control && control->addr.family != PLAIT_NO_FAMILY) {
        struct plait_place home = plait_claim_home(a, PLAIT_SERVER);
        again.ip.src = home.addr;
        again.src_port = home.port;
    }
    if (plait_is_granted(a, PLAIT_GRANT_NUMBERS)) {
        struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, NULL, NULL);
        again.seq = numbers.seq;
        again.ack = numbers.ack;
    }
    if (!control && plait_is_granted(a, PLAIT_GRANT_ADDR_ID))
        again.mptcp[0].remove_addr.addr_ids[0] = newest_id(a);
    plait_send(a, &again);
    return true;
}
