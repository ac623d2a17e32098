/* net/net.h: moves packets between ports over links, through routers and middleboxes.
 *
 * A net is a graph.  A node is a *port* (an endpoint behind a table of four functions), a *router*
 * (longest prefix, TTL), or a *box* (a middlebox with two sides).  A *link* joins two nodes and
 * has, for each direction, a rate, a delay, a queue, losses, copies and laggards.  A *tap* sits on
 * a link with a direction, an interval and rights; the net enforces all three (DESIGN §4): what a
 * tap may not see it is not shown, and acting without the right is a panic with the right's name.
 *
 * One thread; single owner; events at equal times happen in the order in which they were made, so a
 * net on the virtual clock is deterministic.  May touch: its clock and its ports. */
#ifndef PLAIT_NET_NET_H
#define PLAIT_NET_NET_H

#include "base/result.h"
#include "net/clock.h"
#include "net/packet.h"
#include "wire/addr.h"

struct plait_net;
struct plait_segment; /* wire/tcp.h */

/* ---- ports ------------------------------------------------------------------------------ */

/* The one call shape of the house.  SELF is the port's own state. */
struct plait_port_ops {
    /* The net hands over PACKET; the port owns it now. */
    void (*input)(void *self, plait_time_ns now, struct plait_packet *packet);
    /* The next packet the port wants to send, or NULL; the net owns it now. */
    struct plait_packet *(*output)(void *self, plait_time_ns now);
    /* When advance wants to be called; PLAIT_NEVER if not. */
    plait_time_ns (*deadline)(void *self);
    void (*advance)(void *self, plait_time_ns now);
};

struct plait_port {
    const struct plait_port_ops *ops;
    void *self;
    int fd; /* readable when output has something (wall clock), or -1 */
    /* The port takes super-segments and missing checksums; otherwise the net completes them. */
    bool takes_offload;
};

typedef int plait_node;
typedef int plait_link;
typedef int plait_tap;

/* CLOCK stays the caller's and outlives the net. */
struct plait_net *plait_net_new(struct plait_clock *clock);
void plait_net_free(struct plait_net *net);
plait_time_ns plait_net_now(struct plait_net *net);

/* Names are copied; they appear in captures and messages. */
plait_node plait_net_add_port(struct plait_net *net, const char *name,
                              const struct plait_port *port);
plait_node plait_net_add_router(struct plait_net *net, const char *name);
const char *plait_net_node_name(const struct plait_net *net, plait_node node);

/* ---- boxes ------------------------------------------------------------------------------ */

/* A middlebox: PACKET came in at SIDE (0 or 1); the box may change it in place (checksums are its
 * business) and returns it, returns NULL after freeing or keeping it (counted as lost, without a
 * sight), or returns a list linked by next.  It is never shown a super-segment. */
struct plait_box {
    struct plait_packet *(*pass)(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet);
    /* Asked after each pass: what the box itself says to where that packet came from, or NULL.  May
     * be NULL. */
    struct plait_packet *(*back)(void *self);
    void (*free)(void *self); /* may be NULL */
    void *self;
};

plait_node plait_net_add_box(struct plait_net *net, const char *name, const struct plait_box *box);

/* net/box_strip.c: replaces options of kind 30 by NOPs, both ways. */
struct plait_box plait_box_strip_mptcp(void);
/* The same for chosen packets: CHOOSE is asked about each TCP segment that came in at SIDE,
 * stripped or not, so it may count them.  SELF outlives the box. */
struct plait_box plait_box_strip_chosen(bool (*choose)(void *self, plait_time_ns now, int side,
                                                       const struct plait_segment *segment),
                                        void *self);
/* net/box_nat.c: side 0 is inside.  Packets from inside leave with source PUBLIC and a port of
 * their own (drawn from SEED); packets to PUBLIC are translated back; others to inside drop.
 * Mapping and filtering do not look at the other end (RFC 4787 §4.1, §5; RFC 5382 REQ-1, REQ-3).
 * TCP only: everything else drops. */
struct plait_box plait_box_nat(const struct plait_addr *public_addr, uint64_t seed);
/* net/box_isn.c: moves the sequence numbers of each connection whose SYN it saw, by amounts drawn
 * from SEED; SACK blocks included. */
