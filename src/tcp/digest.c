/* tcp/digest.c: what decides a flow's further behaviour, as a digest: times as they are from now,
 * numbers as offsets, no counters of reports (DESIGN §7). */
#include "tcp/inside.h"

/* How far away a moment is; what never comes is itself. */
static void hash_time(struct plait_hasher *h, plait_time_ns at_ns, plait_time_ns now)
{
    bool is_never = at_ns == PLAIT_NEVER || at_ns == INT64_MIN;
    plait_hash_u64(h, (uint64_t)(is_never ? at_ns : at_ns - now));
}

static void hash_flags(struct plait_hasher *h, const bool *flags, unsigned count)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < count; i++)
        word = word << 1 | flags[i];
    plait_hash_u64(h, word);
}

/* A path is known by its place in the flow: addresses are of the packets, not of behaviour. */
static unsigned place_of(const struct plait_flow *flow, const struct plait_path *path)
{
    unsigned place = 0;
    for (const struct plait_path *p = flow->paths; p && p != path; p = p->next)
        place++;
    return place;
}

static void hash_records(struct plait_hasher *h, const struct plait_flow *flow, plait_time_ns now)
{
    for (const struct plait_record *r = flow->send.first; r; r = r->next) {
        plait_hash_u64(h, r->to - r->from);
        plait_hash_u64(h, (uint64_t)r->place << 16 | (uint64_t)(r->sendings > 1) << 8 |
                              (uint64_t)r->has_syn << 1 | r->has_fin);
        if (r->place == PLAIT_SACKED)
            continue;
        plait_hash_u64(h, place_of(flow, r->path));
        if (r->place == PLAIT_IN_FLIGHT)
            hash_time(h, r->sent_ns, now);
    }
}

static void hash_sending(struct plait_hasher *h, const struct plait_flow *flow, plait_time_ns now)
{
    const struct plait_sending *s = &flow->send;
    const bool flags[] = {s->may_have_data, s->close_asked, s->fin, s->reordering_seen, s->recover};
    hash_flags(h, flags, sizeof flags / sizeof flags[0]);
    plait_hash_u64(h, s->unacked);
    plait_hash_u64(h, s->next);
    plait_hash_u64(h, s->granted);
    plait_hash_u64(h, s->window_edge);
    plait_hash_u64(h, s->window_max);
    plait_hash_u64(h, (uint64_t)s->peer_mss << 32 | (uint64_t)s->shift << 24 | s->option_octets);
    plait_hash_u64(h, s->duplicates);
    hash_records(h, flow, now);
}

static void hash_receiving(struct plait_hasher *h, const struct plait_flow *flow)
{
    const struct plait_receiving *r = &flow->receive;
    plait_hash_u64(h, r->edge);
    plait_hash_u64(h, r->announced_edge);
    plait_hash_u64(h, r->acked_edge);
    plait_hash_u64(h, r->fin);
    plait_hash_u64(h, (uint64_t)r->unacked_octets << 32 | r->mss);
    plait_hash_u64(h, (uint64_t)r->shift << 1 | r->fin_taken);
    for (uint32_t i = 0; i < r->ranges.count; i++) {
        plait_hash_u64(h, r->ranges.ranges[i].from);
        plait_hash_u64(h, r->ranges.ranges[i].to);
    }
}

/* Sendings since SERIAL; before the oldest in flight all are alike. */
static uint64_t since(const struct plait_path *p, uint64_t serial)
{
    uint64_t oldest = p->sent_first->serial;
    return p->sendings - (serial < oldest ? oldest - 1 : serial);
}

/* RACK and the last reduction only judge what is in flight. */
static void hash_recovery(struct plait_hasher *h, const struct plait_path *p, plait_time_ns now)
{
    plait_time_ns idle = now - p->last_sent_ns;
    plait_hash_u64(h, (uint64_t)plait_earlier(idle, p->rto_ns + 1));
    if (!p->sent_first)
        return;
    plait_hash_u64(h, since(p, p->rack_serial));
    plait_hash_u64(h, p->rack_end);
    plait_hash_u64(h, (uint64_t)p->rack_rtt_ns);
    plait_hash_u64(h, p->reordering_steps);
    plait_hash_u64(h, since(p, p->reduced_serial));
    hash_time(h, p->progress_ns, now);
}

static void hash_path(struct plait_hasher *h, const struct plait_path *p, plait_time_ns now)
{
    const bool flags[] = {p->is_usable,   p->tail_is_due,     p->tail_was_sent, p->tail_is_new,
                          p->is_doubtful, p->is_limited,      p->probe_is_due,  p->first_is_free,
                          p->is_ready,    p->undo.is_possible};
    hash_flags(h, flags, sizeof flags / sizeof flags[0]);
    plait_hash_u64(h, p->mtu_octets);
    plait_hash_u64(h, (uint64_t)p->smoothed_rtt_ns);
    plait_hash_u64(h, (uint64_t)p->rtt_variance_ns);
    plait_hash_u64(h, (uint64_t)p->least_rtt_ns);
    plait_hash_u64(h, p->timeouts);
    plait_hash_u64(h, (uint64_t)p->window_octets << 32 | p->threshold_octets);
    plait_hash_u64(h, p->congestion.credit);
    plait_hash_u64(h, (uint64_t)p->congestion.window_max_octets << 32 |
                          p->congestion.reno_window_octets);
    if (p->congestion.epoch_ns)
        hash_time(h, p->congestion.epoch_ns, now);
    hash_time(h, p->timer.at_ns, now);
    plait_hash_u64(h, p->waits_for);
    hash_recovery(h, p, now);
}

void plait_flow_digest(const struct plait_flow *flow, plait_time_ns now, struct plait_hasher *h)
{
    const bool flags[] = {flow->has_sack,  flow->is_client,   flow->is_aborting,
                          flow->ack_now,   flow->third_ack,   flow->peer_knows,
                          flow->probe_now, flow->reset_stray, flow->stamps.is_used,
                          flow->lacks_isn, flow->lacks_ack};
    plait_hash_u64(h, flow->state);
    hash_flags(h, flags, sizeof flags / sizeof flags[0]);
    hash_sending(h, flow, now);
    hash_receiving(h, flow);
    if (flow->stamps.is_used) /* how the peer's clock stands to ours: PAWS judges by it */
        plait_hash_u64(h, (uint64_t)(flow->stamps.recent - flow->stamps.recent_ns / PLAIT_MS));
    if (flow->stack->config.keepalive_ns != PLAIT_NEVER)
        hash_time(h, flow->heard_ns, now);
    plait_hash_u64(h, flow->probes);
    plait_hash_u64(h, flow->persists);
    hash_time(h, flow->ack_timer.at_ns, now);
    hash_time(h, flow->persist_timer.at_ns, now);
    hash_time(h, flow->life_timer.at_ns, now);
    for (const struct plait_path *p = flow->paths; p; p = p->next)
        hash_path(h, p, now);
    if (!flow->plain)
        return;
    plait_hash_u64(h, flow->plain->send.end);
    plait_hash_u64(h, flow->plain->receive.start);
}
