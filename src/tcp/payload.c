/* tcp/payload.c: the receiving half: what is new goes to the owner, once; when to acknowledge;
 * SACK blocks; the window.
 *
 * In order and with nothing missing, a segment costs one call of the owner and two additions,
 * however long it is. */
#include "tcp/inside.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- ranges above the edge ---- */

static bool ranges_take(struct plait_flow *flow)
{
    struct plait_receiving *r = &flow->receive;
    if (r->ranges.ranges)
        return true;
    struct plait_range *room = plait_pool_take_unset(&flow->stack->ranges);
    if (!room)
        return false;
    r->ranges = plait_range_set(room, flow->stack->config.ranges_limit);
    return true;
}

void plait_ranges_give(struct plait_flow *flow)
{
    struct plait_receiving *r = &flow->receive;
    plait_pool_give(&flow->stack->ranges, r->ranges.ranges);
    r->ranges = plait_range_set(NULL, 0);
}

/* The range that changed last comes first in SACK (RFC 2018 §4). */
static void remember(struct plait_receiving *r, uint64_t at)
{
    unsigned i = 0;
    const struct plait_range *range = plait_range_above(&r->ranges, at);
    while (i < PLAIT_RECENT_MAX - 1 &&
           !(range && r->recent[i] >= range->from && r->recent[i] < range->to))
        i++;
    for (; i > 0; i--)
        r->recent[i] = r->recent[i - 1];
    r->recent[0] = at;
}

/* ---- taking payload ---- */

static bool has_room(struct plait_flow *flow, uint64_t from, uint64_t to)
{
    if (from == flow->receive.edge)
        return true;
    return ranges_take(flow) && plait_range_has_room(&flow->receive.ranges, from, to);
}

/* [FROM, FROM+LENGTH) is new.  False if the owner, or the room for ranges, did not take it all. */
static bool take_piece(struct plait_flow *flow, const struct plait_arrival *a, uint64_t from,
                       uint32_t length)
{
    struct plait_receiving *r = &flow->receive;
    if (!has_room(flow, from, from + length)) {
        plait_count(flow->stack, PLAIT_COUNT_NO_MEMORY);
        return false;
    }
    const uint8_t *octets = a->segment->payload + (from - (uint64_t)a->payload);
    uint32_t taken = flow->owner->deliver(flow->owner_self, flow, a->now, from, octets, length);
    if (taken < length)
        plait_count(flow->stack, PLAIT_COUNT_REFUSED_BY_OWNER);
    if (from == r->edge) {
        r->edge += taken;
        r->unacked_octets += taken;
    } else if (taken) {
        plait_result added = plait_range_add(&r->ranges, from, from + taken);
        PLAIT_CHECK(plait_ok(added)); /* has_room was asked */
        remember(r, from);
    }
    return taken == length && !plait_flow_is_over(flow);
}

static void take_around_ranges(struct plait_flow *flow, const struct plait_arrival *a,
                               uint64_t from, uint64_t to)
{
    for (uint64_t at = from; at < to;) {
        const struct plait_range *range = plait_range_above(&flow->receive.ranges, at);
        uint64_t end = range ? smaller(range->from, to) : to;
        uint64_t behind = range ? range->to : to;
        if (at < end && !take_piece(flow, a, at, (uint32_t)(end - at)))
            return;
        at = behind;
    }
}

/* What has become whole moves the edge. */
static void close_gaps(struct plait_receiving *r)
{
    if (!r->ranges.count)
        return;
    r->edge = plait_range_first_gap(&r->ranges, r->edge);
    plait_range_remove_below(&r->ranges, r->edge);
}

/* RFC 9293 §3.8.6.3, RFC 5681 §4.2: every second full segment at once, anything else soon. */
static void schedule_ack(struct plait_flow *flow, const struct plait_arrival *a, bool at_once)
{
    struct plait_receiving *r = &flow->receive;
    uint32_t own_mss = plait_flow_mss(flow, a->path, 0);
    if (a->length > r->mss)
        r->mss = a->length < own_mss ? a->length : own_mss;
    if (at_once || r->unacked_octets >= 2 * r->mss) {
        flow->ack_now = true;
        plait_stack_ready(flow->stack, a->path);
    } else if (flow->ack_timer.at_ns == PLAIT_NEVER && r->unacked_octets) {
        plait_timer_set(&flow->stack->timers, &flow->ack_timer,
                        a->now + flow->stack->config.delayed_ack_ns);
    }
}

static void take_fin(struct plait_flow *flow, plait_time_ns now)
{
    struct plait_receiving *r = &flow->receive;
    if (!r->fin || r->edge != r->fin || r->fin_taken || plait_flow_is_over(flow))
        return;
    r->edge++;
    r->fin_taken = true;
    plait_flow_ack_now(flow);
    plait_flow_tell(flow, now, PLAIT_FLOW_PEER_FIN, r->fin);
    if (!plait_flow_is_over(flow))
        plait_flow_move(flow, now, PLAIT_GETS_FIN);
}

void plait_duplicate_note(struct plait_flow *flow, const struct plait_arrival *a)
{
    int64_t end = a->payload + a->length, edge = (int64_t)flow->receive.edge;
    int64_t to = end < edge ? end : edge, from = a->payload > 0 ? a->payload : 0;
    if (flow->has_sack && from < to)
        flow->receive.duplicate = (struct plait_range){(uint64_t)from, (uint64_t)to};
}

