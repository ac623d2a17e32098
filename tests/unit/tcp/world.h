/* Two stacks, a wire between them, a virtual clock: what the tests of tcp/ play on.
 *
 * Every packet is parsed by wire/ on its way.  What is lost, late or doubled is a keyed draw, so a
 * seed is a run.  World also plays what host/ does for TCP: it answers SYNs, and makes the passive
 * flow from the ACK that completes the handshake. */
#ifndef PLAIT_TESTS_TCP_WORLD_H
#define PLAIT_TESTS_TCP_WORLD_H

#include "tcp/inside.h"
#include "tcp/stack.h"

enum { A = 0, B = 1 };

#define WORLD_PATHS_MAX 2

struct world_link { /* one direction */
    plait_time_ns delay_ns;
    uint64_t rate_bits_per_s; /* 0 = infinite */
    uint32_t queue_octets;    /* with a rate; 0 = infinite */
    uint32_t loss_ppm, reorder_ppm, duplicate_ppm;
    uint32_t mtu_octets; /* 0 = any; larger packets vanish */
    bool is_cut;
};

struct world_config {
    uint64_t seed;
    struct plait_tcp_config tcp[2];
    uint32_t isn[2];
    bool is_ipv6, offload;
    uint32_t chunk_octets;                   /* 16384 */
    size_t memory_octets;                    /* 64 MiB each */
    uint32_t records_limit;                  /* 8192 */
    struct world_link link;                  /* of both directions of both paths, to begin with */
    const struct plait_flow_owner *owner[2]; /* NULL: plain */
    void *owner_self[2];
};

struct world_packet {
    struct world_packet *next;
    plait_time_ns at_ns;
    uint8_t to, path;
    uint32_t length_octets;
    struct plait_offload offload;
    uint8_t octets[];
};

struct world_end {
    void *memory;
    struct plait_arena arena;
    struct plait_stack stack;
    struct plait_flow *flow;
    struct plait_flow_key key[WORLD_PATHS_MAX];
    /* the application */
    uint64_t to_write, written, read;
    uint64_t write_from; /* where the pattern begins */
    bool closes;         /* once everything is written */
    bool is_deaf;        /* does not read */
    bool has_closed, has_peer_fin, is_corrupt;
    unsigned events[PLAIT_FLOW_IS_CLOSED + 1];
    uint64_t details[PLAIT_FLOW_IS_CLOSED + 1];
    uint64_t packets, octets; /* sent */
};

struct world;
/* Sees every packet that is about to leave; false = lost.  May change what follows the headers. */
typedef bool (*world_filter)(struct world *w, int from, const struct plait_segment *segment);

struct world {
    struct world_config config;
    plait_time_ns now;
    struct world_end end[2];
    struct world_link link[WORLD_PATHS_MAX][2]; /* [path][from] */
    plait_time_ns link_free_ns[WORLD_PATHS_MAX][2];
    struct world_packet *first, *last;
    struct plait_draw_key key;
    uint64_t draws;
    world_filter filter;
    void *filter_self;
    struct plait_flow_handshake request; /* half-open at B */
    bool has_request, is_listening;
    plait_time_ns request_again_ns;
    struct plait_segment seen[2]; /* the last segment that left, without payload */
    uint8_t *buffer;
};

/* A starts a connection to B, which listens.  Nothing has been sent yet. */
struct world *world_new(const struct world_config *config);
void world_free(struct world *w);
/* Both ends at once: neither listens. */
struct world *world_new_simultaneous(const struct world_config *config);
/* Adds the second address pair to both flows. */
void world_add_path(struct world *w);

/* Goes on until UNTIL says true (true), or LIMIT_NS of virtual time or all events are over. */
bool world_run(struct world *w, bool (*until)(const struct world *w), plait_time_ns limit_ns);
/* For so long, whatever happens. */
void world_pass(struct world *w, plait_time_ns time_ns);
bool world_is_open(const struct world *w);     /* both ESTABLISHED or later */
bool world_all_arrived(const struct world *w); /* both ways, everything to_write was read */
bool world_both_closed(const struct world *w); /* CLOSED or TIME-WAIT */
bool world_is_quiet(const struct world *w);    /* nothing on the wire */

/* A segment that one end might have sent, correct in everything: to be spoilt by the caller and
 * handed to world_inject, which delivers it to the other end at once. */
struct plait_segment world_forge(const struct world *w, int from, uint8_t flags);
void world_inject(struct world *w, int from, const struct plait_segment *segment);
/* Sends what the ends have to send now, and delivers nothing. */
void world_flush(struct world *w);
uint64_t world_count(const struct world *w, int end, enum plait_counter_name counter);
/* Octets that both ends write: OFFSET counts from 0. */
void world_pattern(int end, uint64_t offset, uint8_t *octets, size_t length);

#endif
