/* TUN and packet sockets against the kernel, in namespaces of the test's own: a super-segment of
 * 60 kB goes to the kernel and comes back whole, and cut where nobody takes it whole. */
#include "tests/unit/live/body.h"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "live/inside.h"
#include "plait/io.h"
#include "tests/unit/io/packets.h"

enum { PAYLOAD_OCTETS = 60000, PATIENCE_MS = 2000 };

struct variant {
    const char *near, *src, *far, *dst; /* the kernel's address and ours, here and there */
    unsigned prefix_bits;
    bool far_offload;
};

static const struct variant ipv4_whole = {"198.18.1.1", "198.18.1.2", "198.18.2.1",
                                          "198.18.2.2", 24,           true};
static const struct variant ipv4_cut = {"198.18.1.1", "198.18.1.2", "198.18.2.1",
                                        "198.18.2.2", 24,           false};
static const struct variant ipv6_whole = {
    "2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1", "2001:db8:2::2", 64, true};
static const struct variant ipv6_cut = {
    "2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1", "2001:db8:2::2", 64, false};

static struct sample sent, got;

/* ---- what the bodies share ------------------------------------------------------------------- */

/* The next TCP packet, which may stand behind what a kernel says by itself; false after 2 s. */
static bool next_tcp(struct plait_io *io, struct plait_segment *s)
{
    struct pollfd ready = {.fd = plait_io_fd(io), .events = POLLIN};
    while (poll(&ready, 1, PATIENCE_MS) > 0) {
        if (!plait_ok(
                plait_io_read(io, got.octets, sizeof got.octets, &got.length_octets, &got.offload)))
            return false;
        if (got.length_octets != 0 &&
            plait_ok(got.offload.needs_checksum
                         ? plait_segment_parse_unsummed(got.octets, got.length_octets, s)
                         : plait_segment_parse(got.octets, got.length_octets, s)))
            return true;
    }
    return false;
}

static int furnish(struct plait_netlink *route, const char *name, const char *addr_text,
                   unsigned prefix_bits)
{
    struct plait_addr addr;
    unsigned index;
    int error = plait_route_link_index(route, name, &index);
    if (error == 0)
        error = plait_route_set_up(route, index, true);
    if (error == 0 && addr_text != NULL && !plait_ok(plait_addr_parse(addr_text, &addr)))
        error = EINVAL;
    if (error == 0 && addr_text != NULL)
        error = plait_route_addr(route, index, &addr, prefix_bits, false);
    return error;
}

static bool write_settings(const char *const names[], const char *value)
{
    int settings[PLAIT_SYSCTL_DIRECTORIES];
    int error = 0;
    plait_settings_open(settings);
    for (; error == 0 && *names != NULL; names++)
        error = plait_settings_write(settings, *names, value);
    plait_settings_close(settings);
    return error == 0;
}

static int remove_link(struct plait_netlink *route, unsigned index)
{
    struct plait_request request;
    struct ifinfomsg *link = plait_netlink_request(&request, RTM_DELLINK, NLM_F_ACK, sizeof *link);
    link->ifi_index = (int)index;
    return plait_netlink_ask(route, &request, NULL, NULL);
}

static int queue_of(const char *name)
{
    struct ifreq request = {0};
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int length = ioctl(fd, SIOCGIFTXQLEN, &request) == 0 ? request.ifr_qlen : -1;
    close(fd);
    return length;
}

/* ---- TUN --------------------------------------------------------------------------------------
 */

static int cross_whole(struct plait_io *far, int report_fd)
{
    struct plait_segment s;
    MUST(next_tcp(far, &s));
    MUST(got.length_octets == sent.length_octets);
    MUST(s.payload_octets == PAYLOAD_OCTETS && sample_is_payload(&s, 0));
    MUST(sample_is_offload(&got.offload, &sent.offload));
    MUST(s.ip.ttl == 63); /* it was the kernel that sent it on */
    return 0;
}

