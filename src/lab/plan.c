/* lab/plan.c: from a cell to the scenarios of its runs. */
#include "lab/plan.h"

#include "lab/edges.h"

enum { AWAY_S = 1, AWAY_LATE_S = 300, CONTROL_S = 2, WATCH_MS = 700, TRAIN_END_S = 130 };
enum { WATCHED_GAPS = 2 }; /* so that something is written meanwhile */

static plait_time_ns at_least_gaps(const struct plait_traffic *traffic, plait_time_ns ns)
{
    plait_time_ns gaps_ns = traffic ? WATCHED_GAPS * plait_workload_gap_ns(traffic) : 0;
    return gaps_ns > ns ? gaps_ns : ns;
}

/* Retransmission trains are watched for a while, and to their end with --full. */
static plait_time_ns watch_ns(const struct plait_analysis_request *request, plait_time_ns asked_ns,
                              unsigned goals)
{
    if (request->full && (goals & PLAIT_GOAL_BIT(REFLECT)))
        return TRAIN_END_S * PLAIT_S;
    return at_least_gaps(request->traffic, asked_ns ? asked_ns : WATCH_MS * PLAIT_MS);
}

struct plait_scenario plait_plan_attack(const struct plait_cell *cell,
                                        const struct plait_cell_context *context)
{
    const struct plait_case *c = cell->played;
    const struct plait_analysis_request *request = context->request;
    struct plait_scenario scenario = {
        .script_id = cell->threat->info.id,
        .form = c->form,
        .script = c->script,
        .position = plait_position(c->position),
        .spoofing = c->spoofing,
        .victim = c->victim,
        .workload = cell->workload,
        .family = cell->family,
        .protocol = cell->protocol,
        .target = {request->client, request->server},
        .policy = cell->policy,
        .paths = cell->paths,
        .boxes = {c->boxes[0], c->boxes[1], c->boxes[2]},
        .lone_start = c->lone_start,
        .checksum = c->checksum,
        .boxes_attack = c->boxes_attack,
        .narrow = c->narrow,
        .distance = c->distance,
        .strangers = c->strangers,
        .basic = plait_protocol_basic(cell->protocol),
        .arrives = c->arrives,
        .away_ns = (cell->late ? AWAY_LATE_S : AWAY_S) * PLAIT_S,
        .watch_ns = watch_ns(request, c->watch_ns, c->goals),
        .seed = request->seed,
        .device = request->device,
        .mptcp_off = request->mptcp_off,
        .wrong_mac = request->wrong_mac,
        .drop_attack = request->drop_attack,
        .capture = cell->capture[0] && cell->repeat == 0 ? cell->capture : NULL,
    };
    if (request->topology)
        scenario.topology = *request->topology;
    if (request->traffic)
        scenario.traffic = *request->traffic;
    return scenario;
}

void plait_plan_clear(struct plait_scenario *scenario)
{
    for (unsigned path = 0; path < PLAIT_PATHS_MAX; path++)
        scenario->boxes[path] = PLAIT_NO_BOX;
    scenario->lone_start = false;
}

/* What the target accepts, measured once for each protocol and family. */
struct plait_scenario plait_plan_edges(const struct plait_scenario *attack)
{
    struct plait_scenario s = *attack;
    s.script_id = "edges";
    s.brief = true;
    s.form = "-";
    s.script = plait_edges_script;
    s.position = plait_position("OFF");
    s.spoofing = true;
    s.workload = PLAIT_IDLE;
    s.policy = PLAIT_POLICY_DEFAULT;
    s.protocol = PLAIT_TCP; /* a subflow obeys the same TCP checks (N29) */
    s.grants = 0;
    s.paths = 1;
    s.capture = NULL;
    s.watch_ns = PLAIT_MS;
    s.checksum = s.narrow = false;
    plait_plan_clear(&s);
    s.topology = (struct plait_topology){0}; /* the target, not the net, is measured */
    s.traffic = (struct plait_traffic){0};
    s.distance = PLAIT_AS_IT_IS;
    s.strangers = PLAIT_STRANGER_SILENT;
    s.arrives = false;
    s.basic = (struct plait_basic_options){0};
    s.drop_attack = false; /* it is no attack */
    return s;
}

struct plait_scenario plait_plan_edges_data(const struct plait_scenario *attack)
{
    struct plait_scenario s = plait_plan_edges(attack);
    s.script_id = "edges of data";
    s.script = plait_edges_data_script;
    s.protocol = attack->protocol;
    return s;
}

struct plait_scenario plait_plan_control(const struct plait_scenario *attack)
{
    struct plait_scenario s = *attack;
    s.script_id = "-";
    s.form = "-";
    s.script = NULL;
    s.capture = NULL;
    s.watch_ns = 0;
    s.away_ns = 0;
    s.spoofing = false;
    s.position = plait_position("OFF-NS");
    if (s.boxes_attack)
        plait_plan_clear(&s);
    s.control_ns = at_least_gaps(s.traffic.is_given ? &s.traffic : NULL, CONTROL_S * PLAIT_S);
    s.distance = PLAIT_AS_IT_IS;
    s.brief = true;
    s.edges = (struct plait_edges){0}; /* nobody guesses: cells share it, whatever they measured */
    return s;
}

struct plait_scenario plait_plan_baseline(const struct plait_scenario *attack,
                                          const struct plait_cell_context *context,
                                          const struct plait_baseline *baseline, unsigned path)
{
    struct plait_scenario s = *attack;
    s.script_id = baseline->id;
    s.brief = true;
    s.form = baseline->form;
    s.script = baseline->script;
    s.protocol = PLAIT_TCP;
    s.policy = PLAIT_POLICY_DEFAULT;           /* the path manager has no say in TCP */
    s.basic = (struct plait_basic_options){0}; /* nor have its switches */
    s.grants = PLAIT_GRANT_NOTHING;
    s.paths = 1;
    s.dialled = path;
    if (s.boxes_attack)
        plait_plan_clear(&s);
    s.capture = NULL;
    s.drop_attack = false;
    plait_edges_add_data(&s.edges, &(struct plait_edges){0}); /* of what TCP does not have */
    s.watch_ns = watch_ns(context->request, baseline->watch_ns, baseline->goals);
    return s;
}

bool plait_plan_fits(const struct plait_baseline *baseline, const struct plait_scenario *attack)
{
    const struct plait_position *position = attack->position;
    if (baseline->needs_spoofing && !(attack->spoofing && position->may_spoof))
        return false;
    if ((baseline->needs_host && !position->participant) ||
        (baseline->needs_heir && !(position->beside & PLAIT_INHERITS)) ||
        baseline->needs_arrival != attack->arrives)
        return false;
    bool is_there = baseline->any_handshake ? position->presence != PLAIT_NEVER_THERE
                                            : position->presence == baseline->presence;
    if (baseline->presence != PLAIT_NEVER_THERE && !is_there)
        return false;
    return (baseline->tap_rights & ~position->tap_rights) == 0;
}

struct plait_scenario plait_plan_stripped(const struct plait_scenario *attack,
                                          struct plait_schedule schedule)
{
    struct plait_scenario s = *attack;
    s.script = NULL;
    s.schedule = schedule;
    s.brief = true;
    s.policy = PLAIT_POLICY_DEFAULT; /* as a baseline: the path manager has no say in TCP */
    s.basic = (struct plait_basic_options){0};
    s.arrives = false;
    s.edges = (struct plait_edges){0};
    s.protocol = PLAIT_TCP;
    s.paths = 1;
    s.capture = NULL;
    return s;
}
