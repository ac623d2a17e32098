/* lab/flood.c: a participant brings an address of somebody who does not take part into his own
 * connection, and keeps the traffic there going (RFC 6181 §5).
 *
 * How that begins is the mechanism's: a handshake or a message in the stranger's name, which needs
 * the right to spoof, or a message that names him, which does not.  Where his network filters other
 * sources (BCP 38), nothing leaves that needs the right. */
#include <math.h>

#include "base/panic.h"
#include "lab/arrival.h"
#include "lab/attack.h"
#include "lab/intruder.h"
#include "mechanism/basic.h"

enum {
    SEGMENT_OCTETS = 1400,
    ROUNDS = 5,
    FIRST_ROUND_ACKS = 16,
    MOST_ACKS = 64,
    ROUND_MS = 20,
    STRANGER_ID = 99
};

bool plait_is_mapped(const struct plait_attack *a)
{
    return !plait_attack_is_tcp(a) && plait_spoken(a)->mapping == PLAIT_MAPPING_DSS;
}

static enum plait_message_mode messages_of(const struct plait_attack *a)
{
    return plait_attack_is_tcp(a) ? PLAIT_MESSAGES_NONE : plait_spoken(a)->messages;
}

bool plait_has_messages(const struct plait_attack *a)
{
    return messages_of(a) != PLAIT_MESSAGES_NONE;
}

/* ---- what is his own ------------------------------------------------------------------------- */

/* What SIDE of his connection sends, as his own taps showed it. */
static const struct plait_half *half_of(const struct plait_attack *a, enum plait_side side)
{
    if (!plait_knows_subflow(a))
        plait_panic("position: connection not shown", "%s takes part in none",
                    a->scenario->position->name);
    return &a->known.subflows[0].half[side];
}

static bool is_given_away(const struct plait_attack *a, const struct plait_addr *addr)
{
    const struct plait_world *world = a->world;
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        if (world->is_given_away[path] && plait_addr_equal(addr, &world->client_addrs[path]))
            return true;
    return false;
}

struct plait_place plait_attack_own_place(const struct plait_attack *a)
{
    enum plait_side peer = plait_peer(a);
    for (unsigned i = 0; i < a->known.subflow_count; i++)
        if (!is_given_away(a, &a->known.subflows[i].half[peer].place.addr))
            return a->known.subflows[i].half[peer].place;
    return half_of(a, peer)->place;
}

static uint64_t own_cookie(const struct plait_attack *a)
{
    struct plait_mp_control message = {0};
    plait_spoken(a)->seal_message(0, &message);
    if (message.has_proof && !a->known.has_cookie[plait_peer(a)])
        plait_panic("position: cookie not shown", "no tap of %s showed it",
                    a->scenario->position->name);
    return a->known.cookie[plait_peer(a)];
}

void plait_attack_say(struct plait_attack *a, const struct plait_place *from,
                      struct plait_mp_control message)
{
    const struct plait_half *own = half_of(a, plait_peer(a)), *victim = half_of(a, plait_victim(a));
    struct plait_numbers numbers = {
        .flow = {*from, victim->place}, .seq = own->nxt, .ack = own->ack};
    if (message.what == PLAIT_CONTROL_ANSWER && plait_pair_is_numbered(a))
        numbers.seq = plait_pair_isn(a, &numbers.flow);
    struct plait_segment segment = plait_forged(&numbers, PLAIT_ACK);
    message.connection = plait_key_of(a, PLAIT_SERVER);
    segment.mptcp[segment.mptcp_count++] =
        plait_basic_message(plait_spoken(a), own_cookie(a), &message);
    plait_send(a, &segment);
}

/* False after plait_refused: what names another source does not leave his network. */
static bool passes_filter(struct plait_attack *a)
{
    if (plait_may_spoof(a))
        return true;
    a->filtered++;
    plait_refused(a, "the filter of his network drops what names a stranger as its source");
    return false;
}

/* ---- a path in a stranger's name ------------------------------------------------------------- */

static struct plait_intruder *voice_of(struct plait_attack *a, const struct plait_place *own)
{
    struct plait_place door = plait_service(a);
    bool is_numbered = plait_has_messages(a) && plait_pair_is_numbered(a);
    struct plait_intruder *intruder = is_numbered
                                          ? plait_pair_begin(a, own, &door)
                                          : plait_intruder_new(a, PLAIT_SERVER, own->port, &door);
    PLAIT_CHECK(intruder);
    intruder->own = *own;
    intruder->is_plain = !plait_is_mapped(a);
    return intruder;
}

static void knock(struct plait_attack *a, struct plait_intruder *intruder)
{
    struct plait_segment syn = plait_intruder_segment(intruder, PLAIT_SYN);
    syn.options = (struct plait_tcp_options){.has_mss = true, .mss = SEGMENT_OCTETS};
    if (!plait_attack_is_tcp(a))
        plait_add_option(&syn, PLAIT_MP_JOIN)->join =
            (struct plait_mp_join){.form = PLAIT_JOIN_SYN,
                                   .addr_id = STRANGER_ID,
                                   .token = plait_token_of(a, PLAIT_SERVER),
                                   .nonce = intruder->own_nonce};
    plait_send(a, &syn);
    intruder->nxt++;
}

