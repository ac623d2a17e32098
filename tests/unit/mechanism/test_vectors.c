/* Tokens, initial numbers, proofs and checksums as public captures and the catalogue have them.
 *
 * Every proof is taken from the octets of an option, so that parser and mechanism are tested
 * together: read the option, compute, compare, build the same octets again. */
#include "crypto/digest.h"
#include "mechanism/basic.h"
#include "tests/unit/hex.h"

#define COUNT(array) (sizeof array / sizeof array[0])

static struct plait_mptcp_option option(const char *text)
{
    uint8_t octets[40];
    struct plait_mptcp_option parsed;
    assert_ok(plait_mptcp_parse(octets, hex(text, octets, sizeof octets), &parsed));
    return parsed;
}

static void assert_built(const struct plait_mptcp_option *o, const char *expected)
{
    uint8_t octets[40], built[40];
    struct plait_writer w = plait_writer(built, sizeof built);
    size_t length = hex(expected, octets, sizeof octets);
    plait_mptcp_write(&w, o);
    assert_ok(plait_writer_result(&w));
    assert_int_equal(plait_writer_used(&w), length);
    assert_memory_equal(built, octets, length);
}

static void assert_u64(uint64_t value, uint64_t expected)
{
    if (value != expected)
        fail_msg("%016llx instead of %016llx", (unsigned long long)value,
                 (unsigned long long)expected);
}

/* ---- Basic MPTCP: computed with Python's hashlib, from addresses and ports alone ---- */

static void identifiers_follow_from_the_first_pair(void **state)
{
    (void)state;
    struct plait_flow_key first = {.src = {.port = 40000}, .dst = {.port = 443}};
    assert_ok(plait_addr_parse("198.18.1.1", &first.src.addr));
    assert_ok(plait_addr_parse("198.18.2.1", &first.dst.addr));
    assert_u64(plait_basic_identifier(&first), 0x32923457ccc60c96);
    assert_u64(plait_mechanism_m1h.token(0x32923457ccc60c96), 0x32923457);
    assert_u64(plait_mechanism_m1h.idsn(0x32923457ccc60c96), 0xd019cd722309afbd);
    assert_ok(plait_addr_parse("2001:db8:1::1", &first.src.addr));
    assert_ok(plait_addr_parse("2001:db8:2::1", &first.dst.addr));
    assert_u64(plait_basic_identifier(&first), 0x7b3427569028fa9f);
}

static void hellos_of_basic_mptcp(void **state)
{
    (void)state;
    static const struct {
        const struct plait_mechanism *mechanism;
        const char *text[3];
    } rows[] = {
        {&plait_mechanism_m0e, {"1e040f01", "1e0c0f01 0102030405060708", "1e040f01"}},
        {&plait_mechanism_m0i, {"1e040e01", "1e0c0e01 0102030405060708", "1e040e01"}},
        {&plait_mechanism_m1n, {"1e040d01", "1e0c0d01 0102030405060708", "1e040d01"}},
        {&plait_mechanism_m1h, {"1e040c01", "1e0c0c01 0102030405060708", "1e040c01"}},
        {&plait_mechanism_m2,
         {"1e040b01", "1e140b01 0102030405060708 1112131415161718", "1e0c0b01 1112131415161718"}},
        {&plait_mechanism_m0e_mapped, {"1e040a01", "1e0c0a01 0102030405060708", "1e040a01"}},
        {&plait_mechanism_m0i_mapped, {"1e040901", "1e0c0901 0102030405060708", "1e040901"}},
        {&plait_mechanism_m1n_mapped, {"1e040801", "1e0c0801 0102030405060708", "1e040801"}},
        {&plait_mechanism_m2_mapped,
         {"1e040701", "1e140701 0102030405060708 1112131415161718", "1e0c0701 1112131415161718"}},
    };
    struct plait_hello_values said = {.sender_key = 0x0102030405060708,
                                      .cookie = 0x1112131415161718};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (unsigned step = PLAIT_STEP_SYN; step <= PLAIT_STEP_THIRD_ACK; step++) {
            struct plait_hello_values heard;
            struct plait_mptcp_option o = option(rows[i].text[step]), built;
            rows[i].mechanism->write_hello((enum plait_hello_step)step, &said, &built);
            assert_built(&built, rows[i].text[step]);
            for (unsigned other = 0; other < COUNT(rows); other++)
                assert_int_equal(rows[other].mechanism->read_hello((enum plait_hello_step)step,
                                                                   &o.capable, &heard),
                                 other == i);
        }
}

