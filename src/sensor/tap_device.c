/* sensor/tap_device.c: a TAP or TUN device as an output. */
#include "sensor/tap_device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/console.h"

bool plait_is_tap_name(const char *name)
{
    size_t length = strlen(name);
    bool has_word = strncmp(name, "tap", 3) == 0 || strncmp(name, "tun", 3) == 0;
    return has_word && length > 3 && length < IFNAMSIZ &&
           strspn(name + 3, "0123456789") == length - 3;
}

static struct ifreq request(const char *name)
{
    struct ifreq r = {0};
    strncpy(r.ifr_name, name, sizeof r.ifr_name - 1);
    return r;
}

static bool bring_up(const char *name)
{
    struct ifreq r = request(name);
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = control >= 0 && ioctl(control, SIOCGIFFLAGS, &r) == 0;
    if (good && !(r.ifr_flags & IFF_UP)) {
        r.ifr_flags |= IFF_UP;
        good = ioctl(control, SIOCSIFFLAGS, &r) == 0;
    }
    int error = errno;
    if (control >= 0)
        close(control);
    errno = error;
    return good;
}

static int refuse(const char *command, const char *name, int descriptor)
{
    const char *help = errno == EPERM || errno == EACCES
                           ? ": run as root, or have root make it: ip tuntap add NAME mode tap "
                             "user YOU; ip link set NAME up"
                       : errno == EBUSY ? ": another program has it"
                                        : "";
    plait_complain(command, "--output %s: %s%s", name, strerror(errno), help);
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

int plait_open_tap(const char *command, const char *name)
{
    struct ifreq r = request(name);
    r.ifr_flags = (short)(IFF_NO_PI | (name[1] == 'u' ? IFF_TUN : IFF_TAP));
    int descriptor = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (descriptor < 0 || ioctl(descriptor, TUNSETIFF, &r) != 0 || !bring_up(name))
        return refuse(command, name, descriptor);
    return descriptor;
}
