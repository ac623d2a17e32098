/* bench-capture: packets a second framed, and framed and unwrapped to the innermost IP packet.
 *
 * Each number is the best of several rounds, so that a busy machine disturbs little.  The peer is
 * capinfos counting the packets of the same octets (Wireshark's framing), less its start; without
 * it the ratio is 0.  May touch: standard output, the monotonic clock, memory files. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/octets.h"
#include "base/panic.h"
#include "bench/table.h"
#include "capture/unwrap.h"

enum { ROUNDS = 5, TICK_US = 10, PCAP_HEAD_OCTETS = 24, ARENA_OCTETS = 8 << 20 };

static uint8_t arena_room[ARENA_OCTETS] __attribute__((aligned(16)));
static uint64_t sink;

/* ---- captures ---- */

struct form {
    const char *name;
    const char *head; /* of each frame; zeros behind it */
    uint8_t head_octets;
    bool is_pcapng;
    uint32_t frame_octets, packets;
};

#define ETHERNET              "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0"
#define IPV4(total, protocol) "\x45\0" total "\0\1\0\0\x40" protocol "\0\0\xc6\x12\1\1\xc6\x12\2\1"
#define VXLAN                 "\xc3\x50\x12\xb5\0\0\0\0\x08\0\0\0\0\0\7\0"

static const struct form forms[] = {
    {"pcap, 66 octets", ETHERNET IPV4("\0\x34", "\6"), 34, false, 66, 1000000},
    {"pcapng, 66 octets", ETHERNET IPV4("\0\x34", "\6"), 34, true, 66, 1000000},
    {"pcap, 1,514 octets", ETHERNET IPV4("\5\xdc", "\6"), 34, false, 1514, 100000},
    {"pcap, 116 octets, VXLAN", ETHERNET IPV4("\0\x66", "\x11") VXLAN ETHERNET IPV4("\0\x34", "\6"),
     84, false, 116, 600000},
};

static size_t record_octets(const struct form *form)
{
    uint32_t padded = (form->frame_octets + 3) & ~3u;
    return form->is_pcapng ? 32 + padded : 16 + form->frame_octets;
}

/* In network byte order. */
static void write_record(const struct form *form, uint64_t at_us, uint8_t *to)
{
    uint8_t *frame = to + (form->is_pcapng ? 28 : 16);
    if (form->is_pcapng) {
        plait_store_u32(to, 6);
        plait_store_u32(to + 4, (uint32_t)record_octets(form));
        plait_store_u64(to + 12, at_us);
        plait_store_u32(to + record_octets(form) - 4, (uint32_t)record_octets(form));
    } else {
        plait_store_u32(to, (uint32_t)(at_us / 1000000));
        plait_store_u32(to + 4, (uint32_t)(at_us % 1000000));
    }
    plait_store_u32(frame - 8, form->frame_octets);
    plait_store_u32(frame - 4, form->frame_octets);
    memcpy(frame, form->head, form->head_octets);
}

struct content {
    int descriptor;
    uint8_t *octets;
    size_t length;
};

static struct content write_content(const struct form *form, uint32_t packets)
{
    static const uint8_t pcap[PCAP_HEAD_OCTETS] = {0xa1, 0xb2, 0xc3,        0xd4,        0,       2,
                                                   0,    4,    [18] = 0xff, [19] = 0xff, [23] = 1};
    static const uint8_t pcapng[] = {
        0x0a, 0x0d, 0x0d, 0x0a, 0,    0,    0,    28,   0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,    0,    0,    28,   0, 0, 0, 1,
        0,    0,    0,    20,   0,    1,    0,    0,    0,    0,    0,    0,    0, 0, 0, 20};
    size_t head = form->is_pcapng ? sizeof pcapng : sizeof pcap;
    struct content c = {.descriptor = memfd_create("capture", 0)};
    c.length = head + packets * record_octets(form);
    PLAIT_CHECK(c.descriptor >= 0 && ftruncate(c.descriptor, (off_t)c.length) == 0);
    c.octets = mmap(NULL, c.length, PROT_READ | PROT_WRITE, MAP_SHARED, c.descriptor, 0);
    PLAIT_CHECK(c.octets != MAP_FAILED);
    memcpy(c.octets, form->is_pcapng ? pcapng : pcap, head);
    for (uint32_t i = 0; i < packets; i++)
        write_record(form, (uint64_t)i * TICK_US, c.octets + head + i * record_octets(form));
    return c;
}

