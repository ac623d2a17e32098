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

/* ---- MP_CAPABLE with two keys ---- */

/* VERSION, the flags that VALUES ask for, H, and the keys that the step's form has. */
void plait_keyed_write_hello(uint8_t version, enum plait_hello_step step,
                             const struct plait_hello_values *values,
                             struct plait_mptcp_option *option);
/* Version, B, algorithm bits and keys; the form is the caller's. */
bool plait_keyed_read_hello(uint8_t version, enum plait_hello_step step,
                            const struct plait_mp_capable *option,
                            struct plait_hello_values *values);

/* ---- control: keys in clear ---- */

/* MP_FASTCLOSE gets the receiver's key (RFC 8684 §3.5). */
void plait_keyed_seal(uint64_t peer_key, struct plait_mptcp_option *option);
bool plait_keyed_open(uint64_t own_key, const struct plait_mptcp_option *option);

#endif
