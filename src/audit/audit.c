/* audit/audit.c: one packet from its octets to what it means. */
#include "audit/audit.h"

#include <string.h>

#include "audit/address.h"
#include "audit/close.h"
#include "audit/control.h"
#include "audit/data.h"
#include "audit/duplicate.h"
#include "audit/flow.h"
#include "audit/hello.h"
#include "audit/join.h"
#include "audit/memory.h"
#include "audit/rules.h"
#include "audit/stream.h"

/* ---- making and ending ---------------------------------------------------------------------- */

struct plait_audit_limits plait_audit_limits(void)
{
    return (struct plait_audit_limits){.memory_octets = PLAIT_AUDIT_MEMORY_OCTETS,
                                       .hold_octets = 4u << 20,
                                       .retain_octets = 64u << 10,
                                       .hold_ns = 60 * PLAIT_S,
                                       .ack_grace_ns = PLAIT_S,
                                       .linger_ns = 5 * PLAIT_S,
                                       .copy = PLAIT_FIRST_COPY};
}

size_t plait_audit_arena_octets(const struct plait_audit_limits *limits)
{
    return sizeof(struct plait_audit) + 16 + plait_memory_octets(limits->memory_octets) +
           plait_duplicate_octets() + plait_store_octets(limits->memory_octets);
}

struct plait_audit *plait_audit_new(struct plait_arena *arena,
                                    const struct plait_audit_limits *limits,
                                    const struct plait_draw_key *key,
                                    const struct plait_audit_sink *sink, void *owner)
{
    struct plait_audit *a = plait_arena_take(arena, 1, sizeof *a);
    if (!a)
        return NULL;
    a->limits = *limits;
    a->hash_key = *key;
    a->sink = *sink;
    a->owner = owner;
    bool fits = plait_duplicate_init(a, arena) &&
                plait_memory_init(&a->facts, arena, limits->memory_octets) &&
                plait_store_init(a, arena);
    return fits ? a : NULL;
}

void plait_audit_not_whole(struct plait_audit *a)
{
    a->limits.is_whole = false;
}

void plait_audit_end(struct plait_audit *a)
{
    plait_store_close(a);
    while (a->connections.oldest)
        plait_store_end(a, a->connections.oldest, PLAIT_END_INPUT);
}

size_t plait_audit_used_octets(const struct plait_audit *a)
{
    return plait_store_used_octets(a);
}

const struct plait_audit_counts *plait_audit_counts(const struct plait_audit *a)
{
    return &a->counts;
}

uint32_t plait_audit_alive(const struct plait_audit *a)
{
    return a->connections.alive;
}

/* ---- options -------------------------------------------------------------------------------- */

static void say_not_understood(struct plait_at *at, uint8_t subtype, enum plait_reason why)
{
    plait_count(at->a, PLAIT_COUNT_OPTIONS_NOT_UNDERSTOOD);
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_NOT_UNDERSTOOD);
    event.value = subtype;
    event.reason = (uint8_t)why;
    event.cause = plait_reason_text(why);
    plait_say(at, &event);
}

/* DSS says that MPTCP is spoken where no handshake was seen (and none was refused). */
static void note_spoken(struct plait_at *at)
{
    struct plait_connection *c = at->c;
    at->s->flags |= PLAIT_SUB_MPTCP;
    if (c->flags & (PLAIT_CON_MPTCP | PLAIT_CON_FALLBACK))
        return;
    bool is_plain = at->s->flags & PLAIT_SUB_SYN && !(c->flags & PLAIT_CON_OFFERED);
    if (is_plain || plait_has(c->flags, PLAIT_CON_DATA_0, 0) ||
        plait_has(c->flags, PLAIT_CON_DATA_0, 1))
        return; /* its streams are counted by TCP's numbers already */
    c->flags |= PLAIT_CON_MPTCP;
    if (!(c->flags & PLAIT_CON_OFFERED))
        c->version = PLAIT_AUDIT_NO_VERSION;
    plait_count(at->a, PLAIT_COUNT_CONNECTIONS_MPTCP);
}

