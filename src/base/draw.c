/* base/draw.c: SipHash-2-4 and the draws made of it. */
#include "base/draw.h"

#include <endian.h>
#include <string.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotate_left(s->v1, 13) ^ s->v0;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate_left(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate_left(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate_left(s->v1, 17) ^ s->v2;
    s->v2 = rotate_left(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

static uint64_t load_little(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

/* The LEFT < 8 octets at END - LEFT of a message of LENGTH: of a longer one, a part of its last
 * whole word. */
static uint64_t load_rest(const uint8_t *end, size_t left, size_t length_octets)
{
    uint64_t word = 0;
    if (left && length_octets > 8)
        return load_little(end - 8) >> (64 - 8 * left);
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)(end - left)[i] << (8 * i);
    return word;
}

uint64_t plait_siphash(const struct plait_draw_key *key, const void *octets, size_t length_octets)
{
    struct sip s = {0x736f6d6570736575u ^ key->word[0], 0x646f72616e646f6du ^ key->word[1],
                    0x6c7967656e657261u ^ key->word[0], 0x7465646279746573u ^ key->word[1]};
    const uint8_t *at = octets;
    size_t left = length_octets;
    for (; left >= 8; at += 8, left -= 8)
        sip_word(&s, load_little(at));
    sip_word(&s, (uint64_t)length_octets << 56 | load_rest(at + left, left, length_octets));
    s.v2 ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

struct plait_draw_key plait_draw_key(uint64_t seed)
{
    return (struct plait_draw_key){{seed, seed ^ 0x706c616974000000u}};
}

uint64_t plait_draw(const struct plait_draw_key *key, const char *who, const char *purpose,
                    uint64_t n)
{
    /* The inner hashes keep ("ab","c") and ("a","bc") apart. */
    uint64_t words[3] = {plait_siphash(key, who, strlen(who)),
                         plait_siphash(key, purpose, strlen(purpose)), n};
    uint8_t octets[24];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
    return plait_siphash(key, octets, sizeof octets);
}

uint64_t plait_draw_below(const struct plait_draw_key *key, const char *who, const char *purpose,
                          uint64_t n, uint64_t bound)
{
    return (uint64_t)((unsigned __int128)plait_draw(key, who, purpose, n) * bound >> 64);
}
