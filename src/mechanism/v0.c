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

/* ADD_ADDR of v0 has no room for a proof (RFC 6824 §3.4.1): what T-RES-1 lives on. */
static void seal_add_addr(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option)
{
    (void)own_key, (void)peer_key;
    option->has_hmac = false;
    memset(option->hmac, 0, sizeof option->hmac);
}

const struct plait_mechanism plait_mechanism_v0 = {
    .name = "v0",
    .version = 0,
    .token = token,
    .idsn = idsn,
    .join_proof = join_proof,
    .seal_add_addr = seal_add_addr,
};
