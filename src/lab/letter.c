/* lab/letter.c: scenario, then its texts, each with its end. */
#include "lab/letter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"

enum { TEXTS = 4 };

static size_t room_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

void *plait_letter_write(const struct plait_scenario *scenario, size_t *length_octets)
{
    char *schedule =
        scenario->schedule ? json_dumps(scenario->schedule, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    const char *const texts[TEXTS] = {scenario->script_id, scenario->form, scenario->capture,
                                      schedule};
    *length_octets = sizeof *scenario;
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
    free(schedule);
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
    const char *schedule = take_text(scenario->schedule, &at);
    scenario->schedule = schedule ? json_loads(schedule, JSON_DECODE_ANY, NULL) : NULL;
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
    json_decref((json_t *)(uintptr_t)scenario.schedule);
    free(letter);
    close(report_fd);
}
