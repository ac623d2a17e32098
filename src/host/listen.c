/* host/listen.c: listeners, and what they answer to SYNs. */
#include "host/inside.h"

/* ---- listeners ---- */

static bool covers(const struct plait_listener *listener, const struct plait_place *place)
{
    return listener->place.port == place->port &&
           (listener->place.addr.family == PLAIT_NO_FAMILY ||
            plait_addr_equal(&listener->place.addr, &place->addr));
}

struct plait_listener *plait_host_find_listener(const struct plait_host *host,
                                                const struct plait_place *place)
{
    struct plait_listener *everywhere = NULL;
    for (struct plait_listener *l = host->listeners; l; l = l->next) {
        if (!covers(l, place))
            continue;
        if (l->place.addr.family != PLAIT_NO_FAMILY)
            return l; /* the exact one */
        everywhere = l;
    }
    return everywhere;
}

struct plait_listener *plait_host_listener_of(const struct plait_host *host, uint16_t number)
{
    struct plait_listener *l = host->listeners;
    while (l && l->number != number)
        l = l->next;
    return l;
}

bool plait_listener_is_full(const struct plait_listener *listener)
{
    return listener->waiting >= listener->backlog;
}

static bool is_listened_to(const struct plait_host *host, const struct plait_place *place)
{
    for (const struct plait_listener *l = host->listeners; l; l = l->next)
        if (plait_place_equal(&l->place, place))
            return true;
    return false;
}

/* Numbers are of requests, which may outlive their listener by a moment: none is used again soon.
 */
static uint16_t next_number(struct plait_host *host)
{
    do
        host->listeners_made++;
    while (host->listeners_made == 0 || plait_host_listener_of(host, host->listeners_made));
    return host->listeners_made;
}

plait_result plait_listen(struct plait_host *host, plait_time_ns now, const struct plait_addr *addr,
                          uint16_t port, const struct plait_options *options, unsigned backlog,
                          const struct plait_callbacks *callbacks, void *user,
                          struct plait_listener **listener)
{
    struct plait_place place = {.port = port};
    if (addr)
        place.addr = *addr;
    if (port == 0)
        return PLAIT_FAIL(USAGE);
    if (options)
        PLAIT_TRY(plait_options_check(options));
    if (addr && !plait_host_has_addr(host, addr))
        return PLAIT_FAIL(NOT_FOUND);
    if (is_listened_to(host, &place))
        return PLAIT_FAIL(EXISTS);
    struct plait_listener *l = plait_pool_take(&host->listener_pool);
    if (!l)
        return PLAIT_FAIL(TOO_MANY);
    if (!options)
        options = &host->config.options;
    *l = (struct plait_listener){.next = host->listeners,
                                 .host = host,
                                 .place = place,
                                 .options = *options,
                                 .mptcp = plait_mptcp_config_of(options),
                                 .callbacks = callbacks ? *callbacks : (struct plait_callbacks){0},
                                 .user = user,
                                 .backlog = backlog ? backlog : PLAIT_HOST_BACKLOG,
                                 .number = next_number(host)};
    host->listeners = l;
    if (listener)
        *listener = l;
    plait_host_trace(host, now, PLAIT_TRACE_LISTEN_EVENT, port, 0, 0);
    return PLAIT_OK;
}

/* Requests of listener NUMBER, or joins to CONNECTION. */
static void drop_requests(struct plait_host *host, uint16_t number,
                          const struct plait_mptcp *connection)
{
    uint32_t bucket = 0;
    struct plait_table_node *node = plait_table_each(&host->requests.table, &bucket, NULL), *next;
    for (; node; node = next) {
        next = plait_table_each(&host->requests.table, &bucket, node);
        struct plait_request *request = PLAIT_OWNER(node, struct plait_request, node);
        if (request->is_join ? connection && request->hello.connection == connection
                             : number && request->listener == number)
            plait_host_request_over(host, request);
    }
}

void plait_host_drop_joins(struct plait_host *host, const struct plait_mptcp *connection)
{
    if (host->requests.joins)
        drop_requests(host, 0, connection);
}

