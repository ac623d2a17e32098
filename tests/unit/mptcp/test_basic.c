/* Basic MPTCP (RFC 6181 §4; docs/mechanisms/basic.md) between two machines: pairs are added, used,
 * lost and removed, and messages that should not be believed are not. */
#include "mechanism/basic.h"
#include "tests/unit/mptcp/pair.h"

/* Pairs without a handshake, in both data planes. */
static const struct plait_mechanism *const columns[] = {
    &plait_mechanism_m0e,        &plait_mechanism_m0i,        &plait_mechanism_m1n,
    &plait_mechanism_m2,         &plait_mechanism_m0e_mapped, &plait_mechanism_m0i_mapped,
    &plait_mechanism_m1n_mapped, &plait_mechanism_m2_mapped};
#define COLUMNS (sizeof columns / sizeof columns[0])

static bool is_mapped(const struct plait_mechanism *mechanism)
{
    return mechanism->mapping == PLAIT_MAPPING_DSS;
}

static struct pair_setup setup_of(const struct plait_mechanism *mechanism, bool ipv6)
{
    struct pair_setup setup = {.addrs = {3, 2}, .seed = 5, .ipv6 = ipv6};
    for (unsigned side = 0; side < 2; side++)
        setup.config[side] =
            (struct plait_mptcp_config){.mechanisms = {mechanism}, .subflows_limit = 4};
    return setup;
}

static void close_both(struct pair *pair)
{
    pair->ends[0].app.closes = pair->ends[1].app.closes = true;
    assert_true(pair_run(pair, pair->now + 300 * PLAIT_S, pair_is_closed));
}

/* ---- transfers ---- */

static unsigned syns_seen, second_pair_seen, dss_seen;

static bool watch(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)from;
    bool is_second = plait_addr_equal(&s->ip.src, &pair->ends[0].addrs[1]) ||
                     plait_addr_equal(&s->ip.dst, &pair->ends[0].addrs[1]);
    syns_seen += (s->flags & PLAIT_SYN) && !(s->flags & PLAIT_ACK);
    second_pair_seen += is_second && s->payload_octets > 0;
    dss_seen += plait_segment_option(s, PLAIT_DSS) != NULL;
    return true;
}

static void transfer(const struct plait_mechanism *mechanism, bool ipv6, unsigned adder)
{
    struct pair pair;
    struct pair_setup setup = setup_of(mechanism, ipv6);
    syns_seen = second_pair_seen = dss_seen = 0;
    pair_make(&pair, &setup);
    pair.box = watch;
    pair_open(&pair);
    if (adder == 0)
        pair_add_path(&pair, 0, 1, 0);
    else
        pair_add_path(&pair, 1, 1, 0);
    pair_wait(&pair, 200 * PLAIT_MS);
    pair_transfer(&pair, 400000, 400000, 60 * PLAIT_S);
    assert_int_equal(syns_seen, 1);
    assert_int_equal(dss_seen > 0, is_mapped(mechanism));
    assert_true(adder || second_pair_seen > 20);
    assert_int_equal(pair_counter(&pair, !adder, PLAIT_COUNT_PAIR_IN), 1);
    assert_int_equal(pair_counter(&pair, adder, PLAIT_COUNT_PAIR_OUT), 1);
    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(pair_subflows(&pair, side), is_mapped(mechanism) ? 2 : 1);
        assert_int_equal(pair_paths(&pair, side), 2);
        for (unsigned i = 0; i < 2; i++)
            assert_true(pair_subflow(&pair, side, i).path->sent_octets > 0);
    }
    close_both(&pair);
    pair_free(&pair);
}

static void two_pairs_carry_one_stream_without_a_handshake(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++)
        for (unsigned form = 0; form < 4; form++)
            transfer(columns[m], form & 1, form >> 1);
}

/* Proofs are neither made nor looked at. */
static bool spoil_proofs(struct pair *pair, unsigned from, struct plait_segment *s)
{
    static const uint8_t zero[20];
    (void)pair, (void)from;
    if (s->mptcp_count && s->mptcp[0].subtype == PLAIT_MP_JOIN) {
        assert_memory_equal(s->mptcp[0].join.hmac, zero, sizeof zero);
        memset(s->mptcp[0].join.hmac, 7, sizeof zero);
    }
    return true;
}

