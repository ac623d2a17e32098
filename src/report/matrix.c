/* report/matrix.c: which cells count, and which are played alike. */
#include "report/matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "base/text.h"
#include "report/words.h"

const char *const plait_matrix_mechanisms[] = {"tcp", "v1",  "v0", "M0e", "M0i",
                                               "M1n", "M1h", "M2", NULL};

struct plait_matrix {
    json_t *dependent; /* {ID of a cell: true} */
    json_t *index;     /* {threat: place in NAMES and CELLS} */
    const char **names;
    json_t **cells;    /* of each threat, in the document's order: those that count ... */
    json_t **left_out; /* ... and those that do not because of their data plane */
    size_t count;
};

/* ---- single cells ------------------------------------------------------------------------- */

bool plait_cell_is_broken(const json_t *cell)
{
    return plait_outcome_rank(plait_field(cell, "outcome", NULL)) >= plait_outcome_rank("partial");
}

bool plait_cell_is_stopped(const json_t *cell)
{
    int rank = plait_outcome_rank(plait_field(cell, "outcome", NULL));
    return rank > 0 && rank < plait_outcome_rank("partial");
}

/* The ID's fifth part says of the position what no field says: spoofing, and how long ago he left.
 */
static void add_place(struct plait_text *text, const char *id)
{
    const char *at = id;
    for (int i = 0; at && i < 4; i++) {
        at = strchr(at, '/');
        at = at ? at + 1 : NULL;
    }
    if (at)
        plait_text_add(text, "%.*s", (int)strcspn(at, "/"), at);
}

void plait_cell_key(const json_t *cell, char key[PLAIT_CELL_KEY_ROOM])
{
    static const char *const parts[] = {"threat", "form", "victim", "workload", "policy"};
    struct plait_text text = plait_text(key, PLAIT_CELL_KEY_ROOM);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        plait_text_add(&text, "%s/", plait_field(cell, parts[i], "-"));
    plait_text_add(&text, "%d/", (int)json_integer_value(json_object_get(cell, "family")));
    add_place(&text, plait_field(cell, "id", ""));
}

/* ---- model-dependent ---------------------------------------------------------------------- */

static bool is_decided(const json_t *cell)
{
    return plait_outcome_decided(plait_field(cell, "outcome", NULL));
}

const char *plait_cell_column(const json_t *cell)
{
    return plait_field(cell, "variant_of", plait_field(cell, "mechanism", ""));
}

/* Cells with a data plane, by key and column. */
static json_t *group_by_column(const json_t *cells)
{
    json_t *groups = json_object();
    for (size_t i = 0; i < json_array_size(cells); i++) {
        json_t *cell = json_array_get(cells, i);
        char key[PLAIT_CELL_KEY_ROOM], whole[PLAIT_CELL_KEY_ROOM + 64];
        if (!plait_field(cell, "model", NULL) || !is_decided(cell))
            continue;
        plait_cell_key(cell, key);
        snprintf(whole, sizeof whole, "%s/%s", key, plait_cell_column(cell));
        json_t *group = json_object_get(groups, whole);
        if (!group)
            json_object_set_new(groups, whole, group = json_array());
        json_array_append(group, cell);
    }
    return groups;
}

static void mark(json_t *dependent, const json_t *cell)
{
    json_object_set_new(dependent, plait_field(cell, "id", ""), json_true());
}

/* A column and its other data plane; a variant with the column's own has a switch set. */
static void compare_models(json_t *dependent, const json_t *column, const json_t *variant)
{
    if (plait_field(column, "variant_of", NULL) || !plait_field(variant, "variant_of", NULL) ||
        strcmp(plait_field(column, "model", ""), plait_field(variant, "model", "")) == 0 ||
        plait_cell_is_broken(column) == plait_cell_is_broken(variant))
        return;
    mark(dependent, column);
    mark(dependent, variant);
}

