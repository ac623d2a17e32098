/* Devices over socket pairs: what goes in at one end comes out at the other, and whatever else
 * comes is refused, counted and skipped. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/device.h"
#include "tests/unit/io/packets.h"

static const struct plait_io_options with_offload = {.offload = true};
static struct sample sample;
static uint8_t room[65536];

static void open_pair(int type, struct plait_io *io[2], bool offload)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, type, 0, pair), 0);
    for (int i = 0; i < 2; i++)
        assert_ok(plait_io_open_frames(&io[i], pair[i], offload ? &with_offload : NULL));
}

/* One end is a device of KIND, the other a descriptor. */
static struct plait_io *open_kind(enum plait_io_kind kind, int *other)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
    struct plait_io *io = plait_io_new(pair[0], kind, &with_offload);
    assert_non_null(io);
    *other = pair[1];
    return io;
}

static uint32_t read_length(struct plait_io *io)
{
    uint32_t length_octets = 1;
    struct plait_offload offload;
    assert_ok(plait_io_read(io, room, sizeof room, &length_octets, &offload));
    return length_octets;
}

/* ---- both ways --------------------------------------------------------------------------------
 */

static void a_super_segment_crosses(void **state)
{
    (void)state;
    static const int types[] = {SOCK_SEQPACKET, SOCK_DGRAM};
    for (int i = 0; i < 2; i++) {
        struct plait_io *io[2];
        uint32_t length_octets;
        struct plait_offload offload;
        open_pair(types[i], io, true);
        assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", 60000));
        assert_true(sample_leave_undone(&sample));
        assert_int_equal(read_length(io[1]), 0); /* nothing yet */
        assert_ok(plait_io_write(io[0], sample.octets, sample.length_octets, &sample.offload));
        struct pollfd ready = {.fd = plait_io_fd(io[1]), .events = POLLIN};
        assert_int_equal(poll(&ready, 1, 0), 1);
        assert_ok(plait_io_read(io[1], room, sizeof room, &length_octets, &offload));
        assert_int_equal(length_octets, sample.length_octets);
        assert_memory_equal(room, sample.octets, length_octets);
        assert_true(sample_is_offload(&offload, &sample.offload));
        assert_int_equal(plait_io_counters(io[0])->packets_out, 1);
        assert_int_equal(plait_io_counters(io[0])->octets_out, sample.length_octets);
        assert_int_equal(plait_io_counters(io[1])->packets_in, 1);
        assert_int_equal(plait_io_counters(io[1])->octets_in, sample.length_octets);
        plait_io_close(io[0]);
        plait_io_close(io[1]);
    }
}

static void offload_must_be_opened(void **state)
{
    (void)state;
    struct plait_io *io[2];
    open_pair(SOCK_SEQPACKET, io, false);
    assert_false(plait_io_takes_offload(io[0]));
    assert_true(sample_make(&sample, "2001:db8::1", "2001:db8::2", 100));
    assert_ok(plait_io_write(io[0], sample.octets, sample.length_octets, NULL));
    assert_true(sample_leave_undone(&sample));
    assert_reason(plait_io_write(io[0], sample.octets, sample.length_octets, &sample.offload),
                  USAGE);
    assert_int_equal(plait_io_counters(io[0])->refused_out.count[PLAIT_REASON_USAGE], 1);
    assert_int_equal(read_length(io[1]), 160);
    plait_io_close(io[0]);
    plait_io_close(io[1]);
}

