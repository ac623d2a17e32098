/* Which packets belong together: fragments of handshakes, NAT, two places, equal tokens, ports used
 * again, memory that ends. */
#include <stdio.h>

#include "mechanism/mechanism.h"
#include "tests/unit/audit/fixture.h"

static void ended(struct ear *ear)
{
    plait_audit_end(ear->audit);
}

static const struct plait_audit_connection_view *connection(const struct ear *ear, uint64_t number)
{
    for (unsigned i = 0; i < ear->ended_count; i++)
        if (ear->ended[i].number == number)
            return &ear->ended[i];
    fail_msg("connection %u did not end", (unsigned)number);
    return NULL;
}

/* ---- fragments of the first handshake ---- */

/* A packet of the three is not there, or two of them. */
static void a_handshake_in_any_fragment(void **state)
{
    (void)state;
    for (unsigned present = 1; present < 8; present++) {
        struct ear *ear = ear_new(), *deaf = ear_new();
        struct talk t = talk(ear, 1);
        struct plait_hello_values values[2] = {{.sender_key = t.key[0], .receiver_key = t.key[1]},
                                               {.sender_key = t.key[1], .receiver_key = t.key[0]}};
        static const struct {
            enum plait_hello_step step;
            uint8_t flags;
            unsigned end;
        } steps[] = {{PLAIT_STEP_SYN, PLAIT_SYN, 0},
                     {PLAIT_STEP_SYN_ACK, PLAIT_SYN | PLAIT_ACK, 1},
                     {PLAIT_STEP_THIRD_ACK, PLAIT_ACK, 0}};
        for (unsigned i = 0; i < 3; i++) {
            struct plait_mptcp_option o;
            plait_mechanism_v1.write_hello(steps[i].step, &values[steps[i].end], &o);
            t.ear = present >> i & 1 ? ear : deaf;
            say(&t, 0, steps[i].end, steps[i].flags, &o, 1, NULL, 0);
        }
        t.ear = ear;
        data(&t, 0, 0, "request");
        data_ack(&t, 0, 1);
        data(&t, 0, 1, "response");
        data_ack(&t, 0, 0);
        ended(ear);
        const struct plait_audit_connection_view *c = connection(ear, 1);
        bool knows_a = present & 4, knows_b = present & 6;
        assert_int_equal(c->has_key[0], knows_a);
        assert_int_equal(c->has_key[1], knows_b);
        assert_int_equal(c->version, PLAIT_AUDIT_V1);
        assert_int_equal(ear->stream[0][0].length, 7);
        assert_memory_equal(ear->stream[0][0].octets, "request", 7);
        assert_memory_equal(ear->stream[0][1].octets, "response", 8);
        assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
        ear_free(ear);
        ear_free(deaf);
    }
}

static void no_handshake_at_all(void **state)
{
    (void)state;
    struct ear *ear = ear_new(), *deaf = ear_new();
    struct talk t = talk(deaf, 1);
    hello(&t);
    data(&t, 0, 0, "before");
    t.ear = ear;
    data(&t, 0, 0, "request");
    data(&t, 0, 1, "response");
    data(&t, 0, 0, "more");
    ended(ear);
    assert_int_equal(connection(ear, 1)->version, PLAIT_AUDIT_NO_VERSION);
    assert_true(connection(ear, 1)->opener_is_guess);
    assert_true(connection(ear, 1)->has_gap);
    assert_memory_equal(ear->stream[0][0].octets, "requestmore", 11);
    assert_memory_equal(ear->stream[0][1].octets, "response", 8);
    ear_free(ear);
    ear_free(deaf);
}

/* The first segment that is seen is the middle of a mapping: where it belongs is not known until a
 * segment is its mapping's first. */
static void a_capture_that_begins_inside_a_mapping(void **state)
{
    (void)state;
    struct ear *ear = ear_new(), *deaf = ear_new();
    struct talk t = talk(deaf, 1);
    hello(&t);
    struct plait_mptcp_option o = mapping(&t, 0, 0, 0, 12);
    say(&t, 0, 0, PLAIT_ACK, &o, 1, "abcd", 4);
    t.ear = ear;
    say(&t, 0, 0, PLAIT_ACK, &o, 1, "efgh", 4);
    say(&t, 0, 0, PLAIT_ACK, &o, 1, "ijkl", 4);
    t.next_dsn[0] = 12;
    data(&t, 0, 0, "mnop");
    t.path[0].seq[0] -= 16;
    say(&t, 0, 0, PLAIT_ACK, &o, 1, "abcd", 4); /* sent again */
    ended(ear);
    assert_int_equal(ear->contradiction_count, 0);
    assert_int_equal(ear->stream[0][0].length, 16);
    assert_memory_equal(ear->stream[0][0].octets, "abcd\0\0\0\0\0\0\0\0mnop", 16);
    assert_true(connection(ear, 1)->has_gap);
    ear_free(ear);
    ear_free(deaf);
}

