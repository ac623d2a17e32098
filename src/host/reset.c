/* host/reset.c: what is answered to segments that nobody here wants. */
#include "host/inside.h"

static struct plait_segment to_peer(const struct plait_flow_key *key, uint8_t flags)
{
    return (struct plait_segment){.ip = {.src = key->src.addr,
                                         .dst = key->dst.addr,
                                         .protocol = PLAIT_PROTOCOL_TCP,
                                         .ttl = 64,
                                         .dont_fragment = true},
                                  .src_port = key->src.port,
                                  .dst_port = key->dst.port,
                                  .flags = flags};
}

static void add_reason(struct plait_segment *reset, uint8_t reason)
{
    if (reason == PLAIT_NO_REASON)
        return;
    /* Lack of resources passes: the peer may try again (RFC 8684 §3.6). */
    const uint8_t lack_of_resources = 2, transient = 1;
    reset->mptcp_count = 1;
    reset->mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_TCPRST,
        .tcprst = {.flags = reason == lack_of_resources ? transient : 0, .reason = reason}};
}

void plait_host_reset(struct plait_host *host, plait_time_ns now,
                      const struct plait_segment *segment, uint8_t reason)
{
    if ((segment->flags & PLAIT_RST) || host->config.no_resets)
        return;
    struct plait_flow_key flow = plait_segment_flow(segment), key = plait_flow_reversed(&flow);
    struct plait_segment reset = to_peer(&key, PLAIT_RST);
    if (segment->flags & PLAIT_ACK) {
        reset.seq = segment->ack;
    } else {
        reset.flags |= PLAIT_ACK;
        reset.ack = segment->seq + plait_segment_sequence_octets(segment);
    }
    add_reason(&reset, reason);
    if (!plait_reply_add(&host->replies, &reset))
        return;
    plait_count(&host->stack, PLAIT_COUNT_RESETS_OUT);
    plait_host_trace(host, now, PLAIT_TRACE_RESET_SENT_EVENT, key.src.port, 0, 0);
}

void plait_host_ack(struct plait_host *host, const struct plait_flow_key *key, uint32_t seq,
                    uint32_t ack)
{
    struct plait_segment segment = to_peer(key, PLAIT_ACK);
    segment.seq = seq;
    segment.ack = ack;
    segment.window = UINT16_MAX;
    (void)plait_reply_add(&host->replies, &segment); /* an answer that may be left out */
}
