/* Builds with wire/ and mechanism/, as an endpoint would. */
#include "bench/audit/talk.h"

#include <stdlib.h>

#include "base/octets.h"
#include "mechanism/mechanism.h"

static struct flow flow(uint32_t n, unsigned subflow)
{
    struct flow f = {.isn = {n * 2654435761u, n * 2246822519u + 1}};
    for (unsigned end = 0; end < 2; end++) {
        f.place[end].addr.family = PLAIT_IPV4;
        plait_store_u32(f.place[end].addr.octets, 0x0a000000u + (end ? 1 : n + (subflow << 23)));
        f.place[end].port = end ? 443 : (uint16_t)(40000 + subflow);
        f.key[end] = (uint64_t)(n + 1) * 0x9e3779b97f4a7c15u + end;
    }
    return f;
}

static void build(struct made *made, const struct flow *f, unsigned end, uint8_t flags,
                  uint32_t seq, uint32_t ack, const struct plait_mptcp_option *option,
                  const void *payload, size_t octets)
{
    struct plait_segment s = {.ip = {.src = f->place[end].addr,
                                     .dst = f->place[!end].addr,
                                     .ttl = 64,
                                     .identification = (uint16_t)seq},
                              .src_port = f->place[end].port,
                              .dst_port = f->place[!end].port,
                              .seq = f->isn[end] + seq,
                              .ack = f->isn[!end] + ack,
                              .flags = flags,
                              .window = 500,
                              .options = {.has_timestamps = true, .timestamp = seq},
                              .mptcp_count = option != NULL,
                              .payload = payload,
                              .payload_octets = octets};
    if (option)
        s.mptcp[0] = *option;
    if (!plait_ok(plait_segment_build(&s, made->octets, sizeof made->octets, &made->length)))
        exit(1);
}

static struct plait_mptcp_option hello_of(const struct flow *f, enum plait_hello_step step,
                                          unsigned end)
{
    struct plait_hello_values values = {.sender_key = f->key[end], .receiver_key = f->key[!end]};
    struct plait_mptcp_option option;
    plait_mechanism_v1.write_hello(step, &values, &option);
    return option;
}

void make_connection(uint32_t n, struct made made[PACKETS_OF_ONE])
{
    const struct plait_mechanism *m = &plait_mechanism_v1;
    struct flow first = flow(n, 0), second = flow(n, 1);
    struct plait_mptcp_option o = hello_of(&first, PLAIT_STEP_SYN, 0);
    build(&made[0], &first, 0, PLAIT_SYN, 0, 0, &o, NULL, 0);
    o = hello_of(&first, PLAIT_STEP_SYN_ACK, 1);
    build(&made[1], &first, 1, PLAIT_SYN | PLAIT_ACK, 0, 1, &o, NULL, 0);
    o = hello_of(&first, PLAIT_STEP_THIRD_ACK, 0);
    build(&made[2], &first, 0, PLAIT_ACK, 1, 1, &o, NULL, 0);
    o = (struct plait_mptcp_option){
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true, .ack_is_64 = true, .data_ack = m->idsn(first.key[0]) + 1}};
    build(&made[3], &first, 1, PLAIT_ACK, 1, 1, &o, NULL, 0);
    uint32_t nonce[2] = {n * 40503u + 7, n * 48271u + 11};
    o = (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN,
                                    .join = {.form = PLAIT_JOIN_SYN,
                                             .addr_id = 1,
                                             .token = m->token(first.key[1]),
                                             .nonce = nonce[0]}};
    build(&made[4], &second, 0, PLAIT_SYN, 0, 0, &o, NULL, 0);
    o.join = (struct plait_mp_join){.form = PLAIT_JOIN_SYN_ACK, .nonce = nonce[1]};
    m->join_proof(first.key[1], first.key[0], nonce[1], nonce[0], o.join.hmac);
    build(&made[5], &second, 1, PLAIT_SYN | PLAIT_ACK, 0, 1, &o, NULL, 0);
    o.join = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    m->join_proof(first.key[0], first.key[1], nonce[0], nonce[1], o.join.hmac);
    build(&made[6], &second, 0, PLAIT_ACK, 1, 1, &o, NULL, 0);
}

struct stream make_stream(uint32_t n)
{
    return (struct stream){.flow = {flow(n, 0), flow(n, 1)}, .seq = {1, 1}};
}

void make_data(struct stream *s, struct made *made, unsigned i, const uint8_t *payload)
{
    unsigned subflow = i / 8 % 2;
    const struct flow *f = &s->flow[subflow];
    struct plait_mptcp_option o = {
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true,
                .data_ack = (uint32_t)plait_mechanism_v1.idsn(s->flow[0].key[0]) + 1,
                .has_map = true,
                .dsn_is_64 = true,
                .dsn = plait_mechanism_v1.idsn(s->flow[0].key[1]) + 1 + s->offset,
                .ssn = s->seq[subflow],
                .data_length = SEGMENT_OCTETS}};
    build(made, f, 1, PLAIT_ACK, s->seq[subflow], 1, &o, payload, SEGMENT_OCTETS);
    s->seq[subflow] += SEGMENT_OCTETS;
    s->offset += SEGMENT_OCTETS;
}
