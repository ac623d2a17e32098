/* lab/facts.c: from segments to facts. */
#include "lab/facts.h"

#include <string.h>

#include "lab/columns.h"

bool plait_seq_after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

uint32_t plait_half_window_octets(const struct plait_half *half)
{
    return (uint32_t)half->window << half->window_scale;
}

bool plait_facts_find(const struct plait_facts *facts, const struct plait_flow_key *flow,
                      enum plait_side *side, unsigned *subflow)
{
    /* The newest first: a 4-tuple may be used again. */
    for (unsigned i = facts->subflow_count; i-- > 0;) {
        const struct plait_half *half = facts->subflows[i].half;
        for (int s = 0; s < 2; s++) {
            if (!plait_place_equal(&flow->src, &half[s].place) ||
                !plait_place_equal(&flow->dst, &half[!s].place))
                continue;
            *side = (enum plait_side)s;
            *subflow = i;
            return true;
        }
    }
    return false;
}

static struct plait_subflow *add_subflow(struct plait_facts *facts, const struct plait_segment *syn,
                                         enum plait_side by)
{
    if (facts->subflow_count == PLAIT_SUBFLOWS_MAX)
        return NULL;
    struct plait_subflow *s = &facts->subflows[facts->subflow_count++];
    *s = (struct plait_subflow){.is_join = plait_segment_option(syn, PLAIT_MP_JOIN) != NULL};
    s->half[by].place = (struct plait_place){syn->ip.src, syn->src_port};
    s->half[plait_other(by)].place = (struct plait_place){syn->ip.dst, syn->dst_port};
    return s;
}

void plait_facts_take_up(struct plait_facts *facts, const struct plait_flow_key *flow,
                         enum plait_side side)
{
    struct plait_subflow *s = &facts->subflows[facts->subflow_count++];
    *s = (struct plait_subflow){.established = true};
    s->half[side].place = flow->src;
    s->half[plait_other(side)].place = flow->dst;
    facts->has_connection = true;
}

/* Who came in the middle and knows no token takes a join to the same service for one of what he
 * follows (HEIR-J). */
static bool may_be_joined(const struct plait_facts *facts, const struct plait_segment *syn)
{
    const struct plait_place to = {syn->ip.dst, syn->dst_port};
    return !facts->has_token[PLAIT_SERVER] && !facts->has_token[PLAIT_CLIENT] &&
           facts->subflow_count > 0 &&
           plait_place_equal(&to, &facts->subflows[0].half[PLAIT_SERVER].place);
}

/* A bare SYN opens the connection, or a subflow of it when its token is one of ours.  Whoever heard
 * only a join (PE-J, PA-J) follows that one, and takes the joiner for the client. */
static bool open_subflow(struct plait_facts *facts, const struct plait_segment *syn,
                         enum plait_side *side, unsigned *subflow)
{
    const struct plait_mptcp_option *join = plait_segment_option(syn, PLAIT_MP_JOIN);
    if (!facts->has_connection && (!join || join->join.form == PLAIT_JOIN_SYN)) {
        facts->has_connection = true;
        *side = PLAIT_CLIENT;
    } else if (join && join->join.form == PLAIT_JOIN_SYN) {
        uint32_t token = join->join.token;
        if (facts->has_token[PLAIT_SERVER] && token == facts->token[PLAIT_SERVER])
            *side = PLAIT_CLIENT;
        else if (facts->has_token[PLAIT_CLIENT] && token == facts->token[PLAIT_CLIENT])
            *side = PLAIT_SERVER;
        else if (may_be_joined(facts, syn))
            *side = PLAIT_CLIENT;
        else
            return false;
    } else {
        return false;
    }
    *subflow = facts->subflow_count;
    return add_subflow(facts, syn, *side) != NULL;
}

