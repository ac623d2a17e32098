/* The octets of threats.md §7.3, as other implementations sent them, judged as stated there. */
#include "tests/unit/audit/fixture.h"
#include "tests/unit/hex.h"

struct message {
    unsigned path, end;
    uint8_t flags;
    const char *option;
};

enum { S = PLAIT_SYN, SA = PLAIT_SYN | PLAIT_ACK, A = PLAIT_ACK, R = PLAIT_RST };

static void speak(struct talk *t, const struct message *messages, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t octets[40];
        struct plait_mptcp_option o;
        size_t length = hex(messages[i].option, octets, sizeof octets);
        assert_ok(plait_mptcp_parse(octets, length, &o));
        say(t, messages[i].path, messages[i].end, messages[i].flags, &o, 1, NULL, 0);
    }
}
#define SPEAK(t, messages) speak(t, messages, sizeof messages / sizeof messages[0])

static void judged(const struct ear *ear, enum plait_audit_event_kind kind,
                   const enum plait_judgement *expected, unsigned count)
{
    assert_int_equal(ear_events(ear, kind), count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(ear_event(ear, kind, i)->judgement, expected[i]);
}

static void finish(struct ear *ear)
{
    plait_audit_end(ear->audit);
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
    ear_free(ear);
}

static void v0_handshake_and_join(void **state)
{
    (void)state;
    static const struct message messages[] = {
        {0, 0, S, "1e0c0081 9c9eabd1e46a33b2"},
        {0, 1, SA, "1e0c0081 967d2770b6960552"},
        {0, 0, A, "1e140081 9c9eabd1e46a33b2967d2770b6960552"},
        {0, 1, A, "1e083401 0a010202"},
        {1, 0, S, "1e0c1000 e47f0142 1b665a18"},
        {1, 1, SA, "1e101001 5ab680c7884af03d 33abe9d5"},
        {1, 0, A, "1e181000 cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a"},
        {1, 1, A, "1e044000"}};
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 0);
    SPEAK(&t, messages);
    static const enum plait_judgement valid[] = {PLAIT_VALID, PLAIT_VALID},
                                      none[] = {PLAIT_CANNOT_TELL};
    judged(ear, PLAIT_SAW_JOIN_PROOF, valid, 2);
    judged(ear, PLAIT_SAW_ADD_ADDR, none, 1); /* it carries none */
    plait_audit_end(ear->audit);
    const struct plait_audit_connection_view *c = &ear->ended[0];
    assert_int_equal(c->token[0], 0xaf9706eb);
    assert_int_equal(c->token[1], 0xe47f0142);
    assert_int_equal(c->idsn[0], 0x9851b565d52abec9);
    assert_int_equal(c->idsn[1], 0xe47ef57dd1b9748f);
    finish(ear);
}

static void v1_addresses(void **state)
{
    (void)state;
    static const struct message messages[] = {
        {0, 0, S, "1e040101"},
        {0, 1, SA, "1e0c0101 ccefd4eac187fafb"},
        {0, 0, A, "1e140101 23ae131cd5822cbe ccefd4eac187fafb"},
        {0, 0, A, "1e103001 0a000014 7d3aea884fcd173e"},
        {0, 1, A, "1e083101 0a000014"},
        {0, 1, A, "1e103001 0a000214 b449e2aac77afd35"},
        {0, 0, A, "1e1c3002 20010000000000000000000000000020 79c4e0c7e395a1ac"},
        {0, 1, A, "1e143102 20010000000000000000000000000020"},
        {0, 1, A, "1e1c3002 20010002000000000000000000000020 81a07243d7b90b8b"},
        {0, 0, A, "1e1230030a0000141f90 c6032a2e8310a7ce"},
        {0, 0, A, "1e1e3004 20010db8000000000000000000000001 01bb 111124340dbc0a11"}};
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    SPEAK(&t, messages);
    static const enum plait_judgement valid[] = {PLAIT_VALID, PLAIT_VALID, PLAIT_VALID,
                                                 PLAIT_VALID, PLAIT_VALID, PLAIT_VALID};
    judged(ear, PLAIT_SAW_ADD_ADDR, valid, 6);
    assert_null(ear_alert(ear, "echo-unasked"));
    plait_audit_end(ear->audit);
    assert_int_equal(ear->ended[0].token[0], 0x8473543a);
    assert_int_equal(ear->ended[0].token[1], 0x50e5993c);
    assert_int_equal(ear->ended[0].idsn[0], 0x581cca401ef44e90);
    finish(ear);
}

