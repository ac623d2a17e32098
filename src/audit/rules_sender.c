/* audit/rules_sender.c: rules about messages that change what a peer does, and that anybody with
 * the right numbers can send.
 *
 * The packet alone proves nothing.  Proof is that its alleged sender goes on as if it had not sent
 * it, or that its TTL is not the sender's, before and after. */
#include "audit/rules.h"

#include <inttypes.h>

#include "audit/store.h"
#include "audit/track.h"

/* What was under way when a message was sent arrives within that time. */
#define UNDER_WAY_NS (3 * PLAIT_S)
#define BEYOND_NS    PLAIT_MS
/* A sender's TTL is known after so many packets. */
#define PACKETS_OF_A_SENDER 3

void plait_suspect(struct plait_at *at, enum plait_rule_number rule, uint64_t value)
{
    struct plait_story *story = plait_store_story(at->a, at->c);
    if (!story)
        return;
    struct plait_suspect *suspect = &story->suspects[story->suspect_count++ % PLAIT_SUSPECTS];
    *suspect = (struct plait_suspect){.packet = at->ref,
                                      .rule = (uint8_t)rule,
                                      .end = (uint8_t)at->end,
                                      .ttl = at->p->ttl,
                                      .subflow = at->subflow_number,
                                      .is_set = true,
                                      .value = value};
}

/* ---- what becomes a suspect ----------------------------------------------------------------- */

/* Behind what its sender says he has sent: with an option of control that does not move the edge.
 */
static uint64_t behind_all(const struct plait_at *at)
{
    const struct plait_half *h = &at->s->half[at->end];
    bool has_isn = plait_has(at->s->flags, PLAIT_SUB_ISN_0, at->end);
    int64_t number = has_isn ? plait_unwrap_seq(at->p->seq, h->isn, h->edge) : 0;
    return number > (int64_t)h->edge ? (uint64_t)number : h->edge;
}

void plait_rule_reset(struct plait_at *at)
{
    unsigned opener = at->s->flags & PLAIT_SUB_OPENER_1 ? 1 : 0;
    bool is_refusal =
        at->s->flags & PLAIT_SUB_JOIN && !(at->s->flags & PLAIT_SUB_SYN_ACK) && at->end != opener;
    if (is_refusal && at->c->flags & PLAIT_CON_ORPHAN)
        plait_rule_join_refused(at);
    else if (at->s->flags & PLAIT_SUB_ACK)
        plait_suspect(at, PLAIT_RULE_RST_FOREIGN, behind_all(at));
}

void plait_rule_remove_addr(struct plait_at *at, uint8_t addr_id)
{
    plait_suspect(at, PLAIT_RULE_REMOVE_FOREIGN, addr_id);
}

void plait_rule_prio(struct plait_at *at, const struct plait_mp_prio *option)
{
    (void)at, (void)option; /* it shows in nothing but its TTL (plait_rule_packet) */
}

void plait_rule_fail(struct plait_at *at, int64_t offset)
{
    const uint32_t known = PLAIT_CON_CHECKSUM_KNOWN | PLAIT_CON_FULL_HELLO;
    if ((at->c->flags & known) == known && !(at->c->flags & PLAIT_CON_CHECKSUM))
        plait_raise_at(at, PLAIT_RULE_FAIL_UNFOUNDED, NULL,
                       "MP_FAIL of the %s for octet %" PRId64 " of its peer's stream",
                       at->end ? "server" : "client", offset);
}

void plait_rule_fastclose(struct plait_at *at, enum plait_judgement judgement)
{
    if (judgement == PLAIT_INVALID)
        plait_raise_at(at, PLAIT_RULE_FASTCLOSE_KEY, NULL, "said to be from the %s",
                       at->end ? "server" : "client");
    else
        plait_suspect(at, PLAIT_RULE_FASTCLOSE_FOREIGN, behind_all(at));
}

/* ---- TTL ------------------------------------------------------------------------------------ */