void plait_facts_learn_key(struct plait_facts *facts, enum plait_side side, uint64_t key)
{
    facts->has_key[side] = true;
    facts->key[side] = key;
    if (!facts->mechanism)
        facts->mechanism = facts->expected ? facts->expected : &plait_mechanism_v1;
    facts->has_token[side] = true;
    facts->token[side] = facts->mechanism->token(key);
    if (!facts->has_dsn[side] && plait_facts_is_mapped(facts)) {
        facts->has_dsn[side] = true;
        facts->dsn_nxt[side] = plait_facts_first_dsn(facts, side);
    }
}

uint64_t plait_facts_proof_key(const struct plait_facts *facts, enum plait_side side)
{
    const struct plait_mechanism *m = facts->mechanism;
    uint64_t key = facts->key[side];
    return m && m->proof_key ? m->proof_key(key, &facts->secret) : key;
}

bool plait_facts_is_mapped(const struct plait_facts *facts)
{
    return facts->mechanism && facts->mechanism->mapping == PLAIT_MAPPING_DSS;
}

uint64_t plait_facts_first_dsn(const struct plait_facts *facts, enum plait_side side)
{
    return facts->mechanism->idsn(facts->key[side]) + 1;
}

static void learn_cookie(struct plait_facts *facts, enum plait_side side, uint64_t cookie)
{
    facts->has_cookie[side] = true;
    facts->cookie[side] = cookie;
}

/* The server tells the identifier and its cookie, the client its cookie (docs/mechanisms/basic.md).
 */
static void see_basic_hello(struct plait_facts *facts, const struct plait_mp_capable *option,
                            enum plait_side side)
{
    if (side == PLAIT_CLIENT && option->has_sender_key)
        learn_cookie(facts, PLAIT_CLIENT, option->sender_key);
    if (side == PLAIT_SERVER && option->has_receiver_key)
        learn_cookie(facts, PLAIT_SERVER, option->receiver_key);
    for (int s = 0; s < 2 && side == PLAIT_SERVER && option->has_sender_key; s++)
        plait_facts_learn_key(facts, (enum plait_side)s, option->sender_key);
}

static void see_capable(struct plait_facts *facts, const struct plait_mp_capable *option,
                        enum plait_side side)
{
    if (!facts->mechanism)
        facts->mechanism = facts->expected && facts->expected->version == option->version
                               ? facts->expected
                               : plait_mechanism_of_version(option->version);
    if (facts->mechanism->key == PLAIT_KEY_FIRST_PAIR) {
        see_basic_hello(facts, option, side);
        return;
    }
    if (option->has_sender_key && !facts->has_key[side])
        plait_facts_learn_key(facts, side, option->sender_key);
    if (option->has_receiver_key && !facts->has_key[plait_other(side)])
        plait_facts_learn_key(facts, plait_other(side), option->receiver_key);
}

/* A 32-bit data sequence number, promoted to the 64-bit one nearest to what is known
 * (RFC 8684 §3.3.1, N22). */
static uint64_t promote(uint64_t near, uint64_t value, bool is_64)
{
    if (is_64)
        return value;
    return near + (uint64_t)(int64_t)(int32_t)((uint32_t)value - (uint32_t)near);
}

static void see_dss(struct plait_facts *facts, const struct plait_dss *dss, enum plait_side side)
{
    enum plait_side other = plait_other(side);
    if (dss->has_ack) { /* what SIDE expects is what the other sends next */
        facts->has_low_dsn[other] = true;
        facts->low_dsn[other] = (uint32_t)dss->data_ack;
    }
    if (dss->has_ack && (dss->ack_is_64 || facts->has_dsn[other])) {
        facts->data_ack[side] = promote(facts->dsn_nxt[other], dss->data_ack, dss->ack_is_64);
        facts->has_data_ack[side] = true;
    }
    if (!dss->has_map || (!dss->dsn_is_64 && !facts->has_dsn[side]))
        return;
    uint64_t dsn = promote(facts->dsn_nxt[side], dss->dsn, dss->dsn_is_64);
    uint64_t end = dsn + dss->data_length;
    if (!facts->has_dsn[side] || (int64_t)(end - facts->dsn_nxt[side]) > 0)
        facts->dsn_nxt[side] = end;
    facts->has_dsn[side] = true;
    facts->data_fin[side] |= dss->data_fin;
}

