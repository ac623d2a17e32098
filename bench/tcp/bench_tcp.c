/* bench/tcp/bench_tcp.c: a stream through two stacks in one process: Gbit/s with super-segments,
 * segments/s at 1460 octets.
 *
 * Beside each: what copying the same octets as often as TCP must (into the send queue, into the
 * packet, into the receive queue, out of it) takes in the same run.  The wire is a loop that hands
 * each packet over at once.  Times are of the processor.
 * May touch: standard output, clocks. */
#include <string.h>

#include "base/panic.h"
#include "bench/table.h"
#include "tcp/inside.h"

enum { ROUNDS = 5, CHUNK = 1 << 16, MEMORY = 64 << 20, PIECE = 1 << 16 };

struct load {
    const char *name;
    uint64_t octets;
    uint32_t super_octets; /* 0: single segments, with checksums */
    uint16_t mtu_octets;
};

struct end {
    void *memory;
    struct plait_arena arena;
    struct plait_stack stack;
    struct plait_flow *flow;
    uint64_t packets;
};

/* Of this process: others on the machine do not count. */
static plait_time_ns processor_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

static struct plait_flow_key key_of(int i)
{
    struct plait_flow_key key = {.src = {{.octets = {198, 18, 0, 1}, .family = PLAIT_IPV4}, 4000},
                                 .dst = {{.octets = {198, 18, 0, 2}, .family = PLAIT_IPV4}, 80}};
    return i ? plait_flow_reversed(&key) : key;
}

/* Both ends after a handshake that nobody sees. */
static void end_open(struct end *e, int i, const struct load *load)
{
    struct plait_stack_config config = {.tcp = {.mtu_octets = load->mtu_octets,
                                                .super_octets = load->super_octets,
                                                .send_limit_octets = 1 << 20,
                                                .receive_limit_octets = 1 << 20},
                                        .name = "bench",
                                        .flows_limit = 1,
                                        .paths_limit = 1,
                                        .records_limit = 8192,
                                        .chunk_octets = CHUNK,
                                        .payload_limit_octets = 16 << 20};
    struct plait_flow_setup setup = {.key = key_of(i)};
    struct plait_flow_handshake handshake = {.isn = 1000u + (uint32_t)i,
                                             .peer_isn = 1001u - (uint32_t)i,
                                             .peer_mss = (uint16_t)(load->mtu_octets - 40),
                                             .sack = true,
                                             .timestamps = true,
                                             .window_scale = true,
                                             .send_shift = 5,
                                             .receive_shift = 5,
                                             .send_window_octets = 1 << 20,
                                             .syn_ack_at_ns = PLAIT_S};
    e->memory = aligned_alloc(16, MEMORY);
    memset(e->memory, 0, MEMORY); /* pages are not part of the measurement */
    e->arena = plait_arena(e->memory, MEMORY);
    e->stack = plait_stack(&e->arena, &config);
    e->flow = plait_flow_accept(&e->stack, &setup, &handshake, PLAIT_S + 100000);
    PLAIT_CHECK(e->flow);
}

static void carry(struct end *from, struct end *to, plait_time_ns now, uint8_t *buffer)
{
    struct plait_path *path = plait_flow_first_path(from->flow);
    bool is_offloaded = from->stack.config.super_octets;
    for (;;) {
        struct plait_out out = {
            .octets = buffer, .room_octets = 65535, .offload_allowed = is_offloaded};
        if (!plait_flow_output(from->flow, path, now, &out))
            return;
        struct plait_segment s;
        plait_result parsed = is_offloaded
                                  ? plait_segment_parse_unsummed(buffer, out.length_octets, &s)
                                  : plait_segment_parse(buffer, out.length_octets, &s);
        PLAIT_CHECK(plait_ok(parsed));
        from->packets++;
        plait_flow_input(to->flow, plait_flow_first_path(to->flow), now, &s);
    }
}

static void write_all(struct end *e, uint64_t *left, const uint8_t *piece)
{
    struct plait_send_queue *q = plait_flow_send_queue(e->flow);
    uint32_t wanted = *left < PIECE ? (uint32_t)*left : PIECE;
    uint32_t written = plait_send_queue_write(q, piece, wanted);
    *left -= written;
    if (written)
        plait_flow_wake(e->flow);
}

static uint64_t read_all(struct end *e, uint8_t *piece)
{
    struct plait_receive_queue *q = plait_flow_receive_queue(e->flow);
    uint64_t total = 0;
    uint32_t length;
    for (const uint8_t *at; (at = plait_receive_queue_peek(q, &length)); total += length) {
        length = length < PIECE ? length : PIECE;
        memcpy(piece, at, length);
        plait_receive_queue_consume(q, length);
    }
    plait_flow_consumed(e->flow);
    return total;
}

/* Seconds; *PACKETS of both ends. */
static double transfer(const struct load *load, uint64_t *packets)
{
    static uint8_t buffer[65536], piece[PIECE];
    struct end e[2] = {{0}};
    end_open(&e[0], 0, load);
    end_open(&e[1], 1, load);
    uint64_t left = load->octets, got = 0;
    plait_time_ns now = 2 * PLAIT_S, start = processor_now_ns();
    while (got < load->octets) {
        write_all(&e[0], &left, piece);
        carry(&e[0], &e[1], now, buffer);
        got += read_all(&e[1], piece);
        now += 50000;
        carry(&e[1], &e[0], now, buffer);
        for (int i = 0; i < 2; i++)
            for (struct plait_timer *t; (t = plait_timers_due(&e[i].stack.timers, now));)
                plait_flow_timer(&e[i].stack, t, now);
    }
    double seconds = (double)(processor_now_ns() - start) / 1e9;
    *packets = e[0].packets;
    for (int i = 0; i < 2; i++) {
        plait_flow_free(e[i].flow);
        free(e[i].memory);
    }
    return seconds;
}

static double copies(uint64_t octets)
{
    static uint8_t a[PIECE], b[PIECE];
    plait_time_ns start = processor_now_ns();
    for (uint64_t done = 0; done < octets; done += PIECE)
        for (int i = 0; i < 4; i++) {
            memcpy(i % 2 ? a : b, i % 2 ? b : a, PIECE);
            __asm__ volatile("" ::: "memory");
        }
    return (double)(processor_now_ns() - start) / 1e9;
}

int main(void)
{
    static const struct load loads[] = {
        {"super-segments of 64,000", (uint64_t)4 << 30, 64000, 1500},
        {"segments of 1460 (MTU 1512)", (uint64_t)1 << 30, 0, 1512},
        {"segments of 8948 (MTU 9000)", (uint64_t)1 << 30, 0, 9000},
        {"segments of 536 (MTU 588)", (uint64_t)256 << 20, 0, 588},
    };
    static const char *const columns[] = {"Gbit/s", "k segments/s", NULL};
    bench_head("TCP in memory, one core (x: of 4 copies)", columns);
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        double best = 1e9, peer = 1e9;
        uint64_t packets = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double t = transfer(&loads[i], &packets), c = copies(loads[i].octets);
            best = t < best ? t : best;
            peer = c < peer ? c : peer;
        }
        bench_name(loads[i].name);
        bench_cell((double)loads[i].octets * 8e-9 / best, peer / best);
        printf(" %9.0f %-7s", (double)packets * 1e-3 / best, "");
        bench_end();
    }
    return 0;
}
