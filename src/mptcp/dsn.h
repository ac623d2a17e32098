/* mptcp/dsn.h: the wire's edge of the data level: numbers of 32 or 64 bits against offsets.
 *
 * Inside, a data position is a 64-bit offset from the stream's start: the IDSN is offset 0.  A
 * number on the wire is IDSN + offset, modulo 2^64, of which the short form has the low 32 bits
 * (RFC 8684 §3.3.1).  Modular comparison of data sequence numbers exists here and nowhere else.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_MPTCP_DSN_H
#define PLAIT_MPTCP_DSN_H

#include <stdbool.h>
#include <stdint.h>

/* The number of OFFSET; the short form is its low 32 bits. */
static inline uint64_t plait_dsn(uint64_t idsn, uint64_t offset)
{
    return idsn + offset;
}

/* The offset whose low 32 bits are LOW and that is nearest to EXPECTED; of two equally near ones
 * the later.  False if that one would lie before the stream's start or beyond the last offset: the
 * number wrapped, or is nonsense (N22).  Also for subflow sequence numbers, which are relative. */
bool plait_offset_near(uint32_t low, uint64_t expected, uint64_t *offset);
/* The offset of the data sequence number or DATA_ACK DSN, of 64 bits or (IS_64 false) of 32, near
 * EXPECTED.  False as above. */
bool plait_dsn_offset(uint64_t idsn, uint64_t dsn, bool is_64, uint64_t expected, uint64_t *offset);

#endif
