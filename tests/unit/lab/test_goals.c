/* Goals are judged from ground truth: what came to the attacker's port, and what applications read.
 */
#include "tests/unit/lab/stage.h"

#include <stdio.h>

#include "agent/pattern.h"

enum { PATTERN_KEY = 4711, OWN_ISN = 9000, VICTIM_ISN = 70000, OCTETS = 100 };

static struct stage *open_stage(void)
{
    struct stage *stage = stage_new("PE-H", true);
    stage->world.ends[PLAIT_SERVER].key = PATTERN_KEY;
    stage_connect(stage);
    return stage;
}

static bool is_reached(const struct stage *stage, enum plait_goal goal)
{
    return stage->goals.state[goal].reached;
}

static void assert_reached(const struct stage *stage, unsigned bits)
{
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        if (is_reached(stage, (enum plait_goal)goal) != (bits >> goal & 1))
            fail_msg("%s: %s", plait_goal_name((enum plait_goal)goal),
                     stage->goals.state[goal].evidence);
}

/* ---- a subflow between the server and the attacker's port
 * ----------------------------------------- */

static void say_syn_ack(struct stage *stage, uint16_t port)
{
    struct plait_place own = {talk_attacker.addr, port};
    struct plait_segment s =
        talk_syn(&talk_server, &own, PLAIT_SYN | PLAIT_ACK, VICTIM_ISN, OWN_ISN + 1);
    stage_say(stage, &s);
}

/* The server's stream from OFFSET; ACCEPTED of the attacker's octets are acknowledged with it. */
static void say_stream(struct stage *stage, uint16_t port, uint64_t offset, size_t count,
                       uint32_t accepted)
{
    uint8_t payload[OCTETS];
    struct plait_place own = {talk_attacker.addr, port};
    struct plait_segment s =
        talk(&talk_server, &own, PLAIT_ACK, VICTIM_ISN + 1, OWN_ISN + 1 + accepted);
    for (size_t i = 0; i < count; i++)
        payload[i] = plait_pattern_octet(PATTERN_KEY, offset + i);
    struct plait_dss *dss = &talk_option(&s, PLAIT_DSS)->dss;
    *dss = (struct plait_dss){.has_ack = true, .ack_is_64 = true, .data_ack = IDSN_A + 1};
    if (count) {
        dss->has_map = dss->dsn_is_64 = true;
        dss->dsn = IDSN_B + 1 + offset;
        dss->ssn = 1;
        dss->data_length = (uint16_t)count;
    }
    s.payload = payload;
    s.payload_octets = count;
    stage_say(stage, &s);
}

/* What the server sends on its genuine subflow, up to stream octet END. */
static void say_genuine(struct stage *stage, uint64_t end)
{
    struct plait_segment s =
        talk(&talk_server, &talk_client, PLAIT_ACK, SERVER_ISN + 1, CLIENT_ISN + 1);
    talk_option(&s, PLAIT_DSS)->dss = (struct plait_dss){.has_map = true,
                                                         .dsn_is_64 = true,
                                                         .dsn = IDSN_B + 1,
                                                         .ssn = 1,
                                                         .data_length = (uint16_t)end};
    stage_say(stage, &s);
}

static void a_subflow_is_a_takeover_once_octets_pass(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    say_syn_ack(stage, 2000);
    assert_reached(stage, 0); /* half open */
    say_stream(stage, 2000, 0, 0, 0);
    assert_reached(stage, 0); /* open, and nothing passed */
    say_stream(stage, 2000, 0, 0, 26);
    assert_reached(stage, PLAIT_GOAL_BIT(TAKEOVER));
    assert_true(stage->goals.state[PLAIT_GOAL_TAKEOVER].octets == 26);
    assert_non_null(strstr(stage->goals.state[PLAIT_GOAL_TAKEOVER].evidence, "198.19.9.9:2000"));
    stage_free(stage);
}

