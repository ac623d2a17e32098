/* tcp/record.c: segments in flight: two orders (offset, time of sending), three places.
 *
 * Every change of place goes through here, so that a path's octets in flight are always the sum of
 * its records there. */
#include "tcp/inside.h"

static uint32_t octets(const struct plait_record *r)
{
    return (uint32_t)(r->to - r->from);
}

static uint32_t payload_octets(const struct plait_record *r)
{
    return octets(r) - r->has_syn - r->has_fin;
}

/* By number, not by time: a host sends many segments at one moment of its clock. */
bool plait_record_was_sent_before(uint64_t a_serial, uint64_t a_to, uint64_t b_serial,
                                  uint64_t b_to)
{
    return a_serial < b_serial || (a_serial == b_serial && a_to < b_to);
}

/* ---- the queue of a place ---- */

static void link_after(struct plait_record **first, struct plait_record **last,
                       struct plait_record *after, struct plait_record *r)
{
    r->earlier = after;
    r->later = after ? after->later : *first;
    if (r->later)
        r->later->earlier = r;
    else
        *last = r;
    if (after)
        after->later = r;
    else
        *first = r;
}

static void unlink_from(struct plait_record **first, struct plait_record **last,
                        struct plait_record *r)
{
    if (r->earlier)
        r->earlier->later = r->later;
    else
        *first = r->later;
    if (r->later)
        r->later->earlier = r->earlier;
    else
        *last = r->earlier;
    r->earlier = r->later = NULL;
}

/* By offset; what is lost is mostly behind, or before, all that is lost already. */
static void link_lost(struct plait_record_queue *lost, struct plait_record *r)
{
    struct plait_record *after = lost->last;
    if (lost->first && r->from < lost->first->from)
        after = NULL;
    while (after && after->from > r->from)
        after = after->earlier;
    link_after(&lost->first, &lost->last, after, r);
}

static void leave(struct plait_flow *flow, struct plait_record *r)
{
    if (r->place == PLAIT_IN_FLIGHT) {
        unlink_from(&r->path->sent_first, &r->path->sent_last, r);
        r->path->in_flight_octets -= octets(r);
    } else if (r->place == PLAIT_LOST) {
        unlink_from(&flow->send.lost.first, &flow->send.lost.last, r);
    } else {
        flow->send.sacked_octets -= octets(r);
    }
}

/* ---- making and parting ---- */

/* What is sent again has an eighth of all records to itself, so that new data cannot starve it. */
static struct plait_record *take(struct plait_flow *flow, bool is_retransmission)
{
    struct plait_pool *pool = &flow->stack->records;
    uint32_t limit = flow->stack->config.records_limit;
    if (!is_retransmission &&
        (pool->alive >= pool->limit - pool->limit / 8 || flow->send.records >= limit - limit / 8))
        return NULL;
    if (flow->send.records >= limit)
        return NULL;
    struct plait_record *r = plait_pool_take(pool);
    if (r)
        flow->send.records++;
    return r;
}

static void insert_after(struct plait_sending *s, struct plait_record *after,
                         struct plait_record *r)
{
    r->previous = after;
    r->next = after ? after->next : s->first;
    if (r->next)
        r->next->previous = r;
    else
        s->last = r;
    if (after)
        after->next = r;
    else
        s->first = r;
}

/* Only the memory: R is in no queue any more. */
static void give(struct plait_flow *flow, struct plait_record *r)
{
    struct plait_sending *s = &flow->send;
    if (r->previous)
        r->previous->next = r->next;
    else
        s->first = r->next;
    if (r->next)
        r->next->previous = r->previous;
    else
        s->last = r->previous;
    if (s->seen == r)
        s->seen = r->next;
    s->records--;
    plait_pool_give(&flow->stack->records, r);
}

struct plait_record *plait_record_add(struct plait_flow *flow, uint64_t from, uint64_t to,
                                      bool is_retransmission)
{
    struct plait_record *r = take(flow, is_retransmission);
    if (!r)
        return NULL;
    r->from = from;
    r->to = to;
    r->place = PLAIT_LOST; /* not sent yet: plait_record_send follows, or _remove */
    insert_after(&flow->send, flow->send.last, r);
    link_lost(&flow->send.lost, r);
    return r;
}

