/* lab/netcat_host.c: a host of libplait as one end of a netcat.
 * May touch: the hosts it made. */
#include <stdlib.h>

#include "base/panic.h"
#include "lab/netcat_inside.h"

#define SUPER_OCTETS 65160 /* the most that plait/host.h allows */

static void choose_mechanisms(const struct plait_netcat *n, bool is_client,
                              struct plait_options *options)
{
    switch (n->request->mechanism) {
    case PLAIT_NETCAT_TCP:
        options->tcp_only = true;
        break;
    case PLAIT_NETCAT_V0:
        options->mechanisms[0] = PLAIT_MECHANISM_V0;
        break;
    default:
        options->mechanisms[0] = PLAIT_MECHANISM_V1;
        if (n->request->mechanism == PLAIT_NETCAT_ANY && !is_client)
            options->mechanisms[1] = PLAIT_MECHANISM_V0;
    }
}

struct plait_options plait_netcat_options(const struct plait_netcat *n, bool is_client)
{
    const struct plait_netcat_request *r = n->request;
    struct plait_options options = {.checksum = r->checksum,
                                    .subflows_limit = PLAIT_NETCAT_PATHS_MAX - 1,
                                    .scheduler = (enum plait_scheduler_name)r->scheduler,
                                    .congestion = (enum plait_congestion_name)r->congestion,
                                    .coupling = (enum plait_coupling_name)r->coupling,
                                    .paths =
                                        is_client ? PLAIT_PATHS_FULL_MESH : PLAIT_PATHS_BY_HAND};
    choose_mechanisms(n, is_client, &options);
    return options;
}

plait_result plait_netcat_host_new(struct plait_netcat *n, struct plait_netcat_host *host,
                                   bool is_client, const char *name, struct plait_port *ports)
{
    struct plait_host_config config = {.options = plait_netcat_options(n, is_client),
                                       .mtu_octets = (uint16_t)n->mtu_octets,
                                       .super_octets = plait_netcat_offloads(n) ? SUPER_OCTETS : 0};
    size_t octets = (plait_host_memory(&config.limits) + 15) & ~(size_t)15;
    host->memory = aligned_alloc(16, octets);
    if (!host->memory)
        return plait_netcat_fail(n, PLAIT_FAIL(NO_ROOM), "no memory for a host");
    config.environment = (struct plait_environment){.memory = host->memory,
                                                    .memory_octets = octets,
                                                    .seed = {n->request->seed, 1},
                                                    .name = name};
    if (n->trace_file && host == &n->ours) {
        config.environment.trace = plait_netcat_trace;
        config.environment.trace_self = n;
    }
    host->host = plait_host_new(&config);
    PLAIT_CHECK(host->host);
    host->endpoint = plait_endpoint_new(host->host, plait_netcat_offloads(n));
    for (unsigned i = 0; i < (is_client ? n->paths : 1); i++) {
        struct plait_addr addr =
            is_client ? plait_netcat_client_addr(n, i) : plait_netcat_server_addr(n);
        PLAIT_CHECK(plait_ok(plait_host_add_addr(host->host, plait_net_now(n->net), &addr)));
        ports[i] = plait_endpoint_port(host->endpoint, &addr);
    }
    return PLAIT_OK;
}

void plait_netcat_host_free(struct plait_netcat_host *host)
{
    if (host->endpoint)
        plait_endpoint_free(host->endpoint);
    free(host->memory);
}

plait_result plait_netcat_open(struct plait_netcat *n, struct plait_host *host, bool is_client,
                               const struct plait_callbacks *callbacks, void *user,
                               struct plait_connection **connection)
{
    plait_time_ns now = plait_net_now(n->net);
    const struct plait_place local = {.addr = plait_netcat_client_addr(n, 0)};
    const struct plait_place remote = {plait_netcat_server_addr(n), PLAIT_NETCAT_PORT};
    plait_result result =
        is_client
            ? plait_connect(host, now, &local, &remote, NULL, callbacks, user, connection)
            : plait_listen(host, now, NULL, PLAIT_NETCAT_PORT, NULL, 0, callbacks, user, NULL);
    if (plait_ok(result))
        return result;
    return plait_netcat_fail(n, result, "%s: %s", is_client ? "dialling" : "listening",
                             plait_reason_text(result.reason));
}