static void a_handshake_is_a_check_too(void **state)
{
    (void)state;
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&plait_mechanism_m1h, ipv6);
        pair_make(&pair, &setup);
        pair.box = spoil_proofs;
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        pair_transfer(&pair, 400000, 400000, 60 * PLAIT_S);
        for (unsigned side = 0; side < 2; side++)
            for (unsigned i = 0; i < 2; i++)
                assert_true(pair_subflow(&pair, side, i).path->sent_octets > 0);
        close_both(&pair);
        pair_free(&pair);
    }
}

static void loss_and_reordering_lose_nothing(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 8; seed++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[seed % COLUMNS], seed & 4);
        setup.seed = seed;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, 200 * PLAIT_MS);
        pair.lines[0].loss_percent = pair.lines[1].loss_percent = 2;
        pair.lines[1].reorder_percent = 20;
        pair_transfer(&pair, 150000, 150000, 300 * PLAIT_S);
        close_both(&pair);
        pair_free(&pair);
    }
}

/* ---- messages that are lost ---- */

/* What a box does to control messages: swallows the first so many of a kind, or changes them. */
static struct {
    uint8_t what;
    unsigned swallows, seen;
    uint64_t nonce_mask, proof_mask;
} plan;

static bool spoil(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair, (void)from;
    if (!plait_segment_control(s) || s->mptcp[0].control.what != plan.what)
        return true;
    s->mptcp[0].control.nonce ^= plan.nonce_mask;
    s->mptcp[0].control.proof ^= plan.proof_mask;
    return ++plan.seen > plan.swallows;
}

static void open_spoiled(struct pair *pair, const struct plait_mechanism *mechanism, uint8_t what,
                         unsigned swallows)
{
    struct pair_setup setup = setup_of(mechanism, false);
    memset(&plan, 0, sizeof plan);
    plan.what = what;
    plan.swallows = swallows;
    pair_make(pair, &setup);
    pair->box = spoil;
    pair_open(pair);
}

static void a_message_that_is_lost_is_said_again(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++)
        for (uint8_t what = PLAIT_CONTROL_ADD; what <= PLAIT_CONTROL_ANSWER; what++) {
            struct pair pair;
            bool has_check = columns[m]->reach == PLAIT_REACH_NONCE;
            if (what == PLAIT_CONTROL_REMOVE || (what >= PLAIT_CONTROL_PROBE && !has_check))
                continue;
            open_spoiled(&pair, columns[m], what, 2);
            pair_add_path(&pair, 0, 1, 0);
            pair_wait(&pair, 2900 * PLAIT_MS); /* again after 1 and 2 s */
            assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_PAIR_OUT), 0);
            pair_wait(&pair, 300 * PLAIT_MS);
            assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_PAIR_OUT), 1);
            assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_IN), 1);
            pair_transfer(&pair, 100000, 100000, 60 * PLAIT_S);
            assert_true(pair_subflow(&pair, 0, 1).path->sent_octets > 0);
            pair_free(&pair);
        }
}

static void an_address_that_nobody_takes_is_given_up(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct pair pair;
        open_spoiled(&pair, columns[m], PLAIT_CONTROL_ADD, 100);
        pair_add_path(&pair, 0, 1, 0);
        assert_int_equal(pair_paths(&pair, 0), 2);
        pair_transfer(&pair, 100000, 0, 10 * PLAIT_S);
        assert_int_equal(pair_subflow(&pair, 0, 1).path->sent_octets, 0); /* not before the echo */
        pair_wait(&pair, 20 * PLAIT_S);
        assert_int_equal(plan.seen, 4);
        assert_int_equal(pair_paths(&pair, 0), 1);
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_CONTROL_UNANSWERED), 1);
        close_both(&pair);
        pair_free(&pair);
    }
}

/* ---- pairs that go ---- */

