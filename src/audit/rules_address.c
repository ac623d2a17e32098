/* audit/rules_address.c: rules about advertised addresses. */
#include "audit/rules.h"

static const char *end_name(unsigned end)
{
    return end ? "server" : "client";
}

static bool is_same(const struct plait_advert *before, const struct plait_add_addr *o)
{
    return plait_addr_equal(&before->addr, &o->addr) && before->has_port == o->has_port &&
           before->port == o->port;
}

/* Who has the keys may say what he likes; a removal may be missing where the capture has gaps. */
static void check_conflict(struct plait_at *at, const struct plait_add_addr *o,
                           enum plait_judgement judgement, const struct plait_advert *before)
{
    if (judgement == PLAIT_VALID || before->judgement == PLAIT_VALID || before->removed ||
        plait_addr_equal(&before->addr, &o->addr) || at->c->flags & PLAIT_CON_GAP ||
        at->s->flags & PLAIT_SUB_HOLES)
        return;
    char now[PLAIT_ADDR_TEXT_OCTETS], then[PLAIT_ADDR_TEXT_OCTETS];
    plait_raise_at(at, PLAIT_RULE_ADD_ADDR_CONFLICT, &before->packet,
                   "identifier %u of the %s is %s, and was %s", o->addr_id, end_name(at->end),
                   plait_addr_text(&o->addr, now), plait_addr_text(&before->addr, then));
}

void plait_rule_add_addr(struct plait_at *at, const struct plait_add_addr *o,
                         enum plait_judgement judgement, const struct plait_advert *before)
{
    char text[PLAIT_ADDR_TEXT_OCTETS];
    if (judgement == PLAIT_INVALID)
        plait_raise_at(at, PLAIT_RULE_ADD_ADDR_MAC, NULL, "%s, identifier %u, said to be the %s's",
                       plait_addr_text(&o->addr, text), o->addr_id, end_name(at->end));
    if (judgement == PLAIT_PRE_RFC)
        plait_raise_at(at, PLAIT_RULE_ADD_ADDR_PRE_RFC, NULL, "%s, identifier %u, of the %s",
                       plait_addr_text(&o->addr, text), o->addr_id, end_name(at->end));
    if (!before || judgement == PLAIT_INVALID)
        return;
    if (before->removed && is_same(before, o))
        plait_raise_at(at, PLAIT_RULE_ADD_ADDR_REPLAY, &before->packet,
                       "%s, identifier %u, was removed by the %s", plait_addr_text(&o->addr, text),
                       o->addr_id, end_name(at->end));
    check_conflict(at, o, judgement, before);
}

void plait_rule_echo(struct plait_at *at, const struct plait_add_addr *o)
{
    for (uint32_t n = at->c->adverts; n;) {
        const struct plait_advert *advert = plait_slab_at(&at->a->adverts, n);
        if (advert->end != at->end && advert->addr_id == o->addr_id && is_same(advert, o))
            return;
        n = advert->next;
    }
    if (!(at->s->flags & PLAIT_SUB_SYN))
        return;
    char text[PLAIT_ADDR_TEXT_OCTETS];
    plait_raise_at(at, PLAIT_RULE_ECHO_UNASKED, NULL, "%s, identifier %u",
                   plait_addr_text(&o->addr, text), o->addr_id);
}
