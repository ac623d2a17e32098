/* live/agent_image.c: the agent's program as a descriptor that can be executed.
 * May touch: a file in memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "live/inside.h"

extern const uint8_t plait_agent_image[], plait_agent_image_end[]; /* agent/embed */

static bool fill(int fd)
{
    const uint8_t *at = plait_agent_image;
    while (at < plait_agent_image_end) {
        ssize_t wrote = write(fd, at, (size_t)(plait_agent_image_end - at));
        if (wrote <= 0)
            return false;
        at += wrote;
    }
    return true;
}

int plait_agent_image_open(const char *path)
{
    if (path != NULL)
        return open(path, O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("plait-agent", MFD_CLOEXEC);
    if (fd >= 0 && !fill(fd)) {
        close(fd);
        return -1;
    }
    return fd;
}
