/* lab/machine.h: a genuine end of a run, whatever it is: a namespace of this kernel
 * (lab/machine_live.h) or a host of libplait (lab/machine_own.h).
 *
 * World, applications, acts, goals and scripts speak to it through this table and know no other.
 * Its applications take the commands of agent/PROTOCOL.md and say its events, so nobody above needs
 * to know who answers.  May touch: the machine. */
#ifndef PLAIT_LAB_MACHINE_H
#define PLAIT_LAB_MACHINE_H

#include <jansson.h>

#include "live/live.h"
#include "plait/host.h"

#define PLAIT_MACHINE_COMMAND_OCTETS 512

/* One interface with one address. */
struct plait_end_interface {
    const char *name; /* "path1" */
    struct plait_addr addr;
    unsigned prefix_bits;
    uint32_t mtu_octets;
};

/* What a machine is made with.  SETTINGS is an object that gets every setting that was made and
 * read back; it outlives the machine. */
struct plait_end_config {
    const char *name; /* "client" */
    bool permissive;  /* limits 8 and 8 instead of 2 and 0 */
    bool full_mesh;   /* every address is a path, and announced ones are dialled */
    bool mptcp_off;
    bool checksum;                             /* DSS checksums are asked for */
    bool heeds_hard_errors, shares_challenges; /* of our own endpoint: plait/host.h */
    bool heeds_any_mtu, counts_ports;          /* ... too */
    bool unprobed; /* a removed address is given up without waiting for its path's answer */
    enum plait_mechanism_name mechanism;         /* of our own endpoint; Linux speaks RFC 8684 */
    const struct plait_mechanism_offer *outside; /* where that is OUTSIDE */
    struct plait_secret secret;                  /* that both ends have */
    uint16_t mtu_octets;                         /* that passes on all its interfaces; 0: 1500 */
    struct plait_basic_options basic;            /* of our own endpoint */
    struct plait_net *net;                       /* whose time it lives in */
    uint64_t seed;
    json_t *settings;
};

/* The setting that says from where to where a client's ports are drawn: "32768 60999". */
#define PLAIT_SETTING_PORTS "net/ipv4/ip_local_port_range"

/* Octets and packets at its edge that were not as they should be; see live/live.h. */
struct plait_end_losses {
    uint64_t invalid, refused, dropped;
};

struct plait_end_host {
    const struct plait_end_ops *ops;
};

struct plait_end_ops {
    const char *target; /* "linux", "plait": what `--target` calls it */
    /* Counts octets that were kept because others before them are missing in the stream; NULL: what
     * is not kept is not acknowledged either. */
    const char *kept_counter;
    void (*free)(struct plait_end_host *host);
    const char *(*name)(const struct plait_end_host *host);
    /* Why the last failed call failed: one line, for people. */
    const char *(*error)(const struct plait_end_host *host);
    /* What joins it to the net: "tun", "veth", "memory". */
    const char *(*device)(const struct plait_end_host *host);

    /* ---- set-up ---- */
    plait_result (*add_interface)(struct plait_end_host *host,
                                  const struct plait_end_interface *interface,
                                  struct plait_port *port);
    plait_result (*set_interface_up)(struct plait_end_host *host, const char *name, bool up);
    plait_result (*set_limits)(struct plait_end_host *host, unsigned subflows,
                               unsigned add_addr_accepted);
    /* FLAGS of enum plait_endpoint_flag. */
    plait_result (*add_endpoint)(struct plait_end_host *host, const struct plait_addr *addr,
                                 unsigned addr_id, unsigned flags, const char *interface);
    plait_result (*remove_endpoint)(struct plait_end_host *host, unsigned addr_id);
    plait_result (*set_endpoint_backup)(struct plait_end_host *host, const struct plait_addr *addr,
                                        unsigned addr_id, bool backup);

    /* ---- applications ---- */
    plait_result (*start)(struct plait_end_host *host);
    /* One command without its serial; ANSWER gets the text behind "ok ", or the error's. */
    plait_result (*ask)(struct plait_end_host *host, const char *command, char *answer,
                        size_t room_octets);
    /* The next event without its "* ", or NULL.  Valid until the next call. */
    const char *(*next_event)(struct plait_end_host *host);
    int (*fd)(const struct plait_end_host *host); /* readable at events; -1 = none */

    /* Nobody looks closely from now on: it may give super-segments, and its applications may write
     * at once what they would have written within half a second.  NULL: how it does is its own
     * affair. */
    void (*gather)(struct plait_end_host *host, bool may);

    /* ---- looking ---- */
    plait_result (*check)(struct plait_end_host *host); /* nothing but the lab can reach it */
    plait_result (*counters)(struct plait_end_host *host, struct plait_counters *counters);
    plait_result (*count_sockets)(struct plait_end_host *host, unsigned tcp_state, uint32_t *count);
    void (*path_manager)(struct plait_end_host *host, struct plait_text *text);
    struct plait_end_losses (*losses)(struct plait_end_host *host);
};

/* Formats the command; all other calls go through HOST->ops. */
plait_result plait_end_ask(struct plait_end_host *host, char *answer, size_t room_octets,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Limits of the path manager under each policy (DESIGN §6). */
static inline unsigned plait_end_subflows(const struct plait_end_config *config)
{
    return config->permissive ? 8 : 2;
}

static inline unsigned plait_end_add_addr_accepted(const struct plait_end_config *config)
{
    return config->permissive ? 8 : 0;
}

#endif