/* The client's MP_CAPABLE with both keys. */
static struct plait_mptcp_option hello_message(const struct talk *t, enum plait_hello_step step,
                                               unsigned end)
{
    struct plait_hello_values values = {.sender_key = t->key[end], .receiver_key = t->key[!end]};
    struct plait_mptcp_option option;
    (t->version ? &plait_mechanism_v1 : &plait_mechanism_v0)->write_hello(step, &values, &option);
    return option;
}

static struct plait_mptcp_option third_ack(const struct talk *t)
{
    return hello_message(t, PLAIT_STEP_THIRD_ACK, 0);
}

/* The server's SYN/ACK, sent again, though data have come. */
static void answer_again(struct talk *t)
{
    struct plait_hello_values values = {.sender_key = t->key[1], .checksum = true};
    struct plait_mptcp_option o;
    struct path now = t->path[0];
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN_ACK, &values, &o);
    t->path[0].seq[1] = now.isn[1];
    t->path[0].seq[0] = now.isn[0] + 1;
    say(t, 0, 1, PLAIT_SYN | PLAIT_ACK, &o, 1, NULL, 0);
    t->path[0] = now;
}

/* The third ACK is sent again until it is known to have come (RFC 8684 §3.1), also behind data: it
 * does not tell where they begin (seed 9000909 of tests/audit). */
static void begin_with_a_third_ack_behind_data(bool has_syn_ack)
{
    struct ear *ear = ear_new(), *deaf = ear_new();
    struct talk t = talk(deaf, 1);
    hello(&t);
    t.checksum = true;
    data(&t, 0, 0, "what");
    data(&t, 0, 0, "more");
    struct plait_mptcp_option o = third_ack(&t);
    t.ear = ear;
    if (has_syn_ack)
        answer_again(&t);
    say(&t, 0, 0, PLAIT_ACK, &o, 1, NULL, 0);
    t.path[0].seq[0] -= 8;
    data_at(&t, 0, 0, 0, "what");
    data_at(&t, 0, 0, 4, "more");
    ended(ear);
    assert_int_equal(ear->stream[0][0].length, 8);
    assert_memory_equal(ear->stream[0][0].octets, "whatmore", 8);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CHECKSUMS_INVALID), 0);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CHECKSUMS_VALID), 2);
    ear_free(ear);
    ear_free(deaf);
}

static void a_capture_that_begins_with_a_third_ack_behind_data(void **state)
{
    (void)state;
    begin_with_a_third_ack_behind_data(false);
    begin_with_a_third_ack_behind_data(true);
}

/* A reset has the number behind all that its sender sent (seed 20018745 of tests/audit), and its
 * acknowledgment is behind what its sender got (seed 50001189). */
static void a_reset_says_what_is_missing(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 4; n++) {
        bool is_missing = n & 1;
        unsigned by = n >> 1;
        struct scene s = scene();
        data(&s.t, 0, 0, "what");
        s.t.ear = is_missing ? s.deaf : s.ear;
        data(&s.t, 0, 0, "more");
        s.t.ear = s.ear;
        say(&s.t, 0, by, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
        ended(s.ear);
        assert_int_equal(connection(s.ear, 1)->has_gap, is_missing);
        scene_end(&s);
    }
}

/* The reset has no number of its own, and the SYN is sent again (seed 50000277 of tests/audit). */
static void a_join_that_is_refused_once(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    hello(&t);
    data(&t, 0, 0, "first,");
    struct plait_mptcp_option syn = join_syn(&t, 0, 0x1112, 1);
    say(&t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    uint32_t seq = t.path[1].seq[1];
    t.path[1].seq[1] = 0;
    say(&t, 1, 1, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    t.path[1].seq[1] = seq;
    t.path[1].seq[0]--;
    t.now_ns += PLAIT_S;
    join(&t, 1, 0);
    data(&t, 1, 0, "second");
    ended(ear);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), 1);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_SUBFLOWS), 2);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), 2);
    assert_memory_equal(ear->stream[0][0].octets, "first,second", 12);
    assert_false(connection(ear, 1)->subflows[1].is_reset);
    ear_free(ear);
}

