/* net/box_strip.c: the middlebox that does not know option 30 (C-MB-1, T-BID-1), or forgets it at
 * times: RFC 8684 §3.7 lists where in a connection that may begin.
 * May touch: the packet it was handed, and what the chooser gave it. */
#include <stdlib.h>

#include "net/net_internal.h"
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

/* ---- chosen packets ------------------------------------------------------------------------ */

struct chooser {
    bool (*choose)(void *self, plait_time_ns now, int side, const struct plait_segment *segment);
    void *self;
};

static struct plait_packet *pass_chosen(void *self, plait_time_ns now, int side,
                                        struct plait_packet *packet)
{
    const struct chooser *chooser = self;
    struct plait_segment segment;
    if (plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)) &&
        chooser->choose(chooser->self, now, side, &segment))
        (void)plait_packet_strip_mptcp(packet->octets, packet->length_octets);
    return packet;
}

struct plait_box plait_box_strip_chosen(bool (*choose)(void *self, plait_time_ns now, int side,
                                                       const struct plait_segment *segment),
                                        void *self)
{
    struct chooser *chooser = plait_net_alloc(1, sizeof *chooser);
    *chooser = (struct chooser){choose, self};
    return (struct plait_box){.pass = pass_chosen, .free = free, .self = chooser};
}