/* The second connection, then a join by its server's peer and one towards the client. */
static void v1_join(void **state)
{
    (void)state;
    static const struct message messages[] = {
        {0, 0, S, "1e040101"},
        {0, 1, SA, "1e0c0101 d16b2cc2ae16ed03"},
        {0, 0, A, "1e140101 b0ce7ad92707a563 d16b2cc2ae16ed03"},
        {0, 1, A, "1e103003 0a000514 d0354c5874178330"},
        {1, 0, S, "1e0c1000 06b80500 bb293ef9"},
        {1, 1, SA, "1e101003 0b9a4c856b436166 b18a3ccf"},
        {1, 0, A, "1e181000 305840936850bf399c35e154ae0e608457a8946b"},
        {1, 0, A, "1e16200d 790e312c 742791cdd3dafe36 00000001 0003"},
        {1, 0, A, "1e1a201f 94a08400790e3300 742791cdd3dafe64 00000000 0001"}};
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    SPEAK(&t, messages);
    static const enum plait_judgement valid[] = {PLAIT_VALID, PLAIT_VALID};
    judged(ear, PLAIT_SAW_ADD_ADDR, valid, 1);
    judged(ear, PLAIT_SAW_JOIN_PROOF, valid, 2);
    finish(ear);
}

static void v1_the_left_half(void **state)
{
    (void)state;
    static const struct message messages[] = {
        {0, 0, S, "1e040101"},
        {0, 1, SA, "1e0c0101 73bb150358a0aecb"},
        {0, 0, A, "1e140101 8f0c7c64a6a32ac1 73bb150358a0aecb"},
        {0, 1, A, "1e103001 c0a888e1 669928744366716c"},
        {0, 1, A, "1e103001 c0a888e1 e0e054c3444e4c25"},
        {0, 1, A, "1e103001 c0a888e1 e0e054c3444e4c24"}};
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    SPEAK(&t, messages);
    static const enum plait_judgement expected[] = {PLAIT_PRE_RFC, PLAIT_VALID, PLAIT_INVALID};
    judged(ear, PLAIT_SAW_ADD_ADDR, expected, 3);
    assert_non_null(ear_alert(ear, "add-addr-pre-rfc"));
    assert_non_null(ear_alert(ear, "add-addr-mac"));
    ear_free(ear);
}

/* Without a key nothing of it can be told: the same octets, the third ACK missing. */
static void what_needs_keys_cannot_be_told(void **state)
{
    (void)state;
    static const struct message messages[] = {
        {0, 0, S, "1e040101"},
        {0, 1, SA, "1e0c0101 d16b2cc2ae16ed03"},
        {0, 1, A, "1e103003 0a000514 d0354c5874178330"},
        {0, 1, A, "1e103003 0a000514 d0354c5874178331"},
        {1, 0, S, "1e0c1000 06b80500 bb293ef9"},
        {1, 1, SA, "1e101003 0b9a4c856b436166 b18a3ccf"},
        {1, 0, A, "1e181000 305840936850bf399c35e154ae0e608457a8946c"}};
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    SPEAK(&t, messages);
    static const enum plait_judgement none[] = {PLAIT_CANNOT_TELL, PLAIT_CANNOT_TELL};
    judged(ear, PLAIT_SAW_ADD_ADDR, none, 2);
    judged(ear, PLAIT_SAW_JOIN_PROOF, none, 2);
    finish(ear);
}

static void fastclose_and_resets(void **state)
{
    (void)state;
    static const struct message messages[] = {
        {0, 0, S, "1e0c0081 9c9eabd1e46a33b2"},
        {0, 1, SA, "1e0c0081 d005b1ab34bad344"},
        {0, 0, A, "1e140081 9c9eabd1e46a33b2d005b1ab34bad344"},
        {0, 0, A, "1e0c7000 d005b1ab34bad344"},
        {0, 1, R, "1e048101"}};
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 0);
    SPEAK(&t, messages);
    static const enum plait_judgement valid[] = {PLAIT_VALID};
    judged(ear, PLAIT_SAW_FASTCLOSE, valid, 1);
    assert_int_equal(ear_event(ear, PLAIT_SAW_RESET, 0)->reason, 1);
    assert_int_equal(ear_event(ear, PLAIT_SAW_RESET, 0)->flags, 1);
    finish(ear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v0_handshake_and_join),
        cmocka_unit_test(v1_addresses),
        cmocka_unit_test(v1_join),
        cmocka_unit_test(v1_the_left_half),
        cmocka_unit_test(what_needs_keys_cannot_be_told),
        cmocka_unit_test(fastclose_and_resets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
