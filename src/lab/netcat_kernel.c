/* lab/netcat_kernel.c: the other end as a namespace of this machine's kernel, in which an agent
 * writes back what it reads.  May touch: the sandbox it runs in. */
#include <stdio.h>

#include "lab/netcat_inside.h"

enum { PREFIX_IPV4 = 24, PREFIX_IPV6 = 64, ANSWER_OCTETS = 256 };

/* As the kernel compiles them in: a namespace may have inherited others. */
static const struct {
    const char *name, *value;
} settings[] = {
    {"net/ipv4/tcp_rmem", "4096 131072 6291456"}, {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_no_metrics_save", "1"},        {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},     {"net/mptcp/enabled", "1"},
};

static plait_result failed(struct plait_netcat *n, plait_result result)
{
    return plait_ok(result)
               ? result
               : plait_netcat_fail(n, result, "the kernel: %s", plait_live_error(n->live));
}

static plait_result set_up(struct plait_netcat *n)
{
    char read_back[64];
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        PLAIT_TRY(plait_live_set(n->kernel, settings[i].name, settings[i].value, read_back));
    PLAIT_TRY(plait_live_set(n->kernel, "net/mptcp/checksum_enabled",
                             n->request->checksum ? "1" : "0", read_back));
    return plait_live_mptcp_limits(n->kernel, PLAIT_NETCAT_PATHS_MAX, 0);
}

static plait_result add_interface(struct plait_netcat *n, const char *name,
                                  const struct plait_addr *addr, struct plait_port *port)
{
    const struct plait_live_interface interface = {
        .name = name,
        .mtu_octets = n->mtu_octets,
        .addr_count = 1,
        .addrs = {*addr},
        .prefix_bits = {addr->family == PLAIT_IPV4 ? PREFIX_IPV4 : PREFIX_IPV6}};
    return plait_live_add_interface(n->kernel, &interface, port);
}

static plait_result add_interfaces(struct plait_netcat *n, struct plait_port *ports)
{
    struct plait_addr addr = plait_netcat_server_addr(n);
    if (!n->request->listens)
        return add_interface(n, "service", &addr, &ports[0]);
    for (unsigned path = 0; path < n->paths; path++) {
        char name[16];
        snprintf(name, sizeof name, "path%u", path + 1);
        addr = plait_netcat_client_addr(n, path);
        PLAIT_TRY(add_interface(n, name, &addr, &ports[path]));
        if (path > 0)
            PLAIT_TRY(plait_live_mptcp_endpoint_add(n->kernel, &addr, path + 1,
                                                    PLAIT_ENDPOINT_SUBFLOW, NULL));
    }
    return PLAIT_OK;
}

static plait_result make(struct plait_netcat *n, struct plait_port *ports)
{
    PLAIT_TRY(plait_live_host_new(n->live, "kernel", &n->kernel));
    PLAIT_TRY(set_up(n));
    PLAIT_TRY(add_interfaces(n, ports));
    return plait_live_agent_start(n->kernel);
}

plait_result plait_netcat_kernel_new(struct plait_netcat *n, struct plait_port *ports)
{
    n->live = plait_live_new(PLAIT_DEVICE_AUTO, plait_netcat_offloads(n), NULL);
    if (!n->live)
        return plait_netcat_fail(n, PLAIT_FAIL(NO_ROOM), "no memory for the kernel's host");
    return failed(n, make(n, ports));
}

/* What the agent says: why it failed, if it did. */
static void hear(void *self)
{
    struct plait_netcat *n = self;
    const char *event;
    while ((event = plait_live_agent_event(n->kernel))) {
        unsigned length = 0;
        if (sscanf(event, "failed c%n", &length) == 0 && length > 0)
            plait_netcat_abort(n, "the kernel could not connect:%.60s", event + length);
    }
}

static plait_result dial(struct plait_netcat *n)
{
    char answer[ANSWER_OCTETS], from[PLAIT_ADDR_TEXT_OCTETS], to[PLAIT_ADDR_TEXT_OCTETS];
    struct plait_addr client = plait_netcat_client_addr(n, 0), server = plait_netcat_server_addr(n);
    PLAIT_TRY(plait_live_agent_ask(
        n->kernel, answer, sizeof answer, "connect c mptcp %s 0 %s %d cubic",
        plait_addr_text(&client, from), plait_addr_text(&server, to), PLAIT_NETCAT_PORT));
    return plait_live_agent_ask(n->kernel, answer, sizeof answer, "echo c");
}

static plait_result listen_there(struct plait_netcat *n)
{
    char answer[ANSWER_OCTETS];
    PLAIT_TRY(plait_live_agent_ask(n->kernel, answer, sizeof answer,
                                   "listen s mptcp any%u %d 1 cubic", n->family,
                                   PLAIT_NETCAT_PORT));
    return plait_live_agent_ask(n->kernel, answer, sizeof answer, "echo s");
}

plait_result plait_netcat_kernel_start(struct plait_netcat *n)
{
    plait_net_watch(n->net, plait_live_agent_fd(n->kernel), hear, n);
    return failed(n, n->request->listens ? dial(n) : listen_there(n));
}
