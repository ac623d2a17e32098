/* lab/machine_live.c: a live host behind the table of ends.
 * May touch: live/; only inside a sandbox. */
#include "lab/machine_live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"

struct live_end {
    struct plait_end_host base;
    struct plait_live *live;
    struct plait_live_host *host;
};

static struct plait_live_host *host_of(const struct plait_end_host *host)
{
    return ((const struct live_end *)host)->host;
}

/* ---- settings: set by us and read back, never inherited ---------------------------------------
 */

struct setting {
    const char *name, *value;
};

/* The kernel's compiled-in values, but for isolation (metrics) and equal runs (windows). */
static const struct setting settings[] = {
    /* But for the middle one, the buffer of a new socket: 131072 would grow as its reader happens
     * to run, and the age of overheard numbers is counted in windows (DESIGN §1, price). */
    {"net/ipv4/tcp_rmem", "4096 1048576 6291456"},
    {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_syncookies", "1"},
    {"net/ipv4/tcp_ecn", "2"},
    {"net/ipv4/tcp_fastopen", "1"},
    {"net/ipv4/tcp_timestamps", "1"},
    {"net/ipv4/tcp_sack", "1"},
    {"net/ipv4/tcp_no_metrics_save", "1"}, /* nothing is carried from one run to the next */
    {"net/ipv4/tcp_syn_retries", "6"},
    {"net/ipv4/tcp_syn_linear_timeouts", "4"},
    {"net/ipv4/tcp_max_syn_backlog", "2048"},
    {"net/ipv4/tcp_synack_retries", "5"},
    {PLAIT_SETTING_PORTS, "32768 60999"},
    {"net/ipv4/ip_forward", "0"},
    {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
    {"net/mptcp/enabled", "1"},
    {"net/mptcp/add_addr_timeout", "120"},
    {"net/mptcp/allow_join_initial_addr_port", "1"},
    {"net/mptcp/checksum_enabled", "0"},
    {"net/mptcp/close_timeout", "60"},
    {"net/mptcp/stale_loss_cnt", "4"},
    {"net/mptcp/blackhole_timeout", "3600"},
    {"net/mptcp/path_manager", "kernel"},
    {"net/mptcp/scheduler", "default"},
};

static plait_result apply_settings(struct plait_live_host *host,
                                   const struct plait_end_config *config)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        const char *value = settings[i].value;
        if (strcmp(settings[i].name, "net/mptcp/enabled") == 0 && config->mptcp_off)
            value = "0";
        if (strcmp(settings[i].name, "net/mptcp/checksum_enabled") == 0 && config->checksum)
            value = "1";
        char read_back[64] = "";
        plait_result set = plait_live_set(host, settings[i].name, value, read_back);
        /* An older kernel may lack a name; what it then says is recorded. */
        if (!plait_ok(set) && !plait_ok(plait_live_get(host, settings[i].name, read_back)))
            snprintf(read_back, sizeof read_back, "(absent)");
        json_object_set_new(config->settings, settings[i].name, json_string(read_back));
    }
    return plait_live_mptcp_limits(host, plait_end_subflows(config),
                                   plait_end_add_addr_accepted(config));
}

/* ---- the table ---------------------------------------------------------------------------- */

static void free_end(struct plait_end_host *host)
{
    free(host); /* the namespace is its live target's */
}

static const char *name(const struct plait_end_host *host)
{
    return plait_live_host_name(host_of(host));
}

static const char *error(const struct plait_end_host *host)
{
    return plait_live_error(((const struct live_end *)host)->live);
}

static const char *device(const struct plait_end_host *host)
{
    return plait_live_device(((const struct live_end *)host)->live) == PLAIT_DEVICE_TUN ? "tun"
                                                                                        : "veth";
}

static plait_result add_interface(struct plait_end_host *host,
                                  const struct plait_end_interface *interface,
                                  struct plait_port *port)
{
    const struct plait_live_interface live = {
        .name = interface->name,
        .mtu_octets = interface->mtu_octets,
        .addr_count = 1,
        .addrs = {interface->addr},
        .prefix_bits = {interface->prefix_bits},
    };
    return plait_live_add_interface(host_of(host), &live, port);
}

