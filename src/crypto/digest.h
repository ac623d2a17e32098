/* crypto/digest.h: SHA-1, SHA-256 and their HMACs, thin over libcrypto.
 *
 * The low-level Init/Update/Final calls are used on contexts on the caller's stack because they
 * allocate nothing (DESIGN §3); their deprecation is silenced in this folder only. */
#ifndef PLAIT_CRYPTO_DIGEST_H
#define PLAIT_CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plait_digest { PLAIT_SHA1, PLAIT_SHA256 };

#define PLAIT_DIGEST_MAX_OCTETS 32

/* 20 or 32. */
size_t plait_digest_octets(enum plait_digest which);
void plait_digest(enum plait_digest which, const void *message, size_t message_octets,
                  uint8_t digest[PLAIT_DIGEST_MAX_OCTETS]);
/* KEY_OCTETS at most 64 (all keys of MPTCP are shorter). */
void plait_hmac(enum plait_digest which, const void *key, size_t key_octets, const void *message,
                size_t message_octets, uint8_t mac[PLAIT_DIGEST_MAX_OCTETS]);
/* Constant time in the content. */
bool plait_mac_equal(const void *a, const void *b, size_t length_octets);

#endif
