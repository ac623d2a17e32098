/* mechanism/mechanism.h: the mechanisms that libplait has, as tables (plait/mechanism.h).
 *
 * Nothing in mptcp/ asks for a version: what differs between mechanisms is an entry of the table.
 * One file for each mechanism of the catalogue.
 * May touch: crypto/, wire/, nothing else. */
#ifndef PLAIT_MECHANISM_MECHANISM_H
#define PLAIT_MECHANISM_MECHANISM_H

#include "plait/mechanism.h"
#include "wire/checksum.h"
#include "wire/mptcp.h"

extern const struct plait_mechanism plait_mechanism_v0; /* RFC 6824 */
extern const struct plait_mechanism plait_mechanism_v1; /* RFC 8684 */
/* Basic MPTCP of RFC 6181 §4, without a defence and with some (docs/mechanisms/basic.md). */
extern const struct plait_mechanism plait_mechanism_m0e, plait_mechanism_m0i, plait_mechanism_m1n,
    plait_mechanism_m1h, plait_mechanism_m2;
/* The same with numbers of each pair's own. */
extern const struct plait_mechanism plait_mechanism_m0e_mapped, plait_mechanism_m0i_mapped,
    plait_mechanism_m1n_mapped, plait_mechanism_m2_mapped;
extern const struct plait_mechanism plait_mechanism_m4; /* v1, proofs under a pre-shared key */

/* The whole MAC of v1's ADD_ADDR, of which the option carries the right 64 bits, and once carried
 * the left ones (T-MAC-5). */
void plait_v1_add_addr_mac(uint64_t own_key, uint64_t peer_key, const struct plait_add_addr *option,
                           uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS]);

/* The checksum of a DSS mapping (RFC 8684 §3.3.1), same in both versions; DSN always 64 bits. */
uint16_t plait_dss_checksum(uint64_t dsn, uint32_t ssn, uint16_t data_length, const void *data,
                            size_t data_octets);
/* The pseudo-header's part of that sum, to which the data's sum is added. */
plait_sum plait_dss_pseudo_sum(uint64_t dsn, uint32_t ssn, uint16_t data_length);

#endif
