/* report/matrix.h: a document's cells as RFC 6181 asks about them: by threat and mechanism.
 *
 * A cell *counts* if it was decided and does not depend on the data plane that RFC 6181 left open:
 * where the same cell was played over several (`model`) and their verdicts differ, none of them
 * does (docs/mechanisms/basic.md).  May touch: nothing but its arguments; points into the document,
 * which must outlive it. */
#ifndef PLAIT_REPORT_MATRIX_H
#define PLAIT_REPORT_MATRIX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct plait_matrix;
struct plait_matrix *plait_matrix_new(const json_t *document);
void plait_matrix_free(struct plait_matrix *matrix);

/* Mechanisms in the order of the matrix, NULL at the end; "tcp" is first. */
extern const char *const plait_matrix_mechanisms[];

/* Cells of THREAT under MECHANISM (NULL: any) that count, one after the other: begin with *AT at 0;
 * NULL at the end. */
const json_t *plait_matrix_next(const struct plait_matrix *matrix, const char *threat,
                                const char *mechanism, size_t *at);
/* Threats that have a cell, in the document's order; each once. */
size_t plait_matrix_threats(const struct plait_matrix *matrix);
const char *plait_matrix_threat(const struct plait_matrix *matrix, size_t index);
bool plait_matrix_has(const struct plait_matrix *matrix, const char *threat);
/* True if a cell under MECHANISM counts. */
bool plait_matrix_decides(const struct plait_matrix *matrix, const char *mechanism);
/* True if cells of THREAT under MECHANISM do not count because of their data plane. */
bool plait_matrix_is_dependent(const struct plait_matrix *matrix, const char *threat,
                               const char *mechanism);

/* Broken or partial; stopped, by whatever. */
bool plait_cell_is_broken(const json_t *cell);
bool plait_cell_is_stopped(const json_t *cell);
/* The mechanism that it is played under or, of a variant, the one that it is made from. */
const char *plait_cell_column(const json_t *cell);
/* What two cells share that are played alike under two mechanisms. */
#define PLAIT_CELL_KEY_ROOM 512
void plait_cell_key(const json_t *cell, char key[PLAIT_CELL_KEY_ROOM]);

#endif
