/* net/box.c: a middlebox as a node: in at one side, out at the other.  May touch: the net and the
 * box's functions. */
#include "net/net_internal.h"

/* What the box says of itself goes where the packet came from. */
static void say_back(struct plait_net *net, struct node *node, int side)
{
    struct plait_packet *said = node->box.back ? node->box.back(node->box.self) : NULL;
    if (said)
        plait_link_enter(net, node->out[side], said, NULL);
}

static void receive(struct plait_net *net, struct node *node, struct direction *in,
                    struct plait_packet *packet)
{
    int side = node->out[0]->link == in->link ? 0 : 1;
    packet = node->box.pass(node->box.self, plait_net_now(net), side, packet);
    if (!packet)
        net->counts.lost++; /* by now there is nothing left to show to observers */
    while (packet) {
        struct plait_packet *next = packet->next;
        packet->next = NULL;
        if (node->out[1 - side])
            plait_link_enter(net, node->out[1 - side], packet, NULL);
        else
            plait_net_lose(net, in, packet);
        packet = next;
    }
    say_back(net, node, side);
}

static void free_box(struct node *node)
{
    if (node->box.free)
        node->box.free(node->box.self);
}

const struct node_kind plait_node_box = {.links_max = 2, .receive = receive, .free = free_box};
