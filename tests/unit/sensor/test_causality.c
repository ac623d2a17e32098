/* What was cause and effect in packets, by the lag it leaves between two inputs. */
#include "tests/unit/sensor/packets.h"

#include <stdlib.h>

#include "mechanism/mechanism.h"
#include "sensor/causality.h"
#include "sensor/spaces.h"

static struct plait_causality *causality;
static uint64_t frame;

static int setup(void **state)
{
    (void)state;
    causality = plait_causality_new(3);
    frame = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    plait_causality_free(causality);
    return 0;
}

static void see(const struct plait_segment *s, uint16_t input, plait_time_ns at_ns)
{
    struct made m;
    make(&m, s, input, at_ns, ++frame);
    plait_causality_see(causality, &m.packet);
}

static void sends(bool is_server, uint16_t input, plait_time_ns at_ns, uint8_t flags, uint32_t seq,
                  uint32_t ack, size_t octets)
{
    static const uint8_t payload[1000];
    struct plait_segment s = is_server ? segment_of(&made_server, &made_client, flags, seq, ack)
                                       : segment_of(&made_client, &made_server, flags, seq, ack);
    s.payload = payload;
    s.payload_octets = octets;
    see(&s, input, at_ns);
}

static plait_time_ns lag(unsigned i, unsigned j)
{
    struct plait_clocks clocks = plait_clocks(3);
    plait_causality_tell(causality, &clocks);
    return clocks.lag_ns[i][j];
}

static plait_time_ns never(void)
{
    return plait_clocks(2).lag_ns[0][1];
}

static void a_syn_is_before_its_answer(void **state)
{
    (void)state;
    sends(false, 0, 1000, PLAIT_SYN, 0xffffffff, 0, 0);
    sends(true, 1, 700, PLAIT_SYN | PLAIT_ACK, 500, 0, 0);
    sends(false, 0, 1100, PLAIT_ACK, 0, 501, 0);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[0][1], -300);
    assert_int_equal(clocks.lag_ns[1][0], 400);
}

static void data_is_before_what_acknowledges_it(void **state)
{
    (void)state;
    sends(false, 0, 100, PLAIT_ACK, 1000, 1, 100); /* 1000 .. 1099 */
    sends(false, 0, 200, PLAIT_ACK, 1100, 1, 100);
    sends(true, 1, 250, PLAIT_ACK, 1, 1050, 0); /* of half of the first */
    sends(true, 1, 260, PLAIT_ACK, 1, 1100, 0); /* of the rest of it */
    assert_int_equal(lag(0, 1), 150);
}

/* Each way of the path in an input of its own, as where routes are not symmetric. */
static void again_in_another_input_says_nothing(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        sends(false, 0, 100 + i, PLAIT_ACK, 1000 + 100 * i, 1, 100);
    sends(false, 2, 900, PLAIT_ACK, 1000, 1, 100); /* after it was acknowledged */
    sends(true, 1, 260, PLAIT_ACK, 1, 1100, 0);    /* whether for 0's or for 2's is not known */
    sends(true, 1, 270, PLAIT_ACK, 1, 1200, 0);
    struct plait_clocks clocks = plait_clocks(3);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[0][1], 169);
    assert_int_equal(clocks.lag_ns[2][1], never());
}

/* Whose own input has no other cause: it must be the other's. */
static void again_in_its_own_input_is_no_cause_of_what_was_before(void **state)
{
    (void)state;
    sends(false, 0, 100, PLAIT_ACK, 1000, 1, 100);
    for (uint32_t i = 1; i < 10; i++)
        sends(false, 0, 101, PLAIT_ACK, 1000 + 100 * i, 1, 100);
    sends(true, 1, 50, PLAIT_ACK, 1, 1100, 0);
    sends(false, 1, 900, PLAIT_ACK, 1000, 1, 100);
    assert_int_equal(lag(0, 1), -50);
}

/* Input 2 has more than was looked at: it may have sent first what 0 has. */
static void what_was_not_looked_at_may_be_the_cause(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 10; i++)
        sends(false, i < 2 ? 2 : 0, 100 + i, PLAIT_ACK, 1000 + 100 * i, 1, 100);
    sends(true, 1, 260, PLAIT_ACK, 1, 1300, 0);
    plait_causality_cut(causality, 2);
    assert_int_equal(lag(0, 1), never());
}

