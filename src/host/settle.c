/* host/settle.c: the end of a call.  What is over is freed, then the application hears: at this
 * moment no flow and no connection is in the middle of anything, so it may do what it likes. */
#include "host/inside.h"

void plait_host_news(struct plait_connection *c)
{
    struct plait_host *host = c->host;
    if (c->has_news)
        return;
    c->has_news = true;
    c->next_news = NULL;
    if (host->last_news)
        host->last_news->next_news = c;
    else
        host->first_news = c;
    host->last_news = c;
}

static struct plait_connection *take_news(struct plait_host *host)
{
    struct plait_connection *c = host->first_news;
    if (!c)
        return NULL;
    host->first_news = c->next_news;
    if (!host->first_news)
        host->last_news = NULL;
    c->has_news = false;
    return c;
}

/* The application of a plain flow may still read what arrived: its handle frees it. */
bool plait_host_settle_flows(struct plait_host *host, plait_time_ns now)
{
    bool any = false;
    for (struct plait_flow *flow; (flow = plait_stack_next_closed(&host->stack)); any = true) {
        if (plait_flow_is_plain(flow))
            plait_host_forget_path(host, plait_flow_first_path(flow));
        else
            plait_flow_free(flow);
    }
    /* A flow in TIME-WAIT makes room for the next connection. */
    const struct plait_pool *flows = &host->stack.flows;
    if (flows->alive < flows->limit)
        return any;
    struct plait_flow *oldest = plait_stack_oldest_waiting(&host->stack);
    if (oldest) {
        plait_flow_end_waiting(oldest, now);
        return plait_host_settle_flows(host, now);
    }
    return any;
}

static void hand_over(struct plait_connection *c, plait_time_ns now)
{
    struct plait_listener *listener = c->listener;
    if (!listener) { /* it was closed before anybody could take this */
        plait_connection_free(c, now);
        return;
    }
    if (!c->callbacks.accepted) {
        plait_listener_keep(listener, c);
        return;
    }
    plait_connection_taken(c);
    plait_host_news(c); /* whatever else happened is told next */
    c->callbacks.accepted(c->user, c, now);
}

static void tell(struct plait_connection *c, plait_time_ns now)
{
    if (c->is_orphan) {
        plait_connection_live_on(c, now);
    } else if (c->is_new) {
        c->is_new = false;
        hand_over(c, now);
    } else if (!c->is_waiting && c->callbacks.changed) {
        c->callbacks.changed(c->user, c, now);
    }
}

/* Payload memory came back, from whichever connection: those that wanted some may write again. */
static void offer_memory(struct plait_host *host)
{
    if (!host->wants_memory || !plait_chunk_may_send(&host->stack.chunks))
        return;
    host->wants_memory = false;
    for (struct plait_connection *c = host->connections; c; c = c->next) {
        if (c->wants_memory)
            plait_host_news(c);
        c->wants_memory = false;
    }
}

bool plait_host_settle(struct plait_host *host, plait_time_ns now)
{
    bool any = plait_host_settle_flows(host, now);
    offer_memory(host);
    for (struct plait_connection *c; (c = take_news(host)); any = true) {
        tell(c, now);
        plait_host_settle_flows(host, now);
    }
    return any;
}
