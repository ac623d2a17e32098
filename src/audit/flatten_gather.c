/* audit/flatten_gather.c: octets that come soon after each other are one segment.
 *
 * A sender over several paths cuts where its paths are; who looks at packets one by one must not
 * depend on that.  What is gathered is written when the segment is full, when its receiver
 * acknowledges, when the other side speaks, when the stream ends or jumps, or after a while. */
#include <string.h>

#include "audit/flatten_inside.h"

size_t plait_flat_gather_octets(void)
{
    return PLAIT_FLAT_GATHERED_MAX * (sizeof(struct plait_flat_gathered) + 16);
}

static void unlink_gathered(struct plait_flatten *f, struct plait_flat_gathered *g)
{
    *(g->older ? &g->older->newer : &f->oldest_gathered) = g->newer;
    *(g->newer ? &g->newer->older : &f->newest_gathered) = g->older;
    g->flat->gathered[g->direction] = NULL;
}

void plait_flat_release(struct plait_flatten *f, struct plait_flat *flat, unsigned d)
{
    struct plait_flat_gathered *g = flat->gathered[d];
    if (!g)
        return;
    unlink_gathered(f, g);
    plait_flat_write_octets(f, flat, d, g->octets, g->length, g->packets, g->packet_count);
    plait_pool_give(&f->gathered, g);
}

static struct plait_flat_gathered *gathered_of(struct plait_flatten *f, struct plait_flat *flat,
                                               unsigned d)
{
    if (flat->gathered[d])
        return flat->gathered[d];
    if (f->gathered.alive == f->gathered.limit && f->oldest_gathered)
        plait_flat_release(f, f->oldest_gathered->flat, f->oldest_gathered->direction);
    struct plait_flat_gathered *g = plait_pool_take_unset(&f->gathered);
    if (!g)
        return NULL;
    g->flat = flat;
    g->direction = (uint8_t)d;
    g->length = g->packet_count = 0;
    g->since_ns = f->now_ns;
    g->newer = NULL;
    g->older = f->newest_gathered;
    *(g->older ? &g->older->newer : &f->oldest_gathered) = g;
    f->newest_gathered = g;
    return flat->gathered[d] = g;
}

static void note_packet(struct plait_flat_gathered *g, const struct plait_packet_ref *packet)
{
    const struct plait_packet_ref *last = g->packet_count ? &g->packets[g->packet_count - 1] : NULL;
    if (!last || last->frame != packet->frame || last->input != packet->input)
        g->packets[g->packet_count++] = *packet;
}

void plait_flat_gather(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                       const uint8_t *octets, uint64_t length,
                       const struct plait_packet_ref *packet)
{
    for (uint64_t done = 0; done < length;) {
        struct plait_flat_gathered *g = f->limits.gather_ns ? gathered_of(f, flat, d) : NULL;
        uint32_t room = flat->mss_octets - (g ? g->length : 0);
        uint64_t left = length - done;
        uint32_t part = left < room ? (uint32_t)left : room;
        if (g) {
            memcpy(g->octets + g->length, octets + done, part);
            g->length += part;
            note_packet(g, packet);
        } else {
            plait_flat_write_octets(f, flat, d, octets + done, part, packet, 1);
        }
        done += part;
        if (g && (g->length == flat->mss_octets || g->packet_count == PLAIT_FLAT_FROM_MAX - 1))
            plait_flat_release(f, flat, d);
    }
}

void plait_flat_release_due(struct plait_flatten *f)
{
    while (f->oldest_gathered && f->now_ns - f->oldest_gathered->since_ns >= f->limits.gather_ns) {
        struct plait_flat *flat = f->oldest_gathered->flat;
        plait_flat_release(f, flat, f->oldest_gathered->direction);
        plait_flat_acknowledge(f, flat);
    }
}