void plait_listener_close(struct plait_listener *listener, plait_time_ns now)
{
    struct plait_host *host = listener->host;
    drop_requests(host, listener->number, NULL);
    while (listener->first_waiting) /* nobody will ever take them */
        plait_connection_free(plait_listener_take(listener), now);
    for (struct plait_connection *c = host->connections; c; c = c->next)
        if (c->listener == listener) /* about to be handed over */
            c->listener = NULL;
    struct plait_listener **link = &host->listeners;
    while (*link != listener)
        link = &(*link)->next;
    *link = listener->next;
    plait_pool_give(&host->listener_pool, listener);
}

/* ---- SYNs ---- */

struct plait_mptcp *plait_host_find_token(void *host, uint32_t token)
{
    return plait_token_find(&((struct plait_host *)host)->tokens, token);
}

/* What the SYN is, for LISTENER (NULL: only a join can be meant); ISN is the number we answer
 * with. */
static plait_result hello(struct plait_host *host, plait_time_ns now,
                          const struct plait_listener *listener, const struct plait_segment *syn,
                          const struct plait_flow_key *key, uint32_t isn, struct plait_hello *hello,
                          uint8_t *reason)
{
    const struct plait_options *options = listener ? &listener->options : &host->config.options;
    *hello = (struct plait_hello){.kind = PLAIT_HELLO_TCP};
    *reason = PLAIT_NO_REASON;
    bool is_join = plait_mptcp_hello_join(syn);
    if (plait_options_are_tcp(options) && !is_join)
        return PLAIT_OK;
    struct plait_hello_draws draws = {0}; /* the two that one SYN needs are never the same */
    if (is_join)
        draws.nonce = plait_draw_nonce(&host->key, key, isn, now);
    else
        draws.key = plait_draw_server_key(&host->key, key, syn->seq, isn);
    return plait_mptcp_hello(&host->stack, listener ? &listener->mptcp : &host->mptcp, syn, &draws,
                             plait_host_find_token, host, hello, reason);
}

static uint16_t peer_mss(const struct plait_segment *syn)
{
    if (syn->options.has_mss)
        return syn->options.mss;
    return syn->ip.src.family == PLAIT_IPV6 ? 1220 : 536; /* RFC 9293 §3.7.1 */
}

static uint8_t peer_shift(const struct plait_segment *syn)
{
    uint8_t shift = syn->options.window_scale;
    return shift > 14 ? 14 : shift; /* RFC 7323 §2.3 */
}

/* What both ends can do of what SYN offers. */
static struct plait_cookie offered(const struct plait_host *host, const struct plait_segment *syn)
{
    const struct plait_tcp_config *own = &host->stack.config;
    const struct plait_tcp_options *o = &syn->options;
    return (struct plait_cookie){.mss = peer_mss(syn),
                                 .timestamps = o->has_timestamps && !own->no_timestamps,
                                 .sack = o->sack_permitted && !own->no_sack,
                                 .window_scale = o->has_window_scale && !own->no_window_scale,
                                 .send_shift = peer_shift(syn)};
}

enum outcome { ANSWERED, COOKIE, DROPPED, REFUSED }; /* of REQUEST events */

static void trace_request(struct plait_host *host, plait_time_ns now, const struct plait_hello *h,
                          uint16_t port, enum outcome outcome)
{
    plait_host_trace(host, now, PLAIT_TRACE_REQUEST_EVENT, h->kind, port, outcome);
}

/* At the limit nothing is kept: the ISN and the timestamp remember (host/cookie.h). */
static void answer_with_cookie(struct plait_host *host, plait_time_ns now,
                               struct plait_listener *listener, const struct plait_segment *syn,
                               const struct plait_flow_key *key)
{
    struct plait_cookie cookie = offered(host, syn);
    uint32_t timestamp = plait_host_timestamp(host, key, now);
    uint32_t isn = plait_cookie_make(&host->key, key, syn->seq, now, &cookie, &timestamp);
    struct plait_hello h;
    uint8_t reason;
    if (!plait_ok(hello(host, now, listener, syn, key, isn, &h, &reason)))
        return;
    struct plait_syn_facts facts = {.key = key,
                                    .hello = &h,
                                    .isn = isn,
                                    .peer_isn = syn->seq,
                                    .timestamp = timestamp,
                                    .timestamp_echo = syn->options.timestamp,
                                    .sack = cookie.sack,
                                    .timestamps = cookie.timestamps,
                                    .window_scale = cookie.window_scale};
    struct plait_segment answer = plait_host_syn_ack(host, &facts);
    if (!plait_reply_add(&host->replies, &answer))
        return;
    host->last_cookie_ns = now;
    plait_count(&host->stack, PLAIT_COUNT_COOKIES_SENT);
    trace_request(host, now, &h, key->src.port, COOKIE);
}

