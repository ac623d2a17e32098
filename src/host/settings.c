/* host/settings.c: defaults and tables of names. */
#include "host/settings.h"

#include "tcp/congestion.h"

static uint32_t or_else(uint32_t value, uint32_t by_default)
{
    return value ? value : by_default;
}

struct plait_limits plait_limits_filled(const struct plait_limits *limits)
{
    return (struct plait_limits){.connections = or_else(limits->connections, 1024),
                                 .flows = or_else(limits->flows, 2048),
                                 .listeners = or_else(limits->listeners, 16),
                                 .requests = or_else(limits->requests, 256),
                                 .segments = or_else(limits->segments, 16384),
                                 .chunk_octets = or_else(limits->chunk_octets, 16384),
                                 .payload_octets = limits->payload_octets ? limits->payload_octets
                                                                          : (uint64_t)64 << 20};
}

bool plait_options_are_tcp(const struct plait_options *options)
{
    return options->tcp_only;
}

/* NULL ends the list. */
static const struct plait_mechanism *mechanism_of(const struct plait_options *options, unsigned i)
{
    enum plait_mechanism_name name = options->mechanisms[i];
    return name == PLAIT_MECHANISM_OUTSIDE ? options->outside->table()
                                           : plait_mechanism_named(name);
}

enum plait_mechanism_name plait_mechanism_name_of(const struct plait_mechanism *mechanism)
{
    if (!mechanism)
        return PLAIT_MECHANISM_TCP;
    for (int name = PLAIT_MECHANISM_V0; name < PLAIT_MECHANISM_OUTSIDE; name++)
        if (plait_mechanism_named((enum plait_mechanism_name)name) == mechanism)
            return (enum plait_mechanism_name)name;
    return PLAIT_MECHANISM_OUTSIDE;
}

static const struct plait_scheduler *scheduler_of(enum plait_scheduler_name name)
{
    static const struct plait_scheduler *const schedulers[] = {
        [PLAIT_SCHEDULER_LOWEST_RTT] = &plait_lowest_rtt,
        [PLAIT_SCHEDULER_ROUND_ROBIN] = &plait_round_robin,
        [PLAIT_SCHEDULER_REDUNDANT] = &plait_redundant,
    };
    return schedulers[name];
}

static const struct plait_path_manager *path_manager_of(enum plait_path_manager_name name)
{
    static const struct plait_path_manager *const managers[] = {
        [PLAIT_PATHS_BY_HAND] = &plait_pm_by_hand,
        [PLAIT_PATHS_FULL_MESH] = &plait_pm_full_mesh,
        [PLAIT_PATHS_N_PORTS] = &plait_pm_n_ports,
        [PLAIT_PATHS_SIGNAL] = &plait_pm_signal,
    };
    return managers[name];
}

static const struct plait_coupling *coupling_of(enum plait_coupling_name name)
{
    static const struct plait_coupling *const couplings[] = {
        [PLAIT_COUPLING_LIA] = &plait_lia,
        [PLAIT_COUPLING_OLIA] = &plait_olia,
        [PLAIT_COUPLING_BALIA] = &plait_balia,
        [PLAIT_COUPLING_NONE] = NULL,
    };
    return couplings[name];
}

struct plait_mptcp_config plait_mptcp_config_of(const struct plait_options *options)
{
    struct plait_mptcp_config config = {
        .checksum = options->checksum,
        .no_joins_to_first = options->no_joins_to_first,
        .forbid_joins = options->forbid_joins,
        .subflows_limit = options->subflows_limit,
        .add_addr_accepted = options->add_addr_accepted,
        .close_timeout_ns = options->close_timeout_ns,
        .probe_timeout_ns = options->probe_timeout_ns,
        .scheduler = scheduler_of(options->scheduler),
        .path_manager = path_manager_of(options->paths),
        .coupling = coupling_of(options->coupling),
        .uncoupled = options->coupling == PLAIT_COUPLING_NONE,
        .basic = options->basic,
        .secret = options->secret,
    };
    for (unsigned i = 0; i < 4 && mechanism_of(options, i); i++)
        config.mechanisms[i] = mechanism_of(options, i);
    return config;
}

struct plait_tcp_config plait_tcp_config_of(const struct plait_host_config *config)
{
    const struct plait_options *options = &config->options;
    return (struct plait_tcp_config){
        .send_limit_octets = options->send_limit_octets,
        .receive_limit_octets = options->receive_limit_octets,
        .mtu_octets = config->mtu_octets,
        .super_octets = config->super_octets,
        .heeds_hard_errors = config->heeds_hard_errors,
        .shares_challenges = config->shares_challenges,
        .heeds_any_mtu = config->heeds_any_mtu,
        .keepalive_ns = options->keepalive_ns,
        .congestion =
            options->congestion == PLAIT_CONGESTION_NEWRENO ? &plait_newreno : &plait_cubic,
    };
}

static bool is_spoken(const struct plait_options *o, enum plait_mechanism_name name)
{
    if (name == PLAIT_MECHANISM_OUTSIDE)
        return o->outside && !plait_mechanism_lacks(o->outside);
    return name == PLAIT_MECHANISM_TCP || plait_mechanism_named(name);
}

static bool options_are_good(const struct plait_options *o)
{
    for (unsigned i = 0; i < 4; i++)
        if (!is_spoken(o, o->mechanisms[i]))
            return false;
    return o->basic.nonce_zero_bits <= 64 && o->scheduler <= PLAIT_SCHEDULER_REDUNDANT &&
           o->paths <= PLAIT_PATHS_SIGNAL && o->congestion <= PLAIT_CONGESTION_NEWRENO &&
           o->coupling <= PLAIT_COUPLING_NONE && o->keepalive_ns >= 0 && o->close_timeout_ns >= 0 &&
           o->probe_timeout_ns >= 0;
}

plait_result plait_options_check(const struct plait_options *options)
{
    return options_are_good(options) ? PLAIT_OK : PLAIT_FAIL(USAGE);
}

plait_result plait_settings_check(const struct plait_host_config *config)
{
    const struct plait_limits *limits = &config->limits;
    bool sizes = (limits->chunk_octets & (limits->chunk_octets - 1)) == 0 &&
                 (!config->mtu_octets || config->mtu_octets >= PLAIT_MTU_LEAST_OCTETS) &&
                 config->super_octets <= PLAIT_SUPER_MAX_OCTETS;
    return sizes ? plait_options_check(&config->options) : PLAIT_FAIL(USAGE);
}
