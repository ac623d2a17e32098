/* What was cause and effect in packets, by the lag it leaves between two inputs. */
#include "tests/unit/sensor/packets.h"

#include "mechanism/mechanism.h"
#include "sensor/causality.h"

static struct plait_causality *causality;
static uint64_t frame;

static int setup(void **state)
{
    (void)state;
    causality = plait_causality_new();
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
    struct plait_clocks clocks = plait_clocks(2);
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
    sends(true, 1, 150, PLAIT_ACK, 1, 1050, 0); /* of neither, whole */
    sends(true, 1, 260, PLAIT_ACK, 1, 1100, 0); /* of the first */
    assert_int_equal(lag(0, 1), 160);
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
    causality = plait_causality_new();
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

/* The copy of another path may be later than the DATA_ACK of the first one. */
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
    assert_int_equal(clocks.lag_ns[0][1], 89000); /* of the key and the join alone */
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
        cmocka_unit_test_setup_teardown(reinjected_data_says_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
