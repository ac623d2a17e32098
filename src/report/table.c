/* report/table.c: the answer first, in one sentence; then what is worse; then the matrix; then each
 * threat by itself (DESIGN §11). */
#include <string.h>

#include "base/text.h"
#include "report/answers.h"
#include "report/conclusion.h"
#include "report/render.h"
#include "report/summary.h"
#include "report/words.h"

struct table {
    const struct plait_page *page;
    const struct plait_view *view;
    const json_t *document;
    const struct plait_summary *summary;
};

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- the first lines ---------------------------------------------------------------------- */

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
        plait_text_add(text, " threat%s", plural(whole));
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
static void add_mechanism(const struct table *t, struct plait_text *text, unsigned first)
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
static void add_target(const struct table *t, struct plait_text *text)
{
    const char *target = plait_field(t->document, "target", "?");
    const char *kernel = plait_field(t->document, "kernel", "(kernel unknown)");
    if (strcmp(target, "plait") == 0)
        plait_text_add(text, "plait %s", plait_field(t->document, "plait", "?"));
    else
        plait_text_add(text, "%s%s %s", target, strcmp(target, "linux") ? ", linux" : "", kernel);
}

static void put_sentence(const struct table *t)
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
static void add_devices(const struct table *t, struct plait_text *text)
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
static void add_files(const struct table *t, struct plait_text *text)
{
    static const char *const fields[][2] = {{"topology_file", "topology"},
                                            {"workload_file", "workload"}};
    for (int i = 0; i < 2; i++) {
        const json_t *file = json_object_get(t->document, fields[i][0]);
        if (file)
            plait_text_add(text, ", %s %s", fields[i][1], plait_field(file, "file", "?"));
    }
}

static void put_circumstances(const struct table *t)
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
                   plait_field(t->document, "plait", "?"), s->cells, plural(s->cells), s->decided,
                   s->errors, plural(s->errors), s->skipped, s->not_applicable);
    plait_page_add(t->page, "%s\n", room);
}

/* Says up to eight cells for which WANTED holds, each with its reason, and how many more. */
static void put_cells(const struct table *t, const char *label, unsigned count,
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

static bool is_error(const json_t *cell)
{
    return strcmp(plait_field(cell, "outcome", ""), "error") == 0;
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
static void put_skipped(const struct table *t)
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
                           plural(skipped), *reason ? ": " : "", reason);
    }
}

static void put_trouble(const struct table *t)
{
    const struct plait_summary *s = t->summary;
    put_cells(t, "error", s->errors, is_error, why_reason);
    put_cells(t, "NOT CLEAN", s->unclean, is_unclean, why_control);
    put_skipped(t);
    if (s->invalid_packets)
        plait_page_add(t->page, "%llu packet%s from hosts under test %s no valid packet:\n",
                       (unsigned long long)s->invalid_packets, plural(s->invalid_packets),
                       s->invalid_packets == 1 ? "was" : "were");
    put_cells(t, "invalid", s->invalid_cells, is_invalid, why_invalid);
    if (s->cells_without_column)
        plait_page_add(t->page, "%u cells of further mechanisms are not shown\n",
                       s->cells_without_column);
}

static void put_lateness(const struct table *t)
{
    char late[160];
    if (plait_lateness_text(t->document, late, sizeof late))
        plait_page_add(t->page, "%s\n", late);
}

static void put_flakes(const struct table *t)
{
    const struct plait_summary *s = t->summary;
    if (!s->repeated)
        return;
    plait_page_add(t->page, "Flake rate: %u of %u cells differed in %u runs (%.2f %%)\n", s->flaky,
                   s->repeated, s->runs, 100.0 * s->flaky / s->repeated);
    put_cells(t, "differing", s->flaky, is_flaky, why_flaky);
}

/* ---- what is worse ------------------------------------------------------------------------ */

static bool is_worse(const json_t *cell)
{
    return plait_cell_is(cell, "worse");
}

static bool is_wider(const json_t *cell)
{
    return plait_cell_is(cell, "wider");
}

static void add_column_name(struct plait_text *text, const struct plait_column *column)
{
    plait_text_add(text, "%s%s%s", column->mechanism, *column->policy ? " " : "", column->policy);
}

