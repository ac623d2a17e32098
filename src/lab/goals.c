/* lab/goals.c: from ground truth to goals. */
#include "lab/goals.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/pattern.h"
#include "lab/arrival.h"

static const struct {
    const char *name, *unit;
} goals_table[PLAIT_GOAL_COUNT] = {
#define ROW(NAME, name, unit) {name, unit},
    PLAIT_GOALS(ROW)
#undef ROW
};

const char *plait_goal_name(enum plait_goal goal)
{
    return goals_table[goal].name;
}

const char *plait_goal_unit(enum plait_goal goal)
{
    return goals_table[goal].unit;
}

void plait_goals_init(struct plait_goals *goals, struct plait_world *world)
{
    *goals = (struct plait_goals){.world = world};
}

void plait_goals_reach(struct plait_goals *goals, enum plait_goal goal, double measure,
                       uint64_t octets, const char *evidence, ...)
{
    struct plait_goal_state *state = &goals->state[goal];
    if (!state->reached && goals->price)
        state->price = *goals->price;
    state->last_ns = plait_world_now(goals->world);
    if (!state->reached)
        state->first_ns = state->last_ns;
    state->reached = true;
    state->measure = measure;
    state->octets = octets;
    va_list arguments;
    va_start(arguments, evidence);
    vsnprintf(state->evidence, sizeof state->evidence, evidence, arguments);
    va_end(arguments);
}

/* ---- the stream --------------------------------------------------------------------------------
 */

uint64_t plait_goals_sent(const struct plait_goals *goals, enum plait_side side)
{
    const struct plait_facts *truth = &goals->world->truth;
    if (!truth->has_connection)
        return 0;
    if (plait_facts_is_mapped(truth) && truth->has_key[side])
        return truth->dsn_nxt[side] - plait_facts_first_dsn(truth, side);
    const struct plait_half *half = &truth->subflows[0].half[side];
    return half->has_isn && half->nxt != half->isn ? half->nxt - half->isn - 1 : 0;
}

/* Pairs that an attacker added are no paths of ground truth: what goes there alone is known by its
 * coming to him. */
static uint64_t stream_end(const struct plait_goals *goals, enum plait_side side)
{
    uint64_t sent = plait_goals_sent(goals, side);
    return sent > goals->read_high[side] ? sent : goals->read_high[side];
}

void plait_goals_left(struct plait_goals *goals)
{
    goals->left = true;
    goals->left_ns = plait_world_now(goals->world);
    for (int side = 0; side < 2; side++)
        goals->first_sent[side] = plait_goals_sent(goals, (enum plait_side)side);
}

/* ---- what comes to the attacker's port ---------------------------------------------------- */

/* Where all are taken, the next that is no subflow makes room: answers to guesses are many, and
 * must not hide the one that worked. */
static struct plait_home_flow *room_for_flow(struct plait_goals *goals)
{
    if (goals->home_count < PLAIT_HOME_FLOWS_MAX)
        return &goals->home[goals->home_count++];
    for (unsigned i = 0; i < PLAIT_HOME_FLOWS_MAX; i++) {
        struct plait_home_flow *flow = &goals->home[goals->home_turn++ % PLAIT_HOME_FLOWS_MAX];
        if (!flow->is_subflow)
            return flow;
    }
    return NULL;
}

static struct plait_home_flow *home_flow(struct plait_goals *goals,
                                         const struct plait_flow_key *key)
{
    for (unsigned i = 0; i < goals->home_count; i++)
        if (plait_flow_equal(&goals->home[i].key, key))
            return &goals->home[i];
    struct plait_home_flow *flow = room_for_flow(goals);
    const struct plait_facts *truth = &goals->world->truth;
    enum plait_side side;
    unsigned subflow;
    if (flow)
        *flow = (struct plait_home_flow){.key = *key};
    /* A subflow whose address changed hands began elsewhere (T-REUSE-1). */
    if (flow && plait_facts_find(truth, key, &side, &subflow)) {
        flow->has_isn = truth->subflows[subflow].half[side].has_isn;
        flow->isn = truth->subflows[subflow].half[side].isn;
    }
    return flow;
}

static bool side_of(const struct plait_goals *goals, const struct plait_addr *addr,
                    enum plait_side *side)
{
    if (!plait_world_owns(goals->world, addr))
        return false;
    *side = plait_addr_equal(addr, &goals->world->server_addr) ? PLAIT_SERVER : PLAIT_CLIENT;
    return true;
}