static void one_direction(void **state)
{
    (void)state;
    for (unsigned heard = 0; heard < 2; heard++) {
        struct ear *ear = ear_new(), *deaf = ear_new();
        struct talk t = talk(heard ? deaf : ear, 1);
        struct plait_hello_values values[2] = {{.sender_key = t.key[0], .receiver_key = t.key[1]},
                                               {.sender_key = t.key[1], .receiver_key = t.key[0]}};
        struct plait_mptcp_option o;
        plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values[0], &o);
        say(&t, 0, 0, PLAIT_SYN, &o, 1, NULL, 0);
        plait_mechanism_v1.write_hello(PLAIT_STEP_SYN_ACK, &values[1], &o);
        t.ear = heard ? ear : deaf;
        say(&t, 0, 1, PLAIT_SYN | PLAIT_ACK, &o, 1, NULL, 0);
        plait_mechanism_v1.write_hello(PLAIT_STEP_THIRD_ACK, &values[0], &o);
        t.ear = heard ? deaf : ear;
        say(&t, 0, 0, PLAIT_ACK, &o, 1, NULL, 0);
        for (unsigned i = 0; i < 10; i++) {
            t.ear = heard ? deaf : ear;
            data(&t, 0, 0, "request");
            t.ear = heard ? ear : deaf;
            data(&t, 0, 1, "response");
        }
        ended(ear);
        assert_int_equal(ear->stream[0][heard].length, heard ? 80 : 70);
        assert_int_equal(ear_count(ear, PLAIT_COUNT_FALLBACKS), 0);
        assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
        ear_free(ear);
        ear_free(deaf);
    }
}

/* ---- tokens ---- */

/* Two keys of one token would take 2^32 tries: the token is a set all the same, and what tells its
 * members apart is tried on connections of equal keys, each to a server of its own. */
static void a_hundred_connections_of_one_token(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    enum { MANY = 100 };
    static struct talk talks[MANY];
    for (unsigned i = 0; i < MANY; i++) {
        char server[32], client[32];
        snprintf(server, sizeof server, "198.18.100.%u", i + 1);
        snprintf(client, sizeof client, "198.18.50.%u", i + 1);
        talks[i] = talk(ear, 1);
        talks[i].now_ns += i * PLAIT_S;
        talks[i].key[0] += i; /* the client's differ: the MACs do */
        talks[i].path[0] = path(client, (uint16_t)(3000 + i), server, 80, i + 100);
        talks[i].path[1] = path("198.18.60.1", (uint16_t)(5000 + i), server, 80, i + 300);
        hello(&talks[i]);
    }
    for (unsigned i = 0; i < MANY; i++) {
        talks[i].now_ns = talks[MANY - 1].now_ns + i * PLAIT_S;
        join(&talks[i], 1, 0);
    }
    assert_int_equal(ear_count(ear, PLAIT_COUNT_JOINS_AMBIGUOUS), 0); /* addresses told */
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), 2 * MANY);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(ear_event(ear, PLAIT_SAW_JOIN, i)->connection, i + 1);
    ear_free(ear);
}

/* Whoever opens connections chooses their keys. */
static void of_one_token_those_that_came_first_are_listed(void **state)
{
    (void)state;
    enum { LISTED = 256, MORE = 4 };
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 0);
    struct plait_mptcp_option syn = hello_message(&t, PLAIT_STEP_SYN, 0);
    for (unsigned i = 0; i < LISTED + MORE; i++) {
        t.path[0] = path("198.18.1.1", (uint16_t)(2000 + i), "198.18.2.1", 80, i);
        say(&t, 0, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    }
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), LISTED + MORE);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_TOKENS_CROWDED), MORE);
    ear_free(ear);
}

static void a_join_without_a_mac_fits_several_connections(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk talks[2];
    for (unsigned i = 0; i < 2; i++) {
        talks[i] = talk(ear, 1);
        talks[i].now_ns += i * 100 * PLAIT_S;
        talks[i].key[0] += i;
        talks[i].path[0] = path("198.18.1.1", (uint16_t)(3000 + i), "198.18.2.1", 80, i + 100);
        hello(&talks[i]);
    }
    struct plait_mptcp_option syn = join_syn(&talks[1], 0, 77, 1);
    say(&talks[1], 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_JOINS_AMBIGUOUS), 1);
    ear_free(ear);
}

