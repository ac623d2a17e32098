/* report/table_lead.c: a table's first lines: the answer in one sentence, of what it was measured,
 * and what went wrong. */
#include <string.h>

#include "report/table.h"
#include "report/words.h"

static const char *mechanism_name(const char *mechanism)
{
    static const struct {
        const char *mechanism, *name;
    } names[] = {
        {"v1", "MPTCP v1 (RFC 8684)"},
        {"v0", "MPTCP v0 (RFC 6824)"},
        {"M0e", "Basic MPTCP M0e"},
        {"M0i", "Basic MPTCP M0i"},
        {"M1n", "M1n (reachability check)"},
        {"M1h", "M1h (handshake per pair)"},
        {"M2", "M2 (cookie)"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(mechanism, names[i].mechanism) == 0)
            return names[i].name;
    return mechanism;
}

/* "3 of 12 threats" the first time, "none of 12" later. */
static void add_share(struct plait_text *text, unsigned part, unsigned whole, bool first)
{
    if (part)
        plait_text_add(text, "%u of %u", part, whole);
    else
        plait_text_add(text, "none of %u", whole);
    if (first)
        plait_text_add(text, " threat%s", plait_table_plural(whole));
}

static void add_wider(struct plait_text *text, const struct plait_column *column, bool first)
{
    plait_text_add(text, first ? "; wider in " : " and in ");
    if (column->wider)
        plait_text_add(text, "%u", column->wider);
    else
        plait_text_add(text, "none");
}

/* Columns of one mechanism that decided anything, from FIRST on. */
static void add_mechanism(const struct plait_table *t, struct plait_text *text, unsigned first)
{
    const struct plait_column *columns = t->summary->columns;
    const char *mechanism = columns[first].mechanism;
    bool begun = false;
    for (unsigned i = first; i < t->summary->column_count; i++) {
        if (strcmp(columns[i].mechanism, mechanism) || !columns[i].threats)
            continue;
        plait_text_add(text, begun ? " and in " : "worse than TCP in ");
        add_share(text, columns[i].worse, columns[i].threats, !begun);
        if (*columns[i].policy)
            plait_text_add(text, " under %s", columns[i].policy);
        begun = true;
    }
    begun = false;
    for (unsigned i = first; i < t->summary->column_count; i++) {
        if (strcmp(columns[i].mechanism, mechanism) || !columns[i].threats)
            continue;
        add_wider(text, &columns[i], !begun);
        begun = true;
    }
}

/* The first column of its mechanism that decided anything. */
static bool leads(const struct plait_summary *s, unsigned index)
{
    if (!s->columns[index].threats)
        return false;
    for (unsigned i = 1; i < index; i++)
        if (s->columns[i].threats && !strcmp(s->columns[i].mechanism, s->columns[index].mechanism))
            return false;
    return true;
}

/* "linux 6.18.44", "plait 0.1.0", "plait client, linux server, linux 6.18.44". */
static void add_target(const struct plait_table *t, struct plait_text *text)
{
    const char *target = plait_field(t->document, "target", "?");
    const char *kernel = plait_field(t->document, "kernel", "(kernel unknown)");
    if (strcmp(target, "plait") == 0)
        plait_text_add(text, "plait %s", plait_field(t->document, "plait", "?"));
    else
        plait_text_add(text, "%s%s %s", target, strcmp(target, "linux") ? ", linux" : "", kernel);
}

void plait_table_sentence(const struct plait_table *t)
{
    char room[1024];
    struct plait_text text = plait_text(room, sizeof room);
    if (!json_is_true(json_object_get(t->document, "complete")))
        plait_text_add(&text, "Ended early; so far: ");
    bool begun = false;
    for (unsigned i = 1; i < t->summary->column_count; i++) {
        if (!leads(t->summary, i))
            continue;
        plait_text_add(&text, "%s%s", begun ? "; " : "",
                       mechanism_name(t->summary->columns[i].mechanism));
        if (!begun) {
            plait_text_add(&text, " of ");
            add_target(t, &text);
        }
        plait_text_add(&text, " is ");
        add_mechanism(t, &text, i);
        begun = true;
    }
    if (!begun) {
        plait_text_add(&text, "Nothing was decided about MPTCP of ");
        add_target(t, &text);
    }
    plait_text_add(&text, ".\n");
    plait_page_strong(t->page, room);
}

/* "tun", or "tun and veth" when cells differ. */
static void add_devices(const struct plait_table *t, struct plait_text *text)
{
    const json_t *cells = json_object_get(t->document, "cells");
    const char *seen[4];
    unsigned count = 0;
    for (size_t i = 0; i < json_array_size(cells) && count < 4; i++) {
        const json_t *target = json_object_get(json_array_get(cells, i), "target");
        const char *device = plait_field(target, "device", NULL);
        unsigned k = 0;
        while (device && k < count && strcmp(seen[k], device))
            k++;
        if (!device || k < count)
            continue;
        plait_text_add(text, "%s%s", count ? " and " : ", device ", device);
        seen[count++] = device;
    }
}

/* A net and traffic of the user's. */
static void add_files(const struct plait_table *t, struct plait_text *text)
{
    static const char *const fields[][2] = {{"topology_file", "topology"},
                                            {"workload_file", "workload"}};
    for (int i = 0; i < 2; i++) {
        const json_t *file = json_object_get(t->document, fields[i][0]);
        if (file)
            plait_text_add(text, ", %s %s", fields[i][1], plait_field(file, "file", "?"));
    }
}

void plait_table_circumstances(const struct plait_table *t)
{
    const struct plait_summary *s = t->summary;
    char room[512], duration[PLAIT_DURATION_ROOM];
    struct plait_text text = plait_text(room, sizeof room);
    add_target(t, &text);
    add_devices(t, &text);
    add_files(t, &text);
    plait_text_add(&text, ", seed %s", plait_field(t->document, "seed", "?"));
    const json_t *duration_ns = json_object_get(t->document, "duration_ns");
    if (json_is_integer(duration_ns)) {
        plait_duration(json_integer_value(duration_ns), duration);
        plait_text_add(&text, ", %s", duration);
    }
    plait_text_add(&text, ", plait %s: %u cell%s, %u decided, %u error%s, %u skipped, %u n/a",
                   plait_field(t->document, "plait", "?"), s->cells, plait_table_plural(s->cells),
                   s->decided, s->errors, plait_table_plural(s->errors), s->skipped,
                   s->not_applicable);
    plait_page_add(t->page, "%s\n", room);
}

/* Says up to eight cells for which WANTED holds, each with its reason, and how many more. */
static void put_cells(const struct plait_table *t, const char *label, unsigned count,
                      bool (*wanted)(const json_t *cell), const char *(*why)(const json_t *cell))
{
    const json_t *cells = json_object_get(t->document, "cells");
    unsigned said = 0;
    for (size_t i = 0; i < json_array_size(cells) && said < 8; i++) {
        const json_t *cell = json_array_get(cells, i);
        if (!wanted(cell))
            continue;
        plait_page_add(t->page, "  %s  %s: %s\n", label, plait_field(cell, "id", ""), why(cell));
        said++;
    }
    if (count > said)
        plait_page_add(t->page, "  %s  and %u more\n", label, count - said);
}

static bool is_unclean(const json_t *cell)
{
    return !plait_cell_is_clean(cell);
}

static bool is_invalid(const json_t *cell)
{
    return json_integer_value(json_object_get(cell, "invalid_octets")) > 0;
}

static bool is_flaky(const json_t *cell)
{
    return json_integer_value(json_object_get(json_object_get(cell, "repeat"), "differing")) > 0;
}

static const char *why_reason(const json_t *cell)
{
    return plait_field(cell, "reason", "no reason given");
}

static const char *why_control(const json_t *cell)
{
    return plait_field(json_object_get(cell, "control"), "note", "no note");
}

static const char *why_invalid(const json_t *cell)
{
    (void)cell;
    return "octets from a host under test were no valid packet";
}

static const char *why_flaky(const json_t *cell)
{
    (void)cell;
    return "runs of this cell gave different verdicts";
}

/* Skipped cells are many and alike: one line for each threat. */
static void put_skipped(const struct plait_table *t)
{
    for (size_t r = 0; r < t->summary->row_count; r++) {
        const struct plait_row *row = &t->summary->rows[r];
        unsigned skipped = 0;
        const char *reason = "";
        for (unsigned i = 0; i < t->summary->column_count; i++) {
            skipped += row->columns[i].skipped;
            if (row->columns[i].skipped && row->columns[i].cell)
                reason = plait_field(row->columns[i].cell, "reason", "");
        }
        if (skipped)
            plait_page_add(t->page, "  skipped  %s: %u cell%s%s%s\n", row->threat, skipped,
                           plait_table_plural(skipped), *reason ? ": " : "", reason);
    }
}

void plait_table_trouble(const struct plait_table *t)
{
    const struct plait_summary *s = t->summary;
    put_cells(t, "error", s->errors, plait_table_is_error, why_reason);
    put_cells(t, "NOT CLEAN", s->unclean, is_unclean, why_control);
    put_skipped(t);
    if (s->invalid_packets)
        plait_page_add(t->page, "%llu packet%s from hosts under test %s no valid packet:\n",
                       (unsigned long long)s->invalid_packets,
                       plait_table_plural(s->invalid_packets),
                       s->invalid_packets == 1 ? "was" : "were");
    put_cells(t, "invalid", s->invalid_cells, is_invalid, why_invalid);
    if (s->cells_without_column)
        plait_page_add(t->page, "%u cells of further mechanisms are not shown\n",
                       s->cells_without_column);
}

void plait_table_lateness(const struct plait_table *t)
{
    char late[160];
    if (plait_lateness_text(t->document, late, sizeof late))
        plait_page_add(t->page, "%s\n", late);
}

void plait_table_flakes(const struct plait_table *t)
{
    const struct plait_summary *s = t->summary;
    if (!s->repeated)
        return;
    plait_page_add(t->page, "Flake rate: %u of %u cells differed in %u runs (%.2f %%)\n", s->flaky,
                   s->repeated, s->runs, 100.0 * s->flaky / s->repeated);
    put_cells(t, "differing", s->flaky, is_flaky, why_flaky);
}
