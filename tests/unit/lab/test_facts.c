/* What follows from packets: typed facts, closed under what anyone can compute, and nothing else.
 */
#include "tests/unit/lab/talk.h"

#define assert_u64(a, b) assert_true((a) == (b))

static bool see(struct plait_facts *facts, const struct plait_segment *segment)
{
    return plait_facts_see(facts, segment, NULL, NULL);
}

/* ---- handshakes (RFC 8684 §3.1, RFC 6824 §3.1) --------------------------------------------- */

static void v1_shows_keys_one_after_the_other(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_handshake(1, h);
    assert_true(see(&f, &h[0]));
    assert_true(f.has_connection);
    assert_ptr_equal(f.mechanism, &plait_mechanism_v1);
    assert_false(f.has_key[PLAIT_CLIENT] || f.has_key[PLAIT_SERVER]); /* no key in a v1 SYN */
    assert_true(see(&f, &h[1]));
    assert_true(f.has_key[PLAIT_SERVER] && !f.has_key[PLAIT_CLIENT]);
    assert_u64(f.key[PLAIT_SERVER], KEY_B);
    assert_true(f.has_token[PLAIT_SERVER] && !f.has_token[PLAIT_CLIENT]);
    assert_false(f.subflows[0].established);
    assert_true(see(&f, &h[2]));
    assert_u64(f.key[PLAIT_CLIENT], KEY_A);
    assert_true(f.subflows[0].established);
    assert_int_equal(f.subflow_count, 1);
    assert_false(f.subflows[0].is_join);
}

static void keys_imply_tokens_and_data_sequence_numbers(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    assert_int_equal(f.token[PLAIT_CLIENT], TOKEN_A);
    assert_int_equal(f.token[PLAIT_SERVER], TOKEN_B);
    assert_true(f.has_dsn[PLAIT_CLIENT] && f.has_dsn[PLAIT_SERVER]);
    assert_u64(f.dsn_nxt[PLAIT_CLIENT], IDSN_A + 1);
    assert_u64(f.dsn_nxt[PLAIT_SERVER], IDSN_B + 1);
    assert_u64(plait_facts_first_dsn(&f, PLAIT_SERVER), IDSN_B + 1);
}

static void v0_shows_the_clients_key_in_its_syn(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_handshake(0, h);
    assert_true(see(&f, &h[0]));
    assert_ptr_equal(f.mechanism, &plait_mechanism_v0);
    assert_u64(f.key[PLAIT_CLIENT], KEY_A0);
    assert_false(f.has_key[PLAIT_SERVER]);
    assert_true(see(&f, &h[1]) && see(&f, &h[2]));
    assert_int_equal(f.token[PLAIT_CLIENT], TOKEN_A0);
    assert_int_equal(f.token[PLAIT_SERVER], TOKEN_B0);
    assert_u64(f.dsn_nxt[PLAIT_CLIENT], IDSN_A0 + 1);
    assert_u64(f.dsn_nxt[PLAIT_SERVER], IDSN_B0 + 1);
}

/* The third ACK alone, as to whoever came late: it has both keys. */
static void third_ack_alone_is_not_followed(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_handshake(1, h);
    assert_false(see(&f, &h[2]));
    assert_false(f.has_connection || f.has_key[0] || f.has_key[1]);
    assert_u64(f.not_followed, 1);
}

/* A second MP_CAPABLE with other keys does not replace what is known. */
static void first_keys_stay(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_open(&f);
    talk_handshake(1, h);
    h[2].mptcp[0].capable.sender_key = KEY_B0;
    h[2].mptcp[0].capable.receiver_key = KEY_A0;
    assert_true(see(&f, &h[2]));
    assert_u64(f.key[PLAIT_CLIENT], KEY_A);
    assert_u64(f.key[PLAIT_SERVER], KEY_B);
}

/* Data in the third ACK counts from the first data sequence number (RFC 8684 §3.1). */
static void data_of_the_third_ack_is_mapped(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_handshake(1, h);
    h[2].mptcp[0].capable.has_data_length = true;
    h[2].mptcp[0].capable.data_length = 100;
    for (int i = 0; i < 3; i++)
        assert_true(see(&f, &h[i]));
    assert_u64(f.dsn_nxt[PLAIT_CLIENT], IDSN_A + 101);
}