/* ---- identity ---- */

static const struct {
    const struct plait_mechanism *mechanism;
    uint64_t key;
    uint32_t token;
    uint64_t idsn; /* 0: not published */
} identities[] = {
    /* mptcp-v0.pcap of the tcpdump test suite, both hosts */
    {&plait_mechanism_v0, 0x9c9eabd1e46a33b2, 0xaf9706eb, 0x9851b565d52abec9},
    {&plait_mechanism_v0, 0x967d2770b6960552, 0xe47f0142, 0xe47ef57dd1b9748f},
    /* a public course assignment, keys and tokens in decimal there */
    {&plait_mechanism_v0, 2097874973131745533u, 3453009450u, 0},
    {&plait_mechanism_v0, 14232633393355152416u, 1187499290u, 0},
    /* three connections of Linux, both hosts each */
    {&plait_mechanism_v1, 0x23ae131cd5822cbe, 0x8473543a, 0x581cca401ef44e90},
    {&plait_mechanism_v1, 0xccefd4eac187fafb, 0x50e5993c, 0x61f333d3126a69f6},
    {&plait_mechanism_v1, 0xb0ce7ad92707a563, 0x3e494493, 0x742791cdd3dafe19},
    {&plait_mechanism_v1, 0xd16b2cc2ae16ed03, 0x06b80500, 0x94a08400790e312b},
    {&plait_mechanism_v1, 0x1fdb5df328bc3def, 0x239fbdb0, 0xc8072fb90edab04d},
    {&plait_mechanism_v1, 0x29a6c86981ad933c, 0xa35d6d82, 0xa28e87fddd1d30f1},
    /* edges; self-made */
    {&plait_mechanism_v0, 0, 0x05fe4057, 0xac558654f107c7e9},
    {&plait_mechanism_v1, 0, 0xaf5570f5, 0xe5b2328de0e83dfc},
    {&plait_mechanism_v0, UINT64_MAX, 0xbe673e8a, 0x866701c11ef8e089},
    {&plait_mechanism_v1, UINT64_MAX, 0x12a3ae44, 0x57fb595bbbacf0ca},
    {&plait_mechanism_v0, 0x0102030405060708, 0xdd5783bc, 0x3a95ed6e4ebb4ad5},
    {&plait_mechanism_v1, 0x0102030405060708, 0x66840dda, 0xf5a101d3d29d6f72},
};

static void tokens_and_initial_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(identities); i++) {
        assert_int_equal(identities[i].mechanism->token(identities[i].key), identities[i].token);
        if (identities[i].idsn)
            assert_u64(identities[i].mechanism->idsn(identities[i].key), identities[i].idsn);
    }
}

/* ---- handshakes ---- */

static void keys_of_a_handshake(const char *third_ack, const struct plait_mechanism *m, uint64_t *a,
                                uint64_t *b)
{
    struct plait_mptcp_option o = option(third_ack);
    assert_int_equal(o.capable.version, m->version);
    *a = o.capable.sender_key;
    *b = o.capable.receiver_key;
}

/* A whole join: token, both proofs. */
static void assert_join(const struct plait_mechanism *m, uint64_t opener_key, uint64_t answer_key,
                        const char *syn_text, const char *syn_ack_text, const char *ack_text)
{
    struct plait_mptcp_option syn = option(syn_text), syn_ack = option(syn_ack_text);
    struct plait_mptcp_option ack = option(ack_text);
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    assert_int_equal(syn.join.form, PLAIT_JOIN_SYN);
    assert_int_equal(syn_ack.join.form, PLAIT_JOIN_SYN_ACK);
    assert_int_equal(ack.join.form, PLAIT_JOIN_ACK);
    assert_int_equal(syn.join.token, m->token(answer_key));
    m->join_proof(answer_key, opener_key, syn_ack.join.nonce, syn.join.nonce, proof);
    assert_true(plait_mac_equal(proof, syn_ack.join.hmac, 8));
    m->join_proof(opener_key, answer_key, syn.join.nonce, syn_ack.join.nonce, proof);
    assert_true(plait_mac_equal(proof, ack.join.hmac, PLAIT_JOIN_HMAC_OCTETS));
    /* built from the values alone */
    memcpy(ack.join.hmac, proof, sizeof proof);
    assert_built(&ack, ack_text);
}

