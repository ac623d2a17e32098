/* A scenario travels to a run that is forked elsewhere, texts and schedule with it. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <unistd.h>

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
    uint8_t schedule[] = {0, 45, 7};
    const struct plait_scenario scenario = {.script_id = id,
                                            .form = form,
                                            .capture = capture,
                                            .schedule = {schedule, sizeof schedule},
                                            .position = plait_position("PE-H"),
                                            .family = PLAIT_IPV6,
                                            .target = {PLAIT_TARGET_PLAIT, PLAIT_TARGET_LINUX},
                                            .seed = UINT64_MAX};
    void *letter;
    struct plait_scenario read = sent_and_read(&scenario, &letter);
    id[0] = form[0] = capture[0] = '?',
    schedule[1] = 0; /* what was read is not what was sent from */
    assert_string_equal(read.script_id, "T-TS-2");
    assert_string_equal(read.form, "direct");
    assert_string_equal(read.capture, "/tmp/x.pcapng");
    assert_int_equal(read.schedule.length_octets, sizeof schedule);
    assert_memory_equal(read.schedule.octets, ((uint8_t[]){0, 45, 7}), sizeof schedule);
    assert_ptr_equal(read.position, scenario.position);
    assert_int_equal(read.target[PLAIT_CLIENT], PLAIT_TARGET_PLAIT);
    assert_int_equal(read.target[PLAIT_SERVER], PLAIT_TARGET_LINUX);
    assert_true(read.seed == UINT64_MAX);
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
    assert_null(read.schedule.octets);
    free(letter);
}

/* What a run that sends REPORT and SCHEDULE is to the lab. */
static json_t *sent_back(const json_t *report, const struct plait_schedule *schedule)
{
    int fds[2];
    char octets[256];
    assert_int_equal(pipe(fds), 0);
    plait_letter_send_report(fds[1], report, schedule);
    close(fds[1]);
    ssize_t length = read(fds[0], octets, sizeof octets);
    close(fds[0]);
    return plait_letter_take_report(octets, (size_t)length);
}

static void a_report_brings_its_schedule(void **state)
{
    (void)state;
    json_t *report = json_pack("{s:i}", "sent", 3);
    const uint8_t octets[] = {0, 0xff, 0, 7};
    json_t *taken = sent_back(report, &(struct plait_schedule){octets, sizeof octets});
    assert_int_equal(json_integer_value(json_object_get(taken, "sent")), 3);
    struct plait_schedule schedule = plait_letter_schedule(taken);
    assert_int_equal(schedule.length_octets, sizeof octets);
    assert_memory_equal(schedule.octets, octets, sizeof octets);
    json_decref(taken);
    taken = sent_back(report, &(struct plait_schedule){0});
    assert_true(json_equal(taken, report));
    assert_null(plait_letter_schedule(taken).octets);
    json_decref(taken);
    json_decref(report);
}

/* A run that dies while it writes has no report. */
static void half_a_report_is_none(void **state)
{
    (void)state;
    assert_null(plait_letter_take_report("{\"sent\": 3", 10));
    assert_null(plait_letter_take_report("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_schedule_travel),
        cmocka_unit_test(what_is_not_there_stays_away),
        cmocka_unit_test(a_report_brings_its_schedule),
        cmocka_unit_test(half_a_report_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
