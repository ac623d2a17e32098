/* terminal/page.c: characters, emphasis and aligned columns. */
#include "terminal/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "terminal/utf8.h"

/* ---- characters --------------------------------------------------------------------------- */

struct ascii {
    uint32_t code;
    const char *text;
};

/* What our own texts use; everything else that is not ASCII becomes '?'. */
static const struct ascii ascii_forms[] = {
    {0x2502, "|"},  {0x2500, "-"},  {0x253c, "+"},  {0x25b6, ">"},  {0x25c0, "<"},
    {0x2013, "-"},  {0x2014, "-"},  {0x2026, ".."}, {0x00b7, "|"},  {0x00d7, "x"},
    {0x00a7, "s."}, {0x2192, "->"}, {0x2190, "<-"}, {0x00b5, "u"},  {0x2264, "<="},
    {0x2265, ">="}, {0x2019, "'"},  {0x201c, "\""}, {0x201d, "\""}, {0, "?"},
};

static const char *ascii_form(uint32_t code)
{
    const struct ascii *form = ascii_forms;
    while (form->code && form->code != code)
        form++;
    return form->text;
}

static bool is_shown(uint32_t code)
{
    return code == '\n' || !plait_utf8_is_control(code);
}

char *plait_page_convert(const struct plait_page *page, const char *text)
{
    char *converted = malloc(4 * strlen(text) + 1), *at = converted;
    PLAIT_CHECK(converted);
    uint32_t code;
    while ((code = plait_utf8_take(&text))) {
        char utf8[5];
        plait_utf8_give(is_shown(code) ? code : '?', utf8);
        const char *shown = code < 0x80 || !is_shown(code) || page->utf8 ? utf8 : ascii_form(code);
        at = stpcpy(at, shown);
    }
    *at = '\0';
    return converted;
}

void plait_page_put(const struct plait_page *page, const char *text)
{
    char *converted = plait_page_convert(page, text);
    fputs(converted, page->stream);
    free(converted);
}

void plait_page_add(const struct plait_page *page, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    PLAIT_CHECK(length >= 0);
    plait_page_put(page, text);
    free(text);
}

void plait_page_strong(const struct plait_page *page, const char *text)
{
    if (page->colour)
        fputs("\033[1m", page->stream);
    plait_page_put(page, text);
    if (page->colour)
        fputs("\033[0m", page->stream);
}

/* ---- tables ------------------------------------------------------------------------------- */

struct row {
    char *cells[PLAIT_GRID_COLUMNS_MAX]; /* a heading has one, in cells[0] */
    bool heading;
};

struct plait_grid {
    unsigned columns;
    unsigned filled; /* cells of the last row; `columns` when it is complete */
    unsigned limits[PLAIT_GRID_COLUMNS_MAX];
    struct row *rows;
    size_t row_count, room;
};

struct plait_grid *plait_grid_new(unsigned columns)
{
    PLAIT_CHECK(columns && columns <= PLAIT_GRID_COLUMNS_MAX);
    struct plait_grid *grid = calloc(1, sizeof *grid);
    PLAIT_CHECK(grid);
    grid->columns = grid->filled = columns;
    return grid;
}

void plait_grid_limit(struct plait_grid *grid, unsigned column, unsigned max_columns)
{
    grid->limits[column] = max_columns;
}

static struct row *add_row(struct plait_grid *grid)
{
    if (grid->row_count == grid->room) {
        grid->room = grid->room ? 2 * grid->room : 32;
        grid->rows = realloc(grid->rows, grid->room * sizeof *grid->rows);
        PLAIT_CHECK(grid->rows);
    }
    struct row *row = &grid->rows[grid->row_count++];
    memset(row, 0, sizeof *row);
    return row;
}

static char *copy_of(const char *text)
{
    char *copy = strdup(text);
    PLAIT_CHECK(copy);
    return copy;
}

void plait_grid_heading(struct plait_grid *grid, const char *text)
{
    struct row *row = add_row(grid);
    row->heading = true;
    row->cells[0] = copy_of(text);
    grid->filled = grid->columns;
}

void plait_grid_cell(struct plait_grid *grid, const char *text)
{
    if (grid->filled == grid->columns) {
        add_row(grid);
        grid->filled = 0;
    }
    grid->rows[grid->row_count - 1].cells[grid->filled++] = copy_of(text ? text : "");
}

void plait_grid_cellf(struct plait_grid *grid, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    plait_grid_cell(grid, text);
}

static void trim(char *text)
{
    size_t length = strlen(text);
    while (length && text[length - 1] == ' ')
        text[--length] = '\0';
}

static void cut(char *text, unsigned max_columns)
{
    if (!max_columns || plait_utf8_columns(text) <= max_columns)
        return;
    const char *at = text;
    for (unsigned i = 0; i + 2 < max_columns; i++)
        plait_utf8_take(&at);
    strcpy(text + (at - text), "..");
}

/* Texts as the page shows them, cut to their limits; returns the widths. */
static void settle(struct plait_grid *grid, const struct plait_page *page, unsigned *widths)
{
    for (size_t r = 0; r < grid->row_count; r++) {
        struct row *row = &grid->rows[r];
        for (unsigned c = 0; c < grid->columns && row->cells[c]; c++) {
            char *shown = plait_page_convert(page, row->cells[c]);
            free(row->cells[c]);
            row->cells[c] = shown;
            if (row->heading)
                continue;
            trim(shown);
            cut(shown, grid->limits[c]);
            unsigned columns = plait_utf8_columns(shown);
            widths[c] = columns > widths[c] ? columns : widths[c];
        }
    }
}

struct emphasis {
    const char *word;
    const char *on;
};

static const struct emphasis emphases[] = {
    {"BROKEN", "\033[1;31m"},    {"worse", "\033[1;31m"},
    {"NOT CLEAN", "\033[1;31m"}, {"error", "\033[1;31m"},
    {"wider", "\033[33m"},       {"better", "\033[32m"},
    {"partial", "\033[33m"},     {NULL, NULL},
};

static void put_emphasised(const struct plait_page *page, const char *text)
{
    const struct emphasis *e = emphases;
    while (e->word && strncmp(text, e->word, strlen(e->word)))
        e++;
    bool on = page->colour && e->word;
    fprintf(page->stream, "%s%s%s", on ? e->on : "", text, on ? "\033[0m" : "");
}

static void print_row(const struct plait_grid *grid, const struct row *row,
                      const struct plait_page *page, const unsigned *widths)
{
    unsigned pending = 0; /* blanks owed: none are written at a line's end */
    for (unsigned c = 0; c < grid->columns && row->cells[c]; c++) {
        unsigned columns = plait_utf8_columns(row->cells[c]);
        if (columns) {
            fprintf(page->stream, "%*s", (int)pending, "");
            put_emphasised(page, row->cells[c]);
            pending = 0;
        }
        pending += widths[c] - columns + 2;
    }
    fputc('\n', page->stream);
}

void plait_grid_end(struct plait_grid *grid, const struct plait_page *page)
{
    unsigned widths[PLAIT_GRID_COLUMNS_MAX] = {0};
    settle(grid, page, widths);
    for (size_t r = 0; r < grid->row_count; r++) {
        struct row *row = &grid->rows[r];
        if (row->heading)
            fprintf(page->stream, "%s\n", row->cells[0]);
        else
            print_row(grid, row, page, widths);
        for (unsigned c = 0; c < grid->columns; c++)
            free(row->cells[c]);
    }
    free(grid->rows);
    free(grid);
}
