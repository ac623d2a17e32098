/* tests/unit/mptcp/pair.h: two machines and the net between them, in memory and virtual time: the
 * smallest host that mptcp/ can live on.
 *
 * Each end has addresses, one listener, half-open requests, tokens, and one application that writes
 * a pattern and checks the pattern that it reads.  Paths between addresses have delay, loss and a
 * cut; a middlebox may look at, change or swallow each packet. */
#ifndef PLAIT_TESTS_PAIR_H
#define PLAIT_TESTS_PAIR_H

#include "mptcp/connection.h"
#include "tests/unit/dice.h"
#include "tests/unit/test.h"

#define END_ADDRS    4
#define END_FLOWS    64
#define END_REQUESTS 32
#define PAIR_PACKETS 4096

struct pair;

struct application {
    struct plait_mptcp *connection;
    uint64_t to_write, written, read; /* octets */
    bool closes;                      /* once everything is written */
    bool holds_back;                  /* reads nothing */
    bool is_closed, is_wrong;
    unsigned events[16]; /* of enum plait_mptcp_event */
};

struct request {
    bool is_used;
    struct plait_flow_key key; /* src is ours */
    struct plait_hello hello;
    struct plait_flow_handshake handshake;
    plait_time_ns since_ns;
};

struct end {
    struct pair *pair;
    unsigned side;
    struct plait_addr addrs[END_ADDRS];
    unsigned addr_count;
    struct plait_mptcp_config config;
    struct plait_arena arena;
    struct plait_stack stack;
    struct plait_mptcp_world world;
    void *memory;
    struct plait_flow *flows[END_FLOWS];
    struct plait_path *pairs[8]; /* claimed without handshake */
    uint32_t tokens[4];
    struct plait_mptcp *token_owners[4];
    bool refuses_tokens;
    struct request requests[END_REQUESTS];
    struct application app;
    struct plait_flow *plain; /* accepted without Multipath TCP: the application uses it */
    uint16_t next_port;
    unsigned resets_sent;
    uint8_t last_reset_reason; /* of a refused handshake */
    uint64_t draws;
};

struct packet {
    plait_time_ns at_ns;
    uint64_t serial;
    uint32_t length;
    uint8_t octets[];
};

/* Of packets whose source or destination is address INDEX of the client. */
struct line {
    plait_time_ns delay_ns;
    unsigned loss_percent, reorder_percent, duplicate_percent;
    bool is_cut;
};

struct pair {
    struct end ends[2]; /* 0 = client */
    struct line lines[END_ADDRS];
    plait_time_ns now;
    struct dice dice;
    bool super;
    struct packet *packets[PAIR_PACKETS];
    unsigned packet_count;
    uint64_t serial;
    unsigned sent[2], lost;
    /* May change the segment (it is built again); false: swallowed.  FROM is the sender's side. */
    bool (*box)(struct pair *pair, unsigned from, struct plait_segment *segment);
    void *box_self;
    unsigned box_count;
};

struct pair_setup {
    struct plait_mptcp_config config[2];
    struct plait_tcp_config tcp;
    unsigned addrs[2]; /* 0 = 1 */
    uint64_t seed;
    bool ipv6;
    bool super; /* super-segments, checksums left to the device; boxes see none of them */
    uint32_t records_limit; /* 0 = 8192 */
};

#define PORT 443

void pair_make(struct pair *pair, const struct pair_setup *setup);
void pair_free(struct pair *pair);
/* The client dials; from its address 0 to the server's address 0. */
void pair_dial(struct pair *pair);
/* Until UNTIL_NS, or (DONE not NULL) until it says true: then true. */
bool pair_run(struct pair *pair, plait_time_ns until_ns, bool (*done)(struct pair *pair));
/* For so long from now. */
void pair_wait(struct pair *pair, plait_time_ns for_ns);
bool pair_is_established(struct pair *pair);
bool pair_is_transferred(struct pair *pair); /* both read all that the other has to write */
bool pair_is_closed(struct pair *pair);
/* Dials, waits until established on both ends, and sends a first octet each way. */
void pair_open(struct pair *pair);
/* A further subflow from the client's address INDEX to the server's address TO. */
void pair_join(struct pair *pair, unsigned index, unsigned to);
/* OCTETS more each way (0: none), delivered before LIMIT_NS have passed. */
void pair_transfer(struct pair *pair, uint64_t up, uint64_t down, plait_time_ns limit_ns);
uint64_t pair_counter(const struct pair *pair, unsigned side, enum plait_counter_name counter);
/* A segment of SIDE's flow INDEX as if the peer had sent it now: exact numbers, no payload, flags
 * ACK. */
struct plait_segment pair_forge(struct pair *pair, unsigned side, unsigned index);
/* Delivers it to SIDE at once and lets everything settle for a moment. */
void pair_inject(struct pair *pair, unsigned side, const struct plait_segment *segment);
/* A packet that SIDE sends now, for boxes that make two of one. */
void pair_send(struct pair *pair, unsigned from, const uint8_t *octets, uint32_t length);
void pair_step_output(struct pair *pair, unsigned side);
/* SIDE's INDEX-th subflow; the test fails if there is none. */
struct plait_subflow_info pair_subflow(struct pair *pair, unsigned side, unsigned index);
unsigned pair_subflows(struct pair *pair, unsigned side);
struct plait_place pair_place(struct pair *pair, unsigned side, unsigned addr, uint16_t port);
/* A path of SIDE's connection from its address FROM to the other end's address TO. */
void pair_add_path(struct pair *pair, unsigned side, unsigned from, unsigned to);
/* How many paths SIDE's connection has. */
unsigned pair_paths(struct pair *pair, unsigned side);

#endif
