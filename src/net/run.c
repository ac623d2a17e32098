/* net/run.c: moves the world: serves the ports, waits, and lets happen what is due.
 * May touch: the net, its clock, its ports, and the descriptors it was told to watch. */
#include "base/panic.h"
#include "net/net_internal.h"

/* Packets taken from one descriptor before the others have their turn. */
#define BATCH_PACKETS 64
/* Rounds without time passing after which the virtual world is held to be stuck in itself. */
#define STANDSTILL_ROUNDS 10000000

/* ---- descriptors --------------------------------------------------------------------------- */

void plait_net_watch(struct plait_net *net, int fd, void (*ready)(void *self), void *self)
{
    PLAIT_CHECK(fd >= 0);
    net->watches =
        plait_net_grow(net->watches, net->watch_count, &net->watch_room, sizeof *net->watches);
    net->watches[net->watch_count++] = (struct watch){fd, ready, self};
}

/* Only marks it: a READY of the present round may be the caller. */
void plait_net_unwatch(struct plait_net *net, int fd)
{
    for (size_t i = 0; i < net->watch_count; i++)
        if (net->watches[i].fd == fd)
            net->watches[i].fd = -1;
}

static void forget_ended_watches(struct plait_net *net)
{
    size_t kept = 0;
    for (size_t i = 0; i < net->watch_count; i++)
        if (net->watches[i].fd >= 0)
            net->watches[kept++] = net->watches[i];
    net->watch_count = kept;
}

static size_t add_fd(struct plait_net *net, size_t count, int fd)
{
    net->fds = plait_net_grow(net->fds, count, &net->fd_room, sizeof *net->fds);
    net->fds[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    return count + 1;
}

static bool has_fd(const struct node *node)
{
    return node->kind == &plait_node_port && node->port.fd >= 0;
}

static size_t gather_fds(struct plait_net *net)
{
    size_t count = 0;
    forget_ended_watches(net);
    for (size_t i = 0; i < net->node_count; i++)
        if (has_fd(net->nodes[i]))
            count = add_fd(net, count, net->nodes[i]->port.fd);
    for (size_t i = 0; i < net->watch_count; i++)
        count = add_fd(net, count, net->watches[i].fd);
    return count;
}

/* True if descriptor N of the round, which belongs to FD's owner, is ready.  Errors and hang-ups
 * count: the owner learns of them by reading. */
static bool is_ready(const struct plait_net *net, size_t n, int fd)
{
    return net->fds[n].fd == fd && net->fds[n].revents;
}

/* READY may watch, unwatch and add nodes; what is new has no entry in this round. */
static void serve_fds(struct plait_net *net, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < net->node_count && n < count; i++) {
        if (!has_fd(net->nodes[i]))
            continue;
        if (is_ready(net, n, net->nodes[i]->port.fd))
            plait_port_serve(net, net->nodes[i], BATCH_PACKETS);
        n++;
    }
    for (size_t i = 0; n < count; i++, n++)
        if (is_ready(net, n, net->watches[i].fd))
            net->watches[i].ready(net->watches[i].self);
}

static bool any_ready(const struct plait_net *net, size_t count)
{
    for (size_t n = 0; n < count; n++)
        if (net->fds[n].revents)
            return true;
    return false;
}

/* ---- lateness ------------------------------------------------------------------------------ */

/* A busy machine lets the loop come round late.  What was DUE is the witness, and a beat that is
 * always due: packets that wait at a descriptor have no deadline that would tell. */
static void note_lateness(struct plait_net *net, plait_time_ns due_ns)
{
    plait_time_ns now = plait_net_now(net);
    if (due_ns != PLAIT_NEVER && now - due_ns > net->lateness_ns)
        net->lateness_ns = now - due_ns;
    net->beat_ns = now + PLAIT_NET_BEAT_NS;
}

void plait_net_time_lateness(struct plait_net *net)
{
    net->times_lateness = !net->clock->jumps;
    net->lateness_ns = 0;
    net->beat_ns = plait_net_now(net) + PLAIT_NET_BEAT_NS;
}

plait_time_ns plait_net_lateness(struct plait_net *net)
{
    if (net->times_lateness)
        note_lateness(net, net->beat_ns);
    return net->lateness_ns;
}

/* ---- rounds -------------------------------------------------------------------------------- */

/* Ports may have changed their minds since the last round: scripts and tests talk to them too. */
static void serve_ports(struct plait_net *net)
{
    for (size_t i = 0; i < net->node_count; i++) {
        struct node *node = net->nodes[i];
        if (has_fd(node))
            plait_port_arm(net, node);
        else if (node->kind == &plait_node_port)
            plait_port_serve(net, node, SIZE_MAX);
    }
}

static plait_time_ns next_ns(const struct plait_net *net)
{
    const struct timer *first = plait_timer_first(&net->timers);
    return first ? first->at_ns : PLAIT_NEVER;
}

/* What this round makes is left to the next one, so that STOP is asked in between. */
static void fire_due(struct plait_net *net, plait_time_ns due_ns)
{
    uint64_t made_by_now = net->serial;
    struct timer *first;
    while ((first = plait_timer_first(&net->timers)) && first->at_ns <= due_ns &&
           first->serial < made_by_now)
        first->fire(net, first);
}

/* False if nothing can ever happen again. */
static bool play_round(struct plait_net *net, plait_time_ns until)
{
    plait_time_ns wake_ns = plait_earlier(next_ns(net), until);
    size_t count = gather_fds(net);
    if (wake_ns == PLAIT_NEVER && !count)
        return false;
    plait_time_ns due_ns = net->times_lateness ? plait_earlier(wake_ns, net->beat_ns) : wake_ns;
    net->clock->wait(net->clock, due_ns, net->fds, count);
    if (net->times_lateness)
        note_lateness(net, due_ns);
    if (wake_ns == PLAIT_NEVER && net->clock->jumps && !any_ready(net, count))
        return false;
    serve_fds(net, count);
    fire_due(net, plait_earlier(plait_net_now(net), until));
    return true;
}

static void check_progress(plait_time_ns now, plait_time_ns *last_ns, uint64_t *rounds)
{
    *rounds = now == *last_ns ? *rounds + 1 : 0;
    *last_ns = now;
    if (*rounds > STANDSTILL_ROUNDS)
        plait_panic("net: time stands still", "%llu rounds at %lld ns", (unsigned long long)*rounds,
                    (long long)now);
}

static bool run(struct plait_net *net, plait_time_ns until, bool (*stop)(void *self), void *self)
{
    plait_time_ns last_ns = -1;
    uint64_t rounds = 0;
    for (;;) {
        if (stop && stop(self))
            return true;
        serve_ports(net);
        if (plait_net_now(net) >= until && next_ns(net) > until)
            return false;
        if (!play_round(net, until))
            return false;
        check_progress(plait_net_now(net), &last_ns, &rounds);
    }
}

bool plait_net_run(struct plait_net *net, plait_time_ns until, bool (*stop)(void *self), void *self)
{
    PLAIT_CHECK(!net->running);
    net->running = true;
    bool stopped = run(net, until, stop, self);
    net->running = false;
    return stopped;
}
