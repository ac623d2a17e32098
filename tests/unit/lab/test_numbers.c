/* What an attacker lacks is bought at its price (DESIGN §1): 2^bits, bits = log2(space / acceptable
 * set), after 2^10 guesses that really are wrong; what he overheard and is still good is free. */
#include "tests/unit/lab/stage.h"

#include <math.h>

enum { WINDOW = 500 << SCALE, ACKED = 1000, GUESSES = 1024 };

static const double port_bits = 13.785043; /* log2 of the 14116 even ports of the range */

static struct stage *ready_at(const char *position)
{
    struct stage *stage = stage_new(position, true);
    stage_connect(stage);
    static const uint8_t payload[ACKED];
    struct plait_segment answer =
        talk(&talk_server, &talk_client, PLAIT_ACK, SERVER_ISN + 1, CLIENT_ISN + 1);
    answer.payload = payload;
    answer.payload_octets = sizeof payload;
    stage_say(stage, &answer);
    struct plait_segment ack = talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1,
                                    (uint32_t)(SERVER_ISN + 1 + ACKED));
    stage_say(stage, &ack);
    plait_take_position(&stage->attack);
    return stage;
}

static void assert_bits(const struct stage *stage, double bits)
{
    if (fabs(stage->attack.price.bits - bits) > 1e-6)
        fail_msg("%f bits, wanted %f", stage->attack.price.bits, bits);
}

/* ---- tries --------------------------------------------------------------------------------------
 */

struct tries {
    unsigned count, right, ports, seqs, acks; /* ports: from the true one */
    uint32_t seq_span, ack_span;
};

static void try(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    struct tries *tries = argument;
    const struct plait_half *half = a->world->truth.subflows[0].half;
    bool port = plait_place_equal(&numbers->flow.src, &half[PLAIT_CLIENT].place);
    bool seq = numbers->seq - half[PLAIT_SERVER].ack < tries->seq_span;
    bool ack = half[PLAIT_SERVER].nxt - numbers->ack <= tries->ack_span;
    tries->count++;
    tries->ports += port;
    tries->seqs += seq;
    tries->acks += ack;
    tries->right += port && seq && ack;
    struct plait_segment segment = plait_forged(numbers, PLAIT_ACK);
    plait_send(a, &segment);
}

static struct plait_numbers get(struct stage *stage, enum plait_accept accept, struct tries *tries)
{
    *tries = (struct tries){.seq_span = accept == PLAIT_ACCEPT_EXACT_SEQ ? 1 : WINDOW,
                            .ack_span = accept == PLAIT_ACCEPT_EXACT_SEQ ? UINT32_MAX : WINDOW};
    return plait_get_numbers(&stage->attack, 0, accept, try, tries);
}

static void assert_accepted(const struct stage *stage, const struct plait_numbers *numbers)
{
    const struct plait_half *half = stage->world.truth.subflows[0].half;
    assert_true(plait_place_equal(&numbers->flow.src, &half[PLAIT_CLIENT].place));
    assert_true(plait_place_equal(&numbers->flow.dst, &half[PLAIT_SERVER].place));
    assert_int_equal(numbers->seq, half[PLAIT_SERVER].ack);
    assert_int_equal(numbers->ack, half[PLAIT_SERVER].nxt);
}

/* ---- numbers of a subflow
 * ------------------------------------------------------------------------ */

static void overheard_numbers_are_free(void **state)
{
    (void)state;
    static const char *const hearing[] = {"PE-H", "ON1-E", "ONALL"};
    for (size_t i = 0; i < 2 * sizeof hearing / sizeof hearing[0]; i++) {
        struct stage *stage = ready_at(hearing[i / 2]);
        struct tries tries;
        struct plait_numbers n =
            get(stage, i % 2 ? PLAIT_ACCEPT_EXACT_SEQ : PLAIT_ACCEPT_IN_WINDOW, &tries);
        assert_accepted(stage, &n);
        assert_bits(stage, 0);
        assert_int_equal(tries.count, 0);
        stage_free(stage);
    }
}

