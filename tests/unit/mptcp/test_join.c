/* Further subflows: N07, N12, N14, N16 to N19, N45, and the vectors of a public capture. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"
#include "tests/unit/hex.h"
#include "tests/unit/mptcp/pair.h"

static struct pair_setup standard(void)
{
    struct pair_setup setup = {.addrs = {4, 2}, .seed = 9};
    for (unsigned side = 0; side < 2; side++)
        setup.config[side].subflows_limit = 3;
    return setup;
}

static plait_result add(struct pair *pair, unsigned side, unsigned from, unsigned to)
{
    struct plait_place local = pair_place(pair, side, from, 0),
                       remote = pair_place(pair, !side, to, 0);
    return plait_mptcp_add_subflow(pair->ends[side].app.connection, pair->now, &local, &remote,
                                   false);
}

/* ---- opening ---- */

static void n12_no_subflow_is_opened_before_a_dss(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_dial(&pair);
    assert_true(pair_run(&pair, PLAIT_S, pair_is_established));
    assert_reason(add(&pair, 0, 1, 0), NOT_FOUND);
    pair_transfer(&pair, 10, 10, PLAIT_S);
    assert_ok(add(&pair, 0, 1, 0));
    pair_wait(&pair, 300 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    pair_free(&pair);
}

static void n07_nothing_is_opened_to_a_place_that_forbids_it(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[1].no_joins_to_first = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    assert_reason(add(&pair, 0, 1, 0), NOT_FOUND);
    assert_ok(add(&pair, 0, 1, 1)); /* another address of the same host */
    struct plait_place local = pair_place(&pair, 0, 1, 0), port = pair_place(&pair, 1, 0, 8080);
    assert_ok(plait_mptcp_add_subflow(pair.ends[0].app.connection, pair.now, &local, &port, false));
    pair_wait(&pair, 300 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 1), 3); /* C speaks of address and port */
    pair_free(&pair);
}

static void n07_nor_to_a_client_that_forbids_it(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[0].no_joins_to_first = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    assert_reason(add(&pair, 1, 1, 0), NOT_FOUND);
    assert_ok(add(&pair, 0, 1, 0)); /* it forbids nothing to itself */
    pair_wait(&pair, 300 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    pair_free(&pair);
}

static void n14_identifiers_are_kept_for_both_sides(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair_join(&pair, 2, 1);
    for (unsigned i = 0; i < 3; i++) {
        struct plait_subflow_info here = pair_subflow(&pair, 0, i),
                                  there = pair_subflow(&pair, 1, i);
        assert_int_equal(here.local_id, there.remote_id);
        assert_int_equal(here.remote_id, there.local_id);
        assert_int_equal(here.local_id, i);
        assert_true(here.is_authenticated && there.is_authenticated);
        assert_int_equal(here.initiated_here, 1);
        assert_int_equal(there.initiated_here, 0);
    }
    struct plait_mptcp *server = pair.ends[1].app.connection;
    const struct plait_address *known = plait_address_book_find(&server->peer_addrs, 2);
    assert_non_null(known);
    assert_true(plait_addr_equal(&known->place.addr, &pair.ends[0].addrs[2]));
    struct plait_mptcp *client = pair.ends[0].app.connection;
    known = plait_address_book_find(&client->peer_addrs, 1);
    assert_non_null(known);
    assert_true(plait_addr_equal(&known->place.addr, &pair.ends[1].addrs[1]));
    pair_free(&pair);
}

static void a_server_may_join_too(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_place local = pair_place(&pair, 1, 1, 0), remote = pair_place(&pair, 0, 1, PORT);
    assert_ok(
        plait_mptcp_add_subflow(pair.ends[1].app.connection, pair.now, &local, &remote, false));
    pair_wait(&pair, 300 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 0), 2);
    assert_true(pair_subflow(&pair, 1, 1).initiated_here);
    pair_transfer(&pair, 100000, 100000, 20 * PLAIT_S);
    pair_free(&pair);
}

