/* wire/checksum.c: the Internet checksum.
 *
 * 32-bit words in the order of memory are added into 64 bits, which cannot overflow below 2^32
 * words; 2^16 is 1 modulo 2^16-1, so neither the width nor the byte order of the words matters
 * before the fold (RFC 1071 §2).  The loops are plain so that compilers vectorise them. */
#include "wire/checksum.h"

#include <endian.h>
#include <string.h>

/* Up to three octets behind the last whole word. */
static plait_sum add_tail(plait_sum sum, const uint8_t *at, size_t length_octets)
{
    uint32_t word = 0;
    memcpy(&word, at, length_octets);
    return sum + word;
}

static inline __attribute__((always_inline)) plait_sum add_words(plait_sum sum, const uint8_t *at,
                                                                 size_t words)
{
    for (size_t i = 0; i < words; i++) {
        uint32_t word;
        memcpy(&word, at + 4 * i, 4);
        sum += word;
    }
    return sum;
}

#ifdef __x86_64__
/* The same loop, made for registers twice as wide. */
__attribute__((target("avx2"))) static plait_sum add_words_avx2(plait_sum sum, const uint8_t *at,
                                                                size_t words)
{
    return add_words(sum, at, words);
}
#endif

/* Wide registers pay from some length on. */
#define WIDE_WORDS 64

static plait_sum add_many(plait_sum sum, const uint8_t *at, size_t words)
{
#ifdef __x86_64__
    if (words >= WIDE_WORDS && __builtin_cpu_supports("avx2"))
        return add_words_avx2(sum, at, words);
#endif
    return add_words(sum, at, words);
}

plait_sum plait_sum_add(plait_sum sum, const void *octets, size_t length_octets)
{
    const uint8_t *at = octets;
    size_t words = length_octets / 4;
    sum = add_many(sum, at, words);
    return length_octets % 4 ? add_tail(sum, at + 4 * words, length_octets % 4) : sum;
}

plait_sum plait_sum_copy(plait_sum sum, void *to, const void *from, size_t length_octets)
{
    const uint8_t *restrict at = from;
    uint8_t *restrict out = to;
    size_t words = length_octets / 4;
    for (size_t i = 0; i < words; i++) {
        uint32_t word;
        memcpy(&word, at + 4 * i, 4);
        memcpy(out + 4 * i, &word, 4);
        sum += word;
    }
    if (length_octets % 4 == 0)
        return sum;
    memcpy(out + 4 * words, at + 4 * words, length_octets % 4);
    return add_tail(sum, at + 4 * words, length_octets % 4);
}

static uint16_t fold(plait_sum sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

plait_sum plait_sum_odd(plait_sum part)
{
    uint16_t folded = fold(part);
    return (uint16_t)(folded << 8 | folded >> 8);
}

/* As the word that its two octets are in memory. */
plait_sum plait_sum_u16(plait_sum sum, uint16_t value)
{
    return sum + htobe16(value);
}

static plait_sum add_addr(plait_sum sum, const struct plait_addr *addr)
{
    return addr->family == PLAIT_IPV4
               ? add_words(sum, addr->octets, 1)
               : plait_sum_add(sum, addr->octets, plait_addr_octets(addr->family));
}

plait_sum plait_sum_pseudo(plait_sum sum, const struct plait_addr *src,
                           const struct plait_addr *dst, uint8_t protocol, uint32_t length_octets)
{
    sum = add_addr(add_addr(sum, src), dst);
    sum = plait_sum_u16(sum, (uint16_t)(length_octets >> 16));
    sum = plait_sum_u16(sum, (uint16_t)length_octets);
    return plait_sum_u16(sum, protocol);
}

uint16_t plait_sum_finish(plait_sum sum)
{
    return (uint16_t)~be16toh(fold(sum));
}