static void plain_tcp_has_no_mechanism(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_handshake(1, h);
    for (int i = 0; i < 3; i++) {
        h[i].mptcp_count = 0;
        assert_true(see(&f, &h[i]));
    }
    assert_true(f.has_connection && f.subflows[0].established);
    assert_null(f.mechanism);
    assert_false(f.has_token[0] || f.has_token[1] || f.has_dsn[0] || f.has_dsn[1]);
}

static void learning_a_key_learns_what_it_implies(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    plait_facts_learn_key(&f, PLAIT_SERVER, KEY_B);
    assert_ptr_equal(f.mechanism, &plait_mechanism_v1);
    assert_int_equal(f.token[PLAIT_SERVER], TOKEN_B);
    assert_u64(f.dsn_nxt[PLAIT_SERVER], IDSN_B + 1);
    assert_false(f.has_key[PLAIT_CLIENT]);
    f.dsn_nxt[PLAIT_SERVER] += 5; /* what was seen later is not forgotten */
    plait_facts_learn_key(&f, PLAIT_SERVER, KEY_B);
    assert_u64(f.dsn_nxt[PLAIT_SERVER], IDSN_B + 6);
}

/* ---- joins (RFC 8684 §3.2) ------------------------------------------------------------------ */

static struct plait_segment join_syn(const struct plait_place *from, const struct plait_place *to,
                                     uint32_t token)
{
    struct plait_segment syn = talk_syn(from, to, PLAIT_SYN, 5000, 0);
    talk_option(&syn, PLAIT_MP_JOIN)->join = (struct plait_mp_join){
        .form = PLAIT_JOIN_SYN, .addr_id = 2, .token = token, .nonce = 0x1b665a18};
    return syn;
}

static void client_joins(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    enum plait_side side;
    unsigned subflow;
    talk_open(&f);
    struct plait_segment syn = join_syn(&talk_client_2, &talk_server, TOKEN_B);
    assert_true(plait_facts_see(&f, &syn, &side, &subflow));
    assert_int_equal(side, PLAIT_CLIENT);
    assert_int_equal(subflow, 1);
    assert_true(f.subflows[1].is_join);
    const struct plait_half *client = &f.subflows[1].half[PLAIT_CLIENT];
    assert_true(client->has_nonce);
    assert_int_equal(client->nonce, 0x1b665a18);
    assert_int_equal(client->addr_id, 2);
    assert_int_equal(client->isn, 5000);
    assert_true(plait_place_equal(&client->place, &talk_client_2));

    struct plait_segment answer =
        talk_syn(&talk_server, &talk_client_2, PLAIT_SYN | PLAIT_ACK, 6000, 5001);
    talk_option(&answer, PLAIT_MP_JOIN)->join =
        (struct plait_mp_join){.form = PLAIT_JOIN_SYN_ACK, .addr_id = 9, .nonce = 77};
    assert_true(plait_facts_see(&f, &answer, &side, &subflow));
    assert_int_equal(side, PLAIT_SERVER);
    assert_int_equal(subflow, 1);
    assert_int_equal(f.subflows[1].half[PLAIT_SERVER].nonce, 77);
    assert_int_equal(f.subflows[1].half[PLAIT_SERVER].addr_id, 9);

    struct plait_segment proof = talk(&talk_client_2, &talk_server, PLAIT_ACK, 5001, 6001);
    talk_option(&proof, PLAIT_MP_JOIN)->join = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    assert_true(see(&f, &proof));
    assert_true(f.subflows[1].established);
    assert_int_equal(client->nonce, 0x1b665a18); /* the third ACK has none */
}

/* The server may join too; its SYN carries the client's token. */
static void server_joins(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    enum plait_side side;
    unsigned subflow;
    talk_open(&f);
    struct plait_segment syn = join_syn(&talk_server, &talk_client_2, TOKEN_A);
    assert_true(plait_facts_see(&f, &syn, &side, &subflow));
    assert_int_equal(side, PLAIT_SERVER);
    assert_int_equal(subflow, 1);
    assert_true(plait_place_equal(&f.subflows[1].half[PLAIT_SERVER].place, &talk_server));
    assert_true(plait_place_equal(&f.subflows[1].half[PLAIT_CLIENT].place, &talk_client_2));
    struct plait_segment answer =
        talk_syn(&talk_client_2, &talk_server, PLAIT_SYN | PLAIT_ACK, 1, 5001);
    assert_true(plait_facts_see(&f, &answer, &side, &subflow));
    assert_int_equal(side, PLAIT_CLIENT);
}

