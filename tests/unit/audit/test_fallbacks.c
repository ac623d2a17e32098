/* Fallbacks with their cause: what proves one, what does not, and what waits for the proof. */
#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"

static void plain(struct talk *t, unsigned path, unsigned end, const char *text)
{
    say(t, path, end, PLAIT_ACK, NULL, 0, text, strlen(text));
}

/* ---- fallbacks ---- */

static void an_answer_without_mptcp(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    struct plait_hello_values values = {.sender_key = t.key[0]};
    struct plait_mptcp_option o;
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values, &o);
    say(&t, 0, 0, PLAIT_SYN, &o, 1, NULL, 0);
    say(&t, 0, 1, PLAIT_SYN | PLAIT_ACK, NULL, 0, NULL, 0);
    say(&t, 0, 0, PLAIT_ACK, NULL, 0, NULL, 0);
    plain(&t, 0, 0, "request");
    plain(&t, 0, 1, "response");
    const struct plait_audit_event *e = ear_event(ear, PLAIT_SAW_FALLBACK, 0);
    assert_string_equal(e->cause, "SYN/ACK carries no MP_CAPABLE");
    assert_int_equal(e->packet.frame, 2);
    assert_int_equal(e->direction, 1);
    assert_memory_equal(ear->stream[0][0].octets, "request", 7);
    assert_memory_equal(ear->stream[0][1].octets, "response", 8);
    ear_free(ear);
}

/* The client's options are stripped behind its SYN. */
static struct talk talk_with_plain_third_ack(struct ear *ear)
{
    struct talk t = talk(ear, 1);
    struct plait_hello_values values = {.sender_key = t.key[1]};
    struct plait_mptcp_option o;
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values, &o);
    say(&t, 0, 0, PLAIT_SYN, &o, 1, NULL, 0);
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN_ACK, &values, &o);
    say(&t, 0, 1, PLAIT_SYN | PLAIT_ACK, &o, 1, NULL, 0);
    say(&t, 0, 0, PLAIT_ACK, NULL, 0, NULL, 0);
    return t;
}

static void a_third_ack_without_mptcp(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk_with_plain_third_ack(ear);
    plain(&t, 0, 0, "request");
    say(&t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    plain(&t, 0, 1, "response");
    const struct plait_audit_event *e = ear_event(ear, PLAIT_SAW_FALLBACK, 0);
    assert_string_equal(e->cause, "third ACK and first data carry no MP_CAPABLE");
    assert_int_equal(e->direction, 0);
    assert_memory_equal(ear->stream[0][0].octets, "request", 7);
    assert_memory_equal(ear->stream[0][1].octets, "response", 8);
    ear_free(ear);
}

/* Zeros stand for both keys: the first data's mapping, in MP_CAPABLE, has no number then. */
static void first_data_of_a_redacted_capture_are_no_fallback(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    uint64_t keys[2] = {t.key[0], t.key[1]};
    t.key[0] = t.key[1] = 0;
    hello(&t);
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_CAPABLE,
                                   .capable = {.version = 1,
                                               .flags = PLAIT_CAPABLE_HMAC,
                                               .has_sender_key = true,
                                               .has_receiver_key = true,
                                               .has_data_length = true,
                                               .data_length = 4}};
    say(&t, 0, 0, PLAIT_ACK, &o, 1, "what", 4);
    say(&t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    t.key[0] = keys[0], t.key[1] = keys[1];
    data_at(&t, 0, 0, 4, "more");
    plait_audit_end(ear->audit);
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_FALLBACKS), 0);
    ear_free(ear);
}

/* The first octet without a mapping is the server's, but what made it plain TCP is older. */
static void a_third_ack_without_mptcp_and_a_server_that_is_first(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk_with_plain_third_ack(ear);
    plain(&t, 0, 1, "greeting");
    say(&t, 0, 0, PLAIT_ACK, NULL, 0, NULL, 0);
    const struct plait_audit_event *e = ear_event(ear, PLAIT_SAW_FALLBACK, 0);
    assert_string_equal(e->cause, "third ACK carries no MP_CAPABLE");
    assert_int_equal(e->direction, 1);
    assert_memory_equal(ear->stream[0][1].octets, "greeting", 8);
    ear_free(ear);
}