struct plait_box plait_box_isn(uint64_t seed);
/* net/box_split.c: cuts what has more than MOST_OCTETS of payload; each piece has all options. */
struct plait_box plait_box_split(uint16_t most_octets);
/* net/box_coalesce.c: joins each two segments that follow each other; the options of the second are
 * gone.  What it sends may be larger than what came. */
struct plait_box plait_box_coalesce(void);
/* net/box_ack.c: acknowledges data in the receiver's name, without options of Multipath TCP. */
struct plait_box plait_box_ack(void);
/* net/box_window.c: no window that passes is above MOST, which is not scaled. */
struct plait_box plait_box_window(uint16_t most);
/* net/box_edit.c: alters the first octet of payload of each EVERY-th segment that has any. */
struct plait_box plait_box_edit(unsigned every);
/* net/box_stretch.c: adds two octets in front of each EVERY-th octet of each stream whose SYN it
 * saw; what leaves it may be larger than what came. */
struct plait_box plait_box_stretch(uint32_t every_octets);

/* ---- links ------------------------------------------------------------------------------ */

enum plait_way { PLAIT_A_TO_B = 1, PLAIT_B_TO_A = 2, PLAIT_BOTH_WAYS = 3 };

struct plait_link_config {
    plait_time_ns delay_ns;    /* one way */
    uint64_t rate_bits_per_s;  /* 0 = no limit */
    uint32_t queue_octets;     /* taken and not yet sent; 0 = no limit; tail drop */
    uint32_t mtu_octets;       /* 0 = no limit; larger packets are cut if super-segments, else
                                  dropped and counted */
    uint64_t loss_mask;        /* bit n set = of each 64 packets the n-th is lost; a direction */
    uint32_t loss_per_million; /* beside the mask, keyed draws */
    uint32_t duplicate_per_million; /* draws: a copy follows at once */
    uint32_t reorder_per_million;   /* draws: under way reorder_ns longer, so that others pass it */
    plait_time_ns reorder_ns;
    uint64_t seed;      /* of all these draws */
    bool spares_forged; /* no draw and no full queue befalls a forged packet */
};

/* Joins two nodes; a port takes one link, a box two (first call is side 0), a router any number. */
plait_link plait_net_add_link(struct plait_net *net, const char *name, plait_node a, plait_node b,
                              const struct plait_link_config *config);
/* Both directions start with CONFIG.  Takes effect for packets that enter from now on. */
void plait_net_set_link(struct plait_net *net, plait_link link,
                        const struct plait_link_config *config);
/* The same for one direction only. */
void plait_net_set_link_way(struct plait_net *net, plait_link link, enum plait_way way,
                            const struct plait_link_config *config);
/* A link that is down loses what enters it and what is under way. */
void plait_net_set_link_up(struct plait_net *net, plait_link link, bool up);
/* At ROUTER, packets for ADDR/PREFIX leave over LINK; from now on, if they left over another. */
void plait_net_add_route(struct plait_net *net, plait_node router, const struct plait_addr *addr,
                         unsigned prefix_bits, plait_link link);

/* ---- taps: an attacker's place ------------------------------------------------------------ */

enum plait_right {
    PLAIT_MAY_SEE = 1,
    PLAIT_MAY_DROP = 2,
    PLAIT_MAY_ALTER = 4,
    PLAIT_MAY_INJECT = 8, /* put packets on the link */
    PLAIT_MAY_SPOOF = 16  /* inject with a source outside the tap's own addresses */
};

enum plait_tap_verdict { PLAIT_TAP_PASS, PLAIT_TAP_DROP, PLAIT_TAP_ALTERED };

/* Shown each packet that enters the link in a direction and interval of the tap.  It may change
 * the packet's octets and length only if it then returns PLAIT_TAP_ALTERED (for a tap with the
 * right there is room for PLAIT_TAP_SLACK_OCTETS more); the net compares, and panics "tap: altered
 * without the right" or "tap: dropped without the right". */
typedef enum plait_tap_verdict (*plait_tap_fn)(void *self, plait_time_ns now, enum plait_way way,
                                               struct plait_packet *packet);

#define PLAIT_TAP_ADDRS_MAX    8
#define PLAIT_TAP_SLACK_OCTETS 64