/* To whoever hears no more than a later handshake it shows token and nonces, and no key. */
static void a_join_alone_shows_its_token(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment syn = join_syn(&talk_client_2, &talk_server, TOKEN_B);
    assert_true(see(&f, &syn));
    assert_true(f.has_connection && f.subflows[0].is_join);
    assert_true(f.has_token[PLAIT_SERVER] && !f.has_token[PLAIT_CLIENT]);
    assert_int_equal(f.token[PLAIT_SERVER], TOKEN_B);
    assert_int_equal(f.subflows[0].half[PLAIT_CLIENT].nonce, 0x1b665a18);
    assert_false(f.has_key[0] || f.has_key[1] || f.has_dsn[0] || f.has_dsn[1]);
}

static void join_with_another_token_is_not_followed(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    struct plait_segment syn = join_syn(&talk_client_2, &talk_server, TOKEN_B ^ 1);
    assert_false(see(&f, &syn));
    assert_int_equal(f.subflow_count, 1);
    assert_u64(f.not_followed, 1);
}

/* A 4-tuple may be used again: the newest subflow is meant. */
static void newest_subflow_of_a_place_is_found(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    enum plait_side side;
    unsigned subflow;
    talk_open(&f);
    struct plait_segment first = join_syn(&talk_client_2, &talk_server, TOKEN_B);
    assert_true(see(&f, &first));
    f.subflows[2] = f.subflows[1];
    f.subflow_count = 3;
    struct plait_flow_key back = {talk_server, talk_client_2};
    assert_true(plait_facts_find(&f, &back, &side, &subflow));
    assert_int_equal(subflow, 2);
    assert_int_equal(side, PLAIT_SERVER);
}

/* ---- limits and foreign traffic -------------------------------------------------------------- */

static void subflows_have_a_limit(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    for (unsigned i = 0; i < 2 * PLAIT_SUBFLOWS_MAX; i++) {
        struct plait_place from = {talk_client_2.addr, (uint16_t)(10000 + i)};
        struct plait_segment syn = join_syn(&from, &talk_server, TOKEN_B);
        assert_int_equal(see(&f, &syn), i < PLAIT_SUBFLOWS_MAX - 1);
    }
    assert_int_equal(f.subflow_count, PLAIT_SUBFLOWS_MAX);
    assert_u64(f.not_followed, PLAIT_SUBFLOWS_MAX + 1);
}

static void advertisements_have_a_limit(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    for (unsigned i = 0; i < 2 * PLAIT_ADVERTISED_MAX; i++) {
        struct plait_segment s =
            talk(&talk_server, &talk_client, PLAIT_ACK, SERVER_ISN + 1, CLIENT_ISN + 1);
        talk_option(&s, PLAIT_ADD_ADDR)->add_addr =
            (struct plait_add_addr){.addr_id = (uint8_t)i, .addr = talk_attacker.addr};
        assert_true(see(&f, &s));
    }
    assert_int_equal(f.advertised_count, PLAIT_ADVERTISED_MAX);
    assert_int_equal(f.advertised[0].by, PLAIT_SERVER);
    assert_int_equal(f.advertised[PLAIT_ADVERTISED_MAX - 1].option.addr_id,
                     PLAIT_ADVERTISED_MAX - 1);
}

static void echoes_are_no_advertisements(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    struct plait_segment s =
        talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    talk_option(&s, PLAIT_ADD_ADDR)->add_addr =
        (struct plait_add_addr){.addr_id = 4, .echo = true, .addr = talk_attacker.addr};
    assert_true(see(&f, &s));
    assert_int_equal(f.advertised_count, 0);
}

static void foreign_traffic_is_not_followed(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    const struct plait_facts before = f;
    /* another connection of the same client, and packets of no connection */
    struct plait_segment others[] = {
        talk_syn(&talk_client_2, &talk_server, PLAIT_SYN, 1, 0),
        talk_syn(&talk_attacker, &talk_server, PLAIT_SYN, 1, 0),
        talk(&talk_attacker, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1),
        talk(&talk_server, &talk_attacker, PLAIT_RST, 0, 0),
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(see(&f, &others[i]));
        assert_u64(f.not_followed, i + 1);
    }
    f.not_followed = 0;
    assert_memory_equal(&f, &before, sizeof f);
}

