/* base/hasher.c: two lanes of multiply and rotate, mixed at the end. */
#include "base/hasher.h"

/* Odd constants without structure: fractions of the golden ratio and of the square roots of 2
 * and 3. */
#define GOLDEN 0x9e3779b97f4a7c15u
#define ROOT_2 0x6a09e667f3bcc909u
#define ROOT_3 0xbb67ae8584caa73bu

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

/* Every bit of X moves about half the bits of the result. */
static uint64_t mix(uint64_t x)
{
    for (int i = 0; i < 3; i++) {
        x ^= x >> 32;
        x *= GOLDEN;
    }
    return x ^ x >> 29;
}

struct plait_hasher plait_hasher(uint64_t seed)
{
    return (struct plait_hasher){.state = {mix(seed ^ ROOT_2), mix(seed ^ ROOT_3)}};
}

void plait_hash_u64(struct plait_hasher *h, uint64_t value)
{
    h->state[0] = rotate_left((h->state[0] ^ value) * ROOT_2, 29) + h->state[1];
    h->state[1] = rotate_left((h->state[1] + value) * ROOT_3, 37) ^ h->state[0];
    h->words++;
}

void plait_hash_octets(struct plait_hasher *h, const void *octets, size_t length_octets)
{
    const uint8_t *at = octets;
    plait_hash_u64(h, length_octets);
    for (size_t left = length_octets; left > 0;) {
        size_t part = left < 8 ? left : 8;
        uint64_t word = 0; /* the same whatever the order of octets in memory */
        for (size_t i = 0; i < part; i++)
            word |= (uint64_t)*at++ << (8 * i);
        plait_hash_u64(h, word);
        left -= part;
    }
}

uint64_t plait_hash_end(const struct plait_hasher *h)
{
    return mix(mix(h->state[0] + h->words) ^ h->state[1]);
}
