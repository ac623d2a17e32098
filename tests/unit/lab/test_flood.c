/* Bringing a stranger into one's own connection, as far as one's network lets it pass (BCP 38). */
#include "tests/unit/lab/stage.h"

static struct stage *participant(bool spoofing, unsigned grants)
{
    struct stage *stage = stage_new("PART", spoofing);
    stage->scenario.grants = grants;
    plait_net_end_tap(stage->world.net, stage->attack.home_tap); /* again, with the grants */
    plait_attack_free(&stage->attack);
    stage->attack = (struct plait_attack){0};
    plait_attack_install(&stage->attack, &stage->world, &stage->scenario, &stage->goals);
    stage_connect(stage);
    plait_take_position(&stage->attack);
    return stage;
}

static struct plait_place stranger(void)
{
    struct plait_place place = talk_attacker;
    place.addr.octets[3]++;
    return place;
}

static void what_names_a_stranger_as_source_is_filtered(void **state)
{
    (void)state;
    struct plait_place place = stranger();
    struct stage *stage = participant(false, 0);
    assert_false(plait_may_spoof(&stage->attack));
    assert_null(plait_knock_as(&stage->attack, &place));
    assert_null(plait_bring_in(&stage->attack, &place)); /* v1 names nobody but itself */
    assert_int_equal(stage->attack.sent, 0);
    assert_int_equal(stage->attack.filtered, 2);
    assert_non_null(strstr(stage->attack.refused, "filter of his network"));
    stage_free(stage);
}

static void with_the_right_it_passes(void **state)
{
    (void)state;
    struct plait_place place = stranger();
    for (int granted = 0; granted < 2; granted++) {
        struct stage *stage = participant(!granted, granted ? PLAIT_GRANT_SPOOFING : 0);
        assert_true(plait_may_spoof(&stage->attack));
        struct plait_intruder *intruder = plait_bring_in(&stage->attack, &place);
        assert_non_null(intruder);
        assert_true(plait_place_equal(&intruder->own, &place));
        assert_int_equal(stage->attack.sent, 1);
        assert_int_equal(stage->attack.filtered, 0);
        assert_string_equal(stage->attack.refused, "");
        stage_free(stage);
    }
}

/* On paths with numbers of their own only the stranger can acknowledge. */
static void acknowledgments_are_filtered_too(void **state)
{
    (void)state;
    struct plait_intruder intruder = {.own = stranger(), .peer = talk_server, .rcv_nxt = 1};
    struct stage *stage = participant(false, 0);
    plait_sustain(&stage->attack, &intruder);
    assert_int_equal(stage->attack.sent, 0);
    assert_int_equal(stage->attack.filtered, 1);
    stage_free(stage);
    stage = participant(true, 0);
    plait_sustain(&stage->attack, &intruder);
    assert_int_equal(stage->attack.sent, 16 + 32 + 64 + 64 + 64); /* ahead, and again */
    intruder.rcv_nxt = 0; /* a pair's first number, which only the stranger was told */
    plait_sustain(&stage->attack, &intruder);
    assert_int_equal(stage->attack.sent, 16 + 32 + 64 + 64 + 64);
    stage_free(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_names_a_stranger_as_source_is_filtered),
        cmocka_unit_test(with_the_right_it_passes),
        cmocka_unit_test(acknowledgments_are_filtered_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