static void options_that_were_not_understood_teach_nothing(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    struct plait_segment s =
        talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    talk_option(&s, PLAIT_MP_FASTCLOSE)->is_raw = true;
    talk_option(&s, PLAIT_MP_FAIL)->is_raw = true;
    assert_true(see(&f, &s));
    assert_false(f.fastclose[PLAIT_CLIENT] || f.fail[PLAIT_CLIENT]);
    s.mptcp[0].is_raw = s.mptcp[1].is_raw = false;
    assert_true(see(&f, &s));
    assert_true(f.fastclose[PLAIT_CLIENT] && f.fail[PLAIT_CLIENT]);
    assert_false(f.fastclose[PLAIT_SERVER] || f.fail[PLAIT_SERVER]);
}

/* ---- data sequence numbers (RFC 8684 §3.3.1, N22)
 * ------------------------------------------------ */

static struct plait_segment with_dss(struct plait_dss dss)
{
    struct plait_segment s =
        talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    talk_option(&s, PLAIT_DSS)->dss = dss;
    return s;
}

static void short_numbers_are_promoted(void **state)
{
    (void)state;
    static const struct {
        uint64_t known;
        uint32_t wire;
        uint64_t promoted;
    } rows[] = {
        {0x100000000, 0x00000010, 0x100000010}, /* ahead */
        {0x1fffffff0, 0x00000010, 0x200000010}, /* ahead, across the edge */
        {0x200000010, 0xfffffff0, 0x1fffffff0}, /* behind, across the edge: a retransmission */
        {0x17fffffff, 0x80000000, 0x180000000},
        {0x7fffffffffffffff, 0x00000005, 0x8000000000000005}, /* beyond what is signed */
        {0xffffffffffffffff, 0x00000005, 0x0000000000000005}, /* across the end of all */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct plait_facts f = {0};
        talk_open(&f);
        f.dsn_nxt[PLAIT_CLIENT] = f.dsn_nxt[PLAIT_SERVER] = rows[i].known;
        struct plait_segment ack =
            with_dss((struct plait_dss){.has_ack = true, .data_ack = rows[i].wire});
        assert_true(see(&f, &ack));
        assert_true(f.has_data_ack[PLAIT_CLIENT]);
        assert_u64(f.data_ack[PLAIT_CLIENT], rows[i].promoted);
        struct plait_segment data =
            with_dss((struct plait_dss){.has_map = true, .dsn = rows[i].wire, .data_length = 3});
        assert_true(see(&f, &data));
        bool is_ahead = (int64_t)(rows[i].promoted + 3 - rows[i].known) > 0;
        assert_u64(f.dsn_nxt[PLAIT_CLIENT], is_ahead ? rows[i].promoted + 3 : rows[i].known);
    }
}

/* Without a 64-bit number to hold them against, short ones say nothing. */
static void short_numbers_alone_teach_nothing(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    struct plait_segment h[3];
    talk_handshake(1, h);
    for (int i = 0; i < 3; i++) {
        h[i].mptcp_count = 0;
        assert_true(see(&f, &h[i]));
    }
    struct plait_segment s =
        with_dss((struct plait_dss){.has_ack = true, .data_ack = 7, .has_map = true, .dsn = 9});
    assert_true(see(&f, &s));
    assert_false(f.has_dsn[PLAIT_CLIENT] || f.has_data_ack[PLAIT_CLIENT]);
    s.mptcp[0].dss.dsn_is_64 = s.mptcp[0].dss.ack_is_64 = true;
    assert_true(see(&f, &s));
    assert_true(f.has_dsn[PLAIT_CLIENT] && f.has_data_ack[PLAIT_CLIENT]);
    assert_u64(f.dsn_nxt[PLAIT_CLIENT], 9);
    assert_u64(f.data_ack[PLAIT_CLIENT], 7);
}

static void data_fin_is_seen(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    struct plait_segment s = with_dss((struct plait_dss){
        .data_fin = true, .has_map = true, .dsn_is_64 = true, .dsn = IDSN_A + 1, .data_length = 1});
    assert_true(see(&f, &s));
    assert_true(f.data_fin[PLAIT_CLIENT] && !f.data_fin[PLAIT_SERVER]);
    assert_u64(f.dsn_nxt[PLAIT_CLIENT], IDSN_A + 2); /* DATA_FIN takes one (RFC 8684 §3.3.3) */
}

/* ---- numbers of a subflow
 * ------------------------------------------------------------------------ */

