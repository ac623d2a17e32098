/* Pairs that have TCP numbers of their own and no handshake (docs/mechanisms/basic.md, "mapped"):
 * how each end learns where the other begins, and what nobody can do who never saw a segment. */
#include "mechanism/basic.h"
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

static const struct plait_mechanism *const columns[] = {
    &plait_mechanism_m0e_mapped, &plait_mechanism_m0i_mapped, &plait_mechanism_m1n_mapped,
    &plait_mechanism_m2_mapped};
#define COLUMNS (sizeof columns / sizeof columns[0])

static struct pair_setup setup_of(const struct plait_mechanism *mechanism)
{
    struct pair_setup setup = {.addrs = {3, 2}, .seed = 9};
    for (unsigned side = 0; side < 2; side++)
        setup.config[side] =
            (struct plait_mptcp_config){.mechanisms = {mechanism}, .subflows_limit = 4};
    return setup;
}

/* ---- what goes by on the second pair, or is swallowed there ---- */

static struct {
    unsigned swallows; /* of each kind of message on it: bit */
    unsigned messages; /* likewise, seen */
    unsigned payload, without_ack;
    uint32_t isn[2]; /* by side, as PROBE or ANSWER told it */
    uint32_t first_seq[2];
    bool has_first[2];
} second;

static bool is_second(const struct pair *pair, const struct plait_segment *s)
{
    return plait_addr_equal(&s->ip.src, &pair->ends[0].addrs[1]) ||
           plait_addr_equal(&s->ip.dst, &pair->ends[0].addrs[1]);
}

static bool watch(struct pair *pair, unsigned from, struct plait_segment *s)
{
    const struct plait_mp_control *control = plait_segment_control(s);
    if (!is_second(pair, s))
        return true;
    if (control) {
        bool tells = control->what == PLAIT_CONTROL_PROBE || control->what == PLAIT_CONTROL_ANSWER;
        if (tells)
            second.isn[from] = s->seq;
        second.messages |= 1u << control->what;
        return !(second.swallows >> control->what & 1);
    }
    if (!(s->flags & PLAIT_ACK))
        second.without_ack++;
    second.payload += (unsigned)s->payload_octets;
    if (!second.has_first[from] && s->payload_octets)
        second.first_seq[from] = s->seq;
    second.has_first[from] |= s->payload_octets > 0;
    return true;
}

static void open_watched(struct pair *pair, const struct pair_setup *setup, unsigned swallows)
{
    memset(&second, 0, sizeof second);
    second.swallows = swallows;
    pair_make(pair, setup);
    pair->box = watch;
    pair_open(pair);
}

/* ---- numbers ---- */

static void each_pair_counts_from_a_number_that_only_it_has_carried(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[m]);
        open_watched(&pair, &setup, 0);
        pair_add_path(&pair, 0, 1, 0);
        pair_transfer(&pair, 200000, 200000, 60 * PLAIT_S);
        for (unsigned side = 0; side < 2; side++) {
            struct plait_flow *first = pair_subflow(&pair, side, 0).flow;
            struct plait_flow *flow = pair_subflow(&pair, side, 1).flow;
            assert_true(second.has_first[side]);
            assert_int_equal(second.first_seq[side], second.isn[side] + 1);
            assert_int_equal(plait_flow_isn(flow), second.isn[side]);
            assert_int_equal(plait_flow_peer_isn(flow), second.isn[!side]);
            assert_true(plait_flow_isn(flow) != plait_flow_isn(first));
            /* What the handshake settled holds for all pairs. */
            struct plait_flow_handshake a = plait_flow_terms(first), b = plait_flow_terms(flow);
            assert_int_equal(a.peer_mss, b.peer_mss);
            assert_int_equal(a.sack, b.sack);
            assert_int_equal(a.timestamps, b.timestamps);
            assert_int_equal(a.send_shift, b.send_shift);
        }
        pair_free(&pair);
    }
}

enum { PROBES = 1u << PLAIT_CONTROL_PROBE, ANSWERS = 1u << PLAIT_CONTROL_ANSWER };

