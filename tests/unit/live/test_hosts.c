/* Hosts that are namespaces of this kernel speak over the lab's net, and say only what they are
 * told to; TUN and veth agree. */
#include "tests/unit/live/world.h"

#include "wire/tcp.h"

static const struct variant tun = {.device = PLAIT_DEVICE_TUN};
static const struct variant veth = {.device = PLAIT_DEVICE_VETH};
static const struct variant tun_offload = {.device = PLAIT_DEVICE_TUN, .offload = true};
static const struct variant veth_offload = {.device = PLAIT_DEVICE_VETH, .offload = true};

static void over_tun(body_fn body, const struct variant *variant)
{
    if (access("/dev/net/tun", R_OK | W_OK) != 0) {
        print_message("/dev/net/tun does not open\n");
        skip();
    }
    must_pass(body, (void *)variant);
}

static void over_veth(body_fn body, const struct variant *variant)
{
    must_pass(body, (void *)variant);
}

/* ---- two subflows carry a stream both ways -----------------------------------------------------
 */

struct dialogue {
    const char *endpoint, *listen, *connect, *second_subflow;
};

static const struct dialogue over_ipv4 = {"198.18.2.1", "listen s mptcp any4 4000 16 cubic",
                                          "connect c mptcp 198.18.1.1 0 198.18.3.1 4000 cubic",
                                          " subflow=198.18.3.1:4000-198.18.2.1:"};
static const struct dialogue over_ipv6 = {
    "2001:db8:2::1", "listen s mptcp any6 4000 16 cubic",
    "connect c mptcp 2001:db8:1::1 0 2001:db8:3::1 4000 cubic",
    " subflow=[2001:db8:3::1]:4000-[2001:db8:2::1]:"};

static int prepare(struct world *w, int report_fd, const struct dialogue *d)
{
    char answer[4096];
    struct plait_addr second = addr_of(d->endpoint);
    MUST_LIVE(w, world_start_agents(w));
    for (int host = 0; host < HOSTS; host++)
        MUST_LIVE(w, plait_live_mptcp_limits(w->hosts[host], 4, 4));
    MUST_LIVE(w, plait_live_mptcp_endpoint_add(w->hosts[CLIENT], &second, 7, PLAIT_ENDPOINT_SUBFLOW,
                                               "path2"));
    MUST(world_ask(w, SERVER, answer, d->listen));
    MUST(strcmp(answer, "port=4000 cc=cubic") == 0);
    MUST(world_ask(w, SERVER, answer, "keys s 1111 2222"));
    MUST(world_ask(w, CLIENT, answer, d->connect));
    MUST(world_ask(w, CLIENT, answer, "keys c 2222 1111"));
    MUST(until_said(w, CLIENT, "connected c "));
    MUST(until_said(w, SERVER, "accepted s.0 "));
    return 0;
}

static int converse(struct world *w, int report_fd, const struct dialogue *d)
{
    char answer[4096];
    MUST(world_ask(w, CLIENT, answer, "send c 3000000"));
    MUST(world_ask(w, SERVER, answer, "send s.0 2000000"));
    MUST(until_answer(w, SERVER, "stat s.0", "received=3000000 foreign=0 "));
    MUST(until_answer(w, CLIENT, "stat c", "received=2000000 foreign=0 "));
    MUST(until_answer(w, CLIENT, "info c", "mptcp=1 subflows=2 "));
    MUST(until_answer(w, SERVER, "info s.0", d->second_subflow));
    MUST(world_ask(w, CLIENT, answer, "shutdown c"));
    MUST(until_said(w, SERVER, "eof s.0"));
    return 0;
}

static int must_be_intact(struct world *w, int report_fd)
{
    struct plait_counters counters;
    MUST_LIVE(w, plait_live_counters(w->hosts[SERVER], &counters));
    MUST(plait_counter_value(&counters, "MPTcpExtMPJoinAckRx") == 1);
    MUST(plait_counter_value(&counters, "TcpInCsumErrors") == 0);
    MUST(plait_counter_value(&counters, "NoSuchCounter") == 0);
    for (int host = 0; host < HOSTS; host++) {
        MUST_LIVE(w, plait_live_check(w->hosts[host]));
        MUST(plait_live_host_invalid(w->hosts[host]) == 0);
        MUST(plait_live_host_refused(w->hosts[host]) == 0);
        MUST(plait_live_host_dropped(w->hosts[host]) == 0);
    }
    return 0;
}

