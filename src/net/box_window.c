/* net/box_window.c: a box that lowers the windows that pass it (C-MB-4), as a shaper does to slow a
 * sender down; those of SYNs, which are not scaled (RFC 7323 §2.2), it leaves.
 * May touch: the packet it was handed. */
#include <stdlib.h>

#include "base/octets.h"
#include "net/net_internal.h"
#include "wire/tcp.h"

struct shaper {
    uint16_t most; /* as on the wire, not scaled */
};

static struct plait_packet *pass(void *self, plait_time_ns now, int side,
                                 struct plait_packet *packet)
{
    (void)now, (void)side;
    const struct shaper *shaper = self;
    struct tcp_view view;
    uint8_t lowered[2];
    if (plait_tcp_view(packet, &view) && !(view.tcp[PLAIT_TCP_FLAGS_AT] & PLAIT_SYN) &&
        plait_load_u16(view.tcp + PLAIT_TCP_WINDOW_AT) > shaper->most) {
        plait_store_u16(lowered, shaper->most);
        plait_tcp_write(&view, PLAIT_TCP_WINDOW_AT, lowered, sizeof lowered);
    }
    return packet;
}

struct plait_box plait_box_window(uint16_t most)
{
    struct shaper *shaper = plait_net_alloc(1, sizeof *shaper);
    shaper->most = most;
    return (struct plait_box){.pass = pass, .free = free, .self = shaper};
}
