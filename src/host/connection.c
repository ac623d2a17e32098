/* host/connection.c: the handle of an application, over a plain flow or an MPTCP connection. */
#include "host/inside.h"

#include "base/receive_queue.h"
#include "base/send_queue.h"

/* ---- making and ending ---- */

struct plait_connection *plait_connection_new(struct plait_host *host,
                                              const struct plait_callbacks *callbacks, void *user)
{
    struct plait_connection *c = plait_pool_take(&host->connection_pool);
    if (!c)
        return NULL;
    c->host = host;
    c->number = ++host->connections_made;
    c->user = user;
    c->ended = PLAIT_STAGE_CLOSED;
    plait_timer_init(&c->orphan_timer, PLAIT_ORPHAN_TIMER_KIND);
    if (callbacks)
        c->callbacks = *callbacks;
    c->next = host->connections;
    if (c->next)
        c->next->previous = c;
    host->connections = c;
    return c;
}

static void leave_news(struct plait_connection *c)
{
    struct plait_host *host = c->host;
    struct plait_connection *before = NULL, **link = &host->first_news;
    while (*link && *link != c) {
        before = *link;
        link = &before->next_news;
    }
    if (!*link)
        return;
    *link = c->next_news;
    if (host->last_news == c)
        host->last_news = before;
    c->has_news = false;
}

static void leave_waiting(struct plait_connection *c)
{
    struct plait_listener *l = c->listener;
    struct plait_connection *before = NULL, **link = &l->first_waiting;
    while (*link != c) {
        before = *link;
        link = &before->next_waiting;
    }
    *link = c->next_waiting;
    if (l->last_waiting == c)
        l->last_waiting = before;
    c->is_waiting = false;
}

void plait_connection_taken(struct plait_connection *c)
{
    if (!c->listener)
        return;
    if (c->is_waiting)
        leave_waiting(c);
    c->listener->waiting--;
    c->listener = NULL;
}

void plait_listener_keep(struct plait_listener *listener, struct plait_connection *c)
{
    c->is_waiting = true;
    c->next_waiting = NULL;
    if (listener->last_waiting)
        listener->last_waiting->next_waiting = c;
    else
        listener->first_waiting = c;
    listener->last_waiting = c;
}

struct plait_connection *plait_listener_take(struct plait_listener *listener)
{
    struct plait_connection *c = listener->first_waiting;
    if (c)
        plait_connection_taken(c);
    return c;
}

void plait_connection_dispose(struct plait_connection *c)
{
    struct plait_host *host = c->host;
    plait_connection_taken(c);
    leave_news(c);
    plait_timer_forget(&host->stack.timers, &c->orphan_timer);
    if (c->flow)
        plait_flow_free(c->flow);
    if (c->mptcp) {
        plait_host_drop_joins(host, c->mptcp);
        plait_mptcp_free(c->mptcp);
    }
    if (c->previous)
        c->previous->next = c->next;
    else
        host->connections = c->next;
    if (c->next)
        c->next->previous = c->previous;
    plait_pool_give(&host->connection_pool, c);
}

static void abort_now(struct plait_connection *c, plait_time_ns now, bool on_ack)
{
    c->is_closing = true;
    c->ended = PLAIT_STAGE_RESET;
    if (c->mptcp)
        plait_mptcp_fastclose(c->mptcp, now, on_ack);
    else
        plait_flow_abort(c->flow, now);
}

/* Grows with whatever brings C nearer to its end. */
static uint64_t progress(const struct plait_connection *c)
{
    struct plait_status s = plait_connection_status(c);
    return s.acked_octets + s.peer_done + (uint64_t)s.stage;
}

static void watch_orphan(struct plait_connection *c, plait_time_ns now)
{
    c->orphan_progress = progress(c);
    plait_timer_set(&c->host->stack.timers, &c->orphan_timer, now + PLAIT_HOST_ORPHAN_NS);
}

/* Nobody is left to end it, and a peer that never closes, or never opens its window, would hold its
 * memory for as long as it likes. */
