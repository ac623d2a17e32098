/* lab/intruder.c: counters and acknowledgments of forged subflows. */
#include "lab/intruder.h"

enum { WINDOW = 65535, TTL = 64 };

struct plait_intruder *plait_intruder_new(struct plait_attack *attack, enum plait_side victim,
                                          uint16_t own_port, const struct plait_place *peer)
{
    for (unsigned i = 0; i < PLAIT_INTRUDERS_MAX; i++) {
        struct plait_intruder *intruder = &attack->intruders[i];
        if (intruder->used)
            continue;
        const struct plait_draw_key *draw = &attack->world->draw;
        *intruder = (struct plait_intruder){
            .used = true,
            .victim = victim,
            .own = {attack->world->attacker_addr, own_port},
            .peer = *peer,
            .isn = (uint32_t)plait_draw(draw, "attacker", "isn", i),
            .own_nonce = (uint32_t)plait_draw(draw, "attacker", "nonce", i),
        };
        intruder->nxt = intruder->isn;
        return intruder;
    }
    return NULL;
}

struct plait_segment plait_intruder_segment(const struct plait_intruder *intruder, uint8_t flags)
{
    return (struct plait_segment){
        .ip = {.src = intruder->own.addr,
               .dst = intruder->peer.addr,
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = TTL,
               .dont_fragment = true},
        .src_port = intruder->own.port,
        .dst_port = intruder->peer.port,
        .seq = intruder->nxt,
        .ack = flags & PLAIT_ACK ? intruder->rcv_nxt : 0,
        .flags = flags,
        .window = WINDOW,
    };
}

struct plait_dss *plait_intruder_add_dss(const struct plait_intruder *intruder,
                                         struct plait_segment *segment)
{
    if (intruder->is_plain)
        return NULL;
    struct plait_mptcp_option *option = &segment->mptcp[segment->mptcp_count++];
    *option = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                          .dss = {.has_ack = true,
                                                  .ack_is_64 = !intruder->stale_ack_is_low,
                                                  .data_ack = intruder->stale_ack}};
    return &option->dss;
}

void plait_forget(struct plait_intruder *intruder)
{
    intruder->used = false;
}

static struct plait_intruder *find(struct plait_attack *attack, const struct plait_segment *segment)
{
    struct plait_flow_key flow = plait_segment_flow(segment);
    for (unsigned i = 0; i < PLAIT_INTRUDERS_MAX; i++) {
        struct plait_intruder *intruder = &attack->intruders[i];
        if (intruder->used && plait_place_equal(&flow.src, &intruder->peer) &&
            plait_place_equal(&flow.dst, &intruder->own))
            return intruder;
    }
    return NULL;
}

static void acknowledge(struct plait_attack *attack, struct plait_intruder *intruder)
{
    struct plait_segment ack = plait_intruder_segment(intruder, PLAIT_ACK);
    /* Without a DATA_ACK the victim would leave MPTCP (RFC 8684 §3.7, N40); an old one keeps it
     * sending the same octets to its true peer as well. */
    plait_intruder_add_dss(intruder, &ack);
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets;
    if (!plait_ok(plait_segment_build(&ack, octets, sizeof octets, &length_octets)))
        return;
    bool guessing =
        attack->guessing; /* counted, but no part of the price: what it acknowledges came */
    attack->guessing = true;
    plait_attack_send_octets(attack, octets, (uint32_t)length_octets);
    attack->guessing = guessing;
}

static void learn_numbers(struct plait_intruder *intruder, const struct plait_segment *segment)
{
    const struct plait_mptcp_option *join = plait_segment_option(segment, PLAIT_MP_JOIN);
    const struct plait_mptcp_option *dss = plait_segment_option(segment, PLAIT_DSS);
    intruder->is_reset |= (segment->flags & PLAIT_RST) != 0;
    if (segment->flags & PLAIT_SYN) {
        intruder->peer_isn = segment->seq;
        intruder->is_answered = true;
        intruder->rcv_nxt = segment->seq + 1;
        if (join)
            intruder->peer_nonce = join->join.nonce;
    }
    const struct plait_mp_control *control = plait_segment_control(segment);
    if (control && control->what == PLAIT_CONTROL_PROBE)
        intruder->rcv_nxt = (intruder->peer_isn = segment->seq) + 1; /* of a pair without SYN */
    if (dss && dss->dss.has_ack) {
        intruder->has_low_expected = true;
        intruder->low_expected = (uint32_t)dss->dss.data_ack;
    }
    if (dss && dss->dss.has_ack && dss->dss.ack_is_64) {
        intruder->has_expected_dsn = true;
        intruder->expected_dsn = dss->dss.data_ack;
    }
    if (dss && dss->dss.has_map && !intruder->has_stale_ack) {
        intruder->has_stale_ack = true; /* where no key tells the first number of the stream */
        intruder->stale_ack = dss->dss.dsn;
        intruder->stale_ack_is_low = !dss->dss.dsn_is_64;
    }
}

void plait_intruder_hear(struct plait_attack *attack, const struct plait_segment *segment)
{
    struct plait_intruder *intruder = find(attack, segment);
    if (!intruder)
        return;
    learn_numbers(intruder, segment);
    if (!segment->payload_octets || !intruder->established)
        return;
    if (segment->seq == intruder->rcv_nxt) {
        intruder->rcv_nxt += (uint32_t)segment->payload_octets;
        intruder->octets_read += segment->payload_octets;
    }
    if (!intruder->mute)
        acknowledge(attack, intruder);
}