/* On plain TCP it is the connection itself that can be taken over (DESIGN §1). */
static bool is_plain_connection(const struct plait_goals *goals, const struct plait_flow_key *key)
{
    const struct plait_facts *truth = &goals->world->truth;
    enum plait_side side;
    unsigned subflow;
    return truth->has_connection && !truth->mechanism &&
           plait_facts_find(truth, key, &side, &subflow);
}

/* TCP's own numbers are the stream's, on whatever pair (docs/mechanisms/basic.md). */
static bool has_one_sequence_space(const struct plait_facts *truth)
{
    return truth->mechanism && !plait_facts_is_mapped(truth);
}

/* Where in SIDE's stream the segment's payload stands; false if its mapping does not say. */
static bool stream_offset(const struct plait_goals *goals, const struct plait_home_flow *flow,
                          const struct plait_segment *segment, enum plait_side side,
                          uint64_t *offset)
{
    const struct plait_mptcp_option *option = plait_segment_option(segment, PLAIT_DSS);
    const struct plait_facts *truth = &goals->world->truth;
    if (is_plain_connection(goals, &flow->key) || has_one_sequence_space(truth)) {
        *offset = segment->seq - truth->subflows[0].half[side].isn - 1;
        return true;
    }
    if (!option || !option->dss.has_map || !truth->has_key[side] || !flow->has_isn)
        return false;
    uint64_t first = plait_facts_first_dsn(truth, side);
    uint64_t dsn = option->dss.dsn;
    if (!option->dss.dsn_is_64)
        dsn = first + (uint32_t)(dsn - first);
    uint32_t into_mapping = segment->seq - flow->isn - option->dss.ssn;
    *offset = dsn - first + into_mapping;
    return true;
}

static bool is_of_stream(const struct plait_goals *goals, enum plait_side side, uint64_t offset,
                         const struct plait_segment *segment)
{
    uint8_t expected[1500];
    for (size_t at = 0, n; at < segment->payload_octets; at += n) {
        size_t left = segment->payload_octets - at;
        n = left < sizeof expected ? left : sizeof expected;
        plait_pattern_fill(expected, goals->world->ends[side].key, offset + at, n);
        if (memcmp(segment->payload + at, expected, n) != 0)
            return false;
    }
    return segment->payload_octets > 0;
}

static void read_octets(struct plait_goals *goals, enum plait_side side, uint64_t offset,
                        const struct plait_segment *segment)
{
    uint64_t end = offset + segment->payload_octets;
    uint64_t from = offset > goals->read_high[side] ? offset : goals->read_high[side];
    uint64_t since = from > goals->sent_at_mark[side] ? from : goals->sent_at_mark[side];
    if (from < goals->first_sent[side])
        from = goals->first_sent[side];
    if (end > goals->read_high[side])
        goals->read_high[side] = end;
    if (!goals->left || end <= from)
        return;
    if (!goals->read_octets[side])
        goals->read_first[side] = from;
    goals->read_octets[side] += end - from;
    goals->read_since_mark[side] += end > since ? end - since : 0;
    plait_goals_reach(goals, PLAIT_GOAL_READ, 0, goals->read_octets[side],
                      "%llu octets of the %s's stream, sent after he left, came to his port; "
                      "the first at offset %llu",
                      (unsigned long long)goals->read_octets[side], plait_side_name(side),
                      (unsigned long long)goals->read_first[side]);
}

/* It is seen again with every further octet. */
static void judge_takeover(struct plait_goals *goals, struct plait_home_flow *flow,
                           enum plait_side side)
{
    uint64_t octets = flow->stream_octets + flow->accepted_octets;
    if (!flow->is_subflow || octets == flow->judged_octets)
        return;
    flow->judged_octets = octets;
    char place[PLAIT_PLACE_TEXT_OCTETS];
    plait_goals_reach(goals, PLAIT_GOAL_TAKEOVER, (double)octets, octets,
                      "the %s has a subflow with %s: %llu octets read there, %llu accepted from it",
                      plait_side_name(side), plait_place_text(&flow->key.dst, place),
                      (unsigned long long)flow->stream_octets,
                      (unsigned long long)flow->accepted_octets);
}

