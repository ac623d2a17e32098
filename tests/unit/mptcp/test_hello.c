/* The first handshake: on values (mptcp/hello.c), and between two machines. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"
#include "tests/unit/hex.h"
#include "tests/unit/mptcp/pair.h"

static struct plait_mptcp_option parsed(const char *text)
{
    uint8_t octets[40];
    struct plait_mptcp_option o;
    size_t length = hex(text, octets, sizeof octets);
    (void)plait_mptcp_parse(octets, length, &o); /* raw ones are wanted too */
    return o;
}

static void assert_option(const struct plait_mptcp_option *o, const char *text)
{
    uint8_t expected[40], written[40];
    size_t length = hex(text, expected, sizeof expected);
    struct plait_writer w = plait_writer(written, sizeof written);
    plait_mptcp_write(&w, o);
    assert_int_equal(plait_writer_used(&w), length);
    assert_memory_equal(written, expected, length);
}

static struct plait_stack stack;

static struct plait_hello hello_of(const struct plait_mptcp_config *config, const char *a,
                                   const char *b, uint64_t key)
{
    struct plait_segment syn = {.flags = PLAIT_SYN, .mptcp_count = b ? 2 : a ? 1 : 0};
    struct plait_hello hello;
    struct plait_hello_draws draws = {.key = key, .nonce = 7};
    uint8_t reason = 0xff;
    if (a)
        syn.mptcp[0] = parsed(a);
    if (b)
        syn.mptcp[1] = parsed(b);
    memset(&stack.counters, 0, sizeof stack.counters);
    assert_ok(plait_mptcp_hello(&stack, config, &syn, &draws, NULL, NULL, &hello, &reason));
    return hello;
}

static const struct plait_mptcp_config only_v1 = {.mechanisms = {&plait_mechanism_v1}},
                                       only_v0 = {.mechanisms = {&plait_mechanism_v0}},
                                       both = {.mechanisms = {&plait_mechanism_v1,
                                                              &plait_mechanism_v0}};

static void assert_kind(const struct plait_hello *hello, enum plait_hello_kind kind)
{
    assert_int_equal(hello->kind, kind);
}

/* ---- the SYN ---- */

static void n04_a_higher_version_is_answered_with_ours(void **state)
{
    (void)state;
    struct plait_hello hello = hello_of(&only_v1, "1e040201", NULL, 1);
    struct plait_mptcp_option o;
    assert_kind(&hello, PLAIT_HELLO_CAPABLE);
    assert_int_equal(plait_mptcp_hello_options(&hello, &o), 1);
    assert_int_equal(o.capable.version, 1);
    hello = hello_of(&both, "1e0c0081 9c9eabd1e46a33b2", NULL, 1);
    assert_ptr_equal(hello.mechanism, &plait_mechanism_v0); /* never more than was asked */
    hello = hello_of(&only_v0, "1e040101", NULL, 1); /* v1 asks a host of v0: no key, no answer */
    assert_kind(&hello, PLAIT_HELLO_TCP);
    hello = hello_of(&only_v1, "1e0c0081 9c9eabd1e46a33b2", NULL, 1);
    assert_kind(&hello, PLAIT_HELLO_TCP);
}

static void n05_a_syn_with_b_is_plain_tcp(void **state)
{
    (void)state;
    struct plait_hello hello = hello_of(&only_v1, "1e040141", NULL, 1);
    assert_kind(&hello, PLAIT_HELLO_TCP);
    assert_int_equal(stack.counters.count[PLAIT_COUNT_OPTION_INVALID], 1);
}

static void n06_a_syn_without_algorithm_is_plain_tcp(void **state)
{
    (void)state;
    struct plait_hello hello = hello_of(&only_v1, "1e040100", NULL, 1);
    assert_kind(&hello, PLAIT_HELLO_TCP);
    hello = hello_of(&only_v1, "1e040102", NULL, 1); /* one that nobody knows */
    assert_kind(&hello, PLAIT_HELLO_TCP);
}

