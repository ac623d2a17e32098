/* net/stub.c: a port that keeps what it gets and sends what it was told.
 * May touch: the packets it holds. */
#include "net/stub.h"

#include <stdlib.h>

#include "net/net_internal.h"

struct entry {
    plait_time_ns at_ns;
    struct plait_packet *packet;
    struct entry *next;
};

struct queue {
    struct entry *first, *last;
};

struct plait_stub {
    struct queue to_send; /* by time, then in the order given */
    struct queue received;
};

static struct plait_packet *take_first(struct queue *queue, plait_time_ns *at_ns)
{
    struct entry *entry = queue->first;
    struct plait_packet *packet = entry->packet;
    if (at_ns)
        *at_ns = entry->at_ns;
    queue->first = entry->next;
    if (!queue->first)
        queue->last = NULL;
    free(entry);
    return packet;
}

static void insert(struct queue *queue, plait_time_ns at_ns, struct plait_packet *packet)
{
    struct entry *entry = plait_net_alloc(1, sizeof *entry);
    entry->at_ns = at_ns;
    entry->packet = packet;
    struct entry **at = &queue->first;
    if (queue->last && queue->last->at_ns <= at_ns)
        at = &queue->last->next;
    while (*at && (*at)->at_ns <= at_ns)
        at = &(*at)->next;
    entry->next = *at;
    *at = entry;
    if (!entry->next)
        queue->last = entry;
}

struct plait_stub *plait_stub_new(void)
{
    return plait_net_alloc(1, sizeof(struct plait_stub));
}

static void clear(struct queue *queue)
{
    while (queue->first)
        plait_packet_free(take_first(queue, NULL));
}

void plait_stub_free(struct plait_stub *stub)
{
    if (!stub)
        return;
    clear(&stub->to_send);
    clear(&stub->received);
    free(stub);
}

void plait_stub_send(struct plait_stub *stub, plait_time_ns at_ns, struct plait_packet *packet)
{
    insert(&stub->to_send, at_ns, packet);
}

struct plait_packet *plait_stub_take(struct plait_stub *stub, plait_time_ns *at_ns)
{
    return stub->received.first ? take_first(&stub->received, at_ns) : NULL;
}

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct plait_stub *stub = self;
    insert(&stub->received, now, packet);
}

static plait_time_ns deadline(void *self)
{
    const struct plait_stub *stub = self;
    return stub->to_send.first ? stub->to_send.first->at_ns : PLAIT_NEVER;
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    struct plait_stub *stub = self;
    return deadline(self) <= now ? take_first(&stub->to_send, NULL) : NULL;
}

static void advance(void *self, plait_time_ns now)
{
    (void)self, (void)now; /* output looks at the time itself */
}

struct plait_port plait_stub_port(struct plait_stub *stub)
{
    static const struct plait_port_ops ops = {input, output, deadline, advance};
    return (struct plait_port){.ops = &ops, .self = stub, .fd = -1};
}
