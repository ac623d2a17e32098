/* lab/masquerade.c: a subflow whose source an attacker on its path rewrites to his own address, as
 * a NAT would (RFC 6181 §6.3): the server then has it with him. */
#include <string.h>

#include "lab/attack.h"
#include "lab/intruder.h"

static bool is_of_client(const struct plait_masquerade *m, const struct plait_segment *segment)
{
    struct plait_flow_key flow = plait_segment_flow(segment);
    return plait_place_equal(&flow.src, &m->client) && plait_place_equal(&flow.dst, &m->server);
}

/* What opens a path: a SYN, or an ADD from the path's own address. */
static bool opens(const struct plait_segment *segment)
{
    const struct plait_mp_control *control = plait_segment_control(segment);
    if (control)
        return control->what == PLAIT_CONTROL_ADD && control->addr.family == PLAIT_NO_FAMILY;
    return (segment->flags & (PLAIT_SYN | PLAIT_ACK)) == PLAIT_SYN;
}

/* The subflow as the server will know it: the client's numbers, the attacker's address. */
static void begin(struct plait_attack *a, const struct plait_segment *syn)
{
    struct plait_masquerade *m = &a->masquerade;
    m->client = (struct plait_place){syn->ip.src, syn->src_port};
    m->server = (struct plait_place){syn->ip.dst, syn->dst_port};
    m->own = plait_intruder_new(a, PLAIT_SERVER, syn->src_port, &m->server);
    m->has_own_numbers = (syn->flags & PLAIT_SYN) || plait_pair_is_numbered(a);
    m->on = m->own != NULL;
    if (!m->own)
        return;
    m->own->mute = true; /* the client acknowledges */
    m->own->isn = m->own->nxt = syn->seq;
    m->own->is_plain = !plait_segment_option(syn, PLAIT_MP_JOIN) && !plait_pair_is_numbered(a);
    m->own->has_told_isn = plait_pair_is_numbered(a); /* the client tells it */
}

static void follow_client(struct plait_intruder *own, const struct plait_segment *segment)
{
    const struct plait_mp_control *control = plait_segment_control(segment);
    uint32_t end = segment->seq + plait_segment_sequence_octets(segment);
    if (control && control->what == PLAIT_CONTROL_ANSWER)
        own->nxt = 1 + (own->isn = segment->seq); /* where the client begins to count there */
    else if (!control && plait_seq_after(end, own->nxt))
        own->nxt = end;
    own->established |= !(segment->flags & PLAIT_SYN);
    const struct plait_mptcp_option *dss = plait_segment_option(segment, PLAIT_DSS);
    if (!dss || !dss->dss.has_ack)
        return;
    own->has_stale_ack = true;
    own->stale_ack = dss->dss.data_ack;
    own->stale_ack_is_low = !dss->dss.ack_is_64;
}

static void rewrite(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    struct plait_masquerade *m = &a->masquerade;
    struct plait_segment segment;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)))
        return;
    if (!m->on && opens(&segment))
        begin(a, &segment);
    if (!m->on || !is_of_client(m, &segment))
        return;
    follow_client(m->own, &segment);
    uint8_t octets[PLAIT_FRAME_OCTETS];
    size_t length_octets = 0;
    segment.ip.src = a->world->attacker_addr;
    if (!plait_ok(plait_segment_build(&segment, octets, sizeof octets, &length_octets)) ||
        length_octets > packet->room_octets)
        return;
    memcpy(packet->octets, octets, length_octets);
    packet->length_octets = (uint32_t)length_octets;
    a->alter_verdict = PLAIT_TAP_ALTERED;
    plait_price_packet(&a->price, plait_world_now(a->world), packet->length_octets);
}

void plait_rewrite_source(struct plait_attack *a, bool alters)
{
    a->masquerade.alters = alters;
    plait_on_path(a, rewrite);
}

struct plait_intruder *plait_rewritten(const struct plait_attack *a)
{
    return a->masquerade.own;
}

void plait_masquerade_hear(struct plait_attack *a, const struct plait_segment *segment)
{
    const struct plait_masquerade *m = &a->masquerade;
    struct plait_flow_key flow = plait_segment_flow(segment);
    if (!m->on || !plait_place_equal(&flow.src, &m->server) ||
        !plait_place_equal(&flow.dst, &m->own->own))
        return;
    struct plait_segment onward = *segment;
    uint8_t octets[PLAIT_FRAME_OCTETS], payload[PLAIT_FRAME_OCTETS];
    size_t length_octets;
    onward.ip.dst = m->client.addr;
    onward.dst_port = m->client.port;
    if (m->alters && segment->payload_octets >= plait_marker_octets) {
        memcpy(payload, segment->payload, segment->payload_octets);
        memcpy(payload, plait_marker, plait_marker_octets);
        onward.payload = payload;
    }
    if (plait_ok(plait_segment_build(&onward, octets, sizeof octets, &length_octets)))
        plait_attack_send_octets(a, octets, (uint32_t)length_octets);
}

void plait_masquerade_left(struct plait_attack *a)
{
    struct plait_masquerade *m = &a->masquerade;
    if (m->own && m->has_own_numbers)
        m->own->mute = false; /* from now on it is his alone */
    m->on = false;
}
