/* mptcp/dss_out.c: which octets go where, and how they are mapped (RFC 8684 §3.3.1, §3.3.5).
 *
 * A flow that has room asks; the scheduler says whether it is its turn.  What a subflow was given
 * is declared once and never changed (N21), kept in its list until the subflow has acknowledged it,
 * and pinned, because it may have to be sent again there although it was delivered elsewhere
 * (RFC 8684 §3.3.2, N26).  Every segment with payload repeats its whole mapping (N39). */
#include "base/panic.h"
#include "mptcp/inside.h"

#define MAPPING_OCTETS_MAX 65534 /* 16 bits, less a DATA_FIN */

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* ---- whose turn it is ------------------------------------------------------------------------ */

static bool is_candidate(const struct plait_subflow *sub)
{
    return plait_subflow_can_send(sub) &&
           plait_flow_window_edge(sub->flow) > plait_flow_next(sub->flow);
}

static bool is_turn_of(struct plait_subflow *self, const struct plait_path *path)
{
    struct plait_mptcp *c = self->connection;
    struct plait_schedule_candidate candidates[PLAIT_MPTCP_SUBFLOWS_MAX];
    struct plait_subflow *subs[PLAIT_MPTCP_SUBFLOWS_MAX];
    unsigned count = 0, own = PLAIT_MPTCP_SUBFLOWS_MAX;
    for (struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (sub != self && !is_candidate(sub))
            continue;
        own = sub == self ? count : own;
        subs[count] = sub;
        const struct plait_path *p = sub == self ? path : plait_flow_first_path(sub->flow);
        candidates[count++] = (struct plait_schedule_candidate){
            .path = p,
            .has_room = plait_path_room(p) >= plait_flow_mss(sub->flow, p, PLAIT_DSS_OCTETS),
            .backup = sub->backup_here || sub->backup_there,
            .is_stale = sub->is_stale,
            .last_turn = sub->last_turn};
    }
    if (count < 2 || c->config.scheduler->redundant)
        return true;
    int chosen = c->config.scheduler->choose(candidates, count);
    if (chosen < 0) /* no window has room, but the flow has leave to send (RFC 3042) */
        return !candidates[own].backup && !candidates[own].is_stale;
    if ((unsigned)chosen == own)
        return true;
    plait_flow_wake(subs[chosen]->flow);
    return false;
}

/* ---- what is next ---------------------------------------------------------------------------- */

/* True if SUB has DATA_AT in flight itself: TCP looks after it there. */
static bool has_in_flight(struct plait_subflow *sub, uint64_t data_at)
{
    return plait_mapping_carrying(&sub->sent, data_at) != NULL;
}

struct piece {
    uint64_t data_from, data_to;
    bool is_again;
};

static bool next_reinjection(struct plait_subflow *sub, struct piece *piece)
{
    struct plait_mptcp *c = sub->connection;
    plait_range_remove_below(&c->reinject, c->data_acked);
    if (c->reinject.count == 0 || has_in_flight(sub, c->reinject.ranges[0].from))
        return false;
    *piece = (struct piece){c->reinject.ranges[0].from, c->reinject.ranges[0].to, true};
    return true;
}

static bool choose_piece(struct plait_subflow *sub, uint32_t room_octets, struct piece *piece)
{
    struct plait_mptcp *c = sub->connection;
    if (!next_reinjection(sub, piece)) {
        uint64_t from = c->data_next;
        if (c->config.scheduler->redundant)
            from = larger(sub->redundant_next, c->data_acked);
        *piece = (struct piece){from, smaller(c->send.end, c->window_edge), from < c->data_next};
    }
    if (piece->data_from >= piece->data_to)
        return false;
    uint64_t most = smaller(room_octets, MAPPING_OCTETS_MAX);
    /* A silly window is used only when nothing else will open it (RFC 9293 §3.8.6.2.1). */
    if (piece->data_to == c->window_edge && piece->data_to < c->send.end &&
        piece->data_to - piece->data_from < most && c->data_acked < c->data_next)
        return false;
    piece->data_to = smaller(piece->data_to, piece->data_from + most);
    return true;
}