static void n08_either_sides_wish_for_checksums_binds(void **state)
{
    struct plait_mptcp_config asks = only_v1;
    (void)state;
    asks.checksum = true;
    struct plait_hello hello = hello_of(&only_v1, "1e040181", NULL, 1);
    assert_true(hello.checksum);
    hello = hello_of(&asks, "1e040101", NULL, 1);
    assert_true(hello.checksum);
    struct plait_mptcp_option o;
    plait_mptcp_hello_options(&hello, &o);
    assert_int_equal(o.capable.flags, 0x81);
    hello = hello_of(&only_v1, "1e040101", NULL, 1);
    assert_false(hello.checksum);
}

static void n09_the_answer_has_one_algorithm(void **state)
{
    (void)state;
    struct plait_hello hello = hello_of(&only_v1, "1e04011f", NULL, 1);
    struct plait_mptcp_option o;
    assert_kind(&hello, PLAIT_HELLO_CAPABLE);
    plait_mptcp_hello_options(&hello, &o);
    assert_int_equal(o.capable.flags & 0x1f, 0x01);
}

static void n10_a_syn_without_mptcp_is_answered_without(void **state)
{
    (void)state;
    struct plait_hello hello = hello_of(&only_v1, NULL, NULL, 1);
    struct plait_mptcp_option o;
    assert_kind(&hello, PLAIT_HELLO_TCP);
    assert_int_equal(plait_mptcp_hello_options(&hello, &o), 0);
}

static void exclusive_or_malformed_options_in_a_syn_are_plain_tcp(void **state)
{
    static const char *const pairs[][2] = {
        {"1e040101", "1e0c1000 e47f0142 1b665a18"}, /* MP_CAPABLE and MP_JOIN */
        {"1e0c1000 e47f0142 1b665a18", "1e040101"},
        {"1e040101", "1e040101"},
        {"1e0c0101 0000000000000001", NULL}, /* the form of a SYN/ACK */
        {"1e101001 5ab680c7884af03d 33abe9d5", NULL},
        {"1e030100", NULL}, /* raw: bad length */
        {"1e049000", NULL}, /* unknown subtype */
    };
    (void)state;
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct plait_hello hello = hello_of(&only_v1, pairs[i][0], pairs[i][1], 1);
        assert_kind(&hello, PLAIT_HELLO_TCP);
    }
}

/* ---- vectors (threats.md §7.3: captures) ---- */

static void n13_a_v0_handshake_of_a_capture(void **state)
{
    (void)state;
    struct plait_hello hello =
        hello_of(&both, "1e0c0081 9c9eabd1e46a33b2", NULL, 0x967d2770b6960552);
    struct plait_mptcp_option o;
    plait_mptcp_hello_options(&hello, &o);
    assert_option(&o, "1e0c0081 967d2770b6960552");
    struct plait_segment ack = {.flags = PLAIT_ACK, .mptcp_count = 1};
    ack.mptcp[0] = parsed("1e140081 9c9eabd1e46a33b2 967d2770b6960552");
    uint8_t reason;
    assert_ok(plait_mptcp_hello_completed(&stack, &hello, &ack, &reason));
    assert_kind(&hello, PLAIT_HELLO_CAPABLE);
    assert_true(hello.peer_key == 0x9c9eabd1e46a33b2);
    assert_int_equal(hello.mechanism->token(hello.own_key), 0xe47f0142);
    assert_true(hello.mechanism->idsn(hello.own_key) == 0xe47ef57dd1b9748f);
}

