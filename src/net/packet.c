/* net/packet.c: packets as memory.  May touch: memory it allocated itself. */
#include "net/packet.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

struct plait_packet *plait_packet_new(uint32_t room_octets)
{
    PLAIT_CHECK(room_octets <= PLAIT_PACKET_MAX_OCTETS);
    struct plait_packet *packet = malloc(sizeof *packet + room_octets);
    if (!packet)
        plait_panic("net: memory exhausted", "a packet of %u octets", room_octets);
    *packet = (struct plait_packet){.room_octets = room_octets};
    return packet;
}

struct plait_packet *plait_packet_of(const void *octets, uint32_t length_octets)
{
    struct plait_packet *packet = plait_packet_new(length_octets);
    if (length_octets)
        memcpy(packet->octets, octets, length_octets);
    packet->length_octets = length_octets;
    return packet;
}

struct plait_packet *plait_packet_copy(const struct plait_packet *packet)
{
    struct plait_packet *copy = plait_packet_of(packet->octets, packet->length_octets);
    copy->forged = packet->forged;
    copy->edited = packet->edited;
    copy->offload = packet->offload;
    return copy;
}

void plait_packet_free(struct plait_packet *packet)
{
    free(packet);
}