struct plait_tap_config {
    plait_link link;
    enum plait_way ways;
    unsigned rights;       /* of enum plait_right */
    plait_time_ns from_ns; /* deaf outside [from, until) */
    plait_time_ns until_ns;
    struct plait_addr own[PLAIT_TAP_ADDRS_MAX]; /* sources allowed without PLAIT_MAY_SPOOF */
    unsigned own_count;
    plait_tap_fn see; /* needed with PLAIT_MAY_SEE */
    void *self;
};

plait_tap plait_net_add_tap(struct plait_net *net, const struct plait_tap_config *config);
/* Ends the tap's interval at once: it hears, alters and injects nothing from now on. */
void plait_net_end_tap(struct plait_net *net, plait_tap tap);
/* Puts PACKET (owned by the net now) on the tap's link in direction WAY; it is not shown to the
 * same tap.  Panics: "tap: injected without the right" (also for a WAY that is not the tap's),
 * "tap: spoofed without the right" (also when the source cannot be read), "tap: used outside its
 * interval". */
void plait_net_inject(struct plait_net *net, plait_tap tap, enum plait_way way,
                      struct plait_packet *packet);

/* ---- observing: the lab's own ground truth, not a position --------------------------------- */

enum plait_fate {
    PLAIT_ENTERED,   /* the link took the packet */
    PLAIT_DELIVERED, /* it left the link at the other node */
    PLAIT_LOST,  /* loss mask, draw, full queue, link down, too long, no route, TTL, malformed */
    PLAIT_TAPPED /* a tap dropped it */
};

struct plait_sight {
    plait_time_ns at_ns;
    plait_link link;
    enum plait_way way;
    enum plait_fate fate;
    const struct plait_packet *packet;
    struct plait_reading *reading; /* of the packet, for plait_sight_segment */
};

/* The packet as a TCP segment, or NULL if it is none; its checksum must be right, unless it is left
 * to a device.  Read when the first observer asks, and valid as long as the sight. */
const struct plait_segment *plait_sight_segment(const struct plait_sight *sight);

typedef void (*plait_observer_fn)(void *self, const struct plait_sight *sight);
/* At most 8 observers; they see every packet in MTU size, after the taps. */
void plait_net_observe(struct plait_net *net, plait_observer_fn see, void *self);
/* While WHOLE, observers take super-segments as ports gave them, checksums left to a device
 * included: minutes that nobody looks at closely pass sooner. */
void plait_net_show_whole(struct plait_net *net, bool whole);
const char *plait_net_link_name(const struct plait_net *net, plait_link link);
int plait_net_link_count(const struct plait_net *net);
/* The node at the end to which WAY leads. */
plait_node plait_net_link_end(const struct plait_net *net, plait_link link, enum plait_way way);
bool plait_net_is_port(const struct plait_net *net, plait_node node);

struct plait_net_counts {
    uint64_t entered, delivered, lost, not_ip; /* not_ip: octets of a port that are no IP packet */
};
struct plait_net_counts plait_net_counts(const struct plait_net *net);

/* ---- running ----------------------------------------------------------------------------- */

/* Also wait for FD while running; READY is called when it is readable. */
void plait_net_watch(struct plait_net *net, int fd, void (*ready)(void *self), void *self);
void plait_net_unwatch(struct plait_net *net, int fd);

/* Moves the world until STOP says so (asked at once and after each round of events) or UNTIL; what
 * is due at UNTIL still happens.  STOP may be NULL.  True if STOP said so.  With UNTIL PLAIT_NEVER
 * it also ends when nothing can ever happen again; with another UNTIL a world at rest passes its
 * time until then. */
bool plait_net_run(struct plait_net *net, plait_time_ns until, bool (*stop)(void *self),
                   void *self);

/* How late the world was at worst: what was due happened so long after its time, or nothing was
 * looked at for so long (and PLAIT_NET_BEAT_NS) although somebody may have waited.  From the last
 * call of plait_net_time_lateness until now; always 0 on the virtual clock. */
#define PLAIT_NET_BEAT_NS (10 * PLAIT_MS)
void plait_net_time_lateness(struct plait_net *net);
plait_time_ns plait_net_lateness(struct plait_net *net);

#endif
