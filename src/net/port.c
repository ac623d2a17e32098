/* net/port.c: the edge of the net: what comes out of a port is hostile until it has shown to be an
 * IP packet.  May touch: the net and the port's functions. */
#include "base/octets.h"
#include "net/net_internal.h"

static bool fit_to_length(struct plait_packet *packet, uint32_t stated_octets,
                          uint32_t header_octets)
{
    if (stated_octets < header_octets || stated_octets > packet->length_octets)
        return false;
    packet->length_octets = stated_octets; /* what follows is the link layer's padding */
    return true;
}

static bool is_ip(struct plait_packet *packet)
{
    const uint8_t *octets = packet->octets;
    unsigned version = packet->length_octets ? octets[0] >> 4 : 0;
    if (version == PLAIT_IPV4 && packet->length_octets >= 20 && (octets[0] & 15) >= 5)
        return fit_to_length(packet, plait_load_u16(octets + 2), (octets[0] & 15) * 4u);
    if (version == PLAIT_IPV6 && packet->length_octets >= 40)
        return fit_to_length(packet, 40u + plait_load_u16(octets + 4), 40);
    return false;
}

static void take(struct plait_net *net, struct node *node, struct plait_packet *packet)
{
    packet->next = NULL;
    if (!is_ip(packet) ||
        (plait_packet_is_undone(packet) && !plait_packet_is_segmentable(packet))) {
        net->counts.not_ip++;
        plait_packet_free(packet);
    } else if (node->out[0]) {
        plait_link_enter(net, node->out[0], packet, NULL);
    } else { /* a port without link speaks into the void */
        net->counts.lost++;
        plait_packet_free(packet);
    }
}

void plait_port_arm(struct plait_net *net, struct node *node)
{
    plait_time_ns deadline_ns = node->port.ops->deadline(node->port.self);
    if (deadline_ns == PLAIT_NEVER)
        plait_timer_disarm(&net->timers, &node->timer);
    else if (!node->timer.slot || node->timer.at_ns != deadline_ns)
        plait_timer_arm(&net->timers, &node->timer, deadline_ns, net->serial++);
}

void plait_port_serve(struct plait_net *net, struct node *node, size_t limit)
{
    struct plait_packet *packet;
    for (size_t n = 0; n < limit; n++) {
        packet = node->port.ops->output(node->port.self, plait_net_now(net));
        if (!packet)
            break;
        take(net, node, packet);
    }
    plait_port_arm(net, node);
}

/* A port with a descriptor is asked when that is readable, not after each packet it got: the
 * question is a system call. */
static void serve_after(struct plait_net *net, struct node *node)
{
    if (node->port.fd < 0)
        plait_port_serve(net, node, SIZE_MAX);
    else
        plait_port_arm(net, node);
}

void plait_port_fire(struct plait_net *net, struct timer *timer)
{
    struct node *node = (struct node *)timer;
    plait_timer_disarm(&net->timers, timer);
    node->port.ops->advance(node->port.self, plait_net_now(net));
    serve_after(net, node);
}

static void receive(struct plait_net *net, struct node *node, struct direction *in,
                    struct plait_packet *packet)
{
    (void)in;
    node->port.ops->input(node->port.self, plait_net_now(net), packet);
    serve_after(net, node);
}

const struct node_kind plait_node_port = {.links_max = 1, .receive = receive};
