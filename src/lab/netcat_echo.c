/* lab/netcat_echo.c: the other end as a host of libplait that writes back what it reads.
 * May touch: that host. */
#include <string.h>

#include "lab/netcat_inside.h"

static void echo(void *user, struct plait_connection *c, plait_time_ns now)
{
    const uint8_t *octets;
    uint8_t *room;
    uint32_t here, there;
    (void)user;
    while ((octets = plait_connection_peek(c, &here)) && here &&
           (room = plait_connection_reserve(c, &there)) && there) {
        here = here < there ? here : there;
        memcpy(room, octets, here);
        if (!plait_ok(plait_connection_commit(c, now, here)) ||
            !plait_ok(plait_connection_consume(c, now, here)))
            return;
    }
    struct plait_status s = plait_connection_status(c);
    if (s.peer_done && s.readable_octets == 0 && s.stage == PLAIT_STAGE_OPEN)
        (void)plait_connection_close(c, now); /* it is open */
}

static const struct plait_callbacks callbacks = {echo, echo};

plait_result plait_netcat_echo_new(struct plait_netcat *n, struct plait_port *ports)
{
    return plait_netcat_host_new(n, &n->theirs, n->request->listens, "echo", ports);
}

plait_result plait_netcat_echo_start(struct plait_netcat *n)
{
    struct plait_connection *c;
    return plait_netcat_open(n, n->theirs.host, n->request->listens, &callbacks, NULL, &c);
}
