/* lab/endpoint.h: a host of libplait as ports of the net, one port for each of its addresses.
 *
 * The host decides what it sends; a packet leaves by the port that has its source address.  May
 * touch: its host, and the packets it was handed. */
#ifndef PLAIT_LAB_ENDPOINT_H
#define PLAIT_LAB_ENDPOINT_H

#include "net/net.h"
#include "plait/host.h"

struct plait_endpoint;

/* HOST stays the caller's and outlives the endpoint.  OFFLOAD: its ports give super-segments and
 * unfinished checksums (the net completes them where somebody looks); they take both in any case.
 */
struct plait_endpoint *plait_endpoint_new(struct plait_host *host, bool offload);
void plait_endpoint_free(struct plait_endpoint *endpoint);
/* From now on. */
void plait_endpoint_set_offload(struct plait_endpoint *endpoint, bool offload);
/* The port of packets from and to ADDR; at most PLAIT_HOST_ADDRS_MAX. */
struct plait_port plait_endpoint_port(struct plait_endpoint *endpoint,
                                      const struct plait_addr *addr);
/* Somebody speaks to the host beside its ports: it may have something to send.  Who calls this once
 * calls it each time; from then on a host that had nothing to send is not asked again until
 * something came, was due, or was said. */
void plait_endpoint_wake(struct plait_endpoint *endpoint);
/* Packets from addresses that no port has: dropped. */
uint64_t plait_endpoint_astray(const struct plait_endpoint *endpoint);

#endif