static void a_mac_decides_between_connections_of_one_token(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk talks[5];
    for (unsigned i = 0; i < 5; i++) {
        talks[i] = talk(ear, 1);
        talks[i].now_ns += i * 100 * PLAIT_S;
        talks[i].key[0] += i;
        talks[i].path[0] = path("198.18.1.1", (uint16_t)(3000 + i), "198.18.2.1", 80, i + 100);
        talks[i].path[1] = path("198.18.60.1", (uint16_t)(5000 + i), "198.18.2.1", 80, i + 300);
        hello(&talks[i]);
    }
    for (unsigned i = 0; i < 5; i++) {
        talks[i].now_ns = talks[4].now_ns + i * PLAIT_S;
        join(&talks[i], 1, 0);
    }
    assert_int_equal(ear_count(ear, PLAIT_COUNT_JOINS_AMBIGUOUS), 0); /* the MACs tell */
    assert_true(ear_count(ear, PLAIT_COUNT_JOINS_REBOUND) >= 4);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), 10);
    ended(ear);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(connection(ear, i + 1)->subflow_count, 2);
        assert_int_equal(connection(ear, i + 1)->subflows[1].place[0].port, 5000 + i);
        assert_int_equal(connection(ear, i + 1)->subflows[1].proof, PLAIT_VALID);
    }
    ear_free(ear);
}

/* One key is the server's of one connection and the client's of another, newer one: the join is
 * taken for the latter, and its ends change places when the MAC shows that it is the former's. */
static void a_join_that_moves_changes_its_ends(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk one = talk(ear, 1), other = talk(ear, 1);
    other.now_ns += 100 * PLAIT_S;
    other.key[0] = one.key[1];
    other.key[1] = 0x1234567890abcdef;
    other.path[0] = path("198.18.2.1", 7000, "198.18.77.1", 80, 70);
    hello(&one);
    hello(&other);
    one.now_ns = other.now_ns;
    join(&one, 1, 0);
    data(&one, 1, 0, "from the client");
    ended(ear);
    assert_int_equal(ear_event(ear, PLAIT_SAW_JOIN, 0)->connection, 2);
    assert_int_equal(ear_event(ear, PLAIT_SAW_JOIN, 0)->direction, 1);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_JOINS_REBOUND), 1);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), 2);
    const struct plait_audit_connection_view *c = connection(ear, 1);
    assert_int_equal(c->subflow_count, 2);
    assert_int_equal(c->subflows[1].opener, 0);
    assert_int_equal(c->subflows[1].place[0].port, 40001);
    assert_int_equal(c->subflows[1].packets[0], 3);
    assert_int_equal(c->subflows[1].proof, PLAIT_VALID);
    assert_memory_equal(ear->stream[0][0].octets, "from the client", 15);
    ear_free(ear);
}

/* The join was heard before the keys: what was opened for it was no connection of its own. */
static void a_join_that_finds_its_connection_late_counts_once(void **state)
{
    (void)state;
    struct ear *ear = ear_new(), *deaf = ear_new();
    struct talk t = talk(deaf, 1);
    hello(&t);
    t.ear = ear;
    struct plait_mptcp_option syn = join_syn(&t, 0, 1, 1), answer = join_answer(&t, 1, 2, 1, 0),
                              ack = join_ack(&t, 0, 1, 2), keys = third_ack(&t);
    say(&t, 1, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(&t, 1, 1, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    say(&t, 0, 0, PLAIT_ACK, &keys, 1, NULL, 0);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), 2);
    say(&t, 1, 0, PLAIT_ACK, &ack, 1, NULL, 0);
    ended(ear);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_JOINS_REBOUND), 1);
    assert_int_equal(ear->ended_count, 1);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), 1);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS_MPTCP), 1);
    ear_free(ear);
    ear_free(deaf);
}

/* threats.md §8, trap 3: the server joins towards the client. */
static void a_join_by_the_server(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    hello(&t);
    join(&t, 2, 1);
    data(&t, 2, 1, "response");
    data(&t, 2, 0, "request");
    ended(ear);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), 2);
    assert_int_equal(ear_event(ear, PLAIT_SAW_JOIN, 0)->direction, 1);
    assert_int_equal(connection(ear, 1)->subflows[1].opener, 1);
    assert_memory_equal(ear->stream[0][1].octets, "response", 8);
    assert_memory_equal(ear->stream[0][0].octets, "request", 7);
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
    ear_free(ear);
}

