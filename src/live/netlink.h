/* live/netlink.h: questions to the kernel over netlink, in the namespace where a socket was opened.
 *
 * Sockets are opened before the lock and used after it.  Functions give an errno, 0 if all is well.
 * May touch: the sockets. */
#ifndef PLAIT_LIVE_NETLINK_H
#define PLAIT_LIVE_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire/addr.h"

struct plait_netlink {
    struct mnl_socket *socket; /* NULL when closed */
    uint32_t sequence;
};

/* One request: plait_netlink_request fills it, attributes follow, plait_netlink_ask sends it. */
struct plait_request {
    _Alignas(struct nlmsghdr) char octets[2048];
    struct nlmsghdr *head;
};

/* In the caller's network namespace; PROTOCOL as in socket(AF_NETLINK). */
int plait_netlink_open(struct plait_netlink *netlink, int protocol);
void plait_netlink_close(struct plait_netlink *netlink);
int plait_netlink_fd(const struct plait_netlink *netlink);

/* Starts a request and gives the zeroed header of HEADER_OCTETS behind nlmsghdr. */
void *plait_netlink_request(struct plait_request *request, uint16_t type, uint16_t flags,
                            size_t header_octets);
/* Sends and waits for the end of the answer; EACH (may be NULL) sees its messages. */
int plait_netlink_ask(struct plait_netlink *netlink, struct plait_request *request, mnl_cb_t each,
                      void *argument);

void plait_netlink_put_addr(struct plait_request *request, uint16_t type,
                            const struct plait_addr *addr);
/* AF_INET or AF_INET6. */
uint8_t plait_netlink_family(const struct plait_addr *addr);
/* The address in an attribute of 4 or 16 octets; no family if it has another size. */
struct plait_addr plait_netlink_addr(const struct nlattr *attribute);

/* ---- netlink_route.c: links, addresses, routes, rules ------------------------------------- */

struct plait_link_settings {
    uint32_t mtu_octets; /* 0 = as it is */
    uint32_t queue_packets;
    bool up;
};

int plait_route_link_index(struct plait_netlink *route, const char *name, unsigned *index);
/* Without ARP, multicast and broadcast: nothing but the test's traffic may leave the link. */
int plait_route_set_link(struct plait_netlink *route, unsigned index,
                         const struct plait_link_settings *settings);
int plait_route_set_up(struct plait_netlink *route, unsigned index, bool up);

struct plait_veth {
    const char *name, *peer_name;
    int peer_namespace_fd;
    uint8_t mac[6], peer_mac[6];
};
int plait_route_add_veth(struct plait_netlink *route, const struct plait_veth *veth);

/* REMOVE: takes it away.  IPv6 addresses come without duplicate address detection. */
int plait_route_addr(struct plait_netlink *route, unsigned index, const struct plait_addr *addr,
                     unsigned prefix_bits, bool remove);
/* The default route of FAMILY (AF_...) in TABLE leaves by the link. */
int plait_route_add_default(struct plait_netlink *route, uint8_t family, unsigned index,
                            uint32_t table);
/* Packets from ADDR ask TABLE first. */
int plait_route_add_rule(struct plait_netlink *route, const struct plait_addr *addr,
                         uint32_t table);

struct plait_link_seen {
    unsigned index;
    const char *name;
    const char *kind; /* "tun", "veth", "" */
    bool is_loopback, is_up;
};
typedef bool (*plait_link_fn)(void *self, const struct plait_link_seen *link);
/* Shows each link of the namespace; ends early when SEE says false. */
int plait_route_each_link(struct plait_netlink *route, plait_link_fn see, void *self);
/* Packets that the link did not send, by its own count (struct rtnl_link_stats64). */
int plait_route_tx_dropped(struct plait_netlink *route, unsigned index, uint64_t *dropped);
/* *COUNT is the number of links and settings ("all", "default") of both families that forward. */
int plait_route_count_forwarding(struct plait_netlink *route, unsigned *count);

/* ---- netlink_diag.c ----------------------------------------------------------------------- */

int plait_diag_count(struct plait_netlink *diag, unsigned tcp_state, uint32_t *count);

/* ---- netlink_mptcp.c: the kernel's path manager -------------------------------------------- */

struct plait_mptcp_endpoint {
    struct plait_addr addr;
    uint8_t addr_id;
    uint32_t flags;
    unsigned link_index; /* 0 = none */
    uint16_t port;       /* announced with the address; the kernel listens there; 0 = none */
};
#define PLAIT_MPTCP_ENDPOINTS_MAX 64

/* The number of the generic netlink family "mptcp_pm"; ENOENT where the kernel has none. */
int plait_mptcp_family(struct plait_netlink *generic, uint16_t *family);
int plait_mptcp_set_limits(struct plait_netlink *generic, uint16_t family, uint32_t subflows,
                           uint32_t add_addr_accepted);
int plait_mptcp_get_limits(struct plait_netlink *generic, uint16_t family, uint32_t *subflows,
                           uint32_t *add_addr_accepted);
int plait_mptcp_add(struct plait_netlink *generic, uint16_t family,
                    const struct plait_mptcp_endpoint *endpoint);
int plait_mptcp_remove(struct plait_netlink *generic, uint16_t family,
                       const struct plait_mptcp_endpoint *endpoint);
int plait_mptcp_set_flags(struct plait_netlink *generic, uint16_t family,
                          const struct plait_mptcp_endpoint *endpoint);
struct plait_mptcp_endpoints {
    unsigned count;
    struct plait_mptcp_endpoint endpoints[PLAIT_MPTCP_ENDPOINTS_MAX];
};
int plait_mptcp_list(struct plait_netlink *generic, uint16_t family,
                     struct plait_mptcp_endpoints *endpoints);

#endif
