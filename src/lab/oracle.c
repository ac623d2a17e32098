/* lab/oracle.c: a success that no fitting rule names is missed, unless the threat's record says why
 * the wire cannot show it; an alert of a run in which nobody attacked is a false alarm. */
#include "lab/oracle.h"

#include <string.h>

static bool is_alarm(const json_t *alert)
{
    const char *severity = json_string_value(json_object_get(alert, "severity"));
    return severity && strcmp(severity, "note") != 0;
}

static bool is_among(const char *name, const char *const *list)
{
    for (; list && *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static bool has_alarm(const json_t *alerts)
{
    size_t i;
    const json_t *alert;
    json_array_foreach((json_t *)alerts, i, alert) if (is_alarm(alert)) return true;
    return false;
}

/* The first alarm that fits the threat: one that a capture of one place has, or, with NEEDS_WHOLE,
 * one of a capture of all links of both ends. */
static const char *named_by(const json_t *alerts, const struct plait_threat_info *info,
                            bool needs_whole)
{
    size_t i;
    const json_t *alert;
    json_array_foreach((json_t *)alerts, i, alert)
    {
        const char *rule = json_string_value(json_object_get(alert, "rule"));
        if (is_alarm(alert) && is_among(rule, info->seen_as) &&
            json_is_true(json_object_get(alert, "needs_whole")) == needs_whole)
            return rule;
    }
    return NULL;
}

static json_t *result(const char *agreement, const char *rule, const char *reason,
                      const json_t *attack, const json_t *control)
{
    return json_pack("{s:s,s:s?,s:b,s:s?,s:O?,s:O?}", "agreement", agreement, "rule", rule,
                     "needs_whole", 0, "reason", reason, "alerts", attack, "control", control);
}

static json_t *named(const char *rule, bool needs_whole, const json_t *attack,
                     const json_t *control)
{
    json_t *found = result("agrees", rule, NULL, attack, control);
    json_object_set_new(found, "needs_whole", json_boolean(needs_whole));
    return found;
}

json_t *plait_oracle_compare(const struct plait_cell *cell, const struct plait_verdict *v)
{
    const struct plait_threat_info *info = &cell->threat->info;
    const json_t *attack = json_object_get(v->attack, "alerts");
    const json_t *control = json_object_get(v->control, "alerts");
    if (!json_is_array(attack) || !json_is_array(control))
        return result("n/a", NULL, "the auditor does not know this mechanism", NULL, NULL);
    bool is_genuine = cell->played->expect == PLAIT_MUST_BE_CLEAN;
    if (has_alarm(control) || (is_genuine && has_alarm(attack)))
        return result("false alarm", NULL, NULL, attack, control);
    bool succeeded = v->outcome == PLAIT_BROKEN || v->outcome == PLAIT_PARTIAL;
    if (is_genuine || !succeeded)
        return result("agrees", NULL, NULL, attack, control);
    for (int needs_whole = 0; needs_whole < 2; needs_whole++) {
        const char *rule = named_by(attack, info, needs_whole);
        if (rule)
            return named(rule, needs_whole, attack, control);
    }
    if (*info->wire_blind_text)
        return result("declared invisible", NULL, info->wire_blind_text, attack, control);
    return result("missed", NULL, NULL, attack, control);
}