static void n13_a_v1_handshake_of_a_capture(void **state)
{
    (void)state;
    struct plait_hello hello = hello_of(&both, "1e040101", NULL, 0xccefd4eac187fafb);
    struct plait_mptcp_option o;
    plait_mptcp_hello_options(&hello, &o);
    assert_option(&o, "1e0c0101 ccefd4eac187fafb");
    struct plait_segment ack = {.flags = PLAIT_ACK, .mptcp_count = 1};
    ack.mptcp[0] = parsed("1e160101 23ae131cd5822cbe ccefd4eac187fafb 001c");
    uint8_t reason;
    assert_ok(plait_mptcp_hello_completed(&stack, &hello, &ack, &reason));
    assert_kind(&hello, PLAIT_HELLO_CAPABLE);
    assert_true(hello.peer_key == 0x23ae131cd5822cbe);
    assert_int_equal(hello.mechanism->token(hello.own_key), 0x50e5993c);
    assert_true(hello.mechanism->idsn(hello.own_key) == 0x61f333d3126a69f6);
    assert_true(hello.mechanism->idsn(hello.peer_key) == 0x581cca401ef44e90);
}

/* ---- the third ACK ---- */

static struct plait_hello after_ack(const struct plait_mptcp_config *config, const char *syn,
                                    const char *ack_option, plait_result *result)
{
    struct plait_hello hello = hello_of(config, syn, NULL, 0xccefd4eac187fafb);
    struct plait_segment ack = {.flags = PLAIT_ACK, .mptcp_count = ack_option ? 1 : 0};
    uint8_t reason;
    if (ack_option)
        ack.mptcp[0] = parsed(ack_option);
    *result = plait_mptcp_hello_completed(&stack, &hello, &ack, &reason);
    return hello;
}

static void n10_a_third_ack_without_mptcp_is_plain_tcp(void **state)
{
    plait_result result;
    (void)state;
    struct plait_hello hello = after_ack(&only_v1, "1e040101", NULL, &result);
    assert_ok(result);
    assert_kind(&hello, PLAIT_HELLO_TCP);
    assert_int_equal(stack.counters.count[PLAIT_COUNT_FALLBACK], 1);
}

static void a_dss_before_the_keys_waits_in_v1_and_suffices_in_v0(void **state)
{
    plait_result result;
    (void)state;
    struct plait_hello hello =
        after_ack(&only_v1, "1e040101", "1e0c2003 c8072fb90edab04e", &result);
    assert_reason(result, NOT_FOUND);
    assert_kind(&hello, PLAIT_HELLO_CAPABLE);
    hello = after_ack(&only_v0, "1e0c0001 9c9eabd1e46a33b2", "1e0c2003 c8072fb90edab04e", &result);
    assert_ok(result);
    assert_kind(&hello, PLAIT_HELLO_CAPABLE);
    assert_true(hello.peer_key == 0x9c9eabd1e46a33b2);
}

static void n11_keys_that_changed_on_the_way_are_plain_tcp(void **state)
{
    static const struct {
        const struct plait_mptcp_config *config;
        const char *syn, *ack;
    } cases[] = {
        /* our key comes back as another one */
        {&only_v1, "1e040101", "1e140101 23ae131cd5822cbe ccefd4eac187fafc"},
        /* the client's key is not the one of its SYN */
        {&only_v0, "1e0c0001 9c9eabd1e46a33b2", "1e140001 9c9eabd1e46a33b3 ccefd4eac187fafb"},
        /* A was not agreed, or B, or another algorithm, or another version */
        {&only_v1, "1e040101", "1e140181 23ae131cd5822cbe ccefd4eac187fafb"},
        {&only_v1, "1e040101", "1e140141 23ae131cd5822cbe ccefd4eac187fafb"},
        {&only_v1, "1e040101", "1e140103 23ae131cd5822cbe ccefd4eac187fafb"},
        {&only_v1, "1e040101", "1e140001 23ae131cd5822cbe ccefd4eac187fafb"},
        /* the form of a SYN/ACK */
        {&only_v1, "1e040101", "1e0c0101 23ae131cd5822cbe"},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        plait_result result;
        struct plait_hello hello = after_ack(cases[i].config, cases[i].syn, cases[i].ack, &result);
        assert_ok(result);
        assert_kind(&hello, PLAIT_HELLO_TCP);
    }
}

/* ---- between two machines ---- */

