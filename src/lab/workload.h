/* lab/workload.h: what the two applications of a run write to each other, as a value, and the file
 * in which an operator describes his own (docs/TOPOLOGY.md).  May touch: nothing but its arguments.
 */
#ifndef PLAIT_LAB_WORKLOAD_H
#define PLAIT_LAB_WORKLOAD_H

#include "base/time.h"
#include "lab/facts.h"
#include "lab/lines.h"

enum plait_workload { PLAIT_IDLE, PLAIT_TRICKLE, PLAIT_BULK, PLAIT_REQUEST_RESPONSE };

const char *plait_workload_name(enum plait_workload workload);

/* What one side does. */
enum plait_writing {
    PLAIT_WRITES_NOTHING,
    PLAIT_WRITES_TRICKLE, /* a little, again and again */
    PLAIT_WRITES_BULK,    /* much, again and again */
    PLAIT_WRITES_REQUESTS,
    PLAIT_WRITES_ANSWERS /* to each request of the other side */
};

struct plait_writer_of {
    enum plait_writing writing;
    uint64_t octets; /* at a time */
    uint64_t gap_us; /* from one time to the next; 0 for answers */
};

struct plait_traffic {
    bool is_given; /* by a file; else the lab's own */
    enum plait_workload kind;
    struct plait_writer_of of[2]; /* by side */
};

/* The lab's own, of DESIGN §1; roles by victim, because an attack on a side is interesting for what
 * that side sends. */
struct plait_traffic plait_workload_traffic(enum plait_workload workload, enum plait_side victim);
/* What a file says.  False with ERROR. */
bool plait_workload_parse(const void *octets, size_t length_octets, struct plait_traffic *traffic,
                          struct plait_line_error *error);
/* As a file says it: a line for each side, each with its end. */
void plait_workload_print(const struct plait_traffic *traffic, struct plait_text *text);
/* Nothing is written for longer than this. */
plait_time_ns plait_workload_gap_ns(const struct plait_traffic *traffic);

#endif