void plait_payload_take(struct plait_flow *flow, const struct plait_arrival *a)
{
    struct plait_receiving *r = &flow->receive;
    uint64_t before = r->edge;
    uint64_t from = a->payload > (int64_t)r->edge ? (uint64_t)a->payload : r->edge;
    uint64_t end = a->payload + a->length > 0 ? (uint64_t)(a->payload + a->length) : 0;
    uint64_t to = smaller(end, r->announced_edge);
    if (r->fin)
        to = smaller(to, r->fin); /* the first FIN stands */
    plait_duplicate_note(flow, a);
    bool was_whole = !r->ranges.count;
    if (from < to && was_whole)
        take_piece(flow, a, from, (uint32_t)(to - from));
    else if (from < to)
        take_around_ranges(flow, a, from, to);
    if (plait_flow_is_over(flow))
        return;
    close_gaps(r);
    bool is_plain = was_whole && from < to && r->edge == end && a->payload == (int64_t)before;
    schedule_ack(flow, a, !is_plain);
    if (r->edge == before)
        return;
    plait_flow_tell(flow, a->now, PLAIT_FLOW_HAS_DATA, r->edge);
    take_fin(flow, a->now);
}

void plait_fin_take(struct plait_flow *flow, const struct plait_arrival *a)
{
    struct plait_receiving *r = &flow->receive;
    int64_t fin = a->payload + a->length;
    bool is_in_window = fin >= (int64_t)r->edge && fin <= (int64_t)r->announced_edge;
    bool is_behind_data =
        !r->ranges.count || fin >= (int64_t)r->ranges.ranges[r->ranges.count - 1].to;
    if (!r->fin && is_in_window && is_behind_data)
        r->fin = (uint64_t)fin;
    plait_flow_ack_now(flow);
    take_fin(flow, a->now);
    if (flow->state == PLAIT_FLOW_TIME_WAIT)
        plait_life_arm(flow, a->now); /* our last ACK was lost: 2 MSL begin anew */
}

/* ---- what a segment says of it ---- */

void plait_ack_sent(struct plait_flow *flow)
{
    struct plait_receiving *r = &flow->receive;
    r->acked_edge = r->edge;
    r->unacked_octets = 0;
    r->duplicate = (struct plait_range){0, 0};
    flow->ack_now = flow->third_ack = false;
    plait_timer_set(&flow->stack->timers, &flow->ack_timer, PLAIT_NEVER);
}

static struct plait_sack_block block_of(const struct plait_flow *flow, uint64_t from, uint64_t to)
{
    return (struct plait_sack_block){(uint32_t)from + flow->peer_isn,
                                     (uint32_t)to + flow->peer_isn};
}

static bool is_among(const struct plait_sack_block *blocks, unsigned count,
                     struct plait_sack_block block)
{
    for (unsigned i = 0; i < count; i++)
        if (blocks[i].left == block.left)
            return true;
    return false;
}

unsigned plait_sack_blocks(const struct plait_flow *flow, struct plait_sack_block *blocks,
                           unsigned max)
{
    const struct plait_receiving *r = &flow->receive;
    unsigned count = 0;
    if (!flow->has_sack || !max)
        return 0;
    if (r->duplicate.from < r->duplicate.to)
        blocks[count++] = block_of(flow, r->duplicate.from, r->duplicate.to);
    unsigned first = count;
    for (unsigned i = 0; r->ranges.count && i < PLAIT_RECENT_MAX && count < max; i++) {
        const struct plait_range *range = plait_range_above(&r->ranges, r->recent[i]);
        if (!range || range->from > r->recent[i] || r->recent[i] < r->edge)
            continue;
        struct plait_sack_block block = block_of(flow, range->from, range->to);
        if (!is_among(blocks + first, count - first, block))
            blocks[count++] = block;
    }
    return count;
}

/* ---- window (RFC 9293 §3.8.6.2.2, RFC 7323 §2.2) ---- */

static uint64_t wanted_edge(const struct plait_flow *flow)
{
    uint64_t window = flow->owner->window(flow->owner_self, (struct plait_flow *)flow);
    return flow->receive.edge + smaller(window, PLAIT_WINDOW_MAX_OCTETS);
}

/* The right edge moves in steps worth a segment, and never back. */
static uint64_t next_edge(const struct plait_flow *flow)
{
    const struct plait_receiving *r = &flow->receive;
    uint64_t wanted = wanted_edge(flow);
    if (!flow->plain)
        return wanted; /* it counts from another edge (N25): what we accept here does not shrink */
    uint64_t step =
        smaller(flow->stack->config.receive_limit_octets / 2, plait_flow_mss(flow, flow->paths, 0));
    return wanted >= r->announced_edge + step ? wanted : larger(r->announced_edge, r->edge);
}

uint16_t plait_window_announce(struct plait_flow *flow, bool is_syn)
{
    struct plait_receiving *r = &flow->receive;
    if (is_syn) {
        uint64_t window = smaller(wanted_edge(flow) - r->edge, UINT16_MAX);
        r->announced_edge = larger(r->announced_edge, 1 + window);
        return (uint16_t)window;
    }
    uint64_t field = smaller((next_edge(flow) - r->edge) >> r->shift, UINT16_MAX);
    r->announced_edge = larger(r->announced_edge, r->edge + (field << r->shift));
    return (uint16_t)field;
}

bool plait_window_has_opened(const struct plait_flow *flow)
{
    const struct plait_receiving *r = &flow->receive;
    uint64_t left = larger(r->announced_edge, r->edge) - r->edge;
    uint64_t window = next_edge(flow) - r->edge;
    return !r->fin_taken && window > left && window >= 2 * left;
}
