/* mechanism/v1.h: internal: the entries of RFC 8684's table, for mechanisms that add to them.
 * May touch: nothing but their arguments. */
#ifndef PLAIT_MECHANISM_V1_H
#define PLAIT_MECHANISM_V1_H

#include "mechanism/mechanism.h"

/* All but the name. */
#define PLAIT_V1_ENTRIES                                                                           \
    .version = 1, .hello_maps_data = true, .hello_octets = {4, 12, 20, 24},                        \
    .write_hello = plait_v1_write_hello, .read_hello = plait_v1_read_hello,                        \
    .token = plait_v1_token, .idsn = plait_v1_idsn, .path = PLAIT_PATH_PROVEN,                     \
    .reach = PLAIT_REACH_HANDSHAKE, .join_proof = plait_v1_join_proof, .has_addr_options = true,   \
    .has_fastclose = true, .addr_is_echoed = true, .reset_has_reason = true,                       \
    .fastclose_on_reset = true, .fail_is_answered = true, .seal_add_addr = plait_v1_seal_add_addr, \
    .seal = plait_v1_seal, .open = plait_v1_open, .mapping = PLAIT_MAPPING_DSS

void plait_v1_write_hello(enum plait_hello_step step, const struct plait_hello_values *values,
                          struct plait_mptcp_option *option);
bool plait_v1_read_hello(enum plait_hello_step step, const struct plait_mp_capable *option,
                         struct plait_hello_values *values);
uint32_t plait_v1_token(uint64_t key);
uint64_t plait_v1_idsn(uint64_t key);
void plait_v1_join_proof(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce,
                         uint32_t peer_nonce, uint8_t proof[PLAIT_JOIN_HMAC_OCTETS]);
void plait_v1_seal_add_addr(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option);
void plait_v1_seal(uint64_t own_key, uint64_t peer_key, struct plait_mptcp_option *option);
bool plait_v1_open(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option);

#endif