static void n19_a_join_is_found_by_its_token_whatever_the_port(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_place local = pair_place(&pair, 0, 1, 0), remote = pair_place(&pair, 1, 0, 8080);
    assert_ok(
        plait_mptcp_add_subflow(pair.ends[0].app.connection, pair.now, &local, &remote, false));
    pair_wait(&pair, 300 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    pair_free(&pair);
}

/* ---- what passes by ---- */

static enum {
    NOTHING,
    NO_SYN_ACK_JOIN,
    NO_ACK_JOIN,
    BAD_SYN_ACK,
    BAD_ACK,
    WRONG_FORM,
    LOSE_ACK,
    LOSE_FOURTH,
    OTHER_TOKEN
} what;
static unsigned done, data_while_proving, proofs, client_resets;
static unsigned bad_octet; /* of the HMAC */
static bool is_proven;

static bool middle(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    struct plait_mptcp_option *o = s->mptcp_count ? &s->mptcp[0] : NULL;
    bool is_join = o && o->subtype == PLAIT_MP_JOIN;
    bool is_second = s->src_port == 40001 || s->dst_port == 40001;
    if (is_second && from == 1 && !(s->flags & PLAIT_SYN))
        is_proven = true;
    client_resets += is_second && from == 0 && (s->flags & PLAIT_RST);
    proofs += is_join && o->join.form == PLAIT_JOIN_ACK;
    if (is_second && from == 0 && !is_proven)
        data_while_proving += s->payload_octets > 0;
    if (what == LOSE_FOURTH && is_second && from == 1 && !(s->flags & PLAIT_SYN) && done < 2) {
        done++;
        is_proven = false;
        return false;
    }
    if (!is_join)
        return true;
    enum plait_join_form form = o->join.form;
    if ((what == NO_SYN_ACK_JOIN && form == PLAIT_JOIN_SYN_ACK) ||
        (what == NO_ACK_JOIN && form == PLAIT_JOIN_ACK)) {
        s->mptcp_count = 0;
    } else if ((what == BAD_SYN_ACK && form == PLAIT_JOIN_SYN_ACK) ||
               (what == BAD_ACK && form == PLAIT_JOIN_ACK)) {
        o->join.hmac[bad_octet] ^= 1;
    } else if (what == WRONG_FORM && form == PLAIT_JOIN_SYN_ACK) {
        o->join.form = PLAIT_JOIN_SYN;
    } else if (what == LOSE_ACK && form == PLAIT_JOIN_ACK && done < 2) {
        done++;
        return false;
    } else if (what == OTHER_TOKEN && form == PLAIT_JOIN_SYN) {
        o->join.token ^= 1;
    }
    return true;
}

static void try_join(struct pair *pair, int with)
{
    struct pair_setup setup = standard();
    what = with;
    done = data_while_proving = proofs = client_resets = 0;
    is_proven = false;
    pair_make(pair, &setup);
    pair_open(pair);
    pair->box = middle;
    assert_ok(add(pair, 0, 1, 0));
    pair_wait(pair, 10 * PLAIT_S);
}

static void assert_lives(struct pair *pair, unsigned subflows)
{
    assert_int_equal(pair_subflows(pair, 0), subflows);
    assert_int_equal(pair_subflows(pair, 1), subflows);
    pair_transfer(pair, 50000, 50000, 20 * PLAIT_S);
    pair_free(pair);
}

static void n16_an_unknown_token_is_reset_with_a_reason(void **state)
{
    struct pair pair;
    (void)state;
    try_join(&pair, OTHER_TOKEN);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_JOIN_NO_TOKEN), 1);
    assert_int_equal(pair.ends[1].last_reset_reason, PLAIT_RESET_MPTCP);
    assert_lives(&pair, 1);
}

static void n16_a_host_that_forbids_joins_resets_them(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[1].forbid_joins = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    assert_ok(add(&pair, 0, 1, 0));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair.ends[1].last_reset_reason, PLAIT_RESET_PROHIBITED);
    assert_lives(&pair, 1);
}

