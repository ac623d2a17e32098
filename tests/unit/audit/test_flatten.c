/* What flatten writes of handshakes, orphans and refused offers, and of what it has no room for. */
#include "tests/unit/audit/flatten_stage.h"

/* ---- handshakes ---------------------------------------------------------------------------- */

static void a_handshake_has_the_times_and_numbers_of_the_genuine_one(void **state)
{
    (void)state;
    shake_hands();
    assert_int_equal(stage.heard.packet_count, 3);
    static const uint8_t flags[] = {PLAIT_SYN, PLAIT_SYN | PLAIT_ACK, PLAIT_ACK};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(heard(i)->flags, flags[i]);
        assert_int_equal(heard(i)->at_ns, (i + 1) * PLAIT_MS);
        assert_int_equal(heard(i)->frame[0], i + 1);
        assert_false(heard(i)->has_mptcp);
    }
    assert_int_equal(heard(0)->seq, CLIENT_ISN);
    assert_int_equal(heard(1)->seq, SERVER_ISN);
    assert_int_equal(heard(1)->ack, CLIENT_ISN + 1);
    assert_int_equal(heard(2)->ack, SERVER_ISN + 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_INVENTED), 0);
}

static void a_handshake_sent_again_is_written_once(void **state)
{
    (void)state;
    offer();
    answer();
    answer();
    begin_ack(0, 0);
    end_packet(0, 0);
    offer();
    begin_ack(0, 0);
    end_packet(0, 0);
    assert_int_equal(stage.heard.packet_count, 3);
}

static void what_a_capture_lacks_of_a_handshake_is_written_when_something_shows_it(void **state)
{
    (void)state;
    answer(); /* one direction only: the SYN is known by its number */
    bring(1, 0, 0, "hello", 5);
    assert_int_equal(stage.heard.packet_count, 4);
    assert_int_equal(heard(0)->flags, PLAIT_SYN);
    assert_int_equal(heard(0)->seq, CLIENT_ISN);
    assert_int_equal(heard(1)->flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(heard(1)->seq, SERVER_ISN);
    assert_int_equal(heard(2)->flags, PLAIT_ACK);
    assert_int_equal(heard(3)->length, 5);
    assert_int_equal(heard(3)->seq, SERVER_ISN + 1);
    set_up_with(small_limits());
    offer(); /* the other direction only */
    bring(0, 0, 0, "hello", 5);
    assert_int_equal(stage.heard.packet_count, 4);
    assert_int_equal(heard(1)->flags, PLAIT_SYN | PLAIT_ACK);
    assert_int_equal(heard(1)->seq, SERVER_ISN);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_INVENTED), 1);
}

static void a_flow_under_way_has_no_handshake(void **state)
{
    (void)state;
    begin_ack(1, 0);
    say_octets(1, 0, "abc", 3);
    end_packet(0, 1);
    assert_int_equal(stage.heard.packet_count, 1);
    assert_int_equal(heard(0)->seq, SERVER_ISN + 1);
    assert_int_equal(heard(0)->ack, CLIENT_ISN + 1);
    assert_int_equal(heard(0)->ports[0], SERVER_PORT);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_CONNECTIONS), 1);
}

static void octets_that_a_syn_brought_are_counted_if_they_were_acknowledged(void **state)
{
    (void)state;
    struct plait_segment s = segment_from(0, 0, PLAIT_SYN);
    s.seq = CLIENT_ISN;
    s.payload = (const uint8_t *)"early";
    s.payload_octets = 5;
    add_capable(&s);
    begin_packet(&s);
    say_open();
    say(PLAIT_SAW_HELLO, 0);
    end_packet(0, 0);
    assert_int_equal(last_heard()->length, 5);
    stage.isn[0] += 5;
    answer();
    begin_ack(0, 0);
    end_packet(0, 0);
    bring(0, 0, 0, "late", 4);
    assert_memory_equal(stream_of(0, 0)->octets, "earlylate", 9);
    assert_int_equal(stream_of(0, 0)->gaps, 0);
}

static void a_refused_offer_passes_without_its_option(void **state)
{
    (void)state;
    offer();
    struct plait_segment s = segment_from(1, 0, PLAIT_SYN | PLAIT_ACK);
    s.seq = SERVER_ISN;
    s.ack = CLIENT_ISN + 1;
    begin_packet(&s);
    say(PLAIT_SAW_FALLBACK, 1);
    struct plait_audit_place place = place_now(CONNECTION, 0, 1);
    place.is_mptcp = false;
    plait_flatten_end(stage.f, &place);
    s = segment_from(0, 0, PLAIT_ACK);
    s.payload = (const uint8_t *)"plain";
    s.payload_octets = 5;
    add_capable(&s); /* it did not hear the answer */
    begin_packet(&s);
    say_octets(0, 0, "plain", 5);
    place.direction = 0;
    plait_flatten_end(stage.f, &place);
    assert_int_equal(stage.heard.packet_count, 3);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(heard(i)->kind, PLAIT_FLAT_PASSED);
        assert_false(heard(i)->has_mptcp);
    }
    assert_int_equal(heard(2)->length, 5);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_STRIPPED), 2);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_REFUSED), 1);
}