static json_t *find_dependent(const json_t *cells)
{
    json_t *dependent = json_object(), *groups = group_by_column(cells), *group;
    const char *key;
    json_object_foreach(groups, key, group)
    {
        for (size_t i = 0; i < json_array_size(group); i++)
            for (size_t j = 0; j < json_array_size(group); j++)
                compare_models(dependent, json_array_get(group, i), json_array_get(group, j));
    }
    json_decref(groups);
    return dependent;
}

/* ---- the matrix --------------------------------------------------------------------------- */

static bool is_of(const json_t *cell, const char *field, const char *wanted)
{
    return !wanted || strcmp(plait_field(cell, field, ""), wanted) == 0;
}

static size_t place_of(struct plait_matrix *m, const char *threat)
{
    const json_t *known = json_object_get(m->index, threat);
    if (known)
        return (size_t)json_integer_value(known);
    json_object_set_new(m->index, threat, json_integer((json_int_t)m->count));
    m->names[m->count] = threat;
    m->cells[m->count] = json_array();
    m->left_out[m->count] = json_array();
    return m->count++;
}

static void *room_for(size_t count)
{
    void *room = calloc(count, sizeof(void *));
    PLAIT_CHECK(room);
    return room;
}

struct plait_matrix *plait_matrix_new(const json_t *document)
{
    const json_t *cells = json_object_get(document, "cells");
    struct plait_matrix *m = calloc(1, sizeof *m);
    PLAIT_CHECK(m);
    m->dependent = find_dependent(cells);
    m->index = json_object();
    m->names = room_for(json_array_size(cells) + 1);
    m->cells = room_for(json_array_size(cells) + 1);
    m->left_out = room_for(json_array_size(cells) + 1);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        json_t *cell = json_array_get(cells, i);
        if (!is_of(cell, "kind", "threat"))
            continue;
        size_t place = place_of(m, plait_field(cell, "threat", ""));
        if (json_object_get(m->dependent, plait_field(cell, "id", "")))
            json_array_append(m->left_out[place], cell);
        else if (is_decided(cell))
            json_array_append(m->cells[place], cell);
    }
    return m;
}

void plait_matrix_free(struct plait_matrix *matrix)
{
    for (size_t i = 0; i < matrix->count; i++) {
        json_decref(matrix->cells[i]);
        json_decref(matrix->left_out[i]);
    }
    json_decref(matrix->index);
    json_decref(matrix->dependent);
    free(matrix->names);
    free(matrix->cells);
    free(matrix->left_out);
    free(matrix);
}

size_t plait_matrix_threats(const struct plait_matrix *matrix)
{
    return matrix->count;
}

const char *plait_matrix_threat(const struct plait_matrix *matrix, size_t index)
{
    return matrix->names[index];
}

bool plait_matrix_has(const struct plait_matrix *matrix, const char *threat)
{
    return json_object_get(matrix->index, threat);
}

static const json_t *next_of(const json_t *cells, const char *mechanism, size_t *at)
{
    while (*at < json_array_size(cells)) {
        const json_t *cell = json_array_get(cells, (*at)++);
        if (is_of(cell, "mechanism", mechanism))
            return cell;
    }
    return NULL;
}

static const json_t *list_of(const struct plait_matrix *matrix, json_t **lists, const char *threat)
{
    const json_t *place = json_object_get(matrix->index, threat);
    return place ? lists[json_integer_value(place)] : NULL;
}

const json_t *plait_matrix_next(const struct plait_matrix *matrix, const char *threat,
                                const char *mechanism, size_t *at)
{
    return next_of(list_of(matrix, matrix->cells, threat), mechanism, at);
}

bool plait_matrix_is_dependent(const struct plait_matrix *matrix, const char *threat,
                               const char *mechanism)
{
    size_t at = 0;
    return next_of(list_of(matrix, matrix->left_out, threat), mechanism, &at);
}

bool plait_matrix_decides(const struct plait_matrix *matrix, const char *mechanism)
{
    for (size_t i = 0; i < matrix->count; i++) {
        size_t at = 0;
        if (next_of(matrix->cells[i], mechanism, &at))
            return true;
    }
    return false;
}