static void at_the_limit(struct plait_host *host, plait_time_ns now,
                         struct plait_listener *listener, const struct plait_segment *syn,
                         const struct plait_flow_key *key)
{
    plait_count(&host->stack, PLAIT_COUNT_REQUESTS_LIMIT);
    /* A join's third ACK has no token: no cookie can hold it (RFC 8684 §3.2). */
    if (plait_mptcp_hello_join(syn))
        plait_host_reset(host, now, syn, 2);
    else if (!host->config.no_syn_cookies)
        answer_with_cookie(host, now, listener, syn, key);
}

static void keep(struct plait_host *host, plait_time_ns now, struct plait_listener *listener,
                 const struct plait_segment *syn, const struct plait_flow_key *key, uint64_t hash,
                 const struct plait_hello *h, uint32_t isn)
{
    bool is_join = h->kind == PLAIT_HELLO_JOIN;
    struct plait_request *request = plait_request_add(&host->requests, key, hash, is_join);
    if (!request) { /* the host's memory is full */
        struct plait_hello forgotten = *h;
        plait_mptcp_hello_forget(&forgotten);
        plait_count(&host->stack, PLAIT_COUNT_REQUESTS_LIMIT);
        return;
    }
    struct plait_cookie can = offered(host, syn);
    request->hello = *h;
    request->isn = isn;
    request->peer_isn = syn->seq;
    request->peer_timestamp = syn->options.timestamp;
    request->peer_mss = can.mss;
    request->peer_window = syn->window;
    request->sack = can.sack;
    request->timestamps = can.timestamps;
    request->window_scale = can.window_scale;
    request->send_shift = can.window_scale ? can.send_shift : 0;
    if (listener && !is_join) {
        request->listener = listener->number;
        listener->half_open++;
    }
    plait_request_send(&host->requests, request);
    trace_request(host, now, h, key->src.port, ANSWERED);
}

void plait_host_syn(struct plait_host *host, plait_time_ns now, const struct plait_segment *syn,
                    const struct plait_flow_key *key, uint64_t hash)
{
    struct plait_listener *listener = plait_host_find_listener(host, &key->src);
    bool is_join = plait_mptcp_hello_join(syn); /* found by its token, whatever the port (N19) */
    if (!listener && !is_join) {
        plait_count(&host->stack, PLAIT_COUNT_NO_LISTENER);
        plait_host_reset(host, now, syn, PLAIT_NO_REASON);
        return;
    }
    if (!is_join && plait_listener_is_full(listener)) { /* the peer tries again */
        plait_count(&host->stack, PLAIT_COUNT_ACCEPT_LIMIT);
        return;
    }
    bool backlog = is_join || listener->half_open < listener->backlog;
    if (!backlog || !plait_request_has_room(&host->requests, is_join)) {
        at_the_limit(host, now, listener, syn, key);
        return;
    }
    struct plait_hello h;
    uint8_t reason;
    uint32_t isn = plait_host_isn(host, key, now);
    if (plait_ok(hello(host, now, listener, syn, key, isn, &h, &reason))) {
        keep(host, now, listener, syn, key, hash, &h, isn);
    } else {
        plait_host_reset(host, now, syn, reason);
        trace_request(host, now, &h, key->src.port, REFUSED);
    }
}

/* ---- half-open requests ---- */

void plait_host_request_over(struct plait_host *host, struct plait_request *request)
{
    struct plait_listener *listener = plait_host_listener_of(host, request->listener);
    if (listener)
        listener->half_open--;
    plait_request_remove(&host->requests, request);
}

bool plait_host_write_syn_ack(struct plait_host *host, plait_time_ns now,
                              struct plait_request *request, struct plait_out *out)
{
    struct plait_syn_facts facts = {.key = &request->key,
                                    .hello = &request->hello,
                                    .isn = request->isn,
                                    .peer_isn = request->peer_isn,
                                    .timestamp = plait_host_timestamp(host, &request->key, now),
                                    .timestamp_echo = request->peer_timestamp,
                                    .sack = request->sack,
                                    .timestamps = request->timestamps,
                                    .window_scale = request->window_scale};
    struct plait_segment answer = plait_host_syn_ack(host, &facts);
    size_t length = 0;
    plait_result built = plait_segment_build(&answer, out->octets, out->room_octets, &length);
    out->length_octets = (uint32_t)length;
    plait_request_sent(&host->requests, request, now); /* also when it did not fit: no loop */
    return plait_ok(built);
}