/* The columns in which a row is so; false if there are none.  *WORST gets its worst cell. */
static bool columns_where(const struct table *t, const struct plait_row *row,
                          bool (*wanted)(const json_t *cell), struct plait_text *names,
                          const json_t **worst)
{
    *worst = NULL;
    for (unsigned i = 1; i < t->summary->column_count; i++) {
        const json_t *cell = row->columns[i].cell;
        if (!cell || !wanted(cell))
            continue;
        if (*worst)
            plait_text_add(names, ", ");
        add_column_name(names, &t->summary->columns[i]);
        if (!*worst || plait_cell_compare(cell, *worst) > 0)
            *worst = cell;
    }
    return *worst;
}

/* "PART, no spoofing" where others of that position may: it can be the whole difference to TCP. */
static const char *position_text(const json_t *cell, char *room, size_t room_octets)
{
    const char *position = plait_field(cell, "position", "–");
    bool without = json_is_false(json_object_get(cell, "spoofing")) && strcmp(position, "OFF-NS");
    snprintf(room, room_octets, "%s%s", position, without ? ", no spoofing" : "");
    return room;
}

/* The price in a cell, or in its `tcp`; a dash where there is none to be known. */
static void grid_price(struct plait_grid *grid, const json_t *cell, const json_t *priced)
{
    char price[PLAIT_PRICE_ROOM];
    bool decided = plait_outcome_decided(plait_field(cell, "outcome", NULL));
    plait_price(json_object_get(priced, "cost"), price);
    plait_grid_cell(grid, decided && json_is_object(priced) ? price : "–");
}

static void grid_titles(struct plait_grid *grid, const char *const *titles)
{
    for (; *titles; titles++)
        plait_grid_cell(grid, *titles);
}

static void grid_worse_row(struct plait_grid *grid, const struct plait_row *row, const char *names,
                           const json_t *cell)
{
    plait_grid_cellf(grid, "  %s", row->threat);
    plait_grid_cell(grid, row->title);
    plait_grid_cell(grid, names);
    plait_grid_cell(grid, plait_field(cell, "goal", "–"));
    grid_price(grid, cell, cell);
    grid_price(grid, cell, json_object_get(cell, "tcp"));
    char from[64];
    plait_grid_cell(grid, position_text(cell, from, sizeof from));
}

static void put_block(const struct table *t, const char *heading,
                      bool (*wanted)(const json_t *cell))
{
    static const char *const titles[] = {"", "under", "goal", "price", "TCP", "from", NULL};
    struct plait_grid *grid = plait_grid_new(7);
    plait_grid_limit(grid, 1, 44);
    bool any = false;
    for (size_t r = 0; r < t->summary->row_count; r++) {
        const struct plait_row *row = &t->summary->rows[r];
        char room[256];
        struct plait_text names = plait_text(room, sizeof room);
        const json_t *cell;
        if (strcmp(row->kind, "threat") || !columns_where(t, row, wanted, &names, &cell))
            continue;
        if (!any) {
            plait_grid_heading(grid, "");
            plait_grid_heading(grid, heading);
            plait_grid_cell(grid, "");
            grid_titles(grid, titles);
        }
        any = true;
        grid_worse_row(grid, row, room, cell);
    }
    plait_grid_end(grid, t->page);
}

/* ---- the matrix --------------------------------------------------------------------------- */

/* What TCP gives the same attacker for the same goal, beside a threat's worst cell. */
static const char *tcp_word(const struct plait_row *row)
{
    const json_t *tcp = json_object_get(row->cell, "tcp");
    return plait_outcome_shown(plait_field(tcp, "outcome", "–"));
}

/* A control case that is not meant to break says whether it was quiet, or that nothing works there.
 */
static const char *cell_word(const struct plait_row *row, const json_t *cell)
{
    const char *outcome = plait_outcome_shown(plait_field(cell, "outcome", "–"));
    if (plait_cell_is_undeployable(cell))
        return "not deployable";
    if (strcmp(row->kind, "control") || strncmp(outcome, "stopped", 7))
        return outcome;
    return plait_cell_is_clean(cell) ? "clean" : "NOT CLEAN";
}

static void grid_word(struct plait_grid *grid, const struct plait_row *row,
                      const struct plait_row_column *column)
{
    const char *word = column->cell ? cell_word(row, column->cell) : "–";
    if (column->errors && !is_error(column->cell))
        plait_grid_cellf(grid, "%s, %u error%s", word, column->errors, plural(column->errors));
    else
        plait_grid_cell(grid, word);
}

