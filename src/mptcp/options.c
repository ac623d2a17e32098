/* mptcp/options.c: what a segment carries, and what is left out where space is short.
 *
 * Option space is 40 octets; timestamps take 12 of them and each SACK block 8.  In this order, as
 * long as it fits:
 *
 *   payload          DSS (28 at most, or the first data's MP_CAPABLE 24), then control; before it
 *                    the third ACK's MP_CAPABLE (12 at most) where the mechanism wants it there
 *   no payload       DSS with DATA_ACK (12), FASTCLOSE, MP_FAIL, control, one option each
 *   too short        numbers of 32 bits instead of 64 (20 for payload, 8 without), then payload
 *                    without DATA_ACK (16)
 *   a large ADD_ADDR travels alone: its segment acknowledges nothing new, so no DATA_ACK is missed
 *   handshakes       their option alone
 *   reset            FASTCLOSE or MP_FAIL, then MP_TCPRST */
#include "mptcp/hello.h"
#include "mptcp/inside.h"

struct list {
    struct plait_mptcp_option *options;
    unsigned count;
    uint32_t room_octets;
};

static uint32_t padded(const struct plait_mptcp_option *o)
{
    return (uint32_t)(plait_mptcp_octets(o) + 3) & ~3u;
}

static bool add(struct list *l, const struct plait_mptcp_option *o)
{
    if (l->count >= PLAIT_MPTCP_OPTIONS_MAX || padded(o) > l->room_octets)
        return false;
    l->options[l->count++] = *o;
    l->room_octets -= padded(o);
    return true;
}

/* Shorter forms of a DSS until it fits.  Lower halves are what remains of the numbers. */
static bool add_dss(struct list *l, struct plait_mptcp_option *o)
{
    if (o->subtype != PLAIT_DSS || padded(o) <= l->room_octets)
        return add(l, o);
    o->dss.ack_is_64 = false;
    o->dss.data_ack = (uint32_t)o->dss.data_ack;
    if (padded(o) > l->room_octets && o->dss.has_map) {
        o->dss.dsn_is_64 = false;
        o->dss.dsn = (uint32_t)o->dss.dsn;
    }
    if (padded(o) > l->room_octets && o->dss.has_map)
        o->dss.has_ack = false;
    return add(l, o);
}

/* ---- kinds of segments ----------------------------------------------------------------------- */

static void reset_options(struct plait_subflow *sub, struct list *l)
{
    struct plait_mptcp *c = sub->connection;
    if (!c->mechanism || c->has_fallen_back)
        return;
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_FASTCLOSE};
    if (sub->says_fastclose) {
        plait_control_seal(c, &o);
        (void)add(l, &o); /* 12 of at least 28 */
    } else if (sub->says_fail) {
        o = (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL,
                                        .fail = {.dsn = c->peer_idsn + sub->fail_offset}};
        plait_mptcp_count(c, PLAIT_COUNT_FAIL_OUT);
        (void)add(l, &o);
    }
    if (!c->mechanism->reset_has_reason || sub->reset_reason == PLAIT_RESET_NO_REASON)
        return;
    o = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_TCPRST,
        .tcprst = {.flags = sub->reset_is_transient, .reason = sub->reset_reason}};
    (void)add(l, &o);
}

static void data_options(struct plait_subflow *sub, const struct plait_option_request *request,
                         struct list *l)
{
    struct plait_mptcp_option o;
    plait_dss_write(sub, request->from, request->length, &o);
    (void)add_dss(l, &o); /* where not even 20 octets are left the segment repeats its mapping */
    sub->signals_in_row = 0;
}

/* What the peer acknowledges without it, it need not have heard: an ACK may be lost, and Linux
 * looks at mappings only where there is payload or FIN (docs/PROTOCOL.md). */
bool plait_options_tell_infinite(const struct plait_subflow *sub)
{
    return sub->infinite_until && plait_flow_unacked(sub->flow) <= sub->infinite_until;
}

/* A peer that has not heard waits for DATA_ACK.  ACKs take turns: beside the infinite mapping there
 * is no room for SACK. */
static void add_infinite(struct plait_subflow *sub, enum plait_segment_kind kind, struct list *l)
{
    struct plait_mptcp_option o;
    bool is_turn = kind == PLAIT_SEGMENT_DATA || !sub->told_infinite;
    if (is_turn)
        plait_dss_write_infinite(sub, &o);
    else
        plait_dss_write(sub, 0, 0, &o);
    sub->told_infinite = is_turn;
    sub->says &= (uint8_t)~PLAIT_SAY_INFINITE;
    (void)add_dss(l, &o); /* 16 of at least 16 */
}

/* MP_FAIL, and in its wake the infinite mapping (RFC 8684 §3.7).  MP_FAIL goes on an ACK: on a
 * super-segment each segment would repeat it, and Linux answers each. */
static void fallback_options(struct plait_subflow *sub, enum plait_segment_kind kind,
                             struct list *l)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_mptcp_option o;
    if ((sub->says & PLAIT_SAY_FAIL) && kind == PLAIT_SEGMENT_ACK) {
        o = (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL,
                                        .fail = {.dsn = c->peer_idsn + sub->fail_offset}};
        if (add(l, &o)) {
            sub->says &= (uint8_t)~PLAIT_SAY_FAIL;
            plait_mptcp_count(c, PLAIT_COUNT_FAIL_OUT);
        }
    }
    if (plait_options_tell_infinite(sub))
        add_infinite(sub, kind, l);
}

