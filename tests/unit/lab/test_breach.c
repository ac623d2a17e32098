/* The position is enforced (DESIGN §4): using what no tap showed, acting without the right, or
 * outside the interval is an assertion with its name, not a stronger attacker.  And what the
 * position allows is no breach. */
#include "tests/unit/lab/stage.h"

#include "tests/unit/net/fixture.h"

typedef void (*deed_fn)(struct stage *stage);

/* The deed in a world that is ready, the attacker where his position puts him by then. */
struct scene {
    const char *position;
    bool spoofing;
    unsigned grants;
    deed_fn deed;
};

static void play(void *self)
{
    const struct scene *scene = self;
    struct stage *stage = stage_new(scene->position, scene->spoofing);
    stage->scenario.grants = scene->grants;
    stage_connect(stage);
    stage_join(stage);
    plait_take_position(&stage->attack);
    scene->deed(stage);
    stage_free(stage);
}

static void assert_breach(const char *name, const char *position, bool spoofing, deed_fn deed)
{
    struct scene scene = {.position = position, .spoofing = spoofing, .deed = deed};
    expect_panic(name, play, &scene);
}

static void assert_allowed(const char *position, bool spoofing, unsigned grants, deed_fn deed)
{
    struct scene scene = {position, spoofing, grants, deed};
    play(&scene);
}

/* ---- knowing ----------------------------------------------------------------------------------
 */

static void use_server_key(struct stage *stage)
{
    assert_true(plait_key_of(&stage->attack, PLAIT_SERVER) == KEY_B);
}

static void use_client_key(struct stage *stage)
{
    assert_true(plait_key_of(&stage->attack, PLAIT_CLIENT) == KEY_A);
}

static void use_token(struct stage *stage)
{
    assert_int_equal(plait_token_of(&stage->attack, PLAIT_SERVER), TOKEN_B);
}

static void join_with_token(struct stage *stage)
{
    struct plait_place door = plait_service(&stage->attack);
    (void)plait_join(&stage->attack, &door, 7);
}

static void keys_must_have_been_shown(void **state)
{
    (void)state;
    static const char *const deaf[] = {"OFF-NS", "OFF", "PE-J", "PA-J"};
    for (size_t i = 0; i < sizeof deaf / sizeof deaf[0]; i++) {
        assert_breach("position: key not shown", deaf[i], true, use_server_key);
        assert_breach("position: key not shown", deaf[i], true, use_client_key);
    }
    static const char *const hearing[] = {"PE-H", "PA-H", "ON1-E", "ON1-A", "ONALL", "PART"};
    for (size_t i = 0; i < sizeof hearing / sizeof hearing[0]; i++) {
        assert_allowed(hearing[i], false, 0, use_server_key);
        assert_allowed(hearing[i], false, 0, use_client_key);
    }
}

static void tokens_must_have_been_shown(void **state)
{
    (void)state;
    assert_breach("position: token not shown", "OFF-NS", false, use_token);
    assert_breach("position: token not shown", "OFF", true, use_token);
    assert_breach("position: token not shown", "OFF", true, join_with_token);
    assert_allowed("PE-H", false, 0, use_token);
    assert_allowed("PE-J", false, 0, use_token); /* the later handshake shows it */
}

static void grants_of_a_witness_are_shown(void **state)
{
    (void)state;
    assert_allowed("OFF", true, PLAIT_GRANT_KEYS, use_server_key);
    assert_allowed("OFF", true, PLAIT_GRANT_KEYS, use_client_key);
    assert_allowed("OFF", true, PLAIT_GRANT_TOKEN, use_token);
    struct scene scene = {"OFF", true, PLAIT_GRANT_TOKEN, use_server_key}; /* no more than that */
    expect_panic("position: key not shown", play, &scene);
}

/* ---- hearing ----------------------------------------------------------------------------------
 */

static bool is_anything(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return !seen->at_home;
}

static bool hears(struct stage *stage)
{
    struct plait_attack *a = &stage->attack;
    a->match = is_anything;
    a->matched = false;
    stage_write(stage);
    a->match = NULL;
    return a->matched;
}

static void is_deaf(struct stage *stage)
{
    struct plait_facts before = stage->attack.known;
    assert_false(hears(stage));
    assert_memory_equal(&before, &stage->attack.known, sizeof before);
    /* and the truth went on */
    assert_int_equal(stage->world.truth.subflows[0].half[PLAIT_CLIENT].nxt, CLIENT_ISN + 9);
}

static void is_listening(struct stage *stage)
{
    assert_true(hears(stage));
    assert_int_equal(stage->attack.known.subflows[0].half[PLAIT_CLIENT].nxt, CLIENT_ISN + 9);
}

