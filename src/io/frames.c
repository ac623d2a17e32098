/* io/frames.c: a socket whose messages are frames.  May touch: the socket. */
#include <errno.h>
#include <sys/socket.h>

#include "io/device.h"

plait_result plait_io_open_frames(struct plait_io **io, int fd,
                                  const struct plait_io_options *options)
{
    int type = 0;
    socklen_t room = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &room) != 0)
        return PLAIT_FAIL(USAGE);
    if (type != SOCK_SEQPACKET && type != SOCK_DGRAM) {
        errno = EINVAL;
        return PLAIT_FAIL(USAGE);
    }
    struct plait_io *device =
        plait_io_new(fd, type == SOCK_DGRAM ? PLAIT_IO_DGRAM : PLAIT_IO_SEQPACKET, options);
    if (device == NULL)
        return plait_io_give_up(-1, ENOMEM);
    plait_io_make_room(fd, options);
    *io = device;
    return PLAIT_OK;
}
