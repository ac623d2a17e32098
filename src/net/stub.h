/* net/stub.h: ports for tests and for addresses where nobody lives.
 *
 * A stub keeps what it is handed and sends what it is given at stated times. */
#ifndef PLAIT_NET_STUB_H
#define PLAIT_NET_STUB_H

#include "net/net.h"

struct plait_stub;

struct plait_stub *plait_stub_new(void);
void plait_stub_free(struct plait_stub *stub);
struct plait_port plait_stub_port(struct plait_stub *stub);
/* Sends PACKET (owned by the stub) at AT_NS. */
void plait_stub_send(struct plait_stub *stub, plait_time_ns at_ns, struct plait_packet *packet);
/* The oldest packet it was handed, or NULL; the caller owns it.  *AT_NS may be NULL. */
struct plait_packet *plait_stub_take(struct plait_stub *stub, plait_time_ns *at_ns);

#endif