/* ... while the client goes on as before, until it hears of it. */
static void a_third_ack_without_mptcp_and_keys_behind_it(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk_with_plain_third_ack(ear);
    const struct plait_hello_values keys = {.sender_key = t.key[0], .receiver_key = t.key[1]};
    struct plait_mptcp_option o;
    plait_mechanism_v1.write_hello(PLAIT_STEP_THIRD_ACK, &keys, &o);
    plain(&t, 0, 1, "greet");
    plain(&t, 0, 1, "ing");
    t.path[0].seq[1] -= 8;
    say(&t, 0, 0, PLAIT_ACK, &o, 1, NULL, 0);
    t.path[0].seq[1] += 8;
    say(&t, 0, 0, PLAIT_ACK, NULL, 0, NULL, 0);
    assert_string_equal(ear_event(ear, PLAIT_SAW_FALLBACK, 0)->cause,
                        "third ACK carries no MP_CAPABLE");
    assert_memory_equal(ear->stream[0][1].octets, "greeting", 8);
    ear_free(ear);
}

/* The client's data are acknowledged first. */
static void the_older_of_two_causes_is_said(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk_with_plain_third_ack(ear);
    plain(&t, 0, 1, "greeting");
    t.path[0].seq[1] -= 8; /* it is on its way */
    plain(&t, 0, 0, "request");
    t.path[0].seq[1] += 8;
    say(&t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    const struct plait_audit_event *e = ear_event(ear, PLAIT_SAW_FALLBACK, 0);
    assert_string_equal(e->cause, "third ACK carries no MP_CAPABLE");
    assert_int_equal(e->direction, 1);
    ear_free(ear);
}

static void mappings_end_in_mid_connection(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "mapped");
    data(&s.t, 0, 1, "answer");
    plain(&s.t, 0, 0, ",plain");
    assert_int_equal(ear_events(s.ear, PLAIT_SAW_FALLBACK), 0); /* not proven yet */
    say(&s.t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    assert_string_equal(ear_event(s.ear, PLAIT_SAW_FALLBACK, 0)->cause,
                        "data carry no mapping any more");
    plain(&s.t, 0, 1, ",plain too");
    plain(&s.t, 0, 0, " and on");
    ear_stream_is(s.ear, 0, "mapped,plain and on");
    ear_stream_is(s.ear, 1, "answer,plain too");
    plait_audit_end(s.ear->audit);
    assert_int_equal(ear_alerts(s.ear, PLAIT_WARNING), 0);
    scene_end(&s);
}

static void a_fallback_is_proven_by_the_end(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "mapped");
    plain(&s.t, 0, 0, ",plain");
    plait_audit_end(s.ear->audit);
    ear_stream_is(s.ear, 0, "mapped,plain");
    scene_end(&s);
}

/* Data with a mapping, then without; TAKEN: the receiver acknowledges them, without one. */
static void go_on_plain(struct scene *s, bool taken)
{
    data(&s->t, 0, 0, "mapped");
    plain(&s->t, 0, 0, ",plain");
    plain(&s->t, 0, 0, " and on");
    if (taken)
        say(&s->t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    plait_audit_end(s->ear->audit);
}

/* Whoever joined once does not fall back because data lack mappings; a receiver that takes them as
 * TCP does has (seed 7000922 of tests/audit). */
static void among_others_only_the_receiver_proves_a_fallback(void **state)
{
    (void)state;
    for (unsigned taken = 0; taken < 2; taken++) {
        struct scene s = scene();
        join(&s.t, 1, 0);
        data(&s.t, 1, 0, "joined,");
        say(&s.t, 1, 1, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
        go_on_plain(&s, taken);
        ear_stream_is(s.ear, 0, taken ? "joined,mapped,plain and on" : "joined,mapped");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), taken);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_UNMAPPED_OCTETS), taken ? 0 : 13);
        scene_end(&s);
    }
}

/* What was not heard from its beginning may be one subflow of several. */
static void of_an_unknown_beginning_only_the_receiver_proves_a_fallback(void **state)
{
    (void)state;
    for (unsigned taken = 0; taken < 2; taken++) {
        struct scene s = {.ear = ear_new(), .deaf = ear_new()};
        s.t = talk(s.deaf, 1);
        hello(&s.t);
        s.t.ear = s.ear;
        go_on_plain(&s, taken);
        ear_stream_is(s.ear, 0, taken ? "mapped,plain and on" : "mapped");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), taken);
        scene_end(&s);
    }
}

