/* Prints each frame of a capture on a line: number, time, captured and original octets, then of the
 * innermost IP packet addresses and, if it is TCP, ports and sequence number; "-" without a packet.
 * Usage: print_packets FILE */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/unwrap.h"
#include "wire/tcp.h"

static uint8_t memory[8 << 20] __attribute__((aligned(16)));

static void print_packet(const struct plait_ip_octets *packet)
{
    char src[PLAIT_ADDR_TEXT_OCTETS], dst[PLAIT_ADDR_TEXT_OCTETS];
    struct plait_segment s;
    plait_result is_tcp = plait_segment_parse_unsummed(packet->ip, packet->captured_octets, &s);
    printf(" %s %s", plait_addr_text(&s.ip.src, src), plait_addr_text(&s.ip.dst, dst));
    if (plait_ok(is_tcp))
        printf(" %u %u %" PRIu32, s.src_port, s.dst_port, s.seq);
}

static void print_frame(const struct plait_frame *f)
{
    printf("%" PRIu64 " %" PRId64 ".%09" PRId64 " %u %u", f->number, f->at_ns / PLAIT_S,
           f->at_ns % PLAIT_S, f->length_octets, f->wire_octets);
}

int main(int argc, char **argv)
{
    int descriptor = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) {
        fprintf(stderr, "usage: print_packets FILE\n");
        return 2;
    }
    struct plait_capture_counts counts = {0};
    struct plait_descriptor_source d;
    struct plait_arena arena = plait_arena(memory, sizeof memory);
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_unwrap *u = plait_unwrap_new(&arena, &plait_fragment_limits, &key, &counts);
    struct plait_file *file = plait_file_new(
        plait_source_descriptor(&d, descriptor, false, &counts), PLAIT_FILE_BUFFER_OCTETS, &counts);
    struct plait_frame frame;
    struct plait_unwrapped out;
    while (u && file && plait_file_next(file, &frame) == PLAIT_NEXT_FRAME) {
        print_frame(&frame);
        if (plait_unwrap(u, &frame, &out))
            print_packet(&out.packet);
        else
            printf(" -");
        putchar('\n');
    }
    plait_file_free(file);
    close(descriptor);
    return 0;
}
