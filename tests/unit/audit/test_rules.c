/* Each rule has one talk that fires it, and a benign neighbour of the same shape that does not. */
#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"

struct stage {
    struct ear *ear;
    struct talk t;
};

static struct stage stage_of(uint8_t version)
{
    struct stage s = {.ear = ear_new()};
    s.t = talk(s.ear, version);
    return s;
}

/* An established connection with data both ways. */
static struct stage established(void)
{
    struct stage s = stage_of(1);
    hello(&s.t);
    exchange(&s.t);
    return s;
}

static void done(struct stage *s, const char *rule)
{
    plait_audit_end(s->ear->audit);
    if (rule)
        assert_non_null(ear_alert(s->ear, rule));
    else
        assert_int_equal(ear_alerts(s->ear, PLAIT_WARNING), 0);
    ear_free(s->ear);
}

/* The only warning or alert is RULE's. */
static void done_alone(struct stage *s, const char *rule)
{
    plait_audit_end(s->ear->audit);
    const struct plait_alert *alert = ear_alert(s->ear, rule);
    assert_non_null(alert);
    assert_int_equal(ear_alerts(s->ear, PLAIT_WARNING), alert->rule->severity > PLAIT_NOTE);
    ear_free(s->ear);
}

static void ack_with(struct talk *t, unsigned path, unsigned end, struct plait_mptcp_option option)
{
    say(t, path, end, PLAIT_ACK, &option, 1, NULL, 0);
}

static void wait_s(struct talk *t, unsigned seconds)
{
    t->now_ns += seconds * PLAIT_S;
}

/* ---- nothing at all ---- */

static void a_talk_over_three_paths_raises_only_notes(void **state)
{
    (void)state;
    for (uint8_t version = 0; version < 2; version++) {
        struct stage s = stage_of(version);
        s.t.checksum = version == 0;
        hello(&s.t);
        data(&s.t, 0, 0, "request");
        data_ack(&s.t, 0, 1);
        join(&s.t, 1, 0);
        join(&s.t, 2, 0);
        for (unsigned i = 0; i < 30; i++) {
            data(&s.t, i % 3, i % 2, "some more of it");
            data_ack(&s.t, i % 3, !(i % 2));
        }
        plait_audit_end(s.ear->audit);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_MACS_VALID), 4);
        assert_int_equal(s.ear->stream[0][0].length, 7 + 15 * 15);
        assert_int_equal(s.ear->stream[0][1].length, 15 * 15);
        assert_int_equal(ear_alerts(s.ear, PLAIT_WARNING), 0);
        assert_non_null(ear_alert(s.ear, "keys-in-clear"));
        assert_non_null(ear_alert(s.ear, "join-unadvertised"));
        ear_free(s.ear);
    }
}

static void keys_in_clear_are_said_once_for_all(void **state)
{
    (void)state;
    struct stage s = established();
    s.t.path[0] = path("198.18.1.7", 4000, "198.18.2.1", 80, 9);
    s.t.key[0]++, s.t.key[1]++;
    hello(&s.t);
    plait_audit_end(s.ear->audit);
    assert_int_equal(ear_alerts(s.ear, PLAIT_NOTE), 1);
    ear_free(s.ear);
}

/* ---- keys ---- */

static struct plait_mptcp_option third_ack(uint64_t own, uint64_t peer)
{
    struct plait_hello_values values = {.sender_key = own, .receiver_key = peer};
    struct plait_mptcp_option option;
    plait_mechanism_v1.write_hello(PLAIT_STEP_THIRD_ACK, &values, &option);
    return option;
}

static void a_second_key_of_an_end(void **state)
{
    (void)state;
    struct stage s = stage_of(1);
    hello(&s.t);
    ack_with(&s.t, 0, 0, third_ack(s.t.key[0], s.t.key[1])); /* again: nothing new */
    assert_null(ear_alert(s.ear, "key-changed"));
    ack_with(&s.t, 0, 0, third_ack(s.t.key[0] ^ 1, s.t.key[1]));
    done_alone(&s, "key-changed");
}

static void an_echo_of_another_key(void **state)
{
    (void)state;
    struct stage s = stage_of(1);
    hello(&s.t);
    ack_with(&s.t, 0, 0, third_ack(s.t.key[0], s.t.key[1] ^ 1));
    done_alone(&s, "key-echo");
}