static struct pair_setup setup_of(const struct plait_mptcp_config *client,
                                  const struct plait_mptcp_config *server)
{
    return (struct pair_setup){.config = {*client, *server}, .seed = 3};
}

static void n01_n02_a_key_whose_token_is_taken_is_not_used(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&only_v1, &only_v1);
    (void)state;
    pair_make(&pair, &setup);
    struct end *client = &pair.ends[0];
    /* The first draw's token belongs to somebody: the second is taken. */
    uint64_t first = plait_draw(&client->stack.key, "client", "mptcp key", (1 * 4 + 0) * 8);
    client->tokens[0] = plait_mechanism_v1.token(first);
    client->token_owners[0] = (struct plait_mptcp *)&pair;
    pair_open(&pair);
    struct plait_mptcp_info info = plait_mptcp_info(client->app.connection);
    assert_true(info.own_key != first && info.own_key != 0);
    assert_true(info.own_key != info.peer_key);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_TOKEN_TAKEN), 1);
    pair_free(&pair);
}

static struct plait_mptcp *anybody(void *machine, uint32_t token)
{
    (void)token;
    return machine;
}

static void n02_n03_a_server_whose_token_is_taken_answers_plain_tcp(void **state)
{
    struct plait_segment syn = {.flags = PLAIT_SYN, .mptcp_count = 1};
    struct plait_hello hello;
    struct plait_hello_draws draws = {.key = 5};
    uint8_t reason;
    (void)state;
    syn.mptcp[0] = parsed("1e040101");
    assert_ok(plait_mptcp_hello(&stack, &only_v1, &syn, &draws, anybody, &stack, &hello, &reason));
    assert_kind(&hello, PLAIT_HELLO_TCP);
}

/* Two half-open handshakes may have the same key; the second connection does not come to be. */
static void n02_no_connection_is_made_with_a_token_that_is_taken(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&only_v1, &only_v1);
    (void)state;
    pair_make(&pair, &setup);
    struct end *server = &pair.ends[1];
    struct plait_hello hello = hello_of(&only_v1, "1e040101", NULL, 5);
    hello.peer_key = 6;
    server->tokens[0] = plait_mechanism_v1.token(5);
    server->token_owners[0] = (struct plait_mptcp *)&pair;
    assert_null(plait_mptcp_accept(&server->world, &server->config, &hello, 0));
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_TOKEN_TAKEN), 1);
    pair_free(&pair);
}

static void n03_the_answer_is_a_function_of_what_was_drawn(void **state)
{
    (void)state;
    /* Whoever keeps nothing makes the same hello again from the same draws (SYN cookies). */
    struct plait_hello a = hello_of(&only_v1, "1e040101", NULL, 77),
                       b = hello_of(&only_v1, "1e040101", NULL, 77);
    assert_memory_equal(&a, &b, sizeof a);
}

static void versions_are_negotiated(void **state)
{
    static const struct {
        const struct plait_mptcp_config *client, *server;
        const struct plait_mechanism *result; /* NULL = plain TCP */
    } cases[] = {{&only_v1, &only_v1, &plait_mechanism_v1},
                 {&both, &both, &plait_mechanism_v1},
                 {&both, &only_v0, &plait_mechanism_v0},
                 {&only_v0, &both, &plait_mechanism_v0},
                 {&only_v0, &only_v1, NULL},
                 {&only_v1, &only_v0, NULL}};
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair pair;
        struct pair_setup setup = setup_of(cases[i].client, cases[i].server);
        pair_make(&pair, &setup);
        pair_dial(&pair);
        pair_wait(&pair, 200 * PLAIT_MS);
        struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
        assert_true(info.is_established);
        assert_ptr_equal(info.mechanism, cases[i].result);
        assert_int_equal(info.is_fallen_back, !cases[i].result);
        if (cases[i].result)
            pair_transfer(&pair, 5000, 5000, PLAIT_S);
        pair_free(&pair);
    }
}