/* A plain TCP connection of his own to the server is none (no DSS), nor is a reset. */
static void a_connection_of_his_own_is_no_takeover(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    say_syn_ack(stage, 2000);
    struct plait_segment data =
        talk(&talk_server, &talk_attacker, PLAIT_ACK, VICTIM_ISN + 1, OWN_ISN + 500);
    data.payload = (const uint8_t *)"HTTP/1.1 200";
    data.payload_octets = 12;
    stage_say(stage, &data);
    assert_reached(stage, 0);
    struct plait_segment reset =
        talk(&talk_server, &talk_attacker, PLAIT_RST | PLAIT_ACK, VICTIM_ISN + 1, OWN_ISN + 900);
    talk_option(&reset, PLAIT_DSS);
    stage_say(stage, &reset);
    assert_reached(stage, 0);
    stage_free(stage);
}

/* Only octets that were first sent after he left count (DESIGN §1). */
static void reading_counts_later_octets_once(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    say_genuine(stage, 150);
    plait_take_position(&stage->attack); /* leaves here */
    say_syn_ack(stage, 2000);
    const struct plait_goal_state *read = &stage->goals.state[PLAIT_GOAL_READ];
    say_stream(stage, 2000, 0, 100, 0);
    assert_false(read->reached); /* a retransmission of what he could have heard */
    assert_true(is_reached(stage, PLAIT_GOAL_TAKEOVER));
    say_stream(stage, 2000, 100, 100, 0); /* 50 of them are new */
    assert_true(read->reached);
    assert_true(read->octets == 50);
    assert_non_null(strstr(read->evidence, "the first at offset 150"));
    say_stream(stage, 2000, 100, 100, 0);
    assert_true(read->octets == 50); /* not twice */
    say_stream(stage, 2000, 200, 30, 0);
    assert_true(read->octets == 80);
    stage_free(stage);
}

static void octets_that_are_not_the_stream_are_not_read(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    plait_take_position(&stage->attack);
    say_syn_ack(stage, 2000);
    stage->world.ends[PLAIT_SERVER].key = PATTERN_KEY + 1;
    say_stream(stage, 2000, 0, 100, 0);
    assert_reached(stage, 0);
    stage_free(stage);
}

static void who_is_still_there_reads_nothing_new(void **state)
{
    (void)state;
    struct stage *stage = stage_new("ON1-E", true);
    stage->world.ends[PLAIT_SERVER].key = PATTERN_KEY;
    stage_connect(stage);
    plait_take_position(&stage->attack);
    say_syn_ack(stage, 2000);
    say_stream(stage, 2000, 0, 100, 0);
    assert_reached(stage, PLAIT_GOAL_BIT(TAKEOVER));
    stage_free(stage);
}

/* Answers to many guesses must not hide the one that worked. */
static void a_takeover_is_seen_behind_many_answers(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    for (uint16_t i = 0; i < 3 * PLAIT_HOME_FLOWS_MAX; i++) {
        struct plait_place own = {talk_attacker.addr, (uint16_t)(3000 + i)};
        struct plait_segment reset =
            talk(&talk_server, &own, PLAIT_RST | PLAIT_ACK, 0, OWN_ISN + 1);
        stage_say(stage, &reset);
        say_syn_ack(stage, (uint16_t)(4000 + i));
    }
    assert_reached(stage, 0);
    say_syn_ack(stage, 2000);
    say_stream(stage, 2000, 0, 0, 26);
    assert_reached(stage, PLAIT_GOAL_BIT(TAKEOVER));
    stage_free(stage);
}

static json_t *after(struct stage *stage, enum plait_goal goal)
{
    plait_goals_finish(&stage->goals);
    json_t *all = plait_goals_json(&stage->goals);
    json_t *one =
        json_incref(json_object_get(json_object_get(all, plait_goal_name(goal)), "after"));
    json_decref(all);
    return one;
}

