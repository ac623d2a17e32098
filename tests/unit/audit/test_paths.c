/* Rules that rest on several paths of one connection: DATA_ACKs that go back, and handshakes with
 * addresses that do not answer. */
#include <stdio.h>

#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"

struct stage {
    struct ear *ear;
    struct talk t;
};

/* Both ends acknowledged data of the other on path 0. */
static struct stage established(uint8_t version)
{
    struct stage s = {.ear = ear_new()};
    s.t = talk(s.ear, version);
    hello(&s.t);
    exchange(&s.t);
    return s;
}

/* A pure ACK with this DATA_ACK. */
static void ack_number(struct talk *t, unsigned path, unsigned end, uint64_t number)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_DSS,
                                   .dss = {.has_ack = true, .ack_is_64 = true, .data_ack = number}};
    say(t, path, end, PLAIT_ACK, &o, 1, NULL, 0);
}

/* ---- DATA_ACKs ---- */

static void who_joins_knows_what_was_acknowledged(void **state)
{
    (void)state;
    for (uint64_t less = 0; less < 2; less++) {
        struct stage s = established(1);
        join(&s.t, 1, 0);
        ack_number(&s.t, 1, 0, dsn_of(&s.t, 1, 8 - less));
        ear_done(s.ear, less ? "data-ack-back" : NULL);
    }
}

static void an_acknowledgment_that_was_overtaken_is_none_that_goes_back(void **state)
{
    (void)state;
    struct stage s = established(1);
    join(&s.t, 1, 0);
    data(&s.t, 1, 1, "more");
    ack_number(&s.t, 0, 0, dsn_of(&s.t, 1, 12));
    ack_number(&s.t, 1, 0, dsn_of(&s.t, 1, 8)); /* sent before that, of a longer path */
    ear_done(s.ear, NULL);
}

static void who_answers_data_has_acknowledged_what_he_had_before_them(void **state)
{
    (void)state;
    for (uint64_t less = 0; less < 2; less++) {
        struct stage s = established(1);
        join(&s.t, 1, 0);
        data(&s.t, 1, 1, "more");
        data_ack(&s.t, 1, 0); /* 12 octets */
        data(&s.t, 0, 1, "and more");
        ack_number(&s.t, 0, 0, dsn_of(&s.t, 1, 12 - less));
        ear_done(s.ear, less ? "data-ack-back" : NULL);
    }
}

static void a_number_of_no_stream_is_not_acknowledged(void **state)
{
    (void)state;
    struct stage s = established(1), first = established(1);
    ack_number(&first.t, 0, 0, dsn_of(&first.t, 1, 0) - 1); /* the octet of the SYN */
    ear_done(first.ear, NULL);
    ack_number(&s.t, 0, 0, dsn_of(&s.t, 1, 0) + ((uint64_t)1 << 60));
    assert_non_null(ear_alert(s.ear, "data-ack-back"));
    data(&s.t, 0, 1, "more");
    data_ack(&s.t, 0, 0);
    plait_audit_end(s.ear->audit);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_GAPS), 0); /* nor does it say what is missing */
    ear_free(s.ear);
}

/* ---- proofs ---- */

/* The ACK was late, so the answer was sent again, and came behind it. */
static void what_is_proven_is_not_asked_again(void **state)
{
    (void)state;
    for (unsigned end = 0; end < 2; end++) {
        struct stage s = established(1);
        struct plait_mptcp_option o =
            end ? join_answer(&s.t, 1, 0x2223, 0x1112, 0) : join_syn(&s.t, 0, 0x1112, 1);
        join(&s.t, 1, 0);
        uint32_t seq = s.t.path[1].seq[end];
        s.t.path[1].seq[end] = s.t.path[1].isn[end];
        s.t.now_ns += PLAIT_S;
        say(&s.t, 1, end, end ? PLAIT_SYN | PLAIT_ACK : PLAIT_SYN, &o, 1, NULL, 0);
        s.t.path[1].seq[end] = seq;
        data(&s.t, 1, end, "more");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_MACS_VALID), 2);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_MACS_CANNOT_TELL), 0);
        ear_done(s.ear, NULL);
    }
}

/* Both ends have the same token, which anyone can make of two keys: whose it is, no address tells,
 * and the MAC does.  The subflow comes to the place in the list that it had. */
