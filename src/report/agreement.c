/* report/agreement.c: counts what cells say of the auditor. */
#include "report/agreement.h"

#include <string.h>

#include "base/text.h"
#include "report/words.h"

enum { NAMED_MAX = 5 };

enum group { MPTCP, PLAIN, GROUPS }; /* v0 and v1; plain TCP */

struct sum {
    unsigned audited, unknown;                              /* unknown: of mechanisms not known */
    unsigned seen[GROUPS], whole[GROUPS], declared[GROUPS]; /* whole: of those seen */
    unsigned missed_count[GROUPS];
    json_t *missed, *false_alarms; /* IDs of cells */
};

static bool has_succeeded(const json_t *cell)
{
    const char *outcome = plait_field(cell, "outcome", "");
    return strcmp(outcome, "broken") == 0 || strcmp(outcome, "partial") == 0;
}

static void add_cell(struct sum *s, const json_t *cell)
{
    const json_t *auditor = json_object_get(cell, "auditor");
    const char *agreement = plait_field(auditor, "agreement", "n/a");
    bool is_plain = strcmp(plait_field(cell, "mechanism", ""), "tcp") == 0;
    enum group group = is_plain ? PLAIN : MPTCP;
    if (strcmp(agreement, "n/a") == 0) {
        s->unknown += has_succeeded(cell) && json_is_object(auditor);
        return;
    }
    s->audited++;
    s->seen[group] += json_is_string(json_object_get(auditor, "rule"));
    s->whole[group] += json_is_true(json_object_get(auditor, "needs_whole"));
    s->declared[group] += strcmp(agreement, "declared invisible") == 0;
    bool is_missed = strcmp(agreement, "missed") == 0;
    s->missed_count[group] += is_missed;
    json_t *list = is_missed                               ? s->missed
                   : strcmp(agreement, "false alarm") == 0 ? s->false_alarms
                                                           : NULL;
    if (list)
        json_array_append(list, json_object_get(cell, "id"));
}

static struct sum sum_of(const json_t *document)
{
    struct sum s = {.missed = json_array(), .false_alarms = json_array()};
    size_t i;
    const json_t *cell;
    json_array_foreach(json_object_get(document, "cells"), i, cell) add_cell(&s, cell);
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

static void add_group(struct plait_text *text, const struct sum *s, enum group group,
                      const char *name)
{
    unsigned seen = s->seen[group], whole = s->whole[group], declared = s->declared[group];
    plait_text_add(text, "%u of %u that succeed under %s", seen,
                   seen + declared + s->missed_count[group], name);
    if (whole)
        plait_text_add(text, " (%u of them only from all links of both ends)", whole);
    if (declared)
        plait_text_add(text, ", %u are declared invisible", declared);
}

void plait_render_agreement(const struct plait_page *page, const json_t *document)
{
    char room[2048];
    struct plait_text text = plait_text(room, sizeof room);
    struct sum s = sum_of(document);
    plait_text_add(&text, "Attacks that the auditor names: ");
    add_group(&text, &s, MPTCP, "v0 and v1");
    plait_text_add(&text, "; ");
    add_group(&text, &s, PLAIN, "plain TCP");
    add_list(&text, s.missed, "none is missed", "missed");
    add_list(&text, s.false_alarms, "no false alarm", "false alarms");
    if (s.unknown)
        plait_text_add(&text, "; not audited: %u under mechanisms that it does not know",
                       s.unknown);
    plait_text_add(&text, ".\n");
    json_decref(s.missed);
    json_decref(s.false_alarms);
    if (s.audited)
        plait_page_put(page, room);
}
