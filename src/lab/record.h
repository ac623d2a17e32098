/* lab/record.h: what a run leaves to be read: a narrated capture and the ladder of packets that
 * matter. May touch: the capture file, which is opened before the run is locked in. */
#ifndef PLAIT_LAB_RECORD_H
#define PLAIT_LAB_RECORD_H

#include "capture/pcapng.h"
#include "lab/world.h"

#define PLAIT_LINKS_MAX 16

struct plait_record {
    struct plait_world *world;
    FILE *file;
    char *buffer; /* of FILE */
    struct plait_pcapng *pcapng;
    int interfaces[PLAIT_LINKS_MAX];
    json_t *ladder;
    unsigned times;    /* that the last rung was seen */
    uint64_t left_out; /* packets, since the last that was captured */
};

/* FILE, which is closed at the end, may be NULL: no capture, the ladder only.  Of minutes in which
 * the attacker is away the capture has the first and the last second, and all but plain data. */
plait_result plait_record_start(struct plait_record *record, struct plait_world *world, FILE *file);
/* Ladder entries and STEPS in the order of time; the caller owns it. */
json_t *plait_record_ladder(const struct plait_record *record, const json_t *steps);
/* SYSTEM if the capture could not be written whole. */
plait_result plait_record_end(struct plait_record *record);

#endif
