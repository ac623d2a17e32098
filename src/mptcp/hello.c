/* mptcp/hello.c: the passive handshake on values: what a SYN asks for, what the SYN/ACK answers,
 * what the ACK after it proves (RFC 8684 §3.1, §3.2).
 *
 * Nothing here keeps anything but the counter of half-open joins in their connection; the rest is
 * in the request that host/ stores, or in no place at all (SYN cookies, N03). */
#include "mptcp/hello.h"

#include "mechanism/basic.h"
#include "mptcp/inside.h"

/* ---- the SYN --------------------------------------------------------------------------------- */

struct asked {
    const struct plait_mp_capable *capable;
    const struct plait_mp_join *join;
    bool is_ambiguous;
};

/* One MP_CAPABLE or one MP_JOIN in its SYN form; anything else beside them, or one of them twice,
 * is a SYN that no peer sends. */
static struct asked look_at(const struct plait_segment *syn)
{
    struct asked a = {0};
    for (unsigned i = 0; i < syn->mptcp_count; i++) {
        const struct plait_mptcp_option *o = &syn->mptcp[i];
        if (o->is_raw)
            continue;
        if (o->subtype == PLAIT_MP_CAPABLE && !a.capable && !a.join)
            a.capable = &o->capable;
        else if (o->subtype == PLAIT_MP_JOIN && !a.capable && !a.join)
            a.join = &o->join;
        else
            a.is_ambiguous = true;
    }
    return a;
}

const struct plait_mp_join *plait_mptcp_hello_join(const struct plait_segment *syn)
{
    struct asked asked = look_at(syn);
    bool is_join = asked.join && !asked.is_ambiguous && asked.join->form == PLAIT_JOIN_SYN;
    return is_join ? asked.join : NULL;
}

const struct plait_mechanism *plait_hello_choose(const struct plait_mptcp_config *config,
                                                 enum plait_hello_step step,
                                                 const struct plait_mp_capable *capable,
                                                 struct plait_hello_values *values)
{
    for (unsigned i = 0; i < 4; i++) {
        const struct plait_mechanism *m = plait_hello_mechanism(config, i);
        if (!m)
            break;
        struct plait_mp_capable as_ours = *capable;
        if (step == PLAIT_STEP_SYN && m->version < capable->version)
            as_ours.version = m->version; /* answered with what we speak (N04) */
        if (m->read_hello(step, &as_ours, values))
            return m;
    }
    return NULL;
}

const struct plait_mechanism *plait_hello_mechanism(const struct plait_mptcp_config *config,
                                                    unsigned index)
{
    if (index == 0 && !config->mechanisms[0])
        return &plait_mechanism_v1;
    return index < 4 ? config->mechanisms[index] : NULL;
}

static void read_capable(struct plait_stack *stack, const struct plait_mptcp_config *config,
                         const struct plait_segment *syn, const struct plait_mp_capable *capable,
                         const struct plait_hello_draws *draws,
                         struct plait_mptcp *(*find)(void *, uint32_t), void *machine,
                         struct plait_hello *hello)
{
    struct plait_hello_values values;
    const struct plait_mechanism *m = plait_hello_choose(config, PLAIT_STEP_SYN, capable, &values);
    if (!m) {
        plait_count(stack, PLAIT_COUNT_OPTION_INVALID);
        return;
    }
    uint64_t key = draws->key;
    if (m->key == PLAIT_KEY_FIRST_PAIR) {
        struct plait_flow_key first = plait_segment_flow(syn);
        key = plait_basic_identifier(&first);
    }
    uint32_t token = m->token ? m->token(key) : 0;
    /* The key follows from the SYN alone, so another one cannot be had: plain TCP (N02, N03). */
    if (m->token && find && find(machine, token)) {
        plait_count(stack, PLAIT_COUNT_TOKEN_TAKEN);
        return;
    }
    hello->kind = PLAIT_HELLO_CAPABLE;
    hello->mechanism = m;
    hello->own_key = key;
    hello->own_token = token;
    hello->peer_key = m->key == PLAIT_KEY_DRAWN ? values.sender_key : key;
    hello->own_cookie = plait_cookie_of(m, draws->key);
    hello->checksum = values.checksum || config->checksum; /* either side's wish binds both (N08) */
    hello->forbids_first = config->no_joins_to_first;
    hello->peer_forbids_first = values.forbids_joins;
}