/* The 5,000,000 octets of converse() are more than 3,400 segments, on two links each; fewer frames
 * can only be super-segments.  How many fewer depends on how busy the machine is. */
enum { SEGMENTS = 6800 };

static int must_be_cut_as_asked(struct world *w, int report_fd, const struct variant *variant)
{
    bool is_cut = !variant->offload || !variant->is_unobserved || variant->mtu_octets != 0;
    uint64_t delivered = plait_net_counts(w->net).delivered;
    MUST(is_cut ? delivered > SEGMENTS : delivered < SEGMENTS);
    MUST(plait_net_counts(w->net).not_ip == 0 && plait_net_counts(w->net).lost == 0);
    return 0;
}

static int transfers(const struct dialogue *d, const struct variant *variant, int report_fd)
{
    struct world w;
    MUST_LIVE(&w, world_open(&w, *variant));
    if (prepare(&w, report_fd, d) != 0 || converse(&w, report_fd, d) != 0 ||
        must_be_intact(&w, report_fd) != 0 || must_be_cut_as_asked(&w, report_fd, variant) != 0)
        return 1;
    world_close(&w);
    return 0;
}

static int transfers_over_ipv4(void *argument, int report_fd)
{
    return transfers(&over_ipv4, argument, report_fd);
}

static int transfers_over_ipv6(void *argument, int report_fd)
{
    return transfers(&over_ipv6, argument, report_fd);
}

static void transfer_over_tun(void **state)
{
    (void)state;
    over_tun(transfers_over_ipv4, &tun);
}

static void transfer_over_veth(void **state)
{
    (void)state;
    over_veth(transfers_over_ipv4, &veth);
}

static void ipv6_transfer_over_tun(void **state)
{
    (void)state;
    over_tun(transfers_over_ipv6, &tun);
}

static void ipv6_transfer_over_veth(void **state)
{
    (void)state;
    over_veth(transfers_over_ipv6, &veth);
}

static void offloaded_transfer_over_tun(void **state)
{
    (void)state;
    over_tun(transfers_over_ipv4, &tun_offload);
}

static void offloaded_transfer_over_veth(void **state)
{
    (void)state;
    over_veth(transfers_over_ipv4, &veth_offload);
}

/* Super-segments cross the router whole only where nobody looks and no link is too small. */
static void uncut_transfer(enum plait_device device, body_fn body, uint32_t mtu_octets)
{
    const struct variant variant = {device, true, true, mtu_octets};
    (device == PLAIT_DEVICE_TUN ? over_tun : over_veth)(body, &variant);
}

static void uncut_transfer_over_tun(void **state)
{
    (void)state;
    uncut_transfer(PLAIT_DEVICE_TUN, transfers_over_ipv4, 0);
}

static void uncut_transfer_over_veth(void **state)
{
    (void)state;
    uncut_transfer(PLAIT_DEVICE_VETH, transfers_over_ipv4, 0);
}

static void uncut_ipv6_transfer_over_tun(void **state)
{
    (void)state;
    uncut_transfer(PLAIT_DEVICE_TUN, transfers_over_ipv6, 0);
}

static void uncut_ipv6_transfer_over_veth(void **state)
{
    (void)state;
    uncut_transfer(PLAIT_DEVICE_VETH, transfers_over_ipv6, 0);
}

static void links_cut_what_tun_offloads(void **state)
{
    (void)state;
    uncut_transfer(PLAIT_DEVICE_TUN, transfers_over_ipv6, 1500);
}

static void links_cut_what_veth_offloads(void **state)
{
    (void)state;
    uncut_transfer(PLAIT_DEVICE_VETH, transfers_over_ipv4, 1500);
}

static void transfer_of_an_ordinary_user(void **state)
{
    (void)state;
    must_pass_as_ordinary_user(transfers_over_ipv4, (void *)&veth);
}

/* ---- nothing else crosses
 * ------------------------------------------------------------------------ */

