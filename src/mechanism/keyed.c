/* mechanism/keyed.c: tokens, initial numbers and MACs that two keys give. */
#include "mechanism/keyed.h"

#include <string.h>

#include "base/octets.h"

static void digest_of_key(enum plait_digest which, uint64_t key,
                          uint8_t digest[PLAIT_DIGEST_MAX_OCTETS])
{
    uint8_t octets[8];
    plait_store_u64(octets, key);
    plait_digest(which, octets, sizeof octets, digest);
}

uint32_t plait_keyed_token(enum plait_digest which, uint64_t key)
{
    uint8_t digest[PLAIT_DIGEST_MAX_OCTETS];
    digest_of_key(which, key, digest);
    return plait_load_u32(digest);
}

uint64_t plait_keyed_idsn(enum plait_digest which, uint64_t key)
{
    uint8_t digest[PLAIT_DIGEST_MAX_OCTETS];
    digest_of_key(which, key, digest);
    return plait_load_u64(digest + plait_digest_octets(which) - 8);
}

void plait_keyed_mac(enum plait_digest which, uint64_t own_key, uint64_t peer_key,
                     const void *message, size_t message_octets,
                     uint8_t mac[PLAIT_DIGEST_MAX_OCTETS])
{
    uint8_t keys[16];
    plait_store_u64(keys, own_key);
    plait_store_u64(keys + 8, peer_key);
    plait_hmac(which, keys, sizeof keys, message, message_octets, mac);
}

void plait_keyed_join_proof(enum plait_digest which, uint64_t own_key, uint64_t peer_key,
                            uint32_t own_nonce, uint32_t peer_nonce,
                            uint8_t proof[PLAIT_JOIN_HMAC_OCTETS])
{
    uint8_t nonces[8], mac[PLAIT_DIGEST_MAX_OCTETS];
    plait_store_u32(nonces, own_nonce);
    plait_store_u32(nonces + 4, peer_nonce);
    plait_keyed_mac(which, own_key, peer_key, nonces, sizeof nonces, mac);
    memcpy(proof, mac, PLAIT_JOIN_HMAC_OCTETS);
}
