/* base/draw.h: keyed randomness.
 *
 * A draw is a function of (seed, who, purpose, n), never the next word of a stream: two runs that
 * agree on these agree on the draw, whatever else they drew.  SipHash-2-4 (Aumasson, Bernstein
 * 2012) is the function; it is also the hash of every table that an outsider can fill. */
#ifndef PLAIT_BASE_DRAW_H
#define PLAIT_BASE_DRAW_H

#include <stddef.h>
#include <stdint.h>

struct plait_draw_key {
    uint64_t word[2];
};

/* SipHash-2-4 of LENGTH octets under KEY. */
uint64_t plait_siphash(const struct plait_draw_key *key, const void *octets, size_t length_octets);

/* The key that belongs to a 64-bit seed. */
struct plait_draw_key plait_draw_key(uint64_t seed);

/* WHO and PURPOSE are short names ("client", "port"); N counts draws of one purpose. */
uint64_t plait_draw(const struct plait_draw_key *key, const char *who, const char *purpose,
                    uint64_t n);

/* The same, reduced without bias worth naming to 0 .. BOUND-1; BOUND > 0. */
uint64_t plait_draw_below(const struct plait_draw_key *key, const char *who, const char *purpose,
                          uint64_t n, uint64_t bound);

#endif
