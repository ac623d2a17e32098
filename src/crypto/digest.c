/* crypto/digest.c: SHA-1, SHA-256 and HMAC (RFC 2104) on contexts of the caller's stack.
 * May touch: libcrypto's low-level digest calls, which neither allocate nor keep anything. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/octets.h"
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

/* ---- short messages ---- */

/* Whatever MPTCP digests fits into one block with its padding: that is put there at once, and all
 * blocks are hashed in one call.  Final would hash the last one alone, and clear what nobody kept.
 */
#define SHORT_OCTETS (BLOCK_OCTETS - 1 - 8)

/* The last block of a message, of which BEFORE_OCTETS were in others (FIPS 180-4 §5.1.1). */
static void fill_last(uint8_t block[BLOCK_OCTETS], const void *octets, size_t length_octets,
                      size_t before_octets)
{
    memset(block, 0, BLOCK_OCTETS);
    if (length_octets)
        memcpy(block, octets, length_octets);
    block[length_octets] = 0x80;
    plait_store_u64(block + BLOCK_OCTETS - 8, 8 * (uint64_t)(before_octets + length_octets));
}

static void digest_blocks(enum plait_digest which, const uint8_t *blocks, size_t count,
                          uint8_t *digest)
{
    struct digesting d;
    begin(&d, which);
    add(&d, blocks, count * BLOCK_OCTETS);
    if (which == PLAIT_SHA1) {
        const SHA_LONG words[] = {d.sha1.h0, d.sha1.h1, d.sha1.h2, d.sha1.h3, d.sha1.h4};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            plait_store_u32(digest + 4 * i, words[i]);
    } else {
        for (size_t i = 0; i < SHA256_DIGEST_LENGTH / 4; i++)
            plait_store_u32(digest + 4 * i, d.sha256.h[i]);
    }
}

/* ---- digests and HMACs ---- */

size_t plait_digest_octets(enum plait_digest which)
{
    return which == PLAIT_SHA1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

void plait_digest(enum plait_digest which, const void *message, size_t message_octets,
                  uint8_t digest[PLAIT_DIGEST_MAX_OCTETS])
{
    if (message_octets <= SHORT_OCTETS) {
        uint8_t block[BLOCK_OCTETS];
        fill_last(block, message, message_octets, 0);
        digest_blocks(which, block, 1, digest);
        return;
    }
    struct digesting d;
    begin(&d, which);
    add(&d, message, message_octets);
    end(&d, digest);
}

/* One of the two passes: the padded key, then OCTETS. */
static void pass(enum plait_digest which, const uint8_t key[BLOCK_OCTETS], uint8_t pad,
                 const void *octets, size_t length_octets, uint8_t *digest)
{
    uint8_t blocks[2 * BLOCK_OCTETS];
    for (size_t i = 0; i < BLOCK_OCTETS; i++)
        blocks[i] = key[i] ^ pad;
    if (length_octets <= SHORT_OCTETS) {
        fill_last(blocks + BLOCK_OCTETS, octets, length_octets, BLOCK_OCTETS);
        digest_blocks(which, blocks, 2, digest);
        return;
    }
    struct digesting d;
    begin(&d, which);
    add(&d, blocks, BLOCK_OCTETS);
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