static void a_subflow_may_move_within_its_connection(void **state)
{
    (void)state;
    for (unsigned opener = 0; opener < 2; opener++) {
        struct stage s = {.ear = ear_new()};
        s.t = talk(s.ear, 1);
        s.t.key[0] = 50799;
        s.t.key[1] = 58968;
        hello(&s.t);
        exchange(&s.t);
        for (unsigned n = 1; n < 3; n++) {
            s.t.path[n] = path("198.18.7.1", (uint16_t)(5000 + n), "198.18.8.1", 80, 30 + n);
            join(&s.t, n, opener);
        }
        data(&s.t, 1, 0, "more");
        plait_audit_end(s.ear->audit);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_MACS_VALID), 4);
        assert_int_equal(s.ear->ended[0].subflow_count, 3);
        ear_free(s.ear);
    }
}

/* ---- addresses that do not answer ---- */

static void again(struct talk *t, unsigned path, unsigned end, uint8_t flags,
                  const struct plait_mptcp_option *o)
{
    say(t, path, end, flags, o, 1, NULL, 0);
    t->now_ns += PLAIT_S;
    t->path[path].seq[end]--;
    say(t, path, end, flags, o, 1, NULL, 0);
}

/* The client announces ADDRESS; the server joins it, twice, and is answered if IS_THERE. */
static void announce(struct talk *t, unsigned n, const char *address, bool is_there)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_ADD_ADDR,
                                   .add_addr = {.is_v0 = true, .addr_id = (uint8_t)(n + 1)}};
    uint32_t nonce = 0x100 + n;
    assert_ok(plait_addr_parse(address, &o.add_addr.addr));
    say(t, 0, 0, PLAIT_ACK, &o, 1, NULL, 0);
    t->path[1] = path(address, (uint16_t)(7000 + n), "198.18.2.1", 80, 20 + n);
    struct plait_mptcp_option syn = join_syn(t, 1, nonce, 0);
    again(t, 1, 1, PLAIT_SYN, &syn);
    struct plait_mptcp_option answer = join_answer(t, 0, nonce + 0x1000, nonce, (uint8_t)(n + 1));
    if (is_there)
        say(t, 1, 0, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
}

static void announced_addresses_that_do_not_answer(void **state)
{
    (void)state;
    static const struct {
        const char *format, *rule;
        unsigned count, answering;
    } cases[] = {{"203.0.113.%u", "join-spray", 4, 0},
                 {"203.0.113.%u", NULL, 3, 0},
                 {"203.0.113.%u", NULL, 4, 1},
                 {"192.168.7.%u", NULL, 5, 0}}; /* behind a NAT (C-NAT-3) */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s = established(0);
        for (unsigned n = 0; n < cases[i].count; n++) {
            char address[32];
            snprintf(address, sizeof address, cases[i].format, n + 1);
            announce(&s.t, n, address, n < cases[i].answering);
        }
        ear_done(s.ear, cases[i].rule);
    }
}

/* A join in the client's name; the server answers twice. */
static void join_from(struct talk *t, unsigned n, bool completes)
{
    char address[32];
    uint32_t nonce = 0x100 + n, own = 0x1000 + n;
    snprintf(address, sizeof address, "203.0.113.%u", n + 1);
    t->path[1] = path(address, (uint16_t)(7000 + n), "198.18.2.1", 80, 20 + n);
    struct plait_mptcp_option syn = join_syn(t, 0, nonce, (uint8_t)(n + 1)),
                              answer = join_answer(t, 1, own, nonce, 0),
                              ack = join_ack(t, 0, nonce, own);
    say(t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    again(t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer);
    if (completes)
        say(t, 1, 0, PLAIT_ACK, &ack, 1, NULL, 0);
}

static void joins_in_the_name_of_third_parties(void **state)
{
    (void)state;
    for (unsigned completing = 0; completing < 2; completing++) {
        struct stage s = established(1);
        for (unsigned n = 0; n < 4; n++)
            join_from(&s.t, n, n < completing);
        ear_done(s.ear, completing ? NULL : "join-reflected");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_joins_knows_what_was_acknowledged),
        cmocka_unit_test(an_acknowledgment_that_was_overtaken_is_none_that_goes_back),
        cmocka_unit_test(who_answers_data_has_acknowledged_what_he_had_before_them),
        cmocka_unit_test(a_number_of_no_stream_is_not_acknowledged),
        cmocka_unit_test(what_is_proven_is_not_asked_again),
        cmocka_unit_test(a_subflow_may_move_within_its_connection),
        cmocka_unit_test(announced_addresses_that_do_not_answer),
        cmocka_unit_test(joins_in_the_name_of_third_parties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