static void n17_a_syn_ack_without_mp_join_is_reset(void **state)
{
    struct pair pair;
    (void)state;
    try_join(&pair, NO_SYN_ACK_JOIN);
    assert_true(client_resets > 0 && proofs == 0);
    assert_lives(&pair, 1);
    try_join(&pair, WRONG_FORM); /* nothing of it is read */
    assert_true(client_resets > 0 && proofs == 0);
    assert_lives(&pair, 1);
}

static unsigned join_syns;

static bool strip_joins(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    bool is_join = plait_segment_option(s, PLAIT_MP_JOIN) != NULL;
    join_syns += is_join && from == 0;
    if (is_join)
        s->mptcp_count = 0;
    return true;
}

/* A middlebox takes the option away each time: one attempt is enough (RFC 8684 §3.4.1). */
static void n17_n32_a_place_that_knows_no_mp_join_is_tried_once(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    join_syns = 0;
    setup.addrs[0] = 2;
    setup.config[0].path_manager = &plait_pm_full_mesh;
    pair_make(&pair, &setup);
    pair.box = strip_joins;
    pair_open(&pair);
    pair_transfer(&pair, 50000, 50000, 10 * PLAIT_S);
    assert_int_equal(join_syns, 1);
    pair_free(&pair);
}

static void n17_an_ack_without_mp_join_is_reset(void **state)
{
    struct pair pair;
    (void)state;
    try_join(&pair, NO_ACK_JOIN);
    assert_int_equal(pair.ends[1].last_reset_reason, PLAIT_RESET_MPTCP);
    assert_lives(&pair, 1);
}

static void n17_a_wrong_hmac_is_reset_on_either_side(void **state)
{
    struct pair pair;
    (void)state;
    for (bad_octet = 0; bad_octet < 8; bad_octet += 7) {
        try_join(&pair, BAD_SYN_ACK);
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_JOIN_BAD_HMAC), 1);
        assert_true(client_resets > 0 && proofs == 0);
        assert_lives(&pair, 1);
    }
    for (bad_octet = 0; bad_octet < 20; bad_octet += 19) { /* all of it counts */
        try_join(&pair, BAD_ACK);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_JOIN_BAD_HMAC), 1);
        assert_int_equal(pair.ends[1].last_reset_reason, PLAIT_RESET_MPTCP);
        assert_lives(&pair, 1);
    }
}

static void n18_the_third_ack_is_sent_until_it_is_answered(void **state)
{
    struct pair pair;
    (void)state;
    try_join(&pair, NOTHING);
    assert_int_equal(proofs, 1); /* the fourth segment came by itself */
    assert_lives(&pair, 2);
    try_join(&pair, LOSE_ACK);
    assert_int_equal(done, 2);
    assert_int_equal(proofs, 3);
    assert_lives(&pair, 2);
    try_join(&pair, LOSE_FOURTH);
    assert_int_equal(done, 2);
    assert_int_equal(proofs, 3);
    assert_lives(&pair, 2);
}

static void n18_no_data_before_the_fourth_segment(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    what = LOSE_FOURTH;
    done = data_while_proving = 0;
    is_proven = false;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = middle;
    assert_ok(add(&pair, 0, 1, 0));
    pair_transfer(&pair, 3000000, 0, 60 * PLAIT_S); /* more than the first path's window */
    assert_false(is_proven);
    assert_int_equal(data_while_proving, 0);
    pair_wait(&pair, 5 * PLAIT_S);
    pair_transfer(&pair, 3000000, 0, 60 * PLAIT_S);
    assert_true(plait_flow_first_path(pair_subflow(&pair, 0, 1).flow)->sent_octets > 0);
    assert_lives(&pair, 2);
}

static void a_join_that_is_never_answered_gives_up(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.lines[1].is_cut = true;
    assert_ok(add(&pair, 0, 1, 0));
    pair_wait(&pair, 300 * PLAIT_S);
    assert_lives(&pair, 1);
}

/* ---- limits ---- */

static void n45_subflows_have_a_limit_on_either_side(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[1].subflows_limit = 1;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    assert_ok(add(&pair, 0, 2, 0));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_JOIN_LIMIT), 1);
    assert_int_equal(pair.ends[1].last_reset_reason, PLAIT_RESET_NO_RESOURCES);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    assert_ok(add(&pair, 0, 2, 0));
    assert_ok(add(&pair, 0, 3, 0));
    assert_reason(add(&pair, 0, 3, 1), TOO_MANY);
    pair_wait(&pair, PLAIT_S);
    assert_lives(&pair, 2);
}