/* Where AT's packet was seen, in 16 bits of a subflow: places of which there are very many may look
 * like one, and then their TTLs are useless. */
uint16_t plait_rule_place_of(const struct plait_at *at)
{
    return (uint16_t)(at->ref.input + (at->p->seen->interface << 10));
}

/* A path that changes its length makes TTLs useless: then `ttl` is 0. */
static void learn_ttl(struct plait_at *at)
{
    struct plait_subflow *s = at->s;
    unsigned end = at->end;
    if (!plait_has(s->flags, PLAIT_SUB_TTL_0, end)) {
        s->flags |= PLAIT_SUB_TTL_0 << end;
        s->ttl[end] = at->p->ttl;
        s->ttl_place[end] = plait_rule_place_of(at);
    } else if (s->ttl_place[end] == plait_rule_place_of(at) && s->ttl[end] != at->p->ttl) {
        s->ttl[end] = 0;
    }
}

static void suspect_ttl(struct plait_at *at)
{
    const struct plait_subflow *s = at->s;
    unsigned end = at->end;
    if (plait_has(s->flags, PLAIT_SUB_TTL_0, end) && s->ttl[end] && s->ttl[end] != at->p->ttl &&
        s->ttl_place[end] == plait_rule_place_of(at) && s->half[end].packets > PACKETS_OF_A_SENDER)
        plait_suspect(at, PLAIT_RULE_CONTROL_FOREIGN, s->ttl[end]);
}

/* A number ahead of the sender's is one that he comes to, or never had. */
static void suspect_number(struct plait_at *at)
{
    struct plait_story *story;
    if (!at->is_ahead || at->p->payload_octets || at->p->flags & (PLAIT_RST | PLAIT_SYN))
        return;
    plait_suspect(at, PLAIT_RULE_CONTROL_FOREIGN, (uint64_t)at->ssn);
    if ((story = plait_store_story(at->a, at->c)) != NULL)
        story->suspects[(story->suspect_count - 1u) % PLAIT_SUSPECTS].is_ahead = true;
}

/* ---- what proves ---------------------------------------------------------------------------- */

static bool has_new_data(const struct plait_at *at, uint64_t beyond)
{
    return at->p->payload_octets && at->ssn + at->p->payload_octets > (int64_t)beyond;
}

static bool is_later(const struct plait_at *at, const struct plait_suspect *suspect,
                     plait_time_ns by_ns)
{
    plait_time_ns error_ns = at->ref.input == suspect->packet.input ? 0 : at->p->seen->error_ns;
    return at->ref.at_ns - suspect->packet.at_ns > by_ns + error_ns;
}

/* Elsewhere it may be under way still. */
static bool writes_on(const struct plait_at *at, const struct plait_suspect *suspect)
{
    return suspect->subflow == at->subflow_number && plait_same_place(&at->ref, &suspect->packet) &&
           has_new_data(at, suspect->value) && is_later(at, suspect, BEYOND_NS);
}

/* Behind a RST nothing comes but what was under way, and other resets. */
static bool goes_on(const struct plait_at *at, const struct plait_suspect *suspect)
{
    if (suspect->subflow != at->subflow_number || at->p->flags & (PLAIT_RST | PLAIT_SYN))
        return false;
    return writes_on(at, suspect) || is_later(at, suspect, UNDER_WAY_NS);
}

/* Until a RST answers MP_FASTCLOSE its sender sends it again, acknowledges what comes, and may
 * repeat what he sent before (RFC 8684 §3.5), which may come here for the first time; he writes
 * nothing new. */
static bool writes_after_closing(const struct plait_at *at, const struct plait_suspect *suspect)
{
    return at->s->flags & PLAIT_SUB_SYN && writes_on(at, suspect);
}

/* The initial pair has identifier 0; a join that has it may be one whose own was not captured. */
static bool knows_addr_id(const struct plait_at *at)
{
    if (at->s->flags & PLAIT_SUB_JOIN)
        return at->s->addr_id[at->end] != 0;
    return at->c->flags & PLAIT_CON_FULL_HELLO;
}

