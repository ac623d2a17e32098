/* live/veth.c: an interface whose other end is a veth in the lab's silent namespace, with a packet
 * socket on it.
 *
 * The silent namespace has no address and no IPv6, the host's end no ARP, so that nothing but the
 * test's traffic crosses.  Checksums are complete and segments cut before the socket sees them,
 * because the host's end has neither offload.  May touch: both namespaces. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live/inside.h"

#define RECEIVE_ROOM_OCTETS (16 << 20)

static const uint32_t offloads[] = {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_SSG,
                                    ETHTOOL_STXCSUM};

static int switch_offloads_off(struct plait_live_host *host, const struct plait_live_device *device)
{
    for (unsigned i = 0; i < sizeof offloads / sizeof offloads[0]; i++) {
        struct ethtool_value value = {.cmd = offloads[i], .data = 0};
        struct ifreq request = {.ifr_data = (void *)&value};
        memcpy(request.ifr_name, device->name, sizeof device->name);
        if (ioctl(plait_netlink_fd(&host->route), SIOCETHTOOL, &request) != 0)
            return errno;
    }
    return 0;
}

static int make_pair(struct plait_live_host *host, struct plait_live_device *device)
{
    struct plait_live *live = host->live;
    uint8_t number = (uint8_t)++live->link_count;
    struct plait_veth veth = {.name = device->name,
                              .peer_name = device->lab_name,
                              .peer_namespace_fd = live->silent->namespace_fd,
                              .mac = {2, 0, 0, 0, 1, number},
                              .peer_mac = {2, 0, 0, 0, 2, number}};
    snprintf(device->lab_name, sizeof device->lab_name, "lab%u", live->link_count);
    int error = plait_route_add_veth(&host->route, &veth);
    if (error == 0)
        error = plait_route_link_index(&host->route, device->name, &device->index);
    if (error == 0)
        error = plait_route_link_index(&live->silent->route, device->lab_name, &device->lab_index);
    device->ethernet_octets = 14;
    memcpy(device->ethernet, veth.mac, 6);
    memcpy(device->ethernet + 6, veth.peer_mac, 6);
    return error;
}

static bool set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* A full socket would be loss that nobody asked for. */
static void make_room(int fd)
{
    if (!set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_ROOM_OCTETS))
        (void)set_int(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_ROOM_OCTETS);
    if (!set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, RECEIVE_ROOM_OCTETS))
        (void)set_int(fd, SOL_SOCKET, SO_SNDBUF, RECEIVE_ROOM_OCTETS);
}

/* Protocol 0 until it is bound, so that it takes from one link only. */
static int open_socket(struct plait_live_device *device)
{
    const struct sockaddr_ll link = {.sll_family = AF_PACKET,
                                     .sll_protocol = htons(ETH_P_ALL),
                                     .sll_ifindex = (int)device->lab_index};
    device->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (device->fd < 0 || !set_int(device->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1))
        return errno;
    make_room(device->fd);
    if (device->has_virtio_header && !set_int(device->fd, SOL_PACKET, PACKET_VNET_HDR, 1))
        return errno;
    return bind(device->fd, (const struct sockaddr *)&link, sizeof link) == 0 ? 0 : errno;
}

static int make_silent(struct plait_live *live)
{
    if (live->silent != NULL)
        return 0;
    int error = plait_live_make_host(live, "(lab)", &live->silent);
    /* Without IPv6 there is nothing to switch off. */
    if (error == 0)
        (void)plait_settings_write(live->silent->settings, "net/ipv6/conf/default/disable_ipv6",
                                   "1");
    return error;
}

int plait_veth_open(struct plait_live_host *host, struct plait_live_device *device)
{
    struct plait_live *live = host->live;
    int error = make_silent(live);
    if (error == 0)
        error = make_pair(host, device);
    if (error == 0 && !live->offload)
        error = switch_offloads_off(host, device);
    if (error == 0)
        error = plait_live_enter(live->silent);
    if (error != 0)
        return error;
    error = open_socket(device);
    plait_live_leave(live);
    return error;
}

uint64_t plait_veth_dropped(const struct plait_live_device *device)
{
    struct tpacket_stats counts = {0}; /* the kernel starts again from 0 */
    socklen_t room = sizeof counts;
    return getsockopt(device->fd, SOL_PACKET, PACKET_STATISTICS, &counts, &room) == 0
               ? counts.tp_drops
               : 0;
}
