/* Packets of multipath connections, from the auditor through flatten.  The first octet of input is
 * what is chosen, then each packet has one octet of flags, its length in two, and its octets from
 * the IP header on.  Its TCP checksum is set right here, unless a flag says otherwise: else a
 * changed copy would end at it.
 *
 * What comes out: times that never go back, packets that parse and whose checksums are right, none
 * of the written ones with an option of MPTCP, and, while nothing is missing, numbers of each flow
 * that go on where they were. */
#include "fuzz/target.h"

#include <string.h>

#include "audit/flatten.h"
#include "audit/packet.h"
#include "base/cursor.h"
#include "wire/checksum.h"

enum { AUDIT_OCTETS = 1 << 20, FLATTEN_OCTETS = 1 << 16, PACKET_OCTETS = 4096, FLOWS = 64 };
enum { BOTH = 1, ONE_SIDED = 2, NO_ORPHANS = 4, NO_GATHERING = 8, LAST_COPY = 16 }; /* choices */
enum {
    LATER = 1,
    MUCH_LATER = 2,
    BAD_SUM = 4,
    CUT = 8,
    OTHER_INPUT = 16,
    EARLIER = 32
}; /* flags */

struct flow { /* the octets that one end of a flat connection writes */
    uint64_t connection;
    struct plait_place src;
    uint32_t next; /* number of the next one */
};

struct run {
    struct plait_audit *audit;
    struct plait_flatten *flatten;
    plait_time_ns written_ns;
    uint64_t written, passed, gaps;
    struct flow flows[FLOWS];
    unsigned flow_count;
};

/* ---- what comes out ---- */

/* Not known yet: it is as S says. */
static struct flow *flow_of(struct run *run, uint64_t connection, const struct plait_segment *s)
{
    struct plait_place src = {s->ip.src, s->src_port};
    for (unsigned i = 0; i < run->flow_count; i++)
        if (run->flows[i].connection == connection && plait_place_equal(&run->flows[i].src, &src))
            return &run->flows[i];
    if (run->flow_count == FLOWS)
        return NULL;
    run->flows[run->flow_count] = (struct flow){connection, src, s->seq};
    return &run->flows[run->flow_count++];
}

/* A gap is a jump of any length; from there on nothing is known of any flow. */
static void forget_at_gap(struct run *run)
{
    uint64_t gaps = plait_flatten_counts(run->flatten)->count[PLAIT_FLAT_COUNT_GAPS];
    if (gaps != run->gaps)
        run->flow_count = 0;
    run->gaps = gaps;
}

/* What comes behind a FIN that was too early stands before it: octets are counted alone. */
static void check_own(struct run *run, uint64_t connection, const struct plait_segment *s)
{
    forget_at_gap(run);
    struct flow *flow = s->payload_octets ? flow_of(run, connection, s) : NULL;
    if (!flow)
        return;
    PLAIT_CHECK(s->seq == flow->next);
    flow->next += (uint32_t)s->payload_octets;
}

static void take(void *owner, const struct plait_flat_packet *packet)
{
    struct run *run = owner;
    struct plait_segment s;
    PLAIT_CHECK(packet->at_ns >= run->written_ns);
    PLAIT_CHECK(packet->from_count <= PLAIT_FLAT_FROM_MAX);
    PLAIT_CHECK(packet->wire_octets >= packet->length);
    run->written_ns = packet->at_ns;
    fuzz_touch(packet->octets, packet->length);
    if (packet->kind == PLAIT_FLAT_PASSED || packet->kind == PLAIT_FLAT_ORPHAN) {
        run->passed++;
        return;
    }
    run->written++;
    PLAIT_CHECK(plait_ok(plait_segment_parse(packet->octets, packet->length, &s)));
    PLAIT_CHECK(s.mptcp_count == 0);
    if (packet->kind == PLAIT_FLAT_OWN)
        check_own(run, packet->connection, &s);
}

/* ---- what goes in ---- */

