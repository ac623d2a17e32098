/* mptcp/dss_in.c: mappings that arrive, and the payload under them (RFC 8684 §3.3.1, §3.3.4).
 *
 * Payload goes straight to its place in the stream.  Without a mapping it has none and is not
 * accepted: the peer sends it again, with its mapping.  Under a checksum it is placed, and counts
 * only when the whole mapping is there and right.  The first copy of an octet wins (N21). */
#include "base/panic.h"
#include "mptcp/hello.h"
#include "mptcp/inside.h"

/* ---- room for ranges ------------------------------------------------------------------------- */

/* A block of the world's for SET, once; false if there is none or it has one. */
static bool grow(struct plait_mptcp *c, struct plait_range_set *set, void **block)
{
    struct plait_pool *pool = &plait_mptcp_stack(c)->ranges;
    if (*block || !(*block = plait_pool_take_unset(pool)))
        return false;
    struct plait_range *ranges = *block;
    for (uint32_t i = 0; i < set->count; i++)
        ranges[i] = set->ranges[i];
    set->ranges = ranges;
    set->room = (uint32_t)(pool->object_octets / sizeof *ranges);
    return true;
}

static bool grow_received(struct plait_mptcp *c)
{
    return plait_mptcp_stack(c)->ranges.object_octets > sizeof c->received_room &&
           grow(c, &c->receive.received, &c->received_block);
}

static bool grow_placed(struct plait_mptcp *c)
{
    return grow(c, &c->placed, &c->placed_block);
}

/* ---- the end of the peer's stream ------------------------------------------------------------ */

void plait_data_arrived(struct plait_mptcp *c, plait_time_ns now)
{
    uint64_t edge = plait_receive_queue_edge(&c->receive);
    bool is_done = c->peer_fin && edge >= c->peer_fin;
    if (edge > c->edge_told) {
        c->edge_told = edge;
        if (!plait_sealed_open(c)) {
            plait_mptcp_count(c, PLAIT_COUNT_RECORD_BAD);
            plait_mptcp_end(c, now, PLAIT_MPTCP_IS_RESET, PLAIT_RESET_MPTCP);
            return;
        }
        plait_mptcp_event(c, now, PLAIT_MPTCP_IS_READABLE);
    }
    if (!is_done || c->peer_done_told)
        return;
    c->peer_done_told = true;
    plait_mptcp_event(c, now, PLAIT_MPTCP_PEER_DONE);
    plait_mptcp_check_end(c, now);
}

void plait_dss_peer_fin(struct plait_mptcp *c, plait_time_ns now, uint64_t offset)
{
    uint64_t edge = plait_receive_queue_edge(&c->receive);
    uint64_t most = c->receive.start + c->receive.limit_octets;
    if (c->peer_fin == offset)
        return;
    if (c->peer_fin || offset < edge || offset > most ||
        plait_range_above(&c->receive.received, offset)) {
        plait_mptcp_count(c, PLAIT_COUNT_DATA_FIN_BAD);
        return;
    }
    c->peer_fin = offset;
    plait_trace(plait_mptcp_stack(c), now, PLAIT_TRACE_DATA_FIN_EVENT, c->number, 0, offset, 0, 0);
    plait_data_arrived(c, now);
}

/* ---- mappings -------------------------------------------------------------------------------- */

static void declare(struct plait_subflow *sub, const struct plait_mapping *mapping)
{
    struct plait_mptcp *c = sub->connection;
    plait_result result = plait_mapping_declare(&sub->received, mapping);
    if (plait_ok(result)) {
        c->mapping_seen = true;
        sub->unmapped_octets = 0;
        return;
    }
    bool is_conflict = result.reason == PLAIT_REASON_EXISTS;
    plait_mptcp_count(c, is_conflict                               ? PLAIT_COUNT_MAPPING_CONFLICT
                         : result.reason == PLAIT_REASON_BAD_VALUE ? PLAIT_COUNT_OPTION_INVALID
                                                                   : PLAIT_COUNT_POOL_EMPTY);
}

/* A DATA_FIN that is in no subflow. */
static void read_pure_fin(struct plait_subflow *sub, plait_time_ns now, const struct plait_dss *dss,
                          uint64_t offset)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t dsn = plait_dsn(c->peer_idsn, offset);
    if (c->checksum && plait_dss_checksum(dsn, dss->ssn, 1, "", 0) != dss->checksum) {
        plait_mptcp_count(c, PLAIT_COUNT_CHECKSUM_BAD);
        return;
    }
    plait_dss_peer_fin(c, now, offset);
    plait_flow_ack_now(sub->flow);
}

