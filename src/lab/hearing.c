/* lab/hearing.c: an auditor of a few megabytes beside each run whose packets somebody may ask
 * about. */
#include "lab/hearing.h"

#include "audit/audit.h"
#include "base/panic.h"
#include "lab/scenario.h"
#include "system/pages.h"

enum { MEMORY_OCTETS = 8 << 20, HOLD_S = 600 };

bool plait_run_is_heard(const struct plait_scenario *s)
{
    bool is_control = !s->script && !s->schedule.octets;
    bool is_known =
        s->protocol == PLAIT_TCP || s->protocol == PLAIT_MPTCP_V1 || s->protocol == PLAIT_MPTCP_V0;
    return is_known && (is_control || !s->brief);
}

static struct plait_heard_rule *entry_of(struct plait_hearing *h, const struct plait_rule *rule)
{
    unsigned i = 0;
    while (i < h->rule_count && h->rules[i].rule != rule)
        i++;
    PLAIT_CHECK(i < PLAIT_HEARD_RULES_MAX); /* which are compiled in */
    if (i == h->rule_count)
        h->rules[h->rule_count++].rule = rule;
    return &h->rules[i];
}

static json_t *alert_json(const struct plait_alert *alert)
{
    json_t *packets = json_array();
    for (unsigned i = 0; i < alert->packet_count; i++)
        json_array_append_new(packets, json_integer((json_int_t)alert->packets[i].frame));
    return json_pack("{s:s,s:s,s:s,s:s,s:b,s:o}", "rule", alert->rule->name, "id", alert->rule->id,
                     "severity", plait_severity_name(alert->rule->severity), "text", alert->text,
                     "needs_whole", alert->rule->needs_whole, "packets", packets);
}

static void hear_alert(void *owner, const struct plait_alert *alert)
{
    struct plait_hearing *h = owner;
    struct plait_heard_rule *entry = entry_of(h, alert->rule);
    if (entry->count++ >= PLAIT_HEARD_OF_A_RULE)
        return;
    entry->last = alert_json(alert);
    json_array_append_new(h->alerts, entry->last);
}

/* With the last that is listed of a rule: how many are not. */
static void say_how_many_more(struct plait_hearing *h)
{
    for (unsigned i = 0; i < h->rule_count; i++)
        if (h->rules[i].count > PLAIT_HEARD_OF_A_RULE)
            json_object_set_new(h->rules[i].last, "more",
                                json_integer(h->rules[i].count - PLAIT_HEARD_OF_A_RULE));
}

static void see(void *self, const struct plait_sight *sight)
{
    struct plait_hearing *h = self;
    if (sight->fate != PLAIT_ENTERED)
        return;
    h->packets++;
    if (sight->link >= PLAIT_HEARD_LINKS_MAX || !h->is_heard[sight->link])
        return;
    const struct plait_packet *packet = sight->packet;
    const struct plait_seen seen = {.at_ns = sight->at_ns,
                                    .frame = h->packets,
                                    .input = (uint16_t)sight->link,
                                    .ip = packet->octets,
                                    .ip_octets = packet->length_octets,
                                    .wire_octets = packet->length_octets};
    (void)plait_audit_packet(h->audit, &seen);
}

static bool is_of_a_host(const struct plait_net *net, plait_link link, const plait_node *not_heard,
                         unsigned count)
{
    plait_node ends[] = {plait_net_link_end(net, link, PLAIT_A_TO_B),
                         plait_net_link_end(net, link, PLAIT_B_TO_A)};
    for (unsigned i = 0; i < count; i++)
        if (ends[0] == not_heard[i] || ends[1] == not_heard[i])
            return false;
    return plait_net_is_port(net, ends[0]) || plait_net_is_port(net, ends[1]);
}

/* Once: fetching the pages anew takes as long as many of the thousands of runs. */
static struct plait_arena keep_memory(size_t octets)
{
    static struct plait_arena memory;
    if (!memory.start)
        memory = plait_pages(octets);
    return memory; /* of which nothing is used */
}

void plait_hearing_start(struct plait_hearing *h, const struct plait_scenario *scenario,
                         struct plait_net *net, const plait_node *not_heard, unsigned count)
{
    static const struct plait_audit_sink sink = {.alert = hear_alert};
    *h = (struct plait_hearing){0};
    if (!plait_run_is_heard(scenario))
        return;
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = MEMORY_OCTETS;
    limits.hold_ns = HOLD_S * PLAIT_S; /* nothing is missing: a hole waits for the net */
    limits.is_whole = true;
    h->memory = keep_memory(plait_audit_arena_octets(&limits));
    if (!h->memory.start)
        return;
    const struct plait_draw_key key = plait_draw_key(scenario->seed);
    h->audit = plait_audit_new(&h->memory, &limits, &key, &sink, h);
    h->alerts = json_array();
    for (int link = 0; link < plait_net_link_count(net) && link < PLAIT_HEARD_LINKS_MAX; link++)
        h->is_heard[link] = is_of_a_host(net, link, not_heard, count);
    if (h->audit)
        plait_net_observe(net, see, h);
}

json_t *plait_hearing_end(struct plait_hearing *h)
{
    json_t *alerts = h->alerts;
    if (h->audit)
        plait_audit_end(h->audit);
    say_how_many_more(h);
    *h = (struct plait_hearing){0};
    return alerts;
}
