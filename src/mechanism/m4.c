/* mechanism/m4.c: RFC 8684 with a pre-shared key (R3 of RFC 6181 §7): the wire is version 1's, and
 * so are tokens and initial numbers; proofs are made with keys that also follow from a secret,
 * which no exchange shows. */
#include "base/octets.h"
#include "crypto/digest.h"
#include "mechanism/v1.h"

/* 64 bits of HMAC-SHA256 over the wire's key, so that each connection and end has its own (R4). */
static uint64_t proof_key(uint64_t key, const struct plait_secret *secret)
{
    uint8_t message[8], mac[PLAIT_DIGEST_MAX_OCTETS];
    plait_store_u64(message, key);
    plait_hmac(PLAIT_SHA256, secret->octets, sizeof secret->octets, message, sizeof message, mac);
    return plait_load_u64(mac);
}

const struct plait_mechanism plait_mechanism_m4 = {
    .name = "M4",
    .proof_key = proof_key,
    PLAIT_V1_ENTRIES,
};
