/* lab/absence.c: looks a column up among those that cannot be played. */
#include "lab/absence.h"

#include <stdio.h>
#include <string.h>

const char *plait_absence_text(enum plait_absence_reason reason)
{
    static const char *const texts[] = {
#define TEXT(name, text) text,
        PLAIT_ABSENCES(TEXT)
#undef TEXT
    };
    return texts[reason];
}

bool plait_absence_is_shown(const struct plait_threat_info *info)
{
    static const char heading[] = "RFC 6181 ";
    return strcmp(info->kind, "threat") == 0 &&
           strncmp(info->section, heading, sizeof heading - 1) == 0;
}

static bool names(const struct plait_absence *absence, const char *threat, const char *mechanism)
{
    if (strcmp(absence->threat, threat) != 0)
        return false;
    for (const char *const *name = absence->mechanisms; *name; name++)
        if (strcmp(*name, mechanism) == 0)
            return true;
    return false;
}

static const struct plait_absence *find(const char *threat, const char *mechanism)
{
    for (size_t i = 0; i < plait_absence_count; i++)
        if (names(&plait_absences[i], threat, mechanism))
            return &plait_absences[i];
    return NULL;
}

void plait_absence_explain(const struct plait_threat_info *info, enum plait_protocol protocol,
                           bool is_spoken, char *text, size_t room_octets)
{
    const struct plait_absence *known = find(info->id, plait_protocol_name(protocol));
    enum plait_absence_reason reason = PLAIT_ABSENT_NO_SCRIPT;
    if (!is_spoken)
        reason = PLAIT_ABSENT_NOT_SPOKEN;
    else if (known)
        reason = known->reason;
    else if (protocol == PLAIT_TCP)
        reason = PLAIT_ABSENT_NO_PATHS;
    const char *detail = is_spoken && known ? known->detail : "";
    snprintf(text, room_octets, "%s%s%s", plait_absence_text(reason), *detail ? ": " : "", detail);
}
