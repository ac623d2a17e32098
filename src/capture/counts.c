/* capture/counts.c: names, classes and texts of the reasons. */
#include "capture/counts.h"

static const struct {
    const char *name;
    const char *text;
    enum plait_capture_class class;
} reasons[PLAIT_CAPTURE_REASON_COUNT] = {
#define ROW(name, class, text) {#name, text, PLAIT_##class},
    PLAIT_CAPTURE_REASONS(ROW)
#undef ROW
};

const char *plait_capture_reason_text(enum plait_capture_reason reason)
{
    return (unsigned)reason < PLAIT_CAPTURE_REASON_COUNT ? reasons[reason].text : "unknown reason";
}

const char *plait_capture_reason_name(enum plait_capture_reason reason)
{
    return (unsigned)reason < PLAIT_CAPTURE_REASON_COUNT ? reasons[reason].name : "UNKNOWN";
}

enum plait_capture_class plait_capture_reason_class(enum plait_capture_reason reason)
{
    return (unsigned)reason < PLAIT_CAPTURE_REASON_COUNT ? reasons[reason].class
                                                         : PLAIT_NOT_UNDERSTOOD;
}
