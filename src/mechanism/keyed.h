/* mechanism/keyed.h: internal: what v0 and v1 share, which is everything but the digest. */
#ifndef PLAIT_MECHANISM_KEYED_H
#define PLAIT_MECHANISM_KEYED_H

#include "crypto/digest.h"
#include "mechanism/mechanism.h"

/* First 32 and last 64 bits of the digest of KEY (RFC 8684 §3.1, RFC 6824 §3.1). */
uint32_t plait_keyed_token(enum plait_digest which, uint64_t key);
uint64_t plait_keyed_idsn(enum plait_digest which, uint64_t key);
/* HMAC over MESSAGE with own key | peer's key. */
void plait_keyed_mac(enum plait_digest which, uint64_t own_key, uint64_t peer_key,
                     const void *message, size_t message_octets,
                     uint8_t mac[PLAIT_DIGEST_MAX_OCTETS]);
/* The leftmost 160 bits of the HMAC over own nonce | peer's nonce (RFC 8684 §3.2). */
void plait_keyed_join_proof(enum plait_digest which, uint64_t own_key, uint64_t peer_key,
                            uint32_t own_nonce, uint32_t peer_nonce,
                            uint8_t proof[PLAIT_JOIN_HMAC_OCTETS]);

#endif
