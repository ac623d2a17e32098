/* live/live.h: real systems on the lab's net: hosts that are network namespaces of this kernel.
 *
 * To be called inside a sandbox (live/sandbox.h).  Hosts are unnamed namespaces held by
 * descriptors; addresses, routes, limits and endpoints go through netlink, settings through
 * /proc/sys, nothing is shelled out.  Everything that needs CAP_SYS_ADMIN happens before
 * plait_sandbox_lock; what a script needs later (addresses, links, endpoints, agents) works after
 * it. */
#ifndef PLAIT_LIVE_LIVE_H
#define PLAIT_LIVE_LIVE_H

#include <sys/types.h>

#include "base/text.h"
#include "net/net.h"

enum plait_device { PLAIT_DEVICE_AUTO, PLAIT_DEVICE_TUN, PLAIT_DEVICE_VETH };

struct plait_live;
struct plait_live_host;

/* TUN where /dev/net/tun opens, else veth with an AF_PACKET socket in a silent namespace of its
 * own, when DEVICE is AUTO.  OFFLOAD: super-segments with virtio headers cross (benchmarks only).
 * The agent is the program at AGENT_PATH, or the one embedded in this program if NULL. */
struct plait_live *plait_live_new(enum plait_device device, bool offload, const char *agent_path);
void plait_live_free(struct plait_live *live);
/* What AUTO became. */
enum plait_device plait_live_device(const struct plait_live *live);

/* Why the last failed call on LIVE or one of its hosts failed: one line, for people. */
const char *plait_live_error(const struct plait_live *live);

/* ---- hosts ------------------------------------------------------------------------------- */

plait_result plait_live_host_new(struct plait_live *live, const char *name,
                                 struct plait_live_host **host);
const char *plait_live_host_name(const struct plait_live_host *host);

struct plait_live_interface {
    const char *name;           /* at most 15 octets, e.g. "path1" */
    uint32_t mtu_octets;        /* 0 = 1500 */
    unsigned addr_count;        /* at most 4 */
    struct plait_addr addrs[4]; /* IPv6 addresses are set without duplicate detection */
    unsigned prefix_bits[4];
    /* Source routing: packets from these addresses leave here (a table and a rule of its own);
     * the first interface of a host also holds the default route of the main table. */
};

/* Makes the device, sets it up, and gives the lab's end as a port of the net. */
plait_result plait_live_add_interface(struct plait_live_host *host,
                                      const struct plait_live_interface *interface,
                                      struct plait_port *port);
/* A link that comes up again gets back the routes and IPv6 addresses that the kernel took away. */
plait_result plait_live_set_interface_up(struct plait_live_host *host, const char *name, bool up);
plait_result plait_live_remove_addr(struct plait_live_host *host, const char *interface,
                                    const struct plait_addr *addr, unsigned prefix_bits);

/* Octets from this host that were no valid IP packet. */
uint64_t plait_live_host_invalid(const struct plait_live_host *host);
/* Packets to this host that its devices did not take (interface down, no memory). */
uint64_t plait_live_host_refused(const struct plait_live_host *host);
/* Packets from this host that the lab never read, because a device's queue or the packet socket was
 * full: loss that no link of the net asked for. */
uint64_t plait_live_host_dropped(struct plait_live_host *host);

/* ---- settings: set and read back, never inherited ------------------------------------------ */

/* NAME as in "net/ipv4/tcp_syncookies".  *READ_BACK (room 64) gets what the kernel then says.
 * DENIED where a namespace may not set it. */
plait_result plait_live_set(struct plait_live_host *host, const char *name, const char *value,
                            char read_back[64]);
plait_result plait_live_get(struct plait_live_host *host, const char *name, char value[64]);

plait_result plait_live_mptcp_limits(struct plait_live_host *host, unsigned subflows,
                                     unsigned add_addr_accepted);

enum plait_endpoint_flag { /* the kernel's MPTCP_PM_ADDR_FLAG_* */
                           PLAIT_ENDPOINT_SIGNAL = 1,
                           PLAIT_ENDPOINT_SUBFLOW = 2,
                           PLAIT_ENDPOINT_BACKUP = 4,
                           PLAIT_ENDPOINT_FULLMESH = 8
};
plait_result plait_live_mptcp_endpoint_add(struct plait_live_host *host,
                                           const struct plait_addr *addr, unsigned addr_id,
                                           unsigned flags, const char *interface);
