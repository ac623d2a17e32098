/* audit/names.c: the words of audit.h.  May touch: nothing but its arguments. */
#include "audit/audit.h"

const char *plait_judgement_name(enum plait_judgement judgement)
{
    static const char *const names[] = {[PLAIT_CANNOT_TELL] = "cannot tell",
                                        [PLAIT_VALID] = "valid",
                                        [PLAIT_INVALID] = "invalid",
                                        [PLAIT_PRE_RFC] = "pre-RFC"};
    return names[judgement];
}

const char *plait_audit_event_name(enum plait_audit_event_kind kind)
{
    static const char *const names[] = {
#define NAME(name, text) [PLAIT_SAW_##name] = text,
        PLAIT_AUDIT_EVENTS(NAME)
#undef NAME
    };
    return names[kind];
}

const char *plait_severity_name(enum plait_severity severity)
{
    static const char *const names[] = {"note", "warning", "alert"};
    return names[severity];
}

const char *plait_audit_end_name(enum plait_audit_end how)
{
    static const char *const names[] = {
        [PLAIT_END_NONE] = "alive",         [PLAIT_END_CLOSED] = "closed",
        [PLAIT_END_RESET] = "reset",        [PLAIT_END_FASTCLOSE] = "fastclose",
        [PLAIT_END_REUSED] = "reused",      [PLAIT_END_EVICTED] = "evicted",
        [PLAIT_END_INPUT] = "end of input",
    };
    return names[how];
}

const char *plait_audit_count_text(enum plait_audit_count which)
{
    static const char *const texts[] = {
#define TEXT(name, text) [PLAIT_COUNT_##name] = text,
        PLAIT_AUDIT_COUNTS(TEXT)
#undef TEXT
    };
    return texts[which];
}

const char *plait_audit_count_name(enum plait_audit_count which)
{
    static const char *const names[] = {
#define NAME(name, text) [PLAIT_COUNT_##name] = #name,
        PLAIT_AUDIT_COUNTS(NAME)
#undef NAME
    };
    return names[which];
}