/* A SYN again: the same one is answered again, another one challenged (RFC 5961 §4.2): a genuine
 * peer that forgot resets what is half-open here. */
static void repeated(struct plait_host *host, struct plait_request *request,
                     const struct plait_segment *syn)
{
    if (syn->seq == request->peer_isn && !(syn->flags & PLAIT_ACK)) {
        plait_request_send(&host->requests, request);
        return;
    }
    plait_count(&host->stack, PLAIT_COUNT_CHALLENGE_SYN);
    plait_host_ack(host, &request->key, request->isn + 1, request->peer_isn + 1);
}

/* RFC 5961 §3.2 */
static void reset_by_peer(struct plait_host *host, struct plait_request *request,
                          const struct plait_segment *reset)
{
    uint32_t ahead = reset->seq - (request->peer_isn + 1);
    if (ahead == 0) {
        plait_count(&host->stack, PLAIT_COUNT_RESETS_IN);
        plait_host_request_over(host, request);
    } else if (ahead <= UINT16_MAX) {
        plait_count(&host->stack, PLAIT_COUNT_CHALLENGE_RST);
        plait_host_ack(host, &request->key, request->isn + 1, request->peer_isn + 1);
    } else {
        plait_count(&host->stack, PLAIT_COUNT_OUT_OF_WINDOW);
    }
}

/* True if the numbers are those of a peer that has our SYN/ACK (RFC 9293 §3.10.7.4, RFC 7323
 * §3.2, §5.2). */
static bool is_acceptable(struct plait_host *host, plait_time_ns now,
                          const struct plait_request *request, const struct plait_segment *s)
{
    if (s->seq - (request->peer_isn + 1) > UINT16_MAX) {
        plait_count(&host->stack, PLAIT_COUNT_OUT_OF_WINDOW);
        plait_host_ack(host, &request->key, request->isn + 1, request->peer_isn + 1);
        return false;
    }
    if (request->timestamps && (!s->options.has_timestamps ||
                                s->options.timestamp - request->peer_timestamp > INT32_MAX)) {
        plait_count(&host->stack, PLAIT_COUNT_PAWS);
        return false;
    }
    if (s->ack != request->isn + 1) {
        plait_count(&host->stack, PLAIT_COUNT_OLD_ACK);
        plait_host_reset(host, now, s, PLAIT_NO_REASON);
        return false;
    }
    return true;
}

static struct plait_flow_handshake settled(const struct plait_host *host,
                                           const struct plait_request *request,
                                           const struct plait_segment *ack)
{
    return (struct plait_flow_handshake){
        .isn = request->isn,
        .peer_isn = request->peer_isn,
        .peer_mss = request->peer_mss,
        .sack = request->sack,
        .timestamps = request->timestamps,
        .window_scale = request->window_scale,
        .send_shift = request->send_shift,
        .receive_shift = request->window_scale ? plait_host_window_shift(host) : 0,
        .timestamp_offset = plait_draw_timestamp_offset(&host->key, &request->key),
        .peer_timestamp = request->peer_timestamp,
        .send_window_octets = (uint32_t)ack->window << request->send_shift,
        .syn_ack_at_ns = plait_request_sent_once_ns(&host->requests, request)};
}

void plait_host_request_input(struct plait_host *host, plait_time_ns now,
                              struct plait_request *request, const struct plait_segment *segment)
{
    if (segment->flags & PLAIT_RST) {
        reset_by_peer(host, request, segment);
    } else if (segment->flags & PLAIT_SYN) {
        repeated(host, request, segment);
    } else if (!(segment->flags & PLAIT_ACK)) {
        plait_count(&host->stack, PLAIT_COUNT_NO_ACK_FLAG);
    } else if (is_acceptable(host, now, request, segment)) {
        struct plait_listener *listener = plait_host_listener_of(host, request->listener);
        struct plait_third_ack ack = {.segment = segment,
                                      .key = request->key,
                                      .hash = request->node.hash,
                                      .handshake = settled(host, request, segment)};
        if (plait_host_accept(host, now, listener, &request->hello, &ack) != PLAIT_ACCEPT_LATER)
            plait_host_request_over(host, request);
    }
}