static void who_left_is_deaf(void **state)
{
    (void)state;
    static const char *const deaf[] = {"OFF-NS", "OFF", "PE-H", "PA-H", "PE-J", "PA-J"};
    for (size_t i = 0; i < sizeof deaf / sizeof deaf[0]; i++)
        assert_allowed(deaf[i], true, 0, is_deaf);
    static const char *const hearing[] = {"ON1-E", "ON1-A", "ONALL", "PART"};
    for (size_t i = 0; i < sizeof hearing / sizeof hearing[0]; i++)
        assert_allowed(hearing[i], true, 0, is_listening);
}

/* What he forged himself passes his tap and teaches him nothing. */
static void forges_past_his_own_tap(struct stage *stage)
{
    struct plait_facts before = stage->attack.known;
    struct plait_segment s =
        talk(&talk_server, &talk_client, PLAIT_ACK, SERVER_ISN + 5000, CLIENT_ISN + 1);
    talk_option(&s, PLAIT_MP_FASTCLOSE)->fastclose.receiver_key = KEY_B0;
    plait_send(&stage->attack, &s);
    plait_pause(&stage->attack, 3 * PLAIT_MS);
    assert_int_equal(stage->attack.delivered, 1);
    assert_memory_equal(&before, &stage->attack.known, sizeof before);
}

static void own_forgeries_are_no_knowledge(void **state)
{
    (void)state;
    assert_allowed("ON1-E", true, 0, forges_past_his_own_tap);
    assert_allowed("ONALL", true, 0, forges_past_his_own_tap);
}

static void knows_one_path(struct stage *stage)
{
    assert_int_equal(stage->world.truth.subflow_count, 2);
    assert_int_equal(stage->attack.known.subflow_count, 1);
}

static void knows_both_paths(struct stage *stage)
{
    assert_int_equal(stage->attack.known.subflow_count, 2);
}

static void another_path_is_not_heard(void **state)
{
    (void)state;
    assert_allowed("ON1-E", true, 0, knows_one_path);
    assert_allowed("PE-H", true, 0, knows_one_path);
    assert_allowed("ONALL", true, 0, knows_both_paths);
    assert_allowed("PART", true, 0, knows_both_paths);
}

/* ---- altering and dropping
 * ------------------------------------------------------------------------ */

static void alter_openly(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    packet->octets[packet->length_octets - 1] ^= 1;
    a->alter_verdict = PLAIT_TAP_ALTERED;
}

static void alter_in_silence(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)a;
    (void)path;
    packet->octets[packet->length_octets - 1] ^= 1;
}

static void drop(struct plait_attack *a, unsigned path, struct plait_packet *packet)
{
    (void)path;
    (void)packet;
    a->alter_verdict = PLAIT_TAP_DROP;
}

static void act_on_path(struct stage *stage, plait_act act)
{
    struct plait_packet *earlier;
    while ((earlier = plait_stub_take(stage->server, NULL)))
        plait_packet_free(earlier);
    plait_on_path(&stage->attack, act);
    struct plait_segment data =
        talk(&talk_client, &talk_server, PLAIT_ACK, CLIENT_ISN + 1, SERVER_ISN + 1);
    stage_say(stage, &data);
}

static void alters_openly(struct stage *stage)
{
    act_on_path(stage, alter_openly);
}

static void alters_in_silence(struct stage *stage)
{
    act_on_path(stage, alter_in_silence);
}

static void drops(struct stage *stage)
{
    act_on_path(stage, drop);
}

static void altering_needs_the_right(void **state)
{
    (void)state;
    static const char *const ears[] = {"ON1-E", "PART"};
    for (size_t i = 0; i < sizeof ears / sizeof ears[0]; i++) {
        assert_breach("tap: altered without the right", ears[i], true, alters_openly);
        assert_breach("tap: altered without the right", ears[i], true, alters_in_silence);
    }
    assert_allowed("ON1-A", true, 0, alters_openly);
    assert_allowed("ONALL", true, 0, alters_openly);
}

static void dropping_needs_the_right(void **state)
{
    (void)state;
    assert_breach("tap: dropped without the right", "ON1-E", true, drops);
    assert_breach("tap: dropped without the right", "PART", true, drops);
    assert_allowed("ON1-A", true, 0, drops);
}

/* Who left touches nothing, with or without the right. */
static void nothing_is_altered(struct stage *stage)
{
    act_on_path(stage, alter_openly);
    struct plait_packet *packet = plait_stub_take(stage->server, NULL);
    assert_non_null(packet);
    assert_int_equal(parsed(packet).seq, CLIENT_ISN + 1);
    plait_packet_free(packet);
}

