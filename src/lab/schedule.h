/* lab/schedule.h: the forged packets of an attack run, with the ISNs that its flows had: what the
 * stripped run (lab/replay.h) sends again.
 *
 * Octets from the start, since thousands of them travel from a run to the lab and back to another
 * run: a digest, the ISNs, then a row for each packet.  May touch: memory of its own. */
#ifndef PLAIT_LAB_SCHEDULE_H
#define PLAIT_LAB_SCHEDULE_H

#include "base/cursor.h"
#include "base/time.h"
#include "wire/addr.h"

#define PLAIT_SCHEDULE_PACKETS_MAX 4096

/* Whoever made the octets owns them; none: there is no schedule. */
struct plait_schedule {
    const uint8_t *octets;
    size_t length_octets;
};

struct plait_isn { /* of one direction of a flow */
    struct plait_flow_key flow;
    uint32_t isn;
};

/* ---- writing ------------------------------------------------------------------------------ */

/* Rows so far; begins as {0}. */
struct plait_schedule_log {
    uint8_t *octets;
    size_t length_octets, room_octets;
    unsigned packets;
    plait_time_ns end_ns; /* of the last packet */
};

/* AT_NS after the connection was ready.  Beyond PLAIT_SCHEDULE_PACKETS_MAX nothing is added. */
void plait_schedule_add(struct plait_schedule_log *log, plait_time_ns at_ns, const void *packet,
                        uint16_t length_octets);
void plait_schedule_log_free(struct plait_schedule_log *log);
/* The whole: its octets are the caller's to free. */
struct plait_schedule plait_schedule_end(const struct plait_schedule_log *log,
                                         const struct plait_isn *isns, unsigned count);

/* ---- reading ------------------------------------------------------------------------------ */

struct plait_schedule_reader {
    struct plait_reader isns, packets;
};

struct plait_schedule_packet {
    plait_time_ns at_ns;
    const uint8_t *octets;
    uint16_t length_octets;
};

/* Equal schedules have equal digests; of none it is 0. */
uint64_t plait_schedule_digest(const struct plait_schedule *schedule);
/* When its last packet is sent; of none it is 0. */
plait_time_ns plait_schedule_end_ns(const struct plait_schedule *schedule);
struct plait_schedule_reader plait_schedule_reader(const struct plait_schedule *schedule);
/* False at the end. */
bool plait_schedule_next(struct plait_schedule_reader *reader,
                         struct plait_schedule_packet *packet);
/* False if FLOW had none. */
bool plait_schedule_isn(const struct plait_schedule_reader *reader,
                        const struct plait_flow_key *flow, uint32_t *isn);

#endif
