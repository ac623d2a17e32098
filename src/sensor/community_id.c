/* sensor/community_id.c: SHA-1 over seed, addresses, protocol and ports, the smaller end first. */
#include "sensor/community_id.h"

#include <string.h>

#include "base/cursor.h"
#include "crypto/digest.h"
#include "wire/ip.h"

static void base64(const uint8_t *octets, size_t length, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)octets[i] << 16;
        three |= i + 1 < length ? (uint32_t)octets[i + 1] << 8 : 0;
        three |= i + 2 < length ? octets[i + 2] : 0;
        for (unsigned k = 0; k < 4; k++)
            *text++ = i + k <= length ? digits[three >> (18 - 6 * k) & 63] : '=';
    }
    *text = '\0';
}

static bool is_smaller(const struct plait_place *a, const struct plait_place *b)
{
    int order = memcmp(a->addr.octets, b->addr.octets, sizeof a->addr.octets);
    return order ? order < 0 : a->port < b->port;
}

const char *plait_community_id(const struct plait_place *a, const struct plait_place *b,
                               char text[PLAIT_COMMUNITY_ID_OCTETS])
{
    uint8_t room[2 + 2 * 16 + 2 + 4], digest[PLAIT_DIGEST_MAX_OCTETS];
    struct plait_writer w = plait_writer(room, sizeof room);
    const struct plait_place *first = is_smaller(a, b) ? a : b, *second = first == a ? b : a;
    size_t octets = plait_addr_octets((enum plait_family)a->addr.family);
    plait_write_u16(&w, 0); /* seed */
    plait_write_octets(&w, first->addr.octets, octets);
    plait_write_octets(&w, second->addr.octets, octets);
    plait_write_u8(&w, PLAIT_PROTOCOL_TCP);
    plait_write_u8(&w, 0);
    plait_write_u16(&w, first->port);
    plait_write_u16(&w, second->port);
    plait_digest(PLAIT_SHA1, room, plait_writer_used(&w), digest);
    memcpy(text, "1:", 2);
    base64(digest, 20, text + 2);
    return text;
}