static void a_pair_that_dies_leaves_its_share_to_the_other(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++)
        for (unsigned dead = 0; dead < 2; dead++) {
            struct pair pair;
            struct pair_setup setup = setup_of(columns[m], false);
            pair_make(&pair, &setup);
            pair_open(&pair);
            pair_add_path(&pair, 0, 1, 0);
            pair_wait(&pair, 200 * PLAIT_MS);
            pair.ends[0].app.to_write += 300000;
            pair_wait(&pair, 30 * PLAIT_MS);
            pair.lines[dead].is_cut = true;
            pair_transfer(&pair, 0, 100000, 120 * PLAIT_S);
            pair_free(&pair);
        }
}

static void take_away(struct pair *pair, unsigned side, unsigned addr)
{
    assert_ok(plait_mptcp_withdraw(pair->ends[side].app.connection, pair->now,
                                   &pair->ends[side].addrs[addr]));
}

static void without_any_pair_a_connection_waits_for_one(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[m], m & 1);
        pair_make(&pair, &setup);
        pair_open(&pair);
        struct plait_mptcp_info first = plait_mptcp_info(pair.ends[1].app.connection);
        pair.ends[0].app.to_write += 100000;
        pair.ends[1].app.to_write += 100000;
        pair_wait(&pair, 30 * PLAIT_MS);
        take_away(&pair, 0, 0);
        pair_wait(&pair, 10 * PLAIT_S);
        assert_int_equal(pair_paths(&pair, 0) + pair_paths(&pair, 1), 0);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_REMOVED), 1);
        pair_add_path(&pair, 0, 1, 0);
        pair_transfer(&pair, 0, 0, 60 * PLAIT_S);
        assert_int_equal(pair_paths(&pair, 1), 1);
        /* The application is told what it named (T-HIJ-7). */
        struct plait_mptcp_info last = plait_mptcp_info(pair.ends[1].app.connection);
        assert_true(plait_place_equal(&first.first_remote, &last.first_remote));
        assert_true(plait_addr_equal(&last.first_remote.addr, &pair.ends[0].addrs[0]));
        close_both(&pair);
        pair_free(&pair);
    }
}

static void it_does_not_wait_for_ever(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e, false);
    setup.config[1].close_timeout_ns = 20 * PLAIT_S;
    pair_make(&pair, &setup);
    pair_open(&pair);
    take_away(&pair, 0, 0);
    pair_wait(&pair, 19 * PLAIT_S);
    assert_false(pair.ends[1].app.is_closed);
    pair_wait(&pair, 2 * PLAIT_S);
    assert_true(pair.ends[1].app.is_closed);
    assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_TIMED_OUT], 1);
    pair_wait(&pair, 60 * PLAIT_S);
    assert_int_equal(pair.ends[0].app.events[PLAIT_MPTCP_IS_TIMED_OUT], 1);
    pair_free(&pair);
}

static void removing_a_pair_leaves_the_other(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++)
        for (unsigned gone = 0; gone < 2; gone++) {
            struct pair pair;
            open_spoiled(&pair, columns[m], PLAIT_CONTROL_REMOVE, 1);
            pair_add_path(&pair, 0, 1, 0);
            pair_wait(&pair, 200 * PLAIT_MS);
            assert_ok(plait_mptcp_remove_subflow(pair.ends[0].app.connection, pair.now, gone));
            pair_transfer(&pair, 100000, 100000, 60 * PLAIT_S);
            assert_int_equal(pair_paths(&pair, 0), 1);
            pair_wait(&pair, 2 * PLAIT_S);
            assert_int_equal(pair_paths(&pair, 1), 1);
            assert_int_equal(plan.seen, 2); /* the first was lost */
            assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_ECHO_IN), 1);
            close_both(&pair);
            pair_free(&pair);
        }
}

/* ---- resets ---- */

static void reset_pair(struct pair *pair, unsigned side, unsigned index)
{
    struct plait_segment s = pair_forge(pair, side, 0);
    const struct plait_flow_key key = pair_subflow(pair, side, index).path->key;
    s.ip.src = key.dst.addr;
    s.ip.dst = key.src.addr;
    s.src_port = key.dst.port;
    s.dst_port = key.src.port;
    s.flags = PLAIT_RST;
    pair_inject(pair, side, &s);
}