static void assert_after(struct stage *stage, enum plait_goal goal, const char *since,
                         plait_time_ns lasted_ns, plait_time_ns watched_ns, bool lasting)
{
    json_t *one = after(stage, goal);
    assert_string_equal(json_string_value(json_object_get(one, "since")), since);
    assert_true(json_integer_value(json_object_get(one, "lasted_ns")) == lasted_ns);
    assert_true(json_integer_value(json_object_get(one, "watched_ns")) == watched_ns);
    assert_int_equal(json_is_true(json_object_get(one, "lasting")), lasting);
    json_decref(one);
}

/* From the moment he left the path to the last octet that came; it goes on if it was seen for a
 * second, and in the last second.  (A segment takes 2 ms, and the stage waits 3.) */
static void effects_last_from_leaving_to_the_last_octet(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    plait_take_position(&stage->attack); /* leaves here, and comes back after a second */
    say_syn_ack(stage, 2000);
    say_stream(stage, 2000, 0, 100, 0);
    assert_after(stage, PLAIT_GOAL_READ, "left the path", PLAIT_S + 5 * PLAIT_MS,
                 PLAIT_S + 6 * PLAIT_MS, false); /* once */
    plait_pause(&stage->attack, 994 * PLAIT_MS);
    say_stream(stage, 2000, 100, 100, 0);
    assert_after(stage, PLAIT_GOAL_READ, "left the path", 2 * PLAIT_S + 2 * PLAIT_MS,
                 2 * PLAIT_S + 3 * PLAIT_MS, false); /* for less than a second */
    plait_pause(&stage->attack, 997 * PLAIT_MS);
    say_stream(stage, 2000, 200, 100, 0);
    plait_pause(&stage->attack, 999 * PLAIT_MS);
    assert_after(stage, PLAIT_GOAL_READ, "left the path", 3 * PLAIT_S + 2 * PLAIT_MS,
                 4 * PLAIT_S + 2 * PLAIT_MS, true);
    plait_pause(&stage->attack, PLAIT_MS);
    assert_after(stage, PLAIT_GOAL_READ, "left the path", 3 * PLAIT_S + 2 * PLAIT_MS,
                 4 * PLAIT_S + 3 * PLAIT_MS, false); /* nothing for more than a second */
    stage_free(stage);
}

/* An acknowledgment without octets is no new sign of a subflow; each octet is. */
static void a_takeover_is_seen_again_with_each_octet(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    plait_take_position(&stage->attack);
    say_syn_ack(stage, 2000);
    say_stream(stage, 2000, 0, 0, 26);
    plait_time_ns seen_ns = stage->goals.state[PLAIT_GOAL_TAKEOVER].last_ns;
    plait_pause(&stage->attack, PLAIT_S);
    say_stream(stage, 2000, 0, 0, 26);
    assert_true(stage->goals.state[PLAIT_GOAL_TAKEOVER].last_ns == seen_ns);
    say_stream(stage, 2000, 0, 10, 26);
    assert_true(stage->goals.state[PLAIT_GOAL_TAKEOVER].last_ns > seen_ns + PLAIT_S);
    stage_free(stage);
}

/* Who was never on a path left with his last packet; who is always there does not leave; what
 * happens once has no length. */
static void presence_is_a_path_or_a_packet(void **state)
{
    (void)state;
    struct stage *never = stage_new("OFF", true), *always = stage_new("ON1-E", true);
    stage_connect(never), stage_connect(always);
    plait_take_position(&never->attack), plait_take_position(&always->attack);
    plait_time_ns sent_ns = plait_world_now(&never->world);
    plait_price_packet(&never->attack.price, sent_ns, 60);
    plait_pause(&never->attack, 5 * PLAIT_MS);
    plait_goals_event(&never->goals, PLAIT_SERVER, "foreign", "100");
    plait_goals_event(&never->goals, PLAIT_SERVER, "error", "ECONNRESET");
    plait_goals_event(&always->goals, PLAIT_SERVER, "foreign", "100");
    plait_pause(&never->attack, PLAIT_MS);
    assert_after(never, PLAIT_GOAL_INJECT, "last packet", 5 * PLAIT_MS, 6 * PLAIT_MS, false);
    json_t *killed = after(never, PLAIT_GOAL_KILL), *there = after(always, PLAIT_GOAL_INJECT);
    assert_true(json_is_null(killed) && json_is_null(there));
    json_decref(killed), json_decref(there);
    stage_free(never);
    stage_free(always);
}

