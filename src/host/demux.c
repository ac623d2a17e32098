/* host/demux.c: from a packet to the flow, request or listener that it is for. */
#include "host/inside.h"

uint64_t plait_host_hash(const struct plait_host *host, const struct plait_flow_key *key)
{
    return plait_flow_draw(&host->key, PLAIT_DRAW_TABLE, key, 0, 0);
}

struct plait_path *plait_host_find_path(const struct plait_host *host,
                                        const struct plait_flow_key *key, uint64_t hash)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&host->paths, hash, node))) {
        struct plait_path *path = PLAIT_OWNER(node, struct plait_path, node);
        if (plait_flow_equal(&path->key, key))
            return path;
    }
    return NULL;
}

bool plait_host_register(struct plait_host *host, struct plait_path *path, uint64_t hash)
{
    return plait_table_insert(&host->paths, &path->node, hash);
}

/* A path that was never registered has no hash, or another one's: it is in no chain. */
void plait_host_forget_path(void *machine, struct plait_path *path)
{
    struct plait_host *host = machine;
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&host->paths, path->node.hash, node)) && node != &path->node)
        continue;
    if (node)
        plait_table_remove(&host->paths, node);
}

bool plait_host_has_addr(const struct plait_host *host, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < host->addr_count; i++)
        if (plait_addr_equal(&host->addrs[i], addr))
            return true;
    return false;
}

static void refuse(struct plait_host *host, enum plait_reason reason)
{
    plait_count(&host->stack, PLAIT_COUNT_MALFORMED);
    host->stack.counters.malformed.count[reason]++;
}

/* Sources that no answer can reach, or that are ourselves. */
static bool is_nobody(const struct plait_host *host, const struct plait_addr *src)
{
    return plait_addr_is_nobody(src) || plait_host_has_addr(host, src);
}

/* A new connection may take the place of one in TIME-WAIT if its numbers are beyond the old one's
 * (RFC 9293 §3.10.7.4, RFC 6191). */
static bool makes_room(struct plait_path *path, const struct plait_segment *s)
{
    const struct plait_flow *flow = path->flow;
    if (plait_flow_state(flow) != PLAIT_FLOW_TIME_WAIT)
        return false;
    if ((s->flags & (PLAIT_SYN | PLAIT_ACK | PLAIT_RST)) != PLAIT_SYN)
        return false;
    uint32_t edge = plait_flow_peer_isn(flow) + (uint32_t)plait_flow_received(flow);
    return s->seq - edge <= INT32_MAX && s->seq != edge;
}

static void without_flow(struct plait_host *host, plait_time_ns now, const struct plait_segment *s,
                         const struct plait_flow_key *key, uint64_t hash)
{
    bool syn = s->flags & PLAIT_SYN, ack = s->flags & PLAIT_ACK, reset = s->flags & PLAIT_RST;
    if (syn && !ack && !reset) {
        plait_host_syn(host, now, s, key, hash);
        return;
    }
    if (ack && !syn && !reset && plait_host_accept_cookie(host, now, s, key, hash))
        return;
    plait_count(&host->stack, PLAIT_COUNT_NO_FLOW);
    plait_host_reset(host, now, s, PLAIT_NO_REASON);
}

/* A control message is for the connection that it names, whatever addresses it came between, and
 * is not looked at by TCP (RFC 6181 §4). */
static bool control_input(struct plait_host *host, plait_time_ns now, const struct plait_segment *s,
                          const struct plait_mp_control *control)
{
    struct plait_mptcp *c = plait_host_find_token(host, (uint32_t)(control->connection >> 32));
    if (!c || !plait_mptcp_has_messages(c, control->connection))
        return false;
    plait_mptcp_message(c, now, s);
    return true;
}

static void segment_input(struct plait_host *host, plait_time_ns now, const struct plait_segment *s)
{
    const struct plait_mp_control *control = plait_segment_control(s);
    if (control && control_input(host, now, s, control))
        return;
    struct plait_flow_key flow = plait_segment_flow(s), key = plait_flow_reversed(&flow);
    uint64_t hash = plait_host_hash(host, &key);
    struct plait_path *path = plait_host_find_path(host, &key, hash);
    if (path && makes_room(path, s)) {
        plait_flow_end_waiting(path->flow, now);
        plait_host_settle_flows(host, now);
        path = plait_host_find_path(host, &key, hash);
    }
    if (path) {
        plait_flow_input(path->flow, path, now, s);
        return;
    }
    struct plait_request *request = plait_request_find(&host->requests, &key, hash);
    if (request)
        plait_host_request_input(host, now, request, s);
    else if (control) /* no reset, which would tell who knows whom */
        plait_count(&host->stack, PLAIT_COUNT_CONTROL_UNKNOWN);
    else
        without_flow(host, now, s, &key, hash);
}

static bool is_contradictory(const struct plait_segment *s)
{
    return (s->flags & PLAIT_SYN) && (s->flags & (PLAIT_FIN | PLAIT_RST));
}

static void other_protocol(struct plait_host *host, plait_time_ns now, const void *packet,
                           size_t length_octets)
{
    struct plait_ip ip;
    plait_result parsed = plait_ip_parse(packet, length_octets, &ip);
    if (!plait_ok(parsed)) {
        refuse(host, parsed.reason);
    } else if (!plait_host_has_addr(host, &ip.dst)) {
        plait_count(&host->stack, PLAIT_COUNT_NOT_FOR_US);
    } else if (ip.protocol != PLAIT_PROTOCOL_ICMP && ip.protocol != PLAIT_PROTOCOL_ICMPV6) {
        refuse(host, PLAIT_REASON_NOT_TCP);
    } else {
        parsed = plait_host_icmp(host, now, &ip);
        if (!plait_ok(parsed))
            refuse(host, parsed.reason);
    }
}

void plait_host_input(struct plait_host *host, plait_time_ns now, const void *packet,
                      size_t length_octets, const struct plait_offload *offload)
{
    struct plait_segment s;
    plait_count(&host->stack, PLAIT_COUNT_PACKETS_IN);
    bool is_unsummed = offload && offload->needs_checksum;
    plait_result parsed = is_unsummed ? plait_segment_parse_unsummed(packet, length_octets, &s)
                                      : plait_segment_parse(packet, length_octets, &s);
    if (parsed.reason == PLAIT_REASON_NOT_TCP)
        other_protocol(host, now, packet, length_octets);
    else if (!plait_ok(parsed))
        refuse(host, parsed.reason);
    else if (!plait_host_has_addr(host, &s.ip.dst))
        plait_count(&host->stack, PLAIT_COUNT_NOT_FOR_US);
    else if (is_contradictory(&s) || is_nobody(host, &s.ip.src))
        refuse(host, PLAIT_REASON_BAD_VALUE);
    else
        segment_input(host, now, &s);
    plait_host_settle(host, now);
}
