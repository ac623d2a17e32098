/* host/request.c: half-open requests in queues of equal patience. */
#include "host/request.h"

void plait_requests_init(struct plait_requests *r, struct plait_arena *arena,
                         struct plait_timers *timers, uint32_t limit, plait_time_ns first_wait_ns)
{
    *r = (struct plait_requests){.timers = timers,
                                 .pool = plait_pool(arena, sizeof(struct plait_request), limit),
                                 .table = plait_table(arena),
                                 .joins_limit = (limit + 3) / 4,
                                 .first_wait_ns = first_wait_ns};
    r->others_limit = limit - r->joins_limit;
    for (unsigned i = 0; i <= PLAIT_REQUEST_ATTEMPTS; i++)
        plait_timer_init(&r->queues[i].timer, (uint8_t)(PLAIT_REQUEST_TIMER_KIND + i));
}

struct plait_request *plait_request_find(const struct plait_requests *r,
                                         const struct plait_flow_key *key, uint64_t hash)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&r->table, hash, node))) {
        struct plait_request *request = PLAIT_OWNER(node, struct plait_request, node);
        if (plait_flow_equal(&request->key, key))
            return request;
    }
    return NULL;
}

bool plait_request_has_room(const struct plait_requests *r, bool is_join)
{
    return is_join ? r->joins < r->joins_limit : r->pool.alive - r->joins < r->others_limit;
}

struct plait_request *plait_request_add(struct plait_requests *r, const struct plait_flow_key *key,
                                        uint64_t hash, bool is_join)
{
    struct plait_request *request =
        plait_request_has_room(r, is_join) ? plait_pool_take(&r->pool) : NULL;
    if (!request || !plait_table_insert(&r->table, &request->node, hash)) {
        plait_pool_give(&r->pool, request);
        return NULL;
    }
    request->key = *key;
    request->due_ns = PLAIT_NEVER;
    request->is_join = is_join;
    r->joins += is_join;
    return request;
}

static bool is_queued(const struct plait_requests *r, const struct plait_request *request)
{
    return request->previous || r->queues[request->queue].first == request;
}

static void leave(struct plait_requests *r, struct plait_request *request)
{
    if (!is_queued(r, request))
        return;
    struct plait_request_queue *queue = &r->queues[request->queue];
    if (request->previous)
        request->previous->next = request->next;
    else
        queue->first = request->next;
    if (request->next)
        request->next->previous = request->previous;
    else
        queue->last = request->previous;
    request->previous = request->next = NULL;
    if (request->queue)
        plait_timer_set(r->timers, &queue->timer,
                        queue->first ? queue->first->due_ns : PLAIT_NEVER);
}

static void enter(struct plait_requests *r, struct plait_request *request, uint8_t number)
{
    struct plait_request_queue *queue = &r->queues[number];
    request->queue = number;
    request->previous = queue->last;
    if (queue->last)
        queue->last->next = request;
    else
        queue->first = request;
    queue->last = request;
    if (number && queue->first == request)
        plait_timer_set(r->timers, &queue->timer, request->due_ns);
}

void plait_request_remove(struct plait_requests *r, struct plait_request *request)
{
    leave(r, request);
    plait_table_remove(&r->table, &request->node);
    r->joins -= request->is_join;
    plait_mptcp_hello_forget(&request->hello);
    plait_pool_give(&r->pool, request);
}

void plait_request_send(struct plait_requests *r, struct plait_request *request)
{
    leave(r, request);
    enter(r, request, 0);
}

struct plait_request *plait_request_to_send(const struct plait_requests *r)
{
    return r->queues[0].first;
}

static plait_time_ns wait_ns(const struct plait_requests *r, unsigned attempts)
{
    return r->first_wait_ns << (attempts - 1);
}

void plait_request_sent(struct plait_requests *r, struct plait_request *request, plait_time_ns now)
{
    leave(r, request);
    if (request->attempts < PLAIT_REQUEST_ATTEMPTS)
        request->attempts++;
    request->due_ns = now + wait_ns(r, request->attempts);
    enter(r, request, request->attempts);
}

plait_time_ns plait_request_sent_once_ns(const struct plait_requests *r,
                                         const struct plait_request *request)
{
    bool once = request->attempts == 1 && request->queue == 1;
    return once ? request->due_ns - wait_ns(r, 1) : PLAIT_NEVER;
}

struct plait_request *plait_request_timer(struct plait_requests *r, struct plait_timer *timer,
                                          plait_time_ns now)
{
    struct plait_request_queue *queue = &r->queues[timer->kind - PLAIT_REQUEST_TIMER_KIND];
    while (queue->first && queue->first->due_ns <= now) {
        if (queue->first->attempts == PLAIT_REQUEST_ATTEMPTS)
            return queue->first;
        plait_request_send(r, queue->first);
    }
    plait_timer_set(r->timers, timer, queue->first ? queue->first->due_ns : PLAIT_NEVER);
    return NULL;
}