static void what_is_no_packet_is_not_written(void **state)
{
    (void)state;
    struct plait_io *io[2];
    const struct plait_offload beyond = {
        .needs_checksum = true, .checksum_start = 20, .checksum_offset = 60000};
    open_pair(SOCK_SEQPACKET, io, true);
    assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", 100));
    assert_reason(plait_io_write(io[0], sample.octets, 0, NULL), TRUNCATED);
    assert_reason(plait_io_write(io[0], sample.octets, 19, NULL), TRUNCATED);
    assert_reason(plait_io_write(io[0], sample.octets, 139, NULL), BAD_LENGTH);
    assert_reason(plait_io_write(io[0], sample.octets, 141, NULL), BAD_LENGTH);
    assert_reason(plait_io_write(io[0], "\x50", 1, NULL), BAD_VERSION);
    assert_reason(plait_io_write(io[0], sample.octets, 140, &beyond), BAD_LENGTH);
    assert_int_equal(read_length(io[1]), 0);
    plait_io_close(io[0]);
    plait_io_close(io[1]);
}

/* ---- full and gone ----------------------------------------------------------------------------
 */

static void a_full_socket_would_block(void **state)
{
    (void)state;
    struct plait_io *io[2];
    int count = 0;
    plait_result result;
    open_pair(SOCK_SEQPACKET, io, false);
    assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", 60000));
    while (plait_ok(result = plait_io_write(io[0], sample.octets, sample.length_octets, NULL)))
        count++;
    assert_reason(result, TIMED_OUT);
    assert_true(count > 0);
    struct pollfd ready = {.fd = plait_io_fd(io[0]), .events = POLLOUT};
    assert_int_equal(poll(&ready, 1, 0), 0);
    while (read_length(io[1]) != 0)
        count--;
    assert_int_equal(count, 0); /* nothing was lost */
    assert_int_equal(poll(&ready, 1, 0), 1);
    assert_ok(plait_io_write(io[0], sample.octets, sample.length_octets, NULL));
    plait_io_close(io[0]);
    plait_io_close(io[1]);
}

static void the_other_end_may_go(void **state)
{
    (void)state;
    struct plait_io *io[2];
    uint32_t length_octets;
    struct plait_offload offload;
    assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", 10));
    open_pair(SOCK_SEQPACKET, io, false);
    plait_io_close(io[1]);
    assert_reason(plait_io_write(io[0], sample.octets, sample.length_octets, NULL), NOT_FOUND);
    assert_reason(plait_io_read(io[0], room, sizeof room, &length_octets, &offload), NOT_FOUND);
    plait_io_close(io[0]);
    open_pair(SOCK_DGRAM, io, false);
    plait_io_close(io[1]);
    assert_reason(plait_io_write(io[0], sample.octets, sample.length_octets, NULL), NOT_FOUND);
    plait_io_close(io[0]);
    plait_io_close(NULL);
}

static void only_message_sockets_carry_frames(void **state)
{
    (void)state;
    struct plait_io *io = NULL;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_reason(plait_io_open_frames(&io, pair[0], NULL), USAGE);
    close(pair[0]);
    close(pair[1]);
    int file = open("/dev/null", O_RDWR);
    assert_reason(plait_io_open_frames(&io, file, NULL), USAGE);
    close(file);
    assert_reason(plait_io_open_frames(&io, -1, NULL), USAGE);
    assert_int_equal(errno, EBADF);
    assert_null(io);
}

/* ---- hostile frames ---------------------------------------------------------------------------
 */

static const struct {
    uint8_t start[7]; /* of the packet; the rest is zero */
    uint32_t said_octets, taken_octets;
    enum plait_reason reason;
} packets[] = {
    {{0x45, 0, 0, 40}, 40, 40, PLAIT_REASON_OK},
    {{0x45, 0, 0, 40}, 60, 40, PLAIT_REASON_OK}, /* padding is no part of it */
    {{0x45, 0, 0, 41}, 40, 0, PLAIT_REASON_BAD_LENGTH},
    {{0x45, 0, 0, 0}, 40, 0, PLAIT_REASON_BAD_LENGTH},
    {{0x45, 0, 0, 19}, 40, 0, PLAIT_REASON_BAD_LENGTH},
    {{0x45, 0, 0, 19}, 19, 0, PLAIT_REASON_TRUNCATED},
    {{0x60, 0, 0, 0, 0, 20}, 60, 60, PLAIT_REASON_OK},
    {{0x60, 0, 0, 0, 0, 21}, 60, 0, PLAIT_REASON_BAD_LENGTH},
    {{0x60, 0, 0, 0, 0xff, 0xff}, 60, 0, PLAIT_REASON_BAD_LENGTH},
    {{0x60}, 39, 0, PLAIT_REASON_TRUNCATED},
    {{0x00, 1, 8, 0, 6, 4}, 42, 0, PLAIT_REASON_BAD_VERSION}, /* ARP */
    {{0x45}, 1, 0, PLAIT_REASON_TRUNCATED},
    {{0}, 0, 0, PLAIT_REASON_TRUNCATED},
    {{0x45, 0, 0, 100}, 100, 100, PLAIT_REASON_OK},
    {{0x45, 0, 0, 101}, 101, 0, PLAIT_REASON_NO_ROOM}, /* more than the room */
    {{0x45, 0, 0, 40}, 3000, 0, PLAIT_REASON_NO_ROOM},
};