static void sequence_numbers_follow(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    const struct plait_half *server = &f.subflows[0].half[PLAIT_SERVER];
    const struct plait_half *client = &f.subflows[0].half[PLAIT_CLIENT];
    assert_int_equal(server->isn, SERVER_ISN);
    assert_int_equal(server->nxt, SERVER_ISN + 1);
    assert_int_equal(client->ack, SERVER_ISN + 1);
    static const uint8_t payload[40];
    struct plait_segment data =
        talk(&talk_server, &talk_client, PLAIT_ACK | PLAIT_FIN, SERVER_ISN + 1, CLIENT_ISN + 1);
    data.payload = payload;
    data.payload_octets = sizeof payload;
    assert_true(see(&f, &data));
    assert_int_equal(server->nxt, (uint32_t)(SERVER_ISN + 1 + 40 + 1)); /* across the edge */
    assert_true(server->fin && !server->rst && !client->fin);

    struct plait_segment old = /* a retransmission takes nothing back */
        talk(&talk_server, &talk_client, PLAIT_ACK, SERVER_ISN + 1, CLIENT_ISN - 50);
    assert_true(see(&f, &old));
    assert_int_equal(server->nxt, (uint32_t)(SERVER_ISN + 42));
    assert_int_equal(server->ack, CLIENT_ISN + 1);
}

static struct plait_segment from_server(uint8_t flags, uint16_t window)
{
    struct plait_segment s =
        talk(&talk_server, &talk_client, flags, SERVER_ISN + 1, CLIENT_ISN + 1);
    s.window = window;
    return s;
}

static void windows_are_scaled(void **state)
{
    (void)state;
    struct plait_facts f = {0};
    talk_open(&f);
    const struct plait_half *server = &f.subflows[0].half[PLAIT_SERVER];
    assert_false(server->has_window); /* a SYN's is not scaled (RFC 7323 §2.2) */
    struct plait_segment s = from_server(PLAIT_ACK, 501);
    assert_true(see(&f, &s));
    assert_int_equal(plait_half_window_octets(server), 501 << SCALE);
    s = from_server(PLAIT_ACK, 100);
    assert_true(see(&f, &s));
    assert_int_equal(plait_half_window_octets(server), 100 << SCALE);
    assert_int_equal(server->window_max_octets, 501 << SCALE);
    s = from_server(PLAIT_RST, 60000); /* a reset's window means nothing */
    assert_true(see(&f, &s));
    assert_int_equal(plait_half_window_octets(server), 100 << SCALE);
}

/* RFC 7323 §2.2: no scaling in either direction unless both SYNs carry the option. */
static void windows_are_scaled_only_if_both_said_so(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct plait_facts f = {0};
        struct plait_segment h[3];
        talk_handshake(1, h);
        h[silent].options.has_window_scale = false;
        for (int i = 0; i < 3; i++)
            assert_true(see(&f, &h[i]));
        struct plait_segment s = from_server(PLAIT_ACK, 501);
        assert_true(see(&f, &s));
        for (int side = 0; side < 2; side++)
            assert_int_equal(plait_half_window_octets(&f.subflows[0].half[side]),
                             side == PLAIT_SERVER ? 501 : 500);
        assert_int_equal(f.subflows[0].half[PLAIT_SERVER].window_max_octets, 501);
    }
}

static void order_of_sequence_numbers_is_modular(void **state)
{
    (void)state;
    assert_true(plait_seq_after(1, 0));
    assert_false(plait_seq_after(0, 0));
    assert_true(plait_seq_after(5, 0xfffffff0));
    assert_false(plait_seq_after(0xfffffff0, 5));
    assert_true(plait_seq_after(0x7fffffff, 0));
}

/* ---- pairs of Basic MPTCP ---------------------------------------------------------------------
 */

enum { PAIR_ISN_A = 700, PAIR_ISN_B = 900 };

static struct plait_segment message(const struct plait_place *from, const struct plait_place *to,
                                    uint8_t what, uint32_t seq)
{
    struct plait_segment s = talk(from, to, PLAIT_ACK, seq, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_EXPERIMENTAL,
                                             .control = {.what = what, .connection = 1234}};
    return s;
}

/* An ADD makes a pair; where pairs count by themselves PROBE and ANSWER tell from where
 * (docs/mechanisms/basic.md), else the numbers are those of the first. */
