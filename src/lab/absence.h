/* lab/absence.h: why a threat has no cell in a column: one list of reasons (DESIGN §1, Outcomes).
 *
 * A column that a record does not list is a cell `n/a`, never a hole.  Constant data only. */
#ifndef PLAIT_LAB_ABSENCE_H
#define PLAIT_LAB_ABSENCE_H

#include "lab/analyze.h"
#include "lab/columns.h"

/* X(name, text): the beginning of the reason of every cell that is n/a. */
#define PLAIT_ABSENCES(X)                                                                          \
    X(NO_MESSAGE, "mechanism lacks the message")                                                   \
    X(NO_PATHS, "no paths to add on plain TCP")                                                    \
    X(NO_POSITION, "position excluded")                                                            \
    X(NO_FAMILY, "address family")                                                                 \
    X(NO_GOAL, "goal undefined here")                                                              \
    X(NO_SECOND, "path excluded")                                                                  \
    X(STRIPPED, "mechanism excluded")                                                              \
    X(UNSTEADY, "control runs differ by a fifth or more")                                          \
    X(NOT_SPOKEN, "the target does not speak the mechanism")                                       \
    X(NO_WITNESS, "its witness is a switch of our own endpoint")                                   \
    X(ELSEWHERE, "played as another threat")                                                       \
    X(NO_SCRIPT, "no script for this mechanism yet")

enum plait_absence_reason {
#define PLAIT_ABSENCE_ENUM(name, text) PLAIT_ABSENT_##name,
    PLAIT_ABSENCES(PLAIT_ABSENCE_ENUM)
#undef PLAIT_ABSENCE_ENUM
};

/* One row of the catalogue of what cannot be played: the records say what can. */
struct plait_absence {
    const char *threat;
    const char *const *mechanisms; /* names of columns, NULL at the end */
    enum plait_absence_reason reason;
    const char *detail; /* "M0i lists no addresses", or "" */
};

/* Defined by threats/. */
extern const struct plait_absence plait_absences[];
extern const size_t plait_absence_count;

const char *plait_absence_text(enum plait_absence_reason reason);
/* True if columns that INFO's record does not list get a cell (threats.md §2.A to §2.C). */
bool plait_absence_is_shown(const struct plait_threat_info *info);
/* Why INFO's record has no case under PROTOCOL, which the target speaks if IS_SPOKEN. */
void plait_absence_explain(const struct plait_threat_info *info, enum plait_protocol protocol,
                           bool is_spoken, char *text, size_t room_octets);

#endif
