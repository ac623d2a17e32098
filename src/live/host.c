/* live/host.c: the live target and its hosts: namespaces held by descriptors, their interfaces.
 * May touch: namespaces and links it made itself. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/panic.h"
#include "io/system_error.h"
#include "live/inside.h"

#define QUEUE_PACKETS  10000 /* the default of 500 loses packets at high rates */
#define MTU_OCTETS     1500
#define MAIN_TABLE     254
#define LOOPBACK_INDEX 1

/* ---- errors ---------------------------------------------------------------------------------- */

plait_result plait_live_fail(struct plait_live *live, int error, const char *format, ...)
{
    int wrote;
    va_list arguments;
    va_start(arguments, format);
    wrote = vsnprintf(live->error, sizeof live->error, format, arguments);
    va_end(arguments);
    const char *name = strerrorname_np(error);
    if (wrote >= 0 && (size_t)wrote < sizeof live->error)
        snprintf(live->error + wrote, sizeof live->error - (size_t)wrote, ": %s (%s)",
                 strerrordesc_np(error), name != NULL ? name : "?");
    return plait_errno_result(error);
}

const char *plait_live_error(const struct plait_live *live)
{
    return live->error;
}

/* ---- the target ------------------------------------------------------------------------------ */

static bool tun_opens(void)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static enum plait_device choose(enum plait_device device)
{
    if (device != PLAIT_DEVICE_AUTO)
        return device;
    return tun_opens() ? PLAIT_DEVICE_TUN : PLAIT_DEVICE_VETH;
}

struct plait_live *plait_live_new(enum plait_device device, bool offload, const char *agent_path)
{
    struct plait_live *live = calloc(1, sizeof *live);
    if (live == NULL)
        return NULL;
    live->device = choose(device);
    live->offload = offload;
    live->last_host = &live->hosts;
    live->home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    live->image_fd = plait_agent_image_open(agent_path);
    return live;
}

void plait_live_free(struct plait_live *live)
{
    if (live == NULL)
        return;
    for (struct plait_live_host *host = live->hosts, *next; host != NULL; host = next) {
        next = host->next;
        plait_live_free_host(host);
    }
    plait_live_free_host(live->silent);
    if (live->home_fd >= 0)
        close(live->home_fd);
    if (live->image_fd >= 0)
        close(live->image_fd);
    free(live);
}