static void ack_options(struct plait_subflow *sub, const struct plait_option_request *request,
                        struct list *l)
{
    struct plait_mptcp *c = sub->connection;
    struct plait_mptcp_option o;
    bool has_control = false;
    bool is_proving = sub->stage == PLAIT_SUBFLOW_PROVING && !c->messages;
    if (is_proving || (sub->says & PLAIT_SAY_PROOF)) {
        plait_join_third_ack(sub, &o);
        sub->says &= (uint8_t)~PLAIT_SAY_PROOF;
        (void)add(l, &o); /* 24 of at least 28 */
        return;
    }
    if (sub->says & PLAIT_SAY_FASTCLOSE) {
        o = (struct plait_mptcp_option){.subtype = PLAIT_MP_FASTCLOSE};
        plait_control_seal(c, &o);
        if (add(l, &o))
            sub->says &= (uint8_t)~PLAIT_SAY_FASTCLOSE;
        has_control = true;
    }
    bool wanted = sub->says & (PLAIT_SAY_PRIO | PLAIT_SAY_SIGNAL);
    bool alone = !c->is_plain && !has_control && request->kind == PLAIT_SEGMENT_ACK &&
                 plait_control_needs_all(sub, l->room_octets);
    if (!c->is_plain && !alone) {
        if (sub->says & PLAIT_SAY_DATA_FIN) {
            plait_dss_write_fin(sub, &o);
            if (add_dss(l, &o))
                sub->says &= (uint8_t)~PLAIT_SAY_DATA_FIN;
        } else {
            plait_dss_write(sub, 0, 0, &o);
            (void)add_dss(l, &o);
        }
    }
    l->count = plait_control_write(sub, l->room_octets, l->options, l->count);
    if (wanted || has_control)
        sub->signals_in_row++;
}

static bool repeats_hello(const struct plait_subflow *sub)
{
    const struct plait_mptcp *c = sub->connection;
    return c->is_client && sub->is_first && !c->hello_is_known;
}

/* The client repeats its keys until the server has shown that it has them (RFC 8684 §3.1); true if
 * nothing else goes beside them. */
static bool hello_options(struct plait_subflow *sub, const struct plait_option_request *request,
                          struct list *l)
{
    struct plait_mptcp *c = sub->connection;
    if (!repeats_hello(sub))
        return false;
    if (c->mechanism->hello_with_data && request->kind != PLAIT_SEGMENT_THIRD_ACK) {
        struct plait_mptcp_option hello;
        plait_client_third_ack(c, &hello);
        (void)add(l, &hello); /* 12 of at least 28 */
        return false;
    }
    if (request->kind == PLAIT_SEGMENT_DATA && !c->is_plain)
        return false; /* plait_dss_write knows the form with data */
    if (request->kind == PLAIT_SEGMENT_ACK &&
        (sub->says & (PLAIT_SAY_DATA_FIN | PLAIT_SAY_FASTCLOSE)))
        return false; /* the keys were sent once; what the server misses, it asks for */
    struct plait_mptcp_option o;
    plait_client_third_ack(c, &o);
    return add(l, &o);
}

unsigned plait_options_write(struct plait_subflow *sub, const struct plait_option_request *request,
                             struct plait_mptcp_option *options)
{
    struct plait_mptcp *c = sub->connection;
    struct list l = {.options = options, .room_octets = request->room_octets};
    if (request->kind == PLAIT_SEGMENT_SYN)
        return sub->is_first ? plait_client_syn(sub, request->attempt, options)
                             : plait_join_syn(sub, options);
    if (request->kind == PLAIT_SEGMENT_RST) {
        reset_options(sub, &l);
        return l.count;
    }
    if (!c->mechanism || request->kind == PLAIT_SEGMENT_SYN_ACK)
        return 0;
    if (c->has_fallen_back) {
        fallback_options(sub, request->kind, &l);
        return l.count;
    }
    if (hello_options(sub, request, &l))
        return l.count;
    if (request->kind == PLAIT_SEGMENT_DATA && !c->is_plain)
        data_options(sub, request, &l);
    if (request->kind == PLAIT_SEGMENT_DATA)
        l.count = plait_control_write(sub, l.room_octets, options, l.count);
    else
        ack_options(sub, request, &l);
    return l.count;
}

bool plait_options_come_first(const struct plait_subflow *sub)
{
    return sub->says & PLAIT_SAY_FAIL;
}

bool plait_options_want_ack(struct plait_subflow *sub)
{
    const struct plait_mptcp *c = sub->connection;
    if (!c->mechanism)
        return false;
    if (sub->says & (PLAIT_SAY_FAIL | PLAIT_SAY_INFINITE | PLAIT_SAY_PROOF | PLAIT_SAY_DATA_FIN |
                     PLAIT_SAY_FASTCLOSE))
        return true;
    if (c->has_fallen_back || sub->stage != PLAIT_SUBFLOW_OPEN || repeats_hello(sub))
        return false;
    bool has_signal = (sub->says & PLAIT_SAY_PRIO) ||
                      ((sub->says & PLAIT_SAY_SIGNAL) && plait_control_has_signal(c));
    return has_signal && sub->signals_in_row < PLAIT_MPTCP_SIGNALS_IN_ROW;
}
