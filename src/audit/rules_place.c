/* audit/rules_place.c: packets that passed one end's link and never the other's.
 *
 * Where the capture is whole (struct plait_audit_limits), what an end sends is seen at its own link
 * first: a packet that is seen at its receiver's link alone is another's.  Which links these are is
 * learnt from each subflow: an end's own is where its first packet was seen first.  Which of two
 * taps saw a packet first is certain though their clocks are not: an acknowledgment of it came
 * later than both, and every offset that such pairs allow keeps that order (sensor/clocks.h). May
 * touch: stories; calls the sink. */
#include "audit/rules.h"
#include "audit/store.h"

/* What somebody may send in an end's name; a bit each of plait_story.shown. */
enum kind { NOTHING, RESET, FASTCLOSE, DATA_FIN, CONTROL, DATA, KINDS };

static const enum plait_rule_number rule_of[KINDS] = {[RESET] = PLAIT_RULE_RST_ELSEWHERE,
                                                      [FASTCLOSE] = PLAIT_RULE_FASTCLOSE_ELSEWHERE,
                                                      [DATA_FIN] = PLAIT_RULE_FIN_ELSEWHERE,
                                                      [CONTROL] = PLAIT_RULE_CONTROL_ELSEWHERE,
                                                      [DATA] = PLAIT_RULE_DATA_ELSEWHERE};

static enum kind kind_of(const struct plait_at *at)
{
    if (plait_packet_option(at->p, PLAIT_MP_FASTCLOSE))
        return FASTCLOSE;
    if (plait_packet_is(at->p, PLAIT_RST))
        return RESET;
    if (at->has_dss && at->dss.has_map && at->dss.data_fin)
        return DATA_FIN;
    if (at->has_control)
        return CONTROL;
    return at->is_new ? DATA : NOTHING;
}

/* A box may take the option off a reset that closes the connection. */
static uint8_t shown_by(const struct plait_at *at, enum kind kind)
{
    return (uint8_t)(1u << kind | (plait_packet_is(at->p, PLAIT_RST) ? 1u << RESET : 0));
}

/* Of one subflow: the two ends' own links are known, and are two.  Before its third ACK a NAT may
 * have made it another flow at one of them. */
static bool has_two_places(const struct plait_subflow *s)
{
    const uint32_t both = PLAIT_SUB_TTL_0 | PLAIT_SUB_TTL_1 | PLAIT_SUB_ACK;
    return (s->flags & both) == both && s->ttl_place[0] != s->ttl_place[1];
}

void plait_rule_place(struct plait_at *at, uint16_t place)
{
    if (!at->a->limits.is_whole || !has_two_places(at->s) || plait_packet_is(at->p, PLAIT_SYN))
        return;
    plait_count(at->a, PLAIT_COUNT_LOOKED_FOR);
    enum kind kind = kind_of(at);
    struct plait_story *story = kind == NOTHING ? NULL : plait_store_story(at->a, at->c);
    if (!story)
        return;
    if (place == at->s->ttl_place[at->end])
        story->shown[at->end] |= shown_by(at, kind);
    /* New data are shown by their numbers, the rest by its kind: what is sent again, or comes very
     * late, is no other's. */
    bool is_shown = kind != DATA && story->shown[at->end] >> kind & 1;
    /* A box that edits payload may make more of it (T-CSUM-1, C-MB-4). */
    bool may_be_box = kind == DATA && story->fired >> PLAIT_RULE_ALTERED & 1;
    if (place != at->s->ttl_place[!at->end] || is_shown || may_be_box)
        return;
    plait_raise_at(at, rule_of[kind], NULL, "it passed the %s's link, and never the %s's",
                   at->end ? "client" : "server", at->end ? "server" : "client");
}

/* The same SYN is another subflow's, too: where a NAT is between the taps, and what is remembered
 * of single packets has made way for others (audit/memory.h). */
static bool is_known_join(const struct plait_at *at)
{
    const struct plait_join *own = plait_store_join(at->a, at->subflow_number, false);
    for (uint32_t n = at->c->first_subflow; own && n; n = plait_sub(at->a, n)->next) {
        const struct plait_join *other = plait_store_join(at->a, n, false);
        if (other && other != own && other->has_nonce[0] && other->nonce[0] == own->nonce[0])
            return true;
    }
    return false;
}

void plait_rule_place_join(struct plait_at *at, uint16_t place)
{
    bool is_peers = false;
    if (!at->a->limits.is_whole)
        return;
    for (uint32_t n = at->c->first_subflow; n; n = plait_sub(at->a, n)->next) {
        const struct plait_subflow *s = plait_sub(at->a, n);
        is_peers = is_peers || (has_two_places(s) && s->ttl_place[!at->end] == place);
    }
    if (is_peers && !is_known_join(at))
        plait_raise_at(at, PLAIT_RULE_JOIN_ELSEWHERE, NULL,
                       "a join in the %s's name passed none of its links",
                       at->end ? "server" : "client");
}
