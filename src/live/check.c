/* live/check.c: is a host still what the lab made, and nothing else (DESIGN §6, "the lab cannot be
 * aimed")?  May touch: nothing; it only asks. */
#include <errno.h>
#include <string.h>

#include "live/inside.h"

/* Tunnels that the kernel makes in each namespace by itself; harmless while down. */
static const char *const fallback_tunnels[] = {
    "tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip6tnl0", "ip6gre0", "ip_vti0", "ip6_vti0",
};

struct inspection {
    const struct plait_live_host *host;
    const struct plait_live *live;
    char foreign[PLAIT_LIVE_LINK_NAME];
};

static bool is_fallback_tunnel(const struct plait_link_seen *link)
{
    for (unsigned i = 0; i < sizeof fallback_tunnels / sizeof fallback_tunnels[0]; i++)
        if (strcmp(link->name, fallback_tunnels[i]) == 0)
            return !link->is_up;
    return false;
}

static bool is_end_of(const struct plait_live_device *device, const struct plait_link_seen *link,
                      bool lab_end)
{
    return link->index == (lab_end ? device->lab_index : device->index) &&
           strcmp(link->name, lab_end ? device->lab_name : device->name) == 0;
}

static bool is_device_of(const struct plait_live_host *host, const struct plait_link_seen *link,
                         bool lab_end)
{
    for (unsigned i = 0; i < host->device_count; i++)
        if (is_end_of(&host->devices[i], link, lab_end))
            return true;
    return false;
}

static bool is_ours(const struct inspection *inspection, const struct plait_link_seen *link)
{
    if (link->is_loopback)
        return strcmp(link->name, "lo") == 0;
    if (inspection->host != inspection->live->silent) {
        const char *kind = inspection->live->device == PLAIT_DEVICE_TUN ? "tun" : "veth";
        return strcmp(link->kind, kind) == 0 && is_device_of(inspection->host, link, false);
    }
    for (const struct plait_live_host *h = inspection->live->hosts; h != NULL; h = h->next)
        if (is_device_of(h, link, true))
            return true;
    return false;
}

static bool inspect_link(void *self, const struct plait_link_seen *link)
{
    struct inspection *inspection = self;
    if (is_fallback_tunnel(link) || is_ours(inspection, link))
        return true;
    strncpy(inspection->foreign, link->name, sizeof inspection->foreign - 1);
    return false;
}

static plait_result check_namespace(struct plait_live_host *host)
{
    struct inspection inspection = {.host = host, .live = host->live};
    unsigned forwarding;
    int error = plait_route_each_link(&host->route, inspect_link, &inspection);
    if (error == 0)
        error = plait_route_count_forwarding(&host->route, &forwarding);
    if (error != 0)
        return plait_live_fail(host->live, error, "host %s: inspection", host->name);
    if (inspection.foreign[0] != '\0')
        return plait_live_fail(host->live, EPERM, "host %s: link %s is not the lab's", host->name,
                               inspection.foreign);
    if (forwarding != 0)
        return plait_live_fail(host->live, EPERM, "host %s: it forwards packets", host->name);
    return PLAIT_OK;
}

plait_result plait_live_check(struct plait_live_host *host)
{
    PLAIT_TRY(check_namespace(host));
    return host->live->silent != NULL ? check_namespace(host->live->silent) : PLAIT_OK;
}

plait_result plait_live_count_sockets(struct plait_live_host *host, unsigned tcp_state,
                                      uint32_t *count)
{
    int error = plait_diag_count(&host->diag, tcp_state, count);
    return error == 0
               ? PLAIT_OK
               : plait_live_fail(host->live, error, "host %s: socket diagnostics", host->name);
}