static plait_result refuse(struct plait_stack *stack, enum plait_counter_name counter,
                           enum plait_reason reason, uint8_t code, uint8_t *reset_reason)
{
    plait_count(stack, counter);
    *reset_reason = code;
    return plait_fail(reason);
}

/* Whose token it is, as far as the machine's mechanism looks at tokens. */
static struct plait_mptcp *find_joined(const struct plait_mptcp_config *config, uint32_t token,
                                       struct plait_mptcp *(*find)(void *, uint32_t), void *machine)
{
    unsigned bits = plait_hello_mechanism(config, 0)->token_free_bits;
    return find ? find(machine, bits < 32 ? token >> bits << bits : 0) : NULL;
}

static plait_result read_join(struct plait_stack *stack, const struct plait_mptcp_config *config,
                              const struct plait_segment *syn, const struct plait_mp_join *join,
                              const struct plait_hello_draws *draws,
                              struct plait_mptcp *(*find)(void *, uint32_t), void *machine,
                              struct plait_hello *hello, uint8_t *reset_reason)
{
    struct plait_mptcp *c = find_joined(config, join->token, find, machine);
    if (!c || !plait_mptcp_is_multipath(c) || c->mechanism->path != PLAIT_PATH_PROVEN)
        return refuse(stack, PLAIT_COUNT_JOIN_NO_TOKEN, PLAIT_REASON_NOT_FOUND, PLAIT_RESET_MPTCP,
                      reset_reason);
    if (c->config.forbid_joins)
        return refuse(stack, PLAIT_COUNT_JOIN_LIMIT, PLAIT_REASON_DENIED, PLAIT_RESET_PROHIBITED,
                      reset_reason);
    struct plait_place local = {.addr = syn->ip.dst, .port = syn->dst_port};
    uint8_t local_id;
    if (c->half_open_joins >= c->config.half_open_joins_limit ||
        c->further_count >= c->config.subflows_limit || !plait_own_addr_id(c, &local, &local_id))
        return refuse(stack, PLAIT_COUNT_JOIN_LIMIT, PLAIT_REASON_TOO_MANY,
                      PLAIT_RESET_NO_RESOURCES, reset_reason);
    c->half_open_joins++;
    *hello = (struct plait_hello){.kind = PLAIT_HELLO_JOIN,
                                  .mechanism = c->mechanism,
                                  .connection = c,
                                  .own_key = plait_proof_key(c, c->own_key),
                                  .peer_key = plait_proof_key(c, c->peer_key),
                                  .own_nonce = plait_join_nonce(c->mechanism, draws->nonce),
                                  .peer_nonce = join->nonce,
                                  .local_id = local_id,
                                  .remote_id = join->addr_id,
                                  .backup = join->backup};
    return PLAIT_OK;
}

plait_result plait_mptcp_hello(struct plait_stack *stack, const struct plait_mptcp_config *config,
                               const struct plait_segment *syn,
                               const struct plait_hello_draws *draws,
                               struct plait_mptcp *(*find)(void *machine, uint32_t token),
                               void *machine, struct plait_hello *hello, uint8_t *reset_reason)
{
    *hello = (struct plait_hello){.kind = PLAIT_HELLO_TCP};
    struct asked asked = look_at(syn);
    if (asked.is_ambiguous || (asked.join && asked.join->form != PLAIT_JOIN_SYN)) {
        plait_count(stack, PLAIT_COUNT_OPTION_INVALID);
        return PLAIT_OK;
    }
    if (asked.join)
        return read_join(stack, config, syn, asked.join, draws, find, machine, hello, reset_reason);
    if (asked.capable)
        read_capable(stack, config, syn, asked.capable, draws, find, machine, hello);
    return PLAIT_OK;
}

void plait_mptcp_hello_forget(struct plait_hello *hello)
{
    if (hello->kind == PLAIT_HELLO_JOIN && hello->connection &&
        hello->connection->half_open_joins > 0)
        hello->connection->half_open_joins--;
    *hello = (struct plait_hello){.kind = PLAIT_HELLO_TCP};
}

/* ---- the SYN/ACK ----------------------------------------------------------------------------- */

