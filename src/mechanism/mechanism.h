/* mechanism/mechanism.h: how an MPTCP connection proves who may add a path.
 *
 * A mechanism is a constant table of functions that take values, never a connection, so that the
 * endpoint, the attacker and the auditor call the same ones.  One file for each mechanism of the
 * catalogue.  May touch: crypto/, wire/, nothing else. */
#ifndef PLAIT_MECHANISM_MECHANISM_H
#define PLAIT_MECHANISM_MECHANISM_H

#include <stdint.h>

#include "wire/mptcp.h"

#define PLAIT_JOIN_HMAC_OCTETS 20

struct plait_mechanism {
    const char *name; /* "v0", "v1": the column of the matrix */
    uint8_t version;  /* of MP_CAPABLE */

    /* identity: what a key stands for (RFC 8684 §3.1, N13) */
    uint32_t (*token)(uint64_t key);
    uint64_t (*idsn)(uint64_t key);

    /* path: the proof in MP_JOIN (RFC 8684 §3.2).  The sender of the message puts its own key and
     * nonce first, whoever opened the connection (threats.md §8, trap 3).  Writes the full 160
     * bits; the SYN/ACK carries the leftmost 64. */
    void (*join_proof)(uint64_t own_key, uint64_t peer_key, uint32_t own_nonce, uint32_t peer_nonce,
                       uint8_t proof[PLAIT_JOIN_HMAC_OCTETS]);

    /* control: sets the proof of an ADD_ADDR (RFC 8684 §3.4.1); v0 has none and clears it. */
    void (*seal_add_addr)(uint64_t own_key, uint64_t peer_key, struct plait_add_addr *option);
};

extern const struct plait_mechanism plait_mechanism_v0; /* RFC 6824 */
extern const struct plait_mechanism plait_mechanism_v1; /* RFC 8684 */

/* The checksum of a DSS mapping (RFC 8684 §3.3.1), same in both versions; DSN always 64 bits. */
uint16_t plait_dss_checksum(uint64_t dsn, uint32_t ssn, uint16_t data_length, const void *data,
                            size_t data_octets);

#endif