/* The time of its first copy counts, also if no time was kept for it. */
static void octets_that_are_sent_again_are_not_taken_for_new_ones(void **state)
{
    (void)state;
    struct plait_spaces *spaces = calloc(1, sizeof *spaces);
    struct made m;
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 1000, 1);
    for (unsigned i = 0; i < 3; i++) {
        static const plait_time_ns at_ns[] = {0, 4 * PLAIT_MS, 40 * PLAIT_MS};
        make(&m, &s, 0, at_ns[i], 1);
        struct plait_space *path =
            plait_space_of_path(spaces, &m.packet, false, PLAIT_SPACE_OCTETS);
        plait_space_keep_recent(path, &m.packet, i ? 1200 : 1100); /* the last one again */
    }
    s = segment_of(&made_server, &made_client, PLAIT_ACK, 1, 1200);
    make(&m, &s, 0, 50 * PLAIT_MS, 1);
    const struct plait_space_recent *recent = plait_space_recent(
        plait_space_of_path(spaces, &m.packet, true, PLAIT_SPACE_OCTETS), &m.packet);
    assert_non_null(recent);
    assert_int_equal(recent->at_ns, 0);
    free(spaces);
}

static void two_taps_of_a_path_both_saw_the_cause(void **state)
{
    (void)state;
    sends(false, 0, 100, PLAIT_ACK, 1000, 1, 100);
    sends(false, 1, 510, PLAIT_ACK, 1000, 1, 100);
    sends(true, 1, 530, PLAIT_ACK, 1, 1100, 0);
    sends(true, 0, 160, PLAIT_ACK, 1, 1100, 0);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[0][1], 430);
    assert_int_equal(clocks.lag_ns[1][0], -350);
}

static void ports_that_are_used_again_say_nothing(void **state)
{
    (void)state;
    sends(false, 0, 100, PLAIT_SYN, 1000, 0, 0);
    sends(false, 0, 5000, PLAIT_SYN, 900, 0, 0);
    sends(true, 1, 260, PLAIT_SYN | PLAIT_ACK, 1, 1001, 0);
    assert_int_equal(lag(0, 1), never());
}

static void times(bool is_server, uint16_t input, plait_time_ns at_ns, uint32_t value,
                  uint32_t echo)
{
    struct plait_segment s = is_server ? segment_of(&made_server, &made_client, PLAIT_ACK, 1, 1)
                                       : segment_of(&made_client, &made_server, PLAIT_ACK, 1, 1);
    s.options.has_timestamps = true;
    s.options.timestamp = value;
    s.options.timestamp_echo = echo;
    see(&s, input, at_ns);
}

/* RFC 7323 §3.2: also where nothing is sent but acknowledgments. */
static void a_timestamp_is_before_its_echo(void **state)
{
    (void)state;
    times(false, 0, 1000, 7, 1);
    times(false, 0, 1010, 8, 1);
    times(true, 1, 500, 70, 8);
    times(false, 0, 1100, 9, 70);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[0][1], -510);
    assert_int_equal(clocks.lag_ns[1][0], 600);
}

static void what_is_sent_again_says_nothing(void **state)
{
    (void)state;
    sends(false, 0, 100, PLAIT_ACK, 1000, 1, 100);
    sends(false, 0, 900, PLAIT_ACK, 1000, 1, 100); /* after it was acknowledged */
    sends(true, 1, 260, PLAIT_ACK, 1, 1100, 0);
    assert_int_equal(lag(0, 1), 160);
}

/* ---- over paths --------------------------------------------------------------------------- */

static const struct plait_place second = {{{10, 9, 0, 1}, PLAIT_IPV4}, 4001};
static const struct plait_place third = {{{10, 9, 0, 2}, PLAIT_IPV4}, 4002};
static const uint64_t server_key = 0x1122334455667788;

/* The first subflow in input 0, a join in input 1. */
static void two_subflows(plait_time_ns join_ns)
{
    struct plait_segment s = segment_of(&made_server, &made_client, PLAIT_SYN | PLAIT_ACK, 1, 2);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_CAPABLE,
        .capable = {.version = 1, .flags = 1, .has_sender_key = true, .sender_key = server_key}};
    see(&s, 0, 1000);
    s = segment_of(&second, &made_server, PLAIT_SYN, 77, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN,
        .join = {.form = PLAIT_JOIN_SYN, .token = plait_mechanism_v1.token(server_key)}};
    see(&s, 1, join_ns);
}

