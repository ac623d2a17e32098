/* lab/run.c: one run, from building its world to its report.  Its process is the init of a sandbox,
 * or a worker that plays many. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/apps.h"
#include "lab/arrival.h"
#include "lab/edges.h"
#include "lab/hearing.h"
#include "lab/letter.h"
#include "lab/record.h"
#include "lab/replay.h"
#include "live/sandbox.h"

enum { PROBE_LIMIT_S = 2, PROBE_PORT = 9, PROBE_OWN_PORT = 19999, PROBES_WHERE_LOST = 10 };

struct run {
    const struct plait_scenario *scenario;
    struct plait_world world;
    struct plait_attack attack;
    struct plait_goals goals;
    struct plait_record record;
    struct plait_hearing hearing;
    struct plait_counters before[2];
    json_t *claims;
    int64_t longest_stall_ns;  /* of the victim's peer's application */
    plait_time_ns lateness_ns; /* of the world, from the script's first step to the last look */
    bool built;
    char error[300];
};

/* ---- ground truth ------------------------------------------------------------------------- */

static bool is_stranger(const struct plait_world *world, plait_node node)
{
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++)
        if (world->stranger_nodes[i] == node)
            return true;
    return false;
}

/* Every genuine packet is seen once, when it enters its first link. */
static void see_truth(void *self, const struct plait_sight *sight)
{
    struct run *run = self;
    struct plait_world *world = &run->world;
    if (sight->packet->forged)
        return;
    if (sight->fate == PLAIT_DELIVERED && sight->way == PLAIT_B_TO_A &&
        is_stranger(world, plait_net_link_end(world->net, sight->link, PLAIT_B_TO_A)))
        plait_goals_at_stranger(&run->goals, sight->packet->length_octets);
    if (sight->fate != PLAIT_ENTERED || sight->way != PLAIT_A_TO_B)
        return;
    if (plait_net_link_end(world->net, sight->link, PLAIT_A_TO_B) != world->router)
        return; /* seen again behind the box, as the server knows it */
    const struct plait_segment *segment = plait_sight_segment(sight);
    enum plait_side side;
    if (!segment)
        return;
    if (plait_facts_see(&world->truth, segment, &side, NULL))
        world->last_from[side] = *segment;
    plait_check_see(&world->check, world, segment);
    if (plait_world_is_stranger(world, &segment->ip.dst) && segment->payload_octets)
        plait_goals_flood(&run->goals, segment);
}

/* ---- the answer to a probe decides that nothing more happens ------------------------------ */

static bool is_probe_answer(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && seen->segment.dst_port == PROBE_OWN_PORT;
}

/* Behind a NAT the victim hears only what comes to the connection's own port, whoever sends it. */
static bool probe(struct run *run)
{
    struct plait_attack *a = &run->attack;
    struct plait_segment syn = {
        .ip = {.src = run->world.attacker_addr,
               .dst = plait_addr_of(a, plait_victim(a)),
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = 64},
        .src_port = PROBE_OWN_PORT,
        .dst_port = PROBE_PORT,
        .seq = 1,
        .flags = PLAIT_SYN,
        .window = 1024,
    };
    if (plait_victim(a) == PLAIT_CLIENT && run->world.has_nat[run->scenario->dialled])
        syn.dst_port = run->world.truth.subflows[0].half[PLAIT_CLIENT].place.port;
    uint8_t octets[128];
    size_t length_octets;
    if (!plait_ok(plait_segment_build(&syn, octets, sizeof octets, &length_octets)))
        return false;
    struct plait_price price = a->price; /* the probe is the lab's, not the attacker's */
    if (a->gone)
        plait_attack_return(a);
    bool answered = false;
    int tries = plait_topology_has_chance(run->world.topology) ? PROBES_WHERE_LOST : 1;
    for (int i = 0; i < tries && !answered; i++) {
        plait_net_inject(run->world.net, a->home_tap, PLAIT_A_TO_B,
                         plait_packet_of(octets, (uint32_t)length_octets));
        answered = plait_await(a, is_probe_answer, NULL, PROBE_LIMIT_S * PLAIT_S);
    }
    a->price = price;
    return answered;
}

/* ---- the run ------------------------------------------------------------------------------ */

static void hear_event(void *self, enum plait_side side, const char *word, const char *rest)
{
    struct run *run = self;
    plait_goals_event(&run->goals, side, word, rest);
}