static void only_ip_packets_that_fit_pass(void **state)
{
    (void)state;
    int other;
    struct plait_io *io = open_kind(PLAIT_IO_DGRAM, &other);
    uint8_t frame[4096], small[101];
    for (unsigned i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        struct plait_offload offload;
        uint32_t length_octets;
        uint64_t before = plait_io_counters(io)->refused_in.count[packets[i].reason];
        memset(frame, 0, sizeof frame);
        memcpy(frame + 10, packets[i].start, sizeof packets[i].start);
        assert_int_equal(write(other, frame, 10 + packets[i].said_octets),
                         10 + packets[i].said_octets);
        small[100] = 0xaa;
        assert_ok(plait_io_read(io, small, 100, &length_octets, &offload));
        assert_int_equal(length_octets, packets[i].taken_octets);
        assert_int_equal(small[100], 0xaa);
        assert_int_equal(plait_io_counters(io)->refused_in.count[packets[i].reason] - before,
                         packets[i].reason != PLAIT_REASON_OK);
    }
    for (uint32_t octets = 0; octets < 10; octets++) /* not even a virtio header */
        assert_int_equal(write(other, frame, octets), octets);
    assert_int_equal(read_length(io), 0);
    plait_io_close(io);
    close(other);
}

/* A flood of refused frames neither holds the caller nor hides what comes behind it. */
static void a_flood_is_taken_in_pieces(void **state)
{
    (void)state;
    struct plait_io *io[2];
    const uint8_t nothing[30] = {0};
    open_pair(SOCK_SEQPACKET, io, false);
    for (int i = 0; i < PLAIT_IO_REFUSED_MAX + 10; i++)
        assert_int_equal(write(plait_io_fd(io[1]), nothing, sizeof nothing), sizeof nothing);
    assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", 0));
    assert_ok(plait_io_write(io[1], sample.octets, sample.length_octets, NULL));
    assert_int_equal(read_length(io[0]), 0);
    assert_int_equal(plait_io_counters(io[0])->refused_in.count[PLAIT_REASON_BAD_VERSION],
                     PLAIT_IO_REFUSED_MAX);
    assert_int_equal(read_length(io[0]), 40);
    plait_io_close(io[0]);
    plait_io_close(io[1]);
}

static void a_contradictory_virtio_header_refuses_its_frame(void **state)
{
    (void)state;
    int other;
    struct plait_io *io = open_kind(PLAIT_IO_DGRAM, &other);
    struct {
        struct virtio_net_hdr virtio;
        uint8_t octets[60];
    } said = {{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 60, .csum_offset = 16},
              {0x45, [3] = 60}};
    assert_int_equal(write(other, &said, 70), 70);
    assert_int_equal(read_length(io), 0);
    assert_int_equal(plait_io_counters(io)->refused_in.count[PLAIT_REASON_BAD_LENGTH], 1);
    plait_io_close(io);
    close(other);
}

/* ---- batches ----------------------------------------------------------------------------------
 */

enum { MANY = PLAIT_IO_BATCH_MAX + 10 };