static void a_join_is_after_the_key_it_names(void **state)
{
    (void)state;
    two_subflows(400);
    assert_int_equal(lag(0, 1), -600);
}

static const uint64_t client_key = 0x99aabbccddeeff00;

/* The listener opens the second subflow, and so names the opener's token. */
static void subflow_of_the_listener(plait_time_ns join_ns)
{
    struct plait_segment s = segment_of(&made_client, &made_server, PLAIT_ACK, 2, 2);
    two_subflows(90000);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                             .capable = {.version = 1,
                                                         .flags = 1,
                                                         .has_sender_key = true,
                                                         .sender_key = client_key,
                                                         .has_receiver_key = true,
                                                         .receiver_key = server_key}};
    see(&s, 0, 1100);
    s = segment_of(&made_server, &third, PLAIT_SYN, 77, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN,
        .join = {.form = PLAIT_JOIN_SYN, .token = plait_mechanism_v1.token(client_key)}};
    see(&s, 1, join_ns);
}

static void data_of(const struct plait_place *from, uint16_t input, plait_time_ns at_ns,
                    uint32_t seq, uint64_t dsn)
{
    static const uint8_t payload[100];
    struct plait_segment s = segment_of(from, &made_server, PLAIT_ACK, seq, 1);
    s.payload = payload;
    s.payload_octets = sizeof payload;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                             .dss = {.has_map = true,
                                                     .dsn_is_64 = true,
                                                     .dsn = dsn,
                                                     .ssn = 1,
                                                     .data_length = sizeof payload}};
    see(&s, input, at_ns);
}

static void acknowledges(const struct plait_place *to, uint16_t input, plait_time_ns at_ns,
                         uint64_t data_ack)
{
    struct plait_segment s = segment_of(&made_server, to, PLAIT_ACK, 1, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_DSS, .dss = {.has_ack = true, .ack_is_64 = true, .data_ack = data_ack}};
    see(&s, input, at_ns);
}

static void acknowledges_both(const struct plait_place *to, uint16_t input, plait_time_ns at_ns,
                              uint32_t ack, uint64_t data_ack)
{
    struct plait_segment s = segment_of(&made_server, to, PLAIT_ACK, 1, ack);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_DSS, .dss = {.has_ack = true, .ack_is_64 = true, .data_ack = data_ack}};
    see(&s, input, at_ns);
}

static void announces(uint16_t input, plait_time_ns at_ns, bool is_echo)
{
    struct plait_segment s = is_echo ? segment_of(&made_client, &made_server, PLAIT_ACK, 2, 1)
                                     : segment_of(&made_server, &made_client, PLAIT_ACK, 2, 2);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_ADD_ADDR,
        .add_addr = {.echo = is_echo, .addr_id = 3, .addr = third.addr, .has_hmac = !is_echo}};
    see(&s, input, at_ns);
}

static void an_address_is_before_its_echo(void **state)
{
    (void)state;
    two_subflows(90000);
    announces(0, 2000, false);
    announces(2, 700, true);
    announces(2, 100, false); /* another time, on another path: whose echo it is is not known */
    assert_int_equal(lag(0, 2), never());
    plait_causality_free(causality);
    causality = plait_causality_new(3);
    two_subflows(90000);
    announces(0, 2000, false);
    announces(2, 700, true);
    assert_int_equal(lag(0, 2), -1300);
}

/* The message with both keys is enough, and its connection's input may be read later. */
static void a_join_may_be_read_before_its_connection(void **state)
{
    (void)state;
    struct plait_segment s = segment_of(&second, &made_server, PLAIT_SYN, 77, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_JOIN,
        .join = {.form = PLAIT_JOIN_SYN, .token = plait_mechanism_v1.token(server_key)}};
    see(&s, 0, 100);
    data_of(&second, 0, 2000, 78, 5100);
    s = segment_of(&made_client, &made_server, PLAIT_ACK, 2, 2);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                             .capable = {.version = 1,
                                                         .flags = 1,
                                                         .has_sender_key = true,
                                                         .sender_key = 1,
                                                         .has_receiver_key = true,
                                                         .receiver_key = server_key}};
    see(&s, 1, 300);
    acknowledges(&made_client, 1, 2500, 5200);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[1][0], -200);
    assert_int_equal(clocks.lag_ns[0][1], 500);
}

