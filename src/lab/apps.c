/* lab/apps.c: connect, exchange a little, wait for the second path, then run the workload. */
#include "lab/apps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/arrival.h"

enum {
    BACKLOG = 128,
    FIRST_REQUEST_OCTETS = 100,
    FIRST_ANSWER_OCTETS = 1000,
    LATER_REQUEST_OCTETS = 10,
    READY_LIMIT_S = 5,
    LOST_LIMIT_S = 30, /* beside: what is lost is sent again after 1, 2, 4 s ... */
    READY_WAYS = 10,   /* there and back, of two handshakes and what is said first */
    QUIET_MS = 20,
    LONE_MS = 2500, /* a join that was lost was sent again by then */
    ANSWER_OCTETS = 512
};

static plait_result ask(struct plait_world *world, enum plait_side side, const char *command)
{
    char answer[ANSWER_OCTETS] = "";
    plait_result result =
        plait_end_ask(world->ends[side].host, answer, sizeof answer, "%s", command);
    const char *cc = strstr(answer, "cc=");
    if (plait_ok(result) && cc)
        plait_world_note_setting(world, side, "socket congestion control", cc + 3);
    if (!plait_ok(result) && !world->error[0])
        snprintf(world->error, sizeof world->error, "%s: %.80s: %.120s", plait_side_name(side),
                 command, answer);
    return result;
}

/* Where MPTCP is off its sockets are refused, and applications open those of TCP instead. */
static const char *protocol_word(const struct plait_world *world)
{
    const struct plait_scenario *scenario = world->scenario;
    bool plain = scenario->protocol == PLAIT_TCP || scenario->mptcp_off ||
                 (scenario->grants & PLAIT_GRANT_PLAIN_TCP);
    return plain ? "tcp" : "mptcp";
}

static plait_result listen_at(struct plait_world *world, enum plait_side side, const char *name,
                              uint16_t port)
{
    char command[160];
    snprintf(command, sizeof command, "listen %s %s %s %u %d cubic", name, protocol_word(world),
             world->scenario->family == PLAIT_IPV4 ? "any4" : "any6", port, BACKLOG);
    PLAIT_TRY(ask(world, side, command));
    const struct plait_end *ends = world->ends;
    snprintf(command, sizeof command, "keys %s %016llx %016llx", name,
             (unsigned long long)ends[side].key, (unsigned long long)ends[plait_other(side)].key);
    return ask(world, side, command);
}

static plait_result dial(struct plait_world *world)
{
    char from[PLAIT_ADDR_TEXT_OCTETS], to[PLAIT_ADDR_TEXT_OCTETS], command[256];
    plait_addr_text(&world->client_addrs[world->scenario->dialled], from);
    plait_addr_text(&world->server_addr, to);
    snprintf(command, sizeof command, "connect c %s %s %u %s %u cubic", protocol_word(world), from,
             world->client_port, to, world->server_port);
    PLAIT_TRY(ask(world, PLAIT_CLIENT, command));
    const struct plait_end *ends = world->ends;
    snprintf(command, sizeof command, "keys c %016llx %016llx",
             (unsigned long long)ends[PLAIT_CLIENT].key,
             (unsigned long long)ends[PLAIT_SERVER].key);
    return ask(world, PLAIT_CLIENT, command);
}

static void agent_spoke(void *self)
{
    (void)self; /* the round that follows asks every agent */
}

plait_result plait_apps_start(struct plait_world *world)
{
    snprintf(world->ends[PLAIT_CLIENT].socket, sizeof world->ends[0].socket, "c");
    snprintf(world->ends[PLAIT_SERVER].socket, sizeof world->ends[0].socket, "s.0");
    for (int side = 0; side < 2; side++) {
        struct plait_end_host *host = world->ends[side].host;
        if (host->ops->fd(host) >= 0)
            plait_net_watch(world->net, host->ops->fd(host), agent_spoke, NULL);
    }
    PLAIT_TRY(listen_at(world, PLAIT_SERVER, "s", world->server_port));
    PLAIT_TRY(dial(world));
    /* On the port it dialled from: Linux takes joins to a connection on no other
     * (docs/FINDINGS.md). */
    if (world->scenario->grants & PLAIT_GRANT_LISTENER)
        PLAIT_TRY(listen_at(world, PLAIT_CLIENT, "l", world->client_port));
    return PLAIT_OK;
}

