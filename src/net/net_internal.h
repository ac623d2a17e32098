/* net/net_internal.h: what the files of this room share and nobody else sees.
 *
 * graph.c builds nodes and links, link.c moves packets along a link, tap.c enforces the attacker's
 * position, route.c, port.c and box.c say what a node does with a packet, timers.c orders what is
 * to come, run.c moves the world.  May touch: the net and what it was handed. */
#ifndef PLAIT_NET_NET_INTERNAL_H
#define PLAIT_NET_NET_INTERNAL_H

#include "base/draw.h"
#include "net/net.h"
#include "wire/ip.h"

#define PLAIT_OBSERVERS_MAX 8

/* ---- memory.c ---------------------------------------------------------------------------- */

/* Zeroed memory; panics when it is exhausted, as every allocation of this room does. */
void *plait_net_alloc(size_t count, size_t size);
/* ARRAY with room for one element behind COUNT; *ROOM follows. */
void *plait_net_grow(void *array, size_t count, size_t *room, size_t size);
char *plait_net_name(const char *name);

/* ---- timers.c: what is to come, by time, then by the order of making ------------------------ */

struct timer {
    plait_time_ns at_ns;
    uint64_t serial; /* order of making */
    size_t slot;     /* place in the heap, from 1; 0 = not armed */
    void (*fire)(struct plait_net *net, struct timer *timer);
};

struct timers {
    struct timer **heap; /* [0] is slot 1 */
    size_t count, room;
};

void plait_timer_arm(struct timers *timers, struct timer *timer, plait_time_ns at_ns,
                     uint64_t serial);
void plait_timer_disarm(struct timers *timers, struct timer *timer);
/* NULL if nothing is to come. */
struct timer *plait_timer_first(const struct timers *timers);

/* ---- the graph ----------------------------------------------------------------------------- */

struct flight { /* a packet under way */
    plait_time_ns at_ns;
    uint64_t serial;
    struct plait_packet *packet;
};

struct direction {
    struct timer timer; /* first member: armed for the first flight */
    struct link *link;
    enum plait_way way;
    struct node *to;
    struct plait_link_config config;
    struct plait_draw_key draw_key;
    uint64_t offered;       /* packets that came past the taps: n of the mask and of the draws */
    plait_time_ns idle_ns;  /* when the last octet taken so far will have left the sender's end */
    struct flight *flights; /* a ring, sorted by time, then serial; its room is a power of two */
    size_t first, count, room;
};

struct link {
    plait_link number;
    char *name;
    bool up;
    struct direction ways[2]; /* a to b, b to a */
    struct tap *taps;         /* in the order in which they were added */
};

struct tap {
    plait_tap number;
    struct plait_tap_config config;
    struct link *link;
    struct tap *next_on_link;
};

struct route {
    struct plait_addr addr;
    unsigned prefix_bits;
    struct direction *out;
};

struct node_kind {
    size_t links_max;
    bool takes_offload; /* a port may take it nevertheless */
    void (*receive)(struct plait_net *net, struct node *node, struct direction *in,
                    struct plait_packet *packet);
    void (*free)(struct node *node);
};

struct node {
    struct timer timer; /* first member: the deadline of a port */
    plait_node number;
    char *name;
    const struct node_kind *kind;
    size_t link_count;
    struct direction *out[2]; /* the first two links, away from the node: all of a port or box */
    struct plait_port port;
    struct plait_box box;
    struct route *routes; /* of a router, longest prefix first */
    size_t route_count, route_room;
};

extern const struct node_kind plait_node_port, plait_node_router, plait_node_box;

struct watch {
    int fd; /* -1: ended */
    void (*ready)(void *self);
    void *self;
};

struct observer {
    plait_observer_fn see;
    void *self;
};

struct plait_net {
    struct plait_clock *clock;
    uint64_t serial; /* of the next event */
    struct timers timers;
    struct plait_net_counts counts;
    struct node **nodes;
    struct link **links;
    struct tap **taps;
    struct watch *watches;
    struct pollfd *fds; /* of the present round: first the ports', then the watches' */
    size_t node_count, link_count, tap_count, watch_count;
    size_t node_room, link_room, tap_room, watch_room, fd_room;
    struct observer observers[PLAIT_OBSERVERS_MAX];
    unsigned observer_count;
    bool shows_whole; /* observers take super-segments as they are */
    bool running;
    bool times_lateness;
    plait_time_ns beat_ns; /* the loop looks about again by then, whatever else is due */
    plait_time_ns lateness_ns;
};

