/* agent/info.c: what the kernel says about a connection (linux/mptcp.h).
 *
 * After a fallback to TCP the kernel answers MPTCP's options with EOPNOTSUPP, which is the clean
 * test for it.  May touch: the application's descriptor. */
#include <linux/mptcp.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"

#define SOL_MPTCP_LEVEL 284
#define SUBFLOWS_MAX    32

#ifndef TCP_IS_MPTCP
#define TCP_IS_MPTCP 43
#endif

__attribute__((format(printf, 2, 3))) static void add(struct plait_command *command,
                                                      const char *format, ...)
{
    size_t used = strlen(command->answer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command->answer + used, sizeof command->answer - used, format, arguments);
    va_end(arguments);
}

static void add_pair(struct plait_command *command, const char *what,
                     const struct sockaddr_storage *local, const struct sockaddr_storage *remote)
{
    char l[PLAIT_AGENT_PLACE_OCTETS], r[PLAIT_AGENT_PLACE_OCTETS];
    add(command, " %s=%s-%s", what, plait_agent_place_text(local, ':', l),
        plait_agent_place_text(remote, ':', r));
}

/* What the socket says of both its ends, whatever became of that pair. */
static bool add_ends(struct plait_command *command, const struct plait_app *app, const char *what)
{
    struct sockaddr_storage local = {0}, remote = {0};
    socklen_t local_room = sizeof local, remote_room = sizeof remote;
    if (getsockname(app->fd, (struct sockaddr *)&local, &local_room) != 0 ||
        getpeername(app->fd, (struct sockaddr *)&remote, &remote_room) != 0)
        return false;
    add_pair(command, what, &local, &remote);
    return true;
}

static void tell_tcp(struct plait_command *command, const struct plait_app *app)
{
    add(command, "mptcp=0");
    size_t used = strlen(command->answer);
    add(command, " subflows=1");
    if (add_ends(command, app, "ends")) {
        (void)add_ends(command, app, "subflow"); /* as it just did */
        return;
    }
    command->answer[used] = '\0';
    add(command, " subflows=0");
}

struct addresses {
    struct mptcp_subflow_data head;
    struct mptcp_subflow_addrs subflows[SUBFLOWS_MAX];
};

static unsigned subflow_addresses(const struct plait_app *app, struct addresses *a)
{
    *a = (struct addresses){
        .head = {.size_subflow_data = sizeof a->head, .size_user = sizeof a->subflows[0]}};
    socklen_t room = sizeof *a;
    if (getsockopt(app->fd, SOL_MPTCP_LEVEL, MPTCP_SUBFLOW_ADDRS, a, &room) != 0)
        return 0;
    return a->head.num_subflows < SUBFLOWS_MAX ? a->head.num_subflows : SUBFLOWS_MAX;
}

struct states {
    struct mptcp_subflow_data head;
    struct tcp_info subflows[SUBFLOWS_MAX];
};

/* The kernel lists a first subflow that a reset ended, too, for as long as the connection lives;
 * its state tells.  Both lists are in the same order. */
static bool is_over(const struct states *s, unsigned i)
{
    return i < s->head.num_subflows && s->subflows[i].tcpi_state == TCP_CLOSE;
}

static void subflow_states(const struct plait_app *app, struct states *s)
{
    *s = (struct states){
        .head = {.size_subflow_data = sizeof s->head, .size_user = sizeof s->subflows[0]}};
    socklen_t room = sizeof *s;
    if (getsockopt(app->fd, SOL_MPTCP_LEVEL, MPTCP_TCPINFO, s, &room) != 0)
        s->head.num_subflows = 0;
}

static void tell_mptcp(struct plait_command *command, const struct plait_app *app,
                       const struct mptcp_info *info)
{
    struct addresses a;
    struct states states;
    unsigned count = subflow_addresses(app, &a);
    subflow_states(app, &states);
    add(command,
        "mptcp=1 subflows=%u token=%08x write_seq=%llx snd_una=%llx rcv_nxt=%llx "
        "add_addr_signal=%u add_addr_accepted=%u checksum=%u",
        count, info->mptcpi_token, info->mptcpi_write_seq, info->mptcpi_snd_una,
        info->mptcpi_rcv_nxt, info->mptcpi_add_addr_signal, info->mptcpi_add_addr_accepted,
        info->mptcpi_csum_enabled);
    (void)add_ends(command, app, "ends"); /* not once it is over */
    for (unsigned i = 0; i < count; i++) {
        if (is_over(&states, i))
            continue;
        add_pair(command, "subflow", (const struct sockaddr_storage *)&a.subflows[i].ss_local,
                 (const struct sockaddr_storage *)&a.subflows[i].ss_remote);
    }
}

static bool is_mptcp(const struct plait_app *app, struct mptcp_info *info)
{
    int is = 0;
    socklen_t room = sizeof *info;
    /* TCP_IS_MPTCP also says 1 for a fallen-back socket of some kernels: both are asked. */
    return getsockopt(app->fd, IPPROTO_TCP, TCP_IS_MPTCP, &is, &(socklen_t){sizeof is}) == 0 &&
           is != 0 && getsockopt(app->fd, SOL_MPTCP_LEVEL, MPTCP_INFO, info, &room) == 0;
}

const char *plait_agent_info(struct plait_command *command)
{
    const struct plait_app *app = plait_agent_app(command->arguments[0]);
    if (app == NULL)
        return "ENOENT";
    if (app->fd < 0)
        return "EBADF";
    struct mptcp_info info = {0};
    if (is_mptcp(app, &info))
        tell_mptcp(command, app, &info);
    else
        tell_tcp(command, app);
    return NULL;
}