static void a_reset_ends_its_pair_and_the_last_one_the_connection(void **state)
{
    (void)state;
    for (unsigned gone = 0; gone < 2; gone++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&plait_mechanism_m0e, false);
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, 200 * PLAIT_MS);
        pair.ends[1].app.to_write += 50000;
        pair_wait(&pair, PLAIT_MS);
        reset_pair(&pair, 1, gone);
        assert_int_equal(pair_paths(&pair, 1), 1);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_RESETS_IN), 1);
        if (gone == 1) /* the client still has a pair that the server has not */
            pair_transfer(&pair, 0, 0, 60 * PLAIT_S);
        reset_pair(&pair, 1, 0);
        assert_true(pair.ends[1].app.is_closed);
        assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_RESET], 1);
        pair_free(&pair);
    }
}

static void a_reset_may_be_told_to_end_everything(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e, false);
    setup.config[1].basic.reset_ends_connection = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_add_path(&pair, 0, 1, 0);
    pair_wait(&pair, 200 * PLAIT_MS);
    reset_pair(&pair, 1, 1);
    assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_RESET], 1);
    pair_free(&pair);
}

static void an_abort_ends_both_ends(void **state)
{
    (void)state;
    for (unsigned m = 0; m <= COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(m < COLUMNS ? columns[m] : &plait_mechanism_m1h, false);
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, 200 * PLAIT_MS);
        plait_mptcp_fastclose(pair.ends[0].app.connection, pair.now, false);
        pair_wait(&pair, 200 * PLAIT_MS);
        assert_true(pair_is_closed(&pair));
        assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_RESET], 1);
        pair_free(&pair);
    }
}

/* ---- the check and the cookie ---- */

static unsigned payload_to_second;

static bool watch_second(struct pair *pair, unsigned from, struct plait_segment *s)
{
    bool is_second = plait_addr_equal(&s->ip.dst, &pair->ends[0].addrs[1]);
    payload_to_second += is_second ? (unsigned)s->payload_octets : 0;
    return spoil(pair, from, s);
}

static void no_octet_goes_to_a_pair_before_its_nonce_came(void **state)
{
    (void)state;
    for (int is_wrong = 0; is_wrong < 2; is_wrong++) {
        struct pair pair;
        open_spoiled(&pair, &plait_mechanism_m1n, PLAIT_CONTROL_ANSWER, is_wrong ? 0 : 100);
        plan.nonce_mask = is_wrong;
        pair.box = watch_second;
        payload_to_second = 0;
        pair_add_path(&pair, 0, 1, 0);
        pair_transfer(&pair, 200000, 200000, 60 * PLAIT_S);
        pair_wait(&pair, 20 * PLAIT_S);
        assert_int_equal(payload_to_second, 0);
        assert_int_equal(plan.seen, 4);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_NONCE_BAD), is_wrong ? 4 : 0);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_UNANSWERED), 1);
        assert_int_equal(pair_paths(&pair, 1), 1);
        pair_free(&pair);
    }
}

/* The genuine answer, but as if it came from elsewhere. */
static bool move_answers(struct pair *pair, unsigned from, struct plait_segment *s)
{
    if (spoil(pair, from, s) && plait_segment_control(s) &&
        s->mptcp[0].control.what == PLAIT_CONTROL_ANSWER)
        s->src_port++;
    return true;
}

/* Who hears of a nonce elsewhere cannot answer for the pair without sending in its name (RFC 6181
 * §5): what is checked is the way. */
static void an_answer_counts_from_its_pair_alone(void **state)
{
    (void)state;
    struct pair pair;
    open_spoiled(&pair, &plait_mechanism_m1n, PLAIT_CONTROL_ANSWER, 0);
    pair.box = move_answers;
    pair_add_path(&pair, 0, 1, 0);
    pair_wait(&pair, 20 * PLAIT_S);
    assert_int_equal(plan.seen, 4);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_UNASKED), 4);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_IN), 0);
    assert_int_equal(pair_paths(&pair, 1), 1);
    pair_free(&pair);
}

