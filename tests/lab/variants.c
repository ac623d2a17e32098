/* tests/lab/variants.c: see variants.h. */
#include "tests/lab/variants.h"

#include <stdio.h>

#include "lab/columns.h"

enum { JOBS = 4, VARIANTS_MAX = PLAIT_LOADED_MAX };

static struct plait_mechanism tables[VARIANTS_MAX];
static struct plait_mechanism_offer offers[VARIANTS_MAX];

#define TABLE(n)                                                                                   \
    static const struct plait_mechanism *table_##n(void)                                           \
    {                                                                                              \
        return &tables[0x##n];                                                                     \
    }
TABLE(0)
TABLE(1)
TABLE(2)
TABLE(3) TABLE(4) TABLE(5) TABLE(6) TABLE(7) TABLE(8) TABLE(9) TABLE(a) TABLE(b) TABLE(c) TABLE(d)
    TABLE(e) TABLE(f)

        static const struct plait_mechanism *(*const table_of[VARIANTS_MAX])(void) = {
            table_0, table_1, table_2, table_3, table_4, table_5, table_6, table_7,
            table_8, table_9, table_a, table_b, table_c, table_d, table_e, table_f};

static const struct plait_mechanism *column_named(const char *name)
{
    for (int i = PLAIT_TCP + 1; i < PLAIT_PROTOCOL_COUNT; i++)
        if (strcmp(plait_protocol_name((enum plait_protocol)i), name) == 0)
            return plait_protocol_mechanism((enum plait_protocol)i);
    fail_msg("no column %s", name);
    return NULL;
}

void add_variants(const struct variant *variants, unsigned count)
{
    assert_true(count <= VARIANTS_MAX);
    for (unsigned i = 0; i < count; i++) {
        char expected[128];
        enum plait_protocol protocol;
        tables[i] = *column_named(variants[i].sound);
        tables[i].name = variants[i].name;
        variants[i].spoil(&tables[i]);
        offers[i] = (struct plait_mechanism_offer){.interface = PLAIT_MECHANISM_INTERFACE,
                                                   .size_octets = sizeof(struct plait_mechanism),
                                                   .table = table_of[i],
                                                   .resembles = variants[i].sound};
        if (!plait_column_add(&offers[i], NULL, &protocol, expected, sizeof expected))
            fail_msg("%s: %s was expected", variants[i].name, expected);
    }
}

json_t *cells_of_two(const char *threats, const char *sound, const char *variant, bool full)
{
    char glob[160], error[256] = "";
    snprintf(glob, sizeof glob, "%s/*/@(%s|%s)/*/ipv4", threats, sound, variant);
    const struct plait_analysis_request request = {.cell_glob = glob,
                                                   .client = PLAIT_TARGET_PLAIT,
                                                   .server = PLAIT_TARGET_PLAIT,
                                                   .seed = 1,
                                                   .jobs = JOBS,
                                                   .repeat = 1,
                                                   .full = full};
    json_t *document = plait_analyze(&request, NULL, NULL, error, sizeof error);
    if (!document)
        fail_msg("%s", error);
    assert_true(json_is_true(json_object_get(document, "complete")));
    if (json_array_size(json_object_get(document, "cells")) == 0)
        fail_msg("%s selects no cell", glob);
    return document;
}

/* Everything of a cell's ID but its mechanism. */
static void place_text(const json_t *cell, char *text, size_t room_octets)
{
    const char *id = text_at(cell, "id");
    char column[40];
    snprintf(column, sizeof column, "/%s/", text_at(cell, "mechanism"));
    const char *at_column = strstr(id, column);
    assert_non_null(at_column);
    snprintf(text, room_octets, "%.*s//%s", (int)(at_column - id), id, at_column + strlen(column));
}

const json_t *counterpart(const json_t *document, const json_t *cell, const char *column)
{
    char wanted[200], place[200];
    size_t i;
    json_t *other;
    place_text(cell, wanted, sizeof wanted);
    json_array_foreach(json_object_get(document, "cells"), i, other)
    {
        place_text(other, place, sizeof place);
        if (strcmp(text_at(other, "mechanism"), column) == 0 && strcmp(place, wanted) == 0)
            return other;
    }
    fail_msg("%s is not played under %s", wanted, column);
    return NULL;
}

bool is_broken(const json_t *cell)
{
    const char *outcome = text_at(cell, "outcome");
    if (strncmp(outcome, "stopped", 7) != 0 && strcmp(outcome, "broken") != 0)
        fail_msg("%s: %s, %s", text_at(cell, "id"), outcome, text_at(cell, "reason"));
    return strcmp(outcome, "broken") == 0;
}
