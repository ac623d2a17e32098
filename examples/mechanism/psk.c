/* examples/mechanism/psk.c: version 1 with a pre-shared key (R3 of RFC 6181 §7): everything is as
 * in RFC 8684, but proofs are made with keys that follow from the wire's and from a secret that
 * both ends have.  Whoever heard the first handshake lacks that.
 *
 *     make && plait analyze --load ./psk.so --threat T-TS-2 */
#include <plait/mechanism.h>

/* 64 bits of HMAC-SHA256 over the wire's key. */
static uint64_t proof_key(uint64_t key, const struct plait_secret *secret)
{
    uint8_t message[8], mac[PLAIT_MECHANISM_HMAC_OCTETS];
    uint64_t made = 0;
    for (int i = 0; i < 8; i++)
        message[i] = (uint8_t)(key >> (56 - 8 * i));
    plait_mechanism_hmac(secret->octets, sizeof secret->octets, message, sizeof message, mac);
    for (int i = 0; i < 8; i++)
        made = made << 8 | mac[i];
    return made;
}

static const struct plait_mechanism *table(void)
{
    static struct plait_mechanism psk;
    psk = *plait_mechanism_named(PLAIT_MECHANISM_V1);
    psk.name = "psk";
    psk.proof_key = proof_key;
    return &psk;
}

PLAIT_OFFER_MECHANISM(table, NULL);