static void a_key_that_serves_twice(void **state)
{
    (void)state;
    for (unsigned reused = 0; reused < 2; reused++) {
        struct stage s = established();
        wait_s(&s.t, 100);
        s.t.path[0] = path("198.18.1.1", 40009, "198.18.2.1", 80, 9);
        if (!reused)
            s.t.key[0] += 2, s.t.key[1] += 2;
        hello(&s.t);
        if (reused)
            done_alone(&s, "key-reused");
        else
            done(&s, NULL);
    }
}

/* The SYN/ACK is sent again, and comes to where a NAT has made another flow of it, whose SYN lost
 * its option (seed 40009167 of tests/audit). */
static void a_key_of_a_handshake_that_takes_long(void **state)
{
    (void)state;
    struct stage s = {.ear = ear_new()};
    s.t = talk(s.ear, 1);
    struct plait_hello_values values = {.sender_key = s.t.key[1]};
    struct plait_mptcp_option syn, answer;
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values, &syn);
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN_ACK, &values, &answer);
    say(&s.t, 0, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    for (unsigned i = 0; i < 2; i++) {
        say(&s.t, 0, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
        s.t.path[0].seq[1]--;
        s.t.now_ns += 20 * PLAIT_S;
    }
    s.t.input = 1;
    s.t.path[0].place[0].port++;
    s.t.path[0].seq[0]--;
    say(&s.t, 0, 0, PLAIT_SYN, NULL, 0, NULL, 0);
    say(&s.t, 0, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_CONNECTIONS), 2);
    done(&s, NULL);
}

/* ---- joins ---- */

static void a_wrong_mac(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 1, 1), answer = join_answer(&s.t, 1, 2, 1, 0),
                              ack = join_ack(&s.t, 0, 1, 2);
    ack.join.hmac[19] ^= 1; /* the last of the 160 bits counts as well */
    say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&s.t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    say(&s.t, 1, 0, PLAIT_ACK, &ack, 1, NULL, 0);
    assert_int_equal(ear_event(s.ear, PLAIT_SAW_JOIN_PROOF, 0)->judgement, PLAIT_VALID);
    assert_int_equal(ear_event(s.ear, PLAIT_SAW_JOIN_PROOF, 1)->judgement, PLAIT_INVALID);
    done_alone(&s, "join-mac");
}

static void data_on_a_subflow_with_a_wrong_mac(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 1, 1), answer = join_answer(&s.t, 1, 2, 1, 0),
                              ack = join_ack(&s.t, 0, 1, 3);
    say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&s.t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    say(&s.t, 1, 0, PLAIT_ACK, &ack, 1, NULL, 0);
    data(&s.t, 1, 0, "mine");
    data(&s.t, 1, 1, "yours");
    data(&s.t, 1, 0, "mine");
    done(&s, "data-unproven");
}

/* Without the first handshake nothing is known of the keys. */
static void a_wrong_mac_that_cannot_be_told(void **state)
{
    (void)state;
    struct stage s = stage_of(1);
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 1, 1), answer = join_answer(&s.t, 1, 2, 1, 0);
    answer.join.hmac[0] ^= 1;
    say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&s.t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    assert_int_equal(ear_event(s.ear, PLAIT_SAW_JOIN_PROOF, 0)->judgement, PLAIT_CANNOT_TELL);
    done(&s, NULL);
}

/* The address that is joined is none that the connection is known to have: another host may have
 * a connection of the same token, which is not in the capture. */
static void a_wrong_mac_at_an_address_nobody_knows(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 1, 1), answer = join_answer(&s.t, 1, 2, 1, 0);
    answer.join.hmac[0] ^= 1;
    say(&s.t, 2, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&s.t, 2, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    assert_int_equal(ear_event(s.ear, PLAIT_SAW_JOIN_PROOF, 0)->judgement, PLAIT_CANNOT_TELL);
    done(&s, NULL);
}

static void half_open_joins(struct stage *s, unsigned count, unsigned gap_s)
{
    for (unsigned i = 0; i < count; i++) {
        s->t.path[3] = path("198.18.9.9", (uint16_t)(2000 + i), "198.18.2.1", 80, 50 + i);
        struct plait_mptcp_option syn = join_syn(&s->t, 0, 1000 + i, 9);
        say(&s->t, 3, 0, PLAIT_SYN, &syn, 1, NULL, 0);
        wait_s(&s->t, gap_s);
    }
}