static void see_join(struct plait_facts *facts, const struct plait_mp_join *join,
                     enum plait_side side, struct plait_half *half)
{
    if (join->form == PLAIT_JOIN_ACK) {
        half->has_proof = true;
        memcpy(half->proof, join->hmac, sizeof half->proof);
        return;
    }
    half->has_nonce = true;
    half->nonce = join->nonce;
    half->addr_id = join->addr_id;
    if (join->form == PLAIT_JOIN_SYN && !facts->has_token[plait_other(side)]) {
        facts->has_token[plait_other(side)] = true;
        facts->token[plait_other(side)] = join->token;
    }
}

static void see_options(struct plait_facts *facts, const struct plait_segment *segment,
                        enum plait_side side, struct plait_half *half)
{
    for (unsigned i = 0; i < segment->mptcp_count; i++) {
        const struct plait_mptcp_option *option = &segment->mptcp[i];
        if (option->is_raw)
            continue;
        switch (option->subtype) {
        case PLAIT_MP_CAPABLE:
            see_capable(facts, &option->capable, side);
            if (option->capable.has_data_length && facts->has_key[side] &&
                plait_facts_is_mapped(facts))
                see_dss(facts,
                        &(struct plait_dss){.has_map = true,
                                            .dsn_is_64 = true,
                                            .dsn = plait_facts_first_dsn(facts, side),
                                            .data_length = option->capable.data_length},
                        side);
            break;
        case PLAIT_MP_JOIN:
            see_join(facts, &option->join, side, half);
            break;
        case PLAIT_DSS:
            see_dss(facts, &option->dss, side);
            break;
        case PLAIT_ADD_ADDR:
            if (!option->add_addr.echo && facts->advertised_count < PLAIT_ADVERTISED_MAX)
                facts->advertised[facts->advertised_count++] =
                    (struct plait_advertised){side, option->add_addr};
            break;
        case PLAIT_MP_FASTCLOSE:
            facts->fastclose[side] = true;
            break;
        case PLAIT_MP_FAIL:
            facts->fail[side] = true;
            break;
        default:
            break;
        }
    }
}

static void see_numbers(struct plait_half *half, const struct plait_segment *segment)
{
    uint32_t end = segment->seq + plait_segment_sequence_octets(segment);
    if (segment->flags & PLAIT_SYN) {
        half->has_isn = true;
        half->isn = segment->seq;
        half->has_scale = segment->options.has_window_scale;
        half->window_scale = half->has_scale ? segment->options.window_scale : 0;
    }
    if (!half->has_nxt || plait_seq_after(end, half->nxt))
        half->nxt = end;
    half->has_nxt = true;
    if (segment->flags & PLAIT_ACK) {
        if (!half->has_ack || plait_seq_after(segment->ack, half->ack))
            half->ack = segment->ack;
        half->has_ack = true;
    }
    if (!(segment->flags & (PLAIT_SYN | PLAIT_RST))) { /* RFC 7323 §2.2: a SYN's is not scaled */
        half->window = segment->window;
        half->has_window = true;
        uint32_t octets = plait_half_window_octets(half);
        if (octets > half->window_max_octets)
            half->window_max_octets = octets;
    }
    half->fin |= (segment->flags & PLAIT_FIN) != 0;
    half->rst |= (segment->flags & PLAIT_RST) != 0;
}

/* Of a pair without handshake; it may be told again. */
static void see_isn(struct plait_half *half, uint32_t isn)
{
    if (half->has_isn && half->isn == isn)
        return;
    half->has_isn = half->has_nxt = true;
    half->isn = isn;
    half->nxt = isn + 1;
}

/* No window is scaled unless both SYNs carry the option (RFC 7323 §2.2). */
static void settle_scales(struct plait_half half[2])
{
    if (half[0].has_isn && half[1].has_isn && !(half[0].has_scale && half[1].has_scale))
        half[0].window_scale = half[1].window_scale = 0;
}