void plait_goals_at_attacker(struct plait_goals *goals, const struct plait_segment *segment)
{
    enum plait_side side;
    struct plait_flow_key key = plait_segment_flow(segment);
    if ((segment->flags & PLAIT_RST) || !side_of(goals, &segment->ip.src, &side))
        return;
    struct plait_home_flow *flow = home_flow(goals, &key);
    if (!flow)
        return;
    bool is_message = plait_segment_control(segment);
    if (plait_facts_tells_isn(&goals->world->truth, segment)) {
        flow->has_isn = true;
        flow->isn = segment->seq;
    } else if (plait_segment_option(segment, PLAIT_DSS) || is_plain_connection(goals, &key)) {
        flow->is_subflow = true;
    }
    /* A message carries the numbers of whatever pair. */
    if (segment->flags & PLAIT_ACK &&
        (!is_message || has_one_sequence_space(&goals->world->truth))) {
        if (!flow->has_ack || has_one_sequence_space(&goals->world->truth))
            flow->first_ack = segment->ack; /* others' octets are acknowledged there, too */
        flow->has_ack = true;
        flow->accepted_octets = segment->ack - flow->first_ack;
    }
    uint64_t offset;
    if (segment->payload_octets && stream_offset(goals, flow, segment, side, &offset) &&
        is_of_stream(goals, side, offset, segment)) {
        flow->is_subflow |= has_one_sequence_space(&goals->world->truth);
        flow->stream_octets += segment->payload_octets;
        read_octets(goals, side, offset, segment);
    }
    judge_takeover(goals, flow, side);
}

void plait_goals_at_stranger(struct plait_goals *goals, uint32_t octets)
{
    goals->stranger_packets++;
    goals->stranger_octets += octets;
    double sent = goals->price ? plait_price_expected(goals->price) : 0;
    plait_goals_reach(
        goals, PLAIT_GOAL_REFLECT, sent > 0 ? (double)goals->stranger_packets / sent : 0,
        goals->stranger_octets, "%llu packets, %llu octets went to addresses that never spoke",
        (unsigned long long)goals->stranger_packets, (unsigned long long)goals->stranger_octets);
}

/* Nothing is known of what the target got: a flight ends when nothing was sent for a round trip. */
static void count_flight(struct plait_goals *goals, size_t octets)
{
    enum { ROUND_TRIP_MS = 8 }; /* of the lab's links */
    plait_time_ns now = plait_world_now(goals->world);
    if (now - goals->flood_last_ns > ROUND_TRIP_MS * PLAIT_MS)
        goals->flight_octets = 0;
    goals->flood_last_ns = now;
    goals->flight_octets += octets;
    if (goals->flight_octets > goals->largest_flight_octets)
        goals->largest_flight_octets = goals->flight_octets;
}

void plait_goals_flood(struct plait_goals *goals, const struct plait_segment *segment)
{
    char addr[PLAIT_ADDR_TEXT_OCTETS];
    goals->flood_segments++;
    goals->flood_octets += segment->payload_octets;
    count_flight(goals, segment->payload_octets);
    plait_goals_reach(
        goals, PLAIT_GOAL_FLOOD_DATA, (double)goals->largest_flight_octets, goals->flood_octets,
        "%llu octets of payload in %llu segments, at most %llu at once, went to %s, who never "
        "agreed",
        (unsigned long long)goals->flood_octets, (unsigned long long)goals->flood_segments,
        (unsigned long long)goals->largest_flight_octets, plait_addr_text(&segment->ip.dst, addr));
}

/* ---- what the applications report --------------------------------------------------------- */

void plait_goals_event(struct plait_goals *goals, enum plait_side side, const char *word,
                       const char *rest)
{
    const struct plait_end *ends = goals->world->ends;
    const char *name = plait_side_name(side);
    if (strcmp(word, "foreign") == 0)
        plait_goals_reach(goals, PLAIT_GOAL_INJECT, 0, 0,
                          "the %s's application read octets at offset %s that its peer never wrote",
                          name, rest);
    bool asked = ends[0].closing || ends[1].closing;
    if (strcmp(word, "eof") == 0 && !asked)
        plait_goals_reach(
            goals, PLAIT_GOAL_TRUNCATE, 0, 0,
            "the %s's application read the end of the stream; its peer never ended it", name);
    /* Where somebody else is the victim, the connection is the attacker's own. */
    if (strcmp(word, "error") == 0 && !asked && !goals->world->arrival)
        plait_goals_reach(goals, PLAIT_GOAL_KILL, 1, 0, "the %s's connection ended with %s", name,
                          rest);
}

