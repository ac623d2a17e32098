/* Fragments: each six octets of input are one: number and family of its packet, offset, length,
 * what is odd about it.  What comes out is whole, and no octet of it is another packet's or another
 * place's. */
#include "fuzz/target.h"

#include <string.h>

#include "base/cursor.h"
#include "capture/fragments.h"
#include "wire/checksum.h"
#include "wire/ip.h"

enum { ARENA_OCTETS = 1 << 20, PACKET_OCTETS = 3000, MORE = 1, CHANGED = 2, LATER = 4, ODD = 8 };

static uint8_t room[ARENA_OCTETS] __attribute__((aligned(16)));

struct piece {
    uint8_t id, flags;
    uint16_t offset, length;
};

static uint8_t octet_at(uint8_t id, size_t offset)
{
    return (uint8_t)((id * 37 + offset * 11 + (offset >> 8)) & 0x7f);
}

/* Even numbers are IPv4, odd ones IPv6. */
static uint32_t write_head(const struct piece *p, uint8_t *ip)
{
    struct plait_writer w = plait_writer(ip, 48);
    bool more = p->flags & MORE;
    if (p->id % 2 == 0) {
        plait_write_u16(&w, 0x4500);
        plait_write_u16(&w, (uint16_t)(20 + p->length));
        plait_write_u16(&w, p->id);
        plait_write_u16(&w, (uint16_t)(more << 13 | p->offset / 8));
        plait_write_u32(&w, 0x40110000);
        plait_write_u64(&w, 0xc0000201c0000202);
        plait_store_u16(ip + 10, plait_sum_finish(plait_sum_add(0, ip, 20)));
    } else {
        plait_write_u32(&w, 6u << 28);
        plait_write_u16(&w, (uint16_t)(8 + p->length));
        plait_write_u16(&w, 44 << 8 | 64);
        plait_write_zeros(&w, 31);
        plait_write_u8(&w, 1);
        plait_write_u16(&w, 17 << 8);
        plait_write_u16(&w, (uint16_t)(p->offset | more));
        plait_write_u32(&w, p->id);
    }
    return (uint32_t)plait_writer_used(&w);
}

static void check(const struct piece *p, const struct plait_ip_octets *whole)
{
    struct plait_ip ip;
    PLAIT_CHECK(plait_ok(plait_ip_parse(whole->ip, whole->captured_octets, &ip)));
    PLAIT_CHECK(ip.protocol == 17 && whole->captured_octets == whole->wire_octets);
    for (size_t i = 0; i < ip.payload_octets; i++)
        PLAIT_CHECK((ip.payload[i] & 0x7f) == octet_at(p->id, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    static const struct plait_fragment_limits limits = {6, 12 * 1536, PLAIT_S};
    struct plait_capture_counts counts = {0};
    struct plait_arena arena = plait_arena(room, sizeof room);
    struct plait_draw_key key = plait_draw_key(1);
    struct plait_fragments *f = plait_fragments_new(&arena, &limits, &key, &counts);
    struct plait_reader r = plait_reader(octets, length);
    plait_time_ns now = 0;
    PLAIT_CHECK(f);
    while (plait_reader_left(&r) >= 6) {
        struct piece p = {.id = plait_read_u8(&r), .flags = plait_read_u8(&r)};
        uint8_t ip[48 + PACKET_OCTETS];
        p.offset = (uint16_t)(plait_read_u16(&r) & 0xfff8);
        p.length = plait_read_u16(&r) % PACKET_OCTETS;
        p.length -= p.flags & MORE && !(p.flags & ODD) ? p.length % 8 : 0;
        now += p.flags & LATER ? PLAIT_S / 2 : 1;
        uint32_t head = write_head(&p, ip);
        for (uint32_t i = 0; i < p.length; i++)
            ip[head + i] = octet_at(p.id, (size_t)p.offset + i) | (p.flags & CHANGED ? 0x80 : 0);
        struct plait_ip_octets packet = {ip, head + p.length, head + p.length}, whole;
        if (plait_is_fragment(&packet) && plait_fragments_add(f, now, 0, &packet, &whole))
            check(&p, &whole);
    }
    plait_fragments_end(f);
    return 0;
}
