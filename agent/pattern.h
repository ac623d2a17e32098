/* agent/pattern.h: the keyed octet pattern that gives every octet of a stream its provenance.
 *
 * Octet i of the stream with key k is a function of (k, i), so a reader knows for each octet
 * whether its peer wrote it there.  Shared by the agent and the lab; needs nothing. */
#ifndef PLAIT_AGENT_PATTERN_H
#define PLAIT_AGENT_PATTERN_H

#include <stdint.h>

static inline uint64_t plait_pattern_word(uint64_t key, uint64_t index)
{
    uint64_t x = key ^ (index + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static inline uint8_t plait_pattern_octet(uint64_t key, uint64_t offset)
{
    return (uint8_t)(plait_pattern_word(key, offset / 8) >> (8 * (offset % 8)));
}

#endif