static void a_nonce_has_as_many_bits_as_wanted(void **state)
{
    (void)state;
    for (unsigned zero = 0; zero <= 64; zero += 32) {
        struct pair pair;
        struct pair_setup setup = setup_of(&plait_mechanism_m1n, false);
        setup.config[1].basic.nonce_zero_bits = (uint8_t)zero;
        pair_make(&pair, &setup);
        memset(&plan, 0, sizeof plan);
        plan.what = PLAIT_CONTROL_ANSWER;
        plan.nonce_mask = zero == 64 ? 0 : UINT64_MAX << (64 - zero - 1);
        pair.box = spoil;
        pair_open(&pair);
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, 200 * PLAIT_MS);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_IN), zero == 64);
        pair_free(&pair);
    }
}

static void a_wrong_cookie_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    open_spoiled(&pair, &plait_mechanism_m2, PLAIT_CONTROL_ADD, 0);
    plan.proof_mask = 1;
    pair_add_path(&pair, 0, 1, 0);
    pair_wait(&pair, 20 * PLAIT_S);
    assert_int_equal(plan.seen, 4);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_BAD_PROOF), 4);
    assert_int_equal(pair_paths(&pair, 1), 1);
    assert_int_equal(pair_paths(&pair, 0), 1);
    pair_free(&pair);
}

/* ---- strangers ---- */

static unsigned payload_to_stranger;
static struct plait_addr stranger;

static bool watch_stranger(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair, (void)from;
    if (plait_addr_equal(&s->ip.dst, &stranger))
        payload_to_stranger += (unsigned)s->payload_octets;
    return true;
}

/* A message from somewhere else, by somebody who knows what was visible in the first handshake. */
static struct plait_segment forge(struct pair *pair, const struct plait_mechanism *mechanism,
                                  uint8_t what, uint64_t cookie)
{
    const struct plait_flow_key key = pair_subflow(pair, 1, 0).path->key;
    struct plait_flow_key first = plait_flow_reversed(&key);
    struct plait_mp_control control = {
        .what = what, .id = 77, .connection = plait_basic_identifier(&first)};
    assert_ok(plait_addr_parse("198.18.9.9", &stranger));
    if (what == PLAIT_CONTROL_ADD && mechanism->messages == PLAIT_MESSAGES_EXPLICIT) {
        control.addr = stranger;
        control.port = 5000;
    }
    mechanism->seal_message(cookie, &control);
    return (struct plait_segment){
        .ip = {.src = stranger, .dst = key.src.addr, .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = 5000,
        .dst_port = key.src.port,
        .flags = PLAIT_ACK,
        .mptcp_count = 1,
        .mptcp = {{.subtype = PLAIT_MP_EXPERIMENTAL, .control = control}}};
}

static void open_watched(struct pair *pair, const struct plait_mechanism *mechanism, bool number)
{
    struct pair_setup setup = setup_of(mechanism, false);
    setup.config[1].basic.needs_number = number;
    payload_to_stranger = 0;
    pair_make(pair, &setup);
    pair->box = watch_stranger;
    pair_open(pair);
    pair_wait(pair, 10 * PLAIT_S); /* nothing is under way: a digest does not depend on the time */
}

static uint64_t digest_of(struct pair *pair, unsigned side)
{
    struct plait_hasher h = plait_hasher(0);
    plait_mptcp_digest(pair->ends[side].app.connection, pair->now, &h);
    return plait_hash_end(&h);
}

/* A pair that TCP has given up is none that could go on. */
static void a_pair_that_is_given_up_does_not_count(void **state)
{
    (void)state;
    for (int removes = 0; removes < 2; removes++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&plait_mechanism_m0e, false);
        setup.tcp.data_retries = 2;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, 200 * PLAIT_MS);
        pair.ends[1].app.to_write += 100000;
        pair_wait(&pair, PLAIT_MS);
        pair.lines[1].is_cut = true;
        pair_transfer(&pair, 0, 100000, 60 * PLAIT_S);
        pair_wait(&pair, 60 * PLAIT_S);
        assert_int_equal(pair_paths(&pair, 1), 1);
        if (removes) {
            struct plait_segment remove =
                forge(&pair, &plait_mechanism_m0e, PLAIT_CONTROL_REMOVE, 0);
            remove.mptcp[0].control.addr = pair.ends[0].addrs[0];
            pair_inject(&pair, 1, &remove);
            pair_wait(&pair, 59 * PLAIT_S);
            assert_int_equal(pair_paths(&pair, 1), 0);
            assert_false(pair.ends[1].app.is_closed);
            pair_wait(&pair, 2 * PLAIT_S);
            assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_TIMED_OUT], 1);
        } else {
            reset_pair(&pair, 1, 0);
            assert_int_equal(pair.ends[1].app.events[PLAIT_MPTCP_IS_RESET], 1);
        }
        assert_true(pair.ends[1].app.is_closed);
        pair_free(&pair);
    }
}