static int is_silent(void *argument, int report_fd)
{
    struct world w;
    MUST_LIVE(&w, world_open(&w, *(struct variant *)argument));
    MUST_LIVE(&w, world_start_agents(&w));
    run_for(&w, 1500 * PLAIT_MS); /* router solicitations, MLD reports and DAD come within 1 s */
    MUST(w.packets == 0);
    for (int host = 0; host < HOSTS; host++)
        MUST(plait_live_host_invalid(w.hosts[host]) == 0);
    world_close(&w);
    return 0;
}

static void hosts_over_tun_are_silent(void **state)
{
    (void)state;
    over_tun(is_silent, &tun);
}

static void hosts_over_veth_are_silent(void **state)
{
    (void)state;
    over_veth(is_silent, &veth);
}

/* ---- sources choose their interface
 * --------------------------------------------------------------- */

struct route_sight {
    struct world *world;
    int path_of_syn;
};

static void note_path(void *self, const struct plait_sight *sight)
{
    struct route_sight *r = self;
    for (int path = 0; path < 2; path++)
        if (sight->fate == PLAIT_ENTERED && sight->link == r->world->links[CLIENT][path] &&
            r->path_of_syn < 0)
            r->path_of_syn = path + 1;
}

static int leaves_by_its_source(void *argument, int report_fd)
{
    static const struct {
        const char *connect;
        int path;
    } cases[] = {
        {"connect a tcp 198.18.1.1 0 198.18.3.1 9 -", 1},
        {"connect b tcp 198.18.2.1 0 198.18.3.1 9 -", 2},
        {"connect c tcp any 0 198.18.4.1 9 -", 1}, /* the main table's default route */
        {"connect d tcp 2001:db8:2::1 0 2001:db8:4::1 9 -", 2},
    };
    struct world w;
    struct route_sight sight = {.world = &w};
    char answer[4096];
    MUST_LIVE(&w, world_open(&w, *(struct variant *)argument));
    MUST_LIVE(&w, world_start_agents(&w));
    plait_net_observe(w.net, note_path, &sight);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char failed[] = {"failed x ECONNREFUSED"};
        failed[7] = (char)('a' + i);
        sight.path_of_syn = -1;
        MUST(world_ask(&w, CLIENT, answer, cases[i].connect));
        MUST(until_said(&w, CLIENT, failed));
        MUST(sight.path_of_syn == cases[i].path);
    }
    world_close(&w);
    return 0;
}

static void source_chooses_the_interface_over_tun(void **state)
{
    (void)state;
    over_tun(leaves_by_its_source, &tun);
}

static void source_chooses_the_interface_over_veth(void **state)
{
    (void)state;
    over_veth(leaves_by_its_source, &veth);
}

/* ---- what the lab writes is judged by the host
 * ----------------------------------------------------- */

static void put_syn(struct world *w, plait_tap tap, bool spoil)
{
    struct plait_segment syn = {.ip = {.src = addr_of("198.18.2.1"),
                                       .dst = addr_of("198.18.3.1"),
                                       .protocol = PLAIT_PROTOCOL_TCP,
                                       .ttl = 64},
                                .src_port = 1234,
                                .dst_port = 9,
                                .flags = PLAIT_SYN,
                                .window = 1000};
    struct plait_packet *packet = plait_packet_new(1500);
    size_t length = 0;
    if (!plait_ok(plait_segment_build(&syn, packet->octets, 1500, &length)))
        abort();
    packet->length_octets = (uint32_t)length;
    if (spoil)
        packet->octets[length - 4] ^= 1; /* the checksum */
    plait_net_inject(w->net, tap, PLAIT_B_TO_A, packet);
}

