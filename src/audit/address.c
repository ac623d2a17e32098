/* audit/address.c: ADD_ADDR with its MAC, REMOVE_ADDR (RFC 8684 §3.4). */
#include "audit/address.h"

#include "audit/rules.h"
#include "crypto/digest.h"

static struct plait_advert *advert_at(const struct plait_audit *a, uint32_t number)
{
    return plait_slab_at(&a->adverts, number);
}

static bool is_proven(const struct plait_subflow *s)
{
    return !(s->flags & PLAIT_SUB_JOIN) ||
           s->flags & (PLAIT_SUB_PROOF_ACK | PLAIT_SUB_PROOF_SYN_ACK);
}

/* So many subflows of a connection are asked for their addresses: one may have 4,096, none of them
 * proven, and each join asks (T-RES-2). */
#define ASKED_MAX 64

bool plait_address_is_known_elsewhere(const struct plait_audit *a, uint32_t connection,
                                      uint32_t subflow, unsigned end, const struct plait_addr *addr)
{
    const struct plait_connection *c = plait_con(a, connection);
    for (uint32_t n = c->adverts; n; n = advert_at(a, n)->next)
        if (advert_at(a, n)->end == end && plait_addr_equal(&advert_at(a, n)->addr, addr))
            return true;
    unsigned asked = 0;
    for (uint32_t n = c->first_subflow; n && asked < ASKED_MAX;
         n = plait_sub(a, n)->next, asked++) {
        const struct plait_subflow *s = plait_sub(a, n);
        if (n != subflow && is_proven(s) && plait_store_same_addr(a, s, end, addr))
            return true;
    }
    return false;
}

bool plait_address_is_known(const struct plait_audit *a, uint32_t connection, unsigned end,
                            const struct plait_addr *addr)
{
    return plait_address_is_known_elsewhere(a, connection, 0, end, addr);
}

/* ---- ADD_ADDR ------------------------------------------------------------------------------- */

/* Early stacks put the left half of the MAC there (T-MAC-5). */
static bool is_left_half(const struct plait_connection *c, unsigned end,
                         const struct plait_add_addr *o)
{
    uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS];
    plait_v1_add_addr_mac(c->key[end], c->key[!end], o, mac);
    return plait_mac_equal(mac, o->hmac, sizeof o->hmac);
}

static enum plait_judgement judge(const struct plait_at *at, const struct plait_add_addr *o)
{
    const struct plait_connection *c = at->c;
    const uint32_t both = PLAIT_CON_KEY_0 | PLAIT_CON_KEY_1;
    if (o->is_v0 || (c->flags & both) != both || c->version != PLAIT_AUDIT_V1)
        return PLAIT_CANNOT_TELL;
    struct plait_mptcp_option option = {.subtype = PLAIT_ADD_ADDR, .add_addr = *o};
    if (plait_mechanism_v1.open(c->key[!at->end], c->key[at->end], &option))
        return PLAIT_VALID;
    return is_left_half(c, at->end, o) ? PLAIT_PRE_RFC : PLAIT_INVALID;
}

static void count_mac(struct plait_audit *a, const struct plait_add_addr *o,
                      enum plait_judgement judgement)
{
    static const enum plait_audit_count counts[] = {[PLAIT_CANNOT_TELL] =
                                                        PLAIT_COUNT_MACS_CANNOT_TELL,
                                                    [PLAIT_VALID] = PLAIT_COUNT_MACS_VALID,
                                                    [PLAIT_INVALID] = PLAIT_COUNT_MACS_INVALID,
                                                    [PLAIT_PRE_RFC] = PLAIT_COUNT_MACS_PRE_RFC};
    if (!o->is_v0)
        plait_count(a, counts[judgement]);
}

static void say_add(struct plait_at *at, const struct plait_add_addr *o,
                    enum plait_audit_event_kind kind, enum plait_judgement judgement)
{
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, kind);
    event.addr_id = o->addr_id;
    event.has_addr_id = true;
    event.from = (struct plait_place){o->addr, o->has_port ? o->port : 0};
    event.judgement = judgement;
    event.version = o->is_v0 ? PLAIT_AUDIT_V0 : PLAIT_AUDIT_V1;
    plait_say(at, &event);
}

static struct plait_advert *find(const struct plait_at *at, uint8_t addr_id)
{
    for (uint32_t n = at->c->adverts; n; n = advert_at(at->a, n)->next)
        if (advert_at(at->a, n)->end == at->end && advert_at(at->a, n)->addr_id == addr_id)
            return advert_at(at->a, n);
    return NULL;
}

static struct plait_advert *have(struct plait_at *at, uint8_t addr_id)
{
    struct plait_advert *advert = find(at, addr_id);
    unsigned count = 0;
    for (uint32_t n = at->c->adverts; n; n = advert_at(at->a, n)->next)
        count++;
    uint32_t number =
        advert || count >= PLAIT_AUDIT_ADDRESSES_MAX ? 0 : plait_slab_take(&at->a->adverts);
    if (!number)
        return advert;
    advert = advert_at(at->a, number);
    advert->next = at->c->adverts;
    at->c->adverts = number;
    return advert;
}

/* An advertisement that proves nothing binds no address; where it cannot be judged it is taken. */
static void keep(struct plait_at *at, const struct plait_add_addr *o,
                 enum plait_judgement judgement)
{
    if (judgement == PLAIT_INVALID)
        return;
    struct plait_advert *advert = have(at, o->addr_id);
    if (!advert)
        return;
    uint32_t next = advert->next;
    *advert = (struct plait_advert){.next = next,
                                    .end = (uint8_t)at->end,
                                    .addr_id = o->addr_id,
                                    .judgement = (uint8_t)judgement,
                                    .has_port = o->has_port,
                                    .port = o->port,
                                    .addr = o->addr,
                                    .packet = at->ref};
}

void plait_address_add(struct plait_at *at, const struct plait_add_addr *o)
{
    if (o->echo) {
        say_add(at, o, PLAIT_SAW_ADD_ADDR_ECHO, PLAIT_CANNOT_TELL);
        plait_rule_echo(at, o);
        return;
    }
    enum plait_judgement judgement = judge(at, o);
    count_mac(at->a, o, judgement);
    say_add(at, o, PLAIT_SAW_ADD_ADDR, judgement);
    plait_rule_add_addr(at, o, judgement, find(at, o->addr_id));
    keep(at, o, judgement);
}

/* ---- REMOVE_ADDR ---------------------------------------------------------------------------- */

void plait_address_remove(struct plait_at *at, const struct plait_remove_addr *o)
{
    for (unsigned i = 0; i < o->count; i++) {
        struct plait_advert *advert = find(at, o->addr_ids[i]);
        if (advert)
            advert->removed = true;
        plait_rule_remove_addr(at, o->addr_ids[i]);
        if (!plait_is_heard(at->a))
            continue;
        struct plait_audit_event event = plait_event(at, PLAIT_SAW_REMOVE_ADDR);
        event.addr_id = o->addr_ids[i];
        event.has_addr_id = true;
        plait_say(at, &event);
    }
}
