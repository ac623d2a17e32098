/* audit/rules_data.c: rules about octets and mappings. */
#include <inttypes.h>

#include "audit/rules.h"
#include "audit/store.h"

/* BETWEEN_PLACES: the same segment, seen elsewhere. */
void plait_rule_contradiction(struct plait_audit *a, uint32_t connection, uint32_t subflow,
                              const struct plait_audit_contradiction *k, bool between_places)
{
    struct plait_connection *c = plait_con(a, connection);
    enum plait_rule_number rule = between_places ? PLAIT_RULE_ALTERED : PLAIT_RULE_CONTRADICTION;
    plait_raise(a, c, subflow, rule, &k->packet, 1,
                "%" PRIu32 " octets at %" PRIu64 " of the %s's stream differ from the first copy%s",
                k->length, k->offset, k->direction ? "server" : "client",
                k->was_delivered ? ", which the receiver had" : "");
}

void plait_rule_remapped(struct plait_at *at, const struct plait_packet_ref *before)
{
    if (at->s->flags & PLAIT_SUB_HOLES && !(at->s->flags & PLAIT_SUB_SYN))
        return;
    plait_raise_at(at, PLAIT_RULE_REMAPPED, before,
                   "the same octets of subflow %u have two places in the stream", at->s->number);
}

void plait_rule_checksum(struct plait_at *at, uint64_t offset)
{
    plait_raise_at(at, PLAIT_RULE_CHECKSUM, NULL,
                   "the mapping at %" PRIu64 " does not fit its checksum", offset);
}

void plait_rule_data_behind_fin(struct plait_at *at, const struct plait_packet_ref *fin,
                                uint64_t fin_at)
{
    plait_raise_at(at, PLAIT_RULE_FIN_FOREIGN, fin,
                   "the stream was said to end at %" PRIu64 ", and goes on", fin_at);
}

/* Data without a mapping of this very sender made the fallback; he does not know of it. */
void plait_rule_goes_on_after_fallback(struct plait_at *at)
{
    const struct plait_story *story = plait_store_story(at->a, at->c);
    /* A receiver that lost the mappings says so with an infinite one, and its peer hears it later.
     */
    const uint32_t agreed = PLAIT_CON_INFINITE_0 | PLAIT_CON_INFINITE_1;
    if (!story || story->fallback_end != at->end || at->s->flags & PLAIT_SUB_HOLES ||
        at->c->flags & agreed || !plait_has(at->s->flags, PLAIT_SUB_MAPPED_0, at->end))
        return;
    plait_raise_at(at, PLAIT_RULE_FALLBACK_FORCED, &story->fallback_packet,
                   "the %s goes on with mappings after data of its own that had none",
                   at->end ? "server" : "client");
}

void plait_rule_unmapped(struct plait_audit *a, uint32_t connection, uint32_t subflow, unsigned end,
                         const struct plait_packet_ref *packet)
{
    const struct plait_subflow *s = plait_sub(a, subflow);
    const uint32_t whole = PLAIT_SUB_SYN | PLAIT_SUB_SYN_ACK;
    if (s->flags & PLAIT_SUB_HOLES || (s->flags & whole) != whole ||
        !plait_has(s->flags, PLAIT_SUB_MAPPED_0, end))
        return;
    plait_raise(a, plait_con(a, connection), subflow, PLAIT_RULE_UNMAPPED, packet, 1,
                "data of the %s on subflow %u have no mapping", end ? "server" : "client",
                s->number);
}
