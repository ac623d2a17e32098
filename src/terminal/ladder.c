/* terminal/ladder.c: drawing a ladder, line by line, into a row of characters. */
#include "terminal/ladder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "terminal/json.h"
#include "terminal/utf8.h"

enum {
    RAILS_MAX = PLAIT_LADDER_RAILS_MAX,
    FIRST_RAIL = 10, /* the time stands before it */
    GAP_MIN = 22,
    GAP_MAX = 42,
    NOTE_GAP = 3,
    NOTE_MIN = 28, /* a note has at least this much room, however narrow the page */
    ROW_MAX = FIRST_RAIL + RAILS_MAX * GAP_MAX + 8
};

enum glyph { RAIL = 0x2502, LINE = 0x2500, TO_RIGHT = 0x25b6, TO_LEFT = 0x25c0 };

struct ladder {
    const struct plait_page *page;
    const char *rails[RAILS_MAX];
    unsigned rail_count;
    unsigned gap; /* columns from one rail to the next */
};

struct row {
    uint32_t codes[ROW_MAX];
};

/* ---- which rails, how far apart ------------------------------------------------------------ */

static int rail_of(const struct ladder *l, const char *host)
{
    for (unsigned i = 0; host && i < l->rail_count; i++)
        if (strcmp(l->rails[i], host) == 0)
            return (int)i;
    return -1;
}

static void add_rail(struct ladder *l, const char *host)
{
    if (host && *host && rail_of(l, host) < 0 && l->rail_count < RAILS_MAX)
        l->rails[l->rail_count++] = host;
}

static void widen(struct ladder *l, const char *label)
{
    unsigned wanted = plait_utf8_columns(label) + 7; /* a rail, "── ", " ─▶" */
    if (wanted > l->gap)
        l->gap = wanted < GAP_MAX ? wanted : GAP_MAX;
}

static struct ladder lay_out(const struct plait_page *page, const char *const *rails,
                             const json_t *ladder)
{
    struct ladder l = {.page = page, .gap = GAP_MIN};
    for (; *rails; rails++)
        add_rail(&l, *rails);
    for (size_t i = 0; i < json_array_size(ladder); i++) {
        const json_t *entry = json_array_get(ladder, i);
        const char *from = plait_field(entry, "from", NULL), *to = plait_field(entry, "to", NULL);
        add_rail(&l, from);
        add_rail(&l, to);
        if (rail_of(&l, from) >= 0 && rail_of(&l, to) >= 0 && rail_of(&l, from) != rail_of(&l, to))
            widen(&l, plait_field(entry, "text", ""));
    }
    return l;
}

static unsigned column_of(const struct ladder *l, int rail)
{
    return FIRST_RAIL + (unsigned)rail * l->gap;
}

static unsigned row_columns(const struct ladder *l)
{
    return column_of(l, (int)l->rail_count - 1) + 1;
}

/* ---- one row ------------------------------------------------------------------------------ */

static void put_text(struct row *row, unsigned column, unsigned room, const char *text)
{
    uint32_t code;
    for (unsigned i = 0; i < room && column < ROW_MAX && (code = plait_utf8_take(&text)); i++)
        row->codes[column++] = code;
}

static struct row bare(const struct ladder *l)
{
    struct row row;
    for (unsigned i = 0; i < ROW_MAX; i++)
        row.codes[i] = ' ';
    for (unsigned i = 0; i < l->rail_count; i++)
        row.codes[column_of(l, (int)i)] = RAIL;
    return row;
}

static void put_time(struct row *row, json_int_t at_ns)
{
    char time[24];
    snprintf(time, sizeof time, "%8.3f", (double)at_ns / 1e9);
    put_text(row, 0, FIRST_RAIL - 1, time);
}

/* The label stands in the arrow, one blank at each side; a long one is cut. */
static void put_label(struct row *row, unsigned first, unsigned room, const char *label)
{
    unsigned columns = plait_utf8_columns(label);
    if (columns == 0 || room < 4)
        return;
    unsigned shown = columns > room - 2 ? room - 2 : columns;
    unsigned at = first + (room - shown - 2) / 2;
    row->codes[at] = row->codes[at + shown + 1] = ' ';
    put_text(row, at + 1, shown, label);
    if (shown < columns)
        row->codes[at + shown] = row->codes[at + shown - 1] = '.';
}