static void a_flood_of_joins(void **state)
{
    (void)state;
    struct stage flood = established(), few = established(), slow = established();
    half_open_joins(&flood, 40, 0);
    done_alone(&flood, "join-flood");
    half_open_joins(&few, 20, 0);
    done(&few, NULL);
    half_open_joins(&slow, 60, 1);
    done(&slow, NULL);
}

static void a_nonce_used_twice(void **state)
{
    (void)state;
    struct stage twice = established(), again = established();
    struct plait_mptcp_option syn = join_syn(&twice.t, 0, 77, 1);
    say(&twice.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&twice.t, 2, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    done_alone(&twice, "nonce-repeated");
    say(&again.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    again.t.path[1].seq[0]--; /* the same SYN, sent again */
    wait_s(&again.t, 1);
    say(&again.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    done(&again, NULL);
}

/* A SYN that was sent again, behind a NAT at the other tap, AFTER seconds. */
static void syn_at_two_taps(struct stage *s, unsigned after)
{
    struct plait_mptcp_option syn = join_syn(&s->t, 0, 77, 1);
    say(&s->t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    wait_s(&s->t, 8);
    s->t.path[1].seq[0] = s->t.path[1].isn[0];
    say(&s->t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    wait_s(&s->t, after);
    s->t.input = 1;
    s->t.path[2] = path("198.18.3.9", 1029, "198.18.2.1", 80, 0);
    s->t.path[2].seq[0] = s->t.path[1].isn[0];
    say(&s->t, 2, 0, PLAIT_SYN, &syn, 1, NULL, 0);
}

static void a_nonce_that_was_under_way(void **state)
{
    (void)state;
    struct stage alias = established(), held = established(), replayed = established();
    syn_at_two_taps(&alias, 2);
    assert_int_equal(ear_count(alias.ear, PLAIT_COUNT_ALIASES), 1);
    done(&alias, NULL);
    syn_at_two_taps(&held, 29);
    done(&held, NULL);
    syn_at_two_taps(&replayed, 31);
    done_alone(&replayed, "nonce-repeated");
}

static void a_nonce_that_comes_back(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option syn = join_syn(&s.t, 0, 5, 1), answer = join_answer(&s.t, 1, 5, 5, 0);
    say(&s.t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&s.t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    done(&s, "reflection");
}

static void refused_joins(struct stage *s, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        s->t.path[3] = path("198.18.9.9", (uint16_t)(2000 + i), "198.18.2.1", 80, 50 + i);
        struct plait_mptcp_option syn = join_syn(&s->t, 0, 1, 9);
        syn.join.token = 0x1000 + i;
        say(&s->t, 3, 0, PLAIT_SYN, &syn, 1, NULL, 0);
        say(&s->t, 3, 1, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    }
}

static void tokens_that_are_tried(void **state)
{
    (void)state;
    struct stage many = established(), one = established();
    refused_joins(&many, 20);
    done_alone(&many, "token-guess");
    refused_joins(&one, 1);
    done_alone(&one, "join-unknown");
}

/* ---- addresses ---- */

static struct plait_mptcp_option add_addr(const struct talk *t, unsigned end, uint8_t id,
                                          const char *text)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_ADD_ADDR, .add_addr = {.addr_id = id}};
    assert_ok(plait_addr_parse(text, &o.add_addr.addr));
    const struct plait_mechanism *m = t->version ? &plait_mechanism_v1 : &plait_mechanism_v0;
    m->seal_add_addr(t->key[end], t->key[!end], &o.add_addr);
    return o;
}

static void an_address_with_a_wrong_mac(void **state)
{
    (void)state;
    struct stage right = established(), wrong = established();
    ack_with(&right.t, 0, 1, add_addr(&right.t, 1, 3, "198.18.4.1"));
    assert_int_equal(ear_event(right.ear, PLAIT_SAW_ADD_ADDR, 0)->judgement, PLAIT_VALID);
    done(&right, NULL);
    struct plait_mptcp_option o = add_addr(&wrong.t, 1, 3, "198.18.4.1");
    o.add_addr.addr.octets[3]++; /* T-ADD-1 */
    ack_with(&wrong.t, 0, 1, o);
    o.add_addr.echo = true; /* what was wrong was not advertised */
    o.add_addr.has_hmac = false;
    ack_with(&wrong.t, 0, 0, o);
    assert_non_null(ear_alert(wrong.ear, "echo-unasked"));
    done_alone(&wrong, "add-addr-mac");
}

static void an_address_with_the_left_half(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option o = add_addr(&s.t, 1, 3, "198.18.4.1");
    uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS];
    plait_v1_add_addr_mac(s.t.key[1], s.t.key[0], &o.add_addr, mac);
    memcpy(o.add_addr.hmac, mac, sizeof o.add_addr.hmac);
    ack_with(&s.t, 0, 1, o);
    assert_int_equal(ear_event(s.ear, PLAIT_SAW_ADD_ADDR, 0)->judgement, PLAIT_PRE_RFC);
    done_alone(&s, "add-addr-pre-rfc");
}

static void one_identifier_for_two_addresses(void **state)
{
    (void)state;
    struct stage v0 = stage_of(0), same = stage_of(0), v1 = established();
    hello(&v0.t);
    ack_with(&v0.t, 0, 1, add_addr(&v0.t, 1, 2, "198.18.4.1"));
    ack_with(&v0.t, 0, 1, add_addr(&v0.t, 1, 2, "198.18.4.2"));
    done_alone(&v0, "add-addr-conflict");
    hello(&same.t);
    ack_with(&same.t, 0, 1, add_addr(&same.t, 1, 2, "198.18.4.1"));
    ack_with(&same.t, 0, 1, add_addr(&same.t, 1, 2, "198.18.4.1"));
    ack_with(&same.t, 0, 0, add_addr(&same.t, 0, 2, "198.18.4.2")); /* the other end's */
    done(&same, NULL);
    ack_with(&v1.t, 0, 1, add_addr(&v1.t, 1, 2, "198.18.4.1"));
    ack_with(&v1.t, 0, 1, add_addr(&v1.t, 1, 2, "198.18.4.2"));
    done(&v1, NULL); /* who has the keys may say so */
}

static struct plait_mptcp_option remove_addr(uint8_t id)
{
    return (struct plait_mptcp_option){.subtype = PLAIT_REMOVE_ADDR,
                                       .remove_addr = {.count = 1, .addr_ids = {id}}};
}

static void a_removed_address_again(void **state)
{
    (void)state;
    struct stage s = established();
    ack_with(&s.t, 0, 1, add_addr(&s.t, 1, 3, "198.18.4.1"));
    ack_with(&s.t, 0, 1, remove_addr(3));
    assert_null(ear_alert(s.ear, "add-addr-replay"));
    ack_with(&s.t, 0, 1, add_addr(&s.t, 1, 3, "198.18.4.1"));
    done_alone(&s, "add-addr-replay");
}

static void an_echo_of_nothing(void **state)
{
    (void)state;
    struct stage asked = established(), unasked = established();
    struct plait_mptcp_option o = add_addr(&asked.t, 1, 3, "198.18.4.1"), echo = o;
    echo.add_addr.echo = true;
    echo.add_addr.has_hmac = false;
    ack_with(&asked.t, 0, 1, o);
    ack_with(&asked.t, 0, 0, echo);
    assert_null(ear_alert(asked.ear, "echo-unasked"));
    done(&asked, NULL);
    ack_with(&unasked.t, 0, 0, echo);
    done_alone(&unasked, "echo-unasked");
}

static void an_address_that_is_removed_and_used(void **state)
{
    (void)state;
    struct stage used = established(), left = established();
    join(&used.t, 1, 0);
    ack_with(&used.t, 0, 0, remove_addr(1));
    data(&used.t, 1, 0, "under way"); /* within three seconds: it was sent before */
    assert_null(ear_alert(used.ear, "remove-foreign"));
    wait_s(&used.t, 10);
    data(&used.t, 1, 0, "still there");
    done_alone(&used, "remove-foreign");
    join(&left.t, 1, 0);
    ack_with(&left.t, 0, 0, remove_addr(1));
    wait_s(&left.t, 10);
    data(&left.t, 0, 0, "on the other path");
    data(&left.t, 1, 1, "the peer had not heard of it");
    left.t.path[1].seq[0] -= 5; /* sent again, long after */
    data_at(&left.t, 1, 0, left.t.next_dsn[0] - 5, " path");
    done(&left, NULL);
}

/* ---- what its sender did not send ---- */

static void a_reset_after_which_its_sender_goes_on(void **state)
{
    (void)state;
    struct stage forged = established(), real = established();
    say(&forged.t, 0, 0, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    data(&forged.t, 0, 0, "here I am");
    done_alone(&forged, "rst-foreign");
    real.t.path[0].seq[0] += 9; /* what is under way */
    say(&real.t, 0, 0, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    real.t.path[0].seq[0] -= 9;
    data(&real.t, 0, 0, "under way");
    data_ack(&real.t, 0, 1);
    say(&real.t, 0, 0, PLAIT_RST, NULL, 0, NULL, 0);
    wait_s(&real.t, 10);
    say(&real.t, 0, 0, PLAIT_RST, NULL, 0, NULL, 0);
    done(&real, NULL);
}

/* With a reason it is no number that its sender has come to, and octets before it are under way all
 * the same (seed 11001927 of tests/audit). */
static void a_reset_with_a_reason_that_overtook_octets(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_TCPRST, .tcprst = {.reason = 6}};
    s.t.path[0].seq[0] += 9;
    say(&s.t, 0, 0, PLAIT_RST | PLAIT_ACK, &o, 1, NULL, 0);
    s.t.path[0].seq[0] -= 9;
    data(&s.t, 0, 0, "under way");
    done(&s, NULL);
}

static void a_message_with_anothers_ttl(void **state)
{
    (void)state;
    const struct plait_mptcp_option prio = {.subtype = PLAIT_MP_PRIO, .prio = {.backup = true}};
    struct stage forged = established(), real = established(), moved = established();
    for (unsigned i = 0; i < 5; i++) {
        data(&forged.t, 0, 0, "mine");
        data(&real.t, 0, 0, "mine");
        data(&moved.t, 0, 0, "mine");
    }
    forged.t.path[0].ttl[0] = 57;
    ack_with(&forged.t, 0, 0, prio);
    forged.t.path[0].ttl[0] = 64;
    data(&forged.t, 0, 0, "mine");
    done_alone(&forged, "control-foreign");
    ack_with(&real.t, 0, 0, prio);
    data(&real.t, 0, 0, "mine");
    done(&real, NULL);
    moved.t.path[0].ttl[0] = 57; /* the route changes, for good */
    ack_with(&moved.t, 0, 0, prio);
    data(&moved.t, 0, 0, "mine");
    data(&moved.t, 0, 0, "mine");
    done(&moved, NULL);
}

/* At another place of the capture TTLs are others, and packets may be missing there. */
static void a_ttl_of_another_place_proves_nothing(void **state)
{
    (void)state;
    const struct plait_mptcp_option prio = {.subtype = PLAIT_MP_PRIO, .prio = {.backup = true}};
    struct stage s = established();
    for (unsigned i = 0; i < 5; i++)
        data(&s.t, 0, 0, "mine");
    s.t.input = 1;
    s.t.path[0].ttl[0] = 57;
    ack_with(&s.t, 0, 0, prio);
    s.t.input = 0;
    s.t.path[0].ttl[0] = 64;
    data(&s.t, 0, 0, "mine");
    done(&s, NULL);
}

static void a_message_ahead_of_its_sender(void **state)
{
    (void)state;
    const struct plait_mptcp_option prio = {.subtype = PLAIT_MP_PRIO, .prio = {.backup = true}};
    struct stage forged = established(), real = established();
    forged.t.path[0].seq[0] += 30000;
    ack_with(&forged.t, 0, 0, prio);
    forged.t.path[0].seq[0] -= 30000;
    data_ack(&forged.t, 0, 0); /* soon after: it may have been sent before */
    assert_null(ear_alert(forged.ear, "control-foreign"));
    wait_s(&forged.t, 10);
    data_ack(&forged.t, 0, 0);
    done_alone(&forged, "control-foreign");
    real.t.path[0].seq[0] += 8; /* what is before it comes late, and again */
    ack_with(&real.t, 0, 0, prio);
    real.t.path[0].seq[0] -= 8;
    wait_s(&real.t, 10);
    data(&real.t, 0, 0, "the late");
    data_ack(&real.t, 0, 0);
    done(&real, NULL);
}

static void data_behind_the_end(void **state)
{
    (void)state;
    struct stage forged = established(), real = established();
    data_fin(&forged.t, 0, 0);
    data(&forged.t, 0, 0, "more");
    done_alone(&forged, "data-fin-foreign");
    data(&real.t, 0, 0, "last");
    data_fin(&real.t, 0, 0);
    data_at(&real.t, 0, 0, 7, "last"); /* sent again */
    data_fin(&real.t, 0, 0);
    data_fin(&real.t, 0, 1);
    done(&real, NULL);
}

static struct plait_mptcp_option fastclose(uint64_t key)
{
    return (struct plait_mptcp_option){.subtype = PLAIT_MP_FASTCLOSE,
                                       .fastclose = {.receiver_key = key}};
}

static void a_fastclose_with_a_wrong_key(void **state)
{
    (void)state;
    struct stage wrong = established(), right = established();
    ack_with(&wrong.t, 0, 0, fastclose(1));
    done_alone(&wrong, "fastclose-key");
    ack_with(&right.t, 0, 0, fastclose(right.t.key[1]));
    say(&right.t, 0, 1, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    assert_int_equal(ear_event(right.ear, PLAIT_SAW_FASTCLOSE, 0)->judgement, PLAIT_VALID);
    done(&right, NULL);
}

/* It comes here for the first time, and was sent before: its numbers are lower (seed 60006453 of
 * tests/audit). */
static void what_a_fastclose_overtook(void **state)
{
    (void)state;
    struct stage s = established();
    s.t.path[0].seq[0] += 4;
    ack_with(&s.t, 0, 0, fastclose(s.t.key[1]));
    s.t.path[0].seq[0] -= 4;
    data(&s.t, 0, 0, "late");
    done(&s, NULL);
}

static void a_fastclose_after_which_its_sender_goes_on(void **state)
{
    (void)state;
    struct stage s = established();
    ack_with(&s.t, 0, 0, fastclose(s.t.key[1]));
    data(&s.t, 0, 0, "here I am");
    done_alone(&s, "fastclose-foreign");
}

static void a_failure_of_no_checksum(void **state)
{
    (void)state;
    for (unsigned checksum = 0; checksum < 2; checksum++) {
        struct stage s = stage_of(1);
        s.t.checksum = checksum;
        hello(&s.t);
        data(&s.t, 0, 0, "request");
        struct plait_mptcp_option o = {.subtype = PLAIT_MP_FAIL,
                                       .fail = {.dsn = dsn_of(&s.t, 0, 0)}};
        ack_with(&s.t, 0, 1, o);
        assert_int_equal(ear_event(s.ear, PLAIT_SAW_FAIL, 0)->offset, 0);
        if (checksum)
            done(&s, NULL);
        else
            done_alone(&s, "fail-unfounded");
    }
}

/* ---- data ---- */

static void plain(struct talk *t, unsigned path, unsigned end, const char *text)
{
    say(t, path, end, PLAIT_ACK, NULL, 0, text, strlen(text));
}

static void a_fallback_that_its_sender_does_not_know_of(void **state)
{
    (void)state;
    struct stage forced = established(), real = established();
    uint32_t before = forced.t.path[0].seq[0];
    plain(&forced.t, 0, 0, "injected");
    say(&forced.t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0); /* taken, as TCP */
    assert_int_equal(ear_events(forced.ear, PLAIT_SAW_FALLBACK), 1);
    forced.t.path[0].seq[0] = before;
    data(&forced.t, 0, 0, "injected"); /* the genuine octets: even the same ones */
    done_alone(&forced, "fallback-forced");
    plain(&real.t, 0, 0, "stripped");
    say(&real.t, 0, 1, PLAIT_ACK, NULL, 0, NULL, 0);
    plain(&real.t, 0, 0, "stripped too");
    plain(&real.t, 0, 1, "as the answer");
    done(&real, NULL);
}

static void data_between_mappings(void **state)
{
    (void)state;
    struct stage s = established();
    join(&s.t, 1, 0);
    plain(&s.t, 1, 0, "injected");
    data(&s.t, 1, 0, "genuine");
    done_alone(&s, "data-unmapped");
}

/* A mapping of several segments: only the first has the option. */
static void data_inside_a_mapping(void **state)
{
    (void)state;
    struct stage s = established();
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 7, 8);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "four", 4);
    plain(&s.t, 0, 0, "more");
    s.t.next_dsn[0] += 8;
    data_ack(&s.t, 0, 1);
    data(&s.t, 0, 0, "next");
    plait_audit_end(s.ear->audit);
    assert_memory_equal(s.ear->stream[0][0].octets, "requestfourmorenext", 19);
    assert_int_equal(ear_alerts(s.ear, PLAIT_WARNING), 0);
    assert_int_equal(ear_events(s.ear, PLAIT_SAW_FALLBACK), 0);
    ear_free(s.ear);
}

static void two_copies_that_differ(void **state)
{
    (void)state;
    struct stage evil = established(), same = established();
    join(&evil.t, 1, 0);
    data_at(&evil.t, 1, 0, 7, "attack");
    data_at(&evil.t, 0, 0, 7, "benign");
    assert_memory_equal(evil.ear->stream[0][0].octets + 7, "attack", 6);
    assert_int_equal(evil.ear->contradiction_count, 1);
    done_alone(&evil, "contradiction");
    join(&same.t, 1, 0);
    data_at(&same.t, 1, 0, 7, "benign");
    data_at(&same.t, 0, 0, 7, "benign, and more");
    assert_int_equal(ear_events(same.ear, PLAIT_SAW_REINJECTION), 1);
    done(&same, NULL);
}

/* One octet at the last number, whatever it is: a keepalive. */
static void a_keepalive_is_no_copy(void **state)
{
    (void)state;
    struct stage s = established();
    s.t.path[0].seq[0]--;
    plain(&s.t, 0, 0, "");
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 6, 1);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "\0", 1);
    done(&s, NULL);
}

static void octets_that_are_edited_between_two_places(void **state)
{
    (void)state;
    struct stage s = established();
    data(&s.t, 0, 0, "PORT 10,0,0,1");
    s.t.path[0].seq[0] -= 13;
    s.t.input = 1; /* behind the box */
    data_at(&s.t, 0, 0, 7, "PORT 198,18,1");
    done_alone(&s, "altered-on-path");
}

static void a_mapping_that_changes(void **state)
{
    (void)state;
    struct stage s = established(), cut = established();
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 7, 8);
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "four", 4);
    o.dss.dsn += 100;
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "more", 4);
    done(&s, "remapped");
    /* Cut anew, the same octets keep their place. */
    o = mapping(&cut.t, 0, 0, 7, 8);
    say(&cut.t, 0, 0, PLAIT_ACK, &o, 1, "four", 4);
    data_at(&cut.t, 0, 0, 11, "more");
    done(&cut, NULL);
}

