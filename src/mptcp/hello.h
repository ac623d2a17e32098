/* mptcp/hello.h: internal to mptcp/: which mechanism a handshake chooses, and why resets are sent.
 */
#ifndef PLAIT_MPTCP_HELLO_H
#define PLAIT_MPTCP_HELLO_H

#include <string.h>

#include "crypto/digest.h"
#include "mptcp/connection.h"

enum { /* reasons of MP_TCPRST, RFC 8684 §3.6 */
       PLAIT_RESET_UNSPECIFIED = 0,
       PLAIT_RESET_MPTCP = 1,
       PLAIT_RESET_NO_RESOURCES = 2,
       PLAIT_RESET_PROHIBITED = 3,
       PLAIT_RESET_OUTSTANDING = 4,
       PLAIT_RESET_PERFORMANCE = 5,
       PLAIT_RESET_MIDDLEBOX = 6,
       PLAIT_RESET_NO_REASON = 0xff /* no MP_TCPRST */
};

/* INDEX-th mechanism of CONFIG, v1 if it names none; NULL behind the last. */
const struct plait_mechanism *plait_hello_mechanism(const struct plait_mptcp_config *config,
                                                    unsigned index);
/* The best of CONFIG's mechanisms for which CAPABLE is a valid message of STEP; NULL if there is
 * none. A SYN of a higher version than we speak is answered with ours (N04). */
const struct plait_mechanism *plait_hello_choose(const struct plait_mptcp_config *config,
                                                 enum plait_hello_step step,
                                                 const struct plait_mp_capable *capable,
                                                 struct plait_hello_values *values);

/* The same, in a time that does not tell where they differ. */
static inline bool plait_secrets_equal(uint64_t a, uint64_t b)
{
    return plait_mac_equal(&a, &b, sizeof a);
}

/* VALUES, of a third ACK, are what the peer with these may say. */
static inline bool plait_hello_is_peers(const struct plait_mechanism *mechanism, uint64_t peer_key,
                                        uint64_t peer_cookie,
                                        const struct plait_hello_values *values)
{
    return mechanism->key == PLAIT_KEY_DRAWN ? values->sender_key == peer_key
                                             : plait_secrets_equal(values->cookie, peer_cookie);
}

/* The leading BITS of two MACs of OCTETS (0, or more than there are: all), in constant time. */
static inline bool plait_leading_bits_equal(const uint8_t *a, const uint8_t *b, size_t octets,
                                            unsigned bits)
{
    if (bits == 0 || bits >= 8 * octets)
        return plait_mac_equal(a, b, octets);
    uint8_t mask = (uint8_t)(0xff00 >> bits % 8), last_a = a[bits / 8] & mask,
            last_b = b[bits / 8] & mask;
    bool head = plait_mac_equal(a, b, bits / 8), tail = plait_mac_equal(&last_a, &last_b, 1);
    return head & tail;
}

/* Proofs of MP_JOIN (RFC 8684 §3.2); a mechanism without them sends zeros and looks at none. */
static inline void plait_join_prove(const struct plait_mechanism *mechanism, uint64_t own_key,
                                    uint64_t peer_key, uint32_t own_nonce, uint32_t peer_nonce,
                                    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS])
{
    memset(proof, 0, PLAIT_JOIN_HMAC_OCTETS);
    if (mechanism->join_proof)
        mechanism->join_proof(own_key, peer_key, own_nonce, peer_nonce, proof);
}

/* The sender's key and nonce come first. */
static inline bool plait_join_is_proven(const struct plait_mechanism *mechanism,
                                        uint64_t sender_key, uint64_t receiver_key,
                                        uint32_t sender_nonce, uint32_t receiver_nonce,
                                        const uint8_t *claimed, size_t octets)
{
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    plait_join_prove(mechanism, sender_key, receiver_key, sender_nonce, receiver_nonce, proof);
    return !mechanism->join_proof ||
           plait_leading_bits_equal(proof, claimed, octets, mechanism->proof_bits);
}

/* What is drawn, as the mechanism wants it. */
static inline uint32_t plait_join_nonce(const struct plait_mechanism *mechanism, uint32_t drawn)
{
    return mechanism->nonce ? (uint32_t)mechanism->nonce(drawn) : drawn;
}

static inline uint64_t plait_cookie_of(const struct plait_mechanism *mechanism, uint64_t drawn)
{
    return mechanism->cookie ? mechanism->cookie(drawn) : drawn;
}

#endif
