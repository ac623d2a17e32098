/* io/virtio.h: the virtio-net header (10 octets, the legacy form without num_buffers, in the
 * machine's octet order) as an offload record, and back.
 *
 * What comes from a kernel or from the other end of a socket is as hostile as any packet: a header
 * that contradicts itself or its packet is refused.  BEFORE_OCTETS are those of an Ethernet header
 * between the two, over which the header's positions count and the record's do not.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_IO_VIRTIO_H
#define PLAIT_IO_VIRTIO_H

#include <linux/virtio_net.h>

#include "base/result.h"
#include "plait/packet.h"

/* PACKET is an IP packet of LENGTH_OCTETS, which are its own (no padding).  BAD_VALUE: unknown or
 * contradictory flags, a type that is not the packet's.  BAD_LENGTH: a position outside the packet.
 * NOT_TCP: a super-segment of something else. */
plait_result plait_virtio_to_offload(const struct virtio_net_hdr *header, const uint8_t *packet,
                                     uint32_t length_octets, uint32_t before_octets,
                                     struct plait_offload *offload);

/* The same checks the other way; USAGE: segments without needs_checksum. */
plait_result plait_virtio_from_offload(const struct plait_offload *offload, const uint8_t *packet,
                                       uint32_t length_octets, uint32_t before_octets,
                                       struct virtio_net_hdr *header);

#endif