/* M0e and M0i wait for nobody: data go at once, and whoever does not tell his numbers gets nothing
 * across and is given up. */
static void without_numbers_nothing_is_taken_but_data_go(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[m]);
        bool waits = columns[m]->reach == PLAIT_REACH_NONCE;
        open_watched(&pair, &setup, ANSWERS);
        pair_add_path(&pair, 0, 1, 0);
        pair.ends[1].app.to_write += 200000;
        pair_wait(&pair, 300 * PLAIT_MS);
        assert_int_equal(second.payload > 0, !waits);
        assert_int_equal(second.without_ack > 0, !waits);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_NO_NUMBERS) > 0, !waits);
        if (!waits) /* its ACKs came, and moved nothing */
            assert_int_equal(plait_flow_unacked(pair_subflow(&pair, 1, 1).flow), 1);
        pair_transfer(&pair, 0, 0, 60 * PLAIT_S);
        pair_wait(&pair, 20 * PLAIT_S);
        assert_int_equal(pair_paths(&pair, 1), 1);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CONTROL_UNANSWERED), 1);
        pair_free(&pair);
    }
}

static void a_pair_whose_numbers_never_come_is_given_up_by_who_offered_it(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e_mapped);
    open_watched(&pair, &setup, PROBES);
    pair_add_path(&pair, 0, 1, 0);
    pair_wait(&pair, 500 * PLAIT_MS);
    assert_true(pair_subflow(&pair, 0, 1).is_offered);
    pair_transfer(&pair, 200000, 0, 60 * PLAIT_S);
    assert_int_equal(pair_subflow(&pair, 0, 1).path->sent_octets, 0);
    pair_wait(&pair, 20 * PLAIT_S);
    for (unsigned side = 0; side < 2; side++)
        assert_int_equal(pair_paths(&pair, side), 1);
    pair_free(&pair);
}

static void both_ends_may_offer_one_pair(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[m]);
        open_watched(&pair, &setup, 0);
        struct plait_place at[2] = {pair_place(&pair, 0, 1, 7000), pair_place(&pair, 1, 1, 7001)};
        for (unsigned side = 0; side < 2; side++)
            assert_ok(plait_mptcp_add_subflow(pair.ends[side].app.connection, pair.now, &at[side],
                                              &at[!side], false));
        pair_wait(&pair, 2 * PLAIT_S);
        pair_transfer(&pair, 200000, 200000, 60 * PLAIT_S);
        for (unsigned side = 0; side < 2; side++) {
            assert_int_equal(pair_paths(&pair, side), 2);
            assert_true(pair_subflow(&pair, side, 1).path->sent_octets > 0);
        }
        pair_free(&pair);
    }
}

/* ---- by somebody who saw nothing (T-FLOOD-1, -3) ---- */

