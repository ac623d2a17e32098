/* report/taxonomy.c: RFC 6181 §6.2's table out of cells. */
#include "report/taxonomy.h"

#include <stdio.h>
#include <string.h>

#include "net/net.h"
#include "report/reach.h"
#include "report/words.h"

/* ---- what is asked ------------------------------------------------------------------------ */

/* The RFC's own rows: a cookie is in every exchange, a key in the first only; addresses can be
 * altered in each exchange that sets a path up, as a NAT does. */
static const struct class_row {
    const char *name, *text, *mechanism;
    const char *learnt_first, *learnt_later;
} classes[] = {
    {"C1", "cookie in clear", "M2", "yes", "yes"},
    {"C2", "key in clear, then HMAC", "v0", "yes", "no"},
    {"C2", "key in clear, then HMAC", "v1", "yes", "no"},
    {"C3", "anchor of strong cryptography", NULL, NULL, NULL},
};

/* Threats that show whether a secret was learnt by listening, and whether an address was altered.
 */
static const char *const of_learning[] = {"T-TS-1", "T-TS-2", "T-TS-6", NULL};
static const char *const of_altering[] = {"T-TS-3", "T-TS-5", NULL};

/* What a host counts when a proof does not hold: the ends could have noticed.  Ours, then Linux. */
static const char *const alarms[] = {
    "JOIN_BAD_HMAC",
    "ADD_ADDR_BAD_HMAC",
    "FASTCLOSE_BAD_KEY",
    "CONTROL_BAD_PROOF",
    "NONCE_BAD",
    "RECORD_BAD",
    "MPTcpExtMPJoinSynAckHMacFailure",
    "MPTcpExtMPJoinAckHMacFailure",
    NULL,
};

/* ---- windows ------------------------------------------------------------------------------ */

static const char *const yes = "yes", *const no = "no", *const unknown = "not measured";

/* Does a cell of THREATS under MECHANISM succeed from a place that is left after PRESENCE, by one
 * who may alter there or only listens? */
static const char *succeeds(const struct plait_matrix *matrix, const char *const *threats,
                            const char *mechanism, enum plait_presence presence, bool alters)
{
    const char *answer = unknown;
    for (; *threats; threats++) {
        size_t at = 0;
        const json_t *cell;
        struct plait_position standing;
        while ((cell = plait_matrix_next(matrix, *threats, mechanism, &at))) {
            if (!plait_cell_standing(cell, &standing) || standing.presence != presence ||
                !!(standing.tap_rights & PLAIT_MAY_ALTER) != alters)
                continue;
            if (plait_cell_is_broken(cell))
                return yes;
            answer = no;
        }
    }
    return answer;
}

static json_t *windows(const struct plait_matrix *matrix, const char *const *threats,
                       const char *mechanism, bool alters)
{
    return json_pack("{s:s,s:s}", "first",
                     succeeds(matrix, threats, mechanism, PLAIT_FIRST_HANDSHAKE, alters), "later",
                     succeeds(matrix, threats, mechanism, PLAIT_LATER_HANDSHAKE, alters));
}

/* ---- whether the ends could notice -------------------------------------------------------- */

static const char *alarm_in(const json_t *cell)
{
    const json_t *counters = json_object_get(cell, "counters");
    for (const char *const *alarm = alarms; *alarm; alarm++)
        for (int side = 0; side < 2; side++) {
            const json_t *of_end = json_object_get(counters, side ? "server" : "client");
            if (json_integer_value(json_object_get(of_end, *alarm)) > 0)
                return *alarm;
        }
    return NULL;
}

struct noticing {
    unsigned broken, noticed;
    const char *alarm;
};

static void look(const struct plait_matrix *matrix, const char *const *threats,
                 const char *mechanism, struct noticing *n)
{
    for (; *threats; threats++) {
        size_t at = 0;
        const json_t *cell;
        while ((cell = plait_matrix_next(matrix, *threats, mechanism, &at))) {
            if (!plait_cell_is_broken(cell))
                continue;
            const char *alarm = alarm_in(cell);
            n->broken++;
            n->noticed += alarm != NULL;
            n->alarm = alarm ? alarm : n->alarm;
        }
    }
}

/* ---- the table ---------------------------------------------------------------------------- */