/* A threat that plain TCP has no form of is beside what TCP gives the same attacker. */
static bool is_played(const json_t *cell)
{
    return cell && strcmp(plait_field(cell, "outcome", ""), "n/a");
}

static void grid_matrix_row(const struct table *t, struct plait_grid *grid,
                            const struct plait_row *row)
{
    plait_grid_cellf(grid, "  %s", row->threat);
    plait_grid_cell(grid, row->title);
    if (is_played(row->columns[0].cell) || strcmp(row->kind, "threat"))
        grid_word(grid, row, &row->columns[0]);
    else
        plait_grid_cell(grid, tcp_word(row));
    for (unsigned i = 1; i < t->summary->column_count; i++)
        grid_word(grid, row, &row->columns[i]);
}

static bool is_first_of_section(const struct plait_summary *s, size_t index)
{
    const struct plait_row *row = &s->rows[index];
    for (size_t i = 0; i < index; i++)
        if (!strcmp(s->rows[i].kind, row->kind) && !strcmp(s->rows[i].section, row->section))
            return false;
    return true;
}

static void grid_section(const struct table *t, struct plait_grid *grid, size_t first)
{
    const struct plait_summary *s = t->summary;
    const struct plait_row *lead = &s->rows[first];
    plait_grid_heading(grid, *lead->section ? lead->section : lead->kind);
    for (size_t i = first; i < s->row_count; i++)
        if (!strcmp(s->rows[i].kind, lead->kind) && !strcmp(s->rows[i].section, lead->section))
            grid_matrix_row(t, grid, &s->rows[i]);
}

static void put_matrix(const struct table *t)
{
    const struct plait_summary *s = t->summary;
    if (!s->row_count)
        return;
    struct plait_grid *grid = plait_grid_new(2 + s->column_count);
    plait_grid_limit(grid, 1, 44);
    plait_grid_heading(grid, "");
    plait_grid_cell(grid, "");
    plait_grid_cell(grid, "");
    for (unsigned i = 0; i < s->column_count; i++) {
        char room[64];
        struct plait_text name = plait_text(room, sizeof room);
        add_column_name(&name, &s->columns[i]);
        plait_grid_cell(grid, room);
    }
    for (const char *const *kind = plait_kind_words; *kind; kind++)
        for (size_t i = 0; i < s->row_count; i++)
            if (!strcmp(s->rows[i].kind, *kind) && is_first_of_section(s, i))
                grid_section(t, grid, i);
    plait_grid_end(grid, t->page);
}

/* ---- each threat -------------------------------------------------------------------------- */

static void grid_where(struct plait_grid *grid, const json_t *cell)
{
    static const char *const names[] = {"form", "victim", "workload", "position"};
    char room[160];
    struct plait_text text = plait_text(room, sizeof room);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char from[64];
        const char *word =
            i == 3 ? position_text(cell, from, sizeof from) : plait_field(cell, names[i], "-");
        if (strcmp(word, "-"))
            plait_text_add(&text, "%s%s", text.length ? " " : "", word);
    }
    json_int_t family = json_integer_value(json_object_get(cell, "family"));
    if (family)
        plait_text_add(&text, " ipv%d", (int)family);
    plait_grid_cell(grid, room);
}

/* What stopped it where it was stopped, else why nothing else happened. */
static void grid_because(struct plait_grid *grid, const json_t *cell)
{
    const char *stopped_by = plait_field(cell, "stopped_by", NULL);
    int rank = plait_outcome_rank(plait_field(cell, "outcome", NULL));
    if (stopped_by)
        plait_grid_cellf(grid, "by %s", stopped_by);
    else
        plait_grid_cell(
            grid, rank == plait_outcome_rank("broken") ? "" : plait_field(cell, "reason", ""));
}

static void grid_verdict(struct plait_grid *grid, const json_t *cell)
{
    const json_t *tcp = json_object_get(cell, "tcp");
    plait_grid_cell(grid, plait_outcome_shown(plait_field(cell, "outcome", "–")));
    plait_grid_cell(grid, plait_field(cell, "goal", "–"));
    grid_price(grid, cell, cell);
    plait_grid_cell(grid, plait_field(tcp, "attack", "–"));
    grid_price(grid, cell, tcp);
    plait_grid_cell(grid, plait_field(cell, "versus_tcp", "–"));
    grid_where(grid, cell);
    grid_because(grid, cell);
}

