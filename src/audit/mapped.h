/* audit/mapped.h: internal: mappings that a packet declares (RFC 8684 §3.3.1), and DATA_FIN.
 * May touch: the auditor's memory; calls the sink. */
#ifndef PLAIT_AUDIT_MAPPED_H
#define PLAIT_AUDIT_MAPPED_H

#include "audit/say.h"
#include "audit/track.h"

/* The stream begins where AT's DSS says, if it is not known yet. */
void plait_mapped_choose_base(struct plait_at *at);
/* What AT's packet maps; false: nothing. */
bool plait_mapped_of_packet(struct plait_at *at, struct plait_mapping *mapping);
/* MAPPING holds from now on, also for payload that waited; where it is kept. */
struct plait_mapping *plait_mapped_declare(struct plait_at *at, struct plait_track *track,
                                           const struct plait_mapping *mapping);
/* A DATA_FIN says that the stream has OFFSET octets. */
void plait_mapped_fin(struct plait_at *at, uint64_t offset);
/* MAPPING may go on behind a DATA_FIN. */
void plait_mapped_check_fin(struct plait_at *at, const struct plait_mapping *mapping);

#endif
