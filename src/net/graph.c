/* net/graph.c: nodes, links and names; who sees what happens.  May touch: the net. */
#include <stdlib.h>

#include "base/panic.h"
#include "net/net_internal.h"
#include "wire/tcp.h"

struct plait_net *plait_net_new(struct plait_clock *clock)
{
    struct plait_net *net = plait_net_alloc(1, sizeof *net);
    net->clock = clock;
    return net;
}

static void free_node(struct node *node)
{
    if (node->kind->free)
        node->kind->free(node);
    free(node->name);
    free(node);
}

static void free_link(struct link *link)
{
    for (int i = 0; i < 2; i++) {
        struct direction *d = &link->ways[i];
        for (size_t n = 0; n < d->count; n++)
            plait_packet_free(d->flights[(d->first + n) & (d->room - 1)].packet);
        free(d->flights);
    }
    free(link->name);
    free(link);
}

void plait_net_free(struct plait_net *net)
{
    if (!net)
        return;
    for (size_t i = 0; i < net->link_count; i++)
        free_link(net->links[i]);
    for (size_t i = 0; i < net->node_count; i++)
        free_node(net->nodes[i]);
    for (size_t i = 0; i < net->tap_count; i++)
        free(net->taps[i]);
    free(net->links);
    free(net->nodes);
    free(net->taps);
    free(net->watches);
    free(net->fds);
    free(net->timers.heap);
    free(net);
}

plait_time_ns plait_net_now(struct plait_net *net)
{
    return net->clock->now(net->clock);
}

/* ---- nodes ------------------------------------------------------------------------------- */

static struct node *add_node(struct plait_net *net, const char *name, const struct node_kind *kind)
{
    struct node *node = plait_net_alloc(1, sizeof *node);
    node->kind = kind;
    node->name = plait_net_name(name);
    node->number = (plait_node)net->node_count;
    net->nodes = plait_net_grow(net->nodes, net->node_count, &net->node_room, sizeof *net->nodes);
    net->nodes[net->node_count++] = node;
    return node;
}

plait_node plait_net_add_port(struct plait_net *net, const char *name,
                              const struct plait_port *port)
{
    struct node *node = add_node(net, name, &plait_node_port);
    node->port = *port;
    node->timer.fire = plait_port_fire;
    return node->number;
}

plait_node plait_net_add_router(struct plait_net *net, const char *name)
{
    return add_node(net, name, &plait_node_router)->number;
}

plait_node plait_net_add_box(struct plait_net *net, const char *name, const struct plait_box *box)
{
    struct node *node = add_node(net, name, &plait_node_box);
    node->box = *box;
    return node->number;
}

struct node *plait_net_node(const struct plait_net *net, plait_node node)
{
    PLAIT_CHECK(node >= 0 && (size_t)node < net->node_count);
    return net->nodes[node];
}

const char *plait_net_node_name(const struct plait_net *net, plait_node node)
{
    return plait_net_node(net, node)->name;
}

bool plait_net_is_port(const struct plait_net *net, plait_node node)
{
    return plait_net_node(net, node)->kind == &plait_node_port;
}

/* ---- links ------------------------------------------------------------------------------- */

static void attach(struct node *node, struct direction *out)
{
    PLAIT_CHECK(node->link_count < node->kind->links_max);
    if (node->link_count < 2)
        node->out[node->link_count] = out;
    node->link_count++;
}

static void set_direction(struct direction *d, const struct plait_link_config *config)
{
    d->config = *config;
    d->draw_key = plait_draw_key(config->seed);
}

plait_link plait_net_add_link(struct plait_net *net, const char *name, plait_node a, plait_node b,
                              const struct plait_link_config *config)
{
    PLAIT_CHECK(a != b);
    struct node *ends[2] = {plait_net_node(net, a), plait_net_node(net, b)};
    struct link *link = plait_net_alloc(1, sizeof *link);
    link->number = (plait_link)net->link_count;
    link->name = plait_net_name(name);
    link->up = true;
    for (int i = 0; i < 2; i++) {
        struct direction *d = &link->ways[i];
        d->timer.fire = plait_link_direction_fire;
        d->link = link;
        d->way = i == 0 ? PLAIT_A_TO_B : PLAIT_B_TO_A;
        d->to = ends[1 - i];
        set_direction(d, config);
        attach(ends[i], d);
    }
    net->links = plait_net_grow(net->links, net->link_count, &net->link_room, sizeof *net->links);
    net->links[net->link_count++] = link;
    return link->number;
}