static void blind_numbers_are_bought(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    struct tries tries;
    struct plait_numbers n = get(stage, PLAIT_ACCEPT_IN_WINDOW, &tries);
    assert_accepted(stage, &n);
    assert_bits(stage, port_bits + 32 - log2(WINDOW) + 32 - log2(WINDOW + 1));
    /* the guesses: all sent, all wrong, each value drawn over its whole space */
    assert_int_equal(tries.count, GUESSES);
    assert_int_equal(tries.right, 0);
    assert_true(tries.ports < 10 && tries.seqs < 10 && tries.acks < 10);
    assert_int_equal(stage->attack.sent, GUESSES);
    assert_int_equal(stage->attack.delivered, GUESSES);
    assert_true(plait_price_expected(&stage->attack.price) == 0); /* none of them is priced */
    struct plait_segment reset = plait_forged(&n, PLAIT_RST);
    plait_send(&stage->attack, &reset);
    assert_true(fabs(log2(plait_price_expected(&stage->attack.price)) - stage->attack.price.bits) <
                1e-9);
    stage_free(stage);
}

static void blind_resets_need_the_exact_number(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    struct tries tries;
    struct plait_numbers n = get(stage, PLAIT_ACCEPT_EXACT_SEQ, &tries);
    assert_accepted(stage, &n);
    assert_bits(stage, port_bits + 32);
    assert_int_equal(tries.count, GUESSES);
    assert_int_equal(tries.right, 0);
    stage_free(stage);
}

/* What the target really accepts counts, not what an RFC promises. */
static void measured_edges_make_the_price(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    stage->scenario.edges = (struct plait_edges){.measured = true,
                                                 .seq_beyond_window = 1536,
                                                 .ack_below_window = -2000,
                                                 .ack_below_acked = 50000,
                                                 .reset_span = 4096};
    struct tries tries;
    get(stage, PLAIT_ACCEPT_IN_WINDOW, &tries);
    assert_bits(stage, port_bits + 32 - log2(WINDOW + 1536) + 32 - log2(ACKED + 50000 + 1));
    stage->attack.price = (struct plait_price){0};
    stage->scenario.edges.ack_below_acked = 100000; /* the other bound of old ACKs */
    get(stage, PLAIT_ACCEPT_IN_WINDOW, &tries);
    assert_bits(stage, port_bits + 32 - log2(WINDOW + 1536) + 32 - log2(WINDOW - 2000 + 1));
    stage->attack.price = (struct plait_price){0};
    get(stage, PLAIT_ACCEPT_EXACT_SEQ, &tries);
    assert_bits(stage, port_bits + 32 - 12);
    stage->attack.price = (struct plait_price){0};
    stage->scenario.edges.port_first = talk_client.port - 8; /* which ports connect() draws */
    stage->scenario.edges.port_step = 1;
    stage->scenario.edges.port_count = 16;
    get(stage, PLAIT_ACCEPT_EXACT_SEQ, &tries);
    assert_bits(stage, 4 + 32 - 12);
    assert_in_range(tries.ports, 30, 100); /* of 1024 guesses one in 16 names the true one */
    stage_free(stage);
}

static void granted_numbers_are_free(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    stage->scenario.grants = PLAIT_GRANT_NUMBERS;
    struct tries tries;
    struct plait_numbers n = get(stage, PLAIT_ACCEPT_IN_WINDOW, &tries);
    assert_accepted(stage, &n);
    assert_bits(stage, 0);
    assert_int_equal(tries.count, 0);
    stage_free(stage);
}

/* The client writes COUNT octets that the server acknowledges, behind the attacker's back. */
static void age(struct stage *stage, uint32_t count)
{
    static uint8_t payload[1400];
    struct plait_half *client = &stage->world.truth.subflows[0].half[PLAIT_CLIENT];
    while (count) {
        uint32_t part = count < sizeof payload ? count : (uint32_t)sizeof payload;
        struct plait_segment data =
            talk(&talk_client, &talk_server, PLAIT_ACK, client->nxt, client->ack);
        data.payload = payload;
        data.payload_octets = part;
        stage_say(stage, &data);
        count -= part;
    }
    struct plait_segment ack =
        talk(&talk_server, &talk_client, PLAIT_ACK, client->ack, client->nxt);
    stage_say(stage, &ack);
}