/* ---- events ------------------------------------------------------------------------------------
 */

static void hear(struct plait_world *world, enum plait_side side, const char *event)
{
    struct plait_end *end = &world->ends[side];
    char word[16] = "", name[16] = "", rest[32] = "";
    if (sscanf(event, "%15s %15s %31s", word, name, rest) < 2 || strcmp(name, end->socket) != 0)
        return;
    if (world->hear)
        world->hear(world->hear_self, side, word, rest);
    if (strcmp(word, "connected") == 0 || strcmp(word, "accepted") == 0)
        end->open = true;
    if (strcmp(word, "failed") == 0 || strcmp(word, "error") == 0) {
        end->died = true;
        snprintf(end->error, sizeof end->error, "%.31s", rest);
    }
}

static void first_exchange(struct plait_world *world)
{
    char command[64];
    snprintf(command, sizeof command, "send c %d", FIRST_REQUEST_OCTETS);
    bool ok = plait_ok(ask(world, PLAIT_CLIENT, command));
    snprintf(command, sizeof command, "send s.0 %d", FIRST_ANSWER_OCTETS);
    ok = ok && plait_ok(ask(world, PLAIT_SERVER, command));
    world->first_exchange_sent = ok;
}

static struct plait_traffic traffic_of(const struct plait_scenario *scenario)
{
    if (scenario->grants & PLAIT_GRANT_BULK)
        return plait_workload_traffic(PLAIT_BULK, scenario->victim);
    if (scenario->traffic.is_given)
        return scenario->traffic;
    return plait_workload_traffic(scenario->workload, scenario->victim);
}

/* On a kernel two small writes that meet under way take two paths (docs/FINDINGS.md, F-7): the
 * lab's own trickle never lets them, however late the machine.  Ours are never late, and what a
 * user describes he gets. */
static const char *word_of(const struct plait_scenario *scenario,
                           const struct plait_traffic *traffic, int side)
{
    bool is_own_trickle = !traffic->is_given && traffic->of[side].writing == PLAIT_WRITES_TRICKLE;
    return is_own_trickle && scenario->target[side] == PLAIT_TARGET_LINUX ? "pace" : "rate";
}

static void start_workload(struct plait_world *world)
{
    const struct plait_scenario *scenario = world->scenario;
    const struct plait_traffic traffic = traffic_of(scenario);
    bool ok = true;
    char command[96];
    for (int side = 0; side < 2; side++) {
        const char *socket = world->ends[side].socket;
        world->ends[side].speaks_mptcp =
            plait_world_info(world, (enum plait_side)side, "mptcp") == 1;
        const struct plait_writer_of *w = &traffic.of[side];
        if (w->writing == PLAIT_WRITES_ANSWERS)
            snprintf(command, sizeof command, "answer %s %llu %llu", socket,
                     (unsigned long long)traffic.of[!side].octets, (unsigned long long)w->octets);
        else if (w->octets)
            snprintf(command, sizeof command, "%s %s %llu %llu", word_of(scenario, &traffic, side),
                     socket, (unsigned long long)w->octets, (unsigned long long)w->gap_us);
        else
            continue;
        ok = ok && plait_ok(ask(world, (enum plait_side)side, command));
    }
    /* Whoever connects later is served too: a request is answered (B-ISN). */
    snprintf(command, sizeof command, "answer s %d %d", LATER_REQUEST_OCTETS, FIRST_ANSWER_OCTETS);
    ok = ok && plait_ok(ask(world, PLAIT_SERVER, command));
    world->phase = PLAIT_READY;
    world->ready_ns = plait_world_now(world);
}

/* What SIDE said on S is acknowledged.  A pair that counts by itself may be silent so far. */
static bool is_heard(const struct plait_subflow *s, int side, bool eager)
{
    const struct plait_half *own = &s->half[side], *other = &s->half[!side];
    /* Of who took a pair for an attacker's, nobody else is heard there (T-TS-3). */
    if (s->is_pair && (!own->has_nxt || (own->has_isn && own->nxt == own->isn + 1)))
        return true;
    return (own->has_window || eager) && own->has_nxt && other->has_ack && own->nxt == other->ack;
}