/* What the victim sent on the first subflow [0] and on all others [1]. */
static void path_octets(const struct plait_goals *goals, uint32_t octets[2])
{
    const struct plait_facts *truth = &goals->world->truth;
    octets[0] = octets[1] = 0;
    for (unsigned i = 0; i < truth->subflow_count; i++) {
        const struct plait_half *half = &truth->subflows[i].half[goals->world->scenario->victim];
        if (half->has_isn)
            octets[i > 0] += half->nxt - half->isn - 1;
    }
}

void plait_goals_mark(struct plait_goals *goals)
{
    path_octets(goals, goals->path_octets_at_mark);
    goals->mark_ns = plait_world_now(goals->world);
    for (int side = 0; side < 2; side++) {
        int64_t received = plait_world_stat(goals->world, (enum plait_side)side, "received");
        goals->delivered_at_mark[side] = received > 0 ? (uint64_t)received : 0;
        goals->sent_at_mark[side] = stream_end(goals, (enum plait_side)side);
        goals->read_since_mark[side] = 0;
    }
}

void plait_goals_restart(struct plait_goals *goals)
{
    plait_goals_left(goals);
    plait_goals_mark(goals);
    memset(goals->read_octets, 0, sizeof goals->read_octets);
    goals->flood_segments = goals->flood_octets = 0;
    goals->state[PLAIT_GOAL_READ] = goals->state[PLAIT_GOAL_FLOOD_DATA] =
        (struct plait_goal_state){0};
}

static void finish_inject(struct plait_goals *goals)
{
    struct plait_goal_state *state = &goals->state[PLAIT_GOAL_INJECT];
    for (int side = 0; side < 2 && state->reached; side++) {
        int64_t foreign = plait_world_stat(goals->world, (enum plait_side)side, "foreign");
        char hex[80] = "";
        if (foreign <= 0)
            continue;
        plait_world_stat_text(goals->world, (enum plait_side)side, "foreign_hex", hex, sizeof hex);
        size_t length = strlen(state->evidence);
        snprintf(state->evidence + length, sizeof state->evidence - length, ": %.64s", hex);
        state->measure = (double)foreign;
        state->octets = (uint64_t)foreign;
    }
}

static void finish_read(struct plait_goals *goals)
{
    struct plait_goal_state *state = &goals->state[PLAIT_GOAL_READ];
    uint64_t read = 0, sent = 0;
    for (int side = 0; side < 2; side++) {
        if (!goals->read_octets[side])
            continue;
        read += goals->read_since_mark[side];
        sent += stream_end(goals, (enum plait_side)side) - goals->sent_at_mark[side];
    }
    if (state->reached && sent)
        state->measure = (double)read / (double)sent;
}

/* What an application is told of its peer is the first pair, and that is none of its paths any
 * more: all of them end at the attacker (RFC 6181 §4, T-HIJ-7). */
static void finish_identity(struct plait_goals *goals)
{
    static const enum plait_goal hijacks[] = {PLAIT_GOAL_READ, PLAIT_GOAL_INJECT,
                                              PLAIT_GOAL_TAKEOVER};
    char told[PLAIT_PLACE_TEXT_OCTETS], note[96];
    for (int side = 0; side < 2; side++) {
        if (!plait_world_is_deceived(goals->world, (enum plait_side)side, told))
            continue;
        snprintf(note, sizeof note, "; its interface still names %s", told);
        plait_goals_reach(goals, PLAIT_GOAL_IDENTITY, 1, 0,
                          "the %s's interface names %s, and all its paths end at the attacker",
                          plait_side_name((enum plait_side)side), told);
        for (size_t i = 0; i < sizeof hijacks / sizeof hijacks[0]; i++) {
            struct plait_goal_state *state = &goals->state[hijacks[i]];
            size_t length = strlen(state->evidence);
            if (state->reached)
                snprintf(state->evidence + length, sizeof state->evidence - length, "%s", note);
        }
    }
}

