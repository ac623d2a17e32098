/* report/summary.h: a document's cells, gathered by threat and column.
 *
 * A column is a mechanism under a policy; the shipping columns come first.  A threat's verdict in
 * a column is its worst cell there.  May touch: nothing but its arguments; points into the
 * document, which must outlive it. */
#ifndef PLAIT_REPORT_SUMMARY_H
#define PLAIT_REPORT_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAIT_COLUMNS_MAX 12

struct plait_column {
    const char *mechanism;
    const char *policy; /* "" for tcp, whose policy makes no difference */
    unsigned threats;   /* of kind "threat" that are decided here */
    unsigned worse, wider, apart;
};

/* One threat in one column. */
struct plait_row_column {
    const json_t *cell; /* the worst, or NULL */
    unsigned cells, errors, skipped;
};

struct plait_row {
    const char *threat, *title, *section, *kind;
    const json_t *cell; /* the worst of all columns but tcp; of tcp if there is no other */
    struct plait_row_column columns[PLAIT_COLUMNS_MAX];
};

struct plait_summary {
    struct plait_column columns[PLAIT_COLUMNS_MAX]; /* 0 is tcp */
    unsigned column_count;
    unsigned cells_without_column; /* more columns than there is room for */
    struct plait_row *rows;        /* in the document's order */
    size_t row_count;
    unsigned cells, decided, errors, skipped, not_applicable;
    unsigned unclean; /* controls that reported something */
    unsigned repeated, runs,
        flaky; /* cells run several times; how often; with differing verdicts */
    unsigned invalid_cells;
    uint64_t invalid_packets; /* from hosts under test */
};

struct plait_summary *plait_summary_new(const json_t *document);
void plait_summary_free(struct plait_summary *summary);

/* Positive if cell A is more worth showing than cell B: worse than TCP, then wider, then broken,
 * then cheaper. */
int plait_cell_compare(const json_t *a, const json_t *b);
/* "3 runs were repeated (4 times): the machine was late by up to 140 ms (more than 100)"; false if
 * none were. */
bool plait_lateness_text(const json_t *document, char *text, size_t room_octets);
/* A row's cell in a column, and whether it says that MPTCP is WORD ("worse", "wider"). */
bool plait_cell_is(const json_t *cell, const char *word);
/* Broken or partial where TCP knows no such goal: `versus_tcp` none. */
bool plait_cell_is_apart(const json_t *cell);
/* A control case in which the mechanism does not work. */
bool plait_cell_is_undeployable(const json_t *cell);
/* false only if its control run reported something. */
bool plait_cell_is_clean(const json_t *cell);

#endif
