/* audit/rules_address.c: rules about advertised addresses. */
#include "audit/memory.h"
#include "audit/rules.h"
#include "audit/store.h"

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

/* ---- handshakes with third parties ---------------------------------------------------------- */

/* A peer may announce, or join from, an address that does not answer, as those behind a NAT are
 * (C-NAT-3); of so many public ones none is left out by chance. */
#define SILENT_ADDRESSES 4

/* RFC 1918, RFC 3927, RFC 6598; RFC 4193, RFC 4291 §2.5.6. */
static bool is_private(const struct plait_addr *addr)
{
    const uint8_t *o = addr->octets;
    if (addr->family == PLAIT_IPV6)
        return (o[0] & 0xfe) == 0xfc || (o[0] == 0xfe && (o[1] & 0xc0) == 0x80);
    return o[0] == 10 || (o[0] == 172 && (o[1] & 0xf0) == 16) || (o[0] == 192 && o[1] == 168) ||
           (o[0] == 169 && o[1] == 254) || (o[0] == 100 && (o[1] & 0xc0) == 64);
}

static bool is_announced(const struct plait_at *at, unsigned end, const struct plait_addr *addr)
{
    for (uint32_t n = at->c->adverts; n;) {
        const struct plait_advert *advert = plait_slab_at(&at->a->adverts, n);
        if (advert->end == end && plait_addr_equal(&advert->addr, addr))
            return true;
        n = advert->next;
    }
    return false;
}

/* Of the connection: how many addresses said to be END's do not answer; and whether ADDR is one. */
static uint64_t silent_count(const struct plait_at *at, unsigned end)
{
    return plait_fact(at->a, PLAIT_FACT_SILENT_COUNT, at->c->number, end);
}

static uint64_t silent(const struct plait_at *at, const struct plait_addr *addr)
{
    uint64_t octets = plait_fact_octets(at->a, PLAIT_FACT_SILENT, addr->octets, 16);
    return plait_fact(at->a, PLAIT_FACT_SILENT, at->c->number, octets);
}

/* False: it was counted. */
static bool note_silent(struct plait_at *at, const struct plait_addr *addr)
{
    uint64_t what = silent(at, addr);
    if (plait_memory_find(&at->a->facts, what))
        return false;
    plait_memory_set_ref(plait_memory_put(&at->a->facts, what), &at->ref);
    at->c->flags |= PLAIT_CON_SILENT;
    return true;
}

/* ADDR was sent to again. */
static void count_silent(struct plait_at *at, const struct plait_addr *addr,
                         enum plait_rule_number rule)
{
    if (is_private(addr) || !note_silent(at, addr))
        return;
    uint64_t what = silent_count(at, !at->end);
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, what);
    if (!e) {
        e = plait_memory_put(&at->a->facts, what);
        plait_memory_set_ref(e, &at->ref);
    }
    e->count += e->count < SILENT_ADDRESSES;
    if (e->count < SILENT_ADDRESSES)
        return;
    struct plait_packet_ref first = plait_memory_ref(e);
    plait_raise_at(at, rule, &first, "%u addresses that are said to be the %s's do not answer",
                   (unsigned)e->count, end_name(!at->end));
}

void plait_rule_join_again(struct plait_at *at)
{
    struct plait_place to = plait_store_place(at->a, at->s, !at->end);
    if (plait_packet_is(at->p, PLAIT_ACK)) {
        if (!(at->s->flags & PLAIT_SUB_ACK))
            count_silent(at, &to.addr, PLAIT_RULE_JOIN_REFLECTED);
    } else if (!(at->s->flags & PLAIT_SUB_SYN_ACK) && is_announced(at, !at->end, &to.addr)) {
        count_silent(at, &to.addr, PLAIT_RULE_JOIN_SPRAY);
    }
}

/* Then the address is that end's after all. */
void plait_rule_join_answered(struct plait_at *at)
{
    if (!(at->c->flags & PLAIT_CON_SILENT))
        return;
    struct plait_place from = plait_store_place(at->a, at->s, at->end);
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, silent(at, &from.addr));
    if (!e)
        return;
    plait_memory_forget(e);
    e = plait_memory_find(&at->a->facts, silent_count(at, at->end));
    if (e && e->count)
        e->count--;
}