/* An end that wanted Multipath TCP and speaks plain TCP now. */
static void finish_downgrade(struct plait_goals *goals)
{
    const struct plait_scenario *scenario = goals->world->scenario;
    if (scenario->protocol == PLAIT_TCP || scenario->mptcp_off ||
        (scenario->grants & PLAIT_GRANT_PLAIN_TCP))
        return;
    int fallen = 0;
    int64_t is_mptcp[2];
    for (int side = 0; side < 2; side++) {
        is_mptcp[side] = plait_world_info(goals->world, (enum plait_side)side, "mptcp");
        fallen += is_mptcp[side] == 0;
    }
    if (fallen)
        plait_goals_reach(goals, PLAIT_GOAL_DOWNGRADE, fallen, 0,
                          "client speaks %s, server speaks %s", is_mptcp[0] == 0 ? "TCP" : "MPTCP",
                          is_mptcp[1] == 0 ? "TCP" : "MPTCP");
}

/* Traffic moved from one path to the other: the first subflow's share fell or rose by half. */
static void finish_divert(struct plait_goals *goals)
{
    enum { NOTABLE_OCTETS = 20000 };
    const uint32_t *before = goals->path_octets_at_mark;
    uint32_t after[2];
    path_octets(goals, after);
    for (int i = 0; i < 2; i++)
        after[i] -= before[i];
    double before_all = (double)before[0] + before[1], after_all = (double)after[0] + after[1];
    if (before_all < NOTABLE_OCTETS || after_all < NOTABLE_OCTETS)
        return;
    double moved = before[0] / before_all - after[0] / after_all;
    if (moved > 0.5 || moved < -0.5)
        plait_goals_reach(goals, PLAIT_GOAL_DIVERT, moved, after[1],
                          "the first subflow carried %.0f %% before and %.0f %% after",
                          100 * before[0] / before_all, 100 * after[0] / after_all);
}

/* Packets to strangers are set against the attacker's, whole trains counted. */
static void finish_reflect(struct plait_goals *goals)
{
    struct plait_goal_state *state = &goals->state[PLAIT_GOAL_REFLECT];
    if (!state->reached || !goals->price || !goals->stranger_packets)
        return;
    state->price = *goals->price;
    state->price.closed_packets =
        plait_price_expected(goals->price) / (double)goals->stranger_packets;
    state->price.stage_packets = 0;
    state->measure = 1 / state->price.closed_packets;
}

/* Half-open connections that the attack left, times the time they stand, for each octet. */
static void finish_exhaust(struct plait_goals *goals)
{
    enum { SYN_RECEIVED = 3 };
    uint32_t entries = 0;
    const struct plait_price *price = goals->price;
    struct plait_end_host *host = goals->world->ends[goals->world->scenario->victim].host;
    if (!price || !price->octets || !host ||
        !plait_ok(host->ops->count_sockets(host, SYN_RECEIVED, &entries)) || !entries)
        return;
    double stood_s = (double)(plait_world_now(goals->world) - price->last_ns) / (double)PLAIT_S;
    plait_goals_reach(goals, PLAIT_GOAL_EXHAUST, entries * stood_s / (double)price->octets, entries,
                      "%u half-open connections after %.1f s for %llu octets", entries, stood_s,
                      (unsigned long long)price->octets);
}

/* The connection of whoever dialled later ends before it begins. */
static void finish_arrival(struct plait_goals *goals)
{
    const char *failed;
    struct plait_arrival *arrival = goals->world->arrival;
    if (arrival && !plait_arrival_is_served(arrival, &failed) && failed)
        plait_goals_reach(goals, PLAIT_GOAL_KILL, 1, 0,
                          "the connection of whoever dialled later ended with %s", failed);
}

void plait_goals_finish(struct plait_goals *goals)
{
    finish_arrival(goals);
    goals->end_ns = plait_world_now(goals->world);
    finish_exhaust(goals);
    finish_divert(goals);
    finish_reflect(goals);
    finish_inject(goals);
    finish_read(goals);
    finish_downgrade(goals);
    finish_identity(goals);
    struct plait_goal_state *degrade = &goals->state[PLAIT_GOAL_DEGRADE];
    double elapsed_s = (double)(plait_world_now(goals->world) - goals->mark_ns) / (double)PLAIT_S;
    enum plait_side reader = plait_other(goals->world->scenario->victim);
    int64_t received = plait_world_stat(goals->world, reader, "received");
    if (goals->mark_ns && received >= 0 && elapsed_s > 0) {
        degrade->octets = (uint64_t)received - goals->delivered_at_mark[reader];
        degrade->measure = (double)degrade->octets / elapsed_s;
        snprintf(degrade->evidence, sizeof degrade->evidence,
                 "%llu octets delivered to the %s after the attack",
                 (unsigned long long)degrade->octets, plait_side_name(reader));
    }
    if (goals->price && !degrade->reached)
        degrade->price = *goals->price;
}

