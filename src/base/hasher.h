/* base/hasher.h: a digest of state, for search and for tests of sameness; not for security.
 *
 * May touch: nothing but its arguments. */
#ifndef PLAIT_BASE_HASHER_H
#define PLAIT_BASE_HASHER_H

#include <stddef.h>
#include <stdint.h>

struct plait_hasher {
    uint64_t state[2];
    uint64_t words;
};

struct plait_hasher plait_hasher(uint64_t seed);
void plait_hash_u64(struct plait_hasher *h, uint64_t value);
/* Length included, so that neighbours do not run together. */
void plait_hash_octets(struct plait_hasher *h, const void *octets, size_t length_octets);
uint64_t plait_hash_end(const struct plait_hasher *h);

#endif