/* Who has not heard of the fallback waits until its DATA_FIN is acknowledged.  It is the end only
 * where the stream has come to: what changed payload may have changed how much there is. */
void plait_dss_read_unaware(struct plait_subflow *sub, plait_time_ns now,
                            const struct plait_dss *dss)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t edge = plait_receive_queue_edge(&c->receive), at;
    if (dss->has_map && dss->data_fin && dss->data_length == 1 &&
        dss->has_checksum == c->checksum &&
        plait_dsn_offset(c->peer_idsn, dss->dsn, dss->dsn_is_64, edge, &at) && at == edge)
        read_pure_fin(sub, now, dss, at);
}

/* Where in the subflow: near what it has received, and inside its window. */
static bool place_in_flow(const struct plait_subflow *sub, uint32_t ssn, uint64_t *from)
{
    uint64_t edge = plait_flow_received(sub->flow);
    uint64_t most = edge + sub->connection->receive.limit_octets;
    return plait_offset_near(ssn, edge, from) && *from >= 1 && *from < most;
}

bool plait_dss_read(struct plait_subflow *sub, plait_time_ns now, const struct plait_dss *dss)
{
    struct plait_mptcp *c = sub->connection;
    if (!dss->has_map || c->is_plain)
        return true;
    if (dss->data_length == 0)
        return plait_fallback(sub, now, PLAIT_TROUBLE_INFINITE);
    if (dss->has_checksum != c->checksum) {
        plait_mptcp_count(c, PLAIT_COUNT_CHECKSUM_FORM);
        return plait_fallback(sub, now, PLAIT_TROUBLE_CHECKSUM_FORM);
    }
    uint64_t edge = plait_receive_queue_edge(&c->receive), data_from, from;
    uint64_t end = c->receive.start + c->receive.limit_octets;
    uint32_t octets = (uint32_t)dss->data_length - dss->data_fin;
    if (!plait_dsn_offset(c->peer_idsn, dss->dsn, dss->dsn_is_64, edge, &data_from) ||
        data_from < 1 || data_from > end || (data_from == end && octets > 0)) {
        plait_mptcp_count(c, PLAIT_COUNT_DSN_OUT_OF_WINDOW); /* N43, N22 */
        return true;
    }
    if (octets == 0) {
        read_pure_fin(sub, now, dss, data_from);
        return true;
    }
    if (!place_in_flow(sub, dss->ssn, &from)) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        return true;
    }
    struct plait_mapping mapping = {.from = from,
                                    .to = from + octets,
                                    .data_from = data_from,
                                    .data_length = dss->data_length,
                                    .has_checksum = c->checksum,
                                    .checksum = dss->checksum};
    declare(sub, &mapping);
    /* Under a checksum the FIN counts with the mapping's octets. */
    if (dss->data_fin && !c->checksum)
        plait_dss_peer_fin(c, now, data_from + octets);
    return true;
}

/* MP_CAPABLE with data: the first mapping, whose numbers everybody knows (RFC 8684 §3.1). */
bool plait_dss_read_hello(struct plait_subflow *sub, plait_time_ns now,
                          const struct plait_hello_values *values)
{
    struct plait_mptcp *c = sub->connection;
    if (c->is_plain)
        return true;
    if (values->has_data_checksum != c->checksum) { /* */
        plait_mptcp_count(c, PLAIT_COUNT_CHECKSUM_FORM);
        return plait_fallback(sub, now, PLAIT_TROUBLE_CHECKSUM_FORM);
    }
    if (values->data_length == 0) {
        plait_mptcp_count(c, PLAIT_COUNT_OPTION_INVALID);
        return true;
    }
    plait_mptcp_dss_seen(c, now); /* it stands for one */
    struct plait_mapping mapping = {.from = 1,
                                    .to = 1 + (uint64_t)values->data_length,
                                    .data_from = 1,
                                    .data_length = values->data_length,
                                    .has_checksum = c->checksum,
                                    .checksum = values->data_checksum};
    declare(sub, &mapping);
    return true;
}

/* ---- payload --------------------------------------------------------------------------------- */