static plait_result set_interface_up(struct plait_end_host *host, const char *interface, bool up)
{
    return plait_live_set_interface_up(host_of(host), interface, up);
}

static plait_result set_limits(struct plait_end_host *host, unsigned subflows,
                               unsigned add_addr_accepted)
{
    return plait_live_mptcp_limits(host_of(host), subflows, add_addr_accepted);
}

static plait_result add_endpoint(struct plait_end_host *host, const struct plait_addr *addr,
                                 unsigned addr_id, unsigned flags, const char *interface)
{
    return plait_live_mptcp_endpoint_add(host_of(host), addr, addr_id, flags, interface);
}

static plait_result remove_endpoint(struct plait_end_host *host, unsigned addr_id)
{
    return plait_live_mptcp_endpoint_remove(host_of(host), addr_id);
}

static plait_result set_endpoint_backup(struct plait_end_host *host, const struct plait_addr *addr,
                                        unsigned addr_id, bool backup)
{
    return plait_live_mptcp_endpoint_set_backup(host_of(host), addr, addr_id, backup);
}

static plait_result start(struct plait_end_host *host)
{
    return plait_live_agent_start(host_of(host));
}

static plait_result ask(struct plait_end_host *host, const char *command, char *answer,
                        size_t room_octets)
{
    return plait_live_agent_ask(host_of(host), answer, room_octets, "%s", command);
}

static const char *next_event(struct plait_end_host *host)
{
    return plait_live_agent_event(host_of(host));
}

static int fd(const struct plait_end_host *host)
{
    return plait_live_agent_fd(host_of(host));
}

static plait_result check(struct plait_end_host *host)
{
    return plait_live_check(host_of(host));
}

static plait_result counters(struct plait_end_host *host, struct plait_counters *all)
{
    return plait_live_counters(host_of(host), all);
}

static plait_result count_sockets(struct plait_end_host *host, unsigned tcp_state, uint32_t *count)
{
    return plait_live_count_sockets(host_of(host), tcp_state, count);
}

static void path_manager(struct plait_end_host *host, struct plait_text *text)
{
    plait_live_mptcp_state(host_of(host), text);
}

static struct plait_end_losses losses(struct plait_end_host *host)
{
    struct plait_live_host *live = host_of(host);
    return (struct plait_end_losses){plait_live_host_invalid(live), plait_live_host_refused(live),
                                     plait_live_host_dropped(live)};
}

static const struct plait_end_ops ops = {
    .target = "linux",
    .kept_counter = "MPTcpExtOFOQueue",
    .free = free_end,
    .name = name,
    .error = error,
    .device = device,
    .add_interface = add_interface,
    .set_interface_up = set_interface_up,
    .set_limits = set_limits,
    .add_endpoint = add_endpoint,
    .remove_endpoint = remove_endpoint,
    .set_endpoint_backup = set_endpoint_backup,
    .start = start,
    .ask = ask,
    .next_event = next_event,
    .fd = fd,
    .check = check,
    .counters = counters,
    .count_sockets = count_sockets,
    .path_manager = path_manager,
    .losses = losses,
};

plait_result plait_machine_live_new(struct plait_live *live, const struct plait_end_config *config,
                                    struct plait_end_host **host)
{
    struct live_end *end = calloc(1, sizeof *end);
    if (!end)
        plait_panic("lab: memory exhausted", "an end");
    *end = (struct live_end){.base = {&ops}, .live = live};
    plait_result made = plait_live_host_new(live, config->name, &end->host);
    if (plait_ok(made))
        made = apply_settings(end->host, config);
    if (!plait_ok(made)) {
        free(end);
        return made;
    }
    *host = &end->base;
    return PLAIT_OK;
}

struct plait_live_host *plait_machine_live_host(struct plait_end_host *host)
{
    return host && host->ops == &ops ? host_of(host) : NULL;
}