static void v0_handshake_and_join(void **state)
{
    (void)state;
    uint64_t a, b;
    keys_of_a_handshake("1e140081 9c9eabd1e46a33b2967d2770b6960552", &plait_mechanism_v0, &a, &b);
    assert_u64(option("1e0c0081 9c9eabd1e46a33b2").capable.sender_key, a);
    assert_u64(option("1e0c0081 967d2770b6960552").capable.sender_key, b);
    assert_join(&plait_mechanism_v0, a, b, "1e0c1000 e47f0142 1b665a18",
                "1e101001 5ab680c7884af03d 33abe9d5",
                "1e181000 cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a");
    uint8_t full[32], proof[PLAIT_JOIN_HMAC_OCTETS];
    hex("5ab680c7884af03d5834f6a6f4b59072ea18842f", full, sizeof full);
    plait_mechanism_v0.join_proof(b, a, 0x33abe9d5, 0x1b665a18, proof);
    assert_memory_equal(proof, full, sizeof proof);
}

static void v1_join_of_connection_2(void **state)
{
    (void)state;
    uint64_t a = 0xb0ce7ad92707a563, b = 0xd16b2cc2ae16ed03;
    assert_join(&plait_mechanism_v1, a, b, "1e0c1000 06b80500 bb293ef9",
                "1e101003 0b9a4c856b436166 b18a3ccf",
                "1e181000 305840936850bf399c35e154ae0e608457a8946b");
    uint8_t full[32], proof[PLAIT_JOIN_HMAC_OCTETS];
    hex("0b9a4c856b4361663b101a0248281745f8fd6bdc", full, sizeof full);
    plait_mechanism_v1.join_proof(b, a, 0xb18a3ccf, 0xbb293ef9, proof);
    assert_memory_equal(proof, full, sizeof proof);
}

/* Computed with Python's hmac and hashlib: the key of a proof is the first 64 bits of
 * HMAC-SHA256(secret, the wire's key); what the wire shows is v1's (RFC 6181 §7, R3). */
static void m4_proves_with_the_secret_too(void **state)
{
    (void)state;
    struct plait_secret secret;
    for (uint8_t i = 0; i < sizeof secret.octets; i++)
        secret.octets[i] = i;
    const struct plait_mechanism *m = &plait_mechanism_m4;
    uint64_t a = m->proof_key(0xb0ce7ad92707a563, &secret);
    uint64_t b = m->proof_key(0xd16b2cc2ae16ed03, &secret);
    assert_u64(a, 0x158b586cdef1baf6);
    assert_u64(b, 0x9d016f6e6f4709cb);
    secret.octets[31] ^= 1;
    assert_u64(m->proof_key(0xb0ce7ad92707a563, &secret), 0xeaaaf45e8302a367);
    assert_int_equal(m->token(0xb0ce7ad92707a563), plait_mechanism_v1.token(0xb0ce7ad92707a563));
    assert_u64(m->idsn(0xb0ce7ad92707a563), plait_mechanism_v1.idsn(0xb0ce7ad92707a563));
    uint8_t expected[PLAIT_JOIN_HMAC_OCTETS], proof[PLAIT_JOIN_HMAC_OCTETS];
    hex("86b1b0e5dddf476e0b8ea30abf75f4dbed1750dc", expected, sizeof expected);
    m->join_proof(b, a, 0xb18a3ccf, 0xbb293ef9, proof);
    assert_memory_equal(proof, expected, sizeof proof);
}

