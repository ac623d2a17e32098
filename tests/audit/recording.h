/* tests/audit/recording.h: all packets of a net, at all its links, to be given to auditors again
 * and again. */
#ifndef PLAIT_TESTS_AUDIT_RECORDING_H
#define PLAIT_TESTS_AUDIT_RECORDING_H

#include "net/net.h"

struct recorded {
    plait_time_ns at_ns;
    size_t octets_at;
    uint32_t length_octets;
    uint16_t link;
    enum plait_way way;
};

struct recording {
    struct recorded *packets;
    size_t count, room;
    uint8_t *octets;
    size_t octets_used, octets_room;
};

/* Everything that enters a link of NET from now on; RECORDING outlives it.  Empty, or used before:
 * its memory is used again. */
void recording_start(struct recording *recording, struct plait_net *net);
void recording_free(struct recording *recording);
static inline const uint8_t *recorded_octets(const struct recording *recording, size_t packet)
{
    return recording->octets + recording->packets[packet].octets_at;
}

#endif
