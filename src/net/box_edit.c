/* net/box_edit.c: an application-level gateway (C-MB-4): alters one octet of every n-th segment
 * that carries payload, and mends TCP's checksum, so that TCP takes it. May touch: the packet it
 * was handed. */
#include <stdlib.h>

#include "net/net_internal.h"
#include "wire/tcp.h"

struct gateway {
    unsigned every;
    unsigned seen[2]; /* that came in at side n */
};

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now;
    struct gateway *gateway = self;
    struct tcp_view view;
    if (!plait_tcp_view(packet, &view) || plait_tcp_payload_octets(&view) == 0 ||
        ++gateway->seen[side] % gateway->every != 0)
        return packet;
    size_t at = plait_tcp_header_octets(&view);
    uint8_t altered = view.tcp[at] ^ 0x20; /* as from small to large letters */
    plait_tcp_write(&view, at, &altered, 1);
    return packet;
}

struct plait_box plait_box_edit(unsigned every)
{
    struct gateway *gateway = plait_net_alloc(1, sizeof *gateway);
    gateway->every = every;
    return (struct plait_box){.pass = pass, .free = free, .self = gateway};
}