struct link *plait_net_link(const struct plait_net *net, plait_link link)
{
    PLAIT_CHECK(link >= 0 && (size_t)link < net->link_count);
    return net->links[link];
}

struct direction *plait_link_from(struct link *link, const struct node *node)
{
    PLAIT_CHECK(link->ways[0].to == node || link->ways[1].to == node);
    return &link->ways[link->ways[0].to == node];
}

void plait_net_set_link_way(struct plait_net *net, plait_link link, enum plait_way way,
                            const struct plait_link_config *config)
{
    for (int i = 0; i < 2; i++) {
        struct direction *d = &plait_net_link(net, link)->ways[i];
        if (d->way & way)
            set_direction(d, config);
    }
}

void plait_net_set_link(struct plait_net *net, plait_link link,
                        const struct plait_link_config *config)
{
    plait_net_set_link_way(net, link, PLAIT_BOTH_WAYS, config);
}

const char *plait_net_link_name(const struct plait_net *net, plait_link link)
{
    return plait_net_link(net, link)->name;
}

int plait_net_link_count(const struct plait_net *net)
{
    return (int)net->link_count;
}

plait_node plait_net_link_end(const struct plait_net *net, plait_link link, enum plait_way way)
{
    PLAIT_CHECK(way == PLAIT_A_TO_B || way == PLAIT_B_TO_A);
    return plait_net_link(net, link)->ways[way == PLAIT_B_TO_A].to->number;
}

/* ---- observing ----------------------------------------------------------------------------- */

void plait_net_observe(struct plait_net *net, plait_observer_fn see, void *self)
{
    PLAIT_CHECK(net->observer_count < PLAIT_OBSERVERS_MAX);
    net->observers[net->observer_count++] = (struct observer){see, self};
}

void plait_net_show_whole(struct plait_net *net, bool whole)
{
    net->shows_whole = whole;
}

struct plait_net_counts plait_net_counts(const struct plait_net *net)
{
    return net->counts;
}

static void count(struct plait_net_counts *counts, enum plait_fate fate)
{
    switch (fate) {
    case PLAIT_ENTERED:
        counts->entered++;
        break;
    case PLAIT_DELIVERED:
        counts->delivered++;
        break;
    case PLAIT_LOST:
        counts->lost++;
        break;
    case PLAIT_TAPPED:
        break;
    }
}

struct plait_reading {
    enum { NOT_READ, IS_SEGMENT, IS_NONE } what;
    struct plait_segment segment;
};

const struct plait_segment *plait_sight_segment(const struct plait_sight *sight)
{
    struct plait_reading *reading = sight->reading;
    const struct plait_packet *packet = sight->packet;
    plait_result (*parse)(const void *, size_t, struct plait_segment *) =
        packet->offload.needs_checksum ? plait_segment_parse_unsummed : plait_segment_parse;
    if (reading->what == NOT_READ)
        reading->what = plait_ok(parse(packet->octets, packet->length_octets, &reading->segment))
                            ? IS_SEGMENT
                            : IS_NONE;
    return reading->what == IS_SEGMENT ? &reading->segment : NULL;
}

void plait_net_tell(struct plait_net *net, const struct direction *d, enum plait_fate fate,
                    const struct plait_packet *packet)
{
    count(&net->counts, fate);
    if (!net->observer_count)
        return;
    struct plait_reading reading; /* most sights are not read: the segment is left unset */
    reading.what = NOT_READ;
    struct plait_sight sight = {
        plait_net_now(net), d->link->number, d->way, fate, packet, &reading};
    for (unsigned i = 0; i < net->observer_count; i++)
        net->observers[i].see(net->observers[i].self, &sight);
}

void plait_net_lose(struct plait_net *net, const struct direction *d, struct plait_packet *packet)
{
    plait_net_tell(net, d, PLAIT_LOST, packet);
    plait_packet_free(packet);
}
