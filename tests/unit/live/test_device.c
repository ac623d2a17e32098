/* A device hands the net IP packets and nothing else, whatever its descriptor says. */
#include "tests/unit/test.h"

#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live/inside.h"

struct fixture {
    struct plait_live_device device;
    struct plait_port port;
    int other; /* the kernel's side */
};

struct frame {
    struct virtio_net_hdr virtio;
    uint8_t octets[200];
};

static void open_device(struct fixture *f, bool offload)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
    f->device = (struct plait_live_device){.room_octets = offload ? 65535 : 100};
    assert_ok(plait_io_open_frames(&f->device.io, pair[0],
                                   &(struct plait_io_options){.offload = offload}));
    f->port = plait_device_port(&f->device);
    f->other = pair[1];
}

static void close_device(struct fixture *f)
{
    plait_device_close(&f->device);
    if (f->other >= 0)
        close(f->other);
}

/* A frame whose packet has PACKET_OCTETS. */
static void say(struct fixture *f, const struct frame *frame, size_t packet_octets)
{
    size_t length = offsetof(struct frame, octets) + packet_octets;
    assert_int_equal(write(f->other, frame, length), length);
}

static struct plait_packet *take(struct fixture *f)
{
    return f->port.ops->output(f->port.self, 0);
}

static void only_ip_packets_of_the_mtu_pass(void **state)
{
    (void)state;
    static const struct {
        uint8_t start[6]; /* of the packet; the rest is zero */
        uint32_t said_octets, taken_octets;
    } cases[] = {
        {{0x45, 0, 0, 40}, 40, 40},       {{0x45, 0, 0, 40}, 60, 40}, /* padding is no part of it */
        {{0x45, 0, 0, 41}, 40, 0},                                    /* longer than what came */
        {{0x60, 0, 0, 0, 0, 20}, 60, 60}, {{0x00, 1, 8, 0, 6, 4}, 42, 0}, /* ARP */
        {{0x45, 0, 0, 100}, 100, 100},    {{0x45, 0, 0, 101}, 101, 0},    /* more than the MTU */
    };
    struct fixture f;
    open_device(&f, false);
    assert_false(f.port.takes_offload);
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t invalid = plait_device_invalid(&f.device);
        struct frame frame = {0};
        memcpy(frame.octets, cases[i].start, sizeof cases[i].start);
        say(&f, &frame, cases[i].said_octets);
        struct plait_packet *packet = take(&f);
        assert_int_equal(packet != NULL ? packet->length_octets : 0, cases[i].taken_octets);
        assert_int_equal(plait_device_invalid(&f.device) - invalid, cases[i].taken_octets == 0);
        plait_packet_free(packet);
    }
    assert_null(take(&f));
    close_device(&f);
}

static void an_offload_record_crosses_both_ways(void **state)
{
    (void)state;
    struct fixture f;
    struct frame back, said = {{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                .hdr_len = 52,
                                .gso_size = 7,
                                .csum_start = 20,
                                .csum_offset = 16},
                               {0x45, [3] = 60, [32] = 0x80}};
    open_device(&f, true);
    assert_true(f.port.takes_offload);
    say(&f, &said, 60);
    struct plait_packet *packet = take(&f);
    assert_non_null(packet);
    assert_int_equal(packet->offload.segment_octets, 7);
    assert_int_equal(packet->offload.header_octets, 52);
    f.port.ops->input(f.port.self, 0, packet);
    assert_int_equal(read(f.other, &back, sizeof back), sizeof back.virtio + 60);
    assert_memory_equal(&back, &said, sizeof back.virtio + 60);
    said.virtio.csum_start = 48; /* a TCP header that the packet does not hold */
    say(&f, &said, 60);
    assert_null(take(&f));
    assert_int_equal(plait_device_invalid(&f.device), 1);
    close_device(&f);
}

static void refused_packets_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    const uint8_t ipv4[20] = {0x45, [3] = 20};
    open_device(&f, false);
    close(f.other);
    f.other = -1;
    f.port.ops->input(f.port.self, 0, plait_packet_of(ipv4, sizeof ipv4));
    assert_int_equal(plait_device_refused(&f.device), 1);
    close_device(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_ip_packets_of_the_mtu_pass),
        cmocka_unit_test(an_offload_record_crosses_both_ways),
        cmocka_unit_test(refused_packets_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