/* On the second pair, to the server, as from the client's end of it. */
static struct plait_segment as_target(struct pair *pair, uint8_t flags)
{
    const struct plait_flow_key key = pair_subflow(pair, 1, 1).path->key;
    return (struct plait_segment){
        .ip = {.src = key.dst.addr, .dst = key.src.addr, .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = key.dst.port,
        .dst_port = key.src.port,
        .flags = flags,
        .window = 1000};
}

static struct plait_flow *flood(struct pair *pair, const struct pair_setup *setup)
{
    open_watched(pair, setup, PROBES | ANSWERS);
    pair_add_path(pair, 0, 1, 0);
    pair->lines[1].is_cut = true; /* the target is silent */
    pair->ends[1].app.to_write += 200000;
    pair_wait(pair, 100 * PLAIT_MS);
    struct plait_flow *flow = pair_subflow(pair, 1, 1).flow;
    assert_true(plait_flow_next(flow) > 5000);
    return flow;
}

static struct plait_segment answer_of(struct pair *pair, uint32_t isn)
{
    struct plait_segment s = as_target(pair, PLAIT_ACK);
    struct plait_mp_control control = {.what = PLAIT_CONTROL_ANSWER,
                                       .id = 1,
                                       .connection =
                                           plait_mptcp_info(pair->ends[1].app.connection).own_key};
    s.seq = isn;
    s.mptcp_count = 1;
    s.mptcp[0] = plait_basic_message(&plait_mechanism_m0e_mapped, 0, &control);
    return s;
}

/* Where the numbers are shared, an ACK in the target's name is one of the connection's; here it
 * needs a number that went to the target alone. */
static void an_ack_in_the_targets_name_needs_what_only_the_target_saw(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e_mapped);
    struct plait_flow *flow = flood(&pair, &setup);
    struct plait_segment ack = as_target(&pair, PLAIT_ACK);
    ack.mptcp_count = 1;
    ack.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS, .dss = {.has_ack = true}};
    ack.seq = 4001;
    ack.ack = plait_flow_isn(flow) + 2001; /* even the right one, before he told a number */
    pair_inject(&pair, 1, &ack);
    assert_int_equal(plait_flow_unacked(flow), 1);
    struct plait_segment answer = answer_of(&pair, 4000); /* M0 asks nothing that he must know */
    pair_inject(&pair, 1, &answer);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PAIR_NUMBERED), 1);
    for (uint32_t i = 1; i < 1000; i++) {
        ack.ack = plait_flow_isn(flow) + i * 4000000;
        pair_inject(&pair, 1, &ack);
    }
    assert_int_equal(plait_flow_unacked(flow), 1);
    ack.ack = plait_flow_isn(flow) + 2001;
    pair_inject(&pair, 1, &ack);
    assert_int_equal(plait_flow_unacked(flow), 2001);
    pair_free(&pair);
}

/* The same attacker where all pairs share their numbers: whatever the connection sent last will do,
 * and he is a participant, who knows that. */
static void where_numbers_are_shared_his_own_will_do(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e);
    open_watched(&pair, &setup, 0);
    pair_add_path(&pair, 0, 1, 0);
    pair_wait(&pair, 100 * PLAIT_MS);
    pair.lines[0].is_cut = pair.lines[1].is_cut = true;
    pair.ends[1].app.to_write += 200000;
    pair_wait(&pair, 100 * PLAIT_MS);
    struct plait_flow *flow = pair_subflow(&pair, 1, 1).flow;
    uint64_t unacked = plait_flow_unacked(flow);
    struct plait_segment ack = as_target(&pair, PLAIT_ACK);
    ack.seq = pair_forge(&pair, 1, 0).seq;
    ack.ack = (uint32_t)plait_flow_next(flow) + plait_flow_isn(flow);
    pair_inject(&pair, 1, &ack);
    assert_true(plait_flow_unacked(flow) > unacked + 5000);
    pair_free(&pair);
}

/* The last number counts until something was taken under one. */
static void a_number_is_told_once_for_good(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e_mapped);
    struct plait_flow *flow = flood(&pair, &setup);
    assert_true(plait_flow_lacks_isn(flow));
    assert_true(plait_flow_learn_isn(flow, 70) && plait_flow_learn_isn(flow, 4000));
    assert_int_equal(plait_flow_peer_isn(flow), 4000);
    struct plait_segment ack = as_target(&pair, PLAIT_ACK);
    ack.mptcp_count = 1;
    ack.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS, .dss = {.has_ack = true}};
    ack.seq = 4001;
    ack.ack = plait_flow_isn(flow) + 2001;
    pair_inject(&pair, 1, &ack);
    assert_true(plait_flow_learn_isn(flow, 4000) && !plait_flow_learn_isn(flow, 70));
    assert_int_equal(plait_flow_peer_isn(flow), 4000);
    pair_free(&pair);
}

/* ---- resets ---- */

