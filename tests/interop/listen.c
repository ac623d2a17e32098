/* One auditor for the process, as it plays one case. */
#include "tests/interop/listen.h"

#include <stdlib.h>
#include <string.h>

#include "agent/pattern.h"
#include "audit/audit.h"

enum { LINKS_MAX = 32, CONNECTIONS = 4 };

struct heard { /* one direction of one connection */
    uint64_t octets, gaps, foreign;
};

static struct {
    const struct interop_world *world;
    struct plait_audit *audit;
    void *memory;
    uint64_t frames;
    bool is_door[LINKS_MAX];
    struct heard heard[CONNECTIONS][INTEROP_ENDS];
    uint64_t invalid;
    char alert[300]; /* the first of severity warning or above */
} ear;

static void take_octets(void *owner, const struct plait_audit_octets *piece)
{
    (void)owner;
    if (piece->connection > CONNECTIONS)
        return;
    struct heard *h = &ear.heard[piece->connection - 1][piece->direction];
    uint64_t key = ear.world->ends[piece->direction].send_key;
    if (!piece->octets)
        h->gaps += piece->length;
    for (uint64_t i = 0; piece->octets && i < piece->length; i++, h->octets++)
        h->foreign += piece->octets[i] != plait_pattern_octet(key, piece->offset + i);
}

static void take_alert(void *owner, const struct plait_alert *alert)
{
    (void)owner;
    if (alert->rule->severity >= PLAIT_WARNING && !ear.alert[0])
        snprintf(ear.alert, sizeof ear.alert, "%s: %s", alert->rule->name, alert->text);
}

static void take_event(void *owner, const struct plait_audit_event *event)
{
    (void)owner;
    ear.invalid += event->judgement == PLAIT_INVALID && event->kind != PLAIT_SAW_CHECKSUM;
}

static void see(void *self, const struct plait_sight *sight)
{
    (void)self;
    const struct plait_packet *packet = sight->packet;
    if (sight->fate != PLAIT_ENTERED || sight->link >= LINKS_MAX || !ear.is_door[sight->link])
        return;
    const struct plait_seen seen = {.at_ns = sight->at_ns,
                                    .frame = ++ear.frames,
                                    .ip = packet->octets,
                                    .ip_octets = packet->length_octets,
                                    .wire_octets = packet->length_octets};
    (void)plait_audit_packet(ear.audit, &seen);
}

void interop_listen(const struct interop_world *world)
{
    static const struct plait_audit_sink sink = {
        .event = take_event, .octets = take_octets, .alert = take_alert};
    if (world->c->offload)
        return;
    /* As much as by default, of which few pages are touched: with an eighth, what four paths with
     * delays of 1 to 20 ms have under way did not fit, and was given up for want of memory. */
    const struct plait_audit_limits limits = plait_audit_limits();
    size_t octets = (plait_audit_arena_octets(&limits) + 15) & ~(size_t)15;
    ear.world = world;
    ear.memory = aligned_alloc(16, octets);
    if (!ear.memory)
        abort();
    struct plait_arena arena = plait_arena(ear.memory, octets);
    const struct plait_draw_key key = plait_draw_key(world->seed);
    ear.audit = plait_audit_new(&arena, &limits, &key, &sink, NULL);
    for (int link = 0; link < plait_net_link_count(world->net) && link < LINKS_MAX; link++)
        ear.is_door[link] = strncmp(plait_net_link_name(world->net, link), "door", 4) == 0;
    plait_net_observe(world->net, see, NULL);
}

/* What END wrote, in whichever connection it is: the first SYN may have been refused. */
static struct heard heard_of(unsigned end)
{
    struct heard most = ear.heard[0][end];
    for (unsigned i = 1; i < CONNECTIONS; i++)
        if (ear.heard[i][end].octets > most.octets)
            most = ear.heard[i][end];
    return most;
}

/* The box changes octets or numbers themselves: an alarm is right. */
static bool is_altered(const struct interop_case *c)
{
    return c->change == INTEROP_CORRUPT || c->change == INTEROP_SHIFT_SSN;
}

static void check_stream(const struct interop_case *c, unsigned end, bool is_whole,
                         struct plait_text *why)
{
    struct heard h = heard_of(end);
    const char *then = why->length ? "; " : "";
    const char *name = end == INTEROP_CLIENT ? "client" : "server";
    uint64_t forgiven = c->change == INTEROP_CORRUPT ? 1 : 0;
    /* Data whose mapping was stripped, before data that have one: taken or not, the wire does not
     * say, so they are a gap. */
    bool may_lack = c->change == INTEROP_STRIP_FIRST_DATA && h.octets + h.gaps == c->octets[end];
    if (c->change == INTEROP_SHIFT_SSN)
        return; /* which of two mappings its receiver believed is not judged */
    if (h.foreign > forgiven)
        plait_text_add(why, "%sof the %s's stream %llu octets were rebuilt wrong", then, name,
                       (unsigned long long)h.foreign);
    else if (is_whole && !may_lack && (h.octets != c->octets[end] || h.gaps))
        plait_text_add(why, "%sof the %s's stream %llu octets were rebuilt, %llu in gaps", then,
                       name, (unsigned long long)h.octets, (unsigned long long)h.gaps);
}

void interop_check_heard(const struct interop_world *world, bool is_whole, struct plait_text *why)
{
    if (!ear.audit)
        return;
    plait_audit_end(ear.audit);
    for (unsigned end = 0; end < INTEROP_ENDS; end++)
        check_stream(world->c, end, is_whole, why);
    if (ear.alert[0] && !is_altered(world->c))
        plait_text_add(why, "%sfalse alarm: %s", why->length ? "; " : "", ear.alert);
    if (ear.invalid)
        plait_text_add(why, "%s%llu proofs were judged invalid", why->length ? "; " : "",
                       (unsigned long long)ear.invalid);
    free(ear.memory);
    ear.audit = NULL;
}