/* ---- one packet, two sightings ---- */

/* Everything is seen in front of a NAT and behind it. */
static void both_sides_of_a_nat_are_one_connection(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk inside = talk(ear, 1), outside = inside;
    outside.input = 1;
    outside.path[0].place[0] = path("198.18.200.1", 1024, "198.18.2.1", 80, 0).place[0];
    outside.path[1].place[0] = path("198.18.200.2", 1025, "198.18.2.1", 80, 0).place[0];
    struct plait_mptcp_option syn = join_syn(&inside, 0, 1, 1),
                              answer = join_answer(&inside, 1, 2, 1, 0),
                              ack = join_ack(&inside, 0, 1, 2);
    /* Step by step in both talks: the second sighting is of the same packet. */
    struct plait_hello_values values = {.sender_key = inside.key[0], .receiver_key = inside.key[1]};
    struct plait_mptcp_option o[3];
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN, &values, &o[0]);
    values = (struct plait_hello_values){.sender_key = inside.key[1]};
    plait_mechanism_v1.write_hello(PLAIT_STEP_SYN_ACK, &values, &o[1]);
    values =
        (struct plait_hello_values){.sender_key = inside.key[0], .receiver_key = inside.key[1]};
    plait_mechanism_v1.write_hello(PLAIT_STEP_THIRD_ACK, &values, &o[2]);
    struct {
        unsigned path, end;
        uint8_t flags;
        struct plait_mptcp_option *option;
    } talk_of[] = {
        {0, 0, PLAIT_SYN, &o[0]}, {0, 1, PLAIT_SYN | PLAIT_ACK, &o[1]},   {0, 0, PLAIT_ACK, &o[2]},
        {1, 0, PLAIT_SYN, &syn},  {1, 1, PLAIT_SYN | PLAIT_ACK, &answer}, {1, 0, PLAIT_ACK, &ack}};
    for (unsigned i = 0; i < 6; i++) {
        bool from_outside = talk_of[i].end == 1;
        struct talk *order[2] = {from_outside ? &outside : &inside,
                                 from_outside ? &inside : &outside};
        for (unsigned k = 0; k < 2; k++) {
            order[k]->ip_id = (uint16_t)(100 + i); /* the same packet */
            struct plait_audit_place place = say(order[k], talk_of[i].path, talk_of[i].end,
                                                 talk_of[i].flags, talk_of[i].option, 1, NULL, 0);
            assert_int_equal(place.connection, 1);
            assert_int_equal(place.is_duplicate, k == 1);
        }
    }
    ended(ear);
    assert_int_equal(connection(ear, 1)->subflow_count, 2);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_ALIASES), 2);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), 1);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_MACS_VALID), 2);
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
    ear_free(ear);
}

/* SYNs of two connections, alike but for a port and their TTL: of a NAT's two sides, as it seems.
 */
static void say_two_alike(struct talk *one, struct talk *other)
{
    struct plait_mptcp_option syn = hello_message(one, PLAIT_STEP_SYN, 0);
    other->path[0] = path("198.18.1.1", 4444, "198.18.2.1", 80, 77);
    other->path[0].seq[0] = one->path[0].seq[0];
    other->path[0].ttl[0] = one->path[0].ttl[0] - 1;
    other->key[1]++;
    say(one, 0, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(other, 0, 0, PLAIT_SYN, &syn, 1, NULL, 0);
}

static void go_on(struct talk *t, const char *text)
{
    struct plait_mptcp_option ack = third_ack(t);
    say(t, 0, 0, PLAIT_ACK, &ack, 1, NULL, 0);
    data(t, 0, 0, text);
}

/* Whichever is answered first: what their server reads is in two streams (T-EVA-4). */
static void two_that_begin_alike_are_two_by_their_answers(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 2; first++) {
        struct ear *ear = ear_new();
        struct talk talks[2] = {talk(ear, 1), talk(ear, 1)};
        say_two_alike(&talks[0], &talks[1]);
        assert_int_equal(ear_count(ear, PLAIT_COUNT_ALIASES), 1);
        for (unsigned i = 0; i < 2; i++) {
            struct talk *t = &talks[i ^ first];
            struct plait_mptcp_option o = hello_message(t, PLAIT_STEP_SYN_ACK, 1);
            t->now_ns = talks[1].now_ns + PLAIT_MS * (i + 1);
            say(t, 0, 1, PLAIT_SYN | PLAIT_ACK, &o, 1, NULL, 0);
        }
        go_on(&talks[0], "harmless");
        go_on(&talks[1], "terrible");
        ended(ear);
        assert_memory_equal(ear->stream[first][0].octets, "harmless", 8);
        assert_memory_equal(ear->stream[first + 1][0].octets, "terrible", 8);
        assert_int_equal(ear->contradiction_count, 0);
        assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
        ear_free(ear);
    }
}