static void set_sum(uint8_t *ip, uint32_t length)
{
    struct plait_seen seen = {.ip = ip, .ip_octets = length, .wire_octets = length};
    struct plait_packet p;
    if (!plait_ok(plait_packet_read(&seen, &p)) || p.header_cut)
        return;
    uint8_t *tcp = ip + (p.tcp - ip);
    struct plait_addr src = {.family = p.family}, dst = {.family = p.family};
    memcpy(src.octets, p.src, p.addr_octets);
    memcpy(dst.octets, p.dst, p.addr_octets);
    uint32_t octets = (uint32_t)(p.payload - p.tcp) + p.payload_octets;
    plait_store_u16(tcp + 16, 0);
    plait_sum sum = plait_sum_pseudo(0, &src, &dst, PLAIT_PROTOCOL_TCP, octets);
    plait_store_u16(tcp + 16, plait_sum_finish(plait_sum_add(sum, tcp, octets)));
}

static plait_time_ns step_of(uint8_t flags)
{
    if (flags & EARLIER)
        return -5 * PLAIT_MS;
    return flags & MUCH_LATER ? 70 * PLAIT_S : flags & LATER ? PLAIT_S / 2 : PLAIT_MS;
}

static void give(struct run *run, struct plait_seen *seen, struct plait_reader *r)
{
    uint8_t ip[PACKET_OCTETS];
    uint8_t flags = plait_read_u8(r);
    size_t length = plait_read_u16(r), left = plait_reader_left(r);
    length = length < left ? length : left;
    length = length < sizeof ip ? length : sizeof ip;
    memcpy(ip, plait_read_octets(r, length), length);
    if (!(flags & BAD_SUM))
        set_sum(ip, (uint32_t)length);
    seen->at_ns += step_of(flags);
    seen->frame++;
    seen->input = flags & OTHER_INPUT ? 1 : 0;
    seen->ip = ip;
    seen->wire_octets = (uint32_t)length;
    seen->ip_octets = (uint32_t)(flags & CUT ? length - length / 4 : length);
    plait_flatten_begin(run->flatten, seen);
    struct plait_audit_place place = plait_audit_packet(run->audit, seen);
    plait_flatten_end(run->flatten, &place);
}

static void open_run(struct run *run, uint8_t choices)
{
    static uint8_t room[96 << 20] __attribute__((aligned(16)));
    struct plait_arena arena = plait_arena(room, sizeof room);
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_audit_limits audit = plait_audit_limits();
    struct plait_flatten_limits flat = plait_flatten_limits();
    const struct plait_audit_sink sink = plait_flatten_sink();
    audit.memory_octets = AUDIT_OCTETS;
    audit.copy = choices & LAST_COPY ? PLAIT_LAST_COPY : PLAIT_FIRST_COPY;
    flat.memory_octets = FLATTEN_OCTETS;
    flat.gather_ns = choices & NO_GATHERING ? 0 : flat.gather_ns;
    flat.both = choices & BOTH;
    flat.one_sided = choices & ONE_SIDED;
    flat.drops_orphans = choices & NO_ORPHANS;
    run->flatten = plait_flatten_new(&arena, &flat, take, run);
    PLAIT_CHECK(run->flatten);
    run->audit = plait_audit_new(&arena, &audit, &key, &sink, run->flatten);
    PLAIT_CHECK(run->audit);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct run run = {0};
    struct plait_seen seen = {.at_ns = PLAIT_S};
    struct plait_reader r = plait_reader(octets, length);
    open_run(&run, plait_read_u8(&r));
    while (plait_reader_left(&r) > 3)
        give(&run, &seen, &r);
    plait_audit_end(run.audit);
    const struct plait_flat_counts *counts = plait_flatten_counts(run.flatten);
    PLAIT_CHECK(run.written == counts->count[PLAIT_FLAT_COUNT_WRITTEN]);
    PLAIT_CHECK(run.passed == counts->count[PLAIT_FLAT_COUNT_PASSED]);
    return 0;
}