/* All octets of the first exchange are acknowledged and every genuine path is up: each end has said
 * more on it than its SYN, so a join has its fourth ACK (N18); a pair without handshake is echoed.
 */
static bool settled(const struct plait_world *world)
{
    const struct plait_facts *truth = &world->truth;
    const struct plait_scenario *scenario = world->scenario;
    bool multipath = truth->mechanism && scenario->paths > 1 &&
                     !(scenario->grants & PLAIT_GRANT_ONE_PATH) && !scenario->mptcp_off;
    /* A path that strips the option never joins. */
    unsigned wanted = multipath ? plait_topology_usable(world->topology) : 1;
    if (truth->subflow_count < wanted)
        return false;
    uint32_t sent[2] = {0, 0};
    for (unsigned i = 0; i < truth->subflow_count; i++) {
        const struct plait_subflow *s = &truth->subflows[i];
        if (s->is_pair && !s->established)
            return false;
        for (int side = 0; side < 2 && !s->shares_numbers; side++) {
            if (!is_heard(s, side, scenario->eager))
                return false;
            if (s->half[side].has_nxt)
                sent[side] += s->half[side].nxt - s->half[side].isn - 1;
        }
    }
    return sent[PLAIT_CLIENT] >= FIRST_REQUEST_OCTETS && sent[PLAIT_SERVER] >= FIRST_ANSWER_OCTETS;
}

/* The first exchange was read on whatever paths there are, and a second had its time. */
static bool starts_alone(struct plait_world *world)
{
    return world->scenario->lone_start &&
           plait_world_now(world) - world->connected_ns >= LONE_MS * PLAIT_MS &&
           plait_world_stat(world, PLAIT_SERVER, "received") >= FIRST_REQUEST_OCTETS &&
           plait_world_stat(world, PLAIT_CLIENT, "received") >= FIRST_ANSWER_OCTETS;
}

void plait_apps_move(struct plait_world *world)
{
    for (int side = 0; side < 2; side++) {
        const char *event;
        struct plait_end_host *host = world->ends[side].host; /* none: a stub of the tests */
        while (host && (event = host->ops->next_event(host)))
            hear(world, (enum plait_side)side, event);
    }
    if (world->arrival)
        plait_arrival_move(world->arrival);
    bool both = world->ends[0].open && world->ends[1].open;
    if (world->phase == PLAIT_STARTING && both) {
        world->phase = PLAIT_CONNECTED;
        world->connected_ns = plait_world_now(world);
    }
    if (world->phase == PLAIT_CONNECTED && !world->first_exchange_sent)
        first_exchange(world);
    if (world->phase != PLAIT_CONNECTED || (!settled(world) && !starts_alone(world)))
        return;
    /* What was said last is still on its way past taps and to its reader. */
    plait_time_ns now = plait_world_now(world);
    if (!world->settled_ns)
        world->settled_ns = now;
    if (world->scenario->eager || now - world->settled_ns >= QUIET_MS * PLAIT_MS + world->slack_ns)
        start_workload(world);
}

/* ---- running ------------------------------------------------------------------------------------
 */

struct condition {
    struct plait_world *world;
    bool (*stop)(void *);
    void *self;
};

static bool after_round(void *self)
{
    struct condition *c = self;
    plait_apps_move(c->world);
    return c->stop && c->stop(c->self);
}

static void take_together(struct plait_world *world, bool may)
{
    for (int side = 0; side < 2; side++)
        if (world->ends[side].host->ops->gather)
            world->ends[side].host->ops->gather(world->ends[side].host, may);
    plait_net_show_whole(world->net, may);
}

void plait_world_rest(struct plait_world *world, plait_time_ns duration_ns)
{
    bool may = plait_scenario_is_virtual(world->scenario);
    if (may)
        take_together(world, true);
    plait_world_run(world, plait_world_now(world) + duration_ns, NULL, NULL);
    if (may)
        take_together(world, false);
}

bool plait_world_run(struct plait_world *world, plait_time_ns until, bool (*stop)(void *),
                     void *self)
{
    struct condition condition = {world, stop, self};
    return plait_net_run(world->net, until, after_round, &condition);
}

static bool ready_or_dead(void *self)
{
    struct plait_world *world = self;
    return world->phase == PLAIT_READY || world->ends[0].died || world->ends[1].died ||
           world->error[0];
}

