/* Unwrapping: frames one after the other, each two octets of link type, two of length, one that
 * says how much longer it was on the wire, then itself. */
#include "fuzz/target.h"

#include "base/cursor.h"
#include "capture/unwrap.h"

enum { ARENA_OCTETS = 1 << 20 };

static uint8_t room[ARENA_OCTETS] __attribute__((aligned(16)));

static void check(const struct plait_unwrapped *out)
{
    char line[512];
    struct plait_text t = plait_text(line, sizeof line);
    const struct plait_ip_octets *p = &out->packet;
    unsigned version = p->ip[0] >> 4;
    PLAIT_CHECK(version == 4 || version == 6);
    PLAIT_CHECK(p->captured_octets >= (version == 4 ? 20 : 40));
    PLAIT_CHECK(p->captured_octets <= p->wire_octets);
    PLAIT_CHECK(out->outer.count <= PLAIT_LAYERS_MAX);
    PLAIT_CHECK(out->outer.tunnel_count <= PLAIT_TUNNELS_MAX);
    PLAIT_CHECK((out->network != 0) == (out->outer.tunnel_count != 0));
    fuzz_touch(p->ip, p->captured_octets);
    plait_outer_print(&t, &out->outer);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    static const struct plait_fragment_limits limits = {8, 32 << 10, 30 * PLAIT_S};
    struct plait_capture_counts counts = {0};
    struct plait_arena arena = plait_arena(room, sizeof room);
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_unwrap *u = plait_unwrap_new(&arena, &limits, &key, &counts);
    struct plait_reader r = plait_reader(octets, length);
    PLAIT_CHECK(u);
    while (!r.failed && plait_reader_left(&r)) {
        struct plait_frame frame = {.link_type = plait_read_u16(&r)};
        size_t wanted = plait_read_u16(&r), left;
        frame.wire_octets = plait_read_u8(&r);
        left = plait_reader_left(&r);
        frame.length_octets = (uint32_t)(wanted < left ? wanted : left);
        frame.wire_octets += frame.length_octets;
        frame.octets = plait_read_octets(&r, frame.length_octets);
        struct plait_unwrapped out;
        if (frame.octets && plait_unwrap(u, &frame, &out))
            check(&out);
    }
    plait_unwrap_end(u);
    return 0;
}