/* A signal endpoint that announces PORT with the address; the kernel itself listens there. */
plait_result plait_live_mptcp_endpoint_signal_port(struct plait_live_host *host,
                                                   const struct plait_addr *addr, unsigned addr_id,
                                                   uint16_t port);
plait_result plait_live_mptcp_endpoint_remove(struct plait_live_host *host, unsigned addr_id);
plait_result plait_live_mptcp_endpoint_set_backup(struct plait_live_host *host,
                                                  const struct plait_addr *addr, unsigned addr_id,
                                                  bool backup);
/* Path-manager state read back, one line: "limits subflows=2 add_addr_accepted=0; id 2 ...". */
void plait_live_mptcp_state(struct plait_live_host *host, struct plait_text *text);

/* Refuses (DENIED, with plait_live_error) a namespace that holds any link beside lo, the kernel's
 * fallback tunnels that are down, and the lab's own devices, or that forwards.  Asked at the end of
 * set-up and again while a run goes on. */
plait_result plait_live_check(struct plait_live_host *host);

/* TCP sockets of the host in a state (TCP_SYN_RECV = 3, TCP_ESTABLISHED = 1 ...), by socket
 * diagnostics; both families. */
plait_result plait_live_count_sockets(struct plait_live_host *host, unsigned tcp_state,
                                      uint32_t *count);

/* ---- the agent: applications inside the host ----------------------------------------------- */

/* Starts the agent in the host, before the lock.  Its protocol: agent/PROTOCOL.md. */
plait_result plait_live_agent_start(struct plait_live_host *host);
/* A descriptor that is readable when the agent has said something (plait_net_watch). */
int plait_live_agent_fd(const struct plait_live_host *host);
/* Sends one command and waits at most 2 s for its answer, which agents give at once; events that
 * arrive meanwhile are kept.  ANSWER (room) gets the text behind "ok "; PEER if the answer is an
 * error, its text in ANSWER.  Lines of a long answer are joined by '\n'. */
plait_result plait_live_agent_ask(struct plait_live_host *host, char *answer, size_t room_octets,
                                  const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The next event line the agent said by itself ("connected c 198.18.0.1 4711"), or NULL.  Never
 * blocks.  Valid until the next call.  "gone" is the last event of an agent that has ended. */
const char *plait_live_agent_event(struct plait_live_host *host);

/* Counters of the host (TcpExt, MPTcpExt, Tcp, Ip ...), from its own /proc/net through the agent.
 */
#define PLAIT_COUNTERS_MAX 512
struct plait_counter {
    char name[48]; /* "MPTcpExtMPJoinAckRx" */
    int64_t value;
};
struct plait_counters {
    unsigned count;
    struct plait_counter counters[PLAIT_COUNTERS_MAX];
};
plait_result plait_live_counters(struct plait_live_host *host, struct plait_counters *counters);
/* 0 for a counter that the kernel does not have. */
int64_t plait_counter_value(const struct plait_counters *counters, const char *name);

/* ---- other people's programs inside the host ----------------------------------------------- */

struct plait_live_program {
    pid_t pid; /* 0 = none */
    int fd;    /* what it prints, output and errors; -1 = none */
};

/* Starts a program in the host, before the lock, found as a shell finds it; ARGUMENTS end with
 * NULL.  Nothing comes from its input.  It keeps the capabilities of an agent, and what it may do
 * to files is the caller's.  A program that cannot be executed ends with status 127. */
plait_result plait_live_program_start(struct plait_live_host *host, char *const arguments[],
                                      struct plait_live_program *program);
/* The same for a program that captures the host's packets: it has CAP_NET_RAW besides. */
plait_result plait_live_capturer_start(struct plait_live_host *host, char *const arguments[],
                                       struct plait_live_program *program);
/* True if it has ended; *STATUS is then as waitpid gives it. */
bool plait_live_program_ended(struct plait_live_program *program, int *status);
/* Ends it, if it has not ended, and closes its descriptor. */
void plait_live_program_close(struct plait_live_program *program);

/* ---- doctor ------------------------------------------------------------------------------ */

struct plait_need {
    const char *name; /* "user namespaces", "Multipath TCP in the kernel", "/dev/net/tun" */
    bool met;
    bool required;    /* not met = the live target cannot run */
    char detail[160]; /* what was seen, or how to get it */
};
/* Looks (in a sandbox child) at what a live run needs; fills at most ROOM, returns the number. */
unsigned plait_live_doctor(struct plait_need *needs, unsigned room);

#endif