static void start_hearing(struct run *run)
{
    const struct plait_world *world = &run->world;
    plait_node others[1 + PLAIT_STRANGERS] = {world->attacker_node};
    memcpy(others + 1, world->stranger_nodes, sizeof world->stranger_nodes);
    plait_hearing_start(&run->hearing, run->scenario, world->net, others, 1 + PLAIT_STRANGERS);
}

static bool build(struct run *run, FILE *capture)
{
    struct plait_port port = plait_attack_port(&run->attack);
    plait_result built = plait_world_build(&run->world, run->scenario, &port);
    run->world.hear = hear_event;
    run->world.hear_self = run;
    if (plait_ok(built)) {
        plait_goals_init(&run->goals, &run->world);
        plait_attack_install(&run->attack, &run->world, run->scenario, &run->goals);
        plait_net_observe(run->world.net, see_truth, run);
        built = plait_record_start(&run->record, &run->world, capture);
        start_hearing(run);
    }
    if (plait_ok(built))
        built = plait_world_agents(&run->world);
    if (plait_ok(built)) {
        for (int side = 0; side < 2; side++) {
            struct plait_end_host *host = run->world.ends[side].host;
            if (!plait_ok(host->ops->counters(host, &run->before[side])))
                run->before[side].count = 0;
        }
        if (!plait_scenario_is_virtual(run->scenario)) /* a worker is locked in already */
            built = plait_sandbox_lock();
        if (!plait_ok(built))
            snprintf(run->world.error, sizeof run->world.error, "the run could not be locked in");
    }
    if (plait_ok(built))
        built = plait_apps_start(&run->world);
    if (!plait_ok(built))
        snprintf(run->error, sizeof run->error, "%s", run->world.error);
    return plait_ok(built);
}

/* The longest gap in what the victim's peer reads, one that still goes on included. */
static int64_t longest_stall_ns(struct run *run)
{
    enum plait_side reader = plait_other(run->scenario->victim);
    int64_t longest = plait_world_stat(&run->world, reader, "longest_stall_ns");
    int64_t last = plait_world_stat(&run->world, reader, "last_receive_ns");
    int64_t now = plait_world_stat(&run->world, reader, "now_ns");
    return last > 0 && now - last > longest ? now - last : longest;
}

static void watch(struct plait_attack *a, plait_time_ns duration_ns)
{
    const plait_time_ns long_ns = 20 * PLAIT_S;
    if (duration_ns > long_ns)
        plait_let_pass(a, duration_ns);
    else
        plait_pause(a, duration_ns);
}

static void play(struct run *run)
{
    const struct plait_scenario *scenario = run->scenario;
    struct plait_attack *a = &run->attack;
    if (scenario->crash)
        __builtin_trap(); /* a signal that a run sends itself is not delivered: it is an init */
    plait_net_time_lateness(run->world.net);
    if (scenario->script) {
        scenario->script(a);
    } else {
        plait_take_position(a);
        if (scenario->schedule.octets)
            plait_replay(a, &scenario->schedule);
        else if (scenario->arrives)
            plait_arrival_dial(run->world.arrival);
        if (!scenario->schedule.octets)
            plait_pause(a, scenario->control_ns);
    }
    run->lateness_ns = plait_attack_lateness(a);
    if (run->world.phase != PLAIT_READY) {
        snprintf(run->error, sizeof run->error, "%s",
                 run->world.error[0] ? run->world.error : "no genuine connection");
        return;
    }
    /* Absence is decided by the answer to a probe; without one nothing is decided. */
    a->finished = true;
    if (scenario->script || scenario->schedule.octets) {
        a->finished = probe(run);
        watch(a, scenario->watch_ns);
    }
    run->lateness_ns = plait_attack_lateness(a);
    for (int side = 0; side < 2; side++) {
        struct plait_end_host *host = run->world.ends[side].host;
        if (!plait_ok(host->ops->check(host)))
            snprintf(run->error, sizeof run->error, "%s", host->ops->error(host));
    }
    const char *failed;
    if (!scenario->script && run->world.arrival &&
        !plait_arrival_is_served(run->world.arrival, &failed))
        snprintf(run->error, sizeof run->error, "whoever dials later is not served");
    if (a->fault[0] && !run->error[0])
        snprintf(run->error, sizeof run->error, "%s", a->fault);
    run->longest_stall_ns = longest_stall_ns(run);
    plait_goals_finish(&run->goals);
    run->claims = plait_check_claims(a);
}