static void the_infinite_mapping(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "mapped");
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 6, 0);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, ",endless", 8);
    plain(&s.t, 0, 0, " and on");
    ear_stream_is(s.ear, 0, "mapped,endless and on");
    assert_string_equal(ear_event(s.ear, PLAIT_SAW_FALLBACK, 0)->cause,
                        "infinite mapping (DSS of length 0)");
    scene_end(&s);
}

static void plain_tcp_is_followed_from_anywhere(void **state)
{
    (void)state;
    for (unsigned whole = 0; whole < 2; whole++) {
        struct ear *ear = ear_new(), *deaf = ear_new();
        struct talk t = talk(whole ? ear : deaf, 1);
        say(&t, 0, 0, PLAIT_SYN, NULL, 0, NULL, 0);
        say(&t, 0, 1, PLAIT_SYN | PLAIT_ACK, NULL, 0, NULL, 0);
        say(&t, 0, 0, PLAIT_ACK, NULL, 0, NULL, 0);
        t.ear = ear;
        plain(&t, 0, 0, "request");
        plain(&t, 0, 1, "response");
        say(&t, 0, 0, PLAIT_FIN | PLAIT_ACK, NULL, 0, NULL, 0);
        say(&t, 0, 1, PLAIT_FIN | PLAIT_ACK, NULL, 0, NULL, 0);
        plait_audit_end(ear->audit);
        assert_memory_equal(ear->stream[0][0].octets, "request", 7);
        assert_memory_equal(ear->stream[0][1].octets, "response", 8);
        assert_int_equal(ear->ended[0].version, PLAIT_AUDIT_TCP);
        assert_int_equal(ear->ended[0].end, PLAIT_END_CLOSED);
        assert_int_equal(ear_count(ear, PLAIT_COUNT_FALLBACKS), 0);
        ear_free(ear);
        ear_free(deaf);
    }
}

/* Octets that the capture lacks: the FIN is behind them, whoever acknowledges it. */
static void a_fin_says_how_long_a_stream_of_tcp_was(void **state)
{
    (void)state;
    for (unsigned third_ack = 0; third_ack < 2; third_ack++) {
        struct ear *ear = ear_new(), *deaf = ear_new();
        struct talk t = third_ack ? talk_with_plain_third_ack(ear) : talk(ear, 1);
        if (!third_ack)
            say(&t, 0, 0, PLAIT_SYN, NULL, 0, NULL, 0);
        t.ear = deaf;
        plain(&t, 0, 0, "request");
        t.ear = ear;
        say(&t, 0, 0, PLAIT_FIN | PLAIT_ACK, NULL, 0, NULL, 0);
        say(&t, 0, 1, PLAIT_FIN | PLAIT_ACK, NULL, 0, NULL, 0);
        plait_audit_end(ear->audit);
        assert_int_equal(ear->stream[0][0].gap_octets, 7);
        assert_int_equal(ear->stream[0][1].length, 0);
        assert_int_equal(ear_count(ear, PLAIT_COUNT_FALLBACKS), third_ack);
        if (third_ack)
            assert_string_equal(ear_event(ear, PLAIT_SAW_FALLBACK, 0)->cause,
                                "third ACK carries no MP_CAPABLE");
        ear_free(ear);
        ear_free(deaf);
    }
}

/* A mapping that came late is no fallback. */
static void payload_waits_for_its_mapping(void **state)
{
    (void)state;
    struct scene s = scene();
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 0, 8);
    s.t.path[0].seq[0] += 4;
    plain(&s.t, 0, 0, "more");
    s.t.path[0].seq[0] -= 8;
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "four", 4);
    s.t.path[0].seq[0] += 4;
    s.t.next_dsn[0] = 8;
    data_ack(&s.t, 0, 1);
    data(&s.t, 0, 0, "next");
    ear_stream_is(s.ear, 0, "fourmorenext");
    assert_int_equal(ear_events(s.ear, PLAIT_SAW_FALLBACK), 0);
    scene_end(&s);
}

/* ---- what waits for the proof ---- */

/* END's answer on PATH, with the acknowledgment number ACKED. */
static void answer(struct talk *t, unsigned path, unsigned end, uint8_t flags, uint32_t acked)
{
    uint32_t seq = t->path[path].seq[!end];
    t->path[path].seq[!end] = acked;
    say(t, path, end, flags | PLAIT_ACK, NULL, 0, NULL, 0);
    t->path[path].seq[!end] = seq;
}

enum { SEGMENTS = 40, SEGMENT_OCTETS = 1000 };

