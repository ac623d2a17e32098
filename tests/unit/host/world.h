/* tests/unit/host/world.h: two hosts joined by a wire of one delay, in virtual time. */
#ifndef PLAIT_TESTS_HOST_WORLD_H
#define PLAIT_TESTS_HOST_WORLD_H

#include "tests/unit/test.h"

#include "base/hasher.h"
#include "host/inside.h"
#include "wire/tcp.h"

#define WIRE_PACKETS 4096u
#define PACKET_ROOM  2048u

struct wire_packet {
    plait_time_ns at_ns;
    uint32_t length_octets;
    uint8_t to;
    uint8_t octets[PACKET_ROOM];
};

struct world {
    struct plait_host *host[2]; /* 0 client, 1 server */
    size_t memory_octets[2];
    plait_time_ns now_ns, delay_ns;
    unsigned first, last;
    struct wire_packet *wire;
    /* True: the packet is lost.  May change it. */
    bool (*loses)(void *self, struct wire_packet *packet);
    void *loses_self;
    struct plait_hasher packets, traces;
    uint64_t packet_count;
    bool recomputes; /* the deadline is asked before and after, and must agree */
};

/* Hosts with 198.18.1.1, .2 and 2001:db8:1::1 (client), 198.18.2.1, .2 and 2001:db8:2::1 (server);
 * CONFIGS NULL: defaults with small limits; memory, seed and trace are set here. */
struct world *world_new(const struct plait_host_config *configs[2]);
void world_free(struct world *w);
struct plait_host_config small_config(void); /* limits of some connections and 1 MiB of payload */
struct plait_place place(const char *addr, uint16_t port);

/* Takes what the hosts want to send. */
void world_flush(struct world *w);
/* Until nothing more happens before UNTIL_NS. */
void world_run(struct world *w, plait_time_ns until_ns);
void world_run_for(struct world *w, plait_time_ns duration_ns);
/* Gives S to host TO as it is built now. */
void world_inject(struct world *w, int to, const struct plait_segment *s);
/* The next packet that HOST sends, parsed, at once; false if there is none. */
bool world_take(struct world *w, int host, struct plait_segment *s, uint8_t octets[PACKET_ROOM]);
/* A segment from FROM to TO as plain as can be. */
struct plait_segment segment(const struct plait_place *from, const struct plait_place *to,
                             uint8_t flags, uint32_t seq, uint32_t ack);
uint64_t count_of(const struct world *w, int host, enum plait_counter_name counter);

/* ---- applications ---- */

struct app { /* writes PATTERN up to `to_send`, reads and compares, closes when both are done */
    struct plait_connection *c;
    uint64_t to_send, sent, read;
    uint32_t salt; /* of the pattern it writes; it expects salt ^ 1 */
    bool close_when_sent, is_wrong, was_accepted, keeps;
    unsigned changes;
};

uint8_t pattern(uint32_t salt, uint64_t offset);
void app_step(struct app *app, plait_time_ns now);
struct plait_callbacks app_callbacks(void); /* USER is a struct app */
/* Listens on the server's port 80 with APPS[1] and dials it with APPS[0]. */
void world_connect(struct world *w, struct app apps[2], const struct plait_options *options);

#endif