void plait_connection_orphan_timer(struct plait_timer *timer, plait_time_ns now)
{
    struct plait_connection *c = PLAIT_OWNER(timer, struct plait_connection, orphan_timer);
    if (c->is_over)
        return;
    if (progress(c) == c->orphan_progress)
        abort_now(c, now, false);
    else
        watch_orphan(c, now);
}

void plait_connection_free(struct plait_connection *c, plait_time_ns now)
{
    if (c->is_orphan)
        return;
    plait_connection_taken(c);
    c->is_orphan = true;
    c->callbacks = (struct plait_callbacks){0};
    if (!c->is_over && !c->is_closing)
        abort_now(c, now, false);
    if (c->is_over) {
        plait_connection_dispose(c);
        return;
    }
    watch_orphan(c, now);
    plait_host_news(c);
}

/* What comes now is read by nobody: the peer is told so (RFC 1122 §4.2.2.13). */
void plait_connection_live_on(struct plait_connection *c, plait_time_ns now)
{
    uint32_t unread = 0;
    if (c->is_over)
        plait_connection_dispose(c);
    else if (c->ended != PLAIT_STAGE_RESET && plait_connection_peek(c, &unread))
        abort_now(c, now, false);
}

/* ---- events ---- */

void plait_connection_flow_event(void *connection, struct plait_flow *flow, plait_time_ns now,
                                 enum plait_flow_event event, uint64_t detail)
{
    struct plait_connection *c = connection;
    (void)flow;
    (void)now;
    (void)detail;
    if (event == PLAIT_FLOW_IS_RESET)
        c->ended = PLAIT_STAGE_RESET;
    else if (event == PLAIT_FLOW_GAVE_UP)
        c->ended = PLAIT_STAGE_TIMED_OUT;
    else if (event == PLAIT_FLOW_IS_CLOSED)
        c->is_over = true;
    plait_host_news(c);
}

void plait_connection_mptcp_event(struct plait_connection *c, plait_time_ns now,
                                  enum plait_mptcp_event event)
{
    (void)now;
    if (event == PLAIT_MPTCP_IS_RESET)
        c->ended = PLAIT_STAGE_RESET;
    else if (event == PLAIT_MPTCP_IS_TIMED_OUT)
        c->ended = PLAIT_STAGE_TIMED_OUT;
    else if (event == PLAIT_MPTCP_IS_CLOSED)
        c->is_over = true;
    plait_host_news(c);
}

/* ---- status ---- */

