/* bench/audit/talk.h: packets of made-up connections, for the auditor and its peers: handshakes
 * with a join, and bulk data on both subflows.  Keys repeat in no two connections. */
#ifndef PLAIT_BENCH_AUDIT_TALK_H
#define PLAIT_BENCH_AUDIT_TALK_H

#include "wire/tcp.h"

#define SEGMENT_OCTETS 1400

struct made {
    uint8_t octets[1600];
    size_t length;
};

struct flow { /* one subflow of connection N */
    struct plait_place place[2];
    uint32_t isn[2];
    uint64_t key[2];
};

struct stream { /* of the server of connection N */
    struct flow flow[2];
    uint32_t seq[2];
    uint64_t offset;
};

/* Seven packets: the first handshake, a join with its two MACs, and a first DATA_ACK. */
#define PACKETS_OF_ONE 7
void make_connection(uint32_t n, struct made made[PACKETS_OF_ONE]);
struct stream make_stream(uint32_t n);
/* Packet number I of it: eight on one subflow, eight on the other. */
void make_data(struct stream *s, struct made *made, unsigned i, const uint8_t *payload);

#endif
