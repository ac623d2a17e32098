/* net/box_strip.c: the middlebox that does not know option 30 (C-MB-1, T-BID-1).
 * May touch: the packet it was handed. */
#include "net/net.h"
#include "wire/tcp.h"

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)self, (void)now, (void)side;
    (void)plait_packet_strip_mptcp(packet->octets, packet->length_octets);
    return packet;
}

struct plait_box plait_box_strip_mptcp(void)
{
    return (struct plait_box){.pass = pass};
}
