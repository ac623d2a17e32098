/* net/link.c: a packet's way along one direction of a link: cut, taps, loss, queue, flight.
 * May touch: the net. */
#include <stdlib.h>

#include "base/panic.h"
#include "net/net_internal.h"

#define OCTET_NS 8000000000u /* nanoseconds an octet takes at one bit a second */

/* ---- the ring of flights ------------------------------------------------------------------- */

static struct flight *flight_at(const struct direction *d, size_t n)
{
    return &d->flights[(d->first + n) & (d->room - 1)];
}

static void grow_flights(struct direction *d)
{
    size_t room = d->room ? 2 * d->room : 16;
    struct flight *flights = plait_net_alloc(room, sizeof *flights);
    for (size_t n = 0; n < d->count; n++)
        flights[n] = *flight_at(d, n);
    free(d->flights);
    d->flights = flights;
    d->first = 0;
    d->room = room;
}

/* Nearly always goes last; it overtakes laggards, and all after a link became faster. */
static void insert_flight(struct direction *d, struct flight flight)
{
    if (d->count == d->room)
        grow_flights(d);
    size_t n = d->count++;
    for (; n > 0 && flight_at(d, n - 1)->at_ns > flight.at_ns; n--)
        *flight_at(d, n) = *flight_at(d, n - 1);
    *flight_at(d, n) = flight;
}

static struct plait_packet *take_first(struct direction *d)
{
    struct plait_packet *packet = flight_at(d, 0)->packet;
    d->first = (d->first + 1) & (d->room - 1);
    d->count--;
    return packet;
}

static void arm(struct plait_net *net, struct direction *d)
{
    if (d->count)
        plait_timer_arm(&net->timers, &d->timer, flight_at(d, 0)->at_ns, flight_at(d, 0)->serial);
    else
        plait_timer_disarm(&net->timers, &d->timer);
}

/* ---- entering ------------------------------------------------------------------------------ */

static bool is_too_long(const struct plait_net *net, const struct direction *d,
                        const struct plait_packet *packet)
{
    uint32_t mtu_octets = d->config.mtu_octets;
    return mtu_octets && packet->length_octets > mtu_octets &&
           !(net->shows_whole && plait_packet_segments_fit(packet, mtu_octets));
}

/* What may befall a packet by a draw, and how the draw is called in each direction. */
enum mishap { LOSS, DUPLICATION, REORDERING };
static const char *const mishap_purposes[][2] = {
    [LOSS] = {"loss a to b", "loss b to a"},
    [DUPLICATION] = {"duplication a to b", "duplication b to a"},
    [REORDERING] = {"reordering a to b", "reordering b to a"},
};

/* A draw that depends on nothing but its name and N, the packet's number on its way. */
static bool befalls(const struct direction *d, enum mishap mishap, uint64_t n, uint32_t per_million)
{
    const char *purpose = mishap_purposes[mishap][d->way == PLAIT_A_TO_B ? 0 : 1];
    return per_million &&
           plait_draw_below(&d->draw_key, d->link->name, purpose, n, 1000000) < per_million;
}

static bool is_spared(const struct direction *d, const struct plait_packet *packet)
{
    return d->config.spares_forged && packet->forged;
}

static bool is_unlucky(const struct direction *d, uint64_t n)
{
    return d->config.loss_mask >> (n % 64) & 1 || befalls(d, LOSS, n, d->config.loss_per_million);
}

/* Octets taken but not yet sent follow from the time until the sender's end is idle; an idle link
 * takes any packet, however short its queue. */
static bool is_full(const struct direction *d, plait_time_ns now, const struct plait_packet *packet)
{
    if (!d->config.queue_octets || d->idle_ns <= now)
        return false;
    unsigned __int128 waiting_octets =
        (unsigned __int128)(d->idle_ns - now) * d->config.rate_bits_per_s / OCTET_NS;
    return waiting_octets + packet->length_octets > d->config.queue_octets;
}

static plait_time_ns sending_ns(const struct direction *d, const struct plait_packet *packet)
{
    uint64_t rate = d->config.rate_bits_per_s;
    return rate ? (plait_time_ns)((packet->length_octets * OCTET_NS + rate - 1) / rate) : 0;
}

