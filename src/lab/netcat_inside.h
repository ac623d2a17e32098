/* lab/netcat_inside.h: internal: what the files of the netcat share. */
#ifndef PLAIT_LAB_NETCAT_INSIDE_H
#define PLAIT_LAB_NETCAT_INSIDE_H

#include <stdio.h>

#include "capture/pcapng.h"
#include "lab/endpoint.h"
#include "lab/netcat.h"
#include "live/live.h"
#include "plait/connection.h"
#include "plait/io.h"

#define PLAIT_NETCAT_PORT 7 /* RFC 862 */

struct plait_netcat_host {
    void *memory;
    struct plait_host *host;
    struct plait_endpoint *endpoint;
};

/* A frame socket as a port of the net; what it does not take at once waits. */
struct plait_netcat_wire {
    struct plait_io *io;
    struct plait_packet *spare;         /* that the next read fills */
    struct plait_packet *first, **last; /* that the socket did not take */
    unsigned waiting;
    plait_time_ns retry_ns;
};

struct plait_netcat {
    const struct plait_netcat_request *request;
    struct plait_netcat_report *report;
    unsigned paths, family, mtu_octets;
    struct plait_clock clock;
    struct plait_net *net;
    plait_link links[PLAIT_NETCAT_PATHS_MAX];
    enum plait_way out_way; /* away from our endpoint */

    /* our end */
    struct plait_netcat_host ours;
    struct plait_connection *connection;
    plait_time_ns opened_ns;
    bool has_news;                        /* ask the connection */
    bool in_ended, is_closed, out_failed; /* IN gave its last octet; we closed; OUT takes no more */
    bool in_watched, out_is_full, out_is_file;
    bool is_aborted;

    /* the other end */
    struct plait_netcat_host theirs;
    struct plait_live *live;
    struct plait_live_host *kernel;
    struct plait_netcat_wire wires[PLAIT_NETCAT_PATHS_MAX];
    int control_fd; /* to the other plait, or -1 */
    bool other_done, other_gone;

    /* who looks */
    FILE *pcap_file, *trace_file;
    struct plait_pcapng *pcapng;
    int interfaces[PLAIT_NETCAT_PATHS_MAX];
};

/* REASON gets the text; the result is RESULT. */
plait_result plait_netcat_fail(struct plait_netcat *n, plait_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
uint64_t plait_netcat_value(const struct plait_netcat_values *values, unsigned path);
struct plait_addr plait_netcat_client_addr(const struct plait_netcat *n, unsigned path);
struct plait_addr plait_netcat_server_addr(const struct plait_netcat *n);
/* Nobody must see single segments, and no impairment counts them. */
bool plait_netcat_offloads(const struct plait_netcat *n);

/* netcat_net.c: the net between the two, with the ports that both ends gave. */
void plait_netcat_join(struct plait_netcat *n, const struct plait_port *clients,
                       const struct plait_port *server);
/* Without a router: each path is a wire of its own (the dialling end of a socket). */
void plait_netcat_join_wires(struct plait_netcat *n, const struct plait_port *near_ports,
                             const struct plait_port *far_ports);

/* netcat_host.c: a host of libplait with the addresses of one end, as PORTS. */
plait_result plait_netcat_host_new(struct plait_netcat *n, struct plait_netcat_host *host,
                                   bool is_client, const char *name, struct plait_port *ports);
void plait_netcat_host_free(struct plait_netcat_host *host);
struct plait_options plait_netcat_options(const struct plait_netcat *n, bool is_client);
/* Dials or listens, as CLIENT says. */
plait_result plait_netcat_open(struct plait_netcat *n, struct plait_host *host, bool is_client,
                               const struct plait_callbacks *callbacks, void *user,
                               struct plait_connection **connection);

/* netcat_stream.c: IN to the connection, the connection to OUT. */
extern const struct plait_callbacks plait_netcat_callbacks;
void plait_netcat_move(struct plait_netcat *n);
void plait_netcat_abort(struct plait_netcat *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* netcat_echo.c, netcat_kernel.c, netcat_socket.c: the other ends. */
plait_result plait_netcat_echo_new(struct plait_netcat *n, struct plait_port *ports);
plait_result plait_netcat_echo_start(struct plait_netcat *n);
plait_result plait_netcat_kernel_new(struct plait_netcat *n, struct plait_port *ports);
plait_result plait_netcat_kernel_start(struct plait_netcat *n);
/* Meets the other plait; the one that listens learns of it how many paths there are. */
plait_result plait_netcat_meet(struct plait_netcat *n, struct plait_port *ports);
void plait_netcat_say_done(struct plait_netcat *n);
void plait_netcat_part(struct plait_netcat *n);

/* netcat_look.c */
/* Opens the files, before anything else is done; starts the capture, once there are links. */
plait_result plait_netcat_look(struct plait_netcat *n);
plait_result plait_netcat_capture(struct plait_netcat *n);
void plait_netcat_trace(void *self, const struct plait_trace_event *event);
/* Says so in REASON if what was seen could not be written. */
void plait_netcat_look_end(struct plait_netcat *n);

#endif