static void n45_of_joins_at_once_those_above_the_limit_are_refused(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[1].subflows_limit = 1;
    pair_make(&pair, &setup);
    pair_open(&pair);
    assert_ok(add(&pair, 0, 1, 0)); /* both are half-open before either is a subflow */
    assert_ok(add(&pair, 0, 2, 0));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_JOIN_LIMIT), 1);
    assert_int_equal(pair.ends[1].last_reset_reason, PLAIT_RESET_NO_RESOURCES);
    assert_lives(&pair, 2);
}

static struct plait_mptcp *the_server(void *machine, uint32_t token)
{
    (void)token;
    return machine;
}

/* What the server says to a SYN with its token. */
static plait_result ask_to_join(struct pair *pair, uint32_t nonce, struct plait_hello *hello,
                                uint8_t *reason)
{
    struct plait_mptcp *server = pair->ends[1].app.connection;
    struct plait_segment syn = {.flags = PLAIT_SYN, .mptcp_count = 1};
    syn.ip.dst = pair->ends[1].addrs[0];
    syn.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN,
                                               .join = {.form = PLAIT_JOIN_SYN,
                                                        .token = plait_mptcp_info(server).own_token,
                                                        .nonce = nonce}};
    struct plait_hello_draws draws = {.nonce = nonce};
    *reason = 0xff;
    return plait_mptcp_hello(&pair->ends[1].stack, &pair->ends[1].config, &syn, &draws, the_server,
                             server, hello, reason);
}

/* The token may be found still, where something else of the connection has yet to end. */
static void n16_a_connection_that_fell_back_takes_no_join(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    struct plait_hello hello;
    uint8_t reason;
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_segment s = pair_forge(&pair, 1, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_FAIL};
    pair_inject(&pair, 1, &s);
    assert_true(plait_mptcp_info(pair.ends[1].app.connection).is_fallen_back);
    assert_reason(ask_to_join(&pair, 1, &hello, &reason), NOT_FOUND);
    assert_int_equal(reason, PLAIT_RESET_MPTCP);
    pair_free(&pair);
}

static void n45_above_the_limit_nothing_is_half_open(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    struct plait_hello hello;
    uint8_t reason;
    (void)state;
    setup.config[1].subflows_limit = 1;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    assert_reason(ask_to_join(&pair, 1, &hello, &reason), TOO_MANY);
    assert_int_equal(reason, PLAIT_RESET_NO_RESOURCES);
    assert_int_equal(pair.ends[1].app.connection->half_open_joins, 0);
    pair_free(&pair);
}

static void n45_half_open_joins_have_a_limit(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[1].half_open_joins_limit = 3;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp *server = pair.ends[1].app.connection;
    struct plait_hello hellos[4];
    for (unsigned i = 0; i < 4; i++) {
        uint8_t reason;
        plait_result result = ask_to_join(&pair, i, &hellos[i], &reason);
        if (i < 3)
            assert_ok(result);
        else
            assert_reason(result, TOO_MANY);
    }
    plait_mptcp_hello_forget(&hellos[0]);
    assert_int_equal(server->half_open_joins, 2);
    pair_free(&pair);
}

/* ---- vectors: v0 and v1 joins of captures (threats.md §7.3) ---- */

