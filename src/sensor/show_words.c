/* sensor/show_words.c: times, sizes and places in words. */
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "sensor/show.h"

const char *plait_version_word(uint8_t version)
{
    switch (version) {
    case PLAIT_AUDIT_V0:
        return "v0";
    case PLAIT_AUDIT_V1:
        return "v1";
    case PLAIT_AUDIT_TCP:
        return "TCP";
    default:
        return "MPTCP";
    }
}

const char *plait_octets_text(uint64_t octets, char text[PLAIT_WORDS_OCTETS])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double shown = (double)octets / 1000;
    unsigned unit = 0;
    for (; shown >= 1000 && unit < 5; unit++)
        shown /= 1000;
    if (octets < 10000)
        snprintf(text, PLAIT_WORDS_OCTETS, "%u", (unsigned)octets);
    else
        snprintf(text, PLAIT_WORDS_OCTETS, "%.1f %s", shown, units[unit]);
    return text;
}

const char *plait_span_text(plait_time_ns span_ns, char text[PLAIT_WORDS_OCTETS])
{
    double s = (double)span_ns / 1e9;
    if (s < 1 && s > -1)
        snprintf(text, PLAIT_WORDS_OCTETS, "%.3g ms", s * 1e3);
    else if (s < 600)
        snprintf(text, PLAIT_WORDS_OCTETS, "%.1f s", s);
    else
        snprintf(text, PLAIT_WORDS_OCTETS, "%.0f min", s / 60);
    return text;
}

const char *plait_moment_text(plait_time_ns at_ns, bool for_others, char text[PLAIT_WORDS_OCTETS])
{
    time_t seconds = at_ns / PLAIT_S - (at_ns % PLAIT_S < 0);
    unsigned us = (unsigned)((at_ns - seconds * PLAIT_S) / 1000);
    struct tm parts;
    char date[32] = "";
    if (gmtime_r(&seconds, &parts))
        strftime(date, sizeof date, for_others ? "%FT%T" : "%F %T", &parts);
    snprintf(text, PLAIT_WORDS_OCTETS, "%s.%06u%s", date, us, for_others ? "+0000" : "");
    return text;
}

void plait_ref_add(struct plait_text *t, const struct plait_show *show,
                   const struct plait_packet_ref *ref)
{
    plait_text_add(t, "%llu", (unsigned long long)ref->frame);
    if (plait_inputs_count(show->inputs) > 1)
        plait_text_add(t, " of %s", plait_inputs_shown(show->inputs, ref->input));
}
