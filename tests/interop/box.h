/* The middlebox of a case: strips, drops, corrupts, shifts or splits what the case says. */
#ifndef PLAIT_TESTS_INTEROP_BOX_H
#define PLAIT_TESTS_INTEROP_BOX_H

#include "net/net.h"
#include "tests/interop/case.h"

struct interop_box {
    const struct interop_case *c;
    uint64_t seen_octets[2]; /* of payload, by side */
    uint64_t changed;        /* packets */
    bool has_first[2];
    uint32_t first_seq[2]; /* of the first data segment, by side */
    uint64_t last_dsn[2];  /* of the last mapping, by side */
    bool third_ack_seen, done[2];
};

/* Side 0 is the client's.  BOX outlives the net. */
struct plait_box interop_box(struct interop_box *box);

#endif
