/* live/inside.h: what the files of this room share and nobody else sees: the live target, its
 * hosts, their devices and agents. */
#ifndef PLAIT_LIVE_INSIDE_H
#define PLAIT_LIVE_INSIDE_H

#include <sys/types.h>

#include "live/live.h"
#include "live/netlink.h"
#include "plait/io.h"

#define PLAIT_LIVE_INTERFACES_MAX 8
#define PLAIT_LIVE_NAME_OCTETS    32
#define PLAIT_LIVE_LINK_NAME      16 /* IFNAMSIZ */
#define PLAIT_LIVE_TABLE_FIRST    100

/* ---- devices -------------------------------------------------------------------------------- */

/* One interface of a host as the lab holds it. */
struct plait_live_device {
    char name[PLAIT_LIVE_LINK_NAME];
    char lab_name[PLAIT_LIVE_LINK_NAME]; /* veth: the lab's end */
    unsigned index;                      /* in the host */
    unsigned lab_index;
    struct plait_io *io;        /* NULL = none */
    uint32_t room_octets;       /* the longest packet the device may give */
    struct plait_packet *spare; /* the packet that the next read fills */
    unsigned addr_count;
    struct plait_addr addrs[4];
    unsigned prefix_bits[4];
    uint64_t dropped; /* TUN: as the kernel last said */
};

/* tun.c, veth.c: make the device in HOST and open the lab's end.  An errno. */
int plait_tun_open(struct plait_live_host *host, struct plait_live_device *device);
int plait_veth_open(struct plait_live_host *host, struct plait_live_device *device);
void plait_device_close(struct plait_live_device *device);
/* Frames from the host that were no valid packet; packets to it that the device did not take. */
uint64_t plait_device_invalid(const struct plait_live_device *device);
uint64_t plait_device_refused(const struct plait_live_device *device);
struct plait_port plait_device_port(struct plait_live_device *device);

/* ---- settings ------------------------------------------------------------------------------- */

/* A directory of /proc/sys/net stays bound to the namespace in which it was opened, so settings can
 * be written after the lock. */
enum {
    PLAIT_SYSCTL_CORE,
    PLAIT_SYSCTL_IPV4,
    PLAIT_SYSCTL_IPV6,
    PLAIT_SYSCTL_MPTCP,
    PLAIT_SYSCTL_NETFILTER,
    PLAIT_SYSCTL_DIRECTORIES
};

void plait_settings_open(int directories[PLAIT_SYSCTL_DIRECTORIES]);
void plait_settings_close(int directories[PLAIT_SYSCTL_DIRECTORIES]);
int plait_settings_write(const int directories[PLAIT_SYSCTL_DIRECTORIES], const char *name,
                         const char *value);
int plait_settings_read(const int directories[PLAIT_SYSCTL_DIRECTORIES], const char *name,
                        char value[64]);

/* ---- the agent's link ------------------------------------------------------------------------ */

#define PLAIT_AGENT_INPUT_OCTETS 16384
#define PLAIT_AGENT_EVENTS_MAX   65536 /* more are dropped: nobody listens */

struct plait_agent_event {
    struct plait_agent_event *next;
    char text[];
};

struct plait_agent_link {
    pid_t pid; /* 0 = none */
    int fd;
    uint64_t serial;
    char input[PLAIT_AGENT_INPUT_OCTETS]; /* what is no whole line yet */
    size_t used_octets;
    bool ended; /* the agent has hung up */
    struct plait_agent_event *first, *last, *told;
    unsigned event_count;
};

/* A descriptor of the agent's program: the file at PATH, or the embedded one if NULL; -1 = none. */
int plait_agent_image_open(const char *path);
void plait_agent_link_close(struct plait_agent_link *link);

/* ---- hosts ----------------------------------------------------------------------------------- */

struct plait_live_host {
    struct plait_live *live;
    struct plait_live_host *next;
    char name[PLAIT_LIVE_NAME_OCTETS];
    int namespace_fd;
    struct plait_netlink route, generic, diag;
    uint16_t mptcp_family; /* 0 = the kernel has no path manager */
    int settings[PLAIT_SYSCTL_DIRECTORIES];
    unsigned device_count;
    struct plait_live_device devices[PLAIT_LIVE_INTERFACES_MAX];
    struct plait_agent_link agent;
};

struct plait_live {
    enum plait_device device;
    bool offload;
    int home_fd;  /* the run's own network namespace */
    int image_fd; /* the agent's program */
    struct plait_live_host *hosts, **last_host;
    struct plait_live_host *silent; /* a namespace that holds the lab's ends of veths, or NULL */
    unsigned link_count;            /* of all hosts: numbers for names and addresses */
    char error[256];
};

/* ERROR (an errno) as result; the text is kept for plait_live_error. */
plait_result plait_live_fail(struct plait_live *live, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Makes a namespace with everything a host has but links; the host is not yet in any list. */
int plait_live_make_host(struct plait_live *live, const char *name, struct plait_live_host **host);
void plait_live_free_host(struct plait_live_host *host);
/* Moves the process into the namespace of HOST and back.  Only before the lock. */
int plait_live_enter(const struct plait_live_host *host);
void plait_live_leave(const struct plait_live *live);
struct plait_live_device *plait_live_device_named(struct plait_live_host *host, const char *name);

#endif
