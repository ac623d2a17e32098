/* io/packet_socket.c: an Ethernet interface, seen through a packet socket.
 * May touch: the caller's network namespace. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "io/device.h"

static bool set_one(int fd, int option)
{
    const int one = 1;
    return setsockopt(fd, SOL_PACKET, option, &one, sizeof one) == 0;
}

static int read_own_mac(int fd, const char *interface, uint8_t mac[6])
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
    if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
        return errno;
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
        return EAFNOSUPPORT;
    memcpy(mac, request.ifr_hwaddr.sa_data, 6);
    return 0;
}

static int bind_to(int fd, const char *interface)
{
    struct ifreq request = {0};
    strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
    if (ioctl(fd, SIOCGIFINDEX, &request) != 0)
        return errno;
    const struct sockaddr_ll link = {.sll_family = AF_PACKET,
                                     .sll_protocol = htons(ETH_P_ALL),
                                     .sll_ifindex = request.ifr_ifindex};
    return bind(fd, (const struct sockaddr *)&link, sizeof link) == 0 ? 0 : errno;
}

/* Set up before it is bound, so that no frame comes in another form. */
static int prepare(int fd, const char *interface, uint8_t own_mac[6],
                   const struct plait_io_options *options)
{
    if (!set_one(fd, PACKET_IGNORE_OUTGOING) || !set_one(fd, PACKET_VNET_HDR))
        return errno == ENOPROTOOPT ? EOPNOTSUPP : errno;
    plait_io_make_room(fd, options);
    int error = read_own_mac(fd, interface, own_mac);
    return error != 0 ? error : bind_to(fd, interface);
}

plait_result plait_io_open_packet(struct plait_io **io, const char *interface,
                                  const uint8_t peer_mac[6], const struct plait_io_options *options)
{
    uint8_t own_mac[6];
    if (strnlen(interface, PLAIT_IO_NAME_OCTETS) == PLAIT_IO_NAME_OCTETS)
        return plait_io_give_up(-1, EINVAL);
    /* Protocol 0 until it is bound, so that it takes from one link only. */
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return plait_io_give_up(-1, errno);
    int error = prepare(fd, interface, own_mac, options);
    if (error != 0)
        return plait_io_give_up(fd, error);
    struct plait_io *device = plait_io_new(fd, PLAIT_IO_PACKET, options);
    if (device == NULL)
        return plait_io_give_up(fd, ENOMEM);
    device->knows_peer = peer_mac != NULL;
    if (peer_mac != NULL)
        memcpy(device->ethernet, peer_mac, 6);
    memcpy(device->ethernet + 6, own_mac, 6);
    *io = device;
    return PLAIT_OK;
}
