/* lab/netcat.h: one stream each way between two descriptors and our own endpoint, over the lab's
 * net.
 *
 * The other end is another plait behind a Unix socket, or an echo: a host of libplait in virtual
 * time, or this machine's kernel in namespaces that the run made.  Nothing else can be reached: no
 * request names a device or an address.
 * May touch: the descriptors and files it is given, the Unix socket, and a sandbox (kernel). */
#ifndef PLAIT_LAB_NETCAT_H
#define PLAIT_LAB_NETCAT_H

#include "plait/address.h"
#include "plait/time.h"

#define PLAIT_NETCAT_PATHS_MAX 8  /* of a net */
#define PLAIT_NETCAT_SEEN_MAX  16 /* paths of the connection, ended ones included */

enum plait_netcat_peer { PLAIT_NETCAT_PLAIT, PLAIT_NETCAT_LINUX };
enum plait_netcat_mechanism {
    PLAIT_NETCAT_ANY, /* dialling: v1; listening: v1 and v0 */
    PLAIT_NETCAT_V1,
    PLAIT_NETCAT_V0,
    PLAIT_NETCAT_TCP
};

/* One value for each path; the last one holds for all that follow.  None: zero. */
struct plait_netcat_values {
    unsigned count;
    uint64_t of[PLAIT_NETCAT_PATHS_MAX];
};

struct plait_netcat_report;

struct plait_netcat_request {
    bool listens;
    const char *socket; /* of the other plait, or NULL: PEER echoes */
    unsigned peer;      /* enum plait_netcat_peer */
    int in_fd, out_fd;  /* in_fd -1: nothing is sent */
    const char *pcap, *trace;
    unsigned paths, family, mtu_octets;       /* of the one that listens on a socket: its peer's */
    unsigned mechanism;                       /* enum plait_netcat_mechanism */
    unsigned scheduler, congestion, coupling; /* as in plait/host.h */
    bool checksum;
    uint64_t seed;
    struct plait_netcat_values loss_per_million, delay_ns, rate_bits_per_s; /* each way */
    /* Asked after each turn, in the sandbox if there is one; may be NULL. */
    void (*progress)(void *self, const struct plait_netcat_report *report);
    void *progress_self;
};

struct plait_netcat_path {
    struct plait_place local, remote;
    bool is_up;
    plait_time_ns rtt_ns;
    uint64_t sent_octets, lost_octets, received_octets; /* payload; sent again included */
};

struct plait_netcat_report {
    bool is_whole; /* both streams were delivered and closed in good order */
    bool is_interrupted;
    char reason[200];                         /* why not, one line */
    char stage[24];                           /* of the connection, "" = there was none */
    char mechanism[8];                        /* "v1", "v0", "tcp" */
    bool is_virtual;                          /* the time is */
    plait_time_ns duration_ns;                /* since the connection opened */
    uint64_t sent_octets, delivered_octets;   /* of IN: read, and acknowledged by the peer */
    uint64_t received_octets, written_octets; /* of the peer's, and to OUT */
    unsigned path_count;
    struct plait_netcat_path paths[PLAIT_NETCAT_SEEN_MAX];
};

/* OK: the stream was begun, see the report; else nothing was begun, and REASON says why (USAGE,
 * EXISTS, NOT_FOUND, DENIED, SYSTEM ...).  SIGINT and SIGTERM end it in order: the connection is
 * aborted (MP_FASTCLOSE, RFC 8684 §3.5; RST), a second one at once.  SIGPIPE is ignored. */
plait_result plait_netcat_run(const struct plait_netcat_request *request,
                              struct plait_netcat_report *report);

#endif