/* ---- as JSON ------------------------------------------------------------------------------ */

json_t *plait_price_json(const struct plait_price *price)
{
    double expected = plait_price_expected(price);
    return json_pack("{s:I,s:I,s:f,s:f,s:I,s:s,s:f}", "packets", (json_int_t)price->packets,
                     "octets", (json_int_t)price->octets, "guessed_bits", price->bits, "price_log2",
                     expected > 0 ? log2(expected) : 0.0, "duration_ns",
                     (json_int_t)(price->last_ns - price->first_ns), "largest", price->largest,
                     "largest_bits", price->largest_bits);
}

/* Goals whose effect has a length; the others happen once, or are for good. */
#define LASTING                                                                                    \
    (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TAKEOVER) |                    \
     PLAIT_GOAL_BIT(FLOOD_DATA) | PLAIT_GOAL_BIT(REFLECT))

/* When he was last there: on a path, for who left one; else by a packet of his.  Who is on a path
 * all the time does not leave. */
static const char *last_presence(const struct plait_goals *goals, plait_time_ns *since_ns)
{
    const struct plait_position *position = goals->world->scenario->position;
    if (!position)
        return NULL;
    if (position->presence != PLAIT_NEVER_THERE) {
        *since_ns = goals->left_ns;
        return goals->left ? "left the path" : NULL;
    }
    *since_ns = goals->price ? goals->price->last_ns : 0;
    return goals->price && goals->price->packets ? "last packet" : NULL;
}

/* t_after (threats.md §2.C, §5): how long the effect was seen after the attacker was last there,
 * and whether it was still going on when the watch ended: for a second at least, and in its last
 * second (the bulk workload pauses for 0.8 s). */
static json_t *after_json(const struct plait_goals *goals, enum plait_goal goal)
{
    const struct plait_goal_state *state = &goals->state[goal];
    plait_time_ns since_ns;
    const char *since = last_presence(goals, &since_ns);
    if (!state->reached || !since || !(LASTING >> goal & 1) || state->last_ns < since_ns)
        return json_null();
    bool lasting =
        state->last_ns - state->first_ns >= PLAIT_S && goals->end_ns - state->last_ns <= PLAIT_S;
    return json_pack("{s:s,s:I,s:I,s:b}", "since", since, "lasted_ns",
                     (json_int_t)(state->last_ns - since_ns), "watched_ns",
                     (json_int_t)(goals->end_ns - since_ns), "lasting", lasting);
}

static json_t *goal_json(enum plait_goal goal, const struct plait_goal_state *state, json_t *after)
{
    json_t *cost = state->reached || goal == PLAIT_GOAL_DEGRADE ? plait_price_json(&state->price)
                                                                : json_null();
    return json_pack("{s:b,s:f,s:s,s:I,s:s,s:o,s:o}", "reached", state->reached, "measure",
                     state->measure, "unit", goals_table[goal].unit, "octets",
                     (json_int_t)state->octets, "evidence", state->evidence, "after", after, "cost",
                     cost);
}

json_t *plait_goal_untouched_json(enum plait_goal goal)
{
    const struct plait_goal_state untouched = {0};
    return goal_json(goal, &untouched, json_null());
}

static bool is_untouched(const struct plait_goal_state *state)
{
    return !state->reached && state->measure == 0 && !state->octets && !state->evidence[0];
}

json_t *plait_goals_json(const struct plait_goals *goals)
{
    json_t *all = json_object();
    for (int i = 0; i < PLAIT_GOAL_COUNT; i++) {
        const enum plait_goal goal = (enum plait_goal)i;
        const struct plait_goal_state *state = &goals->state[i];
        if (!is_untouched(state))
            json_object_set_new(all, goals_table[i].name,
                                goal_json(goal, state, after_json(goals, goal)));
    }
    return all;
}
