/* capture/pcapng.h: writing pcapng (draft-ietf-opsawg-pcapng) with comments, as octets.
 *
 * IP packets are framed as Ethernet, because libpcap opens a file of several interfaces only when
 * all have one link type.  May touch: the FILE it was given. */
#ifndef PLAIT_CAPTURE_PCAPNG_H
#define PLAIT_CAPTURE_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

#include "base/result.h"
#include "base/time.h"

struct plait_pcapng;

enum plait_direction { PLAIT_DIRECTION_UNKNOWN = 0, PLAIT_INBOUND = 1, PLAIT_OUTBOUND = 2 };

/* Starts a section on FILE, which stays the caller's.  COMMENT may be NULL.  NULL if memory or the
 * disk is full. */
struct plait_pcapng *plait_pcapng_new(FILE *file, const char *comment);
/* Adds an interface; its number (0, 1, ...) is the result.  Resolution is 1 ns. */
int plait_pcapng_interface(struct plait_pcapng *p, const char *name, const char *description);
/* One IP packet (version by its first nibble).  COMMENT may be NULL. */
void plait_pcapng_packet(struct plait_pcapng *p, int interface, plait_time_ns at_ns,
                         enum plait_direction direction, const void *ip_packet,
                         uint32_t length_octets, const char *comment);
/* Flushes and frees; SYSTEM if any write failed. */
plait_result plait_pcapng_end(struct plait_pcapng *p);

#endif