static void grid_threat(const struct table *t, struct plait_grid *grid, const struct plait_row *row)
{
    const char *threat = row->threat;
    for (unsigned i = 1; i < t->summary->column_count; i++) {
        if (!row->columns[i].cell)
            continue;
        char room[64];
        struct plait_text name = plait_text(room, sizeof room);
        add_column_name(&name, &t->summary->columns[i]);
        plait_grid_cellf(grid, "  %s", threat);
        plait_grid_cell(grid, room);
        grid_verdict(grid, row->columns[i].cell);
        threat = "";
    }
}

static void grid_verdict_titles(struct plait_grid *grid)
{
    static const char *const titles[] = {"outcome", "goal",  "price", "best on TCP", "its price",
                                         "versus",  "where", "",      NULL};
    grid_titles(grid, titles);
    plait_grid_limit(grid, 9, 60);
}

/* The worst cell of each threat in each column. */
static void put_threats(const struct table *t)
{
    struct plait_grid *grid = plait_grid_new(10);
    bool any = false;
    for (size_t i = 0; i < t->summary->row_count; i++) {
        const struct plait_row *row = &t->summary->rows[i];
        if (strcmp(row->kind, "threat"))
            continue;
        if (!any) {
            plait_grid_heading(grid, "");
            plait_grid_cell(grid, "each threat");
            plait_grid_cell(grid, "under");
            grid_verdict_titles(grid);
        }
        any = true;
        grid_threat(t, grid, row);
    }
    plait_grid_end(grid, t->page);
}

static void put_all_cells(const struct table *t)
{
    const json_t *cells = json_object_get(t->document, "cells");
    struct plait_grid *grid = plait_grid_new(10);
    plait_grid_heading(grid, "");
    plait_grid_cell(grid, "each cell");
    plait_grid_cell(grid, "");
    grid_verdict_titles(grid);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i);
        plait_grid_cellf(grid, "  %s", plait_field(cell, "id", ""));
        plait_grid_cell(grid, "");
        grid_verdict(grid, cell);
    }
    plait_grid_end(grid, t->page);
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* The threat worth explaining first: the worst. */
static void put_next(const struct table *t)
{
    const struct plait_row *worst = NULL;
    for (size_t i = 0; i < t->summary->row_count; i++) {
        const struct plait_row *row = &t->summary->rows[i];
        if (strcmp(row->kind, "threat") == 0 && row->cell &&
            (!worst || plait_cell_compare(row->cell, worst->cell) > 0))
            worst = row;
    }
    plait_page_add(t->page, "\nNext: plait explain %s", worst ? worst->threat : "ID");
    if (!t->view->all_cells)
        plait_page_put(t->page, " · every cell: --format jsonl");
    if (t->view->out_dir)
        plait_page_add(t->page, " · report: %s", t->view->out_dir);
    plait_page_put(t->page, "\n");
}

static void put_expectation(const struct table *t)
{
    const json_t *difference = t->view->judgement->difference;
    if (!difference)
        return;
    plait_page_add(t->page, "Against %s: ",
                   t->view->expectation_name ? t->view->expectation_name : "the expectation");
    plait_render_difference_table(t->page, difference);
}

void plait_render_table(const struct plait_page *page, const struct plait_view *view)
{
    const json_t *document = view->judgement->document;
    struct plait_summary *summary = plait_summary_new(document);
    const struct table t = {page, view, document, summary};
    json_t *answers = plait_answers(document);
    put_sentence(&t);
    plait_render_conclusion(page, json_object_get(answers, "conclusion"));
    put_circumstances(&t);
    put_trouble(&t);
    put_lateness(&t);
    put_flakes(&t);
    put_expectation(&t);
    put_block(&t, "worse than TCP", is_worse);
    put_block(&t, "wider than TCP: worse only against the dialled path", is_wider);
    put_block(&t, "broken, and TCP has nothing to compare it with", plait_cell_is_apart);
    plait_render_undeployable(page, summary);
    put_matrix(&t);
    plait_render_answers(page, answers);
    put_threats(&t);
    if (view->all_cells)
        put_all_cells(&t);
    put_next(&t);
    json_decref(answers);
    plait_summary_free(summary);
}
