/* wire/mptcp.h: the options of Multipath TCP (plait/mptcp.h) as octets.
 *
 * One file for each option (mp_capable.c ...) holds its parse, build and print; wire/mptcp.c holds
 * the table of them.  A parsed option built again gives the same octets; what a format forbids is
 * BAD_LENGTH or BAD_VALUE, what it reserves is kept in `reserved` so that nothing is lost.
 * May touch: nothing but its arguments. */
#ifndef PLAIT_WIRE_MPTCP_H
#define PLAIT_WIRE_MPTCP_H

#include "base/cursor.h"
#include "base/text.h"
#include "plait/mptcp.h"
#include "wire/addr.h"

#define PLAIT_OPTION_MPTCP 30 /* RFC 8684 §7.1 */

/* Parses one whole option, kind octet included, exactly LENGTH_OCTETS long.  An option that is not
 * understood still comes out as raw, together with the reason as result. */
plait_result plait_mptcp_parse(const uint8_t *octets, size_t length_octets,
                               struct plait_mptcp_option *option);
/* Octets that plait_mptcp_write would write. */
size_t plait_mptcp_octets(const struct plait_mptcp_option *option);
void plait_mptcp_write(struct plait_writer *w, const struct plait_mptcp_option *option);
/* "MP_JOIN syn id=2 token=50e5993c nonce=1b665a18": numbers as they are on the wire. */
void plait_mptcp_print(struct plait_text *t, const struct plait_mptcp_option *option);
/* "MP_CAPABLE" ...; "subtype 9" style names are not made: NULL for one that is not assigned. */
const char *plait_mptcp_subtype_name(unsigned subtype);

#endif