static void a_port_that_nobody_listens_on_is_seen_to_be_closed(void **state)
{
    (void)state;
    offer();
    struct plait_segment s = segment_from(1, 0, PLAIT_RST | PLAIT_ACK);
    begin_packet(&s);
    say(PLAIT_SAW_RESET, 1);
    end_packet(0, 1);
    assert_int_equal(last_heard()->flags, PLAIT_RST | PLAIT_ACK);
    assert_int_equal(last_heard()->kind, PLAIT_FLAT_PASSED);
    say_ended(PLAIT_END_RESET);
    assert_int_equal(stage.heard.packet_count, 2);
}

static void plain_tcp_passes_as_it_came(void **state)
{
    (void)state;
    struct plait_segment s = segment_from(0, 0, PLAIT_SYN);
    add_capable(&s); /* even with an option that means nothing there */
    begin_packet(&s);
    struct plait_audit_place place = place_now(CONNECTION, 0, 0);
    place.is_mptcp = false;
    plait_flatten_end(stage.f, &place);
    assert_int_equal(last_heard()->kind, PLAIT_FLAT_PASSED);
    assert_true(last_heard()->has_mptcp);
    begin_packet(&s);
    place = (struct plait_audit_place){0};
    plait_flatten_end(stage.f, &place);
    assert_int_equal(stage.heard.packet_count, 2);
}

/* ---- orphans, limits ----------------------------------------------------------------------- */

static void join_orphan(void)
{
    struct plait_segment s = segment_from(0, 1, PLAIT_SYN);
    begin_packet(&s);
    say_open();
    say(PLAIT_SAW_JOIN, 0);
    end_packet(0, 0);
    bring(0, 1, 0, "part", 4);
}

static void a_subflow_whose_connection_is_not_known_passes_or_does_not(void **state)
{
    (void)state;
    join_orphan();
    assert_int_equal(stage.heard.packet_count, 2);
    assert_int_equal(heard(0)->kind, PLAIT_FLAT_ORPHAN);
    assert_int_equal(heard(1)->kind, PLAIT_FLAT_ORPHAN);
    struct plait_flatten_limits limits = small_limits();
    limits.drops_orphans = true;
    set_up_with(limits);
    join_orphan();
    assert_int_equal(stage.heard.packet_count, 0);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_ORPHANS), 1);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_ORPHAN_PACKETS), 2);
}

static void what_has_no_room_passes(void **state)
{
    (void)state;
    struct plait_flatten_limits limits = small_limits();
    limits.memory_octets = 0;
    set_up_with(limits);
    shake_hands();
    assert_int_equal(stage.heard.packet_count, 3);
    assert_int_equal(heard(2)->kind, PLAIT_FLAT_PASSED);
    assert_true(counted(PLAIT_FLAT_COUNT_NO_ROOM) > 0);
}

static void room_is_given_back_when_connections_end(void **state)
{
    (void)state;
    struct plait_flatten_limits limits = small_limits();
    limits.memory_octets = 2048;
    set_up_with(limits);
    for (unsigned i = 0; i < 100; i++) {
        stage.heard.flow_count = 0;
        shake_hands();
        say_ended(PLAIT_END_INPUT);
    }
    assert_int_equal(counted(PLAIT_FLAT_COUNT_NO_ROOM), 0);
    assert_int_equal(counted(PLAIT_FLAT_COUNT_CONNECTIONS), 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_handshake_has_the_times_and_numbers_of_the_genuine_one),
        TEST(a_handshake_sent_again_is_written_once),
        TEST(what_a_capture_lacks_of_a_handshake_is_written_when_something_shows_it),
        TEST(a_flow_under_way_has_no_handshake),
        TEST(octets_that_a_syn_brought_are_counted_if_they_were_acknowledged),
        TEST(a_refused_offer_passes_without_its_option),
        TEST(a_port_that_nobody_listens_on_is_seen_to_be_closed),
        TEST(plain_tcp_passes_as_it_came),
        TEST(a_subflow_whose_connection_is_not_known_passes_or_does_not),
        TEST(what_has_no_room_passes),
        TEST(room_is_given_back_when_connections_end),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
