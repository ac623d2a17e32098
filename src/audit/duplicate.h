/* audit/duplicate.h: internal: one packet seen twice is one packet.
 *
 * Mirror ports, two taps, two inputs; also across a NAT, where the same SYN is seen with other
 * addresses.  May touch: the auditor's memory. */
#ifndef PLAIT_AUDIT_DUPLICATE_H
#define PLAIT_AUDIT_DUPLICATE_H

#include "audit/inside.h"

/* Sets `syn_hash` of AT, whose packet is a SYN or SYN/ACK; its place in memory is on its way. */
void plait_duplicate_hash_syn(struct plait_at *at);
/* The subflow whose SYN or SYN/ACK AT's packet, of a flow not known yet, shows once more behind a
 * NAT, and which of its ends sent it; 0: none. */
uint32_t plait_duplicate_flow(const struct plait_at *at, unsigned *end);
/* AT's packet is a SYN or SYN/ACK that may be seen again elsewhere. */
void plait_duplicate_note_syn(struct plait_at *at);
/* AT's packet is a SYN or SYN/ACK that was sent a while ago, as another place shows: queues hold
 * one for longer than a NAT's other side is looked for. */
bool plait_duplicate_is_under_way(const struct plait_at *at);
size_t plait_duplicate_octets(void);
bool plait_duplicate_init(struct plait_audit *a, struct plait_arena *arena);
/* What tells P from other packets; for `hash` of struct plait_at. */
uint64_t plait_duplicate_hash(const struct plait_audit *a, const struct plait_packet *p);
/* True if AT's packet was seen before; notes it otherwise. */
bool plait_duplicate_packet(struct plait_at *at);

#endif
