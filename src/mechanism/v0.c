/* mechanism/v0.c: RFC 6824: keys in clear, SHA-1, addresses advertised without any proof. */
#include <string.h>

#include "mechanism/keyed.h"

static uint32_t token(uint64_t key)
{
    return plait_keyed_token(PLAIT_SHA1, key);
}

static uint64_t idsn(uint64_t key)
{
    return plait_keyed_idsn(PLAIT_SHA1, key);
}

static void join_proof(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce, uint32_t peer_nonce,
                       uint8_t proof[PLAIT_JOIN_HMAC_OCTETS])
{
    plait_keyed_join_proof(PLAIT_SHA1, own_key, peer_key, own_nonce, peer_nonce, proof);
}

/* Keys in every message; C is one of the algorithm bits here and stays 0 (RFC 6824 §3.1). */
static void write_hello(enum plait_hello_step step, const struct plait_hello_values *values,
                        struct plait_mptcp_option *option)
{
    plait_keyed_write_hello(0, step, values, option);
}

static bool read_hello(enum plait_hello_step step, const struct plait_mp_capable *option,
                       struct plait_hello_values *values)
{
    bool both = step == PLAIT_STEP_THIRD_ACK;
    bool is_form = option->has_sender_key && option->has_receiver_key == both &&
                   !option->has_data_length && step != PLAIT_STEP_FIRST_DATA;
    return is_form && plait_keyed_read_hello(0, step, option, values);
}

/* ADD_ADDR of v0 has no room for a proof (RFC 6824 §3.4.1): what T-RES-1 lives on. */
static void seal_add_addr(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option)
{
    (void)own_key, (void)peer_key;
    option->is_v0 = true;
    option->has_hmac = false;
    memset(option->hmac, 0, sizeof option->hmac);
}

static void seal(uint64_t own_key, uint64_t peer_key, struct plait_mptcp_option *option)
{
    if (option->subtype == PLAIT_ADD_ADDR)
        seal_add_addr(own_key, peer_key, &option->add_addr);
    plait_keyed_seal(peer_key, option);
}

static bool open(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    (void)peer_key;
    if (option->subtype == PLAIT_ADD_ADDR)
        return option->add_addr.is_v0;
    return plait_keyed_open(own_key, option);
}

const struct plait_mechanism plait_mechanism_v0 = {
    .name = "v0",
    .version = 0,
    .dss_completes_hello = true,
    .hello_octets = {12, 12, 20, 0},
    .write_hello = write_hello,
    .read_hello = read_hello,
    .token = token,
    .idsn = idsn,
    .path = PLAIT_PATH_PROVEN,
    .reach = PLAIT_REACH_HANDSHAKE,
    .join_proof = join_proof,
    .has_addr_options = true,
    .has_fastclose = true,
    .prio_names_addr = true,
    .seal_add_addr = seal_add_addr,
    .seal = seal,
    .open = open,
    .mapping = PLAIT_MAPPING_DSS,
};