static uint8_t rooms[MANY][128];
static struct plait_io_packet many[MANY];

static void make_many(void)
{
    for (unsigned i = 0; i < MANY; i++) {
        assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", i));
        memcpy(rooms[i], sample.octets, sample.length_octets);
        many[i] = (struct plait_io_packet){rooms[i], sizeof rooms[i], sample.length_octets, {0}};
    }
}

static void a_batch_crosses_in_order(void **state)
{
    (void)state;
    struct plait_io *io[2];
    unsigned done, lost, all = 0;
    open_pair(SOCK_SEQPACKET, io, false);
    make_many();
    assert_ok(plait_io_write_batch(io[0], many, MANY, &done, &lost));
    assert_int_equal(done, MANY);
    assert_int_equal(lost, 0);
    memset(rooms, 0, sizeof rooms);
    do {
        assert_ok(plait_io_read_batch(io[1], many, MANY, &done));
        for (unsigned i = 0; i < done; i++, all++) {
            assert_int_equal(many[i].length_octets, 40 + all);
            assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", all));
            assert_memory_equal(many[i].octets, sample.octets, sample.length_octets);
        }
    } while (done > 0);
    assert_int_equal(all, MANY);
    assert_int_equal(plait_io_counters(io[0])->packets_out, MANY);
    assert_int_equal(plait_io_counters(io[1])->packets_in, MANY);
    assert_ok(plait_io_read_batch(io[1], many, 0, &done));
    assert_int_equal(done, 0);
    plait_io_close(io[0]);
    assert_reason(plait_io_read_batch(io[1], many, MANY, &done), NOT_FOUND);
    plait_io_close(io[1]);
}

