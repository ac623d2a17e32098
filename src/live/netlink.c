/* live/netlink.c: one request, its answer.  May touch: the sockets. */
#include "live/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int plait_netlink_open(struct plait_netlink *netlink, int protocol)
{
    netlink->sequence = 0;
    netlink->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
    if (netlink->socket == NULL)
        return errno;
    if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) == 0)
        return 0;
    int error = errno;
    plait_netlink_close(netlink);
    return error;
}

void plait_netlink_close(struct plait_netlink *netlink)
{
    if (netlink->socket != NULL)
        mnl_socket_close(netlink->socket);
    netlink->socket = NULL;
}

int plait_netlink_fd(const struct plait_netlink *netlink)
{
    return mnl_socket_get_fd(netlink->socket);
}

void *plait_netlink_request(struct plait_request *request, uint16_t type, uint16_t flags,
                            size_t header_octets)
{
    memset(request->octets, 0, sizeof request->octets);
    request->head = mnl_nlmsg_put_header(request->octets);
    request->head->nlmsg_type = type;
    request->head->nlmsg_flags = NLM_F_REQUEST | flags;
    if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
        request->head->nlmsg_flags |= NLM_F_ACK;
    return mnl_nlmsg_put_extra_header(request->head, header_octets);
}

/* One datagram of the answer to the request that was sent last; what belongs to an earlier one,
 * whose reader gave up, is passed over. */
static ssize_t receive(struct plait_netlink *netlink, char *octets, size_t room_octets)
{
    for (;;) {
        ssize_t length = mnl_socket_recvfrom(netlink->socket, octets, room_octets);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < (ssize_t)sizeof(struct nlmsghdr) ||
            ((struct nlmsghdr *)octets)->nlmsg_seq == netlink->sequence)
            return length;
    }
}

int plait_netlink_ask(struct plait_netlink *netlink, struct plait_request *request, mnl_cb_t each,
                      void *argument)
{
    _Alignas(struct nlmsghdr) char answer[32768];
    unsigned own = mnl_socket_get_portid(netlink->socket);
    request->head->nlmsg_seq = ++netlink->sequence;
    if (mnl_socket_sendto(netlink->socket, request->head, request->head->nlmsg_len) < 0)
        return errno;
    for (;;) {
        ssize_t length = receive(netlink, answer, sizeof answer);
        if (length < 0)
            return errno;
        int more = mnl_cb_run(answer, (size_t)length, netlink->sequence, own, each, argument);
        if (more <= MNL_CB_STOP)
            return more < 0 ? errno : 0;
    }
}

uint8_t plait_netlink_family(const struct plait_addr *addr)
{
    return addr->family == PLAIT_IPV6 ? AF_INET6 : AF_INET;
}

void plait_netlink_put_addr(struct plait_request *request, uint16_t type,
                            const struct plait_addr *addr)
{
    mnl_attr_put(request->head, type, plait_addr_octets(addr->family), addr->octets);
}

struct plait_addr plait_netlink_addr(const struct nlattr *attribute)
{
    struct plait_addr addr = {0};
    size_t length_octets = mnl_attr_get_payload_len(attribute);
    addr.family = length_octets == 4 ? PLAIT_IPV4 : length_octets == 16 ? PLAIT_IPV6 : 0;
    memcpy(addr.octets, mnl_attr_get_payload(attribute), plait_addr_octets(addr.family));
    return addr;
}