static int cross_cut(struct plait_io *far, int report_fd)
{
    struct plait_segment s;
    size_t at = 0;
    while (at < PAYLOAD_OCTETS) {
        MUST(next_tcp(far, &s));
        MUST(got.offload.segment_octets == 0 && !got.offload.needs_checksum);
        MUST(s.payload_octets <= SEGMENT_OCTETS && s.seq == (uint32_t)(4000000000u + at));
        MUST(sample_is_payload(&s, at));
        at += s.payload_octets;
    }
    MUST(at == PAYLOAD_OCTETS);
    return 0;
}

static int over_tun(void *argument, int report_fd)
{
    const struct variant *v = argument;
    static const char *const forwarding[] = {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding",
                                             NULL};
    struct plait_io *near, *far;
    struct plait_netlink route;
    char near_name[PLAIT_IO_NAME_OCTETS] = "near", far_name[PLAIT_IO_NAME_OCTETS] = "far%d";
    MUST_OK(plait_io_open_tun(&near, near_name, &(struct plait_io_options){.offload = true}));
    MUST_OK(plait_io_open_tun(
        &far, far_name,
        &(struct plait_io_options){.offload = v->far_offload, .queue_packets = 777}));
    MUST(strcmp(near_name, "near") == 0 && strcmp(far_name, "far0") == 0);
    MUST(queue_of(near_name) == 10000 && queue_of(far_name) == 777);
    MUST(plait_netlink_open(&route, NETLINK_ROUTE) == 0);
    MUST(furnish(&route, near_name, v->near, v->prefix_bits) == 0);
    MUST(furnish(&route, far_name, v->far, v->prefix_bits) == 0);
    MUST(write_settings(forwarding, "1"));
    MUST(sample_make(&sent, v->src, v->dst, PAYLOAD_OCTETS) && sample_leave_undone(&sent));
    MUST_OK(plait_io_write(near, sent.octets, sent.length_octets, &sent.offload));
    int status = v->far_offload ? cross_whole(far, report_fd) : cross_cut(far, report_fd);
    plait_netlink_close(&route);
    plait_io_close(near);
    plait_io_close(far);
    return status;
}

static int tun_says_no(void *argument, int report_fd)
{
    (void)argument;
    struct plait_io *io = NULL, *other = NULL;
    char name[PLAIT_IO_NAME_OCTETS] = "one", none[PLAIT_IO_NAME_OCTETS] = "";
    char loopback[PLAIT_IO_NAME_OCTETS] = "lo", whole[PLAIT_IO_NAME_OCTETS];
    uint32_t length_octets;
    struct plait_offload offload;
    memset(whole, 'x', sizeof whole);
    MUST(plait_io_open_tun(&io, whole, NULL).reason == PLAIT_REASON_BAD_VALUE && errno == EINVAL);
    MUST(!plait_ok(plait_io_open_tun(&io, loopback, NULL)) && errno == EINVAL && io == NULL);
    MUST_OK(plait_io_open_tun(&io, name, NULL));
    MUST(!plait_ok(plait_io_open_tun(&other, name, NULL)) && errno == EBUSY && other == NULL);
    MUST_OK(plait_io_open_tun(&other, none, NULL));
    MUST(none[0] != '\0');
    MUST(sample_make(&sent, "198.18.1.1", "198.18.1.2", 10));
    MUST(plait_io_write(io, sent.octets, sent.length_octets, NULL).reason == PLAIT_REASON_SYSTEM);
    MUST(errno == EIO); /* down */
    MUST_OK(plait_io_read(io, got.octets, 100, &length_octets, &offload));
    MUST(length_octets == 0);
    plait_io_close(io);
    plait_io_close(other);
    return 0;
}

