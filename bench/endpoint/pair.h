/* bench/endpoint/pair.h: two hosts in one process that hand each other what they send: no net, no
 * copy in between, virtual time.  May touch: memory it allocated, the processor's clock. */
#ifndef PLAIT_BENCH_ENDPOINT_PAIR_H
#define PLAIT_BENCH_ENDPOINT_PAIR_H

#include "bench/table.h"
#include "plait/connection.h"

enum { BENCH_CLIENT, BENCH_SERVER, BENCH_ENDS };
enum { BENCH_PORT = 7, BENCH_ADDRS = 2 };

struct bench_pair {
    struct plait_host *hosts[BENCH_ENDS];
    void *memory[BENCH_ENDS];
    size_t memory_octets[BENCH_ENDS];
    plait_time_ns now;
    bool offload;
    uint64_t packets[BENCH_ENDS]; /* sent */
    plait_time_ns server_ns;      /* in the server's calls, if TIMES_SERVER */
    bool times_server;
    struct plait_connection *accepted[1024]; /* by the server, from the front */
    unsigned accepted_count;
    uint8_t buffer[PLAIT_PACKET_MAX_OCTETS];
};

/* Of this process: others on the machine do not count. */
plait_time_ns plait_bench_processor_ns(void);

/* Addresses 198.18.1.1 and 198.18.2.1, server 198.18.3.1 with a listener on BENCH_PORT.  CONFIG
 * without environment; both hosts have it. */
void plait_bench_pair_open(struct bench_pair *p, const struct plait_host_config *config);
void plait_bench_pair_close(struct bench_pair *p);
struct plait_place plait_bench_place(unsigned end, unsigned addr, uint16_t port);
/* Hands over until nobody has anything to send. */
void plait_bench_pair_move(struct bench_pair *p);
/* Lets DURATION pass, and moves. */
void plait_bench_pair_pass(struct bench_pair *p, plait_time_ns duration_ns);
/* One connection with SUBFLOWS subflows (at most BENCH_ADDRS), both ends; panics if it does not
 * come about. */
void plait_bench_pair_connect(struct bench_pair *p, unsigned subflows,
                              struct plait_connection *ends[BENCH_ENDS]);

/* A stream from client to server, of a pattern that repeats itself; the receiver's application may
 * judge what it reads. */
struct bench_carried {
    uint64_t octets; /* wanted */
    bool is_judged;
    uint64_t sent, received, wrong;
};
/* Writes and reads what there is room for, and lets a little time pass; false when all was
 * received. */
bool plait_bench_pair_carry(struct bench_pair *p, struct plait_connection *ends[BENCH_ENDS],
                            struct bench_carried *carried);

#endif
