/* A toy that protects payload: v1 in everything, and each record of the stream ends with a tag of
 * 16 octets.  A record is two octets of length, at most 512 of the application's, and the tag, the
 * left part of an HMAC-SHA256 over position, length and octets. */
#include "base/octets.h"
#include "crypto/digest.h"
#include "tests/unit/mptcp/mechanisms.h"

enum { RECORD = 512, HEADER = 2, TAG = 16 };

static void tag_of(const struct plait_payload_keys *keys, uint64_t position, const uint8_t *record,
                   uint32_t plain_octets, uint8_t tag[TAG])
{
    uint8_t key[16], message[8 + HEADER + RECORD], mac[PLAIT_DIGEST_MAX_OCTETS];
    plait_store_u64(key, keys->sender_key);
    plait_store_u64(key + 8, keys->receiver_key);
    plait_store_u64(message, position);
    memcpy(message + 8, record, HEADER + plain_octets);
    plait_hmac(PLAIT_SHA256, key, sizeof key, message, 8 + HEADER + plain_octets, mac);
    memcpy(tag, mac, TAG);
}

static void seal_record(const struct plait_payload_keys *keys, uint64_t position, uint8_t *record,
                        uint32_t plain_octets)
{
    plait_store_u16(record, (uint16_t)plain_octets);
    tag_of(keys, position, record, plain_octets, record + HEADER + plain_octets);
}

static uint32_t plain_octets(const uint8_t *header)
{
    return plait_load_u16(header);
}

static bool open_record(const struct plait_payload_keys *keys, uint64_t position, uint8_t *record,
                        uint32_t plain)
{
    uint8_t tag[TAG];
    tag_of(keys, position, record, plain, tag);
    return plait_mac_equal(tag, record + HEADER + plain, TAG);
}

static const struct plait_payload payload = {.record_octets = RECORD,
                                             .header_octets = HEADER,
                                             .trailer_octets = TAG,
                                             .seal = seal_record,
                                             .plain_octets = plain_octets,
                                             .open = open_record};

struct plait_mechanism mechanism_tag(void)
{
    struct plait_mechanism tagged = plait_mechanism_v1;
    tagged.name = "tag";
    tagged.payload = &payload;
    return tagged;
}
