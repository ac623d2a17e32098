/* audit/flatten_names.c: the words of flatten.h.  May touch: nothing but its arguments. */
#include "audit/flatten.h"

const char *plait_flat_kind_name(enum plait_flat_kind kind)
{
    static const char *const names[] = {[PLAIT_FLAT_PASSED] = "passed",
                                        [PLAIT_FLAT_ORPHAN] = "orphan",
                                        [PLAIT_FLAT_OWN] = "flat",
                                        [PLAIT_FLAT_OTHER] = "other copy"};
    return names[kind];
}

const char *plait_flat_count_text(enum plait_flat_count which)
{
    static const char *const texts[] = {
#define TEXT(name, text) [PLAIT_FLAT_COUNT_##name] = text,
        PLAIT_FLAT_COUNTS(TEXT)
#undef TEXT
    };
    return texts[which];
}