plait_result plait_world_until_ready(struct plait_world *world)
{
    plait_time_ns limit =
        plait_world_now(world) + READY_LIMIT_S * PLAIT_S + READY_WAYS * world->slack_ns;
    if (plait_topology_has_chance(world->topology))
        limit += LOST_LIMIT_S * PLAIT_S;
    while (!ready_or_dead(world) && plait_world_now(world) < limit)
        plait_world_run(world, plait_world_now(world) + QUIET_MS * PLAIT_MS, ready_or_dead, world);
    if (world->phase == PLAIT_READY)
        return PLAIT_OK;
    if (!world->error[0])
        snprintf(world->error, sizeof world->error,
                 "no genuine connection: client %s, server %s, %u subflows",
                 world->ends[0].died   ? world->ends[0].error
                 : world->ends[0].open ? "open"
                                       : "not open",
                 world->ends[1].died   ? world->ends[1].error
                 : world->ends[1].open ? "open"
                                       : "not open",
                 world->truth.subflow_count);
    return PLAIT_FAIL(TIMED_OUT);
}

/* ---- asking the agents -------------------------------------------------------------------- */

/* Finds "FIELD=" as a word of LINE. */
static const char *field_of(const char *line, const char *field)
{
    size_t length = strlen(field);
    for (const char *at = line; (at = strstr(at, field)); at += length)
        if ((at == line || at[-1] == ' ') && at[length] == '=')
            return at + length + 1;
    return NULL;
}

static bool ask_text(struct plait_world *world, enum plait_side side, const char *word,
                     const char *field, char *text, size_t room_octets)
{
    char answer[4096];
    struct plait_end_host *host = world->ends[side].host;
    if (!host || !plait_ok(plait_end_ask(host, answer, sizeof answer, "%s %s", word,
                                         world->ends[side].socket)))
        return false;
    const char *value = field_of(answer, field);
    if (!value)
        return false;
    snprintf(text, room_octets, "%.*s", (int)strcspn(value, " "), value);
    return true;
}

static int64_t ask_number(struct plait_world *world, enum plait_side side, const char *word,
                          const char *field)
{
    char text[64];
    if (!ask_text(world, side, word, field, text, sizeof text))
        return -1;
    return strtoll(text, NULL, 10);
}

/* Of "subflow=LOCAL-REMOTE", from AT on. */
static bool remote_of(const char *pair, char remote[PLAIT_PLACE_TEXT_OCTETS])
{
    const char *dash = strchr(pair, '-');
    size_t length = dash ? strcspn(dash + 1, " ") : 0;
    if (!length || length >= PLAIT_PLACE_TEXT_OCTETS)
        return false;
    snprintf(remote, PLAIT_PLACE_TEXT_OCTETS, "%.*s", (int)length, dash + 1);
    return true;
}

bool plait_world_is_deceived(struct plait_world *world, enum plait_side side,
                             char told[PLAIT_PLACE_TEXT_OCTETS])
{
    char answer[4096], remote[PLAIT_PLACE_TEXT_OCTETS], home[PLAIT_PLACE_TEXT_OCTETS];
    struct plait_end_host *host = world->ends[side].host;
    unsigned paths = 0;
    if (!host ||
        !plait_ok(plait_end_ask(host, answer, sizeof answer, "info %s", world->ends[side].socket)))
        return false;
    const char *first = field_of(answer, "ends"), *at = answer;
    const struct plait_place port_0 = {world->attacker_addr, 0};
    size_t home_octets = strlen(plait_place_text(&port_0, home)) - 1;
    if (!first || !remote_of(first, told))
        return false;
    for (; (at = field_of(at, "subflow")); paths++)
        if (!remote_of(at, remote) || !strcmp(remote, told) ||
            strncmp(remote, home, home_octets) != 0)
            return false;
    return paths > 0;
}

int64_t plait_world_stat(struct plait_world *world, enum plait_side side, const char *field)
{
    return ask_number(world, side, "stat", field);
}

bool plait_world_stat_text(struct plait_world *world, enum plait_side side, const char *field,
                           char *text, size_t room_octets)
{
    return ask_text(world, side, "stat", field, text, room_octets);
}

int64_t plait_world_info(struct plait_world *world, enum plait_side side, const char *field)
{
    return ask_number(world, side, "info", field);
}