/* ---- Basic MPTCP: pairs that messages name (docs/mechanisms/basic.md) ------------------------ */

/* Who says it: the one who speaks to a place of the other. */
static bool sender_of(const struct plait_facts *facts, const struct plait_flow_key *way,
                      enum plait_side *side)
{
    for (unsigned i = 0; i < facts->subflow_count; i++)
        for (int s = 0; s < 2; s++)
            if (plait_place_equal(&way->dst, &facts->subflows[i].half[s].place)) {
                *side = plait_other((enum plait_side)s);
                return true;
            }
    return false;
}

static void see_pair(struct plait_facts *facts, const struct plait_flow_key *pair,
                     enum plait_side by)
{
    enum plait_side side;
    unsigned index;
    if (facts->subflow_count == PLAIT_SUBFLOWS_MAX || plait_facts_find(facts, pair, &side, &index))
        return;
    struct plait_subflow *s = &facts->subflows[facts->subflow_count++];
    *s = (struct plait_subflow){.is_pair = true, .shares_numbers = !plait_facts_is_mapped(facts)};
    s->half[by].place = pair->src;
    s->half[plait_other(by)].place = pair->dst;
    for (int h = 0; h < 2; h++) { /* windows are read as the first handshake said */
        s->half[h].has_scale = facts->subflows[0].half[h].has_scale;
        s->half[h].window_scale = facts->subflows[0].half[h].window_scale;
    }
}

/* An ADD makes a pair, explicit or from its own address; an ECHO says that it is one. */
static void see_control(struct plait_facts *facts, const struct plait_flow_key *way,
                        const struct plait_mp_control *control)
{
    enum plait_side by;
    if (!facts->has_key[PLAIT_SERVER] || control->connection != facts->key[PLAIT_SERVER] ||
        !sender_of(facts, way, &by))
        return;
    struct plait_flow_key pair = *way;
    if (control->addr.family != 0)
        pair.src = (struct plait_place){control->addr, control->port};
    if (control->what == PLAIT_CONTROL_ADD)
        see_pair(facts, &pair, by);
    for (unsigned i = 0; i < facts->subflow_count; i++)
        facts->subflows[i].established |=
            facts->subflows[i].is_pair && control->what == PLAIT_CONTROL_ECHO;
}

bool plait_facts_tells_isn(const struct plait_facts *facts, const struct plait_segment *segment)
{
    const struct plait_mp_control *control = plait_segment_control(segment);
    if (segment->flags & PLAIT_SYN)
        return true;
    return control && plait_facts_is_mapped(facts) &&
           (control->what == PLAIT_CONTROL_PROBE || control->what == PLAIT_CONTROL_ANSWER);
}

bool plait_facts_see(struct plait_facts *facts, const struct plait_segment *segment,
                     enum plait_side *side, unsigned *subflow)
{
    enum plait_side by = PLAIT_CLIENT;
    unsigned index = 0;
    struct plait_flow_key flow = plait_segment_flow(segment);
    const struct plait_mp_control *control = plait_segment_control(segment);
    if (control)
        see_control(facts, &flow, control);
    bool bare_syn = (segment->flags & (PLAIT_SYN | PLAIT_ACK)) == PLAIT_SYN;
    bool found = plait_facts_find(facts, &flow, &by, &index);
    if (!found && bare_syn)
        found = open_subflow(facts, segment, &by, &index);
    if (!found) {
        facts->not_followed++;
        return false;
    }
    struct plait_subflow *s = &facts->subflows[index];
    struct plait_subflow *numbers = s->shares_numbers ? &facts->subflows[0] : s;
    if (!control)
        see_numbers(&numbers->half[by], segment);
    else if (plait_facts_tells_isn(facts, segment))
        see_isn(&numbers->half[by], segment->seq);
    settle_scales(numbers->half);
    see_options(facts, segment, by, &s->half[by]);
    if (!(segment->flags & PLAIT_SYN) && s->half[0].has_isn && s->half[1].has_isn)
        s->established = true;
    if (side)
        *side = by;
    if (subflow)
        *subflow = index;
    return true;
}