struct plait_record *plait_record_split(struct plait_flow *flow, struct plait_record *r,
                                        uint64_t at)
{
    struct plait_record *tail = take(flow, true);
    if (!tail)
        return NULL;
    tail->path = r->path;
    tail->from = at;
    tail->to = r->to;
    tail->sent_ns = r->sent_ns;
    tail->serial = r->serial;
    tail->place = r->place;
    tail->sendings = r->sendings;
    tail->has_fin = r->has_fin;
    r->to = at;
    r->has_fin = false;
    insert_after(&flow->send, r, tail);
    if (r->place == PLAIT_IN_FLIGHT)
        link_after(&r->path->sent_first, &r->path->sent_last, r, tail);
    else if (r->place == PLAIT_LOST)
        link_after(&flow->send.lost.first, &flow->send.lost.last, r, tail);
    return tail;
}

void plait_record_remove(struct plait_flow *flow, struct plait_record *r)
{
    leave(flow, r);
    give(flow, r);
}

void plait_record_trim(struct plait_flow *flow, struct plait_record *r, uint64_t from)
{
    uint32_t cut = (uint32_t)(from - r->from);
    if (r->place == PLAIT_IN_FLIGHT)
        r->path->in_flight_octets -= cut;
    else if (r->place == PLAIT_SACKED)
        flow->send.sacked_octets -= cut;
    r->from = from;
    r->has_syn = false;
}

void plait_records_clear(struct plait_flow *flow)
{
    while (flow->send.first)
        plait_record_remove(flow, flow->send.first);
}

/* ---- from place to place ---- */

void plait_record_send(struct plait_flow *flow, struct plait_record *r, struct plait_path *path,
                       plait_time_ns now)
{
    leave(flow, r);
    r->place = PLAIT_IN_FLIGHT;
    r->path = path;
    r->sent_ns = now;
    r->serial = ++path->sendings;
    r->sendings += r->sendings < UINT8_MAX;
    path->last_sent_ns = now;
    if (!path->sent_first)
        path->progress_ns = now;
    path->in_flight_octets += octets(r);
    path->sent_octets += payload_octets(r);
    link_after(&path->sent_first, &path->sent_last, path->sent_last, r);
}

void plait_record_lose(struct plait_flow *flow, struct plait_record *r)
{
    leave(flow, r);
    r->place = PLAIT_LOST;
    r->path->lost_octets += payload_octets(r);
    link_lost(&flow->send.lost, r);
}

/* Back to where it was before it was given up, in front: it was sent before what is there. */
void plait_record_unlose(struct plait_flow *flow, struct plait_record *r)
{
    leave(flow, r);
    r->place = PLAIT_IN_FLIGHT;
    r->path->in_flight_octets += octets(r);
    r->path->lost_octets -= payload_octets(r);
    link_after(&r->path->sent_first, &r->path->sent_last, NULL, r);
}

static bool merge_with_next(struct plait_flow *flow, struct plait_record *r)
{
    struct plait_record *next = r->next;
    if (!next || next->place != PLAIT_SACKED)
        return false;
    r->to = next->to;
    r->has_fin = next->has_fin;
    if (flow->send.seen == next)
        flow->send.seen = r;
    give(flow, next);
    return true;
}

struct plait_record *plait_record_sack(struct plait_flow *flow, struct plait_record *r)
{
    leave(flow, r);
    r->place = PLAIT_SACKED;
    flow->send.sacked_octets += octets(r);
    struct plait_record *previous = r->previous;
    merge_with_next(flow, r);
    if (previous && previous->place == PLAIT_SACKED) {
        merge_with_next(flow, previous);
        return previous;
    }
    return r;
}

void plait_records_renege(struct plait_flow *flow)
{
    for (struct plait_record *r = flow->send.first; r; r = r->next)
        if (r->place == PLAIT_SACKED)
            plait_record_lose(flow, r);
    flow->send.sacked_edge = 0;
}
