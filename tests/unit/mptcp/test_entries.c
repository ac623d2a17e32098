/* Entries of a mechanism's table that say how much of a token or a proof counts, what is made of
 * draws, and what proofs rest on (plait/mechanism.h). */
#include "tests/unit/mptcp/pair.h"

static struct pair_setup setup_of(const struct plait_mechanism *mechanism)
{
    struct pair_setup setup = {.addrs = {3, 2}, .seed = 5};
    for (unsigned side = 0; side < 2; side++)
        setup.config[side] =
            (struct plait_mptcp_config){.mechanisms = {mechanism}, .subflows_limit = 4};
    return setup;
}

/* Subflows of the server after the client tried to join from its second address. */
static unsigned joined(const struct pair_setup *setup,
                       bool (*box)(struct pair *pair, unsigned from, struct plait_segment *s))
{
    struct pair pair;
    pair_make(&pair, setup);
    pair_open(&pair);
    pair.box = box;
    struct plait_place local = pair_place(&pair, 0, 1, 0), remote = pair_place(&pair, 1, 0, PORT);
    assert_ok(
        plait_mptcp_add_subflow(pair.ends[0].app.connection, pair.now, &local, &remote, false));
    pair_wait(&pair, PLAIT_S);
    unsigned subflows = pair_subflows(&pair, 1);
    pair_free(&pair);
    return subflows;
}

static struct plait_mp_join *join_of(struct plait_segment *s, enum plait_join_form form)
{
    for (unsigned i = 0; i < s->mptcp_count; i++)
        if (s->mptcp[i].subtype == PLAIT_MP_JOIN && s->mptcp[i].join.form == form)
            return &s->mptcp[i].join;
    return NULL;
}

/* ---- how much counts ------------------------------------------------------------------------- */

static unsigned flipped_bit; /* from the left */

static bool flip_in_proof(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct plait_mp_join *join = join_of(s, PLAIT_JOIN_ACK);
    (void)pair, (void)from;
    if (join)
        join->hmac[flipped_bit / 8] ^= (uint8_t)(0x80 >> flipped_bit % 8);
    return true;
}

static bool flip_in_short_proof(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct plait_mp_join *join = join_of(s, PLAIT_JOIN_SYN_ACK);
    (void)pair, (void)from;
    if (join)
        join->hmac[flipped_bit / 8] ^= (uint8_t)(0x80 >> flipped_bit % 8);
    return true;
}

static bool flip_in_token(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct plait_mp_join *join = join_of(s, PLAIT_JOIN_SYN);
    (void)pair, (void)from;
    if (join)
        join->token ^= UINT32_C(0x80000000) >> flipped_bit;
    return true;
}

static void only_the_leading_bits_of_a_proof_count(void **state)
{
    (void)state;
    static const unsigned counted[] = {1, 8, 11, 64, 159};
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        struct plait_mechanism m = plait_mechanism_v1;
        m.proof_bits = (uint8_t)counted[i];
        struct pair_setup setup = setup_of(&m);
        flipped_bit = counted[i] - 1;
        assert_int_equal(joined(&setup, flip_in_proof), 1);
        flipped_bit = counted[i];
        assert_int_equal(joined(&setup, flip_in_proof), 2);
    }
    struct pair_setup setup = setup_of(&plait_mechanism_v1);
    flipped_bit = 159;
    assert_int_equal(joined(&setup, flip_in_proof), 1); /* 0 is all */
}

/* The SYN/ACK has 64 bits: more cannot be compared. */
static void of_a_short_proof_all_bits_count_at_most(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    struct pair_setup setup = setup_of(&m);
    m.proof_bits = 100;
    flipped_bit = 63;
    assert_int_equal(joined(&setup, flip_in_short_proof), 1);
    m.proof_bits = 63;
    assert_int_equal(joined(&setup, flip_in_short_proof), 2);
}

static uint32_t token_of_12_bits(uint64_t key)
{
    return plait_mechanism_v1.token(key) & 0xfff00000;
}

static void free_bits_of_a_token_are_not_looked_at(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    m.token = token_of_12_bits;
    m.token_free_bits = 20;
    struct pair_setup setup = setup_of(&m);
    flipped_bit = 11;
    assert_int_equal(joined(&setup, flip_in_token), 1);
    flipped_bit = 12;
    assert_int_equal(joined(&setup, flip_in_token), 2);
    flipped_bit = 31;
    assert_int_equal(joined(&setup, flip_in_token), 2);
}

static uint32_t no_token(uint64_t key)
{
    (void)key;
    return 0;
}

static void a_token_may_be_no_token_at_all(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    m.token = no_token;
    m.token_free_bits = 32;
    struct pair_setup setup = setup_of(&m);
    flipped_bit = 0;
    assert_int_equal(joined(&setup, flip_in_token), 2);
}

/* ---- what is made of draws ---------------------------------------------------------------------
 */

static uint32_t nonces[2];

static bool note_nonces(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct plait_mp_join *join = join_of(s, PLAIT_JOIN_SYN);
    (void)pair;
    if (!join)
        join = join_of(s, PLAIT_JOIN_SYN_ACK);
    if (join)
        nonces[from] = join->nonce;
    return true;
}

static uint64_t one_nonce(uint64_t drawn)
{
    (void)drawn;
    return 0x77;
}

static void a_join_s_nonces_are_made_of_draws(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    struct pair_setup setup = setup_of(&m);
    assert_int_equal(joined(&setup, note_nonces), 2);
    assert_int_not_equal(nonces[0], 0x77);
    m.nonce = one_nonce;
    assert_int_equal(joined(&setup, note_nonces), 2);
    assert_int_equal(nonces[0], 0x77);
    assert_int_equal(nonces[1], 0x77);
}