static bool raise_version(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    if (from == 1 && (s->flags & PLAIT_SYN) && s->mptcp_count)
        s->mptcp[0].capable.version = 1;
    return true;
}

static void n04_an_answer_above_what_was_asked_is_not_taken(void **state)
{
    static const struct plait_mptcp_config v0_first = {
        .mechanisms = {&plait_mechanism_v0, &plait_mechanism_v1}};
    struct pair pair;
    struct pair_setup setup = setup_of(&v0_first, &only_v0);
    (void)state;
    pair_make(&pair, &setup);
    pair.box = raise_version;
    pair_dial(&pair);
    pair_wait(&pair, 25 * PLAIT_MS);
    struct plait_mptcp *c = pair.ends[0].app.connection;
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_CAPABLE_OUT), 0);
    assert_true(pair_counter(&pair, 0, PLAIT_COUNT_OPTION_INVALID) >= 1);
    assert_true(c->mechanism_index == 1 || c->mechanism == NULL); /* the next, or none */
    pair_free(&pair);
}

static bool clear_a_of_the_answer(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    if (from == 1 && (s->flags & PLAIT_SYN) && s->mptcp_count)
        s->mptcp[0].capable.flags &= (uint8_t)~PLAIT_CAPABLE_CHECKSUM;
    return true;
}

static void n08_one_ends_wish_binds_both(void **state)
{
    (void)state;
    for (unsigned wisher = 0; wisher < 2; wisher++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&only_v1, &only_v1);
        setup.config[wisher].checksum = true;
        pair_make(&pair, &setup);
        pair_open(&pair);
        assert_true(plait_mptcp_info(pair.ends[0].app.connection).checksum);
        assert_true(plait_mptcp_info(pair.ends[1].app.connection).checksum);
        pair_transfer(&pair, 5000, 5000, PLAIT_S);
        pair_free(&pair);
    }
    /* An answer without A does not take the client's own wish back. */
    struct pair pair;
    struct pair_setup setup = setup_of(&only_v1, &only_v1);
    setup.config[0].checksum = true;
    pair_make(&pair, &setup);
    pair.box = clear_a_of_the_answer;
    pair_open(&pair);
    assert_true(plait_mptcp_info(pair.ends[0].app.connection).checksum);
    pair_free(&pair);
}

static unsigned client_options;

static bool strip_syn_ack(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    if (from == 1 && (s->flags & PLAIT_SYN))
        s->mptcp_count = 0;
    client_options += from == 0 && !(s->flags & PLAIT_SYN) && s->mptcp_count > 0;
    return true;
}

static void n10_a_syn_ack_without_mptcp_is_plain_tcp(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&only_v1, &only_v1);
    (void)state;
    client_options = 0;
    pair_make(&pair, &setup);
    pair.box = strip_syn_ack;
    pair_dial(&pair);
    pair_wait(&pair, 200 * PLAIT_MS);
    struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
    assert_true(info.is_established && info.is_fallen_back);
    pair_transfer(&pair, 5000, 5000, PLAIT_S);
    assert_int_equal(client_options, 0);
    pair_free(&pair);
}

static uint8_t odd_flags;

static bool set_flags_of_the_answer(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    if (from == 1 && (s->flags & PLAIT_SYN) && s->mptcp_count)
        s->mptcp[0].capable.flags = odd_flags;
    return true;
}

static void n05_n06_n09_an_answer_with_odd_flags_is_plain_tcp(void **state)
{
    static const uint8_t flags[] = {0x41, 0x00, 0x03, 0x02}; /* B, no algorithm, two, another */
    (void)state;
    for (unsigned i = 0; i < sizeof flags; i++) {
        struct pair pair;
        struct pair_setup setup = setup_of(&only_v1, &only_v1);
        odd_flags = flags[i];
        pair_make(&pair, &setup);
        pair.box = set_flags_of_the_answer;
        pair_dial(&pair);
        pair_wait(&pair, 200 * PLAIT_MS);
        struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
        assert_true(info.is_established && info.is_fallen_back);
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_OPTION_INVALID), 1);
        pair_free(&pair);
    }
}

