/* sensor/redact.h: packets that may be shown: who spoke and what was said is gone, what Multipath
 * TCP did is still there.
 *
 * Nothing is copied that is not known to be harmless: from the IP header on a packet is written
 * anew.  Addresses are replaced, the same one always by the same, also in ADD_ADDR; payload and
 * keys are zeros; TCP options other than MSS, window scale, SACK, timestamps and MPTCP become NOPs;
 * checksums, those of DSS too, are right for what is written.  Link headers, tunnels, IP options
 * and extension headers, and packets that are not TCP are left out. Ports, numbers, times, tokens,
 * nonces and MACs stay.  May touch: the heap. */
#ifndef PLAIT_SENSOR_REDACT_H
#define PLAIT_SENSOR_REDACT_H

#include "audit/packet.h"

#define PLAIT_REDACTED_MAX_OCTETS 65535

struct plait_redactor;

struct plait_redactor *plait_redactor_new(const struct plait_draw_key *key);
void plait_redactor_free(struct plait_redactor *redactor);
/* The packet as it may be shown, into ROOM; payload that was not captured is there too, as zeros.
 * NO_ROOM where it is longer than IP allows, BAD_LENGTH where its options cannot be read, TOO_MANY
 * beyond 2^24 addresses. */
plait_result plait_redact(struct plait_redactor *redactor, const struct plait_packet *packet,
                          uint8_t room[PLAIT_REDACTED_MAX_OCTETS], size_t *length_octets);

#endif
