/* threats/absences.c: which threats of RFC 6181 a mechanism cannot be asked, and why. */
#include "threats/record.h"

#include "lab/absence.h"

#define KEYED  PLAIT_LIST("v0", "v1")
#define ALL    PLAIT_LIST("v1", "v0", "M0e", "M0i", "M1n", "M1h", "M2")
#define NO_KEY PLAIT_LIST("M0e", "M0i", "M1n", "M1h")

/* A column is looked up here only where the threat's record does not list it. */
const struct plait_absence plait_absences[] = {
    {"T-FLOOD-4", PLAIT_LIST("M0e", "M0i"), PLAIT_ABSENT_NO_MESSAGE, "no check to be guessed"},
    {"T-FLOOD-5", PLAIT_LIST("M0i"), PLAIT_ABSENT_NO_MESSAGE, "an implicit add names no address"},
    {"T-FLOOD-6", PLAIT_LIST("M0e", "M0i"), PLAIT_ABSENT_NO_MESSAGE,
     "nothing is sent to check an address"},
    {"T-FLOOD-7", PLAIT_LIST("M0e", "M0i"), PLAIT_ABSENT_NO_MESSAGE,
     "no check that an accomplice could answer"},
    {"T-HIJ-5", KEYED, PLAIT_ABSENT_ELSEWHERE, "T-RES-1"},
    {"T-HIJ-6", KEYED, PLAIT_ABSENT_ELSEWHERE, "T-RM-1"},
    {"T-TS-1", KEYED, PLAIT_ABSENT_NO_MESSAGE, "no cookie; keys overheard are T-TS-2"},
    {"T-TS-1", PLAIT_LIST("M1h"), PLAIT_ABSENT_NO_MESSAGE, "no cookie"},
    {"T-TS-2", NO_KEY, PLAIT_ABSENT_NO_MESSAGE, "no key is shown, and none is needed"},
    {"T-TS-2", PLAIT_LIST("M2"), PLAIT_ABSENT_ELSEWHERE, "T-TS-1"},
    {"T-TS-4", ALL, PLAIT_ABSENT_NO_MESSAGE, "no anchor is agreed on"},
    {"T-TS-5", ALL, PLAIT_ABSENT_NO_MESSAGE, "no anchor is agreed on; without one it is T-TS-3"},
};
const size_t plait_absence_count = sizeof plait_absences / sizeof plait_absences[0];