/* A number of his own for each place that he names. */
static uint8_t id_of(const struct plait_place *place)
{
    return (uint8_t)(1 + place->port % 255);
}

static void add(struct plait_attack *a, const struct plait_place *from,
                const struct plait_place *place)
{
    struct plait_mp_control message = {.what = PLAIT_CONTROL_ADD, .id = id_of(place)};
    if (messages_of(a) == PLAIT_MESSAGES_EXPLICIT) {
        message.addr = place->addr;
        message.port = place->port;
    }
    plait_attack_say(a, from, message);
}

struct plait_intruder *plait_knock_as(struct plait_attack *a, const struct plait_place *own)
{
    if (!passes_filter(a))
        return NULL;
    struct plait_intruder *intruder = voice_of(a, own);
    if (plait_has_messages(a))
        add(a, own, own);
    else
        knock(a, intruder);
    return intruder;
}

struct plait_intruder *plait_bring_in(struct plait_attack *a, const struct plait_place *place)
{
    if (messages_of(a) != PLAIT_MESSAGES_EXPLICIT)
        return plait_knock_as(a, place);
    struct plait_place from = plait_attack_own_place(a);
    add(a, &from, place);
    return voice_of(a, place);
}

void plait_announce(struct plait_attack *a, uint8_t addr_id, const struct plait_place *place)
{
    if (plait_has_messages(a)) {
        struct plait_place from = plait_attack_own_place(a);
        add(a, &from, place);
        return;
    }
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, NULL, NULL);
    struct plait_segment segment = plait_forged(&numbers, PLAIT_ACK);
    struct plait_add_addr *option = &plait_add_option(&segment, PLAIT_ADD_ADDR)->add_addr;
    *option = (struct plait_add_addr){
        .addr_id = addr_id, .addr = place->addr, .has_port = true, .port = place->port};
    plait_seal(a, option);
    plait_send(a, &segment);
}

/* ---- afterwards --------------------------------------------------------------------------- */

static void send_ack(struct plait_attack *a, const struct plait_intruder *voice, uint32_t ahead)
{
    struct plait_segment ack = plait_intruder_segment(voice, PLAIT_ACK);
    ack.ack += ahead;
    plait_intruder_add_dss(voice, &ack);
    plait_send(a, &ack);
}

/* In one sequence space an acknowledgment counts from any pair, so he needs no other address than
 * his own; and his own download tells up to where there was something to acknowledge, the holes in
 * it included.  False: only the stranger's name would do, and his network lets it not pass, or the
 * pair counts from a number that went to the stranger alone. */
static bool take_voice(struct plait_attack *a, const struct plait_intruder *intruder,
                       struct plait_intruder *voice)
{
    bool is_single = plait_has_messages(a) && !plait_is_mapped(a), may_spoof = plait_may_spoof(a);
    *voice = *intruder;
    if (is_single) {
        const struct plait_half *source = half_of(a, plait_victim(a));
        voice->nxt = source->ack;
        voice->rcv_nxt = source->nxt;
        if (!may_spoof)
            voice->own = plait_attack_own_place(a);
    }
    a->filtered += !may_spoof && !is_single;
    return is_single || (may_spoof && intruder->rcv_nxt != 0);
}

/* He does not see what was sent: an ACK beyond it is ignored (RFC 9293 §3.10.7.4), one below is
 * old. */
void plait_sustain(struct plait_attack *a, const struct plait_intruder *intruder)
{
    uint32_t acks = FIRST_ROUND_ACKS;
    struct plait_intruder voice;
    for (int round = 0; round < ROUNDS && take_voice(a, intruder, &voice); round++) {
        for (uint32_t i = 1; i <= acks; i++)
            send_ack(a, &voice, i * SEGMENT_OCTETS);
        plait_pause(a, ROUND_MS * PLAIT_MS);
        acks = 2 * acks > MOST_ACKS ? MOST_ACKS : 2 * acks;
    }
}

void plait_say_as(struct plait_attack *a, struct plait_intruder *intruder, const void *payload,
                  size_t payload_octets)
{
    struct plait_segment data = plait_intruder_segment(intruder, PLAIT_ACK | PLAIT_PSH);
    data.payload = payload;
    data.payload_octets = payload_octets;
    plait_send(a, &data);
    intruder->nxt += (uint32_t)payload_octets;
}

void plait_hush(struct plait_attack *a)
{
    if (!a->scenario->position->participant)
        plait_panic("position: no host of his own", "%s is no participant",
                    a->scenario->position->name);
    for (unsigned path = 0; path < a->world->topology->path_count; path++)
        plait_net_set_link_up(a->world->net, a->world->path_links[path], false);
}

/* ---- others ------------------------------------------------------------------------------------
 */

struct plait_place plait_get_later_place(struct plait_attack *a)
{
    if (!(a->scenario->grants & PLAIT_GRANT_NUMBERS))
        plait_price_guess(&a->price, "the newcomer's port", log2(plait_ports_of(a).count));
    return a->world->later;
}

void plait_let_later_dial(struct plait_attack *a)
{
    plait_arrival_dial(a->world->arrival);
}

void plait_dismiss_accomplice(struct plait_attack *a)
{
    if (a->has_stranger_tap)
        plait_net_end_tap(a->world->net, a->stranger_tap);
}