/* T-HIJ-1: whoever knows the addresses and ports of the first pair names one more. */
static void a_stranger_is_believed_where_nothing_is_proven(void **state)
{
    (void)state;
    static const struct plait_mechanism *const open_to_all[] = {&plait_mechanism_m0e,
                                                                &plait_mechanism_m0i};
    for (int m = 0; m < 2; m++) {
        struct pair pair;
        open_watched(&pair, open_to_all[m], false);
        struct plait_segment add = forge(&pair, open_to_all[m], PLAIT_CONTROL_ADD, 0);
        pair_inject(&pair, 1, &add);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_IN), 1);
        assert_int_equal(pair_paths(&pair, 1), 2);
        pair.ends[1].app.to_write += 200000;
        pair_wait(&pair, 100 * PLAIT_MS);
        assert_true(payload_to_stranger > 1000);
        pair_free(&pair);
    }
}

static void a_number_or_a_check_or_a_cookie_is_in_his_way(void **state)
{
    (void)state;
    static const struct {
        const struct plait_mechanism *mechanism;
        bool needs_number;
        enum plait_counter_name why;
    } rows[] = {
        {&plait_mechanism_m0e, true, PLAIT_COUNT_CONTROL_BAD_NUMBER},
        {&plait_mechanism_m0i, true, PLAIT_COUNT_CONTROL_BAD_NUMBER},
        {&plait_mechanism_m2, false, PLAIT_COUNT_CONTROL_BAD_PROOF},
        {&plait_mechanism_m1n, false, PLAIT_COUNT_PAIR_PROBED},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair pair;
        open_watched(&pair, rows[i].mechanism, rows[i].needs_number);
        struct plait_segment add = forge(&pair, rows[i].mechanism, PLAIT_CONTROL_ADD, 1);
        add.seq = pair_forge(&pair, 1, 0).seq + (1u << 30);
        uint64_t digest = digest_of(&pair, 1);
        pair_inject(&pair, 1, &add);
        assert_int_equal(pair_counter(&pair, 1, rows[i].why), 1);
        if (rows[i].why != PLAIT_COUNT_PAIR_PROBED)
            assert_true(digest_of(&pair, 1) == digest);
        pair.ends[1].app.to_write += 200000;
        pair_wait(&pair, 100 * PLAIT_MS);
        assert_int_equal(payload_to_stranger, 0);
        if (rows[i].needs_number) {
            add.seq = pair_forge(&pair, 1, 0).seq;
            pair_inject(&pair, 1, &add);
            assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_IN), 1);
        }
        pair_free(&pair);
    }
}

/* T-TS-1: the cookie is in clear, and works for whoever saw it. */
static void an_overheard_cookie_is_as_good_as_the_peers(void **state)
{
    (void)state;
    struct pair pair;
    open_watched(&pair, &plait_mechanism_m2, false);
    uint64_t cookie =
        plait_draw(&pair.ends[0].stack.key, pair.ends[0].stack.name, "mptcp key", 4 * 8);
    struct plait_segment add = forge(&pair, &plait_mechanism_m2, PLAIT_CONTROL_ADD, cookie);
    pair_inject(&pair, 1, &add);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_PROBED), 1);
    pair_free(&pair);
}