/* The client's first mapping travels in MP_CAPABLE, which has no F. */
static bool travels_in_hello(const struct plait_subflow *sub, uint64_t from, uint64_t data_from)
{
    const struct plait_mptcp *c = sub->connection;
    return c->is_client && sub->is_first && !c->hello_is_known && c->mechanism->hello_maps_data &&
           from == 1 && data_from == 1;
}

static void sent(struct plait_subflow *sub, plait_time_ns now, const struct piece *piece)
{
    struct plait_mptcp *c = sub->connection;
    uint32_t octets = (uint32_t)(piece->data_to - piece->data_from);
    plait_send_queue_pin(&c->send, piece->data_from, piece->data_to);
    c->data_next = larger(c->data_next, piece->data_to);
    sub->redundant_next = larger(sub->redundant_next, piece->data_to);
    sub->last_turn = ++c->turns;
    if (piece->is_again && !c->config.scheduler->redundant) {
        /* It is the front of the first range: no range is split. */
        (void)plait_range_remove(&c->reinject, piece->data_from, piece->data_to);
        plait_mptcp_stack(c)->counters.count[PLAIT_COUNT_REINJECTED] += octets;
    }
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_SCHEDULED_EVENT, c->number,
                plait_flow_number(sub->flow), piece->data_from, octets, sub->local_id);
}

static uint32_t next_mapped(struct plait_subflow *sub, struct plait_path *path, plait_time_ns now,
                            uint64_t from, uint32_t room_octets)
{
    struct plait_mptcp *c = sub->connection;
    struct piece piece;
    if (!choose_piece(sub, room_octets, &piece) || !is_turn_of(sub, path))
        return 0;
    uint32_t octets = (uint32_t)(piece.data_to - piece.data_from);
    bool has_fin =
        piece.data_to == plait_data_fin_offset(c) && !travels_in_hello(sub, from, piece.data_from);
    struct plait_mapping mapping = {.from = from,
                                    .to = from + octets,
                                    .data_from = piece.data_from,
                                    .data_length = (uint16_t)(octets + has_fin)};
    if (!plait_ok(plait_mapping_declare(&sub->sent, &mapping))) {
        plait_mptcp_count(c, PLAIT_COUNT_POOL_EMPTY);
        c->pool_was_empty = true;
        plait_data_timer_arm(c, now);
        return 0;
    }
    sent(sub, now, &piece);
    c->fin_sent |= has_fin;
    plait_data_fin_try(c, now);
    plait_data_timer_arm(c, now);
    uint32_t segment_octets = plait_flow_mss(sub->flow, path, PLAIT_DSS_OCTETS);
    if (plait_path_room(path) < octets + segment_octets && c->data_next < c->send.end)
        plait_mptcp_wake_all(c); /* this one will not ask again; the others may have room */
    return octets;
}

static uint32_t next_plain(struct plait_subflow *sub, uint64_t from, uint32_t room_octets)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t data_from = from + c->delta_out;
    if (data_from >= c->send.end)
        return 0;
    uint32_t octets = (uint32_t)smaller(room_octets, c->send.end - data_from);
    c->data_next = larger(c->data_next, data_from + octets);
    return octets;
}

uint32_t plait_dss_next(struct plait_subflow *sub, struct plait_path *path, plait_time_ns now,
                        uint64_t from, uint32_t room_octets)
{
    struct plait_mptcp *c = sub->connection;
    bool may = c->is_plain ? sub->stage <= PLAIT_SUBFLOW_CLOSING : plait_subflow_can_send(sub);
    if (!may || c->stage == PLAIT_MPTCP_ENDED || c->is_fastclosing || room_octets == 0)
        return 0;
    (void)plait_sealed_flush(c); /* what does not fit yet is tried again */
    return c->is_plain ? next_plain(sub, from, room_octets)
                       : next_mapped(sub, path, now, from, room_octets);
}

