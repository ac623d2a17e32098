/* live/path_manager.c: limits and endpoints of a host's kernel path manager, set and read back.
 * May touch: the host's namespace, through its generic netlink socket. */
#include <errno.h>

#include "live/inside.h"

static plait_result done(struct plait_live_host *host, int error, const char *what)
{
    return error == 0 ? PLAIT_OK
                      : plait_live_fail(host->live, error, "host %s: MPTCP %s", host->name, what);
}

plait_result plait_live_mptcp_limits(struct plait_live_host *host, unsigned subflows,
                                     unsigned add_addr_accepted)
{
    int error = host->mptcp_family == 0 ? EOPNOTSUPP
                                        : plait_mptcp_set_limits(&host->generic, host->mptcp_family,
                                                                 subflows, add_addr_accepted);
    return done(host, error, "limits");
}

plait_result plait_live_mptcp_endpoint_add(struct plait_live_host *host,
                                           const struct plait_addr *addr, unsigned addr_id,
                                           unsigned flags, const char *interface)
{
    const struct plait_live_device *device =
        interface != NULL ? plait_live_device_named(host, interface) : NULL;
    if (addr_id > 255 || (interface != NULL && device == NULL))
        return done(host, EINVAL, "endpoint");
    const struct plait_mptcp_endpoint endpoint = {.addr = *addr,
                                                  .addr_id = (uint8_t)addr_id,
                                                  .flags = flags,
                                                  .link_index = device ? device->index : 0};
    int error = host->mptcp_family == 0
                    ? EOPNOTSUPP
                    : plait_mptcp_add(&host->generic, host->mptcp_family, &endpoint);
    return done(host, error, "endpoint");
}

plait_result plait_live_mptcp_endpoint_signal_port(struct plait_live_host *host,
                                                   const struct plait_addr *addr, unsigned addr_id,
                                                   uint16_t port)
{
    if (addr_id > 255)
        return done(host, EINVAL, "endpoint");
    const struct plait_mptcp_endpoint endpoint = {
        .addr = *addr, .addr_id = (uint8_t)addr_id, .flags = PLAIT_ENDPOINT_SIGNAL, .port = port};
    int error = host->mptcp_family == 0
                    ? EOPNOTSUPP
                    : plait_mptcp_add(&host->generic, host->mptcp_family, &endpoint);
    return done(host, error, "endpoint with a port");
}

static int list(struct plait_live_host *host, struct plait_mptcp_endpoints *endpoints)
{
    endpoints->count = 0;
    return host->mptcp_family == 0
               ? EOPNOTSUPP
               : plait_mptcp_list(&host->generic, host->mptcp_family, endpoints);
}

/* By ID, or by address where the ID is 0; an errno. */
static int find(struct plait_live_host *host, const struct plait_addr *addr, unsigned addr_id,
                struct plait_mptcp_endpoint *found)
{
    struct plait_mptcp_endpoints all;
    int error = list(host, &all);
    if (error != 0)
        return error;
    for (unsigned i = 0; i < all.count; i++) {
        *found = all.endpoints[i];
        if (addr_id != 0 ? found->addr_id == addr_id
                         : addr != NULL && plait_addr_equal(&found->addr, addr))
            return 0;
    }
    return ENOENT;
}

plait_result plait_live_mptcp_endpoint_remove(struct plait_live_host *host, unsigned addr_id)
{
    struct plait_mptcp_endpoint endpoint;
    int error = find(host, NULL, addr_id, &endpoint);
    if (error == 0)
        error = plait_mptcp_remove(&host->generic, host->mptcp_family, &endpoint);
    return done(host, error, "endpoint removal");
}

plait_result plait_live_mptcp_endpoint_set_backup(struct plait_live_host *host,
                                                  const struct plait_addr *addr, unsigned addr_id,
                                                  bool backup)
{
    struct plait_mptcp_endpoint endpoint;
    int error = find(host, addr, addr_id, &endpoint);
    if (error == 0) {
        endpoint.flags &= ~(uint32_t)PLAIT_ENDPOINT_BACKUP;
        endpoint.flags |= backup ? PLAIT_ENDPOINT_BACKUP : 0;
        error = plait_mptcp_set_flags(&host->generic, host->mptcp_family, &endpoint);
    }
    return done(host, error, "endpoint flags");
}

/* ---- as text --------------------------------------------------------------------------------- */

static const struct {
    uint32_t flag;
    const char *name;
} flag_names[] = {
    {PLAIT_ENDPOINT_SIGNAL, "signal"},
    {PLAIT_ENDPOINT_SUBFLOW, "subflow"},
    {PLAIT_ENDPOINT_BACKUP, "backup"},
    {PLAIT_ENDPOINT_FULLMESH, "fullmesh"},
    {16, "implicit"}, /* MPTCP_PM_ADDR_FLAG_IMPLICIT */
};

static const char *link_name(const struct plait_live_host *host, unsigned index)
{
    for (unsigned i = 0; i < host->device_count; i++)
        if (host->devices[i].index == index)
            return host->devices[i].name;
    return "?";
}

static void add_endpoint(const struct plait_live_host *host,
                         const struct plait_mptcp_endpoint *endpoint, struct plait_text *text)
{
    char addr[PLAIT_ADDR_TEXT_OCTETS];
    plait_text_add(text, "; id %u %s", endpoint->addr_id, plait_addr_text(&endpoint->addr, addr));
    for (unsigned i = 0; i < sizeof flag_names / sizeof flag_names[0]; i++)
        if (endpoint->flags & flag_names[i].flag)
            plait_text_add(text, " %s", flag_names[i].name);
    if (endpoint->port != 0)
        plait_text_add(text, " port %u", endpoint->port);
    if (endpoint->link_index != 0)
        plait_text_add(text, " dev %s", link_name(host, endpoint->link_index));
}

void plait_live_mptcp_state(struct plait_live_host *host, struct plait_text *text)
{
    struct plait_mptcp_endpoints all;
    uint32_t subflows, accepted;
    if (host->mptcp_family == 0 ||
        plait_mptcp_get_limits(&host->generic, host->mptcp_family, &subflows, &accepted) != 0) {
        plait_text_add(text, "no path manager");
        return;
    }
    plait_text_add(text, "limits subflows=%u add_addr_accepted=%u", subflows, accepted);
    if (list(host, &all) != 0)
        plait_text_add(text, "; endpoints unknown");
    for (unsigned i = 0; i < all.count; i++)
        add_endpoint(host, &all.endpoints[i], text);
}