static void who_left_alters_nothing(void **state)
{
    (void)state;
    assert_allowed("PA-H", true, 0, nothing_is_altered);
    assert_allowed("PE-H", true, 0, nothing_is_altered);
    assert_allowed("OFF", true, 0, nothing_is_altered);
}

/* T-TS-3: the join's source becomes his, and what comes back goes on in the server's name. */
static void rewrites_a_join(struct stage *stage)
{
    plait_rewrite_source(&stage->attack, false);
    struct plait_segment syn = talk_syn(&talk_client_2, &talk_server, PLAIT_SYN, 5000, 0);
    talk_option(&syn, PLAIT_MP_JOIN)->join =
        (struct plait_mp_join){.form = PLAIT_JOIN_SYN, .addr_id = 3, .token = TOKEN_B};
    stage_say(stage, &syn);
    struct plait_place his = {talk_attacker.addr, talk_client_2.port};
    struct plait_segment answer =
        talk_syn(&talk_server, &his, PLAIT_SYN | PLAIT_ACK, SERVER_ISN, 5001);
    stage_say(stage, &answer);
    plait_pause(&stage->attack, 3 * PLAIT_MS); /* it goes on to the client */
    assert_non_null(plait_rewritten(&stage->attack));
    assert_int_equal(stage->attack.delivered, 1);
}

static void rewriting_a_source_needs_both_rights(void **state)
{
    (void)state;
    assert_breach("tap: altered without the right", "ON2-E", true, rewrites_a_join);
    assert_breach("tap: spoofed without the right", "ON2-A", false, rewrites_a_join);
    assert_allowed("ON2-A", true, 0, rewrites_a_join);
}

/* ---- sending
 * -------------------------------------------------------------------------------------- */

static void send_from(struct stage *stage, const struct plait_place *source)
{
    struct plait_segment s =
        talk(source, &talk_server, PLAIT_RST, stage->world.truth.subflows[0].half[0].nxt, 0);
    plait_send(&stage->attack, &s);
    plait_pause(&stage->attack, 3 * PLAIT_MS);
    assert_int_equal(stage->attack.delivered, 1);
}

static void spoof_client(struct stage *stage)
{
    send_from(stage, &talk_client);
}

static void spoof_second_address(struct stage *stage)
{
    send_from(stage, &talk_client_2);
}

static void speak_for_himself(struct stage *stage)
{
    send_from(stage, &talk_attacker);
}

static void falls_silent(struct stage *stage)
{
    plait_hush(&stage->attack);
}

static void leaves_an_address(struct stage *stage)
{
    plait_leave_address(&stage->attack);
}

static void speaks_from_the_address_he_left(struct stage *stage)
{
    plait_leave_address(&stage->attack);
    send_from(stage, &talk_client);
}

static void inherits_an_address(struct stage *stage)
{
    plait_inherit_address(&stage->attack);
    send_from(stage, &talk_client_2);
}

static void hosts_and_addresses_are_not_his_to_dispose_of(void **state)
{
    (void)state;
    assert_breach("position: no host of his own", "ONALL", true, falls_silent);
    assert_allowed("PART", false, 0, falls_silent);
    assert_breach("position: no address to leave", "PART", true, leaves_an_address);
    assert_allowed("PART-L", false, 0, leaves_an_address);
    assert_breach("tap: spoofed without the right", "PART-L", false,
                  speaks_from_the_address_he_left);
    assert_allowed("PART-L", false, 0, spoof_second_address); /* he has another */
    assert_breach("position: no address to inherit", "OFF-NS", false, inherits_an_address);
    assert_breach("tap: spoofed without the right", "HEIR-1", false, inherits_an_address);
    assert_allowed("HEIR-2", false, 0, inherits_an_address);
}

static void spoofing_needs_the_right(void **state)
{
    (void)state;
    static const char *const all[] = {"OFF", "PE-H", "PE-J", "ON1-E", "ON1-A", "ONALL"};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_allowed(all[i], true, 0, spoof_client);
        assert_allowed(all[i], true, 0, speak_for_himself);
        assert_breach("tap: spoofed without the right", all[i], false, spoof_client);
        assert_allowed(all[i], false, 0, speak_for_himself);
    }
    /* A site that filters: the case's wish does not help. */
    assert_breach("tap: spoofed without the right", "OFF-NS", true, spoof_client);
    assert_breach("tap: spoofed without the right", "OFF-NS", false, spoof_client);
    assert_allowed("OFF-NS", true, 0, speak_for_himself);
}