static int tun_goes_away(void *argument, int report_fd)
{
    (void)argument;
    struct plait_io *io;
    struct plait_netlink route;
    char name[PLAIT_IO_NAME_OCTETS] = "one";
    uint32_t length_octets;
    struct plait_offload offload;
    unsigned index;
    MUST_OK(plait_io_open_tun(&io, name, NULL));
    MUST(plait_netlink_open(&route, NETLINK_ROUTE) == 0);
    MUST(plait_route_link_index(&route, name, &index) == 0);
    MUST(remove_link(&route, index) == 0);
    MUST(plait_io_read(io, got.octets, 100, &length_octets, &offload).reason ==
         PLAIT_REASON_NOT_FOUND);
    plait_netlink_close(&route);
    plait_io_close(io);
    return 0;
}

/* ---- packet sockets ---------------------------------------------------------------------------
 */

static const uint8_t macs[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static int make_veth(struct plait_netlink *route, int report_fd)
{
    static const char *const no_ipv6[] = {"net/ipv6/conf/all/disable_ipv6",
                                          "net/ipv6/conf/default/disable_ipv6", NULL};
    int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    struct plait_veth veth = {.name = "a", .peer_name = "b", .peer_namespace_fd = here};
    memcpy(veth.mac, macs[0], 6);
    memcpy(veth.peer_mac, macs[1], 6);
    MUST(write_settings(no_ipv6, "1")); /* so that nobody else speaks */
    MUST(plait_netlink_open(route, NETLINK_ROUTE) == 0);
    MUST(plait_route_add_veth(route, &veth) == 0);
    MUST(furnish(route, "a", NULL, 0) == 0 && furnish(route, "b", NULL, 0) == 0);
    close(here);
    return 0;
}

/* A veth that was just set up has no queue until the kernel has noticed its carrier, and swallows
 * packets without a word. */
static bool await_link(struct plait_io *from, struct plait_io *to)
{
    struct pollfd ready = {.fd = plait_io_fd(to), .events = POLLIN};
    for (int i = 0; i < PATIENCE_MS / 10; i++) {
        if (!plait_ok(plait_io_write(from, sent.octets, sent.length_octets, &sent.offload)))
            return false;
        if (poll(&ready, 1, 10) > 0)
            return true;
    }
    return false;
}

static int over_packet_sockets(void *argument, int report_fd)
{
    (void)argument;
    const struct plait_io_options offload = {.offload = true};
    struct plait_netlink route;
    struct plait_io *a, *b, *other;
    struct plait_segment s;
    int status = make_veth(&route, report_fd);
    if (status != 0)
        return status;
    MUST_OK(plait_io_open_packet(&a, "a", macs[1], &offload));
    MUST_OK(plait_io_open_packet(&b, "b", NULL, &offload)); /* learns */
    MUST(sample_make(&sent, "198.18.1.1", "198.18.1.2", PAYLOAD_OCTETS));
    MUST(sample_leave_undone(&sent));
    MUST(plait_io_write(b, sent.octets, sent.length_octets, &sent.offload).reason ==
         PLAIT_REASON_NOT_FOUND);
    struct plait_io *ways[2][2] = {{a, b}, {b, a}};
    MUST(await_link(a, b));
    do
        MUST_OK(plait_io_read(b, got.octets, sizeof got.octets, &got.length_octets, &got.offload));
    while (got.length_octets != 0);
    for (int way = 0; way < 2; way++) {
        MUST_OK(plait_io_write(ways[way][0], sent.octets, sent.length_octets, &sent.offload));
        MUST(next_tcp(ways[way][1], &s));
        MUST(got.length_octets == sent.length_octets);
        MUST(memcmp(got.octets, sent.octets, sent.length_octets) == 0);
        MUST(sample_is_offload(&got.offload, &sent.offload));
        MUST_OK(plait_io_read(ways[way][0], got.octets, sizeof got.octets, &got.length_octets,
                              &got.offload));
        MUST(got.length_octets == 0);
    }
    MUST_OK(plait_io_open_packet(&other, "a", macs[1], &offload));
    MUST_OK(plait_io_write(other, sent.octets, sent.length_octets, &sent.offload));
    MUST(next_tcp(b, &s));
    MUST_OK(plait_io_read(a, got.octets, sizeof got.octets, &got.length_octets, &got.offload));
    MUST(got.length_octets == 0); /* what others send out there does not come in */
    plait_io_close(other);
    MUST(plait_io_counters(a)->kernel_dropped == 0);
    plait_io_close(a);
    plait_io_close(b);
    plait_netlink_close(&route);
    return 0;
}

static int packet_says_no(void *argument, int report_fd)
{
    (void)argument;
    struct plait_netlink route;
    struct plait_io *io = NULL;
    unsigned index;
    int status = make_veth(&route, report_fd);
    if (status != 0)
        return status;
    MUST(plait_io_open_packet(&io, "none", NULL, NULL).reason == PLAIT_REASON_NOT_FOUND);
    MUST(plait_io_open_packet(&io, "lo", NULL, NULL).reason == PLAIT_REASON_UNSUPPORTED);
    MUST(plait_io_open_packet(&io, "0123456789abcdef", NULL, NULL).reason ==
         PLAIT_REASON_BAD_VALUE);
    MUST(io == NULL);
    MUST_OK(plait_io_open_packet(&io, "b", macs[0], NULL));
    MUST(sample_make(&sent, "198.18.1.1", "198.18.1.2", 8000)); /* more than the MTU */
    MUST(plait_io_write(io, sent.octets, sent.length_octets, NULL).reason ==
         PLAIT_REASON_BAD_LENGTH);
    MUST(plait_route_link_index(&route, "b", &index) == 0);
    MUST(plait_route_set_up(&route, index, false) == 0);
    MUST(sample_make(&sent, "198.18.1.1", "198.18.1.2", 80));
    MUST(plait_io_write(io, sent.octets, sent.length_octets, NULL).reason == PLAIT_REASON_SYSTEM);
    MUST_OK(plait_io_read(io, got.octets, 100, &got.length_octets, &got.offload)); /* may come up */
    MUST(got.length_octets == 0);
    MUST(plait_route_set_up(&route, index, true) == 0);
    MUST_OK(plait_io_write(io, sent.octets, sent.length_octets, NULL));
    MUST(remove_link(&route, index) == 0);
    MUST(plait_io_read(io, got.octets, 100, &got.length_octets, &got.offload).reason ==
         PLAIT_REASON_NOT_FOUND);
    plait_io_close(io);
    plait_netlink_close(&route);
    return 0;
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void pass_with_tun(body_fn body, const void *argument)
{
    if (access("/dev/net/tun", R_OK | W_OK) != 0) {
        print_message("/dev/net/tun does not open\n");
        skip();
    }
    must_pass(body, (void *)argument);
}

static void a_super_segment_passes_tun_whole(void **state)
{
    (void)state;
    pass_with_tun(over_tun, &ipv4_whole);
    pass_with_tun(over_tun, &ipv6_whole);
}

static void a_super_segment_is_cut_where_not_asked_for(void **state)
{
    (void)state;
    pass_with_tun(over_tun, &ipv4_cut);
    pass_with_tun(over_tun, &ipv6_cut);
}

static void tun_refuses(void **state)
{
    (void)state;
    pass_with_tun(tun_says_no, NULL);
}

static void a_tun_that_is_removed_is_gone(void **state)
{
    (void)state;
    pass_with_tun(tun_goes_away, NULL);
}

static void a_super_segment_passes_packet_sockets(void **state)
{
    (void)state;
    must_pass(over_packet_sockets, NULL);
}

static void packet_socket_refuses(void **state)
{
    (void)state;
    must_pass(packet_says_no, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_super_segment_passes_tun_whole),
        cmocka_unit_test(a_super_segment_is_cut_where_not_asked_for),
        cmocka_unit_test(tun_refuses),
        cmocka_unit_test(a_tun_that_is_removed_is_gone),
        cmocka_unit_test(a_super_segment_passes_packet_sockets),
        cmocka_unit_test(packet_socket_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