enum plait_device plait_live_device(const struct plait_live *live)
{
    return live->device;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

int plait_live_enter(const struct plait_live_host *host)
{
    return setns(host->namespace_fd, CLONE_NEWNET) == 0 ? 0 : errno;
}

void plait_live_leave(const struct plait_live *live)
{
    if (setns(live->home_fd, CLONE_NEWNET) != 0)
        plait_panic("live: no way home", "setns: %s", strerrorname_np(errno));
}

/* Hosts are no routers, and say nothing by themselves: no IPv6 address, router solicitation or
 * duplicate detection but what the lab asks for.  A kernel without IPv6 lacks most of them. */
static const struct {
    const char *name, *value;
} quiet[] = {
    {"net/ipv4/ip_forward", "0"},
    {"net/ipv6/conf/all/forwarding", "0"},
    {"net/ipv6/conf/default/addr_gen_mode", "1"},
    {"net/ipv6/conf/default/accept_ra", "0"},
    {"net/ipv6/conf/default/autoconf", "0"},
    {"net/ipv6/conf/default/accept_dad", "0"},
    {"net/ipv6/conf/default/router_solicitations", "0"},
};

static int furnish(struct plait_live_host *host)
{
    int error;
    host->namespace_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (host->namespace_fd < 0)
        return errno;
    if ((error = plait_netlink_open(&host->route, NETLINK_ROUTE)) != 0 ||
        (error = plait_netlink_open(&host->generic, NETLINK_GENERIC)) != 0 ||
        (error = plait_netlink_open(&host->diag, NETLINK_SOCK_DIAG)) != 0)
        return error;
    plait_settings_open(host->settings);
    for (unsigned i = 0; i < sizeof quiet / sizeof quiet[0]; i++)
        (void)plait_settings_write(host->settings, quiet[i].name, quiet[i].value);
    (void)plait_mptcp_family(&host->generic, &host->mptcp_family);
    return plait_route_set_up(&host->route, LOOPBACK_INDEX, true);
}

int plait_live_make_host(struct plait_live *live, const char *name, struct plait_live_host **host)
{
    struct plait_live_host *h = calloc(1, sizeof *h);
    if (h == NULL)
        return ENOMEM;
    h->live = live;
    h->namespace_fd = h->agent.fd = -1;
    for (unsigned i = 0; i < PLAIT_SYSCTL_DIRECTORIES; i++)
        h->settings[i] = -1;
    snprintf(h->name, sizeof h->name, "%s", name);
    int error = EPERM;
    if (live->home_fd >= 0 && unshare(CLONE_NEWNET) == 0) {
        error = furnish(h);
        plait_live_leave(live);
    } else if (live->home_fd >= 0) {
        error = errno;
    }
    if (error != 0) {
        plait_live_free_host(h);
        return error;
    }
    *host = h;
    return 0;
}

void plait_live_free_host(struct plait_live_host *host)
{
    if (host == NULL)
        return;
    plait_agent_link_close(&host->agent);
    for (unsigned i = 0; i < host->device_count; i++)
        plait_device_close(&host->devices[i]);
    plait_netlink_close(&host->route);
    plait_netlink_close(&host->generic);
    plait_netlink_close(&host->diag);
    plait_settings_close(host->settings);
    if (host->namespace_fd >= 0)
        close(host->namespace_fd);
    free(host);
}

plait_result plait_live_host_new(struct plait_live *live, const char *name,
                                 struct plait_live_host **host)
{
    int error = plait_live_make_host(live, name, host);
    if (error != 0)
        return plait_live_fail(live, error, "host %s: network namespace", name);
    *live->last_host = *host;
    live->last_host = &(*host)->next;
    return PLAIT_OK;
}

const char *plait_live_host_name(const struct plait_live_host *host)
{
    return host->name;
}

/* ---- interfaces ------------------------------------------------------------------------------ */

struct plait_live_device *plait_live_device_named(struct plait_live_host *host, const char *name)
{
    for (unsigned i = 0; i < host->device_count; i++)
        if (strcmp(host->devices[i].name, name) == 0)
            return &host->devices[i];
    return NULL;
}

static int open_device(struct plait_live_host *host, struct plait_live_device *device,
                       const struct plait_live_interface *interface)
{
    struct plait_live *live = host->live;
    uint32_t mtu_octets = interface->mtu_octets != 0 ? interface->mtu_octets : MTU_OCTETS;
    *device = (struct plait_live_device){0};
    snprintf(device->name, sizeof device->name, "%s", interface->name);
    device->addr_count = interface->addr_count;
    memcpy(device->addrs, interface->addrs, sizeof device->addrs);
    memcpy(device->prefix_bits, interface->prefix_bits, sizeof device->prefix_bits);
    device->room_octets = live->offload ? PLAIT_PACKET_MAX_OCTETS : mtu_octets;
    int error = live->device == PLAIT_DEVICE_TUN ? plait_tun_open(host, device)
                                                 : plait_veth_open(host, device);
    const struct plait_link_settings settings = {mtu_octets, QUEUE_PACKETS, true};
    if (error == 0)
        error = plait_route_set_link(&host->route, device->index, &settings);
    if (error == 0 && device->lab_index != 0)
        error = plait_route_set_link(&live->silent->route, device->lab_index, &settings);
    return error;
}

static bool has_family(const struct plait_live_device *device, unsigned count,
                       enum plait_family family)
{
    for (unsigned i = 0; i < count; i++)
        if (device->addrs[i].family == family)
            return true;
    return false;
}

/* What is there already is well where AGAIN says so: a link that comes up again has lost its routes
 * and IPv6 addresses, but not the rest. */
static int made(int error, bool again)
{
    return again && error == EEXIST ? 0 : error;
}

static int add_default_routes(struct plait_live_host *host, const struct plait_live_device *device,
                              uint8_t family, bool again)
{
    uint32_t table = PLAIT_LIVE_TABLE_FIRST + (uint32_t)(device - host->devices);
    int error = made(plait_route_add_default(&host->route, family, device->index, table), again);
    if (error != 0 || device != host->devices)
        return error;
    return made(plait_route_add_default(&host->route, family, device->index, MAIN_TABLE), again);
}

/* The first address of its family on the interface brings the family's default route. */
static int add_addr(struct plait_live_host *host, const struct plait_live_device *device,
                    unsigned which, bool again)
{
    const struct plait_addr *addr = &device->addrs[which];
    uint32_t table = PLAIT_LIVE_TABLE_FIRST + (uint32_t)(device - host->devices);
    int error =
        made(plait_route_addr(&host->route, device->index, addr, device->prefix_bits[which], false),
             again);
    if (error == 0)
        error = made(plait_route_add_rule(&host->route, addr, table), again);
    if (error != 0 || has_family(device, which, addr->family))
        return error;
    return add_default_routes(host, device, plait_netlink_family(addr), again);
}

static int add_addrs(struct plait_live_host *host, const struct plait_live_device *device,
                     bool again)
{
    int error = 0;
    for (unsigned i = 0; error == 0 && i < device->addr_count; i++)
        error = add_addr(host, device, i, again);
    return error;
}

static bool is_valid(const struct plait_live_interface *interface)
{
    bool valid = interface->name != NULL && strlen(interface->name) < PLAIT_LIVE_LINK_NAME &&
                 interface->addr_count <= 4 && interface->mtu_octets <= PLAIT_PACKET_MAX_OCTETS;
    for (unsigned i = 0; valid && i < interface->addr_count; i++)
        valid = interface->prefix_bits[i] <= 8 * plait_addr_octets(interface->addrs[i].family) &&
                interface->addrs[i].family != PLAIT_NO_FAMILY;
    return valid;
}

plait_result plait_live_add_interface(struct plait_live_host *host,
                                      const struct plait_live_interface *interface,
                                      struct plait_port *port)
{
    if (!is_valid(interface))
        return plait_live_fail(host->live, EINVAL, "host %s: interface", host->name);
    if (host->device_count == PLAIT_LIVE_INTERFACES_MAX)
        return plait_live_fail(host->live, ENOSPC, "host %s: interfaces", host->name);
    struct plait_live_device *device = &host->devices[host->device_count];
    int error = open_device(host, device, interface);
    if (error != 0) {
        plait_device_close(device);
        return plait_live_fail(host->live, error, "host %s: interface %s", host->name,
                               interface->name);
    }
    host->device_count++;
    *port = plait_device_port(device);
    error = add_addrs(host, device, false);
    return error == 0 ? PLAIT_OK
                      : plait_live_fail(host->live, error, "host %s: addresses and routes of %s",
                                        host->name, interface->name);
}

plait_result plait_live_set_interface_up(struct plait_live_host *host, const char *name, bool up)
{
    struct plait_live_device *device = plait_live_device_named(host, name);
    int error = device == NULL ? ENODEV : plait_route_set_up(&host->route, device->index, up);
    if (error == 0 && up)
        error = add_addrs(host, device, true);
    return error == 0 ? PLAIT_OK
                      : plait_live_fail(host->live, error, "host %s: %s %s", host->name, name,
                                        up ? "up" : "down");
}

/* So that it does not come back with the link. */
static void forget_addr(struct plait_live_device *device, const struct plait_addr *addr)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < device->addr_count; i++) {
        if (plait_addr_equal(&device->addrs[i], addr))
            continue;
        device->addrs[kept] = device->addrs[i];
        device->prefix_bits[kept++] = device->prefix_bits[i];
    }
    device->addr_count = kept;
}

