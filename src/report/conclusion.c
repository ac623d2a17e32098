/* report/conclusion.c: R1 to R5 of RFC 6181 §7, from the cells. */
#include "report/conclusion.h"

#include <string.h>

#include "base/text.h"
#include "report/words.h"

enum { PAIRS_MAX = 4, SENTENCE_ROOM = 2048 };

struct pair {
    const char *on, *off;
};

/* What is asked of the cells. */
static const struct recommendation {
    const char *name, *text;
    struct pair pairs[PAIRS_MAX];
    const char *only; /* of all threats this one, or NULL */
} recommendations[] = {
    {.name = "R1", .text = "a reachability check", .pairs = {{"M1n", "M0e"}, {"M1h", "M0e"}}},
    {.name = "R2", .text = "keys under an HMAC", .pairs = {{"v1", "M1h"}}},
    {.name = "R3", .text = "a pre-shared key", .pairs = {{"M4", "v1"}}},
    {.name = "R4",
     .text = "protection against replay",
     .pairs = {{"v1", "M2"}, {"v0", "M2"}, {"v1", "M1h"}},
     .only = "T-TS-6"},
    {.name = "R5", .text = "room for more than one solution"},
};

/* ---- one pair ----------------------------------------------------------------------------- */

struct threat_count { /* of cells that are played alike under both */
    unsigned cells, broken_off, stopped_on, opened;
};

/* Cells of THREAT under MECHANISM by key. */
static json_t *cells_by_key(const struct plait_matrix *matrix, const char *threat,
                            const char *mechanism)
{
    json_t *cells = json_object();
    char key[PLAIT_CELL_KEY_ROOM];
    const json_t *cell;
    size_t at = 0;
    while ((cell = plait_matrix_next(matrix, threat, mechanism, &at))) {
        plait_cell_key(cell, key);
        json_object_set(cells, key, (json_t *)(uintptr_t)cell);
    }
    return cells;
}

static struct threat_count count_threat(const struct plait_matrix *matrix, const char *threat,
                                        const struct pair *pair)
{
    struct threat_count count = {0};
    json_t *on = cells_by_key(matrix, threat, pair->on);
    json_t *off = cells_by_key(matrix, threat, pair->off);
    const char *key;
    json_t *with;
    json_object_foreach(on, key, with)
    {
        const json_t *without = json_object_get(off, key);
        if (!without)
            continue;
        count.cells++;
        count.broken_off += plait_cell_is_broken(without);
        count.stopped_on += plait_cell_is_broken(without) && plait_cell_is_stopped(with);
        count.opened += plait_cell_is_stopped(without) && plait_cell_is_broken(with);
    }
    json_decref(on);
    json_decref(off);
    return count;
}

static const char *verdict_of(const struct threat_count *count)
{
    if (count->broken_off == 0)
        return count->opened ? "opens" : NULL; /* it breaks without as little as with it */
    if (count->stopped_on == count->broken_off)
        return "stops";
    return count->stopped_on ? "in_part" : "leaves";
}

static json_t *compare(const struct plait_matrix *matrix, const struct recommendation *r,
                       const struct pair *pair)
{
    json_t *json = json_pack("{s:s,s:s,s:[],s:[],s:[],s:[],s:[]}", "on", pair->on, "off", pair->off,
                             "stops", "in_part", "leaves", "opens", "dependent");
    json_int_t cells = 0;
    for (size_t i = 0; i < plait_matrix_threats(matrix); i++) {
        const char *threat = plait_matrix_threat(matrix, i);
        if (r->only && strcmp(threat, r->only) != 0)
            continue;
        if (plait_matrix_is_dependent(matrix, threat, pair->on) ||
            plait_matrix_is_dependent(matrix, threat, pair->off)) {
            json_array_append_new(json_object_get(json, "dependent"), json_string(threat));
            continue;
        }
        const struct threat_count count = count_threat(matrix, threat, pair);
        const char *verdict = verdict_of(&count);
        cells += count.cells;
        if (verdict)
            json_array_append_new(json_object_get(json, verdict), json_string(threat));
    }
    json_object_set_new(json, "cells", json_integer(cells));
    return json;
}

/* ---- sentences ---------------------------------------------------------------------------- */

