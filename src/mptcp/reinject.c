/* mptcp/reinject.c: octets of a subflow that failed are sent again elsewhere (RFC 8684 §3.3.6).
 *
 * After a retransmission timeout and after a subflow's death what it had in flight is queued, and
 * whoever is asked next sends it, unless it has the same octets in flight itself.  The queue is a
 * few ranges; where they do not suffice, the last one grows over the gap: sent twice is no harm. */
#include "mptcp/inside.h"

void plait_reinject(struct plait_mptcp *c, plait_time_ns now, uint64_t from, uint64_t to)
{
    if (from < c->data_acked)
        from = c->data_acked;
    if (to > c->data_next)
        to = c->data_next;
    if (from >= to)
        return;
    struct plait_range_set *set = &c->reinject;
    plait_range_remove_below(set, c->data_acked);
    if (!plait_ok(plait_range_add(set, from, to))) {
        struct plait_range all = {set->ranges[0].from, set->ranges[set->count - 1].to};
        all.from = from < all.from ? from : all.from;
        all.to = to > all.to ? to : all.to;
        set->count = 1;
        set->ranges[0] = all;
    }
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_REINJECT_EVENT, c->number, 0, from,
                to - from, 0);
    plait_mptcp_wake_all(c);
}

static void queue_all(struct plait_subflow *sub, plait_time_ns now)
{
    for (const struct plait_mapping *m = sub->sent.first; m; m = m->next)
        plait_reinject(sub->connection, now, m->data_from, plait_mapping_data(m, m->to));
}

void plait_reinject_from(struct plait_subflow *sub, plait_time_ns now)
{
    struct plait_mptcp *c = sub->connection;
    if (c->config.scheduler->redundant)
        return; /* the others have it anyway */
    for (struct plait_subflow *other = c->subflows; other; other = other->next)
        if (other != sub && plait_subflow_can_send(other)) {
            queue_all(sub, now);
            return;
        }
}

void plait_dss_abandon(struct plait_subflow *sub, plait_time_ns now, bool reinject)
{
    if (reinject && !sub->connection->is_plain)
        queue_all(sub, now);
    plait_dss_forget(sub);
}