/* ---- the report --------------------------------------------------------------------------- */

static json_t *counters_json(struct run *run)
{
    json_t *all = json_object();
    static struct plait_counters after; /* too large for the stack */
    for (int side = 0; side < 2; side++) {
        json_t *changed = json_object();
        struct plait_end_host *host = run->world.ends[side].host;
        if (host && plait_ok(host->ops->counters(host, &after)))
            for (unsigned i = 0; i < after.count; i++) {
                int64_t delta = after.counters[i].value -
                                plait_counter_value(&run->before[side], after.counters[i].name);
                if (delta)
                    json_object_set_new(changed, after.counters[i].name, json_integer(delta));
            }
        json_object_set_new(all, plait_side_name((enum plait_side)side), changed);
    }
    return all;
}

static json_t *path_manager_json(struct run *run)
{
    json_t *all = json_object();
    for (int side = 0; side < 2; side++) {
        char room[512];
        struct plait_text text = plait_text(room, sizeof room);
        struct plait_end_host *host = run->world.ends[side].host;
        if (host)
            host->ops->path_manager(host, &text);
        json_object_set_new(all, plait_side_name((enum plait_side)side), json_string(room));
    }
    return all;
}

/* Keys, tokens and ISNs are the kernel's own draws: recorded, so that a run can be understood
 * later. */
static json_t *truth_json(const struct run *run)
{
    json_t *truth = json_object();
    const struct plait_facts *facts = &run->world.truth;
    char text[24];
    for (int side = 0; side < 2; side++) {
        json_t *one = json_object();
        if (facts->has_key[side]) {
            snprintf(text, sizeof text, "0x%016llx", (unsigned long long)facts->key[side]);
            json_object_set_new(one, "key", json_string(text));
            snprintf(text, sizeof text, "0x%08x", facts->token[side]);
            json_object_set_new(one, "token", json_string(text));
        }
        char place[PLAIT_PLACE_TEXT_OCTETS];
        if (facts->has_connection) {
            plait_place_text(&facts->subflows[0].half[side].place, place);
            json_object_set_new(one, "place", json_string(place));
        }
        json_object_set_new(truth, plait_side_name((enum plait_side)side), one);
    }
    char addr[PLAIT_ADDR_TEXT_OCTETS];
    plait_addr_text(&run->world.attacker_addr, addr);
    json_object_set_new(truth, "attacker", json_pack("{s:s}", "address", addr));
    return truth;
}

static json_t *speaks_mptcp_json(const struct run *run)
{
    const struct plait_end *ends = run->world.ends;
    return json_pack("{s:b,s:b}", "client", ends[PLAIT_CLIENT].speaks_mptcp, "server",
                     ends[PLAIT_SERVER].speaks_mptcp);
}

/* Invalid: octets of a host that are no packet.  Refused: packets that the net delivered and a
 * host's device did not take. */
static struct plait_end_losses losses(const struct run *run)
{
    struct plait_end_losses all = {0};
    for (int side = 0; side < 2; side++) {
        struct plait_end_host *host = run->world.ends[side].host;
        if (!host)
            continue;
        struct plait_end_losses one = host->ops->losses(host);
        all.invalid += one.invalid;
        all.refused += one.refused;
    }
    return all;
}

/* What a record shows of its attack run, and of any run that went wrong. */
static void add_what_is_shown(struct run *run, json_t *all, json_t *ladder)
{
    const struct plait_end_host *server = run->world.ends[PLAIT_SERVER].host;
    json_object_set(all, "steps", run->attack.steps);
    json_object_set(all, "settings", run->world.settings);
    json_object_set_new(all, "path_manager", path_manager_json(run));
    json_object_set_new(all, "counters", counters_json(run));
    json_object_set_new(all, "truth", truth_json(run));
    json_object_set_new(all, "ladder", ladder);
    json_object_set_new(all, "device", json_string(server->ops->device(server)));
    json_object_set_new(all, "train_observed_ns", json_integer(run->scenario->watch_ns));
}

/* Of a run that is only compared with, nothing is; unless it failed, or reached a goal although
 * nobody attacked. */