/* The server of connection 1 joined towards the client: the token is the client's. */
static void v1_join_from_the_server(void **state)
{
    (void)state;
    uint64_t a, b;
    keys_of_a_handshake("1e160101 23ae131cd5822cbe ccefd4eac187fafb 001c", &plait_mechanism_v1, &a,
                        &b);
    assert_int_equal(option("1e0c1000 8473543a 52430c69").join.token, plait_mechanism_v1.token(a));
    assert_int_not_equal(plait_mechanism_v1.token(a), plait_mechanism_v1.token(b));
}

/* The first data of a connection is IDSN + 1 (RFC 8684 §3.1), which the first DATA_ACK shows. */
static void first_data_follows_the_idsn(void **state)
{
    (void)state;
    assert_u64(option("1e0c2003 c8072fb90edab04e").dss.data_ack,
               plait_mechanism_v1.idsn(0x1fdb5df328bc3def) + 1);
    assert_int_equal(option("1e142005 d52abeca d1b97490 00000001 0029 082f").dss.dsn,
                     (uint32_t)(plait_mechanism_v0.idsn(0x967d2770b6960552) + 1));
}

/* T-MAC-2: with equal keys and nonces both directions carry one proof. */
static void reflection_case(void **state)
{
    (void)state;
    uint8_t a[PLAIT_JOIN_HMAC_OCTETS], b[PLAIT_JOIN_HMAC_OCTETS], expected[32];
    uint64_t key = 0x0102030405060708;
    plait_mechanism_v1.join_proof(key, key, 0xa1a2a3a4, 0xa1a2a3a4, a);
    plait_mechanism_v1.join_proof(key, key, 0xa1a2a3a4, 0xa1a2a3a4, b);
    hex("6b8a122eed866922060fefeaaec60c64a1cbfa24", expected, sizeof expected);
    assert_memory_equal(a, expected, sizeof a);
    assert_memory_equal(a, b, sizeof a);
    plait_mechanism_v1.join_proof(key, key, 0xa1a2a3a4, 0xa1a2a3a5, a);
    plait_mechanism_v1.join_proof(key, key, 0xa1a2a3a5, 0xa1a2a3a4, b);
    assert_memory_not_equal(a, b, sizeof a);
}

/* ---- addresses ---- */

static const struct {
    uint64_t own_key, peer_key;
    const char *octets;
} sealed[] = {
    /* connection 1, both hosts, both families */
    {0x23ae131cd5822cbe, 0xccefd4eac187fafb, "1e103001 0a000014 7d3aea884fcd173e"},
    {0xccefd4eac187fafb, 0x23ae131cd5822cbe, "1e103001 0a000214 b449e2aac77afd35"},
    {0x23ae131cd5822cbe, 0xccefd4eac187fafb,
     "1e1c3002 20010000000000000000000000000020 79c4e0c7e395a1ac"},
    {0xccefd4eac187fafb, 0x23ae131cd5822cbe,
     "1e1c3002 20010002000000000000000000000020 81a07243d7b90b8b"},
    /* connection 2 */
    {0xd16b2cc2ae16ed03, 0xb0ce7ad92707a563, "1e103003 0a000514 d0354c5874178330"},
    /* with ports; self-made with the keys of connection 1 */
    {0x23ae131cd5822cbe, 0xccefd4eac187fafb, "1e123003 0a000014 1f90 c6032a2e8310a7ce"},
    {0x23ae131cd5822cbe, 0xccefd4eac187fafb,
     "1e1e3004 20010db8000000000000000000000001 01bb 111124340dbc0a11"},
    /* what Linux before its repair should have sent in the trap vector below */
    {0x73bb150358a0aecb, 0x8f0c7c64a6a32ac1, "1e103001 c0a888e1 e0e054c3444e4c25"},
};

static void addresses_are_sealed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(sealed); i++) {
        struct plait_mptcp_option o = option(sealed[i].octets);
        memset(o.add_addr.hmac, 0xee, sizeof o.add_addr.hmac);
        o.add_addr.has_hmac = false;
        plait_mechanism_v1.seal_add_addr(sealed[i].own_key, sealed[i].peer_key, &o.add_addr);
        assert_built(&o, sealed[i].octets);
    }
}