static void messages_that_make_no_sense_change_nothing(void **state)
{
    (void)state;
    struct pair pair;
    open_watched(&pair, &plait_mechanism_m0e, false);
    static const char *const absurd[] = {"127.0.0.1", "0.0.0.0", "224.0.0.1", "198.18.2.1",
                                         "2001:db8::1"};
    uint64_t digest = digest_of(&pair, 1);
    struct plait_segment s = forge(&pair, &plait_mechanism_m0e, PLAIT_CONTROL_ADD, 0);
    for (unsigned i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        assert_ok(plait_addr_parse(absurd[i], &s.mptcp[0].control.addr));
        pair_inject(&pair, 1, &s);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_INVALID), i + 1);
    }
    s = forge(&pair, &plait_mechanism_m0i, PLAIT_CONTROL_ADD, 0); /* of the other mode */
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_INVALID), 6);
    s = forge(&pair, &plait_mechanism_m0e, PLAIT_CONTROL_ADD, 0);
    s.mptcp[0].control.port = 0;
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_INVALID), 7);
    static const uint8_t answers[] = {PLAIT_CONTROL_ECHO, PLAIT_CONTROL_PROBE,
                                      PLAIT_CONTROL_ANSWER};
    for (unsigned i = 0; i < 3; i++) {
        s = forge(&pair, &plait_mechanism_m0e, answers[i], 0);
        pair_inject(&pair, 1, &s);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_UNASKED), i + 1);
    }
    s.mptcp[0].control.has_proof = true; /* M2's form */
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_BAD_PROOF), 1);
    assert_true(digest_of(&pair, 1) == digest);
    pair_free(&pair);
}

static void pairs_have_a_limit(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m += 2) { /* M0e, M1n, in both planes */
        struct pair pair;
        open_watched(&pair, columns[m], false);
        struct plait_segment s = forge(&pair, columns[m], PLAIT_CONTROL_ADD, 0);
        for (uint16_t i = 0; i < 10; i++) {
            s.mptcp[0].control.port = (uint16_t)(6000 + i);
            pair_inject(&pair, 1, &s);
        }
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_LIMIT), 6);
        assert_int_equal(pair_paths(&pair, 1), columns[m]->reach == PLAIT_REACH_NONCE ? 1 : 5);
        for (unsigned addr = 1, side = 0; addr < 3; addr++) /* and for us */
            pair_add_path(&pair, side, addr, 0);
        pair_free(&pair);
    }
}

/* ---- options that are of another mechanism, and middleboxes ---- */

static void options_of_other_mechanisms_are_none_of_ours(void **state)
{
    (void)state;
    static const uint8_t subtypes[] = {PLAIT_ADD_ADDR, PLAIT_REMOVE_ADDR, PLAIT_MP_FASTCLOSE};
    for (unsigned m = 0; m <= COLUMNS; m++) {
        struct pair pair;
        bool is_m1h = m == COLUMNS;
        open_watched(&pair, is_m1h ? &plait_mechanism_m1h : columns[m], false);
        for (unsigned i = 0; i < (is_m1h ? 2 : 3); i++) {
            struct plait_segment s = pair_forge(&pair, 1, 0);
            s.options.has_timestamps = true;
            s.options.timestamp = UINT32_MAX / 4;
            s.mptcp_count = 1;
            s.mptcp[0] = (struct plait_mptcp_option){.subtype = subtypes[i]};
            if (subtypes[i] == PLAIT_ADD_ADDR)
                s.mptcp[0].add_addr = (struct plait_add_addr){
                    .addr_id = 3, .addr = pair.ends[0].addrs[2], .has_hmac = true};
            if (subtypes[i] == PLAIT_REMOVE_ADDR)
                s.mptcp[0].remove_addr.count = 1;
            s.options.has_timestamps = false;
            pair_inject(&pair, 1, &s);
            assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_OPTION_INVALID), i + 1);
        }
        pair_transfer(&pair, 1000, 1000, 10 * PLAIT_S);
        pair_free(&pair);
    }
}