/* How many of LENGTH octets at AT the window and the end of the stream let in. */
static uint32_t inside(struct plait_mptcp *c, uint64_t at, uint32_t length)
{
    uint64_t end = c->receive.start + c->receive.limit_octets;
    if (c->peer_fin && c->peer_fin < end)
        end = c->peer_fin;
    if (at >= end) {
        plait_mptcp_count(c, PLAIT_COUNT_DSN_OUT_OF_WINDOW);
        return 0;
    }
    return length < end - at ? length : (uint32_t)(end - at);
}

static void count_refused(struct plait_mptcp *c, plait_result result, bool is_ahead)
{
    bool is_kept = is_ahead && result.reason == PLAIT_REASON_NO_ROOM;
    plait_mptcp_count(c, is_kept ? PLAIT_COUNT_NO_MEMORY_AHEAD : PLAIT_COUNT_NO_MEMORY);
}

static plait_result write_in(struct plait_mptcp *c, uint64_t at, const uint8_t *octets,
                             uint32_t length, uint32_t *news)
{
    plait_result result = plait_receive_queue_write(&c->receive, at, octets, length, news);
    if (result.reason == PLAIT_REASON_TOO_MANY && grow_received(c))
        result = plait_receive_queue_write(&c->receive, at, octets, length, news);
    return result;
}

static uint32_t store(struct plait_mptcp *c, plait_time_ns now, uint64_t at, const uint8_t *octets,
                      uint32_t length)
{
    uint32_t news = 0;
    length = inside(c, at, length);
    if (length == 0)
        return 0;
    plait_result result = write_in(c, at, octets, length, &news);
    if (!plait_ok(result))
        count_refused(c, result, at > plait_receive_queue_edge(&c->receive));
    if (result.reason == PLAIT_REASON_NO_ROOM) {
        length = plait_receive_queue_one_chunk(&c->receive, at, length);
        result = write_in(c, at, octets, length, &news);
    }
    if (!plait_ok(result))
        return 0;
    if (news > 0)
        plait_data_arrived(c, now);
    return length;
}

static bool mark(struct plait_mptcp *c, uint64_t from, uint64_t to)
{
    uint32_t news;
    if (from < c->receive.start)
        from = c->receive.start;
    if (from >= to)
        return true;
    plait_result result = plait_receive_queue_mark(&c->receive, from, (uint32_t)(to - from), &news);
    if (result.reason == PLAIT_REASON_TOO_MANY && grow_received(c))
        result = plait_receive_queue_mark(&c->receive, from, (uint32_t)(to - from), &news);
    return plait_ok(result);
}

void plait_placed_to_received(struct plait_mptcp *c)
{
    for (uint32_t i = 0; i < c->placed.count; i++)
        if (!mark(c, c->placed.ranges[i].from, c->placed.ranges[i].to))
            plait_mptcp_count(c, PLAIT_COUNT_NO_MEMORY);
    c->placed.count = 0;
}

/* Between what counts and AT something is missing that was not placed either. */
static bool is_ahead(const struct plait_mptcp *c, uint64_t at)
{
    return plait_range_first_gap(&c->placed, plait_receive_queue_edge(&c->receive)) < at;
}

static bool place(struct plait_mptcp *c, uint64_t at, const uint8_t *octets, uint32_t length)
{
    plait_range_remove_below(&c->placed, c->receive.start);
    bool ahead = is_ahead(c, at);
    /* In this order: a range whose octets are nowhere would be read after a fallback. */
    plait_result result = plait_receive_queue_place(&c->receive, at, octets, length, ahead);
    if (plait_ok(result))
        result = plait_range_add(&c->placed, at, at + length);
    if (result.reason == PLAIT_REASON_TOO_MANY && grow_placed(c))
        result = plait_range_add(&c->placed, at, at + length);
    if (!plait_ok(result))
        count_refused(c, result, ahead);
    return plait_ok(result);
}

/* Another subflow may have placed other octets there meanwhile: what is delivered is what was
 * summed, or nothing. */
static bool is_in_place(struct plait_mptcp *c, const struct plait_mapping *m)
{
    uint64_t at = m->data_from, end = plait_mapping_data(m, m->to);
    plait_sum sum = 0;
    bool is_odd = false;
    if (c->subflow_count < 2 || at < c->receive.start)
        return true;
    while (at < end) {
        uint32_t part = (uint32_t)(end - at);
        const uint8_t *octets = plait_receive_queue_placed(&c->receive, at, &part);
        if (!octets || part == 0)
            return false;
        uint16_t folded = (uint16_t)~plait_sum_finish(plait_sum_add(0, octets, part));
        sum = plait_sum_u16(sum, is_odd ? (uint16_t)(folded << 8 | folded >> 8) : folded);
        is_odd ^= part & 1;
        at += part;
    }
    return plait_sum_finish(sum) == plait_sum_finish(m->sum);
}

