/* report/agreement.c: counts what cells say of the auditor. */
#include "report/agreement.h"

#include <string.h>

#include "base/text.h"
#include "report/words.h"

enum { NAMED_MAX = 5 };

struct sum {
    unsigned audited, seen, declared;
    json_t *missed, *false_alarms; /* IDs of cells */
};

static struct sum sum_of(const json_t *document)
{
    struct sum s = {.missed = json_array(), .false_alarms = json_array()};
    size_t i;
    const json_t *cell;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        const json_t *auditor = json_object_get(cell, "auditor");
        const char *agreement = plait_field(auditor, "agreement", "n/a");
        if (strcmp(agreement, "n/a") == 0)
            continue;
        s.audited++;
        s.seen += json_is_string(json_object_get(auditor, "rule"));
        s.declared += strcmp(agreement, "declared invisible") == 0;
        json_t *list = strcmp(agreement, "missed") == 0        ? s.missed
                       : strcmp(agreement, "false alarm") == 0 ? s.false_alarms
                                                               : NULL;
        if (list)
            json_array_append(list, json_object_get(cell, "id"));
    }
    return s;
}

/* "none missed", or "2 missed: ID, ID". */
static void add_list(struct plait_text *text, const json_t *ids, const char *none, const char *some)
{
    size_t count = json_array_size(ids);
    if (!count) {
        plait_text_add(text, "; %s", none);
        return;
    }
    plait_text_add(text, "; %zu %s:", count, some);
    for (size_t i = 0; i < count && i < NAMED_MAX; i++)
        plait_text_add(text, "%s %s", i ? "," : "", json_string_value(json_array_get(ids, i)));
    if (count > NAMED_MAX)
        plait_text_add(text, " and %zu more", count - NAMED_MAX);
}

void plait_render_agreement(const struct plait_page *page, const json_t *document)
{
    char room[2048];
    struct plait_text text = plait_text(room, sizeof room);
    struct sum s = sum_of(document);
    unsigned successes = s.seen + s.declared + (unsigned)json_array_size(s.missed);
    plait_text_add(&text,
                   "The auditor names %u of %u attacks that succeed under TCP, v0 and v1; %u are "
                   "declared invisible",
                   s.seen, successes, s.declared);
    add_list(&text, s.missed, "none is missed", "missed");
    add_list(&text, s.false_alarms, "no false alarm", "false alarms");
    plait_text_add(&text, ".\n");
    json_decref(s.missed);
    json_decref(s.false_alarms);
    if (s.audited)
        plait_page_put(page, room);
}