/* ---- again ----------------------------------------------------------------------------------- */

uint32_t plait_dss_piece(struct plait_subflow *sub, uint64_t from, uint32_t length)
{
    if (sub->connection->is_plain)
        return length;
    const struct plait_mapping *m = plait_mapping_find(&sub->sent, from);
    return m ? plait_mapping_piece(m, from, length) : length;
}

/* Contiguous octets in one pass; the sum of an odd part that is not the last needs another one. */
static plait_sum copy_summed(struct plait_send_queue *q, uint64_t data_from, uint32_t length,
                             uint8_t *to)
{
    uint32_t part = length;
    const uint8_t *at = plait_send_queue_peek(q, data_from, &part);
    if (at && part == length)
        return plait_sum_copy(0, to, at, length);
    plait_send_queue_read(q, data_from, length, to);
    return plait_sum_add(0, to, length);
}

plait_sum plait_dss_copy(struct plait_subflow *sub, uint64_t from, uint32_t length, uint8_t *to,
                         bool wants_sum)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t data_from = from + c->delta_out;
    if (!c->is_plain) {
        const struct plait_mapping *m = plait_mapping_find(&sub->sent, from);
        PLAIT_CHECK(m && length <= m->to - from);
        data_from = plait_mapping_data(m, from);
    }
    /* The checksum of the mapping may have needed it already. */
    bool is_summed = sub->summed_octets == length && sub->summed_from == from;
    if (is_summed || !wants_sum) {
        plait_send_queue_read(&c->send, data_from, length, to);
        return sub->summed;
    }
    return copy_summed(&c->send, data_from, length, to);
}

/* ---- on the wire ----------------------------------------------------------------------------- */

static plait_sum sum_of_queue(struct plait_send_queue *q, uint64_t data_from, uint32_t length)
{
    plait_sum sum = 0;
    bool is_odd = false;
    while (length > 0) {
        uint32_t part = length;
        const uint8_t *at = plait_send_queue_peek(q, data_from, &part);
        uint16_t folded = (uint16_t)~plait_sum_finish(plait_sum_add(0, at, part));
        if (is_odd)
            folded = (uint16_t)(folded << 8 | folded >> 8);
        sum = plait_sum_u16(sum, folded);
        is_odd ^= part & 1;
        data_from += part;
        length -= part;
    }
    return sum;
}

static uint16_t checksum_of(struct plait_subflow *sub, struct plait_mapping *m)
{
    struct plait_mptcp *c = sub->connection;
    uint32_t length = (uint32_t)(m->to - m->from);
    if (m->has_checksum)
        return m->checksum;
    sub->summed = sum_of_queue(&c->send, m->data_from, length);
    sub->summed_from = m->from;
    sub->summed_octets = length;
    plait_sum pseudo = plait_dss_pseudo_sum(plait_dsn(c->own_idsn, m->data_from), (uint32_t)m->from,
                                            m->data_length);
    m->checksum = plait_sum_finish(pseudo + sub->summed);
    m->has_checksum = true;
    return m->checksum;
}

static struct plait_mptcp_option with_ack(struct plait_mptcp *c)
{
    uint64_t ack = plait_dsn(c->peer_idsn, plait_data_ack_edge(c));
    c->window_told = c->receive.start + c->receive.limit_octets;
    return (struct plait_mptcp_option){
        .subtype = PLAIT_DSS, .dss = {.has_ack = true, .ack_is_64 = true, .data_ack = ack}};
}

