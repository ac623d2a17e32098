/* lab/edges_data.c: probes a connection's data sequence numbers: with single octets ahead of what
 * the victim expects, and with DATA_FINs beside the exact number. */
#include "lab/edges.h"

/* Longer than the lateness that a run may have (lab/runner.h). */
enum { ANSWER_MS = 120 };

/* In the peer's name, on the only subflow, whose numbers ground truth tells. */
static struct plait_segment next_segment(const struct plait_attack *a, uint8_t flags)
{
    const struct plait_half *half = a->world->truth.subflows[0].half;
    const struct plait_half *victim = &half[plait_victim(a)], *peer = &half[plait_peer(a)];
    const struct plait_numbers numbers = {
        .flow = {.src = peer->place, .dst = victim->place}, .seq = victim->ack, .ack = victim->nxt};
    struct plait_segment segment = plait_forged(&numbers, flags);
    segment.window = peer->window;
    return segment;
}

/* The short form, which a receiver extends (N22): an attacker need not know more. */
static uint64_t short_dsn(const struct plait_attack *a, int64_t distance)
{
    return (uint32_t)(a->world->truth.dsn_nxt[plait_peer(a)] + (uint64_t)distance);
}

static bool is_acknowledged(void *self)
{
    const struct plait_attack *a = self;
    return a->world->truth.subflows[0].half[plait_victim(a)].ack == a->edges_probe;
}

/* Where an octet that is not kept is acknowledged all the same, nothing on the wire tells; the
 * victim's counter does. */
static int64_t octets_kept(struct plait_attack *a)
{
    static struct plait_counters counters; /* too large for the stack; one run is one process */
    struct plait_end_host *host = a->world->ends[plait_victim(a)].host;
    if (!host)
        return -1;
    if (!host->ops->kept_counter)
        return is_acknowledged(a);
    if (!plait_ok(host->ops->counters(host, &counters)))
        return -1;
    return plait_counter_value(&counters, host->ops->kept_counter);
}

static bool octet_kept(struct plait_attack *a, int64_t distance)
{
    struct plait_segment segment = next_segment(a, PLAIT_ACK | PLAIT_PSH);
    const struct plait_half *peer = &a->world->truth.subflows[0].half[plait_peer(a)];
    segment.payload = plait_marker;
    segment.payload_octets = 1;
    plait_add_option(&segment, PLAIT_DSS)->dss = (struct plait_dss){.has_map = true,
                                                                    .dsn = short_dsn(a, distance),
                                                                    .ssn = segment.seq - peer->isn,
                                                                    .data_length = 1};
    a->edges_probe = segment.seq + 1;
    int64_t before = octets_kept(a);
    plait_send(a, &segment);
    plait_world_run(a->world, plait_world_now(a->world) + ANSWER_MS * PLAIT_MS, is_acknowledged, a);
    return octets_kept(a) > before;
}

static bool stream_ended(struct plait_attack *a)
{
    return plait_world_stat(a->world, plait_victim(a), "eof") == 1;
}

/* A single try: a receiver may heed only the first DATA_FIN, so one more would tell nothing.  That
 * the exact number ends the stream is shown by T-DFIN-1 itself. */
static bool fin_ahead_taken(struct plait_attack *a)
{
    struct plait_segment segment = next_segment(a, PLAIT_ACK);
    plait_add_option(&segment, PLAIT_DSS)->dss = (struct plait_dss){
        .data_fin = true, .has_map = true, .dsn = short_dsn(a, 1), .data_length = 1};
    plait_send(a, &segment);
    plait_pause(a, ANSWER_MS * PLAIT_MS);
    return stream_ended(a);
}

void plait_edges_data_script(struct plait_attack *a)
{
    plait_take_position(a);
    const struct plait_facts *truth = &a->world->truth;
    if (a->world->phase != PLAIT_READY || !truth->mechanism)
        return;
    int64_t window = plait_half_window_octets(&truth->subflows[0].half[plait_victim(a)]);
    plait_step(a, "probes how far ahead a data sequence number is kept");
    int64_t ahead = plait_search_edge(a, 0, 2 * window, octet_kept);
    plait_step(a, "probes whether a DATA_FIN one ahead ends the stream");
    a->edges.data_fin_span = fin_ahead_taken(a) ? ahead + 1 : 1;
    a->edges.dsn_beyond_window = ahead + 1 - window;
    a->edges.dsn_measured = ahead > 0;
}

void plait_edges_add_data(struct plait_edges *edges, const struct plait_edges *data)
{
    edges->dsn_measured = data->dsn_measured;
    edges->dsn_beyond_window = data->dsn_beyond_window;
    edges->data_fin_span = data->data_fin_span;
}