/* A target that is alive answers data without ACK flag as TCP does (RFC 9293 §3.10.7.1). */
static void a_reset_must_acknowledge_what_was_sent_to_a_pair_without_numbers(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = setup_of(&plait_mechanism_m0e_mapped);
    struct plait_flow *flow = flood(&pair, &setup);
    struct plait_segment reset = as_target(&pair, PLAIT_RST);
    pair_inject(&pair, 1, &reset); /* as if to an ACK of 0 */
    reset.flags |= PLAIT_ACK;
    for (unsigned i = 0; i < 2; i++) {
        reset.ack = plait_flow_isn(flow) + (i ? 1 : (uint32_t)plait_flow_next(flow) + 1);
        pair_inject(&pair, 1, &reset);
    }
    assert_int_equal(pair_paths(&pair, 1), 2);
    reset.ack = plait_flow_isn(flow) + 1449;
    pair_inject(&pair, 1, &reset);
    assert_int_equal(pair_paths(&pair, 1), 1);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_RESETS_IN), 1);
    pair_transfer(&pair, 0, 0, 60 * PLAIT_S);
    pair_free(&pair);
}

/* T-CAMP-1: who dials from an address that somebody else has named gets through. */
static void a_syn_goes_before_a_pair_without_numbers(void **state)
{
    (void)state;
    for (int numbered = 0; numbered < 2; numbered++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&plait_mechanism_m0e_mapped);
        (void)flood(&pair, &setup);
        struct plait_segment syn = as_target(&pair, PLAIT_SYN), answer = answer_of(&pair, 4000);
        if (numbered) /* then it is challenged, as on any flow (RFC 5961 §4) */
            pair_inject(&pair, 1, &answer);
        syn.seq = 99;
        pair_inject(&pair, 1, &syn);
        assert_int_equal(pair_paths(&pair, 1), 1 + numbered);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CHALLENGE_SYN), numbered);
        pair_free(&pair);
    }
}

/* ---- anything at all ---- */

static void random_option(struct dice *dice, struct plait_segment *s, uint64_t name)
{
    static const uint8_t subtypes[] = {PLAIT_DSS,          PLAIT_MP_CAPABLE, PLAIT_MP_JOIN,
                                       PLAIT_ADD_ADDR,     PLAIT_MP_PRIO,    PLAIT_MP_FAIL,
                                       PLAIT_MP_FASTCLOSE, PLAIT_MP_TCPRST,  PLAIT_MP_EXPERIMENTAL};
    struct plait_mptcp_option *o = &s->mptcp[s->mptcp_count++];
    *o = (struct plait_mptcp_option){.subtype = subtypes[throw_below(dice, 9)]};
    if (o->subtype == PLAIT_DSS)
        o->dss = (struct plait_dss){.has_ack = throw_below(dice, 2),
                                    .data_ack = (uint32_t)throw_below(dice, UINT32_MAX),
                                    .has_map = throw_below(dice, 2),
                                    .dsn = (uint32_t)throw_below(dice, UINT32_MAX),
                                    .ssn = (uint32_t)throw_below(dice, 3000),
                                    .data_fin = throw_below(dice, 8) == 0,
                                    .data_length = (uint16_t)throw_below(dice, 2000)};
    if (o->subtype == PLAIT_ADD_ADDR)
        o->add_addr = (struct plait_add_addr){.addr_id = 5, .addr = s->ip.src};
    if (o->subtype == PLAIT_MP_EXPERIMENTAL)
        o->control = (struct plait_mp_control){.what = (uint8_t)(1 + throw_below(dice, 5)),
                                               .id = (uint8_t)throw_below(dice, 4),
                                               .connection = name,
                                               .nonce = throw_below(dice, 2)};
}

/* On a pair of the victim's, near its numbers or anywhere. */
static struct plait_segment random_segment(struct pair *pair, unsigned side, struct dice *dice)
{
    static const uint8_t octets[100];
    unsigned count = pair_paths(pair, side);
    struct plait_segment s = pair_forge(pair, side, (unsigned)throw_below(dice, count));
    bool is_near = throw_below(dice, 4);
    s.seq += (uint32_t)throw_below(dice, is_near ? 3000 : UINT32_MAX) - 1000;
    s.ack += (uint32_t)throw_below(dice, is_near ? 3000 : UINT32_MAX) - 2000;
    s.flags = (uint8_t)throw_below(dice, 64);
    if (throw_below(dice, 16)) /* resets and FINs would end it soon */
        s.flags &= PLAIT_ACK | PLAIT_PSH;
    s.window = (uint16_t)throw_below(dice, UINT16_MAX);
    s.payload = octets;
    s.payload_octets = throw_below(dice, 2) ? throw_below(dice, sizeof octets) : 0;
    if (throw_below(dice, 3) && !(s.flags & PLAIT_SYN))
        random_option(dice, &s, plait_mptcp_info(pair->ends[side].app.connection).own_key);
    if (plait_segment_control(&s))
        s.payload_octets = 0;
    return s;
}