void plait_dss_write(struct plait_subflow *sub, uint64_t from, uint32_t length,
                     struct plait_mptcp_option *option)
{
    struct plait_mptcp *c = sub->connection;
    *option = with_ack(c);
    struct plait_mapping *m = length ? plait_mapping_find(&sub->sent, from) : NULL;
    if (!m)
        return;
    uint16_t checksum = c->checksum ? checksum_of(sub, m) : 0;
    if (travels_in_hello(sub, m->from, m->data_from)) {
        struct plait_hello_values values = {.sender_key = c->own_key,
                                            .receiver_key = c->peer_key,
                                            .checksum = c->checksum,
                                            .forbids_joins = c->config.no_joins_to_first,
                                            .data_length = m->data_length,
                                            .data_checksum = checksum};
        c->mechanism->write_hello(PLAIT_STEP_FIRST_DATA, &values, option);
        return;
    }
    struct plait_dss *dss = &option->dss;
    dss->has_map = dss->dsn_is_64 = true;
    dss->dsn = plait_dsn(c->own_idsn, m->data_from);
    dss->ssn = (uint32_t)m->from;
    dss->data_length = m->data_length;
    dss->data_fin = m->data_length > m->to - m->from;
    dss->has_checksum = c->checksum;
    dss->checksum = checksum;
}

/* Subflow number 0, length 1: it is in no subflow (RFC 8684 §3.3.3, N27). */
void plait_dss_write_fin(struct plait_subflow *sub, struct plait_mptcp_option *option)
{
    struct plait_mptcp *c = sub->connection;
    *option = with_ack(c);
    struct plait_dss *dss = &option->dss;
    dss->data_fin = dss->has_map = dss->dsn_is_64 = true;
    dss->dsn = plait_dsn(c->own_idsn, plait_data_fin_offset(c));
    dss->data_length = 1;
    dss->has_checksum = c->checksum;
    if (c->checksum)
        dss->checksum = plait_dss_checksum(dss->dsn, 0, 1, "", 0);
}

/* From the last octet that is known to have arrived intact (RFC 8684 §3.7). */
void plait_dss_write_infinite(struct plait_subflow *sub, struct plait_mptcp_option *option)
{
    struct plait_mptcp *c = sub->connection;
    *option = with_ack(c);
    struct plait_dss *dss = &option->dss;
    uint64_t from = c->infinite_from;
    dss->has_map = dss->dsn_is_64 = true;
    dss->dsn = plait_dsn(c->own_idsn, from);
    dss->ssn = (uint32_t)(from - c->delta_out);
    dss->has_checksum = c->checksum; /* and is 0 */
}

/* ---- the end of a mapping -------------------------------------------------------------------- */

static void unpin(struct plait_subflow *sub, const struct plait_mapping *m)
{
    plait_send_queue_unpin(&sub->connection->send, m->data_from, plait_mapping_data(m, m->to));
}

void plait_dss_subflow_acked(struct plait_subflow *sub, plait_time_ns now, uint64_t edge)
{
    struct plait_mptcp *c = sub->connection;
    for (const struct plait_mapping *m = sub->sent.first; m && m->to <= edge; m = m->next)
        unpin(sub, m);
    plait_mapping_drop_below(&sub->sent, edge);
    if (c->is_plain)
        plait_data_released(c, now, smaller(edge + c->delta_out, c->send.end));
    if (c->pool_was_empty) {
        c->pool_was_empty = false;
        plait_mptcp_wake_all(c);
    }
}

void plait_dss_forget(struct plait_subflow *sub)
{
    for (const struct plait_mapping *m = sub->sent.first; m; m = m->next)
        unpin(sub, m);
    plait_mapping_clear(&sub->sent);
    plait_mapping_clear(&sub->received);
}

bool plait_dss_is_contiguous(const struct plait_subflow *sub, uint64_t *delta)
{
    const struct plait_mptcp *c = sub->connection;
    *delta = c->data_next - plait_flow_next(sub->flow);
    if (!sub->sent.first)
        return true;
    *delta = sub->sent.first->data_from - sub->sent.first->from;
    for (const struct plait_mapping *m = sub->sent.first; m; m = m->next)
        if (m->data_from - m->from != *delta)
            return false;
    return sub->sent.last->to + *delta == c->data_next;
}
