/* sensor/inputs_look.h: a first look into files that can be read twice.
 * May touch: their descriptors, which are at the beginning again afterwards; the heap. */
#ifndef PLAIT_SENSOR_INPUTS_LOOK_H
#define PLAIT_SENSOR_INPUTS_LOOK_H

#include "base/draw.h"
#include "capture/counts.h"
#include "sensor/clocks.h"
#include "sensor/job.h"

struct plait_first_look {
    bool has_first; /* false: empty, no capture, or without a packet */
    plait_time_ns first_ns;
};
struct plait_first_look plait_look_first(const struct plait_job_input *input);

/* A packet of which so much was captured has all its headers, also in a tunnel. */
#define PLAIT_LOOK_HEADERS_OCTETS 256
/* What all records of a file say; packets are not looked into. */
struct plait_full_look {
    struct plait_capture_counts counts;
    unsigned interfaces;     /* that have a packet */
    unsigned last_interface; /* the greatest number of one that has */
    uint64_t cut_frames;     /* captured in part, and less than PLAIT_LOOK_HEADERS_OCTETS of them */
};
/* Ends early when the user does. */
struct plait_full_look plait_look_through(const struct plait_job_input *input);

/* How the clocks of JOB's inputs are apart: what the user said of them, and, of at most
 * PLAIT_CLOCKS_MAX, by the first packets of those that are files; one for each. */
void plait_look_clocks(const struct plait_job *job, const struct plait_draw_key *key,
                       struct plait_clock *clocks);

#endif