static bool is_shown(const struct run *run)
{
    const struct plait_scenario *scenario = run->scenario;
    bool is_control = !scenario->script && !scenario->schedule.octets;
    bool reached = false;
    for (int goal = 0; goal < PLAIT_GOAL_COUNT; goal++)
        reached = reached || run->goals.state[goal].reached;
    return !scenario->brief || run->error[0] || (is_control && reached);
}

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

static json_t *report(struct run *run, json_t *ladder)
{
    struct plait_attack *a = &run->attack;
    json_t *all = json_object();
    json_object_set_new(all, "error", text_or_null(run->error));
    json_object_set_new(all, "lateness_ns", json_integer(run->lateness_ns));
    if (!run->built)
        return all;
    json_object_set_new(all, "goals", plait_goals_json(&run->goals));
    json_object_set_new(all, "cost", plait_price_json(&a->price));
    json_object_set_new(all, "refused", text_or_null(a->refused));
    json_object_set_new(all, "undeployable", text_or_null(a->undeployable));
    json_object_set_new(all, "remark", text_or_null(a->remark));
    json_object_set_new(all, "finished", json_boolean(a->finished));
    /* What he acknowledged last may still be under way: what came before the probe was answered is
     * not. */
    json_object_set_new(all, "sent",
                        json_integer((json_int_t)(a->delivered + a->invalid + a->lost)));
    json_object_set_new(all, "delivered", json_integer((json_int_t)a->delivered));
    json_object_set_new(all, "invalid", json_integer((json_int_t)a->invalid));
    json_object_set_new(all, "edited", json_integer((json_int_t)a->edited));
    json_object_set_new(all, "filtered", json_integer((json_int_t)a->filtered));
    json_object_set_new(all, "not_taken", json_integer((json_int_t)losses(run).refused));
    json_object_set_new(all, "claims", run->claims ? run->claims : json_array());
    if (a->edges.measured || a->edges.dsn_measured)
        json_object_set_new(all, "edges", plait_edges_json(&a->edges));
    json_object_set_new(all, "speaks_mptcp", speaks_mptcp_json(run));
    json_object_set_new(all, "longest_stall_ns", json_integer((json_int_t)run->longest_stall_ns));
    json_object_set_new(all, "invalid_octets", json_integer((json_int_t)losses(run).invalid));
    json_t *alerts = plait_hearing_end(&run->hearing);
    if (alerts)
        json_object_set_new(all, "alerts", alerts);
    if (is_shown(run))
        add_what_is_shown(run, all, ladder);
    else
        json_decref(ladder);
    return all;
}

static void send_report(struct run *run, int fd, json_t *ladder)
{
    json_t *json = report(run, ladder);
    struct plait_schedule schedule = {0};
    if (run->built && is_shown(run))
        schedule = plait_replay_schedule(&run->attack);
    plait_letter_send_report(fd, json, &schedule);
    free((void *)(uintptr_t)schedule.octets);
    json_decref(json);
}

static void free_run(struct run *run)
{
    plait_world_free(&run->world);
    plait_attack_free(&run->attack);
}

void plait_run_play(const struct plait_scenario *scenario, FILE *capture, int report_fd)
{
    static struct run run; /* hundreds of kilobytes; a process plays one at a time */
    memset(&run, 0, sizeof run);
    run.scenario = scenario;
    run.built = build(&run, capture);
    if (run.built)
        play(&run);
    json_t *ladder = plait_record_ladder(&run.record, run.attack.steps);
    /* The report says all: whoever read it whole need not wait until the kernel has taken the
     * devices away. */
    if (!plait_ok(plait_record_end(&run.record)))
        snprintf(run.error, sizeof run.error, "the capture could not be written");
    send_report(&run, report_fd, ladder);
    free_run(&run);
}

void plait_run_fail(int report_fd, const char *error)
{
    json_t *json = json_pack("{s:s}", "error", error);
    plait_letter_send_report(report_fd, json, &(struct plait_schedule){0});
    json_decref(json);
}

int plait_run_body(void *self, int report_fd)
{
    const struct plait_scenario *scenario = self;
    FILE *capture = scenario->capture ? fopen(scenario->capture, "wb") : NULL;
    char error[300];
    snprintf(error, sizeof error, "%s: %s", scenario->capture, strerror(errno));
    if (scenario->capture && !capture)
        plait_run_fail(report_fd, error);
    else
        plait_run_play(scenario, capture, report_fd);
    return 0;
}