static bool checksum_matches(const struct plait_mptcp *c, const struct plait_mapping *m)
{
    plait_sum sum = plait_dss_pseudo_sum(plait_dsn(c->peer_idsn, m->data_from), (uint32_t)m->from,
                                         m->data_length);
    return plait_sum_finish(plait_sum_u16(sum + m->sum, m->checksum)) == 0;
}

/* The whole mapping is there.  False if the subflow was reset. */
static bool verify(struct plait_subflow *sub, plait_time_ns now, const struct plait_mapping *m)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t from = m->data_from, to = plait_mapping_data(m, m->to);
    bool has_fin = m->data_length > m->to - m->from;
    if (!checksum_matches(c, m)) {
        plait_mptcp_count(c, PLAIT_COUNT_CHECKSUM_BAD);
        sub->fail_offset = from;
        return plait_fallback(sub, now, PLAIT_TROUBLE_CHECKSUM);
    }
    bool is_right = is_in_place(c, m) && mark(c, from, to);
    /* Taking a range out of the middle may need one more than there is room for; a range too many
     * in this set matters only to a fallback, which needs a single subflow. */
    (void)plait_range_remove(&c->placed, from, to);
    if (!is_right)
        return true; /* it is not acknowledged, and comes again */
    if (has_fin)
        plait_dss_peer_fin(c, now, to);
    plait_data_arrived(c, now);
    return true;
}

static uint32_t under_checksum(struct plait_subflow *sub, plait_time_ns now,
                               struct plait_mapping *m, uint64_t offset, const uint8_t *octets,
                               uint32_t length)
{
    struct plait_mptcp *c = sub->connection;
    uint64_t at = plait_mapping_data(m, offset);
    length = inside(c, at, length);
    if (length == 0 || !place(c, at, octets, length))
        return 0;
    plait_mapping_arrived(m, offset, length, plait_sum_add(0, octets, length));
    if (plait_mapping_is_whole(m) && !verify(sub, now, m))
        return 0;
    return length;
}

/* Payload that nothing maps.  At the very beginning it means that the path takes options away, and
 * the same octet a second time means so, too; else it is lost until it comes with its mapping, and
 * more than a window of it is too much (N23). */
static bool is_now_plain(struct plait_subflow *sub, plait_time_ns now, uint64_t offset,
                         uint32_t length)
{
    struct plait_mptcp *c = sub->connection;
    plait_mptcp_count(c, PLAIT_COUNT_UNMAPPED);
    sub->unmapped_octets += length;
    if (sub->unmapped_octets > c->receive.limit_octets) {
        (void)plait_fallback(sub, now, PLAIT_TROUBLE_UNMAPPED);
        return false;
    }
    if (offset != plait_flow_received(sub->flow))
        return false;
    bool is_again = sub->unmapped_edge == offset;
    sub->unmapped_edge = offset;
    if ((c->mapping_seen || c->had_joins) && !is_again)
        return false;
    (void)plait_fallback(sub, now, PLAIT_TROUBLE_NO_MAPPING);
    return c->is_plain;
}

uint32_t plait_dss_deliver(struct plait_subflow *sub, plait_time_ns now, uint64_t offset,
                           const uint8_t *octets, uint32_t length)
{
    struct plait_mptcp *c = sub->connection;
    uint32_t accepted = 0;
    while (accepted < length && sub->stage >= PLAIT_SUBFLOW_OPEN &&
           sub->stage != PLAIT_SUBFLOW_DEAD && c->stage == PLAIT_MPTCP_OPEN) {
        uint64_t at = offset + accepted;
        const uint8_t *from = octets + accepted;
        uint32_t left = length - accepted, taken;
        if (c->is_plain)
            return accepted + store(c, now, at + c->delta_in, from, left);
        struct plait_mapping *m = plait_mapping_find(&sub->received, at);
        if (!m) {
            if (!is_now_plain(sub, now, at, left))
                break;
            continue;
        }
        uint32_t part = plait_mapping_piece(m, at, left);
        taken = c->checksum ? under_checksum(sub, now, m, at, from, part)
                            : store(c, now, plait_mapping_data(m, at), from, part);
        accepted += taken;
        if (taken < part)
            break;
    }
    return accepted;
}
