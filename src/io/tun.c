/* io/tun.c: an interface whose other end is a descriptor of ours.
 * May touch: /dev/net/tun, the caller's network namespace. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/device.h"

_Static_assert(PLAIT_IO_NAME_OCTETS == IFNAMSIZ, "names are the kernel's");

/* The size of the header and what it may say are set again for an interface that was there before,
 * because it keeps what its last user set. */
static int attach(int fd, char name[PLAIT_IO_NAME_OCTETS], bool offload)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
    int header_octets = sizeof(struct virtio_net_hdr);
    unsigned long allowed = offload ? TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 : 0;
    memcpy(request.ifr_name, name, sizeof request.ifr_name);
    if (ioctl(fd, TUNSETIFF, &request) != 0 || ioctl(fd, TUNSETVNETHDRSZ, &header_octets) != 0 ||
        ioctl(fd, TUNSETOFFLOAD, allowed) != 0)
        return errno;
    memcpy(name, request.ifr_name, sizeof request.ifr_name);
    return 0;
}

/* ---- the queue ------------------------------------------------------------------------------- */

struct queue_request {
    struct nlmsghdr head;
    struct ifinfomsg link;
    struct rtattr name_head;
    char name[PLAIT_IO_NAME_OCTETS];
    struct rtattr queue_head;
    uint32_t packets;
};

struct queue_answer {
    struct nlmsghdr head;
    struct nlmsgerr error;
};

/* An errno. */
static int ask_for_queue(int fd, const struct queue_request *request)
{
    struct queue_answer answer = {0};
    ssize_t length;
    if (send(fd, request, sizeof *request, 0) != sizeof *request)
        return errno;
    do
        length = recv(fd, &answer, sizeof answer, MSG_TRUNC);
    while (length < 0 && errno == EINTR);
    if (length < (ssize_t)sizeof answer)
        return length < 0 ? errno : EBADMSG;
    return answer.head.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EBADMSG;
}

/* By rtnetlink, because the ioctl for it asks for a capability over the machine, not over the
 * namespace.  Whoever may attach to an interface that somebody else has made may not always set its
 * queue, and it works without. */
static int set_queue(const char name[PLAIT_IO_NAME_OCTETS], uint32_t packets)
{
    struct queue_request request = {
        .head = {.nlmsg_len = sizeof request,
                 .nlmsg_type = RTM_SETLINK,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
        .link = {.ifi_family = AF_UNSPEC},
        .name_head = {.rta_len = RTA_LENGTH(sizeof request.name), .rta_type = IFLA_IFNAME},
        .queue_head = {.rta_len = RTA_LENGTH(sizeof request.packets), .rta_type = IFLA_TXQLEN},
        .packets = packets};
    memcpy(request.name, name, sizeof request.name);
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (fd < 0)
        return errno;
    int error = ask_for_queue(fd, &request);
    close(fd);
    return error == EPERM ? 0 : error;
}

/* ---- opening --------------------------------------------------------------------------------- */

plait_result plait_io_open_tun(struct plait_io **io, char name[PLAIT_IO_NAME_OCTETS],
                               const struct plait_io_options *options)
{
    uint32_t queue = options != NULL ? options->queue_packets : 0;
    char wanted[PLAIT_IO_NAME_OCTETS] = "";
    if (strnlen(name, PLAIT_IO_NAME_OCTETS) == PLAIT_IO_NAME_OCTETS || queue > INT32_MAX)
        return plait_io_give_up(-1, EINVAL);
    strncpy(wanted, name, sizeof wanted - 1);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return plait_io_give_up(-1, errno);
    int error = attach(fd, wanted, options != NULL && options->offload);
    if (error == 0)
        error = set_queue(wanted, queue != 0 ? queue : PLAIT_IO_QUEUE);
    if (error != 0)
        return plait_io_give_up(fd, error);
    struct plait_io *device = plait_io_new(fd, PLAIT_IO_TUN, options);
    if (device == NULL)
        return plait_io_give_up(fd, ENOMEM);
    memcpy(name, wanted, sizeof wanted);
    *io = device;
    return PLAIT_OK;
}