static void close_content(struct content *c)
{
    munmap(c->octets, c->length);
    close(c->descriptor);
}

/* ---- reading ---- */

enum way { FRAMED, FRAMED_FROM_FILE, UNWRAPPED, UNWRAPPED_FROM_FILE };

static struct plait_file *open_file(const struct content *c, enum way way,
                                    struct plait_descriptor_source *d,
                                    struct plait_capture_counts *counts)
{
    if (way == FRAMED || way == UNWRAPPED)
        return plait_file_memory(c->octets, c->length, counts);
    lseek(c->descriptor, 0, SEEK_SET);
    return plait_file_new(plait_source_descriptor(d, c->descriptor, false, counts),
                          PLAIT_FILE_BUFFER_OCTETS, counts);
}

static uint32_t read_all(const struct content *c, enum way way)
{
    struct plait_capture_counts counts = {0};
    struct plait_descriptor_source d;
    struct plait_arena arena = plait_arena(arena_room, sizeof arena_room);
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_unwrap *u = plait_unwrap_new(&arena, &plait_fragment_limits, &key, &counts);
    struct plait_file *file = open_file(c, way, &d, &counts);
    struct plait_frame frame;
    struct plait_unwrapped out;
    uint32_t packets = 0;
    PLAIT_CHECK(u && file);
    while (plait_file_next(file, &frame) == PLAIT_NEXT_FRAME) {
        sink += (uint64_t)frame.at_ns + frame.length_octets;
        if (way >= UNWRAPPED) {
            PLAIT_CHECK(plait_unwrap(u, &frame, &out));
            sink += out.packet.ip[9];
        }
        packets++;
    }
    plait_file_free(file);
    return packets;
}

/* Million packets a second. */
static double rate(const struct content *c, enum way way, uint32_t packets)
{
    plait_time_ns best = PLAIT_NEVER;
    for (int round = 0; round < ROUNDS; round++) {
        plait_time_ns start = bench_now_ns();
        PLAIT_CHECK(read_all(c, way) == packets);
        best = plait_earlier(best, bench_now_ns() - start);
    }
    return packets * 1e3 / (double)best;
}

/* ---- the peer ---- */

static plait_time_ns capinfos_ns(const struct content *c)
{
    char command[96];
    plait_time_ns best = PLAIT_NEVER;
    snprintf(command, sizeof command, "capinfos -c /proc/%d/fd/%d >/dev/null 2>&1", (int)getpid(),
             c->descriptor);
    for (int round = 0; round < 3; round++) {
        plait_time_ns start = bench_now_ns();
        if (system(command) != 0)
            return 0;
        best = plait_earlier(best, bench_now_ns() - start);
    }
    return best;
}

/* Million packets a second, or 0. */
static double peer_rate(const struct form *form, const struct content *c)
{
    struct content one = write_content(form, 1);
    plait_time_ns start_ns = capinfos_ns(&one), all_ns = capinfos_ns(c);
    close_content(&one);
    return start_ns && all_ns > start_ns ? form->packets * 1e3 / (double)(all_ns - start_ns) : 0;
}

int main(void)
{
    static const char *const columns[] = {"framed", "from a file", "and unwrapped", "from a file",
                                          NULL};
    bench_head("capture: M packets/s, x capinfos", columns);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct content c = write_content(&forms[i], forms[i].packets);
        double peer = peer_rate(&forms[i], &c);
        bench_name(forms[i].name);
        for (enum way way = FRAMED; way <= UNWRAPPED_FROM_FILE; way++) {
            double ours = rate(&c, way, forms[i].packets);
            bench_cell(ours, peer > 0 ? ours / peer : 0);
        }
        bench_end();
        close_content(&c);
    }
    return 0;
}
