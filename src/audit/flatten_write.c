/* audit/flatten_write.c: packets that go out, and what is read of those that come in. */
#include <string.h>

#include "audit/flatten_inside.h"

/* Written windows let everything through that is on its way: 65,535 * 2^14. */
enum { WINDOW = 65535, WINDOW_SCALE = 14 };

/* ---- in ------------------------------------------------------------------------------------ */

const struct plait_packet *plait_flat_packet(struct plait_flatten *f)
{
    struct plait_flat_current *c = &f->current;
    if (!c->seen)
        return NULL;
    if (!c->is_read)
        c->is_tcp = plait_ok(plait_packet_read(c->seen, &c->packet));
    c->is_read = true;
    return c->is_tcp ? &c->packet : NULL;
}

/* ---- out ----------------------------------------------------------------------------------- */

static struct plait_packet_ref current_ref(const struct plait_flatten *f)
{
    const struct plait_seen *seen = f->current.seen;
    if (!seen)
        return (struct plait_packet_ref){0};
    return (struct plait_packet_ref){seen->frame, seen->at_ns, seen->input, seen->interface};
}

static void add_from(struct plait_flat_packet *packet, struct plait_packet_ref ref)
{
    if (!ref.frame || packet->from_count == PLAIT_FLAT_FROM_MAX)
        return;
    for (unsigned i = 0; i < packet->from_count; i++)
        if (packet->from[i].frame == ref.frame && packet->from[i].input == ref.input)
            return;
    packet->from[packet->from_count++] = ref;
}

void plait_flat_pass(struct plait_flatten *f, uint64_t connection, enum plait_flat_kind kind,
                     bool strips)
{
    const struct plait_seen *seen = f->current.seen;
    struct plait_flat_packet packet = {.kind = kind,
                                       .at_ns = f->now_ns,
                                       .connection = connection,
                                       .octets = seen->ip,
                                       .length = seen->ip_octets,
                                       .wire_octets = seen->wire_octets};
    add_from(&packet, current_ref(f));
    if (strips && seen->ip_octets <= sizeof f->room) {
        memcpy(f->room, seen->ip, seen->ip_octets);
        if (plait_packet_strip_mptcp(f->room, seen->ip_octets)) {
            packet.octets = f->room;
            plait_flat_add(f, PLAIT_FLAT_COUNT_STRIPPED, 1);
        }
    }
    plait_flat_add(f, PLAIT_FLAT_COUNT_PASSED, 1);
    f->out(f->owner, &packet);
}

/* The number that stands for offset AT (RFC 9293 §3.4: the SYN has the one before). */
static uint32_t number_of(const struct plait_flat *flat, unsigned direction, uint64_t at)
{
    return flat->isn[direction] + 1 + (uint32_t)at;
}

static struct plait_place place_of(const struct plait_flat *flat, unsigned end, uint16_t shift)
{
    struct plait_place place = flat->place[end];
    if (end == 0)
        place.port = (uint16_t)(place.port + shift);
    return place;
}

static void set_options(struct plait_segment *s, const struct plait_flat *flat)
{
    s->options.has_mss = true;
    s->options.mss = flat->mss_octets;
    s->options.has_window_scale = flat->has_scale;
    s->options.window_scale = WINDOW_SCALE;
}

void plait_flat_write(struct plait_flatten *f, const struct plait_flat *flat,
                      const struct plait_flat_segment *s)
{
    unsigned from = s->from, to = !from;
    struct plait_place src = place_of(flat, from, s->port_shift);
    struct plait_place dst = place_of(flat, to, s->port_shift);
    struct plait_segment segment = {
        .ip = {.src = src.addr, .dst = dst.addr, .ttl = flat->ttl[from], .dont_fragment = true},
        .src_port = src.port,
        .dst_port = dst.port,
        .seq = number_of(flat, from, s->at) - s->is_first,
        .ack = s->flags & PLAIT_ACK ? number_of(flat, to, s->acked) : 0,
        .flags = s->flags,
        .window = WINDOW,
        .payload = s->octets,
        .payload_octets = s->length};
    if (s->is_first)
        set_options(&segment, flat);
    size_t length;
    if (!plait_ok(plait_segment_build(&segment, f->room, sizeof f->room, &length)))
        return; /* only ends of different families, which no packet names */
    struct plait_flat_packet packet = {.kind = s->kind,
                                       .at_ns = f->now_ns,
                                       .connection = flat->number,
                                       .octets = f->room,
                                       .length = (uint32_t)length,
                                       .wire_octets = (uint32_t)length};
    for (unsigned i = 0; i < s->packet_count; i++)
        add_from(&packet, s->packets[i]);
    add_from(&packet, current_ref(f));
    plait_flat_add(f, PLAIT_FLAT_COUNT_WRITTEN, 1);
    plait_flat_add(f, PLAIT_FLAT_COUNT_OCTETS, s->length);
    f->out(f->owner, &packet);
}