static void a_data_ack_on_one_path_is_after_data_on_the_other(void **state)
{
    (void)state;
    two_subflows(90000);
    data_of(&made_client, 0, 100000, 10, 0xfffffff0); /* wraps its lower half */
    data_of(&second, 1, 200000, 78, 0x100000054);
    acknowledges(&made_client, 0, 205000, 0x1000000b8);
    acknowledges(&second, 1, 101000, 0x100000054);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[0][1], 1000);
    assert_int_equal(clocks.lag_ns[1][0], 5000);
}

static void so_it_is_on_a_path_that_the_listener_opened(void **state)
{
    (void)state;
    subflow_of_the_listener(700);
    assert_int_equal(lag(0, 1), -400); /* the key first */
    plait_causality_free(causality);
    causality = plait_causality_new(3);
    subflow_of_the_listener(90000);
    data_of(&made_client, 0, 100000, 10, 0xfffffff0);
    data_of(&third, 1, 200000, 78, 0x100000054);
    acknowledges(&made_client, 0, 205000, 0x1000000b8);
    acknowledges(&third, 1, 101000, 0x100000054);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[0][1], 1000);
    assert_int_equal(clocks.lag_ns[1][0], 5000);
}

/* Both copies of all data: whichever came first, each DATA_ACK has a cause beside it.  But who says
 * more on the other path said this before. */
static void data_acks_of_all_paths_are_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    two_subflows(90000);
    for (uint32_t i = 0; i < 2; i++) {
        data_of(&made_client, 0, 10000000 * (10 + i), 10 + 100 * i, 5000 + 100 * i);
        data_of(&second, 1, 10000000 * (20 + i), 78 + 100 * i, 5000 + 100 * i);
        acknowledges_both(&made_client, 0, 10000000 * (10 + i) + 500, 110 + 100 * i,
                          5100 + 100 * i);
        acknowledges_both(&second, 1, 10000000 * (20 + i) + 700, 178 + 100 * i, 5100 + 100 * i);
    }
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[1][0],
                     -90000000 + 500); /* 200 ms before 110 ms and its answer */
}

/* The copy of another path may be later than the DATA_ACK of the first one; if that is on the same
 * path, too, it is of the first one. */
static void reinjected_data_says_nothing(void **state)
{
    (void)state;
    two_subflows(90000);
    data_of(&made_client, 0, 100000, 10, 5000);
    data_of(&second, 1, 200000, 78, 5000);
    acknowledges(&made_client, 0, 101000, 5100);
    acknowledges(&second, 1, 150000, 5100);
    struct plait_clocks clocks = plait_clocks(2);
    plait_causality_tell(causality, &clocks);
    assert_int_equal(clocks.lag_ns[1][0], never());
    assert_int_equal(clocks.lag_ns[0][1], 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_syn_is_before_its_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(data_is_before_what_acknowledges_it, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_sent_again_says_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_join_is_after_the_key_it_names, setup, teardown),
        cmocka_unit_test_setup_teardown(a_data_ack_on_one_path_is_after_data_on_the_other, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(so_it_is_on_a_path_that_the_listener_opened, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(again_in_another_input_says_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(again_in_its_own_input_is_no_cause_of_what_was_before,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(two_taps_of_a_path_both_saw_the_cause, setup, teardown),
        cmocka_unit_test_setup_teardown(ports_that_are_used_again_say_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_timestamp_is_before_its_echo, setup, teardown),
        cmocka_unit_test_setup_teardown(data_acks_of_all_paths_are_in_the_order_of_their_numbers,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_address_is_before_its_echo, setup, teardown),
        cmocka_unit_test_setup_teardown(a_join_may_be_read_before_its_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_not_looked_at_may_be_the_cause, setup, teardown),
        cmocka_unit_test_setup_teardown(octets_that_are_sent_again_are_not_taken_for_new_ones,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(reinjected_data_says_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