/* Positions count the SYN, or the IDSN, as one. */
static uint64_t octets_below(uint64_t offset)
{
    return offset ? offset - 1 : 0;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void plain_status(const struct plait_connection *c, struct plait_status *s)
{
    static const uint8_t stages[PLAIT_FLOW_STATES] = {
        [PLAIT_FLOW_CLOSED] = PLAIT_STAGE_CLOSED,
        [PLAIT_FLOW_SYN_SENT] = PLAIT_STAGE_OPENING,
        [PLAIT_FLOW_SYN_RECEIVED] = PLAIT_STAGE_OPENING,
        [PLAIT_FLOW_ESTABLISHED] = PLAIT_STAGE_OPEN,
        [PLAIT_FLOW_FIN_WAIT_1] = PLAIT_STAGE_CLOSING,
        [PLAIT_FLOW_FIN_WAIT_2] = PLAIT_STAGE_CLOSING,
        [PLAIT_FLOW_CLOSE_WAIT] = PLAIT_STAGE_OPEN,
        [PLAIT_FLOW_CLOSING] = PLAIT_STAGE_CLOSING,
        [PLAIT_FLOW_LAST_ACK] = PLAIT_STAGE_CLOSING,
        [PLAIT_FLOW_TIME_WAIT] = PLAIT_STAGE_CLOSED,
    };
    struct plait_send_queue *send = plait_flow_send_queue(c->flow);
    struct plait_receive_queue *receive = plait_flow_receive_queue(c->flow);
    uint64_t edge = plait_receive_queue_edge(receive);
    s->stage = (enum plait_stage)stages[plait_flow_state(c->flow)];
    if (c->is_closing && s->stage == PLAIT_STAGE_OPEN) /* the FIN waits behind what was written */
        s->stage = PLAIT_STAGE_CLOSING;
    s->peer_done = plait_flow_peer_done(c->flow);
    s->readable_octets = (uint32_t)(edge - receive->start);
    s->writable_octets = c->is_closing ? 0 : plait_send_queue_room(send);
    s->written_octets = octets_below(send->end);
    s->acked_octets = octets_below(lesser(plait_flow_unacked(c->flow), send->end));
    s->received_octets = octets_below(edge);
    s->path_count = c->is_over ? 0 : 1;
}

/* Closed: our DATA_FIN is acknowledged and the peer's has come. */
static bool is_all_done(const struct plait_connection *c, const struct plait_mptcp_info *info)
{
    return c->is_closing && info->peer_done && info->data_acked > info->data_written;
}

static void multipath_status(const struct plait_connection *c, struct plait_status *s)
{
    struct plait_mptcp_info info = plait_mptcp_info(c->mptcp);
    s->stage = is_all_done(c, &info)  ? PLAIT_STAGE_CLOSED
               : info.is_ended        ? (enum plait_stage)c->ended
               : !info.is_established ? PLAIT_STAGE_OPENING
               : c->is_closing        ? PLAIT_STAGE_CLOSING
                                      : PLAIT_STAGE_OPEN;
    s->is_multipath = info.mechanism && !info.is_fallen_back;
    s->mechanism = plait_mechanism_name_of(s->is_multipath ? info.mechanism : NULL);
    s->peer_done = info.peer_done;
    s->readable_octets = (uint32_t)(info.data_received - info.data_read);
    s->writable_octets = c->is_closing ? 0 : info.writable_octets;
    s->written_octets = octets_below(info.data_written);
    s->acked_octets = octets_below(lesser(info.data_acked, info.data_written));
    s->received_octets = octets_below(info.data_received);
    s->path_count = info.path_count;
    s->own_token = info.own_token;
    s->peer_token = info.peer_token;
}

struct plait_status plait_connection_status(const struct plait_connection *c)
{
    struct plait_status s = {0};
    if (c->mptcp)
        multipath_status(c, &s);
    else
        plain_status(c, &s);
    if (c->is_over)
        s.stage = (enum plait_stage)c->ended;
    return s;
}

const char *plait_stage_text(enum plait_stage stage)
{
    static const char *const texts[] = {
        [PLAIT_STAGE_OPENING] = "opening", [PLAIT_STAGE_OPEN] = "open",
        [PLAIT_STAGE_CLOSING] = "closing", [PLAIT_STAGE_CLOSED] = "closed",
        [PLAIT_STAGE_RESET] = "reset",     [PLAIT_STAGE_TIMED_OUT] = "timed out"};
    return (unsigned)stage < sizeof texts / sizeof texts[0] ? texts[stage] : "unknown";
}

/* ---- sending and receiving ---- */

static bool may_write(const struct plait_connection *c)
{
    return !c->is_over && !c->is_closing;
}

/* Room was asked for and less was given: by the limit of C, or by the host's memory, which others
 * may give back. */
static void note_shortage(struct plait_connection *c)
{
    if (plait_chunk_may_send(&c->host->stack.chunks))
        return;
    c->wants_memory = c->host->wants_memory = true;
}

static uint8_t *reserve(struct plait_connection *c, uint32_t *length_octets)
{
    *length_octets = 0;
    if (!may_write(c))
        return NULL;
    return c->mptcp ? plait_mptcp_reserve(c->mptcp, length_octets)
                    : plait_send_queue_reserve(plait_flow_send_queue(c->flow), length_octets);
}

uint8_t *plait_connection_reserve(struct plait_connection *c, uint32_t *length_octets)
{
    uint8_t *room = reserve(c, length_octets);
    if (*length_octets == 0)
        note_shortage(c);
    return room;
}

plait_result plait_connection_commit(struct plait_connection *c, plait_time_ns now,
                                     uint32_t length_octets)
{
    uint32_t room = 0;
    (void)reserve(c, &room);
    if (!may_write(c) || length_octets > room)
        return PLAIT_FAIL(USAGE);
    if (c->mptcp) {
        plait_mptcp_commit(c->mptcp, now, length_octets);
    } else {
        plait_send_queue_commit(plait_flow_send_queue(c->flow), length_octets);
        plait_flow_wake(c->flow);
    }
    return PLAIT_OK;
}

uint32_t plait_connection_write(struct plait_connection *c, plait_time_ns now, const void *octets,
                                uint32_t length_octets)
{
    uint32_t taken = 0;
    if (!may_write(c))
        return 0;
    if (c->mptcp)
        taken = plait_mptcp_put(c->mptcp, now, octets, length_octets);
    else
        taken = plait_send_queue_write(plait_flow_send_queue(c->flow), octets, length_octets);
    if (taken && c->flow)
        plait_flow_wake(c->flow);
    if (taken < length_octets)
        note_shortage(c);
    return taken;
}

const uint8_t *plait_connection_peek(struct plait_connection *c, uint32_t *length_octets)
{
    return c->mptcp ? plait_mptcp_peek(c->mptcp, length_octets)
                    : plait_receive_queue_peek(plait_flow_receive_queue(c->flow), length_octets);
}

static void consume(struct plait_connection *c, plait_time_ns now, uint32_t length_octets)
{
    if (c->mptcp) {
        plait_mptcp_consume(c->mptcp, now, length_octets);
        return;
    }
    plait_receive_queue_consume(plait_flow_receive_queue(c->flow), length_octets);
    if (!c->is_over)
        plait_flow_consumed(c->flow);
}

plait_result plait_connection_consume(struct plait_connection *c, plait_time_ns now,
                                      uint32_t length_octets)
{
    if (length_octets > plait_connection_status(c).readable_octets)
        return PLAIT_FAIL(USAGE);
    if (length_octets)
        consume(c, now, length_octets);
    return PLAIT_OK;
}

uint32_t plait_connection_read(struct plait_connection *c, plait_time_ns now, void *octets,
                               uint32_t length_octets)
{
    uint32_t done = 0;
    while (done < length_octets) {
        uint32_t piece = 0;
        const uint8_t *from = plait_connection_peek(c, &piece);
        if (!from || piece == 0)
            break;
        if (piece > length_octets - done)
            piece = length_octets - done;
        memcpy((uint8_t *)octets + done, from, piece);
        consume(c, now, piece);
        done += piece;
    }
    return done;
}

/* ---- ending ---- */

plait_result plait_connection_close(struct plait_connection *c, plait_time_ns now)
{
    if (!may_write(c))
        return PLAIT_FAIL(USAGE);
    c->is_closing = true;
    if (c->mptcp)
        plait_mptcp_close(c->mptcp, now);
    else
        plait_flow_close(c->flow, now);
    return PLAIT_OK;
}

plait_result plait_connection_abort(struct plait_connection *c, plait_time_ns now, bool on_ack)
{
    if (c->is_over || c->ended == PLAIT_STAGE_RESET)
        return PLAIT_FAIL(USAGE);
    abort_now(c, now, on_ack);
    return PLAIT_OK;
}

/* ---- paths ---- */

static void describe(const struct plait_flow *flow, const struct plait_path *path,
                     struct plait_path_status *s)
{
    enum plait_flow_state state = plait_flow_state(flow);
    s->local = path->key.src;
    s->remote = path->key.dst;
    s->is_established = state >= PLAIT_FLOW_ESTABLISHED && state < PLAIT_FLOW_TIME_WAIT;
    s->smoothed_rtt_ns = path->smoothed_rtt_ns;
    s->window_octets = path->window_octets;
    s->in_flight_octets = path->in_flight_octets;
    s->sent_octets = path->sent_octets;
    s->delivered_octets = path->delivered_octets;
    s->lost_octets = path->lost_octets;
    s->received_octets = octets_below(plait_flow_received(flow));
}

plait_result plait_connection_path(const struct plait_connection *c, unsigned index,
                                   struct plait_path_status *status)
{
    struct plait_subflow_info info;
    struct plait_path_status s = {0};
    if (c->mptcp) {
        if (!plait_mptcp_subflow(c->mptcp, index, &info) || !info.flow)
            return PLAIT_FAIL(NOT_FOUND);
        s.local_id = info.local_id;
        s.remote_id = info.remote_id;
        s.backup_here = info.backup_here;
        s.backup_there = info.backup_there;
        s.opened_here = info.initiated_here;
        describe(info.flow, info.path, &s);
        s.is_established &= !info.is_offered;
    } else {
        if (index || c->is_over)
            return PLAIT_FAIL(NOT_FOUND);
        s.opened_here = c->is_dialled;
        describe(c->flow, plait_flow_first_path(c->flow), &s);
    }
    *status = s;
    return PLAIT_OK;
}

plait_result plait_connection_ends(const struct plait_connection *c, struct plait_place *local,
                                   struct plait_place *remote)
{
    if (c->mptcp) {
        struct plait_mptcp_info info = plait_mptcp_info(c->mptcp);
        *local = info.first_local;
        *remote = info.first_remote;
        return PLAIT_OK;
    }
    struct plait_path_status path;
    PLAIT_TRY(plait_connection_path(c, 0, &path));
    *local = path.local;
    *remote = path.remote;
    return PLAIT_OK;
}

/* Plain TCP, from the start or by fallback, has one path. */
static plait_result check_multipath(const struct plait_connection *c)
{
    if (c->is_over)
        return PLAIT_FAIL(USAGE);
    if (!c->mptcp || plait_mptcp_info(c->mptcp).is_fallen_back)
        return PLAIT_FAIL(UNSUPPORTED);
    return PLAIT_OK;
}

plait_result plait_connection_add_path(struct plait_connection *c, plait_time_ns now,
                                       const struct plait_place *local,
                                       const struct plait_place *remote, bool backup)
{
    PLAIT_TRY(check_multipath(c));
    if (!plait_host_has_addr(c->host, &local->addr) || local->addr.family != remote->addr.family)
        return PLAIT_FAIL(NOT_FOUND);
    return plait_mptcp_add_subflow(c->mptcp, now, local, remote, backup);
}

plait_result plait_connection_remove_path(struct plait_connection *c, plait_time_ns now,
                                          unsigned index)
{
    PLAIT_TRY(check_multipath(c));
    return plait_mptcp_remove_subflow(c->mptcp, now, index);
}

plait_result plait_connection_set_backup(struct plait_connection *c, plait_time_ns now,
                                         unsigned index, bool backup)
{
    PLAIT_TRY(check_multipath(c));
    return plait_mptcp_set_backup(c->mptcp, now, index, backup);
}

plait_result plait_connection_announce(struct plait_connection *c, plait_time_ns now,
                                       const struct plait_place *place)
{
    PLAIT_TRY(check_multipath(c));
    return plait_mptcp_announce(c->mptcp, now, place);
}

plait_result plait_connection_withdraw(struct plait_connection *c, plait_time_ns now,
                                       const struct plait_addr *addr)
{
    PLAIT_TRY(check_multipath(c));
    return plait_mptcp_withdraw(c->mptcp, now, addr);
}

plait_result plait_connection_set_limits(struct plait_connection *c, uint32_t subflows,
                                         uint32_t add_addr_accepted)
{
    PLAIT_TRY(check_multipath(c));
    plait_mptcp_limit_paths(c->mptcp, subflows, add_addr_accepted);
    return PLAIT_OK;
}

void plait_connection_set_user(struct plait_connection *c, void *user)
{
    c->user = user;
}

void *plait_connection_user(const struct plait_connection *c)
{
    return c->user;
}
