/* agent/open.c: the commands that make sockets, listen and connect.
 * May touch: the table of applications, new sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"

#define PROTOCOL_MPTCP 262 /* IPPROTO_MPTCP, absent from older headers */

struct order {
    const char *name, *cc;
    int protocol, backlog;
    struct sockaddr_storage local, remote;
};

static bool parse_protocol(const char *text, int *protocol)
{
    *protocol = strcmp(text, "mptcp") == 0 ? PROTOCOL_MPTCP : IPPROTO_TCP;
    return *protocol == PROTOCOL_MPTCP || strcmp(text, "tcp") == 0;
}

static bool parse_number(const char *text, unsigned long max, unsigned long *number)
{
    char *end;
    errno = 0;
    *number = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number <= max;
}

static const char *check_name(const char *name)
{
    struct plait_app *app = plait_agent_app(name);
    if (app != NULL && app->fd >= 0)
        return "EEXIST";
    /* Room for ".N" of accepted connections. */
    return strlen(name) > PLAIT_AGENT_NAME_OCTETS - 8 ? "ENAMETOOLONG" : NULL;
}

static const char *failed(struct plait_app *app)
{
    const char *name = plait_agent_error_name(errno);
    plait_agent_app_close(app);
    app->kind = PLAIT_APP_FREE;
    return name;
}

static int set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value);
}

/* The congestion control is asked for here because a namespace may not set a restricted one by
 * sysctl, but a socket with CAP_NET_ADMIN in it may. */
static bool set_up_socket(struct plait_app *app, const struct order *order)
{
    int family = order->local.ss_family;
    app->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, order->protocol);
    if (app->fd < 0 || set_int(app->fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0)
        return false;
    if (family == AF_INET6 && set_int(app->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0)
        return false;
    return strcmp(order->cc, "-") == 0 || setsockopt(app->fd, IPPROTO_TCP, TCP_CONGESTION,
                                                     order->cc, (socklen_t)strlen(order->cc)) == 0;
}

static bool bind_socket(const struct plait_app *app, const struct order *order)
{
    return bind(app->fd, (const struct sockaddr *)&order->local,
                plait_agent_place_octets(&order->local)) == 0;
}

/* A client's port is chosen by connect() as for any program (RFC 6056), not by bind(). */
static bool bind_client(const struct plait_app *app, const struct order *order, bool any)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)&order->local; /* same place */
    if (in->sin_port != 0)
        return bind_socket(app, order);
    (void)set_int(app->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1); /* older kernels lack it */
    return any || bind_socket(app, order);
}

static void congestion_control(const struct plait_app *app, char name[32])
{
    socklen_t room = 31;
    memset(name, 0, 32);
    if (getsockopt(app->fd, IPPROTO_TCP, TCP_CONGESTION, name, &room) != 0 || name[0] == '\0')
        strcpy(name, "-");
}

static void answer_opened(struct plait_command *command, const struct plait_app *app)
{
    char cc[32];
    congestion_control(app, cc);
    struct sockaddr_in6 local = {0}; /* the port is at one place in both families */
    getsockname(app->fd, (struct sockaddr *)&local, &(socklen_t){sizeof local});
    snprintf(command->answer, sizeof command->answer, "port=%u cc=%s", ntohs(local.sin6_port), cc);
}

const char *plait_agent_listen(struct plait_command *command)
{
    char **word = command->arguments;
    unsigned long port, backlog;
    struct order order = {.name = word[0], .cc = word[5]};
    if (!parse_protocol(word[1], &order.protocol) || !parse_number(word[3], 65535, &port) ||
        !parse_number(word[4], 1000000, &backlog) ||
        !plait_agent_parse_place(word[2], (uint16_t)port, AF_INET, &order.local))
        return "EINVAL";
    const char *why = check_name(order.name);
    if (why != NULL)
        return why;
    struct plait_app *app = plait_agent_app_new(order.name);
    if (app == NULL)
        return "ENFILE";
    app->kind = PLAIT_APP_LISTENER;
    if (!set_up_socket(app, &order) || !bind_socket(app, &order) ||
        listen(app->fd, (int)backlog) != 0)
        return failed(app);
    answer_opened(command, app);
    return NULL;
}

const char *plait_agent_connect(struct plait_command *command)
{
    char **word = command->arguments;
    unsigned long local_port, remote_port;
    struct order order = {.name = word[0], .cc = word[6]};
    if (!parse_protocol(word[1], &order.protocol) || !parse_number(word[3], 65535, &local_port) ||
        !parse_number(word[5], 65535, &remote_port) ||
        !plait_agent_parse_place(word[4], (uint16_t)remote_port, AF_INET, &order.remote) ||
        !plait_agent_parse_place(word[2], (uint16_t)local_port, order.remote.ss_family,
                                 &order.local) ||
        order.local.ss_family != order.remote.ss_family)
        return "EINVAL";
    const char *why = check_name(order.name);
    if (why != NULL)
        return why;
    struct plait_app *app = plait_agent_app_new(order.name);
    if (app == NULL)
        return "ENFILE";
    app->kind = PLAIT_APP_CONNECTION;
    app->connecting = true;
    if (!set_up_socket(app, &order) || !bind_client(app, &order, strncmp(word[2], "any", 3) == 0))
        return failed(app);
    if (connect(app->fd, (struct sockaddr *)&order.remote,
                plait_agent_place_octets(&order.remote)) != 0 &&
        errno != EINPROGRESS)
        return failed(app);
    answer_opened(command, app);
    return NULL;
}