static void a_batch_loses_only_what_is_refused(void **state)
{
    (void)state;
    struct plait_io *io[2];
    const uint8_t nothing[30] = {0};
    unsigned done, lost;
    open_pair(SOCK_SEQPACKET, io, false);
    make_many();
    many[0].octets[0] = 0;                 /* no IP packet */
    many[3].length_octets--;               /* not whole */
    many[4].offload.needs_checksum = true; /* was not opened */
    assert_ok(plait_io_write_batch(io[0], many, 8, &done, &lost));
    assert_int_equal(done, 8);
    assert_int_equal(lost, 3);
    assert_int_equal(write(plait_io_fd(io[0]), nothing, sizeof nothing), sizeof nothing);
    assert_ok(plait_io_write_batch(io[0], many + 8, 1, &done, &lost));
    make_many();
    assert_ok(plait_io_read_batch(io[1], many, MANY, &done));
    static const uint32_t lengths[] = {41, 42, 45, 46, 47, 48};
    assert_int_equal(done, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(many[i].length_octets, lengths[i]);
    assert_int_equal(plait_io_counters(io[1])->refused_in.count[PLAIT_REASON_BAD_VERSION], 1);
    for (unsigned i = 0; i < MANY; i++) /* each buffer is still there, once */
        many[i].octets[0] = (uint8_t)i;
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(many[i].octets[0], i);
    plait_io_close(io[0]);
    plait_io_close(io[1]);
}

static void a_batch_stops_where_it_would_block(void **state)
{
    (void)state;
    struct plait_io *io[2];
    unsigned done, lost, wrote = 0;
    plait_result result;
    open_pair(SOCK_SEQPACKET, io, false);
    make_many();
    do {
        result = plait_io_write_batch(io[0], many, MANY, &done, &lost);
        assert_int_equal(lost, 0);
        wrote += done;
    } while (plait_ok(result));
    assert_reason(result, TIMED_OUT);
    assert_true(done < MANY);
    while (read_length(io[1]) != 0)
        wrote--;
    assert_int_equal(wrote, 0);
    plait_io_close(io[0]);
    plait_io_close(io[1]);
}

/* ---- Ethernet ---------------------------------------------------------------------------------
 */

static const uint8_t own_mac[] = {2, 0, 0, 0, 0, 1}, peer_mac[] = {2, 0, 0, 0, 0, 2};

static void say_ethernet(int other, const uint8_t from[6], uint16_t type, size_t octets)
{
    uint8_t frame[10 + 14 + 60] = {[24] = 0x45, [27] = 40};
    memcpy(frame + 10, own_mac, 6);
    memcpy(frame + 16, from, 6);
    plait_store_u16(frame + 22, type);
    assert_int_equal(write(other, frame, octets), octets);
}

static void ethernet_header_comes_and_goes(void **state)
{
    (void)state;
    int other;
    struct plait_io *io = open_kind(PLAIT_IO_PACKET, &other);
    uint8_t frame[200];
    memcpy(io->ethernet + 6, own_mac, 6);
    assert_true(sample_make(&sample, "198.18.1.1", "198.18.2.1", 0));
    assert_reason(plait_io_write(io, sample.octets, 40, NULL), NOT_FOUND); /* to whom? */
    say_ethernet(other, (const uint8_t[]){3, 0, 0, 0, 0, 9}, 0x0800, 64);  /* a group is no peer */
    assert_int_equal(read_length(io), 40);
    assert_reason(plait_io_write(io, sample.octets, 40, NULL), NOT_FOUND);
    say_ethernet(other, (const uint8_t[]){2, 0, 0, 0, 0, 8}, 0x0806, 64); /* nor who sends no IP */
    say_ethernet(other, (const uint8_t[]){2, 0, 0, 0, 0, 8}, 0x86dd, 64);
    say_ethernet(other, peer_mac, 0x0800, 23);
    assert_int_equal(read_length(io), 0);
    assert_int_equal(plait_io_counters(io)->refused_in.count[PLAIT_REASON_BAD_VERSION], 2);
    assert_int_equal(plait_io_counters(io)->refused_in.count[PLAIT_REASON_TRUNCATED], 1);
    say_ethernet(other, peer_mac, 0x0800, 24 + 60);                       /* padded */
    say_ethernet(other, (const uint8_t[]){2, 0, 0, 0, 0, 9}, 0x0800, 64); /* too late */
    assert_int_equal(read_length(io), 40);
    assert_int_equal(read_length(io), 40);
    assert_ok(plait_io_write(io, sample.octets, 40, NULL));
    assert_int_equal(read(other, frame, sizeof frame), 64);
    assert_memory_equal(frame + 10, peer_mac, 6);
    assert_memory_equal(frame + 16, own_mac, 6);
    assert_memory_equal(frame + 22, "\x08\x00\x45", 3);
    assert_true(sample_make(&sample, "2001:db8::1", "2001:db8::2", 0));
    assert_true(sample_leave_undone(&sample));
    assert_ok(plait_io_write(io, sample.octets, 60, &sample.offload));
    assert_int_equal(read(other, frame, sizeof frame), 84);
    assert_memory_equal(frame + 22, "\x86\xdd\x60", 3);
    struct virtio_net_hdr virtio;
    memcpy(&virtio, frame, sizeof virtio);
    assert_int_equal(virtio.csum_start, 14 + 40);
    plait_io_close(io);
    close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_super_segment_crosses),
        cmocka_unit_test(offload_must_be_opened),
        cmocka_unit_test(what_is_no_packet_is_not_written),
        cmocka_unit_test(a_full_socket_would_block),
        cmocka_unit_test(the_other_end_may_go),
        cmocka_unit_test(only_message_sockets_carry_frames),
        cmocka_unit_test(only_ip_packets_that_fit_pass),
        cmocka_unit_test(a_flood_is_taken_in_pieces),
        cmocka_unit_test(a_contradictory_virtio_header_refuses_its_frame),
        cmocka_unit_test(a_batch_crosses_in_order),
        cmocka_unit_test(a_batch_loses_only_what_is_refused),
        cmocka_unit_test(a_batch_stops_where_it_would_block),
        cmocka_unit_test(ethernet_header_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
