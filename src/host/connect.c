/* host/connect.c: addresses of the host, and connections that it opens. */
#include "host/inside.h"

/* ---- addresses ---- */

static void tell_connections(struct plait_host *host, plait_time_ns now)
{
    for (struct plait_connection *c = host->connections; c; c = c->next)
        if (c->mptcp && !c->is_over)
            plait_mptcp_addrs_changed(c->mptcp, now);
}

/* Plain TCP has no other address to go on with: it ends, and the peer is told while it can be. */
static void end_plain(struct plait_host *host, plait_time_ns now, const struct plait_addr *addr)
{
    for (struct plait_connection *c = host->connections; c; c = c->next) {
        struct plait_path_status path;
        if (!c->is_over && !plait_connection_status(c).is_multipath &&
            plait_ok(plait_connection_path(c, 0, &path)) &&
            plait_addr_equal(&path.local.addr, addr))
            (void)plait_connection_abort(c, now, false); /* USAGE: it is doing so already */
    }
}

plait_result plait_host_add_addr(struct plait_host *host, plait_time_ns now,
                                 const struct plait_addr *addr)
{
    if (!plait_addr_octets(addr->family))
        return PLAIT_FAIL(USAGE);
    if (plait_host_has_addr(host, addr))
        return PLAIT_FAIL(EXISTS);
    if (host->addr_count == PLAIT_HOST_ADDRS_MAX)
        return PLAIT_FAIL(TOO_MANY);
    host->addrs[host->addr_count++] = *addr;
    tell_connections(host, now);
    return PLAIT_OK;
}

plait_result plait_host_remove_addr(struct plait_host *host, plait_time_ns now,
                                    const struct plait_addr *addr)
{
    for (unsigned i = 0; i < host->addr_count; i++) {
        if (!plait_addr_equal(&host->addrs[i], addr))
            continue;
        struct plait_addr gone = *addr; /* ADDR may be in the list */
        host->addr_count--;
        memmove(&host->addrs[i], &host->addrs[i + 1],
                (host->addr_count - i) * sizeof host->addrs[0]);
        end_plain(host, now, &gone);
        tell_connections(host, now);
        return PLAIT_OK;
    }
    return PLAIT_FAIL(NOT_FOUND);
}

/* ---- connecting ---- */

static const struct plait_addr *first_addr(const struct plait_host *host, enum plait_family family)
{
    for (unsigned i = 0; i < host->addr_count; i++)
        if (host->addrs[i].family == family)
            return &host->addrs[i];
    return NULL;
}

/* Both ends of the connection to be; nothing is changed. */
static plait_result choose_ends(struct plait_host *host, const struct plait_place *local,
                                const struct plait_place *remote, struct plait_flow_key *key)
{
    const struct plait_addr *addr =
        local ? &local->addr : first_addr(host, (enum plait_family)remote->addr.family);
    if (remote->port == 0 || !plait_addr_octets(remote->addr.family))
        return PLAIT_FAIL(USAGE);
    if (!addr || addr->family != remote->addr.family || !plait_host_has_addr(host, addr))
        return PLAIT_FAIL(NOT_FOUND);
    *key = (struct plait_flow_key){{*addr, local ? local->port : 0}, *remote};
    if (key->src.port && plait_host_find_path(host, key, plait_host_hash(host, key)))
        return PLAIT_FAIL(EXISTS);
    return PLAIT_OK;
}

static bool dial_plain(struct plait_connection *c, plait_time_ns now,
                       const struct plait_flow_key *key)
{
    struct plait_flow_setup setup = {
        .key = *key, .event = plait_connection_flow_event, .owner = c, .connection = c->number};
    c->flow = plait_host_dial(c->host, now, &setup);
    return c->flow;
}

static bool dial_multipath(struct plait_connection *c, plait_time_ns now,
                           const struct plait_options *options, const struct plait_flow_key *key)
{
    struct plait_mptcp_config config = plait_mptcp_config_of(options);
    c->mptcp = plait_mptcp_connect(&c->host->world, &config, &key->src, &key->dst, now);
    if (c->mptcp)
        plait_mptcp_set_user(c->mptcp, c);
    return c->mptcp;
}

plait_result plait_connect(struct plait_host *host, plait_time_ns now,
                           const struct plait_place *local, const struct plait_place *remote,
                           const struct plait_options *options,
                           const struct plait_callbacks *callbacks, void *user,
                           struct plait_connection **connection)
{
    struct plait_flow_key key;
    if (!options)
        options = &host->config.options;
    PLAIT_TRY(plait_options_check(options));
    PLAIT_TRY(choose_ends(host, local, remote, &key));
    struct plait_connection *c = plait_connection_new(host, callbacks, user);
    if (!c)
        return PLAIT_FAIL(TOO_MANY);
    c->is_dialled = true;
    bool dialled = plait_options_are_tcp(options) ? dial_plain(c, now, &key)
                                                  : dial_multipath(c, now, options, &key);
    if (!dialled) {
        plait_connection_dispose(c);
        host->connections_made--;
        return PLAIT_FAIL(TOO_MANY);
    }
    *connection = c;
    return PLAIT_OK;
}
