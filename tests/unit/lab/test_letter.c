/* A scenario travels to a run that is forked elsewhere, texts and schedule with it. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "lab/letter.h"

static struct plait_scenario sent_and_read(const struct plait_scenario *scenario, void **letter)
{
    size_t length_octets;
    struct plait_scenario read;
    *letter = plait_letter_write(scenario, &length_octets);
    plait_letter_read(*letter, length_octets, &read);
    return read;
}

static void texts_and_schedule_travel(void **state)
{
    (void)state;
    char id[] = "T-TS-2", form[] = "direct", capture[] = "/tmp/x.pcapng";
    json_t *schedule = json_pack("{s:[s,i]}", "packets", "45", 7);
    const struct plait_scenario scenario = {.script_id = id,
                                            .form = form,
                                            .capture = capture,
                                            .schedule = schedule,
                                            .position = plait_position("PE-H"),
                                            .family = PLAIT_IPV6,
                                            .target = {PLAIT_TARGET_PLAIT, PLAIT_TARGET_LINUX},
                                            .seed = UINT64_MAX};
    void *letter;
    struct plait_scenario read = sent_and_read(&scenario, &letter);
    id[0] = form[0] = capture[0] = '?'; /* what was read is not what was sent from */
    assert_string_equal(read.script_id, "T-TS-2");
    assert_string_equal(read.form, "direct");
    assert_string_equal(read.capture, "/tmp/x.pcapng");
    assert_true(json_equal(read.schedule, schedule));
    assert_ptr_equal(read.position, scenario.position);
    assert_int_equal(read.target[PLAIT_CLIENT], PLAIT_TARGET_PLAIT);
    assert_int_equal(read.target[PLAIT_SERVER], PLAIT_TARGET_LINUX);
    assert_true(read.seed == UINT64_MAX);
    json_decref((json_t *)(uintptr_t)read.schedule);
    json_decref(schedule);
    free(letter);
}

static void what_is_not_there_stays_away(void **state)
{
    (void)state;
    const struct plait_scenario scenario = {.script_id = "-", .form = ""};
    void *letter;
    struct plait_scenario read = sent_and_read(&scenario, &letter);
    assert_string_equal(read.script_id, "-");
    assert_string_equal(read.form, "");
    assert_null(read.capture);
    assert_null(read.schedule);
    free(letter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_schedule_travel),
        cmocka_unit_test(what_is_not_there_stays_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
