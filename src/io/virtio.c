/* io/virtio.c: virtio-net headers and offload records (virtio 1.2 §5.1.6).
 * May touch: nothing but its arguments. */
#include "io/virtio.h"

#include "plait/address.h"

#define KNOWN_FLAGS (VIRTIO_NET_HDR_F_NEEDS_CSUM | VIRTIO_NET_HDR_F_DATA_VALID)

#define GSO_UDP_L4 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, which older kernel headers lack */

#define TCP_HEADER_OCTETS  20u /* RFC 9293 §3.1 */
#define TCP_LENGTH_AT      12u
#define TCP_CHECKSUM_AT    16u
#define IPV4_HEADER_OCTETS 20u
#define IPV6_HEADER_OCTETS 40u

static unsigned version(const uint8_t *packet, uint32_t length_octets)
{
    return length_octets > 0 ? packet[0] >> 4 : 0;
}

/* Where a transport header may begin: IPv6's may stand behind extension headers. */
static bool may_start_at(const uint8_t *packet, uint32_t length_octets, uint32_t start)
{
    switch (version(packet, length_octets)) {
    case PLAIT_IPV4:
        return start >= IPV4_HEADER_OCTETS && start == (packet[0] & 15) * 4u;
    case PLAIT_IPV6:
        return start >= IPV6_HEADER_OCTETS;
    }
    return false;
}

static plait_result check_sum(const struct plait_offload *offload, const uint8_t *packet,
                              uint32_t length_octets)
{
    uint32_t start = offload->checksum_start;
    if (start + offload->checksum_offset + 2u > length_octets)
        return PLAIT_FAIL(BAD_LENGTH);
    return may_start_at(packet, length_octets, start) ? PLAIT_OK : PLAIT_FAIL(BAD_VALUE);
}

/* The length of the headers as the packet has it: whoever cuts believes that. */
static plait_result check_segments(const struct plait_offload *offload, const uint8_t *packet,
                                   uint32_t length_octets, uint32_t *header_octets)
{
    uint32_t start = offload->checksum_start;
    if (offload->checksum_offset != TCP_CHECKSUM_AT)
        return PLAIT_FAIL(BAD_VALUE);
    if (start + TCP_HEADER_OCTETS > length_octets)
        return PLAIT_FAIL(BAD_LENGTH);
    uint32_t tcp_octets = (packet[start + TCP_LENGTH_AT] >> 4) * 4u;
    *header_octets = start + tcp_octets;
    if (tcp_octets < TCP_HEADER_OCTETS || *header_octets > length_octets)
        return PLAIT_FAIL(BAD_LENGTH);
    return *header_octets + offload->segment_octets <= PLAIT_PACKET_MAX_OCTETS
               ? PLAIT_OK
               : PLAIT_FAIL(BAD_VALUE);
}

/* The type without the note that segments may carry CWR: whoever cuts keeps that on the first
 * segment in any case (RFC 3168 §6.1.2). */
static plait_result check_type(const struct virtio_net_hdr *header, unsigned ip_version)
{
    unsigned type = header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
    if (type == VIRTIO_NET_HDR_GSO_UDP || type == GSO_UDP_L4)
        return PLAIT_FAIL(NOT_TCP);
    bool agrees = (type == VIRTIO_NET_HDR_GSO_TCPV4 && ip_version == PLAIT_IPV4) ||
                  (type == VIRTIO_NET_HDR_GSO_TCPV6 && ip_version == PLAIT_IPV6);
    return agrees && header->gso_size != 0 ? PLAIT_OK : PLAIT_FAIL(BAD_VALUE);
}

plait_result plait_virtio_to_offload(const struct virtio_net_hdr *header, const uint8_t *packet,
                                     uint32_t length_octets, uint32_t before_octets,
                                     struct plait_offload *offload)
{
    *offload = (struct plait_offload){0};
    bool is_super = header->gso_type != VIRTIO_NET_HDR_GSO_NONE;
    bool needs_checksum = header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
    if (header->flags & ~KNOWN_FLAGS || (is_super && !needs_checksum))
        return PLAIT_FAIL(BAD_VALUE);
    if (!needs_checksum)
        return PLAIT_OK;
    if (header->csum_start < before_octets)
        return PLAIT_FAIL(BAD_LENGTH);
    struct plait_offload o = {.needs_checksum = true,
                              .checksum_start = (uint16_t)(header->csum_start - before_octets),
                              .checksum_offset = header->csum_offset};
    PLAIT_TRY(check_sum(&o, packet, length_octets));
    if (is_super) {
        uint32_t header_octets;
        PLAIT_TRY(check_type(header, version(packet, length_octets)));
        o.segment_octets = header->gso_size;
        PLAIT_TRY(check_segments(&o, packet, length_octets, &header_octets));
        o.header_octets = (uint16_t)header_octets; /* hdr_len is but a hint, and not read */
    }
    *offload = o;
    return PLAIT_OK;
}

plait_result plait_virtio_from_offload(const struct plait_offload *offload, const uint8_t *packet,
                                       uint32_t length_octets, uint32_t before_octets,
                                       struct virtio_net_hdr *header)
{
    *header = (struct virtio_net_hdr){0};
    if (!offload->needs_checksum)
        return offload->segment_octets == 0 ? PLAIT_OK : PLAIT_FAIL(USAGE);
    PLAIT_TRY(check_sum(offload, packet, length_octets));
    uint32_t start = offload->checksum_start + before_octets, header_octets = 0;
    if (offload->segment_octets != 0)
        PLAIT_TRY(check_segments(offload, packet, length_octets, &header_octets));
    if (start > UINT16_MAX || header_octets + before_octets > UINT16_MAX)
        return PLAIT_FAIL(BAD_LENGTH);
    header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    header->csum_start = (uint16_t)start;
    header->csum_offset = offload->checksum_offset;
    if (offload->segment_octets == 0)
        return PLAIT_OK;
    bool is_ipv6 = version(packet, length_octets) == PLAIT_IPV6;
    header->gso_type = is_ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    header->gso_size = offload->segment_octets;
    header->hdr_len = (uint16_t)(header_octets + before_octets);
    return PLAIT_OK;
}