static uint64_t probed, cookies_said[2];

static bool note_messages(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    const struct plait_mp_control *control = plait_segment_control(s);
    if (control && control->what == PLAIT_CONTROL_PROBE)
        probed = control->nonce;
    if (control)
        cookies_said[from] = control->proof;
    return true;
}

static uint64_t one_cookie(uint64_t drawn)
{
    (void)drawn;
    return 0x88;
}

static void add_and_wait(struct pair *pair, const struct plait_mechanism *m, plait_time_ns wait_ns)
{
    struct pair_setup setup = setup_of(m);
    pair_make(pair, &setup);
    pair_open(pair);
    pair->box = note_messages;
    struct plait_place local = pair_place(pair, 0, 1, 0), remote = pair_place(pair, 1, 0, 0);
    assert_ok(
        plait_mptcp_add_subflow(pair->ends[0].app.connection, pair->now, &local, &remote, false));
    pair_wait(pair, wait_ns);
}

static void nonces_and_cookies_of_messages_are_made_of_draws(void **state)
{
    (void)state;
    struct pair pair;
    struct plait_mechanism m = plait_mechanism_m2;
    m.nonce = one_nonce;
    m.cookie = one_cookie;
    add_and_wait(&pair, &m, PLAIT_S);
    assert_int_equal(probed, 0x77);
    assert_int_equal(cookies_said[0], 0x88);
    assert_int_equal(cookies_said[1], 0x88);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_BAD_PROOF), 0);
    assert_int_equal(plait_mptcp_info(pair.ends[1].app.connection).path_count, 2);
    pair_free(&pair);
}

/* ---- a pair that is used while its check goes on ------------------------------------------------
 */

static bool swallow_answers(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair, (void)from;
    const struct plait_mp_control *control = plait_segment_control(s);
    return !control || control->what != PLAIT_CONTROL_ANSWER;
}

static unsigned paths_without_answer(const struct plait_mechanism *m)
{
    struct pair pair;
    struct pair_setup setup = setup_of(m);
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = swallow_answers;
    struct plait_place local = pair_place(&pair, 0, 1, 0), remote = pair_place(&pair, 1, 0, 0);
    assert_ok(
        plait_mptcp_add_subflow(pair.ends[0].app.connection, pair.now, &local, &remote, false));
    pair_wait(&pair, 500 * PLAIT_MS);
    unsigned paths = plait_mptcp_info(pair.ends[1].app.connection).path_count;
    pair_free(&pair);
    return paths;
}

static void a_pair_may_be_used_before_its_answer(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_m1n;
    assert_int_equal(paths_without_answer(&m), 1);
    m.uses_unchecked = true;
    assert_int_equal(paths_without_answer(&m), 2);
    struct pair pair;
    add_and_wait(&pair, &m, PLAIT_S); /* the answer comes, and changes nothing */
    assert_int_equal(plait_mptcp_info(pair.ends[1].app.connection).path_count, 2);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_NUMBERED), 1);
    pair_free(&pair);
}

/* ---- keys that rest on a secret -----------------------------------------------------------------
 */

static uint64_t mixed_key(uint64_t key, const struct plait_secret *secret)
{
    return key ^ secret->octets[0] ^ (uint64_t)secret->octets[31] << 56;
}

static void both_ends_need_the_secret(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    m.proof_key = mixed_key;
    struct pair_setup setup = setup_of(&m);
    setup.config[0].secret.octets[31] = setup.config[1].secret.octets[31] = 0x5a;
    assert_int_equal(joined(&setup, NULL), 2);
    setup.config[1].secret.octets[31] ^= 1;
    assert_int_equal(joined(&setup, NULL), 1);
    m.proof_key = NULL; /* v1 has no use for it */
    assert_int_equal(joined(&setup, NULL), 2);
}

/* Advertisements of the server that the client did not believe. */
static unsigned refused_at(struct pair_setup *setup)
{
    struct pair pair;
    setup->config[1].add_addr_accepted = setup->config[0].add_addr_accepted = 4;
    setup->config[0].path_manager = &plait_pm_full_mesh;
    pair_make(&pair, setup);
    pair_open(&pair);
    struct plait_place place = pair_place(&pair, 1, 1, 0);
    assert_ok(plait_mptcp_announce(pair.ends[1].app.connection, pair.now, &place));
    pair_wait(&pair, PLAIT_S);
    unsigned bad = (unsigned)pair_counter(&pair, 0, PLAIT_COUNT_ADD_ADDR_BAD_HMAC);
    pair_free(&pair);
    return bad;
}

static void advertisements_rest_on_the_secret_too(void **state)
{
    (void)state;
    struct plait_mechanism m = plait_mechanism_v1;
    m.proof_key = mixed_key;
    struct pair_setup setup = setup_of(&m);
    setup.config[0].secret.octets[0] = setup.config[1].secret.octets[0] = 9;
    assert_int_equal(refused_at(&setup), 0);
    setup.config[1].secret.octets[0] = 1;
    assert_true(refused_at(&setup) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_leading_bits_of_a_proof_count),
        cmocka_unit_test(of_a_short_proof_all_bits_count_at_most),
        cmocka_unit_test(free_bits_of_a_token_are_not_looked_at),
        cmocka_unit_test(a_token_may_be_no_token_at_all),
        cmocka_unit_test(a_join_s_nonces_are_made_of_draws),
        cmocka_unit_test(nonces_and_cookies_of_messages_are_made_of_draws),
        cmocka_unit_test(a_pair_may_be_used_before_its_answer),
        cmocka_unit_test(both_ends_need_the_secret),
        cmocka_unit_test(advertisements_rest_on_the_secret_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
