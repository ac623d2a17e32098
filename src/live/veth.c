/* live/veth.c: an interface whose other end is a veth in the lab's silent namespace, with a packet
 * socket on it.
 *
 * The silent namespace has no address and no IPv6, the host's end no ARP, so that nothing but the
 * test's traffic crosses.  Checksums are complete and segments cut before the socket sees them,
 * because the host's end has neither offload.  May touch: both namespaces. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "live/inside.h"

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

static int make_pair(struct plait_live_host *host, struct plait_live_device *device, uint8_t mac[6])
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
    memcpy(mac, veth.mac, sizeof veth.mac);
    return error;
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
    const struct plait_io_options options = {.offload = live->offload};
    uint8_t mac[6]; /* of the host's end */
    int error = make_silent(live);
    if (error == 0)
        error = make_pair(host, device, mac);
    if (error == 0 && !live->offload)
        error = switch_offloads_off(host, device);
    if (error == 0)
        error = plait_live_enter(live->silent);
    if (error != 0)
        return error;
    if (!plait_ok(plait_io_open_packet(&device->io, device->lab_name, mac, &options)))
        error = errno;
    plait_live_leave(live);
    return error;
}