/* Each a SYN of the same number with another window, and copies from elsewhere. */
static void copies_of_a_syn_are_few_flows_of_one(void **state)
{
    (void)state;
    enum { COPIES = 40, ALIASES = 16 };
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    uint32_t isn = t.path[0].seq[0];
    hello(&t);
    struct path known = t.path[0];
    for (unsigned i = 0; i < COPIES; i++) {
        struct plait_mptcp_option o = hello_message(&t, PLAIT_STEP_SYN, 0);
        o.capable.flags ^= (uint8_t)(2 << i / 4 % 6);
        t.path[0] = i % 4 ? path("198.18.1.9", (uint16_t)(2000 + i), "198.18.2.1", 80, 0) : known;
        t.path[0].seq[0] = isn;
        t.path[0].ttl[0] = i % 4 ? 60 : known.ttl[0];
        say(&t, 0, 0, PLAIT_SYN, &o, 1, NULL, 0);
    }
    assert_int_equal(ear_count(ear, PLAIT_COUNT_ALIASES), ALIASES);
    ear_free(ear);
}

/* Two hosts that happen to choose the same number are two (same place, same distance). */
/* COUNT packets at once, a microsecond each. */
static void say_many(struct talk *t, plait_time_ns from_ns, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        t->now_ns = from_ns + i * 1000 - TICK_NS;
        data(t, 0, 0, "many");
    }
}

/* Which of them hash alike is drawn: each is known again whatever the draw. */
static void of_thousands_on_their_way_each_is_known_again(void **state)
{
    (void)state;
    enum { MANY = 4000 };
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    hello(&t);
    struct talk there = t;
    there.input = 1;
    say_many(&t, 10 * PLAIT_S, MANY);
    say_many(&there, 10 * PLAIT_S + 10 * PLAIT_MS, MANY);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_DUPLICATES), MANY);
    ear_free(ear);
}

static void equal_syns_of_two_hosts_are_two(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    t.path[1].seq[0] = t.path[0].seq[0];
    say(&t, 0, 0, PLAIT_SYN, NULL, 0, NULL, 0);
    say(&t, 1, 0, PLAIT_SYN, NULL, 0, NULL, 0);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), 2);
    ear_free(ear);
}

static void the_same_addresses_in_another_network(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    struct plait_segment s = {
        .ip = {.src = t.path[0].place[0].addr, .dst = t.path[0].place[1].addr, .ttl = 64},
        .src_port = 1,
        .dst_port = 2,
        .seq = 5,
        .flags = PLAIT_SYN};
    uint8_t packet[100];
    size_t length;
    assert_ok(plait_segment_build(&s, packet, sizeof packet, &length));
    for (uint16_t network = 0; network < 2; network++) {
        s.seq++;
        assert_ok(plait_segment_build(&s, packet, sizeof packet, &length));
        struct plait_seen seen = {.at_ns = 1000,
                                  .frame = network + 1u,
                                  .network = network,
                                  .ip = packet,
                                  .ip_octets = (uint32_t)length,
                                  .wire_octets = (uint32_t)length};
        assert_int_equal(plait_audit_packet(ear->audit, &seen).connection, network + 1);
    }
    ear_free(ear);
}

/* ---- ports used again ---- */