plait_result plait_live_remove_addr(struct plait_live_host *host, const char *interface,
                                    const struct plait_addr *addr, unsigned prefix_bits)
{
    struct plait_live_device *device = plait_live_device_named(host, interface);
    int error = device == NULL
                    ? ENODEV
                    : plait_route_addr(&host->route, device->index, addr, prefix_bits, true);
    if (error != 0)
        return plait_live_fail(host->live, error, "host %s: remove address of %s", host->name,
                               interface);
    forget_addr(device, addr);
    return PLAIT_OK;
}

uint64_t plait_live_host_invalid(const struct plait_live_host *host)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < host->device_count; i++)
        sum += plait_device_invalid(&host->devices[i]);
    return sum;
}

uint64_t plait_live_host_refused(const struct plait_live_host *host)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < host->device_count; i++)
        sum += plait_device_refused(&host->devices[i]);
    return sum;
}

static uint64_t device_dropped(struct plait_live_host *host, struct plait_live_device *device)
{
    if (device->lab_index != 0) /* veth: the packet socket knows */
        return plait_io_counters(device->io)->kernel_dropped;
    return plait_route_tx_dropped(&host->route, device->index, &device->dropped) == 0
               ? device->dropped
               : 0;
}

uint64_t plait_live_host_dropped(struct plait_live_host *host)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < host->device_count; i++)
        sum += device_dropped(host, &host->devices[i]);
    return sum;
}
