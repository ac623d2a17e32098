/* mechanism/v1.c: RFC 8684: keys in clear, SHA-256, addresses advertised with an HMAC. */
#include <string.h>

#include "base/cursor.h"
#include "base/panic.h"
#include "mechanism/keyed.h"

static uint32_t token(uint64_t key)
{
    return plait_keyed_token(PLAIT_SHA256, key);
}

static uint64_t idsn(uint64_t key)
{
    return plait_keyed_idsn(PLAIT_SHA256, key);
}

static void join_proof(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce, uint32_t peer_nonce,
                       uint8_t proof[PLAIT_JOIN_HMAC_OCTETS])
{
    plait_keyed_join_proof(PLAIT_SHA256, own_key, peer_key, own_nonce, peer_nonce, proof);
}

/* The rightmost 64 bits over id | address | port, port 0 if there is none (RFC 8684 §3.4.1); an
 * echo carries no proof. */
static void seal_add_addr(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option)
{
    uint8_t message[1 + 16 + 2], mac[PLAIT_DIGEST_MAX_OCTETS];
    struct plait_writer w = plait_writer(message, sizeof message);
    plait_write_u8(&w, option->addr_id);
    plait_write_octets(&w, option->addr.octets, plait_addr_octets(option->addr.family));
    plait_write_u16(&w, option->has_port ? option->port : 0);
    PLAIT_CHECK(!w.failed);
    option->has_hmac = !option->echo;
    memset(option->hmac, 0, sizeof option->hmac);
    if (!option->has_hmac)
        return;
    plait_keyed_mac(PLAIT_SHA256, own_key, peer_key, message, plait_writer_used(&w), mac);
    size_t right = plait_digest_octets(PLAIT_SHA256) - sizeof option->hmac;
    memcpy(option->hmac, mac + right, sizeof option->hmac);
}

const struct plait_mechanism plait_mechanism_v1 = {
    .name = "v1",
    .version = 1,
    .token = token,
    .idsn = idsn,
    .join_proof = join_proof,
    .seal_add_addr = seal_add_addr,
};