static int verifies_checksums(void *argument, int report_fd)
{
    struct world w;
    struct plait_counters counters;
    MUST_LIVE(&w, world_open(&w, *(struct variant *)argument));
    MUST_LIVE(&w, world_start_agents(&w));
    const struct plait_tap_config config = {.link = w.links[SERVER][0],
                                            .ways = PLAIT_BOTH_WAYS,
                                            .rights = PLAIT_MAY_INJECT | PLAIT_MAY_SPOOF,
                                            .until_ns = PLAIT_NEVER};
    plait_tap tap = plait_net_add_tap(w.net, &config);
    put_syn(&w, tap, true);
    put_syn(&w, tap, false);
    for (int i = 0; i < 40 && w.packets < 4; i++) /* a busy machine answers late */
        run_for(&w, 50 * PLAIT_MS);
    run_for(&w, 100 * PLAIT_MS);
    MUST(w.packets == 4); /* two SYNs; one RST on two links: nothing comes back as an echo */
    MUST_LIVE(&w, plait_live_counters(w.hosts[SERVER], &counters));
    MUST(plait_counter_value(&counters, "TcpInCsumErrors") == 1);
    MUST(plait_counter_value(&counters, "TcpOutRsts") == 1);
    world_close(&w);
    return 0;
}

static void host_over_tun_verifies_checksums(void **state)
{
    (void)state;
    over_tun(verifies_checksums, &tun);
}

static void host_over_veth_verifies_checksums(void **state)
{
    (void)state;
    over_veth(verifies_checksums, &veth);
}

/* ---- an interface that is down
 * -------------------------------------------------------------------- */

static int goes_down_and_up(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    MUST_LIVE(&w, world_open(&w, *(struct variant *)argument));
    if (prepare(&w, report_fd, &over_ipv4) != 0)
        return 1;
    MUST(world_ask(&w, SERVER, answer, "rate s.0 1000 1000"));
    MUST(until_answer(&w, CLIENT, "info c", "subflows=2 "));
    MUST_LIVE(&w, plait_live_set_interface_up(w.hosts[CLIENT], "path1", false));
    run_for(&w, 100 * PLAIT_MS);
    MUST(world_ask(&w, SERVER, answer, "rate s.0 0 0"));
    MUST_LIVE(&w, plait_live_set_interface_up(w.hosts[CLIENT], "path1", true));
    MUST_LIVE(&w, plait_live_check(w.hosts[CLIENT]));
    MUST(world_ask(&w, CLIENT, answer, "connect d tcp 198.18.1.1 0 198.18.3.1 4000 -"));
    MUST(until_said(&w, CLIENT, "connected d "));
    MUST(world_ask(&w, CLIENT, answer, "connect e tcp 2001:db8:1::1 0 2001:db8:3::1 9 -"));
    MUST(until_said(&w, CLIENT, "failed e ECONNREFUSED"));
    MUST(!plait_ok(plait_live_set_interface_up(w.hosts[CLIENT], "path3", true)));
    MUST(strstr(plait_live_error(w.live), "path3") != NULL);
    world_close(&w);
    return 0;
}

static void interface_over_tun_goes_down_and_up(void **state)
{
    (void)state;
    over_tun(goes_down_and_up, &tun);
}

static void interface_over_veth_goes_down_and_up(void **state)
{
    (void)state;
    over_veth(goes_down_and_up, &veth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transfer_over_tun),
        cmocka_unit_test(transfer_over_veth),
        cmocka_unit_test(ipv6_transfer_over_tun),
        cmocka_unit_test(ipv6_transfer_over_veth),
        cmocka_unit_test(offloaded_transfer_over_tun),
        cmocka_unit_test(offloaded_transfer_over_veth),
        cmocka_unit_test(uncut_transfer_over_tun),
        cmocka_unit_test(uncut_transfer_over_veth),
        cmocka_unit_test(uncut_ipv6_transfer_over_tun),
        cmocka_unit_test(uncut_ipv6_transfer_over_veth),
        cmocka_unit_test(links_cut_what_tun_offloads),
        cmocka_unit_test(links_cut_what_veth_offloads),
        cmocka_unit_test(transfer_of_an_ordinary_user),
        cmocka_unit_test(hosts_over_tun_are_silent),
        cmocka_unit_test(hosts_over_veth_are_silent),
        cmocka_unit_test(source_chooses_the_interface_over_tun),
        cmocka_unit_test(source_chooses_the_interface_over_veth),
        cmocka_unit_test(host_over_tun_verifies_checksums),
        cmocka_unit_test(host_over_veth_verifies_checksums),
        cmocka_unit_test(interface_over_tun_goes_down_and_up),
        cmocka_unit_test(interface_over_veth_goes_down_and_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
