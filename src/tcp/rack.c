/* tcp/rack.c: losses, found by time (RFC 8985 §6).
 *
 * A record is lost when one that was sent a while after it has arrived.  The records of a path are
 * in the order of sending, so only those at the front are looked at. */
#include "tcp/inside.h"

void plait_rack_lose(struct plait_flow *flow, struct plait_record *r, plait_time_ns now)
{
    struct plait_path *path = r->path;
    if (r->serial > path->reduced_serial) { /* not the same event as the last one */
        plait_path_reduce(path, now, false);
        path->first_is_free = true;
    }
    plait_record_lose(flow, r);
}

/* §6.2, step 4: no patience where order was never seen to change and enough says loss. */
static plait_time_ns reordering_window(const struct plait_flow *flow, const struct plait_path *path)
{
    const struct plait_sending *s = &flow->send;
    bool says_loss =
        s->lost.first || s->sacked_octets >= PLAIT_DUPLICATES * (uint64_t)plait_path_mss(path);
    if (!s->reordering_seen && says_loss)
        return 0;
    plait_time_ns window = path->least_rtt_ns / 4 * path->reordering_steps;
    return plait_earlier(window, path->smoothed_rtt_ns);
}

void plait_rack_detect(struct plait_flow *flow, struct plait_path *path, plait_time_ns now)
{
    path->rack_wait_ns = PLAIT_NEVER;
    if (!flow->has_sack || !path->rack_end)
        return;
    for (struct plait_record *r = path->sent_first, *later; r; r = later) {
        later = r->later;
        if (!plait_record_was_sent_before(r->serial, r->to, path->rack_serial, path->rack_end))
            return;
        plait_time_ns due = r->sent_ns + path->rack_rtt_ns + reordering_window(flow, path);
        if (due > now) {
            path->rack_wait_ns = due;
            return;
        }
        plait_rack_lose(flow, r, now);
    }
}