unsigned plait_mptcp_hello_options(const struct plait_hello *hello,
                                   struct plait_mptcp_option *options)
{
    if (hello->kind == PLAIT_HELLO_CAPABLE) {
        struct plait_hello_values values = {.sender_key = hello->own_key,
                                            .receiver_key = hello->peer_key,
                                            .cookie = hello->own_cookie,
                                            .checksum = hello->checksum,
                                            .forbids_joins = hello->forbids_first};
        hello->mechanism->write_hello(PLAIT_STEP_SYN_ACK, &values, options);
        return 1;
    }
    if (hello->kind != PLAIT_HELLO_JOIN)
        return 0;
    *options = (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN,
                                           .join = {.form = PLAIT_JOIN_SYN_ACK,
                                                    .addr_id = hello->local_id,
                                                    .nonce = hello->own_nonce}};
    plait_join_prove(hello->mechanism, hello->own_key, hello->peer_key, hello->own_nonce,
                     hello->peer_nonce, options->join.hmac);
    return 1;
}

/* ---- the third ACK --------------------------------------------------------------------------- */

static void fall_back(struct plait_stack *stack, struct plait_hello *hello)
{
    plait_count(stack, PLAIT_COUNT_FALLBACK);
    hello->kind = PLAIT_HELLO_TCP;
}

/* Two in one segment contradict each other unless they are the same (R-02, 8684 §3.1). */
static const struct plait_mp_capable *only_capable(const struct plait_segment *ack)
{
    const struct plait_mptcp_option *o = plait_segment_option(ack, PLAIT_MP_CAPABLE);
    return o && !plait_segment_option(ack, PLAIT_MP_JOIN) ? &o->capable : NULL;
}

static plait_result complete_capable(struct plait_stack *stack, struct plait_hello *hello,
                                     const struct plait_segment *ack)
{
    const struct plait_mechanism *m = hello->mechanism;
    const struct plait_mp_capable *capable = only_capable(ack);
    if (!capable) {
        if (plait_segment_option(ack, PLAIT_DSS))
            return m->dss_completes_hello ? PLAIT_OK : PLAIT_FAIL(NOT_FOUND);
        fall_back(stack, hello); /* N10 */
        return PLAIT_OK;
    }
    struct plait_hello_values values;
    enum plait_hello_step step = capable->has_data_length && m->hello_maps_data
                                     ? PLAIT_STEP_FIRST_DATA
                                     : PLAIT_STEP_THIRD_ACK;
    bool is_whole = m->read_hello(step, capable, &values);
    /* Our own key comes back, and a key that was told before stays the same; else somebody has
     * touched the handshake (N11). */
    bool is_sound = is_whole && (!values.has_receiver_key || values.receiver_key == hello->own_key);
    bool is_told = m->key == PLAIT_KEY_DRAWN;
    if (is_sound && is_told && hello->peer_key && values.sender_key != hello->peer_key)
        is_sound = false;
    if (is_sound && values.checksum != hello->checksum)
        is_sound = false; /* the third ACK confirms A (8684 §3.1, N08) */
    if (!is_sound) {
        plait_count(stack, PLAIT_COUNT_OPTION_INVALID);
        fall_back(stack, hello);
        return PLAIT_OK;
    }
    if (is_told)
        hello->peer_key = values.sender_key;
    hello->peer_cookie = values.cookie;
    return PLAIT_OK;
}

static plait_result complete_join(struct plait_stack *stack, const struct plait_hello *hello,
                                  const struct plait_segment *ack, uint8_t *reset_reason)
{
    const struct plait_mptcp_option *o = plait_segment_option(ack, PLAIT_MP_JOIN);
    if (!o || o->join.form != PLAIT_JOIN_ACK || plait_segment_option(ack, PLAIT_MP_CAPABLE))
        return refuse(stack, PLAIT_COUNT_OPTION_INVALID, PLAIT_REASON_PEER, PLAIT_RESET_MPTCP,
                      reset_reason);
    if (!plait_join_is_proven(hello->mechanism, hello->peer_key, hello->own_key, hello->peer_nonce,
                              hello->own_nonce, o->join.hmac, sizeof o->join.hmac))
        return refuse(stack, PLAIT_COUNT_JOIN_BAD_HMAC, PLAIT_REASON_PEER, PLAIT_RESET_MPTCP,
                      reset_reason);
    return PLAIT_OK;
}

plait_result plait_mptcp_hello_completed(struct plait_stack *stack, struct plait_hello *hello,
                                         const struct plait_segment *ack, uint8_t *reset_reason)
{
    switch (hello->kind) {
    case PLAIT_HELLO_CAPABLE:
        return complete_capable(stack, hello, ack);
    case PLAIT_HELLO_JOIN:
        return complete_join(stack, hello, ack, reset_reason);
    default:
        return PLAIT_OK;
    }
}