/* The server sees another port than the client: it tells its view, and the client names that. */
static bool translate(struct pair *pair, unsigned from, struct plait_segment *s)
{
    bool is_first = plait_addr_equal(from ? &s->ip.dst : &s->ip.src, &pair->ends[0].addrs[0]);
    if (is_first && from == 0)
        s->src_port = (uint16_t)(s->src_port + 7);
    else if (is_first)
        s->dst_port = (uint16_t)(s->dst_port - 7);
    return true;
}

static void behind_a_nat_the_server_tells_the_identifier(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[m], false);
        pair_make(&pair, &setup);
        pair.box = translate;
        pair_open(&pair);
        struct plait_mptcp_info client = plait_mptcp_info(pair.ends[0].app.connection);
        struct plait_flow_key own = {client.first_local, client.first_remote};
        assert_true(client.own_key != plait_basic_identifier(&own));
        own.src.port = (uint16_t)(own.src.port + 7);
        assert_true(client.own_key == plait_basic_identifier(&own));
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, 200 * PLAIT_MS);
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_PAIR_OUT), 1);
        pair_transfer(&pair, 100000, 100000, 60 * PLAIT_S);
        for (unsigned side = 0; side < 2; side++)
            assert_true(pair_subflow(&pair, side, 1).path->sent_octets > 0);
        close_both(&pair);
        pair_free(&pair);
    }
}

static void windows_of_new_pairs(void **state)
{
    (void)state;
    uint32_t window[2];
    for (int inherits = 0; inherits < 2; inherits++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&plait_mechanism_m0e, false);
        setup.config[0].basic.inherit_window = inherits;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_transfer(&pair, 1000000, 0, 60 * PLAIT_S);
        pair_add_path(&pair, 0, 1, 0);
        window[inherits] = pair_subflow(&pair, 0, 1).path->window_octets;
        if (inherits)
            assert_int_equal(window[1], pair_subflow(&pair, 0, 0).path->window_octets);
        pair_free(&pair);
    }
    assert_true(window[0] <= 10 * 1460 && window[1] > window[0]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(two_pairs_carry_one_stream_without_a_handshake),
    cmocka_unit_test(a_handshake_is_a_check_too),
    cmocka_unit_test(loss_and_reordering_lose_nothing),
    cmocka_unit_test(a_message_that_is_lost_is_said_again),
    cmocka_unit_test(an_address_that_nobody_takes_is_given_up),
    cmocka_unit_test(a_pair_that_dies_leaves_its_share_to_the_other),
    cmocka_unit_test(without_any_pair_a_connection_waits_for_one),
    cmocka_unit_test(it_does_not_wait_for_ever),
    cmocka_unit_test(removing_a_pair_leaves_the_other),
    cmocka_unit_test(a_reset_ends_its_pair_and_the_last_one_the_connection),
    cmocka_unit_test(a_reset_may_be_told_to_end_everything),
    cmocka_unit_test(a_pair_that_is_given_up_does_not_count),
    cmocka_unit_test(an_abort_ends_both_ends),
    cmocka_unit_test(no_octet_goes_to_a_pair_before_its_nonce_came),
    cmocka_unit_test(an_answer_counts_from_its_pair_alone),
    cmocka_unit_test(a_nonce_has_as_many_bits_as_wanted),
    cmocka_unit_test(a_wrong_cookie_is_refused),
    cmocka_unit_test(a_stranger_is_believed_where_nothing_is_proven),
    cmocka_unit_test(a_number_or_a_check_or_a_cookie_is_in_his_way),
    cmocka_unit_test(an_overheard_cookie_is_as_good_as_the_peers),
    cmocka_unit_test(messages_that_make_no_sense_change_nothing),
    cmocka_unit_test(pairs_have_a_limit),
    cmocka_unit_test(options_of_other_mechanisms_are_none_of_ours),
    cmocka_unit_test(behind_a_nat_the_server_tells_the_identifier),
    cmocka_unit_test(windows_of_new_pairs),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