/* "T-HIJ-1, -2, -6, T-TS-1": what repeats is left out. */
static void add_threats(struct plait_text *text, const json_t *threats)
{
    const char *before = "";
    for (size_t i = 0; i < json_array_size(threats); i++) {
        const char *threat = json_string_value(json_array_get(threats, i));
        const char *number = strrchr(threat, '-');
        size_t stem = number ? (size_t)(number - threat) : strlen(threat);
        bool again = number && strncmp(before, threat, stem) == 0 && before[stem] == '-';
        plait_text_add(text, "%s%s", i ? ", " : "", again ? number : threat);
        before = threat;
    }
}

static bool add_part(struct plait_text *text, const json_t *pair, const char *list,
                     const char *words, bool begun)
{
    const json_t *threats = json_object_get(pair, list);
    if (!json_array_size(threats))
        return begun;
    plait_text_add(text, "%s%s ", begun ? ", " : " ", words);
    add_threats(text, threats);
    return true;
}

static void add_pair(struct plait_text *text, const json_t *pair)
{
    plait_text_add(text, "%s beside %s", plait_field(pair, "on", ""), plait_field(pair, "off", ""));
    if (!json_integer_value(json_object_get(pair, "cells"))) {
        plait_text_add(text, " is not measured: no cell is played under both");
    } else {
        bool begun = add_part(text, pair, "stops", "stops", false);
        begun = add_part(text, pair, "in_part", "stops in part", begun);
        begun = add_part(text, pair, "leaves", begun ? "and leaves" : "stops nothing of", begun);
        begun = add_part(text, pair, "opens", "and opens", begun);
        if (!begun)
            plait_text_add(text, " makes no difference: no cell breaks without it");
    }
    if (json_array_size(json_object_get(pair, "dependent"))) {
        plait_text_add(text, " (model-dependent and left out: ");
        add_threats(text, json_object_get(pair, "dependent"));
        plait_text_add(text, ")");
    }
}

/* Mechanisms of Multipath TCP that decided anything. */
static unsigned add_mechanisms(const struct plait_matrix *matrix, struct plait_text *text)
{
    unsigned count = 0;
    for (const char *const *name = plait_matrix_mechanisms + 1; *name; name++) {
        if (plait_matrix_decides(matrix, *name))
            plait_text_add(text, "%s%s", count++ ? ", " : "", *name);
    }
    return count;
}

static bool add_choice(const struct plait_matrix *matrix, struct plait_text *text)
{
    char room[256];
    struct plait_text names = plait_text(room, sizeof room);
    unsigned count = add_mechanisms(matrix, &names);
    if (count > 1)
        plait_text_add(text, "%u mechanisms were negotiated by the same endpoint (%s)", count,
                       room);
    else
        plait_text_add(text, "not measured: no two mechanisms were negotiated");
    return count > 1;
}

static json_t *conclude(const struct plait_matrix *matrix, const struct recommendation *r)
{
    char room[SENTENCE_ROOM];
    struct plait_text text = plait_text(room, sizeof room);
    json_t *pairs = json_array();
    bool measured = false;
    plait_text_add(&text, "%s, %s: ", r->name, r->text);
    for (int i = 0; i < PAIRS_MAX && r->pairs[i].on; i++) {
        json_t *pair = compare(matrix, r, &r->pairs[i]);
        measured = measured || json_integer_value(json_object_get(pair, "cells")) > 0;
        plait_text_add(&text, "%s", i ? "; " : "");
        add_pair(&text, pair);
        json_array_append_new(pairs, pair);
    }
    if (!r->pairs[0].on)
        measured = add_choice(matrix, &text);
    plait_text_add(&text, ".");
    return json_pack("{s:s,s:s,s:o,s:b,s:s}", "recommendation", r->name, "text", r->text, "pairs",
                     pairs, "measured", measured, "sentence", room);
}

json_t *plait_conclusion(const struct plait_matrix *matrix)
{
    json_t *all = json_array();
    for (size_t i = 0; i < sizeof recommendations / sizeof recommendations[0]; i++)
        json_array_append_new(all, conclude(matrix, &recommendations[i]));
    return all;
}

void plait_render_conclusion(const struct plait_page *page, const json_t *conclusion)
{
    bool any = false;
    for (size_t i = 0; i < json_array_size(conclusion); i++) {
        const json_t *one = json_array_get(conclusion, i);
        any = any || (json_is_true(json_object_get(one, "measured")) &&
                      json_array_size(json_object_get(one, "pairs")));
    }
    for (size_t i = 0; any && i < json_array_size(conclusion); i++)
        plait_page_add(page, "%s\n", plait_field(json_array_get(conclusion, i), "sentence", ""));
}
