/* What flatten writes of streams: segments, gaps, acknowledgments, ends and fallbacks; and whatever
 * goes in comes out. */
#include "tests/unit/audit/flatten_stage.h"
#include "tests/unit/dice.h"

/* ---- streams ------------------------------------------------------------------------------- */

static void octets_of_all_paths_are_one_flow_and_no_subflow_is_beside_it(void **state)
{
    (void)state;
    shake_hands();
    struct plait_segment join = segment_from(0, 1, PLAIT_SYN);
    begin_packet(&join);
    end_packet(1, 0);
    bring(0, 0, 0, "GET /", 5);
    bring(0, 1, 5, "evil", 4);
    bring(1, 1, 0, "no", 2);
    assert_int_equal(stage.heard.flow_count, 1);
    assert_memory_equal(stream_of(0, 0)->octets, "GET /evil", 9);
    assert_memory_equal(stream_of(0, 1)->octets, "no", 2);
    assert_int_equal(last_heard()->ports[1], CLIENT_PORT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_PASSED), 1); /* the SYN */
}

static void a_piece_is_cut_at_the_mss_and_names_its_packets(void **state)
{
    (void)state;
    static const uint8_t octets[3000];
    shake_hands();
    begin_ack(0, 1); /* fills the hole before what packet 2 brought */
    struct plait_audit_octets piece = {.connection = CONNECTION,
                                       .length = sizeof octets,
                                       .octets = octets,
                                       .packet = {.frame = 2, .at_ns = PLAIT_MS}};
    stage.sink.octets(stage.f, &piece);
    end_packet(1, 0);
    assert_int_equal(stage.heard.packet_count, 6);
    assert_int_equal(heard(3)->length, PLAIT_FLAT_MSS_OCTETS);
    assert_int_equal(heard(4)->length, PLAIT_FLAT_MSS_OCTETS);
    assert_int_equal(heard(5)->length, sizeof octets - 2 * PLAIT_FLAT_MSS_OCTETS);
    assert_int_equal(heard(5)->flags, PLAIT_PSH | PLAIT_ACK);
    assert_int_equal(heard(5)->from_count, 2);
    assert_int_equal(heard(5)->frame[0], 2);
    assert_int_equal(heard(5)->frame[1], 4);
    assert_int_equal(heard(5)->at_ns, stage.now_ns);
}

static void an_acknowledgment_is_written_when_its_receiver_gave_it(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "0123456789", 10);
    assert_int_equal(stage.heard.packet_count, 4);
    acknowledge(1, 4);
    assert_int_equal(stage.heard.packet_count, 5);
    assert_int_equal(last_heard()->flags, PLAIT_ACK);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 4);
    acknowledge(1, 3); /* older */
    assert_int_equal(stage.heard.packet_count, 5);
    acknowledge(1, 50); /* more than the capture shows: as much as went out */
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 10);
    bring(0, 0, 10, "abc", 3);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 13);
    assert_int_equal(last_heard()->flags, PLAIT_ACK);
    assert_int_equal(last_heard()->length, 0);
    assert_int_equal(stage.heard.packet_count, 8);
}

static void one_sided_everything_is_acknowledged_at_once(void **state)
{
    (void)state;
    struct plait_flatten_limits limits = small_limits();
    limits.one_sided = true;
    set_up_with(limits);
    offer();
    bring(0, 0, 0, "0123456789", 10);
    assert_int_equal(last_heard()->flags, PLAIT_ACK);
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 10);
}