static void take_option(struct plait_at *at, const struct plait_packet_option *o)
{
    struct plait_mptcp_option option;
    plait_result result = plait_mptcp_parse(o->at, o->octets, &option);
    plait_count(at->a, PLAIT_COUNT_OPTIONS);
    if (!plait_ok(result)) {
        say_not_understood(at, o->subtype, result.reason);
        return;
    }
    if (o->subtype != PLAIT_MP_CAPABLE && o->subtype != PLAIT_MP_JOIN)
        note_spoken(at);
    at->has_control |= o->subtype >= PLAIT_ADD_ADDR && o->subtype <= PLAIT_MP_TCPRST;
    switch (option.subtype) {
    case PLAIT_MP_CAPABLE:
        plait_hello(at, &option.capable);
        break;
    case PLAIT_MP_JOIN:
        plait_join_option(at, &option.join);
        break;
    case PLAIT_DSS:
        if (!at->has_dss)
            at->dss = option.dss;
        at->has_dss = true;
        break;
    case PLAIT_ADD_ADDR:
        plait_address_add(at, &option.add_addr);
        break;
    case PLAIT_REMOVE_ADDR:
        plait_address_remove(at, &option.remove_addr);
        break;
    case PLAIT_MP_PRIO:
        plait_control_prio(at, &option.prio);
        break;
    case PLAIT_MP_FAIL:
        plait_control_fail(at, &option.fail);
        break;
    case PLAIT_MP_FASTCLOSE:
        plait_control_fastclose(at, &option.fastclose);
        break;
    default:
        break;
    }
}

/* ---- a packet ------------------------------------------------------------------------------- */

static void count_sum(struct plait_audit *a, const struct plait_packet *p)
{
    static const enum plait_audit_count counts[] = {[PLAIT_SUM_GOOD] = PLAIT_COUNT_PACKETS,
                                                    [PLAIT_SUM_OFFLOADED] = PLAIT_COUNT_OFFLOADED,
                                                    [PLAIT_SUM_UNKNOWN] = PLAIT_COUNT_UNSUMMED,
                                                    [PLAIT_SUM_BAD] = PLAIT_COUNT_BAD_CHECKSUM};
    if (p->sum != PLAIT_SUM_GOOD)
        plait_count(a, counts[p->sum]);
}

static void count_failure(struct plait_audit *a, plait_result result)
{
    static const enum plait_audit_count counts[PLAIT_REASON_COUNT] = {
        [PLAIT_REASON_BAD_VERSION] = PLAIT_COUNT_NOT_IP,
        [PLAIT_REASON_NOT_TCP] = PLAIT_COUNT_NOT_TCP,
        [PLAIT_REASON_FRAGMENT] = PLAIT_COUNT_FRAGMENTS,
        [PLAIT_REASON_TRUNCATED] = PLAIT_COUNT_CUT_HEADERS};
    enum plait_audit_count which = counts[result.reason];
    plait_count(a, which ? which : PLAIT_COUNT_BROKEN);
}

static void touch(struct plait_at *at)
{
    struct plait_connection *c = at->c;
    /* Ages are compared to 2^26 ns. */
    if (at->ref.at_ns >> 26 != c->last_ns >> 26)
        plait_slab_touch(&at->a->connections, at->connection_number);
    c->last_ns = at->ref.at_ns;
    plait_time_ns life_ms = (at->ref.at_ns - at->s->first_ns) / PLAIT_MS;
    if (life_ms > at->s->life_ms)
        at->s->life_ms = life_ms < UINT32_MAX ? (uint32_t)life_ms : UINT32_MAX;
    at->s->half[at->end].packets++;
    if (at->p->options_cut) /* a mapping may have been there */
        at->s->flags |= PLAIT_SUB_HOLES;
}

static bool is_stray_syn(const struct plait_at *at)
{
    return plait_packet_is(at->p, PLAIT_SYN) && plait_has(at->s->flags, PLAIT_SUB_ISN_0, at->end) &&
           plait_has(at->s->flags, PLAIT_SUB_SURE_0, at->end) &&
           at->s->half[at->end].isn != at->p->seq;
}

static void understand(struct plait_at *at)
{
    if (plait_packet_is(at->p, PLAIT_SYN)) {
        if (is_stray_syn(at))
            return;
        plait_duplicate_note_syn(at);
    }
    for (unsigned i = 0; i < at->p->option_count; i++)
        take_option(at, &at->p->mptcp[i]);
    plait_hello_tcp(at);
    plait_data_acknowledge(at);
    plait_data_packet(at);
    plait_rule_packet(at);
    plait_close_packet(at);
}

