/* live/tun.c: an interface whose other end is a descriptor of ours.
 * May touch: /dev/net/tun, the host's namespace. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "live/inside.h"

static int attach(int fd, const struct plait_live_device *device)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    memcpy(request.ifr_name, device->name, sizeof device->name);
    if (device->has_virtio_header)
        request.ifr_flags |= IFF_VNET_HDR;
    if (ioctl(fd, TUNSETIFF, &request) != 0)
        return errno;
    if (device->has_virtio_header &&
        ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0)
        return errno;
    return 0;
}

int plait_tun_open(struct plait_live_host *host, struct plait_live_device *device)
{
    int error =
        plait_live_enter(host); /* the descriptor belongs to the namespace it is opened in */
    if (error != 0)
        return error;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    error = fd < 0 ? errno : attach(fd, device);
    plait_live_leave(host->live);
    if (error != 0) {
        if (fd >= 0)
            close(fd);
        return error;
    }
    device->fd = fd;
    return plait_route_link_index(&host->route, device->name, &device->index);
}
