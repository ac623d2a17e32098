/* host/settings.h: what an application asks for, turned into what tcp/ and mptcp/ want.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_HOST_SETTINGS_H
#define PLAIT_HOST_SETTINGS_H

#include "mptcp/connection.h"
#include "plait/host.h"

/* Fills in the defaults that plait/host.h states. */
struct plait_limits plait_limits_filled(const struct plait_limits *limits);
/* True if MPTCP is neither offered nor accepted. */
bool plait_options_are_tcp(const struct plait_options *options);
struct plait_mptcp_config plait_mptcp_config_of(const struct plait_options *options);
/* The public name; of NULL, that of plain TCP; of what is not ours, OUTSIDE. */
enum plait_mechanism_name plait_mechanism_name_of(const struct plait_mechanism *mechanism);
struct plait_tcp_config plait_tcp_config_of(const struct plait_host_config *config);
#define PLAIT_MTU_LEAST_OCTETS 576 /* RFC 791 §3.1; IPv6 has 1280 (RFC 8200 §5) */
#define PLAIT_SUPER_MAX_OCTETS 65160

/* USAGE for a name that is in no list, an offer that lacks something, or a negative time. */
plait_result plait_options_check(const struct plait_options *options);
/* USAGE for sizes that no host can have, too. */
plait_result plait_settings_check(const struct plait_host_config *config);

#endif