/* The keys come again with the first data, and they are others. */
static void n11_a_key_that_changes_later_is_plain_tcp(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&only_v1, &only_v1);
    (void)state;
    pair_make(&pair, &setup);
    pair_dial(&pair);
    assert_true(pair_run(&pair, PLAIT_S, pair_is_established));
    struct plait_mptcp_info info = plait_mptcp_info(pair.ends[1].app.connection);
    struct plait_segment s = pair_forge(&pair, 1, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                             .capable = {.version = 1,
                                                         .flags = PLAIT_CAPABLE_HMAC,
                                                         .has_sender_key = true,
                                                         .sender_key = info.peer_key ^ 1,
                                                         .has_receiver_key = true,
                                                         .receiver_key = info.own_key,
                                                         .has_data_length = true,
                                                         .data_length = 4}};
    s.payload = (const uint8_t *)"data";
    s.payload_octets = 4;
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_OPTION_INVALID), 1);
    assert_true(plait_mptcp_info(pair.ends[1].app.connection).is_fallen_back);
    pair_free(&pair);
}

static unsigned swallowed;

static bool swallow_capable_syns(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair;
    bool is_capable = from == 0 && (s->flags & PLAIT_SYN) && s->mptcp_count > 0;
    swallowed += is_capable;
    return !is_capable;
}

static void a_syn_goes_without_mptcp_after_three_tries(void **state)
{
    struct pair pair;
    struct pair_setup setup = setup_of(&only_v1, &only_v1);
    (void)state;
    swallowed = 0;
    pair_make(&pair, &setup);
    pair.box = swallow_capable_syns;
    pair_dial(&pair);
    pair_wait(&pair, 20 * PLAIT_S);
    assert_int_equal(swallowed, 3);
    struct plait_mptcp_info info = plait_mptcp_info(pair.ends[0].app.connection);
    assert_true(info.is_established && info.is_fallen_back);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(n04_a_higher_version_is_answered_with_ours),
    cmocka_unit_test(n05_a_syn_with_b_is_plain_tcp),
    cmocka_unit_test(n06_a_syn_without_algorithm_is_plain_tcp),
    cmocka_unit_test(n08_either_sides_wish_for_checksums_binds),
    cmocka_unit_test(n09_the_answer_has_one_algorithm),
    cmocka_unit_test(n10_a_syn_without_mptcp_is_answered_without),
    cmocka_unit_test(exclusive_or_malformed_options_in_a_syn_are_plain_tcp),
    cmocka_unit_test(n13_a_v0_handshake_of_a_capture),
    cmocka_unit_test(n13_a_v1_handshake_of_a_capture),
    cmocka_unit_test(n10_a_third_ack_without_mptcp_is_plain_tcp),
    cmocka_unit_test(a_dss_before_the_keys_waits_in_v1_and_suffices_in_v0),
    cmocka_unit_test(n11_keys_that_changed_on_the_way_are_plain_tcp),
    cmocka_unit_test(n01_n02_a_key_whose_token_is_taken_is_not_used),
    cmocka_unit_test(n02_n03_a_server_whose_token_is_taken_answers_plain_tcp),
    cmocka_unit_test(n02_no_connection_is_made_with_a_token_that_is_taken),
    cmocka_unit_test(n08_one_ends_wish_binds_both),
    cmocka_unit_test(n10_a_syn_ack_without_mptcp_is_plain_tcp),
    cmocka_unit_test(n05_n06_n09_an_answer_with_odd_flags_is_plain_tcp),
    cmocka_unit_test(n11_a_key_that_changes_later_is_plain_tcp),
    cmocka_unit_test(n03_the_answer_is_a_function_of_what_was_drawn),
    cmocka_unit_test(versions_are_negotiated),
    cmocka_unit_test(n04_an_answer_above_what_was_asked_is_not_taken),
    cmocka_unit_test(a_syn_goes_without_mptcp_after_three_tries),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
