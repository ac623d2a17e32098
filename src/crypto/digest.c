/* crypto/digest.c: SHA-1, SHA-256 and HMAC (RFC 2104) on contexts of the caller's stack.
 * May touch: libcrypto's low-level digest calls, which neither allocate nor keep anything. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/panic.h"

#define BLOCK_OCTETS 64 /* of both digests */

/* A digest being made; one of the two contexts is in use. */
struct digesting {
    enum plait_digest which;
    union {
        SHA_CTX sha1;
        SHA256_CTX sha256;
    };
};

static void begin(struct digesting *d, enum plait_digest which)
{
    d->which = which;
    if (which == PLAIT_SHA1)
        SHA1_Init(&d->sha1);
    else
        SHA256_Init(&d->sha256);
}

static void add(struct digesting *d, const void *octets, size_t length_octets)
{
    if (d->which == PLAIT_SHA1)
        SHA1_Update(&d->sha1, octets, length_octets);
    else
        SHA256_Update(&d->sha256, octets, length_octets);
}

static void end(struct digesting *d, uint8_t *digest)
{
    if (d->which == PLAIT_SHA1)
        SHA1_Final(digest, &d->sha1);
    else
        SHA256_Final(digest, &d->sha256);
}

size_t plait_digest_octets(enum plait_digest which)
{
    return which == PLAIT_SHA1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

void plait_digest(enum plait_digest which, const void *message, size_t message_octets,
                  uint8_t digest[PLAIT_DIGEST_MAX_OCTETS])
{
    struct digesting d;
    begin(&d, which);
    add(&d, message, message_octets);
    end(&d, digest);
}

/* One of the two passes: the padded key, then OCTETS. */
static void pass(enum plait_digest which, const uint8_t key[BLOCK_OCTETS], uint8_t pad,
                 const void *octets, size_t length_octets, uint8_t *digest)
{
    uint8_t block[BLOCK_OCTETS];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ pad;
    struct digesting d;
    begin(&d, which);
    add(&d, block, sizeof block);
    add(&d, octets, length_octets);
    end(&d, digest);
}

void plait_hmac(enum plait_digest which, const void *key, size_t key_octets, const void *message,
                size_t message_octets, uint8_t mac[PLAIT_DIGEST_MAX_OCTETS])
{
    uint8_t padded[BLOCK_OCTETS] = {0};
    PLAIT_CHECK(key_octets <= sizeof padded);
    if (key_octets)
        memcpy(padded, key, key_octets);
    uint8_t inner[PLAIT_DIGEST_MAX_OCTETS];
    pass(which, padded, 0x36, message, message_octets, inner);
    pass(which, padded, 0x5c, inner, plait_digest_octets(which), mac);
}

bool plait_mac_equal(const void *a, const void *b, size_t length_octets)
{
    return CRYPTO_memcmp(a, b, length_octets) == 0;
}