static void price_is_kept_from_the_first_success(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    plait_price_packet(&stage->attack.price, 1, 60);
    plait_price_packet(&stage->attack.price, 2, 60);
    plait_goals_reach(&stage->goals, PLAIT_GOAL_KILL, 1, 0, "first");
    plait_price_packet(&stage->attack.price, 3, 60);
    plait_goals_reach(&stage->goals, PLAIT_GOAL_KILL, 2, 0, "again");
    const struct plait_goal_state *kill = &stage->goals.state[PLAIT_GOAL_KILL];
    assert_true(plait_price_expected(&kill->price) == 2);
    assert_string_equal(kill->evidence, "again");
    stage_free(stage);
}

/* ---- what applications report
 * ------------------------------------------------------------------------ */

static void events_are_goals_unless_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *word, *rest;
        unsigned unasked, asked;
    } rows[] = {
        {"eof", "", PLAIT_GOAL_BIT(TRUNCATE), 0},
        {"error", "ECONNRESET", PLAIT_GOAL_BIT(KILL), 0},
        {"foreign", "100", PLAIT_GOAL_BIT(INJECT), PLAIT_GOAL_BIT(INJECT)},
        {"connected", "", 0, 0},
        {"accepted", "", 0, 0},
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        bool asked = i % 2;
        struct stage *stage = open_stage();
        stage->world.ends[PLAIT_CLIENT].closing = asked;
        plait_goals_event(&stage->goals, PLAIT_SERVER, rows[i / 2].word, rows[i / 2].rest);
        assert_reached(stage, asked ? rows[i / 2].asked : rows[i / 2].unasked);
        stage_free(stage);
    }
}

static void packets_to_strangers_are_reflected(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    plait_price_packet(&stage->attack.price, 1, 60);
    plait_goals_at_stranger(&stage->goals, 72);
    plait_goals_at_stranger(&stage->goals, 72);
    assert_reached(stage, PLAIT_GOAL_BIT(REFLECT));
    assert_true(stage->goals.state[PLAIT_GOAL_REFLECT].measure == 2); /* for one of his */
    assert_true(stage->goals.state[PLAIT_GOAL_REFLECT].octets == 144);
    stage_free(stage);
}

/* Payload counts, whatever the stranger answers; a handshake does not. */
static void only_payload_floods(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    struct plait_place stranger = {talk_attacker.addr, 7000};
    struct plait_segment s = talk(&talk_server, &stranger, PLAIT_ACK, VICTIM_ISN + 1, 1);
    s.payload = (const uint8_t *)"unasked for";
    s.payload_octets = 11;
    plait_goals_flood(&stage->goals, &s);
    plait_goals_flood(&stage->goals, &s);
    assert_reached(stage, PLAIT_GOAL_BIT(FLOOD_DATA));
    assert_true(stage->goals.state[PLAIT_GOAL_FLOOD_DATA].octets == 22);
    assert_non_null(strstr(stage->goals.state[PLAIT_GOAL_FLOOD_DATA].evidence, "in 2 segments"));
    stage_free(stage);
}