/* Fewer than 2^10 tries are played to the end, upward from what he overheard. */
static void aged_numbers_are_searched(void **state)
{
    (void)state;
    static const struct {
        uint32_t passed, tries;
    } rows[] = {
        {0, 0}, {1, 1}, {WINDOW, 1}, {WINDOW + 1, 2}, {3 * WINDOW, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage *stage = ready_at("PE-H");
        age(stage, rows[i].passed);
        struct tries tries;
        struct plait_numbers n = get(stage, PLAIT_ACCEPT_IN_WINDOW, &tries);
        const struct plait_half *server = &stage->world.truth.subflows[0].half[PLAIT_SERVER];
        assert_true(n.seq - server->ack < WINDOW);
        assert_int_equal(n.ack, server->nxt);
        if (tries.count != rows[i].tries)
            fail_msg("%u octets passed: %u tries", rows[i].passed, tries.count);
        assert_int_equal(tries.right, 0); /* the last try is the attack itself */
        assert_bits(stage, 0);
        assert_true(plait_price_expected(&stage->attack.price) == rows[i].tries);
        stage_free(stage);
    }
}

static void aged_resets_are_bought_by_their_age(void **state)
{
    (void)state;
    struct stage *stage = ready_at("PE-H");
    struct tries tries;
    age(stage, 100);
    struct plait_numbers n = get(stage, PLAIT_ACCEPT_EXACT_SEQ, &tries);
    assert_accepted(stage, &n);
    assert_int_equal(tries.count, 100); /* one number after the other */
    assert_bits(stage, 0);
    age(stage, 1000000);
    n = get(stage, PLAIT_ACCEPT_EXACT_SEQ, &tries);
    assert_accepted(stage, &n);
    assert_int_equal(tries.count, GUESSES);
    assert_bits(stage, log2(1000100 + 1)); /* far less than 32: he knows where to begin */
    stage_free(stage);
}

/* ---- tokens
 * ---------------------------------------------------------------------------------------- */

static unsigned tokens_tried, live_tokens_tried;

static uint16_t try_token(struct plait_attack *a, uint32_t token)
{
    (void)a;
    tokens_tried++;
    live_tokens_tried += token == TOKEN_A || token == TOKEN_B;
    return 2000;
}

static void tokens_cost_32_bits(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    tokens_tried = live_tokens_tried = 0;
    assert_int_equal(plait_get_token(&stage->attack, PLAIT_SERVER, try_token), TOKEN_B);
    assert_true(tokens_tried >= GUESSES - 1);
    assert_int_equal(live_tokens_tried, 0);
    assert_bits(stage, 32);
    assert_int_equal(plait_token_of(&stage->attack, PLAIT_SERVER), TOKEN_B); /* bought is known */
    assert_int_equal(plait_get_token(&stage->attack, PLAIT_SERVER, try_token), TOKEN_B);
    assert_bits(stage, 32); /* once */
    stage_free(stage);
}

static void overheard_tokens_are_free(void **state)
{
    (void)state;
    struct stage *stage = ready_at("PE-H");
    tokens_tried = 0;
    assert_int_equal(plait_get_token(&stage->attack, PLAIT_CLIENT, try_token), TOKEN_A);
    assert_int_equal(tokens_tried, 0);
    assert_bits(stage, 0);
    stage_free(stage);
}

/* ---- data sequence numbers
 * --------------------------------------------------------------------------- */

struct dsn_tries {
    unsigned count, right;
    uint64_t last;
};

static void try_dsn(struct plait_attack *a, uint64_t dsn, void *argument)
{
    struct dsn_tries *tries = argument;
    tries->count++;
    tries->right += (uint32_t)dsn == (uint32_t)a->world->truth.dsn_nxt[PLAIT_CLIENT];
    tries->last = dsn;
}

/* The client writes COUNT octets that the attacker does not hear. */
static void age_dsn(struct stage *stage, uint16_t count)
{
    struct plait_segment data =
        talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    talk_option(&data, PLAIT_DSS)->dss = (struct plait_dss){
        .has_map = true, .dsn_is_64 = true, .dsn = IDSN_A + 1, .ssn = 1, .data_length = count};
    stage_say(stage, &data);
}

static void data_sequence_numbers_that_follow_from_the_key_are_free(void **state)
{
    (void)state;
    struct stage *stage = ready_at("PE-H");
    struct dsn_tries tries = {0};
    assert_true(plait_get_dsn(&stage->attack, try_dsn, &tries) == IDSN_A + 1);
    assert_bits(stage, 0);
    assert_int_equal(tries.count, 0);
    stage_free(stage);
}

static void aged_data_sequence_numbers_are_searched(void **state)
{
    (void)state;
    struct stage *stage = ready_at("PE-H");
    struct dsn_tries tries = {0};
    age_dsn(stage, 1000);
    assert_true(plait_get_dsn(&stage->attack, try_dsn, &tries) == IDSN_A + 1001);
    assert_int_equal(tries.count, 1000);
    assert_int_equal(tries.right, 0);
    assert_true(tries.last == IDSN_A + 1000);
    assert_bits(stage, 0); /* what was tried was really sent */
    tries = (struct dsn_tries){0};
    stage->scenario.edges = (struct plait_edges){.dsn_measured = true, .data_fin_span = 100};
    assert_true(plait_get_dsn(&stage->attack, try_dsn, &tries) == IDSN_A + 1001);
    assert_int_equal(tries.count, 10); /* in steps of what ends the stream */
    stage_free(stage);
}

static void old_data_sequence_numbers_are_bought_by_their_age(void **state)
{
    (void)state;
    struct stage *stage = ready_at("PE-H");
    struct dsn_tries tries = {0};
    age_dsn(stage, 4095);
    assert_true(plait_get_dsn(&stage->attack, try_dsn, &tries) == IDSN_A + 4096);
    assert_bits(stage, 12);
    assert_int_equal(tries.count, GUESSES);
    assert_int_equal(tries.right, 0);
    stage_free(stage);
}

static void blind_data_sequence_numbers_cost_what_their_edges_leave(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    struct dsn_tries tries = {0};
    assert_true(plait_get_dsn(&stage->attack, try_dsn, &tries) == IDSN_A + 1);
    assert_bits(stage, 32);
    assert_int_equal(tries.count, GUESSES);
    stage->attack.price = (struct plait_price){0};
    stage->scenario.edges = (struct plait_edges){.dsn_measured = true, .data_fin_span = 4096};
    plait_get_dsn(&stage->attack, try_dsn, &tries);
    assert_bits(stage, 20);
    stage_free(stage);
    stage = ready_at("OFF");
    stage->scenario.grants = PLAIT_GRANT_NUMBERS;
    tries.count = 0;
    assert_true(plait_get_dsn(&stage->attack, try_dsn, &tries) == IDSN_A + 1);
    assert_bits(stage, 0);
    assert_int_equal(tries.count, 0);
    stage_free(stage);
}

/* Guesses of a whole packet stand for all its unknowns: no one tells him which was wrong. */
static void guesses_of_the_subflow_stand_for_the_data_sequence_number(void **state)
{
    (void)state;
    struct stage *stage = ready_at("OFF");
    struct tries tries;
    struct dsn_tries dsn_tries = {0};
    get(stage, PLAIT_ACCEPT_IN_WINDOW, &tries);
    double bits = stage->attack.price.bits;
    plait_get_dsn(&stage->attack, try_dsn, &dsn_tries);
    assert_bits(stage, bits + 32);
    assert_int_equal(dsn_tries.count, 0);
    stage_free(stage);
}

static void mappings_follow_from_what_was_overheard(void **state)
{
    (void)state;
    struct stage *stage = ready_at("PE-H");
    struct plait_numbers numbers;
    struct plait_dss mapping;
    assert_true(plait_overheard_numbers(&stage->attack, 0, &numbers));
    age_dsn(stage, 1000);
    assert_true(plait_overheard_mapping(&stage->attack, &numbers, &mapping));
    assert_true(mapping.has_map && mapping.dsn == IDSN_A + 1 && mapping.ssn == 1);
    stage_free(stage);
    stage = ready_at("OFF");
    assert_false(plait_overheard_mapping(&stage->attack, &numbers, &mapping));
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overheard_numbers_are_free),
        cmocka_unit_test(blind_numbers_are_bought),
        cmocka_unit_test(blind_resets_need_the_exact_number),
        cmocka_unit_test(measured_edges_make_the_price),
        cmocka_unit_test(granted_numbers_are_free),
        cmocka_unit_test(aged_numbers_are_searched),
        cmocka_unit_test(aged_resets_are_bought_by_their_age),
        cmocka_unit_test(tokens_cost_32_bits),
        cmocka_unit_test(overheard_tokens_are_free),
        cmocka_unit_test(data_sequence_numbers_that_follow_from_the_key_are_free),
        cmocka_unit_test(aged_data_sequence_numbers_are_searched),
        cmocka_unit_test(old_data_sequence_numbers_are_bought_by_their_age),
        cmocka_unit_test(blind_data_sequence_numbers_cost_what_their_edges_leave),
        cmocka_unit_test(guesses_of_the_subflow_stand_for_the_data_sequence_number),
        cmocka_unit_test(mappings_follow_from_what_was_overheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
