/* tests/unit/lab/talk.c: see talk.h. */
#include "tests/unit/lab/talk.h"

struct plait_place talk_client, talk_client_2, talk_server, talk_attacker;

static struct plait_place place(const char *addr, uint16_t port)
{
    struct plait_place p = {.port = port};
    assert_ok(plait_addr_parse(addr, &p.addr));
    return p;
}

void talk_places(void)
{
    talk_client = place("198.18.1.1", 4001);
    talk_client_2 = place("198.18.2.1", 4002);
    talk_server = place("198.19.3.1", 80);
    talk_attacker = place("198.19.9.9", 2000);
}

struct plait_segment talk(const struct plait_place *from, const struct plait_place *to,
                          uint8_t flags, uint32_t seq, uint32_t ack)
{
    return (struct plait_segment){
        .ip = {.src = from->addr, .dst = to->addr, .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = from->port,
        .dst_port = to->port,
        .seq = seq,
        .ack = ack,
        .flags = flags,
        .window = 500,
    };
}

struct plait_segment talk_syn(const struct plait_place *from, const struct plait_place *to,
                              uint8_t flags, uint32_t seq, uint32_t ack)
{
    struct plait_segment s = talk(from, to, flags, seq, ack);
    s.options.has_window_scale = true;
    s.options.window_scale = SCALE;
    return s;
}

struct plait_mptcp_option *talk_option(struct plait_segment *segment,
                                       enum plait_mptcp_subtype subtype)
{
    struct plait_mptcp_option *option = &segment->mptcp[segment->mptcp_count++];
    *option = (struct plait_mptcp_option){.subtype = (uint8_t)subtype};
    return option;
}

void talk_handshake(unsigned version, struct plait_segment handshake[3])
{
    uint64_t key_a = version == 0 ? KEY_A0 : KEY_A, key_b = version == 0 ? KEY_B0 : KEY_B;
    const struct plait_mp_capable none = {.version = (uint8_t)version, .flags = PLAIT_CAPABLE_HMAC};
    handshake[0] = talk_syn(&talk_client, &talk_server, PLAIT_SYN, CLIENT_ISN, 0);
    handshake[1] =
        talk_syn(&talk_server, &talk_client, PLAIT_SYN | PLAIT_ACK, SERVER_ISN, CLIENT_ISN + 1);
    handshake[2] = talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    struct plait_mp_capable *capable[3];
    for (int i = 0; i < 3; i++) {
        capable[i] = &talk_option(&handshake[i], PLAIT_MP_CAPABLE)->capable;
        *capable[i] = none;
    }
    if (version == 0) { /* RFC 6824 §3.1: the SYN has the client's key already */
        capable[0]->has_sender_key = true;
        capable[0]->sender_key = key_a;
    }
    capable[1]->has_sender_key = capable[2]->has_sender_key = true;
    capable[1]->sender_key = key_b;
    capable[2]->sender_key = key_a;
    capable[2]->has_receiver_key = true;
    capable[2]->receiver_key = key_b;
}

void talk_open(struct plait_facts *facts)
{
    struct plait_segment handshake[3];
    talk_handshake(1, handshake);
    for (int i = 0; i < 3; i++)
        assert_true(plait_facts_see(facts, &handshake[i], NULL, NULL));
}