static void pairs_have_numbers_of_their_own_or_the_first_ones(void **state)
{
    (void)state;
    for (int mapped = 0; mapped < 2; mapped++) {
        struct plait_facts f = {0};
        struct plait_segment h[3];
        talk_handshake(1, h);
        for (int i = 0; i < 3; i++) {
            h[i].mptcp_count = 0;
            assert_true(see(&f, &h[i]));
        }
        f.mechanism = mapped ? &plait_mechanism_m0i_mapped : &plait_mechanism_m0i;
        for (int side = 0; side < 2; side++)
            plait_facts_learn_key(&f, (enum plait_side)side, 1234);
        struct plait_place second = {talk_client.addr, 4999};
        const struct {
            bool by_client;
            uint8_t what;
            uint32_t seq;
        } said[] = {{true, PLAIT_CONTROL_ADD, 5},
                    {false, PLAIT_CONTROL_ECHO, 6},
                    {false, PLAIT_CONTROL_PROBE, PAIR_ISN_B},
                    {true, PLAIT_CONTROL_ANSWER, PAIR_ISN_A},
                    {false, PLAIT_CONTROL_PROBE, PAIR_ISN_B}};
        uint32_t first_nxt = f.subflows[0].half[PLAIT_SERVER].nxt;
        for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
            struct plait_segment s =
                message(said[i].by_client ? &second : &talk_server,
                        said[i].by_client ? &talk_server : &second, said[i].what, said[i].seq);
            assert_int_equal(plait_facts_tells_isn(&f, &s), mapped && i >= 2);
            assert_true(see(&f, &s));
        }
        assert_int_equal(f.subflow_count, 2);
        const struct plait_subflow *pair = &f.subflows[1];
        assert_true(pair->is_pair && pair->established && pair->shares_numbers == !mapped);
        assert_int_equal(f.subflows[0].half[PLAIT_SERVER].nxt, first_nxt);
        struct plait_segment data = talk(&talk_server, &second, PLAIT_ACK, PAIR_ISN_B + 1, 0);
        data.payload = (const uint8_t *)"12345";
        data.payload_octets = 5;
        data.window = 9;
        if (mapped) {
            assert_true(see(&f, &data));
            assert_true(pair->half[PLAIT_CLIENT].has_isn && pair->half[PLAIT_SERVER].has_isn);
            assert_int_equal(pair->half[PLAIT_CLIENT].isn, PAIR_ISN_A);
            assert_int_equal(pair->half[PLAIT_SERVER].nxt, PAIR_ISN_B + 6);
            assert_int_equal(plait_half_window_octets(&pair->half[PLAIT_SERVER]), 9 << SCALE);
            struct plait_segment again =
                message(&talk_server, &second, PLAIT_CONTROL_PROBE, PAIR_ISN_B);
            assert_true(see(&f, &again)); /* what was sent since stays sent */
            assert_int_equal(pair->half[PLAIT_SERVER].nxt, PAIR_ISN_B + 6);
        }
    }
}

static int places(void **state)
{
    (void)state;
    talk_places();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v1_shows_keys_one_after_the_other),
        cmocka_unit_test(keys_imply_tokens_and_data_sequence_numbers),
        cmocka_unit_test(v0_shows_the_clients_key_in_its_syn),
        cmocka_unit_test(third_ack_alone_is_not_followed),
        cmocka_unit_test(first_keys_stay),
        cmocka_unit_test(data_of_the_third_ack_is_mapped),
        cmocka_unit_test(plain_tcp_has_no_mechanism),
        cmocka_unit_test(learning_a_key_learns_what_it_implies),
        cmocka_unit_test(client_joins),
        cmocka_unit_test(server_joins),
        cmocka_unit_test(a_join_alone_shows_its_token),
        cmocka_unit_test(join_with_another_token_is_not_followed),
        cmocka_unit_test(newest_subflow_of_a_place_is_found),
        cmocka_unit_test(subflows_have_a_limit),
        cmocka_unit_test(advertisements_have_a_limit),
        cmocka_unit_test(echoes_are_no_advertisements),
        cmocka_unit_test(foreign_traffic_is_not_followed),
        cmocka_unit_test(options_that_were_not_understood_teach_nothing),
        cmocka_unit_test(short_numbers_are_promoted),
        cmocka_unit_test(short_numbers_alone_teach_nothing),
        cmocka_unit_test(data_fin_is_seen),
        cmocka_unit_test(sequence_numbers_follow),
        cmocka_unit_test(windows_are_scaled),
        cmocka_unit_test(windows_are_scaled_only_if_both_said_so),
        cmocka_unit_test(order_of_sequence_numbers_is_modular),
        cmocka_unit_test(pairs_have_numbers_of_their_own_or_the_first_ones),
    };
    return cmocka_run_group_tests(tests, places, NULL);
}
