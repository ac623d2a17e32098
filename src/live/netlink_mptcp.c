/* live/netlink_mptcp.c: limits and endpoints of the kernel's path manager, by generic netlink
 * (linux/mptcp.h).  May touch: the path manager of the socket's namespace. */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/mptcp.h>
#include <string.h>
#include <sys/socket.h>

#include "live/netlink.h"

static void start(struct plait_request *request, uint16_t family, uint8_t command, uint16_t flags)
{
    struct genlmsghdr *head = plait_netlink_request(request, family, flags, sizeof *head);
    head->cmd = command;
    head->version = family == GENL_ID_CTRL ? 1 : MPTCP_PM_VER;
}

static int keep_family(const struct nlmsghdr *message, void *argument)
{
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
    {
        if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
            *(uint16_t *)argument = mnl_attr_get_u16(attribute);
    }
    return MNL_CB_OK;
}

int plait_mptcp_family(struct plait_netlink *generic, uint16_t *family)
{
    struct plait_request request;
    *family = 0;
    start(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
    mnl_attr_put_strz(request.head, CTRL_ATTR_FAMILY_NAME, MPTCP_PM_NAME);
    int error = plait_netlink_ask(generic, &request, keep_family, family);
    return error != 0 ? error : *family == 0 ? ENOENT : 0;
}

/* ---- limits --------------------------------------------------------------------------------- */

int plait_mptcp_set_limits(struct plait_netlink *generic, uint16_t family, uint32_t subflows,
                           uint32_t add_addr_accepted)
{
    struct plait_request request;
    start(&request, family, MPTCP_PM_CMD_SET_LIMITS, 0);
    mnl_attr_put_u32(request.head, MPTCP_PM_ATTR_SUBFLOWS, subflows);
    mnl_attr_put_u32(request.head, MPTCP_PM_ATTR_RCV_ADD_ADDRS, add_addr_accepted);
    return plait_netlink_ask(generic, &request, NULL, NULL);
}

struct limits {
    uint32_t subflows, add_addr_accepted;
};

static int keep_limits(const struct nlmsghdr *message, void *argument)
{
    struct limits *limits = argument;
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
    {
        if (mnl_attr_get_type(attribute) == MPTCP_PM_ATTR_SUBFLOWS)
            limits->subflows = mnl_attr_get_u32(attribute);
        if (mnl_attr_get_type(attribute) == MPTCP_PM_ATTR_RCV_ADD_ADDRS)
            limits->add_addr_accepted = mnl_attr_get_u32(attribute);
    }
    return MNL_CB_OK;
}

int plait_mptcp_get_limits(struct plait_netlink *generic, uint16_t family, uint32_t *subflows,
                           uint32_t *add_addr_accepted)
{
    struct plait_request request;
    struct limits limits = {0};
    start(&request, family, MPTCP_PM_CMD_GET_LIMITS, 0);
    int error = plait_netlink_ask(generic, &request, keep_limits, &limits);
    *subflows = limits.subflows;
    *add_addr_accepted = limits.add_addr_accepted;
    return error;
}

/* ---- endpoints ------------------------------------------------------------------------------ */

static int change_endpoint(struct plait_netlink *generic, uint16_t family, uint8_t command,
                           const struct plait_mptcp_endpoint *endpoint)
{
    const struct plait_addr *addr = &endpoint->addr;
    struct plait_request request;
    start(&request, family, command, 0);
    struct nlattr *nest = mnl_attr_nest_start(request.head, MPTCP_PM_ATTR_ADDR);
    mnl_attr_put_u8(request.head, MPTCP_PM_ADDR_ATTR_ID, endpoint->addr_id);
    mnl_attr_put_u32(request.head, MPTCP_PM_ADDR_ATTR_FLAGS, endpoint->flags);
    if (addr->family != PLAIT_NO_FAMILY) {
        mnl_attr_put_u16(request.head, MPTCP_PM_ADDR_ATTR_FAMILY, plait_netlink_family(addr));
        plait_netlink_put_addr(
            &request,
            addr->family == PLAIT_IPV6 ? MPTCP_PM_ADDR_ATTR_ADDR6 : MPTCP_PM_ADDR_ATTR_ADDR4, addr);
    }
    if (endpoint->link_index != 0)
        mnl_attr_put_u32(request.head, MPTCP_PM_ADDR_ATTR_IF_IDX, endpoint->link_index);
    if (endpoint->port != 0)
        mnl_attr_put_u16(request.head, MPTCP_PM_ADDR_ATTR_PORT, endpoint->port);
    mnl_attr_nest_end(request.head, nest);
    return plait_netlink_ask(generic, &request, NULL, NULL);
}

int plait_mptcp_add(struct plait_netlink *generic, uint16_t family,
                    const struct plait_mptcp_endpoint *endpoint)
{
    return change_endpoint(generic, family, MPTCP_PM_CMD_ADD_ADDR, endpoint);
}

int plait_mptcp_remove(struct plait_netlink *generic, uint16_t family,
                       const struct plait_mptcp_endpoint *endpoint)
{
    return change_endpoint(generic, family, MPTCP_PM_CMD_DEL_ADDR, endpoint);
}

int plait_mptcp_set_flags(struct plait_netlink *generic, uint16_t family,
                          const struct plait_mptcp_endpoint *endpoint)
{
    return change_endpoint(generic, family, MPTCP_PM_CMD_SET_FLAGS, endpoint);
}

static int keep_field(const struct nlattr *attribute, void *argument)
{
    struct plait_mptcp_endpoint *endpoint = argument;
    switch (mnl_attr_get_type(attribute)) {
    case MPTCP_PM_ADDR_ATTR_ID:
        endpoint->addr_id = mnl_attr_get_u8(attribute);
        break;
    case MPTCP_PM_ADDR_ATTR_FLAGS:
        endpoint->flags = mnl_attr_get_u32(attribute);
        break;
    case MPTCP_PM_ADDR_ATTR_IF_IDX:
        endpoint->link_index = mnl_attr_get_u32(attribute);
        break;
    case MPTCP_PM_ADDR_ATTR_PORT:
        endpoint->port = mnl_attr_get_u16(attribute);
        break;
    case MPTCP_PM_ADDR_ATTR_ADDR4:
    case MPTCP_PM_ADDR_ATTR_ADDR6:
        endpoint->addr = plait_netlink_addr(attribute);
        break;
    default:
        break;
    }
    return MNL_CB_OK;
}

static int keep_endpoint(const struct nlmsghdr *message, void *argument)
{
    struct plait_mptcp_endpoints *list = argument;
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
    {
        if (mnl_attr_get_type(attribute) != MPTCP_PM_ATTR_ADDR ||
            list->count == PLAIT_MPTCP_ENDPOINTS_MAX)
            continue;
        struct plait_mptcp_endpoint *endpoint = &list->endpoints[list->count++];
        *endpoint = (struct plait_mptcp_endpoint){0};
        mnl_attr_parse_nested(attribute, keep_field, endpoint);
    }
    return MNL_CB_OK;
}

int plait_mptcp_list(struct plait_netlink *generic, uint16_t family,
                     struct plait_mptcp_endpoints *endpoints)
{
    struct plait_request request;
    endpoints->count = 0;
    start(&request, family, MPTCP_PM_CMD_GET_ADDR, NLM_F_DUMP);
    return plait_netlink_ask(generic, &request, keep_endpoint, endpoints);
}
