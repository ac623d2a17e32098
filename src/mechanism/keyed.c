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

/* ---- MP_CAPABLE with two keys ---------------------------------------------------------------- */

/* D to H; H is HMAC-SHA1 in v0 and HMAC-SHA256 in v1, no other one is assigned. */
#define ALGORITHMS 0x1f

void plait_keyed_write_hello(uint8_t version, enum plait_hello_step step,
                             const struct plait_hello_values *values,
                             struct plait_mptcp_option *option)
{
    bool both = step >= PLAIT_STEP_THIRD_ACK;
    uint8_t flags = PLAIT_CAPABLE_HMAC;
    if (values->checksum)
        flags |= PLAIT_CAPABLE_CHECKSUM;
    *option =
        (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE,
                                    .capable = {.version = version,
                                                .flags = flags,
                                                .has_sender_key = true,
                                                .sender_key = values->sender_key,
                                                .has_receiver_key = both,
                                                .receiver_key = both ? values->receiver_key : 0}};
}

bool plait_keyed_read_hello(uint8_t version, enum plait_hello_step step,
                            const struct plait_mp_capable *option,
                            struct plait_hello_values *values)
{
    uint8_t algorithms = option->flags & ALGORITHMS;
    /* In a SYN H may stand among others; whoever answers chose exactly one (N06, N09). */
    bool chosen = step == PLAIT_STEP_SYN ? (algorithms & PLAIT_CAPABLE_HMAC) != 0
                                         : algorithms == PLAIT_CAPABLE_HMAC;
    if (option->version != version || (option->flags & PLAIT_CAPABLE_EXTENSION) || !chosen)
        return false;
    *values = (struct plait_hello_values){.sender_key = option->sender_key,
                                          .receiver_key = option->receiver_key,
                                          .has_receiver_key = option->has_receiver_key,
                                          .checksum = option->flags & PLAIT_CAPABLE_CHECKSUM,
                                          .data_length = option->data_length,
                                          .data_checksum = option->checksum,
                                          .has_data_length = option->has_data_length,
                                          .has_data_checksum = option->has_checksum};
    return true;
}

/* ---- control --------------------------------------------------------------------------------- */

void plait_keyed_seal(uint64_t peer_key, struct plait_mptcp_option *option)
{
    if (option->subtype == PLAIT_MP_FASTCLOSE)
        option->fastclose.receiver_key = peer_key;
}

bool plait_keyed_open(uint64_t own_key, const struct plait_mptcp_option *option)
{
    if (option->subtype != PLAIT_MP_FASTCLOSE)
        return true;
    uint8_t own[8], claimed[8];
    plait_store_u64(own, own_key);
    plait_store_u64(claimed, option->fastclose.receiver_key);
    return plait_mac_equal(own, claimed, sizeof own);
}
