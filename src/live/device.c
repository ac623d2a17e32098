/* live/device.c: one interface as a port of the net: bare IP packets in and out, without blocking.
 *
 * TUN and AF_PACKET differ only in the headers around a packet: a virtio-net header (offload), an
 * Ethernet header (veth).  May touch: the device's descriptor. */
#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/octets.h"
#include "live/inside.h"

enum { VIRTIO, ETHERNET, PACKET, EXCESS, PARTS };

static struct virtio_net_hdr virtio_of(const struct plait_live_device *device,
                                       const struct plait_packet *packet)
{
    const struct plait_offload *offload = &packet->offload;
    struct virtio_net_hdr header = {0};
    if (offload->needs_checksum) {
        header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        header.csum_start = (uint16_t)(offload->checksum_start + device->ethernet_octets);
        header.csum_offset = offload->checksum_offset;
    }
    if (offload->segment_octets != 0) {
        header.gso_type = packet->octets[0] >> 4 == PLAIT_IPV6 ? VIRTIO_NET_HDR_GSO_TCPV6
                                                               : VIRTIO_NET_HDR_GSO_TCPV4;
        header.gso_size = offload->segment_octets;
        header.hdr_len = (uint16_t)(offload->header_octets + device->ethernet_octets);
    }
    return header;
}

/* The header's hdr_len is but a hint, so the length of the headers is read from the packet. */
static struct plait_offload offload_of(const struct plait_live_device *device,
                                       const struct virtio_net_hdr *header,
                                       const struct plait_packet *packet)
{
    struct plait_offload offload = {0};
    if (!(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
        header->csum_start < device->ethernet_octets)
        return offload;
    offload.needs_checksum = true;
    offload.checksum_start = (uint16_t)(header->csum_start - device->ethernet_octets);
    offload.checksum_offset = header->csum_offset;
    unsigned data_offset_at = offload.checksum_start + 12u; /* RFC 9293 §3.1 */
    if (header->gso_type == VIRTIO_NET_HDR_GSO_NONE || data_offset_at >= packet->length_octets)
        return offload;
    offload.segment_octets = header->gso_size;
    offload.header_octets =
        (uint16_t)(offload.checksum_start + (packet->octets[data_offset_at] >> 4) * 4);
    return offload;
}

static void device_input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct plait_live_device *device = self;
    (void)now;
    struct virtio_net_hdr virtio = virtio_of(device, packet);
    bool is_ipv6 = packet->length_octets > 0 && packet->octets[0] >> 4 == PLAIT_IPV6;
    plait_store_u16(device->ethernet + 12, is_ipv6 ? 0x86dd : 0x0800);
    const struct iovec parts[] = {
        [VIRTIO] = {&virtio, device->has_virtio_header ? sizeof virtio : 0},
        [ETHERNET] = {device->ethernet, device->ethernet_octets},
        [PACKET] = {packet->octets, packet->length_octets},
    };
    if (writev(device->fd, parts, 3) < 0)
        device->refused++;
    plait_packet_free(packet);
}

/* The length that the packet's own header states; 0 if LENGTH octets are no IP packet. */
static uint32_t stated_length(const uint8_t *octets, uint32_t length_octets)
{
    uint32_t stated = 0;
    if (length_octets >= 20 && octets[0] >> 4 == PLAIT_IPV4)
        stated = plait_load_u16(octets + 2);
    else if (length_octets >= 40 && octets[0] >> 4 == PLAIT_IPV6)
        stated = 40u + plait_load_u16(octets + 4);
    return stated <= length_octets ? stated : 0;
}

/* Reads into the spare packet.  -1 at the end of what there is, else the packet's octets, 0 if they
 * are none. */
static int64_t read_one(struct plait_live_device *device, struct virtio_net_hdr *virtio)
{
    uint8_t ethernet[14], excess;
    size_t before = (device->has_virtio_header ? sizeof *virtio : 0) + device->ethernet_octets;
    const struct iovec parts[PARTS] = {
        [VIRTIO] = {virtio, device->has_virtio_header ? sizeof *virtio : 0},
        [ETHERNET] = {ethernet, device->ethernet_octets},
        [PACKET] = {device->spare->octets, device->room_octets},
        [EXCESS] = {&excess, 1},
    };
    ssize_t length;
    do
        length = readv(device->fd, parts, PARTS);
    while (length < 0 && errno == EINTR);
    if (length < 0)
        return -1;
    size_t whole = (size_t)length;
    if (whole < before || whole > before + device->room_octets)
        return 0;
    return stated_length(device->spare->octets, (uint32_t)(whole - before));
}

static struct plait_packet *device_output(void *self, plait_time_ns now)
{
    struct plait_live_device *device = self;
    (void)now;
    for (;;) {
        struct virtio_net_hdr virtio = {0};
        if (device->spare == NULL)
            device->spare = plait_packet_new(device->room_octets);
        int64_t length_octets = read_one(device, &virtio);
        if (length_octets < 0)
            return NULL;
        if (length_octets == 0) {
            device->invalid++;
            continue;
        }
        struct plait_packet *packet = device->spare;
        device->spare = NULL;
        packet->length_octets = (uint32_t)length_octets;
        packet->offload = offload_of(device, &virtio, packet);
        return packet;
    }
}

static plait_time_ns device_deadline(void *self)
{
    (void)self;
    return PLAIT_NEVER;
}

static void device_advance(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
}

static const struct plait_port_ops operations = {device_input, device_output, device_deadline,
                                                 device_advance};

struct plait_port plait_device_port(struct plait_live_device *device)
{
    return (struct plait_port){.ops = &operations,
                               .self = device,
                               .fd = device->fd,
                               .takes_offload = device->has_virtio_header};
}

void plait_device_close(struct plait_live_device *device)
{
    if (device->fd >= 0)
        close(device->fd);
    device->fd = -1;
    plait_packet_free(device->spare);
    device->spare = NULL;
}
