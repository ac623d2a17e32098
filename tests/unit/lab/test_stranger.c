/* The targets of floods: an unmodified TCP that resets, and one that says nothing. */
#include "tests/unit/lab/talk.h"

#include "lab/stranger.h"
#include "tests/unit/net/fixture.h"

static struct plait_packet *answer_of(struct plait_stranger *stranger, uint8_t flags,
                                      size_t payload_octets)
{
    talk_places();
    struct plait_segment s = talk(&talk_server, &talk_attacker, flags, 700, 500);
    s.payload = (const uint8_t *)"unasked for";
    s.payload_octets = payload_octets;
    struct plait_port port = plait_stranger_port(stranger);
    port.ops->input(port.self, 0, packet_of(&s));
    return port.ops->output(port.self, 0);
}

/* RFC 9293 §3.10.7.1, both forms. */
static void the_live_reset_what_they_know_nothing_of(void **state)
{
    (void)state;
    struct plait_stranger live = {.kind = PLAIT_STRANGER_LIVE};
    struct plait_packet *packet = answer_of(&live, PLAIT_SYN | PLAIT_ACK, 0);
    assert_non_null(packet);
    assert_int_equal(parsed(packet).flags, PLAIT_RST);
    assert_int_equal(parsed(packet).seq, 500);
    assert_int_equal(parsed(packet).dst_port, talk_server.port);
    plait_packet_free(packet);
    packet = answer_of(&live, PLAIT_PSH, 11);
    assert_int_equal(parsed(packet).flags, PLAIT_RST | PLAIT_ACK);
    assert_int_equal(parsed(packet).ack, 711);
    plait_packet_free(packet);
    assert_null(answer_of(&live, PLAIT_RST, 0)); /* no war of resets */
    plait_stranger_free(&live);
}

static void the_silent_say_nothing(void **state)
{
    (void)state;
    struct plait_stranger silent = {.kind = PLAIT_STRANGER_SILENT};
    assert_null(answer_of(&silent, PLAIT_SYN | PLAIT_ACK, 0));
    assert_null(answer_of(&silent, PLAIT_ACK, 11));
    plait_stranger_free(&silent);
}

static void what_was_not_fetched_is_freed(void **state)
{
    (void)state;
    struct plait_stranger live = {.kind = PLAIT_STRANGER_LIVE};
    struct plait_segment s = talk(&talk_server, &talk_attacker, PLAIT_ACK, 700, 500);
    struct plait_port port = plait_stranger_port(&live);
    for (int i = 0; i < 3; i++)
        port.ops->input(port.self, 0, packet_of(&s));
    assert_non_null(live.first);
    plait_stranger_free(&live);
    assert_null(live.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_live_reset_what_they_know_nothing_of),
        cmocka_unit_test(the_silent_say_nothing),
        cmocka_unit_test(what_was_not_fetched_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
