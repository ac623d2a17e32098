/* terminal/page.h: text for people on a stream: characters its locale has, aligned columns, colour
 * as an addition to words on a terminal and never instead of them.
 * May touch: the stream it is given. */
#ifndef PLAIT_TERMINAL_PAGE_H
#define PLAIT_TERMINAL_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct plait_page {
    FILE *stream;
    bool utf8;              /* else box drawing, dashes and section signs become ASCII */
    bool colour;            /* the stream is a terminal and its owner wants it */
    unsigned width_columns; /* where long notes wrap */
};

/* Writes UTF-8 text.  Control characters but the newline become '?': what is shown may come from a
 * file. */
void plait_page_put(const struct plait_page *page, const char *text);
void plait_page_add(const struct plait_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same as plait_page_put, in bold where there is colour. */
void plait_page_strong(const struct plait_page *page, const char *text);

/* TEXT as PAGE would show it; the caller frees it. */
char *plait_page_convert(const struct plait_page *page, const char *text);
/* ---- a table with columns as wide as what is in them ---------------------------------------- */

#define PLAIT_GRID_COLUMNS_MAX 16

struct plait_grid;
struct plait_grid *plait_grid_new(unsigned columns);
/* Texts in column COLUMN are cut to MAX columns, with an ellipsis. */
void plait_grid_limit(struct plait_grid *grid, unsigned column, unsigned max_columns);
/* A line that ignores the columns: a heading, or "" for an empty line. */
void plait_grid_heading(struct plait_grid *grid, const char *text);
/* The next cell; a row ends when its columns are filled.  NULL is an empty cell. */
void plait_grid_cell(struct plait_grid *grid, const char *text);
void plait_grid_cellf(struct plait_grid *grid, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints and frees. */
void plait_grid_end(struct plait_grid *grid, const struct plait_page *page);

#endif