static void a_checksum_that_does_not_fit(void **state)
{
    (void)state;
    struct stage s = stage_of(1);
    s.t.checksum = true;
    hello(&s.t);
    data(&s.t, 0, 0, "request");
    assert_int_equal(ear_count(s.ear, PLAIT_COUNT_CHECKSUMS_VALID), 1);
    struct plait_mptcp_option o = mapping(&s.t, 0, 0, 7, 6);
    o.dss.checksum = 0x1234;
    say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "edited", 6);
    assert_int_equal(ear_event(s.ear, PLAIT_SAW_CHECKSUM, 0)->judgement, PLAIT_INVALID);
    done_alone(&s, "dss-checksum");
}

/* A mapping of three segments, cut at odd places, in any order. */
static void a_checksum_over_several_segments(void **state)
{
    (void)state;
    for (unsigned altered = 0; altered < 2; altered++) {
        struct stage s = stage_of(1);
        s.t.checksum = true;
        hello(&s.t);
        struct plait_mptcp_option o = mapping(&s.t, 0, 0, 0, 9);
        o.dss.checksum = plait_dss_checksum(o.dss.dsn, o.dss.ssn, 9, "abcdefghi", 9);
        uint32_t seq = s.t.path[0].seq[0];
        s.t.path[0].seq[0] = seq + 5;
        say(&s.t, 0, 0, PLAIT_ACK, &o, 1, altered ? "fghI" : "fghi", 4);
        s.t.path[0].seq[0] = seq;
        say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "abc", 3);
        say(&s.t, 0, 0, PLAIT_ACK, &o, 1, "de", 2);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_CHECKSUMS_VALID), !altered);
        assert_int_equal(ear_count(s.ear, PLAIT_COUNT_CHECKSUMS_INVALID), altered);
        done(&s, altered ? "dss-checksum" : NULL);
    }
}

