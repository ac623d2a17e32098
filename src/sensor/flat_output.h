/* sensor/flat_output.h: where flat packets go: a pcap file, a device, a second file for orphans,
 * and a map that says of what each was made.
 *
 * Packets are framed as Ethernet, which every reader takes, with addresses that show family and
 * last octets of the IP addresses; on a TUN device they are not framed.
 * May touch: the files and the descriptor it is given. */
#ifndef PLAIT_SENSOR_FLAT_OUTPUT_H
#define PLAIT_SENSOR_FLAT_OUTPUT_H

#include <stdio.h>

#include "audit/flatten.h"

enum plait_flat_framing { PLAIT_FRAMED_PCAP, PLAIT_FRAMED_TAP, PLAIT_FRAMED_TUN };

struct plait_flat_output {
    FILE *packets; /* of a device: only its descriptor is used */
    FILE *orphans; /* pcap; NULL: they go to PACKETS */
    FILE *map;     /* or NULL */
    enum plait_flat_framing framing;
    bool at_once; /* somebody listens: nothing waits in a buffer */
    /* The name of an input, for the map. */
    const char *(*name_of)(void *self, unsigned input);
    void *self;
    uint64_t written; /* packets: the last one's number in PACKETS */
    uint64_t refused; /* by the device */
    unsigned named;   /* inputs that the map names already */
    bool failed;
};

/* Writes the heads of files. */
void plait_flat_output_begin(struct plait_flat_output *o);
/* A plait_flat_out. */
void plait_flat_output_packet(void *output, const struct plait_flat_packet *packet);
/* False if not everything could be written. */
bool plait_flat_output_end(struct plait_flat_output *o);

#endif