/* Panics on a number that the net never gave out: our own bug. */
struct node *plait_net_node(const struct plait_net *net, plait_node node);
struct link *plait_net_link(const struct plait_net *net, plait_link link);
/* The direction of LINK that leads away from NODE. */
struct direction *plait_link_from(struct link *link, const struct node *node);

/* ---- what happens to a packet -------------------------------------------------------------- */

/* Counts FATE and tells the observers. */
void plait_net_tell(struct plait_net *net, const struct direction *d, enum plait_fate fate,
                    const struct plait_packet *packet);
/* The same for LOST, and frees PACKET. */
void plait_net_lose(struct plait_net *net, const struct direction *d, struct plait_packet *packet);

/* PACKET enters D; INJECTOR, if any, is the tap that does not see it.  Takes ownership. */
void plait_link_enter(struct plait_net *net, struct direction *d, struct plait_packet *packet,
                      const struct tap *injector);
void plait_link_direction_fire(struct plait_net *net, struct timer *timer);

/* Some tap would be shown what goes this way now. */
bool plait_taps_see(struct plait_net *net, const struct direction *d);
/* Shows *PACKET to the taps of D's link; false if one dropped (and so freed) it. */
bool plait_taps_pass(struct plait_net *net, const struct direction *d, struct plait_packet **packet,
                     const struct tap *injector);

/* Takes at most LIMIT packets out of the port onto its link and arms its timer. */
void plait_port_serve(struct plait_net *net, struct node *node, size_t limit);
void plait_port_arm(struct plait_net *net, struct node *node);
void plait_port_fire(struct plait_net *net, struct timer *timer);

/* ---- packets ------------------------------------------------------------------------------- */

/* True if an offloading device left something undone. */
bool plait_packet_is_undone(const struct plait_packet *packet);
/* Each of its segments is within MTU; a packet that is none is measured whole. */
bool plait_packet_segments_fit(const struct plait_packet *packet, uint32_t mtu_octets);
/* False if the offload record contradicts the octets. */
bool plait_packet_is_segmentable(const struct plait_packet *packet);
/* Mends the Internet checksum at FIELD for a change of LENGTH_OCTETS (even) from OLD to NEW without
 * hiding an error that was there before (RFC 1624 §3). */
void plait_checksum_mend(uint8_t *field, const uint8_t *old, const uint8_t *new,
                         size_t length_octets);

/* ---- boxes that look into TCP: box_tcp.c --------------------------------------------------- */

#define PLAIT_TCP_SRC_PORT_AT 0
#define PLAIT_TCP_DST_PORT_AT 2
#define PLAIT_TCP_SEQ_AT      4
#define PLAIT_TCP_ACK_AT      8
#define PLAIT_TCP_LENGTH_AT   12
#define PLAIT_TCP_FLAGS_AT    13
#define PLAIT_TCP_WINDOW_AT   14
#define PLAIT_TCP_CHECKSUM_AT 16
#define PLAIT_TCP_LEAST       20 /* octets of a header without options */

struct tcp_view { /* of a packet that has at least a TCP header without options */
    uint8_t *octets, *tcp;
    struct plait_ip ip;
};

bool plait_tcp_view(struct plait_packet *packet, struct tcp_view *view);
/* Octets of the TCP header, options included; 0 if its length field is wrong. */
size_t plait_tcp_header_octets(const struct tcp_view *view);
size_t plait_tcp_payload_octets(const struct tcp_view *view);
/* Writes at an offset into the segment and mends the checksum, which keeps whatever error it had;
 * at most 8 octets. */
void plait_tcp_write(struct tcp_view *view, size_t at, const void *octets, size_t length_octets);
void plait_tcp_write_u32(struct tcp_view *view, size_t at, uint32_t value);
/* Each edge of each SACK block becomes what MAP makes of it. */
void plait_tcp_map_sack(struct tcp_view *view, uint32_t (*map)(const void *self, uint32_t edge),
                        const void *self);
/* Lengths and checksums of PACKET, written anew: its TCP header is at TCP_AT, its addresses are
 * those of IP. */
void plait_box_seal(struct plait_packet *packet, size_t tcp_at, const struct plait_ip *ip);

/* The two ends of a connection as a box sees them: what is at side 0, what at side 1. */
struct box_flow {
    struct plait_place end[2];
};

struct box_flow plait_box_flow(const struct tcp_view *view, int side);
bool plait_box_flow_equal(const struct box_flow *a, const struct box_flow *b);

#endif
