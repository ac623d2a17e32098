/* A host of libplait as a port of the lab's net: the four functions are almost the same. */
#include "tests/scenario/port.h"

enum { ROOM_OCTETS = 10000 }; /* above every MTU that scenarios have */

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    plait_host_input(self, now, packet->octets, packet->length_octets, &packet->offload);
    plait_packet_free(packet);
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    uint8_t room[ROOM_OCTETS];
    struct plait_out out = {.octets = room, .room_octets = sizeof room};
    return plait_host_output(self, now, &out) ? plait_packet_of(room, out.length_octets) : NULL;
}

static plait_time_ns deadline(void *self)
{
    return plait_host_deadline(self);
}

static void advance(void *self, plait_time_ns now)
{
    plait_host_advance(self, now);
}

struct plait_port scenario_port(struct plait_host *host)
{
    static const struct plait_port_ops ops = {input, output, deadline, advance};
    return (struct plait_port){.ops = &ops, .self = host, .fd = -1};
}