/* Its payload is compared all the same. */
static void compare_duplicate(struct plait_at *at)
{
    plait_count(at->a, PLAIT_COUNT_DUPLICATES);
    if (at->p->payload_octets)
        plait_data_again(at);
}

/* After a fallback the FIN of the one subflow that is left is the stream's. */
static bool ends_stream(const struct plait_at *at)
{
    const struct plait_connection *c = at->c;
    if (!plait_packet_is(at->p, PLAIT_FIN) || at->is_duplicate || !c->story)
        return false;
    return c->flags & PLAIT_CON_FALLBACK &&
           plait_store_story(at->a, at->c)->fallback_subflow == at->subflow_number;
}

static struct plait_audit_place place_of(const struct plait_at *at)
{
    struct plait_audit_place place = {.connection = at->c->number,
                                      .subflow = at->s->number,
                                      .direction = (uint8_t)at->end,
                                      .is_mptcp = plait_is_mptcp(at->c),
                                      .is_duplicate = at->is_duplicate,
                                      .has_acked =
                                          plait_has(at->c->flags, PLAIT_CON_ACKED_0, at->end),
                                      .acked = at->c->data_ack[at->end]};
    int64_t fin_at = -1;
    if (ends_stream(at))
        fin_at = plait_fallback_offset(at->a, at->c, at->end, at->ssn + at->p->payload_octets);
    place.has_fin = fin_at >= 0;
    if (place.has_fin)
        place.fin_at = (uint64_t)fin_at;
    return place;
}

/* Of a sender that is active: nothing is kept for others. */
static bool has_usual_sum(const struct plait_at *at)
{
    if (!at->s->work)
        return true;
    struct plait_subflow_work *work = plait_slab_at(&at->a->subflow_works, at->s->work);
    return plait_track_is_usual_sum(&work->track[at->end], at->p->sum);
}

static struct plait_audit_place take_packet(struct plait_audit *a, struct plait_packet *p,
                                            uint64_t hash)
{
    struct plait_at at;
    memset(&at, 0, offsetof(struct plait_at, dss));
    at.a = a;
    at.p = p;
    at.hash = hash;
    at.ref = (struct plait_packet_ref){p->seen->frame, p->seen->at_ns, p->seen->input,
                                       p->seen->interface};
    if (!plait_flow_find(&at))
        return (struct plait_audit_place){0};
    if (!has_usual_sum(&at)) {
        p->sum = PLAIT_SUM_BAD;
        return (struct plait_audit_place){0};
    }
    at.is_duplicate = !at.is_new_flow && plait_duplicate_packet(&at);
    if (at.is_new_flow)
        (void)plait_duplicate_packet(&at); /* noted */
    if (at.is_duplicate) {
        compare_duplicate(&at);
    } else {
        touch(&at);
        understand(&at);
    }
    return place_of(&at);
}

/* Thrown away in every state (RFC 9293 §3.10.7.4), so that its octets would be nobody's (T-EVA-4).
 */
static bool is_taken_by_none(struct plait_audit *a, const struct plait_packet *p)
{
    bool is_none = !(p->flags & (PLAIT_SYN | PLAIT_ACK | PLAIT_RST));
    if (is_none)
        plait_count(a, PLAIT_COUNT_NO_FLAGS);
    return is_none;
}

struct plait_audit_place plait_audit_packet(struct plait_audit *a, const struct plait_seen *seen)
{
    struct plait_packet p;
    plait_count(a, PLAIT_COUNT_PACKETS);
    if (seen->at_ns < a->now_ns)
        plait_count(a, PLAIT_COUNT_TIME_BACK);
    else
        a->now_ns = seen->at_ns;
    if (a->over_count)
        plait_store_sweep(a);
    if (seen->ip_octets < seen->wire_octets)
        plait_count(a, PLAIT_COUNT_CUT);
    plait_result result = plait_packet_read(seen, &p);
    if (!plait_ok(result)) {
        count_failure(a, result);
        return (struct plait_audit_place){0};
    }
    uint64_t hash = plait_duplicate_hash(a, &p);
    p.sum = plait_packet_verify(&p);
    struct plait_audit_place place = {0};
    if (p.sum != PLAIT_SUM_BAD && !is_taken_by_none(a, &p))
        place = take_packet(a, &p, hash);
    count_sum(a, &p);
    return place;
}
