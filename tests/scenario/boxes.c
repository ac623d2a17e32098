/* Boxes that disturb within what a real path does. */
#include "tests/scenario/boxes.h"

#include "wire/tcp.h"

/* ---- order and number ---- */

static bool chance(const struct disorder *d, const char *what, uint32_t per_million)
{
    return plait_draw_below(&d->key, "box", what, d->packets, 1000000) < per_million;
}

static struct plait_packet *disturb(void *self, plait_time_ns now, int side,
                                    struct plait_packet *packet)
{
    struct disorder *d = self;
    bool is_quiet = now >= d->until_ns;
    d->packets++;
    packet->next = NULL;
    if (!is_quiet && !d->held[side] && chance(d, "swap", d->swapped)) {
        d->held[side] = packet;
        return NULL;
    }
    struct plait_packet *last = packet;
    if (!is_quiet && chance(d, "double", d->doubled)) {
        last->next = plait_packet_copy(packet);
        last = last->next;
    }
    last->next = d->held[side];
    d->held[side] = NULL;
    return packet;
}

static void let_go(void *self)
{
    struct disorder *d = self;
    for (int side = 0; side < 2; side++)
        if (d->held[side])
            plait_packet_free(d->held[side]);
}

struct plait_box disorder_box(struct disorder *d)
{
    return (struct plait_box){.pass = disturb, .free = let_go, .self = d};
}

/* ---- options ---- */

static struct plait_packet *strip(void *self, plait_time_ns now, int side,
                                  struct plait_packet *packet)
{
    const struct stripper *s = self;
    if (now >= s->from_ns && now < s->until_ns && (s->ways >> side & 1))
        (void)plait_packet_strip_mptcp(packet->octets, packet->length_octets);
    packet->next = NULL;
    return packet;
}

struct plait_box stripper_box(struct stripper *s)
{
    return (struct plait_box){.pass = strip, .self = s};
}
