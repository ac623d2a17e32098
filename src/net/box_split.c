/* net/box_split.c: cuts segments as an offloading device on the path would (C-MB-2): each piece has
 * all options of the whole (RFC 8684 §3.3).  May touch: the packet it was handed. */
#include <stdlib.h>

#include "net/net_internal.h"
#include "wire/tcp.h"

struct splitter {
    uint16_t most_octets;
};

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now, (void)side;
    const struct splitter *splitter = self;
    struct tcp_view view;
    if (!plait_tcp_view(packet, &view) || (view.tcp[PLAIT_TCP_FLAGS_AT] & PLAIT_SYN) ||
        plait_tcp_payload_octets(&view) <= splitter->most_octets)
        return packet;
    packet->offload.segment_octets = splitter->most_octets;
    return plait_packet_segment(packet);
}

struct plait_box plait_box_split(uint16_t most_octets)
{
    struct splitter *splitter = plait_net_alloc(1, sizeof *splitter);
    splitter->most_octets = most_octets;
    return (struct plait_box){.pass = pass, .free = free, .self = splitter};
}
