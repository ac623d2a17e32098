/* A device hands the net IP packets and nothing else, whatever its descriptor says. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live/inside.h"

struct fixture {
    struct plait_live_device device;
    struct plait_port port;
    int other; /* the kernel's side */
};

static void open_device(struct fixture *f, bool has_virtio_header, uint8_t ethernet_octets)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    f->device = (struct plait_live_device){.fd = pair[0],
                                           .room_octets = has_virtio_header ? 65535 : 100,
                                           .has_virtio_header = has_virtio_header,
                                           .ethernet_octets = ethernet_octets};
    f->port = plait_device_port(&f->device);
    f->other = pair[1];
}

static void close_device(struct fixture *f)
{
    plait_device_close(&f->device);
    close(f->other);
}

static void say(struct fixture *f, const void *octets, size_t length_octets)
{
    assert_int_equal(write(f->other, octets, length_octets), length_octets);
}

static struct plait_packet *take(struct fixture *f)
{
    return f->port.ops->output(f->port.self, 0);
}

static void only_ip_packets_pass(void **state)
{
    (void)state;
    static const struct {
        uint8_t start[6]; /* of the packet; the rest is zero */
        uint32_t said_octets, taken_octets;
    } cases[] = {
        {{0x45, 0, 0, 40}, 40, 40},
        {{0x45, 0, 0, 40}, 60, 40}, /* padding is no part of it */
        {{0x45, 0, 0, 41}, 40, 0},  /* longer than what came */
        {{0x45, 0, 0, 0}, 40, 0},
        {{0x45, 0, 0, 19}, 19, 0},
        {{0x60, 0, 0, 0, 0, 20}, 60, 60},
        {{0x60, 0, 0, 0, 0, 21}, 60, 0},
        {{0x60, 0, 0, 0, 0, 0}, 39, 0},
        {{0x00, 1, 8, 0, 6, 4}, 42, 0}, /* ARP */
        {{0x45}, 1, 0},
        {{0x45, 0, 0, 100}, 100, 100},
        {{0x45, 0, 0, 101}, 101, 0}, /* more than the MTU */
    };
    struct fixture f;
    uint8_t octets[256];
    open_device(&f, false, 0);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t invalid = f.device.invalid;
        memset(octets, 0, sizeof octets);
        memcpy(octets, cases[i].start, sizeof cases[i].start);
        say(&f, octets, cases[i].said_octets);
        struct plait_packet *packet = take(&f);
        assert_int_equal(packet != NULL ? packet->length_octets : 0, cases[i].taken_octets);
        assert_int_equal(f.device.invalid - invalid, cases[i].taken_octets == 0);
        plait_packet_free(packet);
    }
    assert_null(take(&f));
    close_device(&f);
}

static void ethernet_header_comes_and_goes(void **state)
{
    (void)state;
    struct fixture f;
    uint8_t frame[54] = {[12] = 8, [14] = 0x45, [17] = 40};
    open_device(&f, false, 14);
    memset(f.device.ethernet, 0xee, 12);
    say(&f, frame, 13); /* not even a header */
    say(&f, frame, sizeof frame);
    struct plait_packet *packet = take(&f);
    assert_non_null(packet);
    assert_int_equal(packet->length_octets, 40);
    assert_int_equal(f.device.invalid, 1);
    f.port.ops->input(f.port.self, 0, packet);
    assert_int_equal(read(f.other, frame, sizeof frame), 54);
    assert_memory_equal(frame, "\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\xee\x08\x00\x45", 15);
    const uint8_t ipv6[40] = {0x60};
    f.port.ops->input(f.port.self, 0, plait_packet_of(ipv6, sizeof ipv6));
    assert_int_equal(read(f.other, frame, sizeof frame), 54);
    assert_memory_equal(frame + 12, "\x86\xdd\x60", 3);
    close_device(&f);
}

static void virtio_header_becomes_offload(void **state)
{
    (void)state;
    struct fixture f;
    struct {
        struct virtio_net_hdr virtio;
        uint8_t octets[60];
    } said = {{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
               .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
               .hdr_len = 999, /* a hint, and here a wrong one */
               .gso_size = 7,
               .csum_start = 20,
               .csum_offset = 16},
              {0x45, [3] = 60, [32] = 0x80}};
    open_device(&f, true, 0);
    assert_true(f.port.takes_offload);
    say(&f, &said, 10 + 60);
    struct plait_packet *packet = take(&f);
    assert_non_null(packet);
    assert_true(packet->offload.needs_checksum);
    assert_int_equal(packet->offload.checksum_start, 20);
    assert_int_equal(packet->offload.checksum_offset, 16);
    assert_int_equal(packet->offload.segment_octets, 7);
    assert_int_equal(packet->offload.header_octets, 52);
    f.port.ops->input(f.port.self, 0, packet);
    struct virtio_net_hdr back;
    assert_int_equal(read(f.other, &back, sizeof back), sizeof back);
    said.virtio.hdr_len = 52;
    assert_memory_equal(&back, &said.virtio, sizeof back);
    said.virtio.csum_start = 48; /* a TCP header that the packet does not hold */
    say(&f, &said, 10 + 60);
    packet = take(&f);
    assert_non_null(packet);
    assert_int_equal(packet->offload.segment_octets, 0);
    plait_packet_free(packet);
    close_device(&f);
}

static void refused_packets_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    const uint8_t ipv4[20] = {0x45, [3] = 20};
    open_device(&f, false, 0);
    close(f.other);
    f.port.ops->input(f.port.self, 0, plait_packet_of(ipv4, sizeof ipv4));
    assert_int_equal(f.device.refused, 1);
    f.other = open("/dev/null", O_RDONLY);
    close_device(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_ip_packets_pass),
        cmocka_unit_test(ethernet_header_comes_and_goes),
        cmocka_unit_test(virtio_header_becomes_offload),
        cmocka_unit_test(refused_packets_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