static void a_flow_is_opened_anew(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    hello(&t);
    data(&t, 0, 0, "one");
    say(&t, 0, 0, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    t.path[0].seq[0] += 100000;
    t.path[0].seq[1] += 300000;
    t.key[0] += 5, t.key[1] += 5;
    t.next_dsn[0] = t.next_dsn[1] = 0;
    hello(&t);
    data(&t, 0, 0, "two");
    ended(ear);
    assert_int_equal(ear->ended_count, 2);
    assert_memory_equal(ear->stream[0][0].octets, "one", 3);
    assert_memory_equal(ear->stream[1][0].octets, "two", 3);
    ear_free(ear);
}

/* RFC 5961 §4: it draws a challenge ACK, no more. */
static void a_syn_does_not_end_what_lives(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    hello(&t);
    data(&t, 0, 0, "one");
    uint32_t seq = t.path[0].seq[0], isn = t.path[0].isn[0];
    t.path[0].seq[0] += 5;
    say(&t, 0, 0, PLAIT_SYN, NULL, 0, NULL, 0);
    t.path[0].seq[0] = seq;
    t.path[0].isn[0] = isn;
    data(&t, 0, 0, "two");
    assert_int_equal(ear->stream[0][0].length, 6);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_CONNECTIONS), 1);
    ear_free(ear);
}

/* T-RST-4: the only subflow is reset, and a join revives the connection. */
static void a_join_after_the_last_reset(void **state)
{
    (void)state;
    struct ear *ear = ear_new();
    struct talk t = talk(ear, 1);
    hello(&t);
    data(&t, 0, 0, "one");
    say(&t, 0, 0, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
    join(&t, 1, 0);
    data(&t, 1, 0, "two");
    assert_int_equal(ear->stream[0][0].length, 6);
    ear_free(ear);
}

/* ---- memory that ends ---- */

static void the_oldest_idle_one_goes(void **state)
{
    (void)state;
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 64 << 10; /* 128 connections */
    struct ear *ear = ear_with(&limits);
    struct talk t = talk(ear, 1);
    for (unsigned i = 0; i < 200; i++) {
        t.path[0] = path("198.18.1.1", 40000, "198.18.2.1", 80, 1);
        t.now_ns += PLAIT_S;
        say(&t, 0, 0, i ? PLAIT_ACK : PLAIT_SYN, NULL, 0, NULL, 0); /* never idle */
        t.path[1] = path("198.18.3.1", (uint16_t)(1000 + i), "198.18.2.1", 80, 9);
        say(&t, 1, 0, PLAIT_SYN, NULL, 0, NULL, 0);
    }
    assert_int_equal(plait_audit_alive(ear->audit), 128);
    assert_int_equal(ear_count(ear, PLAIT_COUNT_EVICTED), 201 - 128);
    assert_int_equal(ear->ended[0].number, 2);
    assert_int_equal(ear->ended[0].end, PLAIT_END_EVICTED);
    ended(ear);
    assert_int_equal(plait_audit_alive(ear->audit), 0);
    ear_free(ear);
}

/* Everything is small; octets, joins and addresses of many connections take turns. */
static void nothing_breaks_where_memory_is_short(void **state)
{
    (void)state;
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 16 << 10;
    struct ear *ear = ear_with(&limits);
    static struct talk talks[40];
    for (unsigned i = 0; i < 40; i++) {
        talks[i] = talk(ear, i % 2);
        talks[i].key[0] += 7 * i, talks[i].key[1] += 7 * i;
        talks[i].path[0] = path("198.18.1.1", (uint16_t)(1000 + i), "198.18.2.1", 80, 2 * i);
        talks[i].path[1] = path("198.18.3.1", (uint16_t)(1000 + i), "198.18.2.1", 80, 2 * i + 1);
        hello(&talks[i]);
        join(&talks[i], 1, 0);
    }
    for (unsigned round = 0; round < 30; round++)
        for (unsigned i = 0; i < 40; i++) {
            talks[i].now_ns = talks[39].now_ns;
            talks[i].next_dsn[0] += round % 5 == 4 ? 3000 : 0; /* holes */
            data(&talks[i], round % 2, 0, "some octets of data that are not many");
            data(&talks[i], round % 2, 1, "and some more");
        }
    assert_true(ear_count(ear, PLAIT_COUNT_EVICTED) > 0);
    ended(ear);
    assert_int_equal(plait_audit_alive(ear->audit), 0);
    assert_true(plait_audit_used_octets(ear->audit) <= plait_audit_arena_octets(&limits));
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), 0);
    ear_free(ear);
}

static void a_small_arena_is_refused(void **state)
{
    (void)state;
    static uint8_t memory[4096] __attribute__((aligned(16)));
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_audit_limits limits = plait_audit_limits();
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_audit_sink sink = {0};
    assert_null(plait_audit_new(&arena, &limits, &key, &sink, NULL));
}

