/* tests/scenario/port.h: a host of libplait as a port of the lab's net. */
#ifndef PLAIT_TESTS_SCENARIO_PORT_H
#define PLAIT_TESTS_SCENARIO_PORT_H

#include "net/net.h"
#include "plait/host.h"

/* HOST stays the caller's. */
struct plait_port scenario_port(struct plait_host *host);

#endif
