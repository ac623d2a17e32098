/* Basic MPTCP of RFC 6181 §4 as a mechanism: no keys, no proofs, no handshake for a further pair of
 * addresses, and TCP's sequence number is the data sequence number.  Addresses are announced in
 * clear and used: what the RFC calls the explicit mode, with a reachability check only as far as an
 * echo is one. */
#include "tests/unit/mptcp/mechanisms.h"

#define VERSION 7 /* of MP_CAPABLE: one that nobody assigned */

/* MP_CAPABLE of four octets in all three messages; there is nothing to exchange. */
static void write_hello(enum plait_hello_step step, const struct plait_hello_values *values,
                        struct plait_mptcp_option *option)
{
    (void)step, (void)values;
    *option = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_CAPABLE, .capable = {.version = VERSION, .flags = PLAIT_CAPABLE_HMAC}};
}

static bool read_hello(enum plait_hello_step step, const struct plait_mp_capable *option,
                       struct plait_hello_values *values)
{
    (void)step;
    *values = (struct plait_hello_values){0};
    return option->version == VERSION && !option->has_sender_key;
}

/* Any octets where v1 has its proof: the form needs them. */
static void seal_add_addr(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option)
{
    (void)own_key, (void)peer_key;
    option->is_v0 = false;
    option->has_hmac = !option->echo;
    memset(option->hmac, 0, sizeof option->hmac);
}

static void seal(uint64_t own_key, uint64_t peer_key, struct plait_mptcp_option *option)
{
    if (option->subtype == PLAIT_ADD_ADDR)
        seal_add_addr(own_key, peer_key, &option->add_addr);
}

static bool open(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    (void)own_key, (void)peer_key, (void)option;
    return true;
}

const struct plait_mechanism mechanism_basic = {
    .name = "basic",
    .version = VERSION,
    .hello_octets = {4, 4, 4, 0},
    .write_hello = write_hello,
    .read_hello = read_hello,
    .path = PLAIT_PATH_OPEN,
    .addr_is_echoed = true,
    .seal_add_addr = seal_add_addr,
    .seal = seal,
    .open = open,
    .mapping = PLAIT_MAPPING_SEQUENCE,
};