/* It is sent until a RST answers it (RFC 8684 §3.5): who has not got it goes on. */
static void after_a_fastclose_that_was_not_answered_the_peer_goes_on(void **state)
{
    (void)state;
    for (unsigned answered = 0; answered < 2; answered++) {
        struct ear *ear = ear_new();
        struct talk t = talk(ear, 1);
        struct plait_mptcp_option o = {.subtype = PLAIT_MP_FASTCLOSE,
                                       .fastclose = {.receiver_key = t.key[1]}};
        hello(&t);
        say(&t, 0, 0, PLAIT_ACK, &o, 1, NULL, 0);
        if (answered)
            say(&t, 0, 1, PLAIT_RST | PLAIT_ACK, NULL, 0, NULL, 0);
        t.now_ns += 20 * PLAIT_S;
        data(&t, 0, 1, "not heard of it");
        ended(ear);
        assert_int_equal(ear->ended_count, answered ? 2 : 1);
        assert_int_equal(connection(ear, 1)->octets[1], answered ? 0 : 15);
        ear_free(ear);
    }
}

/* Both DATA_FINs were acknowledged, octets of one subflow were not: it sends them again until they
 * are (seed 7001442 of tests/audit). */
static void after_the_end_a_subflow_goes_on_until_it_is_acknowledged(void **state)
{
    (void)state;
    for (unsigned acknowledged = 0; acknowledged < 2; acknowledged++) {
        struct ear *ear = ear_new();
        struct talk t = talk(ear, 1);
        hello(&t);
        join(&t, 1, 0);
        data(&t, 1, 0, "twice");
        data_at(&t, 0, 0, 0, "twice");
        data_fin(&t, 0, 0);
        data_fin(&t, 0, 1);
        t.next_dsn[0]++, t.next_dsn[1]++;
        data_ack(&t, 0, 0);
        data_ack(&t, 0, 1);
        assert_int_equal(ear_events(ear, PLAIT_SAW_CLOSED), 1);
        if (acknowledged)
            say(&t, 1, 1, PLAIT_ACK, NULL, 0, NULL, 0);
        t.now_ns += 20 * PLAIT_S;
        t.path[1].seq[0] -= 5;
        data_at(&t, 1, 0, 0, "twice");
        t.now_ns += 40 * PLAIT_S;
        t.path[1].seq[0] -= 5;
        data_at(&t, 1, 0, 0, "twice");
        ended(ear);
        assert_int_equal(ear->ended_count, acknowledged ? 2 : 1);
        assert_int_equal(connection(ear, 1)->end, PLAIT_END_CLOSED);
        ear_free(ear);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_in_any_fragment),
        cmocka_unit_test(no_handshake_at_all),
        cmocka_unit_test(a_capture_that_begins_inside_a_mapping),
        cmocka_unit_test(a_capture_that_begins_with_a_third_ack_behind_data),
        cmocka_unit_test(a_reset_says_what_is_missing),
        cmocka_unit_test(a_join_that_is_refused_once),
        cmocka_unit_test(one_direction),
        cmocka_unit_test(a_hundred_connections_of_one_token),
        cmocka_unit_test(of_one_token_those_that_came_first_are_listed),
        cmocka_unit_test(a_join_without_a_mac_fits_several_connections),
        cmocka_unit_test(a_mac_decides_between_connections_of_one_token),
        cmocka_unit_test(a_join_that_moves_changes_its_ends),
        cmocka_unit_test(a_join_that_finds_its_connection_late_counts_once),
        cmocka_unit_test(a_join_by_the_server),
        cmocka_unit_test(both_sides_of_a_nat_are_one_connection),
        cmocka_unit_test(two_that_begin_alike_are_two_by_their_answers),
        cmocka_unit_test(copies_of_a_syn_are_few_flows_of_one),
        cmocka_unit_test(of_thousands_on_their_way_each_is_known_again),
        cmocka_unit_test(equal_syns_of_two_hosts_are_two),
        cmocka_unit_test(the_same_addresses_in_another_network),
        cmocka_unit_test(a_flow_is_opened_anew),
        cmocka_unit_test(a_syn_does_not_end_what_lives),
        cmocka_unit_test(a_join_after_the_last_reset),
        cmocka_unit_test(the_oldest_idle_one_goes),
        cmocka_unit_test(nothing_breaks_where_memory_is_short),
        cmocka_unit_test(a_small_arena_is_refused),
        cmocka_unit_test(after_a_fastclose_that_was_not_answered_the_peer_goes_on),
        cmocka_unit_test(after_the_end_a_subflow_goes_on_until_it_is_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