/* What is sent without a pause of a round trip is one flight: the largest is the goal's measure. */
static void a_flood_is_measured_by_its_largest_flight(void **state)
{
    (void)state;
    static const struct {
        unsigned pause_ms, octets;
        double largest;
    } rows[] = {{0, 700, 700}, {8, 300, 1000}, {9, 400, 1000}, {20, 999, 1000}, {1, 2, 1001}};
    static const uint8_t payload[1000];
    struct stage *stage = open_stage();
    struct plait_place stranger = {talk_attacker.addr, 7000};
    struct plait_segment s = talk(&talk_server, &stranger, PLAIT_ACK, VICTIM_ISN + 1, 1);
    s.payload = payload;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        plait_pause(&stage->attack, rows[i].pause_ms * PLAIT_MS);
        s.payload_octets = rows[i].octets;
        plait_goals_flood(&stage->goals, &s);
        assert_true(stage->goals.state[PLAIT_GOAL_FLOOD_DATA].measure == rows[i].largest);
    }
    assert_true(stage->goals.state[PLAIT_GOAL_FLOOD_DATA].octets == 2401);
    stage_free(stage);
}

/* On plain TCP the connection itself is what comes to his port (B-PROXY, B-LEASE). */
static void a_tcp_connection_at_his_port_is_taken_over(void **state)
{
    (void)state;
    struct stage *stage = stage_new("PE-H", true);
    stage->world.ends[PLAIT_SERVER].key = PATTERN_KEY;
    struct plait_place his = {talk_attacker.addr, 4321};
    struct plait_segment syn = talk_syn(&his, &talk_server, PLAIT_SYN, OWN_ISN, 0);
    (void)plait_facts_see(&stage->world.truth, &syn, NULL, NULL); /* as rewritten on the path */
    stage->world.phase = PLAIT_READY;
    say_syn_ack(stage, his.port);
    plait_take_position(&stage->attack);
    uint8_t payload[OCTETS];
    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = plait_pattern_octet(PATTERN_KEY, i);
    struct plait_segment data = talk(&talk_server, &his, PLAIT_ACK, VICTIM_ISN + 1, OWN_ISN + 1);
    data.payload = payload;
    data.payload_octets = sizeof payload;
    stage_say(stage, &data);
    assert_reached(stage, PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(TAKEOVER));
    assert_true(stage->goals.state[PLAIT_GOAL_READ].octets == OCTETS);
    stage_free(stage);
}

static void a_run_reports_only_what_was_touched(void **state)
{
    (void)state;
    struct stage *stage = open_stage();
    json_t *before = plait_goals_json(&stage->goals);
    assert_int_equal(json_object_size(before), 0);
    plait_goals_reach(&stage->goals, PLAIT_GOAL_KILL, 1, 0, "a reset");
    json_t *after = plait_goals_json(&stage->goals);
    assert_int_equal(json_object_size(after), 1);
    json_t *untouched = plait_goal_untouched_json(PLAIT_GOAL_KILL);
    const char *name;
    json_t *value;
    json_object_foreach(untouched, name, value)
        assert_non_null(json_object_get(json_object_get(after, "kill"), name));
    assert_true(json_is_false(json_object_get(untouched, "reached")));
    json_decref(before);
    json_decref(after);
    json_decref(untouched);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subflow_is_a_takeover_once_octets_pass),
        cmocka_unit_test(a_connection_of_his_own_is_no_takeover),
        cmocka_unit_test(reading_counts_later_octets_once),
        cmocka_unit_test(octets_that_are_not_the_stream_are_not_read),
        cmocka_unit_test(who_is_still_there_reads_nothing_new),
        cmocka_unit_test(a_takeover_is_seen_behind_many_answers),
        cmocka_unit_test(effects_last_from_leaving_to_the_last_octet),
        cmocka_unit_test(a_takeover_is_seen_again_with_each_octet),
        cmocka_unit_test(presence_is_a_path_or_a_packet),
        cmocka_unit_test(price_is_kept_from_the_first_success),
        cmocka_unit_test(events_are_goals_unless_asked_for),
        cmocka_unit_test(packets_to_strangers_are_reflected),
        cmocka_unit_test(only_payload_floods),
        cmocka_unit_test(a_flood_is_measured_by_its_largest_flight),
        cmocka_unit_test(a_tcp_connection_at_his_port_is_taken_over),
        cmocka_unit_test(a_run_reports_only_what_was_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