static void numbers_pass_the_end_of_their_space(void **state)
{
    (void)state;
    static const uint8_t octets[1400];
    set_up_with(small_limits());
    stage.heard.keeps_no_octets = true;
    stage.isn[0] = UINT32_MAX - 700;
    shake_hands();
    for (unsigned i = 0; i < 4; i++)
        bring(0, 0, 1400 * i, octets, 1400);
    assert_int_equal(last_heard()->seq, (uint32_t)(UINT32_MAX - 700 + 1 + 3 * 1400u));
    /* More than 2^32 octets: half as gaps, to be done soon. */
    uint64_t at = stream_of(0, 0)->next;
    while (at < 5ull << 30) {
        bring(0, 0, at, NULL, 1u << 30);
        at += 1u << 30;
        bring(0, 0, at, octets, 1400);
        at += 1400;
        acknowledge(1, at);
    }
    assert_int_equal(stream_of(0, 0)->next, at);
    assert_int_equal(stream_of(0, 0)->acked, at);
    assert_int_equal(last_heard()->ack, (uint32_t)(UINT32_MAX - 700 + 1 + at));
}

static void a_gap_moves_the_numbers_and_is_counted(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "abc", 3);
    begin_ack(0, 0);
    say_octets(0, 3, NULL, 10);
    say_octets(0, 13, "def", 3);
    end_packet(0, 0);
    assert_int_equal(last_heard()->seq, CLIENT_ISN + 1 + 13);
    assert_int_equal(stream_of(0, 0)->gaps, 10);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_GAPS), 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_GAP_OCTETS), 10);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    shake_hands();
    stage.now_ns -= 5 * PLAIT_MS; /* an input whose clock is late */
    bring(0, 0, 0, "abc", 3);
    assert_int_equal(last_heard()->length, 3);
    assert_int_equal(last_heard()->at_ns, heard(2)->at_ns);
}

static void set_up_gathering(void)
{
    struct plait_flatten_limits limits = small_limits();
    limits.gather_ns = 10 * PLAIT_MS;
    set_up_with(limits);
    shake_hands();
}

static void what_comes_soon_after_is_in_one_segment(void **state)
{
    (void)state;
    set_up_gathering();
    bring(0, 0, 0, "sig", 3);
    bring(0, 1, 3, "nature", 6);
    assert_int_equal(stage.heard.packet_count, 3);
    acknowledge(1, 3); /* some of it: all goes */
    assert_int_equal(stage.heard.packet_count, 5);
    assert_int_equal(heard(3)->length, 9);
    assert_int_equal(heard(3)->flags, PLAIT_PSH | PLAIT_ACK);
    assert_int_equal(heard(3)->from_count, 3); /* two, and what made it go */
    assert_int_equal(heard(4)->ack, CLIENT_ISN + 1 + 3);
    assert_memory_equal(stream_of(0, 0)->octets, "signature", 9);
    acknowledge(1, 9);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 9);
}

static void what_is_gathered_goes_when_something_follows(void **state)
{
    (void)state;
    set_up_gathering();
    bring(0, 0, 0, "one", 3);
    bring(1, 0, 0, "two", 3); /* the other side speaks */
    assert_int_equal(last_heard()->length, 3);
    assert_int_equal(last_heard()->ports[0], CLIENT_PORT);
    bring(1, 0, 3, NULL, 5); /* a gap */
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    bring(0, 0, 3, "three", 5);
    begin_ack(0, 0);
    say_data_fin(0, 8);
    end_packet(0, 0);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    assert_int_equal(last_heard()->seq, CLIENT_ISN + 1 + 8);
    unsigned before = stage.heard.packet_count;
    bring(1, 0, 8, "four", 4);
    assert_int_equal(stage.heard.packet_count, before);
    stage.now_ns += 10 * PLAIT_MS; /* time, which any packet shows */
    struct plait_segment s = segment_from(0, 3, PLAIT_ACK);
    begin_packet(&s);
    assert_int_equal(last_heard()->length, 4);
    struct plait_audit_place place = {0};
    plait_flatten_end(stage.f, &place);
    bring(1, 0, 12, "five", 4);
    say_ended(PLAIT_END_INPUT);
    assert_int_equal(stream_of(0, 1)->next, 16);
    assert_int_equal(stream_of(0, 1)->acked, 16);
}