static void launch(struct plait_net *net, struct direction *d, plait_time_ns now,
                   struct plait_packet *packet, plait_time_ns delay_ns)
{
    plait_net_tell(net, d, PLAIT_ENTERED, packet);
    plait_time_ns start_ns = d->idle_ns > now ? d->idle_ns : now;
    d->idle_ns = start_ns + sending_ns(d, packet);
    insert_flight(d, (struct flight){d->idle_ns + delay_ns, net->serial++, packet});
    arm(net, d);
}

/* The N-th packet of its way sets out, twice perhaps, and perhaps as a laggard; a copy keeps up
 * with its original. */
static void set_out(struct plait_net *net, struct direction *d, plait_time_ns now,
                    struct plait_packet *packet, uint64_t n)
{
    const struct plait_link_config *c = &d->config;
    plait_time_ns delay_ns = c->delay_ns;
    bool spared = is_spared(d, packet);
    if (!spared && befalls(d, REORDERING, n, c->reorder_per_million))
        delay_ns += c->reorder_ns;
    bool twice = !spared && befalls(d, DUPLICATION, n, c->duplicate_per_million);
    struct plait_packet *copy = twice ? plait_packet_copy(packet) : NULL;
    launch(net, d, now, packet, delay_ns);
    if (copy)
        launch(net, d, now, copy, delay_ns);
}

static void enter_one(struct plait_net *net, struct direction *d, struct plait_packet *packet,
                      const struct tap *injector)
{
    if (d->link->up && !plait_taps_pass(net, d, &packet, injector))
        return;
    plait_time_ns now = plait_net_now(net);
    if (!d->link->up || is_too_long(net, d, packet)) {
        plait_net_lose(net, d, packet);
        return;
    }
    uint64_t n = d->offered++;
    if (!is_spared(d, packet) && (is_unlucky(d, n) || is_full(d, now, packet)))
        plait_net_lose(net, d, packet);
    else
        set_out(net, d, now, packet, n);
}

static bool is_looked_at(const struct plait_net *net)
{
    return net->observer_count && !net->shows_whole;
}

/* Whoever looks at packets, or treats them one by one, sees them in MTU size (DESIGN §3). */
static bool must_cut(struct plait_net *net, const struct direction *d,
                     const struct plait_packet *packet)
{
    const struct plait_link_config *c = &d->config;
    return is_looked_at(net) || plait_taps_see(net, d) || c->rate_bits_per_s || c->queue_octets ||
           c->loss_mask || c->loss_per_million || c->duplicate_per_million ||
           c->reorder_per_million || is_too_long(net, d, packet);
}

void plait_link_enter(struct plait_net *net, struct direction *d, struct plait_packet *packet,
                      const struct tap *injector)
{
    if (plait_packet_is_undone(packet) && must_cut(net, d, packet))
        packet = plait_packet_segment(packet);
    while (packet) {
        struct plait_packet *next = packet->next;
        packet->next = NULL;
        enter_one(net, d, packet, injector);
        packet = next;
    }
}

/* ---- leaving ------------------------------------------------------------------------------- */

static struct plait_packet *cut_for(const struct plait_net *net, const struct node *node,
                                    struct plait_packet *packet)
{
    bool takes_offload = node->kind->takes_offload || node->port.takes_offload;
    if (plait_packet_is_undone(packet) && (is_looked_at(net) || !takes_offload))
        return plait_packet_segment(packet);
    return packet;
}

void plait_link_direction_fire(struct plait_net *net, struct timer *timer)
{
    struct direction *d = (struct direction *)timer;
    struct plait_packet *packet = take_first(d);
    arm(net, d);
    packet = cut_for(net, d->to, packet);
    while (packet) {
        struct plait_packet *next = packet->next;
        packet->next = NULL;
        plait_net_tell(net, d, PLAIT_DELIVERED, packet);
        d->to->kind->receive(net, d->to, d, packet);
        packet = next;
    }
}

static void lose_flights(struct plait_net *net, struct direction *d)
{
    while (d->count)
        plait_net_lose(net, d, take_first(d));
    d->idle_ns = 0;
    arm(net, d);
}

void plait_net_set_link_up(struct plait_net *net, plait_link link, bool up)
{
    struct link *l = plait_net_link(net, link);
    l->up = up;
    if (!up)
        for (int i = 0; i < 2; i++)
            lose_flights(net, &l->ways[i]);
}
