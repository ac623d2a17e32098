/* live/tun.c: an interface whose other end is a descriptor of ours.
 * May touch: /dev/net/tun, the host's namespace. */
#include <errno.h>
#include <string.h>

#include "live/inside.h"

_Static_assert(PLAIT_LIVE_LINK_NAME == PLAIT_IO_NAME_OCTETS, "names are the kernel's");

int plait_tun_open(struct plait_live_host *host, struct plait_live_device *device)
{
    const struct plait_io_options options = {.offload = host->live->offload};
    int error =
        plait_live_enter(host); /* the descriptor belongs to the namespace it is opened in */
    if (error != 0)
        return error;
    if (!plait_ok(plait_io_open_tun(&device->io, device->name, &options)))
        error = errno;
    plait_live_leave(host->live);
    return error != 0 ? error : plait_route_link_index(&host->route, device->name, &device->index);
}