static void a_segment_is_of_a_bounded_number_of_packets(void **state)
{
    (void)state;
    set_up_gathering();
    begin_ack(0, 0);
    for (uint64_t i = 0; i < 40; i++) {
        struct plait_audit_octets piece = {.connection = CONNECTION,
                                           .offset = i,
                                           .length = 1,
                                           .octets = (const uint8_t *)"x",
                                           .packet = {.frame = 100 + i}};
        stage.sink.octets(stage.f, &piece);
    }
    end_packet(0, 0);
    assert_int_equal(heard(3)->length, PLAIT_FLAT_FROM_MAX - 1);
    assert_int_equal(heard(3)->from_count, PLAIT_FLAT_FROM_MAX);
    assert_int_equal(stage.heard.packet_count, 5);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void data_fins_become_fins_when_everything_before_them_went_out(void **state)
{
    (void)state;
    shake_hands();
    begin_ack(0, 0);
    say_data_fin(0, 5);
    end_packet(0, 0);
    assert_int_equal(stage.heard.packet_count, 3); /* it waits */
    bring(0, 1, 0, "hello", 5);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    assert_int_equal(last_heard()->seq, CLIENT_ISN + 1 + 5);
    acknowledge(1, 6);
    assert_int_equal(last_heard()->ack, CLIENT_ISN + 1 + 6);
    begin_ack(1, 0);
    say_data_fin(1, 0);
    end_packet(0, 1);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    say_ended(PLAIT_END_CLOSED);
    assert_int_equal(last_heard()->flags, PLAIT_ACK); /* of the second FIN */
    assert_true(stream_of(0, 0)->has_fin && stream_of(0, 1)->has_fin);
    assert_int_equal(stream_of(0, 1)->acked, 1);
    say_ended(PLAIT_END_CLOSED);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_LATE_OCTETS), 0);
}

static void a_close_without_data_fins_closes_the_flow(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "hello", 5);
    say_ended(PLAIT_END_CLOSED);
    assert_true(stream_of(0, 0)->has_fin && stream_of(0, 1)->has_fin);
    assert_int_equal(stream_of(0, 0)->acked, 6);
}

static void a_fastclose_is_a_reset_if_its_key_is_right(void **state)
{
    (void)state;
    shake_hands();
    begin_ack(1, 0);
    struct plait_audit_event event = event_of(PLAIT_SAW_FASTCLOSE, 1);
    event.judgement = PLAIT_INVALID;
    stage.sink.event(stage.f, &event);
    end_packet(0, 1);
    assert_int_equal(stage.heard.packet_count, 3);
    begin_ack(1, 0);
    say(PLAIT_SAW_FASTCLOSE, 1);
    end_packet(0, 1);
    assert_int_equal(last_heard()->flags, PLAIT_RST | PLAIT_ACK);
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    say_ended(PLAIT_END_FASTCLOSE);
    assert_int_equal(stage.heard.packet_count, 4);
}

static void a_reset_of_a_subflow_is_none_of_the_flow_until_the_connection_ends_by_it(void **state)
{
    (void)state;
    shake_hands();
    begin_ack(0, 0);
    say(PLAIT_SAW_RESET, 0);
    end_packet(0, 0);
    bring(0, 1, 0, "goes on", 7);
    assert_false(stage.heard.flows[0].has_reset);
    begin_ack(1, 1);
    say(PLAIT_SAW_RESET, 1);
    end_packet(1, 1);
    say_ended(PLAIT_END_RESET);
    assert_true(stage.heard.flows[0].has_reset);
    assert_int_equal(last_heard()->ports[0], SERVER_PORT);
    assert_int_equal(stream_of(0, 0)->acked, 7);
}