static void joins_of_captures(void **state)
{
    static const struct {
        const struct plait_mechanism *mechanism;
        uint64_t server_key, client_key;
        uint32_t server_nonce, client_nonce;
        uint8_t server_id;
        const char *syn_ack, *ack;
    } cases[] = {
        {&plait_mechanism_v0, 0x967d2770b6960552, 0x9c9eabd1e46a33b2, 0x33abe9d5, 0x1b665a18, 1,
         "1e101001 5ab680c7884af03d 33abe9d5", "1e181000 cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a"},
        {&plait_mechanism_v1, 0xd16b2cc2ae16ed03, 0xb0ce7ad92707a563, 0xb18a3ccf, 0xbb293ef9, 3,
         "1e101003 0b9a4c856b436166 b18a3ccf", "1e181000 305840936850bf399c35e154ae0e608457a8946b"},
    };
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct plait_hello hello = {.kind = PLAIT_HELLO_JOIN,
                                    .mechanism = cases[i].mechanism,
                                    .own_key = cases[i].server_key,
                                    .peer_key = cases[i].client_key,
                                    .own_nonce = cases[i].server_nonce,
                                    .peer_nonce = cases[i].client_nonce,
                                    .local_id = cases[i].server_id};
        struct plait_mptcp_option o, parsed;
        uint8_t expected[40], written[40], reason;
        size_t length = hex(cases[i].syn_ack, expected, sizeof expected);
        assert_int_equal(plait_mptcp_hello_options(&hello, &o), 1);
        struct plait_writer w = plait_writer(written, sizeof written);
        plait_mptcp_write(&w, &o);
        assert_int_equal(plait_writer_used(&w), length);
        assert_memory_equal(written, expected, length);
        length = hex(cases[i].ack, expected, sizeof expected);
        assert_ok(plait_mptcp_parse(expected, length, &parsed));
        struct plait_segment ack = {.flags = PLAIT_ACK, .mptcp_count = 1};
        ack.mptcp[0] = parsed;
        struct plait_stack stack = {0};
        assert_ok(plait_mptcp_hello_completed(&stack, &hello, &ack, &reason));
        /* The client's side of the same capture. */
        struct plait_mptcp c = {.mechanism = cases[i].mechanism,
                                .own_key = cases[i].client_key,
                                .peer_key = cases[i].server_key};
        struct plait_subflow sub = {.connection = &c,
                                    .own_nonce = cases[i].client_nonce,
                                    .peer_nonce = cases[i].server_nonce};
        plait_join_third_ack(&sub, &o);
        assert_memory_equal(o.join.hmac, parsed.join.hmac, sizeof o.join.hmac);
    }
}

static void the_nonce_is_never_the_same(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair_join(&pair, 2, 0);
    const struct plait_subflow *first = pair.ends[0].app.connection->subflows->next;
    assert_true(first->own_nonce != first->next->own_nonce);
    assert_true(first->peer_nonce != first->next->peer_nonce);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(n12_no_subflow_is_opened_before_a_dss),
    cmocka_unit_test(n07_nothing_is_opened_to_a_place_that_forbids_it),
    cmocka_unit_test(n07_nor_to_a_client_that_forbids_it),
    cmocka_unit_test(n14_identifiers_are_kept_for_both_sides),
    cmocka_unit_test(a_server_may_join_too),
    cmocka_unit_test(n19_a_join_is_found_by_its_token_whatever_the_port),
    cmocka_unit_test(n16_an_unknown_token_is_reset_with_a_reason),
    cmocka_unit_test(n16_a_host_that_forbids_joins_resets_them),
    cmocka_unit_test(n17_a_syn_ack_without_mp_join_is_reset),
    cmocka_unit_test(n17_n32_a_place_that_knows_no_mp_join_is_tried_once),
    cmocka_unit_test(n17_an_ack_without_mp_join_is_reset),
    cmocka_unit_test(n17_a_wrong_hmac_is_reset_on_either_side),
    cmocka_unit_test(n18_the_third_ack_is_sent_until_it_is_answered),
    cmocka_unit_test(n18_no_data_before_the_fourth_segment),
    cmocka_unit_test(a_join_that_is_never_answered_gives_up),
    cmocka_unit_test(n45_subflows_have_a_limit_on_either_side),
    cmocka_unit_test(n16_a_connection_that_fell_back_takes_no_join),
    cmocka_unit_test(n45_of_joins_at_once_those_above_the_limit_are_refused),
    cmocka_unit_test(n45_above_the_limit_nothing_is_half_open),
    cmocka_unit_test(n45_half_open_joins_have_a_limit),
    cmocka_unit_test(joins_of_captures),
    cmocka_unit_test(the_nonce_is_never_the_same),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