/* More of it than a window of those that wait beside the stream; returns the number before it. */
static uint32_t much_plain(struct scene *s)
{
    static char text[SEGMENT_OCTETS + 1];
    memset(text, 'x', SEGMENT_OCTETS);
    data(&s->t, 0, 0, "mapped,");
    uint32_t before = s->t.path[0].seq[0];
    for (unsigned i = 0; i < SEGMENTS; i++)
        plain(&s->t, 0, 0, text);
    ear_stream_is(s->ear, 0, "mapped,");
    return before;
}

static void all_that_waited_for_the_answer_goes_out(void **state)
{
    (void)state;
    struct scene s = scene();
    much_plain(&s);
    say(&s.t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    assert_int_equal(s.ear->stream[0][0].length, 7 + SEGMENTS * SEGMENT_OCTETS);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), 1);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_UNMAPPED_OCTETS), 0);
    scene_end(&s);
}

/* What its peer sends instead goes over another path, also a while later; the reset may be missing
 * (seeds 20016539, 20018655, 11002956, 11006223, 11006744 of tests/audit). */
static void who_takes_a_join_has_not_fallen_back(void **state)
{
    (void)state;
    for (unsigned resets = 0; resets < 2; resets++) {
        struct scene s = scene();
        uint32_t before = much_plain(&s);
        data_ack(&s.t, 0, 0);
        if (resets)
            answer(&s.t, 0, 1, PLAIT_RST, before);
        s.t.now_ns += 20 * PLAIT_S;
        join(&s.t, 1, 0);
        data(&s.t, 1, 0, "as it was written");
        ear_stream_is(s.ear, 0, "mapped,as it was written");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), 0);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_UNMAPPED_OCTETS), SEGMENTS * SEGMENT_OCTETS);
        assert_int_equal(s.ear->contradiction_count, 0);
        ear_free(s.deaf);
        ear_done(s.ear, NULL);
    }
}

/* The reset acknowledges what it answers: TCP took it.  Or it does not. */
static void a_reset_is_what_the_receiver_answered_at_last(void **state)
{
    (void)state;
    for (unsigned taken = 0; taken < 2; taken++) {
        struct scene s = scene();
        data(&s.t, 0, 0, "mapped");
        uint32_t before = s.t.path[0].seq[0];
        plain(&s.t, 0, 0, ",plain");
        plain(&s.t, 0, 0, " and on");
        answer(&s.t, 0, 1, PLAIT_RST, taken ? s.t.path[0].seq[0] : before);
        ear_stream_is(s.ear, 0, "mapped");
        plait_audit_end(s.ear->audit);
        ear_stream_is(s.ear, 0, taken ? "mapped,plain and on" : "mapped");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), taken);
        scene_end(&s);
    }
}

/* Its alleged sender goes on, and takes the octets as TCP (T-RST-1). */
static void a_forged_reset_hides_no_fallback(void **state)
{
    (void)state;
    struct scene s = scene();
    data(&s.t, 0, 0, "mapped");
    uint32_t before = s.t.path[0].seq[0];
    plain(&s.t, 0, 0, ",plain");
    plain(&s.t, 0, 0, " and");
    answer(&s.t, 0, 1, PLAIT_RST, before);
    plain(&s.t, 0, 0, " on");
    say(&s.t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    ear_stream_is(s.ear, 0, "mapped,plain and on");
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), 1);
    scene_end(&s);
}

/* Whoever saw the token draws a SYN/ACK with a right MAC; his own is not. */
static void a_join_that_is_not_proven_hides_no_fallback(void **state)
{
    (void)state;
    for (unsigned forged = 0; forged < 2; forged++) {
        struct scene s = scene();
        struct plait_mptcp_option syn = join_syn(&s.t, 0, 77, 1),
                                  syn_ack = join_answer(&s.t, 1, 88, 77, 0),
                                  ack = join_ack(&s.t, 0, 77, 88);
        ack.join.hmac[0] ^= forged;
        say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
        say(&s.t, 1, 1, PLAIT_SYN | PLAIT_ACK, &syn_ack, 1, NULL, 0);
        say(&s.t, 1, 0, PLAIT_ACK, &ack, 1, NULL, 0);
        data(&s.t, 0, 0, "mapped");
        plain(&s.t, 0, 0, ",plain");
        say(&s.t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
        ear_stream_is(s.ear, 0, forged ? "mapped,plain" : "mapped");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), forged);
        ear_free(s.deaf);
        ear_done(s.ear, forged ? "join-mac" : NULL);
    }
}