static void any_segment_on_a_pair_is_survived(void **state)
{
    (void)state;
    unsigned thrown = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct pair pair;
        struct dice some = dice(seed);
        struct pair_setup setup = setup_of(columns[seed % COLUMNS]);
        setup.seed = seed;
        setup.config[0].checksum = seed & 8;
        open_watched(&pair, &setup, seed & 16 ? PROBES : seed & 32 ? ANSWERS : 0);
        pair_add_path(&pair, 0, 1, 0);
        pair_wait(&pair, (plait_time_ns)throw_below(&some, 60) * PLAIT_MS);
        for (unsigned i = 0; i < 60; i++) {
            unsigned side = (unsigned)throw_below(&some, 2);
            pair.ends[!side].app.to_write += throw_below(&some, 3000);
            if (pair.ends[side].app.is_closed || pair_paths(&pair, side) == 0)
                break;
            struct plait_segment s = random_segment(&pair, side, &some);
            pair_inject(&pair, side, &s);
            thrown++;
        }
        pair_wait(&pair, PLAIT_S);
        pair_free(&pair); /* whatever became of it, nothing is kept */
    }
    assert_true(thrown > 2000);
}

/* ---- the cookie of a client whose third ACK is lost ---- */

static bool lose_third(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    bool is_capable = plait_segment_option(s, PLAIT_MP_CAPABLE) && !(s->flags & PLAIT_SYN);
    second.messages += is_capable && s->payload_octets > 0;
    return from || s->flags & PLAIT_SYN || s->payload_octets > 0;
}

/* Nothing of the client arrives but its data, before the server has spoken. */
static void data_bring_the_hello_along(void **state)
{
    (void)state;
    for (unsigned m = 0; m < 2 * COLUMNS; m++) {
        struct pair pair;
        struct pair_setup setup = setup_of(columns[m / 2]);
        setup.config[0].checksum = m & 1;
        memset(&second, 0, sizeof second);
        pair_make(&pair, &setup);
        pair.box = lose_third;
        pair_dial(&pair);
        pair.ends[0].app.to_write = 5000;
        assert_true(pair_run(&pair, pair.now + PLAIT_S, pair_is_established));
        assert_true(pair_run(&pair, pair.now + PLAIT_S, pair_is_transferred));
        assert_true(second.messages > 0);
        for (unsigned side = 0; side < 2; side++) {
            struct plait_mptcp *c = pair.ends[side].app.connection;
            assert_false(plait_mptcp_info(c).is_fallen_back);
            assert_true(c->peer_cookie == pair.ends[!side].app.connection->own_cookie ||
                        columns[m / 2] != &plait_mechanism_m2_mapped);
        }
        pair_free(&pair);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_pair_counts_from_a_number_that_only_it_has_carried),
    cmocka_unit_test(without_numbers_nothing_is_taken_but_data_go),
    cmocka_unit_test(a_pair_whose_numbers_never_come_is_given_up_by_who_offered_it),
    cmocka_unit_test(both_ends_may_offer_one_pair),
    cmocka_unit_test(an_ack_in_the_targets_name_needs_what_only_the_target_saw),
    cmocka_unit_test(where_numbers_are_shared_his_own_will_do),
    cmocka_unit_test(a_number_is_told_once_for_good),
    cmocka_unit_test(a_reset_must_acknowledge_what_was_sent_to_a_pair_without_numbers),
    cmocka_unit_test(a_syn_goes_before_a_pair_without_numbers),
    cmocka_unit_test(any_segment_on_a_pair_is_survived),
    cmocka_unit_test(data_bring_the_hello_along),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