static bool seal_is_right(uint64_t own_key, uint64_t peer_key, const char *text)
{
    struct plait_mptcp_option o = option(text);
    struct plait_add_addr expected = o.add_addr;
    plait_mechanism_v1.seal_add_addr(own_key, peer_key, &expected);
    return o.add_addr.has_hmac && plait_mac_equal(expected.hmac, o.add_addr.hmac, 8);
}

/* mptcp-aa-v1.pcap: the leftmost 64 bits where RFC 8684 §3.4.1 wants the rightmost (T-MAC-5). */
static void the_left_half_is_not_the_seal(void **state)
{
    (void)state;
    uint64_t a = 0x8f0c7c64a6a32ac1, b = 0x73bb150358a0aecb;
    assert_false(seal_is_right(b, a, "1e103001 c0a888e1 669928744366716c"));
    assert_true(seal_is_right(b, a, "1e103001 c0a888e1 e0e054c3444e4c25"));
    assert_false(seal_is_right(a, b, "1e103001 c0a888e1 e0e054c3444e4c25")); /* keys swapped */
}

static void every_field_is_under_the_seal(void **state)
{
    (void)state;
    uint64_t a = 0x23ae131cd5822cbe, b = 0xccefd4eac187fafb;
    assert_true(seal_is_right(a, b, "1e123003 0a000014 1f90 c6032a2e8310a7ce"));
    assert_false(seal_is_right(a, b, "1e123004 0a000014 1f90 c6032a2e8310a7ce"));
    assert_false(seal_is_right(a, b, "1e123003 0a000015 1f90 c6032a2e8310a7ce"));
    assert_false(seal_is_right(a, b, "1e123003 0a000014 1f91 c6032a2e8310a7ce"));
    assert_false(seal_is_right(a, b, "1e103003 0a000014 c6032a2e8310a7ce"));
}

static void echoes_and_v0_carry_no_seal(void **state)
{
    (void)state;
    struct plait_mptcp_option echo = option("1e083101 0a000014"), v0 = option("1e083401 0a010202");
    plait_mechanism_v1.seal_add_addr(1, 2, &echo.add_addr);
    assert_built(&echo, "1e083101 0a000014");
    v0.add_addr.has_hmac = true;
    plait_mechanism_v0.seal_add_addr(1, 2, &v0.add_addr);
    assert_built(&v0, "1e083401 0a010202");
}

/* ---- checksums ---- */

static void checksums_of_mappings(void **state)
{
    (void)state;
    static const char banner[] = "SSH-2.0-OpenSSH_5.5p1 Debian-6+squeeze1\r\n";
    static const char hello[] = "hello mptcp";
    /* mptcp-v0.pcap: the wire carries 32 bits of the DSN, the sum has 64 */
    assert_int_equal(plait_dss_checksum(0xe47ef57dd1b97490, 1, 41, banner, 41), 0x082f);
    /* self-made */
    assert_int_equal(plait_dss_checksum(0xc8072fb90edab04e, 1, 11, hello, 11), 0xb343);
    assert_int_equal(plait_dss_checksum(0xc8072fb90edab059, 0, 1, NULL, 0), 0x490a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_follow_from_the_first_pair),
        cmocka_unit_test(hellos_of_basic_mptcp),
        cmocka_unit_test(tokens_and_initial_numbers),
        cmocka_unit_test(v0_handshake_and_join),
        cmocka_unit_test(v1_join_of_connection_2),
        cmocka_unit_test(m4_proves_with_the_secret_too),
        cmocka_unit_test(v1_join_from_the_server),
        cmocka_unit_test(first_data_follows_the_idsn),
        cmocka_unit_test(reflection_case),
        cmocka_unit_test(addresses_are_sealed),
        cmocka_unit_test(the_left_half_is_not_the_seal),
        cmocka_unit_test(every_field_is_under_the_seal),
        cmocka_unit_test(echoes_and_v0_carry_no_seal),
        cmocka_unit_test(checksums_of_mappings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