/* One end of the connection is his: its dialled address is no forgery, any other is. */
static void participant_speaks_as_his_host(void **state)
{
    (void)state;
    assert_allowed("PART", false, 0, spoof_client);
    assert_breach("tap: spoofed without the right", "PART", false, spoof_second_address);
    assert_allowed("PART", true, 0, spoof_second_address);
}

static void send_malformed(struct stage *stage)
{
    static const uint8_t octets[12] = {0x45};
    plait_attack_send_octets(&stage->attack, octets, sizeof octets);
}

static void an_unreadable_source_is_spoofed(void **state)
{
    (void)state;
    assert_breach("tap: spoofed without the right", "OFF-NS", false, send_malformed);
}

static void inject_on_path(struct stage *stage)
{
    plait_net_inject(stage->world.net, stage->attack.path_taps[0], PLAIT_A_TO_B,
                     packet("198.19.9.9", "198.19.3.1", 1, 1));
}

/* An ear on a path is no mouth, during its interval or after. */
static void injecting_needs_the_right(void **state)
{
    (void)state;
    assert_breach("tap: injected without the right", "ON1-E", true, inject_on_path);
    assert_breach("tap: injected without the right", "ON1-A", true, inject_on_path);
    assert_breach("tap: injected without the right", "PE-H", true, inject_on_path);
}

static void send_after_the_end(struct stage *stage)
{
    plait_net_end_tap(stage->world.net, stage->attack.home_tap);
    speak_for_himself(stage);
}

static void sending_ends_with_the_interval(void **state)
{
    (void)state;
    assert_breach("tap: used outside its interval", "OFF", true, send_after_the_end);
    assert_breach("tap: used outside its interval", "ONALL", true, send_after_the_end);
}

static void send_when_gone(struct stage *stage)
{
    plait_vanish(&stage->attack);
    speak_for_himself(stage);
}

/* Neither hears nor gets anything: his link is cut. */
static void is_gone(struct stage *stage)
{
    struct plait_attack *a = &stage->attack;
    plait_vanish(a);
    is_deaf(stage);
    struct plait_segment to_him =
        talk(&talk_server, &talk_client, PLAIT_ACK, SERVER_ISN + 1, CLIENT_ISN + 1);
    to_him.ip.dst = plait_own_addr(a);
    struct plait_facts before = a->known;
    stage_say(stage, &to_him);
    assert_memory_equal(&before, &a->known, sizeof before);
    assert_false(a->claims_made.has_home);
    assert_true(plait_world_is_stranger(&stage->world, &a->world->attacker_addr));
}

/* T-TS-7: what he left behind goes on without him, or not at all. */
static void who_left_for_good_is_nowhere(void **state)
{
    (void)state;
    static const char *const everywhere[] = {"OFF", "PE-H", "PA-J", "ONALL"};
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        assert_breach("tap: used outside its interval", everywhere[i], true, send_when_gone);
        assert_allowed(everywhere[i], true, 0, is_gone);
    }
}

/* Whoever came late missed what was said before the connection stood (talk.h says all at once). */
static void came_late(struct stage *stage)
{
    assert_false(plait_knows_keys(&stage->attack));
    assert_false(stage->attack.known.has_token[PLAIT_SERVER]);
}

static void who_came_late_heard_no_handshake(void **state)
{
    (void)state;
    assert_allowed("PE-J1", true, 0, came_late);
    assert_allowed("PA-J1", true, 0, came_late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_must_have_been_shown),
        cmocka_unit_test(tokens_must_have_been_shown),
        cmocka_unit_test(grants_of_a_witness_are_shown),
        cmocka_unit_test(who_left_is_deaf),
        cmocka_unit_test(own_forgeries_are_no_knowledge),
        cmocka_unit_test(another_path_is_not_heard),
        cmocka_unit_test(altering_needs_the_right),
        cmocka_unit_test(dropping_needs_the_right),
        cmocka_unit_test(who_left_alters_nothing),
        cmocka_unit_test(rewriting_a_source_needs_both_rights),
        cmocka_unit_test(hosts_and_addresses_are_not_his_to_dispose_of),
        cmocka_unit_test(spoofing_needs_the_right),
        cmocka_unit_test(participant_speaks_as_his_host),
        cmocka_unit_test(an_unreadable_source_is_spoofed),
        cmocka_unit_test(injecting_needs_the_right),
        cmocka_unit_test(sending_ends_with_the_interval),
        cmocka_unit_test(who_left_for_good_is_nowhere),
        cmocka_unit_test(who_came_late_heard_no_handshake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