/* The sender sends them again, with mappings: who took the options off may have altered them, and
 * no receiver took that. */
static void a_mapping_is_believed_before_what_had_none(void **state)
{
    (void)state;
    for (unsigned altered = 0; altered < 2; altered++) {
        struct scene s = scene();
        data(&s.t, 0, 0, "mapped,");
        uint32_t before = s.t.path[0].seq[0];
        plain(&s.t, 0, 0, altered ? "PLA" : "pla");
        plain(&s.t, 0, 0, altered ? "IN" : "in");
        s.t.path[0].seq[0] = before;
        data(&s.t, 0, 0, "pla");
        data(&s.t, 0, 0, "in");
        ear_stream_is(s.ear, 0, "mapped,plain");
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), 0);
        ear_free(s.deaf);
        ear_done(s.ear, altered ? "contradiction" : NULL);
    }
}

/* No answer will come: more of it is proof enough. */
static void of_a_receiver_that_is_not_in_the_capture(void **state)
{
    (void)state;
    struct scene s = {.ear = ear_new(), .deaf = ear_new()};
    s.t = talk(s.ear, 1);
    struct plait_hello_values values = {.sender_key = s.t.key[0], .receiver_key = s.t.key[1]};
    struct plait_mptcp_option o;
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values, &o);
    say(&s.t, 0, 0, PLAIT_SYN, &o, 1, NULL, 0);
    s.t.ear = s.deaf;
    say(&s.t, 0, 1, PLAIT_SYN | PLAIT_ACK, NULL, 0, NULL, 0);
    s.t.ear = s.ear;
    plait_mechanism_v1.write_hello(PLAIT_STEP_THIRD_ACK, &values, &o);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, NULL, 0);
    data(&s.t, 0, 0, "mapped");
    plain(&s.t, 0, 0, ",plain");
    plain(&s.t, 0, 0, " and on");
    ear_stream_is(s.ear, 0, "mapped,plain and on");
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_FALLBACKS), 1);
    scene_end(&s);
}

/* Their numbers are not the stream's any more. */
static void other_subflows_acknowledge_nothing_after_a_fallback(void **state)
{
    (void)state;
    struct scene s = scene();
    static char text[SEGMENT_OCTETS + 1];
    memset(text, 'x', SEGMENT_OCTETS);
    join(&s.t, 1, 0);
    data(&s.t, 1, 0, text);
    data(&s.t, 0, 0, "mapped,");
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, SEGMENT_OCTETS + 7, 0);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "endless", 7);
    say(&s.t, 1, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    plait_audit_end(s.ear->audit);
    assert_int_equal(s.ear->stream[0][0].length, SEGMENT_OCTETS + 14);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_GAPS), 0);
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_without_mptcp),
        cmocka_unit_test(a_third_ack_without_mptcp),
        cmocka_unit_test(first_data_of_a_redacted_capture_are_no_fallback),
        cmocka_unit_test(a_third_ack_without_mptcp_and_a_server_that_is_first),
        cmocka_unit_test(a_third_ack_without_mptcp_and_keys_behind_it),
        cmocka_unit_test(the_older_of_two_causes_is_said),
        cmocka_unit_test(mappings_end_in_mid_connection),
        cmocka_unit_test(a_fallback_is_proven_by_the_end),
        cmocka_unit_test(among_others_only_the_receiver_proves_a_fallback),
        cmocka_unit_test(of_an_unknown_beginning_only_the_receiver_proves_a_fallback),
        cmocka_unit_test(the_infinite_mapping),
        cmocka_unit_test(plain_tcp_is_followed_from_anywhere),
        cmocka_unit_test(a_fin_says_how_long_a_stream_of_tcp_was),
        cmocka_unit_test(payload_waits_for_its_mapping),
        cmocka_unit_test(all_that_waited_for_the_answer_goes_out),
        cmocka_unit_test(who_takes_a_join_has_not_fallen_back),
        cmocka_unit_test(a_reset_is_what_the_receiver_answered_at_last),
        cmocka_unit_test(a_forged_reset_hides_no_fallback),
        cmocka_unit_test(a_join_that_is_not_proven_hides_no_fallback),
        cmocka_unit_test(a_mapping_is_believed_before_what_had_none),
        cmocka_unit_test(of_a_receiver_that_is_not_in_the_capture),
        cmocka_unit_test(other_subflows_acknowledge_nothing_after_a_fallback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