static void a_connection_that_falls_back_goes_on_in_its_flow(void **state)
{
    (void)state;
    shake_hands();
    bring(0, 0, 0, "before ", 7);
    begin_ack(0, 0);
    say(PLAIT_SAW_FALLBACK, 0);
    struct plait_audit_octets piece = {.connection = CONNECTION,
                                       .is_unsure = true,
                                       .offset = 7,
                                       .length = 5,
                                       .octets = (const uint8_t *)"after",
                                       .packet = here()};
    stage.sink.octets(stage.f, &piece);
    struct plait_audit_place place = place_now(CONNECTION, 0, 0);
    place.is_mptcp = false;
    place.has_fin = true;
    place.fin_at = 12;
    plait_flatten_end(stage.f, &place);
    assert_memory_equal(stream_of(0, 0)->octets, "before after", 12);
    assert_int_equal(last_heard()->flags, PLAIT_FIN | PLAIT_ACK);
    assert_int_equal(stage.heard.flow_count, 1);
}

/* ---- property ------------------------------------------------------------------------------ */

enum { STREAM_OCTETS = 200000 };

/* Pieces of random lengths, of both directions and many packets, with random acknowledgments. */
static void play_random(uint64_t seed)
{
    static uint8_t octets[2][STREAM_OCTETS];
    struct dice dice_of = dice(seed);
    for (unsigned i = 0; i < STREAM_OCTETS; i++) {
        octets[0][i] = (uint8_t)throw_u64(&dice_of);
        octets[1][i] = (uint8_t)(octets[0][i] ^ i);
    }
    set_up_with(small_limits());
    stage.isn[0] = (uint32_t)throw_u64(&dice_of);
    stage.isn[1] = (uint32_t) - (int32_t)throw_below(&dice_of, STREAM_OCTETS);
    shake_hands();
    uint64_t at[2] = {0, 0}, lengths[2], acked = 0;
    for (unsigned d = 0; d < 2; d++)
        lengths[d] = throw_below(&dice_of, STREAM_OCTETS);
    while (at[0] < lengths[0] || at[1] < lengths[1]) {
        unsigned d = throw_below(&dice_of, 2) ? 1 : 0;
        uint64_t left = lengths[d] - at[d], part = throw_below(&dice_of, 5000);
        part = part < left ? part : left;
        if (part)
            bring(d, (unsigned)throw_below(&dice_of, 3), at[d], octets[d] + at[d], part);
        at[d] += part;
        acked += throw_below(&dice_of, 3000);
        acknowledge((unsigned)throw_below(&dice_of, 2), acked);
    }
    for (unsigned d = 0; d < 2; d++) {
        begin_ack(d, 0);
        say_data_fin(d, lengths[d]);
        end_packet(0, d);
    }
    say_ended(PLAIT_END_CLOSED);
    assert_int_equal(stage.heard.flow_count, 1);
    for (unsigned d = 0; d < 2; d++) {
        assert_int_equal(stream_of(0, d)->next, lengths[d] + 1);
        assert_int_equal(stream_of(0, d)->acked, lengths[d] + 1);
        if (lengths[d])
            assert_memory_equal(stream_of(0, d)->octets, octets[d], lengths[d]);
    }
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++)
        play_random(seed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(octets_of_all_paths_are_one_flow_and_no_subflow_is_beside_it),
        TEST(a_piece_is_cut_at_the_mss_and_names_its_packets),
        TEST(an_acknowledgment_is_written_when_its_receiver_gave_it),
        TEST(one_sided_everything_is_acknowledged_at_once),
        TEST(numbers_pass_the_end_of_their_space),
        TEST(a_gap_moves_the_numbers_and_is_counted),
        TEST(time_never_goes_back),
        TEST(what_comes_soon_after_is_in_one_segment),
        TEST(what_is_gathered_goes_when_something_follows),
        TEST(a_segment_is_of_a_bounded_number_of_packets),
        TEST(data_fins_become_fins_when_everything_before_them_went_out),
        TEST(a_close_without_data_fins_closes_the_flow),
        TEST(a_fastclose_is_a_reset_if_its_key_is_right),
        TEST(a_reset_of_a_subflow_is_none_of_the_flow_until_the_connection_ends_by_it),
        TEST(a_connection_that_falls_back_goes_on_in_its_flow),
        TEST(what_goes_in_comes_out),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