static bool uses_removed(const struct plait_at *at, const struct plait_suspect *suspect)
{
    return knows_addr_id(at) && at->s->addr_id[at->end] == suspect->value && !at->was_again &&
           at->p->payload_octets && is_later(at, suspect, UNDER_WAY_NS);
}

static bool has_usual_ttl(const struct plait_at *at, const struct plait_suspect *suspect)
{
    return suspect->subflow == at->subflow_number &&
           plait_rule_place_of(at) == at->s->ttl_place[at->end] && at->p->ttl == suspect->value &&
           at->p->ttl == at->s->ttl[at->end];
}

/* A pure ACK has the next number of its sender: it is below what he is said to have sent long ago.
 */
static bool is_behind(const struct plait_at *at, const struct plait_suspect *suspect)
{
    const uint8_t marks = PLAIT_RST | PLAIT_SYN | PLAIT_FIN;
    return suspect->subflow == at->subflow_number && !at->p->payload_octets && !at->has_control &&
           !(at->p->flags & marks) && at->ssn + 1 < (int64_t)suspect->value &&
           is_later(at, suspect, UNDER_WAY_NS);
}

static bool is_proof(const struct plait_at *at, const struct plait_suspect *suspect)
{
    switch (suspect->rule) {
    case PLAIT_RULE_RST_FOREIGN:
        return goes_on(at, suspect);
    case PLAIT_RULE_FASTCLOSE_FOREIGN:
        return writes_after_closing(at, suspect);
    case PLAIT_RULE_REMOVE_FOREIGN:
        return uses_removed(at, suspect);
    case PLAIT_RULE_CONTROL_FOREIGN:
        return suspect->is_ahead ? is_behind(at, suspect) : has_usual_ttl(at, suspect);
    default:
        return false;
    }
}

static void say_proven(struct plait_at *at, const struct plait_suspect *suspect)
{
    const char *who = at->end ? "server" : "client";
    if (suspect->is_ahead)
        plait_raise_at(at, PLAIT_RULE_CONTROL_FOREIGN, &suspect->packet,
                       "its number is %" PRIu64 ", the %s never came beyond %" PRId64,
                       suspect->value, who, at->ssn);
    else if (suspect->rule == PLAIT_RULE_CONTROL_FOREIGN)
        plait_raise_at(at, PLAIT_RULE_CONTROL_FOREIGN, &suspect->packet,
                       "its TTL is %u, the %s's is %u", suspect->ttl, who, at->p->ttl);
    else
        plait_raise_at(at, (enum plait_rule_number)suspect->rule, &suspect->packet,
                       "the %s goes on after it", who);
}

static void check_suspects(struct plait_at *at)
{
    struct plait_story *story = plait_slab_at(&at->a->stories, at->c->story);
    for (unsigned i = 0; i < PLAIT_SUSPECTS; i++) {
        struct plait_suspect *suspect = &story->suspects[i];
        if (!suspect->is_set || suspect->end != at->end || suspect->packet.frame == at->ref.frame ||
            !is_proof(at, suspect))
            continue;
        suspect->is_set = false;
        say_proven(at, suspect);
    }
}

static void check_unproven(struct plait_at *at)
{
    if (at->s->flags & PLAIT_SUB_PROOF_BAD && at->p->payload_octets && at->s->half[!at->end].octets)
        plait_raise_at(at, PLAIT_RULE_DATA_UNPROVEN, NULL, "subflow %u", at->s->number);
}

void plait_rule_packet(struct plait_at *at)
{
    bool is_control = at->has_control || plait_packet_is(at->p, PLAIT_RST);
    if (is_control) {
        suspect_ttl(at);
        suspect_number(at);
    } else {
        learn_ttl(at);
    }
    plait_rule_place(at, plait_rule_place_of(at));
    check_unproven(at);
    if (at->c->story)
        check_suspects(at);
}
