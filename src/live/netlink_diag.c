/* live/netlink_diag.c: counting sockets by socket diagnostics (sock_diag(7)).
 * May touch: nothing; it only asks. */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include "live/netlink.h"

static int count_one(const struct nlmsghdr *message, void *argument)
{
    (void)message;
    ++*(uint32_t *)argument;
    return MNL_CB_OK;
}

int plait_diag_count(struct plait_netlink *diag, unsigned tcp_state, uint32_t *count)
{
    const uint8_t families[] = {AF_INET, AF_INET6};
    *count = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct plait_request request;
        struct inet_diag_req_v2 *question =
            plait_netlink_request(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof *question);
        question->sdiag_family = families[i];
        question->sdiag_protocol = IPPROTO_TCP;
        question->idiag_states = UINT32_C(1) << tcp_state;
        int error = plait_netlink_ask(diag, &request, count_one, count);
        if (error != 0)
            return error;
    }
    return 0;
}
