/* lab/letter.c: scenario, then its texts, each with its end, then the schedule. */
#include "lab/letter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"

enum { TEXTS = 3 };

/* In memory a report holds its schedule under this name, as a text that is no text. */
static const char schedule_name[] = "schedule";

static size_t room_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

void *plait_letter_write(const struct plait_scenario *scenario, size_t *length_octets)
{
    const char *const texts[TEXTS] = {scenario->script_id, scenario->form, scenario->capture};
    *length_octets = sizeof *scenario + scenario->schedule.length_octets;
    for (int i = 0; i < TEXTS; i++)
        *length_octets += room_of(texts[i]);
    char *letter = malloc(*length_octets);
    if (!letter)
        plait_panic("lab: memory exhausted", "a letter");
    memcpy(letter, scenario, sizeof *scenario);
    char *at = letter + sizeof *scenario;
    for (int i = 0; i < TEXTS; i++) {
        if (texts[i])
            memcpy(at, texts[i], room_of(texts[i]));
        at += room_of(texts[i]);
    }
    if (scenario->schedule.octets)
        memcpy(at, scenario->schedule.octets, scenario->schedule.length_octets);
    return letter;
}

/* The next text, if there was one; what its pointer was still says that. */
static const char *take_text(const void *was, const char **at)
{
    const char *text = was ? *at : NULL;
    *at += room_of(text);
    return text;
}

void plait_letter_read(void *letter, size_t length_octets, struct plait_scenario *scenario)
{
    PLAIT_CHECK(length_octets >= sizeof *scenario);
    memcpy(scenario, letter, sizeof *scenario);
    const char *at = (const char *)letter + sizeof *scenario;
    scenario->script_id = take_text(scenario->script_id, &at);
    scenario->form = take_text(scenario->form, &at);
    scenario->capture = take_text(scenario->capture, &at);
    if (scenario->schedule.octets)
        scenario->schedule.octets = (const uint8_t *)at;
}

void plait_letter_run(void *letter, size_t length_octets, int report_fd, int file_fd)
{
    struct plait_scenario scenario;
    plait_letter_read(letter, length_octets, &scenario);
    FILE *capture = file_fd >= 0 ? fdopen(file_fd, "wb") : NULL;
    if (file_fd >= 0 && !capture)
        plait_run_fail(report_fd, "the capture could not be opened");
    else
        plait_run_play(&scenario, capture, report_fd);
    free(letter);
    close(report_fd);
}

/* ---- the way back ------------------------------------------------------------------------- */

static void write_all(int fd, const void *octets, size_t length_octets)
{
    const char *at = octets;
    while (length_octets) {
        ssize_t n = write(fd, at, length_octets);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        at += n;
        length_octets -= (size_t)n;
    }
}

void plait_letter_send_report(int fd, const json_t *report, const struct plait_schedule *schedule)
{
    char *text = json_dumps(report, JSON_COMPACT);
    if (text)
        write_all(fd, text, strlen(text) + (schedule->octets ? 1 : 0));
    if (text && schedule->octets)
        write_all(fd, schedule->octets, schedule->length_octets);
    free(text);
}

json_t *plait_letter_take_report(const char *octets, size_t length_octets)
{
    json_error_t error;
    size_t text_octets = strnlen(octets, length_octets);
    json_t *report = json_loadb(octets, text_octets, 0, &error);
    if (report && text_octets < length_octets)
        json_object_set_new(
            report, schedule_name,
            json_stringn_nocheck(octets + text_octets + 1, length_octets - text_octets - 1));
    return report;
}

struct plait_schedule plait_letter_schedule(const json_t *report)
{
    const json_t *octets = json_object_get(report, schedule_name);
    return (struct plait_schedule){(const uint8_t *)json_string_value(octets),
                                   json_string_length(octets)};
}