static void a_join_that_was_forbidden(void **state)
{
    (void)state;
    struct stage s = stage_of(1);
    struct plait_hello_values values = {
        .sender_key = s.t.key[1], .receiver_key = s.t.key[0], .forbids_joins = true};
    struct plait_mptcp_option syn, answer, ack = third_ack(s.t.key[0], s.t.key[1]);
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values, &syn);
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN_ACK, &values, &answer);
    syn.capable.flags &= (uint8_t)~PLAIT_CAPABLE_NO_JOINS;
    say(&s.t, 0, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&s.t, 0, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    ack_with(&s.t, 0, 0, ack);
    join(&s.t, 2, 0); /* to its other address */
    assert_null(ear_alert(s.ear, "join-forbidden"));
    join(&s.t, 1, 0);
    done_alone(&s, "join-forbidden");
}

static void the_table_is_whole(void **state)
{
    (void)state;
    unsigned count;
    const struct plait_rule *rules = plait_rules(&count);
    for (unsigned i = 0; i < count; i++) {
        assert_non_null(rules[i].id);
        assert_non_null(rules[i].title);
        assert_non_null(rules[i].proof);
        assert_non_null(rules[i].advice);
        assert_ptr_equal(plait_rule_named(rules[i].name), &rules[i]);
    }
    assert_null(plait_rule_named("no such rule"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talk_over_three_paths_raises_only_notes),
        cmocka_unit_test(keys_in_clear_are_said_once_for_all),
        cmocka_unit_test(a_second_key_of_an_end),
        cmocka_unit_test(an_echo_of_another_key),
        cmocka_unit_test(a_key_that_serves_twice),
        cmocka_unit_test(a_key_of_a_handshake_that_takes_long),
        cmocka_unit_test(a_wrong_mac),
        cmocka_unit_test(data_on_a_subflow_with_a_wrong_mac),
        cmocka_unit_test(a_wrong_mac_that_cannot_be_told),
        cmocka_unit_test(a_wrong_mac_at_an_address_nobody_knows),
        cmocka_unit_test(a_flood_of_joins),
        cmocka_unit_test(a_nonce_used_twice),
        cmocka_unit_test(a_nonce_that_was_under_way),
        cmocka_unit_test(a_nonce_that_comes_back),
        cmocka_unit_test(tokens_that_are_tried),
        cmocka_unit_test(an_address_with_a_wrong_mac),
        cmocka_unit_test(an_address_with_the_left_half),
        cmocka_unit_test(one_identifier_for_two_addresses),
        cmocka_unit_test(a_removed_address_again),
        cmocka_unit_test(an_echo_of_nothing),
        cmocka_unit_test(an_address_that_is_removed_and_used),
        cmocka_unit_test(a_reset_after_which_its_sender_goes_on),
        cmocka_unit_test(a_reset_with_a_reason_that_overtook_octets),
        cmocka_unit_test(a_message_with_anothers_ttl),
        cmocka_unit_test(a_ttl_of_another_place_proves_nothing),
        cmocka_unit_test(a_message_ahead_of_its_sender),
        cmocka_unit_test(data_behind_the_end),
        cmocka_unit_test(a_fastclose_with_a_wrong_key),
        cmocka_unit_test(what_a_fastclose_overtook),
        cmocka_unit_test(a_fastclose_after_which_its_sender_goes_on),
        cmocka_unit_test(a_failure_of_no_checksum),
        cmocka_unit_test(a_fallback_that_its_sender_does_not_know_of),
        cmocka_unit_test(data_between_mappings),
        cmocka_unit_test(data_inside_a_mapping),
        cmocka_unit_test(two_copies_that_differ),
        cmocka_unit_test(a_keepalive_is_no_copy),
        cmocka_unit_test(octets_that_are_edited_between_two_places),
        cmocka_unit_test(a_mapping_that_changes),
        cmocka_unit_test(a_checksum_that_does_not_fit),
        cmocka_unit_test(a_checksum_over_several_segments),
        cmocka_unit_test(a_join_that_was_forbidden),
        cmocka_unit_test(the_table_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
