/* base/result.c: texts and names of the numbered reasons. */
#include "base/result.h"

static const struct {
    const char *name;
    const char *text;
} reasons[PLAIT_REASON_COUNT] = {
#define ROW(name, text) {#name, text},
    PLAIT_REASONS(ROW)
#undef ROW
};

const char *plait_reason_text(enum plait_reason reason)
{
    return (unsigned)reason < PLAIT_REASON_COUNT ? reasons[reason].text : "unknown reason";
}

const char *plait_reason_name(enum plait_reason reason)
{
    return (unsigned)reason < PLAIT_REASON_COUNT ? reasons[reason].name : "UNKNOWN";
}