static void put_arrow(const struct ladder *l, struct row *row, int from, int to, const char *label)
{
    unsigned left = column_of(l, from < to ? from : to) + 1;
    unsigned right = column_of(l, from < to ? to : from) - 1;
    for (unsigned i = left; i <= right; i++)
        row->codes[i] = LINE;
    put_label(row, left + 2, right - left - 3, label);
    row->codes[from < to ? right : left] = from < to ? TO_RIGHT : TO_LEFT;
}

static void print_row(const struct ladder *l, const struct row *row, unsigned columns)
{
    char text[4 * ROW_MAX + 1], *at = text;
    for (unsigned i = 0; i < columns; i++) {
        char utf8[5];
        plait_utf8_give(row->codes[i], utf8);
        at = stpcpy(at, utf8);
    }
    plait_page_put(l->page, text);
}

/* ---- notes -------------------------------------------------------------------------------- */

/* Octets of TEXT that fit in ROOM columns, broken at a blank where there is one. */
static size_t fitting(const char *text, unsigned room)
{
    const char *at = text, *blank = NULL;
    for (unsigned i = 0; i < room && *at; i++) {
        if (*at == ' ')
            blank = at;
        plait_utf8_take(&at);
    }
    if (*at == '\0' || *at == ' ' || !blank)
        return (size_t)(at - text);
    return (size_t)(blank - text);
}

static void print_part(const struct ladder *l, const struct row *row, const char *note,
                       size_t length)
{
    print_row(l, row, row_columns(l));
    if (length) {
        plait_page_add(l->page, "%*s%.*s", NOTE_GAP, "", (int)length, note);
    }
    plait_page_put(l->page, "\n");
}

/* The row with its note, which goes on beside bare rails where it is long. */
static void print_noted(const struct ladder *l, const struct row *row, const char *note)
{
    unsigned used = row_columns(l) + NOTE_GAP, width = l->page->width_columns;
    unsigned room = width > used + NOTE_MIN ? width - used : NOTE_MIN;
    size_t length = fitting(note, room);
    print_part(l, row, note, length);
    const struct row empty = bare(l);
    for (note += length; *note; note += length) {
        note += strspn(note, " ");
        length = fitting(note, room);
        if (length)
            print_part(l, &empty, note, length);
    }
}

/* ---- the whole ---------------------------------------------------------------------------- */

/* What has no two rails is told in words. */
static void tell(const json_t *entry, struct plait_text *told)
{
    const char *text = plait_field(entry, "text", ""), *note = plait_field(entry, "note", "");
    plait_text_add(told, "%s%s%s", text, *text && *note ? ": " : "", note);
}

static void print_entry(const struct ladder *l, const json_t *entry)
{
    int from = rail_of(l, plait_field(entry, "from", NULL));
    int to = rail_of(l, plait_field(entry, "to", NULL));
    struct row row = bare(l);
    put_time(&row, json_integer_value(json_object_get(entry, "at_ns")));
    if (from >= 0 && to >= 0 && from != to) {
        put_arrow(l, &row, from, to, plait_field(entry, "text", ""));
        print_noted(l, &row, plait_field(entry, "note", ""));
        return;
    }
    char room[2048];
    struct plait_text told = plait_text(room, sizeof room);
    tell(entry, &told);
    print_noted(l, &row, room);
}

static void print_names(const struct ladder *l)
{
    struct row row;
    for (unsigned i = 0; i < ROW_MAX; i++)
        row.codes[i] = ' ';
    unsigned end = 0;
    for (unsigned i = 0; i < l->rail_count; i++) {
        unsigned columns = plait_utf8_columns(l->rails[i]);
        unsigned shown = columns < l->gap - 2 ? columns : l->gap - 2;
        unsigned at = column_of(l, (int)i) - (shown / 2 < FIRST_RAIL ? shown / 2 : FIRST_RAIL);
        put_text(&row, at, shown, l->rails[i]);
        end = at + shown;
    }
    print_row(l, &row, end);
    plait_page_put(l->page, "\n");
}

void plait_render_ladder(const struct plait_page *page, const char *const *rails,
                         const json_t *ladder)
{
    const struct ladder l = lay_out(page, rails, ladder);
    print_names(&l);
    for (size_t i = 0; i < json_array_size(ladder); i++)
        print_entry(&l, json_array_get(ladder, i));
}
