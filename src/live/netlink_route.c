/* live/netlink_route.c: links, addresses, routes and rules of one namespace (rtnetlink(7)).
 * May touch: the namespace of the socket. */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>

#include "live/netlink.h"

#define MAKE (NLM_F_CREATE | NLM_F_EXCL)

/* ---- links --------------------------------------------------------------------------------- */

static int keep_index(const struct nlmsghdr *message, void *argument)
{
    const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
    *(unsigned *)argument = (unsigned)link->ifi_index;
    return MNL_CB_OK;
}

int plait_route_link_index(struct plait_netlink *route, const char *name, unsigned *index)
{
    struct plait_request request;
    plait_netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request.head, IFLA_IFNAME, name);
    *index = 0;
    int error = plait_netlink_ask(route, &request, keep_index, index);
    return error != 0 ? error : *index == 0 ? ENODEV : 0;
}

int plait_route_set_link(struct plait_netlink *route, unsigned index,
                         const struct plait_link_settings *settings)
{
    struct plait_request request;
    struct ifinfomsg *link = plait_netlink_request(&request, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = IFF_NOARP | (settings->up ? IFF_UP : 0);
    link->ifi_change = IFF_NOARP | IFF_MULTICAST | IFF_UP;
    if (settings->mtu_octets != 0)
        mnl_attr_put_u32(request.head, IFLA_MTU, settings->mtu_octets);
    if (settings->queue_packets != 0)
        mnl_attr_put_u32(request.head, IFLA_TXQLEN, settings->queue_packets);
    return plait_netlink_ask(route, &request, NULL, NULL);
}

int plait_route_set_up(struct plait_netlink *route, unsigned index, bool up)
{
    struct plait_request request;
    struct ifinfomsg *link = plait_netlink_request(&request, RTM_NEWLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    link->ifi_flags = up ? IFF_UP : 0;
    link->ifi_change = IFF_UP;
    return plait_netlink_ask(route, &request, NULL, NULL);
}

int plait_route_add_veth(struct plait_netlink *route, const struct plait_veth *veth)
{
    struct plait_request request;
    plait_netlink_request(&request, RTM_NEWLINK, MAKE, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request.head, IFLA_IFNAME, veth->name);
    mnl_attr_put(request.head, IFLA_ADDRESS, sizeof veth->mac, veth->mac);
    struct nlattr *info = mnl_attr_nest_start(request.head, IFLA_LINKINFO);
    mnl_attr_put_strz(request.head, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(request.head, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(request.head, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(request.head, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(request.head, IFLA_IFNAME, veth->peer_name);
    mnl_attr_put(request.head, IFLA_ADDRESS, sizeof veth->peer_mac, veth->peer_mac);
    mnl_attr_put_u32(request.head, IFLA_NET_NS_FD, (uint32_t)veth->peer_namespace_fd);
    mnl_attr_nest_end(request.head, peer);
    mnl_attr_nest_end(request.head, data);
    mnl_attr_nest_end(request.head, info);
    return plait_netlink_ask(route, &request, NULL, NULL);
}

/* ---- addresses, routes, rules --------------------------------------------------------------- */

int plait_route_addr(struct plait_netlink *route, unsigned index, const struct plait_addr *addr,
                     unsigned prefix_bits, bool remove)
{
    struct plait_request request;
    struct ifaddrmsg *message = plait_netlink_request(&request, remove ? RTM_DELADDR : RTM_NEWADDR,
                                                      remove ? 0 : MAKE, sizeof *message);
    message->ifa_family = plait_netlink_family(addr);
    message->ifa_prefixlen = (uint8_t)prefix_bits;
    message->ifa_flags = addr->family == PLAIT_IPV6 ? IFA_F_NODAD : 0;
    message->ifa_index = index;
    plait_netlink_put_addr(&request, IFA_LOCAL, addr);
    plait_netlink_put_addr(&request, IFA_ADDRESS, addr);
    return plait_netlink_ask(route, &request, NULL, NULL);
}

int plait_route_add_default(struct plait_netlink *route, uint8_t family, unsigned index,
                            uint32_t table)
{
    struct plait_request request;
    struct rtmsg *message = plait_netlink_request(&request, RTM_NEWROUTE, MAKE, sizeof *message);
    message->rtm_family = family;
    message->rtm_table = (uint8_t)table;
    message->rtm_protocol = RTPROT_STATIC;
    message->rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    message->rtm_type = RTN_UNICAST;
    mnl_attr_put_u32(request.head, RTA_OIF, index);
    mnl_attr_put_u32(request.head, RTA_TABLE, table);
    return plait_netlink_ask(route, &request, NULL, NULL);
}

int plait_route_add_rule(struct plait_netlink *route, const struct plait_addr *addr, uint32_t table)
{
    struct plait_request request;
    struct fib_rule_hdr *rule = plait_netlink_request(&request, RTM_NEWRULE, MAKE, sizeof *rule);
    rule->family = plait_netlink_family(addr);
    rule->src_len = (uint8_t)(8 * plait_addr_octets(addr->family));
    rule->table = (uint8_t)table;
    rule->action = FR_ACT_TO_TBL;
    mnl_attr_put_u32(request.head, FRA_TABLE, table);
    mnl_attr_put_u32(request.head, FRA_PRIORITY, table); /* below 32766, the main table's */
    plait_netlink_put_addr(&request, FRA_SRC, addr);
    return plait_netlink_ask(route, &request, NULL, NULL);
}

/* ---- looking -------------------------------------------------------------------------------- */

struct link_viewer {
    plait_link_fn see;
    void *self;
    bool ended;
};

struct wanted_text {
    uint16_t type;
    const char *text;
};

static int find_text(const struct nlattr *attribute, void *argument)
{
    struct wanted_text *wanted = argument;
    if (mnl_attr_get_type(attribute) == wanted->type &&
        mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
        wanted->text = mnl_attr_get_str(attribute);
    return MNL_CB_OK;
}

static int see_link(const struct nlmsghdr *message, void *argument)
{
    struct link_viewer *viewer = argument;
    const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
    struct wanted_text name = {IFLA_IFNAME, ""}, kind = {IFLA_INFO_KIND, ""};
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, message, sizeof *link)
    {
        find_text(attribute, &name);
        if (mnl_attr_get_type(attribute) == IFLA_LINKINFO)
            mnl_attr_parse_nested(attribute, find_text, &kind);
    }
    const struct plait_link_seen seen = {.index = (unsigned)link->ifi_index,
                                         .name = name.text,
                                         .kind = kind.text,
                                         .is_loopback = (link->ifi_flags & IFF_LOOPBACK) != 0,
                                         .is_up = (link->ifi_flags & IFF_UP) != 0};
    viewer->ended = viewer->ended || !viewer->see(viewer->self, &seen);
    return MNL_CB_OK;
}

int plait_route_each_link(struct plait_netlink *route, plait_link_fn see, void *self)
{
    struct plait_request request;
    struct link_viewer viewer = {see, self, false};
    plait_netlink_request(&request, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
    return plait_netlink_ask(route, &request, see_link, &viewer);
}

static int keep_tx_dropped(const struct nlmsghdr *message, void *argument)
{
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, message, sizeof(struct ifinfomsg))
    {
        struct rtnl_link_stats64 counts; /* the attribute is aligned to 4 octets only */
        if (mnl_attr_get_type(attribute) != IFLA_STATS64 ||
            mnl_attr_get_payload_len(attribute) < sizeof counts)
            continue;
        memcpy(&counts, mnl_attr_get_payload(attribute), sizeof counts);
        *(uint64_t *)argument = counts.tx_dropped;
    }
    return MNL_CB_OK;
}

int plait_route_tx_dropped(struct plait_netlink *route, unsigned index, uint64_t *dropped)
{
    struct plait_request request;
    struct ifinfomsg *link = plait_netlink_request(&request, RTM_GETLINK, 0, sizeof *link);
    link->ifi_index = (int)index;
    *dropped = 0;
    return plait_netlink_ask(route, &request, keep_tx_dropped, dropped);
}

static int count_forwarding(const struct nlmsghdr *message, void *argument)
{
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, message, sizeof(struct netconfmsg))
    {
        if (mnl_attr_get_type(attribute) == NETCONFA_FORWARDING && mnl_attr_get_u32(attribute) != 0)
            ++*(unsigned *)argument;
    }
    return MNL_CB_OK;
}

int plait_route_count_forwarding(struct plait_netlink *route, unsigned *count)
{
    const uint8_t families[] = {AF_INET, AF_INET6};
    *count = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct plait_request request;
        struct netconfmsg *message =
            plait_netlink_request(&request, RTM_GETNETCONF, NLM_F_DUMP, sizeof *message);
        message->ncm_family = families[i];
        int error = plait_netlink_ask(route, &request, count_forwarding, count);
        if (error != 0 && error != EOPNOTSUPP) /* a kernel without IPv6 */
            return error;
    }
    return 0;
}
