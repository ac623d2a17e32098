/* threats/absences.c: which threats of RFC 6181 a mechanism cannot be asked, and why. */
#include "threats/record.h"

#include "lab/absence.h"

#define ALL PLAIT_LIST("v1", "v0", "M0e", "M0i", "M1n", "M1h", "M2")

/* A column is looked up here only where the threat's record does not list it, or no case of it has
 * what it needs (lab/columns.h). */
const struct plait_absence plait_absences[] = {
    {"T-FLOOD-5", PLAIT_LIST("M0i"), PLAIT_ABSENT_NO_MESSAGE, "an implicit add names no address"},
    {"T-FLOOD-5", PLAIT_LIST("M1h"), PLAIT_ABSENT_NO_MESSAGE, "a handshake names no other address"},
    {"T-TS-4", ALL, PLAIT_ABSENT_NO_MESSAGE, "no anchor is agreed on"},
    {"T-TS-5", ALL, PLAIT_ABSENT_NO_MESSAGE, "no anchor is agreed on; without one it is T-TS-3"},
};
const size_t plait_absence_count = sizeof plait_absences / sizeof plait_absences[0];