static json_t *agreement(const struct class_row *row, const json_t *learnt, const json_t *altered,
                         const char *noticed)
{
    const char *const pairs[][2] = {
        {plait_field(learnt, "first", unknown), row->learnt_first},
        {plait_field(learnt, "later", unknown), row->learnt_later},
        {plait_field(altered, "later", unknown), yes},
        {noticed, no},
    };
    bool is_whole = true;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        is_whole = is_whole && strcmp(pairs[i][0], unknown) != 0;
        if (strcmp(pairs[i][0], unknown) != 0 && strcmp(pairs[i][0], pairs[i][1]) != 0)
            return json_false();
    }
    return is_whole ? json_true() : json_null();
}

static json_t *measure(const struct plait_matrix *matrix, const struct class_row *row)
{
    json_t *json = json_pack("{s:s,s:s,s:s?}", "class", row->name, "text", row->text, "mechanism",
                             row->mechanism);
    if (!row->mechanism)
        return json;
    struct noticing n = {0};
    look(matrix, of_learning, row->mechanism, &n);
    look(matrix, of_altering, row->mechanism, &n);
    const char *noticed = !n.broken ? unknown : n.noticed ? yes : no;
    json_t *learnt = windows(matrix, of_learning, row->mechanism, false);
    json_t *altered = windows(matrix, of_altering, row->mechanism, true);
    json_object_set_new(json, "agrees", agreement(row, learnt, altered, noticed));
    json_object_set_new(json, "learnt", learnt);
    json_object_set_new(json, "altered", altered);
    json_object_set_new(json, "noticed", json_string(noticed));
    json_object_set_new(
        json, "evidence",
        n.alarm ? json_sprintf("%s moved in %u of %u broken cells", n.alarm, n.noticed, n.broken)
                : json_sprintf("no proof failed in %u broken cells", n.broken));
    return json;
}

json_t *plait_taxonomy(const struct plait_matrix *matrix)
{
    json_t *all = json_array();
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        json_array_append_new(all, measure(matrix, &classes[i]));
    return all;
}

/* ---- as text ------------------------------------------------------------------------------ */

static bool is_answered(const json_t *row, const char *question)
{
    const json_t *answers = json_object_get(row, question);
    return strcmp(plait_field(answers, "first", unknown), unknown) != 0 ||
           strcmp(plait_field(answers, "later", unknown), unknown) != 0;
}

static bool is_measured(const json_t *row)
{
    return is_answered(row, "learnt") || is_answered(row, "altered");
}

static void grid_windows(struct plait_grid *grid, const json_t *answers)
{
    plait_grid_cellf(grid, "first %s, later %s", plait_field(answers, "first", unknown),
                     plait_field(answers, "later", unknown));
}

static void grid_class(struct plait_grid *grid, const json_t *row)
{
    const char *mechanism = plait_field(row, "mechanism", NULL);
    const json_t *agrees = json_object_get(row, "agrees");
    plait_grid_cellf(grid, "  %s  %s", plait_field(row, "class", ""), plait_field(row, "text", ""));
    plait_grid_cell(grid, mechanism ? mechanism : "–");
    if (!mechanism) {
        for (int i = 0; i < 3; i++)
            plait_grid_cell(grid, "–");
        plait_grid_cell(grid, "no mechanism of this class is played");
        return;
    }
    grid_windows(grid, json_object_get(row, "learnt"));
    grid_windows(grid, json_object_get(row, "altered"));
    plait_grid_cellf(grid, "%s: %s", plait_field(row, "noticed", unknown),
                     plait_field(row, "evidence", ""));
    plait_grid_cell(grid, json_is_true(agrees)    ? "as it says"
                          : json_is_false(agrees) ? "not as it says"
                                                  : "as far as measured");
}

void plait_render_taxonomy(const struct plait_page *page, const json_t *taxonomy)
{
    static const char *const titles[] = {
        "  class", "under", "secret learnt at", "address altered at", "the ends can notice",
        "RFC 6181"};
    bool any = false;
    for (size_t i = 0; i < json_array_size(taxonomy); i++)
        any = any || is_measured(json_array_get(taxonomy, i));
    if (!any)
        return;
    struct plait_grid *grid = plait_grid_new(6);
    plait_grid_heading(grid, "");
    plait_grid_heading(grid, "taxonomy of RFC 6181 §6.2, measured (handshakes)");
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        plait_grid_cell(grid, titles[i]);
    for (size_t i = 0; i < json_array_size(taxonomy); i++) {
        const json_t *row = json_array_get(taxonomy, i);
        if (is_measured(row) || !plait_field(row, "mechanism", NULL))
            grid_class(grid, row);
    }
    plait_grid_end(grid, page);
}
